/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Multi-valued attributes: arrays of values (RFC 7643 section 2.4).
 *
 * The order sent is kept.  Elements that are equal in everything are one.
 * They are found by sorting, not by comparing each with each: a request may
 * hold a hundred thousand.  Equality by sorting needs no look-up of names,
 * because complex.c gives all elements their members in one order.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/check.h"

static int
order_of_items(const scim__value *a, const scim__value *b)
{
	int order = 0;

	for (uint32_t i = 0; order == 0 && i < a->count && i < b->count; i++)
		order =
		    scim__value_order(&a->array.items[i], &b->array.items[i]);
	if (order == 0 && a->count != b->count)
		order = a->count < b->count ? -1 : 1;
	return order;
}

static int
order_of_members(const scim__value *a, const scim__value *b)
{
	int order = 0;

	for (uint32_t i = 0; order == 0 && i < a->count && i < b->count; i++) {
		const scim__member *m = &a->object.members[i];
		const scim__member *n = &b->object.members[i];

		order = scim__str_compare(m->name, n->name);
		if (order == 0)
			order = scim__value_order(&m->value, &n->value);
	}
	if (order == 0 && a->count != b->count)
		order = a->count < b->count ? -1 : 1;
	return order;
}

/* Elements are two deep at most: an object, and arrays in it. */
int
scim__value_order(const scim__value *a, const scim__value *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	switch (a->kind) {
	case SCIM__NULL:
		return 0;
	case SCIM__BOOL:
		return (int)a->boolean - (int)b->boolean;
	case SCIM__INTEGER:
		return (a->integer > b->integer) - (a->integer < b->integer);
	case SCIM__REAL:
		return (a->real > b->real) - (a->real < b->real);
	case SCIM__BIG:
	case SCIM__STRING:
		return scim__str_compare(a->string, b->string);
	case SCIM__ARRAY:
		return order_of_items(a, b);
	case SCIM__OBJECT:
		return order_of_members(a, b);
	}
	return 0;
}

static int
by_content(const void *left, const void *right)
{
	const scim__value *const *a = left;
	const scim__value *const *b = right;

	return scim__value_order(*a, *b);
}

static void
take_out_nulls(scim__value *array)
{
	uint32_t kept = 0;

	for (uint32_t i = 0; i < array->count; i++)
		if (array->array.items[i].kind != SCIM__NULL)
			array->array.items[kept++] = array->array.items[i];
	array->count = kept;
}

/* Pointers to the items in the order of `order`. */
static scim__value **
sort_items(struct scim__checking *ck, const scim__value *array,
    int (*order)(const void *, const void *))
{
	scim__value **sorted =
	    scim__arena_array(ck->arena, array->count, sizeof(*sorted));

	if (sorted == NULL)
		return NULL;
	for (uint32_t i = 0; i < array->count; i++)
		sorted[i] = &array->array.items[i];
	qsort(sorted, array->count, sizeof(*sorted), order);
	return sorted;
}

scim_status
scim__list_unique(struct scim__checking *ck, scim__value *array,
    int (*order)(const void *, const void *), bool last_wins)
{
	if (array->count < 2)
		return SCIM_OK;
	scim__value **sorted = sort_items(ck, array, order);
	if (sorted == NULL)
		return scim__fail_memory(ck->err);
	/* The sort may not be stable: among equals, where they stand tells
	 * the first from the last. */
	scim__value *winner = sorted[0];
	for (uint32_t i = 1; i < array->count; i++) {
		scim__value *next = sorted[i];

		if (order(&winner, &next) != 0) {
			winner = next;
			continue;
		}
		if ((next > winner) == last_wins) {
			winner->kind = SCIM__NULL;
			winner = next;
		} else {
			next->kind = SCIM__NULL;
		}
	}
	take_out_nulls(array);
	return SCIM_OK;
}

scim_status
scim__list_same(struct scim__checking *ck, const scim__value *a,
    const scim__value *b, bool *out)
{
	bool same = a->count == b->count;

	if (same && a->count > 0) {
		scim__value **left = sort_items(ck, a, by_content);
		scim__value **right = sort_items(ck, b, by_content);

		if (left == NULL || right == NULL)
			return scim__fail_memory(ck->err);
		for (uint32_t i = 0; same && i < a->count; i++)
			same = scim__value_order(left[i], right[i]) == 0;
	}
	*out = same;
	return SCIM_OK;
}

scim_status
scim__list_items(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, const scim__value **out_items, size_t *out_count)
{
	bool is_object = in->kind == SCIM__OBJECT;

	if (in->kind == SCIM__ARRAY) {
		*out_items = in->array.items;
		*out_count = in->count;
		return SCIM_OK;
	}
	if ((ck->leniency & SCIM__LENIENT_SINGLE_VALUE) == 0 ||
	    is_object != (a->type == SCIM__TYPE_COMPLEX))
		return scim__check_fail(ck, a, "must be an array of values.");
	ck->quirks |= SCIM__QUIRK_SINGLE_VALUE;
	*out_items = in;
	*out_count = 1;
	return SCIM_OK;
}

/* @spec 7643-2.4-04 */
static scim_status
check_primary(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *array)
{
	const scim__attribute *primary =
	    scim__attribute_find(a->sub, a->sub_count, SCIM_STR("primary"));
	size_t count = 0;

	if (primary == NULL || primary->type != SCIM__TYPE_BOOLEAN)
		return SCIM_OK;
	for (uint32_t i = 0; i < array->count; i++) {
		const scim__value *value =
		    scim__object_find(&array->array.items[i], primary->name);

		count += value != NULL && value->boolean;
	}
	if (count > 1)
		return scim__check_fail(ck, a,
		    "has more than one primary value: mark one at most.");
	return SCIM_OK;
}

scim_status
scim__check_list(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	const scim__value *items = NULL;
	size_t count = 0;
	size_t outer = ck->index;
	scim_status rc = scim__list_items(ck, a, in, &items, &count);

	if (rc != SCIM_OK)
		return rc;
	scim__value array = scim__value_array();
	array.array.items = scim__arena_array(ck->arena, count, sizeof(*items));
	array.array.capacity = count;
	if (array.array.items == NULL)
		return scim__fail_memory(ck->err);
	for (size_t i = 0; i < count; i++) {
		scim__value *element = &array.array.items[array.count];

		if (scim__is_unassigned(&items[i]))
			continue;
		if (a->parent == NULL)
			ck->index = i;
		rc = scim__check_single(ck, a, &items[i], element);
		if (rc != SCIM_OK)
			return rc;
		array.count += element->kind != SCIM__NULL;
	}
	ck->index = outer;
	rc = scim__list_unique(ck, &array, by_content, false);
	if (rc == SCIM_OK)
		rc = check_primary(ck, a, &array);
	if (rc != SCIM_OK)
		return rc;
	if (array.count == 0)
		array = (scim__value){ .kind = SCIM__NULL };
	*out = array;
	return SCIM_OK;
}
