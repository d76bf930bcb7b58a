/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values a resource derives from others.
 *
 * A walk over memberships goes up from the member, breadth first, and keeps
 * a visited set, because groups may hold each other in cycles (RFC 7643
 * section 4.2).  What is found is sorted by id, so that the same memberships
 * always show, and hash, the same.
 */
#include "provider/derived.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/str.h"
#include "base/table.h"
#include "version/tag.h"
#include "json/json.h"

#define PAGE 256

/* One step up from a member. */
struct holder {
	scim_str id;
	scim_str type;
	bool direct;
};

struct walk {
	scim_arena *arena;
	scim_txn *txn;
	const scim_context *context;
	scim_str self;
	struct holder *found; /* in the order found: a queue, too */
	size_t count, capacity;
	scim__buf *hashed; /* what the derived half of the tag is over */
	scim__table seen;  /* the ids of `found`, in their order */
};

static void
note_source(struct scim__derived *derived, scim_str id)
{
	if (derived->source_count < SCIM__DERIVED_SOURCES)
		derived->sources[derived->source_count] = id;
	derived->source_count++;
}

static bool
grow(struct walk *w)
{
	size_t capacity = w->capacity == 0 ? 32 : w->capacity * 2;
	struct holder *found =
	    scim_arena_alloc(w->arena, capacity * sizeof(*found));

	if (found == NULL)
		return false;
	if (w->count > 0)
		memcpy(found, w->found, w->count * sizeof(*found));
	w->found = found;
	w->capacity = capacity;
	return true;
}

static bool
note(struct walk *w, const scim_membership *m, bool direct)
{
	if (scim__str_equal(m->id, w->self))
		return true;
	if (w->count == w->capacity && !grow(w))
		return false;
	size_t at = scim__table_enter(&w->seen, m->id);
	if (at == w->count)
		w->found[w->count++] =
		    (struct holder){ m->id, m->type, direct };
	return at != SCIM__TABLE_NONE;
}

/* Notes everything that has `value` as a member. */
static scim_status
climb(struct walk *w, scim_str value, bool direct, scim_error *err)
{
	scim_str after = { "", 0 };

	for (;;) {
		scim_membership *page = NULL;
		size_t count = 0;
		scim_status rc = scim__store_memberships(w->txn, w->arena,
		    w->context->tenant, value, after, PAGE, &page, &count, err);

		if (rc != SCIM_OK)
			return rc;
		for (size_t i = 0; i < count; i++)
			if (!note(w, &page[i], direct))
				return scim__fail_memory(err);
		if (count < PAGE)
			return SCIM_OK;
		after = page[count - 1].id;
	}
}

static int
by_id(const void *a, const void *b)
{
	const struct holder *x = a, *y = b;

	return scim__str_compare(x->id, y->id);
}

/* What a look at another resource found. */
struct found {
	bool exists;
	scim_str value; /* ptr NULL: it has no such string */
};

static scim_status
look_up(scim_arena *arena, scim_txn *txn, const scim_key *key, scim_str name,
    struct found *out, scim_error *err)
{
	scim_record record = { 0 };
	scim_status rc =
	    scim__store_get(txn, arena, key, SCIM_RECORD_CONTENT, &record, err);

	*out = (struct found){ .exists = rc == SCIM_OK };
	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	if (rc != SCIM_OK)
		return rc;

	scim__value content;
	rc = scim__json_parse_trusted(arena, record.content, &content, err);
	if (rc == SCIM_OK)
		out->value = scim__object_get_string(&content, name);
	return rc;
}

static bool
add_string(scim_arena *arena, scim__value *object, scim_str name, scim_str s)
{
	return s.ptr == NULL ||
	    scim__object_add(arena, object, name, scim__value_string(s));
}

/* URLs are left out: they depend on who asks. */
static void
hash_holder(struct walk *w, scim_str id, scim_str display, scim_str kind)
{
	scim__json_write_string(w->hashed, id);
	scim__json_write_string(w->hashed, display);
	scim__json_write_string(w->hashed, kind);
}

static scim_status
show_holder(struct walk *w, const struct holder *holder, scim__value *list,
    scim_error *err)
{
	const scim__resource_type *type =
	    scim__registry_type(w->context->registry, holder->type);
	if (type == NULL)
		return SCIM_OK;

	struct found group;
	scim_key key = scim__key(w->context, type, holder->id);
	scim_status rc = look_up(
	    w->arena, w->txn, &key, SCIM_STR("displayName"), &group, err);
	if (rc != SCIM_OK)
		return rc;

	scim_str ref = scim__location(w->arena, w->context, type, holder->id);
	scim_str kind =
	    holder->direct ? SCIM_STR("direct") : SCIM_STR("indirect");
	scim__value element = scim__value_object();
	if (ref.ptr == NULL ||
	    !add_string(w->arena, &element, SCIM_STR("value"), holder->id) ||
	    !add_string(w->arena, &element, SCIM_STR("$ref"), ref) ||
	    !add_string(w->arena, &element, SCIM_STR("display"), group.value) ||
	    !add_string(w->arena, &element, SCIM_STR("type"), kind) ||
	    !scim__array_add(w->arena, list, element))
		return scim__fail_memory(err);
	hash_holder(w, holder->id, group.value, kind);
	return SCIM_OK;
}

/* `groups`: everything that holds `id`, directly or through others. */
static scim_status
from_relation(struct walk *w, scim__value *out, scim_error *err)
{
	scim_status rc = climb(w, w->self, true, err);

	for (size_t i = 0; rc == SCIM_OK && i < w->count; i++)
		rc = climb(w, w->found[i].id, false, err);
	if (rc != SCIM_OK)
		return rc;

	if (w->count > 1)
		qsort(w->found, w->count, sizeof(*w->found), by_id);
	for (size_t i = 0; rc == SCIM_OK && i < w->count; i++)
		rc = show_holder(w, &w->found[i], out, err);
	return rc;
}

/* The schema an attribute comes from when that is an extension; else NULL. */
static const scim__schema *
extension_of(const scim__resource_type *type, const scim__attribute *attribute)
{
	for (size_t i = 0; i < type->extension_count; i++) {
		const scim__schema *s = type->extensions[i].schema;

		if (attribute >= s->attributes &&
		    attribute < s->attributes + s->attribute_count)
			return s;
	}
	return NULL;
}

/* Which type the sibling `$ref` may point to: the first one named. */
static const scim__resource_type *
referred_type(const scim_context *context, const scim__attribute *parent)
{
	const scim__attribute *ref = scim__attribute_find(
	    parent->sub, parent->sub_count, SCIM_STR("$ref"));

	if (ref == NULL || ref->reference_type_count == 0)
		return NULL;
	return scim__registry_type(context->registry, ref->reference_types[0]);
}

/* Where a complex attribute stands in a document; NULL: nowhere. */
static const scim__value *
home_of(const scim__schema *extension, const scim__value *content)
{
	return extension == NULL ? content
				 : scim__object_find(content, extension->id);
}

/* The object with what was found in it. */
static bool
complete(struct walk *w, const scim__resource_type *target,
    const scim__attribute *attribute, scim_str id, const struct found *found,
    scim__value *object)
{
	scim_str ref = scim__location(w->arena, w->context, target, id);

	if (ref.ptr == NULL ||
	    !scim__object_set(
		w->arena, object, SCIM_STR("$ref"), scim__value_string(ref)))
		return false;
	scim__json_write_string(w->hashed, attribute->path);
	scim__json_write_string(w->hashed, found->value);
	return found->value.ptr == NULL ||
	    scim__object_set(w->arena, object, attribute->name,
		scim__value_string(found->value));
}

/* Lays the completed object over the document, or over its extension. */
static bool
lay_over(struct walk *w, const scim__schema *extension, const scim__value *home,
    scim_str name, scim__value object, scim__value *values)
{
	scim__value over = scim__value_object();

	if (extension == NULL)
		return scim__object_set(w->arena, values, name, object);
	const scim__value *before = scim__object_find(values, extension->id);
	return scim__value_copy(
		   w->arena, before != NULL ? before : home, &over) &&
	    scim__object_set(w->arena, &over, name, object) &&
	    scim__object_set(w->arena, values, extension->id, over);
}

/* manager.displayName and its like, with the `$ref` beside it. */
static scim_status
from_reference(struct walk *w, const scim__resource_type *type,
    const scim__attribute *attribute, const scim__value *content,
    struct scim__derived *derived, scim_error *err)
{
	const scim__attribute *parent = attribute->parent;
	const scim__schema *extension = extension_of(type, parent);
	const scim__value *home = home_of(extension, content);
	const scim__value *stored =
	    home == NULL ? NULL : scim__object_find(home, parent->name);
	const scim__resource_type *target = referred_type(w->context, parent);
	scim_str id = stored == NULL
	    ? (scim_str){ NULL, 0 }
	    : scim__object_get_string(stored, attribute->derived_via);
	if (id.ptr == NULL || target == NULL)
		return SCIM_OK;

	struct found found;
	scim_key key = scim__key(w->context, target, id);
	scim_status rc = look_up(
	    w->arena, w->txn, &key, attribute->derived_attribute, &found, err);
	note_source(derived, id);
	if (rc != SCIM_OK || !found.exists)
		return rc;

	scim__value object;
	if (!scim__value_copy(w->arena, stored, &object) ||
	    !complete(w, target, attribute, id, &found, &object) ||
	    !lay_over(
		w, extension, home, parent->name, object, &derived->values))
		return scim__fail_memory(err);
	return SCIM_OK;
}

static scim_status
read_one(struct walk *w, const scim__resource_type *type,
    const scim__attribute *attribute, scim_str content,
    struct scim__derived *out, scim_error *err)
{
	scim__value value = scim__value_array();
	scim_status rc;

	if (attribute->derivation == SCIM__FROM_RELATION) {
		rc = from_relation(w, &value, err);
		for (size_t i = 0; rc == SCIM_OK && i < w->count; i++)
			note_source(out, w->found[i].id);
		if (rc != SCIM_OK || value.count == 0)
			return rc;
		return scim__object_set(
			   w->arena, &out->values, attribute->name, value)
		    ? SCIM_OK
		    : scim__fail_memory(err);
	}
	/* A document without the reference's name needs no parsing. */
	if (attribute->parent == NULL ||
	    !scim__str_contains(content, attribute->parent->name))
		return SCIM_OK;
	rc = scim__json_parse_trusted(w->arena, content, &value, err);
	if (rc != SCIM_OK)
		return rc;
	return from_reference(w, type, attribute, &value, out, err);
}

scim_status
scim__derived_read(scim_txn *txn, const scim_context *context,
    const scim__resource_type *type, scim_str id, scim_str content,
    struct scim__derived *out, scim_error *err)
{
	struct scim__derived derived = { .values = scim__value_object() };
	scim__buf hashed;

	scim__buf_init(&hashed, context->arena, SIZE_MAX);
	for (size_t i = 0; i < type->derived_count; i++) {
		struct walk w = { .arena = context->arena,
			.txn = txn,
			.context = context,
			.self = id,
			.hashed = &hashed };

		scim__table_init(&w.seen, w.arena, txn->store->env);
		scim_status rc = read_one(
		    &w, type, type->derived[i], content, &derived, err);

		if (rc != SCIM_OK)
			return rc;
	}
	if (scim__buf_failed(&hashed))
		return scim__fail_memory(err);
	derived.any = hashed.len > 0;
	scim_status rc = derived.any
	    ? scim__derived_hash(scim__buf_str(&hashed), derived.hash, err)
	    : SCIM_OK;
	if (rc == SCIM_OK)
		*out = derived;
	return rc;
}
