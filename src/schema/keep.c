/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a replace leaves as it was (RFC 7644 section 3.5.1).
 *
 * A PUT says what the resource shall be, but a client can't say what it was
 * never shown: what is writeOnly, or returned never or on request, stays when
 * its key is absent.  An immutable value stays as well, and one that is given
 * must be the one that is there.  The same holds for the sub-attributes of a
 * single complex value; elements of a list are looked after in elements.c.
 */
#include "base/error.h"
#include "schema/check.h"

static bool
is_unseen(const scim__attribute *a)
{
	return a->returned == SCIM__RETURNED_REQUEST ||
	    scim__attribute_is_secret(a);
}

/* @spec 7644-3.5.1-04, 7644-3.5.1-05, 7643-7-15 */
static scim_status
refuse_change(struct scim__checking *ck, const scim__attribute *a)
{
	return scim__check_fail_type(ck, "mutability", a,
	    "is immutable and has a value: send that value or leave it out.");
}

/* The order of a list of values does not matter. */
static scim_status
is_same(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *given, const scim__value *current, bool *out)
{
	struct scim__checking quiet = { .arena = ck->arena, .index = SIZE_MAX };
	scim__value stored;

	if (!a->multi_valued || given->kind != SCIM__ARRAY) {
		*out = scim__value_equal(given, current);
		return SCIM_OK;
	}
	/* The stored elements may have their members in another order. */
	scim_status rc = scim__check_value(&quiet, a, current, &stored);
	if (rc == SCIM_ERR_NO_MEMORY)
		return scim__fail_memory(ck->err);
	if (rc != SCIM_OK || stored.kind != SCIM__ARRAY) {
		*out = false;
		return SCIM_OK;
	}
	return scim__list_same(ck, given, &stored, out);
}

static scim_status
require_same(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *given, const scim__value *current)
{
	bool same = false;
	scim_status rc = is_same(ck, a, given, current, &same);

	if (rc != SCIM_OK)
		return rc;
	return same ? SCIM_OK : refuse_change(ck, a);
}

static scim_status
keep_sub(struct scim__checking *ck, const scim__attribute *sub,
    const scim__value *given, const scim__value *current, scim__value *value)
{
	static const scim__value unassigned = { .kind = SCIM__NULL };
	const scim__value *stored = scim__object_find(current, sub->name);
	const scim__value *sent = scim__object_find(value, sub->name);
	bool absent = given == NULL ||
	    (!scim__is_unassigned(given) &&
		scim__object_find_nocase(given, sub->name) == NULL);

	if (stored == NULL)
		return SCIM_OK;
	if (sub->mutability == SCIM__IMMUTABLE && (sent != NULL || !absent))
		return require_same(
		    ck, sub, sent == NULL ? &unassigned : sent, stored);
	if (sent != NULL || !absent)
		return SCIM_OK;
	if (sub->mutability != SCIM__IMMUTABLE && !is_unseen(sub))
		return SCIM_OK;
	if (value->kind != SCIM__OBJECT)
		*value = scim__value_object();
	if (!scim__object_add(ck->arena, value, sub->name, *stored))
		return scim__fail_memory(ck->err);
	return SCIM_OK;
}

scim_status
scim__check_keep(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *given, const scim__value *current, scim__value *value)
{
	if (current == NULL) /* @spec 7644-3.5.1-06 */
		return SCIM_OK;
	if (given == NULL &&
	    (is_unseen(a) || a->mutability == SCIM__IMMUTABLE)) {
		*value = *current;
		return SCIM_OK;
	}
	if (a->mutability == SCIM__IMMUTABLE)
		return require_same(ck, a, value, current);
	if (a->multi_valued)
		return scim__keep_elements(ck, a, current, value);
	if (a->type != SCIM__TYPE_COMPLEX)
		return SCIM_OK;
	for (size_t i = 0; i < a->sub_count; i++) {
		scim_status rc =
		    keep_sub(ck, &a->sub[i], given, current, value);

		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}
