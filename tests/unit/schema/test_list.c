/* SPDX-License-Identifier: Apache-2.0 */
#include "validating.h"

#include "schema/check.h"

#define USER(members) USER_IS "\"userName\":\"u\"," members "}"

/* @spec 7643-2.4-01, 7643-2.4-02, 7643-2.4-09 */
static void
equal_elements_are_one(void **state)
{
	static const struct row rows[] = {
		{ .type = "Thing",
		    .request = THING_IS
		    "\"list\":[\"b\",\"a\",\"b\",\"B\",\"a\",\"c\"]}",
		    .want = THING_IS "\"list\":[\"b\",\"a\",\"B\",\"c\"]}" },
		{ .type = "User",
		    .request = USER(
			"\"emails\":[{\"value\":\"a@x\",\"type\":\"work\"},"
			"{\"type\":\"work\",\"value\":\"a@x\"},"
			"{\"value\":\"a@x\",\"type\":\"home\"},"
			"{\"value\":\"a@x\"}]"),
		    .want = USER(
			"\"emails\":[{\"value\":\"a@x\",\"type\":\"work\"},"
			"{\"value\":\"a@x\",\"type\":\"home\"},"
			"{\"value\":\"a@x\"}]") },
	};

	assert_rows(rows);
}

/* @spec 7643-2.4-04 */
static void
one_value_is_primary_at_most(void **state)
{
	static const struct row rows[] = {
		{ .type = "User",
		    .request = USER("\"emails\":[{\"value\":\"a\","
				    "\"primary\":true},{\"value\":\"b\","
				    "\"primary\":false}]"),
		    .want = USER("\"emails\":[{\"value\":\"a\","
				 "\"primary\":true},{\"value\":\"b\","
				 "\"primary\":false}]") },
		{ .type = "User",
		    .request = USER("\"emails\":[{\"value\":\"a\","
				    "\"primary\":true},{\"value\":\"a\","
				    "\"primary\":\"True\"}]"),
		    .want =
			USER("\"emails\":[{\"value\":\"a\",\"primary\":true}]"),
		    .quirks = SCIM__QUIRK_STRING_BOOLEAN },
		{ .type = "User",
		    .request = USER("\"emails\":[{\"value\":\"a\","
				    "\"primary\":true},{\"value\":\"b\","
				    "\"primary\":true}]"),
		    .want = "emails has more than one primary value: mark one "
			    "at most.",
		    .scim_type = "invalidValue" },
	};

	assert_rows(rows);
}

static void
one_value_without_an_array_needs_leniency(void **state)
{
	static const struct row rows[] = {
		{ .type = "User",
		    .request = USER("\"emails\":{\"value\":\"a\"}"),
		    .want = USER("\"emails\":[{\"value\":\"a\"}]"),
		    .leniency = SCIM__LENIENT_SINGLE_VALUE,
		    .quirks = SCIM__QUIRK_SINGLE_VALUE },
		{ .type = "Thing",
		    .request = THING_IS "\"list\":\"a\"}",
		    .want = THING_IS "\"list\":[\"a\"]}",
		    .leniency = SCIM__LENIENT_SINGLE_VALUE,
		    .quirks = SCIM__QUIRK_SINGLE_VALUE },
		{ .type = "User",
		    .request = USER("\"emails\":{\"value\":\"a\"}"),
		    .want = "emails must be an array of values.",
		    .leniency = LENIENT & ~SCIM__LENIENT_SINGLE_VALUE,
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = USER("\"emails\":\"a@x\""),
		    .want = "emails must be an array of values.",
		    .leniency = LENIENT,
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = THING_IS "\"list\":{\"value\":\"a\"}}",
		    .want = "list must be an array of values.",
		    .leniency = LENIENT,
		    .scim_type = "invalidValue" },
	};

	assert_rows(rows);
}

static void
a_bad_element_is_named_by_its_index(void **state)
{
	static const struct row rows[] = {
		{ .type = "User",
		    .request = USER(
			"\"emails\":[null,{\"value\":\"a\"},{\"value\":7}]"),
		    .want = "emails[2].value must be a string.",
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = THING_IS "\"list\":[\"a\",[\"b\"]]}",
		    .want = "list[1] must be a string.",
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = USER("\"emails\":[\"a@x\"]"),
		    .want = "emails[0] must be an object of its "
			    "sub-attributes.",
		    .leniency = LENIENT,
		    .scim_type = "invalidValue" },
		/* Once past a list, no index is left behind. */
		{ .type = "User",
		    .request = "{\"emails\":[{\"value\":\"a\"}],\"schemas\":"
			       "[\"" USER_URN "\"]}",
		    .want = "userName is required: send it with a value.",
		    .scim_type = "invalidValue" },
	};

	assert_rows(rows);
}

static void
lists_are_the_same_in_any_order(void **state)
{
	static const struct {
		const char *a, *b;
		bool want;
	} cases[] = {
		{ "[]", "[]", true },
		{ "[1,2,3]", "[3,1,2]", true },
		{ "[1,2,3]", "[3,1]", false },
		{ "[1,2]", "[1,3]", false },
		{ "[\"a\",true,1.5]", "[1.5,\"a\",true]", true },
		{ "[true]", "[false]", false },
		{ "[{\"a\":1},{\"b\":1}]", "[{\"b\":1},{\"a\":1}]", true },
		{ "[{\"a\":1}]", "[{\"a\":1,\"b\":2}]", false },
		{ "[{\"a\":[1,2]}]", "[{\"a\":[1,2]}]", true },
		{ "[{\"a\":[1,2]}]", "[{\"a\":[2,1]}]", false },
		{ "[{\"a\":[1,2]}]", "[{\"a\":[1]}]", false },
		{ "[12345678901234567890]", "[12345678901234567891]", false },
	};
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__checking ck = { .arena = arena };

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__value a = json(arena, cases[i].a);
		scim__value b = json(arena, cases[i].b);
		bool same = !cases[i].want;

		assert_int_equal(scim__list_same(&ck, &a, &b, &same), SCIM_OK);
		assert_int_equal(same, cases[i].want);
	}
}

static void
a_hundred_thousand_elements_take_no_time(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const struct scim__validation_options options = { .leniency = 0 };
	struct scim__validation v;
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__buf_add_z(&buf, THING_IS "\"list\":[\"x\"");
	for (int i = 0; i < 100000; i++)
		scim__buf_printf(&buf, ",\"%d\"", i % 50000);
	scim__buf_add_z(&buf, "]}");
	scim__buf_add_char(&buf, '\0');
	scim__value request = json(arena, buf.ptr);

	assert_int_equal(scim__validate(arena, registry,
			     scim__registry_type(registry, SCIM_STR("Thing")),
			     &request, NULL, &options, &v, NULL),
	    SCIM_OK);
	const scim__value *list =
	    scim__object_find(&v.state.content, SCIM_STR("list"));
	assert_int_equal(list->count, 50001);
	assert_str(list->array.items[50000].string, "49999");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(equal_elements_are_one),
		cmocka_unit_test(one_value_is_primary_at_most),
		cmocka_unit_test(one_value_without_an_array_needs_leniency),
		cmocka_unit_test(a_bad_element_is_named_by_its_index),
		cmocka_unit_test(lists_are_the_same_in_any_order),
		cmocka_unit_test(a_hundred_thousand_elements_take_no_time),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
