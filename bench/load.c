/* SPDX-License-Identifier: Apache-2.0 */
/*
 * load PORT USERS FIRST COUNT CONNECTIONS SECONDS TOKEN
 *
 * Replaces users over CONNECTIONS kept-alive connections, one request each
 * in flight, for SECONDS.  USERS is the file that fill wrote; of its lines
 * COUNT from FIRST (from 0) on are used, and get their new ETags.
 *
 * Each request replaces a random user of its connection's share, with the
 * ETag that was last answered for it.  At the end the users touched last are
 * read: one that has another ETag than was acknowledged, or any answer but
 * 200, counts as wrong.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common.h"

enum { BUFFER = 16384, ETAG_MOST = 64, ID_MOST = 40, CHECKED_MOST = 64 };

struct user {
	char id[ID_MOST];
	char etag[ETAG_MOST];
};

struct connection {
	int fd;
	char out[4096], in[BUFFER];
	size_t out_len, sent, in_len;
	uint64_t first, count; /* its share of the users */
	uint64_t user;
	uint64_t since_ns;
	uint64_t random;
	bool is_waiting;
};

struct load {
	int port;
	const char *token;
	struct user *users;
	uint64_t first, count;
	struct connection *connections;
	size_t connection_count;
	int epoll;
	uint64_t title;
	uint64_t end_ns;
	uint64_t operations, wrong;
	size_t waiting;
	struct latencies latencies;
};

static void
read_users(struct load *l, const char *path)
{
	FILE *file = fopen(path, "r");
	char line[256];

	l->users = calloc(l->count, sizeof(*l->users));
	if (file == NULL || l->users == NULL)
		die("the users can't be read");
	for (uint64_t n = 0; n < l->first + l->count; n++) {
		if (fgets(line, sizeof(line), file) == NULL)
			die("there are fewer users");
		if (n < l->first)
			continue;
		struct user *u = &l->users[n - l->first];
		if (sscanf(line, "%39s %63s", u->id, u->etag) != 2)
			die("a user has no id and ETag");
	}
	(void)fclose(file);
}

/* Writes the ETags back, other lines as they are. */
static void
write_users(const struct load *l, const char *path)
{
	char other[4096], line[256];

	(void)snprintf(other, sizeof(other), "%s.new", path);
	FILE *from = fopen(path, "r"), *to = fopen(other, "w");
	if (from == NULL || to == NULL)
		die("the users can't be written");
	for (uint64_t n = 0; fgets(line, sizeof(line), from) != NULL; n++) {
		if (n < l->first || n >= l->first + l->count) {
			(void)fputs(line, to);
			continue;
		}
		const struct user *u = &l->users[n - l->first];
		(void)fprintf(to, "%s\t%s\n", u->id, u->etag);
	}
	(void)fclose(from);
	if (fclose(to) != 0 || rename(other, path) != 0)
		die("the users can't be written");
}

static int
connect_to(int port)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_STREAM, 0), one = 1;

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)port);
	if (fd < 0 || connect(fd, (struct sockaddr *)&at, sizeof(at)) != 0)
		die("nobody listens");
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
	return fd;
}

static void
write_put(struct load *l, struct connection *c)
{
	char body[USER_MOST];
	const struct user *u = &l->users[c->user];
	int len =
	    write_user(body, sizeof(body), l->first + c->user, ++l->title);

	c->out_len = (size_t)snprintf(c->out, sizeof(c->out),
	    "PUT /scim/v2/Users/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
	    "Authorization: Bearer %s\r\nIf-Match: %s\r\n"
	    "Content-Type: application/scim+json\r\n"
	    "Content-Length: %d\r\n\r\n%s",
	    u->id, l->port, l->token, u->etag, len, body);
}

static void
write_get(struct load *l, struct connection *c)
{
	c->out_len = (size_t)snprintf(c->out, sizeof(c->out),
	    "GET /scim/v2/Users/%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
	    "Authorization: Bearer %s\r\n\r\n",
	    l->users[c->user].id, l->port, l->token);
}

static void
push_out(struct connection *c)
{
	while (c->sent < c->out_len) {
		ssize_t n = send(c->fd, c->out + c->sent, c->out_len - c->sent,
		    MSG_NOSIGNAL);

		if (n < 0 && errno == EAGAIN)
			continue; /* a request fits every socket buffer */
		if (n <= 0)
			die("the server hung up");
		c->sent += (size_t)n;
	}
}

static const char *
find_header(const char *text, const char *name)
{
	for (const char *line = strstr(text, "\r\n"); line != NULL;
	     line = strstr(line + 2, "\r\n"))
		if (strncasecmp(line + 2, name, strlen(name)) == 0)
			return line + 2 + strlen(name);
	return NULL;
}

/* Whether a whole answer is there; then its status and ETag. */
static bool
read_answer(struct connection *c, int *status, char etag[ETAG_MOST])
{
	c->in[c->in_len] = '\0';
	char *end = strstr(c->in, "\r\n\r\n");
	if (end == NULL)
		return false;
	end[2] = '\0';
	const char *len = find_header(c->in, "content-length:");
	const char *tag = find_header(c->in, "etag:");
	size_t body = len == NULL ? 0 : strtoul(len, NULL, 10);
	if (len == NULL && strncmp(c->in + 9, "204", 3) != 0)
		die("an answer has no Content-Length");
	*status = atoi(c->in + 9);
	etag[0] = '\0';
	if (tag != NULL)
		(void)sscanf(tag, " %63[^\r\n]", etag);
	end[2] = '\r';
	return c->in_len >= (size_t)(end + 4 - c->in) + body;
}

static void
receive(struct connection *c)
{
	ssize_t n = recv(c->fd, c->in + c->in_len, BUFFER - 1 - c->in_len, 0);

	if (n < 0 && errno == EAGAIN)
		return;
	if (n <= 0)
		die("the server hung up");
	c->in_len += (size_t)n;
}

static void
begin_put(struct load *l, struct connection *c)
{
	c->user = c->first + next_random(&c->random) % c->count;
	write_put(l, c);
	c->sent = c->in_len = 0;
	c->since_ns = clock_ns();
	c->is_waiting = true;
	l->waiting++;
	push_out(c);
}

static void
end_put(struct load *l, struct connection *c, int status, const char *etag)
{
	uint64_t now = clock_ns();

	c->is_waiting = false;
	l->waiting--;
	note_latency(&l->latencies, now - c->since_ns);
	if (status == 200 && etag[0] != '\0') {
		l->operations++;
		memcpy(l->users[c->user].etag, etag, ETAG_MOST);
	} else if (l->wrong++ == 0) {
		(void)fprintf(stderr, "bench: answer %d:\n%s\n", status, c->in);
	}
	if (now < l->end_ns)
		begin_put(l, c);
}

static void
open_connections(struct load *l)
{
	l->epoll = epoll_create1(0);
	l->connections = calloc(l->connection_count, sizeof(*l->connections));
	if (l->epoll < 0 || l->connections == NULL)
		die("no memory for the connections");
	for (size_t i = 0; i < l->connection_count; i++) {
		struct connection *c = &l->connections[i];
		struct epoll_event event = { .events = EPOLLIN };

		event.data.ptr = c;
		c->fd = connect_to(l->port);
		(void)fcntl(c->fd, F_SETFL, O_NONBLOCK);
		c->first = l->count * i / l->connection_count;
		c->count = l->count * (i + 1) / l->connection_count - c->first;
		c->random = clock_ns() + i * 0x9e3779b97f4a7c15 + 1;
		if (c->count == 0 ||
		    epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->fd, &event) != 0)
			die("too few users for the connections");
	}
}

static void
run(struct load *l)
{
	struct epoll_event events[64];
	char etag[ETAG_MOST];
	int status = 0;

	for (size_t i = 0; i < l->connection_count; i++)
		begin_put(l, &l->connections[i]);
	while (l->waiting > 0) {
		int n = epoll_wait(l->epoll, events, 64, 30000);

		if (n <= 0)
			die("no answer for 30 s");
		for (int i = 0; i < n; i++) {
			struct connection *c = events[i].data.ptr;

			receive(c);
			if (read_answer(c, &status, etag))
				end_put(l, c, status, etag);
		}
	}
}

/* The users that the connections replaced last must be as acknowledged. */
static void
look_again(struct load *l)
{
	char etag[ETAG_MOST];
	int status = 0;

	for (size_t i = 0; i < l->connection_count && i < CHECKED_MOST; i++) {
		struct connection *c = &l->connections[i];

		(void)fcntl(c->fd, F_SETFL, 0);
		write_get(l, c);
		c->sent = c->in_len = 0;
		push_out(c);
		do
			receive(c);
		while (!read_answer(c, &status, etag));
		if (status != 200 || strcmp(etag, l->users[c->user].etag) != 0)
			l->wrong++;
	}
}

int
main(int argc, char **argv)
{
	static struct load l;

	if (argc != 8)
		die("usage: load PORT USERS FIRST COUNT CONNECTIONS SECONDS"
		    " TOKEN");
	l.port = (int)read_count(argv[1]);
	l.first = strcmp(argv[3], "0") == 0 ? 0 : read_count(argv[3]);
	l.count = read_count(argv[4]);
	l.connection_count = (size_t)read_count(argv[5]);
	l.token = argv[7];
	read_users(&l, argv[2]);
	open_connections(&l);
	/* titles that no earlier run has used, or nothing would change */
	l.title = clock_ns();
	uint64_t start = clock_ns();
	l.end_ns = start + read_count(argv[6]) * 1000000000;
	run(&l);
	uint64_t took = clock_ns() - start;
	look_again(&l);
	write_users(&l, argv[2]);
	print_result(&l.latencies, l.operations, took, l.wrong);
	return 0;
}
