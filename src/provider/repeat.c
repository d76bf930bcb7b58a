/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a repeated write is answered: what it was the first time.
 *
 * Where the resource is still as that write left it, it is shown as it is.
 * Else the state comes from the change log, under its own tag: the tag of a
 * later state would let the client overwrite what it has not seen.  What is
 * kept no longer is not shown, and the answer goes without a body; only who
 * creates is shown the resource of now then, for the reason that result.c
 * gives.
 */
#include "base/error.h"
#include "provider/departure.h"
#include "provider/history.h"
#include "provider/receipt.h"
#include "version/tag.h"

/* All that is known without looking. */
static scim_status
begin_outcome(scim__op *op, scim_error *err)
{
	const scim_receipt *receipt = &op->claim.receipt;
	struct scim__tag_parts parts = { .own = receipt->version,
		.strong = op->context->settings->etag == SCIM_ETAG_STRONG,
		.sequence = receipt->sequence };
	scim_resource *out = &op->outcome.resource;
	scim_etag tag = scim__tag_make(op->arena, &parts);

	*out = (scim_resource){ .id = receipt->id,
		.type = op->type->name,
		.version = receipt->version };
	out->location =
	    scim__location(op->arena, op->context, op->type, receipt->id);
	if (tag.opaque.ptr != NULL)
		out->etag = scim_etag_format(op->arena, &tag);
	return out->etag.ptr == NULL || out->location.ptr == NULL
	    ? scim__fail_memory(err)
	    : SCIM_OK;
}

/* The resource as it is.  `*out`: shown; else it is another one by now. */
static scim_status
show_present(scim__op *op, bool any, bool *out, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	const scim_key key = scim__key(op->context, op->type, op->id);
	scim_record now;
	bool pending = false;
	scim_status rc =
	    scim__store_begin(op->provider->store, SCIM_TXN_READ, &txn, err);

	if (rc == SCIM_OK)
		rc = scim__store_get(
		    txn, op->arena, &key, SCIM_RECORD_CONTENT, &now, err);
	if (rc == SCIM_ERR_NOT_FOUND ||
	    (rc == SCIM_OK && !any &&
		now.sequence != op->claim.receipt.sequence))
		return SCIM_OK;
	if (rc == SCIM_OK && op->type->relation != NULL)
		rc = scim__departures_pending(
		    txn, op->context, op->type, op->id, &pending, err);
	if (rc != SCIM_OK || pending)
		return rc;
	rc =
	    scim__view_make(txn, op->context, op->type, &now, &op->result, err);
	if (rc != SCIM_OK)
		return rc;
	scim__view_resource(op->type, &op->result, &op->outcome.resource);
	*out = true;
	return op->bodiless
	    ? SCIM_OK
	    : scim__render(txn, op->context, op->type, &op->result,
		  op->projection, &op->outcome.resource.json, err);
}

/* The state that was; one that is kept no longer is not shown. */
static scim_status
show_past(scim__op *op, bool *out, scim_error *err)
{
	const struct scim__history history = { .provider = op->provider,
		.context = op->context,
		.type = op->type,
		.projection = op->projection,
		.id = op->id,
		.version =
		    scim__history_name(op->arena, &op->claim.receipt.version),
		.is_at_home = true };

	if (history.version.ptr == NULL)
		return scim__fail_memory(err);
	scim_status rc =
	    scim__history_resource(&history, &op->outcome.resource, err);
	/* Forgotten, or with too many members to be shown. */
	if (rc == SCIM_ERR_NOT_FOUND || rc == SCIM_ERR_INVALID)
		return SCIM_OK;
	*out = rc == SCIM_OK;
	return rc;
}

scim_status
scim__repeat_render(scim__op *op, scim_error *err)
{
	bool shown = false;

	if (op->steps == &scim__delete_steps)
		return SCIM_OK;
	op->bodiless = scim__receipt_is_bodiless(&op->claim.receipt);
	scim_status rc = begin_outcome(op, err);
	if (rc == SCIM_OK)
		rc = show_present(op, false, &shown, err);
	if (rc == SCIM_OK && !shown && !op->bodiless)
		rc = show_past(op, &shown, err);
	if (rc == SCIM_OK && !shown && op->steps == &scim__create_steps)
		rc = show_present(op, true, &shown, err);
	return rc;
}
