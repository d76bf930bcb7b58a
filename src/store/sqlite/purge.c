/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forgetting for good.
 *
 * Whatever SQLite takes out of a page is overwritten (secure_delete, see
 * conn.c), then and at every write before.  What is left is the WAL, where
 * pages stand as they were: it is carried back and cut to nothing, which the
 * readers of a moment may put off.
 */
#include "base/str.h"
#include "store/sqlite/sqlite.h"

/* What goes, and how much of it has gone. */
struct purging {
	struct txn *txn;
	const scim_purge *what;
	int64_t tenant;
	size_t count;
};

static bool
is_full(const struct purging *p)
{
	return p->count >= p->what->limit;
}

static void
add_changed(struct purging *p)
{
	p->count += (size_t)sqlite3_changes(p->txn->conn->db);
}

static scim_status
drop_changes(struct purging *p, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(p->txn, SQL_PURGE_CHANGE, &q, err);

	for (size_t i = 0;
	     rc == SCIM_OK && i < p->what->sequence_count && !is_full(p); i++) {
		scim__sqlite_again(&q, 0);
		scim__sqlite_bind_int(&q, p->tenant);
		scim__sqlite_bind_limit(&q, p->what->sequences[i]);
		scim__sqlite_bind_id(&q, p->what->id);
		rc = scim__sqlite_run(&q, err);
		if (rc == SCIM_OK)
			add_changed(p);
	}
	return rc;
}

/* Statements that name a resource, and how many of its rows may go. */
static scim_status
drop_rows(struct purging *p, enum sql which, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };

	if (is_full(p))
		return SCIM_OK;
	scim_status rc = scim__sqlite_use(p->txn, which, &q, err);
	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, p->tenant);
	scim__sqlite_bind_id(&q, p->what->id);
	scim__sqlite_bind_limit(&q, p->what->limit - p->count);
	rc = scim__sqlite_run(&q, err);
	if (rc == SCIM_OK)
		add_changed(p);
	return rc;
}

scim_status
scim__sqlite_purge(
    scim_txn *base, const scim_purge *purge, size_t *out_count, scim_error *err)
{
	static const enum sql rows[] = { SQL_PURGE_HISTORY, SQL_PURGE_MEMBERS,
		SQL_PURGE_MEMBERSHIPS };
	struct purging p = { .txn = txn_of(base), .what = purge };
	bool left_over = false;
	scim_status rc =
	    scim__sqlite_tidy_some(p.txn, purge->limit, &left_over, err);

	/* Rows that don't say yet that they ended would be passed over. */
	if (left_over) {
		*out_count = purge->limit;
		return SCIM_OK;
	}
	if (rc == SCIM_OK)
		rc = scim__sqlite_find_name(
		    p.txn, purge->tenant, &p.tenant, err);
	if (rc == SCIM_OK)
		rc = drop_changes(&p, err);
	for (size_t i = 0; rc == SCIM_OK && i < scim__countof(rows); i++)
		rc = drop_rows(&p, rows[i], err);
	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out_count = p.count;
	return SCIM_OK;
}

scim_status
scim__sqlite_scrub(scim_store *base, scim_error *err)
{
	struct store *store = store_of(base);
	struct conn *writer = NULL;
	int64_t until_ms = scim__sqlite_clock_ms() + WAIT_MS;
	scim_status rc =
	    scim__sqlite_acquire(store, ROLE_WRITER, until_ms, &writer, err);

	if (rc != SCIM_OK)
		return rc;
	writer->wait_until_ms = until_ms;
	int code = sqlite3_wal_checkpoint_v2(
	    writer->db, "main", SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	rc = code == SQLITE_OK ? SCIM_OK : scim__sqlite_fail(writer, code, err);
	scim__sqlite_give_back(writer);
	return rc;
}
