/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Idempotency-Key: a write that is sent twice is carried out once.
 *
 * The receipt is put in the transaction of the write, and looked for in the
 * same one before anything else is decided.  So there is no moment at which
 * one is there without the other, not after a crash either; and of two that
 * are sent at the same time the later finds the receipt of the earlier, and
 * is answered by it.  Before that it is looked for outside of the writer as
 * well, only to spare the writer what is known already.
 *
 * A key belongs to the tenant and to who sent it.  What is kept of key and
 * request are digests made with a secret of the store, from which neither can
 * be guessed.  Refusals leave nothing: they changed nothing, and may be right
 * no more the next time.
 */
#include "provider/receipt.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/seeded.h"
#include "base/str.h"
#include "provider/merge_message.h"
#include "provider/secret.h"

#define SECRET_NAME SCIM_STR("receipt-key")
#define KEPT_MS ((int64_t)SCIM__RECEIPT_HOURS * 60 * 60 * 1000)

enum flag {
	HAS_CHANGED = 1 << 0, /* a new state was made */
	IS_BODILESS = 1 << 1, /* the answer was to show none */
};

/* Texts and numbers one after the other, so that no two lists of them are
 * the same bytes. */
static void
add_number(scim__buf *buf, uint64_t n)
{
	char bytes[8];

	for (size_t i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(unsigned char)(n >> (56 - 8 * i));
	scim__buf_add(buf, (scim_str){ bytes, sizeof(bytes) });
}

static void
add_text(scim__buf *buf, scim_str text)
{
	add_number(buf, text.len);
	scim__buf_add(buf, text);
}

static void
add_tags(scim__buf *buf, const scim_etag_list *list)
{
	add_number(buf, (uint64_t)list->kind);
	if (list->kind != SCIM_ETAGS_LIST)
		return;
	add_number(buf, list->count);
	for (size_t i = 0; i < list->count; i++) {
		add_number(buf, list->tags[i].weak ? 1 : 0);
		add_text(buf, list->tags[i].opaque);
	}
}

static void
add_date(scim__buf *buf, int is_there, int64_t ms)
{
	add_number(buf, is_there ? 1 : 0);
	add_number(buf, is_there ? (uint64_t)ms : 0);
}

static void
add_expect(scim__buf *buf, const scim_expect *expect)
{
	const scim_preconditions *pre = expect->preconditions;

	add_number(buf, (uint64_t)expect->kind);
	if (expect->kind == SCIM_EXPECT_VERSIONS) {
		add_number(buf, expect->version_count);
		for (size_t i = 0; i < expect->version_count; i++)
			scim__buf_add(buf,
			    (scim_str){ (const char *)expect->versions[i].bytes,
				sizeof(expect->versions[i].bytes) });
	}
	if (expect->kind != SCIM_EXPECT_PRECONDITIONS)
		return;
	add_tags(buf, &pre->if_match);
	add_tags(buf, &pre->if_none_match);
	add_date(
	    buf, pre->has_if_unmodified_since, pre->if_unmodified_since_ms);
	add_date(buf, pre->has_if_modified_since, pre->if_modified_since_ms);
}

scim_status
scim__claim_describe(scim__op *op, scim_error *err)
{
	struct scim__claim *claim = &op->claim;
	scim__buf head;

	if (claim->sent.ptr == NULL || claim->is_described)
		return SCIM_OK;
	scim__buf_init(&head, op->arena, SIZE_MAX);
	add_text(&head, scim__str(op->steps->name));
	add_text(&head, op->type->name);
	/* One to be created gets its id on the way. */
	if (op->steps != &scim__create_steps)
		add_text(&head, op->id);
	add_text(&head, op->version);
	add_expect(&head, &op->expect);
	if (scim__buf_failed(&head))
		return scim__fail_memory(err);

	scim_str pieces[] = { scim__buf_str(&head), op->body };
	scim_status rc =
	    scim__hash_sha256(pieces, scim__countof(pieces), &claim->what, err);

	claim->is_described = rc == SCIM_OK;
	return rc;
}

/* Both digests; `prefix` keeps the one from ever being the other. */
static scim_status
make_digests(const scim_context *context, scim_arena *arena,
    const uint8_t secret[SCIM__SECRET_BYTES], struct scim__claim *claim,
    scim_error *err)
{
	const scim_str key = { (const char *)secret, SCIM__SECRET_BYTES };
	const scim_str what = { (const char *)claim->what.bytes,
		sizeof(claim->what.bytes) };
	const scim_str asked[] = { SCIM_STR("what"), what };
	scim__sha256 digest;
	scim__buf who;

	scim__buf_init(&who, arena, SIZE_MAX);
	scim__buf_add_z(&who, "who");
	add_text(&who, context->actor);
	add_text(&who, claim->sent);
	add_number(&who, claim->part);
	if (scim__buf_failed(&who))
		return scim__fail_memory(err);

	const scim_str asking = scim__buf_str(&who);
	scim_status rc = scim__hash_hmac(key, &asking, 1, &digest, err);

	if (rc != SCIM_OK)
		return rc;
	memcpy(claim->key, digest.bytes, sizeof(claim->key));
	rc = scim__hash_hmac(key, asked, scim__countof(asked), &digest, err);
	if (rc == SCIM_OK)
		memcpy(claim->fingerprint, digest.bytes,
		    sizeof(claim->fingerprint));
	return rc;
}

/* SCIM_ERR_NOT_FOUND: there is no secret so far.  One that was made in this
 * transaction may be undone with it. */
static scim_status
add_digests(const scim_provider *provider, const scim_context *context,
    scim_arena *arena, scim_txn *txn, struct scim__claim *claim,
    scim_error *err)
{
	bool may_make = txn->mode == SCIM_TXN_WRITE;
	uint8_t secret[SCIM__SECRET_BYTES];
	scim_status rc = SCIM_OK;

	if (may_make)
		rc = scim__secret_make(
		    provider->env, txn, arena, SECRET_NAME, err);
	if (rc == SCIM_OK)
		rc = scim__secret_read(txn, arena, SECRET_NAME, secret, err);
	if (rc == SCIM_OK)
		rc = make_digests(context, arena, secret, claim, err);
	claim->has_digests = rc == SCIM_OK && !may_make;
	return rc;
}

static scim_status
check_key(scim_str sent, scim_error *err)
{
	if (sent.len > 0 && sent.len <= SCIM__RECEIPT_KEY_MOST)
		return SCIM_OK;
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
	    "An Idempotency-Key has 1 to %d characters.",
	    SCIM__RECEIPT_KEY_MOST);
}

static scim_status
fail_other(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_EXISTS,
	    "This Idempotency-Key came with another request before: a new "
	    "request needs a new key, a repeat must be the same throughout.");
}

/* The receipt with the key of a claim, unless it is too old to count; then it
 * makes room in a write transaction. */
static scim_status
find_receipt(scim_txn *txn, const scim_context *context, scim_arena *arena,
    struct scim__claim *claim, int64_t now_ms, scim_error *err)
{
	scim_status rc = scim__store_receipt_get(
	    txn, arena, context->tenant, claim->key, &claim->receipt, err);

	if (rc != SCIM_OK)
		return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
	claim->is_repeat = claim->receipt.at_ms > now_ms - KEPT_MS;
	if (claim->is_repeat)
		return scim__hash_equal(claim->receipt.fingerprint,
			   claim->fingerprint, sizeof(claim->fingerprint))
		    ? SCIM_OK
		    : fail_other(err);
	return txn->mode == SCIM_TXN_WRITE
	    ? scim__store_receipt_drop(txn, context->tenant, claim->key, err)
	    : SCIM_OK;
}

scim_status
scim__claim_find(const scim_provider *provider, const scim_context *context,
    scim_arena *arena, scim_txn *txn, struct scim__claim *claim,
    scim_error *err)
{
	scim_status rc = check_key(claim->sent, err);

	claim->is_repeat = false;
	if (rc == SCIM_OK && !claim->has_digests)
		rc = add_digests(provider, context, arena, txn, claim, err);
	/* Nobody has used a key so far. */
	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	return rc == SCIM_OK ? find_receipt(txn, context, arena, claim,
				   scim__provider_now(provider), err)
			     : rc;
}

/* Ids are given out before a bulk request runs; one that runs at the same
 * time has given out others. */
static scim_status
fail_side_by_side(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_BUSY,
	    "The same request is being carried out at this moment: send it "
	    "again in a while.");
}

scim_status
scim__claim_look(scim__op *op, scim_txn *txn, scim_error *err)
{
	struct scim__claim *claim = &op->claim;
	const scim_receipt *receipt = &claim->receipt;

	if (claim->sent.ptr == NULL)
		return SCIM_OK;
	scim_status rc = scim__claim_describe(op, err);
	if (rc == SCIM_OK)
		rc = scim__claim_find(
		    op->provider, op->context, op->arena, txn, claim, err);
	if (rc == SCIM_OK && claim->is_repeat && claim->part > 0 &&
	    !scim__str_equal(receipt->id, op->id))
		rc = fail_side_by_side(err);
	if (rc != SCIM_OK)
		op->settled = claim->is_repeat = false;
	if (rc != SCIM_OK || !claim->is_repeat)
		return rc;
	op->id = receipt->id;
	op->settled = true;
	op->departs = false;
	op->outcome = (scim_outcome){ .kind = SCIM_DONE,
		.changed = (receipt->flags & HAS_CHANGED) != 0,
		.is_repeat = 1 };
	return SCIM_OK;
}

bool
scim__receipt_is_bodiless(const scim_receipt *receipt)
{
	return (receipt->flags & IS_BODILESS) != 0;
}

bool
scim__claim_is_due(const scim__op *op)
{
	return !scim__seeded("no_receipt") && op->claim.sent.ptr != NULL &&
	    !op->claim.is_repeat && op->outcome.kind == SCIM_DONE &&
	    (op->merge == NULL || !op->merge->is_dry);
}

scim_status
scim__claim_keep(scim__op *op, scim_txn *txn, scim_error *err)
{
	struct scim__claim *claim = &op->claim;
	const scim_record *made =
	    op->settled ? &op->current.record : &op->record;
	scim_receipt receipt = { .id = op->id,
		.version = made->version,
		.sequence = made->sequence,
		.flags = (op->outcome.changed ? HAS_CHANGED : 0u) |
		    (op->bodiless ? IS_BODILESS : 0u),
		.at_ms = scim__provider_now(op->provider) };

	memcpy(receipt.key, claim->key, sizeof(receipt.key));
	memcpy(receipt.fingerprint, claim->fingerprint,
	    sizeof(receipt.fingerprint));
	scim_status rc =
	    scim__store_receipt_put(txn, op->context->tenant, &receipt, err);
	if (rc == SCIM_ERR_EXISTS)
		rc = fail_side_by_side(err);
	/* Without it the outcome does not stand. */
	if (rc != SCIM_OK)
		op->settled = false;
	return rc;
}

static scim_status
read_old(scim_provider *provider, scim_txn *txn, const scim_context *context,
    size_t limit, scim_receipt **out, size_t *out_count, scim_error *err)
{
	const scim_receipt_plan plan = { .tenant = context->tenant,
		.id = SCIM_STR(""),
		.before_ms = scim__provider_now(provider) - KEPT_MS + 1,
		.limit = limit };

	return scim__store_receipts(
	    txn, context->arena, &plan, out, out_count, err);
}

scim_status
scim__receipts_are_due(scim_provider *provider, scim_txn *txn,
    const scim_context *context, bool *out, scim_error *err)
{
	scim_receipt *found = NULL;
	size_t count = 0;
	scim_status rc =
	    read_old(provider, txn, context, 1, &found, &count, err);

	if (rc == SCIM_OK)
		*out = count > 0;
	return rc;
}

static scim_status
drop_all(scim_txn *txn, scim_str tenant, const scim_receipt *receipts,
    size_t count, scim_error *err)
{
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		rc =
		    scim__store_receipt_drop(txn, tenant, receipts[i].key, err);
	return rc;
}

scim_status
scim__receipts_forget(scim_provider *provider, scim_txn *txn,
    const scim_context *context, size_t limit, size_t *out_count,
    scim_error *err)
{
	scim_receipt *found = NULL;
	size_t count = 0;
	scim_status rc =
	    read_old(provider, txn, context, limit, &found, &count, err);

	if (rc == SCIM_OK)
		rc = drop_all(txn, context->tenant, found, count, err);
	if (rc == SCIM_OK)
		*out_count = count;
	return rc;
}
