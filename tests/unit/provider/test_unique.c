/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/directory.h"

static void
group_names_are_unique_where_a_tenant_says_so(void **state)
{
	struct directory d;
	scim_outcome out;
	static const char json[] =
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"TOUR Guides\"}";

	directory_open(&d);
	scim_resource first = directory_group(&d, "Tour Guides", NULL);
	assert_int_equal(SCIM_OK, directory_create(&d, "Group", json, &out));

	d.settings.unique_group_names = 1;
	assert_int_equal(
	    SCIM_ERR_EXISTS, directory_create(&d, "Group", json, &out));
	assert_string_equal(d.err.scim_type, "uniqueness");
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", first.id, json, &expect_any, &out));
	directory_close(&d);
}

static void
a_conditional_create_names_the_group_in_the_way(void **state)
{
	struct directory d;
	scim_outcome out;
	const scim_expect absent = { .kind = SCIM_EXPECT_ABSENT };

	directory_open(&d);
	d.settings.unique_group_names = 1;
	scim_resource first = directory_group(&d, "g", NULL);

	assert_int_equal(SCIM_OK,
	    scim_provider_create(d.provider, &d.context, SCIM_STR("Group"),
		SCIM_STR("{\"schemas\":[\"urn:ietf:params:scim:schemas:core:"
			 "2.0:Group\"],\"displayName\":\"G\"}"),
		&absent, &out, &d.err));
	assert_int_equal(out.kind, SCIM_MISMATCH);
	assert_true(scim__str_equal(out.conflict.id, first.id));
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(group_names_are_unique_where_a_tenant_says_so),
		cmocka_unit_test(
		    a_conditional_create_names_the_group_in_the_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
