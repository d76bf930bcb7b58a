/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Gathering.
 *
 * A range is in the order of its values, memberships in that of ids, and
 * either may name a resource twice.  Places and ids of all that is in it are
 * gathered and sorted; a range too long for that narrows little, and is
 * better scanned.
 */
#include "provider/gather.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

#define BATCH 2000

bool
scim__gather_is_needed(const struct scim__part *part)
{
	switch (part->plan.how) {
	case SCIM__PLAN_SCAN:
		return false;
	case SCIM__PLAN_INDEX:
		return !part->plan.is_equal;
	case SCIM__PLAN_MEMBER:
	case SCIM__PLAN_ID:
	case SCIM__PLAN_ANY:
		break;
	}
	return true;
}

static scim_status
add(struct scim__gathering *g, const scim_record *record, scim_error *err)
{
	scim_arena *arena = g->context.arena;
	scim_str id = scim__str_copy(arena, record->id);

	if (g->count == g->capacity) {
		size_t capacity = 16 + 2 * g->capacity;
		struct scim__gathered *more =
		    scim__arena_array(arena, capacity, sizeof(*more));

		if (more == NULL)
			return scim__fail_memory(err);
		if (g->count > 0)
			memcpy(more, g->items, g->count * sizeof(*more));
		g->items = more;
		g->capacity = capacity;
	}
	if (id.ptr == NULL)
		return scim__fail_memory(err);
	g->items[g->count++] = (struct scim__gathered){ record->position, id };
	return SCIM_OK;
}

static scim_status
add_range(struct scim__gathering *g, const struct scim__part *part,
    const struct scim__filter_plan *by, scim_error *err)
{
	scim_plan plan = scim__part_range(part, &g->context, by);
	size_t count = BATCH;

	plan.limit = BATCH;
	plan.parts = 0;
	while (count == BATCH && g->count <= g->most) {
		scim_record *records = NULL;

		scim_arena_reset(g->batch);
		scim_status rc = scim__store_query(
		    g->txn, g->batch, &plan, &records, &count, err);
		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = add(g, &records[i], err);
		if (rc != SCIM_OK)
			return rc;
		/* A keyset would need the value, which no record tells. */
		plan.offset += count;
	}
	return SCIM_OK;
}

/* SCIM_OK also when there is no such resource. */
static scim_status
add_one(struct scim__gathering *g, const struct scim__part *part, scim_str id,
    scim_error *err)
{
	scim_key key = scim__key(&g->context, part->type, id);
	scim_record record;

	scim_arena_reset(g->batch);
	scim_status rc =
	    scim__store_get(g->txn, g->batch, &key, 0, &record, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	return rc != SCIM_OK ? rc : add(g, &record, err);
}

static scim_status
add_holders(struct scim__gathering *g, const struct scim__part *part,
    scim_str id, scim_error *err)
{
	scim_str after = { "", 0 };
	size_t count = BATCH;

	while (count == BATCH && g->count <= g->most) {
		scim_membership *page = NULL;
		scim_status rc = scim__store_memberships(g->txn,
		    g->context.arena, g->context.tenant, id, after, BATCH,
		    &page, &count, err);

		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			if (scim__str_equal(page[i].type, part->type->name))
				rc = add_one(g, part, page[i].id, err);
		if (rc != SCIM_OK)
			return rc;
		if (count > 0)
			after = page[count - 1].id;
	}
	return SCIM_OK;
}

static int
by_position(const void *left, const void *right)
{
	const struct scim__gathered *a = left, *b = right;

	return (a->position > b->position) - (a->position < b->position);
}

static void
put_in_order(struct scim__gathering *g)
{
	size_t kept = 0;

	if (g->count < 2)
		return;
	qsort(g->items, g->count, sizeof(*g->items), by_position);
	for (size_t i = 0; i < g->count; i++)
		if (i == 0 ||
		    g->items[i].position != g->items[kept - 1].position)
			g->items[kept++] = g->items[i];
	g->count = kept;
}

/* Goes no deeper than the filter. */
static scim_status
add_by(struct scim__gathering *g, const struct scim__part *part,
    const struct scim__filter_plan *by, scim_error *err)
{
	scim_status rc = SCIM_OK;

	switch (by->how) {
	case SCIM__PLAN_INDEX:
		return add_range(g, part, by, err);
	case SCIM__PLAN_MEMBER:
		return add_holders(g, part, by->id, err);
	case SCIM__PLAN_ID:
		return add_one(g, part, by->id, err);
	case SCIM__PLAN_ANY:
		for (size_t i = 0; rc == SCIM_OK && i < by->branch_count; i++)
			rc = add_by(g, part, &by->branches[i], err);
		break;
	case SCIM__PLAN_SCAN:
		break;
	}
	return rc;
}

scim_status
scim__gather(
    struct scim__gathering *g, const struct scim__part *part, scim_error *err)
{
	scim_status rc = add_by(g, part, &part->plan, err);

	if (rc != SCIM_OK)
		return rc;
	g->too_many = g->count > g->most;
	put_in_order(g);
	return SCIM_OK;
}

size_t
scim__gather_after(const struct scim__gathering *g, uint64_t position)
{
	size_t low = 0, high = g->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (g->items[middle].position <= position)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}
