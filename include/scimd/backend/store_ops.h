/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BACKEND_STORE_OPS_H
#define SCIM_BACKEND_STORE_OPS_H

/**
 * @file scimd/backend/store_ops.h
 * @brief For those who write a storage backend.
 *
 * A backend embeds `struct scim_store` as its first member and points `ops`
 * at a static const table; its transactions embed `struct scim_txn`.  It
 * knows nothing of SCIM: attributes are names, values are folded already,
 * documents are bytes.  The library checks arguments once, at its own door,
 * so a method may rely on what is said here.  tests/contract/ holds the same
 * words as code: a backend that passes it is a backend.
 *
 * Every method may return SCIM_ERR_NO_MEMORY or SCIM_ERR_STORE (the backend
 * failed).  After a failure inside a savepoint the caller rolls back to it;
 * where the backend lost the whole transaction (SQLite on a full disk) that
 * call answers SCIM_ERR_ROLLED_BACK.  Outputs are written only on success.
 * What is handed in is borrowed for the call; what is handed out is copied
 * into the arena that came in.
 */

#include "scimd/backend/change_log.h"
#include "scimd/backend/receipt.h"
#include "scimd/store.h"
#include "scimd/version.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCIM_STORE_OPS_VERSION 1
#define SCIM_SAVEPOINT_DEPTH 4 /**< how deep savepoints are ever nested */

/** How a transaction sees and changes the store. */
typedef enum scim_txn_mode {
	SCIM_TXN_READ,     /* short: point reads and pages */
	SCIM_TXN_SNAPSHOT, /* long: may be kept while a client drains */
	SCIM_TXN_WRITE     /* one at a time; waits for its turn */
} scim_txn_mode;

typedef struct scim_store_ops scim_store_ops;

struct scim_store {
	const scim_store_ops *ops;
	const scim_env *env;
	/** The library's own; a backend leaves it zero. */
	struct scim__stamps *stamps;
};

/** Base of a backend's transactions. */
typedef struct scim_txn {
	scim_store *store;
	scim_txn_mode mode;
	/** The library's own; a backend begins with them zero. */
	struct scim__touched *touched;
	unsigned savepoints;
} scim_txn;

/** Names one resource. */
typedef struct scim_key {
	scim_str tenant;
	scim_str type; /* resource type, "User" */
	scim_str id;
} scim_key;

/** Which of the larger columns a read wants. */
typedef enum scim_record_part {
	SCIM_RECORD_CONTENT = 1 << 0,
	SCIM_RECORD_SECRET = 1 << 1,
	SCIM_RECORD_RELATION = 1 << 2 /* state of the set hash */
} scim_record_part;

/** One resource as stored. */
typedef struct scim_record {
	scim_str id;
	scim_str content; /* canonical JSON */
	scim_str secret;  /* canonical JSON, empty for none */
	uint8_t own_hash[32];
	scim_version version;
	uint64_t sequence; /* of the change that made this state */
	uint64_t position; /* order of creation within the store */
	int64_t created_ms;
	int64_t modified_ms;
	int64_t modified_before_ms; /* INT64_MIN: never modified before */
	scim_str relation_state;    /* empty for none */
	uint64_t relation_count;
} scim_record;

/** The value of an indexed attribute; text is folded unless caseExact. */
typedef enum scim_index_kind {
	SCIM_INDEX_TEXT,
	SCIM_INDEX_INTEGER, /* also booleans and times in milliseconds */
	SCIM_INDEX_REAL
} scim_index_kind;

/** One value of an indexed attribute; `kind` says which member holds it. */
typedef struct scim_index_value {
	scim_index_kind kind;
	scim_str text;
	int64_t integer;
	double real;
} scim_index_value;

/** "Resource r has this value in this attribute." */
typedef struct scim_index_row {
	scim_str attribute;
	scim_index_value value;
} scim_index_row;

/** "This value of this attribute belongs to one resource alone." */
typedef struct scim_unique_row {
	scim_str attribute;
	scim_str value; /* folded unless caseExact */
} scim_unique_row;

/** One element of a relation, all that is stored of it. */
typedef struct scim_member_row {
	scim_str value;   /* the id it refers to */
	scim_str type;    /* resource type referred to, may be empty */
	scim_str display; /* what the client stored, may be empty */
} scim_member_row;

/** What kind of write. */
typedef enum scim_write_kind {
	SCIM_WRITE_CREATE,
	SCIM_WRITE_UPDATE,
	SCIM_WRITE_DELETE,
	SCIM_WRITE_INDEX, /* index and unique rows alone; no change, no log */
	SCIM_WRITE_MARK /* a row of the change log alone, of one that is gone */
} scim_write_kind;

/**
 * One write: everything of an operation on one resource, as one step.
 *
 * There is no way to write a resource but this, and none without saying what
 * is expected of it.
 */
typedef struct scim_write {
	scim_write_kind kind;
	scim_key key;

	/** CREATE: no resource has this id.  MARK: ignored, and so are record
	 * and rows.  Any other: the resource is at this version; when it is
	 * not, nothing is written. */
	scim_version expected;

	/** The state after CREATE or UPDATE; its sequence and position are
	 * the store's to give.  Ignored on DELETE and INDEX. */
	const scim_record *record;

	/** Rows that come and go.  Removing an absent row is success.  On
	 * DELETE too the caller names every index and unique row; the
	 * backend takes away the member rows of the resource itself. */
	const scim_unique_row *unique_add, *unique_remove;
	size_t unique_add_count, unique_remove_count;
	const scim_index_row *index_add, *index_remove;
	size_t index_add_count, index_remove_count;
	const scim_member_row *member_add; /* replaces a row of that value */
	const scim_str *member_remove;     /* values; absent is success */
	size_t member_add_count, member_remove_count;
	int member_remove_all; /* before member_add */

	scim_change change; /* INDEX: ignored, as member rows are */
} scim_write;

/** What a write did, or who stood in its way. */
typedef struct scim_write_result {
	uint64_t sequence;  /* of the change, per tenant, from 1, no gaps */
	uint64_t position;  /* CREATE only */
	scim_str holder;    /* SCIM_ERR_EXISTS: id that has the value; arena */
	scim_str attribute; /* SCIM_ERR_EXISTS: attribute of that value */
} scim_write_result;

/** One end of a range. */
typedef struct scim_bound {
	int given;
	int inclusive;
	scim_index_value value;
} scim_bound;

/** Which resources of a type, in which order: never a filter tree. */
typedef struct scim_plan {
	scim_str tenant;
	scim_str type;
	/** Empty: all, by position.  Else those with an index row of this
	 * attribute between `low` and `high`, by (value, position). */
	scim_str attribute;
	scim_bound low, high;
	int descending;
	/** Keyset: only what comes after this one in the order above. */
	int has_after;
	scim_index_value after_value; /* ignored without `attribute` */
	uint64_t after_position;
	uint64_t offset;
	size_t limit;   /* never 0 */
	unsigned parts; /* scim_record_part, or-ed */
} scim_plan;

/** A membership as seen from the member. */
typedef struct scim_membership {
	scim_str id;   /* of the resource with the relation */
	scim_str type; /* its resource type */
} scim_membership;

/** Small named documents that are not resources. */
typedef enum scim_shelf {
	SCIM_SHELF_META,          /* store-wide facts and keys */
	SCIM_SHELF_TENANT,        /* tenants by name */
	SCIM_SHELF_TOKEN,         /* tokens by id */
	SCIM_SHELF_SCHEMA,        /* "tenant/urn" */
	SCIM_SHELF_RESOURCE_TYPE, /* "tenant/name" */
	SCIM_SHELF_DEPARTURE,     /* "tenant/id": gone, but still a member */
	SCIM_SHELF_COUNT
} scim_shelf;

/** One document on a shelf. */
typedef struct scim_leaf {
	scim_str name;
	scim_str value;
} scim_leaf;

/** The table of a backend. */
struct scim_store_ops {
	/** SCIM_STORE_OPS_VERSION the table was compiled with. */
	unsigned version;

	/** Shown in logs and errors: "memory", "sqlite". */
	const char *name;

	/** scim_store_capability values, or-ed. */
	unsigned capabilities;

	/**
	 * Begin a transaction.  Required.
	 *
	 * READ and SNAPSHOT see every commit that returned SCIM_OK before
	 * this call began, and one state until they end.  WRITE waits until
	 * no other WRITE is open in this process or any other; SCIM_ERR_BUSY
	 * when that takes more than 10 s.  SNAPSHOT may answer SCIM_ERR_BUSY
	 * when too many are open.  A transaction is used by one thread at a
	 * time.
	 */
	scim_status (*begin)(scim_store *store, scim_txn_mode mode,
	    scim_txn **out, scim_error *err);

	/** Mark a point to come back to.  Required.  Nested, up to
	 * SCIM_SAVEPOINT_DEPTH; the next two mean the newest mark. */
	scim_status (*savepoint)(scim_txn *txn, scim_error *err);

	/** Keep what was done since the savepoint and forget it.  Required. */
	scim_status (*release)(scim_txn *txn, scim_error *err);

	/**
	 * Undo all that was done since the savepoint and forget it.
	 * Required.  SCIM_ERR_ROLLED_BACK: the whole transaction is gone, and
	 * only rollback() may still be called.
	 */
	scim_status (*rollback_to)(scim_txn *txn, scim_error *err);

	/**
	 * Make everything durable and end the transaction, whatever is
	 * returned.  Required.
	 *
	 * SCIM_OK only when it survives a crash (with SCIM_STORE_DURABLE).
	 * SCIM_ERR_UNCERTAIN when it can't be told whether it happened; unless
	 * SCIM_STORE_REMOTE, every later call but close() then answers
	 * SCIM_ERR_STORE.  Any other failure: nothing happened.
	 */
	scim_status (*commit)(scim_txn *txn, scim_error *err);

	/** Undo everything and end the transaction.  Required. */
	void (*rollback)(scim_txn *txn);

	/** Read one resource.  Required.  `parts` says which of the larger
	 * columns; the others are left empty.  SCIM_ERR_NOT_FOUND for none. */
	scim_status (*get)(scim_txn *txn, scim_arena *arena,
	    const scim_key *key, unsigned parts, scim_record *out,
	    scim_error *err);

	/** The id that holds a unique value, or SCIM_ERR_NOT_FOUND. */
	scim_status (*find_unique)(scim_txn *txn, scim_arena *arena,
	    const scim_key *key, const scim_unique_row *row, scim_str *out_id,
	    scim_error *err);

	/**
	 * Carry out one write.  Required.  All of it or, on failure, nothing
	 * that survives rollback_to().
	 *
	 * @retval SCIM_ERR_EXISTS     CREATE: the id is taken; any: a unique
	 *                             value is held by another resource
	 *                             (`out->holder`, `out->attribute` are
	 *                             set even though this is a failure).
	 * @retval SCIM_ERR_VERSION    The resource is at another version.
	 * @retval SCIM_ERR_NOT_FOUND  All but CREATE: no such resource.
	 */
	scim_status (*write)(scim_txn *txn, scim_arena *arena,
	    const scim_write *write, scim_write_result *out, scim_error *err);

	/** The records a plan names, at most `plan->limit`.  Required.
	 * A resource with two rows in the range comes twice. */
	scim_status (*query)(scim_txn *txn, scim_arena *arena,
	    const scim_plan *plan, scim_record **out, size_t *out_count,
	    scim_error *err);

	/**
	 * How many records a plan names, its keyset, offset and order aside;
	 * counting stops at `most`.  Required.  Without an attribute this
	 * costs the same for any number.
	 */
	scim_status (*count)(scim_txn *txn, const scim_plan *plan,
	    uint64_t most, uint64_t *out, scim_error *err);

	/** One member of a relation, or SCIM_ERR_NOT_FOUND.  Required. */
	scim_status (*member_get)(scim_txn *txn, scim_arena *arena,
	    const scim_key *key, scim_str value, scim_member_row *out,
	    scim_error *err);

	/**
	 * Members of `key` in the order of their values, after `after` (empty:
	 * from the first), at most `limit`.  Required.
	 */
	scim_status (*members)(scim_txn *txn, scim_arena *arena,
	    const scim_key *key, scim_str after, size_t limit,
	    scim_member_row **out, size_t *out_count, scim_error *err);

	/**
	 * What `value` is a member of, in the order of ids, after `after`
	 * (empty: from the first), at most `limit`.  Required.
	 */
	scim_status (*memberships)(scim_txn *txn, scim_arena *arena,
	    scim_str tenant, scim_str value, scim_str after, size_t limit,
	    scim_membership **out, size_t *out_count, scim_error *err);

	/** Read a document of a shelf, or SCIM_ERR_NOT_FOUND.  Required. */
	scim_status (*leaf_get)(scim_txn *txn, scim_arena *arena,
	    scim_shelf shelf, scim_str name, scim_str *out, scim_error *err);

	/** Write a document; an empty value takes it away.  Required. */
	scim_status (*leaf_put)(scim_txn *txn, scim_shelf shelf, scim_str name,
	    scim_str value, scim_error *err);

	/** Documents after `after`, by name, at most `limit`.  Required.  After
	 * "tenant/…" those of other tenants may be left out. */
	scim_status (*leaves)(scim_txn *txn, scim_arena *arena,
	    scim_shelf shelf, scim_str after, size_t limit, scim_leaf **out,
	    size_t *out_count, scim_error *err);

	/** Take away every row of a tenant, its own leaf not.  Required. */
	scim_status (*erase_tenant)(
	    scim_txn *txn, scim_str tenant, scim_error *err);

	/**
	 * A number that differs from the last call's when another process
	 * may have committed in between.  Optional: without it nobody else
	 * writes.  SCIM_STORE_REMOTE: but for what it wrote of resources.
	 */
	scim_status (*generation)(
	    scim_store *store, uint64_t *out, scim_error *err);

	/** SCIM_OK while the store can serve.  Optional. */
	scim_status (*health)(scim_store *store, scim_error *err);

	/** Release everything, `store` included.  Required.  Cannot fail. */
	void (*close)(scim_store *store);

	/**
	 * Rows of the change log.  Required.  What a page costs does not
	 * depend on how many rows there are.
	 */
	scim_status (*changes)(scim_txn *txn, scim_arena *arena,
	    const scim_change_plan *plan, scim_change_row **out,
	    size_t *out_count, scim_error *err);

	/** How far the change log reaches.  Required. */
	scim_status (*feed)(
	    scim_txn *txn, scim_str tenant, scim_feed *out, scim_error *err);

	/**
	 * Members of a resource as they were after a change, in the order of
	 * their values.  Required.  Right for every state that is kept.
	 */
	scim_status (*members_at)(scim_txn *txn, scim_arena *arena,
	    const scim_member_plan *plan, scim_member_row **out,
	    size_t *out_count, scim_error *err);

	/**
	 * Forget the oldest changes of a tenant up to the first that was made
	 * at `before_ms` or later, at most `limit`.  Required.  With a change
	 * goes the state that it replaced; the last change of a resource that
	 * exists leaves the feed, and is there by `id` as long as its state.
	 */
	scim_status (*trim)(scim_txn *txn, scim_str tenant, int64_t before_ms,
	    size_t limit, size_t *out_count, scim_error *err);

	/** The receipt with a key, or SCIM_ERR_NOT_FOUND.  Required.
	 * In a WRITE transaction it sees what that one has put. */
	scim_status (*receipt_get)(scim_txn *txn, scim_arena *arena,
	    scim_str tenant, const uint8_t key[SCIM_RECEIPT_KEY_BYTES],
	    scim_receipt *out, scim_error *err);

	/**
	 * Put a receipt, which stands or falls with its transaction.
	 * Required.  Two are never put with one key, not even by transactions
	 * that run side by side: the later of them gets SCIM_ERR_EXISTS.
	 */
	scim_status (*receipt_put)(scim_txn *txn, scim_str tenant,
	    const scim_receipt *receipt, scim_error *err);

	/** Take a receipt away; that there is none is success.  Required. */
	scim_status (*receipt_drop)(scim_txn *txn, scim_str tenant,
	    const uint8_t key[SCIM_RECEIPT_KEY_BYTES], scim_error *err);

	/** Receipts, at most `plan->limit`.  Required.  What a page costs
	 * does not depend on how many there are. */
	scim_status (*receipts)(scim_txn *txn, scim_arena *arena,
	    const scim_receipt_plan *plan, scim_receipt **out,
	    size_t *out_count, scim_error *err);

	/**
	 * Take away what is kept of a resource that is gone: the changes named,
	 * as far as they are its own, all of its states, the members it had,
	 * and every row of a member that has gone with its id as value, in
	 * whatever relation.  About `purge->limit` rows; `*out_count` says
	 * how many it were, and fewer that nothing is left.  Required.
	 *
	 * What is taken out of the log leaves a gap in its sequences.  Members
	 * who are there, and a row of SCIM_WRITE_MARK not named, stay.
	 */
	scim_status (*purge)(scim_txn *txn, const scim_purge *purge,
	    size_t *out_count, scim_error *err);

	/**
	 * Make what was taken away before this call unreadable in the files
	 * that the backend keeps, as far as it is in its power.  Optional:
	 * without it, it is so after every commit.  No transaction of the
	 * calling thread is open.  SCIM_ERR_BUSY: others kept it from that;
	 * try again.
	 */
	scim_status (*scrub)(scim_store *store, scim_error *err);

	/**
	 * Do some of what writes left over, in a transaction of its own that
	 * touches `limit` rows at most; `*out_more` says whether there may be
	 * more.  Optional.  Nothing that can be read changes by it.  Called
	 * again and again, when nobody has a write transaction: it must be
	 * nearly free when there is nothing to do.
	 */
	scim_status (*tidy)(
	    scim_store *store, size_t limit, int *out_more, scim_error *err);

	/* Version 1 ends here.  Append, never reorder. */
};

#ifdef __cplusplus
}
#endif
#endif
