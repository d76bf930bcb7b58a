/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Accepts, and hands each connection to the loop with the fewest.
 *
 * The kernel's own way of sharing a port among threads looks at addresses
 * and not at load; a provisioning client with four long connections could
 * have them all on one core.  Here they are spread as they come.
 */

/* accept4() */
#define _GNU_SOURCE

#include "daemon/acceptor.h"

#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "daemon/address.h"
#include "daemon/connection.h"
#include "daemon/log.h"
#include "daemon/loop.h"

#define AT_ONCE 64
#define PAUSE_MS 100

static struct scim__loop *
choose_loop(struct scim__server *server)
{
	struct scim__loop *best = &server->loops[0];
	uint64_t fewest = UINT64_MAX;

	for (unsigned i = 0; i < server->config->loops; i++) {
		uint64_t n = atomic_load(&server->loops[i].metrics.connections);

		if (n < fewest) {
			fewest = n;
			best = &server->loops[i];
		}
	}
	return best;
}

static void on_readable(uv_poll_t *poll, int status, int events);

static void
on_pause_over(uv_timer_t *timer)
{
	struct scim__acceptor *acceptor = timer->data;

	(void)uv_poll_start(&acceptor->poll, UV_READABLE, on_readable);
}

/* Out of descriptors: the ones waiting keep waiting. */
static void
pause_accepting(struct scim__acceptor *acceptor, int why)
{
	if (!acceptor->is_short)
		scim__log(SCIM__LOG_WARNING, "accept_failed", "detail",
		    strerror(why), NULL);
	acceptor->is_short = true;
	(void)uv_poll_stop(&acceptor->poll);
	(void)uv_timer_start(&acceptor->pause, on_pause_over, PAUSE_MS, 0);
}

static void
on_readable(uv_poll_t *poll, int status, int events)
{
	struct scim__acceptor *acceptor = poll->data;
	int one = 1;

	(void)status;
	(void)events;
	for (int i = 0; i < AT_ONCE; i++) {
		struct scim__address peer = { .len = sizeof(peer.storage) };
		int fd = accept4(acceptor->fd, (void *)&peer.storage, &peer.len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd < 0) {
			if (errno == EMFILE || errno == ENFILE ||
			    errno == ENOBUFS || errno == ENOMEM)
				pause_accepting(acceptor, errno);
			else
				acceptor->is_short = false;
			return;
		}
		(void)setsockopt(
		    fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (!scim__connection_open(choose_loop(acceptor->server), fd,
			scim__address_is_loopback(&peer)))
			(void)close(fd);
	}
}

static void
on_signal(uv_signal_t *handle, int number)
{
	struct scim__acceptor *acceptor = handle->data;

	acceptor->reason = number == SIGINT ? "SIGINT" : "SIGTERM";
	uv_stop(&acceptor->uv);
}

static void
on_wake(uv_async_t *async)
{
	struct scim__acceptor *acceptor = async->data;

	acceptor->reason = "the store can serve no more";
	uv_stop(&acceptor->uv);
}

static bool
start_signal(struct scim__acceptor *acceptor, size_t i, int number)
{
	uv_signal_t *handle = &acceptor->signals[i];

	(void)uv_signal_init(&acceptor->uv, handle);
	handle->data = acceptor;
	return uv_signal_start(handle, on_signal, number) == 0;
}

bool
scim__acceptor_init(
    struct scim__acceptor *acceptor, struct scim__server *server, int fd)
{
	*acceptor = (struct scim__acceptor){ .server = server, .fd = fd };
	if (uv_loop_init(&acceptor->uv) != 0)
		return false;
	(void)uv_timer_init(&acceptor->uv, &acceptor->pause);
	acceptor->pause.data = acceptor;
	acceptor->poll.data = acceptor;
	acceptor->wake.data = acceptor;
	if (uv_async_init(&acceptor->uv, &acceptor->wake, on_wake) != 0 ||
	    uv_poll_init(&acceptor->uv, &acceptor->poll, fd) != 0 ||
	    !start_signal(acceptor, 0, SIGTERM) ||
	    !start_signal(acceptor, 1, SIGINT)) {
		scim__acceptor_release(acceptor);
		return false;
	}
	return true;
}

void
scim__acceptor_run(struct scim__acceptor *acceptor)
{
	(void)uv_poll_start(&acceptor->poll, UV_READABLE, on_readable);
	(void)uv_run(&acceptor->uv, UV_RUN_DEFAULT);
	(void)uv_poll_stop(&acceptor->poll);
}

void
scim__acceptor_wake(struct scim__acceptor *acceptor)
{
	(void)uv_async_send(&acceptor->wake);
}

static void
close_handle(uv_handle_t *handle, void *argument)
{
	(void)argument;
	if (uv_is_closing(handle) == 0)
		uv_close(handle, NULL);
}

void
scim__acceptor_release(struct scim__acceptor *acceptor)
{
	uv_walk(&acceptor->uv, close_handle, NULL);
	(void)uv_run(&acceptor->uv, UV_RUN_DEFAULT);
	(void)uv_loop_close(&acceptor->uv);
}
