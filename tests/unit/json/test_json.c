/* SPDX-License-Identifier: Apache-2.0 */
#include "json/json.h"

#include <stdlib.h>

#include "base/arena.h"
#include "lib/test.h"

static const scim__json_limits limits = { .bytes = 4096, .depth = 8 };

static scim__value
parse(scim_arena *arena, const char *text)
{
	scim__value value = { .kind = SCIM__NULL };
	scim_error err = { .detail = "" };

	if (scim__json_parse(arena, scim__str(text), &limits, &value, &err) !=
	    SCIM_OK)
		fail_msg("%s: %s", text, err.detail);
	return value;
}

static void
scalars_have_their_kinds(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v;

	assert_int_equal(parse(arena, "null").kind, SCIM__NULL);
	v = parse(arena, "true");
	assert_int_equal(v.kind, SCIM__BOOL);
	assert_true(v.boolean);
	assert_false(parse(arena, " false\n").boolean);
	v = parse(arena, "\"x\\n\\u00e9\\ud83d\\ude00/\\/\"");
	assert_int_equal(v.kind, SCIM__STRING);
	assert_str(v.string, "x\n\xc3\xa9\xf0\x9f\x98\x80//");
	assert_str(parse(arena, "\"\"").string, "");
	scim_arena_free(arena);
}

static void
integers_are_exact(void **state)
{
	static const struct {
		const char *text;
		int64_t want;
	} cases[] = {
		{ "0", 0 },
		{ "-0", 0 },
		{ "-1", -1 },
		{ "9007199254740993", 9007199254740993 },
		{ "9223372036854775807", INT64_MAX },
		{ "-9223372036854775808", INT64_MIN },
	};
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__value v = parse(arena, cases[i].text);

		assert_int_equal(v.kind, SCIM__INTEGER);
		assert_true(v.integer == cases[i].want);
	}
	scim_arena_free(arena);
}

static void
integers_beyond_64_bits_stay_text(void **state)
{
	static const char *const cases[] = {
		"9223372036854775808",
		"18446744073709551615",
		"18446744073709551616",
		"-9223372036854775809",
		"123456789012345678901234567890123456789012345678901234567890",
	};
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__value v = parse(arena, cases[i]);

		assert_int_equal(v.kind, SCIM__BIG);
		assert_str(v.string, cases[i]);
	}
	scim_arena_free(arena);
}

static void
reals_are_nearest_doubles(void **state)
{
	static const struct {
		const char *text;
		double want;
	} cases[] = {
		{ "1.0", 1.0 },
		{ "1e0", 1.0 },
		{ "-0.0", 0.0 },
		{ "0.1", 0.1 },
		{ "1E3", 1000.0 },
		{ "-1.7976931348623157e308", -1.7976931348623157e308 },
		{ "5e-324", 5e-324 },
		{ "1e-400", 0.0 },
	};
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__value v = parse(arena, cases[i].text);

		assert_int_equal(v.kind, SCIM__REAL);
		assert_memory_equal(&v.real, &cases[i].want, sizeof(double));
	}
	scim_arena_free(arena);
}

static void
trees_keep_their_order(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	scim__value v =
	    parse(arena, "{\"b\":[1,[],{}],\"a\":{\"\\u0063\":null}}");

	assert_int_equal(v.kind, SCIM__OBJECT);
	assert_int_equal(v.count, 2);
	assert_str(v.object.members[0].name, "b");
	assert_str(v.object.members[1].name, "a");
	const scim__value *items = &v.object.members[0].value;
	assert_int_equal(items->kind, SCIM__ARRAY);
	assert_int_equal(items->count, 3);
	assert_int_equal(items->array.items[1].kind, SCIM__ARRAY);
	assert_int_equal(items->array.items[2].count, 0);
	const scim__value *inner = &v.object.members[1].value;
	assert_str(inner->object.members[0].name, "c");
	scim_arena_free(arena);
}

static void
a_parsed_tree_can_be_changed(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v = parse(arena, "{\"a\":[1]}");
	scim__value *items = scim__object_find(&v, SCIM_STR("a"));

	assert_true(scim__array_add(arena, items, scim__value_integer(2)));
	assert_true(
	    scim__object_add(arena, &v, SCIM_STR("b"), scim__value_bool(true)));

	assert_int_equal(items->count, 2);
	assert_int_equal(
	    scim__object_find(&v, SCIM_STR("a"))->array.items[0].integer, 1);
	scim_arena_free(arena);
}

static const struct {
	const char *text, *detail;
} refused[] = {
	{ "", "The body is empty; send a JSON document." },
	{ " ", "The body is not JSON: " },
	{ "nul", "The body is not JSON: " },
	{ "NULL", "at byte 0." },
	{ "{\"a\" 1}", "at byte 5." },
	{ "{\"a\":1,}", "at byte 6." },
	{ "{\"a\":1", "at byte 6." },
	{ "[1,]", "The body is not JSON: " },
	{ "[1 2]", "at byte 3." },
	{ "{'a':1}", "at byte 1." },
	{ "{a:1}", "at byte 1." },
	{ "[1]]", "at byte 3." },
	{ "[1}", "at byte 2." },
	{ "[1] x", "at byte 4." },
	{ "{} {}", "at byte 3." },
	{ "01", "The body is not JSON: " },
	{ "-", "The body is not JSON: " },
	{ "+1", "The body is not JSON: " },
	{ ".5", "The body is not JSON: " },
	{ "5.", "The body is not JSON: " },
	{ "1e", "The body is not JSON: " },
	{ "0x1", "The body is not JSON: " },
	{ "NaN", "The body is not JSON: " },
	{ "Infinity", "The body is not JSON: " },
	{ "-Infinity", "The body is not JSON: " },
	{ "[nan]", "The body is not JSON: " },
	{ "[1/*x*/]", "The body is not JSON: " },
	{ "1//x", "The body is not JSON: " },
	{ "\"a\nb\"", "The body is not JSON: " },
	{ "\"\\x41\"", "The body is not JSON: " },
	{ "\"\\u12g4\"", "The body is not JSON: " },
	{ "\"abc", "The body is not JSON: " },
	{ "\xef\xbb\xbf{}", "The body is not JSON: " },
	{ "1e309",
	    "The number at byte 0 is out of range; send a smaller one." },
	{ "[-1e309]", "The number at byte 1 is out of range" },
	{ "[1, 2e400]", "The number at byte 4 is out of range" },
	{ "{\"a\":1,\"a\":2}", "The name \"a\" stands twice" },
	{ "\"\\ud800\"", "half of a surrogate pair" },
	{ "\"\\u0000\"", "the character \\u0000" },
	{ "\"\xff\"", "not UTF-8 at byte 1." },
	{ "[[[[[[[[[]]]]]]]]]", "nested deeper than 8 levels" },
};

static void
what_is_not_acceptable_json_is_refused_with_its_place(void **state)
{
	for (size_t i = 0; i < scim__countof(refused); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim_error err = { .detail = "" };
		scim__value v = { .kind = SCIM__BIG, .count = POISON };
		scim_status rc = scim__json_parse(
		    arena, scim__str(refused[i].text), &limits, &v, &err);

		if (rc != SCIM_ERR_INVALID)
			fail_msg("%s was taken", refused[i].text);
		assert_string_equal(err.scim_type, "invalidSyntax");
		if (strstr(err.detail, refused[i].detail) == NULL)
			fail_msg("%s: %s", refused[i].text, err.detail);
		assert_int_equal(v.kind, SCIM__BIG);
		assert_int_equal(v.count, POISON);
		scim_arena_free(arena);
	}
}

static void
every_truncation_is_refused(void **state)
{
	static const char text[] = "{\"a\":[1.5,-2,\"\\u00e9\xc3\xa9\"],"
				   "\"b\":{\"c\":null,\"d\":true}}";
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v;

	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		char *copy = malloc(len + 1);

		memcpy(copy, text, len);
		assert_int_equal(
		    scim__json_parse(
			arena, (scim_str){ copy, len }, &limits, &v, NULL),
		    SCIM_ERR_INVALID);
		free(copy);
	}
	(void)parse(arena, text);
	scim_arena_free(arena);
}

static void
a_nul_byte_is_refused_wherever_it_stands(void **state)
{
	const scim_str cases[] = { SCIM_STR("\0"), SCIM_STR("{}\0"),
		SCIM_STR("[1,\0002]"), SCIM_STR("\"a\0b\"") };
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v;

	for (size_t i = 0; i < scim__countof(cases); i++)
		assert_int_equal(
		    scim__json_parse(arena, cases[i], &limits, &v, NULL),
		    SCIM_ERR_INVALID);
	scim_arena_free(arena);
}

static void
text_over_the_limit_is_too_large(void **state)
{
	const scim__json_limits small = { .bytes = 4, .depth = 8 };
	scim_arena *arena = scim_arena_new(NULL);
	scim_error err;
	scim__value v;

	assert_int_equal(
	    scim__json_parse(arena, SCIM_STR("[12]"), &small, &v, NULL),
	    SCIM_OK);
	assert_int_equal(
	    scim__json_parse(arena, SCIM_STR("[123]"), &small, &v, &err),
	    SCIM_ERR_TOO_LARGE);
	assert_string_equal(err.detail,
	    "The body has 5 bytes, over the limit of 4; send it in parts.");
	scim_arena_free(arena);
}

/* `depth` brackets, and as many to close them. */
static scim_str
nested(scim_arena *arena, size_t depth)
{
	char *text = scim_arena_alloc(arena, depth * 2);

	memset(text, '[', depth);
	memset(text + depth, ']', depth);
	return (scim_str){ text, depth * 2 };
}

static void
no_setting_allows_a_tree_too_deep_to_walk(void **state)
{
	const scim__json_limits all = { SIZE_MAX, SIZE_MAX };
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v;

	assert_int_equal(
	    scim__json_parse(arena, nested(arena, 256), &all, &v, NULL),
	    SCIM_OK);
	assert_int_equal(
	    scim__json_parse(arena, nested(arena, 257), &all, &v, NULL),
	    SCIM_ERR_INVALID);
	assert_int_equal(
	    scim__json_parse_trusted(arena, nested(arena, 256), &v, NULL),
	    SCIM_OK);
	assert_int_equal(
	    scim__json_parse_trusted(arena, nested(arena, 100000), &v, NULL),
	    SCIM_ERR_INVALID);
	scim_arena_free(arena);
}

static void
trusted_text_is_parsed_the_same(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value a = parse(arena, "{\"a\":[1,2.5,\"x\"]}"), b;

	assert_int_equal(scim__json_parse_trusted(arena,
			     SCIM_STR("{\"a\":[1,2.5,\"x\"]}"), &b, NULL),
	    SCIM_OK);
	assert_true(scim__value_equal(&a, &b));
	assert_int_equal(
	    scim__json_parse_trusted(arena, SCIM_STR("{\"a\""), &b, NULL),
	    SCIM_ERR_INVALID);
	assert_true(scim__value_equal(&a, &b));
	scim_arena_free(arena);
}

static void
the_tree_outlives_a_change_of_the_text(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	char text[] = "{\"name\":\"value\"}";
	scim__value v;

	assert_int_equal(
	    scim__json_parse(arena, scim__str(text), &limits, &v, NULL),
	    SCIM_OK);
	assert_string_equal(text, "{\"name\":\"value\"}");
	memset(text, 'x', sizeof(text) - 1);

	assert_str(scim__object_get_string(&v, SCIM_STR("name")), "value");
	scim_arena_free(arena);
}

static scim_status
parse_everything(scim_arena *arena, void *context)
{
	scim__value v = { .kind = SCIM__BIG, .count = POISON };
	scim_status rc = scim__json_parse(arena,
	    SCIM_STR("{\"a\":[1,\"x\",[],18446744073709551615],"
		     "\"b\":{\"\\u0063\":2}}"),
	    &limits, &v, NULL);

	if (rc != SCIM_OK)
		assert_int_equal(v.count, POISON);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(parse_everything, NULL) > 8);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(scalars_have_their_kinds),
		cmocka_unit_test(integers_are_exact),
		cmocka_unit_test(integers_beyond_64_bits_stay_text),
		cmocka_unit_test(reals_are_nearest_doubles),
		cmocka_unit_test(trees_keep_their_order),
		cmocka_unit_test(a_parsed_tree_can_be_changed),
		cmocka_unit_test(
		    what_is_not_acceptable_json_is_refused_with_its_place),
		cmocka_unit_test(every_truncation_is_refused),
		cmocka_unit_test(a_nul_byte_is_refused_wherever_it_stands),
		cmocka_unit_test(text_over_the_limit_is_too_large),
		cmocka_unit_test(no_setting_allows_a_tree_too_deep_to_walk),
		cmocka_unit_test(trusted_text_is_parsed_the_same),
		cmocka_unit_test(the_tree_outlives_a_change_of_the_text),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
