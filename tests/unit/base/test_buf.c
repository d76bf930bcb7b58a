/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include "base/arena.h"
#include "lib/failing.h"
#include "lib/test.h"

static void
pieces_are_joined_in_order(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__buf buf;
	scim__buf_init(&buf, arena, SIZE_MAX);

	scim__buf_add(&buf, SCIM_STR("one"));
	scim__buf_add_char(&buf, ' ');
	scim__buf_add_z(&buf, "two");
	scim__buf_printf(&buf, " %d%s", 3, "!");
	scim__buf_add(&buf, (scim_str){ NULL, 0 });

	assert_false(scim__buf_failed(&buf));
	assert_str(scim__buf_str(&buf), "one two 3!");
	scim_arena_free(arena);
}

static void
an_unused_buffer_is_an_empty_string(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__buf buf;

	scim__buf_init(&buf, arena, 0);

	assert_str(scim__buf_str(&buf), "");
	scim__buf_printf(&buf, "%s", "");
	assert_false(scim__buf_failed(&buf));
	scim_arena_free(arena);
}

static void
growing_keeps_what_was_written(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__buf buf;
	scim__buf_init(&buf, arena, SIZE_MAX);

	for (int i = 0; i < 5000; i++) {
		scim__buf_printf(&buf, "%04d", i);
		/* Another object in between, so growing has to move. */
		if (i % 100 == 0)
			assert_non_null(scim_arena_alloc(arena, 8));
	}

	scim_str all = scim__buf_str(&buf);
	assert_int_equal(all.len, 20000);
	assert_memory_equal(all.ptr, "00000001", 8);
	assert_memory_equal(all.ptr + 4 * 2345, "2345", 4);
	assert_memory_equal(all.ptr + 4 * 4999, "4999", 4);
	scim_arena_free(arena);
}

static void
every_length_of_printf_fits(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	for (int len = 0; len < 300; len++) {
		scim__buf buf;
		scim__buf_init(&buf, arena, (size_t)len);

		scim__buf_printf(&buf, "%*s", len, "");

		assert_false(scim__buf_failed(&buf));
		assert_int_equal(buf.len, len);
	}
	scim_arena_free(arena);
}

static void
the_first_failure_sticks(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__buf buf;
	scim__buf_init(&buf, arena, 5);

	scim__buf_add_z(&buf, "12345");
	assert_false(scim__buf_failed(&buf));
	scim__buf_add_z(&buf, "6");
	assert_true(scim__buf_failed(&buf));
	scim__buf_add_z(&buf, "");
	scim__buf_add_char(&buf, 'x');
	scim__buf_printf(&buf, "y");

	assert_true(scim__buf_failed(&buf));
	assert_null(scim__buf_reserve(&buf, 0));
	assert_str(scim__buf_str(&buf), "12345");
	scim_arena_free(arena);
}

static void
reserved_room_is_filled_by_hand(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__buf buf;
	scim__buf_init(&buf, arena, SIZE_MAX);

	char *room = scim__buf_reserve(&buf, 1000);
	memset(room, 'x', 1000);
	buf.len += 1000;
	scim__buf_add_char(&buf, '.');

	assert_int_equal(buf.len, 1001);
	assert_int_equal(buf.ptr[1000], '.');
	assert_null(scim__buf_reserve(&buf, SIZE_MAX));
	scim_arena_free(arena);
}

static scim_status
fill(scim_arena *arena, void *context)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	for (int i = 0; i < 300; i++)
		scim__buf_printf(&buf, "%d,", i);
	scim__buf_add_char(&buf, '.');
	return scim__buf_failed(&buf) ? SCIM_ERR_NO_MEMORY : SCIM_OK;
}

static void
every_failed_allocation_is_noticed(void **state)
{
	assert_true(test_fail_each_allocation(fill, NULL) > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pieces_are_joined_in_order),
		cmocka_unit_test(an_unused_buffer_is_an_empty_string),
		cmocka_unit_test(growing_keeps_what_was_written),
		cmocka_unit_test(every_length_of_printf_fits),
		cmocka_unit_test(the_first_failure_sticks),
		cmocka_unit_test(reserved_room_is_filled_by_hand),
		cmocka_unit_test(every_failed_allocation_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
