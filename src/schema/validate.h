/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SCHEMA_VALIDATE_H
#define SCIM_SCHEMA_VALIDATE_H

/*
 * A whole resource as a client sends it, against its schemas: what comes out
 * is what will be stored.  Pure: no clock, no store.
 */

#include "schema/schema.h"

/* What a tenant's profile lets through (idp table in docs/interop.md). */
enum scim__leniency {
	/* schema URIs of SCIM 1 alone: take the type's own */
	SCIM__LENIENT_LEGACY_SCHEMAS = 1 << 0,
	/* a multi-valued attribute sent as one object: an array of it */
	SCIM__LENIENT_SINGLE_VALUE = 1 << 1,
	/* an element of a relation sent as a bare string */
	SCIM__LENIENT_BARE_MEMBER = 1 << 2,
	/* a single complex attribute sent as a one-element array, and a URN
	 * followed by a dot */
	SCIM__LENIENT_MANAGER = 1 << 3,
	/* PATCH: a replace by a filter that matches nothing creates */
	SCIM__LENIENT_CREATING_REPLACE = 1 << 4,
	/* PATCH: a path to what is derived from a relation is ignored */
	SCIM__LENIENT_DERIVED = 1 << 5
};

/* What was let through though the RFC says otherwise: for log and metrics. */
enum scim__quirk {
	SCIM__QUIRK_STRING_BOOLEAN = 1 << 0, /* "True" */
	SCIM__QUIRK_LEGACY_SCHEMAS = 1 << 1,
	SCIM__QUIRK_UNKNOWN_SCHEMA = 1 << 2,
	SCIM__QUIRK_SINGLE_VALUE = 1 << 3,
	SCIM__QUIRK_BARE_MEMBER = 1 << 4,
	SCIM__QUIRK_STRING_MANAGER = 1 << 5,  /* "manager": "id" */
	SCIM__QUIRK_EMPTY_REFERENCE = 1 << 6, /* {"value": ""}: removed */
	SCIM__QUIRK_ARRAY_COMPLEX = 1 << 7,
	SCIM__QUIRK_URN_DOT = 1 << 8,
	SCIM__QUIRK_UNKNOWN_ATTRIBUTE = 1 << 9,
	SCIM__QUIRK_DOTTED_KEY = 1 << 10, /* "name.givenName": … */
	/* PATCH */
	SCIM__QUIRK_OPERATION_CASE = 1 << 11,    /* "op": "Add" */
	SCIM__QUIRK_FILTER_CREATES = 1 << 12,    /* what it does not find */
	SCIM__QUIRK_REMOVE_VALUES = 1 << 13,     /* remove with a value */
	SCIM__QUIRK_READ_ONLY_IGNORED = 1 << 14, /* in place of mutability */
	/* members that do not exist */
	SCIM__QUIRK_DANGLING_DROPPED = 1 << 15,
	SCIM__QUIRK_DANGLING_KEPT = 1 << 16,
	/* the address */
	SCIM__QUIRK_RAW_QUOTE = 1 << 17,
	SCIM__QUIRK_LOOSE_ADDRESS = 1 << 18 /* `?`, `&` or `/` for nothing */
};

/* A state in parts. */
typedef struct scim__state {
	/* OBJECT with canonical names, `schemas` first, no id, no meta, no
	 * readOnly, derived, secret or relation attribute, nothing null or
	 * empty.  `primary: false` is kept as sent. */
	scim__value content;
	/* OBJECT: what is writeOnly or never returned, values as sent or,
	 * once hashed, as hashed. */
	scim__value secret;
} scim__state;

struct scim__validation {
	scim__state state;

	/* Whether the relation was in the request; ARRAY of OBJECTs with
	 * value, type, display, each value once, in the order sent. */
	bool relation_given;
	scim__value relation;

	/* Values inside the *request* that must be replaced by their hash
	 * before the state is stored; then validate again with `hashed`. */
	scim__value **to_hash;
	size_t to_hash_count;

	unsigned quirks; /* enum scim__quirk, or-ed */
};

struct scim__validation_options {
	unsigned leniency; /* enum scim__leniency, or-ed */
	bool hashed;       /* the request's passwords are hashes already */
	/* Receives which attribute a refusal is about, when it is about one;
	 * may be NULL. */
	const scim__attribute **blamed;
};

/*
 * Validates `request` as a resource of `type`.
 *
 * `current` NULL: a create (RFC 7644 3.3).  Else a replace (3.5.1): readOnly
 * is ignored, an immutable value must match what is set and stays when
 * absent, what the client could not have seen (writeOnly, returned never or
 * request) stays when its key is absent and is cleared by null or [].
 *
 * The result shares strings with `request` and `current`.
 *
 * SCIM_ERR_INVALID with scimType invalidValue, invalidSyntax or mutability
 * and a sentence that names the attribute and says what to do.
 */
SCIM_MUST_USE scim_status scim__validate(scim_arena *arena,
    const scim_registry *registry, const scim__resource_type *type,
    scim__value *request, const scim__state *current,
    const struct scim__validation_options *options,
    struct scim__validation *out, scim_error *err);

#endif
