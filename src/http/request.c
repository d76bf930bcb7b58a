/* SPDX-License-Identifier: Apache-2.0 */

/*
 * From HTTP to SCIM: the last step before the handler, in the order that
 * errors have: media type, query, preconditions.  Whether they hold is for
 * the handler to say, in the transaction that writes.
 */

#include "http/request.h"

#include "base/error.h"
#include "http/fields.h"

#define WITH_CONTENT (SCIM__METHOD_POST | SCIM__METHOD_PUT | SCIM__METHOD_PATCH)

static int
read_query(scim_arena *arena, const scim__target *target,
    const scim__route *route, scim_request *request, scim_error *err)
{
	scim__query query;
	scim_status rc = scim__query_parse(arena, target->query, &query, err);

	if (rc != SCIM_OK)
		return rc == SCIM_ERR_INVALID ? 400 : 503;
	/* RFC 7644 section 4: a filter here would look like it was applied. */
	if (route->is_discovery && query.filter.ptr != NULL) {
		(void)scim__fail(err, SCIM_ERR_FORBIDDEN,
		    "This endpoint takes no filter; ask without one.");
		return 403;
	}
	request->attributes = query.attributes;
	request->excluded_attributes = query.excluded_attributes;
	request->filter = query.filter;
	request->sort_by = query.sort_by;
	request->sort_order = query.sort_order;
	request->start_index = query.start_index;
	request->count = query.count;
	request->cursor = query.cursor;
	request->from = query.from;
	request->to = query.to;
	request->since = query.since;
	request->wait = query.wait;
	return 0;
}

static bool
is_write(scim_operation operation)
{
	return operation == SCIM_OPERATION_CREATE ||
	    operation == SCIM_OPERATION_REPLACE ||
	    operation == SCIM_OPERATION_PATCH ||
	    operation == SCIM_OPERATION_DELETE ||
	    operation == SCIM_OPERATION_REVERT ||
	    operation == SCIM_OPERATION_BULK;
}

int
scim__request_build(scim_arena *arena, const scim__message *message,
    const scim__target *target, const scim__route *route, int64_t now_ms,
    scim_request *out, scim_error *err)
{
	const scim_settings *settings = out->context.settings;
	bool has_content = ((unsigned)message->method & WITH_CONTENT) != 0;
	int status = 0;

	out->operation = route->operation;
	out->endpoint = route->endpoint;
	out->id = route->id;
	out->version = route->version;
	if (target->has_raw_quote && settings != NULL &&
	    settings->profile == SCIM_PROFILE_STRICT) {
		(void)scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "The request target has a bare \"; send it as %%22.");
		return 400;
	}
	if (has_content)
		status = scim__fields_check_media(message, err);
	if (status == 0)
		status = read_query(arena, target, route, out, err);
	if (status == 0)
		status = scim__fields_preconditions(
		    arena, message, now_ms, &out->preconditions, err);
	if (status == 0 && is_write(out->operation))
		status = scim__fields_idempotency(
		    arena, message, &out->context.idempotency_key, err);
	out->prefer = scim__fields_prefer(message);
	out->context.explain = scim__fields_prefers(message,
				   SCIM_STR("conflict"), SCIM_STR("detail"))
	    ? SCIM_EXPLAIN_DETAIL
	    : SCIM_EXPLAIN_COUNT;
	out->context.merge_stale =
	    scim__fields_prefers(message, SCIM_STR("merge"), SCIM_STR("auto"));
	out->is_merge = scim__fields_is_merge(message);
	if (status == 0 && has_content)
		out->body = message->body;
	return status;
}
