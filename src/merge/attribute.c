/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which cells an attribute has.
 *
 * The schema says it: a simple value is one, a complex one is as many as it
 * has sub-attributes unless it is atomic, a multi-valued one has what its
 * elements have.  What is secret as a whole is one cell, or the paths of its
 * elements would give it away; a sub-attribute is one whatever its form,
 * since a path of SCIM reaches no deeper.
 */
#include "base/arena.h"
#include "merge/cell.h"

/* Whether the values are of the form that the schema gives them. */
static bool
is_well_formed(const scim__attribute *a, const struct scim__trio *trio)
{
	bool is_complex = a->type == SCIM__TYPE_COMPLEX;

	for (int side = 0; side < SCIM__SIDES; side++) {
		const scim__value *value = trio->of[side];

		if (value == NULL)
			continue;
		if (!a->multi_valued) {
			if ((value->kind == SCIM__OBJECT) != is_complex)
				return false;
			continue;
		}
		if (value->kind != SCIM__ARRAY)
			return false;
		for (uint32_t i = 0; i < value->count; i++) {
			scim__kind kind = value->array.items[i].kind;

			if ((kind == SCIM__OBJECT) != is_complex ||
			    kind == SCIM__ARRAY || kind == SCIM__NULL)
				return false;
		}
	}
	return true;
}

const scim__value *
scim__merge_attribute(struct scim__merging *m, const struct scim__place *place,
    const struct scim__trio *trio)
{
	const scim__attribute *a = place->attribute;
	const scim__value *theirs = trio->of[SCIM__THEIRS];

	if (scim__merge_same(trio->of[SCIM__OURS], trio->of[SCIM__BASE]) &&
	    scim__merge_same(theirs, trio->of[SCIM__BASE]))
		return theirs;
	if (place->sub != NULL || scim__attribute_is_secret(a) ||
	    !is_well_formed(a, trio))
		return scim__merge_cell(m, place, trio);
	if (a->multi_valued)
		return scim__merge_elements(m, a, trio);
	if (a->type == SCIM__TYPE_COMPLEX && !a->atomic)
		return scim__merge_subs(m, place, trio);
	return scim__merge_cell(m, place, trio);
}

static const scim__value *
find_sub(const scim__value *object, const scim__attribute *sub)
{
	return scim__merge_assigned(scim__object_find(object, sub->name));
}

/* `primary` is a register of the whole attribute and no cell of an element:
 * here it only goes along, as theirs or else ours has it. */
static const scim__value *
keep_primary(const scim__attribute *primary, const struct scim__trio *trio)
{
	enum scim__side side =
	    trio->of[SCIM__THEIRS] != NULL ? SCIM__THEIRS : SCIM__OURS;

	return find_sub(trio->of[side], primary);
}

static bool
build(struct scim__merging *m, const scim__attribute *a,
    const scim__value *const *values, const scim__value **out)
{
	scim__member *members =
	    scim__arena_array(m->arena, a->sub_count, sizeof(*members));
	scim__value *object = scim_arena_alloc(m->arena, sizeof(*object));

	if (members == NULL || object == NULL)
		return false;
	*object = scim__value_object();
	object->object.members = members;
	object->object.capacity = a->sub_count;
	for (size_t i = 0; i < a->sub_count; i++)
		if (values[i] != NULL)
			members[object->count++] =
			    (scim__member){ a->sub[i].name, *values[i] };
	*out = object->count == 0 ? NULL : object;
	return true;
}

const scim__value *
scim__merge_subs(struct scim__merging *m, const struct scim__place *place,
    const struct scim__trio *trio)
{
	const scim__attribute *a = place->attribute;
	const scim__attribute *primary = scim__merge_primary_of(a);
	const scim__value *theirs = trio->of[SCIM__THEIRS];
	struct scim__place at = *place;
	bool is_theirs = true;
	const scim__value **values =
	    scim__arena_array(m->arena, a->sub_count, sizeof(*values));

	if (values == NULL) {
		m->failed = true;
		return theirs;
	}
	for (size_t i = 0; i < a->sub_count; i++) {
		struct scim__trio sub;

		at.sub = &a->sub[i];
		if (scim__merge_is_foreign(at.sub))
			continue;
		if (at.sub == primary) {
			values[i] = keep_primary(primary, trio);
			continue;
		}
		for (int side = 0; side < SCIM__SIDES; side++)
			sub.of[side] = find_sub(trio->of[side], at.sub);
		values[i] = scim__merge_attribute(m, &at, &sub);
		is_theirs &= values[i] == sub.of[SCIM__THEIRS];
	}
	if (is_theirs)
		return theirs;
	if (!build(m, a, values, &theirs))
		m->failed = true;
	return theirs;
}
