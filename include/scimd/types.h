/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_TYPES_H
#define SCIM_TYPES_H

/**
 * @file scimd/types.h
 * @brief Strings, arenas and what the host provides: the words of every call.
 */

#include <stddef.h>
#include <stdint.h>

#include "scimd/error.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Borrowed bytes: not owned, not NUL-terminated, valid UTF-8. */
typedef struct scim_str {
	const char *ptr;
	size_t len;
} scim_str;

/** A scim_str of a string literal. */
#ifdef __cplusplus
#define SCIM_STR(lit) (scim_str{ (lit), sizeof(lit) - 1 })
#else
#define SCIM_STR(lit) ((scim_str){ (lit), sizeof(lit) - 1 })
#endif

/** Memory that lives as long as one request. */
typedef struct scim_arena scim_arena;

/** Where memory comes from.  Tests use one that fails on the nth request. */
typedef struct scim_allocator scim_allocator;
struct scim_allocator {
	/** Return `size` bytes aligned for anything, or NULL. */
	void *(*alloc)(scim_allocator *self, size_t size);

	/** Give back what alloc() returned.  `p` may be NULL. */
	void (*release)(scim_allocator *self, void *p);
};

/**
 * What the host hands to the library, which itself reads no clock and draws
 * no random number.  Fill it with SCIM_ENV_INIT, then override.
 */
typedef struct scim_env {
	/** sizeof(scim_env) the caller was compiled with. */
	size_t size;

	/** Passed to the functions below.  Borrowed. */
	void *context;

	/** Milliseconds since 1970-01-01T00:00:00Z. */
	int64_t (*now_ms)(void *context);

	/** Fill `buf` with `len` unpredictable bytes.  Must not fail. */
	void (*random)(void *context, void *buf, size_t len);
} scim_env;

/** An environment with nothing in it yet. */
#define SCIM_ENV_INIT                              \
	{                                          \
		sizeof(scim_env), NULL, NULL, NULL \
	}

/**
 * The environment of the operating system: its clock and its random bytes.
 *
 * @return A static environment, good for any number of handles.  Borrowed.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT const scim_env *scim_env_system(void);

/**
 * Make an arena.
 *
 * @param allocator  Where its chunks come from; NULL for malloc.  Borrowed,
 *                   must outlive the arena.
 * @return The arena, owned by caller, or NULL when out of memory.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT scim_arena *scim_arena_new(scim_allocator *allocator);

/**
 * Take zeroed memory from an arena.
 *
 * @param arena  The arena.
 * @param size   Bytes; 0 gives a valid pointer.
 * @return Memory aligned for anything, owned by arena, or NULL when out of
 *         memory.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT void *scim_arena_alloc(scim_arena *arena, size_t size);

/**
 * Forget everything taken from an arena and keep a chunk for the next round.
 *
 * @param arena  The arena.  Every pointer taken from it becomes invalid.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_arena_reset(scim_arena *arena);

/**
 * Free an arena and everything taken from it.
 *
 * @param arena  The arena; NULL is allowed.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_arena_free(scim_arena *arena);

#ifdef __cplusplus
}
#endif
#endif
