/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BulkResponse (RFC 7644 section 3.7): the results in the order of the
 * request, whatever order they came about in.
 */
#include "handler/bulk_answer.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "handler/error_body.h"
#include "handler/error_status.h"
#include "scimd/handler.h"
#include "json/json.h"

/* What it would have been alone: relations are patched without a body, but
 * for what there is to tell of a merge.
 * @spec 7644-3.7-16, 7644-3.7.3-03, 7644-3.7.3-05 */
static int
status_of(const struct scim__bulk_item *item)
{
	if (item->state == SCIM__BULK_FAILED)
		return scim__error_status(item->err.status);
	if (item->steps == &scim__create_steps)
		return 201;
	if (item->steps == &scim__delete_steps ||
	    (item->steps == &scim__patch_steps &&
		item->type->relation != NULL && item->told.len == 0))
		return 204;
	return 200;
}

static void
add_string(scim__buf *buf, const char *name, scim_str value)
{
	if (value.len == 0)
		return;
	scim__buf_printf(buf, "\"%s\":", name);
	scim__json_write_string(buf, value);
	scim__buf_add_char(buf, ',');
}

/* @spec 7644-3.7-13, 7644-3.7.3-02 */
static scim_status
add_location(scim__buf *buf, const scim__bulk *bulk,
    const struct scim__bulk_item *item, scim_error *err)
{
	const scim_context *context = bulk->request_context;
	bool creates = item->steps == &scim__create_steps;
	scim_str location;

	if ((creates && item->state == SCIM__BULK_FAILED) ||
	    (!creates && item->path.len == 0))
		return SCIM_OK;
	if (item->type != NULL && item->id.ptr != NULL)
		location =
		    scim__location(bulk->arena, context, item->type, item->id);
	else
		location = scim__str_format(bulk->arena, "%.*s%.*s",
		    (int)context->base_url.len, context->base_url.ptr,
		    (int)item->path.len, item->path.ptr);
	if (location.ptr == NULL)
		return scim__fail_memory(err);
	add_string(buf, "location", location);
	return SCIM_OK;
}

/* @spec 7644-3.7-14, 7644-3.7-20, 7644-3.7-23, 7644-3.7.3-04 */
static scim_status
add_result(scim__buf *buf, const scim__bulk *bulk,
    const struct scim__bulk_item *item, scim_error *err)
{
	int status = status_of(item);
	scim_str body = item->told;

	scim__buf_add_char(buf, '{');
	scim_status rc = add_location(buf, bulk, item, err);
	if (rc != SCIM_OK)
		return rc;
	add_string(buf, "method", item->method);
	add_string(buf, "bulkId", item->bulk_id);
	add_string(buf, "version", item->etag);
	scim__buf_printf(buf, "\"status\":\"%d\"", status);
	if (item->state == SCIM__BULK_FAILED) {
		body = scim__conflict_body(
		    bulk->arena, status, &item->err, item->conflict);
		if (body.ptr == NULL)
			return scim__fail_memory(err);
	}
	if (body.len > 0)
		scim__buf_add_z(buf, ",\"response\":");
	scim__buf_add(buf, body);
	scim__buf_add_char(buf, '}');
	return SCIM_OK;
}

/* @spec 7644-3.7-02, 7644-3.7-04, 7644-3.7.3-01 */
scim_status
scim__bulk_answer(const scim__bulk *bulk, scim_str *out, scim_error *err)
{
	scim__buf buf;
	bool is_first = true;
	scim_status rc = SCIM_OK;

	scim__buf_init(&buf, bulk->arena, SIZE_MAX);
	scim__buf_add_z(&buf,
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "BulkResponse\"],\"Operations\":[");
	for (size_t i = 0; rc == SCIM_OK && i < bulk->count; i++) {
		if (bulk->items[i].state == SCIM__BULK_WAITING)
			continue;
		if (!is_first)
			scim__buf_add_char(&buf, ',');
		is_first = false;
		rc = add_result(&buf, bulk, &bulk->items[i], err);
	}
	scim__buf_add_z(&buf, "]}");
	if (rc == SCIM_OK && scim__buf_failed(&buf))
		rc = scim__fail_memory(err);
	if (rc == SCIM_OK)
		*out = scim__buf_str(&buf);
	return rc;
}
