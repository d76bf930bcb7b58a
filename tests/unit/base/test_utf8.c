/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "base/str.h"
#include "lib/test.h"

static void
well_formed_text_is_valid_up_to_its_first_bad_byte(void **state)
{
	static const struct {
		const char *text;
		size_t prefix; /* SIZE_MAX: all of it */
	} cases[] = {
		{ "", SIZE_MAX },
		{ "plain ASCII that is longer than a word \x7f", SIZE_MAX },
		{ "\xc2\x80\xdf\xbf", SIZE_MAX },
		{ "\xe0\xa0\x80\xed\x9f\xbf\xee\x80\x80\xef\xbf\xbf",
		    SIZE_MAX },
		{ "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf", SIZE_MAX },
		{ "12345678\x80", 8 },
		{ "1234567\xff"
		  "9",
		    7 },
		{ "\xc0\x80", 0 }, /* overlong NUL */
		{ "\xc1\xbf", 0 },
		{ "a\xe0\x9f\xbf", 1 }, /* overlong */
		{ "a\xf0\x8f\xbf\xbf", 1 },
		{ "a\xed\xa0\x80", 1 },     /* high surrogate */
		{ "a\xed\xbf\xbf", 1 },     /* low surrogate */
		{ "a\xf4\x90\x80\x80", 1 }, /* beyond U+10FFFF */
		{ "a\xf5\x80\x80\x80", 1 },
		{ "a\xc3", 1 },
		{ "a\xe2\x82", 1 },
		{ "a\xf0\x9f\x98", 1 },
		{ "a\xc3(", 1 },
		{ "a\xe2\x82(", 1 },
		{ "a\xe2(\xac", 1 },
		{ "a\xf0\x9f\x98(", 1 },
		{ "\xc3\xa9\xbf", 2 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_str s = scim__str(cases[i].text);
		size_t want =
		    cases[i].prefix == SIZE_MAX ? s.len : cases[i].prefix;

		assert_int_equal(scim__utf8_prefix(s), want);
		assert_int_equal(scim__utf8_valid(s), want == s.len);
	}
}

/* Every code point, encoded by hand, and every surrogate. */
static void
exactly_the_scalar_values_are_valid(void **state)
{
	for (uint32_t c = 0x800; c < 0x110000; c++) {
		char text[4];
		size_t len = 0;

		if (c >= 0x10000) {
			text[len++] = (char)(0xF0 | c >> 18);
			text[len++] = (char)(0x80 | (c >> 12 & 63));
		} else {
			text[len++] = (char)(0xE0 | c >> 12);
		}
		text[len++] = (char)(0x80 | (c >> 6 & 63));
		text[len++] = (char)(0x80 | (c & 63));
		bool is_surrogate = c >= 0xD800 && c <= 0xDFFF;
		if (scim__utf8_valid((scim_str){ text, len }) == is_surrogate)
			fail_msg("U+%04X", c);
	}
}

static const struct {
	const char *name, *text, *folded;
} folds[] = {
	{ "empty", "", "" },
	{ "ASCII", "McDonald@Example.COM [@`{", "mcdonald@example.com [@`{" },
	{ "sharp s",
	    "Stra\xc3\x9f"
	    "E",
	    "strasse" },
	{ "capital e acute", "\xc3\x89", "\xc3\xa9" },
	{ "e and combining acute", "e\xcc\x81", "\xc3\xa9" },
	{ "final sigma", "\xce\xa3\xcf\x82", "\xcf\x83\xcf\x83" },
	{ "dotted I", "\xc4\xb0", "i\xcc\x87" },
	{ "fullwidth is plain", "\xef\xbc\xa1", "a" },
	{ "zero width is nothing",
	    "a\xe2\x80\x8b"
	    "b",
	    "ab" },
	{ "soft hyphen is nothing",
	    "a\xc2\xad"
	    "b",
	    "ab" },
	{ "halfwidth is plain", "\xef\xbd\xb1", "\xe3\x82\xa2" },
	{ "ligature", "\xef\xac\x81", "fi" },
	{ "angstrom sign", "\xe2\x84\xab", "\xc3\xa5" },
	{ "emoji", "\xf0\x9f\x98\x80", "\xf0\x9f\x98\x80" },
	{ "not text",
	    "\xff"
	    "A",
	    "\xff"
	    "A" },
};

static void
values_fold_to_one_form(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(folds); i++) {
		scim_str once = scim__str_fold(arena, scim__str(folds[i].text));

		assert_str(once, folds[i].folded);
		assert_str(scim__str_fold(arena, once), folds[i].folded);
	}
	scim_arena_free(arena);
}

static void
a_nul_inside_is_data(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	scim_str folded = scim__str_fold(arena, (scim_str){ "\xc3\x89\0B", 4 });

	assert_int_equal(folded.len, 4);
	assert_memory_equal(folded.ptr, "\xc3\xa9\0b", 4);
	scim_arena_free(arena);
}

static void
the_tables_have_a_name(void **state)
{
	assert_non_null(strstr(scim__fold_version(), "folding 1 unicode "));
	assert_non_null(strstr(scim__fold_version(), " unicode "));
	assert_ptr_equal(scim__fold_version(), scim__fold_version());
}

static scim_status
fold_both_ways(scim_arena *arena, void *context)
{
	if (scim__str_fold(arena, SCIM_STR("ABC")).ptr == NULL ||
	    scim__str_fold(arena, SCIM_STR("\xc3\x89")).ptr == NULL)
		return SCIM_ERR_NO_MEMORY;
	return SCIM_OK;
}

static void
every_failed_allocation_gives_null(void **state)
{
	assert_int_equal(test_fail_each_allocation(fold_both_ways, NULL), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    well_formed_text_is_valid_up_to_its_first_bad_byte),
		cmocka_unit_test(exactly_the_scalar_values_are_valid),
		cmocka_unit_test(values_fold_to_one_form),
		cmocka_unit_test(a_nul_inside_is_data),
		cmocka_unit_test(the_tables_have_a_name),
		cmocka_unit_test(every_failed_allocation_gives_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
