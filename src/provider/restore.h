/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_RESTORE_H
#define SCIM_PROVIDER_RESTORE_H

/*
 * A state that was exported, made one of this store: by the same steps as
 * any other write, but with the id, version and times that it had.
 */

#include "provider/relation.h"
#include "json/value.h"

struct scim__restore {
	scim_str type, id;
	scim_version version;
	int64_t created_ms, modified_ms, modified_before_ms;
	scim__value content, secret;    /* OBJECTs, as stored */
	const scim_member_row *members; /* in the order of their values */
	size_t member_count;

	/* Members come in several calls with one content, and after the last
	 * it has its version: the caller knows that it will.  `own_hash` is
	 * that of the content. */
	bool is_part;
	uint8_t own_hash[32];
};

enum scim__restored {
	SCIM__RESTORED_NEW,
	SCIM__RESTORED_THERE, /* nothing to do */
	SCIM__RESTORED_OTHER  /* it is there at another version: it stays */
};

/*
 * In a write transaction; unless SCIM_OK, the caller goes back to a savepoint.
 * SCIM_ERR_INVALID: it does not fit the tenant's schemas, or is not the state
 * that its version names.  SCIM_ERR_EXISTS: somebody else has a unique value.
 * That the members exist is for the caller to look at, once all are in.
 */
SCIM_MUST_USE scim_status scim__restore(scim_provider *provider,
    const scim_context *context, scim_txn *txn,
    const struct scim__restore *restore, enum scim__restored *out,
    scim_error *err);

/* What its content and secret alone hash to. */
SCIM_MUST_USE scim_status scim__restore_own_hash(
    scim_arena *arena, struct scim__restore *restore, scim_error *err);

/* Adds those of its members to `edit` that are not there yet. */
SCIM_MUST_USE scim_status scim__restore_members(scim_arena *arena,
    scim_txn *txn, const scim_key *key, const struct scim__restore *restore,
    struct scim__relation_edit *edit, scim_error *err);

#endif
