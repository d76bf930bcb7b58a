/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Unseen parts of elements across a replace.
 *
 * A client that reads a list and sends it back was not shown sub-attributes
 * that are returned on request, so they are taken over from the stored
 * element that is the same one: by the identity that the schema declares, or
 * else by all that the client could see.  An element that is not sent goes
 * with everything in it.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "schema/check.h"

/* A stored element under what identifies it. */
struct keyed {
	scim__value key;
	const scim__value *element;
};

static bool
is_unseen(const scim__attribute *sub)
{
	return sub->returned == SCIM__RETURNED_REQUEST;
}

static bool
identifies(const scim__attribute *a, const scim__attribute *sub)
{
	if (a->identity_count == 0)
		return !is_unseen(sub);
	for (size_t i = 0; i < a->identity_count; i++)
		if (scim__attribute_find(
			a->sub, a->sub_count, a->identity[i]) == sub)
			return true;
	return false;
}

/* The identifying members, in the order of the schema. */
static bool
make_key(scim_arena *arena, const scim__attribute *a,
    const scim__value *element, scim__value *out)
{
	scim__value key = scim__value_object();

	for (size_t i = 0; i < a->sub_count; i++) {
		const scim__value *part =
		    scim__object_find(element, a->sub[i].name);

		if (part == NULL || !identifies(a, &a->sub[i]))
			continue;
		if (!scim__object_add(arena, &key, a->sub[i].name, *part))
			return false;
	}
	*out = key;
	return true;
}

static int
by_key(const void *left, const void *right)
{
	const struct keyed *a = left;
	const struct keyed *b = right;

	return scim__value_order(&a->key, &b->key);
}

static bool
take_over(scim_arena *arena, const scim__attribute *a,
    const scim__value *stored, scim__value *element)
{
	for (size_t i = 0; i < a->sub_count; i++) {
		const scim__attribute *sub = &a->sub[i];
		const scim__value *part = scim__object_find(stored, sub->name);

		if (part == NULL || !is_unseen(sub) ||
		    scim__object_find(element, sub->name) != NULL)
			continue;
		if (!scim__object_add(arena, element, sub->name, *part))
			return false;
	}
	return true;
}

static bool
has_unseen(const scim__attribute *a)
{
	for (size_t i = 0; i < a->sub_count; i++)
		if (is_unseen(&a->sub[i]))
			return true;
	return false;
}

scim_status
scim__keep_elements(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *current, scim__value *value)
{
	if (!has_unseen(a) || value->kind != SCIM__ARRAY ||
	    current->kind != SCIM__ARRAY || current->count == 0)
		return SCIM_OK;
	struct keyed *stored =
	    scim__arena_array(ck->arena, current->count, sizeof(*stored));
	if (stored == NULL)
		return scim__fail_memory(ck->err);
	for (uint32_t i = 0; i < current->count; i++) {
		stored[i].element = &current->array.items[i];
		if (!make_key(ck->arena, a, stored[i].element, &stored[i].key))
			return scim__fail_memory(ck->err);
	}
	qsort(stored, current->count, sizeof(*stored), by_key);
	for (uint32_t i = 0; i < value->count; i++) {
		struct keyed wanted;

		if (!make_key(
			ck->arena, a, &value->array.items[i], &wanted.key))
			return scim__fail_memory(ck->err);
		const struct keyed *found = bsearch(
		    &wanted, stored, current->count, sizeof(*stored), by_key);
		if (found != NULL &&
		    !take_over(
			ck->arena, a, found->element, &value->array.items[i]))
			return scim__fail_memory(ck->err);
	}
	return SCIM_OK;
}
