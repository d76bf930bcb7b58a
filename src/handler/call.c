/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A request in steps.
 *
 * Which provider call a request becomes is decided once, by its operation;
 * from then on the steps of that call are run as they come.  The response is
 * filled at the end, from the outcome; an error at any step is a response.
 */
#include "handler/call.h"

#include "base/error.h"
#include "base/str.h"
#include "handler/bulk_steps.h"
#include "handler/error_body.h"
#include "handler/error_status.h"
#include "handler/offer.h"
#include "handler/recall.h"
#include "provider/ask.h"
#include "provider/combine.h"
#include "provider/cursor.h"
#include "provider/get.h"
#include "provider/operation.h"
#include "provider/query.h"
#include "provider/walk.h"

struct scim__call {
	scim_provider *provider;
	const scim_request *request;
	scim_arena *arena;
	scim_context context; /* the request's, with our arena */
	const scim__resource_type *type;
	struct scim__ask ask;
	scim__projection *projection;
	scim_expect expect;
	bool opened;     /* type and expectation are known */
	bool is_telling; /* on a worker, of what takes long to tell */
	bool needs_key;  /* there is none yet for cursors: make it first */
	scim__op op;
	struct scim__get get;
	struct scim__query query;
	struct scim__bulk_steps bulk;
	struct scim__walk walk;
	struct scim__recall recall;
	scim_status applied; /* what the last apply said */
	scim_error apply_error;
	scim_response response;
};

static bool
is_bulk(const scim__call *call)
{
	return call->request->operation == SCIM_OPERATION_BULK;
}

scim__call *
scim__call_new(
    scim_provider *provider, const scim_request *request, scim_arena *arena)
{
	scim__call *call = scim_arena_alloc(arena, sizeof(*call));

	if (call == NULL)
		return NULL;
	call->provider = provider;
	call->request = request;
	call->arena = arena;
	call->context = request->context;
	call->context.arena = arena;
	call->expect = (scim_expect){ .kind = SCIM_EXPECT_PRECONDITIONS,
		.preconditions = &request->preconditions };
	if (is_bulk(call))
		scim__bulk_steps_begin(&call->bulk, provider, request,
		    &call->context, &call->response);
	return call;
}

static enum scim__step
fail(scim__call *call, const scim_error *err)
{
	scim_response *out = &call->response;

	scim__op_count(&call->op, err->status);

	out->result = SCIM_RESULT_ERROR;
	out->error = *err;
	out->quirks = call->op.validation.quirks;
	return SCIM__STEP_DONE;
}

enum scim__step
scim__call_fail(scim__call *call, const scim_error *err)
{
	return is_bulk(call) ? scim__bulk_steps_fail(&call->bulk, err)
			     : fail(call, err);
}

scim_store *
scim__call_store(const scim__call *call)
{
	return call->provider->store;
}

const scim_response *
scim__call_response(const scim__call *call)
{
	return &call->response;
}

static void
show_resource(scim__call *call, const scim_resource *resource)
{
	scim_response *out = &call->response;

	out->body = resource->json;
	out->etag = resource->etag;
	out->location = resource->location;
	out->has_modified =
	    resource->etag.len > 0 && resource->modified_ms != 0;
	out->modified_ms = resource->modified_ms;
}

static enum scim__step
fail_outcome(scim__call *call, const scim_outcome *outcome)
{
	const scim_conflict *conflict = &outcome->conflict;
	scim_error err;

	(void)scim__fail_outcome(call->type, call->request->id, outcome, &err);
	(void)fail(call, &err);
	if (conflict->current.ptr != NULL)
		call->response.etag = conflict->current;
	if (conflict->location.ptr != NULL)
		call->response.location = conflict->location;
	if (conflict->detail.ptr != NULL)
		call->response.body = scim__conflict_body(call->arena,
		    scim__error_status(err.status), &err, conflict->detail);
	call->response.explained = conflict->detail.ptr != NULL &&
	    call->context.explain == SCIM_EXPLAIN_DETAIL;
	return SCIM__STEP_DONE;
}

static enum scim__step
finish(scim__call *call, const scim_outcome *outcome)
{
	scim__op_count(&call->op, SCIM_OK);
	switch (outcome->kind) {
	case SCIM_ABSENT:
	case SCIM_MISMATCH:
		return fail_outcome(call, outcome);
	case SCIM_NOT_MODIFIED:
		call->response.result = SCIM_RESULT_NOT_MODIFIED;
		show_resource(call, &outcome->resource);
		call->response.body = (scim_str){ "", 0 };
		return SCIM__STEP_DONE;
	case SCIM_DONE:
		break;
	}
	call->response.result = scim__offer_result(call->request, outcome);
	call->response.prefer =
	    scim__offer_preference(call->request, call->response.result);
	call->response.quirks = call->op.validation.quirks;
	call->response.dropped = call->op.dropped;
	scim__offer_show_merge(&call->op, &call->response);
	show_resource(call, &outcome->resource);
	return SCIM__STEP_DONE;
}

/* It takes the body, and longer than a loop should wait. */
static bool
is_to_explain(const scim__call *call)
{
	return call->op.outcome.kind == SCIM_MISMATCH &&
	    call->context.explain == SCIM_EXPLAIN_DETAIL;
}

static enum scim__step
finish_op(scim__call *call)
{
	scim_error err = { 0 };

	if (!call->is_telling &&
	    (is_to_explain(call) || scim__op_tells_at_length(&call->op))) {
		call->is_telling = true;
		return SCIM__STEP_WORK;
	}
	if (scim__op_render(&call->op, &err) != SCIM_OK)
		return fail(call, &err);
	return finish(call, &call->op.outcome);
}

/* What is asked for, in the URL or in the message of a search. */
static scim_status
read_ask(scim__call *call, scim_error *err)
{
	const scim_request *r = call->request;
	const scim_context *context = &call->context;
	struct scim__ask *ask = &call->ask;
	scim_status rc = SCIM_OK;

	*ask = (struct scim__ask){ r->attributes, r->excluded_attributes,
		r->filter, r->sort_by, r->sort_order, r->start_index, r->count,
		r->cursor };
	if (r->operation == SCIM_OPERATION_SEARCH)
		rc = scim__ask_parse(
		    call->arena, r->body, &context->settings->limits, ask, err);
	if (rc != SCIM_OK ||
	    (ask->attributes.ptr == NULL &&
		ask->excluded_attributes.ptr == NULL))
		return rc;
	return scim__projection_parse(call->arena, context->registry,
	    call->type, ask->attributes, ask->excluded_attributes,
	    &call->projection, err);
}

static bool
is_query(const scim__call *call)
{
	scim_operation operation = call->request->operation;

	return operation == SCIM_OPERATION_LIST ||
	    operation == SCIM_OPERATION_SEARCH;
}

static scim_status
find_type(scim__call *call, scim_error *err)
{
	const scim_request *r = call->request;

	/* Queries at the root are about all types, and so is the feed. */
	if (r->endpoint.len == 0 &&
	    (is_query(call) || r->operation == SCIM_OPERATION_CHANGES))
		return SCIM_OK;
	call->type =
	    scim__registry_endpoint(call->context.registry, r->endpoint);
	if (call->type == NULL)
		return scim__fail(err, SCIM_ERR_NOT_FOUND,
		    "There is no such endpoint; /ResourceTypes lists them.");
	call->response.type = call->type->name;
	return SCIM_OK;
}

/* Finds the type and reads what applies to every operation on it. */
static scim_status
open_call(scim__call *call, scim_error *err)
{
	const scim_request *r = call->request;
	scim_status rc = scim__call_offered(r, err);

	if (rc == SCIM_OK)
		rc = find_type(call, err);
	/* The message of a search may still be on its way. */
	if (rc == SCIM_OK && r->operation != SCIM_OPERATION_SEARCH)
		rc = read_ask(call, err);
	if (rc != SCIM_OK)
		return rc;
	call->op =
	    (scim__op){ .steps = r->is_merge ? &scim__combine_steps
					     : scim__offer_steps(r->operation),
		    .provider = call->provider,
		    .context = &call->context,
		    .type = call->type,
		    .arena = call->arena,
		    .expect = call->expect,
		    .projection = call->projection,
		    .id = r->id,
		    .body = r->body,
		    .version = r->version,
		    .claim = { .sent = call->context.idempotency_key },
		    .bodiless =
			scim__offer_bodiless(r, call->type, call->projection) };
	call->opened = true;
	return SCIM_OK;
}

static enum scim__step
run_get(scim__call *call, bool on_worker)
{
	scim_error err = { 0 };
	struct scim__get *get = &call->get;

	*get = (struct scim__get){ .provider = call->provider,
		.context = &call->context,
		.type = call->type,
		.arena = call->arena,
		.expect = call->expect,
		.projection = call->projection,
		.id = call->request->id,
		.may_stream = true,
		.on_worker = on_worker };
	if (scim__get_run(get, &err) != SCIM_OK)
		return fail(call, &err);
	if (get->later)
		return SCIM__STEP_WORK;
	if (get->unsettled)
		return SCIM__STEP_WRITE;
	(void)finish(call, &get->outcome);
	if (get->stream != NULL) {
		call->response.result = SCIM_RESULT_OK;
		call->response.stream = get->stream;
	}
	return SCIM__STEP_DONE;
}

/*
 * Conditional headers on what has its own tag, or none at all (a list): such
 * a target exists, and is only ever read.
 */
static enum scim__step
finish_document(scim__call *call, const struct scim__document *document)
{
	scim_validators validators = { .etag = document->tag };
	scim_resource shown = { .json = document->json,
		.etag = document->etag,
		.location = document->location };
	const scim_env *env = call->provider->env;
	scim_method_kind kind =
	    call->request->operation == SCIM_OPERATION_SEARCH
	    ? SCIM_METHOD_PROCESS
	    : SCIM_METHOD_READ;
	scim_error err;

	switch (scim_preconditions_evaluate(&call->request->preconditions,
	    &validators, kind, env->now_ms(env->context))) {
	case SCIM_VERDICT_FAILED:
		return fail_outcome(call,
		    &(scim_outcome){ .kind = SCIM_MISMATCH,
			.conflict = { .current = document->etag,
			    .message = SCIM_STR("What was asked for has not "
						"this entity tag.") } });
	case SCIM_VERDICT_MALFORMED:
		(void)scim__fail_malformed_tag(&err);
		return fail(call, &err);
	case SCIM_VERDICT_NOT_MODIFIED:
		call->response.result = SCIM_RESULT_NOT_MODIFIED;
		shown.json = (scim_str){ "", 0 };
		break;
	case SCIM_VERDICT_PERFORM:
		call->response.result = SCIM_RESULT_OK;
		break;
	}
	show_resource(call, &shown);
	call->response.has_modified = 0;
	return SCIM__STEP_DONE;
}

/* A page by index or by cursor; empty when there is something to do first. */
static scim_status
run_page(scim__call *call, bool *out_later, scim_str *out, scim_error *err)
{
	const struct scim__ask *ask = &call->ask;
	struct scim__query *query = &call->query;
	struct scim__walk *walk = &call->walk;
	scim_status rc;

	if (ask->cursor.ptr == NULL) {
		rc = scim__query_run(query, out_later, err);
		return rc != SCIM_OK || *out_later || query->unsettled
		    ? rc
		    : scim__query_json(query, out, err);
	}
	*walk = (struct scim__walk){ .query = query,
		.endpoint = call->request->endpoint,
		.cursor = ask->cursor,
		.attributes = ask->attributes,
		.excluded_attributes = ask->excluded_attributes };
	rc = scim__walk_run(walk, out_later, err);
	*out = walk->json;
	return rc;
}

static enum scim__step
run_list(scim__call *call, bool on_worker)
{
	const struct scim__ask *ask = &call->ask;
	scim_error err = { 0 };
	struct scim__document document = { .json = { "", 0 } };
	bool later = false;
	struct scim__query *query = &call->query;

	*query = (struct scim__query){ .provider = call->provider,
		.context = &call->context,
		.type = call->type,
		.arena = call->arena,
		.projection = call->projection,
		.filter = ask->filter,
		.sort_by = ask->sort_by,
		.sort_order = ask->sort_order,
		.start_index = ask->start_index,
		.count = ask->count,
		.on_worker = on_worker };
	if (run_page(call, &later, &document.json, &err) != SCIM_OK)
		return fail(call, &err);
	if (later)
		return SCIM__STEP_WORK;
	call->needs_key = call->walk.needs_key;
	if (query->unsettled || call->needs_key)
		return SCIM__STEP_WRITE;
	call->response.quirks = query->quirks;
	return finish_document(call, &document);
}

static enum scim__step
run_recall(scim__call *call, bool on_worker)
{
	struct scim__recall *recall = &call->recall;
	scim_error err = { 0 };

	recall->provider = call->provider;
	recall->context = &call->context;
	recall->type = call->type;
	recall->projection = call->projection;
	recall->request = call->request;
	recall->on_worker = on_worker;
	if (scim__recall_run(recall, &err) != SCIM_OK)
		return fail(call, &err);
	if (recall->later)
		return SCIM__STEP_WORK;
	call->needs_key = recall->needs_key;
	if (call->needs_key)
		return SCIM__STEP_WRITE;
	if (recall->wait_s > 0)
		return SCIM__STEP_WAIT;
	return finish_document(call, &recall->document);
}

void
scim__call_may_wait(scim__call *call, bool may_wait)
{
	call->recall.may_wait = may_wait;
}

unsigned
scim__call_wait_s(const scim__call *call)
{
	return call->recall.wait_s;
}

static enum scim__step
run_discovery(scim__call *call)
{
	struct scim__document document = { .json = { "", 0 } };
	scim_error err = { 0 };
	scim_status rc = scim__offer_document(
	    call->request, call->arena, &call->context, &document, &err);

	return rc != SCIM_OK ? fail(call, &err)
			     : finish_document(call, &document);
}

static bool
is_discovery(scim_operation operation)
{
	return operation == SCIM_OPERATION_SERVICE_PROVIDER_CONFIG ||
	    operation == SCIM_OPERATION_RESOURCE_TYPES ||
	    operation == SCIM_OPERATION_SCHEMAS;
}

enum scim__step
scim__call_check(scim__call *call)
{
	scim_error err = { 0 };

	if (is_discovery(call->request->operation))
		return SCIM__STEP_WORK;
	if (is_bulk(call))
		return scim__bulk_steps_check(&call->bulk);
	if (!call->opened && open_call(call, &err) != SCIM_OK)
		return fail(call, &err);
	if (call->op.steps == NULL)
		return SCIM__STEP_WORK;
	/* Whether it was carried out before only its body tells. */
	if (call->op.claim.sent.ptr != NULL)
		return SCIM__STEP_WRITE;
	if (scim__op_check(&call->op, &err) != SCIM_OK)
		return fail(call, &err);
	return call->op.settled && !is_to_explain(call)
	    ? finish(call, &call->op.outcome)
	    : SCIM__STEP_WRITE;
}

static enum scim__step
start_op(scim__call *call, bool on_worker)
{
	enum scim__op_next next = SCIM__OP_SETTLED;
	scim_error err = { 0 };

	call->op.body = call->request->body;
	call->op.on_loop = !on_worker;
	if (scim__op_start(&call->op, &next, &err) != SCIM_OK)
		return fail(call, &err);
	switch (next) {
	case SCIM__OP_HASH:
	case SCIM__OP_LONG:
		return SCIM__STEP_WORK;
	case SCIM__OP_WRITE:
		return SCIM__STEP_WRITE;
	case SCIM__OP_SETTLED:
		break;
	}
	return finish_op(call);
}

enum scim__step
scim__call_start(scim__call *call)
{
	scim_error err = { 0 };

	if (is_discovery(call->request->operation))
		return run_discovery(call);
	if (is_bulk(call))
		return scim__bulk_steps_check(&call->bulk);
	if (!call->opened && open_call(call, &err) != SCIM_OK)
		return fail(call, &err);
	if (call->request->operation == SCIM_OPERATION_GET)
		return run_get(call, false);
	if (scim__is_recall(call->request->operation))
		return run_recall(call, false);
	if (call->request->operation == SCIM_OPERATION_SEARCH &&
	    read_ask(call, &err) != SCIM_OK)
		return fail(call, &err);
	return is_query(call) ? run_list(call, false) : start_op(call, false);
}

enum scim__step
scim__call_work(scim__call *call)
{
	scim_error err = { 0 };

	if (is_bulk(call))
		return scim__bulk_steps_work(&call->bulk);
	if (call->request->operation == SCIM_OPERATION_GET)
		return run_get(call, true);
	if (scim__is_recall(call->request->operation))
		return run_recall(call, true);
	if (is_query(call))
		return run_list(call, true);
	if (call->is_telling)
		return finish_op(call);
	if (call->op.validation.to_hash_count > 0 &&
	    scim__op_hash(&call->op, &err) != SCIM_OK)
		return fail(call, &err);
	return start_op(call, true);
}

scim_status
scim__call_apply(scim__call *call, scim_txn *txn)
{
	scim_error *err = &call->apply_error;

	if (is_bulk(call))
		return scim__bulk_steps_apply(&call->bulk, txn);
	*err = (scim_error){ 0 };
	if (call->get.unsettled)
		call->applied = scim__get_settle(&call->get, txn, err);
	else if (call->needs_key)
		call->applied = scim__cursor_make_key(
		    call->provider->env, txn, call->arena, err);
	else if (call->query.unsettled)
		call->applied = scim__query_settle(&call->query, txn, err);
	else
		call->applied = scim__op_apply(&call->op, txn, err);
	return call->applied;
}

scim_status
scim__call_refuse(scim__call *call, const scim_error *err)
{
	if (is_bulk(call))
		return scim__bulk_steps_refuse(&call->bulk, err);
	call->op.settled = false;
	call->get.unsettled = call->query.unsettled = false;
	call->needs_key = false;
	call->apply_error = *err;
	call->applied = err->status;
	return call->applied;
}

bool
scim__call_may_begin_again(scim__call *call)
{
	return !is_bulk(call) || scim__bulk_steps_drop(&call->bulk);
}

enum scim__step
scim__call_committed(
    scim__call *call, scim_status commit, const scim_error *err)
{
	if (is_bulk(call))
		return scim__bulk_steps_committed(&call->bulk, commit, err);
	if (commit != SCIM_OK)
		return fail(call, err);
	if (call->applied != SCIM_OK && !call->op.settled)
		return fail(call, &call->apply_error);
	if (call->get.unsettled)
		return run_get(call, call->get.on_worker);
	if (call->needs_key && scim__is_recall(call->request->operation))
		return run_recall(call, call->recall.on_worker);
	if (call->query.unsettled || call->needs_key)
		return run_list(call, call->query.on_worker);
	return finish_op(call);
}
