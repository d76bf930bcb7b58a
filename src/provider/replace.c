/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Replace (RFC 7644 section 3.5.1): never creates, keeps what the client
 * could not have seen, and writes nothing when nothing changes.
 */
#include "base/error.h"
#include "base/str.h"
#include "provider/combine.h"
#include "provider/state.h"

/* An `id` in the body is readOnly, but a different one is a mistake that
 * would otherwise write to the wrong resource unseen. */
static scim_status
check_id(const scim__op *op, scim_error *err)
{
	scim_str id = scim__object_get_string(&op->request, SCIM_STR("id"));

	if (id.ptr == NULL || scim__str_equal(id, op->id))
		return SCIM_OK;
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
	    "id: the body names another resource than the URL; send the same "
	    "id, or none.");
}

static scim_status
want(scim__op *op, scim_error *err)
{
	scim_status rc = scim__op_validate(op, err);

	return rc != SCIM_OK ? rc : check_id(op, err);
}

static scim_status
prepare(scim__op *op, scim_txn *txn, scim_error *err)
{
	if (op->merge != NULL)
		return scim__combine_prepare(op, txn, err);
	scim_status rc = want(op, err);
	return rc != SCIM_OK ? rc : scim__op_put_state(op, txn, err);
}

const struct scim__op_steps scim__replace_steps = {
	.name = "replace",
	.check = scim__op_check_target,
	.prepare = prepare,
	.want = want,
};

scim_status
scim_provider_replace(scim_provider *provider, const scim_context *context,
    const scim_target *target, scim_str json, const scim_expect *expect,
    scim_outcome *out, scim_error *err)
{
	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL && out != NULL);
	SCIM__REQUIRE(err, target != NULL && expect != NULL);

	scim__op op = { .steps = &scim__replace_steps,
		.provider = provider,
		.context = context,
		.arena = context->arena,
		.expect = *expect,
		.id = target->id,
		.body = json };
	return scim__op_call(&op, target->type, out, err);
}
