/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_BULK_H
#define SCIM_PROVIDER_BULK_H

/*
 * A bulk request (RFC 7644 section 3.7) on its way: many operations, each of
 * them a scim__op like any other.
 *
 *	scim__bulk_read();
 *	while (!bulk.is_over) {
 *		do scim__bulk_prepare(); while (bulk.has_more);
 *		scim__bulk_apply() in a write transaction, commit;
 *		scim__bulk_committed(), or scim__bulk_stop() when that failed;
 *	}
 *	scim__bulk_finish();
 */

#include "provider/bulk_order.h"
#include "provider/operation.h"

enum scim__bulk_state {
	SCIM__BULK_WAITING, /* not carried out: not in the answer either */
	SCIM__BULK_DONE,
	SCIM__BULK_FAILED /* `err` says why */
};

/* One operation, and what came of it. */
struct scim__bulk_item {
	/* as sent; ptr NULL: it was not */
	scim_str method, path, bulk_id;
	const scim__value *data;
	scim_preconditions expect; /* of `version` */

	const struct scim__op_steps *steps;
	const scim__resource_type *type; /* NULL: the path names none */
	scim_str id;      /* of the target, also of one to be created */
	bool is_broken;   /* can't be carried out, as `err` says */
	bool was_created; /* by the same request, before; `id` is known */
	size_t first_need, need_count; /* among scim__bulk.needs */

	/* what outlasts a slice: see scim__op */
	struct scim__op_hash *hashes;
	size_t hash_count;
	scim__op *op; /* the slice's */

	enum scim__bulk_state state;
	bool is_changed; /* DONE: a new state was made */
	scim_error err;
	scim_version version; /* DONE, and not a delete */
	uint64_t sequence;
	scim_str etag;     /* what it is at, or what stood in its way */
	scim_str conflict; /* FAILED: scim_conflict.detail, or ptr NULL */
	scim_str told;     /* DONE: of a merge, a message; or ptr NULL */
	struct scim__merge_noted merge_noted;
};

/* What is prepared and written together; goes when that is done. */
#define SCIM__BULK_SLICE_BYTES ((size_t)8 << 20)
#define SCIM__BULK_ATOMIC_BYTES ((size_t)256 << 20)
struct scim__bulk_slice {
	scim_allocator allocator; /* counts */
	scim_allocator *inner;
	size_t bytes;
	scim_arena *arena;
	scim_context context;
	bool has_run; /* what was prepared may be outdated */

	/* the component being prepared: what it creates, and how many of its
	 * members were seen to */
	const struct scim__promises *promises;
	size_t seen;
};

typedef struct scim__bulk {
	/* set by the caller; all of it outlasts the request */
	scim_provider *provider;
	const scim_context *request_context;
	scim_arena *arena;
	scim_str body;

	/* scim__bulk_read() */
	bool is_atomic;
	bool has_most; /* failOnErrors was sent: */
	uint64_t errors_most;
	struct scim__bulk_item *items;
	size_t count;
	struct scim__bulk_edge *needs; /* references: item needs item */
	struct scim__bulk_order order;
	scim__sha256 what; /* with an Idempotency-Key: is asked for */

	/* how far it is; components */
	struct scim__bulk_slice *slice;
	size_t durable, prepared, applied;
	uint64_t errors, durable_errors;
	uint64_t touched; /* rows, by an atomic one */
	size_t stuck_at;  /* a hash was missing here last time */
	bool has_more;    /* prepare again before applying */
	bool was_refused; /* atomic: an operation failed, so nothing is done */
	bool is_over;
	scim_str dropped; /* a member left out, or ptr NULL */
	unsigned quirks;  /* enum scim__quirk, or-ed */
	size_t conflicts; /* operations whose version did not hold */
	size_t explained; /* bytes that tell of them, and of merges */
	bool has_merged;  /* a `version` that was stale */
} scim__bulk;

/*
 * Reads the message, gives out ids, resolves references, finds the order.
 * SCIM_ERR_INVALID, SCIM_ERR_TOO_LARGE: nothing of it is carried out.  What
 * is wrong with one operation alone is kept for its result.
 */
SCIM_MUST_USE scim_status scim__bulk_read(scim__bulk *bulk, scim_error *err);

/* Prepares the next slice, or, `has_more`, a part: passwords take long. */
SCIM_MUST_USE scim_status scim__bulk_prepare(scim__bulk *bulk, scim_error *err);

/*
 * Carries out what is prepared, or as much of it as a turn may take.  May be
 * run again after its effects were rolled back.  Not SCIM_OK: roll back.
 */
SCIM_MUST_USE scim_status scim__bulk_apply(
    scim__bulk *bulk, scim_txn *txn, scim_error *err);

/* What apply said stands, and is durable (or, `was_refused`, undone). */
void scim__bulk_committed(scim__bulk *bulk);

/* What was applied last is lost, as `why` says; nothing follows. */
void scim__bulk_stop(scim__bulk *bulk, const scim_error *why);

/* Finds out the tags of what was written, and what was in the way. */
SCIM_MUST_USE scim_status scim__bulk_finish(scim__bulk *bulk, scim_error *err);

/* Lets go of the slice; again is a no-op. */
void scim__bulk_release(scim__bulk *bulk);

/* Component `c`: nodes `*from` up to what is returned. */
static inline size_t
scim__bulk_component(const scim__bulk *bulk, size_t c, size_t *from)
{
	*from = bulk->order.starts[c];
	return bulk->order.starts[c + 1];
}

static inline struct scim__bulk_item *
scim__bulk_item_at(const scim__bulk *bulk, size_t node)
{
	return &bulk->items[bulk->order.nodes[node]];
}

/* Parts of scim__bulk_read(). */

/* The message into items, without ids. */
SCIM_MUST_USE scim_status scim__bulk_parse(scim__bulk *bulk, scim_error *err);

/* The ids of what the same request has created before; SCIM_ERR_EXISTS when
 * its Idempotency-Key came with another one. */
SCIM_MUST_USE scim_status scim__bulk_recall(scim__bulk *bulk, scim_error *err);

/* bulkIds into ids, everywhere; fills `needs` and `order`. */
SCIM_MUST_USE scim_status scim__bulk_resolve(scim__bulk *bulk, scim_error *err);

/* What an operation is told from others by when it is sent again. */
struct scim__claim scim__bulk_claim(
    const scim__bulk *bulk, const struct scim__bulk_item *item);

/* SCIM_ERR_TOO_LARGE: more than SCIM__BULK_ATOMIC_BYTES. */
scim_status scim__bulk_fail_bytes(scim_error *err);

/* The first failure of an item is the one that counts. */
void scim__bulk_break(struct scim__bulk_item *item, const scim_error *err);

#endif
