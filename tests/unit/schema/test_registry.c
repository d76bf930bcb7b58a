/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The shipped registry, asked what the server asks it.
 */
#include "definitions.h"

static scim_registry *registry;

static int
set_up(void **state)
{
	return scim_registry_new(NULL, 0, &registry, NULL) == SCIM_OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	scim_registry_unref(registry);
	return 0;
}

static void
types_are_found_by_name_and_endpoint(void **state)
{
	const scim__resource_type *user =
	    scim__registry_type(registry, SCIM_STR("uSER"));

	assert_non_null(user);
	assert_str(user->name, "User");
	assert_str(user->schema->id, USER_URN);
	assert_int_equal(user->extension_count, 1);
	assert_false(user->extensions[0].required);
	assert_str(user->extensions[0].schema->id, ENTERPRISE_URN);
	assert_ptr_equal(
	    scim__registry_endpoint(registry, SCIM_STR("/Users")), user);
	assert_null(scim__registry_endpoint(registry, SCIM_STR("/users")));
	assert_null(scim__registry_type(registry, SCIM_STR("Users")));
}

/* @spec 7643-2.1-03, 7644-3.10-01, 7644-3.10-02, 7644-3.10-03, 7644-3.10-04 */
static void
paths_are_found(void **state)
{
	static const struct {
		const char *type, *path, *want;
	} cases[] = {
		{ "User", "userName", "userName" },
		{ "User", "USERNAME", "userName" },
		{ "User", "emails.value", "emails.value" },
		{ "User", "emails.Value", "emails.value" },
		{ "User", USER_URN ":name.familyName", "name.familyName" },
		{ "User", "URN:IETF:params:scim:schemas:core:2.0:user:active",
		    "active" },
		{ "User", USER_URN ":externalId", "externalId" },
		{ "User", "meta.lastModified", "meta.lastModified" },
		{ "User", "id", "id" },
		{ "User", ENTERPRISE_URN ":manager",
		    ENTERPRISE_URN ":manager" },
		{ "User", ENTERPRISE_URN ":Manager.Value",
		    ENTERPRISE_URN ":manager.value" },
		{ "Group", "members.$ref", "members.$ref" },
		{ "User", "manager", NULL },
		{ "User", "schemas", NULL },
		{ "User", "members", NULL },
		{ "User", "userName.value", NULL },
		{ "User", "emails.value.x", NULL },
		{ "User", "emails.", NULL },
		{ "User", ".value", NULL },
		{ "User", "", NULL },
		{ "User", ENTERPRISE_URN, NULL },
		{ "User", ENTERPRISE_URN ":", NULL },
		{ "User", ENTERPRISE_URN ".manager", NULL },
		{ "Group", ENTERPRISE_URN ":manager", NULL },
		{ "Group", USER_URN ":displayName", NULL },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		const scim__attribute *a =
		    find_path(registry, cases[i].type, cases[i].path);

		if (cases[i].want == NULL) {
			assert_null(a);
			continue;
		}
		assert_non_null(a);
		assert_str(a->path, cases[i].want);
	}
}

static void
only_schemas_of_what_is_answered_are_listed(void **state)
{
	assert_int_equal(scim__registry_schema_count(registry), 5);
	for (size_t i = 0; i < 5; i++)
		assert_true(
		    scim__registry_schema_at(registry, i)->attribute_count > 0);
	assert_non_null(scim__registry_schema(registry, SCIM_STR(SCHEMA_URN)));
	assert_non_null(scim__registry_schema(
	    registry, SCIM_STR("URN:ietf:params:scim:schemas:core:2.0:user")));
	assert_null(scim__registry_schema(registry, SCIM_STR("urn:x")));
	assert_int_equal(scim__registry_type_count(registry), 2);
	assert_str(scim__registry_type_at(registry, 0)->name, "Group");
}

static void
common_attributes_belong_to_all(void **state)
{
	size_t count = 0;
	const scim__attribute *common = scim__registry_common(registry, &count);

	assert_int_equal(count, 3);
	assert_non_null(
	    scim__attribute_find(common, count, SCIM_STR("EXTERNALID")));
	assert_ptr_equal(find_path(registry, "User", "meta"),
	    find_path(registry, "Group", "meta"));
}

static void
a_shared_registry_outlives_the_first_owner(void **state)
{
	scim_registry *mine = NULL;

	assert_int_equal(scim_registry_new(NULL, 0, &mine, NULL), SCIM_OK);
	scim_registry *yours = scim_registry_ref(mine);
	scim_registry_unref(mine);

	assert_non_null(find_path(yours, "User", "userName"));
	scim_registry_unref(yours);
	scim_registry_unref(NULL);
}

static void
misuse_is_an_answer(void **state)
{
	scim_registry *out = NULL;

	assert_int_equal(
	    scim_registry_new(NULL, 0, NULL, NULL), SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_registry_new(NULL, 1, &out, NULL), SCIM_ERR_MISUSE);
	assert_null(out);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(types_are_found_by_name_and_endpoint),
		cmocka_unit_test(paths_are_found),
		cmocka_unit_test(only_schemas_of_what_is_answered_are_listed),
		cmocka_unit_test(common_attributes_belong_to_all),
		cmocka_unit_test(a_shared_registry_outlives_the_first_owner),
		cmocka_unit_test(misuse_is_an_answer),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
