/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_WIRE_H
#define BENCH_WIRE_H

/*
 * One connection of the load: a request out, a whole answer in.
 *
 * Answers come with a length, in chunks, or end with the connection, which is
 * then opened again: not every peer keeps it.
 */

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

enum { ETAG_MOST = 128, REQUEST_MOST = 4096 };

struct wire {
	int fd, port;
	char out[REQUEST_MOST];
	size_t out_len;
	char *in; /* always with a NUL behind it */
	size_t in_len, in_size;
	bool is_at_end; /* the peer closed it */
};

struct answer {
	int status;
	char etag[ETAG_MOST];
	char *body; /* inside the wire, with a NUL behind it */
	size_t body_len;
};

static inline void
wire_open(struct wire *w, int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int one = 1;

	w->port = port;
	w->fd = socket(AF_INET, SOCK_STREAM, 0);
	at.sin_port = htons((uint16_t)port);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (w->fd < 0 ||
	    connect(w->fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		die("nobody listens");
	(void)setsockopt(w->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	w->is_at_end = false;
}

/* Opens it again, where the answer before was the last of its connection. */
static inline bool
wire_send(struct wire *w)
{
	bool is_new = w->is_at_end;
	size_t sent = 0;

	if (is_new) {
		(void)close(w->fd);
		wire_open(w, w->port);
	}
	w->in_len = 0;
	while (sent < w->out_len) {
		ssize_t n =
		    send(w->fd, w->out + sent, w->out_len - sent, MSG_NOSIGNAL);

		if (n <= 0)
			die("the server hung up");
		sent += (size_t)n;
	}
	return is_new;
}

static inline void
wire_receive(struct wire *w)
{
	if (w->in_size - w->in_len < 65536) {
		w->in_size = w->in_size * 2 + 131072;
		w->in = realloc(w->in, w->in_size);
		if (w->in == NULL)
			die("no memory for an answer");
	}
	ssize_t n =
	    recv(w->fd, w->in + w->in_len, w->in_size - w->in_len - 1, 0);
	if (n < 0)
		die("the server hung up");
	w->is_at_end = n == 0;
	w->in_len += (size_t)n;
	w->in[w->in_len] = '\0';
}

static inline const char *
find_header(const char *text, const char *name)
{
	for (const char *line = strstr(text, "\r\n"); line != NULL;
	     line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, strlen(name)) == 0)
			return line + 2 + strlen(name);
	return NULL;
}

/* Whether the last chunk is there; then moves all of them together. */
static inline bool
join_chunks(struct answer *a, const char *limit)
{
	char *from = a->body, *to = a->body;

	if (limit - a->body < 5 || memcmp(limit - 5, "0\r\n\r\n", 5) != 0)
		return false;
	while (from < limit) {
		char *data = NULL;
		size_t len = strtoul(from, &data, 16);

		data = strstr(data, "\r\n");
		if (data == NULL || len + 4 > (size_t)(limit - data))
			return false;
		memmove(to, data + 2, len);
		to += len;
		from = data + 2 + len + 2;
		if (len == 0)
			break;
	}
	a->body_len = (size_t)(to - a->body);
	return true;
}

static inline bool
is_whole(struct wire *w, struct answer *a, const char *length, bool has_chunks)
{
	size_t there = (size_t)(w->in + w->in_len - a->body);

	a->body_len = there;
	if (has_chunks)
		return join_chunks(a, w->in + w->in_len);
	if (length != NULL)
		a->body_len = strtoul(length, NULL, 10);
	else if (a->status == 204)
		a->body_len = 0;
	else
		return w->is_at_end;
	return there >= a->body_len;
}

/* Whether a whole answer is there; only then `out` is what it says. */
static inline bool
wire_read(struct wire *w, struct answer *out)
{
	char *end = w->in == NULL ? NULL : strstr(w->in, "\r\n\r\n");

	if (end == NULL) {
		if (w->is_at_end)
			die("the server hung up");
		return false;
	}
	out->status = atoi(w->in + 9);
	out->body = end + 4;
	out->etag[0] = '\0';
	end[2] = '\0';
	const char *length = find_header(w->in, "content-length:");
	const char *tag = find_header(w->in, "etag:");
	const char *coding = find_header(w->in, "transfer-encoding:");
	const char *closing = find_header(w->in, "connection: close");
	if (tag != NULL)
		(void)sscanf(tag, " %127[^\r\n]", out->etag);
	bool closes = closing != NULL || strncmp(w->in, "HTTP/1.0", 8) == 0;
	end[2] = '\r';
	if (!is_whole(w, out, length, coding != NULL)) {
		if (w->is_at_end)
			die("an answer is cut off");
		return false;
	}
	out->body[out->body_len] = '\0';
	w->is_at_end = closes;
	return true;
}

#endif
