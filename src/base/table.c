/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A table of strings by open addressing.
 *
 * The strings are often a client's choice: ids of members in a PATCH.  Under
 * a hash that is known he could choose thousands that all begin in one slot,
 * and looking for each would walk past all others.  So the hash has a key,
 * drawn for this table alone when there are more strings than are compared
 * one by one anyway.
 */
#include "base/table.h"

#include <string.h>

#include <sodium.h>

#include "base/arena.h"
#include "base/str.h"

enum { FEW = 16 };

_Static_assert(SCIM__TABLE_KEY_LEN == crypto_shorthash_KEYBYTES,
    "the key is that of libsodium's SipHash");

void
scim__table_init(scim__table *table, scim_arena *arena, const scim_env *env)
{
	*table = (scim__table){ .arena = arena,
		.env = env == NULL ? scim_env_system() : env };
}

static size_t
hash_of(const scim__table *table, scim_str s)
{
	unsigned char bytes[crypto_shorthash_BYTES];
	uint64_t hash;

	(void)crypto_shorthash(bytes,
	    (const unsigned char *)(s.len == 0 ? "" : s.ptr), s.len,
	    table->key);
	memcpy(&hash, bytes, sizeof(hash));
	return (size_t)hash & (table->slot_count - 1);
}

/* Where the string is, or would be. */
static size_t
slot_of(const scim__table *table, scim_str s)
{
	size_t at = hash_of(table, s);

	while (table->slots[at] != 0 &&
	    !scim__str_equal(table->strings[table->slots[at] - 1], s))
		at = (at + 1) & (table->slot_count - 1);
	return at;
}

size_t
scim__table_find(const scim__table *table, scim_str s)
{
	if (table->slots != NULL) {
		size_t number = table->slots[slot_of(table, s)];

		return number == 0 ? SCIM__TABLE_NONE : number - 1;
	}
	for (size_t i = 0; i < table->count; i++)
		if (scim__str_equal(table->strings[i], s))
			return i;
	return SCIM__TABLE_NONE;
}

/* Room for twice as many, half of the slots free. */
static bool
grow(scim__table *table)
{
	size_t capacity = table->capacity == 0 ? FEW : table->capacity * 2;
	size_t *slots = NULL;
	scim_str *strings =
	    scim__arena_array(table->arena, capacity, sizeof(*strings));

	if (capacity > FEW)
		slots = scim__arena_array(
		    table->arena, capacity, 2 * sizeof(*slots));
	if (strings == NULL || (slots == NULL && capacity > FEW))
		return false;
	if (table->count > 0)
		memcpy(
		    strings, table->strings, table->count * sizeof(*strings));
	if (slots != NULL && table->slots == NULL)
		table->env->random(
		    table->env->context, table->key, sizeof(table->key));
	table->strings = strings;
	table->capacity = capacity;
	table->slots = slots;
	table->slot_count = 2 * capacity;
	for (size_t i = 0; slots != NULL && i < table->count; i++)
		slots[slot_of(table, strings[i])] = i + 1;
	return true;
}

size_t
scim__table_enter(scim__table *table, scim_str s)
{
	size_t number = scim__table_find(table, s);

	if (number != SCIM__TABLE_NONE)
		return number;
	if (table->count == table->capacity && !grow(table))
		return SCIM__TABLE_NONE;
	number = table->count++;
	table->strings[number] = s;
	if (table->slots != NULL)
		table->slots[slot_of(table, s)] = number + 1;
	return number;
}
