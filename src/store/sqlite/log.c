/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The change log as it is written and forgotten.
 *
 * `change` holds a row for each write, in the order of commits.  `history`
 * says which of them led to the states of one resource that are kept: by
 * revision, an integer, to the sequence, and by version, a blob, to the
 * latest revision that has it.  Both kinds of key lie side by side in one
 * tree, so that a write touches one page for both.
 *
 * A state goes when so many have come after it, looked at by every write of
 * its resource, or when it was replaced so long ago, looked at by trim().
 * With it go the way back to it, which stands with the state after it, and
 * the members that nobody has had since.
 */
#include "base/arena.h"
#include "base/str.h"
#include "store/sqlite/sqlite.h"

#define FORGET_AT_ONCE 4
#define MEMBERS_AT_ONCE 1000

/* Whose states are forgotten. */
struct resource {
	struct txn *txn;
	int64_t tenant;
	scim_str id;
};

static scim_status
use(const struct resource *r, enum sql which, struct stmt *q, scim_error *err)
{
	scim_status rc = scim__sqlite_use(r->txn, which, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(q, r->tenant);
	scim__sqlite_bind_id(q, r->id);
	return SCIM_OK;
}

static scim_status
run_with(const struct resource *r, enum sql which, const int64_t *numbers,
    size_t count, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(r, which, &q, err);

	if (rc != SCIM_OK)
		return rc;
	for (size_t i = 0; i < count; i++)
		scim__sqlite_bind_int(&q, numbers[i]);
	return scim__sqlite_run(&q, err);
}

/* Statements that name a change and no resource. */
static scim_status
run_at(
    const struct resource *r, enum sql which, int64_t sequence, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(r->txn, which, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, r->tenant);
	scim__sqlite_bind_int(&q, sequence);
	return scim__sqlite_run(&q, err);
}

struct kept {
	int64_t revision, sequence;
};

/* The oldest states that are kept, FORGET_AT_ONCE at most. */
static scim_status
read_oldest(const struct resource *r, struct kept *out, size_t *out_count,
    scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(r, SQL_HISTORY_OLDEST, &q, err);

	*out_count = 0;
	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, FORGET_AT_ONCE);
	while ((rc = scim__sqlite_row(&q, err)) == SCIM_OK) {
		struct kept *k = &out[(*out_count)++];

		k->revision = scim__sqlite_read_int(&q);
		k->sequence = scim__sqlite_read_int(&q);
	}
	return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
}

static scim_status
forget_state(
    const struct resource *r, const struct kept *state, scim_error *err)
{
	const int64_t key[] = { state->revision, state->sequence };
	const int64_t next[] = { state->revision + 1 };
	scim_status rc = run_with(r, SQL_HISTORY_DROP_VERSION, key, 2, err);

	if (rc == SCIM_OK)
		rc = run_with(r, SQL_HISTORY_DROP, key, 1, err);
	if (rc == SCIM_OK)
		rc = run_with(r, SQL_CHANGE_CLEAR_NEXT, next, 1, err);
	return rc;
}

/* Member rows that ended at or before the oldest state that is kept. */
static scim_status
forget_members(const struct resource *r, int64_t sequence, scim_error *err)
{
	const struct holder holder = { r->tenant, r->id };

	return scim__sqlite_forget_members(
	    r->txn, &holder, sequence, MEMBERS_AT_ONCE, err);
}

/* States more than `keep` back. */
static scim_status
forget_by_count(const struct resource *r, int64_t revision, uint64_t keep,
    bool has_members, scim_error *err)
{
	struct kept oldest[FORGET_AT_ONCE];
	size_t count, n = 0;

	if (keep >= (uint64_t)revision)
		return SCIM_OK;
	scim_status rc = read_oldest(r, oldest, &count, err);
	for (; rc == SCIM_OK && n < count; n++) {
		if (oldest[n].revision > revision - (int64_t)keep)
			break;
		rc = forget_state(r, &oldest[n], err);
	}
	/* What ended with the last one to go ended before the next one. */
	if (rc == SCIM_OK && n > 0 && has_members)
		rc = forget_members(r, oldest[n - 1].sequence, err);
	return rc;
}

static scim_status
last_revision(const struct resource *r, int64_t *out, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(r, SQL_HISTORY_LAST, &q, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_row(&q, err);
	if (rc == SCIM_OK)
		*out = scim__sqlite_read_int(&q);
	if (rc == SCIM_ERR_NOT_FOUND)
		*out = 0;
	return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
}

/* Whether nothing is there after it. */
static bool
is_end(const scim_write *w)
{
	return w->kind == SCIM_WRITE_DELETE || w->kind == SCIM_WRITE_MARK;
}

static scim_status
add_state(const struct resource *r, const struct logged *l, int64_t revision,
    scim_error *err)
{
	bool is_gone = is_end(l->write);
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc =
	    use(r, is_gone ? SQL_HISTORY_ADD_END : SQL_HISTORY_ADD, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, revision);
	scim__sqlite_bind_int(&q, l->sequence);
	if (!is_gone)
		scim__sqlite_bind_blob(&q, l->write->record->version.bytes,
		    sizeof(l->write->record->version.bytes));
	return scim__sqlite_run(&q, err);
}

static scim_status
add_change(const struct logged *l, scim_str content, scim_error *err)
{
	const scim_write *w = l->write;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(l->txn, SQL_CHANGE_INSERT, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, l->scope.tenant);
	scim__sqlite_bind_int(&q, l->sequence);
	scim__sqlite_bind_id(&q, w->key.id);
	scim__sqlite_bind_int(&q, l->scope.type);
	if (is_end(w))
		scim__sqlite_bind_null(&q);
	else
		scim__sqlite_bind_blob(&q, w->record->version.bytes,
		    sizeof(w->record->version.bytes));
	scim__sqlite_bind_int(&q, l->parent);
	scim__sqlite_bind_text(&q, w->change.operation);
	scim__sqlite_bind_text(&q, w->change.actor);
	scim__sqlite_bind_text(&q, w->change.via);
	scim__sqlite_bind_int(&q, w->change.at_ms);
	scim__sqlite_bind_text(&q, w->change.paths);
	scim__sqlite_bind_text(&q, content);
	return scim__sqlite_run(&q, err);
}

/* Where no states are kept, those from before are forgotten all the same. */
static scim_status
log_alone(const struct logged *l, const struct resource *r, scim_error *err)
{
	scim_status rc = add_change(l, l->write->change.content, err);

	if (rc != SCIM_OK || l->parent == 0)
		return rc;
	return forget_by_count(r, INT64_MAX, 0, true, err);
}

scim_status
scim__sqlite_log(const struct logged *l, scim_error *err)
{
	const scim_write *w = l->write;
	const struct resource r = { l->txn, l->scope.tenant, w->key.id };
	bool has_members =
	    w->record == NULL || w->record->relation_state.len > 0;
	scim_str content = w->change.content;
	int64_t revision = 0;

	if (w->change.keep == 0)
		return log_alone(l, &r, err);
	scim_status rc = last_revision(&r, &revision, err);
	if (rc != SCIM_OK)
		return rc;
	revision++;
	if (revision % SCIM_WHOLE_EVERY == 0 && w->change.whole.len > 0)
		content = w->change.whole;
	rc = add_change(l, content, err);
	if (rc == SCIM_OK)
		rc = add_state(&r, l, revision, err);
	if (rc == SCIM_OK)
		rc = forget_by_count(
		    &r, revision, w->change.keep, has_members, err);
	return rc;
}

/* A row of the log that may be old enough to go. */
struct old {
	scim_str id;
	int64_t sequence, parent, at_ms;
	bool is_gone;
};

/* With a change goes the state that it replaced, and one that has no state
 * goes altogether. */
static scim_status
forget_change(
    struct txn *txn, int64_t tenant, const struct old *old, scim_error *err)
{
	const struct resource r = { txn, tenant, old->id };
	struct kept oldest[FORGET_AT_ONCE];
	size_t count = 0;
	int64_t last = old->is_gone ? old->sequence : old->sequence - 1;
	scim_status rc = read_oldest(&r, oldest, &count, err);

	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		if (oldest[i].sequence <= last)
			rc = forget_state(&r, &oldest[i], err);
	if (rc == SCIM_OK && old->parent > 0)
		rc = forget_members(&r, old->sequence, err);
	if (rc == SCIM_OK && old->parent > 0)
		rc = run_at(&r, SQL_CHANGE_DELETE, old->parent, err);
	if (rc == SCIM_OK)
		rc = run_at(&r,
		    old->is_gone ? SQL_CHANGE_DELETE : SQL_CHANGE_CLEAR,
		    old->sequence, err);
	return rc;
}

/* How much of which tenant's feed goes. */
struct old_plan {
	int64_t tenant, first, before_ms;
	size_t limit;
};

/* The oldest rows of the feed, as long as they are old enough. */
static scim_status
read_old(struct txn *txn, scim_arena *arena, const struct old_plan *plan,
    struct old **out, size_t *out_count, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(txn, SQL_CHANGE_OLDEST, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, plan->tenant);
	scim__sqlite_bind_int(&q, plan->first);
	scim__sqlite_bind_limit(&q, plan->limit);
	while ((rc = scim__sqlite_row(&q, err)) == SCIM_OK) {
		struct old row = { .id = scim__sqlite_read_id(&q, arena) };

		row.sequence = scim__sqlite_read_int(&q);
		row.parent = scim__sqlite_read_int(&q);
		row.at_ms = scim__sqlite_read_int(&q);
		row.is_gone = scim__sqlite_read_int(&q) != 0;
		if (row.at_ms >= plan->before_ms)
			return SCIM_OK;
		*out = scim__sqlite_grow(arena, *out, *out_count, sizeof(row));
		if (*out == NULL || row.id.ptr == NULL)
			return scim__fail_memory(err);
		(*out)[(*out_count)++] = row;
	}
	return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
}

scim_status
scim__sqlite_trim(scim_txn *base, scim_str tenant, int64_t before_ms,
    size_t limit, size_t *out_count, scim_error *err)
{
	struct txn *txn = txn_of(base);
	struct old_plan plan = { .before_ms = before_ms, .limit = limit };
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct old *rows = NULL;
	size_t count = 0;
	scim_feed feed;

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__sqlite_feed(base, tenant, &feed, err);
	if (rc == SCIM_OK)
		rc = scim__sqlite_find_name(txn, tenant, &plan.tenant, err);
	if (rc == SCIM_OK) {
		plan.first = (int64_t)feed.first;
		rc = read_old(txn, arena, &plan, &rows, &count, err);
	}
	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		rc = forget_change(txn, plan.tenant, &rows[i], err);
	if (rc == SCIM_OK && count > 0) {
		const struct resource r = { txn, plan.tenant, SCIM_STR("") };

		rc = run_at(
		    &r, SQL_COUNTER_TRIMMED, rows[count - 1].sequence, err);
	}
	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out_count = count;
	return SCIM_OK;
}
