/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One value of a complex attribute: an object of sub-attributes.
 *
 * The result names them as the schema does and in its order, whatever the
 * request did.  Some providers send a reference (the manager) as nothing but
 * its id, and clear it with an empty one; an attribute is a reference here
 * when one of its parts is looked up by another, or when it is atomic and
 * has a `value`.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/check.h"

/* The sub-attribute that holds the id; NULL: `a` is no single reference. */
static const scim__attribute *
reference_id(const scim__attribute *a)
{
	if (a->multi_valued)
		return NULL;
	for (size_t i = 0; i < a->sub_count; i++)
		if (a->sub[i].derivation == SCIM__FROM_REFERENCE)
			return scim__attribute_find(
			    a->sub, a->sub_count, a->sub[i].derived_via);
	if (!a->atomic)
		return NULL;
	const scim__attribute *id =
	    scim__attribute_find(a->sub, a->sub_count, SCIM_STR("value"));
	return id != NULL && id->type == SCIM__TYPE_STRING ? id : NULL;
}

/*
 * `$ref` beside a value that is looked up by reference is the server's to
 * write, like the value itself: else an echo of what was read would be a
 * change.
 */
static bool
is_derived_url(const scim__attribute *a, const scim__attribute *sub)
{
	if (a->multi_valued || sub->type != SCIM__TYPE_REFERENCE ||
	    !scim__str_equal(sub->name, SCIM_STR("$ref")))
		return false;
	for (size_t i = 0; i < a->sub_count; i++)
		if (a->sub[i].derivation == SCIM__FROM_REFERENCE)
			return true;
	return false;
}

static scim_status
drop_empty_reference(struct scim__checking *ck, scim__value *out)
{
	ck->quirks |= SCIM__QUIRK_EMPTY_REFERENCE;
	*out = (scim__value){ .kind = SCIM__NULL };
	return SCIM_OK;
}

/* "manager": "id" stands for "manager": {"value": "id"}. */
static scim_status
check_bare_reference(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	const scim__attribute *id = reference_id(a);
	scim__value object = scim__value_object();

	if (id == NULL)
		return scim__check_fail(
		    ck, a, "must be an object of its sub-attributes.");
	ck->quirks |= SCIM__QUIRK_STRING_MANAGER;
	if (!scim__object_add(ck->arena, &object, id->name, *in))
		return scim__fail_memory(ck->err);
	return scim__check_complex(ck, a, &object, out);
}

/* Finds the members' sub-attributes; `given` is by position. */
static scim_status
collect(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, const scim__value **given)
{
	for (uint32_t i = 0; i < in->count; i++) {
		const scim__member *member = &in->object.members[i];
		const scim__attribute *sub =
		    scim__attribute_find(a->sub, a->sub_count, member->name);

		if (sub == NULL) {
			ck->quirks |= SCIM__QUIRK_UNKNOWN_ATTRIBUTE;
			continue;
		}
		if (given[sub - a->sub] != NULL) /* @spec 7643-2.1-04 */
			return scim__check_fail_type(ck, "invalidSyntax", sub,
			    "is there twice (names ignore case): send it "
			    "once.");
		given[sub - a->sub] = &member->value;
	}
	return SCIM_OK;
}

static scim_status
check_subs(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *const *given, scim__value *object)
{
	const scim__attribute *missing = NULL;

	for (size_t i = 0; i < a->sub_count; i++) {
		const scim__attribute *sub = &a->sub[i];
		scim__value value = { .kind = SCIM__NULL };

		/* @spec 7644-3.3-02, 7643-4.3-02 */
		if (sub->mutability == SCIM__READ_ONLY ||
		    is_derived_url(a, sub))
			continue;
		if (given[i] != NULL) {
			scim_status rc =
			    scim__check_value(ck, sub, given[i], &value);

			if (rc != SCIM_OK)
				return rc;
		}
		if (value.kind != SCIM__NULL)
			object->object.members[object->count++] =
			    (scim__member){ sub->name, value };
		else if (sub->required && missing == NULL)
			missing = sub;
	}
	if (missing != NULL && object->count > 0)
		return scim__check_fail(
		    ck, missing, "is required: send it with a value.");
	return SCIM_OK;
}

scim_status
scim__check_complex(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	if (in->kind == SCIM__STRING)
		return check_bare_reference(ck, a, in, out);
	if (in->kind == SCIM__NULL) {
		*out = *in;
		return SCIM_OK;
	}
	if (in->kind != SCIM__OBJECT)
		return scim__check_fail(
		    ck, a, "must be an object of its sub-attributes.");
	const scim__value **given =
	    scim__arena_array(ck->arena, a->sub_count, sizeof(*given));
	scim__member *members =
	    scim__arena_array(ck->arena, a->sub_count, sizeof(*members));
	if (given == NULL || members == NULL)
		return scim__fail_memory(ck->err);
	scim_status rc = collect(ck, a, in, given);
	if (rc != SCIM_OK)
		return rc;
	const scim__attribute *id = reference_id(a);
	const scim__value *sent = id == NULL ? NULL : given[id - a->sub];
	if (sent != NULL && sent->kind == SCIM__STRING && sent->string.len == 0)
		return drop_empty_reference(ck, out);
	scim__value object = scim__value_object();
	object.object.members = members;
	object.object.capacity = a->sub_count;
	rc = check_subs(ck, a, given, &object);
	if (rc != SCIM_OK)
		return rc;
	if (object.count == 0)
		object = (scim__value){ .kind = SCIM__NULL };
	*out = object;
	return SCIM_OK;
}
