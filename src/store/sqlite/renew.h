/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_SQLITE_RENEW_H
#define SCIM_STORE_SQLITE_RENEW_H

/*
 * Bringing a database up to the canonical form and the folding tables of
 * this scimd.  The backend walks and writes; what the forms are is told by
 * callbacks.
 */

#include <stdbool.h>

#include "scimd/backend/store_ops.h"

/* Two resources that now have one value in a unique attribute. */
struct scim__renew_conflict {
	scim_str tenant, type, attribute;
	scim_str id, other_id;
};

struct scim__renewal {
	/*
	 * Fills in the index and unique rows to be added, for the resource of
	 * `write->key`.  With `rewrites`, also brings content, secret, own
	 * hash and version of `record` up to date and says whether any of
	 * them is another than before.
	 */
	scim_status (*renew)(void *context, scim_arena *arena, bool rewrites,
	    scim_record *record, scim_write *write, bool *out_changed,
	    scim_error *err);
	void (*conflict)(
	    void *context, const struct scim__renew_conflict *conflict);
	/* From time to time: how many resources were looked at. */
	void (*progress)(void *context, uint64_t looked_at);
	void *context;
};

struct scim__renew_result {
	uint64_t looked_at;
	uint64_t indexed;   /* whose index or unique rows are others now */
	uint64_t rewritten; /* whose version is another now */
};

/* Opens a database whatever forms it says; only to be renewed. */
SCIM_MUST_USE scim_status scim__sqlite_open_to_renew(
    scim_str path, const scim_env *env, scim_store **out, scim_error *err);

/*
 * Renews every resource of every tenant and records the forms, all of it in
 * one transaction: after any failure the database is as it was.
 * SCIM_ERR_EXISTS: conflicts, each of which was told.
 */
SCIM_MUST_USE scim_status scim__sqlite_renew(scim_store *store,
    const struct scim__renewal *renewal, struct scim__renew_result *out,
    scim_error *err);

#endif
