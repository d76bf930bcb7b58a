/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The elements of a relation: which resources, of which type, shown how.
 *
 * They are stored as rows, so nothing else of them is kept; `$ref` follows
 * from the type and the id and is made on output.  One id is one element;
 * where a request names it twice the later one holds.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/check.h"

/* What is stored of an element, `value` first. */
enum part { VALUE, TYPE, DISPLAY, PARTS };

static const scim_str part_names[PARTS] = {
	[VALUE] = { "value", 5 },
	[TYPE] = { "type", 4 },
	[DISPLAY] = { "display", 7 },
};

static scim_status
collect(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, const scim__value *given[PARTS])
{
	for (uint32_t i = 0; i < in->count; i++) {
		const scim__member *member = &in->object.members[i];
		int part = 0;

		while (part < PARTS &&
		    !scim__str_equal_nocase(part_names[part], member->name))
			part++;
		if (part == PARTS) {
			if (scim__attribute_find(
				a->sub, a->sub_count, member->name) == NULL)
				ck->quirks |= SCIM__QUIRK_UNKNOWN_ATTRIBUTE;
			continue;
		}
		if (given[part] != NULL)
			return scim__check_fail_type(ck, "invalidSyntax", a,
			    "has \"%s\" twice (names ignore case): send it "
			    "once.",
			    part_names[part].ptr);
		given[part] = &member->value;
	}
	for (int part = 0; part < PARTS; part++) {
		if (given[part] != NULL && given[part]->kind == SCIM__NULL)
			given[part] = NULL;
		if (given[part] != NULL && given[part]->kind != SCIM__STRING)
			return scim__check_fail(ck, a,
			    "needs a string as its \"%s\".",
			    part_names[part].ptr);
	}
	return SCIM_OK;
}

/* The type as the registry spells it; an empty one is not given. */
static scim_status
find_type(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *given, scim_str *out)
{
	if (given == NULL || given->string.len == 0)
		return SCIM_OK;
	for (size_t i = 0; i < a->reference_type_count; i++) {
		if (!scim__str_equal_nocase(
			a->reference_types[i], given->string))
			continue;
		*out = a->reference_types[i];
		return SCIM_OK;
	}
	return scim__check_fail(ck, a, /* @spec 7643-4.2-04 */
	    "has a \"type\" that can't be here: leave it out or name the "
	    "resource type.");
}

static scim_status
check_element(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	const scim__value *given[PARTS] = { NULL };
	scim__value element = scim__value_object();
	scim_str type = { NULL, 0 };
	scim_status rc = SCIM_OK;

	if (in->kind == SCIM__STRING &&
	    (ck->leniency & SCIM__LENIENT_BARE_MEMBER) != 0) {
		ck->quirks |= SCIM__QUIRK_BARE_MEMBER;
		given[VALUE] = in;
	} else if (in->kind == SCIM__OBJECT) {
		rc = collect(ck, a, in, given);
	} else {
		rc = scim__check_fail(
		    ck, a, "must be an object with a \"value\".");
	}
	if (rc == SCIM_OK)
		rc = find_type(ck, a, given[TYPE], &type);
	if (rc != SCIM_OK)
		return rc;
	/* @spec 7643-4.2-06 */
	if (given[VALUE] == NULL || given[VALUE]->string.len == 0)
		return scim__check_fail(
		    ck, a, "needs a \"value\": the id of a resource.");
	scim__member *members =
	    scim__arena_array(ck->arena, PARTS, sizeof(*members));
	if (members == NULL)
		return scim__fail_memory(ck->err);
	element.object.members = members;
	element.object.capacity = PARTS;
	members[element.count++] =
	    (scim__member){ part_names[VALUE], *given[VALUE] };
	if (type.ptr != NULL)
		members[element.count++] = (scim__member){ part_names[TYPE],
			scim__value_string(type) };
	if (given[DISPLAY] != NULL)
		members[element.count++] =
		    (scim__member){ part_names[DISPLAY], *given[DISPLAY] };
	*out = element;
	return SCIM_OK;
}

static int
by_value(const void *left, const void *right)
{
	const scim__value *const *a = left;
	const scim__value *const *b = right;

	return scim__str_compare((*a)->object.members[0].value.string,
	    (*b)->object.members[0].value.string);
}

static scim_status
list_items(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, const scim__value **out_items, size_t *out_count)
{
	bool is_bare = in->kind == SCIM__STRING &&
	    (ck->leniency & SCIM__LENIENT_BARE_MEMBER) != 0;

	if (scim__is_unassigned(in))
		return SCIM_OK;
	if (in->kind != SCIM__OBJECT && !is_bare)
		return scim__list_items(ck, a, in, out_items, out_count);
	if (!is_bare)
		ck->quirks |= SCIM__QUIRK_SINGLE_VALUE;
	*out_items = in;
	*out_count = 1;
	return SCIM_OK;
}

scim_status
scim__check_relation(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	const scim__value *items = NULL;
	size_t count = 0;
	scim__value array = scim__value_array();
	scim_status rc = list_items(ck, a, in, &items, &count);

	if (rc != SCIM_OK)
		return rc;
	array.array.items = scim__arena_array(ck->arena, count, sizeof(*items));
	array.array.capacity = count;
	if (array.array.items == NULL)
		return scim__fail_memory(ck->err);
	for (size_t i = 0; i < count; i++) {
		if (items[i].kind == SCIM__NULL)
			continue;
		ck->index = i;
		rc = check_element(
		    ck, a, &items[i], &array.array.items[array.count]);
		if (rc != SCIM_OK)
			return rc;
		array.count++;
	}
	ck->index = SIZE_MAX;
	rc = scim__list_unique(ck, &array, by_value, true);
	if (rc == SCIM_OK)
		*out = array;
	return rc;
}
