/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The helpers behind lib/test.h.
 */
#include "lib/test.h"

#include "base/arena.h"
#include "lib/failing.h"

/* More than any call under test allocates. */
#define TOO_MANY 100000

void
test_assert_str(scim_str have, const char *want, const char *file, int line)
{
	if (have.ptr != NULL && scim__str_equal(have, scim__str(want)))
		return;
	print_error("have: %.*s\nwant: %s\n", (int)have.len,
	    have.ptr == NULL ? "" : have.ptr, want);
	_fail(file, line);
}

size_t
test_fail_each_allocation(
    scim_status (*call)(scim_arena *arena, void *context), void *context)
{
	for (size_t nth = 0; nth < TOO_MANY; nth++) {
		struct failing failing;

		failing_init(&failing, nth);
		scim_arena *arena = scim__arena_new_isolating(&failing.base);
		scim_status rc =
		    arena == NULL ? SCIM_ERR_NO_MEMORY : call(arena, context);
		scim_arena_free(arena);
		assert_int_equal(failing.live, 0);
		if (rc == SCIM_OK && !failing.has_failed)
			return failing.asked;
		if (rc != SCIM_OK)
			assert_int_equal(rc, SCIM_ERR_NO_MEMORY);
	}
	fail_msg("no end of allocations");
	return 0;
}
