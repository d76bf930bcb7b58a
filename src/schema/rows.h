/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SCHEMA_ROWS_H
#define SCIM_SCHEMA_ROWS_H

/*
 * What a store has to know of a state besides its bytes: index rows, unique
 * rows, and the difference to those of the state before.
 */

#include "schema/schema.h"
#include "scimd/backend/store_ops.h"

struct scim__rows {
	scim_index_row *index; /* sorted by attribute, value; each once */
	size_t index_count;
	scim_unique_row *unique; /* sorted by attribute */
	size_t unique_count;
};

/*
 * The rows of a state.  Text is folded unless the attribute is caseExact;
 * booleans are 0 and 1, times milliseconds.  `content` NULL: no rows.
 * meta.lastModified is indexed by `modified_ms`.
 */
SCIM_MUST_USE scim_status scim__rows_of(scim_arena *arena,
    const scim_registry *registry, const scim__resource_type *type,
    const scim__value *content, int64_t modified_ms, struct scim__rows *out,
    scim_error *err);

/* Fills the add and remove lists of `write`: rows of `after` not in `before`
 * and the other way round. */
SCIM_MUST_USE scim_status scim__rows_diff(scim_arena *arena,
    const struct scim__rows *before, const struct scim__rows *after,
    scim_write *write, scim_error *err);

/*
 * One value as the index holds it; SCIM_ERR_INVALID when `value` is not of
 * the attribute's type.
 */
SCIM_MUST_USE scim_status scim__index_value(scim_arena *arena,
    const scim__attribute *attribute, const scim__value *value,
    scim_index_value *out, scim_error *err);

/* The kind of all values of an attribute that is not complex. */
scim_index_kind scim__index_kind(const scim__attribute *attribute);

#endif
