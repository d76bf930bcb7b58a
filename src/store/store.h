/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_FRONT_H
#define SCIM_STORE_FRONT_H

/*
 * The one door to every backend.  Arguments are checked here, once, and
 * optional methods get their general way.  Words as in store_ops.h.
 */

#include <stdbool.h>

#include "base/cleanup.h"
#include "scimd/backend/store_ops.h"
#include "store/stamps.h"

/* Refuses a table with a hole or of another version. */
SCIM_MUST_USE scim_status scim__store_check_ops(
    const scim_store_ops *ops, scim_error *err);

SCIM_MUST_USE scim_status scim__store_begin(
    scim_store *store, scim_txn_mode mode, scim_txn **out, scim_error *err);
SCIM_MUST_USE scim_status scim__store_savepoint(scim_txn *txn, scim_error *err);
SCIM_MUST_USE scim_status scim__store_release(scim_txn *txn, scim_error *err);
SCIM_MUST_USE scim_status scim__store_rollback_to(
    scim_txn *txn, scim_error *err);
SCIM_MUST_USE scim_status scim__store_commit(scim_txn *txn, scim_error *err);

/* NULL is allowed. */
void scim__store_rollback(scim_txn *txn);
SCIM__DEFINE_AUTO(scim_txn *, scim__store_rollback);

SCIM_MUST_USE scim_status scim__store_get(scim_txn *txn, scim_arena *arena,
    const scim_key *key, unsigned parts, scim_record *out, scim_error *err);
SCIM_MUST_USE scim_status scim__store_find_unique(scim_txn *txn,
    scim_arena *arena, const scim_key *key, const scim_unique_row *row,
    scim_str *out_id, scim_error *err);
SCIM_MUST_USE scim_status scim__store_write(scim_txn *txn, scim_arena *arena,
    const scim_write *write, scim_write_result *out, scim_error *err);
SCIM_MUST_USE scim_status scim__store_query(scim_txn *txn, scim_arena *arena,
    const scim_plan *plan, scim_record **out, size_t *out_count,
    scim_error *err);
SCIM_MUST_USE scim_status scim__store_count(scim_txn *txn,
    const scim_plan *plan, uint64_t most, uint64_t *out, scim_error *err);
SCIM_MUST_USE scim_status scim__store_member_get(scim_txn *txn,
    scim_arena *arena, const scim_key *key, scim_str value,
    scim_member_row *out, scim_error *err);
SCIM_MUST_USE scim_status scim__store_members(scim_txn *txn, scim_arena *arena,
    const scim_key *key, scim_str after, size_t limit, scim_member_row **out,
    size_t *out_count, scim_error *err);
SCIM_MUST_USE scim_status scim__store_memberships(scim_txn *txn,
    scim_arena *arena, scim_str tenant, scim_str value, scim_str after,
    size_t limit, scim_membership **out, size_t *out_count, scim_error *err);
SCIM_MUST_USE scim_status scim__store_leaf_get(scim_txn *txn, scim_arena *arena,
    scim_shelf shelf, scim_str name, scim_str *out, scim_error *err);
SCIM_MUST_USE scim_status scim__store_leaf_put(scim_txn *txn, scim_shelf shelf,
    scim_str name, scim_str value, scim_error *err);
SCIM_MUST_USE scim_status scim__store_leaves(scim_txn *txn, scim_arena *arena,
    scim_shelf shelf, scim_str after, size_t limit, scim_leaf **out,
    size_t *out_count, scim_error *err);
SCIM_MUST_USE scim_status scim__store_erase_tenant(
    scim_txn *txn, scim_str tenant, scim_error *err);
SCIM_MUST_USE scim_status scim__store_changes(scim_txn *txn, scim_arena *arena,
    const scim_change_plan *plan, scim_change_row **out, size_t *out_count,
    scim_error *err);
SCIM_MUST_USE scim_status scim__store_feed(
    scim_txn *txn, scim_str tenant, scim_feed *out, scim_error *err);
SCIM_MUST_USE scim_status scim__store_members_at(scim_txn *txn,
    scim_arena *arena, const scim_member_plan *plan, scim_member_row **out,
    size_t *out_count, scim_error *err);
SCIM_MUST_USE scim_status scim__store_trim(scim_txn *txn, scim_str tenant,
    int64_t before_ms, size_t limit, size_t *out_count, scim_error *err);
SCIM_MUST_USE scim_status scim__store_receipt_get(scim_txn *txn,
    scim_arena *arena, scim_str tenant,
    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_receipt *out,
    scim_error *err);
SCIM_MUST_USE scim_status scim__store_receipt_put(scim_txn *txn,
    scim_str tenant, const scim_receipt *receipt, scim_error *err);
SCIM_MUST_USE scim_status scim__store_receipt_drop(scim_txn *txn,
    scim_str tenant, const uint8_t key[SCIM_RECEIPT_KEY_BYTES],
    scim_error *err);
SCIM_MUST_USE scim_status scim__store_receipts(scim_txn *txn, scim_arena *arena,
    const scim_receipt_plan *plan, scim_receipt **out, size_t *out_count,
    scim_error *err);
SCIM_MUST_USE scim_status scim__store_purge(
    scim_txn *txn, const scim_purge *purge, size_t *out_count, scim_error *err);
SCIM_MUST_USE scim_status scim__store_scrub(scim_store *store, scim_error *err);
SCIM_MUST_USE scim_status scim__store_tidy(
    scim_store *store, size_t limit, int *out_more, scim_error *err);
SCIM_MUST_USE scim_status scim__store_generation(
    scim_store *store, uint64_t *out, scim_error *err);
SCIM_MUST_USE scim_status scim__store_health(
    scim_store *store, scim_error *err);

/*
 * Begins to keep stamps of what is written, for caches: from the next write
 * on.  Before anything else uses the store.
 */
SCIM_MUST_USE scim_status scim__store_keep_stamps(
    scim_store *store, scim_error *err);

/* The moment for what is about to be read, where stamps are kept. */
uint64_t scim__store_now(const scim_store *store);

/* Openers of the backends, one each; see scim_store_open(). */
SCIM_MUST_USE scim_status scim__store_open_sqlite(
    scim_str path, const scim_env *env, scim_store **out, scim_error *err);

SCIM_MUST_USE scim_status scim__store_open_postgres(
    scim_str url, const scim_env *env, scim_store **out, scim_error *err);

/*
 * Writes the URL of a store for others to see: without what may be a
 * password.  Returns `out`.
 */
const char *scim__store_show_url(const char *url, char *out, size_t size);

/*
 * Decorators: they take over `inner` and close it with themselves.  trace
 * tells `line` what is called and what came back; fault fails, delays or
 * loses the answer of chosen calls.
 */
SCIM_MUST_USE scim_status scim__store_trace(scim_store *inner,
    void (*line)(void *context, const char *text), void *context,
    scim_store **out, scim_error *err);

enum scim__fault_call {
	SCIM__FAULT_BEGIN,
	SCIM__FAULT_READ,
	SCIM__FAULT_WRITE,
	SCIM__FAULT_COMMIT
};

struct scim__fault {
	enum scim__fault_call call;
	unsigned nth;       /* 1: the next such call */
	scim_status status; /* what it answers; SCIM_OK for a delay alone */
	bool after;         /* done, but the answer is lost */
	unsigned delay_ms;
};

SCIM_MUST_USE scim_status scim__store_fault(
    scim_store *inner, scim_store **out, scim_error *err);
void scim__store_fault_plan(scim_store *store, const struct scim__fault *fault);

#endif
