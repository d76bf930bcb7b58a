/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts.  The table is in the order of time, so that new rows are appended
 * and old ones go from the front; one index leads to a receipt by its key,
 * one to those of a resource.  Two with one key are refused by the former.
 */
#include "base/str.h"
#include "store/sqlite/sqlite.h"

static scim_status
damaged(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_STORE,
	    "A receipt has the wrong shape: the database is damaged.");
}

static scim_status
read_receipt(
    struct stmt *q, scim_arena *arena, scim_receipt *out, scim_error *err)
{
	scim_receipt r = { .flags = 0 };
	bool whole = scim__sqlite_read_bytes(q, r.key, sizeof(r.key)) &&
	    scim__sqlite_read_bytes(q, r.fingerprint, sizeof(r.fingerprint));

	r.id = scim__sqlite_read_id(q, arena);
	whole = whole &&
	    scim__sqlite_read_bytes(
		q, r.version.bytes, sizeof(r.version.bytes));
	r.sequence = (uint64_t)scim__sqlite_read_int(q);
	r.flags = (uint32_t)scim__sqlite_read_int(q);
	r.at_ms = scim__sqlite_read_int(q);
	if (!whole)
		return damaged(err);
	if (r.id.ptr == NULL)
		return scim__fail_memory(err);
	*out = r;
	return SCIM_OK;
}

/* Binds the tenant; SCIM_ERR_NOT_FOUND when it has no rows of any kind. */
static scim_status
use(struct txn *txn, enum sql which, scim_str tenant, struct stmt *q,
    scim_error *err)
{
	int64_t number = 0;
	scim_status rc = scim__sqlite_find_name(txn, tenant, &number, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_use(txn, which, q, err);
	if (rc == SCIM_OK)
		scim__sqlite_bind_int(q, number);
	return rc;
}

scim_status
scim__sqlite_receipt_get(scim_txn *base, scim_arena *arena, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_receipt *out,
    scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(txn_of(base), SQL_RECEIPT_GET, tenant, &q, err);

	if (rc == SCIM_OK) {
		scim__sqlite_bind_blob(&q, key, SCIM_RECEIPT_KEY_BYTES);
		rc = scim__sqlite_row(&q, err);
	}
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__fail(err, rc, "No such receipt.");
	return rc == SCIM_OK ? read_receipt(&q, arena, out, err) : rc;
}

scim_status
scim__sqlite_receipt_put(scim_txn *base, scim_str tenant,
    const scim_receipt *receipt, scim_error *err)
{
	struct txn *txn = txn_of(base);
	int64_t number = 0;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_make_name(txn, tenant, &number, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_use(txn, SQL_RECEIPT_PUT, &q, err);
	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, number);
	scim__sqlite_bind_int(&q, receipt->at_ms);
	scim__sqlite_bind_blob(&q, receipt->key, sizeof(receipt->key));
	scim__sqlite_bind_blob(
	    &q, receipt->fingerprint, sizeof(receipt->fingerprint));
	scim__sqlite_bind_id(&q, receipt->id);
	scim__sqlite_bind_blob(
	    &q, receipt->version.bytes, sizeof(receipt->version.bytes));
	scim__sqlite_bind_int(&q, (int64_t)receipt->sequence);
	scim__sqlite_bind_int(&q, receipt->flags);
	rc = scim__sqlite_run(&q, err);
	if (rc == SCIM_OK && sqlite3_changes(txn->conn->db) == 0)
		return scim__fail(err, SCIM_ERR_EXISTS,
		    "There is a receipt with this key already.");
	return rc;
}

scim_status
scim__sqlite_receipt_drop(scim_txn *base, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(txn_of(base), SQL_RECEIPT_DROP, tenant, &q, err);

	if (rc != SCIM_OK)
		return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
	scim__sqlite_bind_blob(&q, key, SCIM_RECEIPT_KEY_BYTES);
	return scim__sqlite_run(&q, err);
}

static scim_status
collect(struct stmt *q, scim_arena *arena, scim_receipt **out,
    size_t *out_count, scim_error *err)
{
	scim_receipt *found = NULL;
	size_t count = 0;
	scim_status rc;

	while ((rc = scim__sqlite_row(q, err)) == SCIM_OK) {
		found = scim__sqlite_grow(arena, found, count, sizeof(*found));
		if (found == NULL)
			return scim__fail_memory(err);
		rc = read_receipt(q, arena, &found[count++], err);
		if (rc != SCIM_OK)
			return rc;
	}
	if (rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out = found;
	*out_count = count;
	return SCIM_OK;
}

scim_status
scim__sqlite_receipts(scim_txn *base, scim_arena *arena,
    const scim_receipt_plan *plan, scim_receipt **out, size_t *out_count,
    scim_error *err)
{
	bool of_one = plan->id.len > 0;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use(txn_of(base),
	    of_one ? SQL_RECEIPTS_OF : SQL_RECEIPTS, plan->tenant, &q, err);

	if (rc == SCIM_ERR_NOT_FOUND) {
		*out = NULL;
		*out_count = 0;
		return SCIM_OK;
	}
	if (rc != SCIM_OK)
		return rc;
	if (of_one)
		scim__sqlite_bind_id(&q, plan->id);
	else
		scim__sqlite_bind_int(&q, plan->before_ms);
	scim__sqlite_bind_limit(&q, plan->limit);
	return collect(&q, arena, out, out_count, err);
}
