/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the way back through the change log.
 *
 * Two documents, a line each, and then edits.  The way from the one to the
 * other leads there; any bytes as edits are made, or refused, of what is no
 * object too.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/delta.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const scim__json_limits limits = { 1 << 20, 32 };

static scim_str
take_line(scim_str *rest)
{
	const char *end =
	    rest->len == 0 ? NULL : memchr(rest->ptr, '\n', rest->len);
	scim_str line = *rest;

	if (end == NULL) {
		*rest = (scim_str){ "", 0 };
		return line;
	}
	line.len = (size_t)(end - line.ptr);
	rest->ptr += line.len + 1;
	rest->len -= line.len + 1;
	return line;
}

static void
go_and_compare(
    scim_arena *arena, const scim__value *from, const scim__value *to)
{
	scim__value there;
	scim__buf buf;

	if (from->kind != SCIM__OBJECT || to->kind != SCIM__OBJECT)
		return;
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__delta_write(&buf, from, to);
	scim__assert(!scim__buf_failed(&buf));
	scim__assert(scim__value_copy(arena, from, &there));
	scim_status rc =
	    scim__delta_apply(arena, scim__buf_str(&buf), &there, NULL);
	scim__assert(rc == SCIM_OK);
	scim__assert(scim__value_equal(&there, to));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_str rest = { (const char *)data, size };
	scim__value documents[2];
	scim_error err = { .status = SCIM_OK };

	scim__assert(arena != NULL);
	for (int i = 0; i < 2; i++)
		if (scim__json_parse(arena, take_line(&rest), &limits,
			&documents[i], NULL) != SCIM_OK)
			return 0;
	go_and_compare(arena, &documents[0], &documents[1]);
	scim_status rc = scim__delta_apply(arena, rest, &documents[0], &err);
	scim__assert(
	    rc == SCIM_OK || (rc == err.status && rc == SCIM_ERR_STORE));
	return 0;
}
