/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SCHEMA_OWN_H
#define SCIM_SCHEMA_OWN_H

/* Schemas that a tenant adds to those of its server. */

#include "schema/schema.h"

/* A definition by itself. */
typedef struct scim__definition {
	scim_str id; /* of a schema its URN, of a resource type its name */
	bool is_type;
	scim__value document;
} scim__definition;

/*
 * Every definition that stands in the documents, those of lists one by one;
 * of two with one id the later.  SCIM_ERR_INVALID when one is no JSON or has
 * no id; whether it means anything is found out by making a registry.
 */
SCIM_MUST_USE scim_status scim__definitions_read(scim_arena *arena,
    const scim_schema_source *sources, size_t count, scim__definition **out,
    size_t *out_count, scim_error *err);

/* As scim_registry_new(), on top of all that `base` was made of. */
SCIM_MUST_USE scim_status scim__registry_extend(const scim_registry *base,
    const scim_schema_source *sources, size_t count, scim_registry **out,
    scim_error *err);

/* Whether two types of one name are defined by the same documents. */
bool scim__type_same(
    const scim__resource_type *a, const scim__resource_type *b);

/* Whether a state has the same index and unique rows by both. */
bool scim__type_same_rows(
    const scim__resource_type *a, const scim__resource_type *b);

#endif
