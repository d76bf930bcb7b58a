/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/lex.h"

#include "lib/test.h"

static struct scim__lexer
lexer_of(const char *text, scim_error *err)
{
	return (struct scim__lexer){ .text = scim__str(text),
		.scim_type = "invalidFilter",
		.err = err };
}

static void
text_is_cut_into_words_strings_and_marks(void **state)
{
	static const struct {
		const char *text;
		enum scim__token_kind kind;
		size_t at;
		bool spaced;
	} want[] = {
		{ "urn:a.b:2.0:User:name.$ref", SCIM__TOKEN_WORD, 1, true },
		{ "[", SCIM__TOKEN_OPEN_BRACKET, 27, false },
		{ "eq", SCIM__TOKEN_WORD, 28, false },
		{ "\"a \\\" b\\\\\"", SCIM__TOKEN_STRING, 32, true },
		{ "]", SCIM__TOKEN_CLOSE_BRACKET, 42, false },
		{ ".x", SCIM__TOKEN_WORD, 43, false },
		{ "(", SCIM__TOKEN_OPEN, 46, true },
		{ "-1.5e+3", SCIM__TOKEN_WORD, 47, false },
		{ ")", SCIM__TOKEN_CLOSE, 54, false },
		{ "", SCIM__TOKEN_END, 56, true },
		{ "", SCIM__TOKEN_END, 56, false },
	};
	scim_error err = { 0 };
	struct scim__lexer lexer =
	    lexer_of(" urn:a.b:2.0:User:name.$ref[eq  \"a \\\" b\\\\\"].x "
		     "(-1.5e+3)\t ",
		&err);
	struct scim__token token;

	lexer.text.len--;
	for (size_t i = 0; i < scim__countof(want); i++) {
		assert_int_equal(SCIM_OK, scim__lex(&lexer, &token));
		assert_int_equal(token.kind, want[i].kind);
		assert_str(token.text, want[i].text);
		assert_int_equal(token.at, want[i].at);
		assert_int_equal(token.spaced, want[i].spaced);
	}
}

static void
what_is_no_token_is_refused_where_it_stands(void **state)
{
	static const struct {
		const char *in, *detail;
	} cases[] = {
		{ "\"", "no closing quote, at character 1." },
		{ "  \"a\\\"", "no closing quote, at character 3." },
		{ "'a'",
		    "can't stand here; text goes in double quotes, at "
		    "character 1." },
		{ "{", "at character 1." },
		{ "\n", "at character 1." },
		{ "\x01", "at character 1." },
		{ "\xC3\xA9", "at character 1." },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_error err = { 0 };
		struct scim__lexer lexer = lexer_of(cases[i].in, &err);
		struct scim__token token;

		assert_int_equal(SCIM_ERR_INVALID, scim__lex(&lexer, &token));
		assert_string_equal(err.scim_type, "invalidFilter");
		if (strstr(err.detail, cases[i].detail) == NULL)
			fail_msg("%s: %s", cases[i].in, err.detail);
	}
}

static void
positions_count_characters_from_one(void **state)
{
	scim_error err = { 0 };
	/* e acute, a smiley of four bytes, then the place */
	struct scim__lexer lexer =
	    lexer_of("\"\xC3\xA9\xF0\x9F\x98\x80\" !", &err);

	assert_int_equal(
	    SCIM_ERR_INVALID, scim__lex_fail(&lexer, 9, "%s is %d", "it", 7));
	assert_string_equal(err.detail, "it is 7, at character 6.");
	(void)scim__lex_fail(&lexer, 0, "x");
	assert_string_equal(err.detail, "x, at character 1.");
	(void)scim__lex_fail(&lexer, 10, "x");
	assert_string_equal(err.detail, "x, at character 7.");
}

static void
a_nul_is_no_part_of_a_word(void **state)
{
	scim_error err = { 0 };
	struct scim__lexer lexer = {
		.text = { "a\0b", 3 }, .scim_type = "invalidPath", .err = &err
	};
	struct scim__token token;

	assert_int_equal(SCIM_OK, scim__lex(&lexer, &token));
	assert_str(token.text, "a");
	assert_int_equal(SCIM_ERR_INVALID, scim__lex(&lexer, &token));
	assert_string_equal(err.scim_type, "invalidPath");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_cut_into_words_strings_and_marks),
		cmocka_unit_test(what_is_no_token_is_refused_where_it_stands),
		cmocka_unit_test(positions_count_characters_from_one),
		cmocka_unit_test(a_nul_is_no_part_of_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
