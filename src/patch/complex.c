/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sub-attributes laid over an object: those that are named change, the
 * others stay (RFC 7644 sections 3.5.2.1 and 3.5.2.3).  Some providers send
 * one operation for each part of a name and rely on that.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "patch/apply.h"

static scim_status
put(struct scim__patching *p, scim__value *object, scim_str name,
    scim__value value)
{
	return scim__object_set(p->checking.arena, object, name, value)
	    ? SCIM_OK
	    : scim__fail_memory(p->checking.err);
}

/* The values there are, and those given, as one list. */
static scim_status
append_values(struct scim__patching *p, const scim__attribute *sub,
    const scim__value *there, const scim__value *given, scim__value *out)
{
	scim__value both = scim__value_array();
	const scim__value *lists[] = { there, given };

	for (size_t k = 0; k < 2; k++) {
		bool is_list = lists[k]->kind == SCIM__ARRAY;
		uint32_t count = is_list ? lists[k]->count : 1;
		const scim__value *items =
		    is_list ? lists[k]->array.items : lists[k];

		for (uint32_t i = 0; i < count; i++)
			if (!scim__array_add(
				p->checking.arena, &both, items[i]))
				return scim__fail_memory(p->checking.err);
	}
	return scim__check_value(&p->checking, sub, &both, out);
}

/* @spec 7644-3.5.2-12, 7644-3.5.2.2-06 */
scim_status
scim__patch_set_sub(struct scim__patching *p, enum scim__patch_kind kind,
    const scim__attribute *sub, const scim__value *value, scim__value *object)
{
	const scim__value *there = scim__object_find(object, sub->name);
	bool is_set = there != NULL && !scim__is_unassigned(there);
	scim__value given = { .kind = SCIM__NULL };
	scim_status rc = SCIM_OK;

	if (value != NULL && kind == SCIM__PATCH_ADD && sub->multi_valued &&
	    is_set)
		rc = append_values(p, sub, there, value, &given);
	else if (value != NULL)
		rc = scim__check_value(&p->checking, sub, value, &given);
	if (rc != SCIM_OK)
		return rc;
	if (is_set && sub->mutability == SCIM__IMMUTABLE &&
	    !scim__value_equal(there, &given))
		return scim__check_fail_type(&p->checking, "mutability", sub,
		    "is immutable and has a value.");
	if (given.kind != SCIM__NULL)
		return put(p, object, sub->name, given);
	if (kind == SCIM__PATCH_ADD)
		return SCIM_OK;
	if (is_set && sub->required)
		return scim__patch_fail_required(p, sub);
	return put(p, object, sub->name, given);
}

scim_status
scim__patch_merge(struct scim__patching *p, enum scim__patch_kind kind,
    const scim__attribute *a, const scim__value *value, scim__value *object)
{
	bool *seen =
	    scim__arena_array(p->checking.arena, a->sub_count, sizeof(*seen));

	if (seen == NULL)
		return scim__fail_memory(p->checking.err);
	if (value->kind != SCIM__OBJECT)
		return scim__check_fail(&p->checking, a,
		    "must be an object of its sub-attributes.");
	for (uint32_t i = 0; i < value->count; i++) {
		const scim__member *m = &value->object.members[i];
		const scim__attribute *sub =
		    scim__attribute_find(a->sub, a->sub_count, m->name);

		if (sub == NULL) {
			p->checking.quirks |= SCIM__QUIRK_UNKNOWN_ATTRIBUTE;
			continue;
		}
		if (seen[sub - a->sub]) /* @spec 7643-2.1-04 */
			return scim__check_fail_type(&p->checking,
			    "invalidSyntax", sub,
			    "is there twice (names ignore case): send it "
			    "once.");
		seen[sub - a->sub] = true;
		if (sub->mutability == SCIM__READ_ONLY)
			continue;
		scim_status rc =
		    scim__patch_set_sub(p, kind, sub, &m->value, object);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}
