/* SPDX-License-Identifier: Apache-2.0 */
/*
 * References between the operations of a bulk request (RFC 7644 section
 * 3.7.2).
 *
 * Whatever is to be created has its id before anything runs, so a reference
 * is replaced here, once, wherever it stands: in strings of `data`, in the
 * path of an operation, in the value paths of a PATCH.  What is left of it is
 * an edge, "this one after that one".  Operations on one resource keep the
 * order they were sent in, too.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"
#include "provider/bulk.h"
#include "provider/combine.h"

#define PREFIX SCIM_STR("bulkId:")

/* An item by a text of its own; sorted, since a client chooses the texts. */
struct name {
	scim_str text;
	uint32_t number;
};

struct resolving {
	scim__bulk *bulk;
	struct name *created; /* POSTs by their bulkId */
	size_t created_count;
	uint32_t item; /* the one looked at */
	struct scim__bulk_edge *needs;
	size_t count, capacity;
	scim_error *err; /* why to give up */
};

static int
by_text(const void *a, const void *b)
{
	const struct name *x = a, *y = b;
	int order = scim__str_compare(x->text, y->text);

	return order != 0 ? order
			  : (x->number > y->number) - (x->number < y->number);
}

static void
sort(struct name *names, size_t count)
{
	if (count > 1)
		qsort(names, count, sizeof(*names), by_text);
}

static int
has_text(const void *text, const void *name)
{
	return scim__str_compare(
	    *(const scim_str *)text, ((const struct name *)name)->text);
}

/* @spec 7644-3.7-08 */
static scim_status
check_bulk_ids(struct resolving *r)
{
	const scim__bulk *bulk = r->bulk;
	struct name *all = r->created;
	size_t count = 0;

	for (uint32_t i = 0; i < bulk->count; i++)
		if (bulk->items[i].bulk_id.ptr != NULL)
			all[count++] =
			    (struct name){ bulk->items[i].bulk_id, i };
	sort(all, count);
	for (size_t i = 1; i < count; i++) {
		scim_str text = all[i].text;

		if (scim__str_equal(text, all[i - 1].text))
			return scim__fail_type(r->err, SCIM_ERR_INVALID,
			    "invalidValue",
			    "Two operations have the bulkId \"%.*s\": each "
			    "must have its own.",
			    (int)(text.len < 64 ? text.len : 64), text.ptr);
	}
	for (size_t i = 0; i < count; i++)
		if (bulk->items[all[i].number].steps == &scim__create_steps)
			r->created[r->created_count++] = all[i];
	return SCIM_OK;
}

/* Ids for what is to be created. */
static scim_status
give_out_ids(struct resolving *r)
{
	scim__bulk *bulk = r->bulk;

	r->created = scim__arena_array(
	    bulk->arena, bulk->count + 1, sizeof(*r->created));
	if (r->created == NULL)
		return scim__fail_memory(r->err);
	scim_status rc = check_bulk_ids(r);
	for (size_t i = 0; rc == SCIM_OK && i < r->created_count; i++) {
		struct scim__bulk_item *item =
		    &bulk->items[r->created[i].number];
		if (item->was_created)
			continue;
		char *id = scim_arena_alloc(bulk->arena, SCIM__UUID_LEN + 1);

		if (id == NULL)
			return scim__fail_memory(r->err);
		scim__uuid_make(bulk->provider->env, id);
		item->id = scim__str(id);
	}
	return rc;
}

static scim_status
add_edge(struct resolving *r, uint32_t needs)
{
	if (r->count == r->capacity) {
		size_t capacity = 16 + 2 * r->capacity;
		struct scim__bulk_edge *more =
		    scim__arena_array(r->bulk->arena, capacity, sizeof(*more));

		if (more == NULL)
			return scim__fail_memory(r->err);
		if (r->count > 0)
			memcpy(more, r->needs, r->count * sizeof(*more));
		r->needs = more;
		r->capacity = capacity;
	}
	r->needs[r->count++] = (struct scim__bulk_edge){ r->item, needs };
	return SCIM_OK;
}

/*
 * What `bulkId:X` stands for, and that it is needed.  One that nobody
 * creates breaks the operation, and stays what it is.
 * @spec 7644-3.7.2-04
 */
static scim_status
resolve(struct resolving *r, scim_str reference, scim_str *out)
{
	const scim__bulk *bulk = r->bulk;
	scim_str name = { reference.ptr + PREFIX.len,
		reference.len - PREFIX.len };
	const struct name *created = bsearch(
	    &name, r->created, r->created_count, sizeof(*r->created), has_text);
	scim_error why;

	*out = reference;
	if (created == NULL) {
		(void)scim__fail_type(&why, SCIM_ERR_INVALID, "invalidValue",
		    "bulkId:%.*s: no POST of this request has that bulkId.",
		    (int)(name.len < 64 ? name.len : 64), name.ptr);
		scim__bulk_break(&bulk->items[r->item], &why);
		return SCIM_OK;
	}
	*out = bulk->items[created->number].id;
	return add_edge(r, created->number);
}

/* `"bulkId:X"` inside the path of a PATCH operation. */
static scim_status
resolve_in_path(struct resolving *r, scim_str *path)
{
	const scim_str quoted = SCIM_STR("\"bulkId:");
	scim__buf buf;
	size_t at = 0;

	if (!scim__str_contains(*path, quoted))
		return SCIM_OK;
	scim__buf_init(&buf, r->bulk->arena, SIZE_MAX);
	while (at < path->len) {
		scim_str rest = { path->ptr + at, path->len - at };
		const char *end = scim__str_starts_with(rest, quoted)
		    ? memchr(rest.ptr + 1, '"', rest.len - 1)
		    : NULL;
		scim_str id;

		scim__buf_add_char(&buf, rest.ptr[0]);
		at++;
		if (end == NULL)
			continue;
		scim_str reference = { rest.ptr + 1,
			(size_t)(end - rest.ptr) - 1 };
		scim_status rc = resolve(r, reference, &id);
		if (rc != SCIM_OK)
			return rc;
		scim__buf_add(&buf, id);
		at += reference.len;
	}
	if (scim__buf_failed(&buf))
		return scim__fail_memory(r->err);
	*path = scim__buf_str(&buf);
	return SCIM_OK;
}

/* Every string of a tree, no deeper than it was parsed. */
static scim_status
resolve_in(struct resolving *r, scim__value *value)
{
	scim_status rc = SCIM_OK;

	if (value->kind == SCIM__STRING &&
	    scim__str_starts_with(value->string, PREFIX))
		return resolve(r, value->string, &value->string);
	if (value->kind == SCIM__ARRAY)
		for (uint32_t i = 0; rc == SCIM_OK && i < value->count; i++)
			rc = resolve_in(r, &value->array.items[i]);
	if (value->kind == SCIM__OBJECT)
		for (uint32_t i = 0; rc == SCIM_OK && i < value->count; i++)
			rc = resolve_in(r, &value->object.members[i].value);
	return rc;
}

static scim_status
resolve_in_patch(struct resolving *r, const scim__value *patch)
{
	scim__value *operations =
	    scim__object_find_nocase(patch, SCIM_STR("Operations"));
	scim_status rc = SCIM_OK;

	if (operations == NULL || operations->kind != SCIM__ARRAY)
		return SCIM_OK;
	for (uint32_t i = 0; rc == SCIM_OK && i < operations->count; i++) {
		scim__value *path = scim__object_find_nocase(
		    &operations->array.items[i], SCIM_STR("path"));

		if (path != NULL && path->kind == SCIM__STRING)
			rc = resolve_in_path(r, &path->string);
	}
	return rc;
}

static scim_status
resolve_item(struct resolving *r)
{
	struct scim__bulk_item *item = &r->bulk->items[r->item];
	scim_status rc = SCIM_OK;

	item->first_need = r->count;
	if (item->is_broken)
		return SCIM_OK;
	if (item->id.ptr != NULL && scim__str_starts_with(item->id, PREFIX))
		rc = resolve(r, item->id, &item->id);
	/* The tree is ours: it was parsed for this request. */
	if (rc == SCIM_OK && item->data != NULL)
		rc = resolve_in(r, (scim__value *)item->data);
	if (rc == SCIM_OK && item->data != NULL &&
	    (item->steps == &scim__patch_steps ||
		item->steps == &scim__combine_steps))
		rc = resolve_in_patch(r, item->data);
	item->need_count = r->count - item->first_need;
	return rc;
}

/* "After the one before it that has the same target."
 * @spec 7644-3.7-22 */
static scim_status
chain_targets(struct resolving *r)
{
	const scim__bulk *bulk = r->bulk;
	struct name *targets =
	    scim__arena_array(bulk->arena, bulk->count + 1, sizeof(*targets));
	scim_status rc = SCIM_OK;
	size_t count = 0;

	if (targets == NULL)
		return scim__fail_memory(r->err);
	for (uint32_t i = 0; i < bulk->count; i++)
		if (!bulk->items[i].is_broken &&
		    bulk->items[i].steps != &scim__create_steps)
			targets[count++] =
			    (struct name){ bulk->items[i].id, i };
	sort(targets, count);
	for (size_t i = 1; rc == SCIM_OK && i < count; i++) {
		r->item = targets[i].number;
		if (scim__str_equal(targets[i].text, targets[i - 1].text))
			rc = add_edge(r, targets[i - 1].number);
	}
	return rc;
}

scim_status
scim__bulk_resolve(scim__bulk *bulk, scim_error *err)
{
	struct resolving r = { .bulk = bulk, .err = err };
	scim_status rc = give_out_ids(&r);

	for (; rc == SCIM_OK && r.item < bulk->count; r.item++)
		rc = resolve_item(&r);
	if (rc == SCIM_OK)
		rc = chain_targets(&r);
	if (rc != SCIM_OK)
		return rc;
	bulk->needs = r.needs;
	return scim__bulk_order(
	    bulk->arena, bulk->count, r.needs, r.count, &bulk->order, err);
}
