/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions, and what is true after one failed.
 *
 * SQLite rolls a transaction back on its own when the disk is full or fails,
 * savepoints and all.  Every failure is followed by a look at
 * sqlite3_get_autocommit() (scim__sqlite_fail), and a transaction found lost
 * does nothing any more.
 *
 * A COMMIT writes to the WAL and syncs it.  When the disk was full the frame
 * that commits was not written, so nothing happened; room for what comes after
 * that frame was made before (room.c).  After any other failure that frame may
 * be on the disk, to be found by whoever opens the file next: that commit is
 * uncertain, and the store serves no more, since whatever it read or wrote
 * could be contradicted after the restart.
 */
#include <string.h>

#include "base/seeded.h"
#include "store/sqlite/sqlite.h"

static scim_status
run(struct txn *txn, enum sql which, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(txn, which, &q, err);

	return rc == SCIM_OK ? scim__sqlite_run(&q, err) : rc;
}

/* Steps COMMIT or ROLLBACK, which no state of the transaction may stop. */
static int
end_with(struct conn *conn, enum sql which)
{
	int rc = sqlite3_step(conn->statements[which]);

	(void)sqlite3_reset(conn->statements[which]);
	return rc == SQLITE_DONE ? SQLITE_OK : rc;
}

static void
forget_names(struct conn *conn)
{
	memset(conn->names, 0, sizeof(conn->names));
}

static void
undo(struct conn *conn)
{
	if (conn->role == ROLE_WRITER)
		atomic_store(&conn->store->is_current, false);
	if (!sqlite3_get_autocommit(conn->db))
		(void)end_with(conn, SQL_ROLLBACK);
	/* Held open, it would block every writer or the WAL for ever. */
	if (!sqlite3_get_autocommit(conn->db))
		atomic_store(&conn->store->poisoned, true);
	if (conn->txn.named)
		forget_names(conn);
}

/* Other connections of this process never write, so what moves it is a
 * commit of another process. */
static scim_status
look_at_generation(struct txn *txn, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(txn, SQL_DATA_VERSION, &q, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_row(&q, err);
	if (rc == SCIM_OK)
		atomic_store(&txn->conn->store->generation,
		    (uint64_t)scim__sqlite_read_int(&q));
	return rc;
}

/* A bug to be caught; see base/seeded.h.  Step by step: what was logged before
 * this transaction, what it logged, and that once more after the COMMIT. */
static void
log_late(struct conn *conn, unsigned step)
{
	static const char *const steps[] = {
		"CREATE TEMP TABLE before AS"
		" SELECT ifnull(max(rowid), 0) AS last FROM change",
		"CREATE TEMP TABLE late AS"
		" SELECT * FROM change WHERE rowid > (SELECT last FROM before);"
		"DELETE FROM change WHERE rowid > (SELECT last FROM before);"
		"DROP TABLE before",
		"INSERT INTO change SELECT * FROM late; DROP TABLE late",
	};

	if (conn->role == ROLE_WRITER && scim__seeded("late_change"))
		(void)sqlite3_exec(conn->db, steps[step], NULL, NULL, NULL);
}

static scim_status
begin_on(struct conn *conn, scim_txn_mode mode, scim_error *err)
{
	scim_status rc = run(&conn->txn,
	    mode == SCIM_TXN_WRITE ? SQL_BEGIN_WRITE : SQL_BEGIN_READ, err);

	if (rc != SCIM_OK)
		return rc;
	switch (mode) {
	case SCIM_TXN_WRITE:
		log_late(conn, 0);
		rc = look_at_generation(&conn->txn, err);
		atomic_store(&conn->store->is_current, rc == SCIM_OK);
		return rc;
	case SCIM_TXN_SNAPSHOT:
		/* BEGIN alone leaves the state open until the first read. */
		return run(&conn->txn, SQL_FIX_STATE, err);
	case SCIM_TXN_READ:
		break;
	}
	return SCIM_OK;
}

static enum role
role_for(scim_txn_mode mode)
{
	switch (mode) {
	case SCIM_TXN_READ:
		return ROLE_READER;
	case SCIM_TXN_SNAPSHOT:
		return ROLE_SNAPSHOT;
	case SCIM_TXN_WRITE:
		break;
	}
	return ROLE_WRITER;
}

scim_status
scim__sqlite_begin(
    scim_store *base, scim_txn_mode mode, scim_txn **out, scim_error *err)
{
	struct store *store = store_of(base);
	struct conn *conn = NULL;
	int64_t now_ms = scim__sqlite_clock_ms();
	scim_status rc = scim__sqlite_acquire(
	    store, role_for(mode), now_ms + WAIT_MS, &conn, err);

	if (rc != SCIM_OK)
		return rc;
	conn->wait_until_ms = now_ms + WAIT_MS;
	rc = begin_on(conn, mode, err);
	if (rc != SCIM_OK) {
		undo(conn);
		scim__sqlite_give_back(conn);
		return rc;
	}
	conn->txn.base = (scim_txn){ .store = base, .mode = mode };
	*out = &conn->txn.base;
	return SCIM_OK;
}

scim_status
scim__sqlite_savepoint(scim_txn *base, scim_error *err)
{
	return run(txn_of(base), SQL_SAVEPOINT, err);
}

/* What a savepoint covers could still be there: keep nothing. */
static scim_status
lose(struct txn *txn, scim_error *err)
{
	undo(txn->conn);
	txn->lost = true;
	return scim__fail(err, SCIM_ERR_ROLLED_BACK,
	    "The database has rolled the transaction back.");
}

/* One that stays would be taken for that around it. */
scim_status
scim__sqlite_release(scim_txn *base, scim_error *err)
{
	struct txn *txn = txn_of(base);
	scim_status rc = run(txn, SQL_RELEASE, err);

	return rc == SCIM_OK || rc == SCIM_ERR_ROLLED_BACK ? rc
							   : lose(txn, err);
}

scim_status
scim__sqlite_rollback_to(scim_txn *base, scim_error *err)
{
	struct txn *txn = txn_of(base);
	scim_status rc = run(txn, SQL_ROLLBACK_TO, err);

	if (rc == SCIM_OK)
		rc = run(txn, SQL_RELEASE, err);
	if (rc == SCIM_OK) {
		/* Still named: names from before the savepoint are read into
		 * the cache again, and may be undone yet. */
		if (txn->named)
			forget_names(txn->conn);
		return SCIM_OK;
	}
	return lose(txn, err);
}

/* What a COMMIT that failed with `rc` has left behind. */
static scim_status
failed_commit(struct txn *txn, int rc, scim_error *err)
{
	struct conn *conn = txn->conn;
	bool nothing = (rc & 0xFF) == SQLITE_BUSY ||
	    (rc & 0xFF) == SQLITE_FULL || txn->base.mode != SCIM_TXN_WRITE;

	if (nothing) {
		scim_status status = scim__sqlite_fail(conn, rc, err);

		undo(conn);
		return status;
	}
	atomic_store(&conn->store->poisoned, true);
	undo(conn);
	return scim__fail(err, SCIM_ERR_UNCERTAIN,
	    "The commit may or may not have happened (%s, %d); read again "
	    "before "
	    "retrying.",
	    sqlite3_errstr(rc), rc);
}

static scim_status
make_room(struct conn *conn, scim_error *err)
{
	int rc = scim__sqlite_make_room(conn);

	return rc == SQLITE_OK ? SCIM_OK : scim__sqlite_fail(conn, rc, err);
}

scim_status
scim__sqlite_commit(scim_txn *base, scim_error *err)
{
	struct txn *txn = txn_of(base);
	struct conn *conn = txn->conn;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status status = scim__sqlite_use(txn, SQL_COMMIT, &q, err);

	if (status == SCIM_OK && base->mode == SCIM_TXN_WRITE)
		status = make_room(conn, err);
	if (status == SCIM_OK) {
		log_late(conn, 1);
		int rc = end_with(conn, SQL_COMMIT);

		log_late(conn, 2);

		if (rc != SQLITE_OK)
			status = failed_commit(txn, rc, err);
	} else {
		undo(conn);
	}
	if (conn->role == ROLE_WRITER)
		atomic_store(&conn->store->is_current, false);
	scim__sqlite_finish(&q);
	scim__sqlite_give_back(conn);
	return status;
}

void
scim__sqlite_rollback(scim_txn *base)
{
	struct conn *conn = txn_of(base)->conn;

	undo(conn);
	scim__sqlite_give_back(conn);
}

scim_status
scim__sqlite_generation(scim_store *base, uint64_t *out, scim_error *err)
{
	struct store *store = store_of(base);
	struct conn *conn = scim__sqlite_try_writer(store);

	/* Who writes has looked, and keeps others out; who waits for his
	 * turn to write, or carries the WAL back after it, does not. */
	if (conn == NULL && !atomic_load(&store->is_current)) {
		*out = UINT64_MAX - atomic_fetch_add(&store->unseen, 1);
		return SCIM_OK;
	}
	if (conn != NULL) {
		conn->wait_until_ms = scim__sqlite_clock_ms();
		scim_status rc = look_at_generation(&conn->txn, err);

		scim__sqlite_give_back(conn);
		if (rc != SCIM_OK)
			return rc;
	}
	*out = atomic_load(&store->generation);
	return SCIM_OK;
}

scim_status
scim__sqlite_health(scim_store *base, scim_error *err)
{
	if (!atomic_load(&store_of(base)->poisoned))
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_STORE,
	    "A commit failed with its outcome unknown; restart.");
}
