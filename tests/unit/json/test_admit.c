/* SPDX-License-Identifier: Apache-2.0 */
#include "json/admit.h"

#include <stdlib.h>
#include <time.h>

#include "base/arena.h"
#include "base/buf.h"
#include "lib/test.h"

#define DEPTH 8

static const char *const admitted[] = {
	"",
	"null",
	"{}",
	"[]",
	"{\"a\":1,\"A\":2,\"aa\":3,\"\":4}",
	"{\"a\":{\"a\":{\"a\":1}},\"b\":{\"a\":1}}",
	"[{\"a\":1},{\"a\":1}]",
	"{\"a\":\"a\",\"b\":[\"a\",\"a\"]}",
	"{\"x\\\"\":1,\"x\":2,\"\\\\\":3,\"\\\\\\\\\":4}",
	"\"\\ud83d\\ude00 \\u0001 \\\\u0000 \\\\ud800 \xc3\xa9\"",
	"[[[[[[[[1]]]]]]]]",
	"[[[[[[[[]]]]]]],[[[[[[[]]]]]]]]",
	"{\"a\":1,\"b\":[{\"c\":{\"d\":1},\"e\":2}],\"c\":3,\"d\":4,\"e\":5}",
	/* Not JSON, and so the parser's to refuse. */
	"{\"a\"",
	"\"abc",
	"\"abc\\",
	"\"abc\\u12",
	"\"abc\\u12g4 \\ud800\"",
	"]",
	"{]",
	"[}",
	"\"\x01\"",
	"{1:2,}",
	"// \"",
	"{\"a\" \"a\"}",
};

static void
what_breaks_no_rule_is_admitted(void **state)
{
	for (size_t i = 0; i < scim__countof(admitted); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim_error err = { .detail = "" };
		scim_status rc = scim__json_admit(
		    arena, scim__str(admitted[i]), DEPTH, &err);

		if (rc != SCIM_OK)
			fail_msg("%s: %s", admitted[i], err.detail);
		scim_arena_free(arena);
	}
}

static const struct {
	const char *text, *detail;
} refused[] = {
	{ "{\"a\":1,\"a\":2}",
	    "The name \"a\" stands twice in one object, again at byte 7; "
	    "send it once." },
	{ "{\"a\":1,\"\\u0061\":2}", "again at byte 7;" },
	{ "{\"\\u0061\":1,\"a\":2}", "again at byte 12;" },
	{ "{\"\\ud83d\\ude00\":1,\"\xf0\x9f\x98\x80\":2}", "at byte 18;" },
	{ "{\"\\u00e9\\u20ac\":1,\"\xc3\xa9\xe2\x82\xac\":2}", "at byte 18;" },
	{ "{\"\\b\\f\\n\\r\\t\\/\\\"\\\\\":1,"
	  "\"\\u0008\\u000c\\u000A\\u000D\\u0009/\\u0022\\u005C\":2}",
	    "twice" },
	{ "{\"\":1,\"\":2}", "The name \"\" stands twice" },
	{ "{\"a\":{\"b\":1},\"a\":{\"b\":1}}", "at byte 13;" },
	{ "{\"a\":{\"b\":1,\"b\":2}}", "at byte 12;" },
	{ "[1,{\"x\":[{\"a\":1,\"c\":2,\"a\":3}]}]", "at byte 22;" },
	{ "{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,"
	  "\"i\":9,\"j\":0,\"k\":1,\"l\":2,\"m\":3,\"n\":4,\"o\":5,\"p\":6,"
	  "\"q\":7,\"c\":8}",
	    "The name \"c\" stands twice in one object, again at byte 103" },
	{ "\"\\u0000\"", "the character \\u0000 at byte 1." },
	{ "{\"a\\u0000b\":1}", "the character \\u0000 at byte 3." },
	{ "\"\\ud800\"", "half of a surrogate pair at byte 1." },
	{ "\"\\udc00\"", "half of a surrogate pair at byte 1." },
	{ "\"x\\ud83d\\ud83d\\ude00\"", "half of a surrogate pair at byte 2." },
	{ "\"\\ud83dx\"", "half of a surrogate pair at byte 1." },
	{ "\"\\ud83d\\n\"", "half of a surrogate pair at byte 1." },
	{ "\"\\uDBFF\\u0041\"", "half of a surrogate pair at byte 1." },
	{ "\"\\ud83d\\ude0", "half of a surrogate pair at byte 1." },
	{ "\"\xff\"", "a byte that is not UTF-8 at byte 1." },
	{ "\"\xc0\x80\"", "a byte that is not UTF-8 at byte 1." },
	{ "\"\xed\xa0\x80\"", "a byte that is not UTF-8 at byte 1." },
	{ "[] \x80", "a byte that is not UTF-8 at byte 3." },
	{ "[[[[[[[[[", "deeper than 8 levels at byte 8;" },
	{ "{\"a\":[[[[[[[[", "deeper than 8 levels at byte 12;" },
	{ "{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{\"a\":{",
	    "deeper than 8 levels" },
};

static void
what_breaks_a_rule_is_refused_with_its_place(void **state)
{
	for (size_t i = 0; i < scim__countof(refused); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim_error err = { .detail = "" };
		scim_status rc = scim__json_admit(
		    arena, scim__str(refused[i].text), DEPTH, &err);

		if (rc != SCIM_ERR_INVALID)
			fail_msg("%s was admitted", refused[i].text);
		assert_string_equal(err.scim_type, "invalidSyntax");
		if (strstr(err.detail, refused[i].detail) == NULL)
			fail_msg("%s: %s", refused[i].text, err.detail);
		scim_arena_free(arena);
	}
}

static void
depth_zero_admits_scalars_alone(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	assert_int_equal(
	    scim__json_admit(arena, SCIM_STR("1"), 0, NULL), SCIM_OK);
	assert_int_equal(
	    scim__json_admit(arena, SCIM_STR("[]"), 0, NULL), SCIM_ERR_INVALID);
	scim_arena_free(arena);
}

/* Every truncation and every changed byte: no crash, no read past the end. */
static void
broken_text_does_no_harm(void **state)
{
	static const char text[] = "{\"a\":[1,{\"\\ud83d\\ude00\":\"\\u0041\"},"
				   "\"\xf0\x9f\x98\x80\"],\"b\":{\"c\":null}}";
	size_t len = sizeof(text) - 1;
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t cut = 0; cut < len; cut++) {
		char *copy = malloc(cut + 1);

		memcpy(copy, text, cut);
		(void)!scim__json_admit(
		    arena, (scim_str){ copy, cut }, DEPTH, NULL);
		for (int c = 0; c < 256; c += 5) {
			copy[cut] = (char)c;
			(void)!scim__json_admit(
			    arena, (scim_str){ copy, cut + 1 }, DEPTH, NULL);
		}
		free(copy);
		scim_arena_reset(arena);
	}
	scim_arena_free(arena);
}

/* An object of `count` names that share a long prefix. */
static scim_str
many_names(scim_arena *arena, int count, const char *prefix)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__buf_add_char(&buf, '{');
	for (int i = 0; i < count; i++)
		scim__buf_printf(
		    &buf, "%s\"%s%07d\":1", i == 0 ? "" : ",", prefix, i);
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static scim_str
followed_by(scim_arena *arena, scim_str text, const char *rest)
{
	return scim__str_format(arena, "%.*s%s", (int)text.len, text.ptr, rest);
}

static void
many_names_are_checked_in_little_time(void **state)
{
	static const char prefix[] = "the same beginning for every name ";
	scim_arena *arena = scim_arena_new(NULL);
	scim_str names = many_names(arena, 100000, prefix);
	scim_str good = followed_by(arena, names, "}");
	scim_str bad = followed_by(
	    arena, names, ",\"the same beginning for every name 0050000\":1}");
	scim_error err;
	clock_t start = clock();

	assert_int_equal(scim__json_admit(arena, good, DEPTH, NULL), SCIM_OK);
	assert_int_equal(
	    scim__json_admit(arena, bad, DEPTH, &err), SCIM_ERR_INVALID);

	assert_non_null(strstr(err.detail, "0050000"));
	assert_true(clock() - start < 3 * CLOCKS_PER_SEC);
	scim_arena_free(arena);
}

static void
bottomless_text_is_refused_at_the_limit(void **state)
{
	size_t len = 1000000;
	char *text = malloc(len);
	scim_arena *arena = scim_arena_new(NULL);
	memset(text, '[', len);
	clock_t start = clock();

	assert_int_equal(
	    scim__json_admit(arena, (scim_str){ text, len }, 100, NULL),
	    SCIM_ERR_INVALID);

	assert_true(clock() - start < CLOCKS_PER_SEC);
	scim_arena_free(arena);
	free(text);
}

static scim_status
admit_many(scim_arena *arena, void *context)
{
	return scim__json_admit(arena, *(scim_str *)context, DEPTH, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_str text =
	    followed_by(arena, many_names(arena, 100, "x"), ",\"\\u0061\":1}");

	/* arena, frames, two growths of the names, one unescaped name */
	assert_int_equal(test_fail_each_allocation(admit_many, &text), 5);
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_breaks_no_rule_is_admitted),
		cmocka_unit_test(what_breaks_a_rule_is_refused_with_its_place),
		cmocka_unit_test(depth_zero_admits_scalars_alone),
		cmocka_unit_test(broken_text_does_no_harm),
		cmocka_unit_test(many_names_are_checked_in_little_time),
		cmocka_unit_test(bottomless_text_is_refused_at_the_limit),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
