/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Paths for PATCH (RFC 7644 figure 7): a client turns a conflict into an
 * operation by copying its path.
 *
 * An element is named by all that identifies it, and what it lacks of that is
 * said too, or the path would fit others.  Where that makes a path that nobody
 * would take (a certificate, a picture as text), the attribute as a whole is
 * named.
 */
#include "base/buf.h"
#include "base/str.h"
#include "merge/cell.h"
#include "json/json.h"

/* Paths up to this are taken whatever a tenant's limit of filters is. */
#define LONGEST 1024

static void
add_test(scim__buf *buf, scim_str name, const scim__value *value, bool *first)
{
	if (!*first)
		scim__buf_add_z(buf, " and ");
	*first = false;
	if (value == NULL) {
		scim__buf_add_z(buf, "not (");
		scim__buf_add(buf, name);
		scim__buf_add_z(buf, " pr)");
		return;
	}
	scim__buf_add(buf, name);
	scim__buf_add_z(buf, " eq ");
	scim__json_write(buf, value);
}

/* Items of a multi-valued part are tested one by one. */
static void
add_part(scim__buf *buf, const scim__attribute *sub, const scim__value *value,
    bool *first)
{
	if (value == NULL || value->kind != SCIM__ARRAY) {
		add_test(buf, sub->name, value, first);
		return;
	}
	for (uint32_t i = 0; i < value->count; i++)
		add_test(buf, sub->name, &value->array.items[i], first);
}

/* What there is before what there is not: it reads better. */
static void
add_parts(scim__buf *buf, const scim__attribute *a, const scim__value *element,
    bool present, bool *first)
{
	size_t count = scim__unit_part_count(a);

	for (size_t i = 0; i < count; i++) {
		const scim__attribute *sub = scim__unit_part(a, i);

		if (sub == NULL || sub->type == SCIM__TYPE_COMPLEX)
			continue;
		const scim__value *value =
		    scim__merge_assigned(scim__object_find(element, sub->name));
		if ((value != NULL) == present)
			add_part(buf, sub, value, first);
	}
}

static void
add_element(
    scim__buf *buf, const scim__attribute *a, const scim__value *element)
{
	size_t start = buf->len;
	bool first = true;

	scim__buf_add_char(buf, '[');
	if (a->type != SCIM__TYPE_COMPLEX) {
		add_test(buf, SCIM_STR("value"), element, &first);
	} else {
		add_parts(buf, a, element, true, &first);
		add_parts(buf, a, element, false, &first);
	}
	scim__buf_add_char(buf, ']');
	if (first || buf->len - start > LONGEST)
		buf->len = start;
}

static void
add_slot(scim__buf *buf, const scim__attribute *a, const scim__value *element)
{
	const scim__attribute *type =
	    scim__attribute_find(a->sub, a->sub_count, SCIM_STR("type"));
	bool first = true;

	scim__buf_add_char(buf, '[');
	add_test(
	    buf, type->name, scim__object_find(element, type->name), &first);
	scim__buf_add_char(buf, ']');
}

scim_str
scim__merge_path(scim_arena *arena, const struct scim__place *place)
{
	const scim__attribute *a = place->attribute;
	scim__buf buf;

	if (place->kind == SCIM__AT_VALUE && place->element == NULL)
		return place->sub != NULL ? place->sub->path : a->path;
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__buf_add(&buf, a->path);
	switch (place->kind) {
	case SCIM__AT_VALUE:
		add_element(&buf, a, place->element);
		break;
	case SCIM__AT_SLOT:
		add_slot(&buf, a, place->element);
		break;
	case SCIM__AT_PRIMARY:
		scim__buf_add_z(&buf, "[primary eq true]");
		break;
	}
	if (place->sub != NULL) {
		scim__buf_add_char(&buf, '.');
		scim__buf_add(&buf, place->sub->name);
	}
	return scim__buf_failed(&buf) ? (scim_str){ NULL, 0 }
				      : scim__buf_str(&buf);
}
