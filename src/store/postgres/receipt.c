/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts.  The table's key is the receipt's, which refuses a second one;
 * one index is in the order of time, and one leads to those of a resource.
 */
#include "base/arena.h"
#include "base/str.h"
#include "store/postgres/postgres.h"

static scim_status
read_receipt(
    struct stmt *q, scim_arena *arena, scim_receipt *out, scim_error *err)
{
	scim_receipt r = { .flags = 0 };
	bool whole = scim__pg_read_bytes(q, r.key, sizeof(r.key)) &&
	    scim__pg_read_bytes(q, r.fingerprint, sizeof(r.fingerprint));

	r.id = scim__pg_read_str(q, arena);
	whole = whole &&
	    scim__pg_read_bytes(q, r.version.bytes, sizeof(r.version.bytes));
	r.sequence = (uint64_t)scim__pg_read_int(q);
	r.flags = (uint32_t)scim__pg_read_int(q);
	r.at_ms = scim__pg_read_int(q);
	if (!whole)
		return scim__fail(err, SCIM_ERR_STORE,
		    "A receipt has the wrong shape: the database is damaged.");
	if (r.id.ptr == NULL)
		return scim__fail_memory(err);
	*out = r;
	return SCIM_OK;
}

static scim_status
use(struct txn *txn, enum sql which, scim_str tenant, struct stmt *q,
    scim_error *err)
{
	scim_status rc = scim__pg_use(txn, which, q, err);

	if (rc == SCIM_OK)
		scim__pg_bind_str(q, tenant);
	return rc;
}

scim_status
scim__pg_receipt_get(scim_txn *base, scim_arena *arena, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_receipt *out,
    scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use(txn_of(base), SQL_RECEIPT_GET, tenant, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_bytes(&q, key, SCIM_RECEIPT_KEY_BYTES);
	rc = scim__pg_run(&q, err);
	if (rc == SCIM_OK && scim__pg_row(&q) != SCIM_OK)
		return scim__fail(err, SCIM_ERR_NOT_FOUND, "No such receipt.");
	return rc == SCIM_OK ? read_receipt(&q, arena, out, err) : rc;
}

scim_status
scim__pg_receipt_put(scim_txn *base, scim_str tenant,
    const scim_receipt *receipt, scim_error *err)
{
	struct txn *txn = txn_of(base);
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use(txn, SQL_RECEIPT_PUT, tenant, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_writes(txn, tenant);
	scim__pg_bind_int(&q, receipt->at_ms);
	scim__pg_bind_bytes(&q, receipt->key, sizeof(receipt->key));
	scim__pg_bind_bytes(
	    &q, receipt->fingerprint, sizeof(receipt->fingerprint));
	scim__pg_bind_str(&q, receipt->id);
	scim__pg_bind_bytes(
	    &q, receipt->version.bytes, sizeof(receipt->version.bytes));
	scim__pg_bind_int(&q, (int64_t)receipt->sequence);
	scim__pg_bind_int(&q, receipt->flags);
	rc = scim__pg_run(&q, err);
	if (rc == SCIM_OK && scim__pg_changed(&q) == 0)
		return scim__fail(err, SCIM_ERR_EXISTS,
		    "There is a receipt with this key already.");
	return rc;
}

scim_status
scim__pg_receipt_drop(scim_txn *base, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_error *err)
{
	struct txn *txn = txn_of(base);
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use(txn, SQL_RECEIPT_DROP, tenant, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_writes(txn, tenant);
	scim__pg_bind_bytes(&q, key, SCIM_RECEIPT_KEY_BYTES);
	return scim__pg_run(&q, err);
}

scim_status
scim__pg_receipts(scim_txn *base, scim_arena *arena,
    const scim_receipt_plan *plan, scim_receipt **out, size_t *out_count,
    scim_error *err)
{
	bool of_one = plan->id.len > 0;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use(txn_of(base),
	    of_one ? SQL_RECEIPTS_OF : SQL_RECEIPTS, plan->tenant, &q, err);

	if (rc != SCIM_OK)
		return rc;
	if (of_one)
		scim__pg_bind_str(&q, plan->id);
	else
		scim__pg_bind_int(&q, plan->before_ms);
	scim__pg_bind_limit(&q, plan->limit);
	rc = scim__pg_run(&q, err);
	if (rc != SCIM_OK)
		return rc;

	size_t count = 0, most = (size_t)PQntuples(q.result);
	scim_receipt *found = scim__arena_array(arena, most, sizeof(*found));

	if (found == NULL && most > 0)
		return scim__fail_memory(err);
	while (rc == SCIM_OK && scim__pg_row(&q) == SCIM_OK)
		rc = read_receipt(&q, arena, &found[count++], err);
	if (rc != SCIM_OK)
		return rc;
	*out = found;
	*out_count = count;
	return SCIM_OK;
}
