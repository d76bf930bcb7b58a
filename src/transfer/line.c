/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The form of an exported tenant: one JSON object on each line.
 *
 *	{"scimd":1,"tenant":"acme","settings":{"profile":"okta"}}
 *	{"schema":{…}}
 *	{"resourceType":{…}}
 *	{"type":"User","id":"…","version":"…","created":…,"lastModified":…,
 *	 "content":{…},"secret":{…}}
 *	{"type":"Group", … ,"memberCount":2,"members":[{"value":"…",…},…]}
 *	{"type":"Group","id":"…","members":[…]}
 *
 * What is known of a resource stands on its line as the store has it, so that
 * its version can be computed from the line alone.  Only where there are more
 * members than fit one line do they follow on lines of their own, all of
 * them.  Members are in the order of their values: none comes twice.
 */
#include "transfer/line.h"

#include <inttypes.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "json/json.h"

enum { FORM = 1, DEPTH = 128 };

static void
put_pair(scim__buf *buf, const char *lead, scim_str text)
{
	scim__buf_add_z(buf, lead);
	scim__json_write_string(buf, text);
}

void
scim__line_put_tenant(
    scim__buf *buf, scim_str name, const scim__value *settings)
{
	scim__buf_printf(buf, "{\"scimd\":%d", FORM);
	put_pair(buf, ",\"tenant\":", name);
	scim__buf_add_z(buf, ",\"settings\":");
	scim__json_write_canonical(buf, settings);
	scim__buf_add_z(buf, "}\n");
}

void
scim__line_put_definition(
    scim__buf *buf, bool is_type, const scim__value *document)
{
	scim__buf_add_z(buf, is_type ? "{\"resourceType\":" : "{\"schema\":");
	scim__json_write_canonical(buf, document);
	scim__buf_add_z(buf, "}\n");
}

static void
put_members(scim__buf *buf, const scim_member_row *members, size_t count)
{
	scim__buf_add_z(buf, ",\"members\":[");
	for (size_t i = 0; i < count; i++) {
		put_pair(buf,
		    i == 0 ? "{\"value\":" : ",{\"value\":", members[i].value);
		if (members[i].type.len > 0)
			put_pair(buf, ",\"type\":", members[i].type);
		if (members[i].display.len > 0)
			put_pair(buf, ",\"display\":", members[i].display);
		scim__buf_add_char(buf, '}');
	}
	scim__buf_add_char(buf, ']');
}

void
scim__line_put_resource(scim__buf *buf, scim_str type,
    const scim_record *record, const scim_member_row *members, size_t count)
{
	char version[SCIM_VERSION_TEXT_LEN + 1];

	scim_version_format(&record->version, version);
	put_pair(buf, "{\"type\":", type);
	put_pair(buf, ",\"id\":", record->id);
	put_pair(buf, ",\"version\":", scim__str(version));
	scim__buf_printf(buf,
	    ",\"created\":%" PRId64 ",\"lastModified\":%" PRId64,
	    record->created_ms, record->modified_ms);
	if (record->modified_before_ms != INT64_MIN)
		scim__buf_printf(buf, ",\"modifiedBefore\":%" PRId64,
		    record->modified_before_ms);
	scim__buf_add_z(buf, ",\"content\":");
	scim__buf_add(buf, record->content);
	if (record->secret.len > 0) {
		scim__buf_add_z(buf, ",\"secret\":");
		scim__buf_add(buf, record->secret);
	}
	if (record->relation_count > 0)
		scim__buf_printf(
		    buf, ",\"memberCount\":%" PRIu64, record->relation_count);
	if (count > 0)
		put_members(buf, members, count);
	scim__buf_add_z(buf, "}\n");
}

void
scim__line_put_crowd(scim__buf *buf, const scim_key *key,
    const scim_member_row *members, size_t count)
{
	put_pair(buf, "{\"type\":", key->type);
	put_pair(buf, ",\"id\":", key->id);
	put_members(buf, members, count);
	scim__buf_add_z(buf, "}\n");
}

static scim_status
lacks(const char *name, scim_error *err)
{
	return scim__fail(err, SCIM_ERR_INVALID,
	    "This is no line of an export: its \"%s\" is missing or of another "
	    "kind.",
	    name);
}

static bool
take_string(const scim__value *object, const char *name, scim_str *out)
{
	*out = scim__object_get_string(object, scim__str(name));
	return out->len > 0;
}

static bool
take_object(const scim__value *object, const char *name, scim__value *out)
{
	const scim__value *found = scim__object_find(object, scim__str(name));

	if (found == NULL || found->kind != SCIM__OBJECT)
		return false;
	*out = *found;
	return true;
}

/* `otherwise` for none; false: it is no whole number. */
static bool
take_integer(const scim__value *object, const char *name, int64_t otherwise,
    int64_t *out)
{
	const scim__value *found = scim__object_find(object, scim__str(name));

	*out = found == NULL ? otherwise : found->integer;
	return found == NULL || found->kind == SCIM__INTEGER;
}

static scim_str
text_of(const scim__value *object, scim_str name)
{
	scim_str text = scim__object_get_string(object, name);

	return text.ptr == NULL ? SCIM_STR("") : text;
}

static scim_status
take_members(scim_arena *arena, const scim__value *object,
    struct scim__restore *out, scim_error *err)
{
	const scim__value *list =
	    scim__object_find(object, SCIM_STR("members"));
	scim_str before = SCIM_STR("");

	if (list == NULL)
		return SCIM_OK;
	if (list->kind != SCIM__ARRAY)
		return lacks("members", err);
	scim_member_row *rows =
	    scim__arena_array(arena, list->count + 1, sizeof(*rows));
	if (rows == NULL)
		return scim__fail_memory(err);
	for (uint32_t i = 0; i < list->count; i++) {
		const scim__value *item = &list->array.items[i];

		rows[i].value = text_of(item, SCIM_STR("value"));
		rows[i].type = text_of(item, SCIM_STR("type"));
		rows[i].display = text_of(item, SCIM_STR("display"));
		if (scim__str_compare(before, rows[i].value) >= 0)
			return scim__fail(err, SCIM_ERR_INVALID,
			    "The members are not in the order of their "
			    "values.");
		before = rows[i].value;
	}
	out->members = rows;
	out->member_count = list->count;
	return SCIM_OK;
}

static scim_status
read_resource(scim_arena *arena, const scim__value *object,
    struct scim__line *line, scim_error *err)
{
	struct scim__restore *r = &line->resource;
	int64_t total = 0;
	scim_str version;

	line->kind = SCIM__LINE_RESOURCE;
	if (!take_string(object, "version", &version) ||
	    scim_version_parse(version, &r->version, NULL) != SCIM_OK)
		return lacks("version", err);
	if (!take_integer(object, "created", -1, &r->created_ms) ||
	    r->created_ms < 0)
		return lacks("created", err);
	if (!take_integer(object, "lastModified", -1, &r->modified_ms) ||
	    r->modified_ms < 0)
		return lacks("lastModified", err);
	if (!take_integer(
		object, "modifiedBefore", INT64_MIN, &r->modified_before_ms))
		return lacks("modifiedBefore", err);
	r->secret = scim__value_object();
	if (scim__object_find(object, SCIM_STR("secret")) != NULL &&
	    !take_object(object, "secret", &r->secret))
		return lacks("secret", err);
	if (!take_integer(object, "memberCount", 0, &total) || total < 0)
		return lacks("memberCount", err);
	line->total = (uint64_t)total;
	scim_status rc = take_members(arena, object, r, err);
	if (rc == SCIM_OK && r->member_count > 0 &&
	    r->member_count != line->total)
		return lacks("memberCount", err);
	return rc;
}

static scim_status
read_head(const scim__value *object, struct scim__line *line, scim_error *err)
{
	int64_t form = 0;
	scim_str tenant;

	line->kind = SCIM__LINE_TENANT;
	if (!take_integer(object, "scimd", 0, &form) || form != FORM)
		return scim__fail(err, SCIM_ERR_INVALID,
		    "The export has form %lld; this scimd reads form %d.",
		    (long long)form, FORM);
	if (!take_string(object, "tenant", &tenant))
		return lacks("tenant", err);
	return take_object(object, "settings", &line->document)
	    ? SCIM_OK
	    : lacks("settings", err);
}

scim_status
scim__line_read(
    scim_arena *arena, scim_str text, struct scim__line *out, scim_error *err)
{
	static const scim__json_limits limits = { SCIM__LINE_MOST, DEPTH };
	struct scim__line line = { .kind = SCIM__LINE_CROWD };
	scim__value object;
	scim_status rc = scim__json_parse(arena, text, &limits, &object, err);

	if (rc != SCIM_OK)
		return rc;
	if (scim__object_find(&object, SCIM_STR("scimd")) != NULL)
		rc = read_head(&object, &line, err);
	else if (take_object(&object, "schema", &line.document))
		line.kind = SCIM__LINE_SCHEMA;
	else if (take_object(&object, "resourceType", &line.document))
		line.kind = SCIM__LINE_RESOURCE_TYPE;
	else if (!take_string(&object, "type", &line.resource.type))
		rc = lacks("type", err);
	else if (!take_string(&object, "id", &line.resource.id))
		rc = lacks("id", err);
	else if (take_object(&object, "content", &line.resource.content))
		rc = read_resource(arena, &object, &line, err);
	else if (scim__object_find(&object, SCIM_STR("version")) != NULL)
		rc = lacks("content", err);
	else
		rc = take_members(arena, &object, &line.resource, err);
	if (rc == SCIM_OK)
		*out = line;
	return rc;
}

static bool
grow(struct scim__lines *lines)
{
	size_t capacity = lines->capacity == 0 ? 16384 : lines->capacity * 2;
	char *room = realloc(lines->room, capacity);

	if (room == NULL)
		return false;
	lines->room = room;
	lines->capacity = capacity;
	return true;
}

/* The rest of a line that is too long. */
static scim_status
pass_over(struct scim__lines *lines, scim_error *err)
{
	int c = 0;

	while (c != EOF && c != '\n')
		c = getc_unlocked(lines->file);
	return scim__fail(err, SCIM_ERR_TOO_LARGE,
	    "The line is longer than %d bytes.", SCIM__LINE_MOST);
}

scim_status
scim__lines_next(struct scim__lines *lines, scim_str *out, scim_error *err)
{
	size_t len = 0;
	int c = getc_unlocked(lines->file);

	*out = (scim_str){ NULL, 0 };
	lines->number += c != EOF;
	for (; c != EOF && c != '\n'; c = getc_unlocked(lines->file)) {
		if (len == SCIM__LINE_MOST)
			return pass_over(lines, err);
		if (len == lines->capacity && !grow(lines))
			return scim__fail_memory(err);
		lines->room[len++] = (char)c;
	}
	if (ferror(lines->file))
		return scim__fail(
		    err, SCIM_ERR_STORE, "The file can't be read any further.");
	if (c == EOF && len == 0)
		return SCIM_OK;
	*out = (scim_str){ len == 0 ? "" : lines->room, len };
	return SCIM_OK;
}

void
scim__lines_end(struct scim__lines *lines)
{
	free(lines->room);
	lines->room = NULL;
}
