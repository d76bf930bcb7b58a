/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Delete (RFC 7644 section 3.6).
 *
 * Whoever goes leaves every relation in the same transaction: each holder
 * gets a new version, because its members are part of its state.
 */
#include "base/error.h"
#include "base/str.h"
#include "provider/holder.h"
#include "provider/state.h"

#define PAGE 256

static scim_status
check(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_status rc = scim__op_read(op, txn, err);

	if (rc != SCIM_OK || op->settled)
		return rc;
	return scim__op_expect(op, err);
}

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
	struct scim__holder holder;
	const scim__resource_type *type =
	    scim__registry_type(op->context->registry, m->type);
	/* Its own members go with it. */
	if (type == NULL || scim__str_equal(m->id, op->id))
		return SCIM_OK;

	scim_status rc = scim__holder_open(op, txn, type, m->id, &holder, err);
	if (rc == SCIM_OK)
		rc = scim__relation_remove(
		    op->arena, txn, &holder.key, op->id, &holder.edit, err);
	if (rc != SCIM_OK || !holder.edit.changed)
		return rc;
	return scim__holder_write(op, txn, &holder, err);
}

static scim_status
leave_all(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_str after = { "", 0 };

	for (;;) {
		scim_membership *page = NULL;
		size_t count = 0;
		scim_status rc =
		    scim__store_memberships(txn, op->arena, op->context->tenant,
			op->id, after, PAGE, &page, &count, err);

		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = leave(op, txn, &page[i], err);
		if (rc != SCIM_OK || count < PAGE)
			return rc;
		after = page[count - 1].id;
	}
}

const struct scim__op_steps scim__delete_steps = {
	.name = "delete",
	.check = check,
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
