/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The change log: written with each write, read in pages, forgotten in turns.
 *
 * `change` holds a row for each write, in the order of commits.  `history`
 * says which of them led to the states of one resource that are kept.  A
 * state goes when so many have come after it, looked at by every write of its
 * resource, or when it was replaced so long ago, looked at by trim().  With
 * it go the way back to it, which stands with the state after it, and the
 * members that nobody has had since.
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "store/postgres/postgres.h"

/* Whether nothing is there after it. */
static bool
is_end(const scim_write *write)
{
	return write->kind == SCIM_WRITE_DELETE ||
	    write->kind == SCIM_WRITE_MARK;
}

static scim_status
send_change(const struct written *w, scim_str content, scim_error *err)
{
	const scim_write *write = w->write;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(w->txn, SQL_CHANGE_INSERT, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, write->key.tenant);
	scim__pg_bind_int(&q, w->sequence);
	scim__pg_bind_str(&q, write->key.id);
	scim__pg_bind_str(&q, write->key.type);
	if (is_end(write))
		scim__pg_bind_null(&q);
	else
		scim__pg_bind_bytes(&q, write->record->version.bytes,
		    sizeof(write->record->version.bytes));
	scim__pg_bind_int(&q, w->parent);
	scim__pg_bind_str(&q, write->change.operation);
	scim__pg_bind_str(&q, write->change.actor);
	scim__pg_bind_str(&q, write->change.via);
	scim__pg_bind_int(&q, write->change.at_ms);
	scim__pg_bind_str(&q, write->change.paths);
	scim__pg_bind_str(&q, content);
	return scim__pg_send(&q, 1, err);
}

static scim_status
send_state(const struct written *w, scim_error *err)
{
	const scim_write *write = w->write;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(w->txn, SQL_HISTORY_ADD, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, write->key.tenant);
	scim__pg_bind_str(&q, write->key.id);
	scim__pg_bind_int(&q, w->revision + 1);
	scim__pg_bind_int(&q, w->sequence);
	if (is_end(write))
		scim__pg_bind_null(&q);
	else
		scim__pg_bind_bytes(&q, write->record->version.bytes,
		    sizeof(write->record->version.bytes));
	return scim__pg_send(&q, 1, err);
}

/* Whose states are forgotten. */
struct resource {
	struct txn *txn;
	scim_str tenant, id;
};

static scim_status
send_with(const struct resource *r, enum sql which, const int64_t *numbers,
    size_t count, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(r->txn, which, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, r->tenant);
	scim__pg_bind_str(&q, r->id);
	for (size_t i = 0; i < count; i++)
		scim__pg_bind_int(&q, numbers[i]);
	return scim__pg_send(&q, -1, err);
}

/* States up to a revision, and what only they have seen. */
static scim_status
forget(const struct written *w, int64_t up_to, scim_error *err)
{
	const scim_write *write = w->write;
	const struct resource r = { w->txn, write->key.tenant, write->key.id };
	bool has_members =
	    write->record == NULL || write->record->relation_state.len > 0;
	scim_status rc = send_with(&r, SQL_HISTORY_FORGET, &up_to, 1, err);

	return rc == SCIM_OK && has_members
	    ? send_with(&r, SQL_MEMBER_FORGET, &w->sequence, 1, err)
	    : rc;
}

scim_status
scim__pg_log(const struct written *w, scim_error *err)
{
	const scim_change *change = &w->write->change;
	int64_t revision = w->revision + 1;
	bool is_whole = revision % SCIM_WHOLE_EVERY == 0 &&
	    change->whole.len > 0 && change->keep > 0;
	scim_status rc =
	    send_change(w, is_whole ? change->whole : change->content, err);

	/* Where no states are kept, those from before are forgotten. */
	if (rc == SCIM_OK && change->keep == 0)
		return w->parent == 0 ? rc : forget(w, INT64_MAX, err);
	if (rc == SCIM_OK)
		rc = send_state(w, err);
	if (rc == SCIM_OK && change->keep < (uint64_t)revision)
		rc = forget(w, revision - (int64_t)change->keep, err);
	return rc;
}

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

	row.revision = (uint64_t)scim__pg_read_int(q);
	row.sequence = (uint64_t)scim__pg_read_int(q);
	row.parent = (uint64_t)scim__pg_read_int(q);
	row.type = scim__pg_read_str(q, arena);
	row.id = scim__pg_read_str(q, arena);

	scim_str version = scim__pg_peek(q);

	row.is_gone = version.len == 0;
	if (version.len != 0 && version.len != sizeof(row.version.bytes))
		return damaged(err);
	if (version.len != 0)
		memcpy(row.version.bytes, version.ptr, version.len);
	row.change.operation = scim__pg_read_str(q, arena);
	row.change.actor = scim__pg_read_str(q, arena);
	row.change.via = scim__pg_read_str(q, arena);
	row.change.at_ms = scim__pg_read_int(q);
	row.change.paths = scim__pg_read_str(q, arena);
	row.change.content = scim__pg_read_str(q, arena);
	row.change.whole = SCIM_STR("");
	if (!is_complete(&row))
		return scim__fail_memory(err);
	*out = row;
	return SCIM_OK;
}

static enum sql
statement_of(const scim_change_plan *plan)
{
	if (plan->id.len == 0)
		return SQL_CHANGES;
	if (plan->version != NULL)
		return SQL_CHANGES_VERSION;
	return plan->descending ? SQL_CHANGES_DOWN : SQL_CHANGES_UP;
}

static scim_status
run_changes(struct txn *txn, const scim_change_plan *plan, struct stmt *q,
    scim_error *err)
{
	enum sql which = statement_of(plan);
	scim_status rc = scim__pg_use(txn, which, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_int(q, plan->with_content != 0);
	scim__pg_bind_str(q, plan->tenant);
	if (which != SQL_CHANGES)
		scim__pg_bind_str(q, plan->id);
	if (which == SQL_CHANGES_VERSION) {
		scim__pg_bind_bytes(
		    q, plan->version->bytes, sizeof(plan->version->bytes));
	} else {
		scim__pg_bind_limit(q, plan->from);
		scim__pg_bind_limit(q, plan->limit);
	}
	return scim__pg_run(q, err);
}

scim_status
scim__pg_changes(scim_txn *base, scim_arena *arena,
    const scim_change_plan *plan, scim_change_row **out, size_t *out_count,
    scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = run_changes(txn_of(base), plan, &q, err);

	if (rc != SCIM_OK)
		return rc;

	size_t count = 0, most = (size_t)PQntuples(q.result);
	scim_change_row *rows = scim__arena_array(arena, most, sizeof(*rows));

	if (rows == NULL && most > 0)
		return scim__fail_memory(err);
	while (rc == SCIM_OK && scim__pg_row(&q) == SCIM_OK)
		rc = read_row(&q, arena, &rows[count++], err);
	if (rc != SCIM_OK)
		return rc;
	*out = rows;
	*out_count = count;
	return SCIM_OK;
}

scim_status
scim__pg_feed(scim_txn *base, scim_str tenant, scim_feed *out, scim_error *err)
{
	scim_feed feed = { .first = 1 };
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(txn_of(base), SQL_FEED, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, tenant);
	rc = scim__pg_run(&q, err);
	if (rc != SCIM_OK)
		return rc;
	if (scim__pg_row(&q) == SCIM_OK) {
		feed.epoch = (uint64_t)scim__pg_read_int(&q);
		feed.first = (uint64_t)scim__pg_read_int(&q);
		feed.last = (uint64_t)scim__pg_read_int(&q);
	}
	*out = feed;
	return SCIM_OK;
}

/* A row of the log that is old enough to go. */
struct old {
	scim_str id;
	int64_t sequence, parent, at_ms;
	bool is_gone;
};

static scim_status
send_at(
    const struct resource *r, enum sql which, int64_t sequence, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(r->txn, which, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, r->tenant);
	scim__pg_bind_int(&q, sequence);
	return scim__pg_send(&q, -1, err);
}

/* With a change goes the state that it replaced, and one that has no state
 * goes altogether. */
static scim_status
forget_change(const struct resource *r, const struct old *old, scim_error *err)
{
	const int64_t states[] = { INT64_MAX,
		old->is_gone ? old->sequence : old->sequence - 1 };
	scim_status rc =
	    send_with(r, SQL_HISTORY_FORGET_BEFORE, states, 2, err);

	if (rc == SCIM_OK && old->parent > 0)
		rc = send_with(r, SQL_MEMBER_FORGET, &old->sequence, 1, err);
	if (rc == SCIM_OK && old->parent > 0)
		rc = send_at(r, SQL_CHANGE_DELETE, old->parent, err);
	return rc != SCIM_OK
	    ? rc
	    : send_at(r, old->is_gone ? SQL_CHANGE_DELETE : SQL_CHANGE_CLEAR,
		  old->sequence, err);
}

struct old_plan {
	scim_str tenant;
	int64_t first, before_ms;
	size_t limit;
};

/* The oldest rows of the feed, as long as they are old enough. */
static scim_status
read_old(struct txn *txn, scim_arena *arena, const struct old_plan *plan,
    struct old **out, size_t *out_count, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(txn, SQL_CHANGE_OLDEST, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, plan->tenant);
	scim__pg_bind_int(&q, plan->first);
	scim__pg_bind_limit(&q, plan->limit);
	rc = scim__pg_run(&q, err);
	if (rc != SCIM_OK)
		return rc;
	*out = scim__arena_array(
	    arena, (size_t)PQntuples(q.result) + 1, sizeof(**out));
	if (*out == NULL)
		return scim__fail_memory(err);
	while (scim__pg_row(&q) == SCIM_OK) {
		struct old *row = &(*out)[*out_count];

		row->id = scim__pg_read_str(&q, arena);
		row->sequence = scim__pg_read_int(&q);
		row->parent = scim__pg_read_int(&q);
		row->at_ms = scim__pg_read_int(&q);
		row->is_gone = scim__pg_read_bool(&q);
		if (row->at_ms >= plan->before_ms)
			return SCIM_OK;
		if (row->id.ptr == NULL)
			return scim__fail_memory(err);
		(*out_count)++;
	}
	return SCIM_OK;
}

scim_status
scim__pg_trim(scim_txn *base, scim_str tenant, int64_t before_ms, size_t limit,
    size_t *out_count, scim_error *err)
{
	struct txn *txn = txn_of(base);
	struct old_plan plan = { tenant, 0, before_ms, limit };
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct old *rows = NULL;
	size_t count = 0;
	scim_feed feed;

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__pg_feed(base, tenant, &feed, err);
	if (rc == SCIM_OK) {
		plan.first = (int64_t)feed.first;
		rc = read_old(txn, arena, &plan, &rows, &count, err);
	}
	if (rc == SCIM_OK && count > 0)
		scim__pg_writes(txn, tenant);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		const struct resource r = { txn, tenant, rows[i].id };

		rc = forget_change(&r, &rows[i], err);
	}
	if (rc == SCIM_OK && count > 0) {
		const struct resource r = { txn, tenant, SCIM_STR("") };

		rc = send_at(
		    &r, SQL_COUNTER_TRIMMED, rows[count - 1].sequence, err);
	}
	if (rc == SCIM_OK)
		rc = scim__pg_sync(txn->conn, NULL, err);
	if (rc == SCIM_OK)
		*out_count = count;
	return rc;
}
