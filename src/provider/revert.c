/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Revert: an old version, written as a new change.
 *
 * It is a replacement whose body is what was, so it obeys every rule that a
 * replacement obeys, its condition included.  Where a replacement keeps what
 * the client could not have seen, this one knows that it was not there, and
 * says so.  Secrets stay as they are: no old one is kept anywhere.
 */
#include "base/error.h"
#include "base/str.h"
#include "provider/history.h"
#include "provider/past.h"
#include "provider/state.h"
#include "provider/whole.h"
#include "json/json.h"

static scim_status
add_members(
    scim__op *op, scim_txn *txn, struct scim__past *past, scim_error *err)
{
	scim__value members;

	if (op->type->relation == NULL)
		return SCIM_OK;
	scim_status rc =
	    scim__past_members(txn, op->context, past, &members, err);
	if (rc != SCIM_OK)
		return rc;
	if (!scim__object_set(
		op->arena, &past->tree, op->type->relation->name, members))
		return scim__fail_memory(err);
	return SCIM_OK;
}

static scim_status
make_request(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_version version;
	struct scim__past past;
	scim__value now;
	scim_status rc = scim__history_parse(op->version, &version, err);

	if (rc == SCIM_OK)
		rc = scim__past_read(
		    txn, op->context, op->type, op->id, &version, &past, err);
	if (rc == SCIM_OK)
		rc = add_members(op, txn, &past, err);
	if (rc == SCIM_OK)
		rc = scim__json_parse_trusted(
		    op->arena, op->current.record.content, &now, err);
	if (rc != SCIM_OK)
		return rc;
	if (!scim__whole_clear(op->arena, &now, &past.tree))
		return scim__fail_memory(err);
	op->request = past.tree;
	op->parsed = true;
	return SCIM_OK;
}

static scim_status
prepare(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_status rc = make_request(op, txn, err);

	if (rc == SCIM_OK)
		rc = scim__op_validate(op, err);
	return rc != SCIM_OK ? rc : scim__op_put_state(op, txn, err);
}

const struct scim__op_steps scim__revert_steps = {
	.name = "revert",
	.check = scim__op_check_target,
	.prepare = prepare,
};

scim_status
scim_provider_revert(scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_version *version,
    const scim_expect *expect, scim_outcome *out, scim_error *err)
{
	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL && out != NULL);
	SCIM__REQUIRE(err, target != NULL && version != NULL && expect != NULL);

	scim__op op = { .steps = &scim__revert_steps,
		.provider = provider,
		.context = context,
		.arena = context->arena,
		.expect = *expect,
		.id = target->id,
		.version = scim__history_name(context->arena, version) };
	return op.version.ptr == NULL
	    ? scim__fail_memory(err)
	    : scim__op_call(&op, target->type, out, err);
}
