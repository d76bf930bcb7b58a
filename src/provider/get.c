/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Read one resource (RFC 7644 section 3.4.1): one state, its tag, and 304
 * when the caller has it already.
 */
#include "provider/get.h"

#include "base/error.h"
#include "provider/departure.h"
#include "provider/operation.h"
#include "provider/shown.h"

static scim_status
verdict(const struct scim__get *get, const struct scim__view *view,
    scim_verdict *out, scim_error *err)
{
	*out = SCIM_VERDICT_PERFORM;
	if (get->expect.kind == SCIM_EXPECT_PRECONDITIONS)
		*out = scim_preconditions_evaluate(get->expect.preconditions,
		    &view->validators, SCIM_METHOD_READ,
		    scim__provider_now(get->provider));
	return *out == SCIM_VERDICT_MALFORMED ? scim__fail_malformed_tag(err)
					      : SCIM_OK;
}

static void
settle_mismatch(struct scim__get *get, const struct scim__view *view)
{
	get->outcome = (scim_outcome){ .kind = SCIM_MISMATCH,
		.conflict = { .id = view->record.id,
		    .current = view->etag,
		    .location = view->location,
		    .message = SCIM_STR("The resource is not at the version "
					"expected.") } };
}

/*
 * A long answer: the members are copied out of a snapshot, which is let go
 * before the first byte is sent; the client may take its time.
 */
static scim_status
start_stream(struct scim__get *get, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *snapshot = NULL;
	scim__roster *roster = NULL;
	scim_key key = scim__key(get->context, get->type, get->id);
	scim_record record;
	scim_status rc = scim__store_begin(
	    get->provider->store, SCIM_TXN_SNAPSHOT, &snapshot, err);

	if (rc == SCIM_OK)
		rc = scim__store_get(snapshot, get->arena, &key,
		    SCIM_RECORD_CONTENT, &record, err);
	if (rc == SCIM_OK)
		rc = scim__view_make(snapshot, get->context, get->type, &record,
		    &get->view, err);
	if (rc == SCIM_OK)
		rc = scim__roster_read(get->provider, snapshot, &key,
		    record.relation_count, &roster, err);
	if (rc != SCIM_OK)
		return rc;
	return scim__render_stream(roster, get->context, get->type, &get->view,
	    get->projection, &get->stream, err);
}

static scim_status
settle_view(struct scim__get *get, scim_txn *txn, scim_error *err)
{
	scim_verdict what;
	scim_status rc = verdict(get, &get->view, &what, err);

	if (rc != SCIM_OK)
		return rc;
	if (what == SCIM_VERDICT_FAILED) {
		settle_mismatch(get, &get->view);
		return SCIM_OK;
	}
	get->outcome.kind =
	    what == SCIM_VERDICT_NOT_MODIFIED ? SCIM_NOT_MODIFIED : SCIM_DONE;
	bool is_long = what == SCIM_VERDICT_PERFORM && get->may_stream &&
	    scim__render_is_long(get->type, &get->view, get->projection);
	if (is_long && !get->on_worker) {
		get->later = true;
		return SCIM_OK;
	}
	if (is_long)
		rc = start_stream(get, err);
	else if (what == SCIM_VERDICT_PERFORM && get->json.len == 0)
		rc = scim__render(txn, get->context, get->type, &get->view,
		    get->projection, &get->json, err);
	scim__view_resource(get->type, &get->view, &get->outcome.resource);
	if (what == SCIM_VERDICT_PERFORM)
		get->outcome.resource.json = get->json;
	return rc;
}

/* Reads the state and what it derives; `*out` false: there is no more to do,
 * because it is absent or must be settled first. */
static scim_status
read_view(struct scim__get *get, scim_txn *txn, bool *out, scim_error *err)
{
	scim_key key = scim__key(get->context, get->type, get->id);
	scim_record record;
	scim_status rc = scim__store_get(
	    txn, get->arena, &key, SCIM_RECORD_CONTENT, &record, err);

	*out = false;
	if (rc == SCIM_ERR_NOT_FOUND) {
		get->outcome = (scim_outcome){ .kind = SCIM_ABSENT };
		return SCIM_OK;
	}
	if (rc == SCIM_OK)
		rc = scim__departures_pending(txn, get->context, get->type,
		    get->id, &get->unsettled, err);
	if (rc != SCIM_OK || get->unsettled)
		return rc;
	*out = true;
	return scim__view_make(
	    txn, get->context, get->type, &record, &get->view, err);
}

scim_status
scim__get_run(struct scim__get *get, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	bool is_there = false;

	if (scim__shown_find(get))
		return settle_view(get, NULL, err);
	uint64_t since = scim__store_now(get->provider->store);
	scim_status rc =
	    scim__store_begin(get->provider->store, SCIM_TXN_READ, &txn, err);
	if (rc == SCIM_OK)
		rc = read_view(get, txn, &is_there, err);
	if (rc != SCIM_OK || !is_there)
		return rc;
	rc = settle_view(get, txn, err);
	if (rc == SCIM_OK && get->json.len > 0)
		scim__shown_keep(get, since);
	return rc;
}

scim_status
scim__get_settle(struct scim__get *get, scim_txn *txn, scim_error *err)
{
	return scim__departures_settle(
	    get->provider, txn, get->context, get->type, get->id, err);
}

static scim_status
settle_alone(struct scim__get *get, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_status rc =
	    scim__store_begin(get->provider->store, SCIM_TXN_WRITE, &txn, err);

	if (rc == SCIM_OK)
		rc = scim__get_settle(get, txn, err);
	return rc != SCIM_OK ? rc : scim__store_commit(scim__take(txn), err);
}

scim_status
scim_provider_get(scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_expect *expect, scim_outcome *out,
    scim_error *err)
{
	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL && out != NULL);
	SCIM__REQUIRE(err, target != NULL && expect != NULL);

	struct scim__get get = { .provider = provider,
		.context = context,
		.arena = context->arena,
		.expect = *expect,
		.id = target->id };
	scim_status rc =
	    scim__provider_type(context, target->type, &get.type, err);
	if (rc == SCIM_OK)
		rc = scim__get_run(&get, err);
	while (rc == SCIM_OK && get.unsettled) {
		rc = settle_alone(&get, err);
		if (rc == SCIM_OK)
			rc = scim__get_run(&get, err);
	}
	if (rc == SCIM_OK)
		*out = get.outcome;
	return rc;
}
