/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A SCIM server of Users that is as wrong as a test wants it.
 *
 * Whoever looks for lost updates must be seen to find them, and the server
 * of this project is not to lose any.  A thread a connection, blocking, and
 * a pause between looking and writing where that is the fault.
 */
#include "lib/mock_server.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "lib/test.h"

enum { REQUEST_MOST = 16384 };

struct request {
	char text[REQUEST_MOST];
	size_t len;
	char method[16], target[512], if_match[64];
	const char *body;
};

struct answer {
	int status;
	char etag[64];
	char body[1024];
};

struct connection {
	struct mock_server *server;
	int socket;
};

static const char *
find_header(const char *text, const char *name)
{
	for (const char *line = strstr(text, "\r\n"); line != NULL;
	     line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, strlen(name)) == 0)
			return line + 2 + strlen(name);
	return NULL;
}

/* Reads one request; false at the end of the connection. */
static bool
read_request(int socket, struct request *r)
{
	const char *end = NULL;
	size_t want = 0;

	memset(r, 0, sizeof(*r));
	while (end == NULL || r->len < want) {
		ssize_t n = recv(
		    socket, r->text + r->len, sizeof(r->text) - 1 - r->len, 0);

		if (n <= 0)
			return false;
		r->len += (size_t)n;
		end = strstr(r->text, "\r\n\r\n");
		if (end == NULL)
			continue;
		const char *len = find_header(r->text, "content-length:");
		r->body = end + 4;
		want = (size_t)(r->body - r->text) +
		    (len == NULL ? 0 : strtoul(len, NULL, 10));
	}
	const char *if_match = find_header(r->text, "if-match:");
	if (if_match != NULL)
		(void)sscanf(if_match, " %63[^\r\n]", r->if_match);
	return sscanf(r->text, "%15s %511s", r->method, r->target) == 2;
}

/* The string of a member as the races write it: no escapes. */
static void
get_member(const char *body, const char *name, char *out, size_t size)
{
	char start[64];

	(void)snprintf(start, sizeof(start), "\"%s\":\"", name);
	const char *at = strstr(body, start);
	out[0] = '\0';
	if (at == NULL)
		return;
	at += strlen(start);
	(void)snprintf(out, size, "%.*s", (int)strcspn(at, "\""), at);
}

static void
pause_a_moment(void)
{
	const struct timespec moment = { .tv_nsec = 300 * 1000 };

	(void)nanosleep(&moment, NULL);
}

static void
show(const struct mock_server *s, unsigned id, struct answer *a)
{
	const struct mock_user *u = &s->users[id];
	char version[96] = "";

	if ((s->faults & MOCK_NO_ETAG) == 0)
		(void)snprintf(a->etag, sizeof(a->etag), "W/\"%llu\"",
		    (unsigned long long)u->version);
	if ((s->faults & MOCK_ETAG_IN_BODY) != 0) {
		(void)snprintf(version, sizeof(version),
		    ",\"meta\":{\"version\":\"W/\\\"%llu\\\"\"}",
		    (unsigned long long)u->version);
		a->etag[0] = '\0';
	}
	(void)snprintf(a->body, sizeof(a->body),
	    "{\"id\":\"%u\",\"userName\":\"%s\"%s%s%s%s}", id, u->name,
	    (s->faults & MOCK_FORGETS_VALUE) != 0 ? "" : ",\"nickName\":\"",
	    (s->faults & MOCK_FORGETS_VALUE) != 0 ? "" : u->value,
	    (s->faults & MOCK_FORGETS_VALUE) != 0 ? "" : "\"", version);
}

static unsigned
find_name(const struct mock_server *s, const char *name)
{
	for (unsigned i = 0; i < MOCK_USERS; i++)
		if (s->users[i].is_there && strcmp(s->users[i].name, name) == 0)
			return i;
	return MOCK_USERS;
}

static void
create(struct mock_server *s, const struct request *r, struct answer *a)
{
	char name[128];
	unsigned id = 0;

	get_member(r->body, "userName", name, sizeof(name));
	if (find_name(s, name) != MOCK_USERS) {
		a->status = 409;
		return;
	}
	if ((s->faults & MOCK_LATE_CREATE) != 0) {
		(void)pthread_mutex_unlock(&s->lock);
		pause_a_moment();
		(void)pthread_mutex_lock(&s->lock);
	}
	while (id < MOCK_USERS && s->users[id].is_there)
		id++;
	assert_int_not_equal(id, MOCK_USERS);
	s->users[id] = (struct mock_user){ .is_there = true, .version = 1 };
	memcpy(s->users[id].name, name, sizeof(name));
	get_member(r->body, "nickName", s->users[id].value, 64);
	a->status = 201;
	show(s, id, a);
}

static bool
is_current(const struct mock_server *s, const struct mock_user *u,
    const char *if_match)
{
	char etag[64];

	(void)snprintf(
	    etag, sizeof(etag), "W/\"%llu\"", (unsigned long long)u->version);
	return (s->faults & MOCK_BLIND) != 0 || if_match[0] == '\0' ||
	    strcmp(if_match, "*") == 0 || strcmp(if_match, etag) == 0;
}

static void
change(struct mock_server *s, unsigned id, const struct request *r,
    struct answer *a)
{
	struct mock_user *u = &s->users[id];

	a->status = 412;
	if (!is_current(s, u, r->if_match))
		return;
	if (strcmp(r->method, "DELETE") == 0) {
		u->is_there = false;
		a->status = 204;
		return;
	}
	if ((s->faults & MOCK_LATE_WRITE) != 0) {
		(void)pthread_mutex_unlock(&s->lock);
		pause_a_moment();
		(void)pthread_mutex_lock(&s->lock);
	}
	get_member(r->body, "nickName", u->value, sizeof(u->value));
	u->version++;
	if ((s->faults & MOCK_FALSE_CONFLICT) != 0 && u->version == 5)
		return;
	a->status = 200;
	show(s, id, a);
}

static void
find_by_filter(struct mock_server *s, const struct request *r, struct answer *a)
{
	unsigned total = 0;

	a->status = 501;
	if ((s->faults & MOCK_NO_FILTER) != 0)
		return;
	for (unsigned i = 0; i < MOCK_USERS; i++)
		total += s->users[i].is_there &&
		    strstr(r->target, s->users[i].name) != NULL;
	a->status = 200;
	(void)snprintf(
	    a->body, sizeof(a->body), "{\"totalResults\":%u}", total);
}

static void
answer(struct mock_server *s, const struct request *r, struct answer *a)
{
	unsigned n = atomic_fetch_add(&s->requests, 1);
	unsigned id = MOCK_USERS;

	a->status = 404;
	if ((s->faults & MOCK_BUSY) != 0 && n % 3 == 2) {
		a->status = 503;
		return;
	}
	if ((s->faults & MOCK_BROKEN_AFTER) != 0 && n >= 50) {
		a->status = 500;
		(void)strcpy(a->body, "{\"detail\":\"The disk is full.\"}");
		return;
	}
	(void)pthread_mutex_lock(&s->lock);
	if (strncmp(r->target, "/scim/Users?", 12) == 0)
		find_by_filter(s, r, a);
	else if (strcmp(r->method, "POST") == 0)
		create(s, r, a);
	else if (sscanf(r->target, "/scim/Users/%u", &id) == 1 &&
	    id < MOCK_USERS && s->users[id].is_there) {
		if (strcmp(r->method, "GET") == 0) {
			a->status = 200;
			show(s, id, a);
		} else {
			change(s, id, r, a);
		}
	}
	(void)pthread_mutex_unlock(&s->lock);
}

static bool
send_answer(int socket, const struct answer *a)
{
	char text[2048];
	int n = snprintf(text, sizeof(text),
	    "HTTP/1.1 %d X\r\n%s%s%sContent-Length: %zu\r\n\r\n%s", a->status,
	    a->etag[0] == '\0' ? "" : "ETag: ", a->etag,
	    a->etag[0] == '\0' ? "" : "\r\n", strlen(a->body), a->body);

	return send(socket, text, (size_t)n, MSG_NOSIGNAL) == n;
}

static void *
serve(void *argument)
{
	struct connection *c = argument;
	struct request *r = malloc(sizeof(*r));
	bool ok = r != NULL;

	while (ok && read_request(c->socket, r)) {
		struct answer a = { .status = 0 };

		if ((c->server->faults & MOCK_SILENT_AFTER) != 0 &&
		    atomic_load(&c->server->requests) >= 50)
			break;
		answer(c->server, r, &a);
		ok = send_answer(c->socket, &a);
	}
	(void)shutdown(c->socket, SHUT_RDWR);
	free(r);
	free(c);
	return NULL;
}

static void *
accept_all(void *argument)
{
	struct mock_server *s = argument;

	for (;;) {
		int fd = accept(s->listener, NULL, NULL);
		int one = 1;

		if (fd < 0)
			return NULL;
		(void)setsockopt(
		    fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		struct connection *c = malloc(sizeof(*c));
		int n = atomic_load(&s->connections);
		if (c == NULL || n == MOCK_CONNECTIONS) {
			free(c);
			(void)close(fd);
			continue;
		}
		*c = (struct connection){ s, fd };
		s->sockets[n] = fd;
		if (pthread_create(&s->threads[n], NULL, serve, c) != 0)
			abort();
		atomic_store(&s->connections, n + 1);
	}
}

void
mock_server_start(struct mock_server *server, unsigned faults)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);

	memset(server, 0, sizeof(*server));
	server->faults = faults;
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	server->listener = socket(AF_INET, SOCK_STREAM, 0);
	assert_true(server->listener >= 0);
	assert_int_equal(
	    bind(server->listener, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(server->listener, 64), 0);
	assert_int_equal(
	    getsockname(server->listener, (struct sockaddr *)&at, &len), 0);
	server->port = ntohs(at.sin_port);
	(void)snprintf(server->url, sizeof(server->url),
	    "http://127.0.0.1:%d/scim", server->port);
	(void)pthread_mutex_init(&server->lock, NULL);
	assert_int_equal(
	    pthread_create(&server->acceptor, NULL, accept_all, server), 0);
}

void
mock_server_stop(struct mock_server *server)
{
	(void)shutdown(server->listener, SHUT_RDWR);
	(void)pthread_join(server->acceptor, NULL);
	(void)close(server->listener);
	for (int i = 0; i < atomic_load(&server->connections); i++) {
		(void)shutdown(server->sockets[i], SHUT_RDWR);
		(void)pthread_join(server->threads[i], NULL);
		(void)close(server->sockets[i]);
	}
	(void)pthread_mutex_destroy(&server->lock);
}

unsigned
mock_server_users(struct mock_server *server)
{
	unsigned count = 0;

	(void)pthread_mutex_lock(&server->lock);
	for (unsigned i = 0; i < MOCK_USERS; i++)
		count += server->users[i].is_there;
	(void)pthread_mutex_unlock(&server->lock);
	return count;
}
