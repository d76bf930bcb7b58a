/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading resources: one by its id or by a value that it alone has, pages of
 * them by a plan, and how many a plan names.
 *
 * A page by attribute lies between two pairs (key, position), neither of
 * them in it.  What the plan asks for becomes such pairs: an inclusive end is
 * the key with the position before all others, and a page that goes on after
 * a row moves one end there.
 */
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "store/postgres/postgres.h"

#define POSITION_BEFORE_ALL INT64_MIN
#define POSITION_AFTER_ALL INT64_MAX

static scim_status
damaged(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_STORE,
	    "A stored resource has the wrong shape: the database is damaged.");
}

static scim_status
read_record(
    struct stmt *row, scim_arena *arena, scim_record *out, scim_error *err)
{
	scim_record r = { .id = scim__pg_read_str(row, arena) };

	if (!scim__pg_read_bytes(row, r.version.bytes, sizeof(r.version.bytes)))
		return damaged(err);
	r.sequence = (uint64_t)scim__pg_read_int(row);
	r.position = (uint64_t)scim__pg_read_int(row);
	r.created_ms = scim__pg_read_int(row);
	r.modified_ms = scim__pg_read_int(row);
	r.modified_before_ms = scim__pg_read_int(row);
	if (!scim__pg_read_bytes(row, r.own_hash, sizeof(r.own_hash)))
		return damaged(err);
	r.relation_count = (uint64_t)scim__pg_read_int(row);
	r.content = scim__pg_read_str(row, arena);
	r.secret = scim__pg_read_str(row, arena);
	r.relation_state = scim__pg_read_str(row, arena);
	if (r.id.ptr == NULL || r.content.ptr == NULL || r.secret.ptr == NULL ||
	    r.relation_state.ptr == NULL)
		return scim__fail_memory(err);
	*out = r;
	return SCIM_OK;
}

static scim_status
no_such_resource(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_NOT_FOUND, "No such resource.");
}

scim_status
scim__pg_get(scim_txn *base, scim_arena *arena, const scim_key *key,
    unsigned parts, scim_record *out, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(txn_of(base), SQL_RESOURCE_GET, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_int(&q, parts);
	scim__pg_bind_str(&q, key->tenant);
	scim__pg_bind_str(&q, key->id);
	scim__pg_bind_str(&q, key->type);
	rc = scim__pg_run(&q, err);
	if (rc == SCIM_OK && scim__pg_row(&q) != SCIM_OK)
		return no_such_resource(err);
	return rc == SCIM_OK ? read_record(&q, arena, out, err) : rc;
}

scim_status
scim__pg_find_unique(scim_txn *base, scim_arena *arena, const scim_key *key,
    const scim_unique_row *row, scim_str *out_id, scim_error *err)
{
	scim_str value = scim__pg_text_key(arena, row->value);
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = value.ptr == NULL
	    ? scim__fail_memory(err)
	    : scim__pg_use(txn_of(base), SQL_UNIQUE_FIND, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, key->tenant);
	scim__pg_bind_str(&q, key->type);
	scim__pg_bind_str(&q, row->attribute);
	scim__pg_bind_str(&q, value);
	rc = scim__pg_run(&q, err);
	if (rc == SCIM_OK && scim__pg_row(&q) != SCIM_OK)
		return no_such_resource(err);
	if (rc != SCIM_OK)
		return rc;

	scim_str id = scim__pg_read_str(&q, arena);

	if (id.ptr == NULL)
		return scim__fail_memory(err);
	*out_id = id;
	return SCIM_OK;
}

/* One end of a range of index rows; the row itself is outside. */
struct end {
	scim_str key; /* empty: before all; one byte 0xff: after all */
	int64_t position;
};

struct range {
	struct end low, high;
};

static bool
end_of(scim_arena *arena, const scim_bound *bound, bool is_low, struct end *out)
{
	bool before = is_low == (bound->inclusive != 0);

	out->position = before ? POSITION_BEFORE_ALL : POSITION_AFTER_ALL;
	out->key = !bound->given ? scim__str(is_low ? "" : "\xff")
				 : scim__pg_key(arena, &bound->value);
	return out->key.ptr != NULL;
}

static int
compare_ends(const struct end *a, const struct end *b)
{
	int order = scim__str_compare(a->key, b->key);

	if (order != 0)
		return order;
	return (a->position > b->position) - (a->position < b->position);
}

static int64_t
position_of(uint64_t position)
{
	return position > INT64_MAX ? INT64_MAX : (int64_t)position;
}

/* Moves the end that pages go away from to where the last page ended,
 * unless it lies there already. */
static bool
go_on(scim_arena *arena, const scim_plan *plan, struct range *range)
{
	struct end after = { scim__pg_key(arena, &plan->after_value),
		position_of(plan->after_position) };
	struct end *end = plan->descending ? &range->high : &range->low;

	if (after.key.ptr == NULL)
		return false;
	int order = compare_ends(&after, end);
	if (plan->descending ? order < 0 : order > 0)
		*end = after;
	return true;
}

static bool
range_of(
    scim_arena *arena, const scim_plan *plan, bool pages, struct range *out)
{
	return end_of(arena, &plan->low, true, &out->low) &&
	    end_of(arena, &plan->high, false, &out->high) &&
	    (!pages || !plan->has_after || go_on(arena, plan, out));
}

static void
bind_range(struct stmt *q, const scim_plan *plan, const struct range *range)
{
	scim__pg_bind_str(q, plan->tenant);
	scim__pg_bind_str(q, plan->type);
	scim__pg_bind_str(q, plan->attribute);
	scim__pg_bind_str(q, range->low.key);
	scim__pg_bind_int(q, range->low.position);
	scim__pg_bind_str(q, range->high.key);
	scim__pg_bind_int(q, range->high.position);
}

static scim_status
use_range(struct txn *txn, scim_arena *arena, const scim_plan *plan,
    struct stmt *q, scim_error *err)
{
	struct range range = { 0 };
	scim_status rc = range_of(arena, plan, true, &range)
	    ? scim__pg_use(
		  txn, plan->descending ? SQL_RANGE_DOWN : SQL_RANGE_UP, q, err)
	    : scim__fail_memory(err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_int(q, plan->parts);
	bind_range(q, plan, &range);
	scim__pg_bind_limit(q, plan->limit);
	scim__pg_bind_limit(q, plan->offset);
	return SCIM_OK;
}

static scim_status
use_page(
    struct txn *txn, const scim_plan *plan, struct stmt *q, scim_error *err)
{
	int64_t after =
	    plan->descending ? POSITION_AFTER_ALL : POSITION_BEFORE_ALL;
	scim_status rc = scim__pg_use(
	    txn, plan->descending ? SQL_PAGE_DOWN : SQL_PAGE_UP, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_int(q, plan->parts);
	scim__pg_bind_str(q, plan->tenant);
	scim__pg_bind_str(q, plan->type);
	scim__pg_bind_int(
	    q, plan->has_after ? position_of(plan->after_position) : after);
	scim__pg_bind_limit(q, plan->limit);
	scim__pg_bind_limit(q, plan->offset);
	return SCIM_OK;
}

scim_status
scim__pg_query(scim_txn *base, scim_arena *arena, const scim_plan *plan,
    scim_record **out, size_t *out_count, scim_error *err)
{
	struct txn *txn = txn_of(base);
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = plan->attribute.len == 0
	    ? use_page(txn, plan, &q, err)
	    : use_range(txn, arena, plan, &q, err);

	if (rc == SCIM_OK)
		rc = scim__pg_run(&q, err);
	if (rc != SCIM_OK)
		return rc;

	size_t count = 0, most = (size_t)PQntuples(q.result);
	scim_record *records = scim__arena_array(arena, most, sizeof(*records));

	if (records == NULL && most > 0)
		return scim__fail_memory(err);
	while (rc == SCIM_OK && scim__pg_row(&q) == SCIM_OK)
		rc = read_record(&q, arena, &records[count++], err);
	if (rc != SCIM_OK)
		return rc;
	*out = records;
	*out_count = count;
	return SCIM_OK;
}

static scim_status
use_total(
    struct txn *txn, const scim_plan *plan, struct stmt *q, scim_error *err)
{
	scim_status rc = scim__pg_use(txn, SQL_TOTAL_GET, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(q, plan->tenant);
	scim__pg_bind_str(q, plan->type);
	return scim__pg_run(q, err);
}

static scim_status
use_count(struct txn *txn, const scim_plan *plan, uint64_t most, struct stmt *q,
    scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct range range = { 0 };
	scim_status rc = arena != NULL && range_of(arena, plan, false, &range)
	    ? scim__pg_use(txn, SQL_INDEX_COUNT, q, err)
	    : scim__fail_memory(err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_limit(q, most);
	bind_range(q, plan, &range);
	return scim__pg_run(q, err);
}

scim_status
scim__pg_count(scim_txn *base, const scim_plan *plan, uint64_t most,
    uint64_t *out, scim_error *err)
{
	uint64_t count = 0;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = plan->attribute.len == 0
	    ? use_total(txn_of(base), plan, &q, err)
	    : use_count(txn_of(base), plan, most, &q, err);

	if (rc != SCIM_OK)
		return rc;
	if (scim__pg_row(&q) == SCIM_OK)
		count = (uint64_t)scim__pg_read_int(&q);
	*out = count < most ? count : most;
	return SCIM_OK;
}
