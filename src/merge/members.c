/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Merging what two sides did to the rows of a relation, without the rows.
 *
 * A group may have a million members, and a change of it names a few.  What
 * either side did since the base is all that matters: the members are those of
 * theirs, without what ours removed, with what ours added.  What both added or
 * both removed is done already.  Only a member whose shown text one side
 * changed, and the other removed or changed otherwise, is a conflict.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "merge/report.h"

/* What one side did to one member; NULL: nothing of that sort. */
struct act {
	const struct scim__member_change *removed, *added;
};

struct merging_members {
	struct scim__merging m;
	const scim__attribute *relation;
	struct scim__members_merged *out;
};

static int
by_value(const void *left, const void *right)
{
	const struct scim__member_change *const *a = left;
	const struct scim__member_change *const *b = right;
	int order = scim__str_compare((*a)->value, (*b)->value);

	return order != 0 ? order : (*a > *b) - (*a < *b);
}

/* The changes in order of value; NULL: out of memory. */
static const struct scim__member_change **
sort(scim_arena *arena, const struct scim__member_delta *delta)
{
	const struct scim__member_change **sorted = scim__arena_array(
	    arena, delta->count, sizeof(const struct scim__member_change *));

	if (sorted == NULL)
		return NULL;
	for (size_t i = 0; i < delta->count; i++)
		sorted[i] = &delta->changes[i];
	if (delta->count > 0)
		qsort(sorted, delta->count, sizeof(*sorted), by_value);
	return sorted;
}

/* What is done to `value`, from sorted changes; goes on behind it. */
static struct act
take(const struct scim__member_change **sorted, size_t count, size_t *at,
    scim_str value)
{
	struct act act = { NULL, NULL };

	for (; *at < count && scim__str_equal(sorted[*at]->value, value);
	     ++*at) {
		if (sorted[*at]->is_removed)
			act.removed = sorted[*at];
		else
			act.added = sorted[*at];
	}
	return act;
}

static bool
is_same_row(
    const struct scim__member_change *a, const struct scim__member_change *b)
{
	return scim__str_equal(a->type, b->type) &&
	    scim__str_equal(a->display, b->display);
}

static const scim__value *
row_value(struct scim__merging *m, const struct scim__member_change *row)
{
	scim__value *object = scim_arena_alloc(m->arena, sizeof(*object));

	if (row == NULL)
		return NULL;
	if (object == NULL) {
		m->failed = true;
		return NULL;
	}
	*object = scim__value_object();
	if (!scim__object_add(m->arena, object, SCIM_STR("value"),
		scim__value_string(row->value)) ||
	    (row->type.len > 0 &&
		!scim__object_add(m->arena, object, SCIM_STR("type"),
		    scim__value_string(row->type))) ||
	    (row->display.len > 0 &&
		!scim__object_add(m->arena, object, SCIM_STR("display"),
		    scim__value_string(row->display))))
		m->failed = true;
	return object;
}

static void
do_it(struct merging_members *mm, struct act act)
{
	if (act.removed != NULL)
		mm->out->changes[mm->out->count++] = *act.removed;
	if (act.added != NULL)
		mm->out->changes[mm->out->count++] = *act.added;
}

/* Ours wins over what theirs did: that is undone, and ours done. */
static void
overrule(struct merging_members *mm, struct act ours, struct act theirs)
{
	struct scim__member_change undone;

	if (theirs.added != NULL) {
		undone = *theirs.added;
		undone.is_removed = true;
		mm->out->changes[mm->out->count++] = undone;
	}
	if (ours.added != NULL)
		mm->out->changes[mm->out->count++] = *ours.added;
}

/* Both sides touched a member that base has. */
static void
merge_touched(struct merging_members *mm, struct act ours, struct act theirs)
{
	struct scim__merging *m = &mm->m;
	scim_merge_kind kind = SCIM_MERGE_MODIFY_MODIFY;

	if (ours.added == NULL && theirs.added == NULL)
		return;
	if (ours.added != NULL && theirs.added != NULL &&
	    is_same_row(ours.added, theirs.added))
		return;
	if (ours.added == NULL)
		kind = SCIM_MERGE_DELETE_MODIFY;
	if (theirs.added == NULL)
		kind = SCIM_MERGE_MODIFY_DELETE;
	struct scim__trio trio = { { row_value(m, theirs.removed),
	    row_value(m, ours.added), row_value(m, theirs.added) } };
	struct scim__place place = { .attribute = mm->relation,
		.element = trio.of[SCIM__BASE] };
	if (m->failed)
		return;
	if (scim__merge_conflict(m, &place, kind, &trio) == SCIM__OURS)
		overrule(mm, ours, theirs);
}

static void
note_removal(
    struct merging_members *mm, const struct act *act, enum scim__side side)
{
	struct scim__place place = { .attribute = mm->relation };

	if (act->removed == NULL)
		return;
	place.element = row_value(&mm->m, act->removed);
	if (!mm->m.failed)
		scim__merge_note(&mm->m, &place, side);
}

static void
merge_member(struct merging_members *mm, struct act ours, struct act theirs)
{
	bool by_ours = ours.removed != NULL || ours.added != NULL;
	bool by_theirs = theirs.removed != NULL || theirs.added != NULL;

	if (!by_theirs) {
		note_removal(mm, &ours, SCIM__OURS);
		do_it(mm, ours);
	} else if (!by_ours) {
		note_removal(mm, &theirs, SCIM__THEIRS);
	} else if (ours.removed != NULL && theirs.removed != NULL) {
		merge_touched(mm, ours, theirs);
	}
	/* Else both added it, and adding who is there changes nothing. */
}

scim_status
scim__merge_members(const struct scim__merge_rules *rules,
    const struct scim__member_delta *ours,
    const struct scim__member_delta *theirs, struct scim__members_merged *out,
    scim_error *err)
{
	struct scim__members_merged merged = { 0 };
	struct merging_members mm = { .m = { .rules = rules,
					  .arena = rules->arena },
		.relation = rules->type->relation,
		.out = &merged };
	const struct scim__member_change **a = sort(rules->arena, ours);
	const struct scim__member_change **b = sort(rules->arena, theirs);
	size_t i = 0, k = 0;

	if (mm.relation == NULL)
		return scim__fail(err, SCIM_ERR_MISUSE, "%.*s has no relation.",
		    (int)rules->type->name.len, rules->type->name.ptr);
	merged.changes = scim__arena_array(
	    rules->arena, ours->count + theirs->count, sizeof(*merged.changes));
	if (a == NULL || b == NULL || merged.changes == NULL)
		return scim__fail_memory(err);
	while ((i < ours->count || k < theirs->count) && !mm.m.failed) {
		scim_str value = i < ours->count &&
			(k == theirs->count ||
			    scim__str_compare(a[i]->value, b[k]->value) <= 0)
		    ? a[i]->value
		    : b[k]->value;
		struct act by_ours = take(a, ours->count, &i, value);
		struct act by_theirs = take(b, theirs->count, &k, value);

		merge_member(&mm, by_ours, by_theirs);
	}
	if (mm.m.failed)
		return scim__fail_memory(err);
	merged.conflicts = mm.m.out.conflicts;
	merged.conflict_count = mm.m.out.conflict_count;
	merged.undecided = mm.m.out.undecided;
	merged.autos = mm.m.out.autos;
	merged.auto_count = mm.m.out.auto_count;
	*out = merged;
	return SCIM_OK;
}
