/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a delete left over for later, for hosts that have a writer: one turn
 * at a time, so that requests come in between.
 */
#include "base/arena.h"
#include "base/error.h"
#include "handler/call.h"
#include "provider/departure.h"

void
scim__settle_look(scim_provider *provider)
{
	atomic_store(&provider->departures, true);
}

scim_status
scim__settle_turn(scim_provider *provider,
    bool (*context)(void *argument, scim_str tenant, scim_context *out),
    void *argument, bool *out_more, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim__auto(scim_arena_free) scim_arena *arena = NULL;
	scim_context of_tenant = { 0 };
	scim_str tenant = { NULL, 0 };

	*out_more = false;
	if (!atomic_load(&provider->departures))
		return SCIM_OK;
	arena = scim_arena_new(NULL);
	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc =
	    scim__store_begin(provider->store, SCIM_TXN_WRITE, &txn, err);
	if (rc == SCIM_OK)
		rc =
		    scim__departures_tenant(provider, txn, arena, &tenant, err);
	if (rc != SCIM_OK || tenant.ptr == NULL ||
	    !context(argument, tenant, &of_tenant))
		return rc;
	of_tenant.arena = arena;
	of_tenant.tenant = tenant;
	rc = scim__departures_turn(provider, txn, &of_tenant, out_more, err);
	/* Only an empty shelf ends it; a failure waits for the next call. */
	*out_more = rc == SCIM_OK;
	return rc != SCIM_OK ? rc : scim__store_commit(scim__take(txn), err);
}
