/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sorting.
 *
 * Values are compared in the form in which the index holds them, so that an
 * index, where there is one, has just this order: text by bytes, folded
 * unless it is exact, times by milliseconds.  What is equal stands in the
 * order of creation, so no page has what another had.
 */
#include "provider/sort.h"

#include "base/error.h"
#include "base/str.h"
#include "filter/bind.h"
#include "filter/eval.h"

static int
compare_numbers(const scim_index_value *a, const scim_index_value *b)
{
	double x, y;

	if (a->kind == SCIM_INDEX_INTEGER && b->kind == SCIM_INDEX_INTEGER)
		return (a->integer > b->integer) - (a->integer < b->integer);
	x = a->kind == SCIM_INDEX_REAL ? a->real : (double)a->integer;
	y = b->kind == SCIM_INDEX_REAL ? b->real : (double)b->integer;
	return (x > y) - (x < y);
}

/* Two types may have one name for a number and for a text. */
static int
compare_values(const scim_index_value *a, const scim_index_value *b)
{
	bool a_text = a->kind == SCIM_INDEX_TEXT;
	bool b_text = b->kind == SCIM_INDEX_TEXT;

	if (a_text != b_text)
		return a_text ? 1 : -1;
	return a_text ? scim__str_compare(a->text, b->text)
		      : compare_numbers(a, b);
}

/* @spec 7644-3.4.2.3-05, 7644-3.4.2.3-08, 7644-3.4.2.3-10 */
int
scim__place_compare(const struct scim__sort *sort, const struct scim__place *a,
    const struct scim__place *b)
{
	int order = 0;

	if (sort->by.ptr == NULL && a->rank != b->rank)
		return a->rank < b->rank ? -1 : 1;
	if (sort->by.ptr != NULL && a->has_value != b->has_value)
		return a->has_value == sort->missing_first ? 1 : -1;
	if (sort->by.ptr != NULL && a->has_value)
		order = compare_values(&a->value, &b->value);
	if (order == 0)
		order =
		    (a->position > b->position) - (a->position < b->position);
	return sort->descending ? -order : order;
}

bool
scim__place_copy(
    scim_arena *arena, const struct scim__place *from, struct scim__place *to)
{
	struct scim__place copy = *from;

	if (from->has_value && from->value.kind == SCIM_INDEX_TEXT) {
		copy.value.text = scim__str_copy(arena, from->value.text);
		if (copy.value.text.ptr == NULL)
			return false;
	}
	*to = copy;
	return true;
}

size_t
scim__type_rank(const scim_registry *registry, const scim__resource_type *type)
{
	size_t rank = 0, count = scim__registry_type_count(registry);

	while (rank < count && scim__registry_type_at(registry, rank) != type)
		rank++;
	return rank;
}

/* What has parts is sorted by its `value`, if it has one. */
static const scim__attribute *
part_to_sort_by(const scim__attribute *a)
{
	const scim__attribute *value = a;

	if (a->type == SCIM__TYPE_COMPLEX)
		value = scim__attribute_find(
		    a->sub, a->sub_count, SCIM_STR("value"));
	return value == NULL || scim__attribute_is_secret(value) ? NULL : value;
}

const scim__attribute *
scim__sort_attribute(const scim_registry *registry,
    const scim__resource_type *type, const struct scim__sort *sort)
{
	const scim__attribute *a = sort->by.ptr == NULL
	    ? NULL
	    : scim__filter_attribute(registry, type, sort->by);

	return a == NULL ? NULL : part_to_sort_by(a);
}

bool
scim__sort_walks(const scim__attribute *a)
{
	return a->indexed && !a->multi_valued &&
	    (a->parent == NULL || !a->parent->multi_valued);
}

/* @spec 7644-3.4.2.3-06, 7644-3.4.2.3-07 */
static scim_status
read_order(scim_str order, bool *out_descending, scim_error *err)
{
	bool down = scim__str_equal_nocase(order, SCIM_STR("descending"));

	if (order.ptr != NULL && !down &&
	    !scim__str_equal_nocase(order, SCIM_STR("ascending")))
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "sortOrder is ascending or descending.");
	*out_descending = down;
	return SCIM_OK;
}

static scim_status
refuse_by(scim_str by, bool known, scim_error *err)
{
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidPath",
	    known ? "sortBy names %.*s, which has parts: name one of them "
		    "after a dot."
		  : "sortBy names \"%.*s\", which is no attribute to sort by.",
	    (int)(by.len < 90 ? by.len : 90), by.ptr);
}

/* @spec 7644-3.4.2.3-02, 7644-3.4.2.3-04 */
scim_status
scim__sort_parse(const scim_registry *registry, const scim__resource_type *type,
    scim_str by, scim_str order, struct scim__sort *out, scim_error *err)
{
	struct scim__sort sort = { .by = by };
	size_t count = type != NULL ? 1 : scim__registry_type_count(registry);
	bool known = false, usable = false, always = false;
	scim_status rc = read_order(order, &sort.descending, err);

	if (rc != SCIM_OK)
		return rc;
	for (size_t i = 0; by.ptr != NULL && i < count; i++) {
		const scim__resource_type *t =
		    type != NULL ? type : scim__registry_type_at(registry, i);
		const scim__attribute *a =
		    scim__sort_attribute(registry, t, &sort);

		usable = usable || a != NULL;
		known =
		    known || scim__filter_attribute(registry, t, by) != NULL;
		always = type != NULL && a != NULL && a->required && !a->parent;
	}
	if (by.ptr != NULL && !usable)
		return refuse_by(by, known, err);
	if (by.ptr == NULL)
		sort.descending = false;
	/* Some may lack what is required: it was not, when they were made. */
	sort.missing_first = sort.descending && !always;
	*out = sort;
	return SCIM_OK;
}

/* @spec 7644-3.4.2.3-03 */
static const scim__value *
primary_or_first(const scim__value *v)
{
	if (v == NULL || v->kind != SCIM__ARRAY)
		return v;
	for (uint32_t i = 0; i < v->count; i++) {
		const scim__value *primary =
		    scim__object_find(&v->array.items[i], SCIM_STR("primary"));

		if (primary != NULL && primary->kind == SCIM__BOOL &&
		    primary->boolean)
			return &v->array.items[i];
	}
	return v->count > 0 ? &v->array.items[0] : NULL;
}

scim_status
scim__sort_value(scim_arena *arena, const scim__attribute *a,
    const scim__value *resource, struct scim__place *place, scim_error *err)
{
	const scim__attribute *top = a->parent != NULL ? a->parent : a;
	const scim__value *v =
	    primary_or_first(scim__filter_find_top(resource, top));
	scim_index_value value;

	place->has_value = false;
	if (v != NULL && a->parent != NULL)
		v = primary_or_first(scim__object_find(v, a->name));
	if (v == NULL || v->kind == SCIM__NULL)
		return SCIM_OK;
	/* A value that no longer fits its attribute is none. */
	scim_status rc = scim__index_value(arena, a, v, &value, NULL);
	if (rc == SCIM_ERR_INVALID)
		return SCIM_OK;
	if (rc != SCIM_OK)
		return scim__fail_memory(err);
	place->has_value = true;
	place->value = value;
	return SCIM_OK;
}
