/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STORE_SQLITE_FIXTURE_H
#define TESTS_STORE_SQLITE_FIXTURE_H

/*
 * A database file of its own for every test, and the few writes and reads
 * that the tests of this backend are made of.  What every backend must do is
 * asked in tests/contract/; here stands what only SQLite can get wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "lib/test.h"

#include "base/arena.h"
#include "store/sqlite/sqlite.h"
#include "store/store.h"

#define UUID_A "00000000-0000-4000-8000-00000000000a"
#define UUID_B "00000000-0000-4000-8000-00000000000b"

struct fixture {
	char folder[64];
	char path[80];
	scim_store *store;
	scim_arena *arena;
};

static inline scim_store *
open_at(const char *path)
{
	scim_store *store = NULL;
	scim_error err = { 0 };
	scim_status rc =
	    scim__store_open_sqlite(scim__str(path), NULL, &store, &err);

	if (rc != SCIM_OK)
		fail_msg("%s", err.detail);
	return store;
}

static inline int
fixture_setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	assert_non_null(f);
	(void)snprintf(
	    f->folder, sizeof(f->folder), "/tmp/scimd-sqlite-XXXXXX");
	assert_non_null(mkdtemp(f->folder));
	(void)snprintf(f->path, sizeof(f->path), "%s/s.db", f->folder);
	f->arena = scim_arena_new(NULL);
	assert_non_null(f->arena);
	*state = f;
	return 0;
}

static inline int
fixture_open(void **state)
{
	struct fixture *f;

	(void)fixture_setup(state);
	f = *state;
	f->store = open_at(f->path);
	return 0;
}

static inline int
fixture_teardown(void **state)
{
	static const char *const names[] = { "", "-wal", "-shm", "-lock" };
	struct fixture *f = *state;
	char name[96];

	scim_store_close(f->store);
	for (size_t i = 0; i < scim__countof(names); i++) {
		(void)snprintf(name, sizeof(name), "%s%s", f->path, names[i]);
		(void)unlink(name);
	}
	(void)rmdir(f->folder);
	scim_arena_free(f->arena);
	free(f);
	return 0;
}

/* The connection that writes, for a look inside while nothing is open. */
static inline struct conn *
writer_of(scim_store *store)
{
	return store_of(store)->pools[ROLE_WRITER].all;
}

static inline void
execute(scim_store *store, const char *sql)
{
	char *message = NULL;

	if (sqlite3_exec(writer_of(store)->db, sql, NULL, NULL, &message) !=
	    SQLITE_OK)
		fail_msg("%s: %s", sql, message);
}

/* The first column of the first row as a number, by a foreign hand. */
static inline long long
ask(const char *path, const char *sql)
{
	sqlite3 *db = NULL;
	sqlite3_stmt *q = NULL;

	assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
	(void)sqlite3_busy_timeout(db, 10000);
	if (sqlite3_prepare_v2(db, sql, -1, &q, NULL) != SQLITE_OK)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	if (sqlite3_step(q) != SQLITE_ROW)
		fail_msg("%s: %s", sql, sqlite3_errmsg(db));
	long long answer = sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	(void)sqlite3_close(db);
	return answer;
}

static inline void
assert_intact(const char *path)
{
	assert_int_equal(ask(path,
			     "SELECT integrity_check = 'ok' FROM "
			     "pragma_integrity_check LIMIT 1"),
	    1);
}

static inline scim_txn *
begin(scim_store *store, scim_txn_mode mode)
{
	scim_txn *txn = NULL;
	scim_error err = { 0 };

	if (scim__store_begin(store, mode, &txn, &err) != SCIM_OK)
		fail_msg("%s", err.detail);
	return txn;
}

static inline void
commit(scim_txn *txn)
{
	scim_error err = { 0 };

	if (scim__store_commit(txn, &err) != SCIM_OK)
		fail_msg("%s", err.detail);
}

static inline scim_key
user(const char *id)
{
	return (scim_key){ SCIM_STR("acme"), SCIM_STR("User"), scim__str(id) };
}

static inline scim_version
version_of(unsigned number)
{
	scim_version version = { { 0 } };

	memcpy(version.bytes, &number, sizeof(number));
	return version;
}

/* What create() and update() write; tests add rows to it. */
static inline scim_write
write_of(scim_write_kind kind, scim_key key, unsigned from,
    const scim_record *record)
{
	return (scim_write){ .kind = kind,
		.key = key,
		.expected = version_of(from),
		.record = record,
		.change = { .operation = SCIM_STR("test"),
		    .actor = SCIM_STR("cli"),
		    .via = SCIM_STR("c"),
		    .paths = SCIM_STR("[]"),
		    .content = SCIM_STR("") } };
}

static inline scim_record
record_of(unsigned version, const char *content)
{
	return (scim_record){ .content = scim__str(content),
		.version = version_of(version),
		.modified_before_ms = INT64_MIN };
}

static inline scim_status
create(scim_txn *txn, scim_arena *arena, const char *id, unsigned version,
    const char *content)
{
	scim_record record = record_of(version, content);
	scim_write w = write_of(SCIM_WRITE_CREATE, user(id), 0, &record);
	scim_write_result result;

	return scim__store_write(txn, arena, &w, &result, NULL);
}

static inline scim_status
update(scim_txn *txn, scim_arena *arena, const char *id, unsigned from,
    unsigned to)
{
	scim_record record = record_of(to, "{}");
	scim_write w = write_of(SCIM_WRITE_UPDATE, user(id), from, &record);
	scim_write_result result;

	return scim__store_write(txn, arena, &w, &result, NULL);
}

static inline void
create_committed(scim_store *store, scim_arena *arena, const char *id)
{
	scim_txn *txn = begin(store, SCIM_TXN_WRITE);

	assert_int_equal(create(txn, arena, id, 1, "{}"), SCIM_OK);
	commit(txn);
}

/* The version number that `txn` sees, or 0 when there is no such user. */
static inline unsigned
version_in(scim_txn *txn, scim_arena *arena, const char *id)
{
	scim_key key = user(id);
	scim_record record = { 0 };
	scim_status rc = scim__store_get(txn, arena, &key, 0, &record, NULL);
	unsigned number = 0;

	if (rc == SCIM_ERR_NOT_FOUND)
		return 0;
	assert_int_equal(rc, SCIM_OK);
	memcpy(&number, record.version.bytes, sizeof(number));
	return number;
}

static inline unsigned
version_now(scim_store *store, scim_arena *arena, const char *id)
{
	scim_txn *txn = begin(store, SCIM_TXN_READ);
	unsigned version = version_in(txn, arena, id);

	scim__store_rollback(txn);
	return version;
}

#endif
