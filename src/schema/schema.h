/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SCHEMA_SCHEMA_H
#define SCIM_SCHEMA_SCHEMA_H

/*
 * What the registry holds once the documents are read.  All of it is owned
 * by the registry and never changes.
 */

#include "scimd/schema.h"
#include "json/value.h"

/* RFC 7643 section 7. */
enum scim__type {
	SCIM__TYPE_STRING,
	SCIM__TYPE_BOOLEAN,
	SCIM__TYPE_DECIMAL,
	SCIM__TYPE_INTEGER,
	SCIM__TYPE_DATE_TIME,
	SCIM__TYPE_BINARY,
	SCIM__TYPE_REFERENCE,
	SCIM__TYPE_COMPLEX
};

enum scim__mutability {
	SCIM__READ_WRITE,
	SCIM__READ_ONLY,
	SCIM__IMMUTABLE,
	SCIM__WRITE_ONLY
};

enum scim__returned {
	SCIM__RETURNED_DEFAULT,
	SCIM__RETURNED_ALWAYS,
	SCIM__RETURNED_NEVER,
	SCIM__RETURNED_REQUEST
};

enum scim__uniqueness {
	SCIM__UNIQUE_NONE,
	SCIM__UNIQUE_SERVER,
	SCIM__UNIQUE_GLOBAL
};

/* Where the value of a derived attribute comes from. */
enum scim__derivation {
	SCIM__NOT_DERIVED,
	SCIM__FROM_RELATION, /* `groups`: who has me in `members` */
	SCIM__FROM_REFERENCE /* manager.displayName: looked up by `via` */
};

typedef struct scim__attribute scim__attribute;
struct scim__attribute {
	scim_str name; /* as the schema spells it */
	scim_str path; /* "emails.value", "urn:…:User:manager.value" */
	enum scim__type type;
	enum scim__mutability mutability;
	enum scim__returned returned;
	enum scim__uniqueness uniqueness;
	bool multi_valued, required, case_exact;

	/* scimd's own marks (x-scimd-*) */
	bool indexed;
	bool guard;
	bool hashed;            /* stored as Argon2id */
	bool atomic;            /* merged as a whole */
	bool unique_group_name; /* unique while the tenant says so */
	bool slot;              /* `type` names a slot */
	bool relation;          /* stored as rows, not in the content */
	enum scim__derivation derivation;
	scim_str derived_type;      /* FROM_RELATION: the holder's type */
	scim_str derived_via;       /* FROM_REFERENCE: sibling with the id */
	scim_str derived_attribute; /* relation, or attribute looked up */
	const scim_str *identity; /* sub-attributes that identify an element */
	size_t identity_count;
	const scim_str *reference_types; /* referenceTypes, relation types */
	size_t reference_type_count;

	const scim__attribute *parent; /* NULL at the top */
	const scim__attribute *sub;    /* sub-attributes, as in the schema */
	size_t sub_count;
};

/* Kept apart from the content, and shown to nobody. */
static inline bool
scim__attribute_is_secret(const scim__attribute *attribute)
{
	return attribute->mutability == SCIM__WRITE_ONLY ||
	    attribute->returned == SCIM__RETURNED_NEVER;
}

typedef struct scim__schema {
	scim_str id;
	scim_str name;
	const scim__attribute *attributes;
	size_t attribute_count;
	scim_str defined;     /* what it was made of, marks and all */
	scim__value document; /* as /Schemas shows it: marks left out */
} scim__schema;

typedef struct scim__extension {
	const scim__schema *schema;
	bool required;
} scim__extension;

typedef struct scim__resource_type {
	scim_str name;     /* "User" */
	scim_str endpoint; /* "/Users" */
	const scim__schema *schema;
	const scim__extension *extensions;
	size_t extension_count;
	scim_str defined;     /* what it was made of */
	scim__value document; /* as /ResourceTypes shows it, without meta */

	/* collected over schema, extensions and common attributes */
	const scim__attribute *relation; /* NULL: none; at most one */
	const scim__attribute *const *derived;
	size_t derived_count;
	const scim__attribute *const *indexed;
	size_t indexed_count;
	const scim__attribute *const *unique;
	size_t unique_count;
	bool has_request_only; /* some attribute is returned on request */
} scim__resource_type;

/* NULL for none.  Names, endpoints ("/Users") and URNs: ASCII case aside,
 * but endpoints exactly. */
const scim__resource_type *scim__registry_type(
    const scim_registry *registry, scim_str name);
const scim__resource_type *scim__registry_endpoint(
    const scim_registry *registry, scim_str endpoint);
const scim__schema *scim__registry_schema(
    const scim_registry *registry, scim_str urn);

size_t scim__registry_type_count(const scim_registry *registry);
const scim__resource_type *scim__registry_type_at(
    const scim_registry *registry, size_t index);

/* Those that /Schemas publishes; the service schemas are not among them. */
size_t scim__registry_schema_count(const scim_registry *registry);
const scim__schema *scim__registry_schema_at(
    const scim_registry *registry, size_t index);

/* id, externalId, meta: part of every resource (RFC 7643 section 3.1). */
const scim__attribute *scim__registry_common(
    const scim_registry *registry, size_t *out_count);

/* Among `count` attributes, ASCII case aside; NULL for none. */
const scim__attribute *scim__attribute_find(
    const scim__attribute *attributes, size_t count, scim_str name);

/*
 * The attribute a path names in a resource of this type: "userName",
 * "emails.value", "urn:…:User:manager.value", the type's own URN in front
 * allowed, "members.$ref".  NULL for none.  A URN alone (an extension as a
 * whole) is not an attribute.
 */
const scim__attribute *scim__registry_path(const scim_registry *registry,
    const scim__resource_type *type, scim_str path);

/* The same with a dot in place of the colon after a URN. */
const scim__attribute *scim__registry_path_after_dot(
    const scim_registry *registry, const scim__resource_type *type,
    scim_str path);

#endif
