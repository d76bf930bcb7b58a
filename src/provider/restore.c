/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an import writes.
 *
 * An exported state is a request like any other: it is validated, and what
 * comes out must have the version that it had, octet for octet.  So nothing
 * gets in here that a client could not have written, and nothing that was
 * changed on the way.
 *
 * A resource with very many members comes in several writes.  In between it
 * is at a version of its own, and the change log says that an import left it
 * there: only then, and only while nobody else wrote to it, does an import go
 * on with it.
 */
#include "provider/restore.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/state.h"
#include "version/tag.h"
#include "json/json.h"

static const char operation[] = "import";

static scim_status
settle_as(scim__op *op, scim_outcome_kind kind)
{
	op->settled = true;
	op->outcome = (scim_outcome){ .kind = kind };
	return SCIM_OK;
}

static scim_status
left_by_import(
    scim__op *op, scim_txn *txn, uint64_t sequence, bool *out, scim_error *err)
{
	const scim_change_plan plan = { .tenant = op->context->tenant,
		.id = SCIM_STR(""),
		.from = sequence,
		.limit = 1 };
	scim_change_row *rows = NULL;
	size_t count = 0;
	scim_status rc =
	    scim__store_changes(txn, op->arena, &plan, &rows, &count, err);

	*out = rc == SCIM_OK && count == 1 && rows[0].sequence == sequence &&
	    scim__str_equal(rows[0].change.operation, scim__str(operation));
	return rc;
}

static scim_status
check(scim__op *op, scim_txn *txn, scim_error *err)
{
	const scim_key key = scim__key(op->context, op->type, op->id);
	scim_record there;
	bool goes_on = false;
	scim_status rc = scim__store_get(txn, op->arena, &key, 0, &there, err);

	if (rc != SCIM_OK)
		return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
	if (scim_version_equal(&there.version, &op->restore->version))
		return settle_as(op, SCIM_DONE);
	if (op->restore->is_part)
		rc = left_by_import(op, txn, there.sequence, &goes_on, err);
	if (rc != SCIM_OK)
		return rc;
	return goes_on ? scim__op_read(op, txn, err)
		       : settle_as(op, SCIM_MISMATCH);
}

static scim_status
fail_version(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_INVALID,
	    "The version is not that of the state: somebody changed the line, "
	    "or another scimd wrote it.");
}

static scim_status
prepare(scim__op *op, scim_txn *txn, scim_error *err)
{
	const struct scim__restore *r = op->restore;
	scim_status rc = scim__op_validate(op, err);

	if (rc == SCIM_OK)
		rc = scim__op_put_state(op, txn, err);
	if (rc != SCIM_OK || op->settled)
		return rc;
	if (!r->is_part)
		return scim_version_equal(&op->record.version, &r->version)
		    ? SCIM_OK
		    : fail_version(err);
	if (memcmp(op->record.own_hash, r->own_hash, sizeof(r->own_hash)) != 0)
		return fail_version(err);
	if (op->current.record.id.ptr != NULL &&
	    memcmp(op->current.record.own_hash, r->own_hash,
		sizeof(r->own_hash)) != 0)
		return settle_as(op, SCIM_MISMATCH);
	return SCIM_OK;
}

static const struct scim__op_steps restore_steps = {
	.name = operation,
	.check = check,
	.prepare = prepare,
};

scim_status
scim__restore(scim_provider *provider, const scim_context *context,
    scim_txn *txn, const struct scim__restore *restore,
    enum scim__restored *out, scim_error *err)
{
	scim__op op = { .steps = &restore_steps,
		.provider = provider,
		.context = context,
		.arena = context->arena,
		.expect = SCIM_EXPECT_ANY_INIT,
		.restore = restore,
		.id = restore->id,
		.parsed = true,
		.hashed = true };
	scim_status rc =
	    scim__provider_type(context, restore->type, &op.type, err);

	if (rc != SCIM_OK)
		return rc;
	if (!scim__value_copy(op.arena, &restore->content, &op.request) ||
	    !scim__object_merge(op.arena, &op.request, &restore->secret))
		return scim__fail_memory(err);
	if (op.type->relation == NULL && restore->member_count > 0)
		return fail_version(err);
	rc = scim__op_apply(&op, txn, err);
	if (rc != SCIM_OK)
		return rc;
	if (!op.settled)
		*out = SCIM__RESTORED_NEW;
	else
		*out = op.outcome.kind == SCIM_DONE ? SCIM__RESTORED_THERE
						    : SCIM__RESTORED_OTHER;
	return SCIM_OK;
}

static scim_str
canonical(scim_arena *arena, const scim__value *value)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write_canonical(&buf, value);
	return scim__buf_failed(&buf) ? (scim_str){ NULL, 0 }
				      : scim__buf_str(&buf);
}

scim_status
scim__restore_own_hash(
    scim_arena *arena, struct scim__restore *restore, scim_error *err)
{
	scim_str content = canonical(arena, &restore->content);
	scim_str secret = SCIM_STR("");
	scim__sha256 own;

	if (restore->secret.count > 0)
		secret = canonical(arena, &restore->secret);
	if (content.ptr == NULL || secret.ptr == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__own_hash(content, secret, &own, err);
	if (rc == SCIM_OK)
		memcpy(restore->own_hash, own.bytes, sizeof(own.bytes));
	return rc;
}

scim_status
scim__restore_members(scim_arena *arena, scim_txn *txn, const scim_key *key,
    const struct scim__restore *restore, struct scim__relation_edit *edit,
    scim_error *err)
{
	bool is_fresh = edit->count == 0;
	scim_member_row row;

	edit->add = scim__arena_array(
	    arena, restore->member_count + 1, sizeof(*edit->add));
	if (edit->add == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < restore->member_count; i++) {
		const scim_member_row *member = &restore->members[i];
		scim_status rc = is_fresh ? SCIM_ERR_NOT_FOUND
					  : scim__store_member_get(txn, arena,
						key, member->value, &row, err);

		if (rc == SCIM_OK)
			continue;
		if (rc == SCIM_ERR_NOT_FOUND)
			rc = scim__relation_hash_in(arena, edit, member, err);
		if (rc != SCIM_OK)
			return rc;
		edit->add[edit->add_count++] = *member;
	}
	return SCIM_OK;
}
