/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_COMPARE_H
#define SCIM_FILTER_COMPARE_H

/* One stored value against what a bound comparison says. */

#include "filter/tree.h"

/*
 * A value of another type than the attribute's, stored before its schema
 * changed, is a match for nothing.  SCIM_ERR_NO_MEMORY: it could not be
 * folded.
 */
SCIM_MUST_USE scim_status scim__filter_compare(scim_arena *arena,
    const struct scim__filter_node *node, const scim__value *value, bool *out,
    scim_error *err);

#endif
