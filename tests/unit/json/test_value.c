/* SPDX-License-Identifier: Apache-2.0 */
#include "json/value.h"

#include "base/arena.h"
#include "lib/test.h"
#include "json/json.h"

static scim__value
parse(scim_arena *arena, const char *text)
{
	scim__value value = { .kind = SCIM__NULL };

	assert_int_equal(
	    scim__json_parse_trusted(arena, scim__str(text), &value, NULL),
	    SCIM_OK);
	return value;
}

static scim_str
print(scim_arena *arena, const scim__value *value)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write(&buf, value);
	return scim__buf_str(&buf);
}

static void
members_are_found_by_name(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v = parse(arena, "{\"a\":1,\"B\":\"x\",\"\":3}");

	assert_int_equal(scim__object_find(&v, SCIM_STR("a"))->integer, 1);
	assert_int_equal(scim__object_find(&v, SCIM_STR(""))->integer, 3);
	assert_null(scim__object_find(&v, SCIM_STR("b")));
	assert_null(scim__object_find(&v, SCIM_STR("aa")));
	assert_non_null(scim__object_find_nocase(&v, SCIM_STR("b")));
	assert_null(scim__object_find_nocase(&v, SCIM_STR("c")));
	assert_str(scim__object_get_string(&v, SCIM_STR("B")), "x");
	assert_null(scim__object_get_string(&v, SCIM_STR("a")).ptr);
	assert_null(scim__object_get_string(&v, SCIM_STR("c")).ptr);
	scim_arena_free(arena);
}

static void
what_is_no_object_has_no_members(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v = parse(arena, "[1]");

	assert_null(scim__object_find(&v, SCIM_STR("a")));
	assert_null(scim__object_find_nocase(&v, SCIM_STR("a")));
	assert_null(scim__object_find(NULL, SCIM_STR("a")));
	assert_null(scim__object_find_nocase(NULL, SCIM_STR("a")));
	assert_null(scim__object_get_string(NULL, SCIM_STR("a")).ptr);
	scim_arena_free(arena);
}

static void
objects_grow_change_and_shrink_in_order(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v = scim__value_object();
	for (int i = 0; i < 10; i++)
		assert_true(scim__object_add(arena, &v,
		    scim__str_format(arena, "n%d", i), scim__value_integer(i)));

	assert_true(scim__object_set(
	    arena, &v, SCIM_STR("n3"), scim__value_bool(true)));
	assert_true(scim__object_set(
	    arena, &v, SCIM_STR("new"), scim__value_string(SCIM_STR("x"))));
	assert_true(scim__object_remove(&v, SCIM_STR("n0")));
	assert_true(scim__object_remove(&v, SCIM_STR("n5")));
	assert_true(scim__object_remove(&v, SCIM_STR("new")));
	assert_false(scim__object_remove(&v, SCIM_STR("n5")));

	assert_str(print(arena, &v),
	    "{\"n1\":1,\"n2\":2,\"n3\":true,\"n4\":4,\"n6\":6,\"n7\":7,"
	    "\"n8\":8,\"n9\":9}");
	scim_arena_free(arena);
}

static void
arrays_grow_and_shrink_in_order(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value v = scim__value_array();
	for (int i = 0; i < 9; i++)
		assert_true(scim__array_add(arena, &v, scim__value_integer(i)));

	scim__array_remove(&v, 8);
	scim__array_remove(&v, 0);
	scim__array_remove(&v, 3);
	scim__array_remove(&v, 6);
	scim__array_remove(&v, SIZE_MAX);

	assert_str(print(arena, &v), "[1,2,3,5,6,7]");
	scim_arena_free(arena);
}

static void
a_copy_shares_nothing(void **state)
{
	static const char text[] =
	    "{\"a\":[1,2.5,null,true,\"x\",18446744073709551616,[],{}],"
	    "\"b\":{\"c\":\"\"}}";
	scim_arena *arena = scim_arena_new(NULL);
	scim_arena *other = scim_arena_new(NULL);
	scim__value v = parse(arena, text), copy;

	assert_true(scim__value_copy(other, &v, &copy));
	assert_true(scim__value_equal(&v, &copy));
	scim_arena_free(arena);

	assert_str(print(other, &copy), text);
	scim_arena_free(other);
}

static void
equality_is_deep_and_blind_to_the_order_of_members(void **state)
{
	static const struct {
		const char *a, *b;
		bool want;
	} cases[] = {
		{ "null", "null", true },
		{ "null", "false", false },
		{ "true", "false", false },
		{ "1", "1", true },
		{ "1", "2", false },
		{ "1", "1.0", false }, /* an integer is not a real */
		{ "1.0", "1.00", true },
		{ "1.5", "2.5", false },
		{ "0.0", "-0.0", true },
		{ "\"a\"", "\"a\"", true },
		{ "\"a\"", "\"A\"", false },
		{ "\"1\"", "1", false },
		{ "18446744073709551616", "18446744073709551616", true },
		{ "18446744073709551616", "\"18446744073709551616\"", false },
		{ "[1,2]", "[1,2]", true },
		{ "[1,2]", "[2,1]", false },
		{ "[1]", "[1,1]", false },
		{ "[]", "{}", false },
		{ "{\"a\":1,\"b\":[{}]}", "{\"b\":[{}],\"a\":1}", true },
		{ "{\"a\":1}", "{\"a\":2}", false },
		{ "{\"a\":1}", "{\"b\":1}", false },
		{ "{\"a\":1}", "{\"a\":1,\"b\":1}", false },
		{ "{\"a\":null}", "{}", false },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim__value a = parse(arena, cases[i].a);
		scim__value b = parse(arena, cases[i].b);

		if (scim__value_equal(&a, &b) != cases[i].want ||
		    scim__value_equal(&b, &a) != cases[i].want)
			fail_msg("%s and %s", cases[i].a, cases[i].b);
		scim_arena_free(arena);
	}
}

static scim_status
build(scim_arena *arena, void *context)
{
	scim__value object = scim__value_object();
	scim__value array = scim__value_array();
	scim__value copy = { .kind = SCIM__BIG, .count = POISON };

	for (int i = 0; i < 5; i++)
		if (!scim__array_add(
			arena, &array, scim__value_string(SCIM_STR("x"))) ||
		    array.count != (uint32_t)i + 1)
			return SCIM_ERR_NO_MEMORY;
	if (!scim__object_set(arena, &object, SCIM_STR("a"), array)) {
		assert_int_equal(object.count, 0);
		return SCIM_ERR_NO_MEMORY;
	}
	if (!scim__value_copy(arena, &object, &copy)) {
		assert_int_equal(copy.count, POISON);
		return SCIM_ERR_NO_MEMORY;
	}
	return SCIM_OK;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(build, NULL) > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_found_by_name),
		cmocka_unit_test(what_is_no_object_has_no_members),
		cmocka_unit_test(objects_grow_change_and_shrink_in_order),
		cmocka_unit_test(arrays_grow_and_shrink_in_order),
		cmocka_unit_test(a_copy_shares_nothing),
		cmocka_unit_test(
		    equality_is_deep_and_blind_to_the_order_of_members),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
