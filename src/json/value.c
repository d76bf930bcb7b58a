/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tree: looking up, changing, copying and comparing.
 *
 * Objects are arrays of members in the order they came.  The resources of
 * SCIM have tens of names at most, where a walk beats any table, and order
 * kept is what a client expects to get back.
 */
#include "json/value.h"

#include <string.h>

#include "base/arena.h"
#include "base/str.h"

scim__value *
scim__object_find(const scim__value *object, scim_str name)
{
	if (object == NULL || object->kind != SCIM__OBJECT)
		return NULL;
	for (uint32_t i = 0; i < object->count; i++)
		if (scim__str_equal(object->object.members[i].name, name))
			return &object->object.members[i].value;
	return NULL;
}

scim__value *
scim__object_find_nocase(const scim__value *object, scim_str name)
{
	if (object == NULL || object->kind != SCIM__OBJECT)
		return NULL;
	for (uint32_t i = 0; i < object->count; i++)
		if (scim__str_equal_nocase(
			object->object.members[i].name, name))
			return &object->object.members[i].value;
	return NULL;
}

scim_str
scim__object_get_string(const scim__value *object, scim_str name)
{
	const scim__value *value = scim__object_find(object, name);

	if (value == NULL || value->kind != SCIM__STRING)
		return (scim_str){ NULL, 0 };
	return value->string;
}

/*
 * Room for one more after `count` things of `size` bytes.  Yields where they
 * stand now and the capacity, or NULL.
 */
static void *
make_room(scim_arena *arena, void *from, uint32_t count, size_t size,
    size_t *capacity)
{
	if (count < *capacity)
		return from;
	if (count == UINT32_MAX)
		return NULL;
	size_t wanted = count == 0 ? 4 : (size_t)count * 2;
	void *to = scim__arena_array(arena, wanted, size);
	if (to == NULL)
		return NULL;
	if (count > 0)
		memcpy(to, from, count * size);
	*capacity = wanted;
	return to;
}

bool
scim__object_add(
    scim_arena *arena, scim__value *object, scim_str name, scim__value value)
{
	size_t capacity = object->object.capacity;
	scim__member *members = make_room(arena, object->object.members,
	    object->count, sizeof(*members), &capacity);

	if (members == NULL)
		return false;
	members[object->count] = (scim__member){ name, value };
	object->object.members = members;
	object->object.capacity = capacity;
	object->count++;
	return true;
}

bool
scim__object_set(
    scim_arena *arena, scim__value *object, scim_str name, scim__value value)
{
	scim__value *there = scim__object_find(object, name);

	if (there == NULL)
		return scim__object_add(arena, object, name, value);
	*there = value;
	return true;
}

bool
scim__object_remove(scim__value *object, scim_str name)
{
	scim__member *members = object->object.members;

	for (uint32_t i = 0; i < object->count; i++) {
		if (!scim__str_equal(members[i].name, name))
			continue;
		memmove(&members[i], &members[i + 1],
		    (object->count - i - 1) * sizeof(*members));
		object->count--;
		return true;
	}
	return false;
}

bool
scim__object_merge(
    scim_arena *arena, scim__value *into, const scim__value *from)
{
	for (uint32_t i = 0; i < from->count; i++) {
		const scim__member *m = &from->object.members[i];
		scim__value *there = scim__object_find(into, m->name);
		bool is_part = there != NULL && there->kind == SCIM__OBJECT &&
		    m->value.kind == SCIM__OBJECT;

		if (is_part ? !scim__object_merge(arena, there, &m->value)
			    : !scim__object_add(arena, into, m->name, m->value))
			return false;
	}
	return true;
}

bool
scim__array_add(scim_arena *arena, scim__value *array, scim__value value)
{
	size_t capacity = array->array.capacity;
	scim__value *items = make_room(
	    arena, array->array.items, array->count, sizeof(*items), &capacity);

	if (items == NULL)
		return false;
	items[array->count] = value;
	array->array.items = items;
	array->array.capacity = capacity;
	array->count++;
	return true;
}

void
scim__array_remove(scim__value *array, size_t index)
{
	scim__value *items = array->array.items;

	if (index >= array->count)
		return;
	memmove(&items[index], &items[index + 1],
	    (array->count - index - 1) * sizeof(*items));
	array->count--;
}

static bool
copy_items(scim_arena *arena, const scim__value *from, scim__value *out)
{
	scim__value *items =
	    scim__arena_array(arena, from->count, sizeof(*items));

	if (items == NULL)
		return false;
	for (uint32_t i = 0; i < from->count; i++)
		if (!scim__value_copy(arena, &from->array.items[i], &items[i]))
			return false;
	*out = (scim__value){ .kind = SCIM__ARRAY, .count = from->count };
	out->array.items = items;
	out->array.capacity = from->count;
	return true;
}

static bool
copy_members(scim_arena *arena, const scim__value *from, scim__value *out)
{
	scim__member *members =
	    scim__arena_array(arena, from->count, sizeof(*members));

	if (members == NULL)
		return false;
	for (uint32_t i = 0; i < from->count; i++) {
		const scim__member *m = &from->object.members[i];

		members[i].name = scim__str_copy(arena, m->name);
		if (members[i].name.ptr == NULL ||
		    !scim__value_copy(arena, &m->value, &members[i].value))
			return false;
	}
	*out = (scim__value){ .kind = SCIM__OBJECT, .count = from->count };
	out->object.members = members;
	out->object.capacity = from->count;
	return true;
}

bool
scim__value_copy(scim_arena *arena, const scim__value *from, scim__value *out)
{
	scim__value copy = *from;

	switch (from->kind) {
	case SCIM__NULL:
	case SCIM__BOOL:
	case SCIM__INTEGER:
	case SCIM__REAL:
		break;
	case SCIM__BIG:
	case SCIM__STRING:
		copy.string = scim__str_copy(arena, from->string);
		if (copy.string.ptr == NULL)
			return false;
		break;
	case SCIM__ARRAY:
		return copy_items(arena, from, out);
	case SCIM__OBJECT:
		return copy_members(arena, from, out);
	}
	*out = copy;
	return true;
}

static bool
equal_items(const scim__value *a, const scim__value *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++)
		if (!scim__value_equal(&a->array.items[i], &b->array.items[i]))
			return false;
	return true;
}

/* Looks at `hint` first: two copies of one object mostly agree in order. */
static const scim__value *
find_near(const scim__value *object, scim_str name, uint32_t hint)
{
	const scim__member *m = &object->object.members[hint];

	if (scim__str_equal(m->name, name))
		return &m->value;
	return scim__object_find(object, name);
}

static bool
equal_members(const scim__value *a, const scim__value *b)
{
	if (a->count != b->count)
		return false;
	for (uint32_t i = 0; i < a->count; i++) {
		const scim__member *m = &a->object.members[i];
		const scim__value *other = find_near(b, m->name, i);

		if (other == NULL || !scim__value_equal(&m->value, other))
			return false;
	}
	return true;
}

bool
scim__value_equal(const scim__value *a, const scim__value *b)
{
	if (a->kind != b->kind)
		return false;
	switch (a->kind) {
	case SCIM__NULL:
		return true;
	case SCIM__BOOL:
		return a->boolean == b->boolean;
	case SCIM__INTEGER:
		return a->integer == b->integer;
	case SCIM__REAL:
		return a->real == b->real;
	case SCIM__BIG:
	case SCIM__STRING:
		return scim__str_equal(a->string, b->string);
	case SCIM__ARRAY:
		return equal_items(a, b);
	case SCIM__OBJECT:
		return equal_members(a, b);
	}
	return false;
}
