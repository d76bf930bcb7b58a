/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection: how it is set up, how long it waits, what its failures
 * mean, and when the WAL is carried back.
 *
 * The busy handler tries again every millisecond.  SQLite's own steps back
 * to tenths of a second, and then a `scimd token create` beside a server
 * that commits all the time would miss nearly every gap.
 *
 * SQLite's automatic checkpoint tries after every commit while a read keeps
 * the WAL from being carried back whole.  Ours lets some pages pass before
 * the next try.  Since reads that overlap could keep it so for ever, a large
 * WAL makes a commit wait for them a little, and when that was not enough,
 * keeps new long reads away until the old ones must have ended.
 */
#include <stdlib.h>

#include "store/sqlite/sqlite.h"

#define WAL_KEPT_BYTES 67108864

#define RETRY_PAGES 500
#define LARGE_WAIT_MS 100
#define NO_SNAPSHOT_MS 6000 /* one lives 5 s */

static int
on_busy(void *context, int count)
{
	struct conn *conn = context;

	(void)count;
	if (scim__sqlite_clock_ms() >= conn->wait_until_ms)
		return 0;
	(void)sqlite3_sleep(1);
	return 1;
}

static int
on_commit(void *context, sqlite3 *db, const char *name, int pages)
{
	struct conn *conn = context;

	/* The lock is free by now. */
	atomic_store(&conn->store->is_current, false);
	if (pages < conn->wal_pages) /* it was cleared and begins anew */
		conn->checkpoint_at = CHECKPOINT_PAGES;
	conn->wal_pages = pages;
	if (pages < conn->checkpoint_at)
		return SQLITE_OK;
	bool is_large = pages >= LARGE_WAL_PAGES;
	int in_wal = 0, carried = 0;

	/* A failure loses nothing: the WAL still has it all. */
	conn->wait_until_ms = scim__sqlite_clock_ms() + LARGE_WAIT_MS;
	int rc = sqlite3_wal_checkpoint_v2(db, name,
	    is_large ? SQLITE_CHECKPOINT_RESTART : SQLITE_CHECKPOINT_PASSIVE,
	    &in_wal, &carried);
	bool is_whole = rc == SQLITE_OK && carried == in_wal;

	conn->checkpoint_at =
	    pages + (is_whole ? CHECKPOINT_PAGES : RETRY_PAGES);
	if (is_large && !is_whole)
		atomic_store(&conn->store->no_snapshot_until_ms,
		    scim__sqlite_clock_ms() + NO_SNAPSHOT_MS);
	return SQLITE_OK;
}

static scim_status
fail_code(struct conn *conn, int rc, scim_error *err)
{
	/* The one that says that a file could not grow, in other words. */
	switch (rc == SQLITE_IOERR_SHMSIZE ? SQLITE_FULL : rc & 0xFF) {
	case SQLITE_NOMEM:
		return scim__fail_memory(err);
	case SQLITE_BUSY:
	case SQLITE_LOCKED:
		return scim__fail(err, SCIM_ERR_BUSY,
		    "Another process keeps the database busy; try again.");
	case SQLITE_FULL:
		return scim__fail(err, SCIM_ERR_STORE,
		    "The disk or the database is full: make room.");
	case SQLITE_READONLY:
		return scim__fail(err, SCIM_ERR_STORE,
		    "The database or its folder can't be written to: check "
		    "owner and permissions.");
	case SQLITE_NOTADB:
		return scim__fail(err, SCIM_ERR_UNSUPPORTED,
		    "'%s' is not a database of scimd: name another file.",
		    conn->store->path);
	case SQLITE_CORRUPT:
		return scim__fail(err, SCIM_ERR_STORE,
		    "The database is damaged: restore a backup.");
	default:
		return scim__fail(err, SCIM_ERR_STORE,
		    "The database failed: %s (%d).", sqlite3_errstr(rc),
		    sqlite3_extended_errcode(conn->db));
	}
}

scim_status
scim__sqlite_fail(struct conn *conn, int rc, scim_error *err)
{
	if (conn->taken && sqlite3_get_autocommit(conn->db))
		conn->txn.lost = true;
	return fail_code(conn, rc, err);
}

static int
read_page_size(void *context, int count, char **values, char **names)
{
	struct conn *conn = context;

	(void)names;
	if (count == 1 && values[0] != NULL)
		conn->page_bytes = atoi(values[0]);
	return conn->page_bytes > 0 ? 0 : 1;
}

static scim_status
set_up(struct conn *conn, scim_error *err)
{
	bool writer = conn->role == ROLE_WRITER;
	char sql[512];

	(void)sqlite3_snprintf(sizeof(sql), sql,
	    "PRAGMA synchronous = FULL; PRAGMA foreign_keys = OFF;"
	    "PRAGMA temp_store = MEMORY; PRAGMA cache_size = -%d;"
	    "PRAGMA mmap_size = 2147418112; PRAGMA secure_delete = ON;"
	    "PRAGMA trusted_schema = OFF; PRAGMA journal_size_limit = %d;"
	    "PRAGMA query_only = %d;",
	    writer ? WRITER_CACHE_KIB : READER_CACHE_KIB, WAL_KEPT_BYTES,
	    !writer);

	int rc = sqlite3_exec(conn->db, sql, NULL, NULL, NULL);

	/* Every read ends by it, and nothing may keep a transaction open. */
	if (rc == SQLITE_OK)
		rc = sqlite3_prepare_v3(conn->db,
		    scim__sqlite_text[SQL_ROLLBACK], -1,
		    SQLITE_PREPARE_PERSISTENT, &conn->statements[SQL_ROLLBACK],
		    NULL);
	if (rc != SQLITE_OK)
		return fail_code(conn, rc, err);
	if (!writer)
		return SCIM_OK;
	(void)sqlite3_wal_hook(conn->db, on_commit, conn);
	rc = sqlite3_exec(
	    conn->db, "PRAGMA page_size", read_page_size, conn, NULL);
	return rc == SQLITE_OK ? SCIM_OK : fail_code(conn, rc, err);
}

static scim_status
refuse_open(struct conn *conn, int rc, scim_error *err)
{
	if (rc == SQLITE_NOMEM || conn->db == NULL)
		return scim__fail_memory(err);
	return scim__fail(err, SCIM_ERR_STORE,
	    "Can't open '%s': %s. Its folder must exist and be writable.",
	    conn->store->path, sqlite3_errmsg(conn->db));
}

scim_status
scim__sqlite_connect(
    struct store *store, enum role role, struct conn **out, scim_error *err)
{
	struct conn *conn = calloc(1, sizeof(*conn));
	int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX |
	    SQLITE_OPEN_EXRESCODE |
	    (role == ROLE_WRITER ? SQLITE_OPEN_CREATE : 0);

	if (conn == NULL)
		return scim__fail_memory(err);
	conn->store = store;
	conn->role = role;
	conn->txn.conn = conn;
	conn->checkpoint_at = CHECKPOINT_PAGES;
	conn->wait_until_ms = scim__sqlite_clock_ms() + WAIT_MS;

	int rc = sqlite3_open_v2(store->path, &conn->db, flags, NULL);
	scim_status status =
	    rc == SQLITE_OK ? SCIM_OK : refuse_open(conn, rc, err);
	if (status == SCIM_OK) {
		(void)sqlite3_busy_handler(conn->db, on_busy, conn);
		status = set_up(conn, err);
	}
	if (status != SCIM_OK) {
		scim__sqlite_disconnect(conn);
		return status;
	}
	*out = conn;
	return SCIM_OK;
}

void
scim__sqlite_disconnect(struct conn *conn)
{
	if (conn == NULL)
		return;
	for (size_t i = 0; i < scim__countof(conn->statements); i++)
		(void)sqlite3_finalize(conn->statements[i]);
	/* After an uncertain commit not a byte more goes to the file. */
	if (atomic_load(&conn->store->poisoned))
		(void)sqlite3_db_config(
		    conn->db, SQLITE_DBCONFIG_NO_CKPT_ON_CLOSE, 1, NULL);
	(void)sqlite3_close(conn->db);
	free(conn);
}
