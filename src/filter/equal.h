/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_EQUAL_H
#define SCIM_FILTER_EQUAL_H

#include "schema/rows.h"

/*
 * Reads `attribute eq value` (RFC 7644 section 3.4.2.2) for an indexed
 * attribute: the one filter that every identity provider begins with.
 *
 * SCIM_ERR_INVALID "invalidFilter" for what is no filter or names an
 * attribute that no schema knows; SCIM_ERR_UNSUPPORTED for filters that are
 * not answered yet.
 */
SCIM_MUST_USE scim_status scim__filter_equal(scim_arena *arena,
    const scim_registry *registry, const scim__resource_type *type,
    scim_str text, scim_index_row *out, scim_error *err);

#endif
