/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A change as it is told, in a list of versions and in the feed.
 *
 * The log keeps its rows as they were written.  They are told by the schemas
 * of today: a path that no longer leads to an attribute is left out, so that
 * what is told is what a client can ask for.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "provider/history.h"
#include "version/tag.h"
#include "json/json.h"

scim_etag
scim__history_tag(const scim_context *context, const scim_change_row *row)
{
	const struct scim__tag_parts parts = { .own = row->version,
		.strong = context->settings->etag == SCIM_ETAG_STRONG,
		.sequence = row->sequence };

	return scim__tag_make(context->arena, &parts);
}

scim_str
scim__history_etag(const scim_context *context, const scim_change_row *row)
{
	scim_etag tag = scim__history_tag(context, row);

	return tag.opaque.ptr == NULL ? tag.opaque
				      : scim_etag_format(context->arena, &tag);
}

scim_str
scim__history_location(
    scim_arena *arena, scim_str resource, const scim_version *version)
{
	char text[SCIM_VERSION_TEXT_LEN + 1];

	scim_version_format(version, text);
	return scim__str_format(
	    arena, "%.*s/.versions/%s", (int)resource.len, resource.ptr, text);
}

static scim_status
read_paths(const scim_context *context, const scim_change_row *row,
    scim_history_entry *out, scim_error *err)
{
	const scim__resource_type *type =
	    scim__registry_type(context->registry, row->type);
	scim__value list;

	/* Most often there are none to be looked for. */
	if (type == NULL || row->change.paths.len <= 2)
		return SCIM_OK;
	scim_status rc = scim__json_parse_trusted(
	    context->arena, row->change.paths, &list, err);
	if (rc != SCIM_OK)
		return rc;
	scim_str *paths =
	    scim__arena_array(context->arena, list.count, sizeof(*paths));
	if (paths == NULL)
		return scim__fail_memory(err);
	for (uint32_t i = 0; i < list.count; i++) {
		scim_str path = list.array.items[i].string;

		if (scim__registry_path(context->registry, type, path) != NULL)
			paths[out->path_count++] = path;
	}
	out->paths = paths;
	return SCIM_OK;
}

scim_status
scim__history_entry(const scim_context *context, const scim_change_row *row,
    scim_str position, scim_history_entry *out, scim_error *err)
{
	scim_history_entry entry = { .type = row->type,
		.id = row->id,
		.revision = row->revision,
		.is_gone = row->is_gone,
		.version = row->version,
		.etag = SCIM_STR(""),
		.operation = row->change.operation,
		.actor = row->change.actor,
		.via = row->change.via,
		.at_ms = row->change.at_ms,
		.position = position };
	scim_status rc = read_paths(context, row, &entry, err);

	if (rc != SCIM_OK)
		return rc;
	if (!row->is_gone)
		entry.etag = scim__history_etag(context, row);
	if (entry.etag.ptr == NULL)
		return scim__fail_memory(err);
	*out = entry;
	return SCIM_OK;
}

static void
write_text(scim__buf *buf, const char *name, scim_str text)
{
	scim__buf_printf(buf, ",\"%s\":", name);
	scim__json_write_string(buf, text);
}

/* Which resource, and where its state is, if it has one. */
static scim_status
write_target(scim__buf *buf, const scim_context *context,
    const scim_history_entry *entry, scim_error *err)
{
	const scim__resource_type *type =
	    scim__registry_type(context->registry, entry->type);

	scim__buf_add_z(buf, ",\"resource\":{\"value\":");
	scim__json_write_string(buf, entry->id);
	write_text(buf, "type", entry->type);
	if (type == NULL) {
		scim__buf_add_char(buf, '}');
		return SCIM_OK;
	}

	scim_str there =
	    scim__location(context->arena, context, type, entry->id);
	scim_str version = there.ptr == NULL
	    ? there
	    : scim__history_location(context->arena, there, &entry->version);

	if (version.ptr == NULL)
		return scim__fail_memory(err);
	write_text(buf, "$ref", there);
	scim__buf_add_char(buf, '}');
	if (entry->is_gone)
		return SCIM_OK;
	write_text(buf, "version", entry->etag);
	write_text(buf, "location", version);
	return SCIM_OK;
}

scim_status
scim__history_write(scim__buf *buf, const scim_context *context,
    const scim_history_entry *entry, scim_error *err)
{
	char at[SCIM__TIME_RFC3339_LEN + 1];

	scim__time_format(entry->at_ms, at);
	scim__buf_add_z(buf, "{\"schemas\":[\"" SCIM__CHANGE_URN "\"]");
	if (entry->position.ptr != NULL)
		write_text(buf, "position", entry->position);
	if (entry->revision > 0)
		scim__buf_printf(buf, ",\"revision\":%llu",
		    (unsigned long long)entry->revision);
	scim_status rc = write_target(buf, context, entry, err);
	if (rc != SCIM_OK)
		return rc;
	write_text(buf, "operation", entry->operation);
	write_text(buf, "actor", entry->actor);
	write_text(buf, "via", entry->via);
	write_text(buf, "at", scim__str(at));
	scim__buf_add_z(buf, ",\"paths\":[");
	for (size_t i = 0; i < entry->path_count; i++) {
		if (i > 0)
			scim__buf_add_char(buf, ',');
		scim__json_write_string(buf, entry->paths[i]);
	}
	scim__buf_add_z(buf, "]}");
	return SCIM_OK;
}
