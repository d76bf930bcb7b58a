/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bulk request that came before, whole or in part.
 *
 * Each of its operations leaves a receipt of its own, under the key that the
 * request came with and its number.  So a request that was cut in half goes on
 * where it ended when it is sent again: what was done is told, and the rest
 * is done.  What was created has its id already, which others refer to.
 */
#include "base/error.h"
#include "base/str.h"
#include "provider/bulk.h"
#include "provider/receipt.h"

struct scim__claim
scim__bulk_claim(const scim__bulk *bulk, const struct scim__bulk_item *item)
{
	return (struct scim__claim){
		.sent = bulk->request_context->idempotency_key,
		.part = (uint64_t)(item - bulk->items) + 1,
		.is_described = true,
		.what = bulk->what,
	};
}

static scim_status
look(scim__bulk *bulk, scim_txn *txn, struct scim__bulk_item *item,
    scim_error *err)
{
	struct scim__claim claim = scim__bulk_claim(bulk, item);
	scim_status rc = scim__claim_find(bulk->provider, bulk->request_context,
	    bulk->arena, txn, &claim, err);

	if (rc != SCIM_OK || !claim.is_repeat)
		return rc;
	item->was_created = item->steps == &scim__create_steps;
	if (item->was_created)
		item->id = claim.receipt.id;
	return SCIM_OK;
}

scim_status
scim__bulk_recall(scim__bulk *bulk, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	const scim_str what[] = { SCIM_STR("bulk"), bulk->body };

	if (bulk->request_context->idempotency_key.ptr == NULL)
		return SCIM_OK;
	scim_status rc =
	    scim__hash_sha256(what, scim__countof(what), &bulk->what, err);
	if (rc == SCIM_OK)
		rc = scim__store_begin(
		    bulk->provider->store, SCIM_TXN_READ, &txn, err);
	for (size_t i = 0; rc == SCIM_OK && i < bulk->count; i++)
		rc = look(bulk, txn, &bulk->items[i], err);
	return rc;
}
