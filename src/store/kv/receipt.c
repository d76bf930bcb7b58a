/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Receipts: one row for each, and two keys without a value that lead to it,
 * by when it was put and by whose it is.  All three come and go together.
 *
 *	RECEIPT      key          the receipt
 *	RECEIPT_AT   time key     nothing
 *	RECEIPT_OF   id key       nothing
 */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/kv/kv.h"
#include "store/kv/row.h"

static void
add_key(scim__buf *k, const uint8_t key[SCIM_RECEIPT_KEY_BYTES])
{
	scim__buf_add(
	    k, (scim_str){ (const char *)key, SCIM_RECEIPT_KEY_BYTES });
}

static void
begin_row(scim__buf *k, scim_arena *arena, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES])
{
	scim__key_begin(k, arena, tenant, SCIM__KV_RECEIPT);
	add_key(k, key);
}

/* Times before 1970 come first. */
static void
begin_time(scim__buf *k, scim_arena *arena, scim_str tenant, int64_t at_ms)
{
	scim__key_begin(k, arena, tenant, SCIM__KV_RECEIPT_AT);
	scim__key_add_number(k, (uint64_t)at_ms ^ (uint64_t)1 << 63);
}

static void
begin_owner(scim__buf *k, scim_arena *arena, scim_str tenant, scim_str id)
{
	scim__key_begin(k, arena, tenant, SCIM__KV_RECEIPT_OF);
	scim__key_add(k, id);
}

scim_status
scim__kv_receipt_get(scim_txn *txn, scim_arena *arena, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_receipt *out,
    scim_error *err)
{
	scim_receipt found = { .flags = 0 };
	scim_str row;
	scim__buf k;

	begin_row(&k, arena, tenant, key);
	scim_status rc = scim__kv_find(scim__kv_of(txn), arena, &k, &row, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__fail(err, rc, "No such receipt.");
	if (rc == SCIM_OK)
		rc = scim__row_read_receipt(arena, row, &found, err);
	if (rc != SCIM_OK)
		return rc;
	memcpy(found.key, key, sizeof(found.key));
	*out = found;
	return SCIM_OK;
}

static scim_status
put(struct scim__kv_txn *kv, scim_arena *arena, scim_str tenant,
    const scim_receipt *receipt, scim_error *err)
{
	scim__buf k, row;

	begin_row(&k, arena, tenant, receipt->key);
	scim__buf_init(&row, arena, SIZE_MAX);
	scim__row_add_receipt(&row, receipt);
	if (scim__buf_failed(&row))
		return scim__fail_memory(err);
	scim_status rc = scim__kv_put(kv, &k, scim__buf_str(&row), err);
	if (rc != SCIM_OK)
		return rc;
	begin_time(&k, arena, tenant, receipt->at_ms);
	add_key(&k, receipt->key);
	rc = scim__kv_put(kv, &k, SCIM_STR(""), err);
	if (rc != SCIM_OK)
		return rc;
	begin_owner(&k, arena, tenant, receipt->id);
	add_key(&k, receipt->key);
	return scim__kv_put(kv, &k, SCIM_STR(""), err);
}

scim_status
scim__kv_receipt_put(scim_txn *txn, scim_str tenant,
    const scim_receipt *receipt, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__kv_txn *kv = scim__kv_of(txn);
	scim_str there;
	scim__buf k;

	if (arena == NULL)
		return scim__fail_memory(err);
	begin_row(&k, arena, tenant, receipt->key);
	scim_status rc = scim__kv_find(kv, arena, &k, &there, err);
	if (rc == SCIM_OK)
		return scim__fail(err, SCIM_ERR_EXISTS,
		    "There is a receipt with this key already.");
	return rc == SCIM_ERR_NOT_FOUND ? put(kv, arena, tenant, receipt, err)
					: rc;
}

scim_status
scim__kv_receipt_drop(scim_txn *txn, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__kv_txn *kv = scim__kv_of(txn);
	scim_receipt receipt;
	scim__buf k;

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc =
	    scim__kv_receipt_get(txn, arena, tenant, key, &receipt, err);
	if (rc != SCIM_OK)
		return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
	begin_owner(&k, arena, tenant, receipt.id);
	add_key(&k, key);
	rc = scim__kv_remove(kv, &k, err);
	if (rc != SCIM_OK)
		return rc;
	begin_time(&k, arena, tenant, receipt.at_ms);
	add_key(&k, key);
	rc = scim__kv_remove(kv, &k, err);
	if (rc != SCIM_OK)
		return rc;
	begin_row(&k, arena, tenant, key);
	return scim__kv_remove(kv, &k, err);
}

/* The keys that lead to what a plan names. */
static scim_status
range_of(const scim_receipt_plan *plan, scim_arena *arena,
    struct scim__kv_range *out, scim_error *err)
{
	scim__buf low, high;

	if (plan->id.len > 0) {
		begin_owner(&low, arena, plan->tenant, plan->id);
		return scim__kv_children(&low, SCIM_STR(""), out, err);
	}
	begin_time(&low, arena, plan->tenant, INT64_MIN);
	begin_time(&high, arena, plan->tenant, plan->before_ms);
	if (scim__buf_failed(&low) || scim__buf_failed(&high))
		return scim__fail_memory(err);
	*out = (struct scim__kv_range){ .low = scim__buf_str(&low),
		.high = scim__buf_str(&high) };
	return SCIM_OK;
}

scim_status
scim__kv_receipts(scim_txn *txn, scim_arena *arena,
    const scim_receipt_plan *plan, scim_receipt **out, size_t *out_count,
    scim_error *err)
{
	struct scim__kv_pairs pairs = { .count = 0 };
	struct scim__kv_range range;
	scim_receipt *found;
	scim_status rc = range_of(plan, arena, &range, err);

	if (rc == SCIM_OK)
		rc = scim__kv_collect(scim__kv_of(txn), arena, &range, 0,
		    plan->limit, &pairs, err);
	if (rc != SCIM_OK)
		return rc;
	found = scim__arena_array(arena, pairs.count + 1, sizeof(*found));
	if (found == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; rc == SCIM_OK && i < pairs.count; i++) {
		scim_str key = pairs.keys[i];

		if (key.len < SCIM_RECEIPT_KEY_BYTES)
			return scim__row_damaged(err);
		rc = scim__kv_receipt_get(txn, arena, plan->tenant,
		    (const uint8_t *)key.ptr + key.len - SCIM_RECEIPT_KEY_BYTES,
		    &found[i], err);
	}
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__row_damaged(err);
	if (rc != SCIM_OK)
		return rc;
	*out = found;
	*out_count = pairs.count;
	return SCIM_OK;
}
