/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the change log: all of a tenant in the order of commits, or what
 * led to the states of one resource that are kept.  Either is a walk along
 * one index from a given place, so a page costs the same wherever it is.
 */
#include "base/str.h"
#include "store/sqlite/sqlite.h"

static scim_status
damaged(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_STORE,
	    "A row of the change log has the wrong shape: the database is "
	    "damaged.");
}

static bool
is_complete(const scim_change_row *row)
{
	return row->type.ptr != NULL && row->id.ptr != NULL &&
	    row->change.operation.ptr != NULL &&
	    row->change.actor.ptr != NULL && row->change.via.ptr != NULL &&
	    row->change.paths.ptr != NULL && row->change.content.ptr != NULL;
}

static scim_status
read_row(
    struct stmt *q, scim_arena *arena, scim_change_row *out, scim_error *err)
{
	scim_change_row row = { .sequence = 0 };

	row.revision = (uint64_t)scim__sqlite_read_int(q);
	row.sequence = (uint64_t)scim__sqlite_read_int(q);
	row.parent = (uint64_t)scim__sqlite_read_int(q);
	row.type = scim__sqlite_read_text(q, arena);
	row.id = scim__sqlite_read_id(q, arena);

	scim_str version = scim__sqlite_peek(q);

	row.is_gone = version.len == 0;
	if (version.len != 0 && version.len != sizeof(row.version.bytes))
		return damaged(err);
	if (version.len != 0)
		memcpy(row.version.bytes, version.ptr, version.len);
	row.change.operation = scim__sqlite_read_text(q, arena);
	row.change.actor = scim__sqlite_read_text(q, arena);
	row.change.via = scim__sqlite_read_text(q, arena);
	row.change.at_ms = scim__sqlite_read_int(q);
	row.change.paths = scim__sqlite_read_text(q, arena);
	row.change.content = scim__sqlite_read_text(q, arena);
	row.change.whole = SCIM_STR("");
	if (!is_complete(&row))
		return scim__fail_memory(err);
	*out = row;
	return SCIM_OK;
}

static scim_status
collect(struct stmt *q, scim_arena *arena, scim_change_row **out,
    size_t *out_count, scim_error *err)
{
	scim_change_row *rows = NULL;
	size_t count = 0;
	scim_status rc;

	while ((rc = scim__sqlite_row(q, err)) == SCIM_OK) {
		rows = scim__sqlite_grow(arena, rows, count, sizeof(*rows));
		if (rows == NULL)
			return scim__fail_memory(err);
		rc = read_row(q, arena, &rows[count++], err);
		if (rc != SCIM_OK)
			return rc;
	}
	if (rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out = rows;
	*out_count = count;
	return SCIM_OK;
}

/* The latest revision that has the version. */
static scim_status
find_revision(struct txn *txn, int64_t tenant, const scim_change_plan *plan,
    int64_t *out, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(txn, SQL_HISTORY_FIND, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, tenant);
	scim__sqlite_bind_id(&q, plan->id);
	scim__sqlite_bind_blob(
	    &q, plan->version->bytes, sizeof(plan->version->bytes));
	rc = scim__sqlite_row(&q, err);
	if (rc == SCIM_OK)
		*out = scim__sqlite_read_int(&q);
	return rc;
}

static int64_t
as_bound(uint64_t n)
{
	return n > INT64_MAX ? INT64_MAX : (int64_t)n;
}

static scim_status
use_revisions(struct txn *txn, int64_t tenant, const scim_change_plan *plan,
    struct stmt *q, scim_error *err)
{
	bool down = plan->version == NULL && plan->descending;
	int64_t from = as_bound(plan->from);
	scim_status rc = plan->version == NULL
	    ? SCIM_OK
	    : find_revision(txn, tenant, plan, &from, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_use(
		    txn, down ? SQL_CHANGES_DOWN : SQL_CHANGES_UP, q, err);
	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(q, plan->with_content != 0);
	scim__sqlite_bind_int(q, tenant);
	scim__sqlite_bind_id(q, plan->id);
	scim__sqlite_bind_int(q, from);
	scim__sqlite_bind_limit(q, plan->version == NULL ? plan->limit : 1);
	return SCIM_OK;
}

static scim_status
use_feed(struct txn *txn, int64_t tenant, const scim_change_plan *plan,
    struct stmt *q, scim_error *err)
{
	scim_status rc = scim__sqlite_use(txn, SQL_CHANGES, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(q, plan->with_content != 0);
	scim__sqlite_bind_int(q, tenant);
	scim__sqlite_bind_int(q, as_bound(plan->from));
	scim__sqlite_bind_limit(q, plan->limit);
	return SCIM_OK;
}

scim_status
scim__sqlite_changes(scim_txn *base, scim_arena *arena,
    const scim_change_plan *plan, scim_change_row **out, size_t *out_count,
    scim_error *err)
{
	struct txn *txn = txn_of(base);
	int64_t tenant = 0;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc =
	    scim__sqlite_find_name(txn, plan->tenant, &tenant, err);

	if (rc == SCIM_OK)
		rc = plan->id.len > 0
		    ? use_revisions(txn, tenant, plan, &q, err)
		    : use_feed(txn, tenant, plan, &q, err);
	if (rc == SCIM_ERR_NOT_FOUND) {
		*out = NULL;
		*out_count = 0;
		return SCIM_OK;
	}
	return rc == SCIM_OK ? collect(&q, arena, out, out_count, err) : rc;
}

scim_status
scim__sqlite_feed(
    scim_txn *base, scim_str tenant, scim_feed *out, scim_error *err)
{
	struct txn *txn = txn_of(base);
	scim_feed feed = { .first = 1 };
	int64_t number = 0;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_find_name(txn, tenant, &number, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_use(txn, SQL_FEED, &q, err);
	if (rc == SCIM_OK) {
		scim__sqlite_bind_int(&q, number);
		rc = scim__sqlite_row(&q, err);
	}
	if (rc == SCIM_OK) {
		feed.epoch = (uint64_t)scim__sqlite_read_int(&q);
		feed.first = (uint64_t)scim__sqlite_read_int(&q);
		feed.last = (uint64_t)scim__sqlite_read_int(&q);
	}
	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out = feed;
	return SCIM_OK;
}
