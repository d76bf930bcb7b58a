/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A bulk request's way: a worker reads it, a worker prepares each slice, the
 * writer writes it, and a worker makes the answer.
 *
 * As long as nothing is durable a failure is the answer to the whole; from
 * then on there are results to tell, and the failure is a part of them.
 */
#include "handler/bulk_steps.h"

#include "base/error.h"
#include "base/str.h"
#include "handler/bulk_answer.h"

void
scim__bulk_steps_begin(struct scim__bulk_steps *steps, scim_provider *provider,
    const scim_request *request, const scim_context *context,
    scim_response *response)
{
	*steps = (struct scim__bulk_steps){
		.bulk = { .provider = provider,
		    .request_context = context,
		    .arena = context->arena },
		.request = request,
		.response = response,
	};
}

static enum scim__step
fail(struct scim__bulk_steps *steps, const scim_error *err)
{
	scim__bulk_release(&steps->bulk);
	steps->response->result = SCIM_RESULT_ERROR;
	steps->response->error = *err;
	return SCIM__STEP_DONE;
}

/* The endpoint has no state of its own that a header could name. */
enum scim__step
scim__bulk_steps_check(struct scim__bulk_steps *steps)
{
	const scim_validators nothing = { .etag = { { NULL, 0 }, 0 } };
	scim_error err = { 0 };

	switch (scim_preconditions_evaluate(&steps->request->preconditions,
	    &nothing, SCIM_METHOD_PROCESS,
	    scim__provider_now(steps->bulk.provider))) {
	case SCIM_VERDICT_FAILED:
		(void)scim__fail(&err, SCIM_ERR_VERSION,
		    "/Bulk has no entity tag: leave If-Match out, and give "
		    "each operation its \"version\".");
		return fail(steps, &err);
	case SCIM_VERDICT_MALFORMED:
		(void)scim__fail_malformed_tag(&err);
		return fail(steps, &err);
	case SCIM_VERDICT_PERFORM:
	case SCIM_VERDICT_NOT_MODIFIED:
		break;
	}
	return SCIM__STEP_WORK;
}

/* @spec 7644-3.7-17 */
static enum scim__step
answer(struct scim__bulk_steps *steps)
{
	scim__bulk *bulk = &steps->bulk;
	scim_response *out = steps->response;
	scim_error err = { 0 };
	scim_status rc = scim__bulk_finish(bulk, &err);

	if (rc == SCIM_OK)
		rc = scim__bulk_answer(bulk, &out->body, &err);
	if (rc != SCIM_OK && bulk->durable > 0)
		(void)scim__fail(&err, SCIM_ERR_UNCERTAIN,
		    "Changes are stored, but can't be told: read the "
		    "resources.");
	if (rc != SCIM_OK)
		return fail(steps, &err);
	out->result = SCIM_RESULT_OK;
	out->quirks = bulk->quirks;
	out->dropped = bulk->dropped;
	out->conflicts = bulk->conflicts;
	out->merged = bulk->has_merged;
	out->explained = bulk->conflicts > 0 &&
	    bulk->request_context->explain == SCIM_EXPLAIN_DETAIL;
	return SCIM__STEP_DONE;
}

/* Ends early, for a reason. */
static enum scim__step
stop(struct scim__bulk_steps *steps, const scim_error *err)
{
	if (!steps->is_read || steps->bulk.durable == 0)
		return fail(steps, err);
	scim__bulk_stop(&steps->bulk, err);
	return SCIM__STEP_WORK;
}

enum scim__step
scim__bulk_steps_work(struct scim__bulk_steps *steps)
{
	scim__bulk *bulk = &steps->bulk;
	scim_error err = { 0 };

	if (!steps->is_read) {
		bulk->body = steps->request->body;
		if (scim__bulk_read(bulk, &err) != SCIM_OK)
			return fail(steps, &err);
		steps->is_read = true;
	}
	if (!bulk->is_over && scim__bulk_prepare(bulk, &err) != SCIM_OK) {
		enum scim__step step = stop(steps, &err);

		if (step == SCIM__STEP_DONE)
			return step;
	}
	if (bulk->is_over)
		return answer(steps);
	return bulk->has_more ? SCIM__STEP_WORK : SCIM__STEP_WRITE;
}

scim_status
scim__bulk_steps_apply(struct scim__bulk_steps *steps, scim_txn *txn)
{
	steps->err = (scim_error){ 0 };
	steps->applied = scim__bulk_apply(&steps->bulk, txn, &steps->err);
	return steps->applied;
}

scim_status
scim__bulk_steps_refuse(struct scim__bulk_steps *steps, const scim_error *err)
{
	steps->bulk.was_refused = false;
	steps->err = *err;
	steps->applied = err->status;
	return steps->applied;
}

enum scim__step
scim__bulk_steps_committed(
    struct scim__bulk_steps *steps, scim_status commit, const scim_error *err)
{
	scim__bulk *bulk = &steps->bulk;

	if (commit != SCIM_OK)
		return stop(steps, err);
	if (steps->applied != SCIM_OK && !bulk->was_refused)
		return stop(steps, &steps->err);
	scim__bulk_committed(bulk);
	return SCIM__STEP_WORK;
}

bool
scim__bulk_steps_drop(struct scim__bulk_steps *steps)
{
	if (steps->bulk.durable > 0)
		return false;
	scim__bulk_release(&steps->bulk);
	return true;
}

enum scim__step
scim__bulk_steps_fail(struct scim__bulk_steps *steps, const scim_error *err)
{
	return stop(steps, err);
}
