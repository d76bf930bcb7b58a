/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The registry in use: its life, and looking things up in it.
 *
 * It is immutable from the moment scim_registry_new() hands it out; the
 * reference count is all that ever changes, so threads need no lock.  A
 * server has few types and a type few attributes: a walk that looks at the
 * lengths first beats any table.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/read.h"

scim_status
scim_registry_new(const scim_schema_source *sources, size_t count,
    scim_registry **out, scim_error *err)
{
	SCIM__REQUIRE(err, out != NULL);
	SCIM__REQUIRE(err, sources != NULL || count == 0);
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	if (arena == NULL)
		return scim__fail_memory(err);
	scim_registry *registry = scim_arena_alloc(arena, sizeof(*registry));
	if (registry == NULL)
		return scim__fail_memory(err);
	registry->arena = arena;
	atomic_init(&registry->references, 1);
	scim_status rc = scim__registry_load(registry, sources, count, err);
	if (rc != SCIM_OK)
		return rc;
	*out = registry;
	(void)scim__take(arena);
	return SCIM_OK;
}

scim_registry *
scim_registry_ref(scim_registry *registry)
{
	(void)atomic_fetch_add_explicit(
	    &registry->references, 1, memory_order_relaxed);
	return registry;
}

void
scim_registry_unref(scim_registry *registry)
{
	if (registry == NULL ||
	    atomic_fetch_sub_explicit(
		&registry->references, 1, memory_order_acq_rel) != 1)
		return;
	scim_arena_free(registry->arena);
}

const scim__resource_type *
scim__registry_type(const scim_registry *registry, scim_str name)
{
	for (size_t i = 0; i < registry->type_count; i++)
		if (scim__str_equal_nocase(registry->types[i].name, name))
			return &registry->types[i];
	return NULL;
}

const scim__resource_type *
scim__registry_endpoint(const scim_registry *registry, scim_str endpoint)
{
	for (size_t i = 0; i < registry->type_count; i++)
		if (scim__str_equal(registry->types[i].endpoint, endpoint))
			return &registry->types[i];
	return NULL;
}

const scim__schema *
scim__registry_schema(const scim_registry *registry, scim_str urn)
{
	for (size_t i = 0; i < registry->schema_count; i++)
		if (scim__str_equal_nocase(registry->schemas[i].id, urn))
			return &registry->schemas[i];
	return NULL;
}

size_t
scim__registry_type_count(const scim_registry *registry)
{
	return registry->type_count;
}

const scim__resource_type *
scim__registry_type_at(const scim_registry *registry, size_t index)
{
	scim__assert(index < registry->type_count);
	return &registry->types[index];
}

size_t
scim__registry_schema_count(const scim_registry *registry)
{
	return registry->published_count;
}

const scim__schema *
scim__registry_schema_at(const scim_registry *registry, size_t index)
{
	scim__assert(index < registry->published_count);
	return &registry->schemas[index];
}

const scim__attribute *
scim__registry_common(const scim_registry *registry, size_t *out_count)
{
	*out_count = registry->common_count;
	return registry->common;
}

/* "emails" or "emails.value" among `count` attributes. */
static const scim__attribute *
find_dotted(const scim__attribute *attributes, size_t count, scim_str path)
{
	const char *dot =
	    path.len == 0 ? NULL : memchr(path.ptr, '.', path.len);
	scim_str name = path;

	if (dot != NULL)
		name.len = (size_t)(dot - path.ptr);
	const scim__attribute *a =
	    scim__attribute_find(attributes, count, name);
	if (a == NULL || dot == NULL)
		return a;
	scim_str rest = { dot + 1, path.len - name.len - 1 };
	return scim__attribute_find(a->sub, a->sub_count, rest);
}

static const scim__attribute *
find_top(const scim_registry *registry, const scim__resource_type *type,
    scim_str path)
{
	const scim__attribute *a =
	    find_dotted(registry->common, registry->common_count, path);

	if (a != NULL)
		return a;
	return find_dotted(
	    type->schema->attributes, type->schema->attribute_count, path);
}

/* Whether `path` goes on after `urn` and a separator; then `rest` is how. */
static bool
is_below(scim_str urn, char separator, scim_str path, scim_str *rest)
{
	scim_str head = { path.ptr, urn.len };

	if (path.len <= urn.len || path.ptr[urn.len] != separator ||
	    !scim__str_equal_nocase(head, urn))
		return false;
	*rest = (scim_str){ path.ptr + urn.len + 1, path.len - urn.len - 1 };
	return true;
}

static const scim__attribute *
find_below(const scim_registry *registry, const scim__resource_type *type,
    char separator, scim_str path)
{
	const scim__attribute *found = NULL;
	scim_str rest;

	if (is_below(type->schema->id, separator, path, &rest))
		found = find_top(registry, type, rest);
	for (size_t i = 0; found == NULL && i < type->extension_count; i++) {
		const scim__schema *schema = type->extensions[i].schema;

		if (is_below(schema->id, separator, path, &rest))
			found = find_dotted(
			    schema->attributes, schema->attribute_count, rest);
	}
	return found;
}

/* @spec 7644-3.10-01, 7644-3.10-02, 7644-3.10-03 */
const scim__attribute *
scim__registry_path(const scim_registry *registry,
    const scim__resource_type *type, scim_str path)
{
	const scim__attribute *found = find_top(registry, type, path);

	return found != NULL ? found : find_below(registry, type, ':', path);
}

const scim__attribute *
scim__registry_path_after_dot(const scim_registry *registry,
    const scim__resource_type *type, scim_str path)
{
	return find_below(registry, type, '.', path);
}
