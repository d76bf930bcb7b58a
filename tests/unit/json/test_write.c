/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "lib/test.h"
#include "json/json.h"

static const scim__json_limits limits = { .bytes = 65536, .depth = 32 };

static scim__value
parse(scim_arena *arena, scim_str text)
{
	scim__value value = { .kind = SCIM__NULL };

	assert_int_equal(
	    scim__json_parse(arena, text, &limits, &value, NULL), SCIM_OK);
	return value;
}

static scim_str
canonical(scim_arena *arena, const scim__value *value)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write_canonical(&buf, value);
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static scim_str
plain(scim_arena *arena, const scim__value *value)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write(&buf, value);
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static const struct {
	const char *in, *canonical;
} forms[] = {
	{ "null", "null" },
	{ " [ true , false ] ", "[true,false]" },
	{ "{\"b\" : 1, \"a\" : {\"d\":[ ],\"c\":{ }}}",
	    "{\"a\":{\"c\":{},\"d\":[]},\"b\":1}" },
	{ "[9223372036854775807,-9223372036854775808,0,-0,10,-7]",
	    "[9223372036854775807,-9223372036854775808,0,0,10,-7]" },
	{ "[18446744073709551616,-99999999999999999999]",
	    "[18446744073709551616,-99999999999999999999]" },
	{ "[1.0,-0.0,1.50,1e2,123456789.125,1e-7,5e-324]",
	    "[1.0,0.0,1.5,100.0,123456789.125,1e-7,5e-324]" },
	{ "[0.1,0.30000000000000004,1.7976931348623157e308,1e21]",
	    "[0.1,0.30000000000000004,1.7976931348623157e308,1e21]" },
	{ "\"\\u0001\\b\\t\\n\\f\\r\\u001f\\\"\\\\\\/\\u007f\\u20ac\"",
	    "\"\\u0001\\b\\t\\n\\f\\r\\u001f\\\"\\\\/\x7f\xe2\x82\xac\"" },
	{ "{\"\":0,\"aa\":1,\"a\":2,\"B\":3}",
	    "{\"\":0,\"B\":3,\"a\":2,\"aa\":1}" },
	/* The example of RFC 8785 section 3.2.3. */
	{ "{\"\\u20ac\":\"Euro Sign\",\"\\r\":\"Carriage Return\","
	  "\"\\ufb33\":\"Hebrew Letter Dalet With Dagesh\",\"1\":\"One\","
	  "\"\\ud83d\\ude00\":\"Emoji: Grinning Face\","
	  "\"\\u0080\":\"Control\","
	  "\"\\u00f6\":\"Latin Small Letter O With Diaeresis\"}",
	    "{\"\\r\":\"Carriage Return\",\"1\":\"One\","
	    "\"\xc2\x80\":\"Control\","
	    "\"\xc3\xb6\":\"Latin Small Letter O With Diaeresis\","
	    "\"\xe2\x82\xac\":\"Euro Sign\","
	    "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
	    "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}" },
	{ "{\"\\ue000\":1,\"\\ud7ff\":2,\"\\udbff\\udfff\":3,\"\\uffff\":4}",
	    "{\"\xed\x9f\xbf\":2,\"\xf4\x8f\xbf\xbf\":3,\"\xee\x80\x80\":1,"
	    "\"\xef\xbf\xbf\":4}" },
	{ "{\"x\\uffffb\":1,\"x\\ud83d\\ude00a\":2,\"x\\uffffa\":3}",
	    "{\"x\xf0\x9f\x98\x80"
	    "a\":2,\"x\xef\xbf\xbf"
	    "a\":3,"
	    "\"x\xef\xbf\xbf"
	    "b\":1}" },
};

static void
the_canonical_form_is_sorted_and_minimal(void **state)
{
	for (size_t i = 0; i < scim__countof(forms); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim__value v = parse(arena, scim__str(forms[i].in));

		assert_str(canonical(arena, &v), forms[i].canonical);
		scim_arena_free(arena);
	}
}

static void
both_forms_read_back_as_the_same_tree(void **state)
{
	for (size_t i = 0; i < scim__countof(forms); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim__value v = parse(arena, scim__str(forms[i].in));
		scim__value a = parse(arena, canonical(arena, &v));
		scim__value b = parse(arena, plain(arena, &v));

		assert_true(scim__value_equal(&v, &a));
		assert_true(scim__value_equal(&v, &b));
		assert_str(canonical(arena, &a), forms[i].canonical);
		scim_arena_free(arena);
	}
}

static void
the_plain_form_keeps_the_order(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v =
	    parse(arena, SCIM_STR("{ \"b\":1, \"a\":{\"d\":1,\"c\":[2]} }"));

	assert_str(plain(arena, &v), "{\"b\":1,\"a\":{\"d\":1,\"c\":[2]}}");
	scim_arena_free(arena);
}

/* More members than are sorted on the stack, in two orders. */
static void
large_objects_are_sorted_too(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value up = scim__value_object(), down = scim__value_object();
	for (int i = 0; i < 500; i++) {
		scim_str name = scim__str_format(arena, "n%03d", i);
		scim_str other = scim__str_format(arena, "n%03d", 499 - i);

		assert_true(
		    scim__object_add(arena, &up, name, scim__value_integer(i)));
		assert_true(scim__object_add(
		    arena, &down, other, scim__value_integer(499 - i)));
	}

	scim_str a = canonical(arena, &up), b = canonical(arena, &down);

	assert_true(scim__str_equal(a, b));
	assert_memory_equal(a.ptr, "{\"n000\":0,\"n001\":1,", 18);
	scim_arena_free(arena);
}

static void
a_string_with_a_nul_is_escaped(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write_string(&buf, SCIM_STR("a\0b"));

	assert_str(scim__buf_str(&buf), "\"a\\u0000b\"");
	scim_arena_free(arena);
}

static void
a_full_buffer_says_so(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v = parse(arena, SCIM_STR("{\"b\":[1,2],\"a\":1.5}"));
	size_t len = canonical(arena, &v).len;

	for (size_t limit = 0; limit <= len; limit++) {
		scim__buf buf;

		scim__buf_init(&buf, arena, limit);
		scim__json_write_canonical(&buf, &v);
		assert_int_equal(scim__buf_failed(&buf), limit < len);
	}
	scim_arena_free(arena);
}

static scim_status
write_large(scim_arena *arena, void *context)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write_canonical(&buf, context);
	return scim__buf_failed(&buf) ? SCIM_ERR_NO_MEMORY : SCIM_OK;
}

static void
every_failed_allocation_is_noticed(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v = scim__value_object();
	for (int i = 0; i < 100; i++)
		assert_true(scim__object_add(arena, &v,
		    scim__str_format(arena, "%d", 99 - i),
		    scim__value_integer(i)));

	assert_true(test_fail_each_allocation(write_large, &v) >= 4);
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_canonical_form_is_sorted_and_minimal),
		cmocka_unit_test(both_forms_read_back_as_the_same_tree),
		cmocka_unit_test(the_plain_form_keeps_the_order),
		cmocka_unit_test(large_objects_are_sorted_too),
		cmocka_unit_test(a_string_with_a_nul_is_escaped),
		cmocka_unit_test(a_full_buffer_says_so),
		cmocka_unit_test(every_failed_allocation_is_noticed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
