/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_OPERATION_H
#define SCIM_PROVIDER_OPERATION_H

/*
 * A write on its way.
 *
 * check() and prepare() run outside the writer, against a snapshot: they
 * find out what would be written.  apply() runs inside the write transaction:
 * where the target is still at the sequence that prepare() saw it only
 * executes, else it checks and prepares again, there.  So the precondition is
 * decided in the same transaction as the write, and the writer seldom does
 * more than write.
 */

#include "base/hash.h"
#include "patch/patch.h"
#include "provider/metrics.h"
#include "provider/relation.h"
#include "provider/render.h"
#include "schema/validate.h"

typedef struct scim__op scim__op;

struct scim__op_steps {
	const char *name; /* in the change log */

	/* Everything that comes before the body; sets `settled` when the
	 * answer is known. */
	scim_status (*check)(scim__op *op, scim_txn *txn, scim_error *err);

	/* Makes `write` out of the body and what check() read; sets `settled`
	 * when there is nothing to write. */
	scim_status (*prepare)(scim__op *op, scim_txn *txn, scim_error *err);

	/* The first part of prepare(): makes `validation` of the body and
	 * `current`, without a store.  NULL: nothing is wanted of a body. */
	scim_status (*want)(scim__op *op, scim_error *err);

	/* What else belongs into the same transaction, before the write. */
	scim_status (*before)(scim__op *op, scim_txn *txn, scim_error *err);
};

/* An Idempotency-Key, and what came of looking for its receipt. */
struct scim__claim {
	scim_str sent;     /* ptr NULL: none came */
	uint64_t part;     /* of a bulk request: which operation, from 1 */
	bool is_described; /* `what` is made: */
	scim__sha256 what; /* is asked for */
	bool has_digests;  /* those are made, and stand: */
	uint8_t key[SCIM_RECEIPT_KEY_BYTES];
	uint8_t fingerprint[16];
	bool is_repeat; /* `receipt` tells what came of it the first time */
	scim_receipt receipt;
};

/* A password, and what it was hashed to. */
struct scim__op_hash {
	scim_str plain, hash;
};

struct scim__op {
	const struct scim__op_steps *steps;
	scim_provider *provider;
	const scim_context *context;
	const scim__resource_type *type;
	scim_arena *arena;
	scim_expect expect;
	const scim__projection *projection; /* NULL: the default one */
	scim_str id;                        /* create: made unless given */
	scim_str body;
	scim_str version;        /* revert: the one to go back to */
	const scim__value *tree; /* the body as read already, or NULL */
	struct scim__claim claim;

	bool on_loop; /* what takes long is for a worker: SCIM__OP_LONG */
	bool later;   /* ... and this does */

	/* import: a state from elsewhere, as it was there; else NULL */
	const struct scim__restore *restore;

	/* within a bulk request */
	const struct scim__promises *promises; /* NULL: none */
	scim_arena *keep; /* what outlasts `arena`: hashes; NULL: `arena` */
	bool hash_apart;  /* never in the writer: */
	bool wants_hash;  /* it needs one, and failed for that alone */

	/* the body, once parsed and valid */
	bool parsed;
	scim__value request;
	bool hashed;
	struct scim__validation validation;

	/* patch: the body, and what it last did; `request` is the document */
	scim__patch patch;
	struct scim__patched patched;
	struct scim__op_hash *hashes; /* what scim__op_hash() made so far */
	size_t hash_count;
	size_t left; /* delete: relations it left at once */

	/* merge: the body, once parsed, or the stale version instead of one;
	 * and what to tell of it, as JSON */
	const struct scim__merge_message *merge;
	scim_str merged;
	struct scim__merge_noted merge_noted; /* how it went, last */
	bool is_counted;

	/* the target as last read; record.id.ptr NULL: not read, or none */
	struct scim__view current;
	scim__value stored; /* its content, once it was needed */
	bool has_stored;

	/* what would be written, and what has been */
	scim_write write;
	scim_record record;
	/* `outcome` stands, whatever apply() returned: it needs no write */
	bool settled;
	bool unsettled; /* members that are gone must leave the target first */
	bool bodiless;  /* the answer shows no more than id and version */
	bool departs;   /* delete: leaves its relations in turns */
	scim_str dropped; /* a member left out, or ptr NULL */
	scim_outcome outcome;
	struct scim__view result; /* SCIM_DONE: to be rendered */
};

/* What to do next. */
enum scim__op_next {
	SCIM__OP_SETTLED,
	SCIM__OP_HASH, /* scim__op_hash() on a worker, then start again */
	SCIM__OP_LONG, /* start again on a worker, without `on_loop` */
	SCIM__OP_WRITE /* scim__op_apply() in the writer */
};

/* check() alone, with a read transaction of its own. */
SCIM_MUST_USE scim_status scim__op_check(scim__op *op, scim_error *err);

SCIM_MUST_USE scim_status scim__op_start(
    scim__op *op, enum scim__op_next *out, scim_error *err);
SCIM_MUST_USE scim_status scim__op_hash(scim__op *op, scim_error *err);
/* Unless SCIM_OK, the caller rolls back; the outcome stands if `settled`. */
SCIM_MUST_USE scim_status scim__op_apply(
    scim__op *op, scim_txn *txn, scim_error *err);

/* All steps in this thread, each write in a transaction of its own. */
SCIM_MUST_USE scim_status scim__op_run(scim__op *op, scim_error *err);

/* Fills in the outcome's JSON, or what its context wants to be told of a
 * mismatch; after the commit. */
SCIM_MUST_USE scim_status scim__op_render(scim__op *op, scim_error *err);

/* What the public calls do: finds the type, runs, hands out the outcome. */
SCIM_MUST_USE scim_status scim__op_call(
    scim__op *op, scim_str type, scim_outcome *out, scim_error *err);

/* Counts a write that has ended with `rc`, when its answer is known: once,
 * and nothing that is no write. */
void scim__op_count(scim__op *op, scim_status rc);
scim_write_operation scim__op_counted_as(const struct scim__op_steps *steps);

/* Parts that several operations share. */

/* Reads the target into `current`; SCIM_ABSENT settles. */
SCIM_MUST_USE scim_status scim__op_read(
    scim__op *op, scim_txn *txn, scim_error *err);

/* The content of `current` as a tree, to be looked at only. */
SCIM_MUST_USE scim_status scim__op_stored(
    scim__op *op, scim__value *out, scim_error *err);

/* Adds to a mismatch what its context asks for.  It stands without as well,
 * so that nothing that fails here matters. */
void scim__op_explain(scim__op *op);

/* Whether to find out what to tell of it would hold a loop up. */
bool scim__op_tells_at_length(const scim__op *op);

/* Evaluates `expect` against `current`; a mismatch settles. */
SCIM_MUST_USE scim_status scim__op_expect(scim__op *op, scim_error *err);

/* Puts the known hashes of all that is to be hashed in its place; false: one
 * is not known, and nothing was done. */
bool scim__op_put_hashes(scim__op *op);

/* Parses the body into `request`. */
SCIM_MUST_USE scim_status scim__op_parse(scim__op *op, scim_error *err);

/* What a profile lets through: enum scim__leniency, or-ed. */
unsigned scim__profile_leniency(scim_profile profile);
unsigned scim__op_leniency(const scim__op *op);

/* Both, one after the other: check() of whatever has a target. */
SCIM_MUST_USE scim_status scim__op_check_target(
    scim__op *op, scim_txn *txn, scim_error *err);

/* Parses the body once, and validates it against `current`. */
SCIM_MUST_USE scim_status scim__op_validate(scim__op *op, scim_error *err);

/* The same of a request made anew each time, with the hashes that are known
 * by what they are of. */
SCIM_MUST_USE scim_status scim__op_validate_anew(scim__op *op, scim_error *err);

/* An outcome that is not SCIM_DONE, in words for who asked for `id`. */
scim_status scim__fail_outcome(const scim__resource_type *type, scim_str id,
    const scim_outcome *outcome, scim_error *err);

/* Settles as SCIM_DONE without a change. */
void scim__op_settle_unchanged(scim__op *op);

/* Settles as SCIM_MISMATCH with `view`, or the bare id, in the way. */
void scim__op_settle_mismatch(scim__op *op, const struct scim__view *view);

/*
 * The store said SCIM_ERR_EXISTS: that is the answer, or, for a conditional
 * create, settles as SCIM_MISMATCH.  Never SCIM_OK, so that what the write
 * did so far is rolled back.
 */
SCIM_MUST_USE scim_status scim__op_settle_taken(scim__op *op, scim_txn *txn,
    const scim_write_result *written, scim_error *err);

/* SCIM_ERR_EXISTS, and who is in the way in `written`, when a row about to
 * come is taken by the tenant's choice (unique_group_names). */
SCIM_MUST_USE scim_status scim__op_check_chosen_unique(
    scim__op *op, scim_txn *txn, scim_write_result *written, scim_error *err);

/* SCIM_ERR_INVALID for a tag header outside the grammar. */
scim_status scim__fail_malformed_tag(scim_error *err);

/* The steps of the operations. */
extern const struct scim__op_steps scim__create_steps;
extern const struct scim__op_steps scim__replace_steps;
extern const struct scim__op_steps scim__patch_steps;
extern const struct scim__op_steps scim__delete_steps;
extern const struct scim__op_steps scim__revert_steps;

#endif
