/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "base/str.h"
#include "lib/fixed_env.h"
#include "lib/test.h"

enum { MANY = 2000, CHOSEN = 500 };

static scim_str
numbered(scim_arena *arena, const char *prefix, size_t i)
{
	scim_str s = scim__str_format(arena, "%s%zu", prefix, i);

	assert_non_null(s.ptr);
	return s;
}

static void
each_string_has_its_number(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__table t;

	scim__table_init(&t, arena, NULL);
	assert_int_equal(scim__table_find(&t, SCIM_STR("x")), SCIM__TABLE_NONE);
	for (size_t i = 0; i < MANY; i++) {
		scim_str s = numbered(arena, "", i);

		assert_int_equal(scim__table_find(&t, s), SCIM__TABLE_NONE);
		assert_int_equal(t.count, i);
		assert_int_equal(scim__table_enter(&t, s), i);
		assert_int_equal(scim__table_enter(&t, s), i);
	}
	assert_int_equal(t.count, MANY);
	for (size_t i = 0; i < MANY; i++) {
		assert_int_equal(
		    scim__table_find(&t, numbered(arena, "", i)), i);
		assert_int_equal(scim__table_find(&t, numbered(arena, "x", i)),
		    SCIM__TABLE_NONE);
	}
	scim_arena_free(arena);
}

static void
an_empty_string_is_one_as_well(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__table t;

	scim__table_init(&t, arena, NULL);
	for (size_t i = 0; i < 40; i++)
		assert_int_equal(
		    scim__table_enter(&t, numbered(arena, "", i)), i);
	assert_int_equal(scim__table_enter(&t, (scim_str){ NULL, 0 }), 40);
	assert_int_equal(scim__table_enter(&t, SCIM_STR("")), 40);
	scim_arena_free(arena);
}

/* Strings that an unkeyed hash would send to one slot of 1,024. */
static size_t
colliding(scim_arena *arena, scim_str *out, size_t want)
{
	size_t count = 0;

	for (size_t i = 0; count < want; i++) {
		char text[24];
		int len = snprintf(text, sizeof(text), "%zx", i);
		scim_str s = { text, (size_t)len };

		if ((scim__str_hash(SCIM__STR_HASH_BEGIN, s) & 1023) != 0)
			continue;
		out[count] = scim__str_copy(arena, s);
		assert_non_null(out[count++].ptr);
	}
	return count;
}

/* The longest way that looking for a string goes. */
static size_t
longest_run(const scim__table *t)
{
	size_t longest = 0, run = 0;

	for (size_t i = 0; i < 2 * t->slot_count; i++) {
		run = t->slots[i % t->slot_count] == 0 ? 0 : run + 1;
		longest = run > longest ? run : longest;
	}
	return longest;
}

static void
chosen_strings_do_not_meet(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_str *strings = calloc(CHOSEN, sizeof(*strings));
	scim__table t;

	assert_non_null(strings);
	assert_int_equal(colliding(arena, strings, CHOSEN), CHOSEN);
	scim__table_init(&t, arena, NULL);
	for (size_t i = 0; i < CHOSEN; i++)
		assert_int_equal(scim__table_enter(&t, strings[i]), i);
	assert_true(t.slot_count <= 1024);
	assert_true(longest_run(&t) < 100);
	free(strings);
	scim_arena_free(arena);
}

static void
each_table_has_a_key_of_its_own_once_it_is_large(void **state)
{
	static const unsigned char none[SCIM__TABLE_KEY_LEN];
	scim_arena *arena = scim_arena_new(NULL);
	struct fixed_env env;
	scim__table t, other;

	fixed_env_init(&env, 0, 1);
	scim__table_init(&t, arena, &env.env);
	scim__table_init(&other, arena, &env.env);
	for (size_t i = 0; i < 16; i++)
		(void)scim__table_enter(&t, numbered(arena, "", i));
	assert_memory_equal(t.key, none, sizeof(none));
	for (size_t i = 0; i < 17; i++) {
		(void)scim__table_enter(&t, numbered(arena, "", i));
		(void)scim__table_enter(&other, numbered(arena, "", i));
	}
	assert_memory_not_equal(t.key, none, sizeof(none));
	assert_memory_not_equal(t.key, other.key, sizeof(none));
	scim_arena_free(arena);
}

static scim_status
fill(scim_arena *arena, void *context)
{
	char(*texts)[8] = context;
	scim__table t;

	scim__table_init(&t, arena, NULL);
	for (size_t i = 0; i < 100; i++) {
		scim_str s = scim__str(texts[i]);

		if (scim__table_enter(&t, s) == SCIM__TABLE_NONE) {
			assert_int_equal(t.count, i);
			assert_int_equal(
			    scim__table_find(&t, s), SCIM__TABLE_NONE);
			return SCIM_ERR_NO_MEMORY;
		}
	}
	return SCIM_OK;
}

static void
every_failed_allocation_is_told(void **state)
{
	char texts[100][8];

	for (size_t i = 0; i < 100; i++)
		(void)snprintf(texts[i], sizeof(texts[i]), "%zu", i);
	assert_true(test_fail_each_allocation(fill, texts) > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_string_has_its_number),
		cmocka_unit_test(an_empty_string_is_one_as_well),
		cmocka_unit_test(chosen_strings_do_not_meet),
		cmocka_unit_test(
		    each_table_has_a_key_of_its_own_once_it_is_large),
		cmocka_unit_test(every_failed_allocation_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
