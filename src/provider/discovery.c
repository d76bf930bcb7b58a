/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Discovery (RFC 7644 section 4): documents made from what is really on, so
 * that they can't say anything else.
 */
#include "provider/discovery.h"

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/query.h"
#include "version/tag.h"
#include "json/json.h"

#define CONFIG_URN "urn:ietf:params:scim:schemas:core:2.0:ServiceProviderConfig"

/* The document with its meta, whose version is the hash of all the rest. */
static scim_status
complete(scim_arena *arena, scim_str body, const char *resource_type,
    scim_str location, struct scim__document *out, scim_error *err)
{
	scim_version version;
	scim__buf buf;
	scim_str pieces = scim__str_format(arena, "%.*s%.*s", (int)body.len,
	    body.ptr, (int)location.len, location.ptr);
	scim_status rc = pieces.ptr == NULL
	    ? scim__fail_memory(err)
	    : scim_version_from_content(pieces, &version, err);

	if (rc != SCIM_OK)
		return rc;
	struct scim__tag_parts parts = { .own = version };
	out->tag = scim__tag_make(arena, &parts);
	if (out->tag.opaque.ptr == NULL)
		return scim__fail_memory(err);
	out->etag = scim_etag_format(arena, &out->tag);
	out->location = location;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__buf_add(&buf, (scim_str){ body.ptr, body.len - 1 });
	scim__buf_printf(&buf,
	    ",\"meta\":{\"resourceType\":\"%s\",\"location\":", resource_type);
	scim__json_write_string(&buf, location);
	scim__buf_add_z(&buf, ",\"version\":");
	scim__json_write_string(&buf, out->etag);
	scim__buf_add_z(&buf, "}}");
	if (scim__buf_failed(&buf) || out->etag.ptr == NULL)
		return scim__fail_memory(err);
	out->json = scim__buf_str(&buf);
	return SCIM_OK;
}

static const char *
supported(unsigned feature)
{
	return (SCIM__FEATURES & feature) != 0 ? "true" : "false";
}

/* @spec 9865-4-01, 9865-4-02, 9865-4-03 */
static void
write_pagination(scim__buf *buf, const scim_limits *limits)
{
	uint64_t most = limits->page_most;
	uint64_t page =
	    limits->page_default < most ? limits->page_default : most;
	bool has_cursors = (SCIM__FEATURES & SCIM__FEATURE_CURSOR) != 0;

	scim__buf_printf(buf,
	    "\"pagination\":{\"cursor\":%s,\"index\":true,"
	    "\"defaultPaginationMethod\":\"index\",\"defaultPageSize\":%llu,"
	    "\"maxPageSize\":%llu",
	    has_cursors ? "true" : "false", (unsigned long long)page,
	    (unsigned long long)most);
	if (has_cursors)
		scim__buf_printf(buf, ",\"cursorTimeout\":%llu",
		    (unsigned long long)limits->cursor_s);
	scim__buf_add_z(buf, "},");
}

static void
write_config(scim__buf *buf, const scim_limits *limits)
{
	scim__buf_printf(buf,
	    "{\"schemas\":[\"" CONFIG_URN "\"],"
	    "\"patch\":{\"supported\":%s},"
	    "\"bulk\":{\"supported\":%s,\"maxOperations\":%llu,"
	    "\"maxPayloadSize\":%llu},"
	    "\"filter\":{\"supported\":%s,\"maxResults\":%llu},"
	    "\"changePassword\":{\"supported\":%s},"
	    "\"sort\":{\"supported\":%s},"
	    "\"etag\":{\"supported\":%s},",
	    supported(SCIM__FEATURE_PATCH), supported(SCIM__FEATURE_BULK),
	    (unsigned long long)limits->bulk_operations,
	    (unsigned long long)limits->body_bytes,
	    supported(SCIM__FEATURE_FILTER),
	    (unsigned long long)limits->page_most,
	    supported(SCIM__FEATURE_CHANGE_PASSWORD),
	    supported(SCIM__FEATURE_SORT), supported(SCIM__FEATURE_ETAG));
	write_pagination(buf, limits);
	scim__buf_add_z(buf,
	    "\"authenticationSchemes\":[{\"type\":\"oauthbearertoken\","
	    "\"name\":\"Bearer token\",\"description\":\"A token made by "
	    "`scimd token create`, in the Authorization header.\","
	    "\"specUri\":\"https://www.rfc-editor.org/info/rfc6750\","
	    "\"primary\":true}]}");
}

scim_status
scim__discovery_config(scim_arena *arena, const scim_context *context,
    struct scim__document *out, scim_error *err)
{
	scim__buf buf;
	scim_str location =
	    scim__str_format(arena, "%.*s/ServiceProviderConfig",
		(int)context->base_url.len, context->base_url.ptr);

	scim__buf_init(&buf, arena, SIZE_MAX);
	write_config(&buf, &context->settings->limits);
	if (location.ptr == NULL || scim__buf_failed(&buf))
		return scim__fail_memory(err);
	return complete(arena, scim__buf_str(&buf), "ServiceProviderConfig",
	    location, out, err);
}

/* A document of the registry under its address. */
static scim_status
show(scim_arena *arena, const scim_context *context,
    const scim__value *document, const char *kind, scim_str name,
    struct scim__document *out, scim_error *err)
{
	scim__buf buf;
	scim_str location =
	    scim__str_format(arena, "%.*s/%ss/%.*s", (int)context->base_url.len,
		context->base_url.ptr, kind, (int)name.len, name.ptr);

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write(&buf, document);
	if (location.ptr == NULL || scim__buf_failed(&buf))
		return scim__fail_memory(err);
	return complete(arena, scim__buf_str(&buf), kind, location, out, err);
}

static scim_status
show_type(scim_arena *arena, const scim_context *context,
    const scim__resource_type *type, struct scim__document *out,
    scim_error *err)
{
	return show(arena, context, &type->document, "ResourceType", type->name,
	    out, err);
}

static scim_status
show_schema(scim_arena *arena, const scim_context *context,
    const scim__schema *schema, struct scim__document *out, scim_error *err)
{
	return show(
	    arena, context, &schema->document, "Schema", schema->id, out, err);
}

static scim_status
absent(const char *kind, scim_error *err)
{
	return scim__fail(err, SCIM_ERR_NOT_FOUND,
	    "There is no such %s; GET the list to see which there are.", kind);
}

static scim_status
end_list(scim__buf *buf, struct scim__document *out, scim_error *err)
{
	scim__buf_add_z(buf, "]}");
	if (scim__buf_failed(buf))
		return scim__fail_memory(err);
	*out = (struct scim__document){ .json = scim__buf_str(buf) };
	return SCIM_OK;
}

scim_status
scim__discovery_types(scim_arena *arena, const scim_context *context,
    scim_str name, struct scim__document *out, scim_error *err)
{
	const scim_registry *registry = context->registry;
	size_t count = scim__registry_type_count(registry);
	scim__buf buf;

	if (name.len > 0) {
		const scim__resource_type *type =
		    scim__registry_type(registry, name);

		return type == NULL ? absent("resource type", err)
				    : show_type(arena, context, type, out, err);
	}
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__list_begin(&buf, count, 1, count);
	for (size_t i = 0; i < count; i++) {
		struct scim__document one;
		scim_status rc = show_type(arena, context,
		    scim__registry_type_at(registry, i), &one, err);

		if (rc != SCIM_OK)
			return rc;
		if (i > 0)
			scim__buf_add_char(&buf, ',');
		scim__buf_add(&buf, one.json);
	}
	return end_list(&buf, out, err);
}

scim_status
scim__discovery_schemas(scim_arena *arena, const scim_context *context,
    scim_str urn, struct scim__document *out, scim_error *err)
{
	const scim_registry *registry = context->registry;
	size_t count = scim__registry_schema_count(registry);
	scim__buf buf;

	if (urn.len > 0) {
		const scim__schema *schema =
		    scim__registry_schema(registry, urn);

		return schema == NULL
		    ? absent("schema", err)
		    : show_schema(arena, context, schema, out, err);
	}
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__list_begin(&buf, count, 1, count);
	for (size_t i = 0; i < count; i++) {
		struct scim__document one;
		scim_status rc = show_schema(arena, context,
		    scim__registry_schema_at(registry, i), &one, err);

		if (rc != SCIM_OK)
			return rc;
		if (i > 0)
			scim__buf_add_char(&buf, ',');
		scim__buf_add(&buf, one.json);
	}
	return end_list(&buf, out, err);
}
