/* SPDX-License-Identifier: Apache-2.0 */
#include "generate.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

static const char *const words[] = { "a", "b", "c", "A", "x y" };
static const char *const values[] = { "p@x", "q@x", "r@x", "P@x" };
static const char *const types[] = { "work", "home", "other", "Work" };
static const char *const times[] = { "2011-05-13T04:42:34Z",
	"2012-05-13T04:42:34Z", "2012-05-13T04:42:34+00:00" };
static const char *const binaries[] = { "QQ==", "Qg==", "Qw==" };
static const char *const members[] = { "u1", "u2", "u3", "u4", "u5" };

#define PICK(rng, list)     \
	scim__value_string( \
	    scim__str((list)[rng_below((rng), scim__countof(list))]))

static void
must(bool fits)
{
	scim__assert(fits); /* a test has memory */
}

static bool
is_named(const scim__attribute *a, const char *name)
{
	return scim__str_equal(a->name, scim__str(name));
}

static scim__value
random_single(struct rng *rng, const scim__attribute *a)
{
	switch (a->type) {
	case SCIM__TYPE_BOOLEAN:
		return scim__value_bool(rng_below(rng, 2) == 0);
	case SCIM__TYPE_INTEGER:
		return scim__value_integer((int64_t)rng_below(rng, 3));
	case SCIM__TYPE_DECIMAL:
		return rng_below(rng, 2) == 0
		    ? scim__value_integer((int64_t)rng_below(rng, 2))
		    : (scim__value){ .kind = SCIM__REAL,
			      .real = 1 + 0.5 * rng_below(rng, 3) };
	case SCIM__TYPE_DATE_TIME:
		return PICK(rng, times);
	case SCIM__TYPE_BINARY:
		return PICK(rng, binaries);
	case SCIM__TYPE_STRING:
	case SCIM__TYPE_REFERENCE:
	case SCIM__TYPE_COMPLEX:
		break;
	}
	if (a->parent != NULL && a->parent->relation)
		return is_named(a, "type")
		    ? scim__value_string(SCIM_STR("User"))
		    : is_named(a, "value") ? PICK(rng, members)
					   : PICK(rng, words);
	if (a->parent != NULL && a->parent->multi_valued) {
		if (is_named(a, "type"))
			return PICK(rng, types);
		if (is_named(a, "value"))
			return PICK(rng, values);
	}
	return PICK(rng, words);
}

static bool
is_writable(const scim__attribute *a)
{
	return a->mutability != SCIM__READ_ONLY &&
	    a->derivation == SCIM__NOT_DERIVED && !is_named(a, "$ref");
}

static bool
is_register(const scim__attribute *sub)
{
	return sub->parent->multi_valued && is_named(sub, "primary");
}

static scim__value
random_sub(scim_arena *arena, struct rng *rng, const scim__attribute *sub)
{
	if (!sub->multi_valued)
		return random_single(rng, sub);
	scim__value list = scim__value_array();
	must(scim__array_add(arena, &list, random_single(rng, sub)));
	if (rng_below(rng, 2) == 0)
		must(scim__array_add(
		    arena, &list, scim__value_string(SCIM_STR("z"))));
	return list;
}

static scim__value
random_complex(scim_arena *arena, struct rng *rng, const scim__attribute *a)
{
	scim__value object = scim__value_object();

	for (size_t i = 0; i < a->sub_count; i++) {
		const scim__attribute *sub = &a->sub[i];
		bool certain =
		    sub->required || (a->relation && is_named(sub, "value"));

		if (!is_writable(sub) || is_register(sub) ||
		    (!certain && rng_below(rng, 3) == 0))
			continue;
		must(scim__object_add(
		    arena, &object, sub->name, random_sub(arena, rng, sub)));
	}
	if (object.count == 0)
		must(scim__object_add(arena, &object, a->sub[0].name,
		    random_sub(arena, rng, &a->sub[0])));
	return object;
}

static scim__value
random_element(scim_arena *arena, struct rng *rng, const scim__attribute *a)
{
	return a->type == SCIM__TYPE_COMPLEX ? random_complex(arena, rng, a)
					     : random_single(rng, a);
}

static uint64_t
fold(uint64_t hash, const scim__value *value, bool exact)
{
	char c = value == NULL ? '?' : (char)('0' + (int)value->kind);

	hash = scim__str_hash(hash, (scim_str){ &c, 1 });
	if (value == NULL)
		return hash;
	if (value->kind == SCIM__BOOL || value->kind == SCIM__INTEGER ||
	    value->kind == SCIM__REAL) {
		scim_str raw = { (const char *)&value->integer, 8 };

		if (value->kind == SCIM__BOOL)
			raw.len = 1;
		return scim__str_hash(hash, raw);
	}
	if (value->kind == SCIM__ARRAY) {
		for (uint32_t i = 0; i < value->count; i++)
			hash = fold(hash, &value->array.items[i], exact);
		return hash;
	}
	for (size_t i = 0; i < value->string.len; i++) {
		c = value->string.ptr[i];
		if (!exact && c >= 'A' && c <= 'Z')
			c = (char)(c - 'A' + 'a');
		hash = scim__str_hash(hash, (scim_str){ &c, 1 });
	}
	c = 0;
	return scim__str_hash(hash, (scim_str){ &c, 1 });
}

static uint64_t
fold_named(uint64_t hash, const scim__attribute *a, const scim__value *e,
    scim_str name)
{
	for (size_t i = 0; i < a->sub_count; i++)
		if (scim__str_equal_nocase(a->sub[i].name, name))
			return fold(hash, scim__object_find(e, a->sub[i].name),
			    a->sub[i].case_exact);
	return fold(hash, NULL, false);
}

static bool
has_value(const scim__attribute *a)
{
	for (size_t i = 0; i < a->sub_count; i++)
		if (is_named(&a->sub[i], "value"))
			return true;
	return false;
}

uint64_t
identity_of(const scim__attribute *a, const scim__value *element)
{
	uint64_t hash = SCIM__STR_HASH_BEGIN;

	if (a->type != SCIM__TYPE_COMPLEX)
		return fold(hash, element, a->case_exact);
	for (size_t i = 0; i < a->identity_count; i++)
		hash = fold_named(hash, a, element, a->identity[i]);
	if (a->identity_count > 0)
		return hash;
	if (!a->atomic && has_value(a)) {
		hash = fold_named(hash, a, element, SCIM_STR("type"));
		return fold_named(hash, a, element, SCIM_STR("value"));
	}
	for (size_t i = 0; i < a->sub_count; i++)
		if (!is_register(&a->sub[i]))
			hash = fold(hash,
			    scim__object_find(element, a->sub[i].name), true);
	return hash;
}

bool
is_primary(const scim__value *element)
{
	const scim__value *flag =
	    scim__object_find(element, SCIM_STR("primary"));

	return flag != NULL && flag->kind == SCIM__BOOL && flag->boolean;
}

/* Whether an element has nothing to be known by: a merge of two may take away
 * all the rest of it, and what is then left of it is nobody's law. */
static bool
is_nameless(const scim__attribute *a, const scim__value *element)
{
	if (a->type != SCIM__TYPE_COMPLEX)
		return false;
	if (has_value(a))
		return scim__object_find(element, SCIM_STR("value")) == NULL &&
		    scim__object_find(element, SCIM_STR("type")) == NULL;
	return element->count ==
	    (scim__object_find(element, SCIM_STR("primary")) != NULL);
}

/* Each identity once, the first one; one primary at most. */
static void
tidy(const scim__attribute *a, scim__value *list)
{
	bool primary = false;

	for (uint32_t i = 0; i < list->count; i++) {
		scim__value *item = &list->array.items[i];
		uint64_t id = identity_of(a, item);
		bool again = false;

		for (uint32_t k = 0; k < i && !again; k++)
			again = identity_of(a, &list->array.items[k]) == id;
		if (again || is_nameless(a, item)) {
			scim__array_remove(list, i--);
			continue;
		}
		if (is_primary(item) && primary)
			(void)scim__object_remove(item, SCIM_STR("primary"));
		primary |= is_primary(item);
	}
}

static bool
has_register(const scim__attribute *a)
{
	for (size_t i = 0; i < a->sub_count; i++)
		if (is_register(&a->sub[i]))
			return true;
	return false;
}

static void
make_primary(scim_arena *arena, struct rng *rng, scim__value *list)
{
	if (list->count == 0)
		return;
	uint32_t chosen = rng_below(rng, list->count + 1);
	for (uint32_t i = 0; i < list->count; i++) {
		scim__value *item = &list->array.items[i];

		(void)scim__object_remove(item, SCIM_STR("primary"));
		if (i == chosen || rng_below(rng, 8) == 0)
			must(scim__object_add(arena, item, SCIM_STR("primary"),
			    scim__value_bool(i == chosen)));
	}
}

static scim__value
random_list(scim_arena *arena, struct rng *rng, const scim__attribute *a)
{
	scim__value list = scim__value_array();
	uint32_t count = rng_below(rng, 4) + a->required;

	for (uint32_t i = 0; i < count; i++)
		must(scim__array_add(
		    arena, &list, random_element(arena, rng, a)));
	if (has_register(a) && rng_below(rng, 2) == 0)
		make_primary(arena, rng, &list);
	tidy(a, &list);
	return list;
}

static scim__value
random_value(scim_arena *arena, struct rng *rng, const scim__attribute *a)
{
	return a->multi_valued ? random_list(arena, rng, a)
			       : random_element(arena, rng, a);
}

/* The section of the document that holds the attribute. */
static scim__value *
home_of(scim_arena *arena, scim__value *document, scim_str urn)
{
	if (urn.len == 0)
		return document;
	scim__value *home = scim__object_find(document, urn);
	if (home == NULL) {
		must(scim__object_add(
		    arena, document, urn, scim__value_object()));
		home = scim__object_find(document, urn);
	}
	return home;
}

static void
set(scim_arena *arena, scim__value *home, const scim__attribute *a,
    scim__value value)
{
	if (value.kind == SCIM__ARRAY && value.count == 0)
		(void)scim__object_remove(home, a->name);
	else
		must(scim__object_set(arena, home, a->name, value));
}

static void
add_required(
    scim_arena *arena, const scim__resource_type *type, scim__value *document)
{
	for (size_t i = 0; i < type->schema->attribute_count; i++) {
		const scim__attribute *a = &type->schema->attributes[i];
		scim__value value = scim__value_string(SCIM_STR("k"));
		scim__value list = scim__value_array();

		if (!a->required)
			continue;
		if (a->multi_valued) {
			must(scim__array_add(arena, &list, value));
			value = list;
		}
		must(scim__object_add(arena, document, a->name, value));
	}
}

static scim__value
fresh(scim_arena *arena, struct rng *rng, const struct law_case *c)
{
	scim__value document = scim__value_object();

	add_required(arena, c->type, &document);
	for (size_t i = 0; i < c->focus_count; i++) {
		const scim__attribute *a = c->focus[i].attribute;

		if (rng_below(rng, 4) == 0)
			continue;
		set(arena, home_of(arena, &document, c->focus[i].urn), a,
		    random_value(arena, rng, a));
	}
	return document;
}

static void
mutate_object(scim_arena *arena, struct rng *rng, const scim__attribute *a,
    scim__value *object)
{
	const scim__attribute *sub =
	    &a->sub[rng_below(rng, (uint32_t)a->sub_count)];

	if (!is_writable(sub) || is_register(sub))
		return;
	if (!sub->required && object->count > 1 && rng_below(rng, 3) == 0)
		(void)scim__object_remove(object, sub->name);
	else
		must(scim__object_set(
		    arena, object, sub->name, random_sub(arena, rng, sub)));
	if (a->relation && scim__object_find(object, SCIM_STR("value")) == NULL)
		must(scim__object_add(
		    arena, object, SCIM_STR("value"), PICK(rng, members)));
}

static void
mutate_list(scim_arena *arena, struct rng *rng, const scim__attribute *a,
    scim__value *list)
{
	uint32_t at = list->count == 0 ? 0 : rng_below(rng, list->count);

	switch (list->count == 0 ? 0 : rng_below(rng, 6)) {
	case 0:
	case 1:
		must(scim__array_add(
		    arena, list, random_element(arena, rng, a)));
		break;
	case 2:
		if (!a->required || list->count > 1)
			scim__array_remove(list, at);
		break;
	case 3:
		if (has_register(a))
			make_primary(arena, rng, list);
		break;
	case 4: {
		scim__value other = list->array.items[at];

		list->array.items[at] = list->array.items[0];
		list->array.items[0] = other;
		break;
	}
	default:
		if (a->type == SCIM__TYPE_COMPLEX)
			mutate_object(arena, rng, a, &list->array.items[at]);
		else
			list->array.items[at] = random_single(rng, a);
	}
	tidy(a, list);
}

static scim__value
mutated(scim_arena *arena, struct rng *rng, const struct law_case *c)
{
	scim__value document;
	uint32_t changes = rng_below(rng, 4);

	must(scim__value_copy(arena, &c->documents[0], &document));
	for (uint32_t i = 0; i < changes; i++) {
		const struct focus *f =
		    &c->focus[rng_below(rng, (uint32_t)c->focus_count)];
		const scim__attribute *a = f->attribute;
		scim__value *home = home_of(arena, &document, f->urn);
		scim__value *value = scim__object_find(home, a->name);

		if (value == NULL ||
		    (!a->multi_valued && a->type != SCIM__TYPE_COMPLEX))
			set(arena, home, a, random_value(arena, rng, a));
		else if (!a->required && rng_below(rng, 6) == 0)
			(void)scim__object_remove(home, a->name);
		else if (!a->multi_valued)
			mutate_object(arena, rng, a, value);
		else {
			mutate_list(arena, rng, a, value);
			set(arena, home, a, *value);
		}
	}
	return document;
}

/* The `index`th attribute of a type, over all its sections. */
static bool
pick_attribute(const struct law_case *c, size_t index, struct focus *out)
{
	size_t common_count = 0;
	const scim__attribute *common =
	    scim__registry_common(c->registry, &common_count);
	const scim__schema *schema = c->type->schema;

	out->urn = (scim_str){ "", 0 };
	out->attribute = &common[index % common_count];
	if (index < common_count)
		return true;
	index -= common_count;
	for (size_t i = 0; i <= c->type->extension_count; i++) {
		if (index < schema->attribute_count) {
			out->attribute = &schema->attributes[index];
			return true;
		}
		index -= schema->attribute_count;
		if (i == c->type->extension_count)
			break;
		schema = c->type->extensions[i].schema;
		out->urn = schema->id;
	}
	return false;
}

static void
choose_focus(struct rng *rng, struct law_case *c)
{
	size_t most = 2 + rng_below(rng, FOCUS_MOST - 1);
	bool secrets = rng_below(rng, 8) == 0;
	struct focus f;
	size_t total = 0;

	while (pick_attribute(c, total, &f))
		total++;
	for (size_t tries = 0; c->focus_count < most && tries < 40; tries++) {
		bool taken = false;

		(void)pick_attribute(c, rng_below(rng, (uint32_t)total), &f);
		for (size_t i = 0; i < c->focus_count; i++)
			taken |= c->focus[i].attribute == f.attribute;
		if (taken || !is_writable(f.attribute) ||
		    f.attribute->mutability == SCIM__IMMUTABLE ||
		    (scim__attribute_is_secret(f.attribute) && !secrets))
			continue;
		c->has_secret |= scim__attribute_is_secret(f.attribute);
		c->focus[c->focus_count++] = f;
	}
}

void
generate(scim_arena *arena, const scim_registry *registry, uint64_t seed,
    struct law_case *out)
{
	static const char *const names[] = { "User", "Thing", "Thing",
		"Group" };
	struct rng rng = { seed };
	struct law_case c = { .registry = registry };

	c.type = scim__registry_type(
	    registry, scim__str(names[rng_below(&rng, 16) % 4]));
	choose_focus(&rng, &c);
	c.documents[0] = fresh(arena, &rng, &c);
	for (size_t i = 1; i < 4; i++)
		c.documents[i] = rng_below(&rng, 5) == 0
		    ? fresh(arena, &rng, &c)
		    : mutated(arena, &rng, &c);
	*out = c;
}
