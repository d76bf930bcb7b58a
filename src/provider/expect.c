/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Whether what the caller expects of the target holds.
 *
 * That it does not hold is an outcome, with what stands in the way; only a
 * missing or malformed expectation is an error.
 */
#include "base/error.h"
#include "base/str.h"
#include "provider/combine.h"

static scim_str
expected_text(const scim__op *op)
{
	const scim_preconditions *pre = op->expect.preconditions;
	scim_str text = { "", 0 };

	if (op->expect.kind == SCIM_EXPECT_VERSIONS &&
	    op->expect.version_count > 0) {
		char *z =
		    scim_arena_alloc(op->arena, SCIM_VERSION_TEXT_LEN + 1);

		if (z != NULL) {
			scim_version_format(&op->expect.versions[0], z);
			text = scim__str(z);
		}
	} else if (pre != NULL && pre->if_match.kind == SCIM_ETAGS_LIST &&
	    pre->if_match.count > 0) {
		text = scim_etag_format(op->arena, &pre->if_match.tags[0]);
	}
	return text;
}

void
scim__op_settle_mismatch(scim__op *op, const struct scim__view *view)
{
	op->settled = true;
	op->outcome = (scim_outcome){
		.kind = SCIM_MISMATCH,
		.conflict = {
		    .id = view->record.id,
		    .expected = expected_text(op),
		    .current = view->etag,
		    .location = view->location,
		    .message = SCIM_STR(
			"The resource is not at the version expected: read "
			"it again and repeat the change with its current "
			"ETag."),
		},
	};
}

static bool
at_one_of(const scim_expect *expect, const scim_version *version)
{
	for (size_t i = 0; i < expect->version_count; i++)
		if (scim_version_equal(&expect->versions[i], version))
			return true;
	return false;
}

scim_status
scim__fail_malformed_tag(scim_error *err)
{
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
	    "If-Match or If-None-Match is malformed: send `*`, or entity "
	    "tags in double quotes, separated by commas.");
}

static scim_status
evaluate(scim__op *op, scim_error *err)
{
	switch (scim_preconditions_evaluate(op->expect.preconditions,
	    &op->current.validators, SCIM_METHOD_WRITE,
	    scim__provider_now(op->provider))) {
	case SCIM_VERDICT_PERFORM:
	case SCIM_VERDICT_NOT_MODIFIED:
		return SCIM_OK;
	case SCIM_VERDICT_FAILED:
		scim__op_settle_mismatch(op, &op->current);
		return SCIM_OK;
	case SCIM_VERDICT_MALFORMED:
		break;
	}
	return scim__fail_malformed_tag(err);
}

scim_status
scim__op_expect(scim__op *op, scim_error *err)
{
	const scim_preconditions *pre = op->expect.preconditions;
	bool given = op->expect.kind == SCIM_EXPECT_VERSIONS ||
	    (pre != NULL && scim_preconditions_given(pre));

	if (op->context->settings->require_preconditions && !given)
		return scim__fail(err, SCIM_ERR_REQUIRED,
		    "This tenant requires a precondition: GET the resource, "
		    "then resend with If-Match and its ETag.");
	switch (op->expect.kind) {
	case SCIM_EXPECT_ANY:
		return SCIM_OK;
	case SCIM_EXPECT_ABSENT:
		scim__op_settle_mismatch(op, &op->current);
		return SCIM_OK;
	case SCIM_EXPECT_VERSIONS:
		if (!at_one_of(&op->expect, &op->current.record.version))
			scim__op_settle_mismatch(op, &op->current);
		return SCIM_OK;
	case SCIM_EXPECT_PRECONDITIONS:
		break;
	}
	return evaluate(op, err);
}

scim_status
scim__op_check_target(scim__op *op, scim_txn *txn, scim_error *err)
{
	scim_status rc = scim__op_read(op, txn, err);

	if (rc != SCIM_OK || op->settled)
		return rc;
	rc = scim__op_expect(op, err);
	return rc == SCIM_OK && op->settled ? scim__combine_stale(op, err) : rc;
}
