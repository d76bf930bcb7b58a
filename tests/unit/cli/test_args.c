/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/args.h"
#include "lib/output.h"
#include "lib/test.h"

static void
options_and_words_are_told_apart(void **state)
{
	static const struct {
		const char *line[8];
		int words;
		const char *store, *first;
	} rows[] = {
		{ { "v" }, 0, NULL, NULL },
		{ { "v", "a", "b" }, 2, NULL, "a" },
		{ { "v", "--store", "x", "a" }, 1, "x", "a" },
		{ { "v", "a", "--store=x" }, 1, "x", "a" },
		{ { "v", "a", "--store=" }, 1, "", "a" },
		{ { "v", "--store", "--" }, 0, "--", NULL },
		{ { "v", "--", "--store", "x" }, 2, NULL, "--store" },
		{ { "v", "-x" }, 1, NULL, "-x" },
		{ { "v", "--store" }, -1, NULL, NULL },
		{ { "v", "--stor", "x" }, -1, NULL, NULL },
		{ { "v", "--stores=x" }, -1, NULL, NULL },
		{ { "v", "--store=x", "--store=y" }, -1, NULL, NULL },
	};

	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct scim__cli_option option = { "--store", NULL };
		char *argv[9] = { NULL };
		struct output out;
		int argc = 0;

		for (; rows[i].line[argc] != NULL; argc++)
			argv[argc] = (char *)(uintptr_t)rows[i].line[argc];
		output_take(&out);
		int words = scim__cli_read_args(argc, argv, &option, 1);
		output_give_back(&out);

		assert_int_equal(words, rows[i].words);
		assert_int_equal(words < 0, out.err[0] != '\0');
		if (words >= 0 && rows[i].store == NULL)
			assert_null(option.value);
		if (words >= 0 && rows[i].store != NULL)
			assert_string_equal(option.value, rows[i].store);
		if (rows[i].first != NULL)
			assert_string_equal(argv[1], rows[i].first);
	}
}

static void
a_span_is_a_number_and_a_unit(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} rows[] = {
		{ "1s", 1000 },
		{ "30m", 1800000 },
		{ "12h", 43200000 },
		{ "90d", INT64_C(7776000000) },
		{ "36500d", INT64_C(3153600000000) },
		{ "36501d", -1 },
		{ "99999999999999999999d", -1 },
		{ "0d", -1 },
		{ "d", -1 },
		{ "", -1 },
		{ "90", -1 },
		{ "-1d", -1 },
		{ "1.5d", -1 },
		{ "1w", -1 },
	};

	for (size_t i = 0; i < scim__countof(rows); i++)
		assert_int_equal(
		    scim__cli_read_span(rows[i].text), rows[i].want);
}

static void
a_number_keeps_its_bounds(void **state)
{
	assert_int_equal(scim__cli_read_number("5", 5, 9), 5);
	assert_int_equal(scim__cli_read_number("9", 5, 9), 9);
	assert_int_equal(scim__cli_read_number("4", 5, 9), -1);
	assert_int_equal(scim__cli_read_number("10", 5, 9), -1);
	assert_int_equal(scim__cli_read_number("", 0, 9), -1);
	assert_int_equal(scim__cli_read_number("+5", 0, 9), -1);
	assert_int_equal(scim__cli_read_number("5 ", 0, 9), -1);
	assert_int_equal(
	    scim__cli_read_number("9999999999999999", 0, INT64_MAX), -1);
}

static void
help_is_asked_for_before_the_words_end(void **state)
{
	char *yes[] = { "v", "a", "--help", NULL };
	char *short_yes[] = { "v", "-h", NULL };
	char *no[] = { "v", "--", "--help", NULL };

	assert_true(scim__cli_wants_help(3, yes));
	assert_true(scim__cli_wants_help(2, short_yes));
	assert_false(scim__cli_wants_help(3, no));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_and_words_are_told_apart),
		cmocka_unit_test(a_span_is_a_number_and_a_unit),
		cmocka_unit_test(a_number_keeps_its_bounds),
		cmocka_unit_test(help_is_asked_for_before_the_words_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
