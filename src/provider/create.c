/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Create (RFC 7644 section 3.3).
 *
 * The target is the collection, which exists and has neither tag nor date.
 * `If-None-Match: *` is read as "unless somebody holds its unique values": a
 * conditional create.
 */
#include <stdlib.h>

#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"
#include "provider/state.h"

static bool
wants_absent(const scim_expect *expect)
{
	return expect->kind == SCIM_EXPECT_ABSENT ||
	    (expect->kind == SCIM_EXPECT_PRECONDITIONS &&
		expect->preconditions->if_none_match.kind == SCIM_ETAGS_ANY);
}

static scim_status
check_headers(scim__op *op, scim_error *err)
{
	scim_preconditions pre = *op->expect.preconditions;
	scim_validators collection = { .etag = { { NULL, 0 }, 0 } };

	if (pre.if_none_match.kind == SCIM_ETAGS_ANY)
		pre.if_none_match.kind = SCIM_ETAGS_ABSENT;
	switch (scim_preconditions_evaluate(&pre, &collection,
	    SCIM_METHOD_WRITE, scim__provider_now(op->provider))) {
	case SCIM_VERDICT_PERFORM:
	case SCIM_VERDICT_NOT_MODIFIED:
		return SCIM_OK;
	case SCIM_VERDICT_MALFORMED:
		return scim__fail_malformed_tag(err);
	case SCIM_VERDICT_FAILED:
		break;
	}
	scim__op_settle_mismatch(op, &op->current);
	op->outcome.conflict.message =
	    SCIM_STR("A collection has no entity tag: leave If-Match out when "
		     "you create a resource.");
	return SCIM_OK;
}

static scim_status
check(scim__op *op, scim_txn *txn, scim_error *err)
{
	(void)txn;
	if (op->id.ptr == NULL) {
		char *id = scim_arena_alloc(op->arena, SCIM__UUID_LEN + 1);

		if (id == NULL)
			return scim__fail_memory(err);
		scim__uuid_make(op->provider->env, id);
		op->id = scim__str(id);
	}
	if (op->expect.kind == SCIM_EXPECT_VERSIONS)
		return scim__fail(err, SCIM_ERR_MISUSE,
		    "A resource that is to be created has no version yet.");
	return op->expect.kind == SCIM_EXPECT_PRECONDITIONS
	    ? check_headers(op, err)
	    : SCIM_OK;
}

static scim_status
prepare(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_status rc = scim__op_validate(op, err);

	return rc != SCIM_OK ? rc : scim__op_put_state(op, txn, err);
}

/* What stands in the way, completed as far as it can be read. */
static scim_status
settle_with_holder(
    scim__op *op, scim_txn *txn, scim_str holder, scim_error *err)
{
	scim_key key = scim__key(op->context, op->type, holder);
	scim_record record;
	struct scim__view view;
	scim_status rc = scim__store_get(
	    txn, op->arena, &key, SCIM_RECORD_CONTENT, &record, err);

	if (rc == SCIM_OK)
		rc = scim__view_make(
		    txn, op->context, op->type, &record, &view, err);
	if (rc != SCIM_OK)
		return rc;
	scim__op_settle_mismatch(op, &view);
	op->outcome.conflict.message = SCIM_STR(
	    "A resource with one of these unique values exists already; its "
	    "address is in Location.");
	return SCIM_ERR_EXISTS;
}

scim_status
scim__op_settle_taken(scim__op *op, scim_txn *txn,
    const scim_write_result *written, scim_error *err)
{
	if (op->write.kind == SCIM_WRITE_CREATE && wants_absent(&op->expect))
		return settle_with_holder(op, txn, written->holder, err);
	return scim__fail_type(err, SCIM_ERR_EXISTS, "uniqueness",
	    "%.*s: the value is taken by another resource; choose another "
	    "value, or change that resource.",
	    (int)written->attribute.len, written->attribute.ptr);
}

const struct scim__op_steps scim__create_steps = {
	.name = "create",
	.check = check,
	.prepare = prepare,
};

scim_status
scim_provider_create(scim_provider *provider, const scim_context *context,
    scim_str type, scim_str json, const scim_expect *expect, scim_outcome *out,
    scim_error *err)
{
	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL);
	SCIM__REQUIRE(err, expect != NULL && out != NULL);

	scim__op op = { .steps = &scim__create_steps,
		.provider = provider,
		.context = context,
		.arena = context->arena,
		.expect = *expect,
		.body = json };
	return scim__op_call(&op, type, out, err);
}
