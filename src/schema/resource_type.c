/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One resource type: from its document (RFC 7643 section 6) to the struct
 * that ties an endpoint to its schemas.
 *
 * What operations ask for again and again (which attributes are indexed,
 * unique or derived, which one is the relation) is collected here once, over
 * common attributes, schema and extensions alike.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/read.h"

static const char *const taken_endpoints[] = {
	"/Me",
	"/Bulk",
	"/Schemas",
	"/ResourceTypes",
	"/ServiceProviderConfig",
	NULL,
};

static bool
is_endpoint(scim_str s)
{
	if (s.len < 2 || s.ptr[0] != '/' || s.ptr[1] == '.')
		return false;
	for (size_t i = 1; i < s.len; i++) {
		char c = s.ptr[i];
		bool fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';

		if (!fine)
			return false;
	}
	return true;
}

static scim_status
read_endpoint(const struct scim__reading *r, const scim__value *document,
    scim__resource_type *type)
{
	scim_str at = SCIM_STR("endpoint");
	scim_status rc = scim__read_string(
	    r, (scim_str){ "", 0 }, document, at, &type->endpoint);

	if (rc != SCIM_OK)
		return rc;
	if (!is_endpoint(type->endpoint))
		return scim__read_fail(r, at,
		    "The endpoint must be \"/\" and one path segment of "
		    "letters, digits, \"-\", \"_\" and \".\".");
	for (size_t i = 0; taken_endpoints[i] != NULL; i++)
		if (scim__str_equal_nocase(
			type->endpoint, scim__str(taken_endpoints[i])))
			return scim__read_fail(r, at,
			    "The endpoint belongs to SCIM itself; take "
			    "another.");
	return SCIM_OK;
}

static scim_status
find_schema(const struct scim__reading *r, const scim_registry *registry,
    scim_str at, scim_str urn, const scim__schema **out)
{
	const scim__schema *schema = scim__registry_schema(registry, urn);

	if (schema == NULL || schema->attribute_count == 0)
		return scim__read_fail(r, at,
		    "There is no schema \"%.*s\" with attributes; give its "
		    "document too.",
		    (int)(urn.len > 80 ? 80 : urn.len), urn.ptr);
	*out = schema;
	return SCIM_OK;
}

static scim_status
read_extension(const struct scim__reading *r, const scim_registry *registry,
    const scim__value *item, scim__resource_type *type,
    scim__extension *extension)
{
	scim_str at = SCIM_STR("schemaExtensions");
	scim_str urn = { NULL, 0 };
	scim_status rc =
	    scim__read_string(r, at, item, SCIM_STR("schema"), &urn);

	if (rc == SCIM_OK)
		rc = scim__read_bool(
		    r, at, item, SCIM_STR("required"), &extension->required);
	if (rc != SCIM_OK)
		return rc;
	if (urn.ptr == NULL)
		return scim__read_fail(r, at, "\"schema\" is missing.");
	rc = find_schema(r, registry, at, urn, &extension->schema);
	if (rc != SCIM_OK)
		return rc;
	bool twice = extension->schema == type->schema;
	for (size_t i = 0; i < type->extension_count; i++)
		twice |= extension->schema == type->extensions[i].schema;
	if (twice)
		return scim__read_fail(
		    r, at, "A schema is named twice; name it once.");
	return SCIM_OK;
}

static scim_status
read_extensions(const struct scim__reading *r, const scim_registry *registry,
    const scim__value *document, scim__resource_type *type)
{
	const scim__value *list =
	    scim__object_find_nocase(document, SCIM_STR("schemaExtensions"));

	if (list == NULL || list->kind == SCIM__NULL)
		return SCIM_OK;
	if (list->kind != SCIM__ARRAY)
		return scim__read_fail(r, SCIM_STR("schemaExtensions"),
		    "The extensions must be an array.");
	scim__extension *extensions =
	    scim__arena_array(r->arena, list->count, sizeof(*extensions));
	if (extensions == NULL)
		return scim__fail_memory(r->err);
	type->extensions = extensions;
	for (uint32_t i = 0; i < list->count; i++) {
		scim_status rc = read_extension(
		    r, registry, &list->array.items[i], type, &extensions[i]);

		if (rc != SCIM_OK)
			return rc;
		type->extension_count++;
	}
	return SCIM_OK;
}

/* Grows while attributes are visited; the arrays have room for all. */
struct collection {
	const scim__attribute **derived, **indexed, **unique;
	scim__resource_type *type;
};

static void
collect_one(struct collection *c, const scim__attribute *a)
{
	scim__resource_type *type = c->type;
	bool settable = a->mutability != SCIM__READ_ONLY &&
	    (a->parent == NULL || a->parent->mutability != SCIM__READ_ONLY);

	if (a->derivation != SCIM__NOT_DERIVED)
		c->derived[type->derived_count++] = a;
	if (a->indexed)
		c->indexed[type->indexed_count++] = a;
	if (a->uniqueness != SCIM__UNIQUE_NONE && settable &&
	    !scim__attribute_is_secret(a))
		c->unique[type->unique_count++] = a;
	if (a->returned == SCIM__RETURNED_REQUEST)
		type->has_request_only = true;
}

static scim_status
collect_list(const struct scim__reading *r, struct collection *c,
    const scim__attribute *list, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		collect_one(c, &list[i]);
		for (size_t k = 0; k < list[i].sub_count; k++)
			collect_one(c, &list[i].sub[k]);
		if (!list[i].relation)
			continue;
		if (c->type->relation != NULL)
			return scim__read_fail(r, list[i].path,
			    "The resource type has a relation already, and "
			    "may have but one.");
		c->type->relation = &list[i];
	}
	return SCIM_OK;
}

static size_t
count_list(const scim__attribute *list, size_t count)
{
	size_t total = count;

	for (size_t i = 0; i < count; i++)
		total += list[i].sub_count;
	return total;
}

static scim_status
collect(const struct scim__reading *r, const scim_registry *registry,
    scim__resource_type *type)
{
	const scim__schema *schema = type->schema;
	size_t total = count_list(registry->common, registry->common_count) +
	    count_list(schema->attributes, schema->attribute_count);

	for (size_t i = 0; i < type->extension_count; i++)
		total += count_list(type->extensions[i].schema->attributes,
		    type->extensions[i].schema->attribute_count);
	const scim__attribute **room =
	    scim__arena_array(r->arena, 3 * total, sizeof(const void *));
	if (room == NULL)
		return scim__fail_memory(r->err);
	struct collection c = {
		.derived = room,
		.indexed = room + total,
		.unique = room + 2 * total,
		.type = type,
	};
	scim_status rc =
	    collect_list(r, &c, registry->common, registry->common_count);
	if (rc == SCIM_OK)
		rc = collect_list(
		    r, &c, schema->attributes, schema->attribute_count);
	for (size_t i = 0; rc == SCIM_OK && i < type->extension_count; i++) {
		schema = type->extensions[i].schema;
		rc = collect_list(
		    r, &c, schema->attributes, schema->attribute_count);
	}
	type->derived = c.derived;
	type->indexed = c.indexed;
	type->unique = c.unique;
	return rc;
}

scim_status
scim__read_resource_type(const struct scim__reading *r,
    const scim_registry *registry, const scim__value *document,
    scim__resource_type *out)
{
	scim_str none = { "", 0 };
	scim_str urn = { "", 0 };
	scim__resource_type type = { .document = *document };
	scim_status rc =
	    scim__read_string(r, none, document, SCIM_STR("name"), &type.name);

	if (rc == SCIM_OK && type.name.ptr == NULL)
		rc = scim__read_fail(
		    r, none, "A resource type needs a \"name\".");
	if (rc == SCIM_OK)
		rc = read_endpoint(r, document, &type);
	if (rc == SCIM_OK)
		rc = scim__read_string(
		    r, none, document, SCIM_STR("schema"), &urn);
	if (rc == SCIM_OK)
		rc = find_schema(
		    r, registry, SCIM_STR("schema"), urn, &type.schema);
	if (rc == SCIM_OK)
		rc = read_extensions(r, registry, document, &type);
	if (rc == SCIM_OK)
		rc = collect(r, registry, &type);
	if (rc == SCIM_OK)
		*out = type;
	return rc;
}

static scim_status
check_relation(const struct scim__reading *r, const scim_registry *registry,
    const scim__attribute *relation)
{
	for (size_t i = 0; i < relation->reference_type_count; i++) {
		scim_str name = relation->reference_types[i];

		if (scim__registry_type(registry, name) == NULL)
			return scim__read_fail(r, relation->path,
			    "x-scimd-relation names \"%.*s\", which is no "
			    "resource type.",
			    (int)name.len, name.ptr);
	}
	return SCIM_OK;
}

static scim_status
check_derived(const struct scim__reading *r, const scim_registry *registry,
    const scim__attribute *a)
{
	if (a->derivation != SCIM__FROM_RELATION)
		return SCIM_OK;
	const scim__resource_type *holder =
	    scim__registry_type(registry, a->derived_type);
	if (holder == NULL || holder->relation == NULL ||
	    !scim__str_equal_nocase(
		holder->relation->name, a->derived_attribute))
		return scim__read_fail(r, a->path,
		    "x-scimd-derived names a relation that does not exist; "
		    "name a resource type and its relation.");
	return SCIM_OK;
}

/* Two types must differ in what a request tells them apart by. */
static scim_status
check_alone(const struct scim__reading *r, const scim_registry *registry,
    const scim__resource_type *type)
{
	for (const scim__resource_type *other = registry->types; other < type;
	     other++)
		if (scim__str_equal_nocase(other->name, type->name) ||
		    scim__str_equal_nocase(other->endpoint, type->endpoint))
			return scim__read_fail(r, type->name,
			    "Another resource type has its name or endpoint "
			    "\"%.*s\".",
			    (int)type->endpoint.len, type->endpoint.ptr);
	return SCIM_OK;
}

scim_status
scim__check_types(const struct scim__reading *r, const scim_registry *registry)
{
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < registry->type_count; i++) {
		const scim__resource_type *type = &registry->types[i];

		rc = check_alone(r, registry, type);
		if (rc == SCIM_OK && type->relation != NULL)
			rc = check_relation(r, registry, type->relation);
		for (size_t k = 0; rc == SCIM_OK && k < type->derived_count;
		     k++)
			rc = check_derived(r, registry, type->derived[k]);
	}
	return rc;
}
