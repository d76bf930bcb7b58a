/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include "base/arena.h"
#include "lib/test.h"

static int
sign(int n)
{
	return (n > 0) - (n < 0);
}

static void
order_is_by_bytes_with_a_prefix_first(void **state)
{
	static const struct {
		const char *a, *b;
		int want;
	} cases[] = {
		{ "", "", 0 },
		{ "", "a", -1 },
		{ "a", "a", 0 },
		{ "a", "ab", -1 },
		{ "b", "ab", 1 },
		{ "Z", "a", -1 },
		{ "z", "\xc3\xa9", -1 },
		{ "\xef\xbf\xbd", "\xf0\x9f\x98\x80", -1 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_str a = scim__str(cases[i].a), b = scim__str(cases[i].b);

		assert_int_equal(sign(scim__str_compare(a, b)), cases[i].want);
		assert_int_equal(sign(scim__str_compare(b, a)), -cases[i].want);
		assert_int_equal(scim__str_equal(a, b), cases[i].want == 0);
	}
}

static void
only_ascii_letters_lose_their_case(void **state)
{
	static const struct {
		const char *a, *b;
		bool want;
	} cases[] = {
		{ "", "", true },
		{ "userName", "USERNAME", true },
		{ "userName", "userNam", false },
		{ "a-z_9", "A-Z_9", true },
		{ "@", "`", false }, /* beside A and a, 32 apart */
		{ "[", "{", false },
		{ "\xc3\xa9", "\xc3\x89", false },
	};

	for (size_t i = 0; i < scim__countof(cases); i++)
		assert_int_equal(scim__str_equal_nocase(scim__str(cases[i].a),
				     scim__str(cases[i].b)),
		    cases[i].want);
}

static void
a_prefix_may_be_empty_or_everything(void **state)
{
	scim_str s = SCIM_STR("Bearer x");

	assert_true(scim__str_starts_with(s, SCIM_STR("Bearer ")));
	assert_true(scim__str_starts_with(s, (scim_str){ NULL, 0 }));
	assert_true(scim__str_starts_with(s, s));
	assert_false(scim__str_starts_with(s, SCIM_STR("bearer ")));
	assert_false(scim__str_starts_with(s, SCIM_STR("Bearer xy")));
}

static void
a_text_contains_its_parts_and_nothing_else(void **state)
{
	static const struct {
		const char *text, *part;
		bool want;
	} cases[] = {
		{ "", "", true },
		{ "abc", "", true },
		{ "abc", "a", true },
		{ "abc", "c", true },
		{ "abc", "abc", true },
		{ "aab", "ab", true },
		{ "abab", "bab", true },
		{ "", "a", false },
		{ "abc", "abcd", false },
		{ "abc", "ac", false },
		{ "aaa", "ab", false },
		{ "abc", "C", false },
	};

	for (size_t i = 0; i < scim__countof(cases); i++)
		assert_int_equal(scim__str_contains(scim__str(cases[i].text),
				     scim__str(cases[i].part)),
		    cases[i].want);
	/* What lies behind the end is not looked at. */
	assert_false(
	    scim__str_contains((scim_str){ "abc", 2 }, SCIM_STR("bc")));
}

static void
a_list_is_cut_piece_by_piece(void **state)
{
	static const struct {
		const char *list;
		const char *pieces[4];
	} cases[] = {
		{ "", { "" } },
		{ "a", { "a", "" } },
		{ "a,b", { "a", "b", "" } },
		{ ",a,", { "", "a", "" } },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_str rest = scim__str(cases[i].list);

		for (size_t k = 0; cases[i].pieces[k] != NULL; k++)
			assert_str(
			    scim__str_cut(&rest, ','), cases[i].pieces[k]);
		assert_int_equal(rest.len, 0);
	}
}

static void
copies_are_fresh(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	char text[] = "abc";

	scim_str copy = scim__str_copy(arena, scim__str(text));
	char *z = scim__str_copy_z(arena, (scim_str){ text, 2 });
	text[0] = 'X';

	assert_str(copy, "abc");
	assert_string_equal(z, "ab");
	assert_non_null(scim__str_copy(arena, (scim_str){ NULL, 0 }).ptr);
	assert_string_equal(scim__str_copy_z(arena, (scim_str){ NULL, 0 }), "");
	assert_null(scim__str_copy_z(arena, (scim_str){ text, SIZE_MAX }));
	scim_arena_free(arena);
}

static void
formats_are_as_of_printf(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	assert_str(scim__str_format(arena, "%s/%d", "Users", 7), "Users/7");
	assert_str(scim__str_format(arena, "%s", ""), "");
	assert_int_equal(scim__str_format(arena, "%5000d", 1).len, 5000);
	scim_arena_free(arena);
}

static scim_status
make_all(scim_arena *arena, void *context)
{
	scim_str s = SCIM_STR("text");

	if (scim__str_copy(arena, s).ptr == NULL ||
	    scim__str_copy_z(arena, s) == NULL ||
	    scim__str_format(arena, "%d", 1).ptr == NULL)
		return SCIM_ERR_NO_MEMORY;
	return SCIM_OK;
}

static void
every_failed_allocation_gives_null(void **state)
{
	assert_int_equal(test_fail_each_allocation(make_all, NULL), 4);
}

static void
a_hash_is_fnv_1a_and_goes_on(void **state)
{
	uint64_t foo = scim__str_hash(SCIM__STR_HASH_BEGIN, SCIM_STR("foo"));

	assert_true(scim__str_hash(SCIM__STR_HASH_BEGIN, SCIM_STR("a")) ==
	    UINT64_C(0xaf63dc4c8601ec8c));
	assert_true(scim__str_hash(foo, SCIM_STR("bar")) ==
	    UINT64_C(0x85944171f73967e8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_is_fnv_1a_and_goes_on),
		cmocka_unit_test(order_is_by_bytes_with_a_prefix_first),
		cmocka_unit_test(only_ascii_letters_lose_their_case),
		cmocka_unit_test(a_prefix_may_be_empty_or_everything),
		cmocka_unit_test(a_text_contains_its_parts_and_nothing_else),
		cmocka_unit_test(a_list_is_cut_piece_by_piece),
		cmocka_unit_test(copies_are_fresh),
		cmocka_unit_test(formats_are_as_of_printf),
		cmocka_unit_test(every_failed_allocation_gives_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
