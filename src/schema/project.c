/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What an answer shows of a resource.
 *
 * The parameters are read once, into the attributes and schemas they name;
 * an answer is then cut down in place, member by member.  Attributes are told
 * apart by where they stand in the registry, so one projection serves answers
 * of several types.  A name of a sub-attribute selects its parent in part.
 */
#include "schema/project.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

enum mode { BY_DEFAULT, ONLY, WITHOUT };

struct scim__projection {
	enum mode mode;
	const scim__attribute **attributes; /* named, each once */
	size_t attribute_count, attribute_capacity;
	const scim__schema **schemas; /* named as a whole, each once */
	size_t schema_count, schema_capacity;
};

/* The parameters while they are read. */
struct parsing {
	scim_arena *arena;
	const scim_registry *registry;
	scim__projection *projection;
	scim_error *err;
};

static bool
has_attribute(const scim__projection *p, const scim__attribute *a)
{
	for (size_t i = 0; i < p->attribute_count; i++)
		if (p->attributes[i] == a)
			return true;
	return false;
}

static bool
has_part(const scim__projection *p, const scim__attribute *a)
{
	for (size_t i = 0; i < p->attribute_count; i++)
		if (p->attributes[i]->parent == a)
			return true;
	return false;
}

/* Whether `a` is named with all of its schema. */
static bool
has_schema_of(const scim__projection *p, const scim__attribute *a)
{
	for (size_t i = 0; i < p->schema_count; i++) {
		const scim__schema *schema = p->schemas[i];

		for (size_t k = 0; k < schema->attribute_count; k++)
			if (&schema->attributes[k] == a)
				return true;
	}
	return false;
}

static scim_status
add_attribute(struct parsing *s, const scim__attribute *a)
{
	scim__projection *p = s->projection;

	if (has_attribute(p, a))
		return SCIM_OK;
	if (p->attribute_count == p->attribute_capacity) {
		size_t capacity = 8 + 2 * p->attribute_capacity;
		const scim__attribute **more =
		    scim__arena_array(s->arena, capacity, sizeof(const void *));

		if (more == NULL)
			return scim__fail_memory(s->err);
		for (size_t i = 0; i < p->attribute_count; i++)
			more[i] = p->attributes[i];
		p->attributes = more;
		p->attribute_capacity = capacity;
	}
	p->attributes[p->attribute_count++] = a;
	return SCIM_OK;
}

static scim_status
add_schema(struct parsing *s, const scim__schema *schema)
{
	scim__projection *p = s->projection;

	for (size_t i = 0; i < p->schema_count; i++)
		if (p->schemas[i] == schema)
			return SCIM_OK;
	if (p->schema_count == p->schema_capacity) {
		size_t capacity = 4 + 2 * p->schema_capacity;
		const scim__schema **more =
		    scim__arena_array(s->arena, capacity, sizeof(const void *));

		if (more == NULL)
			return scim__fail_memory(s->err);
		for (size_t i = 0; i < p->schema_count; i++)
			more[i] = p->schemas[i];
		p->schemas = more;
		p->schema_capacity = capacity;
	}
	p->schemas[p->schema_count++] = schema;
	return SCIM_OK;
}

/* @spec 7644-3.4.2.5-03 */
static scim_status
add_name(struct parsing *s, const scim__resource_type *type, scim_str name)
{
	const scim__attribute *a = scim__registry_path(s->registry, type, name);
	scim_status rc = SCIM_OK;

	if (a != NULL)
		return add_attribute(s, a);
	if (scim__str_equal_nocase(type->schema->id, name))
		rc = add_schema(s, type->schema);
	for (size_t i = 0; rc == SCIM_OK && i < type->extension_count; i++)
		if (scim__str_equal_nocase(
			type->extensions[i].schema->id, name))
			rc = add_schema(s, type->extensions[i].schema);
	return rc;
}

static scim_str
trim(scim_str s)
{
	while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t')) {
		s.ptr++;
		s.len--;
	}
	while (
	    s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* @spec 7644-3.9-06 */
static scim_status
add_names(struct parsing *s, const scim__resource_type *type, scim_str list)
{
	scim_status rc = SCIM_OK;

	while (rc == SCIM_OK && list.len > 0) {
		scim_str name = trim(scim__str_cut(&list, ','));

		if (name.len > 0)
			rc = add_name(s, type, name);
	}
	return rc;
}

scim_status
scim__projection_parse(scim_arena *arena, const scim_registry *registry,
    const scim__resource_type *type, scim_str attributes, scim_str excluded,
    scim__projection **out, scim_error *err)
{
	scim__projection *p = scim_arena_alloc(arena, sizeof(*p));
	struct parsing s = { arena, registry, p, err };
	scim_str only = trim(attributes);
	scim_str list = only.len > 0 ? only : trim(excluded);
	scim_status rc = SCIM_OK;

	if (p == NULL)
		return scim__fail_memory(err);
	/* @spec 7644-3.9-05 */
	if (only.len > 0 && trim(excluded).len > 0)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "attributes and excludedAttributes exclude each other: "
		    "send one of them.");
	if (type != NULL)
		rc = add_names(&s, type, list);
	for (size_t i = 0; type == NULL && rc == SCIM_OK &&
	     i < scim__registry_type_count(registry);
	     i++)
		rc = add_names(&s, scim__registry_type_at(registry, i), list);
	if (rc != SCIM_OK)
		return rc;
	if (only.len > 0)
		p->mode = ONLY;
	else if (p->attribute_count > 0 || p->schema_count > 0)
		p->mode = WITHOUT;
	*out = p;
	return SCIM_OK;
}

bool
scim__projection_is_default(const scim__projection *p)
{
	return p == NULL || p->mode == BY_DEFAULT;
}

/* How much of a value is shown. */
enum extent { NOTHING, PART, WHOLE };

/*
 * `returned` decides what a parameter may do: always and never are beyond
 * it, default can be taken away, request has to be asked for by name
 * (@spec 7643-7-17, 7643-7-18, 7643-7-19, 7643-7-20).
 */
static enum extent
extent_of(const scim__projection *p, const scim__attribute *a)
{
	if (a->returned == SCIM__RETURNED_NEVER ||
	    a->mutability == SCIM__WRITE_ONLY)
		return NOTHING; /* @spec 7644-3.9-08 */
	if (a->returned == SCIM__RETURNED_ALWAYS)
		return WHOLE; /* @spec 7644-3.4.2.5-05 */
	if (p == NULL || p->mode != ONLY) {
		if (a->returned == SCIM__RETURNED_REQUEST)
			return NOTHING;
		bool taken = p != NULL && p->mode == WITHOUT &&
		    (has_attribute(p, a) || has_schema_of(p, a));
		return taken ? NOTHING : WHOLE;
	}
	/* @spec 7644-3.4.2.5-02, 7644-3.9-03, 7644-3.9-07 */
	if (has_attribute(p, a) ||
	    (a->returned == SCIM__RETURNED_DEFAULT && has_schema_of(p, a)))
		return WHOLE;
	return has_part(p, a) ? PART : NOTHING;
}

/* `parent` is how much of the attribute around it is shown. */
static bool
shows_sub(
    const scim__projection *p, const scim__attribute *sub, enum extent parent)
{
	if (sub->returned == SCIM__RETURNED_ALWAYS)
		return true;
	if (p == NULL || p->mode != ONLY)
		return extent_of(p, sub) != NOTHING;
	return has_attribute(p, sub) ||
	    (parent == WHOLE && sub->returned == SCIM__RETURNED_DEFAULT);
}

bool
scim__projection_shows(const scim__projection *p, const scim__attribute *a)
{
	return extent_of(p, a) != NOTHING;
}

static void
cut_object(const scim__projection *p, const scim__attribute *a,
    enum extent extent, scim__value *object)
{
	uint32_t kept = 0;

	if (object->kind != SCIM__OBJECT)
		return;
	for (uint32_t i = 0; i < object->count; i++) {
		scim__member *members = object->object.members;
		const scim__attribute *sub =
		    scim__attribute_find(a->sub, a->sub_count, members[i].name);

		if (sub != NULL && shows_sub(p, sub, extent))
			members[kept++] = members[i];
	}
	object->count = kept;
}

static bool
is_empty(const scim__value *value)
{
	return (value->kind == SCIM__OBJECT || value->kind == SCIM__ARRAY) &&
	    value->count == 0;
}

/* Whether all sub-attributes are shown, so that nothing has to be looked
 * at: members can be many. */
static bool
shows_all(
    const scim__projection *p, const scim__attribute *a, enum extent extent)
{
	for (size_t i = 0; i < a->sub_count; i++)
		if (!shows_sub(p, &a->sub[i], extent))
			return false;
	return true;
}

/* False when nothing of the value is left. */
static bool
cut_value(
    const scim__projection *p, const scim__attribute *a, scim__value *value)
{
	enum extent extent = extent_of(p, a);
	uint32_t kept = 0;

	if (extent == NOTHING)
		return false;
	if (shows_all(p, a, extent))
		return true;
	if (value->kind != SCIM__ARRAY) {
		cut_object(p, a, extent, value);
		return !is_empty(value);
	}
	for (uint32_t i = 0; i < value->count; i++) {
		scim__value *items = value->array.items;

		cut_object(p, a, extent, &items[i]);
		if (!is_empty(&items[i]))
			items[kept++] = items[i];
	}
	value->count = kept;
	return kept > 0;
}

static bool
cut_extension(
    const scim__projection *p, const scim__schema *schema, scim__value *object)
{
	uint32_t kept = 0;

	if (object->kind != SCIM__OBJECT)
		return false;
	for (uint32_t i = 0; i < object->count; i++) {
		scim__member *members = object->object.members;
		const scim__attribute *a =
		    scim__attribute_find(schema->attributes,
			schema->attribute_count, members[i].name);

		if (a != NULL && cut_value(p, a, &members[i].value))
			members[kept++] = members[i];
	}
	object->count = kept;
	return kept > 0;
}

static bool
cut_member(const scim__projection *p, const scim_registry *registry,
    const scim__resource_type *type, scim__member *member)
{
	size_t count = 0;
	const scim__attribute *common = scim__registry_common(registry, &count);
	const scim__attribute *a =
	    scim__attribute_find(common, count, member->name);

	if (scim__str_equal(member->name, SCIM_STR("schemas")))
		return true;
	if (a == NULL)
		a = scim__attribute_find(type->schema->attributes,
		    type->schema->attribute_count, member->name);
	if (a != NULL)
		return cut_value(p, a, &member->value);
	for (size_t i = 0; i < type->extension_count; i++) {
		const scim__schema *schema = type->extensions[i].schema;

		if (scim__str_equal_nocase(schema->id, member->name))
			return cut_extension(p, schema, &member->value);
	}
	return false;
}

/* @spec 7644-3.9-01, 7644-3.9-04, 7644-3.4.2.5-04 */
void
scim__projection_apply(const scim__projection *p, const scim_registry *registry,
    const scim__resource_type *type, scim__value *resource)
{
	uint32_t kept = 0;

	if (resource->kind != SCIM__OBJECT)
		return;
	for (uint32_t i = 0; i < resource->count; i++) {
		scim__member *members = resource->object.members;

		if (cut_member(p, registry, type, &members[i]))
			members[kept++] = members[i];
	}
	resource->count = kept;
}
