/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_KV_H
#define SCIM_STORE_KV_H

#include "base/buf.h"
#include "base/cleanup.h"
#include "store/kv/key.h"
#include "store/kv/map.h"

/* Base of the transactions of every backend that is an ordered map. */
struct scim__kv_txn {
	scim_txn base;
	const struct scim__kv_map *map;
};

static inline struct scim__kv_txn *
scim__kv_of(scim_txn *txn)
{
	return scim__container_of(txn, struct scim__kv_txn, base);
}

/* The map by a key that was built in a buffer, and may have failed there. */
SCIM_MUST_USE scim_status scim__kv_find(struct scim__kv_txn *kv,
    scim_arena *arena, const scim__buf *key, scim_str *out, scim_error *err);
SCIM_MUST_USE scim_status scim__kv_put(struct scim__kv_txn *kv,
    const scim__buf *key, scim_str value, scim_error *err);
SCIM_MUST_USE scim_status scim__kv_remove(
    struct scim__kv_txn *kv, const scim__buf *key, scim_error *err);

/* A number at a key, 0 when there is none. */
SCIM_MUST_USE scim_status scim__kv_find_number(struct scim__kv_txn *kv,
    scim_arena *arena, const scim__buf *key, uint64_t *out, scim_error *err);
SCIM_MUST_USE scim_status scim__kv_put_number(struct scim__kv_txn *kv,
    const scim__buf *key, uint64_t number, scim_error *err);

/* Pairs of a range, copied into an arena. */
struct scim__kv_pairs {
	scim_str *keys, *values;
	size_t count, capacity;
};

/* At most `limit` pairs of a range, after `skip` of them. */
SCIM_MUST_USE scim_status scim__kv_collect(struct scim__kv_txn *kv,
    scim_arena *arena, const struct scim__kv_range *range, uint64_t skip,
    size_t limit, struct scim__kv_pairs *out, scim_error *err);

/* All keys that begin with `prefix`; with `after` not empty, only those in
 * which a text greater than `after` comes next. */
SCIM_MUST_USE scim_status scim__kv_children(const scim__buf *prefix,
    scim_str after, struct scim__kv_range *out, scim_error *err);

/*
 * Takes away every key that begins with `prefix`.  `also`, when given, is
 * called before for each with what follows the prefix.
 */
typedef scim_status scim__kv_also(struct scim__kv_txn *kv, scim_arena *arena,
    const void *argument, scim_str rest, scim_error *err);
SCIM_MUST_USE scim_status scim__kv_sweep(struct scim__kv_txn *kv,
    scim_str prefix, scim__kv_also *also, const void *argument,
    scim_error *err);

/* Methods of the table, for backends whose transactions embed the base. */
scim_status scim__kv_get(scim_txn *txn, scim_arena *arena, const scim_key *key,
    unsigned parts, scim_record *out, scim_error *err);
scim_status scim__kv_find_unique(scim_txn *txn, scim_arena *arena,
    const scim_key *key, const scim_unique_row *row, scim_str *out_id,
    scim_error *err);
scim_status scim__kv_write(scim_txn *txn, scim_arena *arena,
    const scim_write *write, scim_write_result *out, scim_error *err);
scim_status scim__kv_query(scim_txn *txn, scim_arena *arena,
    const scim_plan *plan, scim_record **out, size_t *out_count,
    scim_error *err);
scim_status scim__kv_count(scim_txn *txn, const scim_plan *plan, uint64_t most,
    uint64_t *out, scim_error *err);
scim_status scim__kv_member_get(scim_txn *txn, scim_arena *arena,
    const scim_key *key, scim_str value, scim_member_row *out, scim_error *err);
scim_status scim__kv_members(scim_txn *txn, scim_arena *arena,
    const scim_key *key, scim_str after, size_t limit, scim_member_row **out,
    size_t *out_count, scim_error *err);
scim_status scim__kv_memberships(scim_txn *txn, scim_arena *arena,
    scim_str tenant, scim_str value, scim_str after, size_t limit,
    scim_membership **out, size_t *out_count, scim_error *err);
scim_status scim__kv_leaf_get(scim_txn *txn, scim_arena *arena,
    scim_shelf shelf, scim_str name, scim_str *out, scim_error *err);
scim_status scim__kv_leaf_put(scim_txn *txn, scim_shelf shelf, scim_str name,
    scim_str value, scim_error *err);
scim_status scim__kv_leaves(scim_txn *txn, scim_arena *arena, scim_shelf shelf,
    scim_str after, size_t limit, scim_leaf **out, size_t *out_count,
    scim_error *err);
scim_status scim__kv_erase_tenant(
    scim_txn *txn, scim_str tenant, scim_error *err);

scim_status scim__kv_changes(scim_txn *txn, scim_arena *arena,
    const scim_change_plan *plan, scim_change_row **out, size_t *out_count,
    scim_error *err);
scim_status scim__kv_feed(
    scim_txn *txn, scim_str tenant, scim_feed *out, scim_error *err);
scim_status scim__kv_members_at(scim_txn *txn, scim_arena *arena,
    const scim_member_plan *plan, scim_member_row **out, size_t *out_count,
    scim_error *err);
scim_status scim__kv_trim(scim_txn *txn, scim_str tenant, int64_t before_ms,
    size_t limit, size_t *out_count, scim_error *err);
scim_status scim__kv_receipt_get(scim_txn *txn, scim_arena *arena,
    scim_str tenant, const uint8_t key[SCIM_RECEIPT_KEY_BYTES],
    scim_receipt *out, scim_error *err);
scim_status scim__kv_receipt_put(scim_txn *txn, scim_str tenant,
    const scim_receipt *receipt, scim_error *err);
scim_status scim__kv_receipt_drop(scim_txn *txn, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_error *err);
scim_status scim__kv_receipts(scim_txn *txn, scim_arena *arena,
    const scim_receipt_plan *plan, scim_receipt **out, size_t *out_count,
    scim_error *err);
scim_status scim__kv_purge(
    scim_txn *txn, const scim_purge *purge, size_t *out_count, scim_error *err);

/* What such a backend puts into its table. */
#define SCIM__KV_METHODS                                                      \
	.get = scim__kv_get, .find_unique = scim__kv_find_unique,             \
	.write = scim__kv_write, .query = scim__kv_query,                     \
	.count = scim__kv_count, .member_get = scim__kv_member_get,           \
	.members = scim__kv_members, .memberships = scim__kv_memberships,     \
	.leaf_get = scim__kv_leaf_get, .leaf_put = scim__kv_leaf_put,         \
	.leaves = scim__kv_leaves, .erase_tenant = scim__kv_erase_tenant,     \
	.changes = scim__kv_changes, .feed = scim__kv_feed,                   \
	.members_at = scim__kv_members_at, .trim = scim__kv_trim,             \
	.receipt_get = scim__kv_receipt_get,                                  \
	.receipt_put = scim__kv_receipt_put,                                  \
	.receipt_drop = scim__kv_receipt_drop, .receipts = scim__kv_receipts, \
	.purge = scim__kv_purge

#endif
