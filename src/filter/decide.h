/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_DECIDE_H
#define SCIM_FILTER_DECIDE_H

/* What a filter says of all resources of a type at once. */

#include "filter/tree.h"

enum scim__filter_truth {
	SCIM__FILTER_DEPENDS,
	SCIM__FILTER_ALWAYS,
	SCIM__FILTER_NEVER
};

/* `root` is bound to `type`. */
SCIM_MUST_USE scim_status scim__filter_decide(scim_arena *arena,
    const scim__resource_type *type, const struct scim__filter_node *root,
    enum scim__filter_truth *out, scim_error *err);

#endif
