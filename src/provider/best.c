/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A page of what is not in order yet.
 *
 * A heap with the last on top: whatever comes before it takes its place.
 * Texts of what was thrown out stay in the arena until as much is dead as
 * may be alive; then those in use move to another arena.  So neither the
 * number of things that were offered nor their length makes it grow.
 */
#include "provider/best.h"

#include "base/error.h"
#include "base/str.h"

#define MOST_BYTES ((size_t)4 * 1024 * 1024)

scim_status
scim__best_open(struct scim__best *best, const struct scim__sort *sort,
    size_t most, scim_error *err)
{
	*best = (struct scim__best){ .sort = sort,
		.most = most,
		.most_bytes = MOST_BYTES,
		.texts = scim_arena_new(NULL),
		.spare = scim_arena_new(NULL),
		.list = scim_arena_new(NULL) };
	if (best->texts != NULL && best->spare != NULL && best->list != NULL)
		return SCIM_OK;
	scim__best_close(best);
	return scim__fail_memory(err);
}

void
scim__best_close(struct scim__best *best)
{
	scim_arena_free(best->texts);
	scim_arena_free(best->spare);
	scim_arena_free(best->list);
	*best = (struct scim__best){ .most = 0 };
}

static size_t
size_of(const struct scim__found *item)
{
	bool text =
	    item->place.has_value && item->place.value.kind == SCIM_INDEX_TEXT;

	return item->id.len + (text ? item->place.value.text.len : 0);
}

static bool
copy(scim_arena *arena, const struct scim__found *from, struct scim__found *to)
{
	struct scim__found item;

	item.id = scim__str_copy(arena, from->id);
	if (item.id.ptr == NULL ||
	    !scim__place_copy(arena, &from->place, &item.place))
		return false;
	*to = item;
	return true;
}

static bool
is_after(const struct scim__best *b, size_t i, size_t k)
{
	return scim__place_compare(
		   b->sort, &b->items[i].place, &b->items[k].place) > 0;
}

static void
swap(struct scim__best *b, size_t i, size_t k)
{
	struct scim__found item = b->items[i];

	b->items[i] = b->items[k];
	b->items[k] = item;
}

static void
sift_up(struct scim__best *b, size_t at)
{
	for (; at > 0 && is_after(b, at, (at - 1) / 2); at = (at - 1) / 2)
		swap(b, at, (at - 1) / 2);
}

/* Among the first `count`. */
static void
sift_down(struct scim__best *b, size_t count)
{
	size_t at = 0;

	for (;;) {
		size_t last = at, left = 2 * at + 1;

		if (left < count && is_after(b, left, last))
			last = left;
		if (left + 1 < count && is_after(b, left + 1, last))
			last = left + 1;
		if (last == at)
			return;
		swap(b, at, last);
		at = last;
	}
}

static void
throw_out(struct scim__best *b)
{
	b->used -= size_of(&b->items[0]);
	b->items[0] = b->items[--b->count];
	sift_down(b, b->count);
	b->dropped = true;
}

/* Leaves the texts of what was thrown out behind. */
static scim_status
move_texts(struct scim__best *b, scim_error *err)
{
	scim_arena *from = b->texts;

	for (size_t i = 0; i < b->count; i++)
		if (!copy(b->spare, &b->items[i], &b->items[i]))
			return scim__fail_memory(err);
	b->texts = b->spare;
	b->spare = from;
	scim_arena_reset(from);
	b->taken = b->used;
	return SCIM_OK;
}

static scim_status
make_room(struct scim__best *b, scim_error *err)
{
	if (b->count < b->capacity)
		return SCIM_OK;

	size_t capacity = 64 + 2 * b->capacity;
	struct scim__found *more =
	    scim__arena_array(b->list, capacity, sizeof(*more));
	if (more == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < b->count; i++)
		more[i] = b->items[i];
	b->items = more;
	b->capacity = capacity;
	return SCIM_OK;
}

bool
scim__best_wants(const struct scim__best *best, const struct scim__place *place)
{
	return best->count < best->most ||
	    (best->count > 0 &&
		scim__place_compare(best->sort, place, &best->items[0].place) <
		    0);
}

scim_status
scim__best_add(struct scim__best *best, const struct scim__place *place,
    scim_str id, scim_error *err)
{
	struct scim__found item = { *place, id };
	scim_status rc = SCIM_OK;

	if (!scim__best_wants(best, place)) {
		best->dropped = true;
		return SCIM_OK;
	}
	if (best->count == best->most)
		throw_out(best);
	rc = make_room(best, err);
	if (rc != SCIM_OK)
		return rc;
	if (!copy(best->texts, &item, &best->items[best->count]))
		return scim__fail_memory(err);
	sift_up(best, best->count++);
	best->used += size_of(&item);
	best->taken += size_of(&item);
	while (best->used > best->most_bytes && best->count > 1) {
		throw_out(best);
		best->most = best->count;
	}
	return best->taken > 2 * best->most_bytes ? move_texts(best, err)
						  : SCIM_OK;
}

void
scim__best_finish(struct scim__best *best)
{
	for (size_t left = best->count; left > 1; left--) {
		swap(best, 0, left - 1);
		sift_down(best, left - 1);
	}
}
