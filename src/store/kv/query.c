/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Plans: which resources of a type, in which order.
 *
 * Positions and index rows are kept in the order a plan asks for, so a plan
 * is one range of keys, its bounds and the place to go on from folded into
 * the two ends.  What a plan gives comes from the rows; the records are read
 * one by one afterwards.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/kv/kv.h"
#include "store/kv/row.h"

/* The keys of a plan, its keyset aside: they begin with `start`. */
struct ends {
	scim__buf start, low, high;
};

static void
copy(scim__buf *to, const scim__buf *from)
{
	scim__buf_init(to, from->arena, SIZE_MAX);
	scim__buf_add(to, scim__buf_str(from));
}

static void
set_ends(struct ends *e, scim_arena *arena, const scim_plan *plan)
{
	bool by_value = plan->attribute.len > 0;

	scim__key_begin(&e->start, arena, plan->tenant,
	    by_value ? SCIM__KV_ATTRIBUTE : SCIM__KV_POSITION);
	scim__key_add(&e->start, plan->type);
	if (by_value)
		scim__key_add(&e->start, plan->attribute);
	copy(&e->low, &e->start);
	copy(&e->high, &e->start);
	if (by_value && plan->low.given) {
		scim__key_add_value(&e->low, &plan->low.value);
		if (!plan->low.inclusive)
			scim__key_to_end(&e->low);
	}
	if (by_value && plan->high.given) {
		scim__key_add_value(&e->high, &plan->high.value);
		if (plan->high.inclusive)
			scim__key_to_end(&e->high);
	} else {
		scim__key_to_end(&e->high);
	}
}

/* Moves the end that the keyset names; never past the bound there was. */
static void
go_on_after(struct ends *e, const scim_plan *plan)
{
	scim__buf *end = plan->descending ? &e->high : &e->low;
	scim__buf from;

	copy(&from, &e->start);
	if (plan->attribute.len > 0)
		scim__key_add_value(&from, &plan->after_value);
	scim__key_add_number(&from, plan->after_position);
	if (!plan->descending)
		scim__key_to_end(&from);
	int order = scim__str_compare(scim__buf_str(&from), scim__buf_str(end));
	if (from.failed || (plan->descending ? order < 0 : order > 0))
		*end = from;
}

static scim_status
range_of(scim_arena *arena, const scim_plan *plan, bool keyset,
    struct scim__kv_range *out, scim_error *err)
{
	struct ends e;

	set_ends(&e, arena, plan);
	if (keyset && plan->has_after)
		go_on_after(&e, plan);
	if (e.start.failed || e.low.failed || e.high.failed)
		return scim__fail_memory(err);
	*out = (struct scim__kv_range){ .low = scim__buf_str(&e.low),
		.high = scim__buf_str(&e.high),
		.descending = plan->descending };
	return SCIM_OK;
}

scim_status
scim__kv_query(scim_txn *txn, scim_arena *arena, const scim_plan *plan,
    scim_record **out, size_t *out_count, scim_error *err)
{
	struct scim__kv_pairs pairs;
	struct scim__kv_range range;
	scim_status rc = range_of(arena, plan, true, &range, err);

	if (rc == SCIM_OK)
		rc = scim__kv_collect(scim__kv_of(txn), arena, &range,
		    plan->offset, plan->limit, &pairs, err);
	if (rc != SCIM_OK)
		return rc;
	scim_record *rows =
	    scim__arena_array(arena, pairs.count, sizeof(*rows));
	if (rows == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < pairs.count; i++) {
		scim_key key = { plan->tenant, plan->type, pairs.values[i] };

		rc = scim__kv_get(txn, arena, &key, plan->parts, &rows[i], err);
		if (rc == SCIM_ERR_NOT_FOUND)
			return scim__row_damaged(err);
		if (rc != SCIM_OK)
			return rc;
	}
	*out = rows;
	*out_count = pairs.count;
	return SCIM_OK;
}

struct counting {
	uint64_t count, most;
};

static bool
count_one(void *argument, scim_str key, scim_str value)
{
	struct counting *c = argument;

	(void)key;
	(void)value;
	c->count++;
	return c->count < c->most;
}

scim_status
scim__kv_count(scim_txn *txn, const scim_plan *plan, uint64_t most,
    uint64_t *out, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__kv_txn *kv = scim__kv_of(txn);
	struct counting c = { 0, most };
	scim_status rc;

	if (arena == NULL)
		return scim__fail_memory(err);
	if (plan->attribute.len == 0) {
		scim__buf k;

		scim__key_begin(&k, arena, plan->tenant, SCIM__KV_TOTAL);
		scim__key_add(&k, plan->type);
		rc = scim__kv_find_number(kv, arena, &k, &c.count, err);
	} else {
		struct scim__kv_range range;

		rc = range_of(arena, plan, false, &range, err);
		if (rc == SCIM_OK)
			rc = kv->map->scan(kv, &range, count_one, &c, err);
	}
	if (rc == SCIM_OK)
		*out = c.count < most ? c.count : most;
	return rc;
}
