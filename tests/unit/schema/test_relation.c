/* SPDX-License-Identifier: Apache-2.0 */
#include "validating.h"

#define GROUP(members) GROUP_IS "\"displayName\":\"g\"" members "}"

/* @spec 7643-4.2-04 */
static void
members_are_kept_apart(void **state)
{
	static const struct row rows[] = {
		{ .type = "Group", .request = GROUP(""), .want = GROUP("") },
		{ .type = "Group",
		    .request = GROUP(",\"members\":[]"),
		    .want = GROUP(""),
		    .relation = "[]" },
		{ .type = "Group",
		    .request = GROUP(",\"members\":null"),
		    .want = GROUP(""),
		    .relation = "[]" },
		{ .type = "Group",
		    .request = GROUP(",\"MEMBERS\":[{\"value\":\"b\","
				     "\"type\":\"user\",\"display\":\"B\","
				     "\"$ref\":null},null,{\"$ref\":\"x\","
				     "\"Value\":\"a\",\"type\":\"\"},"
				     "{\"value\":\"A\",\"display\":null}]"),
		    .want = GROUP(""),
		    .relation = "[{\"value\":\"b\",\"type\":\"User\","
				"\"display\":\"B\"},{\"value\":\"a\"},"
				"{\"value\":\"A\"}]" },
		{ .type = "Group",
		    .request = GROUP(",\"members\":[{\"value\":\"a\","
				     "\"extra\":1}]"),
		    .want = GROUP(""),
		    .relation = "[{\"value\":\"a\"}]",
		    .quirks = SCIM__QUIRK_UNKNOWN_ATTRIBUTE },
	};

	assert_rows(rows);
}

static void
the_last_of_one_id_holds(void **state)
{
	static const struct row rows[] = {
		{ .type = "Group",
		    .request = GROUP(
			",\"members\":[{\"value\":\"a\",\"display\":\"1\"},"
			"{\"value\":\"b\"},{\"value\":\"a\",\"display\":"
			"\"2\"},{\"value\":\"c\"},{\"value\":\"a\"}]"),
		    .want = GROUP(""),
		    .relation = "[{\"value\":\"b\"},{\"value\":\"c\"},"
				"{\"value\":\"a\"}]" },
	};

	assert_rows(rows);
}

static void
other_forms_of_members_are_read(void **state)
{
	static const struct row rows[] = {
		{ .type = "Group",
		    .request = GROUP(",\"members\":{\"value\":\"a\"}"),
		    .want = GROUP(""),
		    .relation = "[{\"value\":\"a\"}]",
		    .quirks = SCIM__QUIRK_SINGLE_VALUE },
		{ .type = "Group",
		    .request = GROUP(",\"members\":[\"a\",{\"value\":\"b\"}]"),
		    .want = GROUP(""),
		    .relation = "[{\"value\":\"a\"},{\"value\":\"b\"}]",
		    .leniency = SCIM__LENIENT_BARE_MEMBER,
		    .quirks = SCIM__QUIRK_BARE_MEMBER },
		{ .type = "Group",
		    .request = GROUP(",\"members\":\"a\""),
		    .want = GROUP(""),
		    .relation = "[{\"value\":\"a\"}]",
		    .leniency = SCIM__LENIENT_BARE_MEMBER,
		    .quirks = SCIM__QUIRK_BARE_MEMBER },
		{ .type = "Group",
		    .request = GROUP(",\"members\":[\"a\"]"),
		    .want = "members[0] must be an object with a \"value\".",
		    .leniency = LENIENT & ~SCIM__LENIENT_BARE_MEMBER,
		    .scim_type = "invalidValue" },
		{ .type = "Group",
		    .request = GROUP(",\"members\":\"a\""),
		    .want = "members must be an array of values.",
		    .leniency = LENIENT & ~SCIM__LENIENT_BARE_MEMBER,
		    .scim_type = "invalidValue" },
	};

	assert_rows(rows);
}

#define NO(members, why)                                                      \
	{                                                                     \
		.type = "Group", .request = GROUP(",\"members\":" members),   \
		.want = why, .scim_type = "invalidValue", .leniency = LENIENT \
	}

/* @spec 7643-4.2-06 */
static void
bad_members_are_refused(void **state)
{
	static const struct row rows[] = {
		NO("[{\"value\":\"a\"},{}]",
		    "members[1] needs a \"value\": the id of a resource."),
		NO("[{\"value\":\"\"}]",
		    "members[0] needs a \"value\": the id of a resource."),
		NO("[{\"value\":null}]",
		    "members[0] needs a \"value\": the id of a resource."),
		NO("[\"\"]",
		    "members[0] needs a \"value\": the id of a resource."),
		NO("[{\"value\":7}]",
		    "members[0] needs a string as its \"value\"."),
		NO("[{\"value\":\"a\",\"display\":{}}]",
		    "members[0] needs a string as its \"display\"."),
		NO("[{\"value\":\"a\",\"type\":\"Device\"}]",
		    "members[0] has a \"type\" that can't be here: leave it "
		    "out or name the resource type."),
		NO("[7]", "members[0] must be an object with a \"value\"."),
		NO("7", "members must be an array of values."),
		/* Once past the members, no index is left behind. */
		{ .type = "Group",
		    .request = GROUP_IS "\"members\":[{\"value\":\"a\"}]}",
		    .want = "displayName is required: send it with a value.",
		    .scim_type = "invalidValue" },
		{ .type = "Group",
		    .request = GROUP(
			",\"members\":[{\"value\":\"a\",\"VALUE\":\"b\"}]"),
		    .want = "members[0] has \"value\" twice (names ignore "
			    "case): send it once.",
		    .scim_type = "invalidSyntax" },
	};

	assert_rows(rows);
}

static void
an_extension_may_hold_a_required_relation(void **state)
{
	const char *texts[] = { THING_SCHEMA("{\"name\":\"a\"}"),
		THING_TYPE(",\"schemaExtensions\":[{\"schema\":"
			   "\"urn:x:Extra\",\"required\":true}]"),
		"{\"id\":\"urn:x:Extra\",\"attributes\":[{\"name\":\"parts\","
		"\"type\":\"complex\",\"multiValued\":true,\"required\":true,"
		"\"subAttributes\":[{\"name\":\"value\"}],"
		"\"x-scimd-relation\":{\"types\":[\"Thing\"]}}]}",
		NULL };
#define REQUIRED "urn:x:Extra:parts is required: send it with a value."
#define PARTS(value) THING_IS "\"urn:x:Extra\":{\"parts\":" value "}}"
#define NOTHING_ELSE "{\"schemas\":[\"urn:x:Thing\",\"urn:x:Extra\"]}"
	static const struct row rows[] = {
		{ .type = "Thing",
		    .request = PARTS("[{\"value\":\"p\"}]"),
		    .want = NOTHING_ELSE,
		    .relation = "[{\"value\":\"p\"}]" },
		{ .type = "Thing",
		    .request = THING_IS "\"a\":null}",
		    .want = REQUIRED,
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = PARTS("[]"),
		    .want = REQUIRED,
		    .scim_type = "invalidValue" },
		{ .type = "Thing",
		    .request = THING_IS "\"a\":null}",
		    .want = NOTHING_ELSE,
		    .current = NOTHING_ELSE },
		{ .type = "Thing",
		    .request = PARTS("[]"),
		    .want = REQUIRED,
		    .current = NOTHING_ELSE,
		    .scim_type = "invalidValue" },
	};
	scim_registry *shared = registry;

	assert_int_equal(load_texts(texts, &registry, NULL), SCIM_OK);
	assert_rows(rows);
	scim_registry_unref(registry);
	registry = shared;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_are_kept_apart),
		cmocka_unit_test(the_last_of_one_id_holds),
		cmocka_unit_test(other_forms_of_members_are_read),
		cmocka_unit_test(bad_members_are_refused),
		cmocka_unit_test(an_extension_may_hold_a_required_relation),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
