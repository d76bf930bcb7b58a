/* SPDX-License-Identifier: Apache-2.0 */
/*
 * bare_sqlite DATABASE FIRST COUNT BATCH SECONDS KEEP
 *
 * The yardstick of durable replacements: the statements that the write
 * transaction of a conditional PUT runs, BATCH of them in a transaction,
 * with the settings of the store's writer, and nothing around them: no
 * socket, no JSON, no hash, no second thread.  What scimd reads outside of
 * that transaction, to validate and to render, is not here: it is a part of
 * what scimd costs.
 *
 * The texts are the store's own, so they can't drift apart; which of them
 * run, and in which order, is written below as the store does it.  Users are
 * those of fill, COUNT from FIRST (from 0) on, in any order.  KEEP is how many
 * versions of each are kept, 0 for no history.
 */
#include <sqlite3.h>
#include <stdbool.h>

#include "common.h"
#include "store/sqlite/sqlite.h"

enum { CONTENT_MOST = 2048, ACTOR_LEN = 42 };

struct row {
	unsigned char id[16];
};

struct bare {
	sqlite3 *db;
	sqlite3_stmt *statements[SQL_COUNT];
	int64_t tenant, type, last_modified;
	struct row *rows;
	uint64_t count, random, title, keep;
	int checkpoint_at;
	struct latencies latencies;
};

static void
fail(struct bare *b)
{
	die(sqlite3_errmsg(b->db));
}

static void
execute(struct bare *b, const char *sql)
{
	if (sqlite3_exec(b->db, sql, NULL, NULL, NULL) != SQLITE_OK)
		fail(b);
}

/* As src/store/sqlite/conn.c carries the WAL back. */
static int
on_commit(void *context, sqlite3 *db, const char *name, int pages)
{
	struct bare *b = context;

	if (pages < b->checkpoint_at)
		return SQLITE_OK;
	(void)sqlite3_wal_checkpoint_v2(
	    db, name, SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
	return SQLITE_OK;
}

static int64_t
number_of(struct bare *b, const char *name)
{
	sqlite3_stmt *q = NULL;

	if (sqlite3_prepare_v2(b->db, "SELECT number FROM name WHERE text = ?",
		-1, &q, NULL) != SQLITE_OK ||
	    sqlite3_bind_text(q, 1, name, -1, SQLITE_STATIC) != SQLITE_OK ||
	    sqlite3_step(q) != SQLITE_ROW)
		die("the database is not one of fill");
	int64_t number = sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	return number;
}

static void
open_database(struct bare *b, const char *path)
{
	char sql[512];

	if (sqlite3_open_v2(path, &b->db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX, NULL) != SQLITE_OK)
		fail(b);
	(void)snprintf(sql, sizeof(sql),
	    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;"
	    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -%d;"
	    "PRAGMA mmap_size = 1073741824; PRAGMA secure_delete = ON;"
	    "PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = %d;",
	    WRITER_CACHE_KIB, 64 << 20);
	execute(b, sql);
	b->checkpoint_at = CHECKPOINT_PAGES;
	(void)sqlite3_wal_hook(b->db, on_commit, b);
	b->tenant = number_of(b, "default");
	b->type = number_of(b, "User");
	b->last_modified = number_of(b, "meta.lastModified");
}

static void
read_rows(struct bare *b, uint64_t first)
{
	sqlite3_stmt *q = NULL;

	b->rows = calloc(b->count, sizeof(*b->rows));
	if (b->rows == NULL ||
	    sqlite3_prepare_v2(b->db,
		"SELECT id FROM resource WHERE tenant = ? AND type = ?"
		" ORDER BY position LIMIT ? OFFSET ?",
		-1, &q, NULL) != SQLITE_OK)
		fail(b);
	(void)sqlite3_bind_int64(q, 1, b->tenant);
	(void)sqlite3_bind_int64(q, 2, b->type);
	(void)sqlite3_bind_int64(q, 3, (int64_t)b->count);
	(void)sqlite3_bind_int64(q, 4, (int64_t)first);
	for (uint64_t i = 0; i < b->count; i++) {
		if (sqlite3_step(q) != SQLITE_ROW ||
		    sqlite3_column_bytes(q, 0) != 16)
			die("there are fewer users");
		memcpy(b->rows[i].id, sqlite3_column_blob(q, 0), 16);
	}
	(void)sqlite3_finalize(q);
}

/* A prepared statement to bind, kept for the next time. */
static sqlite3_stmt *
use(struct bare *b, enum sql which)
{
	sqlite3_stmt **q = &b->statements[which];

	if (*q == NULL &&
	    sqlite3_prepare_v3(b->db, scim__sqlite_text[which], -1,
		SQLITE_PREPARE_PERSISTENT, q, NULL) != SQLITE_OK)
		fail(b);
	return *q;
}

static void
run(struct bare *b, enum sql which)
{
	sqlite3_stmt *q = use(b, which);

	while (sqlite3_step(q) == SQLITE_ROW)
		continue;
	if (sqlite3_reset(q) != SQLITE_OK)
		fail(b);
}

struct state {
	unsigned char version[16];
	int64_t sequence, position, created, modified;
};

static void
bind_key(const struct bare *b, sqlite3_stmt *q, int at, const struct row *row)
{
	(void)sqlite3_bind_int64(q, at, b->tenant);
	(void)sqlite3_bind_blob(q, at + 1, row->id, 16, SQLITE_STATIC);
	(void)sqlite3_bind_int64(q, at + 2, b->type);
}

static void
get(struct bare *b, const struct row *row, struct state *out)
{
	sqlite3_stmt *q = use(b, SQL_RESOURCE_GET);

	(void)sqlite3_bind_int64(q, 1, 0);
	bind_key(b, q, 2, row);
	if (sqlite3_step(q) != SQLITE_ROW)
		fail(b);
	memcpy(out->version, sqlite3_column_blob(q, 1), 16);
	out->sequence = sqlite3_column_int64(q, 2);
	out->position = sqlite3_column_int64(q, 3);
	out->created = sqlite3_column_int64(q, 4);
	out->modified = sqlite3_column_int64(q, 5);
	(void)sqlite3_reset(q);
}

static int64_t
next_sequence(struct bare *b)
{
	sqlite3_stmt *q = use(b, SQL_COUNTER_GET);

	(void)sqlite3_bind_int64(q, 1, b->tenant);
	if (sqlite3_step(q) != SQLITE_ROW)
		fail(b);
	int64_t sequence = sqlite3_column_int64(q, 0) + 1;
	(void)sqlite3_reset(q);
	q = use(b, SQL_COUNTER_UPDATE);
	(void)sqlite3_bind_int64(q, 1, b->tenant);
	(void)sqlite3_bind_int64(q, 2, sequence);
	return sequence;
}

static void
update(struct bare *b, const struct row *row, const struct state *old,
    const struct state *now, uint64_t n)
{
	sqlite3_stmt *q = use(b, SQL_RESOURCE_UPDATE);
	unsigned char hash[32];
	char content[CONTENT_MOST];
	int len = write_user(content, sizeof(content), n, ++b->title);

	memcpy(hash, now->version, 16);
	memcpy(hash + 16, now->version, 16);
	(void)sqlite3_bind_blob(q, 1, now->version, 16, SQLITE_STATIC);
	(void)sqlite3_bind_int64(q, 2, now->sequence);
	(void)sqlite3_bind_int64(q, 3, old->created);
	(void)sqlite3_bind_int64(q, 4, now->modified);
	(void)sqlite3_bind_int64(q, 5, old->modified);
	(void)sqlite3_bind_blob(q, 6, hash, sizeof(hash), SQLITE_STATIC);
	(void)sqlite3_bind_int64(q, 7, 0);
	(void)sqlite3_bind_text(q, 8, content, len, SQLITE_STATIC);
	(void)sqlite3_bind_text(q, 9, "", 0, SQLITE_STATIC);
	(void)sqlite3_bind_blob(q, 10, "", 0, SQLITE_STATIC);
	bind_key(b, q, 11, row);
	(void)sqlite3_bind_blob(q, 14, old->version, 16, SQLITE_STATIC);
	run(b, SQL_RESOURCE_UPDATE);
	if (sqlite3_changes(b->db) != 1)
		die("an update met another version");
}

static void
move_index(struct bare *b, enum sql which, int64_t position, int64_t value)
{
	sqlite3_stmt *q = use(b, which);

	(void)sqlite3_bind_int64(q, 1, b->tenant);
	(void)sqlite3_bind_int64(q, 2, b->type);
	/* one begins with the place, the other ends with it */
	(void)sqlite3_bind_int64(q, 3, position);
	(void)sqlite3_bind_int64(q, 4, b->last_modified);
	(void)sqlite3_bind_int64(q, 5, value);
	run(b, which);
}

static void
bind_history(struct bare *b, sqlite3_stmt *q, const struct row *row)
{
	(void)sqlite3_bind_int64(q, 1, b->tenant);
	(void)sqlite3_bind_blob(q, 2, row->id, 16, SQLITE_STATIC);
}

static int64_t
last_revision(struct bare *b, const struct row *row)
{
	sqlite3_stmt *q = use(b, SQL_HISTORY_LAST);
	int64_t revision = 0;

	bind_history(b, q, row);
	if (sqlite3_step(q) == SQLITE_ROW)
		revision = sqlite3_column_int64(q, 0);
	(void)sqlite3_reset(q);
	return revision;
}

static void
add_state(struct bare *b, const struct row *row, const struct state *now,
    int64_t revision)
{
	sqlite3_stmt *q = use(b, SQL_HISTORY_ADD);

	bind_history(b, q, row);
	(void)sqlite3_bind_int64(q, 3, revision);
	(void)sqlite3_bind_int64(q, 4, now->sequence);
	(void)sqlite3_bind_blob(q, 5, now->version, 16, SQLITE_STATIC);
	run(b, SQL_HISTORY_ADD);
}

static void
forget(struct bare *b, enum sql which, const struct row *row, int64_t third,
    int64_t fourth)
{
	sqlite3_stmt *q = use(b, which);

	bind_history(b, q, row);
	(void)sqlite3_bind_int64(q, 3, third);
	if (sqlite3_bind_parameter_count(q) > 3)
		(void)sqlite3_bind_int64(q, 4, fourth);
	run(b, which);
}

static void
forget_oldest(struct bare *b, const struct row *row, int64_t revision)
{
	sqlite3_stmt *q = use(b, SQL_HISTORY_OLDEST);
	int64_t oldest = 0, sequence = 0;

	if (b->keep >= (uint64_t)revision)
		return;
	bind_history(b, q, row);
	(void)sqlite3_bind_int64(q, 3, 4);
	if (sqlite3_step(q) == SQLITE_ROW) {
		oldest = sqlite3_column_int64(q, 0);
		sequence = sqlite3_column_int64(q, 1);
	}
	(void)sqlite3_reset(q);
	if (oldest == 0 || oldest > revision - (int64_t)b->keep)
		return;
	forget(b, SQL_HISTORY_DROP_VERSION, row, oldest, sequence);
	forget(b, SQL_HISTORY_DROP, row, oldest, 0);
	forget(b, SQL_CHANGE_CLEAR_NEXT, row, oldest + 1, 0);
}

/* What leads back: the title, or now and then all of it. */
static int
write_way_back(char *out, size_t size, uint64_t n, bool whole)
{
	if (whole)
		return write_user(out, size, n, 1);
	return snprintf(out, size, "[[[\"title\"],\"Title %016llx\"]]", 1ULL);
}

static void
log_change(struct bare *b, const struct row *row, const struct state *old,
    const struct state *now, uint64_t n)
{
	char content[CONTENT_MOST];
	int64_t revision = b->keep > 0 ? last_revision(b, row) + 1 : 0;
	int len = b->keep < 2 ? 0
			      : write_way_back(content, sizeof(content), n,
				    revision % SCIM_WHOLE_EVERY == 0);
	sqlite3_stmt *q = use(b, SQL_CHANGE_INSERT);

	(void)sqlite3_bind_int64(q, 1, b->tenant);
	(void)sqlite3_bind_int64(q, 2, now->sequence);
	(void)sqlite3_bind_blob(q, 3, row->id, 16, SQLITE_STATIC);
	(void)sqlite3_bind_int64(q, 4, b->type);
	(void)sqlite3_bind_blob(q, 5, now->version, 16, SQLITE_STATIC);
	(void)sqlite3_bind_int64(q, 6, old->sequence);
	(void)sqlite3_bind_text(q, 7, "replace", -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(q, 8,
	    "token:00000000-0000-4000-8000-000000000000", ACTOR_LEN,
	    SQLITE_STATIC);
	(void)sqlite3_bind_text(q, 9, "http", -1, SQLITE_STATIC);
	(void)sqlite3_bind_int64(q, 10, now->modified);
	(void)sqlite3_bind_text(q, 11, "[\"title\"]", -1, SQLITE_STATIC);
	(void)sqlite3_bind_text(q, 12, content, len, SQLITE_STATIC);
	run(b, SQL_CHANGE_INSERT);
	if (b->keep == 0)
		return;
	add_state(b, row, now, revision);
	forget_oldest(b, row, revision);
}

static int64_t
now_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static void
replace(struct bare *b)
{
	uint64_t n = next_random(&b->random) % b->count;
	const struct row *row = &b->rows[n];
	struct state old, now;

	run(b, SQL_SAVEPOINT);
	get(b, row, &old);
	now = old;
	for (size_t i = 0; i < sizeof(now.version); i++)
		now.version[i] = (unsigned char)next_random(&b->random);
	now.modified = now_ms();
	now.sequence = next_sequence(b);
	sqlite3_stmt *q = use(b, SQL_RESOURCE_FIND);
	bind_key(b, q, 1, row);
	run(b, SQL_RESOURCE_FIND);
	update(b, row, &old, &now, n);
	run(b, SQL_COUNTER_UPDATE);
	move_index(b, SQL_INDEX_DELETE, old.position, old.modified);
	move_index(b, SQL_INDEX_INSERT, old.position, now.modified);
	log_change(b, row, &old, &now, n);
	run(b, SQL_RELEASE);
}

static uint64_t
run_batches(struct bare *b, uint64_t batch, uint64_t end_ns)
{
	uint64_t done = 0;

	while (clock_ns() < end_ns) {
		uint64_t since = clock_ns();

		run(b, SQL_BEGIN_WRITE);
		run(b, SQL_DATA_VERSION);
		for (uint64_t i = 0; i < batch; i++)
			replace(b);
		run(b, SQL_COMMIT);
		done += batch;
		note_latency(&b->latencies, clock_ns() - since);
	}
	return done;
}

int
main(int argc, char **argv)
{
	static struct bare b;

	if (argc != 7)
		die("usage: bare_sqlite DATABASE FIRST COUNT BATCH SECONDS "
		    "KEEP");
	b.count = read_count(argv[3]);
	b.keep = strcmp(argv[6], "0") == 0 ? 0 : read_count(argv[6]);
	b.random = clock_ns() | 1;
	b.title = clock_ns();
	open_database(&b, argv[1]);
	read_rows(&b, strcmp(argv[2], "0") == 0 ? 0 : read_count(argv[2]));
	uint64_t start = clock_ns();
	uint64_t done = run_batches(
	    &b, read_count(argv[4]), start + read_count(argv[5]) * 1000000000);
	uint64_t took = clock_ns() - start;
	for (size_t i = 0; i < SQL_COUNT; i++)
		(void)sqlite3_finalize(b.statements[i]);
	(void)sqlite3_close(b.db);
	print_result(&b.latencies, done, took, 0, "");
	return 0;
}
