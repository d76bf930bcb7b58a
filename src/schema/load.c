/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a heap of documents to a registry.
 *
 * All documents are parsed before the first is understood, because what a
 * schema means depends on the others: a resource type may stand anywhere,
 * a later document replaces an earlier one of the same id, and whether a
 * schema's attributes stand at the top or below its URN is said by the
 * resource types that use it.
 *
 * The service schemas (ServiceProviderConfig, ResourceType, Schema) describe
 * resources of scimd itself.  Only their documents are kept.
 */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/builtin.h"
#include "schema/own.h"
#include "schema/read.h"
#include "json/json.h"

#define CORE "urn:ietf:params:scim:schemas:core:2.0:"

static const scim__json_limits limits = { .bytes = 16 << 20, .depth = 32 };

struct definition {
	scim_str source;
	scim_str id; /* of a schema its URN, of a resource type its name */
	scim__value document;
	bool is_type;
};

struct loading {
	scim_registry *registry;
	scim_error *err;
	struct definition *definitions;
	size_t count, capacity;
};

static struct scim__reading
reading_of(const struct loading *l, const struct definition *d)
{
	return (struct scim__reading){ l->registry->arena, d->source, d->id,
		l->err };
}

static bool
is_service_schema(scim_str urn)
{
	return scim__str_equal_nocase(
		   urn, SCIM_STR(CORE "ServiceProviderConfig")) ||
	    scim__str_equal_nocase(urn, SCIM_STR(CORE "ResourceType")) ||
	    scim__str_equal_nocase(urn, SCIM_STR(CORE "Schema"));
}

static bool
says_resource_type(const scim__value *document)
{
	const scim__value *schemas =
	    scim__object_find_nocase(document, SCIM_STR("schemas"));

	if (schemas == NULL || schemas->kind != SCIM__ARRAY)
		return false;
	for (uint32_t i = 0; i < schemas->count; i++)
		if (schemas->array.items[i].kind == SCIM__STRING &&
		    scim__str_equal_nocase(schemas->array.items[i].string,
			SCIM_STR(CORE "ResourceType")))
			return true;
	return false;
}

static scim_status
keep(struct loading *l, const struct definition *d)
{
	for (size_t i = 0; i < l->count; i++) {
		struct definition *there = &l->definitions[i];

		if (there->is_type != d->is_type ||
		    !scim__str_equal_nocase(there->id, d->id))
			continue;
		*there = *d;
		return SCIM_OK;
	}
	if (l->count == l->capacity) {
		size_t capacity = l->capacity == 0 ? 16 : 2 * l->capacity;
		struct definition *more = scim__arena_array(
		    l->registry->arena, capacity, sizeof(*more));

		if (more == NULL)
			return scim__fail_memory(l->err);
		if (l->count > 0)
			memcpy(more, l->definitions, l->count * sizeof(*more));
		l->definitions = more;
		l->capacity = capacity;
	}
	l->definitions[l->count++] = *d;
	return SCIM_OK;
}

static scim_status
add_definition(struct loading *l, scim_str source, const scim__value *document)
{
	struct definition d = { .source = source, .document = *document };
	struct scim__reading r = reading_of(l, &d);
	scim_str none = { "", 0 };

	if (document->kind != SCIM__OBJECT)
		return scim__read_fail(
		    &r, none, "A schema or resource type must be an object.");
	d.is_type = says_resource_type(document);
	scim_status rc =
	    scim__read_string(&r, none, document, SCIM_STR("id"), &d.id);
	if (rc == SCIM_OK && d.id.ptr == NULL && d.is_type)
		rc = scim__read_string(
		    &r, none, document, SCIM_STR("name"), &d.id);
	if (rc != SCIM_OK)
		return rc;
	if (d.id.ptr == NULL)
		return scim__read_fail(&r, none, /* @spec 7643-7-03 */
		    "An \"id\" is missing: the URN of the schema, or the name "
		    "of the resource type.");
	return keep(l, &d);
}

static scim_status
parse(struct loading *l, scim_str source, scim_str text, scim__value *out)
{
	scim_error why = { .status = SCIM_OK };
	scim_status rc =
	    scim__json_parse(l->registry->arena, text, &limits, out, &why);

	if (rc == SCIM_OK || rc == SCIM_ERR_NO_MEMORY)
		return rc == SCIM_OK ? rc : scim__fail_memory(l->err);
	return scim__fail(l->err, SCIM_ERR_INVALID, "%.*s: %s", (int)source.len,
	    source.ptr, why.detail);
}

static scim_status
add_document(struct loading *l, scim_str source, const scim__value *document)
{
	const scim__value *list =
	    scim__object_find_nocase(document, SCIM_STR("Resources"));

	if (document->kind == SCIM__ARRAY)
		list = document;
	if (list == NULL || list->kind != SCIM__ARRAY)
		return add_definition(l, source, document);
	for (uint32_t i = 0; i < list->count; i++) {
		scim_status rc =
		    add_definition(l, source, &list->array.items[i]);

		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

static scim_status
read_common(struct loading *l, scim_str source, const scim__value *document)
{
	struct definition d = { .source = source };
	struct scim__reading r = reading_of(l, &d);

	return scim__read_attributes(&r,
	    scim__object_find(document, SCIM_STR("attributes")),
	    (scim_str){ "", 0 }, &l->registry->common,
	    &l->registry->common_count);
}

static scim_status
add_builtin(struct loading *l)
{
	for (size_t i = 0; i < scim__builtin_schema_file_count; i++) {
		const struct scim__builtin_schema_file *file =
		    &scim__builtin_schema_files[i];
		scim_str source = scim__str(file->name);
		scim__value document;
		scim_status rc = parse(
		    l, source, (scim_str){ file->text, file->len }, &document);

		if (rc != SCIM_OK)
			return rc;
		if (scim__str_equal(source, SCIM_STR("common-attributes.json")))
			rc = read_common(l, source, &document);
		else
			rc = add_document(l, source, &document);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

static scim_status
add_sources(struct loading *l, const scim_schema_source *sources, size_t count)
{
	scim_registry *registry = l->registry;

	registry->sources =
	    scim__arena_array(registry->arena, count, sizeof(*sources));
	if (registry->sources == NULL)
		return scim__fail_memory(l->err);
	for (size_t i = 0; i < count; i++) {
		scim_schema_source *kept = &registry->sources[i];
		scim__value document;

		kept->name = scim__str_copy(registry->arena, sources[i].name);
		kept->text = scim__str_copy(registry->arena, sources[i].text);
		if (kept->name.ptr == NULL || kept->text.ptr == NULL)
			return scim__fail_memory(l->err);
		registry->source_count++;
		scim_status rc = parse(l, kept->name, kept->text, &document);
		if (rc == SCIM_OK)
			rc = add_document(l, kept->name, &document);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

/* Whether some resource type takes `urn` for its schema. */
static bool
is_base(const struct loading *l, scim_str urn)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct definition *d = &l->definitions[i];

		if (!d->is_type)
			continue;
		const scim__value *schema =
		    scim__object_find_nocase(&d->document, SCIM_STR("schema"));
		if (schema != NULL && schema->kind == SCIM__STRING &&
		    scim__str_equal_nocase(schema->string, urn))
			return true;
	}
	return false;
}

static bool
is_extension(const struct loading *l, scim_str urn)
{
	for (size_t i = 0; i < l->count; i++) {
		const struct definition *d = &l->definitions[i];
		const scim__value *list = scim__object_find_nocase(
		    &d->document, SCIM_STR("schemaExtensions"));

		if (!d->is_type || list == NULL || list->kind != SCIM__ARRAY)
			continue;
		for (uint32_t k = 0; k < list->count; k++) {
			const scim__value *schema = scim__object_find_nocase(
			    &list->array.items[k], SCIM_STR("schema"));

			if (schema != NULL && schema->kind == SCIM__STRING &&
			    scim__str_equal_nocase(schema->string, urn))
				return true;
		}
	}
	return false;
}

/* Some servers list the common attributes in each schema; what scimd itself
 * says about those holds (@spec 7643-3.1-03). */
static scim_status
without_common(
    const struct loading *l, const scim__value *definitions, scim__value *out)
{
	const scim_registry *registry = l->registry;
	scim__value kept = scim__value_array();

	for (uint32_t i = 0; i < definitions->count; i++) {
		const scim__value *item = &definitions->array.items[i];
		const scim__value *name =
		    scim__object_find_nocase(item, SCIM_STR("name"));

		if (name != NULL && name->kind == SCIM__STRING &&
		    (scim__str_equal_nocase(
			 name->string, SCIM_STR("schemas")) ||
			scim__attribute_find(registry->common,
			    registry->common_count, name->string) != NULL))
			continue;
		if (!scim__array_add(registry->arena, &kept, *item))
			return scim__fail_memory(l->err);
	}
	*out = kept;
	return SCIM_OK;
}

static scim_status
read_schema_attributes(
    const struct loading *l, const struct definition *d, scim__schema *schema)
{
	struct scim__reading r = reading_of(l, d);
	const scim__value *list =
	    scim__object_find_nocase(&d->document, SCIM_STR("attributes"));
	scim_str prefix = { "", 0 };
	scim__value own;
	bool extends = is_extension(l, d->id);

	if (list == NULL || list->kind != SCIM__ARRAY)
		return scim__read_fail(&r, prefix,
		    "A schema needs \"attributes\", an array; a resource type "
		    "needs the schema \"" CORE "ResourceType\".");
	if (!extends) {
		scim_status rc = without_common(l, list, &own);

		return rc != SCIM_OK
		    ? rc
		    : scim__read_attributes(&r, &own, prefix,
			  &schema->attributes, &schema->attribute_count);
	}
	if (is_base(l, d->id))
		return scim__read_fail(&r, prefix,
		    "A schema can't be the schema of one resource type and an "
		    "extension of another.");
	prefix = scim__str_format(r.arena, "%.*s:", (int)d->id.len, d->id.ptr);
	if (prefix.ptr == NULL)
		return scim__fail_memory(l->err);
	return scim__read_attributes(
	    &r, list, prefix, &schema->attributes, &schema->attribute_count);
}

/* Takes scimd's own marks out of a document that will be published. */
static void
strip_marks(scim__value *value)
{
	uint32_t kept = 0;

	if (value->kind == SCIM__ARRAY)
		for (uint32_t i = 0; i < value->count; i++)
			strip_marks(&value->array.items[i]);
	if (value->kind != SCIM__OBJECT)
		return;
	for (uint32_t i = 0; i < value->count; i++) {
		scim__member *member = &value->object.members[i];

		if (scim__str_starts_with(member->name, SCIM_STR("x-scimd-")))
			continue;
		strip_marks(&member->value);
		value->object.members[kept++] = *member;
	}
	value->count = kept;
}

/* Ready to be published but for its meta. */
static scim_status
tidy_document(const struct loading *l, scim__value *document)
{
	scim_arena *arena = l->registry->arena;
	scim__value schemas = scim__value_array();

	strip_marks(document);
	(void)scim__object_remove(document, SCIM_STR("meta"));
	if (scim__object_find_nocase(document, SCIM_STR("schemas")) != NULL)
		return SCIM_OK;
	if (!scim__array_add(
		arena, &schemas, scim__value_string(SCIM_STR(CORE "Schema"))) ||
	    !scim__object_add(arena, document, SCIM_STR("schemas"), schemas))
		return scim__fail_memory(l->err);
	return SCIM_OK;
}

static scim_status
keep_defined(const struct loading *l, const struct definition *d, scim_str *out)
{
	scim__buf text;

	scim__buf_init(&text, l->registry->arena, SIZE_MAX);
	scim__json_write_canonical(&text, &d->document);
	if (scim__buf_failed(&text))
		return scim__fail_memory(l->err);
	*out = scim__buf_str(&text);
	return SCIM_OK;
}

static scim_status
read_schema(const struct loading *l, struct definition *d, scim__schema *schema)
{
	struct scim__reading r = reading_of(l, d);
	scim_status rc = keep_defined(l, d, &schema->defined);

	schema->id = d->id;
	if (rc == SCIM_OK && !is_service_schema(d->id))
		rc = read_schema_attributes(l, d, schema);
	if (rc == SCIM_OK)
		rc = scim__read_string(&r, (scim_str){ "", 0 }, &d->document,
		    SCIM_STR("name"), &schema->name);
	if (rc == SCIM_OK)
		rc = tidy_document(l, &d->document);
	schema->document = d->document;
	return rc;
}

/* Those that /Schemas lists, or those that it does not. */
static scim_status
read_schemas(const struct loading *l, bool service)
{
	scim_registry *registry = l->registry;

	for (size_t i = 0; i < l->count; i++) {
		struct definition *d = &l->definitions[i];

		if (d->is_type || is_service_schema(d->id) != service)
			continue;
		scim_status rc = read_schema(
		    l, d, &registry->schemas[registry->schema_count]);
		if (rc != SCIM_OK)
			return rc;
		registry->schema_count++;
	}
	return SCIM_OK;
}

static scim_status
read_types(const struct loading *l)
{
	scim_registry *registry = l->registry;

	for (size_t i = 0; i < l->count; i++) {
		struct definition *d = &l->definitions[i];

		if (!d->is_type)
			continue;
		struct scim__reading r = reading_of(l, d);
		scim__resource_type *type =
		    &registry->types[registry->type_count];
		scim_str defined;
		scim_status rc = keep_defined(l, d, &defined);
		if (rc == SCIM_OK)
			rc = tidy_document(l, &d->document);
		if (rc == SCIM_OK)
			rc = scim__read_resource_type(
			    &r, registry, &d->document, type);
		if (rc != SCIM_OK)
			return rc;
		type->defined = defined;
		registry->type_count++;
	}
	return SCIM_OK;
}

scim_status
scim__definitions_read(scim_arena *arena, const scim_schema_source *sources,
    size_t count, scim__definition **out, size_t *out_count, scim_error *err)
{
	scim_registry nothing = { .arena = arena };
	struct loading l = { .registry = &nothing, .err = err };
	scim_status rc = add_sources(&l, sources, count);

	if (rc != SCIM_OK)
		return rc;
	scim__definition *list =
	    scim__arena_array(arena, l.count, sizeof(*list));
	if (list == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < l.count; i++)
		list[i] = (scim__definition){ .id = l.definitions[i].id,
			.is_type = l.definitions[i].is_type,
			.document = l.definitions[i].document };
	*out = list;
	*out_count = l.count;
	return SCIM_OK;
}

scim_status
scim__registry_load(scim_registry *registry, const scim_schema_source *sources,
    size_t count, scim_error *err)
{
	struct loading l = { .registry = registry, .err = err };
	scim_status rc = add_builtin(&l);

	if (rc == SCIM_OK)
		rc = add_sources(&l, sources, count);
	if (rc != SCIM_OK)
		return rc;
	registry->schemas = scim__arena_array(
	    registry->arena, l.count, sizeof(*registry->schemas));
	registry->types = scim__arena_array(
	    registry->arena, l.count, sizeof(*registry->types));
	if (registry->schemas == NULL || registry->types == NULL)
		return scim__fail_memory(err);
	rc = read_schemas(&l, false);
	registry->published_count = registry->schema_count;
	if (rc == SCIM_OK)
		rc = read_schemas(&l, true);
	if (rc == SCIM_OK)
		rc = read_types(&l);
	struct scim__reading r = { .arena = registry->arena, .err = err };
	return rc == SCIM_OK ? scim__check_types(&r, registry) : rc;
}
