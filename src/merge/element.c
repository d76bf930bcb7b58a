/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists: what came, what went, what changed inside.
 *
 * A list is a set.  The result is theirs without what ours removed and with
 * what ours added, in the order of theirs, so that a merge that changes
 * nothing is theirs to the octet.  When one side removed what the other
 * changed, that is a conflict; so are a slot that both fill anew (slot.c) and
 * two opinions on what is primary (primary.c).
 */
#include "base/arena.h"
#include "base/seeded.h"
#include "merge/cell.h"

/* Whether all of two elements but `primary` is equal. */
static bool
is_same_element(
    const scim__attribute *a, const scim__value *x, const scim__value *y)
{
	const scim__attribute *primary = scim__merge_primary_of(a);

	if (a->type != SCIM__TYPE_COMPLEX)
		return scim__merge_same(x, y);
	for (size_t i = 0; i < a->sub_count; i++) {
		const scim__attribute *sub = &a->sub[i];

		if (sub != primary && !scim__merge_is_foreign(sub) &&
		    !scim__merge_same(
			scim__merge_assigned(scim__object_find(x, sub->name)),
			scim__merge_assigned(scim__object_find(y, sub->name))))
			return false;
	}
	return true;
}

/* The element is there on both sides. */
static const scim__value *
merge_both(struct scim__merging *m, const struct scim__place *place,
    const struct scim__unit *unit)
{
	const scim__attribute *a = place->attribute;
	struct scim__trio trio = {
		{ unit->of[SCIM__BASE], unit->of[SCIM__OURS],
		    unit->of[SCIM__THEIRS] },
	};

	if (trio.of[SCIM__BASE] == NULL)
		m->changed[SCIM__OURS] = m->changed[SCIM__THEIRS] = true;
	if (a->type != SCIM__TYPE_COMPLEX)
		return scim__merge_cell(m, place, &trio);
	/* Adding who is a member already changes nothing. */
	if (a->relation && unit->of[SCIM__BASE] == NULL)
		return unit->of[SCIM__THEIRS];
	if (!a->atomic)
		return scim__merge_subs(m, place, &trio);
	/* Who is primary is no part of the cell. */
	for (int side = 0; side < SCIM__THEIRS; side++)
		if (trio.of[side] != NULL &&
		    is_same_element(a, trio.of[side], trio.of[SCIM__THEIRS]))
			trio.of[side] = trio.of[SCIM__THEIRS];
	if (trio.of[SCIM__BASE] != NULL &&
	    is_same_element(a, trio.of[SCIM__BASE], trio.of[SCIM__OURS]))
		trio.of[SCIM__BASE] = trio.of[SCIM__OURS];
	return scim__merge_cell(m, place, &trio);
}

/* `stays` still has the element, the other side removed it. */
static const scim__value *
merge_removed(struct scim__merging *m, const struct scim__place *place,
    const struct scim__unit *unit, enum scim__side stays)
{
	enum scim__side gone = stays == SCIM__OURS ? SCIM__THEIRS : SCIM__OURS;
	struct scim__trio trio = { { unit->of[SCIM__BASE], unit->of[SCIM__OURS],
	    unit->of[SCIM__THEIRS] } };

	m->changed[gone] = true;
	if (gone == SCIM__THEIRS)
		scim__merge_note_difference(
		    m, place, unit->of[SCIM__BASE], NULL);
	if (is_same_element(
		place->attribute, unit->of[SCIM__BASE], unit->of[stays])) {
		scim__merge_note(m, place, gone);
		if (SCIM__SEEDED_MERGE_REMOVED_RETURNS && gone == SCIM__OURS)
			return unit->of[stays];
		return NULL;
	}
	m->changed[stays] = true;
	if (SCIM__SEEDED_MERGE_SILENT_DELETE)
		return NULL;
	return trio.of[scim__merge_conflict(m, place,
	    gone == SCIM__OURS ? SCIM_MERGE_DELETE_MODIFY
			       : SCIM_MERGE_MODIFY_DELETE,
	    &trio)];
}

static const scim__value *
merge_unit(struct scim__merging *m, const scim__attribute *a,
    const struct scim__unit *unit)
{
	const scim__value *base = unit->of[SCIM__BASE];
	const scim__value *ours = unit->of[SCIM__OURS];
	const scim__value *theirs = unit->of[SCIM__THEIRS];
	struct scim__place place = { .attribute = a, .element = theirs };

	if (place.element == NULL)
		place.element = ours != NULL ? ours : base;
	if (ours != NULL && theirs != NULL)
		return merge_both(m, &place, unit);
	if (base != NULL && (ours != NULL || theirs != NULL))
		return merge_removed(
		    m, &place, unit, ours != NULL ? SCIM__OURS : SCIM__THEIRS);
	/* Removed by both, or added by one. */
	m->changed[SCIM__OURS] |= (base != NULL) != (ours != NULL);
	m->changed[SCIM__THEIRS] |= (base != NULL) != (theirs != NULL);
	if (base == NULL && theirs != NULL)
		scim__merge_note_difference(m, &place, NULL, theirs);
	return ours != NULL ? ours : theirs;
}

/* Then the list stays as it is, with twins and all. */
static bool
is_theirs(const struct scim__units *units)
{
	for (size_t i = 0; i < units->count; i++)
		if (units->items[i].out != units->items[i].of[SCIM__THEIRS])
			return false;
	return true;
}

static const scim__value *
collect(struct scim__merging *m, const struct scim__units *units,
    const scim__value *theirs)
{
	if (is_theirs(units))
		return theirs;
	scim__value *items =
	    scim__arena_array(m->arena, units->count, sizeof(*items));
	scim__value *array = scim_arena_alloc(m->arena, sizeof(*array));
	if (items == NULL || array == NULL) {
		m->failed = true;
		return theirs;
	}
	*array = scim__value_array();
	array->array.items = items;
	array->array.capacity = units->count;
	for (size_t i = 0; i < units->in_order_count; i++) {
		struct scim__unit *unit = units->in_order[i];

		if (unit->out == NULL || unit->is_out)
			continue;
		unit->is_out = true;
		items[array->count++] = *unit->out;
	}
	return array->count == 0 ? NULL : array;
}

const scim__value *
scim__merge_elements(struct scim__merging *m, const scim__attribute *a,
    const struct scim__trio *trio)
{
	struct scim__units units;

	if (!scim__units_make(m, a, trio, &units)) {
		m->failed = true;
		return trio->of[SCIM__THEIRS];
	}
	for (size_t i = 0; i < units.count; i++)
		units.items[i].out = merge_unit(m, a, &units.items[i]);
	if (a->slot)
		scim__merge_slots(m, &units);
	if (scim__merge_primary_of(a) != NULL)
		scim__merge_primary(m, &units);
	return collect(m, &units, trio->of[SCIM__THEIRS]);
}
