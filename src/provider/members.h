/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_MEMBERS_H
#define SCIM_PROVIDER_MEMBERS_H

/* What a patch does to the rows of a relation. */

#include "patch/patch.h"
#include "provider/relation.h"

/*
 * Applies the changes in order.  The cost follows the rows they name; only a
 * filter and a replacement look at the others.
 */
SCIM_MUST_USE scim_status scim__members_apply(scim_txn *txn,
    const scim_context *context, const scim__resource_type *type,
    const scim_key *key, const struct scim__patched *patched,
    struct scim__relation_edit *edit, scim_error *err);

#endif
