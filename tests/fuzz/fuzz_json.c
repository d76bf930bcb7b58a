/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes JSON admission, parsing and writing.
 *
 * For every text that is taken: writing it and reading that back gives the
 * same tree; the canonical form reads back as the same tree and is its own
 * canonical form; a copy equals its original.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const scim__json_limits limits = { .bytes = 1 << 20, .depth = 32 };
/* Numbers may take more room than they came in. */
static const scim__json_limits roomy = { .bytes = 1 << 26, .depth = 32 };

static scim__value
parse_again(scim_arena *arena, scim_str text)
{
	scim__value value = { .kind = SCIM__NULL };
	scim_status rc = scim__json_parse(arena, text, &roomy, &value, NULL);

	scim__assert(rc == SCIM_OK);
	return value;
}

static scim_str
write_value(scim_arena *arena, const scim__value *value,
    void (*write)(scim__buf *, const scim__value *))
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	write(&buf, value);
	scim__assert(!scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static void
check_tree(scim_arena *arena, const scim__value *value)
{
	scim_str plain = write_value(arena, value, scim__json_write);
	scim_str canonical =
	    write_value(arena, value, scim__json_write_canonical);
	scim__value from_plain = parse_again(arena, plain);
	scim__value from_canonical = parse_again(arena, canonical);
	scim__value copy;

	scim__assert(scim__value_equal(value, &from_plain));
	scim__assert(scim__value_equal(value, &from_canonical));
	scim_str again =
	    write_value(arena, &from_canonical, scim__json_write_canonical);
	scim__assert(scim__str_equal(canonical, again));
	bool is_copied = scim__value_copy(arena, value, &copy);
	scim__assert(is_copied && scim__value_equal(value, &copy));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_str text = { (const char *)data, size };
	scim_error err = { .status = SCIM_OK };
	scim__value value;

	scim__assert(arena != NULL);
	scim_status rc = scim__json_parse(arena, text, &limits, &value, &err);
	if (rc == SCIM_OK)
		check_tree(arena, &value);
	else
		scim__assert(err.status == rc &&
		    scim__utf8_valid(scim__str(err.detail)));
	scim_arena_free(arena);
	return 0;
}
