/* SPDX-License-Identifier: Apache-2.0 */
/*
 * client PORT BASE TOKEN ROW USERS FIRST COUNT CONNECTIONS SECONDS [GROUPS]
 *
 * The load, the same for scimd and for every peer: CONNECTIONS connections,
 * one request in flight on each, until SECONDS are over or the row has no
 * more to do.  BASE is the path before /Users.  USERS is a file with a line
 * "id<TAB>ETag" for each user, as fill writes it or `create`; of its lines
 * COUNT from FIRST (from 0) on are used.  ROW is one of
 *
 *   create   makes the users; writes USERS, unless that is "-"
 *   get      reads one by its id
 *   filter   finds one by its userName
 *   page     reads 100, from a random startIndex
 *   replace  replaces one, with the ETag that was last answered for it
 *   patch    changes its title, likewise
 *   count    all replace the same user, with one more than they read of it
 *   member   adds each user to each group of the file GROUPS, one at a time;
 *            users before FIRST are members already
 *   toggle   adds a user to the first group and takes it out again
 *
 * What is acknowledged is held against what the server then has: after
 * `replace` and `patch` the ETags of the users written last, after `count` the
 * number, after `member` the members.  What is missing counts as lost, an
 * answer that is neither a success nor a refusal as wrong.
 */
#include <sys/epoll.h>
#include <yyjson.h>

#include "wire.h"

enum { ID_MOST = 80, CHECKED_MOST = 64, GROUPS_MOST = 64 };

struct user {
	char id[ID_MOST];
	char etag[ETAG_MOST];
	uint64_t groups; /* a bit for each that acknowledged it as a member */
};

struct connection {
	struct wire wire;
	uint64_t first, count; /* its share of the users */
	uint64_t user, group;
	uint64_t value; /* what was read of the counter */
	uint64_t since_ns, random;
	bool is_waiting;
	bool is_second; /* of the two steps of some rows */
};

struct load {
	int port;
	const char *base, *token, *path;
	const struct row *row;
	struct user *users;
	uint64_t first, count, next;
	char groups[GROUPS_MOST][ID_MOST];
	size_t group_count;
	struct connection *connections;
	size_t connection_count;
	int epoll;
	uint64_t title;
	uint64_t end_ns;
	uint64_t operations, refused, lost, wrong;
	size_t waiting;
	struct latencies latencies;
};

/*
 * How a row asks, and what it makes of an answer.  `write` has nothing more
 * to do when it returns false.
 */
struct row {
	const char *name;
	bool (*write)(struct load *l, struct connection *c);
	void (*read)(
	    struct load *l, struct connection *c, const struct answer *a);
	void (*check)(struct load *l);
	bool has_etags; /* of the users, and brings new ones */
};

/* Files. */

static void
read_users(struct load *l)
{
	FILE *file = fopen(l->path, "r");
	char line[ID_MOST + ETAG_MOST];

	if (file == NULL)
		die("the users can't be read");
	for (uint64_t n = 0; n < l->first + l->count; n++) {
		if (fgets(line, sizeof(line), file) == NULL)
			die("there are fewer users");
		if (n < l->first)
			continue;
		struct user *u = &l->users[n - l->first];
		if (sscanf(line, "%79[^\t]\t%127[^\n]", u->id, u->etag) < 1)
			die("a user has no id");
	}
	(void)fclose(file);
}

static void
copy_lines(FILE *from, FILE *to, uint64_t count)
{
	char line[ID_MOST + ETAG_MOST];

	for (uint64_t n = 0;
	     n < count && fgets(line, sizeof(line), from) != NULL; n++)
		(void)fputs(line, to);
}

/* Writes the lines of these users anew, the others as they are. */
static void
write_users(const struct load *l)
{
	char other[4096], line[ID_MOST + ETAG_MOST];

	(void)snprintf(other, sizeof(other), "%s.new", l->path);
	FILE *from = fopen(l->path, "r"), *to = fopen(other, "w");
	if (to == NULL)
		die("the users can't be written");
	if (from != NULL)
		copy_lines(from, to, l->first);
	for (uint64_t n = 0; n < l->count; n++) {
		const struct user *u = &l->users[n];

		if (from != NULL && fgets(line, sizeof(line), from) == NULL)
			line[0] = '\0';
		(void)fprintf(to, "%s\t%s\n", u->id, u->etag);
	}
	if (from != NULL) {
		copy_lines(from, to, UINT64_MAX);
		(void)fclose(from);
	}
	if (fclose(to) != 0 || rename(other, l->path) != 0)
		die("the users can't be written");
}

static void
read_groups(struct load *l, const char *path)
{
	FILE *file = fopen(path, "r");

	if (file == NULL)
		die("the groups can't be read");
	while (l->group_count < GROUPS_MOST &&
	    fscanf(file, " %79[^\t\n]%*[^\n]", l->groups[l->group_count]) == 1)
		l->group_count++;
	(void)fclose(file);
	if (l->group_count == 0)
		die("there are no groups");
}

/* Requests. */

static void
write_request(const struct load *l, struct connection *c, const char *method,
    const char *path, const char *etag, const char *body)
{
	char match[ETAG_MOST + 16] = "";
	size_t len = strlen(body);

	if (etag[0] != '\0')
		(void)snprintf(match, sizeof(match), "If-Match: %s\r\n", etag);
	int n = snprintf(c->wire.out, sizeof(c->wire.out),
	    "%s %s%s HTTP/1.1\r\nHost: 127.0.0.1:%d\r\n"
	    "Authorization: Bearer %s\r\n%s",
	    method, l->base, path, l->port, l->token, match);
	if (len > 0)
		n += snprintf(c->wire.out + n, sizeof(c->wire.out) - (size_t)n,
		    "Content-Type: application/scim+json\r\n"
		    "Content-Length: %zu\r\n\r\n%s",
		    len, body);
	else
		n += snprintf(
		    c->wire.out + n, sizeof(c->wire.out) - (size_t)n, "\r\n");
	if ((size_t)n >= sizeof(c->wire.out))
		die("a request is too long");
	c->wire.out_len = (size_t)n;
}

static const struct user *
pick_user(struct load *l, struct connection *c)
{
	c->user = c->first + next_random(&c->random) % c->count;
	return &l->users[c->user];
}

static void
path_of(char out[256], const char *endpoint, const char *id)
{
	(void)snprintf(out, 256, "%s/%s", endpoint, id);
}

static void
write_get_user(struct load *l, struct connection *c, const struct user *u)
{
	char path[256];

	path_of(path, "/Users", u->id);
	write_request(l, c, "GET", path, "", "");
}

static bool
write_get(struct load *l, struct connection *c)
{
	write_get_user(l, c, pick_user(l, c));
	return true;
}

static bool
write_filter(struct load *l, struct connection *c)
{
	char path[256];

	(void)pick_user(l, c);
	(void)snprintf(path, sizeof(path),
	    "/Users?filter=userName%%20eq%%20%%22user%07llu@example.com%%22",
	    (unsigned long long)(l->first + c->user));
	write_request(l, c, "GET", path, "", "");
	return true;
}

static bool
write_page(struct load *l, struct connection *c)
{
	char path[256];
	uint64_t most = l->count > 100 ? l->count - 99 : 1;

	(void)snprintf(path, sizeof(path), "/Users?startIndex=%llu&count=100",
	    (unsigned long long)(next_random(&c->random) % most + 1));
	write_request(l, c, "GET", path, "", "");
	return true;
}

static bool
write_create(struct load *l, struct connection *c)
{
	char body[USER_MOST];

	if (l->next >= l->count)
		return false;
	c->user = l->next++;
	(void)write_user(body, sizeof(body), l->first + c->user, 0);
	write_request(l, c, "POST", "/Users", "", body);
	return true;
}

static void
write_put(
    struct load *l, struct connection *c, const char *etag, uint64_t title)
{
	char body[USER_MOST], path[256];

	path_of(path, "/Users", l->users[c->user].id);
	(void)write_user(body, sizeof(body), l->first + c->user, title);
	write_request(l, c, "PUT", path, etag, body);
}

static bool
write_replace(struct load *l, struct connection *c)
{
	const struct user *u = pick_user(l, c);

	write_put(l, c, u->etag, ++l->title);
	return true;
}

#define PATCH                                                               \
	"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]," \
	"\"Operations\":[{"

static bool
write_patch(struct load *l, struct connection *c)
{
	char body[512], path[256];
	const struct user *u = pick_user(l, c);

	path_of(path, "/Users", u->id);
	(void)snprintf(body, sizeof(body),
	    PATCH "\"op\":\"replace\",\"path\":\"title\",\"value\":\"%llu\"}]}",
	    (unsigned long long)++l->title);
	write_request(l, c, "PATCH", path, u->etag, body);
	return true;
}

/* Two steps: what is there, and one more in its place. */
static bool
write_count(struct load *l, struct connection *c)
{
	c->user = 0;
	if (c->is_second)
		write_put(l, c, l->users[0].etag, c->value + 1);
	else
		write_get_user(l, c, &l->users[0]);
	return true;
}

static void
write_member(struct load *l, struct connection *c, bool is_added)
{
	char body[512], path[256];
	const struct user *u = &l->users[c->user];

	path_of(path, "/Groups", l->groups[c->group]);
	(void)snprintf(body, sizeof(body),
	    is_added ? PATCH "\"op\":\"add\",\"path\":\"members\","
			     "\"value\":[{\"value\":\"%s\"}]}]}"
		     : PATCH "\"op\":\"remove\",\"path\":"
			     "\"members[value eq \\\"%s\\\"]\"}]}",
	    u->id);
	write_request(l, c, "PATCH", path, "", body);
}

static bool
write_add(struct load *l, struct connection *c)
{
	if (l->next >= l->count * l->group_count)
		return false;
	c->user = l->next / l->group_count;
	c->group = l->next++ % l->group_count;
	write_member(l, c, true);
	return true;
}

static bool
write_toggle(struct load *l, struct connection *c)
{
	c->user = c->first;
	write_member(l, c, !c->is_second);
	return true;
}

/* Answers. */

static void
note_wrong(struct load *l, const struct connection *c, const struct answer *a)
{
	if (l->wrong++ == 0)
		(void)fprintf(stderr, "bench: %.60s… got %d: %.500s\n",
		    c->wire.out, a->status, a->body);
}

/* A member that holds a string, wherever it stands in the text. */
static bool
find_text(const char *json, const char *name, char *out, size_t size)
{
	char key[32];
	size_t n = 0;

	(void)snprintf(key, sizeof(key), "\"%s\"", name);
	const char *at = strstr(json, key);
	if (at == NULL)
		return false;
	at += strlen(key);
	at += strspn(at, ": \n\t");
	if (*at++ != '"')
		return false;
	for (; *at != '\0' && *at != '"' && n + 1 < size; at++)
		if (*at != '\\' || *++at == '"')
			out[n++] = *at;
	out[n] = '\0';
	return true;
}

/* From the header, or else from what the body says of its version. */
static void
keep_etag(struct user *u, const struct answer *a)
{
	if (a->etag[0] != '\0')
		memcpy(u->etag, a->etag, ETAG_MOST);
	else if (!find_text(a->body, "version", u->etag, ETAG_MOST))
		u->etag[0] = '\0';
}

static void
read_any(struct load *l, struct connection *c, const struct answer *a)
{
	if (a->status == 200)
		l->operations++;
	else
		note_wrong(l, c, a);
}

/* A list must have what was asked for. */
static void
read_list(struct load *l, struct connection *c, const struct answer *a)
{
	if (a->status == 200 && strstr(a->body, "@example.com") != NULL)
		l->operations++;
	else
		note_wrong(l, c, a);
}

static void
read_created(struct load *l, struct connection *c, const struct answer *a)
{
	struct user *u = &l->users[c->user];

	if (a->status != 201 ||
	    !find_text(a->body, "id", u->id, sizeof(u->id))) {
		note_wrong(l, c, a);
		return;
	}
	keep_etag(u, a);
	l->operations++;
}

static void
read_written(struct load *l, struct connection *c, const struct answer *a)
{
	if (a->status != 200 && a->status != 204) {
		note_wrong(l, c, a);
		return;
	}
	keep_etag(&l->users[c->user], a);
	l->operations++;
}

static bool
is_refusal(const struct answer *a)
{
	return a->status == 412 || a->status == 409 || a->status == 428 ||
	    a->status == 429 || a->status == 503;
}

static bool
find_count(const struct answer *a, uint64_t *out)
{
	char text[32];

	if (a->status != 200 || !find_text(a->body, "title", text, 32))
		return false;
	*out = strtoull(text, NULL, 10);
	return true;
}

/* The ETag is in the place of the only user: of this answer, to be sent. */
static void
read_counted(struct load *l, struct connection *c, const struct answer *a)
{
	if (c->is_second && a->status == 200)
		l->operations++;
	else if (c->is_second && is_refusal(a))
		l->refused++;
	else if (c->is_second || !find_count(a, &c->value))
		note_wrong(l, c, a);
	else
		keep_etag(&l->users[0], a);
	c->is_second = !c->is_second;
}

static void
read_added(struct load *l, struct connection *c, const struct answer *a)
{
	if (a->status == 200 || a->status == 204) {
		l->users[c->user].groups |= (uint64_t)1 << c->group;
		l->operations++;
	} else if (is_refusal(a)) {
		l->refused++;
	} else {
		note_wrong(l, c, a);
	}
}

static void
read_toggled(struct load *l, struct connection *c, const struct answer *a)
{
	if (a->status == 200 || a->status == 204)
		l->operations++;
	else
		note_wrong(l, c, a);
	c->is_second = !c->is_second;
}

/* What the server has, once all is answered. */

/* On a connection of its own, which nobody watches. */
static void
ask(struct connection *c, struct answer *out)
{
	c->wire.is_at_end = true; /* it may be closed already */
	(void)wire_send(&c->wire);
	do
		wire_receive(&c->wire);
	while (!wire_read(&c->wire, out));
}

static void
check_etags(struct load *l)
{
	struct answer a;

	for (size_t i = 0; i < l->connection_count && i < CHECKED_MOST; i++) {
		struct connection *c = &l->connections[i];
		struct user now = { .etag = "" };

		write_get_user(l, c, &l->users[c->user]);
		ask(c, &a);
		keep_etag(&now, &a);
		if (a.status != 200 ||
		    strcmp(now.etag, l->users[c->user].etag) != 0)
			l->lost++;
	}
}

static void
check_count(struct load *l)
{
	struct connection *c = &l->connections[0];
	struct answer a;
	uint64_t count = 0;

	write_get_user(l, c, &l->users[0]);
	ask(c, &a);
	if (!find_count(&a, &count))
		die("the counter can't be read");
	l->lost = l->operations - (count - l->title);
}

static int
compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

/* The ids of the members that the body has, sorted, in memory of `doc`. */
static size_t
read_members(yyjson_doc *doc, const char **ids)
{
	yyjson_val *member;
	size_t i, most, n = 0;

	yyjson_arr_foreach(yyjson_obj_get(yyjson_doc_get_root(doc), "members"),
	    i, most, member)
	{
		const char *id =
		    yyjson_get_str(yyjson_obj_get(member, "value"));
		if (id != NULL)
			ids[n++] = id;
	}
	qsort(ids, n, sizeof(*ids), compare_ids);
	return n;
}

static void
check_group(struct load *l, uint64_t group)
{
	struct connection *c = &l->connections[0];
	struct answer a;
	char path[256];

	path_of(path, "/Groups", l->groups[group]);
	write_request(l, c, "GET", path, "", "");
	ask(c, &a);
	yyjson_doc *doc = yyjson_read(a.body, a.body_len, 0);
	if (a.status != 200 || doc == NULL)
		die("a group can't be read");
	const char **ids =
	    calloc(a.body_len / 10 + 1, sizeof(*ids)); /* {"value":"…"} */
	if (ids == NULL)
		die("no memory for the members");
	size_t count = read_members(doc, ids);
	for (uint64_t n = 0; n < l->count; n++) {
		const char *id = l->users[n].id;

		if ((l->users[n].groups >> group & 1) != 0 &&
		    bsearch(&id, ids, count, sizeof(*ids), compare_ids) == NULL)
			l->lost++;
	}
	free(ids);
	yyjson_doc_free(doc);
}

static void
check_members(struct load *l)
{
	for (uint64_t g = 0; g < l->group_count; g++)
		check_group(l, g);
}

static void
check_nothing(struct load *l)
{
	(void)l;
}

static const struct row rows[] = {
	{ "create", write_create, read_created, check_nothing, false },
	{ "get", write_get, read_any, check_nothing, false },
	{ "filter", write_filter, read_list, check_nothing, false },
	{ "page", write_page, read_list, check_nothing, false },
	{ "replace", write_replace, read_written, check_etags, true },
	{ "patch", write_patch, read_written, check_etags, true },
	{ "count", write_count, read_counted, check_count, false },
	{ "member", write_add, read_added, check_members, false },
	{ "toggle", write_toggle, read_toggled, check_nothing, false },
};

static const struct row *
find_row(const char *name)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].name, name) == 0)
			return &rows[i];
	die("there is no such row");
}

/* The loop. */

static void
watch(struct load *l, struct connection *c)
{
	struct epoll_event event = { .events = EPOLLIN };

	event.data.ptr = c;
	if (epoll_ctl(l->epoll, EPOLL_CTL_ADD, c->wire.fd, &event) != 0)
		die("a connection can't be watched");
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

		wire_open(&c->wire, l->port);
		c->first = l->count * i / l->connection_count;
		c->count = l->count * (i + 1) / l->connection_count - c->first;
		c->random = clock_ns() + i * 0x9e3779b97f4a7c15 + 1;
		if (c->count == 0 && l->count > 1)
			die("too few users for the connections");
		watch(l, c);
	}
}

static void
begin(struct load *l, struct connection *c)
{
	if (!l->row->write(l, c))
		return;
	c->since_ns = clock_ns();
	c->is_waiting = true;
	l->waiting++;
	if (wire_send(&c->wire))
		watch(l, c);
}

static void
end(struct load *l, struct connection *c, const struct answer *a)
{
	uint64_t now = clock_ns();

	c->is_waiting = false;
	l->waiting--;
	note_latency(&l->latencies, now - c->since_ns);
	l->row->read(l, c, a);
	if (now < l->end_ns)
		begin(l, c);
}

static void
go_on(struct load *l, struct connection *c)
{
	struct answer a;

	/* one that has nothing more to do is closed by the peer some day */
	if (!c->is_waiting) {
		(void)epoll_ctl(l->epoll, EPOLL_CTL_DEL, c->wire.fd, NULL);
		return;
	}
	wire_receive(&c->wire);
	if (wire_read(&c->wire, &a))
		end(l, c, &a);
}

static void
run(struct load *l)
{
	struct epoll_event events[64];

	for (size_t i = 0; i < l->connection_count; i++)
		begin(l, &l->connections[i]);
	while (l->waiting > 0) {
		int n = epoll_wait(l->epoll, events, 64, 60000);

		if (n <= 0)
			die("no answer for 60 s");
		for (int i = 0; i < n; i++)
			go_on(l, events[i].data.ptr);
	}
}

/* Where a counter begins; titles that no earlier run has used otherwise, or
 * nothing would change. */
static uint64_t
first_title(struct load *l)
{
	struct connection *c = &l->connections[0];
	struct answer a;
	uint64_t count = 0;

	if (l->row->write != write_count)
		return clock_ns();
	write_get_user(l, c, &l->users[0]);
	ask(c, &a);
	(void)find_count(&a, &count);
	watch(l, c);
	return count;
}

static void
print(struct load *l, uint64_t took)
{
	char more[128];

	(void)snprintf(more, sizeof(more),
	    ",\"refused\":%llu,\"lost\":%lld,\"seconds\":%.3f",
	    (unsigned long long)l->refused, (long long)l->lost,
	    (double)took / 1e9);
	print_result(&l->latencies, l->operations, took, l->wrong, more);
}

int
main(int argc, char **argv)
{
	static struct load l;

	if (argc < 10)
		die("usage: client PORT BASE TOKEN ROW USERS FIRST COUNT"
		    " CONNECTIONS SECONDS [GROUPS]");
	l.port = (int)read_count(argv[1]);
	l.base = argv[2];
	l.token = argv[3];
	l.row = find_row(argv[4]);
	l.path = argv[5];
	l.first = strcmp(argv[6], "0") == 0 ? 0 : read_count(argv[6]);
	l.count = read_count(argv[7]);
	l.connection_count = (size_t)read_count(argv[8]);
	l.users = calloc(l.count, sizeof(*l.users));
	if (l.users == NULL)
		die("no memory for the users");
	if (l.row->write != write_create)
		read_users(&l);
	if (argc > 10)
		read_groups(&l, argv[10]);
	open_connections(&l);
	l.title = first_title(&l);
	uint64_t start = clock_ns();
	l.end_ns = start + read_count(argv[9]) * 1000000000;
	run(&l);
	uint64_t took = clock_ns() - start;
	l.row->check(&l);
	if (l.row->has_etags ||
	    (l.row->write == write_create && strcmp(l.path, "-") != 0))
		write_users(&l);
	print(&l, took);
	return 0;
}
