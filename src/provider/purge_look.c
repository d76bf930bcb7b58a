/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which changes are of the resources that are to be forgotten.
 *
 * No index leads from a resource to all of its changes: that would cost every
 * write, and a purge is rare.  So the log is read through once for all of
 * them, page by page and outside the writer.  What was cut off its beginning
 * and is still there, the last change of a state that is kept, is named by
 * the states and as the parent of others.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/purge.h"

static int
by_id(const void *a, const void *b)
{
	const struct scim__purge_target *x =
	    *(const struct scim__purge_target *const *)a;
	const struct scim__purge_target *y =
	    *(const struct scim__purge_target *const *)b;

	return scim__str_compare(x->id, y->id);
}

scim_status
scim__purge_targets_make(const scim_context *context, const scim_str *ids,
    size_t count, struct scim__purge_targets *out, scim_error *err)
{
	struct scim__purge_targets t = { .context = context, .count = count };

	t.items =
	    scim__arena_array(context->arena, count + 1, sizeof(*t.items));
	t.by_id =
	    scim__arena_array(context->arena, count + 1, sizeof(*t.by_id));
	if (t.items == NULL || t.by_id == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		t.items[i] = (struct scim__purge_target){ .id = ids[i] };
		t.by_id[i] = &t.items[i];
	}
	if (count > 1)
		qsort(t.by_id, count, sizeof(t.by_id[0]), by_id);
	*out = t;
	return SCIM_OK;
}

static struct scim__purge_target *
find(const struct scim__purge_targets *t, scim_str id)
{
	size_t low = 0, high = t->count;

	while (low < high) {
		size_t at = low + (high - low) / 2;
		int order = scim__str_compare(t->by_id[at]->id, id);

		if (order == 0)
			return t->by_id[at];
		if (order < 0)
			low = at + 1;
		else
			high = at;
	}
	return NULL;
}

static bool
add_sequence(
    scim_arena *arena, struct scim__purge_target *target, uint64_t sequence)
{
	if (target->count == target->capacity) {
		size_t more = target->capacity == 0 ? 16 : target->capacity * 2;
		uint64_t *list = scim__arena_array(arena, more, sizeof(*list));

		if (list == NULL)
			return false;
		if (target->count > 0)
			memcpy(list, target->sequences,
			    target->count * sizeof(*list));
		target->sequences = list;
		target->capacity = more;
	}
	target->sequences[target->count++] = sequence;
	return true;
}

static scim_status
add_row(const struct scim__purge_targets *t, struct scim__purge_target *target,
    const scim_change_row *row, scim_error *err)
{
	scim_arena *arena = t->context->arena;
	bool is_mark = row->is_gone &&
	    scim__str_equal(row->change.operation, SCIM_STR("purge"));

	if (target->type.len == 0)
		target->type = scim__str_copy(arena, row->type);
	if (target->type.ptr == NULL)
		return scim__fail_memory(err);
	target->is_marked |= is_mark;
	if ((!is_mark && !add_sequence(arena, target, row->sequence)) ||
	    (row->parent > 0 && !add_sequence(arena, target, row->parent)))
		return scim__fail_memory(err);
	return SCIM_OK;
}

scim_status
scim__purge_look(struct scim__purge_targets *targets, scim_txn *txn,
    bool *out_more, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *scratch =
	    scim_arena_new(scim__arena_allocator(targets->context->arena));
	const scim_change_plan plan = { .tenant = targets->context->tenant,
		.id = SCIM_STR(""),
		.from = targets->seen + 1,
		.limit = SCIM__PURGE_ROWS };
	scim_change_row *rows = NULL;
	size_t count = 0;

	if (scratch == NULL)
		return scim__fail_memory(err);
	scim_status rc =
	    scim__store_changes(txn, scratch, &plan, &rows, &count, err);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		struct scim__purge_target *target = find(targets, rows[i].id);

		targets->seen = rows[i].sequence;
		if (target != NULL)
			rc = add_row(targets, target, &rows[i], err);
	}
	*out_more = rc == SCIM_OK && count == SCIM__PURGE_ROWS;
	return rc;
}

scim_status
scim__purge_look_at(struct scim__purge_targets *targets, scim_txn *txn,
    struct scim__purge_target *target, scim_error *err)
{
	scim_change_plan plan = { .tenant = targets->context->tenant,
		.id = target->id,
		.limit = SCIM__PURGE_ROWS };
	size_t count = SCIM__PURGE_ROWS;
	scim_status rc = SCIM_OK;

	while (rc == SCIM_OK && count == SCIM__PURGE_ROWS) {
		scim_change_row *rows = NULL;

		rc = scim__store_changes(
		    txn, targets->context->arena, &plan, &rows, &count, err);
		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = add_row(targets, target, &rows[i], err);
		if (rc == SCIM_OK && count > 0)
			plan.from = rows[count - 1].revision + 1;
	}
	return rc;
}
