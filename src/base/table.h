/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_TABLE_H
#define SCIM_BASE_TABLE_H

#include <stdbool.h>

#include "scimd/types.h"

#define SCIM__TABLE_NONE SIZE_MAX
#define SCIM__TABLE_KEY_LEN 16

/*
 * Strings, each once, numbered from 0 in the order they came.  What belongs
 * to a string stands in the caller's own array, at that number.  Whoever
 * chooses the strings can't make them meet in one place.
 */
typedef struct scim__table {
	scim_arena *arena;
	const scim_env *env;
	scim_str *strings; /* borrowed */
	size_t count, capacity;
	size_t *slots; /* number + 1, 0: free; NULL while there are few */
	size_t slot_count;
	unsigned char key[SCIM__TABLE_KEY_LEN];
} scim__table;

/* `env` NULL: that of the system.  Takes nothing before the first string. */
void scim__table_init(
    scim__table *table, scim_arena *arena, const scim_env *env);

/* The number of a string, or SCIM__TABLE_NONE. */
size_t scim__table_find(const scim__table *table, scim_str s);

/* The number of a string, which is new when it is what `count` was before.
 * SCIM__TABLE_NONE when out of memory. */
size_t scim__table_enter(scim__table *table, scim_str s);

#endif
