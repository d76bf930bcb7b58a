/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Rosters.
 *
 * An entry is a byte of flags, with the number of the type in it, then the
 * id: 16 bytes when it is a UUID as we write them, else its length and text;
 * then the display, where there is one, with its length.  Entries lie in
 * blocks one after the other, and are read in the order written.
 */
#include "provider/roster.h"

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"

#define BLOCK_BYTES ((size_t)256 * 1024)
#define PAGE 1000
#define BUDGET_BYTES ((uint64_t)24 * 1024 * 1024)
#define ENTRY_BYTES 18 /* of most entries, a little more than it takes */
#define TYPES_MOST 15

enum { IS_UUID = 1 << 0, HAS_DISPLAY = 1 << 1, TYPE_SHIFT = 2 };

struct block {
	struct block *next;
	size_t size, used;
	unsigned char bytes[];
};

struct scim__roster {
	scim_provider *provider;
	uint64_t budgeted;
	struct block *first, *last;
	size_t at; /* in `first`, which is freed when it has been read */
	scim_str types[TYPES_MOST + 1]; /* 0: none; owned */
	size_t type_count;
};

void
scim__roster_free(scim__roster *roster)
{
	if (roster == NULL)
		return;
	while (roster->first != NULL) {
		struct block *next = roster->first->next;

		free(roster->first);
		roster->first = next;
	}
	for (size_t i = 1; i < roster->type_count; i++)
		free((char *)(uintptr_t)roster->types[i].ptr);
	(void)atomic_fetch_sub(
	    &roster->provider->roster_bytes, roster->budgeted);
	free(roster);
}

static scim_status
reserve(scim_provider *provider, uint64_t bytes, scim_error *err)
{
	uint64_t held = atomic_fetch_add(&provider->roster_bytes, bytes);

	if (held == 0 || held + bytes <= BUDGET_BYTES)
		return SCIM_OK;
	(void)atomic_fetch_sub(&provider->roster_bytes, bytes);
	return scim__fail(err, SCIM_ERR_BUSY,
	    "Other long answers are being read; try again, or leave the "
	    "members out with excludedAttributes.");
}

/* Room for `size` bytes at the end. */
static unsigned char *
grow(scim__roster *roster, size_t size)
{
	struct block *b = roster->last;

	if (b == NULL || b->size - b->used < size) {
		size_t room = size > BLOCK_BYTES ? size : BLOCK_BYTES;

		b = malloc(sizeof(*b) + room);
		if (b == NULL)
			return NULL;
		*b = (struct block){ .size = room };
		if (roster->last == NULL)
			roster->first = b;
		else
			roster->last->next = b;
		roster->last = b;
	}
	unsigned char *p = b->bytes + b->used;
	b->used += size;
	return p;
}

/* The number of a type, 0 for none or for one too many. */
static unsigned
number_of(scim__roster *roster, scim_str type)
{
	for (size_t i = 1; i < roster->type_count; i++)
		if (scim__str_equal(roster->types[i], type))
			return (unsigned)i;
	if (type.len == 0 || roster->type_count > TYPES_MOST)
		return 0;
	char *copy = malloc(type.len);
	if (copy == NULL)
		return 0;
	memcpy(copy, type.ptr, type.len);
	roster->types[roster->type_count] = (scim_str){ copy, type.len };
	return (unsigned)roster->type_count++;
}

static void
put_text(unsigned char **at, scim_str s)
{
	uint32_t len = (uint32_t)s.len;

	memcpy(*at, &len, sizeof(len));
	memcpy(*at + sizeof(len), s.ptr, s.len);
	*at += sizeof(len) + s.len;
}

static scim_status
add(scim__roster *roster, const scim_member_row *row, scim_error *err)
{
	uint8_t uuid[16];
	bool is_uuid = scim__uuid_decode(row->value, uuid);
	size_t size = 1 +
	    (is_uuid ? sizeof(uuid) : sizeof(uint32_t) + row->value.len) +
	    (row->display.len > 0 ? sizeof(uint32_t) + row->display.len : 0);

	unsigned char *at = grow(roster, size);
	if (at == NULL)
		return scim__fail_memory(err);
	*at++ = (unsigned char)((is_uuid ? IS_UUID : 0) |
	    (row->display.len > 0 ? HAS_DISPLAY : 0) |
	    number_of(roster, row->type) << TYPE_SHIFT);
	if (is_uuid) {
		memcpy(at, uuid, sizeof(uuid));
		at += sizeof(uuid);
	} else {
		put_text(&at, row->value);
	}
	if (row->display.len > 0)
		put_text(&at, row->display);
	return SCIM_OK;
}

/* Two arenas take turns, so that the last id of a page outlives it. */
static scim_status
copy_all(
    scim__roster *roster, scim_txn *txn, const scim_key *key, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *even = scim_arena_new(NULL);
	scim__auto(scim_arena_free) scim_arena *odd = scim_arena_new(NULL);
	scim_str after = { "", 0 };

	if (even == NULL || odd == NULL)
		return scim__fail_memory(err);
	for (size_t page = 0;; page++) {
		scim_arena *arena = page % 2 == 0 ? even : odd;
		scim_member_row *rows = NULL;
		size_t count = 0;

		scim_arena_reset(arena);
		scim_status rc = scim__store_members(
		    txn, arena, key, after, PAGE, &rows, &count, err);
		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = add(roster, &rows[i], err);
		if (rc != SCIM_OK || count < PAGE)
			return rc;
		after = rows[count - 1].value;
	}
}

scim_status
scim__roster_read(scim_provider *provider, scim_txn *txn, const scim_key *key,
    uint64_t count, scim__roster **out, scim_error *err)
{
	uint64_t bytes = count * ENTRY_BYTES;
	scim_status rc = reserve(provider, bytes, err);

	if (rc != SCIM_OK)
		return rc;
	scim__auto(scim__roster_free) scim__roster *roster =
	    calloc(1, sizeof(*roster));
	if (roster == NULL) {
		(void)atomic_fetch_sub(&provider->roster_bytes, bytes);
		return scim__fail_memory(err);
	}
	roster->provider = provider;
	roster->budgeted = bytes;
	roster->type_count = 1;
	rc = copy_all(roster, txn, key, err);
	if (rc == SCIM_OK)
		*out = scim__take(roster);
	return rc;
}

static scim_str
get_text(const unsigned char **at, scim_arena *arena)
{
	uint32_t len;

	memcpy(&len, *at, sizeof(len));
	scim_str s = scim__str_copy(
	    arena, (scim_str){ (const char *)*at + sizeof(len), len });
	*at += sizeof(len) + len;
	return s;
}

static scim_str
get_uuid(const unsigned char **at, scim_arena *arena)
{
	char *text = scim_arena_alloc(arena, SCIM__UUID_LEN + 1);

	if (text != NULL)
		scim__uuid_encode(*at, text);
	*at += 16;
	return (scim_str){ text, SCIM__UUID_LEN };
}

/* Reads one entry; false: out of memory. */
static bool
get_row(scim__roster *roster, scim_arena *arena, scim_member_row *out)
{
	const unsigned char *start = roster->first->bytes + roster->at;
	const unsigned char *at = start;
	unsigned flags = *at++;

	out->type = roster->types[flags >> TYPE_SHIFT];
	out->value = (flags & IS_UUID) != 0 ? get_uuid(&at, arena)
					    : get_text(&at, arena);
	out->display = (flags & HAS_DISPLAY) != 0 ? get_text(&at, arena)
						  : (scim_str){ "", 0 };
	roster->at += (size_t)(at - start);
	return out->value.ptr != NULL && out->display.ptr != NULL;
}

static void
drop_read_block(scim__roster *roster)
{
	struct block *b = roster->first;

	if (b == NULL || roster->at < b->used)
		return;
	roster->first = b->next;
	roster->at = 0;
	if (roster->first == NULL)
		roster->last = NULL;
	free(b);
}

scim_status
scim__roster_next(scim__roster *roster, scim_arena *arena, size_t limit,
    scim_member_row **out, size_t *out_count, scim_error *err)
{
	scim_member_row *rows = scim_arena_alloc(arena, limit * sizeof(*rows));
	size_t count = 0;

	if (rows == NULL)
		return scim__fail_memory(err);
	for (; count < limit && roster->first != NULL; count++) {
		if (!get_row(roster, arena, &rows[count]))
			return scim__fail_memory(err);
		drop_read_block(roster);
	}
	*out = rows;
	*out_count = count;
	return SCIM_OK;
}
