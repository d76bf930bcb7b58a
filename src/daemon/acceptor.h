/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_ACCEPTOR_H
#define SCIM_DAEMON_ACCEPTOR_H

/* The main thread: takes connections and signals. */

#include <uv.h>

#include "daemon/server.h"

struct scim__acceptor {
	struct scim__server *server;
	int fd; /* that listens */
	uv_loop_t uv;
	uv_poll_t poll;
	uv_timer_t pause;
	bool is_short; /* of descriptors, and has said so */
	uv_signal_t signals[2];
	uv_async_t wake;
	const char *reason; /* why it ended; static */
};

/* False: it could not be made. */
bool scim__acceptor_init(
    struct scim__acceptor *acceptor, struct scim__server *server, int fd);

/* Hands connections to the loops until SIGTERM, SIGINT or wake(). */
void scim__acceptor_run(struct scim__acceptor *acceptor);

/* From any thread. */
void scim__acceptor_wake(struct scim__acceptor *acceptor);

void scim__acceptor_release(struct scim__acceptor *acceptor);

#endif
