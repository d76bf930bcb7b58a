/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_PLAN_H
#define SCIM_FILTER_PLAN_H

/* From a bound filter to what a store can narrow it down to. */

#include "filter/tree.h"
#include "scimd/backend/store_ops.h"

enum scim__plan_how {
	SCIM__PLAN_SCAN,   /* every resource of the type */
	SCIM__PLAN_INDEX,  /* `attribute` between `low` and `high` */
	SCIM__PLAN_MEMBER, /* whose relation has `id` as a member */
	SCIM__PLAN_ID,     /* the one of that `id`, if there is one */
	SCIM__PLAN_ANY     /* what any of `branches` finds */
};

struct scim__filter_plan {
	enum scim__plan_how how;
	const scim__attribute *attribute;   /* INDEX, MEMBER */
	scim_bound low, high;               /* INDEX */
	scim_str id;                        /* MEMBER, ID */
	struct scim__filter_plan *branches; /* ANY */
	size_t branch_count;
	bool is_equal;  /* INDEX: both ends are one value */
	bool is_unique; /* INDEX: at most one resource is found */
	bool repeats;   /* INDEX: a resource may be found more than once */
	bool is_exact;  /* nothing is left to evaluate */
};

/* Every match is among what the plan finds. */
SCIM_MUST_USE scim_status scim__filter_plan(scim_arena *arena,
    const struct scim__filter_node *root, struct scim__filter_plan *out,
    scim_error *err);

#endif
