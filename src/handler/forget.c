/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A round through the tenants, one for each turn: most of them have nothing
 * to forget, which a read of two rows tells.  Who has comes again until it is
 * done.
 */
#include "handler/forget.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "provider/feed.h"
#include "provider/receipt.h"

#define ROWS_A_TURN 200 /* of changes, and of receipts */

/* The tenant after the last one; ptr NULL: none. */
static scim_status
next_tenant(scim_txn *txn, scim_arena *arena, const struct scim__forgetting *at,
    scim_str *out, scim_error *err)
{
	const scim_str after = { at->last, at->last_len };
	scim_leaf *leaf = NULL;
	size_t count = 0;
	scim_status rc = scim__store_leaves(
	    txn, arena, SCIM_SHELF_TENANT, after, 1, &leaf, &count, err);

	if (rc == SCIM_OK)
		*out = count == 0 ? (scim_str){ NULL, 0 } : leaf->name;
	return rc;
}

static scim_status
forget(scim_provider *provider, const scim_context *context, bool *out_more,
    scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	size_t changes = 0, receipts = 0;
	scim_status rc =
	    scim__store_begin(provider->store, SCIM_TXN_WRITE, &txn, err);

	if (rc == SCIM_OK)
		rc = scim__feed_trim(
		    provider, txn, context, ROWS_A_TURN, &changes, err);
	if (rc == SCIM_OK)
		rc = scim__receipts_forget(
		    provider, txn, context, ROWS_A_TURN, &receipts, err);
	if (rc == SCIM_OK)
		rc = scim__store_commit(scim__take(txn), err);
	*out_more = rc == SCIM_OK &&
	    (changes == ROWS_A_TURN || receipts == ROWS_A_TURN);
	return rc;
}

static scim_status
find_due(scim_provider *provider, scim_txn *txn, const scim_context *context,
    bool *out, scim_error *err)
{
	scim_status rc = scim__feed_is_due(provider, txn, context, out, err);

	return rc != SCIM_OK || *out
	    ? rc
	    : scim__receipts_are_due(provider, txn, context, out, err);
}

scim_status
scim__forget_turn(scim_provider *provider,
    bool (*context)(void *argument, scim_str tenant, scim_context *out),
    void *argument, struct scim__forgetting *at, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_context of_tenant = { 0 };
	scim_str tenant;
	bool is_due = false, more = false;

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc =
	    scim__store_begin(provider->store, SCIM_TXN_READ, &txn, err);
	if (rc == SCIM_OK)
		rc = next_tenant(txn, arena, at, &tenant, err);
	if (rc != SCIM_OK)
		return rc;
	at->is_done = tenant.ptr == NULL || tenant.len > sizeof(at->last);
	if (at->is_done)
		return SCIM_OK;
	if (context(argument, tenant, &of_tenant)) {
		of_tenant.arena = arena;
		of_tenant.tenant = tenant;
		rc = find_due(provider, txn, &of_tenant, &is_due, err);
	}
	scim__store_rollback(scim__take(txn));
	if (rc == SCIM_OK && is_due)
		rc = forget(provider, &of_tenant, &more, err);
	if (rc == SCIM_OK && !more) {
		memcpy(at->last, tenant.ptr, tenant.len);
		at->last_len = tenant.len;
	}
	return rc;
}
