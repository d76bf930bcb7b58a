/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_EVAL_H
#define SCIM_FILTER_EVAL_H

/* Whether a resource matches a bound filter: the one place that decides. */

#include "filter/tree.h"

struct scim__matching {
	scim_arena *arena; /* for what has to be folded */
	/* OBJECT, whole, names as in the schema */
	const scim__value *resource;

	/* How much may still be looked at; counts down from call to call. */
	uint64_t budget;
};

/*
 * Truth and status apart: `*out` is written only with SCIM_OK.
 * SCIM_ERR_INVALID "tooMany" when the budget is used up.
 */
SCIM_MUST_USE scim_status scim__filter_matches(struct scim__matching *matching,
    const struct scim__filter_node *root, bool *out, scim_error *err);

/* The same for one element of the attribute whose brackets it stands in. */
SCIM_MUST_USE scim_status scim__filter_matches_element(
    struct scim__matching *matching, const struct scim__filter_node *root,
    const scim__value *element, bool *out, scim_error *err);

/* The value of a top attribute, or of an extension's; NULL for none. */
const scim__value *scim__filter_find_top(
    const scim__value *resource, const scim__attribute *top);

#endif
