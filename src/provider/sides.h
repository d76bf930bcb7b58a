/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_SIDES_H
#define SCIM_PROVIDER_SIDES_H

/*
 * The three states of a merge: what the caller of a write had seen, what it
 * wants, and what is there now.
 */

#include "merge/merge.h"
#include "provider/operation.h"
#include "provider/past.h"

/* How many versions may lie between: all of them are looked at. */
#define SCIM__SIDES_ROWS 1000

/* A change since the base. */
struct scim__since {
	const scim_change_row *row;
	scim__value paths; /* ARRAY of strings */
};

struct scim__sides {
	struct scim__past base;
	struct scim__since *since; /* newest first */
	size_t since_count;
	scim__value content[SCIM__SIDES];
	scim__value secret[SCIM__SIDES];
	scim__value relation[SCIM__SIDES];
	scim__value members; /* those of the base, whole */
	struct scim__merge_state states[SCIM__SIDES];
};

/*
 * Reads base and theirs; `op->current` is theirs.  SCIM_ERR_NOT_FOUND: the
 * base is not kept, or too far away to be merged with.
 */
SCIM_MUST_USE scim_status scim__sides_read(scim__op *op, scim_txn *txn,
    const scim_version *base, struct scim__sides *out, scim_error *err);

/* Makes ours of the body as if `op` had found the base.  Any error of a
 * write: it could not have been one. */
SCIM_MUST_USE scim_status scim__sides_add_ours(
    const scim__op *op, struct scim__sides *sides, scim_error *err);

/* Notes in `op` what came of a merge; `sides` NULL: there was no base. */
void scim__sides_note(scim__op *op, scim_merge_form form,
    const struct scim__sides *sides, const struct scim__merged *merged);

/* Gives the secret at `path`, if that is one, a value that it never had. */
SCIM_MUST_USE scim_status scim__sides_veil(const scim_context *context,
    const scim__resource_type *type, scim_str path, scim_str veil,
    scim__value *secret, scim_error *err);

/* Whether the path of an attribute leads to `path`, or `path` into it. */
bool scim__path_touches(scim_str attribute, scim_str path);

#endif
