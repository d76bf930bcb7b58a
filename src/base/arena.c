/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Memory that is given back all at once.
 *
 * A request owns one arena and everything made for it comes from there, so
 * no path of a request has a free() to forget.  Objects never move.  Chunks
 * double in size up to a cap; the first one sits behind the arena itself
 * and survives a reset, so that a small request costs no allocation at all.
 * An object too big for a regular chunk gets one of its own and leaves the
 * current chunk in use.
 *
 * An isolating arena makes every object a chunk of exactly its size: under
 * AddressSanitizer, where all arenas are so, a write past an end is seen;
 * in tests each object can be the one that memory does not suffice for.
 */
#include "base/arena.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#if defined(__SANITIZE_ADDRESS__)
#define ISOLATE 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define ISOLATE 1
#endif
#endif
#ifndef ISOLATE
#define ISOLATE 0
#endif

enum {
	FIRST_CHUNK = 4096 - 128,
	SECOND_CHUNK = 8192,
	BIGGEST_CHUNK = 256 * 1024,
	ALIGN = _Alignof(max_align_t)
};

/* Its bytes follow it, so it is aligned for anything. */
struct chunk {
	_Alignas(max_align_t) struct chunk *next;
	size_t used, size;
};

struct scim_arena {
	scim_allocator *allocator;
	struct chunk *current; /* never NULL; small objects come from here */
	struct chunk *others;  /* full ones and those of one big object */
	size_t next_size;
	bool is_isolating;  /* every object is a chunk of its size */
	struct chunk first; /* last: its bytes follow */
};

static char *
data_of(struct chunk *c)
{
	return (char *)(c + 1);
}

static void *
heap_alloc(scim_allocator *self, size_t size)
{
	(void)self;
	return malloc(size);
}

static void
heap_release(scim_allocator *self, void *p)
{
	(void)self;
	free(p);
}

static scim_allocator heap = { heap_alloc, heap_release };

static scim_arena *
new_arena(scim_allocator *allocator, size_t first_size)
{
	if (allocator == NULL)
		allocator = &heap;
	scim_arena *arena =
	    allocator->alloc(allocator, sizeof(*arena) + first_size);
	if (arena == NULL)
		return NULL;
	arena->allocator = allocator;
	arena->current = &arena->first;
	arena->others = NULL;
	arena->next_size = SECOND_CHUNK;
	arena->is_isolating = first_size == 0;
	arena->first =
	    (struct chunk){ .next = NULL, .used = 0, .size = first_size };
	return arena;
}

scim_arena *
scim_arena_new(scim_allocator *allocator)
{
	return new_arena(allocator, ISOLATE ? 0 : FIRST_CHUNK);
}

scim_arena *
scim__arena_new_isolating(scim_allocator *allocator)
{
	return new_arena(allocator, 0);
}

scim_allocator *
scim__arena_allocator(scim_arena *arena)
{
	return arena->allocator;
}

static struct chunk *
new_chunk(scim_arena *arena, size_t size)
{
	struct chunk *c = arena->allocator->alloc(
	    arena->allocator, sizeof(struct chunk) + size);

	if (c != NULL)
		*c = (struct chunk){ .next = NULL, .used = 0, .size = size };
	return c;
}

static void
link_chunk(scim_arena *arena, struct chunk *c)
{
	c->next = arena->others;
	arena->others = c;
}

static void *
take_big(scim_arena *arena, size_t size)
{
	struct chunk *c = new_chunk(arena, size);

	if (c == NULL)
		return NULL;
	c->used = size;
	link_chunk(arena, c);
	return data_of(c);
}

static bool
open_chunk(scim_arena *arena)
{
	struct chunk *c = new_chunk(arena, arena->next_size);

	if (c == NULL)
		return false;
	if (arena->current != &arena->first)
		link_chunk(arena, arena->current);
	arena->current = c;
	if (arena->next_size < BIGGEST_CHUNK)
		arena->next_size *= 2;
	return true;
}

static size_t
round_up(size_t size)
{
	return (size + ALIGN - 1) / ALIGN * ALIGN;
}

void *
scim__arena_take(scim_arena *arena, size_t size)
{
	if (size > SIZE_MAX / 4)
		return NULL;
	if (arena->is_isolating)
		return take_big(arena, size);

	size = round_up(size);
	if (arena->current->size - arena->current->used < size) {
		if (size > arena->next_size / 4)
			return take_big(arena, size);
		if (!open_chunk(arena))
			return NULL;
	}
	char *p = data_of(arena->current) + arena->current->used;
	arena->current->used += size;
	return p;
}

void *
scim_arena_alloc(scim_arena *arena, size_t size)
{
	void *p = scim__arena_take(arena, size);

	return p == NULL ? NULL : memset(p, 0, size);
}

void *
scim__arena_array(scim_arena *arena, size_t count, size_t size)
{
	if (size != 0 && count > SIZE_MAX / size)
		return NULL;
	return scim_arena_alloc(arena, count * size);
}

bool
scim__arena_extend(scim_arena *arena, void *p, size_t old_size, size_t new_size)
{
	struct chunk *c = arena->current;
	size_t was = round_up(old_size);

	if (arena->is_isolating || new_size > SIZE_MAX / 4 || c->used < was ||
	    data_of(c) + (c->used - was) != (char *)p)
		return false;
	size_t now = round_up(new_size);
	if (c->size - (c->used - was) < now)
		return false;
	c->used = c->used - was + now;
	return true;
}

static void
release_chunks(scim_arena *arena, struct chunk *c)
{
	while (c != NULL) {
		struct chunk *next = c->next;

		arena->allocator->release(arena->allocator, c);
		c = next;
	}
}

void
scim_arena_reset(scim_arena *arena)
{
	release_chunks(arena, arena->others);
	arena->others = NULL;
	if (arena->current != &arena->first)
		release_chunks(arena, arena->current);
	arena->current = &arena->first;
	arena->first.used = 0;
	arena->next_size = SECOND_CHUNK;
}

void
scim_arena_free(scim_arena *arena)
{
	if (arena == NULL)
		return;
	scim_arena_reset(arena);
	arena->allocator->release(arena->allocator, arena);
}
