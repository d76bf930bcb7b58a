/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SCHEMA_PROJECT_H
#define SCIM_SCHEMA_PROJECT_H

/*
 * Which attributes an answer shows: `returned`, and the parameters
 * attributes and excludedAttributes (RFC 7643 section 7, RFC 7644 3.4.2.5,
 * 3.9).
 */

#include "schema/schema.h"

typedef struct scim__projection scim__projection;

/*
 * Reads the two parameters, comma-separated lists as sent; an absent one has
 * ptr NULL.  Both at once: SCIM_ERR_INVALID "invalidValue".  Names that no
 * schema knows select nothing.  `type` NULL: for answers of several types,
 * resolved when applied.
 */
SCIM_MUST_USE scim_status scim__projection_parse(scim_arena *arena,
    const scim_registry *registry, const scim__resource_type *type,
    scim_str attributes, scim_str excluded, scim__projection **out,
    scim_error *err);

/* Whether everything with returned default or always is shown and nothing
 * else: then a stored document goes out as it is. */
bool scim__projection_is_default(const scim__projection *projection);

/* Whether an attribute will be shown, at least in part; `attribute` is a
 * top one or an extension's.  Saves reading members nobody asked for. */
bool scim__projection_shows(
    const scim__projection *projection, const scim__attribute *attribute);

/* Takes from `resource` (a whole representation, with id, schemas, meta and
 * derived values) what is not to be shown.  NULL: the default projection. */
void scim__projection_apply(const scim__projection *projection,
    const scim_registry *registry, const scim__resource_type *type,
    scim__value *resource);

#endif
