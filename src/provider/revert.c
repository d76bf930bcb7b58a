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
#include "json/json.h"

/* Says of what is there and was not that it is to go. */
static bool
clear_what_was_not(scim_arena *arena, const scim__value *now, scim__value *was)
{
	for (uint32_t i = 0; i < now->count; i++) {
		const scim__member *m = &now->object.members[i];
		scim__value *old = scim__object_find(was, m->name);

		if (old == NULL &&
		    !scim__object_add(arena, was, m->name,
			(scim__value){ .kind = SCIM__NULL }))
			return false;
		if (old != NULL && old->kind == SCIM__OBJECT &&
		    m->value.kind == SCIM__OBJECT &&
		    !clear_what_was_not(arena, &m->value, old))
			return false;
	}
	return true;
}

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
	scim_status rc = scim_version_parse(op->version, &version, NULL);

	if (rc != SCIM_OK)
		return scim__fail(err, SCIM_ERR_NOT_FOUND,
		    "There is no such version; GET .versions lists them.");
	rc = scim__past_read(
	    txn, op->context, op->type, op->id, &version, &past, err);
	if (rc == SCIM_OK)
		rc = add_members(op, txn, &past, err);
	if (rc == SCIM_OK)
		rc = scim__json_parse_trusted(
		    op->arena, op->current.record.content, &now, err);
	if (rc != SCIM_OK)
		return rc;
	if (!clear_what_was_not(op->arena, &now, &past.tree))
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
