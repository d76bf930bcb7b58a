/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids in the order of their text.
 *
 * An id in UUID form is stored as 16 bytes and any other as text.  SQLite
 * sorts all texts before all blobs, so ids come in two lists.  Each is in
 * the order of the texts it stands for, since hexadecimal digits sort like
 * the numbers they name; here they become one list again.
 */
#include <string.h>

#include "base/arena.h"
#include "base/ids.h"
#include "base/str.h"
#include "store/sqlite/sqlite.h"

#define FIRST_CAPACITY 8

void *
scim__sqlite_grow(scim_arena *arena, void *list, size_t count, size_t size)
{
	bool full = count == 0 ||
	    (count >= FIRST_CAPACITY && (count & (count - 1)) == 0);

	if (!full)
		return list;
	if (count == 0)
		return scim__arena_array(arena, FIRST_CAPACITY, size);
	if (scim__arena_extend(arena, list, count * size, count * 2 * size))
		return list;
	void *moved = scim__arena_array(arena, count * 2, size);

	if (moved != NULL)
		memcpy(moved, list, count * size);
	return moved;
}

static const char digits[] = "0123456789abcdef";

/* How many of `s`'s characters a UUID could begin with, as nibbles. */
static size_t
read_nibbles(scim_str s, uint8_t nibbles[32], size_t *out_chars)
{
	size_t count = 0, i = 0;

	for (; i < s.len && i < SCIM__UUID_LEN; i++) {
		bool hyphen = i == 8 || i == 13 || i == 18 || i == 23;
		const char *digit = hyphen || s.ptr[i] == '\0'
		    ? NULL
		    : strchr(digits, s.ptr[i]);

		if (hyphen ? s.ptr[i] != '-' : digit == NULL)
			break;
		if (!hyphen)
			nibbles[count++] = (uint8_t)(digit - digits);
	}
	*out_chars = i;
	return count;
}

/* Adds one to the number that the first `count` nibbles are. */
static bool
increment(uint8_t nibbles[32], size_t count)
{
	while (count > 0) {
		if (nibbles[count - 1] < 15) {
			nibbles[count - 1]++;
			return true;
		}
		nibbles[--count] = 0;
	}
	return false;
}

bool
scim__sqlite_uuid_after(scim_str s, uint8_t out[16])
{
	uint8_t nibbles[32] = { 0 };
	size_t chars = 0;
	size_t count = read_nibbles(s, nibbles, &chars);

	if (chars == SCIM__UUID_LEN) {
		if (!increment(nibbles, count))
			return false;
	} else if (chars < s.len) {
		/* Where they part, a UUID has a hyphen or a digit. */
		bool hyphen =
		    chars == 8 || chars == 13 || chars == 18 || chars == 23;
		unsigned char c = (unsigned char)s.ptr[chars];
		uint8_t least = 0;

		while (
		    !hyphen && least < 16 && (unsigned char)digits[least] < c)
			least++;
		if (hyphen ? c > '-' : least == 16) {
			if (!increment(nibbles, count))
				return false;
		} else if (!hyphen) {
			nibbles[count] = least;
		}
	}
	for (size_t i = 0; i < 16; i++)
		out[i] = (uint8_t)(nibbles[2 * i] << 4 | nibbles[2 * i + 1]);
	return true;
}

bool
scim__sqlite_merge(scim_arena *arena, const struct ordered lists[2],
    size_t size, size_t limit, struct ordered *out)
{
	for (int i = 0; i < 2; i++) {
		if (lists[i].count > 0)
			continue;
		*out = lists[1 - i];
		return true;
	}

	size_t have = lists[0].count + lists[1].count;
	size_t count = have < limit ? have : limit, at[2] = { 0, 0 };
	char *merged = scim__arena_array(arena, count, size);

	if (merged == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		const char *next[2] = { NULL, NULL };

		for (int k = 0; k < 2; k++)
			if (at[k] < lists[k].count)
				next[k] = lists[k].things + at[k] * size;
		int k = next[0] == NULL ||
		    (next[1] != NULL &&
			scim__str_compare(
			    *(const scim_str *)(const void *)next[1],
			    *(const scim_str *)(const void *)next[0]) < 0);
		memcpy(merged + i * size, next[k], size);
		at[k]++;
	}
	*out = (struct ordered){ merged, count };
	return true;
}
