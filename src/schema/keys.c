/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Which attribute each member of a request means.
 *
 * Names ignore case, and two that differ in nothing else are an error rather
 * than a matter of which comes last.  Providers also send paths as names,
 * "name.givenName" or "urn:…:User:department"; those are taken apart here
 * and never stored as they stand.  They come second, so that a path can add
 * to an object whatever the order of the request.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/check.h"

struct keys {
	struct scim__checking *checking;
	struct scim__section *sections;
	size_t count;
};

/* What a name turned out to mean. */
struct target {
	struct scim__section *section; /* NULL: nothing */
	const scim__attribute *attribute;
	const scim__attribute *sub; /* NULL: the whole attribute */
};

static scim_status
refuse_twice(struct keys *k, const scim__attribute *a)
{
	return scim__check_fail_type(k->checking, "invalidSyntax", a,
	    "is there twice (names ignore case): send it once.");
}

static const scim__attribute *
find_in(const struct scim__section *section, scim_str name)
{
	return scim__attribute_find(section->attributes, section->count, name);
}

static scim__value **
place_of(const struct target *to)
{
	return &to->section->given[to->attribute - to->section->attributes];
}

static scim_status
put_whole(struct keys *k, const struct target *to, scim__value *value)
{
	scim__value **place = place_of(to);

	if (*place != NULL) /* @spec 7643-2.1-04 */
		return refuse_twice(k, to->attribute);
	*place = value;
	return SCIM_OK;
}

/* The object there becomes one of our own, the request stays as it is. */
static scim_status
put_part(struct keys *k, const struct target *to, scim__value *value)
{
	scim_arena *arena = k->checking->arena;
	scim__value **place = place_of(to);
	scim__value *object = scim_arena_alloc(arena, sizeof(*object));

	if (object == NULL)
		return scim__fail_memory(k->checking->err);
	*object = scim__value_object();
	if (*place != NULL && (*place)->kind != SCIM__OBJECT)
		return refuse_twice(k, to->attribute);
	if (scim__object_find_nocase(*place, to->sub->name) != NULL)
		return refuse_twice(k, to->sub);
	for (uint32_t i = 0; *place != NULL && i < (*place)->count; i++) {
		const scim__member *m = &(*place)->object.members[i];

		if (!scim__object_add(arena, object, m->name, m->value))
			return scim__fail_memory(k->checking->err);
	}
	if (!scim__object_add(arena, object, to->sub->name, *value))
		return scim__fail_memory(k->checking->err);
	*place = object;
	return SCIM_OK;
}

/* "name" or "name.givenName" in one section. */
static bool
resolve_in(struct scim__section *section, scim_str path, struct target *out)
{
	const char *dot =
	    path.len == 0 ? NULL : memchr(path.ptr, '.', path.len);
	size_t len = dot == NULL ? path.len : (size_t)(dot - path.ptr);
	struct target to = { .section = section };

	to.attribute = find_in(section, (scim_str){ path.ptr, len });
	if (to.attribute == NULL)
		return false;
	if (dot != NULL) {
		to.sub = scim__attribute_find(to.attribute->sub,
		    to.attribute->sub_count,
		    (scim_str){ dot + 1, path.len - len - 1 });
		if (to.sub == NULL)
			return false;
	}
	*out = to;
	return true;
}

/* The URN of the type's schema stands for the top. */
static bool
resolve_below_urn(
    struct keys *k, scim_str path, char separator, struct target *out)
{
	for (size_t i = 1; i < k->count; i++) {
		scim_str urn = k->sections[i].urn;

		if (path.len <= urn.len || path.ptr[urn.len] != separator ||
		    !scim__str_equal_nocase(
			(scim_str){ path.ptr, urn.len }, urn))
			continue;
		scim_str rest = { path.ptr + urn.len + 1,
			path.len - urn.len - 1 };
		if (resolve_in(&k->sections[i], rest, out) ||
		    (i == 1 && resolve_in(&k->sections[0], rest, out)))
			return true;
	}
	return false;
}

/* @spec 7644-3.10-01, 7643-3-09 */
static scim_status
put_path(struct keys *k, struct scim__section *only, scim__member *member)
{
	struct target to = { .section = NULL };
	unsigned quirk = SCIM__QUIRK_DOTTED_KEY;

	if (only != NULL) {
		(void)resolve_in(only, member->name, &to);
	} else if (!resolve_below_urn(k, member->name, ':', &to) &&
	    !resolve_in(&k->sections[0], member->name, &to) &&
	    !resolve_in(&k->sections[1], member->name, &to) &&
	    resolve_below_urn(k, member->name, '.', &to)) {
		quirk = SCIM__QUIRK_URN_DOT;
		if ((k->checking->leniency & SCIM__LENIENT_MANAGER) == 0)
			return scim__check_fail_type(k->checking,
			    "invalidSyntax", to.attribute,
			    "has a dot before it: put a colon after the "
			    "URN.");
	}
	if (to.section == NULL) {
		k->checking->quirks |= SCIM__QUIRK_UNKNOWN_ATTRIBUTE;
		return SCIM_OK;
	}
	k->checking->quirks |= quirk;
	return to.sub == NULL ? put_whole(k, &to, &member->value)
			      : put_part(k, &to, &member->value);
}

/* @spec 7643-3.3-03, 7643-3.3-05 */
static scim_status
put_extension(
    struct keys *k, struct scim__section *section, const scim__value *value)
{
	bool rest = false;

	if (section->seen)
		return scim__fail_type(k->checking->err, SCIM_ERR_INVALID,
		    "invalidSyntax",
		    "%.*s is there twice (names ignore case): send it once.",
		    (int)section->urn.len, section->urn.ptr);
	section->seen = true;
	section->cleared = scim__is_unassigned(value);
	if (section->cleared)
		return SCIM_OK;
	if (value->kind != SCIM__OBJECT)
		return scim__fail_type(k->checking->err, SCIM_ERR_INVALID,
		    "invalidValue", "%.*s must be an object of its attributes.",
		    (int)section->urn.len, section->urn.ptr);
	for (uint32_t i = 0; i < value->count; i++) {
		scim__member *member = &value->object.members[i];
		struct target to = { .section = section };

		to.attribute = find_in(section, member->name);
		rest |= to.attribute == NULL;
		scim_status rc = to.attribute == NULL
		    ? SCIM_OK
		    : put_whole(k, &to, &member->value);
		if (rc != SCIM_OK)
			return rc;
	}
	for (uint32_t i = 0; rest && i < value->count; i++) {
		scim__member *member = &value->object.members[i];
		scim_status rc = find_in(section, member->name) != NULL
		    ? SCIM_OK
		    : put_path(k, section, member);

		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

/* `*out_known` tells whether the name was one as it stands. */
static scim_status
put_name(struct keys *k, scim__member *member, bool *out_known)
{
	*out_known = true;
	for (size_t i = 0; i < 2; i++) {
		struct target to = { .section = &k->sections[i] };

		to.attribute = find_in(to.section, member->name);
		if (to.attribute != NULL)
			return put_whole(k, &to, &member->value);
	}
	for (size_t i = 2; i < k->count; i++)
		if (scim__str_equal_nocase(k->sections[i].urn, member->name))
			return put_extension(
			    k, &k->sections[i], &member->value);
	*out_known = false;
	return SCIM_OK;
}

static scim_status
sort_members(
    struct keys *k, const scim__value *request, struct scim__sections *out)
{
	scim__member *members = request->object.members;
	bool *done = scim__arena_array(
	    k->checking->arena, request->count, sizeof(*done));
	scim_status rc = SCIM_OK;

	if (done == NULL)
		return scim__fail_memory(k->checking->err);
	for (uint32_t i = 0; rc == SCIM_OK && i < request->count; i++) {
		if (!scim__str_equal_nocase(
			members[i].name, SCIM_STR("schemas"))) {
			rc = put_name(k, &members[i], &done[i]);
			continue;
		}
		if (out->schemas != NULL)
			return scim__fail_type(k->checking->err,
			    SCIM_ERR_INVALID, "invalidSyntax",
			    "schemas is there twice (names ignore case): "
			    "send it once.");
		out->schemas = &members[i].value;
		done[i] = true;
	}
	for (uint32_t i = 0; rc == SCIM_OK && i < request->count; i++)
		if (!done[i])
			rc = put_path(k, NULL, &members[i]);
	return rc;
}

static bool
make_section(scim_arena *arena, const scim__schema *schema, bool required,
    struct scim__section *out)
{
	*out = (struct scim__section){
		.urn = schema->id,
		.attributes = schema->attributes,
		.count = schema->attribute_count,
		.given = scim__arena_array(
		    arena, schema->attribute_count, sizeof(*out->given)),
		.required = required,
	};
	return out->given != NULL;
}

scim_status
scim__check_keys(struct scim__checking *ck, const scim_registry *registry,
    const scim__resource_type *type, const scim__value *request,
    struct scim__sections *out)
{
	struct scim__sections found = { .count = 2 + type->extension_count };
	scim__schema common = { .id = { "", 0 } };

	if (request->kind != SCIM__OBJECT)
		return scim__fail_type(ck->err, SCIM_ERR_INVALID,
		    "invalidSyntax", "A resource must be a JSON object.");
	common.attributes =
	    scim__registry_common(registry, &common.attribute_count);
	found.items =
	    scim__arena_array(ck->arena, found.count, sizeof(*found.items));
	bool made = found.items != NULL &&
	    make_section(ck->arena, &common, true, &found.items[0]) &&
	    make_section(ck->arena, type->schema, true, &found.items[1]);
	for (size_t i = 0; made && i < type->extension_count; i++)
		made = make_section(ck->arena, type->extensions[i].schema,
		    type->extensions[i].required, &found.items[2 + i]);
	if (!made)
		return scim__fail_memory(ck->err);
	struct keys keys = { ck, found.items, found.count };
	scim_status rc = sort_members(&keys, request, &found);
	if (rc == SCIM_OK)
		*out = found;
	return rc;
}
