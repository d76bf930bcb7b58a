/* SPDX-License-Identifier: Apache-2.0 */
#include "validating.h"

#define DOTTED SCIM__QUIRK_DOTTED_KEY
#define UNKNOWN SCIM__QUIRK_UNKNOWN_ATTRIBUTE
#define USER(members) USER_IS members "}"
#define TWICE " is there twice (names ignore case): send it once."

/* @spec 7643-2.1-03, 7643-2.1-05, 7644-3.10-01, 7644-3.10-02, 7643-3.3-05 */
static void
names_mean_attributes_whatever_their_form(void **state)
{
	static const struct row rows[] = {
		{ .type = "User",
		    .request = "{\"USERNAME\":\"u\",\"Schemas\":[\"" USER_URN
			       "\"],\"EXTERNALID\":\"e\"}",
		    .want = USER("\"externalId\":\"e\",\"userName\":\"u\"") },
		{ .type = "User",
		    .request = USER("\"userName\":\"u\","
				    "\"name.givenName\":\"g\","
				    "\"name\":{\"formatted\":\"f\"},"
				    "\"NAME.familyName\":\"l\""),
		    .want = USER("\"userName\":\"u\",\"name\":{\"formatted\":"
				 "\"f\",\"familyName\":\"l\",\"givenName\":"
				 "\"g\"}"),
		    .quirks = DOTTED },
		{ .type = "User",
		    .request =
			USER("\"" USER_URN ":userName\":\"u\",\"" USER_URN
			     ":name.givenName\":\"g\",\"" USER_URN
			     ":externalId\":\"e\""),
		    .want = USER("\"externalId\":\"e\",\"userName\":\"u\","
				 "\"name\":{\"givenName\":\"g\"}"),
		    .quirks = DOTTED },
		{ .type = "User",
		    .request = USER("\"userName\":\"u\",\"" ENTERPRISE_URN
				    ":department\":\"d\",\"" ENTERPRISE_URN
				    "\":{\"division\":\"v\"},\"" ENTERPRISE_URN
				    ":manager.value\":\"m\""),
		    .want = ENTERPRISE_IS
		    "\"userName\":\"u\",\"" ENTERPRISE_URN
		    "\":{\"division\":\"v\",\"department\":\"d\","
		    "\"manager\":{\"value\":\"m\"}}}",
		    .quirks = DOTTED },
		{ .type = "User",
		    .request = USER("\"userName\":\"u\",\"URN:ietf:params:"
				    "scim:schemas:extension:enterprise:2.0:"
				    "user\":{\"manager.value\":\"m\"}"),
		    .want = ENTERPRISE_IS "\"userName\":\"u\",\"" ENTERPRISE_URN
					  "\":{\"manager\":{\"value\":\"m\"}}}",
		    .quirks = DOTTED },
		{ .type = "User",
		    .request =
			USER("\"userName\":\"u\",\"emails.value\":\"e\""),
		    .want = USER(
			"\"userName\":\"u\",\"emails\":[{\"value\":\"e\"}]"),
		    .quirks = DOTTED | SCIM__QUIRK_SINGLE_VALUE,
		    .leniency = SCIM__LENIENT_SINGLE_VALUE },
	};

	assert_rows(rows);
}

static void
a_dot_after_the_urn_needs_leniency(void **state)
{
	static const struct row rows[] = {
		{ .type = "User",
		    .request = USER("\"userName\":\"u\",\"" ENTERPRISE_URN
				    ".manager\":\"m\""),
		    .want = ENTERPRISE_IS "\"userName\":\"u\",\"" ENTERPRISE_URN
					  "\":{\"manager\":{\"value\":\"m\"}}}",
		    .leniency = SCIM__LENIENT_MANAGER,
		    .quirks =
			SCIM__QUIRK_URN_DOT | SCIM__QUIRK_STRING_MANAGER },
		{ .type = "User",
		    .request = USER("\"userName\":\"u\",\"" ENTERPRISE_URN
				    ".manager\":\"m\""),
		    .want = ENTERPRISE_URN ":manager has a dot before it: put "
					   "a colon after the URN.",
		    .scim_type = "invalidSyntax" },
	};

	assert_rows(rows);
}

/* @spec 7643-3-09, 7643-3.1-14, 7643-3.1-07, 7644-3.1-07, 7644-3.1-08 */
static void
names_that_mean_nothing_are_ignored(void **state)
{
#define IGNORED(member)                                                        \
	{                                                                      \
		.type = "User", .request = USER("\"userName\":\"u\"," member), \
		.want = USER("\"userName\":\"u\""), .quirks = UNKNOWN          \
	}
	static const struct row rows[] = {
		IGNORED("\"shoeSize\":43"),
		IGNORED("\"manager\":{\"value\":\"m\"}"),
		IGNORED("\"\":1"),
		IGNORED("\"name.\":1"),
		IGNORED("\"name.shoeSize\":1"),
		IGNORED("\"userName.x\":1"),
		IGNORED("\"urn:x:none\":{\"a\":1}"),
		IGNORED("\"" USER_URN "\":{\"title\":\"t\"}"),
		IGNORED("\"" ENTERPRISE_URN ":\":1"),
		IGNORED("\"" ENTERPRISE_URN ":shoeSize\":1"),
		IGNORED("\"" ENTERPRISE_URN ".shoeSize\":1"),
		IGNORED("\"" ENTERPRISE_URN "\":{\"shoeSize\":1}"),
		{ .type = "User",
		    .request = USER("\"userName\":\"u\",\"id\":7,\"meta\":[],"
				    "\"groups\":[{\"value\":\"g\"}]"),
		    .want = USER("\"userName\":\"u\"") },
	};

	assert_rows(rows);
}

#define NO(members, why)                                                     \
	{                                                                    \
		.type = "User",                                              \
		.request = USER("\"userName\":\"u\"," members), .want = why, \
		.scim_type = "invalidSyntax"                                 \
	}

/* @spec 7643-2.1-04 */
static void
a_name_given_twice_is_refused(void **state)
{
	static const struct row rows[] = {
		NO("\"UserName\":\"v\"", "userName" TWICE),
		NO("\"" USER_URN ":userName\":\"v\"", "userName" TWICE),
		NO("\"SCHEMAS\":[]", "schemas" TWICE),
		NO("\"name\":{\"givenName\":\"g\"},\"name.GivenName\":\"h\"",
		    "name.givenName" TWICE),
		NO("\"name.givenName\":\"g\",\"name.GivenName\":\"h\"",
		    "name.givenName" TWICE),
		NO("\"name.givenName\":\"g\",\"name\":null", "name" TWICE),
		NO("\"" ENTERPRISE_URN "\":{},\"URN:ietf:params:scim:schemas:"
		   "extension:enterprise:2.0:User\":{}",
		    ENTERPRISE_URN TWICE),
		NO("\"" ENTERPRISE_URN "\":{\"division\":\"a\",\"Division\":"
		   "\"b\"}",
		    ENTERPRISE_URN ":division" TWICE),
		NO("\"" ENTERPRISE_URN
		   "\":{\"division\":\"a\"},\"" ENTERPRISE_URN
		   ":division\":\"b\"",
		    ENTERPRISE_URN ":division" TWICE),
	};

	assert_rows(rows);
}

static void
what_is_no_object_is_refused(void **state)
{
	static const struct row rows[] = {
		{ .type = "User",
		    .request = "[]",
		    .want = "A resource must be a JSON object.",
		    .scim_type = "invalidSyntax" },
		{ .type = "User",
		    .request =
			USER("\"userName\":\"u\",\"" ENTERPRISE_URN "\":7"),
		    .want =
			ENTERPRISE_URN " must be an object of its attributes.",
		    .scim_type = "invalidValue" },
	};

	assert_rows(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_mean_attributes_whatever_their_form),
		cmocka_unit_test(a_dot_after_the_urn_needs_leniency),
		cmocka_unit_test(names_that_mean_nothing_are_ignored),
		cmocka_unit_test(a_name_given_twice_is_refused),
		cmocka_unit_test(what_is_no_object_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
