/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_MERGE_MESSAGE_H
#define SCIM_PROVIDER_MERGE_MESSAGE_H

/* A change that says what it was made from: docs/merging.md, "In one round
 * trip". */

#include "scimd/merge.h"
#include "scimd/version.h"
#include "json/value.h"

#define SCIM__MERGE_URN "urn:scimd:params:scim:api:messages:2.0:Merge"

struct scim__merge_message {
	/* no message: a stale version that was expected is the base, and what
	 * is wanted is the body of the replace or patch that expected it */
	bool is_stale;
	scim_str base; /* as sent */
	scim_version version;
	/* one of both; the other NULL */
	const scim__value *resource, *operations;
	bool says_on_conflict;
	scim_merge_use on_conflict;
	scim_merge_resolution *resolutions;
	size_t resolution_count;
	bool is_dry;
};

/* The version that a tag names, or a version alone; false: it names none. */
bool scim__version_named(scim_str opaque, scim_version *out);

/* Shares memory with `message`.  SCIM_ERR_INVALID "invalidSyntax" or
 * "invalidValue". */
SCIM_MUST_USE scim_status scim__merge_message_parse(scim_arena *arena,
    const scim__value *message, struct scim__merge_message *out,
    scim_error *err);

#endif
