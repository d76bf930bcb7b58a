/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_VERSION_TAG_H
#define SCIM_VERSION_TAG_H

#include <stdbool.h>

#include "base/hash.h"
#include "scimd/version.h"

/*
 * From a state to the version that names it, and to the tag that shows it.
 */

/* SHA-256 over the content and, when there is one, the secret's digest. */
SCIM_MUST_USE scim_status scim__own_hash(
    scim_str content, scim_str secret, scim__sha256 *out, scim_error *err);

/*
 * The version of a state: the own hash alone, or, for a type with a
 * relation, SHA-256 over (own hash, set hash, count).
 */
SCIM_MUST_USE scim_status scim__state_version(const scim__sha256 *own,
    bool has_relation, scim_str relation_state, uint64_t relation_count,
    scim_version *out, scim_error *err);

/* What a tag shows. */
struct scim__tag_parts {
	scim_version own;
	bool has_derived;
	uint8_t derived[8];
	bool strong;
	uint64_t sequence; /* shown in strong tags */
};

/*
 * W/"<own>", W/"<own>.<derived>", or strong "<own>.<sequence>",
 * "<own>.<derived>.<sequence>".  `opaque.ptr` is NULL when out of memory.
 */
scim_etag scim__tag_make(
    scim_arena *arena, const struct scim__tag_parts *parts);

/* 64 bits over derived values in canonical JSON. */
SCIM_MUST_USE scim_status scim__derived_hash(
    scim_str canonical, uint8_t out[8], scim_error *err);

#endif
