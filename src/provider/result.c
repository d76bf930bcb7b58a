/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a write answers, once it is durable.
 *
 * Members are rows of their own and may have moved on since, so a resource
 * with a relation is shown as it is now, under the tag it has now.
 */
#include "base/error.h"
#include "provider/departure.h"
#include "provider/operation.h"

/* The state just written, with what it derives now. */
static scim_status
view_written(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_key key = scim__key(op->context, op->type, op->id);
	scim_record now = op->record;

	/* Members are rows: they are those of the record only while it is
	 * still the present one.  Else the present one is shown, with its
	 * own tag. */
	if (op->type->relation != NULL) {
		scim_status rc = scim__store_get(
		    txn, op->arena, &key, SCIM_RECORD_CONTENT, &now, err);
		if (rc != SCIM_OK)
			return rc;
	}
	return scim__view_make(
	    txn, op->context, op->type, &now, &op->result, err);
}

static scim_status
render(scim__op *op, scim_error *err)
{
	bool gone = false;
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_status rc =
	    scim__store_begin(op->provider->store, SCIM_TXN_READ, &txn, err);

	if (rc == SCIM_OK && op->outcome.changed)
		rc = view_written(op, txn, err);
	/* A member went since: an answer without a body, not with it. */
	if (rc == SCIM_OK)
		rc = scim__departures_pending(
		    txn, op->context, op->type, op->id, &gone, err);
	if (rc != SCIM_OK)
		return rc;
	scim__view_resource(op->type, &op->result, &op->outcome.resource);
	if (gone)
		return SCIM_OK;
	return scim__render(txn, op->context, op->type, &op->result,
	    op->projection, &op->outcome.resource.json, err);
}

scim_status
scim__op_render(scim__op *op, scim_error *err)
{
	if (op->outcome.kind != SCIM_DONE || op->steps == &scim__delete_steps)
		return SCIM_OK;
	scim_status rc = render(op, err);
	if (rc == SCIM_OK || !op->outcome.changed)
		return rc;
	return scim__fail(err, SCIM_ERR_UNCERTAIN,
	    "The change is stored, but can't be shown: read the resource.");
}
