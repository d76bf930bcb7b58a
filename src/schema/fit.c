/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Old contents under the schemas of today.
 *
 * Only what is there now is looked at when schemas change; what was there
 * once stays in the history as it was written.  So whoever reads it goes by
 * the schemas of the moment in which he reads: an attribute that was taken
 * out, or is returned to nobody any more, is not to be found in an old
 * version either.
 */
#include "schema/fit.h"

#include "base/str.h"

static bool
has_form(const scim__attribute *a, const scim__value *value)
{
	scim__kind kind = value->kind;

	switch (a->type) {
	case SCIM__TYPE_STRING:
	case SCIM__TYPE_DATE_TIME:
	case SCIM__TYPE_BINARY:
	case SCIM__TYPE_REFERENCE:
		return kind == SCIM__STRING;
	case SCIM__TYPE_BOOLEAN:
		return kind == SCIM__BOOL;
	case SCIM__TYPE_INTEGER:
		return kind == SCIM__INTEGER || kind == SCIM__BIG;
	case SCIM__TYPE_DECIMAL:
		return kind == SCIM__INTEGER || kind == SCIM__BIG ||
		    kind == SCIM__REAL;
	case SCIM__TYPE_COMPLEX:
		break;
	}
	return kind == SCIM__OBJECT;
}

static void fit_members(
    const scim__attribute *attributes, size_t count, scim__value *object);

/* False when nothing of the value is left. */
static bool
fit_single(const scim__attribute *a, scim__value *value)
{
	if (!has_form(a, value))
		return false;
	if (a->type != SCIM__TYPE_COMPLEX)
		return true;
	fit_members(a->sub, a->sub_count, value);
	return value->count > 0;
}

static bool
fit_value(const scim__attribute *a, scim__value *value)
{
	uint32_t kept = 0;

	if (scim__attribute_is_secret(a))
		return false;
	if (!a->multi_valued)
		return fit_single(a, value);
	if (value->kind != SCIM__ARRAY)
		return false;
	for (uint32_t i = 0; i < value->count; i++) {
		scim__value *items = value->array.items;

		if (fit_single(a, &items[i]))
			items[kept++] = items[i];
	}
	value->count = kept;
	return kept > 0;
}

static void
fit_members(
    const scim__attribute *attributes, size_t count, scim__value *object)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < object->count; i++) {
		scim__member *members = object->object.members;
		const scim__attribute *a =
		    scim__attribute_find(attributes, count, members[i].name);

		if (a != NULL && fit_value(a, &members[i].value))
			members[kept++] = members[i];
	}
	object->count = kept;
}

static const scim__schema *
find_extension(const scim__resource_type *type, scim_str urn)
{
	for (size_t i = 0; i < type->extension_count; i++)
		if (scim__str_equal_nocase(type->extensions[i].schema->id, urn))
			return type->extensions[i].schema;
	return NULL;
}

/* The URNs of schemas that the type still has. */
static void
fit_schemas(const scim__resource_type *type, scim__value *schemas)
{
	uint32_t kept = 0;

	if (schemas->kind != SCIM__ARRAY)
		return;
	for (uint32_t i = 0; i < schemas->count; i++) {
		scim__value *items = schemas->array.items;
		scim_str urn = items[i].kind == SCIM__STRING ? items[i].string
							     : SCIM_STR("");

		if (scim__str_equal_nocase(type->schema->id, urn) ||
		    find_extension(type, urn) != NULL)
			items[kept++] = items[i];
	}
	schemas->count = kept;
}

static bool
fit_member(const scim_registry *registry, const scim__resource_type *type,
    scim__member *member)
{
	size_t count = 0;
	const scim__attribute *common = scim__registry_common(registry, &count);
	const scim__attribute *a =
	    scim__attribute_find(common, count, member->name);
	const scim__schema *extension = find_extension(type, member->name);

	if (scim__str_equal(member->name, SCIM_STR("schemas"))) {
		fit_schemas(type, &member->value);
		return true;
	}
	if (a == NULL)
		a = scim__attribute_find(type->schema->attributes,
		    type->schema->attribute_count, member->name);
	if (a != NULL)
		return fit_value(a, &member->value);
	if (extension == NULL || member->value.kind != SCIM__OBJECT)
		return false;
	fit_members(
	    extension->attributes, extension->attribute_count, &member->value);
	return member->value.count > 0;
}

void
scim__schema_fit(const scim_registry *registry, const scim__resource_type *type,
    scim__value *content)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < content->count; i++) {
		scim__member *members = content->object.members;

		if (fit_member(registry, type, &members[i]))
			members[kept++] = members[i];
	}
	content->count = kept;
}
