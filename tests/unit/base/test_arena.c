/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <string.h>

#include "lib/failing.h"
#include "lib/test.h"

#define BIGGEST 100000

static bool
is_zero(const unsigned char *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (p[i] != 0)
			return false;
	return true;
}

/* Under AddressSanitizer every arena is an isolating one. */
static bool
has_own_chunks(void)
{
	struct failing f;
	failing_init(&f, FAILING_NEVER);
	scim_arena *arena = scim_arena_new(&f.base);
	void *p = scim_arena_alloc(arena, 1);
	bool has = p != NULL && f.asked == 2;

	scim_arena_free(arena);
	return has;
}

static void
memory_is_zeroed_and_aligned(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	for (int round = 0; round < 2; round++) {
		for (size_t size = 0; size < 3000; size += 37) {
			unsigned char *p = scim_arena_alloc(arena, size);

			assert_non_null(p);
			assert_int_equal(
			    (uintptr_t)p % _Alignof(max_align_t), 0);
			assert_true(is_zero(p, size));
			memset(p, 0xAA, size);
		}
		scim_arena_reset(arena);
	}
	scim_arena_free(arena);
}

static void
objects_do_not_overlap(void **state)
{
	static const size_t sizes[] = { 1, 16, 17, 4000, 5000, BIGGEST, 3,
		300000, 8, 2048 };
	unsigned char *p[scim__countof(sizes)];
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(sizes); i++) {
		p[i] = scim_arena_alloc(arena, sizes[i]);
		memset(p[i], (int)i + 1, sizes[i]);
	}

	for (size_t i = 0; i < scim__countof(sizes); i++)
		for (size_t j = 0; j < sizes[i]; j++)
			assert_int_equal(p[i][j], i + 1);
	scim_arena_free(arena);
}

static void
a_reset_arena_serves_a_small_request_without_allocating(void **state)
{
	struct failing f;
	failing_init(&f, FAILING_NEVER);
	scim_arena *arena = scim_arena_new(&f.base);
	for (size_t i = 0; i < 100; i++)
		assert_non_null(scim_arena_alloc(arena, 1000));

	scim_arena_reset(arena);
	size_t live = f.live, asked = f.asked;
	void *p = scim_arena_alloc(arena, 100);

	assert_non_null(p);
	assert_int_equal(live, 1);
	assert_true(f.asked - asked <= (has_own_chunks() ? 1 : 0));
	scim_arena_free(arena);
	assert_int_equal(f.live, 0);
}

static void
chunks_grow_so_that_many_objects_cost_few_allocations(void **state)
{
	struct failing f;
	failing_init(&f, FAILING_NEVER);
	scim_arena *arena = scim_arena_new(&f.base);
	scim_arena *isolating = scim__arena_new_isolating(&f.base);
	size_t before = f.asked;

	for (size_t i = 0; i < 10000; i++)
		assert_non_null(scim_arena_alloc(isolating, 64));
	size_t each = f.asked - before;
	before = f.asked;
	for (size_t i = 0; i < 10000; i++)
		assert_non_null(scim_arena_alloc(arena, 64));
	size_t few = f.asked - before;

	assert_int_equal(each, 10000);
	assert_true(has_own_chunks() ? few == 10000 : few < 20);
	scim_arena_free(arena);
	scim_arena_free(isolating);
	assert_int_equal(f.live, 0);
}

static void
a_failed_allocation_gives_null_and_the_arena_goes_on(void **state)
{
	struct failing f;
	failing_init(&f, 1);
	scim_arena *arena = scim__arena_new_isolating(&f.base);

	assert_null(scim_arena_alloc(arena, 10));
	assert_non_null(scim_arena_alloc(arena, 10));

	scim_arena_free(arena);
	assert_int_equal(f.live, 0);
	failing_init(&f, 0);
	assert_null(scim_arena_new(&f.base));
}

static void
sizes_that_overflow_give_null(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	assert_null(scim_arena_alloc(arena, SIZE_MAX));
	assert_null(scim_arena_alloc(arena, SIZE_MAX - 8));
	assert_null(scim__arena_array(arena, SIZE_MAX / 2, 16));
	assert_non_null(scim__arena_array(arena, 0, 16));
	assert_non_null(scim__arena_array(arena, 16, 0));
	scim_arena_free(arena);
	scim_arena_free(NULL);
}

static void
only_the_last_object_is_extended(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	char *a = scim__arena_take(arena, 10);
	char *b = scim__arena_take(arena, 20);
	memset(b, 'b', 20);

	assert_false(scim__arena_extend(arena, a, 10, 30));
	if (scim__arena_extend(arena, b, 20, 200)) {
		memset(b, 'b', 200);
		char *c = scim__arena_take(arena, 10);
		assert_true(c >= b + 200 || c + 10 <= b);
	}
	assert_false(scim__arena_extend(arena, b, 20, SIZE_MAX));
	assert_false(scim__arena_extend(arena, b, 20, 1000000));
	scim_arena_free(arena);
}

static void
the_allocator_is_the_one_given(void **state)
{
	struct failing f;
	failing_init(&f, FAILING_NEVER);
	scim_arena *arena = scim_arena_new(&f.base);

	assert_ptr_equal(scim__arena_allocator(arena), &f.base);
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(objects_do_not_overlap),
		cmocka_unit_test(
		    a_reset_arena_serves_a_small_request_without_allocating),
		cmocka_unit_test(
		    chunks_grow_so_that_many_objects_cost_few_allocations),
		cmocka_unit_test(
		    a_failed_allocation_gives_null_and_the_arena_goes_on),
		cmocka_unit_test(sizes_that_overflow_give_null),
		cmocka_unit_test(only_the_last_object_is_extended),
		cmocka_unit_test(the_allocator_is_the_one_given),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
