/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slots: where `type` names a place that one value fills.
 *
 * Two clients that each give somebody a new work address have removed the
 * same old one and added two new ones.  Element by element that would be a
 * clean merge with both; but both meant "the work address is now this".  So
 * when both sides removed an element of a type and both added others of that
 * type, and neither has all that the other has, the slot is in conflict.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/seeded.h"
#include "merge/cell.h"
#include "schema/check.h"

struct filler {
	scim__value type; /* folded */
	size_t rank;
	struct scim__unit *unit;
};

static int
by_type(const void *left, const void *right)
{
	const struct filler *a = left, *b = right;
	int order = scim__value_order(&a->type, &b->type);

	return order != 0 ? order : (a->rank > b->rank) - (a->rank < b->rank);
}

static bool
is_emptied(const struct scim__unit *unit)
{
	return unit->of[SCIM__BASE] != NULL && unit->of[SCIM__OURS] == NULL &&
	    unit->of[SCIM__THEIRS] == NULL;
}

static bool
is_added(const struct scim__unit *unit, enum scim__side side)
{
	return unit->of[SCIM__BASE] == NULL && unit->of[side] != NULL;
}

static const scim__value *
any_of(const struct scim__unit *unit)
{
	for (int side = 0; side < SCIM__SIDES; side++)
		if (unit->of[side] != NULL)
			return unit->of[side];
	return NULL;
}

/* What has a type, sorted by it.  False: no memory. */
static bool
gather(struct scim__merging *m, const struct scim__units *units,
    struct filler **out, size_t *out_count)
{
	const scim__attribute *a = units->attribute;
	const scim__attribute *type =
	    scim__attribute_find(a->sub, a->sub_count, SCIM_STR("type"));
	struct filler *fillers =
	    scim__arena_array(m->arena, units->count, sizeof(*fillers));
	size_t count = 0;

	if (fillers == NULL)
		return false;
	for (size_t i = 0; i < units->count; i++) {
		struct scim__unit *unit = &units->items[i];
		const scim__value *value = scim__merge_assigned(
		    scim__object_find(any_of(unit), type->name));

		if (value == NULL)
			continue;
		fillers[count] = (struct filler){ .rank = i, .unit = unit };
		if (!scim__unit_fold(
			m->arena, type, value, &fillers[count++].type))
			return false;
	}
	qsort(fillers, count, sizeof(*fillers), by_type);
	*out = fillers;
	*out_count = count;
	return true;
}

static const scim__value *
list_added(struct scim__merging *m, const struct filler *fillers, size_t count,
    enum scim__side side)
{
	scim__value *list = scim_arena_alloc(m->arena, sizeof(*list));
	bool fits = list != NULL;

	if (fits)
		*list = scim__value_array();
	for (size_t i = 0; fits && i < count; i++)
		if (is_added(fillers[i].unit, side))
			fits = scim__array_add(
			    m->arena, list, *fillers[i].unit->of[side]);
	m->failed |= !fits;
	return list;
}

/* The additions of the side that was not decided for leave the slot. */
static void
empty_slot(const struct filler *fillers, size_t count, enum scim__side winner)
{
	enum scim__side loser =
	    winner == SCIM__OURS ? SCIM__THEIRS : SCIM__OURS;

	for (size_t i = 0; i < count; i++) {
		struct scim__unit *unit = fillers[i].unit;

		if (!is_added(unit, loser) || unit->of[winner] != NULL)
			continue;
		unit->out = NULL;
		unit->lost_slot = true;
	}
}

/* `fillers` are those of one type. */
static void
merge_slot(struct scim__merging *m, const scim__attribute *a,
    const struct filler *fillers, size_t count)
{
	const struct scim__unit *emptied = NULL;
	size_t ours = 0, theirs = 0, both = 0;

	for (size_t i = 0; i < count; i++) {
		const struct scim__unit *unit = fillers[i].unit;
		bool by_ours = is_added(unit, SCIM__OURS);
		bool by_theirs = is_added(unit, SCIM__THEIRS);

		if (emptied == NULL && is_emptied(unit))
			emptied = unit;
		ours += by_ours;
		theirs += by_theirs;
		both += by_ours && by_theirs;
	}
	if (emptied == NULL || ours == both || theirs == both)
		return;
	struct scim__place place = { .attribute = a,
		.element = emptied->of[SCIM__BASE],
		.kind = SCIM__AT_SLOT };
	struct scim__trio trio = { { place.element,
	    list_added(m, fillers, count, SCIM__OURS),
	    list_added(m, fillers, count, SCIM__THEIRS) } };
	if (m->failed)
		return;
	empty_slot(fillers, count,
	    scim__merge_conflict(m, &place, SCIM_MERGE_MODIFY_MODIFY, &trio));
}

void
scim__merge_slots(struct scim__merging *m, const struct scim__units *units)
{
	struct filler *fillers = NULL;
	size_t count = 0;
	bool any = false;

	for (size_t i = 0; !any && i < units->count; i++)
		any = is_emptied(&units->items[i]);
	if (!any || SCIM__SEEDED_MERGE_SLOT_RULE)
		return;
	if (!gather(m, units, &fillers, &count)) {
		m->failed = true;
		return;
	}
	for (size_t i = 0, next; i < count; i = next) {
		for (next = i + 1; next < count; next++)
			if (scim__value_order(
				&fillers[i].type, &fillers[next].type) != 0)
				break;
		merge_slot(m, units->attribute, &fillers[i], next - i);
	}
}
