/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which element is primary: one register for the whole list.
 *
 * Kept as a flag of each element it would merge cleanly into two primary
 * ones.  As a register it says "this one", and that changes as a whole.  When
 * it ends up naming an element that the other side removed, whoever is decided
 * for has the element as well.
 */
#include "base/arena.h"
#include "base/seeded.h"
#include "base/str.h"
#include "merge/cell.h"

/* What `primary` says of an element; NULL: nothing. */
static const scim__value *
flag_of(const struct scim__units *units, const scim__value *element)
{
	return scim__object_find(
	    element, scim__merge_primary_of(units->attribute)->name);
}

static bool
is_primary(const struct scim__units *units, const scim__value *element)
{
	const scim__value *flag = flag_of(units, element);

	return flag != NULL && flag->kind == SCIM__BOOL && flag->boolean;
}

static struct scim__unit *
find_primary(const struct scim__units *units, enum scim__side side)
{
	for (size_t i = 0; i < units->count; i++)
		if (is_primary(units, units->items[i].of[side]))
			return &units->items[i];
	return NULL;
}

/* What names an element to people: the parts that identify it. */
static const scim__value *
name_of(struct scim__merging *m, const scim__attribute *a,
    const scim__value *element)
{
	size_t count = scim__unit_part_count(a);
	scim__value *name = scim_arena_alloc(m->arena, sizeof(*name));

	if (name == NULL) {
		m->failed = true;
		return NULL;
	}
	*name = scim__value_object();
	for (size_t i = 0; i < count; i++) {
		const scim__attribute *sub = scim__unit_part(a, i);
		const scim__value *value =
		    sub == NULL ? NULL : scim__object_find(element, sub->name);

		if (value != NULL &&
		    !scim__object_add(m->arena, name, sub->name, *value))
			m->failed = true;
	}
	return name;
}

/* The element with `primary` true, or without it. */
static void
set_flag(struct scim__merging *m, const struct scim__units *units,
    struct scim__unit *unit, bool is_set)
{
	const scim__attribute *primary =
	    scim__merge_primary_of(units->attribute);
	scim__value *copy = scim_arena_alloc(m->arena, sizeof(*copy));

	if (copy == NULL) {
		m->failed = true;
		return;
	}
	*copy = scim__value_object();
	for (uint32_t i = 0; i < unit->out->count; i++) {
		const scim__member *member = &unit->out->object.members[i];

		if (!scim__str_equal(member->name, primary->name) &&
		    !scim__object_add(
			m->arena, copy, member->name, member->value))
			m->failed = true;
	}
	if (is_set &&
	    !scim__object_add(
		m->arena, copy, primary->name, scim__value_bool(true)))
		m->failed = true;
	unit->out = scim__merge_assigned(copy);
}

static void
set_flags(struct scim__merging *m, const struct scim__units *units,
    const struct scim__unit *primary)
{
	for (size_t i = 0; i < units->count; i++) {
		struct scim__unit *unit = &units->items[i];

		if (unit->out != NULL &&
		    is_primary(units, unit->out) != (unit == primary))
			set_flag(m, units, unit, unit == primary);
	}
}

static enum scim__side
report(struct scim__merging *m, const struct scim__units *units,
    struct scim__unit *const registers[SCIM__SIDES], scim_merge_kind kind)
{
	struct scim__place place = { .attribute = units->attribute,
		.kind = SCIM__AT_PRIMARY };
	struct scim__trio trio = { { NULL } };

	for (int side = 0; side < SCIM__SIDES; side++)
		if (registers[side] != NULL)
			trio.of[side] = name_of(
			    m, place.attribute, registers[side]->of[side]);
	return scim__merge_conflict(m, &place, kind, &trio);
}

/* A change that one side made, or none; `from` says whose register holds. */
static void
note(struct scim__merging *m, const struct scim__units *units,
    struct scim__unit *const registers[SCIM__SIDES], enum scim__side from)
{
	struct scim__place place = { .attribute = units->attribute,
		.kind = SCIM__AT_PRIMARY };
	const struct scim__unit *before = registers[SCIM__BASE];
	const struct scim__unit *after = registers[SCIM__THEIRS];

	if (before == registers[from])
		return;
	scim__merge_note(m, &place, from);
	if (m->is_diff)
		scim__merge_note_difference(m, &place,
		    before == NULL
			? NULL
			: name_of(m, place.attribute, before->of[SCIM__BASE]),
		    after == NULL
			? NULL
			: name_of(m, place.attribute, after->of[SCIM__THEIRS]));
}

/* Whoever is decided for has the element as well. */
static struct scim__unit *
decide(struct scim__merging *m, const struct scim__units *units,
    struct scim__unit *const registers[SCIM__SIDES], scim_merge_kind kind)
{
	enum scim__side from = report(m, units, registers, kind);
	struct scim__unit *primary = registers[from];

	if (primary != NULL && primary->out == NULL)
		primary->out = primary->of[from];
	return primary;
}

/* One side alone changed the register, or both alike, or nobody. */
static struct scim__unit *
settle(struct scim__merging *m, const struct scim__units *units,
    struct scim__unit *const registers[SCIM__SIDES])
{
	bool is_theirs = registers[SCIM__THEIRS] != registers[SCIM__BASE];
	struct scim__unit *primary =
	    registers[is_theirs ? SCIM__THEIRS : SCIM__OURS];
	struct scim__unit *other =
	    registers[is_theirs ? SCIM__OURS : SCIM__THEIRS];

	if (primary == NULL || primary->out != NULL) {
		if (primary != other)
			note(m, units, registers,
			    is_theirs ? SCIM__THEIRS : SCIM__OURS);
		return primary;
	}
	if (!primary->lost_slot)
		return decide(m, units, registers, SCIM_MERGE_PRIMARY_DELETE);
	/* Decided with the slot: the register goes the same way. */
	return other != NULL && other->out != NULL ? other : NULL;
}

void
scim__merge_primary(struct scim__merging *m, const struct scim__units *units)
{
	struct scim__unit *registers[SCIM__SIDES];

	if (SCIM__SEEDED_MERGE_PRIMARY_EACH)
		return;
	for (int side = 0; side < SCIM__SIDES; side++)
		registers[side] = find_primary(units, (enum scim__side)side);
	const struct scim__unit *base = registers[SCIM__BASE];
	const struct scim__unit *ours = registers[SCIM__OURS];
	const struct scim__unit *theirs = registers[SCIM__THEIRS];
	m->changed[SCIM__OURS] |= ours != base;
	m->changed[SCIM__THEIRS] |= theirs != base;
	set_flags(m, units,
	    ours != base && theirs != base && ours != theirs
		? decide(m, units, registers, SCIM_MERGE_MODIFY_MODIFY)
		: settle(m, units, registers));
}
