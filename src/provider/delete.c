/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delete (RFC 7644 section 3.6).
 *
 * Whoever goes leaves every relation in the same transaction: each holder
 * gets a new version, because its members are part of its state.
 */
#include "base/error.h"
#include "base/str.h"
#include "provider/departure.h"
#include "provider/holder.h"
#include "provider/purge.h"
#include "provider/record.h"
#include "provider/state.h"

static scim_status
prepare(scim__op *op, scim_txn *txn, scim_error *err)
{
	(void)txn;
	return scim__op_put_delete(op, err);
}

/* One relation without the one who goes. */
static scim_status
leave(scim__op *op, scim_txn *txn, const scim_membership *m, scim_error *err)
{
	struct scim__write_by by = { op->provider, op->context, "delete" };
	struct scim__holder holder;
	const scim__resource_type *type =
	    scim__registry_type(op->context->registry, m->type);
	/* Its own members go with it. */
	if (type == NULL || scim__str_equal(m->id, op->id))
		return SCIM_OK;

	scim_status rc = scim__holder_open(&by, txn, type, m->id, &holder, err);
	if (rc == SCIM_OK)
		rc = scim__relation_remove(
		    op->arena, txn, &holder.key, op->id, &holder.edit, err);
	if (rc != SCIM_OK || !holder.edit.changed)
		return rc;
	return scim__holder_write(&by, txn, &holder, err);
}

/* All relations when they are few; else a note, and turns later on. */
static scim_status
leave_all(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_membership *found = NULL;
	size_t count = 0;
	scim_status rc =
	    scim__store_memberships(txn, op->arena, op->context->tenant, op->id,
		SCIM_STR(""), SCIM__LEAVE_AT_ONCE + 1, &found, &count, err);

	op->departs = count > SCIM__LEAVE_AT_ONCE;
	if (rc == SCIM_OK && op->departs)
		return scim__departure_note(
		    op->provider, txn, op->context, op->id, err);
	op->left = count;
	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		rc = leave(op, txn, &found[i], err);
	return rc;
}

/* Of what goes for good the log keeps no way back. */
static scim_status
prepare_purge(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_status rc = prepare(op, txn, err);

	if (rc != SCIM_OK)
		return rc;
	op->write.change =
	    scim__change(op->context, op->steps->name, op->record.modified_ms);
	op->write.change.keep = 0;
	return SCIM_OK;
}

const struct scim__op_steps scim__purge_steps = {
	.name = "purge",
	.check = scim__op_read,
	.prepare = prepare_purge,
	.before = leave_all,
};

const struct scim__op_steps scim__delete_steps = {
	.name = "delete",
	.check = scim__op_check_target,
	.prepare = prepare,
	.before = leave_all,
};

scim_status
scim_provider_delete(scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_expect *expect, scim_outcome *out,
    scim_error *err)
{
	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL && out != NULL);
	SCIM__REQUIRE(err, target != NULL && expect != NULL);

	scim__op op = { .steps = &scim__delete_steps,
		.provider = provider,
		.context = context,
		.arena = context->arena,
		.expect = *expect,
		.id = target->id };
	return scim__op_call(&op, target->type, out, err);
}
