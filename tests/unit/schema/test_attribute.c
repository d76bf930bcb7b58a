/* SPDX-License-Identifier: Apache-2.0 */
#include "definitions.h"

/* @spec 7643-2.2-01 */
static void
what_is_left_out_has_its_default(void **state)
{
	scim_registry *registry =
	    load_thing(THING_SCHEMA("{\"name\":\"plain\"}"), THING_TYPE(""));
	const scim__attribute *a = find_path(registry, "Thing", "plain");

	assert_int_equal(a->type, SCIM__TYPE_STRING);
	assert_int_equal(a->mutability, SCIM__READ_WRITE);
	assert_int_equal(a->returned, SCIM__RETURNED_DEFAULT);
	assert_int_equal(a->uniqueness, SCIM__UNIQUE_NONE);
	assert_false(a->multi_valued || a->required || a->case_exact);
	assert_false(a->indexed || a->relation || scim__attribute_is_secret(a));
	assert_null(a->parent);
	scim_registry_unref(registry);
}

static void
characteristics_are_read(void **state)
{
	scim_registry *registry = load_thing(
	    THING_SCHEMA(
		"{\"name\":\"a\",\"type\":\"dateTime\",\"multiValued\":true,"
		"\"required\":true,\"caseExact\":true,\"mutability\":"
		"\"immutable\",\"returned\":\"request\",\"uniqueness\":"
		"\"global\"},"
		"{\"name\":\"link\",\"type\":\"reference\",\"caseExact\":"
		"false,\"referenceTypes\":[\"User\",\"external\"]},"
		"{\"name\":\"c\",\"type\":\"COMPLEX\",\"uniqueness\":"
		"\"server\",\"subAttributes\":[{\"name\":\"$ref\"},"
		"{\"name\":\"x\",\"type\":\"integer\"}]},"
		"{\"name\":\"blob\",\"type\":\"binary\"},"
		"{\"name\":\"pin\",\"mutability\":\"writeOnly\"},"
		"{\"name\":\"hint\",\"returned\":\"never\"}"),
	    THING_TYPE(""));
	const scim__attribute *a = find_path(registry, "Thing", "a");
	const scim__attribute *link = find_path(registry, "Thing", "link");
	const scim__attribute *c = find_path(registry, "Thing", "c");

	assert_int_equal(a->type, SCIM__TYPE_DATE_TIME);
	assert_int_equal(a->mutability, SCIM__IMMUTABLE);
	assert_int_equal(a->returned, SCIM__RETURNED_REQUEST);
	assert_int_equal(a->uniqueness, SCIM__UNIQUE_GLOBAL);
	assert_true(a->multi_valued && a->required && a->case_exact);
	assert_true(link->case_exact); /* @spec 7643-2.3.7-03 */
	assert_true(find_path(registry, "Thing", "blob")->case_exact);
	assert_int_equal(link->reference_type_count, 2);
	assert_str(link->reference_types[1], "external");
	assert_int_equal(c->uniqueness, SCIM__UNIQUE_NONE);
	assert_int_equal(c->sub_count, 2);
	assert_str(c->sub[1].path, "c.x");
	assert_ptr_equal(c->sub[1].parent, c);
	assert_true(
	    scim__attribute_is_secret(find_path(registry, "Thing", "pin")));
	assert_true(
	    scim__attribute_is_secret(find_path(registry, "Thing", "hint")));
	scim_registry_unref(registry);
}

static void
names_are_found_whatever_their_case(void **state)
{
	const scim__attribute two[] = { { .name = SCIM_STR("one") },
		{ .name = SCIM_STR("Two") } };

	assert_ptr_equal(
	    scim__attribute_find(two, 2, SCIM_STR("tWO")), &two[1]);
	assert_null(scim__attribute_find(two, 2, SCIM_STR("tw")));
	assert_null(scim__attribute_find(two, 1, SCIM_STR("Two")));
	assert_null(scim__attribute_find(NULL, 0, SCIM_STR("one")));
}

#define AT "1.json: urn:x:Thing: "

static void
bad_definitions_are_refused(void **state)
{
	static const struct {
		const char *schema, *detail;
	} cases[] = {
		{ THING_SCHEMA("7"), AT "An attribute must be an object." },
		{ THING_SCHEMA("{\"type\":\"string\"}"),
		    AT "An attribute needs a \"name\" of letters, digits, "
		       "\"$\", \"-\" and \"_\" that begins with a letter." },
		{ THING_SCHEMA("{\"name\":\"a.b\"}"),
		    AT "An attribute needs a \"name\" of letters, digits, "
		       "\"$\", \"-\" and \"_\" that begins with a letter." },
		{ THING_SCHEMA("{\"name\":\"1a\"}"),
		    AT "An attribute needs a \"name\" of letters, digits, "
		       "\"$\", \"-\" and \"_\" that begins with a letter." },
		{ THING_SCHEMA("{\"name\":\"a\",\"type\":\"strin\"}"),
		    AT "a: \"type\" can't be \"strin\"; see RFC 7643 section "
		       "7 for its values." },
		{ THING_SCHEMA("{\"name\":\"a\",\"mutability\":\"none\"}"),
		    AT "a: \"mutability\" can't be \"none\"; see RFC 7643 "
		       "section 7 for its values." },
		{ THING_SCHEMA("{\"name\":\"a\",\"returned\":\"no\"}"),
		    AT "a: \"returned\" can't be \"no\"; see RFC 7643 "
		       "section 7 for its values." },
		{ THING_SCHEMA("{\"name\":\"a\",\"uniqueness\":\"no\"}"),
		    AT "a: \"uniqueness\" can't be \"no\"; see RFC 7643 "
		       "section 7 for its values." },
		{ THING_SCHEMA("{\"name\":\"a\",\"required\":\"no\"}"),
		    AT "a: \"required\" must be true or false." },
		{ THING_SCHEMA("{\"name\":\"a\"},{\"name\":\"A\"}"),
		    AT "A: The attribute is defined twice." },
		{ THING_SCHEMA("{\"name\":\"a\",\"type\":\"complex\"}"),
		    AT "a: A complex attribute needs \"subAttributes\"." },
		{ THING_SCHEMA("{\"name\":\"a\",\"subAttributes\":"
			       "[{\"name\":\"b\"}]}"),
		    AT "a: Only a complex attribute has \"subAttributes\"." },
		{ THING_SCHEMA("{\"name\":\"a\",\"type\":\"complex\","
			       "\"subAttributes\":{\"name\":\"b\"}}"),
		    AT "a.: The attributes must be an array." },
		{ THING_SCHEMA("{\"name\":\"a\",\"type\":\"complex\","
			       "\"subAttributes\":[{\"name\":\"b\",\"type\":"
			       "\"complex\",\"subAttributes\":[]}]}"),
		    AT "a.b: A complex attribute can't hold a complex one." },
		{ THING_SCHEMA("{\"name\":\"a\",\"type\":\"complex\","
			       "\"subAttributes\":[{\"name\":\"b\","
			       "\"returned\":\"never\"}]}"),
		    AT "a.b: A sub-attribute can't be writeOnly or never "
		       "returned; make it an attribute of its own." },
		{ THING_SCHEMA("{\"name\":\"a\",\"mutability\":\"readOnly\","
			       "\"returned\":\"never\"}"),
		    AT "a: An attribute that is readOnly and never returned "
		       "has no use; change one of them." },
	};

	for (size_t i = 0; i < scim__countof(cases); i++)
		assert_thing_refused(cases[i].schema, cases[i].detail);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_left_out_has_its_default),
		cmocka_unit_test(characteristics_are_read),
		cmocka_unit_test(names_are_found_whatever_their_case),
		cmocka_unit_test(bad_definitions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
