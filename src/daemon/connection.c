/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A connection as a machine with few states.
 *
 * One request at a time: what a client sends ahead stays in the buffer, and
 * the socket unread, until its answer's turn; so memory is bounded by one
 * message and order is never in question.  The buffer does not move while a
 * request is being carried out, since everything borrows from it.
 *
 * Whoever is refused in the middle of sending must still get to see why:
 * such a connection says goodbye, reads past what comes, and closes when the
 * peer does or a second later.
 */

#include "daemon/connection.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "daemon/conn.h"

#define ROOM_LEAST (4 * 1024)
#define ROOM_FIRST (8 * 1024)
#define ROOM_KEPT (64 * 1024)

static struct scim__conn *
conn_of(void *handle)
{
	return scim__container_of((uv_tcp_t *)handle, struct scim__conn, tcp);
}

static void
free_conn(struct scim__conn *conn)
{
	scim__tls_free(conn->tls);
	scim_arena_free(conn->piece_arena);
	scim_arena_free(conn->arena);
	free(conn->in);
	free(conn);
}

static void
on_closed(uv_handle_t *handle)
{
	struct scim__conn *conn = conn_of(handle);
	struct scim__loop *loop = conn->loop;

	scim__link_leave(&conn->all);
	free_conn(conn);
	scim__loop_left(loop);
}

void
scim__conn_close(struct scim__conn *conn)
{
	if (conn->state == SCIM__CONN_CLOSING)
		return;
	conn->state = SCIM__CONN_CLOSING;
	scim__conn_wait(conn, SCIM__WAIT_COUNT);
	scim__exchange_release(&conn->exchange);
	if (conn->tls != NULL) {
		scim__tls_shutdown(conn->tls);
		(void)scim__conn_flush_tls(conn);
	}
	uv_close((uv_handle_t *)&conn->tcp, on_closed);
}

static void
on_shutdown(uv_shutdown_t *shutdown, int status)
{
	(void)shutdown;
	(void)status;
}

void
scim__conn_linger(struct scim__conn *conn)
{
	if (conn->tls != NULL) {
		scim__tls_shutdown(conn->tls);
		(void)scim__conn_flush_tls(conn);
	}
	if (uv_shutdown(
		&conn->shutdown, (uv_stream_t *)&conn->tcp, on_shutdown) != 0) {
		scim__conn_close(conn);
		return;
	}
	conn->state = SCIM__CONN_LINGERING;
	conn->in_len = 0;
	scim__conn_wait(conn, SCIM__WAIT_LINGER);
	scim__conn_read_start(conn);
}

void
scim__conn_wait(struct scim__conn *conn, enum scim__wait wait)
{
	/* The time a request may take does not begin again with each byte. */
	if (wait == SCIM__WAIT_REQUEST && conn->wait == wait)
		return;
	conn->wait = wait;
	scim__loop_wait(conn->loop, &conn->waiting, &conn->deadline_ms, wait);
}

void
scim__conn_consume(struct scim__conn *conn)
{
	size_t rest = conn->in_len - conn->parser.fed;

	scim_arena_reset(conn->arena);
	memmove(conn->in, conn->in + conn->parser.fed, rest);
	conn->in_len = rest;
	if (conn->in_capacity > ROOM_KEPT && rest < ROOM_FIRST) {
		char *in = realloc(conn->in, ROOM_FIRST);

		if (in != NULL) {
			conn->in = in;
			conn->in_capacity = ROOM_FIRST;
		}
	}
	scim__parser_start(&conn->parser);
	conn->parser.target_limit = conn->loop->limits.header_bytes;
	conn->parser.fields_limit = conn->loop->limits.header_bytes;
	conn->parser.body_limit = conn->loop->limits.body_bytes;
	conn->is_early = conn->is_committed = false;
	conn->state = SCIM__CONN_READING;
	conn->wait = SCIM__WAIT_COUNT;
}

/* Fills the exchange with the message as far as it is known. */
static bool
begin_exchange(struct scim__conn *conn)
{
	struct scim__exchange *x = &conn->exchange;

	x->server = conn->loop->server;
	x->arena = conn->arena;
	x->quirks = 0;
	x->dropped = (scim_str){ NULL, 0 };
	x->conflicts = 0;
	x->has_waited = false;
	conn->parked_until_ms = 0;
	x->answer = (scim__answer){ .status = 0 };
	return scim__parser_message(
	    &conn->parser, conn->in, conn->arena, &x->message);
}

/* The parser says no; the client has to be told in its own words. */
static void
refuse(struct scim__conn *conn, int status, const char *reason)
{
	struct scim__exchange *x = &conn->exchange;

	scim__exchange_release(x);
	x->arena = conn->arena;
	x->quirks = 0;
	x->conflicts = 0;
	if (!conn->parser.has_head)
		x->message = (scim__message){ .minor = 1 };
	if (status == 413)
		scim__exchange_refuse_size(x, conn->parser.body_limit);
	else
		scim__exchange_refuse(x, status, reason);
	conn->must_linger = true;
	scim__conn_respond(conn);
}

/* @spec 9110-10.1.1-01 */
bool
scim__conn_look_at_head(struct scim__conn *conn)
{
	struct scim__exchange *x = &conn->exchange;

	if (scim__exchange_open(x))
		return true;
	conn->parser.body_limit = x->tenant->settings.limits.body_bytes;
	if (!conn->expects)
		return false;
	if (conn->parser.content_length <= conn->parser.body_limit)
		return scim__exchange_check(x);
	scim__exchange_refuse_size(x, conn->parser.body_limit);
	return true;
}

static bool
is_content_there(const struct scim__conn *conn)
{
	const scim__parser *p = &conn->parser;

	return !p->has_content ||
	    (!p->chunked && p->content_length <= p->body_limit &&
		p->content_length <= conn->in_len - p->head_end);
}

/* What follows from a look at the head. */
void
scim__conn_head_known(struct scim__conn *conn, bool is_known)
{
	if (is_known && conn->expects) {
		conn->must_linger = true;
		scim__conn_respond(conn);
		return;
	}
	if (is_known) {
		conn->is_early = conn->parser.discard = true;
		return;
	}
	if (conn->expects &&
	    !scim__conn_send_interim(
		conn, SCIM_STR("HTTP/1.1 100 Continue\r\n\r\n"))) {
		scim__conn_close(conn);
		return;
	}
	scim__exchange_release(&conn->exchange);
	scim_arena_reset(conn->arena);
}

/* With content still to come, looks whether it is worth reading. */
static void
take_head(struct scim__conn *conn)
{
	conn->expects = conn->parser.expects_continue &&
	    conn->parser.llhttp.http_minor > 0 &&
	    conn->in_len == conn->parser.head_end;
	if (is_content_there(conn))
		return;
	if (!begin_exchange(conn)) {
		scim__conn_close(conn);
		return;
	}
	if (scim__conn_may_look(conn))
		scim__conn_head_known(conn, scim__conn_look_at_head(conn));
}

static void
take_message(struct scim__conn *conn)
{
	if (conn->is_early)
		scim__conn_respond(conn);
	else if (!begin_exchange(conn))
		scim__conn_close(conn);
	else
		scim__conn_carry_out(conn);
}

void
scim__conn_serve(struct scim__conn *conn)
{
	while (conn->state == SCIM__CONN_READING) {
		switch (
		    scim__parser_run(&conn->parser, conn->in, &conn->in_len)) {
		case SCIM__PARSE_MORE:
			scim__conn_wait(conn,
			    conn->in_len == 0 ? SCIM__WAIT_IDLE
					      : SCIM__WAIT_REQUEST);
			if (conn->in_len == 0 && conn->loop->is_stopping)
				scim__conn_close(conn);
			else
				scim__conn_read_start(conn);
			return;
		case SCIM__PARSE_HEAD:
			take_head(conn);
			break;
		case SCIM__PARSE_DONE:
			take_message(conn);
			break;
		case SCIM__PARSE_REFUSED:
			refuse(conn, conn->parser.status, conn->parser.reason);
			break;
		}
	}
}

static bool
make_room(struct scim__conn *conn)
{
	if (conn->in_capacity - conn->in_len >= ROOM_LEAST)
		return true;
	char *in = realloc(conn->in, conn->in_capacity * 2);
	if (in == NULL)
		return false;
	conn->in = in;
	conn->in_capacity *= 2;
	return true;
}

static void
on_alloc(uv_handle_t *handle, size_t suggested, uv_buf_t *buf)
{
	struct scim__conn *conn = conn_of(handle);

	(void)suggested;
	*buf = uv_buf_init(NULL, 0);
	if (conn->tls != NULL)
		*buf = uv_buf_init(
		    conn->loop->scratch, sizeof(conn->loop->scratch));
	else if (make_room(conn))
		*buf = uv_buf_init(conn->in + conn->in_len,
		    (unsigned)(conn->in_capacity - conn->in_len));
}

/* Decrypts what came.  False: no more will. */
static bool
decrypt(struct scim__conn *conn, const char *bytes, size_t len)
{
	enum scim__tls_read rc = SCIM__TLS_DATA;

	if (!scim__tls_feed(conn->tls, bytes, len))
		return false;
	while (rc == SCIM__TLS_DATA) {
		size_t got = 0;

		if (!make_room(conn))
			return false;
		rc = scim__tls_read(conn->tls, conn->in + conn->in_len,
		    conn->in_capacity - conn->in_len, &got);
		if (rc == SCIM__TLS_DATA)
			conn->in_len += got;
	}
	return scim__conn_flush_tls(conn) && rc == SCIM__TLS_WANT;
}

/* The peer sends no more; half a request gets its answer all the same. */
static void
end_of_input(struct scim__conn *conn)
{
	if (conn->state == SCIM__CONN_READING && conn->in_len > 0 &&
	    scim__parser_has_begun(&conn->parser))
		refuse(conn, 400, "The request ended in its middle.");
	else
		scim__conn_close(conn);
}

static void
on_encrypted(struct scim__conn *conn, const char *bytes, size_t len)
{
	size_t before = conn->in_len;
	bool goes_on = decrypt(conn, bytes, len);

	if (conn->is_shaking && scim__tls_is_ready(conn->tls)) {
		conn->is_shaking = false;
		scim__conn_wait(conn, SCIM__WAIT_IDLE);
	}
	if (conn->in_len > before)
		scim__conn_serve(conn);
	if (!goes_on && conn->state == SCIM__CONN_READING)
		scim__conn_close(conn);
}

static void
on_read(uv_stream_t *stream, ssize_t len, const uv_buf_t *buf)
{
	struct scim__conn *conn = conn_of(stream);

	if (len == 0 || conn->state == SCIM__CONN_CLOSING)
		return;
	if (len < 0) {
		if (len == UV_EOF && conn->state != SCIM__CONN_LINGERING)
			end_of_input(conn);
		else
			scim__conn_close(conn);
		return;
	}
	if (conn->state == SCIM__CONN_LINGERING)
		return;
	if (conn->tls != NULL) {
		on_encrypted(conn, buf->base, (size_t)len);
		return;
	}
	conn->in_len += (size_t)len;
	scim__conn_serve(conn);
}

void
scim__conn_read_start(struct scim__conn *conn)
{
	if (conn->is_reading)
		return;
	conn->is_reading = true;
	if (uv_read_start((uv_stream_t *)&conn->tcp, on_alloc, on_read) != 0)
		scim__conn_close(conn);
}

void
scim__conn_read_stop(struct scim__conn *conn)
{
	if (!conn->is_reading)
		return;
	conn->is_reading = false;
	(void)uv_read_stop((uv_stream_t *)&conn->tcp);
}

/* On the loop that the connection will stay with. */
static void
arrive(struct scim__mail *mail, struct scim__loop *loop)
{
	struct scim__conn *conn =
	    scim__container_of(mail, struct scim__conn, mail);

	scim__link_join(&conn->all, &loop->connections);
	(void)atomic_fetch_add(&loop->metrics.accepted, 1);
	(void)uv_tcp_init(&loop->uv, &conn->tcp);
	if (uv_tcp_open(&conn->tcp, conn->fd) != 0) {
		(void)close(conn->fd);
		scim__conn_close(conn);
		return;
	}
	scim__conn_consume(conn);
	scim__conn_serve(conn);
	/* A handshake is no time to be idle in. */
	conn->is_shaking = conn->tls != NULL;
	if (conn->is_shaking)
		scim__conn_wait(conn, SCIM__WAIT_REQUEST);
}

bool
scim__connection_open(struct scim__loop *loop, int fd, bool is_loopback)
{
	struct scim__conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL)
		return false;
	conn->loop = loop;
	conn->fd = fd;
	conn->exchange.is_loopback = is_loopback;
	scim__link_init(&conn->all);
	scim__link_init(&conn->waiting);
	conn->arena = scim_arena_new(NULL);
	conn->in = malloc(ROOM_FIRST);
	conn->in_capacity = ROOM_FIRST;
	if (loop->server->tls != NULL)
		conn->tls = scim__tls_new(loop->server->tls);
	if (conn->arena == NULL || conn->in == NULL ||
	    (loop->server->tls != NULL && conn->tls == NULL)) {
		free_conn(conn);
		return false;
	}
	(void)atomic_fetch_add(&loop->metrics.connections, 1);
	conn->mail.open = arrive;
	scim__loop_post(loop, &conn->mail);
	return true;
}

static void
expire(struct scim__conn *conn)
{
	if (conn->wait == SCIM__WAIT_REQUEST &&
	    conn->state == SCIM__CONN_READING && !conn->is_shaking)
		refuse(conn, 408, "The request took too long to arrive.");
	else
		scim__conn_close(conn);
}

void
scim__connections_expire(struct scim__link *waiting, uint64_t now_ms)
{
	while (!scim__link_is_alone(waiting)) {
		struct scim__conn *conn = scim__container_of(
		    waiting->next, struct scim__conn, waiting);

		if (conn->deadline_ms > now_ms)
			return;
		scim__link_leave(&conn->waiting);
		expire(conn);
	}
}

void
scim__connections_stop(struct scim__link *all)
{
	for (struct scim__link *at = all->next; at != all;) {
		struct scim__conn *conn =
		    scim__container_of(at, struct scim__conn, all);

		at = at->next;
		if (conn->state == SCIM__CONN_READING && conn->in_len == 0)
			scim__conn_close(conn);
	}
}

void
scim__connections_drop(struct scim__link *all)
{
	for (struct scim__link *at = all->next; at != all;) {
		struct scim__conn *conn =
		    scim__container_of(at, struct scim__conn, all);

		at = at->next;
		if (conn->state != SCIM__CONN_AWAY)
			scim__conn_close(conn);
	}
}
