/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_PARK_H
#define SCIM_DAEMON_PARK_H

/* Calls that wait for the next change, without a thread. */

#include <stdint.h>

struct scim__conn;
struct scim__loop;

/* Puts a call to rest that said SCIM__STEP_WAIT; what it says next is
 * carried on with scim__conn_begin_again(). */
void scim__park(struct scim__conn *conn);

/* From any thread, after a commit: looks whether somebody has waited. */
void scim__park_wake(struct scim__loop *loop);

/* On the loop, ten times a second: those whose time is over, and what
 * other processes have committed. */
void scim__park_tick(struct scim__loop *loop, uint64_t now_ms);

/* On the loop: nobody waits any more. */
void scim__park_end(struct scim__loop *loop);

#endif
