/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Keys whose order as bytes is the order of what they stand for.
 *
 * A key is a letter and then its parts, most significant first:
 *
 *	L shelf name                             a document of a shelf
 *	P                                        the last position given
 *	T tenant table ...                       tables: see key.h
 *
 * A text is its bytes with 00 written as 00 FF, and 00 01 to end it, so that
 * a prefix comes first and no text runs into the next part.  A number is
 * eight bytes, the highest first.  A value is a letter for its kind and
 * then: a text; an integer with its sign bit turned over; or the bits of a
 * real, all turned over when it is negative, else only the sign.  Since a
 * part never is the beginning of another one, all keys that share their
 * first parts lie side by side, and end where the last byte of those parts
 * would be one higher.
 *
 * Tenants come first, so that nothing of one is near another's, and all of
 * a tenant can be taken away in one sweep.
 */
#include "store/kv/key.h"

#include <string.h>

#include "base/arena.h"

static const char END[] = { 0x00, 0x01 };
static const char NUL[] = { 0x00, (char)0xFF };

void
scim__key_begin_tenant(scim__buf *key, scim_arena *arena, scim_str tenant)
{
	scim__buf_init(key, arena, SIZE_MAX);
	scim__buf_add_char(key, SCIM__KV_TENANT);
	scim__key_add(key, tenant);
}

void
scim__key_begin(scim__buf *key, scim_arena *arena, scim_str tenant,
    enum scim__kv_table table)
{
	scim__key_begin_tenant(key, arena, tenant);
	scim__buf_add_char(key, (char)table);
}

void
scim__key_begin_position(scim__buf *key, scim_arena *arena)
{
	scim__buf_init(key, arena, SIZE_MAX);
	scim__buf_add_char(key, SCIM__KV_LAST_POSITION);
}

void
scim__key_begin_shelf(scim__buf *key, scim_arena *arena, scim_shelf shelf)
{
	scim__buf_init(key, arena, SIZE_MAX);
	scim__buf_add_char(key, SCIM__KV_LEAF);
	scim__buf_add_char(key, (char)('0' + (int)shelf));
}

void
scim__key_add(scim__buf *key, scim_str text)
{
	while (text.len > 0) {
		const char *nul = memchr(text.ptr, 0, text.len);
		size_t len = nul == NULL ? text.len : (size_t)(nul - text.ptr);

		scim__buf_add(key, (scim_str){ text.ptr, len });
		if (nul == NULL)
			break;
		scim__buf_add(key, (scim_str){ NUL, sizeof(NUL) });
		text = (scim_str){ nul + 1, text.len - len - 1 };
	}
	scim__buf_add(key, (scim_str){ END, sizeof(END) });
}

void
scim__key_add_number(scim__buf *key, uint64_t number)
{
	char bytes[8];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(unsigned char)(number >> (56 - 8 * i));
	scim__buf_add(key, (scim_str){ bytes, sizeof(bytes) });
}

static uint64_t
bits_of_real(double real)
{
	uint64_t bits;

	if (real == 0)
		real = 0; /* there are two zeroes, and they are equal */
	memcpy(&bits, &real, sizeof(bits));
	return bits >> 63 != 0 ? ~bits : bits ^ (1ULL << 63);
}

void
scim__key_add_value(scim__buf *key, const scim_index_value *value)
{
	switch (value->kind) {
	case SCIM_INDEX_TEXT:
		scim__buf_add_char(key, 't');
		scim__key_add(key, value->text);
		break;
	case SCIM_INDEX_INTEGER:
		scim__buf_add_char(key, 'i');
		scim__key_add_number(
		    key, (uint64_t)value->integer ^ (1ULL << 63));
		break;
	case SCIM_INDEX_REAL:
		scim__buf_add_char(key, 'r');
		scim__key_add_number(key, bits_of_real(value->real));
		break;
	}
}

void
scim__key_to_end(scim__buf *key)
{
	/* The letter a key begins with is below FF, so this ends. */
	while (key->len > 0 && (unsigned char)key->ptr[key->len - 1] == 0xFF)
		key->len--;
	if (key->len > 0)
		key->ptr[key->len - 1]++;
}

bool
scim__key_take_number(scim_str *rest, uint64_t *out)
{
	uint64_t number = 0;

	if (rest->len < 8)
		return false;
	for (unsigned i = 0; i < 8; i++)
		number = number << 8 | (unsigned char)rest->ptr[i];
	*rest = (scim_str){ rest->ptr + 8, rest->len - 8 };
	*out = number;
	return true;
}

bool
scim__key_take(scim_str *rest, scim_arena *arena, scim_str *out)
{
	char *copy = scim__arena_take(arena, rest->len);
	size_t len = 0;

	for (size_t i = 0; i + 1 < rest->len; i++) {
		bool special = rest->ptr[i] == 0;

		if (special && rest->ptr[i + 1] == END[1]) {
			*rest =
			    (scim_str){ rest->ptr + i + 2, rest->len - i - 2 };
			*out = (scim_str){ copy, len };
			return true;
		}
		if (special && rest->ptr[i + 1] != NUL[1])
			return false;
		if (copy != NULL)
			copy[len] = rest->ptr[i];
		len++;
		i += special ? 1 : 0;
	}
	return false;
}
