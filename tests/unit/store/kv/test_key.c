/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <string.h>

#include "lib/test.h"
#include "store/kv/key.h"

static scim_arena *arena;

static int
set_up(void **state)
{
	arena = scim_arena_new(NULL);
	return arena == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	scim_arena_free(arena);
	return 0;
}

static scim_str
key_of_text(scim_str text)
{
	scim__buf key;

	scim__buf_init(&key, arena, SIZE_MAX);
	scim__key_add(&key, text);
	assert_false(scim__buf_failed(&key));
	return scim__buf_str(&key);
}

static scim_str
key_of_value(scim_index_value value)
{
	scim__buf key;

	scim__buf_init(&key, arena, SIZE_MAX);
	scim__key_add_value(&key, &value);
	assert_false(scim__buf_failed(&key));
	return scim__buf_str(&key);
}

static const scim_str texts[] = { { "", 0 }, { "\0", 1 }, { "\0\0", 2 },
	{ "\0\x01", 2 }, { "\0\xFF", 2 }, { "\x01", 1 }, { "a", 1 },
	{ "a\0", 2 }, { "a\0\xFF", 3 }, { "a\x01", 2 }, { "aa", 2 }, { "b", 1 },
	{ "\xFF", 1 }, { "\xFF\xFF", 2 } };

static void
texts_keep_their_order(void **state)
{
	for (size_t i = 0; i < scim__countof(texts); i++)
		for (size_t j = 0; j < scim__countof(texts); j++) {
			int order = scim__str_compare(
			    key_of_text(texts[i]), key_of_text(texts[j]));

			assert_int_equal(
			    (order > 0) - (order < 0), (i > j) - (i < j));
		}
}

static void
no_text_begins_another(void **state)
{
	for (size_t i = 0; i < scim__countof(texts); i++)
		for (size_t j = 0; j < scim__countof(texts); j++)
			assert_int_equal(
			    scim__str_starts_with(
				key_of_text(texts[i]), key_of_text(texts[j])),
			    i == j);
}

static void
texts_come_back_as_they_were(void **state)
{
	for (size_t i = 0; i < scim__countof(texts); i++) {
		scim__buf key;
		scim_str rest, have = SCIM_STR("");

		scim__buf_init(&key, arena, SIZE_MAX);
		scim__key_add(&key, texts[i]);
		scim__key_add(&key, SCIM_STR("next"));
		rest = scim__buf_str(&key);
		assert_true(scim__key_take(&rest, arena, &have));
		assert_true(scim__str_equal(have, texts[i]));
		assert_true(scim__key_take(&rest, arena, &have));
		assert_str(have, "next");
		assert_int_equal(rest.len, 0);
	}
}

static void
damaged_texts_are_refused(void **state)
{
	static const scim_str damaged[] = { { "", 0 }, { "a", 1 }, { "\0", 1 },
		{ "a\0", 2 }, { "a\0\x02", 3 }, { "a\0\xFF", 3 } };

	for (size_t i = 0; i < scim__countof(damaged); i++) {
		scim_str rest = damaged[i], have = SCIM_STR("poison");

		assert_false(scim__key_take(&rest, arena, &have));
		assert_str(have, "poison");
		assert_int_equal(rest.len, damaged[i].len);
	}
}

static void
numbers_keep_their_order_and_come_back(void **state)
{
	static const uint64_t numbers[] = { 0, 1, 255, 256, 65536, UINT32_MAX,
		(uint64_t)UINT32_MAX + 1, UINT64_MAX };
	scim_str last = SCIM_STR("");

	for (size_t i = 0; i < scim__countof(numbers); i++) {
		scim__buf key;
		uint64_t have = POISON;

		scim__buf_init(&key, arena, SIZE_MAX);
		scim__key_add_number(&key, numbers[i]);
		scim_str rest = scim__buf_str(&key);
		assert_true(scim__str_compare(rest, last) > 0);
		last = rest;
		assert_true(scim__key_take_number(&rest, &have));
		assert_true(have == numbers[i]);
		assert_int_equal(rest.len, 0);
		assert_false(scim__key_take_number(&rest, &have));
	}
}

static void
values_keep_their_order(void **state)
{
	static const scim_index_value values[] = {
		{ .kind = SCIM_INDEX_INTEGER, .integer = INT64_MIN },
		{ .kind = SCIM_INDEX_INTEGER, .integer = -256 },
		{ .kind = SCIM_INDEX_INTEGER, .integer = -1 },
		{ .kind = SCIM_INDEX_INTEGER, .integer = 0 },
		{ .kind = SCIM_INDEX_INTEGER, .integer = 1 },
		{ .kind = SCIM_INDEX_INTEGER, .integer = INT64_MAX },
		{ .kind = SCIM_INDEX_REAL, .real = -DBL_MAX },
		{ .kind = SCIM_INDEX_REAL, .real = -1.5 },
		{ .kind = SCIM_INDEX_REAL, .real = -DBL_TRUE_MIN },
		{ .kind = SCIM_INDEX_REAL, .real = 0.0 },
		{ .kind = SCIM_INDEX_REAL, .real = DBL_TRUE_MIN },
		{ .kind = SCIM_INDEX_REAL, .real = 1.0 },
		{ .kind = SCIM_INDEX_REAL, .real = DBL_MAX },
		{ .kind = SCIM_INDEX_TEXT, .text = { "", 0 } },
		{ .kind = SCIM_INDEX_TEXT, .text = { "a", 1 } },
	};

	for (size_t i = 1; i < scim__countof(values); i++)
		assert_true(scim__str_compare(key_of_value(values[i - 1]),
				key_of_value(values[i])) < 0);
}

static void
both_zeroes_are_one_value(void **state)
{
	scim_index_value minus = { .kind = SCIM_INDEX_REAL, .real = -0.0 };
	scim_index_value plus = { .kind = SCIM_INDEX_REAL, .real = 0.0 };

	assert_true(scim__str_equal(key_of_value(minus), key_of_value(plus)));
}

static void
the_end_comes_right_after_all_that_begin_so(void **state)
{
	static const struct {
		scim_str start, end;
	} cases[] = {
		{ { "a", 1 }, { "b", 1 } },
		{ { "Ta\xFF", 3 }, { "Tb", 2 } },
		{ { "T\xFF\xFF", 3 }, { "U", 1 } },
		{ { "T\0\x01", 3 }, { "T\0\x02", 3 } },
		{ { "T\x7F", 2 }, { "T\x80", 2 } },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__buf key;

		scim__buf_init(&key, arena, SIZE_MAX);
		scim__buf_add(&key, cases[i].start);
		scim__key_to_end(&key);
		assert_true(scim__str_equal(scim__buf_str(&key), cases[i].end));
	}
}

static void
tenants_and_shelves_share_no_prefix(void **state)
{
	scim__buf keys[5];

	scim__key_begin(&keys[0], arena, SCIM_STR("t"), SCIM__KV_RECORD);
	scim__key_begin(&keys[1], arena, SCIM_STR("tr"), SCIM__KV_RECORD);
	scim__key_begin(&keys[2], arena, SCIM_STR("t"), SCIM__KV_MEMBER);
	scim__key_begin_position(&keys[3], arena);
	scim__key_begin_shelf(&keys[4], arena, SCIM_SHELF_TOKEN);
	for (size_t i = 0; i < 5; i++)
		for (size_t j = 0; j < 5; j++)
			assert_int_equal(
			    scim__str_starts_with(scim__buf_str(&keys[i]),
				scim__buf_str(&keys[j])),
			    i == j);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(texts_keep_their_order),
		cmocka_unit_test(no_text_begins_another),
		cmocka_unit_test(texts_come_back_as_they_were),
		cmocka_unit_test(damaged_texts_are_refused),
		cmocka_unit_test(numbers_keep_their_order_and_come_back),
		cmocka_unit_test(values_keep_their_order),
		cmocka_unit_test(both_zeroes_are_one_value),
		cmocka_unit_test(the_end_comes_right_after_all_that_begin_so),
		cmocka_unit_test(tenants_and_shelves_share_no_prefix),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
