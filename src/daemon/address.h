/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_ADDRESS_H
#define SCIM_DAEMON_ADDRESS_H

/* Where to listen: "127.0.0.1:8080", "[::1]:8080", "localhost:0". */

#include <stdbool.h>
#include <sys/socket.h>

#include "scimd/types.h"

#define SCIM__ADDRESS_TEXT_MAX 64

struct scim__address {
	struct sockaddr_storage storage;
	socklen_t len;
};

/* SCIM_ERR_INVALID: not such a text, or no such host. */
SCIM_MUST_USE scim_status scim__address_parse(
    const char *text, struct scim__address *out, scim_error *err);

bool scim__address_is_loopback(const struct scim__address *address);

/* As it stands in a URL: "127.0.0.1:8080", "[::1]:8080". */
void scim__address_format(
    const struct scim__address *address, char out[SCIM__ADDRESS_TEXT_MAX]);

/*
 * Listens there, without blocking.  `address` becomes the one in use, the
 * port filled in.  SCIM_ERR_BUSY: it can not be had.
 */
SCIM_MUST_USE scim_status scim__address_listen(
    struct scim__address *address, int *out_fd, scim_error *err);

#endif
