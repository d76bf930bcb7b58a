/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rows: what a store looks resources up by.
 *
 * A write carries the difference between the rows of two states, so both are
 * made here from the content alone and nothing is read back from the index.
 * They are sorted, which makes the difference one walk over both.  A stored
 * value that no longer fits its attribute, because the schema changed after
 * it was written, has no row: it can't be found by, and hinders nobody.
 */
#include "schema/rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"

/* Rows as they are found. */
struct building {
	scim_arena *arena;
	scim_error *err;
	const scim__value *content;
	struct scim__rows rows;
	size_t index_capacity, unique_capacity;
};

static scim_status
refuse_kind(scim_error *err, const scim__attribute *a, const char *kind)
{
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidFilter",
	    "%.*s is compared with %s.", (int)a->path.len, a->path.ptr, kind);
}

static scim_status
text_value(scim_arena *arena, const scim__attribute *a,
    const scim__value *value, scim_index_value *out, scim_error *err)
{
	if (value->kind != SCIM__STRING)
		return refuse_kind(err, a, "a string");
	scim_str text = value->string;
	if (!a->case_exact) { /* @spec 7643-7-10, 7644-7.8-01 */
		text = scim__str_fold(arena, text);
		if (text.ptr == NULL)
			return scim__fail_memory(err);
	}
	*out = (scim_index_value){ .kind = SCIM_INDEX_TEXT, .text = text };
	return SCIM_OK;
}

static scim_status
boolean_value(const scim__attribute *a, const scim__value *value,
    scim_index_value *out, scim_error *err)
{
	bool yes = value->kind == SCIM__BOOL && value->boolean;
	bool known = value->kind == SCIM__BOOL;

	if (value->kind == SCIM__STRING) {
		yes = scim__str_equal_nocase(value->string, SCIM_STR("true"));
		known = yes ||
		    scim__str_equal_nocase(value->string, SCIM_STR("false"));
	}
	if (!known)
		return refuse_kind(err, a, "true or false");
	*out = (scim_index_value){ .kind = SCIM_INDEX_INTEGER, .integer = yes };
	return SCIM_OK;
}

static scim_status
integer_value(const scim__attribute *a, const scim__value *value,
    scim_index_value *out, scim_error *err)
{
	int64_t integer = 0;

	if (value->kind == SCIM__INTEGER)
		integer = value->integer;
	else if (value->kind == SCIM__REAL && value->real >= -0x1p63 &&
	    value->real < 0x1p63 && (double)(int64_t)value->real == value->real)
		integer = (int64_t)value->real;
	else
		return refuse_kind(err, a, "a number of 64 bits");
	*out = (scim_index_value){ .kind = SCIM_INDEX_INTEGER,
		.integer = integer };
	return SCIM_OK;
}

static scim_status
real_value(scim_arena *arena, const scim__attribute *a,
    const scim__value *value, scim_index_value *out, scim_error *err)
{
	double real = 0;

	if (value->kind == SCIM__INTEGER) {
		real = (double)value->integer;
	} else if (value->kind == SCIM__REAL) {
		real = value->real;
	} else if (value->kind == SCIM__BIG) {
		const char *digits = scim__str_copy_z(arena, value->string);

		if (digits == NULL)
			return scim__fail_memory(err);
		real = strtod(digits, NULL);
	} else {
		return refuse_kind(err, a, "a number");
	}
	*out = (scim_index_value){ .kind = SCIM_INDEX_REAL, .real = real };
	return SCIM_OK;
}

static scim_status
time_value(const scim__attribute *a, const scim__value *value,
    scim_index_value *out, scim_error *err)
{
	int64_t ms = 0;

	if (value->kind != SCIM__STRING ||
	    !scim__time_parse(value->string, &ms))
		return refuse_kind(
		    err, a, "a time such as \"2011-05-13T04:42:34Z\"");
	*out = (scim_index_value){ .kind = SCIM_INDEX_INTEGER, .integer = ms };
	return SCIM_OK;
}

scim_status
scim__index_value(scim_arena *arena, const scim__attribute *a,
    const scim__value *value, scim_index_value *out, scim_error *err)
{
	switch (a->type) {
	case SCIM__TYPE_STRING:
	case SCIM__TYPE_REFERENCE:
	case SCIM__TYPE_BINARY:
		return text_value(arena, a, value, out, err);
	case SCIM__TYPE_BOOLEAN:
		return boolean_value(a, value, out, err);
	case SCIM__TYPE_DECIMAL:
		return real_value(arena, a, value, out, err);
	case SCIM__TYPE_INTEGER:
		return integer_value(a, value, out, err);
	case SCIM__TYPE_DATE_TIME:
		return time_value(a, value, out, err);
	case SCIM__TYPE_COMPLEX:
		break;
	}
	return refuse_kind(err, a, "nothing; name a sub-attribute of it");
}

scim_index_kind
scim__index_kind(const scim__attribute *a)
{
	switch (a->type) {
	case SCIM__TYPE_BOOLEAN:
	case SCIM__TYPE_INTEGER:
	case SCIM__TYPE_DATE_TIME:
		return SCIM_INDEX_INTEGER;
	case SCIM__TYPE_DECIMAL:
		return SCIM_INDEX_REAL;
	case SCIM__TYPE_STRING:
	case SCIM__TYPE_REFERENCE:
	case SCIM__TYPE_BINARY:
	case SCIM__TYPE_COMPLEX:
		break;
	}
	return SCIM_INDEX_TEXT;
}

/* Room for one more row; the array moves when it is full. */
static void *
make_room(
    struct building *b, void *rows, size_t count, size_t *capacity, size_t size)
{
	if (count < *capacity)
		return rows;
	size_t wanted = count == 0 ? 16 : 2 * count;
	void *more = scim__arena_array(b->arena, wanted, size);
	if (more == NULL)
		return NULL;
	if (count > 0)
		memcpy(more, rows, count * size);
	*capacity = wanted;
	return more;
}

static scim_status
add_index_row(
    struct building *b, const scim__attribute *a, scim_index_value value)
{
	scim_index_row *rows = make_room(b, b->rows.index, b->rows.index_count,
	    &b->index_capacity, sizeof(*rows));

	if (rows == NULL)
		return scim__fail_memory(b->err);
	rows[b->rows.index_count++] = (scim_index_row){ a->path, value };
	b->rows.index = rows;
	return SCIM_OK;
}

static scim_status
unique_text(struct building *b, const scim_index_value *value, scim_str *out)
{
	switch (value->kind) {
	case SCIM_INDEX_TEXT:
		*out = value->text;
		return SCIM_OK;
	case SCIM_INDEX_INTEGER:
		*out = scim__str_format(
		    b->arena, "%lld", (long long)value->integer);
		break;
	case SCIM_INDEX_REAL:
		*out = scim__str_format(b->arena, "%.17g", value->real);
		break;
	}
	return out->ptr == NULL ? scim__fail_memory(b->err) : SCIM_OK;
}

static scim_status
add_unique_row(
    struct building *b, const scim__attribute *a, scim_index_value value)
{
	scim_str text = { NULL, 0 };
	scim_status rc = unique_text(b, &value, &text);

	if (rc != SCIM_OK)
		return rc;
	scim_unique_row *rows = make_room(b, b->rows.unique,
	    b->rows.unique_count, &b->unique_capacity, sizeof(*rows));
	if (rows == NULL)
		return scim__fail_memory(b->err);
	rows[b->rows.unique_count++] = (scim_unique_row){ a->path, text };
	b->rows.unique = rows;
	return SCIM_OK;
}

typedef scim_status (*add_row)(
    struct building *b, const scim__attribute *a, scim_index_value value);

static scim_status
add_one(struct building *b, const scim__attribute *a, const scim__value *value,
    add_row add)
{
	scim_index_value indexed;
	scim_status rc =
	    scim__index_value(b->arena, a, value, &indexed, b->err);

	if (rc == SCIM_ERR_INVALID)
		return SCIM_OK;
	return rc == SCIM_OK ? add(b, a, indexed) : rc;
}

/* One value or an array of them; NULL for none. */
static scim_status
add_values(struct building *b, const scim__attribute *a,
    const scim__value *value, add_row add)
{
	if (value == NULL)
		return SCIM_OK;
	if (value->kind != SCIM__ARRAY)
		return add_one(b, a, value, add);
	for (uint32_t i = 0; i < value->count; i++) {
		scim_status rc = add_one(b, a, &value->array.items[i], add);

		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

/* Where a top attribute's value stands: its path less its name and the colon
 * is the URN of its extension. */
static const scim__value *
find_value(const scim__value *content, const scim__attribute *top)
{
	if (top->path.len > top->name.len) {
		scim_str urn = { top->path.ptr,
			top->path.len - top->name.len - 1 };

		content = scim__object_find(content, urn);
	}
	return scim__object_find(content, top->name);
}

static scim_status
add_attribute(struct building *b, const scim__attribute *a, add_row add)
{
	if (a->parent == NULL)
		return add_values(b, a, find_value(b->content, a), add);
	const scim__value *value = find_value(b->content, a->parent);
	if (value == NULL || value->kind != SCIM__ARRAY)
		return add_values(b, a, scim__object_find(value, a->name), add);
	for (uint32_t i = 0; i < value->count; i++) {
		scim_status rc = add_values(b, a,
		    scim__object_find(&value->array.items[i], a->name), add);

		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

static int
compare_values(const scim_index_value *a, const scim_index_value *b)
{
	if (a->kind != b->kind)
		return a->kind < b->kind ? -1 : 1;
	switch (a->kind) {
	case SCIM_INDEX_TEXT:
		return scim__str_compare(a->text, b->text);
	case SCIM_INDEX_INTEGER:
		return (a->integer > b->integer) - (a->integer < b->integer);
	case SCIM_INDEX_REAL:
		return (a->real > b->real) - (a->real < b->real);
	}
	return 0;
}

static int
compare_index(const void *left, const void *right)
{
	const scim_index_row *a = left;
	const scim_index_row *b = right;
	int order = scim__str_compare(a->attribute, b->attribute);

	return order != 0 ? order : compare_values(&a->value, &b->value);
}

static int
compare_unique(const void *left, const void *right)
{
	const scim_unique_row *a = left;
	const scim_unique_row *b = right;
	int order = scim__str_compare(a->attribute, b->attribute);

	return order != 0 ? order : scim__str_compare(a->value, b->value);
}

/* Sorts, leaves one of each, and yields how many are left. */
static size_t
sort_rows(void *rows, size_t count, size_t size,
    int (*order)(const void *, const void *))
{
	char *at = rows;
	size_t kept = count == 0 ? 0 : 1;

	if (count < 2)
		return count;
	qsort(rows, count, size, order);
	for (size_t i = 1; i < count; i++) {
		if (order(at + (kept - 1) * size, at + i * size) == 0)
			continue;
		if (kept != i)
			memcpy(at + kept * size, at + i * size, size);
		kept++;
	}
	return kept;
}

static bool
is_last_modified(const scim__attribute *a)
{
	return a->parent != NULL &&
	    scim__str_equal(a->path, SCIM_STR("meta.lastModified"));
}

scim_status
scim__rows_of(scim_arena *arena, const scim_registry *registry,
    const scim__resource_type *type, const scim__value *content,
    int64_t modified_ms, struct scim__rows *out, scim_error *err)
{
	struct building b = { .arena = arena, .err = err, .content = content };
	scim_status rc = SCIM_OK;

	(void)registry;
	for (size_t i = 0;
	     content != NULL && rc == SCIM_OK && i < type->indexed_count; i++) {
		const scim__attribute *a = type->indexed[i];

		rc = is_last_modified(a)
		    ? add_index_row(&b, a,
			  (scim_index_value){ .kind = SCIM_INDEX_INTEGER,
			      .integer = modified_ms })
		    : add_attribute(&b, a, add_index_row);
	}
	for (size_t i = 0;
	     content != NULL && rc == SCIM_OK && i < type->unique_count; i++)
		rc = add_attribute(&b, type->unique[i], add_unique_row);
	if (rc != SCIM_OK)
		return rc;
	b.rows.index_count = sort_rows(b.rows.index, b.rows.index_count,
	    sizeof(*b.rows.index), compare_index);
	b.rows.unique_count = sort_rows(b.rows.unique, b.rows.unique_count,
	    sizeof(*b.rows.unique), compare_unique);
	*out = b.rows;
	return SCIM_OK;
}

/* Copies to `to` the rows of `from` that `other` does not have. */
static size_t
subtract(const void *from, size_t from_count, const void *other,
    size_t other_count, size_t size, void *to,
    int (*order)(const void *, const void *))
{
	const char *a = from;
	const char *b = other;
	char *out = to;
	size_t kept = 0;

	for (size_t i = 0, k = 0; i < from_count; i++) {
		while (k < other_count && order(b + k * size, a + i * size) < 0)
			k++;
		if (k < other_count && order(b + k * size, a + i * size) == 0)
			continue;
		memcpy(out + kept++ * size, a + i * size, size);
	}
	return kept;
}

scim_status
scim__rows_diff(scim_arena *arena, const struct scim__rows *before,
    const struct scim__rows *after, scim_write *write, scim_error *err)
{
	scim_index_row *index_add =
	    scim__arena_array(arena, after->index_count, sizeof(*index_add));
	scim_index_row *index_remove = scim__arena_array(
	    arena, before->index_count, sizeof(*index_remove));
	scim_unique_row *unique_add =
	    scim__arena_array(arena, after->unique_count, sizeof(*unique_add));
	scim_unique_row *unique_remove = scim__arena_array(
	    arena, before->unique_count, sizeof(*unique_remove));

	if (index_add == NULL || index_remove == NULL || unique_add == NULL ||
	    unique_remove == NULL)
		return scim__fail_memory(err);
	write->index_add_count = subtract(after->index, after->index_count,
	    before->index, before->index_count, sizeof(*index_add), index_add,
	    compare_index);
	write->index_remove_count = subtract(before->index, before->index_count,
	    after->index, after->index_count, sizeof(*index_remove),
	    index_remove, compare_index);
	write->unique_add_count = subtract(after->unique, after->unique_count,
	    before->unique, before->unique_count, sizeof(*unique_add),
	    unique_add, compare_unique);
	write->unique_remove_count = subtract(before->unique,
	    before->unique_count, after->unique, after->unique_count,
	    sizeof(*unique_remove), unique_remove, compare_unique);
	write->index_add = index_add;
	write->index_remove = index_remove;
	write->unique_add = unique_add;
	write->unique_remove = unique_remove;
	return SCIM_OK;
}
