/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How every write runs: look, prepare, and then, in the write transaction,
 * look again before writing.
 *
 * The second look compares sequence numbers.  When nothing came between, the
 * prepared write is executed as it is; its condition travels into the store's
 * own statement all the same.  When something did, everything is decided
 * anew, there, so that two writers holding one version can't both win.
 */
#include "provider/operation.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/password.h"
#include "base/seeded.h"
#include "base/str.h"
#include "provider/departure.h"
#include "provider/merge_message.h"
#include "provider/receipt.h"
#include "json/json.h"

#define LARGE ((size_t)128 * 1024) /* octets of a body, or of a resource */
#define TIDY_AT_ONCE 1000          /* rows, between which others may write */

scim_status
scim__op_read(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_key key = scim__key(op->context, op->type, op->id);
	scim_record record;
	scim_status rc = scim__store_get(txn, op->arena, &key,
	    SCIM_RECORD_CONTENT | SCIM_RECORD_SECRET | SCIM_RECORD_RELATION,
	    &record, err);

	if (rc == SCIM_ERR_NOT_FOUND) {
		op->outcome = (scim_outcome){ .kind = SCIM_ABSENT };
		op->settled = true;
		return SCIM_OK;
	}
	if (rc != SCIM_OK)
		return rc;
	return scim__view_make(
	    txn, op->context, op->type, &record, &op->current, err);
}

static void
note_merge(scim__op *op)
{
	op->outcome.is_merged = op->merge != NULL;
	if (op->merge != NULL)
		op->outcome.base = op->merge->version;
}

void
scim__op_settle_unchanged(scim__op *op)
{
	op->settled = true;
	op->outcome = (scim_outcome){ .kind = SCIM_DONE };
	note_merge(op);
	op->result = op->current;
	scim__view_resource(op->type, &op->result, &op->outcome.resource);
}

scim_status
scim__op_parse(scim__op *op, scim_error *err)
{
	const scim_limits *limits = &op->context->settings->limits;
	scim__json_limits bounds = { limits->body_bytes, limits->depth };
	scim_status rc = SCIM_OK;

	/* What becomes of the request must not become of the tree. */
	if (op->tree == NULL)
		rc = scim__json_parse(
		    op->arena, op->body, &bounds, &op->request, err);
	else if (!scim__value_copy(op->arena, op->tree, &op->request))
		rc = scim__fail_memory(err);
	if (rc != SCIM_OK)
		return rc;
	if (op->request.kind != SCIM__OBJECT)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidSyntax",
		    "The body must be a JSON object.");
	op->parsed = true;
	return SCIM_OK;
}

unsigned
scim__profile_leniency(scim_profile profile)
{
	unsigned creates = 0;

	switch (profile) {
	case SCIM_PROFILE_STRICT:
		return 0;
	case SCIM_PROFILE_DEFAULT:
		return SCIM__LENIENT_LEGACY_SCHEMAS |
		    SCIM__LENIENT_SINGLE_VALUE | SCIM__LENIENT_DERIVED;
	case SCIM_PROFILE_ENTRA:
		creates = SCIM__LENIENT_CREATING_REPLACE;
		break;
	case SCIM_PROFILE_OKTA:
		break;
	}
	return SCIM__LENIENT_LEGACY_SCHEMAS | SCIM__LENIENT_SINGLE_VALUE |
	    SCIM__LENIENT_BARE_MEMBER | SCIM__LENIENT_MANAGER |
	    SCIM__LENIENT_DERIVED | creates;
}

unsigned
scim__op_leniency(const scim__op *op)
{
	return scim__profile_leniency(op->context->settings->profile);
}

scim_status
scim__op_stored(scim__op *op, scim__value *out, scim_error *err)
{
	if (!op->has_stored) {
		scim_status rc = scim__json_parse_trusted(
		    op->arena, op->current.record.content, &op->stored, err);

		if (rc != SCIM_OK)
			return rc;
		op->has_stored = true;
	}
	*out = op->stored;
	return SCIM_OK;
}

/* The stored parts as trees, to validate a replacement against. */
static scim_status
current_state(scim__op *op, scim__state *out, scim_error *err)
{
	const scim_record *record = &op->current.record;
	scim_status rc = scim__op_stored(op, &out->content, err);

	out->secret = scim__value_object();
	if (rc == SCIM_OK && record->secret.len > 0)
		rc = scim__json_parse_trusted(
		    op->arena, record->secret, &out->secret, err);
	return rc;
}

static scim_status
check_member_limit(const scim__op *op, scim_error *err)
{
	uint64_t most = op->context->settings->limits.members;

	if (op->validation.relation.count <= most)
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_TOO_LARGE,
	    "The request names %u members; at most %llu may come in one: "
	    "send the rest in further requests.",
	    op->validation.relation.count, (unsigned long long)most);
}

scim_status
scim__op_validate(scim__op *op, scim_error *err)
{
	struct scim__validation_options options = {
		.leniency = scim__op_leniency(op), .hashed = op->hashed
	};
	scim__state state;
	bool replacing = op->current.record.id.ptr != NULL;
	scim_status rc = op->parsed ? SCIM_OK : scim__op_parse(op, err);

	if (rc == SCIM_OK && replacing)
		rc = current_state(op, &state, err);
	if (rc == SCIM_OK)
		rc = scim__validate(op->arena, op->context->registry, op->type,
		    &op->request, replacing ? &state : NULL, &options,
		    &op->validation, err);
	return rc != SCIM_OK ? rc : check_member_limit(op, err);
}

/* What a password was hashed to; NULL: it was not. */
static const struct scim__op_hash *
find_hash(const scim__op *op, scim_str plain)
{
	for (size_t i = 0; i < op->hash_count; i++)
		if (scim__str_equal(op->hashes[i].plain, plain))
			return &op->hashes[i];
	return NULL;
}

bool
scim__op_put_hashes(scim__op *op)
{
	const struct scim__validation *v = &op->validation;

	for (size_t i = 0; i < v->to_hash_count; i++)
		if (find_hash(op, v->to_hash[i]->string) == NULL)
			return false;
	for (size_t i = 0; i < v->to_hash_count; i++)
		v->to_hash[i]->string =
		    find_hash(op, v->to_hash[i]->string)->hash;
	return true;
}

static scim_status
hash_one(scim__op *op, scim_arena *arena, scim_str plain, scim_error *err)
{
	struct scim__op_hash *made = &op->hashes[op->hash_count];

	if (find_hash(op, plain) != NULL)
		return SCIM_OK;
	made->plain = scim__str_copy(arena, plain);
	if (made->plain.ptr == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__password_hash(arena, plain, &made->hash, err);
	if (rc == SCIM_OK)
		op->hash_count++;
	return rc;
}

scim_status
scim__op_hash(scim__op *op, scim_error *err)
{
	scim_arena *arena = op->keep != NULL ? op->keep : op->arena;
	size_t most = op->hash_count + op->validation.to_hash_count;
	struct scim__op_hash *hashes =
	    scim__arena_array(arena, most, sizeof(*hashes));

	if (hashes == NULL)
		return scim__fail_memory(err);
	if (op->hash_count > 0)
		memcpy(hashes, op->hashes, op->hash_count * sizeof(*hashes));
	op->hashes = hashes;
	for (size_t i = 0; i < op->validation.to_hash_count; i++) {
		scim_status rc =
		    hash_one(op, arena, op->validation.to_hash[i]->string, err);

		if (rc != SCIM_OK)
			return rc;
	}
	op->hashed = scim__op_put_hashes(op);
	return SCIM_OK;
}

scim_status
scim__op_validate_anew(scim__op *op, scim_error *err)
{
	op->hashed = false;
	scim_status rc = scim__op_validate(op, err);

	if (rc != SCIM_OK || op->validation.to_hash_count == 0)
		return rc;
	if (op->hash_count == 0)
		return SCIM_OK; /* on a worker, then again */
	if (!scim__op_put_hashes(op)) {
		rc = scim__op_hash(op, err);
		if (rc != SCIM_OK)
			return rc;
	}
	op->hashed = true;
	return scim__op_validate(op, err);
}

/* Members that are gone leave first: in the writer, nowhere else. */
static scim_status
settle_members(scim__op *op, scim_txn *txn, scim_error *err)
{
	op->unsettled = false;
	if (op->type->relation == NULL || op->steps == &scim__create_steps)
		return SCIM_OK;
	if (txn->mode == SCIM_TXN_WRITE)
		return scim__departures_settle(
		    op->provider, txn, op->context, op->type, op->id, err);
	return scim__departures_pending(
	    txn, op->context, op->type, op->id, &op->unsettled, err);
}

static scim_status
look(scim__op *op, scim_txn *txn, scim_error *err)
{
	op->settled = false;
	op->record = (scim_record){ 0 };
	op->current = (struct scim__view){ 0 };
	op->has_stored = false;
	op->write = (scim_write){ 0 };
	if (op->merge != NULL && op->merge->is_stale) {
		op->merge = NULL;
		op->merge_noted.is_noted = false;
		op->parsed = op->hashed = false;
	}
	scim_status rc = settle_members(op, txn, err);
	if (rc != SCIM_OK || op->unsettled)
		return rc;
	return op->steps->check(op, txn, err);
}

scim_status
scim__op_check(scim__op *op, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_status rc =
	    scim__store_begin(op->provider->store, SCIM_TXN_READ, &txn, err);

	return rc != SCIM_OK ? rc : look(op, txn, err);
}

/* Whether parsing, validating and comparing would hold a loop up for
 * milliseconds. */
static bool
is_large(const scim__op *op)
{
	return op->body.len > LARGE || op->current.record.content.len > LARGE;
}

bool
scim__op_tells_at_length(const scim__op *op)
{
	return op->claim.is_repeat ||
	    (op->outcome.kind == SCIM_MISMATCH && is_large(op));
}

/* All that goes before the write, in one snapshot. */
static scim_status
begin(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_status rc = scim__claim_look(op, txn, err);

	if (rc != SCIM_OK || op->claim.is_repeat)
		return rc;
	rc = look(op, txn, err);
	if (rc != SCIM_OK || op->settled)
		return rc;
	op->later = op->on_loop && is_large(op);
	if (op->unsettled || op->later)
		return SCIM_OK;
	return op->steps->prepare(op, txn, err);
}

scim_status
scim__op_start(scim__op *op, enum scim__op_next *out, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_status rc =
	    scim__store_begin(op->provider->store, SCIM_TXN_READ, &txn, err);

	/* A body that has to be told from others is read all through. */
	op->later = op->on_loop && op->claim.sent.ptr != NULL && is_large(op);
	if (rc == SCIM_OK && !op->later)
		rc = begin(op, txn, err);
	if (rc != SCIM_OK)
		return rc;
	/* What changes nothing leaves a receipt all the same. */
	if (op->settled)
		*out =
		    scim__claim_is_due(op) ? SCIM__OP_WRITE : SCIM__OP_SETTLED;
	else if (op->later)
		*out = SCIM__OP_LONG;
	else if (op->validation.to_hash_count > 0 && !op->hashed)
		*out = SCIM__OP_HASH;
	else
		*out = SCIM__OP_WRITE;
	return SCIM_OK;
}

/* Whether every member about to come still exists. */
static scim_status
members_stand(scim__op *op, scim_txn *txn, bool *out, scim_error *err)
{
	*out = true;
	for (size_t i = 0; *out && i < op->write.member_add_count; i++) {
		const scim_member_row *row = &op->write.member_add[i];
		scim_key key = { op->context->tenant, row->type, row->value };
		scim_record record;

		if (row->type.len == 0)
			continue;
		scim_status rc =
		    scim__store_get(txn, op->arena, &key, 0, &record, err);
		if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
			return rc;
		*out = rc == SCIM_OK;
	}
	return SCIM_OK;
}

/* Whether `expect` looks at what the target derives from others. */
static bool
expects_derived(const scim__op *op)
{
	const scim_preconditions *pre = op->expect.preconditions;

	return op->type->derived_count > 0 && pre != NULL &&
	    (pre->if_none_match.kind == SCIM_ETAGS_LIST ||
		(pre->if_match.kind == SCIM_ETAGS_LIST &&
		    op->context->settings->etag == SCIM_ETAG_STRONG));
}

/*
 * Whether what was prepared still stands.  A target is told by its sequence
 * and its version: what was decided in a transaction that was lost rests on a
 * sequence that another write may have now.  What it derives from others has
 * none, so that whoever compares it looks again.
 */
static scim_status
still_stands(scim__op *op, scim_txn *txn, bool *out, scim_error *err)
{
	scim_key key = scim__key(op->context, op->type, op->id);
	scim_record now;

	*out = false;
	if (op->unsettled || op->settled)
		return SCIM_OK;
	if (op->steps == &scim__create_steps)
		return members_stand(op, txn, out, err);
	if (expects_derived(op))
		return SCIM_OK;
	scim_status rc = scim__store_get(txn, op->arena, &key, 0, &now, err);
	bool has_moved = rc == SCIM_ERR_NOT_FOUND ||
	    (rc == SCIM_OK &&
		(now.sequence != op->current.record.sequence ||
		    !scim_version_equal(
			&now.version, &op->current.record.version)));
	if (has_moved)
		scim__metrics_note_redone(op->provider->metrics);
	if (rc != SCIM_OK || has_moved)
		return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
	return members_stand(op, txn, out, err);
}

static scim_status
execute(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_write_result written = { 0 };
	scim_status rc = scim__op_check_chosen_unique(op, txn, &written, err);

	if (rc == SCIM_OK && op->steps->before != NULL)
		rc = op->steps->before(op, txn, err);
	if (rc == SCIM_OK && !op->settled)
		rc = scim__store_write(
		    txn, op->arena, &op->write, &written, err);
	if (rc == SCIM_ERR_EXISTS)
		return scim__op_settle_taken(op, txn, &written, err);
	if (rc != SCIM_OK || op->settled)
		return rc;

	op->outcome = (scim_outcome){ .kind = SCIM_DONE, .changed = 1 };
	note_merge(op);
	op->record.sequence = written.sequence;
	op->record.position = op->write.kind == SCIM_WRITE_CREATE
	    ? written.position
	    : op->current.record.position;
	return SCIM_OK;
}

/* A password is hashed here only when its target had to be settled first, and
 * never for a bulk request, which may have a thousand. */
static scim_status
prepare_here(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_status rc = op->steps->prepare(op, txn, err);

	if (rc != SCIM_OK || op->hashed || op->validation.to_hash_count == 0)
		return rc;
	op->hashed = scim__op_put_hashes(op);
	op->wants_hash = !op->hashed && op->hash_apart;
	if (op->wants_hash)
		return scim__fail(err, SCIM_ERR_BUSY,
		    "A password has to be hashed first: send it apart.");
	if (!op->hashed)
		rc = scim__op_hash(op, err);
	return rc != SCIM_OK ? rc : op->steps->prepare(op, txn, err);
}

/* The bug that this file exists to keep out; see base/seeded.h. */
static scim_status
write_whatever_is_there(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_key key = scim__key(op->context, op->type, op->id);
	scim_record now;
	scim_status rc = scim__store_get(txn, op->arena, &key, 0, &now, err);

	if (rc == SCIM_OK)
		op->write.expected = now.version;
	return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
}

static scim_status
decide_and_write(scim__op *op, scim_txn *txn, scim_error *err)
{
	bool stands = scim__seeded("check_before_write");
	scim_status rc = stands ? write_whatever_is_there(op, txn, err)
				: still_stands(op, txn, &stands, err);

	if (rc == SCIM_OK && !stands)
		rc = look(op, txn, err);
	if (rc == SCIM_OK && !stands && !op->settled)
		rc = prepare_here(op, txn, err);
	if (rc != SCIM_OK || op->settled)
		return rc;
	return execute(op, txn, err);
}

scim_status
scim__op_apply(scim__op *op, scim_txn *txn, scim_error *err)
{
	op->on_loop = false;
	scim_status rc = scim__claim_look(op, txn, err);

	if (rc != SCIM_OK || op->claim.is_repeat)
		return rc;
	rc = decide_and_write(op, txn, err);
	return rc == SCIM_OK && scim__claim_is_due(op)
	    ? scim__claim_keep(op, txn, err)
	    : rc;
}

/* One write in a transaction of its own. */
static scim_status
write_alone(scim__op *op, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_status rc =
	    scim__store_begin(op->provider->store, SCIM_TXN_WRITE, &txn, err);

	if (rc == SCIM_OK)
		rc = scim__op_apply(op, txn, err);
	if (rc != SCIM_OK)
		return op->settled ? SCIM_OK : rc;
	return scim__store_commit(scim__take(txn), err);
}

static void
tidy_up(scim_store *store)
{
	int more = 1;

	while (more &&
	    scim__store_tidy(store, TIDY_AT_ONCE, &more, NULL) == SCIM_OK)
		continue;
}

scim_status
scim__op_run(scim__op *op, scim_error *err)
{
	enum scim__op_next next;
	scim_status rc = scim__op_start(op, &next, err);

	if (rc == SCIM_OK && next == SCIM__OP_HASH) {
		rc = scim__op_hash(op, err);
		if (rc == SCIM_OK)
			rc = scim__op_start(op, &next, err);
	}
	if (rc == SCIM_OK && next == SCIM__OP_WRITE)
		rc = write_alone(op, err);
	if (rc != SCIM_OK)
		return rc;
	/* The write stands; what is left to do is done later on. */
	if (op->departs &&
	    scim__departures_finish(op->provider, op->context, NULL) != SCIM_OK)
		return SCIM_OK;
	tidy_up(op->provider->store);
	return scim__op_render(op, err);
}

scim_status
scim__op_call(scim__op *op, scim_str type, scim_outcome *out, scim_error *err)
{
	scim_status rc = scim__provider_type(op->context, type, &op->type, err);

	op->claim.sent = op->context->idempotency_key;
	if (rc == SCIM_OK)
		rc = scim__op_run(op, err);
	scim__op_count(op, rc);
	if (rc == SCIM_OK)
		*out = op->outcome;
	return rc;
}
