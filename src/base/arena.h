/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_ARENA_H
#define SCIM_BASE_ARENA_H

#include <stdbool.h>

#include "base/cleanup.h"
#include "scimd/types.h"

SCIM__DEFINE_AUTO(scim_arena *, scim_arena_free);

/* An arena that asks its allocator for every single object. */
scim_arena *scim__arena_new_isolating(scim_allocator *allocator);

/* scim_arena_alloc() without the zeroing: the caller writes every byte. */
void *scim__arena_take(scim_arena *arena, size_t size);

/* Zeroed room for `count` things of `size` bytes; NULL also on overflow. */
void *scim__arena_array(scim_arena *arena, size_t count, size_t size);

/*
 * Makes the object taken last longer where it stands.  False when there is
 * no room behind it; then take a new one and copy.
 */
bool scim__arena_extend(
    scim_arena *arena, void *p, size_t old_size, size_t new_size);

/* Where the arena's own memory comes from; borrowed, never NULL. */
scim_allocator *scim__arena_allocator(scim_arena *arena);

#endif
