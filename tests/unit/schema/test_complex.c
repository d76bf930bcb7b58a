/* SPDX-License-Identifier: Apache-2.0 */
#include "validating.h"

#define MANAGER(value)                                       \
	ENTERPRISE_IS "\"userName\":\"u\",\"" ENTERPRISE_URN \
		      "\":{\"manager\":" value "}}"
#define NO_MANAGER USER_IS "\"userName\":\"u\"}"
#define AT ENTERPRISE_URN ":manager"

/* @spec 7643-2.1-05, 7643-2.3.8-01 */
static void
sub_attributes_come_out_as_the_schema_has_them(void **state)
{
	static const struct row rows[] = {
		{ .type = "Thing",
		    .request = THING_IS "\"c\":{\"MANY\":[3,1],\"P\":\"p\","
					"\"ro\":\"x\",\"a\":\"a\"}}",
		    .want = THING_IS "\"c\":{\"a\":\"a\",\"p\":\"p\","
				     "\"many\":[3,1]}}" },
		{ .type = "Thing",
		    .request = THING_IS "\"c\":{\"p\":\"p\",\"q\":1}}",
		    .want = THING_IS "\"c\":{\"p\":\"p\"}}",
		    .quirks = SCIM__QUIRK_UNKNOWN_ATTRIBUTE },
		{ .type = "Thing",
		    .request = THING_IS "\"c\":{\"p\":\"p\",\"P\":\"q\"}}",
		    .want = "c.p is there twice (names ignore case): send it "
			    "once.",
		    .scim_type = "invalidSyntax" },
		{ .type = "Thing",
		    .request = THING_IS "\"c\":{\"many\":[1,\"2\"]}}",
		    .want = "c.many must be a number without a fraction or an "
			    "exponent.",
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = THING_IS "\"c\":\"p\"}",
		    .want = "c must be an object of its sub-attributes.",
		    .scim_type = "invalidValue",
		    .leniency = LENIENT },
		{ .type = "Thing",
		    .request = THING_IS "\"c\":7}",
		    .want = "c must be an object of its sub-attributes.",
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = THING_IS "\"must\":[{\"value\":\"v\"},"
					"{\"note\":\"n\"}]}",
		    .want = "must[1].value is required: send it with a "
			    "value.",
		    .scim_type = "invalidValue" },
	};

	assert_rows(rows);
}

/* @spec 7643-4.3-02 */
static void
a_manager_comes_in_many_forms(void **state)
{
	static const struct row rows[] = {
		{ .type = "User",
		    .request = MANAGER("{\"value\":\"m\",\"displayName\":"
				       "\"Ann\",\"$ref\":\"../Users/m\"}"),
		    .want = MANAGER("{\"value\":\"m\"}") },
		{ .type = "User",
		    .request = MANAGER("\"m\""),
		    .want = MANAGER("{\"value\":\"m\"}"),
		    .quirks = SCIM__QUIRK_STRING_MANAGER },
		{ .type = "User",
		    .request = MANAGER("\"\""),
		    .want = NO_MANAGER,
		    .quirks = SCIM__QUIRK_STRING_MANAGER |
			SCIM__QUIRK_EMPTY_REFERENCE },
		{ .type = "User",
		    .request = MANAGER("{\"value\":\"\",\"$ref\":\"x\"}"),
		    .want = NO_MANAGER,
		    .quirks = SCIM__QUIRK_EMPTY_REFERENCE },
		{ .type = "User",
		    .request = MANAGER("{\"value\":null}"),
		    .want = NO_MANAGER },
		{ .type = "User",
		    .request = MANAGER("{\"managerId\":\"m\"}"),
		    .want = NO_MANAGER,
		    .quirks = SCIM__QUIRK_UNKNOWN_ATTRIBUTE },
		{ .type = "User",
		    .request = MANAGER("[{\"value\":\"m\"}]"),
		    .want = MANAGER("{\"value\":\"m\"}"),
		    .quirks = SCIM__QUIRK_ARRAY_COMPLEX,
		    .leniency = SCIM__LENIENT_MANAGER },
		{ .type = "User",
		    .request = MANAGER("[{\"value\":\"m\"}]"),
		    .want = AT " takes one value: send it without an array.",
		    .scim_type = "invalidValue" },
		{ .type = "User",
		    .request = MANAGER("{\"value\":7}"),
		    .want = AT ".value must be a string.",
		    .scim_type = "invalidValue" },
		/* An atomic element of many is no reference. */
		{ .type = "Thing",
		    .request = THING_IS "\"spots\":[\"Main Street\"]}",
		    .want = "spots[0] must be an object of its "
			    "sub-attributes.",
		    .scim_type = "invalidValue",
		    .leniency = LENIENT },
	};

	assert_rows(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    sub_attributes_come_out_as_the_schema_has_them),
		cmocka_unit_test(a_manager_comes_in_many_forms),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
