/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "lib/directory.h"

static void
what_is_deleted_is_gone_and_frees_its_name(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");

	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", user.id, &expect_any, &out));
	assert_int_equal(out.kind, SCIM_DONE);
	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &out));
	assert_int_equal(out.kind, SCIM_ABSENT);
	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", user.id, &expect_any, &out));
	assert_int_equal(out.kind, SCIM_ABSENT);

	scim_resource again = directory_user(&d, "bjensen");
	assert_false(scim__str_equal(again.id, user.id));
	directory_close(&d);
}

static void
a_stale_version_deletes_nothing(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_expect held = expect_version(&user.version);
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id,
		"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]"
		",\"userName\":\"other\"}",
		&expect_any, &out));

	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", user.id, &held, &out));
	assert_int_equal(out.kind, SCIM_MISMATCH);
	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &out));
	assert_int_equal(out.kind, SCIM_DONE);
	directory_close(&d);
}

static void
who_goes_leaves_every_group(void **state)
{
	struct directory d;
	scim_outcome out, got;

	directory_open(&d);
	scim_resource stays = directory_user(&d, "stays");
	scim_resource goes = directory_user(&d, "goes");
	const scim_str *const both[] = { &stays.id, &goes.id, NULL };
	const scim_str *const alone[] = { &goes.id, NULL };
	scim_resource g1 = directory_group(&d, "g1", both);
	scim_resource g2 = directory_group(&d, "g2", alone);
	const scim_str *const only_stays[] = { &stays.id, NULL };
	scim_resource same = directory_group(&d, "g1", only_stays);
	(void)same;

	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", goes.id, &expect_any, &out));

	assert_int_equal(SCIM_OK, directory_get(&d, "Group", g1.id, &got));
	assert_false(scim_version_equal(&got.resource.version, &g1.version));
	assert_contains(got.resource.json, "\"members\":[{\"value\":");
	assert_lacks(got.resource.json, goes.id.ptr);
	assert_int_equal(SCIM_OK, directory_get(&d, "Group", g2.id, &got));
	assert_lacks(got.resource.json, "members");
	directory_close(&d);
}

static void
a_group_that_holds_itself_can_go(void **state)
{
	struct directory d;
	scim_outcome out;
	char json[512];

	directory_open(&d);
	scim_resource group = directory_group(&d, "loop", NULL);
	(void)snprintf(json, sizeof(json),
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"loop\",\"members\":[{\"value\":\"%s\"}]}",
	    group.id.ptr);
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", group.id, json, &expect_any, &out));
	assert_contains(out.resource.json, "\"members\"");

	assert_int_equal(SCIM_OK,
	    directory_delete(&d, "Group", group.id, &expect_any, &out));
	assert_int_equal(out.kind, SCIM_DONE);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_deleted_is_gone_and_frees_its_name),
		cmocka_unit_test(a_stale_version_deletes_nothing),
		cmocka_unit_test(who_goes_leaves_every_group),
		cmocka_unit_test(a_group_that_holds_itself_can_go),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
