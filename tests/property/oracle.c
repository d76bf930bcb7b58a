/* SPDX-License-Identifier: Apache-2.0 */
#include "oracle.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

static uint64_t
mix(uint64_t a, uint64_t b)
{
	a ^= b + UINT64_C(0x9E3779B97F4A7C15) + (a << 6) + (a >> 2);
	a *= UINT64_C(0xBF58476D1CE4E5B9);
	return a ^ (a >> 29);
}

/* Octet by octet; the order of members does not count. */
static uint64_t
hash_value(const scim__value *value, bool without_primary)
{
	uint64_t hash = (uint64_t)value->kind + 1;

	switch (value->kind) {
	case SCIM__NULL:
		return hash;
	case SCIM__BOOL:
		return mix(hash, value->boolean);
	case SCIM__INTEGER:
	case SCIM__REAL:
		return mix(hash, (uint64_t)value->integer);
	case SCIM__BIG:
	case SCIM__STRING:
		return mix(
		    hash, scim__str_hash(SCIM__STR_HASH_BEGIN, value->string));
	case SCIM__ARRAY:
		for (uint32_t i = 0; i < value->count; i++)
			hash = mix(
			    hash, hash_value(&value->array.items[i], false));
		return hash;
	case SCIM__OBJECT:
		break;
	}
	for (uint32_t i = 0; i < value->count; i++) {
		const scim__member *m = &value->object.members[i];

		if (without_primary &&
		    scim__str_equal(m->name, SCIM_STR("primary")))
			continue;
		hash += mix(scim__str_hash(SCIM__STR_HASH_BEGIN, m->name),
		    hash_value(&m->value, false));
	}
	return hash;
}

static bool
is_nothing(const scim__value *value)
{
	return value == NULL || value->kind == SCIM__NULL ||
	    ((value->kind == SCIM__ARRAY || value->kind == SCIM__OBJECT) &&
		value->count == 0);
}

static void
add(scim_arena *arena, struct cells *cells, struct cell cell)
{
	if (cells->count == cells->room) {
		size_t room = cells->room == 0 ? 64 : cells->room * 2;
		struct cell *items =
		    scim__arena_array(arena, room, sizeof(*items));

		scim__assert(items != NULL);
		if (cells->count > 0)
			memcpy(
			    items, cells->items, cells->count * sizeof(*items));
		cells->items = items;
		cells->room = room;
	}
	cell.value |= cell.value == 0;
	cells->items[cells->count++] = cell;
}

static uint64_t
key_of_list(const scim__attribute *a)
{
	return mix(1, (uint64_t)(uintptr_t)a);
}

static uint64_t
key_of_unit(const scim__attribute *a, const scim__value *element)
{
	return mix(key_of_list(a), identity_of(a, element));
}

static bool
is_whole(const scim__attribute *a)
{
	for (size_t i = 0; i < a->sub_count; i++)
		if (scim__str_equal(a->sub[i].name, SCIM_STR("value")))
			return a->atomic && a->identity_count == 0;
	return a->identity_count == 0;
}

static void
add_subs(scim_arena *arena, struct cells *cells, struct cell like,
    const scim__value *object)
{
	for (size_t i = 0; i < like.attribute->sub_count; i++) {
		const scim__attribute *sub = &like.attribute->sub[i];
		const scim__value *value = scim__object_find(object, sub->name);
		struct cell cell = like;

		if (is_nothing(value) ||
		    (like.attribute->multi_valued &&
			scim__str_equal(sub->name, SCIM_STR("primary"))))
			continue;
		cell.key = mix(like.unit == 0 ? like.list : like.unit, i + 7);
		cell.value = hash_value(value, false);
		cell.kind = CELL_VALUE;
		cell.is_guarded |= sub->guard;
		add(arena, cells, cell);
	}
}

static void
add_element(scim_arena *arena, struct cells *cells, struct cell like,
    const scim__value *element)
{
	const scim__attribute *a = like.attribute;

	like.unit = key_of_unit(a, element);
	like.key = like.unit;
	like.value = 1;
	like.kind = CELL_PRESENCE;
	for (size_t i = 0; i < cells->count; i++)
		cells->has_twins |= cells->items[i].key == like.key;
	add(arena, cells, like);
	if (is_primary(element)) {
		struct cell primary = { mix(like.list, 3), like.unit, 0,
			like.list, a, CELL_PRIMARY, a->guard };

		for (size_t i = 0; i < cells->count; i++)
			cells->has_twins |= cells->items[i].key == primary.key;
		add(arena, cells, primary);
	}
	if (a->type == SCIM__TYPE_COMPLEX && !a->atomic && !is_whole(a)) {
		add_subs(arena, cells, like, element);
		return;
	}
	if (a->type == SCIM__TYPE_COMPLEX && is_whole(a))
		return;
	like.key = mix(like.unit, 5);
	like.value = hash_value(element, true);
	like.kind = CELL_VALUE;
	add(arena, cells, like);
}

static void
add_attribute(scim_arena *arena, struct cells *cells, const scim__attribute *a,
    const scim__value *value)
{
	struct cell cell = {
		.key = key_of_list(a),
		.list = key_of_list(a),
		.attribute = a,
		.is_guarded = a->guard,
	};

	if (is_nothing(value) || a->mutability == SCIM__READ_ONLY)
		return;
	if (a->multi_valued && !scim__attribute_is_secret(a)) {
		for (uint32_t i = 0; i < value->count; i++)
			add_element(arena, cells, cell, &value->array.items[i]);
	} else if (a->type == SCIM__TYPE_COMPLEX && !a->atomic) {
		add_subs(arena, cells, cell, value);
	} else {
		cell.value = hash_value(value, false);
		add(arena, cells, cell);
	}
}

static int
by_key(const void *left, const void *right)
{
	const struct cell *a = left, *b = right;

	return (a->key > b->key) - (a->key < b->key);
}

void
cells_of(scim_arena *arena, const struct law_case *c,
    const scim__value *document, struct cells *out)
{
	size_t count = 0;
	const scim__attribute *common =
	    scim__registry_common(c->registry, &count);
	const scim__schema *schema = c->type->schema;

	*out = (struct cells){ 0 };
	for (size_t i = 0; i < count; i++)
		add_attribute(arena, out, &common[i],
		    scim__object_find(document, common[i].name));
	for (size_t i = 0; i < schema->attribute_count; i++)
		add_attribute(arena, out, &schema->attributes[i],
		    scim__object_find(document, schema->attributes[i].name));
	for (size_t k = 0; k < c->type->extension_count; k++) {
		schema = c->type->extensions[k].schema;
		const scim__value *home =
		    scim__object_find(document, schema->id);

		for (size_t i = 0; i < schema->attribute_count; i++)
			add_attribute(arena, out, &schema->attributes[i],
			    scim__object_find(
				home, schema->attributes[i].name));
	}
	qsort(out->items, out->count, sizeof(*out->items), by_key);
}

uint64_t
cell_value(const struct cells *cells, uint64_t key)
{
	size_t low = 0, high = cells->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (cells->items[middle].key < key)
			low = middle + 1;
		else
			high = middle;
	}
	return low < cells->count && cells->items[low].key == key
	    ? cells->items[low].value
	    : 0;
}

/* A relation's texts follow whoever was first to add the member. */
static bool
is_shown_text(const struct cells *base, const struct cell *cell)
{
	return cell->attribute->relation && cell->kind == CELL_VALUE &&
	    cell_value(base, cell->unit) == 0;
}

bool
cells_equal(const struct cells *a, const struct cells *b)
{
	const struct cells *both[] = { a, b };

	for (size_t k = 0; k < 2; k++)
		for (size_t i = 0; i < both[k]->count; i++) {
			const struct cell *cell = &both[k]->items[i];

			if (cell->attribute->relation &&
			    cell->kind == CELL_VALUE)
				continue;
			if (cell_value(both[1 - k], cell->key) != cell->value)
				return false;
		}
	return true;
}

/* One rule: both changed it, and not alike.  Two secrets are never alike. */
static bool
cell_conflicts(const struct cells cells[3], const struct cell *cell)
{
	uint64_t base = cell_value(&cells[SCIM__BASE], cell->key);
	uint64_t ours = cell_value(&cells[SCIM__OURS], cell->key);
	uint64_t theirs = cell_value(&cells[SCIM__THEIRS], cell->key);

	if (base == ours || base == theirs ||
	    is_shown_text(&cells[SCIM__BASE], cell))
		return false;
	return ours != theirs || scim__attribute_is_secret(cell->attribute);
}

/* One side removed the element, and here the other changed a part of it. */
static bool
removed_and_changed(const struct cells cells[3], const struct cell *cell,
    enum scim__side gone, enum scim__side stays)
{
	return cell->unit != 0 && cell->kind == CELL_VALUE &&
	    cell_value(&cells[SCIM__BASE], cell->unit) != 0 &&
	    cell_value(&cells[gone], cell->unit) == 0 &&
	    cell_value(&cells[stays], cell->unit) != 0 &&
	    cell_value(&cells[stays], cell->key) !=
	    cell_value(&cells[SCIM__BASE], cell->key);
}

/* The register changes by one side and names what the other removed. */
static bool
primary_is_gone(const struct cells cells[3], const struct cell *cell)
{
	uint64_t base = cell_value(&cells[SCIM__BASE], cell->key);
	uint64_t ours = cell_value(&cells[SCIM__OURS], cell->key);
	uint64_t theirs = cell_value(&cells[SCIM__THEIRS], cell->key);
	uint64_t named = ours != base ? ours : theirs;

	if (cell->kind != CELL_PRIMARY || named == 0)
		return false;
	bool in_base = cell_value(&cells[SCIM__BASE], named) != 0;
	bool in_ours = cell_value(&cells[SCIM__OURS], named) != 0;
	bool in_theirs = cell_value(&cells[SCIM__THEIRS], named) != 0;
	return in_base ? !(in_ours && in_theirs) : !(in_ours || in_theirs);
}

static const scim__value *
list_in(const scim__value *document, const struct focus *f)
{
	const scim__value *home =
	    f->urn.len == 0 ? document : scim__object_find(document, f->urn);

	return scim__object_find(home, f->attribute->name);
}

static bool
is_of_type(const scim__value *element, scim_str type)
{
	scim_str other = scim__object_get_string(element, SCIM_STR("type"));

	return other.ptr != NULL && scim__str_equal_nocase(other, type);
}

/* Whether `side` added an element of the type that `other` has not. */
static bool
adds_alone(const struct focus *f, const scim__value *const documents[3],
    const struct cells cells[3], scim_str type, enum scim__side side)
{
	const scim__value *list = list_in(documents[side], f);
	enum scim__side other = side == SCIM__OURS ? SCIM__THEIRS : SCIM__OURS;

	for (uint32_t i = 0; list != NULL && i < list->count; i++) {
		const scim__value *e = &list->array.items[i];
		uint64_t unit = key_of_unit(f->attribute, e);

		if (is_of_type(e, type) &&
		    cell_value(&cells[SCIM__BASE], unit) == 0 &&
		    cell_value(&cells[other], unit) == 0)
			return true;
	}
	return false;
}

static bool
slot_conflicts(const struct focus *f, const scim__value *const documents[3],
    const struct cells cells[3])
{
	const scim__value *list = list_in(documents[SCIM__BASE], f);

	if (!f->attribute->slot)
		return false;
	for (uint32_t i = 0; list != NULL && i < list->count; i++) {
		const scim__value *e = &list->array.items[i];
		uint64_t unit = key_of_unit(f->attribute, e);
		scim_str type = scim__object_get_string(e, SCIM_STR("type"));

		if (type.ptr == NULL ||
		    cell_value(&cells[SCIM__OURS], unit) != 0 ||
		    cell_value(&cells[SCIM__THEIRS], unit) != 0)
			continue;
		if (adds_alone(f, documents, cells, type, SCIM__OURS) &&
		    adds_alone(f, documents, cells, type, SCIM__THEIRS))
			return true;
	}
	return false;
}

bool
must_conflict(const struct law_case *c, const scim__value *const documents[3],
    const struct cells cells[3])
{
	for (size_t side = 0; side < 3; side++)
		for (size_t i = 0; i < cells[side].count; i++) {
			const struct cell *cell = &cells[side].items[i];

			if (cell_conflicts(cells, cell) ||
			    removed_and_changed(
				cells, cell, SCIM__OURS, SCIM__THEIRS) ||
			    removed_and_changed(
				cells, cell, SCIM__THEIRS, SCIM__OURS) ||
			    primary_is_gone(cells, cell))
				return true;
		}
	for (size_t i = 0; i < c->focus_count; i++)
		if (slot_conflicts(&c->focus[i], documents, cells))
			return true;
	return false;
}

static bool
is_lost(const struct cells cells[3], const struct cells *merged,
    const struct cell *cell)
{
	uint64_t base = cell_value(&cells[SCIM__BASE], cell->key);
	uint64_t ours = cell_value(&cells[SCIM__OURS], cell->key);
	uint64_t theirs = cell_value(&cells[SCIM__THEIRS], cell->key);

	if (is_shown_text(&cells[SCIM__BASE], cell))
		return false;
	return cell_value(merged, cell->key) != (ours != base ? ours : theirs);
}

const struct cell *
first_lost(const struct cells cells[3], const struct cells *merged)
{
	for (size_t side = 0; side < 3; side++)
		for (size_t i = 0; i < cells[side].count; i++)
			if (is_lost(cells, merged, &cells[side].items[i]))
				return &cells[side].items[i];
	for (size_t i = 0; i < merged->count; i++)
		if (is_lost(cells, merged, &merged->items[i]))
			return &merged->items[i];
	return NULL;
}
