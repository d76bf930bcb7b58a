/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Slices of a bulk request: what is prepared together, outside the writer.
 *
 * What a slice needs in memory goes with it: the documents that all
 * operations touch may be far larger than the request.  Passwords are hashed
 * here, a few at a time, so that a worker is not held for long; what they
 * were hashed to outlasts the slice.
 */
#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/bulk.h"

#define SLICE_OPERATIONS 64
#define HASHES_AT_ONCE 8

static void *
count_alloc(scim_allocator *self, size_t size)
{
	struct scim__bulk_slice *slice =
	    scim__container_of(self, struct scim__bulk_slice, allocator);

	slice->bytes += size;
	return slice->inner->alloc(slice->inner, size);
}

static void
pass_release(scim_allocator *self, void *p)
{
	struct scim__bulk_slice *slice =
	    scim__container_of(self, struct scim__bulk_slice, allocator);

	slice->inner->release(slice->inner, p);
}

void
scim__bulk_release(scim__bulk *bulk)
{
	struct scim__bulk_slice *slice = bulk->slice;

	if (slice == NULL)
		return;
	bulk->slice = NULL;
	scim_arena_free(slice->arena);
	slice->inner->release(slice->inner, slice);
}

static scim_status
open_slice(scim__bulk *bulk, scim_error *err)
{
	scim_allocator *inner = scim__arena_allocator(bulk->arena);
	struct scim__bulk_slice *slice = inner->alloc(inner, sizeof(*slice));

	if (slice == NULL)
		return scim__fail_memory(err);
	*slice = (struct scim__bulk_slice){
		.allocator = { count_alloc, pass_release },
		.inner = inner,
		.context = *bulk->request_context,
	};
	slice->arena = scim_arena_new(&slice->allocator);
	if (slice->arena == NULL) {
		inner->release(inner, slice);
		return scim__fail_memory(err);
	}
	slice->context.arena = slice->arena;
	slice->context.via = SCIM_STR("bulk");
	bulk->slice = slice;
	bulk->prepared = bulk->durable;
	return SCIM_OK;
}

static int
by_id(const void *a, const void *b)
{
	const struct scim__promise *x = a, *y = b;

	return scim__str_compare(x->id, y->id);
}

/* What a component creates: its members may refer to each other. */
static scim_status
promise(const scim__bulk *bulk, size_t c, const struct scim__promises **out,
    scim_error *err)
{
	size_t at, end = scim__bulk_component(bulk, c, &at);
	scim_arena *arena = bulk->slice->arena;
	struct scim__promises *promises =
	    scim_arena_alloc(arena, sizeof(*promises));
	struct scim__promise *items =
	    scim__arena_array(arena, end - at, sizeof(*items));

	if (promises == NULL || items == NULL)
		return scim__fail_memory(err);
	for (; at < end; at++) {
		const struct scim__bulk_item *item =
		    scim__bulk_item_at(bulk, at);

		if (item->steps == &scim__create_steps && !item->is_broken)
			items[promises->count++] =
			    (struct scim__promise){ item->id,
				    item->type->name };
	}
	if (promises->count > 1)
		qsort(items, promises->count, sizeof(*items), by_id);
	promises->items = items;
	*out = promises;
	return SCIM_OK;
}

static scim_status
make_op(scim__bulk *bulk, struct scim__bulk_item *item,
    const struct scim__promises *promises, scim_error *err)
{
	struct scim__bulk_slice *slice = bulk->slice;

	item->op = scim_arena_alloc(slice->arena, sizeof(*item->op));
	if (item->op == NULL)
		return scim__fail_memory(err);
	*item->op = (scim__op){ .steps = item->steps,
		.provider = bulk->provider,
		.context = &slice->context,
		.type = item->type,
		.arena = slice->arena,
		.expect = { .kind = item->steps == &scim__create_steps
			? SCIM_EXPECT_ANY
			: SCIM_EXPECT_PRECONDITIONS,
		    .preconditions = &item->expect },
		.id = item->id,
		.tree = item->data,
		.claim = scim__bulk_claim(bulk, item),
		.promises = promises,
		.keep = bulk->arena,
		.hash_apart = bulk->stuck_at != bulk->durable,
		.bodiless = true,
		.hashes = item->hashes,
		.hash_count = item->hash_count };
	return SCIM_OK;
}

/*
 * Prepares one operation as far as that goes from outside.  It may rest on
 * one before it that has not run: then the writer looks at it anew.
 */
static scim_status
prepare_item(scim__bulk *bulk, struct scim__bulk_item *item,
    const struct scim__promises *promises, scim_error *err)
{
	enum scim__op_next next = SCIM__OP_SETTLED;
	scim_error ignored;

	if (item->is_broken)
		return SCIM_OK;
	scim_status rc = make_op(bulk, item, promises, err);
	if (rc != SCIM_OK)
		return rc;
	rc = scim__op_start(item->op, &next, &ignored);
	if (rc == SCIM_OK && next == SCIM__OP_HASH) {
		rc = scim__op_hash(item->op, &ignored);
		item->hashes = item->op->hashes;
		item->hash_count = item->op->hash_count;
		if (rc == SCIM_OK)
			rc = scim__op_start(item->op, &next, &ignored);
	}
	if (rc != SCIM_OK || next != SCIM__OP_WRITE)
		item->op->unsettled = true;
	return SCIM_OK;
}

/* Whether the slice has room for one component more. */
static bool
has_room(const scim__bulk *bulk, size_t first, size_t hashes)
{
	const struct scim__bulk_order *order = &bulk->order;
	size_t c = bulk->prepared;

	if (c == first)
		return true;
	if (hashes >= HASHES_AT_ONCE)
		return false;
	return bulk->is_atomic ||
	    (order->starts[c + 1] - order->starts[bulk->durable] <=
		    SLICE_OPERATIONS &&
		bulk->slice->bytes <= SCIM__BULK_SLICE_BYTES);
}

/* The next component, or as much of it as has few enough passwords. */
static scim_status
prepare_component(scim__bulk *bulk, size_t *hashes, scim_error *err)
{
	struct scim__bulk_slice *slice = bulk->slice;
	size_t at, end = scim__bulk_component(bulk, bulk->prepared, &at);
	scim_status rc = SCIM_OK;

	if (slice->seen == 0)
		rc = promise(bulk, bulk->prepared, &slice->promises, err);
	while (rc == SCIM_OK && at + slice->seen < end &&
	    *hashes < HASHES_AT_ONCE) {
		struct scim__bulk_item *item =
		    scim__bulk_item_at(bulk, at + slice->seen++);
		size_t before = item->hash_count;

		rc = prepare_item(bulk, item, slice->promises, err);
		*hashes += item->hash_count - before;
	}
	if (rc != SCIM_OK || at + slice->seen < end)
		return rc;
	slice->seen = 0;
	bulk->prepared++;
	return SCIM_OK;
}

scim_status
scim__bulk_fail_bytes(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_TOO_LARGE,
	    "What the request changes is too large to be done all or nothing: "
	    "send it in parts.");
}

scim_status
scim__bulk_prepare(scim__bulk *bulk, scim_error *err)
{
	size_t first, hashes = 0;
	bool is_part = false; /* of a component */
	scim_status rc = SCIM_OK;

	if (!bulk->has_more) {
		scim__bulk_release(bulk);
		rc = open_slice(bulk, err);
	}
	first = bulk->prepared;
	while (rc == SCIM_OK && !is_part &&
	    bulk->prepared < bulk->order.count &&
	    has_room(bulk, first, hashes)) {
		rc = prepare_component(bulk, &hashes, err);
		if (rc == SCIM_OK && bulk->is_atomic &&
		    bulk->slice->bytes > SCIM__BULK_ATOMIC_BYTES)
			rc = scim__bulk_fail_bytes(err);
		is_part = bulk->slice->seen > 0;
	}
	bulk->has_more = rc == SCIM_OK &&
	    (is_part ||
		(bulk->is_atomic && bulk->prepared < bulk->order.count));
	return rc;
}
