/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/directory.h"

#include <stdio.h>

/* @spec 7643-4.1.2-08 */
static void
groups_are_shown_direct_and_indirect(void **state)
{
	struct directory d;
	scim_outcome got;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	const scim_str *const members[] = { &user.id, NULL };
	scim_resource inner = directory_group(&d, "inner", members);
	const scim_str *const groups[] = { &inner.id, NULL };
	scim_resource outer = directory_group(&d, "outer", groups);

	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	assert_contains(got.resource.json, inner.id.ptr);
	assert_contains(got.resource.json, outer.id.ptr);
	assert_contains(
	    got.resource.json, "\"display\":\"inner\",\"type\":\"direct\"");
	assert_contains(
	    got.resource.json, "\"display\":\"outer\",\"type\":\"indirect\"");
	directory_close(&d);
}

static void
being_put_in_a_group_moves_the_derived_half_alone(void **state)
{
	struct directory d;
	scim_outcome got;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	const scim_str *const members[] = { &user.id, NULL };
	(void)directory_group(&d, "g", members);

	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	assert_true(scim_version_equal(&got.resource.version, &user.version));
	assert_int_equal(got.resource.modified_ms, user.modified_ms);
	assert_false(scim__str_equal(got.resource.etag, user.etag));
	/* W/"<own>" and W/"<own>.<derived>" */
	assert_memory_equal(
	    got.resource.etag.ptr, user.etag.ptr, user.etag.len - 1);
	assert_int_equal(got.resource.etag.ptr[user.etag.len - 1], '.');
	directory_close(&d);
}

static void
a_cycle_of_groups_ends(void **state)
{
	struct directory d;
	scim_outcome out, got;
	char json[512];

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	const scim_str *const members[] = { &user.id, NULL };
	scim_resource a = directory_group(&d, "a", members);
	const scim_str *const holds_a[] = { &a.id, NULL };
	scim_resource b = directory_group(&d, "b", holds_a);
	(void)snprintf(json, sizeof(json),
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"a\",\"members\":[{\"value\":\"%s\"},"
	    "{\"value\":\"%s\"}]}",
	    user.id.ptr, b.id.ptr);
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", a.id, json, &expect_any, &out));

	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	assert_contains(got.resource.json, "\"display\":\"a\"");
	assert_contains(got.resource.json, "\"display\":\"b\"");
	directory_close(&d);
}

static void
a_managers_name_is_looked_up(void **state)
{
	struct directory d;
	scim_outcome boss, user;
	char json[768];

	directory_open(&d);
	assert_int_equal(SCIM_OK,
	    directory_create(&d, "User",
		"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]"
		",\"userName\":\"boss\",\"displayName\":\"The Boss\"}",
		&boss));
	(void)snprintf(json, sizeof(json),
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],"
	    "\"userName\":\"bjensen\",\"urn:ietf:params:scim:schemas:"
	    "extension:enterprise:2.0:User\":{\"department\":\"x\","
	    "\"manager\":{\"value\":\"%s\"}}}",
	    boss.resource.id.ptr);

	assert_int_equal(SCIM_OK, directory_create(&d, "User", json, &user));
	assert_contains(user.resource.json, "\"displayName\":\"The Boss\"");
	assert_contains(user.resource.json, "\"department\":\"x\"");
	assert_int_equal(SCIM_OK,
	    directory_delete(&d, "User", boss.resource.id, &expect_any, &boss));
	assert_int_equal(
	    SCIM_OK, directory_get(&d, "User", user.resource.id, &user));
	assert_lacks(user.resource.json, "The Boss");
	assert_contains(user.resource.json, "\"manager\":{\"value\"");
	directory_close(&d);
}

static void
many_groups_are_all_shown(void **state)
{
	struct directory d;
	scim_outcome got;
	char name[32];

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	const scim_str *const members[] = { &user.id, NULL };
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "group-%03d", i);
		(void)directory_group(&d, name, members);
	}

	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	for (int i = 0; i < 300; i++) {
		(void)snprintf(name, sizeof(name), "\"group-%03d\"", i);
		assert_contains(got.resource.json, name);
	}
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(groups_are_shown_direct_and_indirect),
		cmocka_unit_test(
		    being_put_in_a_group_moves_the_derived_half_alone),
		cmocka_unit_test(a_cycle_of_groups_ends),
		cmocka_unit_test(a_managers_name_is_looked_up),
		cmocka_unit_test(many_groups_are_all_shown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
