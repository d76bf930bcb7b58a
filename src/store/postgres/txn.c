/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Transactions, and how it is found out what became of one.
 *
 * A write holds one lock of the database from its beginning to its end, so
 * that what it looks at stays as it is until it is written, whichever node
 * it runs on.
 *
 * What is written has a mark in it, a name of 128 random bits.  When the
 * answer to a COMMIT is lost the mark is inserted once more on another
 * connection: that waits for the lost transaction to end, and then either
 * finds its mark, so it was committed, or takes the mark's place, so that it
 * never will be.
 */
#include <stdio.h>
#include <string.h>

#include "base/pause.h"
#include "base/str.h"
#include "store/postgres/postgres.h"

#define FORGET_EVERY                                            \
	1024 /* commits from one look for old marks to the next \
	      */

static scim_status
send(struct txn *txn, enum sql which, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(txn, which, &q, err);

	return rc == SCIM_OK ? scim__pg_send(&q, -1, err) : rc;
}

scim_status
scim__pg_ensure_begun(struct txn *txn, scim_error *err)
{
	if (txn->has_begun)
		return SCIM_OK;
	txn->has_begun = true;
	return send(txn,
	    txn->base.mode == SCIM_TXN_WRITE ? SQL_BEGIN_WRITE : SQL_BEGIN_READ,
	    err);
}

void
scim__pg_writes(struct txn *txn, scim_str tenant)
{
	if (txn->has_written)
		return;
	txn->has_written = true;
	(void)snprintf(txn->tenant, sizeof(txn->tenant), "%.*s",
	    (int)(tenant.len > 63 ? 63 : tenant.len),
	    tenant.ptr == NULL ? "" : tenant.ptr);
}

static void
reset(struct txn *txn, scim_store *base, scim_txn_mode mode)
{
	struct conn *conn = txn->conn;

	*txn = (struct txn){ .base = { .store = base, .mode = mode },
		.conn = conn };
}

/* Ends it without looking whether that went well. */
static void
undo(struct conn *conn)
{
	scim_error err;

	if (conn->raw == NULL || !conn->txn.has_begun)
		return;
	if (PQstatus(conn->raw) != CONNECTION_OK) {
		scim__pg_disconnect(conn);
		return;
	}
	conn->txn.lost = false;
	if (send(&conn->txn, SQL_ROLLBACK, &err) != SCIM_OK) {
		scim__pg_disconnect(conn);
		return;
	}
	scim__pg_leave(conn);
}

static scim_status
lock(struct txn *txn, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(txn, SQL_LOCK_ALL, &q, err);

	return rc == SCIM_OK ? scim__pg_run(&q, err) : rc;
}

static scim_status
begin_write(struct txn *txn, scim_error *err)
{
	const scim_env *env = txn->base.store->env;
	scim_status rc = lock(txn, err);

	/* The database was started again since the last write. */
	if (rc != SCIM_OK && txn->lost) {
		rc = scim__pg_connect(txn->conn, err);
		txn->lost = txn->has_begun = false;
		if (rc == SCIM_OK)
			rc = lock(txn, err);
	}
	if (rc == SCIM_OK)
		env->random(env->context, txn->mark, sizeof(txn->mark));
	return rc;
}

scim_status
scim__pg_begin(
    scim_store *base, scim_txn_mode mode, scim_txn **out, scim_error *err)
{
	static const enum role roles[] = { [SCIM_TXN_READ] = ROLE_READER,
		[SCIM_TXN_SNAPSHOT] = ROLE_SNAPSHOT,
		[SCIM_TXN_WRITE] = ROLE_WRITER };
	struct conn *conn = NULL;
	scim_status rc =
	    scim__pg_acquire(store_of(base), roles[mode], &conn, err);

	if (rc != SCIM_OK)
		return rc;
	reset(&conn->txn, base, mode);
	if (mode == SCIM_TXN_WRITE)
		rc = begin_write(&conn->txn, err);
	if (rc != SCIM_OK) {
		undo(conn);
		scim__pg_give_back(conn);
		return rc;
	}
	*out = &conn->txn.base;
	return SCIM_OK;
}

scim_status
scim__pg_savepoint(scim_txn *base, scim_error *err)
{
	return send(txn_of(base), SQL_SAVEPOINT, err);
}

static scim_status
lose(struct txn *txn, scim_error *err)
{
	txn->lost = true;
	return scim__fail(err, SCIM_ERR_ROLLED_BACK,
	    "The database has rolled the transaction back.");
}

/* After a failure there is nothing to be kept. */
scim_status
scim__pg_release(scim_txn *base, scim_error *err)
{
	struct txn *txn = txn_of(base);

	if (txn->lost || PQtransactionStatus(txn->conn->raw) == PQTRANS_INERROR)
		return lose(txn, err);
	return send(txn, SQL_RELEASE, err);
}

scim_status
scim__pg_rollback_to(scim_txn *base, scim_error *err)
{
	struct txn *txn = txn_of(base);
	scim_status rc = send(txn, SQL_ROLLBACK_TO, err);

	if (rc == SCIM_OK)
		rc = send(txn, SQL_RELEASE, err);
	if (rc == SCIM_OK)
		rc = scim__pg_sync(txn->conn, NULL, err);
	return rc == SCIM_OK ? SCIM_OK : lose(txn, err);
}

static scim_status
send_mark(struct txn *txn, enum sql which, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(txn, which, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, scim__str(txn->tenant));
	if (which == SQL_MARK)
		scim__pg_bind_bytes(&q, txn->mark, sizeof(txn->mark));
	return scim__pg_send(&q, which == SQL_MARK ? 1 : -1, err);
}

/* One insertion of the mark: waits for the lost transaction. */
static scim_status
ask_mark(struct conn *conn, bool *out_committed, scim_error *err)
{
	struct txn *txn = &conn->txn;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_connect(conn, err);

	if (rc != SCIM_OK)
		return rc;
	txn->lost = false;
	txn->has_begun = true; /* it is a transaction of its own */
	rc = scim__pg_use(txn, SQL_MARK, &q, err);
	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, scim__str(txn->tenant));
	scim__pg_bind_bytes(&q, txn->mark, sizeof(txn->mark));
	rc = scim__pg_run(&q, err);
	if (rc == SCIM_OK)
		*out_committed = scim__pg_changed(&q) == 0;
	return rc;
}

static scim_status
resolve(struct conn *conn, scim_error *err)
{
	int64_t until_ms = scim__pg_clock_ms() + RESOLVE_MS;
	bool has_committed = false;
	scim_status rc = ask_mark(conn, &has_committed, err);

	while (rc != SCIM_OK && scim__pg_clock_ms() < until_ms) {
		scim__pause(50);
		rc = ask_mark(conn, &has_committed, err);
	}
	if (rc != SCIM_OK)
		return scim__fail(err, SCIM_ERR_UNCERTAIN,
		    "The database went away during the commit, which may or "
		    "may not have happened; read again before retrying.");
	if (has_committed)
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_BUSY,
	    "The connection to the database broke; nothing was changed: try "
	    "again.");
}

static scim_status
commit_write(struct txn *txn, scim_error *err)
{
	struct conn *conn = txn->conn;
	uint64_t nth = atomic_fetch_add(&conn->store->commits, 1);
	PGresult *result = NULL;
	scim_status rc = SCIM_OK;

	conn->warned = false;
	if (nth % FORGET_EVERY == 0)
		rc = send_mark(txn, SQL_MARKS_FORGET, err);
	if (rc == SCIM_OK)
		rc = send_mark(txn, SQL_MARK, err);
	if (rc == SCIM_OK)
		rc = send(txn, SQL_COMMIT, err);
	if (rc == SCIM_OK)
		rc = scim__pg_sync(conn, &result, err);
	/* One that had failed before answers "ROLLBACK". */
	if (rc == SCIM_OK && strcmp(PQcmdStatus(result), "COMMIT") != 0)
		rc = lose(txn, err);
	PQclear(result);
	/* Only that it was not waited for a standby is done with a warning. */
	if (rc == SCIM_OK && conn->warned)
		return scim__fail(err, SCIM_ERR_UNCERTAIN,
		    "The database committed, but did not wait until a standby "
		    "has it: it may be lost; read again before retrying.");
	if (rc == SCIM_OK)
		return SCIM_OK;
	if (conn->raw == NULL || PQstatus(conn->raw) != CONNECTION_OK)
		return resolve(conn, err);
	undo(conn);
	return rc;
}

scim_status
scim__pg_commit(scim_txn *base, scim_error *err)
{
	struct txn *txn = txn_of(base);
	struct conn *conn = txn->conn;
	scim_status rc = SCIM_OK;

	if (txn->lost)
		rc = lose(txn, err);
	if (rc == SCIM_OK && txn->has_written)
		rc = commit_write(txn, err);
	else
		undo(conn);
	scim__pg_give_back(conn);
	return rc;
}

void
scim__pg_rollback(scim_txn *base)
{
	struct conn *conn = txn_of(base)->conn;

	undo(conn);
	scim__pg_give_back(conn);
}

/* Which tenants, tokens and schemas there are: no write of resources moves
 * it, since those are never kept. */
scim_status
scim__pg_generation(scim_store *base, uint64_t *out, scim_error *err)
{
	struct conn *conn = NULL;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc =
	    scim__pg_acquire(store_of(base), ROLE_READER, &conn, err);

	if (rc != SCIM_OK)
		return rc;
	reset(&conn->txn, base, SCIM_TXN_READ);
	rc = scim__pg_use(&conn->txn, SQL_GENERATION_GET, &q, err);
	if (rc == SCIM_OK)
		rc = scim__pg_run_alone(&q, err);
	if (rc == SCIM_OK && scim__pg_row(&q) == SCIM_OK)
		*out = (uint64_t)scim__pg_read_int(&q);
	scim__pg_give_back(conn);
	return rc;
}

scim_status
scim__pg_health(scim_store *base, scim_error *err)
{
	uint64_t generation = 0;

	return scim__pg_generation(base, &generation, err);
}
