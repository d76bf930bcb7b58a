/* SPDX-License-Identifier: Apache-2.0 */

/*
 * From a message to a call, and from its response to an answer.
 *
 * The order of the checks is the order of errors: method, who asks, path,
 * what they may, content type, query.  Outside discovery, which is open to
 * all, a stranger learns of no path whether it exists, a token of one tenant
 * nothing of another: both get what an unknown one would get.
 */

#include "daemon/exchange.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "daemon/loop.h"
#include "handler/error_status.h"
#include "http/fields.h"
#include "schema/validate.h"

#define BULK_BYTES ((size_t)32 * 1024 * 1024)
#define READS (SCIM__METHOD_GET | SCIM__METHOD_HEAD | SCIM__METHOD_OPTIONS)

static bool
refuse(struct scim__exchange *x, int status, const scim_error *err)
{
	scim__answer_error(&x->answer, x->arena, status, err);
	return true;
}

static bool
refuse_status(struct scim__exchange *x, const scim_error *err)
{
	return refuse(x, scim__error_status(err->status), err);
}

void
scim__exchange_refuse(
    struct scim__exchange *x, int status, const char *sentence)
{
	scim_error err;

	(void)scim__fail(&err, SCIM_ERR_INVALID, "%s", sentence);
	(void)refuse(x, status, &err);
}

/* @spec 7644-3.12-13, 7644-3.7.4-03 */
void
scim__exchange_refuse_size(struct scim__exchange *x, uint64_t most)
{
	scim_error err;

	(void)scim__fail(&err, SCIM_ERR_TOO_LARGE,
	    "The content is too large: it may have %llu bytes "
	    "(maxPayloadSize).",
	    (unsigned long long)most);
	(void)refuse(x, 413, &err);
}

/* The same words for what does not exist and what is another tenant's. */
static bool
refuse_unknown(struct scim__exchange *x)
{
	scim__exchange_refuse(
	    x, 404, "There is nothing at this path; SCIM is at /scim/v2.");
	return true;
}

/* @spec 7644-3.12-08 @spec 9110-11.6.1-01 */
static bool
refuse_stranger(struct scim__exchange *x, enum scim__challenge challenge)
{
	scim__exchange_refuse(x, 401,
	    challenge == SCIM__CHALLENGE_TOKEN
		? "Send a token: Authorization: Bearer …"
		: "This token opens nothing: it is unknown, revoked or "
		  "expired.");
	x->answer.challenge = challenge;
	return true;
}

static bool
answer_options(struct scim__exchange *x, unsigned allow)
{
	x->answer = (scim__answer){ .status = 204, .allow = allow };
	return true;
}

/* Whether the method is one of those that a door of ours takes. */
static bool
takes_method(struct scim__exchange *x)
{
	if (x->message.method == SCIM__METHOD_OPTIONS) {
		(void)answer_options(x, READS);
		return false;
	}
	if (((unsigned)x->message.method & READS) != 0)
		return true;
	scim__exchange_refuse(x, 405, "This path is only ever read.");
	x->answer.allow = READS;
	return false;
}

static bool
answer_health(struct scim__exchange *x, bool asks_store)
{
	scim_error err;

	if (!takes_method(x))
		return true;
	if (asks_store && scim__store_health(x->server->store, &err) != SCIM_OK)
		return refuse(x, 503, &err);
	x->answer = (scim__answer){ .status = 200,
		.content_type = "application/json",
		.body = SCIM_STR("{\"status\":\"ok\"}") };
	return true;
}

static bool
answer_metrics(struct scim__exchange *x)
{
	scim__buf buf;

	if (!takes_method(x))
		return true;
	scim__buf_init(&buf, x->arena, SIZE_MAX);
	if (!scim__loops_write_metrics(x->server, &buf)) {
		scim__exchange_refuse(x, 503, "Out of memory.");
		return true;
	}
	x->answer = (scim__answer){ .status = 200,
		.content_type = "text/plain; version=0.0.4",
		.body = scim__buf_str(&buf) };
	return true;
}

/* Somebody in front who speaks for others is no sign of who asks. */
static bool
is_local(const struct scim__exchange *x)
{
	return x->is_loopback &&
	    !scim__fields_has(&x->message, SCIM_STR("X-Forwarded-For")) &&
	    !scim__fields_has(&x->message, SCIM_STR("Forwarded"));
}

/* Reads the token; without one, lets pass what is open. */
static bool
authenticate(struct scim__exchange *x)
{
	scim_str token;
	scim_error err;

	switch (scim__fields_bearer(&x->message, &token)) {
	case SCIM__BEARER_TWICE: /* @spec 6750-3.1-01 */
		scim__exchange_refuse(x, 400, "Send one Authorization field.");
		x->answer.challenge = SCIM__CHALLENGE_INVALID_REQUEST;
		return true;
	case SCIM__BEARER_MALFORMED:
		return refuse_stranger(x, SCIM__CHALLENGE_INVALID_TOKEN);
	case SCIM__BEARER_NONE:
		if (x->location.is_open)
			return false;
		if (x->location.door == SCIM__DOOR_METRICS && is_local(x))
			return false;
		return refuse_stranger(x, SCIM__CHALLENGE_TOKEN);
	case SCIM__BEARER_TOKEN:
		break;
	}
	scim_status rc = scim__policy_authenticate(
	    x->server->policy, x->arena, token, &x->principal, &err);
	if (rc == SCIM_ERR_CREDENTIAL)
		return refuse_stranger(x, SCIM__CHALLENGE_INVALID_TOKEN);
	return rc != SCIM_OK && refuse_status(x, &err);
}

/* @spec 7644-6.1-03 @spec 7644-6.1-04 */
static bool
find_tenant(struct scim__exchange *x)
{
	scim_str named = x->location.tenant, name = x->principal.tenant;
	scim_error err;

	if (name.ptr == NULL)
		name = named.ptr == NULL ? SCIM_STR("default") : named;
	else if (named.ptr != NULL && !scim__str_equal(named, name))
		return refuse_unknown(x);
	x->tenant = scim__policy_tenant(x->server->policy, name, &err);
	if (x->tenant != NULL)
		return false;
	if (err.status != SCIM_ERR_NOT_FOUND)
		return refuse_status(x, &err);
	if (x->principal.tenant.ptr != NULL)
		return refuse_stranger(x, SCIM__CHALLENGE_INVALID_TOKEN);
	return refuse_unknown(x);
}

static bool
check_scope(struct scim__exchange *x)
{
	unsigned wanted =
	    x->route.writes ? SCIM__SCOPE_WRITE : SCIM__SCOPE_READ;

	if (x->location.is_open || (x->principal.scopes & wanted) != 0)
		return false;
	scim__exchange_refuse(x, 403,
	    x->route.writes ? "This token has not the scope `write`."
			    : "This token has not the scope `read`.");
	x->answer.challenge = SCIM__CHALLENGE_SCOPE;
	return true;
}

static bool
find_route(struct scim__exchange *x)
{
	scim_error err;
	int status = scim__route_find(x->arena, x->tenant->registry,
	    &x->location, x->message.method, &x->route, &err);

	if (status == 0 && x->message.method == SCIM__METHOD_OPTIONS)
		return answer_options(x, x->route.allow);
	x->request = (scim_request){ .operation = x->route.operation,
		.endpoint = x->route.endpoint };
	if (status == 0)
		return scim__call_offered(&x->request, &err) != SCIM_OK &&
		    refuse_status(x, &err);
	(void)refuse(x, status, &err);
	if (status == 405)
		x->answer.allow = x->route.allow;
	return true;
}

static bool
refuse_memory(struct scim__exchange *x)
{
	scim_error err;

	(void)scim__fail_memory(&err);
	return refuse(x, 503, &err);
}

static bool
set_context(struct scim__exchange *x)
{
	scim_context *context = &x->request.context;

	context->arena = x->arena;
	context->tenant = x->tenant->name;
	context->registry = x->tenant->registry;
	context->settings = &x->tenant->settings;
	context->via = SCIM_STR("http");
	context->actor = SCIM_STR("");
	context->base_url = scim__str(x->server->scim_url);
	/* A cursor is its actor's alone. */
	if (x->route.writes || x->route.operation == SCIM_OPERATION_LIST ||
	    x->route.operation == SCIM_OPERATION_SEARCH ||
	    x->route.operation == SCIM_OPERATION_VERSIONS)
		context->actor = scim__str_format(x->arena, "token:%.*s",
		    (int)x->principal.token_id.len, x->principal.token_id.ptr);
	if (x->location.tenant.ptr != NULL)
		context->base_url = scim__str_format(x->arena,
		    "%s/t/%.*s/scim/v2", x->server->root_url,
		    (int)x->tenant->name.len, x->tenant->name.ptr);
	return context->actor.ptr != NULL && context->base_url.ptr != NULL;
}

/* From here on /Me is the resource that the token stands for.
 * @spec 7644-3.11-01, 7644-3.11-04, 7644-3.11-07 */
static bool
find_subject(struct scim__exchange *x)
{
	const struct scim__resource_type *type = NULL;
	scim_str id = x->principal.subject;
	scim_str base = x->request.context.base_url;
	scim_error err;

	if (!x->route.is_subject)
		return false;
	if (scim__policy_subject(x->server->policy, x->arena, x->tenant, id,
		&type, &err) != SCIM_OK)
		return refuse_status(x, &err);
	x->route.endpoint = type->endpoint;
	x->route.id = id;
	x->subject_url = scim__str_format(x->arena, "%.*s%.*s/%.*s",
	    (int)base.len, base.ptr, (int)type->endpoint.len,
	    type->endpoint.ptr, (int)id.len, id.ptr);
	return x->subject_url.ptr == NULL && refuse_memory(x);
}

static bool
build_request(struct scim__exchange *x)
{
	const scim_env *env = x->server->env;
	scim_error err;

	int status = scim__request_build(x->arena, &x->message, &x->target,
	    &x->route, env->now_ms(env->context), &x->request, &err);
	if (status != 0) {
		(void)refuse(x, status, &err);
		x->answer.is_patch_form =
		    status == 415 && x->message.method == SCIM__METHOD_PATCH;
		return true;
	}
	if (x->request.body.len <= x->tenant->settings.limits.body_bytes)
		return false;
	scim__exchange_refuse_size(x, x->tenant->settings.limits.body_bytes);
	return true;
}

static bool
open_metrics(struct scim__exchange *x)
{
	if ((x->principal.scopes & SCIM__SCOPE_METRICS) != 0 || is_local(x))
		return answer_metrics(x);
	scim__exchange_refuse(
	    x, 403, "This token has not the scope `metrics`.");
	x->answer.challenge = SCIM__CHALLENGE_SCOPE;
	return true;
}

static bool
open_scim(struct scim__exchange *x)
{
	if (find_tenant(x) || find_route(x) || check_scope(x))
		return true;
	if (!set_context(x))
		return refuse_memory(x);
	return find_subject(x) || build_request(x);
}

/* Each answer of /Me says where the resource itself is; one about a version
 * of it, where that is.
 * @spec 7644-3.11-05 */
static void
show_subject(struct scim__exchange *x)
{
	if (x->subject_url.len == 0 ||
	    (x->route.operation == SCIM_OPERATION_VERSION &&
		x->answer.location.len > 0))
		return;
	x->answer.location = x->subject_url;
	x->answer.is_alias = true;
}

bool
scim__exchange_locate(struct scim__exchange *x)
{
	scim_error err;

	x->principal = (scim__principal){ .scopes = 0 };
	x->subject_url = (scim_str){ "", 0 };
	x->call = NULL;
	/* @spec 9110-15.6.2-01 */
	if (x->message.method == SCIM__METHOD_OTHER) {
		scim__exchange_refuse(x, 501, "This method is not offered.");
		return true;
	}
	if (scim__target_parse(x->arena, x->message.target, &x->target, &err) !=
	    SCIM_OK)
		return refuse_status(x, &err);
	scim__route_locate(&x->target, &x->location);
	return x->location.door == SCIM__DOOR_HEALTH && answer_health(x, false);
}

bool
scim__exchange_open(struct scim__exchange *x)
{
	if (scim__exchange_locate(x))
		return true;
	if (x->location.door == SCIM__DOOR_READY)
		return answer_health(x, true);
	if (authenticate(x))
		return true;
	if (x->location.door == SCIM__DOOR_METRICS)
		return open_metrics(x);
	if (x->location.door == SCIM__DOOR_NONE)
		return refuse_unknown(x);
	if (!open_scim(x))
		return false;
	show_subject(x);
	return true;
}

bool
scim__exchange_check(struct scim__exchange *x)
{
	x->call = scim__call_new(x->server->provider, &x->request, x->arena);
	if (x->call == NULL)
		return refuse_memory(x);
	if (scim__call_check(x->call) != SCIM__STEP_DONE)
		return false;
	scim__exchange_conclude(x);
	return true;
}

static void
give_bulk_room_back(struct scim__exchange *x)
{
	/* One that never began knows no server. */
	if (x->bulk_bytes == 0)
		return;
	(void)atomic_fetch_sub(&x->server->bulk_bytes, x->bulk_bytes);
	x->bulk_bytes = 0;
}

/* What a bulk request becomes in memory is many times its content, and stays
 * until its end: there is room for so much of it, or for one. */
static bool
take_bulk_room(struct scim__exchange *x)
{
	size_t bytes = x->request.body.len;

	if (x->request.operation != SCIM_OPERATION_BULK)
		return true;
	size_t others = atomic_fetch_add(&x->server->bulk_bytes, bytes);
	x->bulk_bytes = bytes;
	if (others == 0 || others + bytes <= BULK_BYTES)
		return true;
	give_bulk_room_back(x);
	return false;
}

enum scim__step
scim__exchange_start(struct scim__exchange *x)
{
	scim_error err;

	x->call = scim__call_new(x->server->provider, &x->request, x->arena);
	if (x->call == NULL)
		return SCIM__STEP_DONE;
	if (!take_bulk_room(x)) {
		(void)scim__fail(&err, SCIM_ERR_BUSY,
		    "Large bulk requests are under way; try again later, or "
		    "send less at once.");
		return scim__call_fail(x->call, &err);
	}
	scim__call_may_wait(x->call, !x->has_waited);
	return scim__call_start(x->call);
}

void
scim__exchange_conclude(struct scim__exchange *x)
{
	if (x->call == NULL) {
		(void)refuse_memory(x);
		return;
	}
	const scim_response *response = scim__call_response(x->call);
	scim__answer_response(
	    &x->answer, x->arena, x->message.method, response);
	x->quirks = response->quirks;
	x->conflicts = response->conflicts;
	x->dropped = response->dropped;
	if (x->target.has_raw_quote)
		x->quirks |= SCIM__QUIRK_RAW_QUOTE;
	if (x->target.is_loose)
		x->quirks |= SCIM__QUIRK_LOOSE_ADDRESS;
	show_subject(x);
}

void
scim__exchange_release(struct scim__exchange *x)
{
	give_bulk_room_back(x);
	if (x->answer.stream != NULL)
		x->answer.stream->close(x->answer.stream);
	x->answer.stream = NULL;
	scim__policy_tenant_unref(x->tenant);
	x->tenant = NULL;
}
