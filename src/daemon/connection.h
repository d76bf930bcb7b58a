/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_CONNECTION_H
#define SCIM_DAEMON_CONNECTION_H

/* A client's connection: requests in, answers out, in their order. */

#include <stdbool.h>
#include <stdint.h>

#include "daemon/link.h"
#include "daemon/server.h"

struct scim__loop;

/* Hands an accepted socket to a loop; from any thread.  False: out of
 * memory, and the socket is still the caller's. */
bool scim__connection_open(struct scim__loop *loop, int fd, bool is_loopback);

/* On the loop, for all in a ring: those whose deadline is over, those that
 * nobody waits for, all but those whose call is under way. */
void scim__connections_expire(struct scim__link *waiting, uint64_t now_ms);
void scim__connections_stop(struct scim__link *all);
void scim__connections_drop(struct scim__link *all);

#endif
