/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a write answers, once it is durable: its own state, under its own tag.
 *
 * Members are rows of their own, and may have moved on since.  Then there is
 * no body to be had any more, and the answer goes without: the tag of a
 * state that somebody else wrote, in the answer to this write, would let its
 * client overwrite what it has not seen.  Only who creates must be told what
 * came of it, and so is shown the resource of now, which he can't but read.
 *
 * Nor is a group of a million put together for somebody who renamed it: a GET
 * streams it, a write would need room for all of it.
 */
#include "base/error.h"
#include "provider/combine.h"
#include "provider/departure.h"
#include "provider/receipt.h"

/* Makes `result` what can be shown; `*out`: nothing can, but its tag. */
static scim_status
look_at_members(scim__op *op, scim_txn *txn, bool *out, scim_error *err)
{
	scim_key key = scim__key(op->context, op->type, op->id);
	scim_record now;
	scim_status rc = scim__store_get(
	    txn, op->arena, &key, SCIM_RECORD_CONTENT, &now, err);

	*out = true;
	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	if (rc == SCIM_OK && now.sequence != op->result.record.sequence) {
		if (op->steps != &scim__create_steps)
			return SCIM_OK;
		rc = scim__view_make(
		    txn, op->context, op->type, &now, &op->result, err);
	}
	/* One who is gone is a member still, and not to be shown. */
	return rc != SCIM_OK ? rc
			     : scim__departures_pending(txn, op->context,
				   op->type, op->id, out, err);
}

/* Whether it has more members than a request could have named. */
static bool
is_huge(const scim__op *op)
{
	return op->steps != &scim__create_steps &&
	    op->result.record.relation_count >
	    op->context->settings->limits.members &&
	    scim__render_shows_members(op->type, &op->result, op->projection);
}

static scim_status
render(scim__op *op, scim_error *err)
{
	bool moved = false;
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_status rc =
	    scim__store_begin(op->provider->store, SCIM_TXN_READ, &txn, err);

	if (rc == SCIM_OK && op->outcome.changed)
		rc = scim__view_make(
		    txn, op->context, op->type, &op->record, &op->result, err);
	if (rc == SCIM_OK && op->type->relation != NULL && !op->bodiless)
		rc = look_at_members(op, txn, &moved, err);
	if (rc != SCIM_OK)
		return rc;
	scim__view_resource(op->type, &op->result, &op->outcome.resource);
	if (moved || op->bodiless || is_huge(op))
		return SCIM_OK;
	rc = scim__render(txn, op->context, op->type, &op->result,
	    op->projection, &op->outcome.resource.json, err);
	return rc == SCIM_OK && op->merge != NULL ? scim__combine_tell(op, err)
						  : rc;
}

scim_status
scim__fail_outcome(const scim__resource_type *type, scim_str id,
    const scim_outcome *outcome, scim_error *err)
{
	scim_str message = outcome->conflict.message;

	if (outcome->kind == SCIM_MISMATCH)
		return scim__fail(err,
		    outcome->conflict.is_merge ? SCIM_ERR_EXISTS
					       : SCIM_ERR_VERSION,
		    "%.*s", (int)message.len, message.ptr);
	return scim__fail(err, SCIM_ERR_NOT_FOUND, "%.*s \"%.*s\" not found.",
	    (int)type->name.len, type->name.ptr,
	    (int)(id.len < 64 ? id.len : 64), id.ptr == NULL ? "" : id.ptr);
}

scim_write_operation
scim__op_counted_as(const struct scim__op_steps *steps)
{
	if (steps == &scim__create_steps)
		return SCIM_WRITES_CREATE;
	if (steps == &scim__patch_steps)
		return SCIM_WRITES_PATCH;
	if (steps == &scim__delete_steps)
		return SCIM_WRITES_DELETE;
	if (steps == &scim__combine_steps)
		return SCIM_WRITES_MERGE;
	return steps == &scim__revert_steps ? SCIM_WRITES_REVERT
					    : SCIM_WRITES_REPLACE;
}

static scim_write_result_kind
result_of(const scim__op *op, scim_status rc)
{
	if (rc != SCIM_OK)
		return scim__metrics_result(rc);
	switch (op->outcome.kind) {
	case SCIM_MISMATCH:
		return SCIM_WRITES_CONFLICT;
	case SCIM_ABSENT:
		return SCIM_WRITES_ABSENT;
	case SCIM_DONE:
	case SCIM_NOT_MODIFIED:
		break;
	}
	return op->outcome.changed && !op->outcome.is_repeat
	    ? SCIM_WRITES_DONE
	    : SCIM_WRITES_UNCHANGED;
}

void
scim__op_count(scim__op *op, scim_status rc)
{
	const scim_conflict *conflict = &op->outcome.conflict;

	if (op->is_counted || op->steps == NULL || op->type == NULL)
		return;
	op->is_counted = true;
	struct scim__write_noted noted = { .tenant = op->context->tenant,
		.type = op->type->name,
		.id = op->id,
		.operation = scim__op_counted_as(op->steps),
		.result = result_of(op, rc) };

	if (noted.result == SCIM_WRITES_CONFLICT && rc == SCIM_OK) {
		noted.id = conflict->id;
		noted.paths = conflict->paths;
		noted.path_count = conflict->path_count;
	}
	scim__metrics_note_write(op->provider->metrics, &noted);
	scim__metrics_note_merge(op->provider->metrics, &op->merge_noted);
}

scim_status
scim__op_render(scim__op *op, scim_error *err)
{
	if (op->claim.is_repeat)
		return scim__repeat_render(op, err);
	scim__op_explain(op);
	if (op->outcome.kind != SCIM_DONE || op->steps == &scim__delete_steps)
		return SCIM_OK;
	scim_status rc = render(op, err);
	if (rc == SCIM_OK || !op->outcome.changed)
		return rc;
	return scim__fail(err, SCIM_ERR_UNCERTAIN,
	    "The change is stored, but can't be shown: read the resource.");
}
