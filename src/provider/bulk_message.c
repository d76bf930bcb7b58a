/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The BulkRequest message (RFC 7644 section 3.7) into a list of operations.
 *
 * What is wrong with the message as a whole refuses it before anything
 * happens; what is wrong with one operation is that operation's result, so
 * that the others are carried out all the same.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/seeded.h"
#include "base/str.h"
#include "provider/bulk.h"
#include "provider/combine.h"
#include "json/json.h"
#include "json/message.h"

/* Around the data of an operation: message, Operations, operation. */
#define DEPTH_AROUND 3

/* @spec 7644-3.7-02, 7644-8.2-01 */
static const scim_str message_urn = {
	"urn:ietf:params:scim:api:messages:2.0:BulkRequest", 49
};
static const scim_str options_urn = {
	"urn:scimd:params:scim:api:messages:2.0:BulkOptions", 50
};

void
scim__bulk_break(struct scim__bulk_item *item, const scim_error *err)
{
	if (item->is_broken)
		return;
	item->is_broken = true;
	item->err = *err;
}

static bool
is_given(const scim__value *value)
{
	return value != NULL && value->kind != SCIM__NULL;
}

/* A member that must be a string when it is there. */
static scim_status
find_string(
    const scim__value *object, const char *name, scim_str *out, scim_error *err)
{
	const scim__value *value = NULL;
	scim_status rc =
	    scim__message_find(object, scim__str(name), &value, err);

	if (rc != SCIM_OK || !is_given(value))
		return rc;
	if (value->kind != SCIM__STRING)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "\"%s\" must be a string.", name);
	*out = value->string;
	return SCIM_OK;
}

/* @spec 7644-3.7-06 */
static scim_status
read_method(
    const scim__value *in, struct scim__bulk_item *item, scim_error *err)
{
	static const struct {
		scim_str name;
		const struct scim__op_steps *steps;
	} methods[] = {
		{ { "POST", 4 }, &scim__create_steps },
		{ { "PUT", 3 }, &scim__replace_steps },
		{ { "PATCH", 5 }, &scim__patch_steps },
		{ { "DELETE", 6 }, &scim__delete_steps },
	};
	scim_status rc = find_string(in, "method", &item->method, err);

	for (size_t i = 0; rc == SCIM_OK && i < scim__countof(methods); i++) {
		if (!scim__str_equal_nocase(item->method, methods[i].name))
			continue;
		item->method = methods[i].name;
		item->steps = methods[i].steps;
		return SCIM_OK;
	}
	return rc != SCIM_OK
	    ? rc
	    : scim__fail_type(err, SCIM_ERR_INVALID, "invalidSyntax",
		  "\"method\" must be POST, PUT, PATCH or DELETE.");
}

/* One tag, or "*": what If-Match takes but for a list, which means as little
 * as one tag to what is to be created.  What else was sent is
 * as a malformed header is, found out once the target is known to be there.
 * @spec 7644-3.7-09 */
static scim_status
read_version(scim_arena *arena, const scim__value *in,
    struct scim__bulk_item *item, scim_error *err)
{
	const scim__value *version = NULL;
	scim_etag_list *tags = &item->expect.if_match;
	scim_status rc =
	    scim__message_find(in, SCIM_STR("version"), &version, err);

	if (rc != SCIM_OK || !is_given(version) || scim__seeded("bulk_version"))
		return rc;
	tags->kind = SCIM_ETAGS_MALFORMED;
	if (version->kind == SCIM__STRING)
		rc = scim_preconditions_parse(arena,
		    &(scim_precondition_lines){
			.if_match = &version->string, .if_match_count = 1 },
		    0, &item->expect, err);
	if (rc == SCIM_OK && tags->kind == SCIM_ETAGS_LIST &&
	    tags->count != 1 &&
	    (tags->count == 0 || item->steps != &scim__create_steps))
		tags->kind = SCIM_ETAGS_MALFORMED;
	return rc;
}

static scim_status
fail_path(scim_error *err, const char *what)
{
	return scim__fail_type(
	    err, SCIM_ERR_INVALID, "invalidPath", "\"path\" %s", what);
}

/* "/Users" or "/Users/{id}". */
static scim_status
read_path(const scim_registry *registry, const scim__value *in,
    struct scim__bulk_item *item, scim_error *err)
{
	scim_status rc = find_string(in, "path", &item->path, err);
	scim_str path = item->path;
	size_t slash = path.len;

	if (rc != SCIM_OK)
		return rc;
	if (path.len == 0 || path.ptr[0] != '/')
		return fail_path(err,
		    "must be there, relative to the base URL: \"/Users\" or "
		    "\"/Users/{id}\".");
	item->type = scim__registry_endpoint(registry, path);
	if (item->type != NULL)
		return SCIM_OK;
	while (slash > 0 && path.ptr[slash - 1] != '/')
		slash--;
	item->type = scim__registry_endpoint(
	    registry, (scim_str){ path.ptr, slash - 1 });
	if (item->type == NULL)
		return scim__fail(err, SCIM_ERR_NOT_FOUND,
		    "There is no such endpoint for bulk operations; "
		    "/ResourceTypes lists those of resources.");
	if (slash < path.len)
		item->id = (scim_str){ path.ptr + slash, path.len - slash };
	return SCIM_OK;
}

/* @spec 7644-3.7-07, 7644-3.7-10, 7644-3.7-11 */
static scim_status
check_item(const struct scim__bulk_item *item, scim_error *err)
{
	bool creates = item->steps == &scim__create_steps;

	if (creates && item->id.ptr != NULL)
		return fail_path(err,
		    "must name the endpoint of a resource type, like "
		    "\"/Users\": POST creates.");
	if (!creates && item->id.ptr == NULL)
		return fail_path(
		    err, "must name a resource, like \"/Users/{id}\".");
	if (creates && item->bulk_id.len == 0)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "A POST needs a \"bulkId\", which no other operation of "
		    "the request has.");
	if (item->data == NULL && item->steps != &scim__delete_steps)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "A %.*s needs \"data\": what would be its body if it came "
		    "alone.",
		    (int)item->method.len, item->method.ptr);
	if (creates && item->expect.if_match.kind == SCIM_ETAGS_MALFORMED)
		return scim__fail_malformed_tag(err);
	return SCIM_OK;
}

/* What it can't be carried out for is kept; other failures come back. */
static scim_status
parse_item(const scim__bulk *bulk, const scim__value *in,
    struct scim__bulk_item *item, scim_error *err)
{
	const scim_registry *registry = bulk->request_context->registry;
	scim_error why = { 0 };

	if (in->kind != SCIM__OBJECT) {
		(void)scim__fail_type(&why, SCIM_ERR_INVALID, "invalidSyntax",
		    "An operation must be an object.");
		scim__bulk_break(item, &why);
		return SCIM_OK;
	}
	if (read_method(in, item, &why) != SCIM_OK)
		scim__bulk_break(item, &why);
	if (find_string(in, "bulkId", &item->bulk_id, &why) != SCIM_OK)
		scim__bulk_break(item, &why);
	if (read_path(registry, in, item, &why) != SCIM_OK)
		scim__bulk_break(item, &why);
	if (scim__message_find(in, SCIM_STR("data"), &item->data, &why) !=
	    SCIM_OK)
		scim__bulk_break(item, &why);
	scim_status rc = read_version(bulk->arena, in, item, &why);
	if (rc == SCIM_ERR_NO_MEMORY)
		return scim__fail_memory(err);
	if (rc != SCIM_OK)
		scim__bulk_break(item, &why);
	if (!is_given(item->data))
		item->data = NULL;
	if (item->data != NULL && item->steps == &scim__patch_steps &&
	    scim__combine_is_message(item->data))
		item->steps = &scim__combine_steps;
	if (!item->is_broken && check_item(item, &why) != SCIM_OK)
		scim__bulk_break(item, &why);
	return SCIM_OK;
}

/* @spec 7644-3.7-03 */
static scim_status
read_most(scim__bulk *bulk, const scim__value *message, scim_error *err)
{
	const scim__value *most = NULL;
	scim_status rc =
	    scim__message_find(message, SCIM_STR("failOnErrors"), &most, err);

	if (rc != SCIM_OK || !is_given(most))
		return rc;
	if (most->kind != SCIM__INTEGER || most->integer < 0)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "\"failOnErrors\" must be a whole number: after how many "
		    "errors to stop.");
	bulk->has_most = true;
	bulk->errors_most = (uint64_t)most->integer;
	return SCIM_OK;
}

static scim_status
read_options(scim__bulk *bulk, const scim__value *message, scim_error *err)
{
	const scim__value *options = NULL, *atomic = NULL;
	scim_status rc =
	    scim__message_find(message, options_urn, &options, err);

	if (rc != SCIM_OK || !is_given(options))
		return rc;
	if (options->kind == SCIM__OBJECT)
		rc = scim__message_find(
		    options, SCIM_STR("atomic"), &atomic, err);
	if (rc != SCIM_OK)
		return rc;
	if (options->kind != SCIM__OBJECT ||
	    (is_given(atomic) && atomic->kind != SCIM__BOOL))
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "The bulk options are an object, whose \"atomic\" is true "
		    "or false.");
	bulk->is_atomic = is_given(atomic) && atomic->boolean;
	return SCIM_OK;
}

/* @spec 7644-3.7-05, 7644-3.7.4-02, 7644-3.7.4-03 */
static scim_status
find_operations(const scim__bulk *bulk, const scim__value *message,
    const scim__value **out, scim_error *err)
{
	uint64_t most = bulk->request_context->settings->limits.bulk_operations;
	scim_status rc =
	    scim__message_find(message, SCIM_STR("Operations"), out, err);

	if (rc != SCIM_OK)
		return rc;
	if (*out == NULL || (*out)->kind != SCIM__ARRAY)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidSyntax",
		    "\"Operations\" must be there, an array of operations.");
	if ((*out)->count <= most)
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_TOO_LARGE,
	    "The bulk request has %u operations, more than maxOperations "
	    "(%llu): send the rest in further requests.",
	    (*out)->count, (unsigned long long)most);
}

scim_status
scim__bulk_parse(scim__bulk *bulk, scim_error *err)
{
	const scim_limits *limits = &bulk->request_context->settings->limits;
	const scim__json_limits bounds = { limits->body_bytes,
		limits->depth + DEPTH_AROUND };
	const scim__value *operations = NULL;
	scim__value message;
	scim_status rc =
	    scim__json_parse(bulk->arena, bulk->body, &bounds, &message, err);

	if (rc == SCIM_OK && message.kind != SCIM__OBJECT)
		rc = scim__fail_type(err, SCIM_ERR_INVALID, "invalidSyntax",
		    "A bulk request is a JSON object.");
	if (rc == SCIM_OK)
		rc = scim__message_check(&message, message_urn, err);
	if (rc == SCIM_OK)
		rc = find_operations(bulk, &message, &operations, err);
	if (rc == SCIM_OK)
		rc = read_most(bulk, &message, err);
	if (rc == SCIM_OK)
		rc = read_options(bulk, &message, err);
	if (rc != SCIM_OK)
		return rc;
	bulk->items = scim__arena_array(
	    bulk->arena, (size_t)operations->count + 1, sizeof(*bulk->items));
	if (bulk->items == NULL)
		return scim__fail_memory(err);
	bulk->count = operations->count;
	for (size_t i = 0; rc == SCIM_OK && i < bulk->count; i++)
		rc = parse_item(
		    bulk, &operations->array.items[i], &bulk->items[i], err);
	return rc;
}
