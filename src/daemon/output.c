/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Answers on their way out.
 *
 * Head and body leave in one call, and nearly always at once; when the
 * socket is full the rest goes as the peer reads, and the next request of
 * the connection waits for that.  A streamed body is pulled piece by piece,
 * each when the one before is out, so a slow reader costs one piece of
 * memory.
 */

#include "daemon/conn.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "daemon/log.h"

#define PIECES_MOST 4

/* What a peer must read before its time begins anew. */
#define SLICE_BYTES ((size_t)256 * 1024)

struct copy {
	uv_write_t write;
	char bytes[];
};

static void
on_copy_written(uv_write_t *write, int status)
{
	(void)status;
	free(scim__container_of(write, struct copy, write));
}

/* Sends a copy of bytes that are as the network has them. */
static bool
send_copy(struct scim__conn *conn, scim_str bytes)
{
	uv_buf_t buf =
	    uv_buf_init((char *)(uintptr_t)bytes.ptr, (unsigned)bytes.len);
	int sent = uv_try_write((uv_stream_t *)&conn->tcp, &buf, 1);

	if (sent < 0 && sent != UV_EAGAIN)
		return false;
	size_t at = sent < 0 ? 0 : (size_t)sent;
	if (at == bytes.len)
		return true;
	struct copy *copy = malloc(sizeof(*copy) + bytes.len - at);
	if (copy == NULL)
		return false;
	memcpy(copy->bytes, bytes.ptr + at, bytes.len - at);
	buf = uv_buf_init(copy->bytes, (unsigned)(bytes.len - at));
	if (uv_write(&copy->write, (uv_stream_t *)&conn->tcp, &buf, 1,
		on_copy_written) == 0)
		return true;
	free(copy);
	return false;
}

bool
scim__conn_flush_tls(struct scim__conn *conn)
{
	scim_str pending = scim__tls_pending(conn->tls);

	if (pending.len == 0)
		return true;
	bool ok = send_copy(conn, pending);
	scim__tls_sent(conn->tls);
	return ok;
}

bool
scim__conn_send_interim(struct scim__conn *conn, scim_str bytes)
{
	if (conn->tls == NULL)
		return send_copy(conn, bytes);
	return scim__tls_write(conn->tls, bytes) && scim__conn_flush_tls(conn);
}

static void
on_written(uv_write_t *write, int status)
{
	struct scim__conn *conn =
	    scim__container_of(write, struct scim__conn, write);

	if (conn->tls != NULL)
		scim__tls_sent(conn->tls);
	scim__conn_sent(conn, status == 0);
}

/* The unsent rest of the bytes, in place; returns how many pieces. */
static size_t
skip(uv_buf_t *bufs, size_t count, size_t sent)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++) {
		size_t n = sent < bufs[i].len ? sent : bufs[i].len;

		sent -= n;
		if (bufs[i].len == n)
			continue;
		bufs[kept].base = bufs[i].base + n;
		bufs[kept++].len = bufs[i].len - n;
	}
	return kept;
}

/* Through TLS everything becomes one piece. */
static bool
encrypt(struct scim__conn *conn, scim_str *pieces, size_t *count)
{
	for (size_t i = 0; i < *count; i++)
		if (!scim__tls_write(conn->tls, pieces[i]))
			return false;
	pieces[0] = scim__tls_pending(conn->tls);
	*count = 1;
	return true;
}

enum scim__sent
scim__conn_send(
    struct scim__conn *conn, scim_str *pieces, size_t count, bool always_later)
{
	uv_stream_t *stream = (uv_stream_t *)&conn->tcp;
	uv_buf_t bufs[PIECES_MOST];
	size_t sent = 0;

	if (conn->tls != NULL && !encrypt(conn, pieces, &count))
		return SCIM__SENT_FAILED;
	for (size_t i = 0; i < count; i++)
		bufs[i] = uv_buf_init(
		    (char *)(uintptr_t)pieces[i].ptr, (unsigned)pieces[i].len);
	if (!always_later) {
		int rc = uv_try_write(stream, bufs, (unsigned)count);

		if (rc < 0 && rc != UV_EAGAIN)
			return SCIM__SENT_FAILED;
		sent = rc < 0 ? 0 : (size_t)rc;
	}
	count = skip(bufs, count, sent);
	if (count == 0) {
		if (conn->tls != NULL)
			scim__tls_sent(conn->tls);
		return SCIM__SENT_ALL;
	}
	if (uv_write(&conn->write, stream, bufs, (unsigned)count, on_written) !=
	    0)
		return SCIM__SENT_FAILED;
	scim__conn_read_stop(conn);
	scim__conn_wait(conn, SCIM__WAIT_WRITE);
	return SCIM__SENT_LATER;
}

/* The answer is out. */
static void
finish(struct scim__conn *conn)
{
	scim__exchange_release(&conn->exchange);
	scim_arena_free(conn->piece_arena);
	conn->piece_arena = NULL;
	if (conn->must_linger)
		scim__conn_linger(conn);
	else if (conn->must_close)
		scim__conn_close(conn);
	else
		scim__conn_consume(conn);
}

static void
send_last_chunk(struct scim__conn *conn)
{
	scim_stream *stream = scim__take(conn->exchange.answer.stream);
	scim_str end = SCIM_STR("0\r\n\r\n");

	stream->close(stream);
	enum scim__sent sent = !conn->is_chunked
	    ? SCIM__SENT_ALL
	    : scim__conn_send(conn, &end, 1, false);
	if (sent == SCIM__SENT_FAILED)
		scim__conn_close(conn);
	else if (sent == SCIM__SENT_ALL)
		finish(conn);
}

/* Sends the next piece of a streamed body. */
static void
pump(struct scim__conn *conn)
{
	scim_stream *stream = conn->exchange.answer.stream;
	scim_str pieces[3] = { { NULL, 0 }, { NULL, 0 }, SCIM_STR("\r\n") };
	scim_error err;

	if (conn->piece_arena == NULL)
		conn->piece_arena = scim_arena_new(NULL);
	else
		scim_arena_reset(conn->piece_arena);
	if (conn->piece_arena == NULL) {
		scim__conn_close(conn);
		return;
	}
	if (stream->next(stream, conn->piece_arena, &pieces[1], &err) !=
	    SCIM_OK) {
		scim__log(SCIM__LOG_WARNING, "stream_failed", "detail",
		    err.detail, NULL);
		scim__conn_close(conn);
		return;
	}
	if (pieces[1].len == 0) {
		send_last_chunk(conn);
		return;
	}
	pieces[0] =
	    scim__str_format(conn->piece_arena, "%zx\r\n", pieces[1].len);
	size_t from = conn->is_chunked ? 0 : 1;
	if (pieces[0].ptr == NULL ||
	    scim__conn_send(conn, pieces + from, conn->is_chunked ? 3 : 1,
		true) != SCIM__SENT_LATER)
		scim__conn_close(conn);
}

/* The rest of a body, slice by slice, for as long as it goes at once. */
static enum scim__sent
send_rest(struct scim__conn *conn)
{
	enum scim__sent sent = SCIM__SENT_ALL;

	while (sent == SCIM__SENT_ALL && conn->rest.len > 0) {
		scim_str slice = conn->rest;

		if (slice.len > SLICE_BYTES)
			slice.len = SLICE_BYTES;
		conn->rest.ptr += slice.len;
		conn->rest.len -= slice.len;
		sent = scim__conn_send(conn, &slice, 1, false);
	}
	return sent;
}

void
scim__conn_sent(struct scim__conn *conn, bool ok)
{
	if (conn->state != SCIM__CONN_WRITING)
		return;
	enum scim__sent sent = ok ? send_rest(conn) : SCIM__SENT_FAILED;
	if (sent == SCIM__SENT_LATER)
		return;
	if (sent == SCIM__SENT_FAILED) {
		scim__conn_close(conn);
		return;
	}
	if (conn->exchange.answer.stream != NULL)
		pump(conn);
	else
		finish(conn);
	scim__conn_serve(conn);
}

static struct scim__framing
frame(struct scim__conn *conn)
{
	const struct scim__exchange *x = &conn->exchange;
	struct scim__framing framing = {
		.minor = conn->parser.llhttp.http_minor,
		.is_head = x->message.method == SCIM__METHOD_HEAD,
	};
	const char *date;

	conn->must_close |= conn->must_linger || conn->loop->is_stopping ||
	    !scim__parser_keeps_alive(&conn->parser);
	framing.close = conn->must_close;
	framing.now_ms = scim__loop_date(conn->loop, &date);
	memcpy(framing.date, date, sizeof(framing.date));
	return framing;
}

void
scim__conn_respond(struct scim__conn *conn)
{
	struct scim__exchange *x = &conn->exchange;
	struct scim__framing framing = frame(conn);
	scim_str pieces[2];
	scim__buf head;

	conn->state = SCIM__CONN_WRITING;
	scim__buf_init(&head, conn->arena, SIZE_MAX);
	scim__answer_head(&head, &x->answer, &framing);
	conn->must_close |= framing.close;
	conn->is_chunked = framing.is_chunked;
	scim__metrics_request(
	    &conn->loop->metrics, x->message.method, x->answer.status);
	scim__quirks_tell(&conn->loop->quirk_log, &conn->loop->metrics, x,
	    framing.now_ms / 1000);
	if (x->conflicts != 0)
		scim__metrics_conflicts(&conn->loop->metrics, x->conflicts);
	if (framing.is_head || x->answer.status == 204 ||
	    x->answer.status == 304) {
		x->answer.body.len = 0;
		if (x->answer.stream != NULL)
			x->answer.stream->close(x->answer.stream);
		x->answer.stream = NULL;
	}
	pieces[0] = scim__buf_str(&head);
	pieces[1] = x->answer.body;
	conn->rest = (scim_str){ NULL, 0 };
	if (pieces[1].len > SLICE_BYTES) {
		conn->rest = (scim_str){ pieces[1].ptr + SLICE_BYTES,
			pieces[1].len - SLICE_BYTES };
		pieces[1].len = SLICE_BYTES;
	}
	enum scim__sent sent = scim__buf_failed(&head)
	    ? SCIM__SENT_FAILED
	    : scim__conn_send(conn, pieces, x->answer.body.len > 0 ? 2 : 1,
		  x->answer.stream != NULL);
	if (sent == SCIM__SENT_ALL)
		sent = send_rest(conn);
	if (sent == SCIM__SENT_FAILED)
		scim__conn_close(conn);
	else if (sent == SCIM__SENT_ALL)
		finish(conn);
}
