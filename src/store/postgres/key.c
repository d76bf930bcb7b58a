/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands for a value in an index: bytes that sort as values do.
 *
 * Numbers come before texts.  An integer and a real are compared exactly,
 * although few of one are the other: first the nearest real, then how far
 * the number is from it.  A text is its bytes; an index takes no more than
 * 2.7 KB of a row, so of a long text stands its beginning, then its length
 * and its digest.  Long texts are found as they are, and sorted by where
 * they differ up to there.
 */
#include <math.h>

#include "base/arena.h"
#include "base/hash.h"
#include "base/str.h"
#include "store/postgres/postgres.h"

#define NUMBER 1
#define TEXT 2
#define TEXT_WHOLE 1900 /* the longest that stands as it is */
#define NUMBER_BYTES 11

static void
put(uint8_t *out, uint64_t n, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(n >> (8 * (size - 1 - i)));
}

/* The bits of a double as a number that sorts as it does. */
static uint64_t
sortable(double d)
{
	uint64_t bits = 0;

	if (d == 0)
		d = 0; /* there are two */
	memcpy(&bits, &d, sizeof(bits));
	return bits >> 63 != 0 ? ~bits : bits | UINT64_C(1) << 63;
}

/* How far `n` is from the real nearest to it; 2^63 is beyond an int64_t. */
static int64_t
distance(int64_t n, double nearest)
{
	if (nearest >= 9223372036854775808.0)
		return n - INT64_MAX - 1;
	return n - (int64_t)nearest;
}

static scim_str
number_key(scim_arena *arena, double nearest, int64_t far)
{
	uint8_t *key = scim__arena_take(arena, NUMBER_BYTES);

	if (key == NULL)
		return (scim_str){ NULL, 0 };
	key[0] = NUMBER;
	put(key + 1, sortable(nearest), 8);
	put(key + 9, (uint64_t)(far + 0x8000), 2);
	return (scim_str){ (const char *)key, NUMBER_BYTES };
}

scim_str
scim__pg_text_key(scim_arena *arena, scim_str text)
{
	bool is_long = text.len > TEXT_WHOLE;
	size_t whole = is_long ? TEXT_WHOLE : text.len;
	scim__sha256 digest = { { 0 } };
	char *key = scim__arena_take(arena, 1 + whole + 1 + 8 + 32);

	if (key == NULL ||
	    (is_long && scim__hash_sha256(&text, 1, &digest, NULL) != SCIM_OK))
		return (scim_str){ NULL, 0 };
	key[0] = TEXT;
	if (whole > 0)
		memcpy(key + 1, text.ptr, whole);
	if (!is_long)
		return (scim_str){ key, 1 + whole };
	key[1 + whole] = '\xff';
	put((uint8_t *)key + 2 + whole, text.len, 8);
	memcpy(key + 10 + whole, digest.bytes, sizeof(digest.bytes));
	return (scim_str){ key, 10 + whole + sizeof(digest.bytes) };
}

scim_str
scim__pg_key(scim_arena *arena, const scim_index_value *value)
{
	double nearest;

	switch (value->kind) {
	case SCIM_INDEX_TEXT:
		return scim__pg_text_key(arena, value->text);
	case SCIM_INDEX_REAL:
		return number_key(arena, value->real, 0);
	case SCIM_INDEX_INTEGER:
		break;
	}
	nearest = (double)value->integer;
	return number_key(arena, nearest, distance(value->integer, nearest));
}
