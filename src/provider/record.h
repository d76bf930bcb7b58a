/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_RECORD_H
#define SCIM_PROVIDER_RECORD_H

/* What the change log keeps of a write. */

#include "provider/provider.h"

/* A state as far as it is logged. */
struct scim__logged {
	const scim__value *content; /* NULL: there is none */
	scim_str text;              /* the same as stored */
	scim_str secret;
};

/* A row of the change log, but for what changed. */
scim_change scim__change(
    const scim_context *context, const char *operation, int64_t at_ms);

/*
 * Adds what changed between two states, and the way back.  `members_moved`:
 * so did the relation of `type`.
 */
SCIM_MUST_USE scim_status scim__change_describe(const scim_context *context,
    const scim__resource_type *type, const struct scim__logged *before,
    const struct scim__logged *after, bool members_moved, scim_change *change,
    scim_error *err);

/* The same where nothing but members changed of a state with this content. */
SCIM_MUST_USE scim_status scim__change_of_members(const scim_context *context,
    const scim__resource_type *type, scim_str content, scim_change *change,
    scim_error *err);

#endif
