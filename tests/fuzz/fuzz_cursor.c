/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes cursors, both what a client sends and, as if its seal had been
 * broken, what stands in one: the bytes are read as they are and also sealed
 * with the right key.  What is read from them is written and read the same.
 */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/cursor.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int64_t
stand_still(void *context)
{
	(void)context;
	return 0;
}

static void
draw_zeros(void *context, void *buf, size_t len)
{
	(void)context;
	memset(buf, 0, len);
}

static const scim_env env = {
	.size = sizeof(env), .now_ms = stand_still, .random = draw_zeros
};
static const struct scim__cursor_seal seal = { .env = &env, .lifetime_ms = 1 };

static void
read_text(scim_arena *arena, scim_str text)
{
	struct scim__cursor cursor, again;
	scim_str shown;

	if (scim__cursor_read(arena, &seal, text, &cursor, NULL) != SCIM_OK)
		return;
	scim_status rc =
	    scim__cursor_write(arena, &seal, &cursor, &shown, NULL);
	scim__assert(rc == SCIM_OK);
	rc = scim__cursor_read(arena, &seal, shown, &again, NULL);
	scim__assert(rc == SCIM_OK);
	scim__assert(cursor.count == again.count);
	scim__assert(cursor.type == again.type);
	scim__assert(cursor.position == again.position);
	scim__assert(cursor.has_value == again.has_value);
	scim__assert(cursor.is_digest == again.is_digest);
	scim__assert(!cursor.has_value ||
	    (cursor.value.kind == again.value.kind &&
		cursor.value.integer == again.value.integer &&
		scim__str_equal(cursor.value.text, again.value.text)));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	static const uint8_t nonce[SCIM__SEAL_NONCE];
	scim_str text = { (const char *)data, size };
	scim_str bound = { (const char *)seal.bound.bytes,
		sizeof(seal.bound.bytes) };

	scim__assert(arena != NULL);
	read_text(arena, text);
	char *sealed = scim_arena_alloc(arena, size + SCIM__SEAL_EXTRA);
	scim__assert(sealed != NULL);
	scim__assert(scim__seal(&seal.key, nonce, bound, text, sealed));
	text = scim__base64url(arena, sealed, size + SCIM__SEAL_EXTRA);
	scim__assert(text.ptr != NULL);
	read_text(arena, text);
	return 0;
}
