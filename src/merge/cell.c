/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One cell: the smallest thing that changes as a whole.
 *
 * All of a merge comes down to this rule: who changed it alone has it, who
 * changed it alike has it too, and everything else is a conflict.  Values are
 * compared octet by octet.  What is secret is the exception: that both sides
 * assigned it is a conflict even when they assigned the same, because saying
 * "the same" would tell one side what the other's secret is.
 */
#include "merge/cell.h"
#include "base/seeded.h"
#include "base/str.h"
#include "schema/check.h"

const scim__value *
scim__merge_assigned(const scim__value *value)
{
	return value == NULL || scim__is_unassigned(value) ? NULL : value;
}

bool
scim__merge_same(const scim__value *a, const scim__value *b)
{
	if (a == b)
		return true;
	return a != NULL && b != NULL && scim__value_equal(a, b);
}

bool
scim__merge_is_foreign(const scim__attribute *attribute)
{
	return attribute->mutability == SCIM__READ_ONLY ||
	    attribute->derivation != SCIM__NOT_DERIVED;
}

const scim__attribute *
scim__merge_primary_of(const scim__attribute *a)
{
	if (!a->multi_valued || a->type != SCIM__TYPE_COMPLEX)
		return NULL;
	const scim__attribute *primary =
	    scim__attribute_find(a->sub, a->sub_count, SCIM_STR("primary"));

	return primary != NULL && primary->type == SCIM__TYPE_BOOLEAN &&
		!primary->multi_valued && !scim__merge_is_foreign(primary)
	    ? primary
	    : NULL;
}

static scim_merge_kind
kind_of(const struct scim__trio *trio)
{
	if (trio->of[SCIM__OURS] == NULL)
		return SCIM_MERGE_DELETE_MODIFY;
	if (trio->of[SCIM__THEIRS] == NULL)
		return SCIM_MERGE_MODIFY_DELETE;
	return trio->of[SCIM__BASE] == NULL ? SCIM_MERGE_ADD_ADD
					    : SCIM_MERGE_MODIFY_MODIFY;
}

const scim__value *
scim__merge_cell(struct scim__merging *m, const struct scim__place *place,
    const struct scim__trio *trio)
{
	const scim__value *base = trio->of[SCIM__BASE];
	const scim__value *ours = trio->of[SCIM__OURS];
	const scim__value *theirs = trio->of[SCIM__THEIRS];
	bool by_ours = !scim__merge_same(base, ours);
	bool by_theirs = !scim__merge_same(base, theirs);

	m->changed[SCIM__OURS] |= by_ours;
	m->changed[SCIM__THEIRS] |= by_theirs;
	if (!by_ours) {
		if (by_theirs) {
			scim__merge_note(m, place, SCIM__THEIRS);
			scim__merge_note_difference(m, place, base, theirs);
		}
		return theirs;
	}
	if (!by_theirs) {
		scim__merge_note(m, place, SCIM__OURS);
		return ours;
	}
	if (SCIM__SEEDED_MERGE_LAST_WRITER)
		return ours;
	if (!scim__attribute_is_secret(place->attribute) &&
	    scim__merge_same(ours, theirs))
		return theirs;
	return trio->of[scim__merge_conflict(m, place, kind_of(trio), trio)];
}
