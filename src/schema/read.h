/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SCHEMA_READ_H
#define SCIM_SCHEMA_READ_H

/*
 * From definitions as JSON to what schema.h declares.  Used only while a
 * registry is made.
 */

#include <stdatomic.h>

#include "schema/schema.h"

struct scim_registry {
	atomic_size_t references;
	scim_arena *arena; /* owns the registry too */

	scim__schema *schemas; /* the published ones first */
	size_t schema_count, published_count;
	scim__resource_type *types;
	size_t type_count;
	const scim__attribute *common;
	size_t common_count;
	scim_schema_source *sources; /* beside the shipped ones */
	size_t source_count;
};

/* What is being read, for memory and for sentences about what is wrong. */
struct scim__reading {
	scim_arena *arena;
	scim_str source; /* file name */
	scim_str within; /* name or URN of the definition; may be empty */
	scim_error *err;
};

/* SCIM_ERR_INVALID: "<source>: <within>: <path>: …". */
SCIM_PRINTF(3, 4)
scim_status scim__read_fail(
    const struct scim__reading *reading, scim_str path, const char *fmt, ...);

/*
 * Members of a definition, names ASCII case aside.  An absent one (or null)
 * leaves `out` alone; one of another type is SCIM_ERR_INVALID.
 */
SCIM_MUST_USE scim_status scim__read_bool(const struct scim__reading *reading,
    scim_str path, const scim__value *object, scim_str name, bool *out);
SCIM_MUST_USE scim_status scim__read_string(const struct scim__reading *reading,
    scim_str path, const scim__value *object, scim_str name, scim_str *out);
SCIM_MUST_USE scim_status scim__read_strings(
    const struct scim__reading *reading, scim_str path,
    const scim__value *object, scim_str name, const scim_str **out,
    size_t *out_count);

/*
 * The attributes of a schema.  `prefix` stands in front of their paths: a
 * URN and a colon for an extension, else empty.
 */
SCIM_MUST_USE scim_status scim__read_attributes(
    const struct scim__reading *reading, const scim__value *definitions,
    scim_str prefix, const scim__attribute **out, size_t *out_count);

/* The x-scimd-* marks of an attribute whose sub-attributes are read. */
SCIM_MUST_USE scim_status scim__read_marks(const struct scim__reading *reading,
    const scim__value *definition, scim__attribute *attribute);

/* A resource type, whose schemas the registry has already. */
SCIM_MUST_USE scim_status scim__read_resource_type(
    const struct scim__reading *reading, const scim_registry *registry,
    const scim__value *document, scim__resource_type *out);

/* Whether types and marks that refer to each other fit together. */
SCIM_MUST_USE scim_status scim__check_types(
    const struct scim__reading *reading, const scim_registry *registry);

/* Fills `registry` from the shipped documents and those given. */
SCIM_MUST_USE scim_status scim__registry_load(scim_registry *registry,
    const scim_schema_source *sources, size_t count, scim_error *err);

#endif
