/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a merge has to say beside its result: conflicts and who was decided
 * for, changes that one side alone made, and in a diff the differences.
 *
 * No value of a secret leaves through here.  (A sub-attribute is never one;
 * schemas that say so are refused.)
 */
#include "merge/report.h"
#include "base/arena.h"
#include "base/str.h"

/* Room for one more after `count` things of `size` bytes; NULL: no memory. */
static void *
make_room(struct scim__merging *m, void *items, size_t count, size_t size,
    size_t *room)
{
	if (count < *room)
		return items;
	size_t wanted = count == 0 ? 8 : count * 2;
	void *more = scim__arena_array(m->arena, wanted, size);
	if (more == NULL) {
		m->failed = true;
		return NULL;
	}
	if (count > 0)
		memcpy(more, items, count * size);
	*room = wanted;
	return more;
}

static scim_str
path_of(struct scim__merging *m, const struct scim__place *place)
{
	scim_str path = scim__merge_path(m->arena, place);

	if (path.ptr == NULL)
		m->failed = true;
	return path;
}

void
scim__merge_note(struct scim__merging *m, const struct scim__place *place,
    enum scim__side from)
{
	if (m->is_quiet || m->is_diff)
		return;
	scim_merge_auto *autos = make_room(
	    m, m->out.autos, m->out.auto_count, sizeof(*autos), &m->auto_room);
	if (autos == NULL)
		return;
	autos[m->out.auto_count++] = (scim_merge_auto){ path_of(m, place),
		from == SCIM__OURS ? SCIM_MERGE_OURS : SCIM_MERGE_THEIRS };
	m->out.autos = autos;
}

/* An element without `primary`, which is no part of it. */
static scim__value
show_element(struct scim__merging *m, const scim__attribute *primary,
    const scim__value *element)
{
	scim__value shown = scim__value_object();

	if (element->kind != SCIM__OBJECT ||
	    scim__object_find(element, primary->name) == NULL)
		return *element;
	for (uint32_t i = 0; i < element->count; i++) {
		const scim__member *member = &element->object.members[i];

		if (!scim__str_equal(member->name, primary->name) &&
		    !scim__object_add(
			m->arena, &shown, member->name, member->value))
			m->failed = true;
	}
	return shown;
}

static const scim__value *
show_list(struct scim__merging *m, const scim__attribute *primary,
    const scim__value *value)
{
	scim__value *shown = scim_arena_alloc(m->arena, sizeof(*shown));

	if (shown == NULL) {
		m->failed = true;
		return NULL;
	}
	if (value->kind != SCIM__ARRAY) {
		*shown = show_element(m, primary, value);
		return shown;
	}
	*shown = scim__value_array();
	for (uint32_t i = 0; i < value->count; i++)
		if (!scim__array_add(m->arena, shown,
			show_element(m, primary, &value->array.items[i])))
			m->failed = true;
	return shown;
}

static const scim__value *
show(struct scim__merging *m, const struct scim__place *place,
    const scim__value *value, bool *redacted)
{
	const scim__attribute *primary =
	    scim__merge_primary_of(place->attribute);

	if (value == NULL)
		return NULL;
	if (scim__attribute_is_secret(place->attribute)) {
		*redacted = true;
		return NULL;
	}
	if (place->sub != NULL || place->element == NULL || primary == NULL)
		return value;
	return show_list(m, primary, value);
}

void
scim__merge_note_difference(struct scim__merging *m,
    const struct scim__place *place, const scim__value *before,
    const scim__value *after)
{
	struct scim__differences *list = &m->differences;

	if (!m->is_diff || m->is_quiet)
		return;
	struct scim__difference *items = make_room(
	    m, list->items, list->count, sizeof(*items), &m->difference_room);
	if (items == NULL)
		return;
	struct scim__difference d = { .path = path_of(m, place),
		.op = before == NULL ? SCIM_DIFF_ADD
		    : after == NULL  ? SCIM_DIFF_REMOVE
				     : SCIM_DIFF_REPLACE };
	d.before = show(m, place, before, &d.redacted);
	d.after = show(m, place, after, &d.redacted);
	items[list->count++] = d;
	list->items = items;
}

/* The first that names the conflict, or its attribute as a whole. */
static scim_merge_use
decide(
    const struct scim__merge_rules *rules, const struct scim__merge_conflict *c)
{
	if (c->kind == SCIM_MERGE_GUARD || c->kind == SCIM_MERGE_VALIDATION)
		return SCIM_MERGE_FAIL;
	for (size_t i = 0; i < rules->resolution_count; i++) {
		const scim_merge_resolution *r = &rules->resolutions[i];

		if (scim__str_equal(r->path, c->path) ||
		    scim__str_equal_nocase(r->path, c->attribute->path))
			return r->use;
	}
	return rules->on_conflict;
}

scim_merge_use
scim__merge_report(struct scim__merging *m, struct scim__merge_conflict *c)
{
	struct scim__merge_conflict *items = make_room(m, m->out.conflicts,
	    m->out.conflict_count, sizeof(*items), &m->conflict_room);

	if (items == NULL)
		return SCIM_MERGE_FAIL;
	c->used = decide(m->rules, c);
	m->out.undecided += c->used == SCIM_MERGE_FAIL;
	items[m->out.conflict_count++] = *c;
	m->out.conflicts = items;
	return c->used;
}

enum scim__side
scim__merge_conflict(struct scim__merging *m, const struct scim__place *place,
    scim_merge_kind kind, const struct scim__trio *trio)
{
	struct scim__merge_conflict c = { .kind = kind,
		.attribute = place->attribute };

	c.path = path_of(m, place);
	for (int side = 0; side < SCIM__SIDES; side++)
		c.of[side] = show(m, place, trio->of[side], &c.redacted);
	return scim__merge_report(m, &c) == SCIM_MERGE_OURS ? SCIM__OURS
							    : SCIM__THEIRS;
}
