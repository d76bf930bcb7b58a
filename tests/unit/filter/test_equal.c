/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/equal.h"

#include "lib/directory.h"

static void
a_filter_names_an_indexed_attribute_and_a_value(void **state)
{
	static const struct {
		const char *in, *attribute, *text;
		scim_status status;
	} cases[] = {
		{ "userName eq \"BJensen\"", "userName", "bjensen", SCIM_OK },
		{ "USERNAME Eq \"b\"", "userName", "b", SCIM_OK },
		{ " userName  eq  \"a b\" ", "userName", "a b", SCIM_OK },
		{ "externalId eq \"AbC\"", "externalId", "AbC", SCIM_OK },
		{ "userName eq \"a\\\" and b\"", "userName", "a\" and b",
		    SCIM_OK },
		{ "urn:ietf:params:scim:schemas:core:2.0:User:userName eq "
		  "\"b\"",
		    "userName", "b", SCIM_OK },
		{ "userName eq bjensen", NULL, NULL, SCIM_ERR_INVALID },
		{ "userName eq 'b'", NULL, NULL, SCIM_ERR_INVALID },
		{ "userName", NULL, NULL, SCIM_ERR_INVALID },
		{ "", NULL, NULL, SCIM_ERR_INVALID },
		{ "nobody eq \"b\"", NULL, NULL, SCIM_ERR_INVALID },
		{ "userName is \"b\"", NULL, NULL, SCIM_ERR_INVALID },
		{ "userName eq \"a\" and active eq true", NULL, NULL,
		    SCIM_ERR_UNSUPPORTED },
		{ "not (userName eq \"a\")", NULL, NULL, SCIM_ERR_UNSUPPORTED },
		{ "emails[type eq \"work\"]", NULL, NULL,
		    SCIM_ERR_UNSUPPORTED },
		{ "title pr", NULL, NULL, SCIM_ERR_UNSUPPORTED },
		{ "nickName eq \"b\"", NULL, NULL, SCIM_ERR_UNSUPPORTED },
	};
	struct directory d;

	directory_open(&d);
	const scim__resource_type *type =
	    scim__registry_type(d.registry, SCIM_STR("User"));
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_index_row row = { .attribute = { NULL, 0 } };
		scim_status rc = scim__filter_equal(d.context.arena, d.registry,
		    type, scim__str(cases[i].in), &row, &d.err);

		if (rc != cases[i].status)
			fail_msg("%s: %d", cases[i].in, (int)rc);
		if (rc == SCIM_OK) {
			assert_str(row.attribute, cases[i].attribute);
			assert_str(row.value.text, cases[i].text);
		}
		if (rc == SCIM_ERR_INVALID)
			assert_string_equal(d.err.scim_type, "invalidFilter");
	}
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_filter_names_an_indexed_attribute_and_a_value),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
