/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From what is stored and what is derived to one tree.
 */
#include "provider/whole.h"

#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "json/json.h"

void
scim__whole_meta(scim__buf *buf, const scim__resource_type *type,
    const struct scim__view *view)
{
	char created[SCIM__TIME_RFC3339_LEN + 1];
	char modified[SCIM__TIME_RFC3339_LEN + 1];

	scim__time_format(view->record.created_ms, created);
	scim__time_format(view->record.modified_ms, modified);
	scim__buf_add_z(buf, "{\"resourceType\":");
	scim__json_write_string(buf, type->name);
	scim__buf_printf(buf,
	    ",\"created\":\"%s\",\"lastModified\":\"%s\",\"location\":",
	    created, modified);
	scim__json_write_string(buf, view->location);
	scim__buf_add_z(buf, ",\"version\":");
	scim__json_write_string(buf, view->etag);
	scim__buf_add_char(buf, '}');
}

static bool
add_meta(scim_arena *arena, const scim__resource_type *type,
    const struct scim__view *view, scim__value *resource, scim_error *err)
{
	scim__buf buf;
	scim__value meta;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__whole_meta(&buf, type, view);
	return !scim__buf_failed(&buf) &&
	    scim__json_parse_trusted(arena, scim__buf_str(&buf), &meta, err) ==
	    SCIM_OK &&
	    scim__object_add(arena, resource, SCIM_STR("meta"), meta);
}

scim_status
scim__whole_make(scim_arena *arena, const scim__resource_type *type,
    const struct scim__view *view, scim__value *out, scim_error *err)
{
	scim__value resource;
	const scim__value *derived = &view->derived.values;
	scim_status rc = scim__json_parse_trusted(
	    arena, view->record.content, &resource, err);

	if (rc != SCIM_OK)
		return rc;
	for (uint32_t i = 0; i < derived->count; i++)
		if (!scim__object_set(arena, &resource,
			derived->object.members[i].name,
			derived->object.members[i].value))
			return scim__fail_memory(err);
	if (!add_meta(arena, type, view, &resource, err))
		return scim__fail_memory(err);
	*out = resource;
	return SCIM_OK;
}

bool
scim__whole_member(scim_arena *arena, const scim_context *context,
    const scim_member_row *row, scim__value *out)
{
	const scim__resource_type *type =
	    scim__registry_type(context->registry, row->type);
	scim__value element = scim__value_object();

	if (!scim__object_add(arena, &element, SCIM_STR("value"),
		scim__value_string(row->value)))
		return false;
	if (type != NULL) {
		scim_str ref = scim__location(arena, context, type, row->value);

		if (ref.ptr == NULL ||
		    !scim__object_add(arena, &element, SCIM_STR("$ref"),
			scim__value_string(ref)) ||
		    !scim__object_add(arena, &element, SCIM_STR("type"),
			scim__value_string(type->name)))
			return false;
	}
	if (row->display.len > 0 &&
	    !scim__object_add(arena, &element, SCIM_STR("display"),
		scim__value_string(row->display)))
		return false;
	*out = element;
	return true;
}

bool
scim__whole_clear(
    scim_arena *arena, const scim__value *there, scim__value *wanted)
{
	for (uint32_t i = 0; i < there->count; i++) {
		const scim__member *m = &there->object.members[i];
		scim__value *value = scim__object_find(wanted, m->name);

		if (value == NULL &&
		    !scim__object_add(arena, wanted, m->name,
			(scim__value){ .kind = SCIM__NULL }))
			return false;
		if (value != NULL && value->kind == SCIM__OBJECT &&
		    m->value.kind == SCIM__OBJECT &&
		    !scim__whole_clear(arena, &m->value, value))
			return false;
	}
	return true;
}
