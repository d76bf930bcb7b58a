/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/directory.h"

#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"

/* @spec 7644-3.5.1-01 */
static void
a_replacement_is_what_is_read_afterwards(void **state)
{
	struct directory d;
	scim_outcome put, got;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");

	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id,
		USER("\"userName\":\"bjensen\",\"title\":\"Engineer\""),
		&expect_any, &put));
	assert_int_equal(put.kind, SCIM_DONE);
	assert_true(put.changed);

	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	assert_contains(got.resource.json, "\"title\":\"Engineer\"");
	assert_true(scim__str_equal(put.resource.json, got.resource.json));
	assert_false(scim_version_equal(&user.version, &got.resource.version));
	directory_close(&d);
}

static void
a_stale_version_is_a_mismatch_and_changes_nothing(void **state)
{
	struct directory d;
	scim_outcome won, lost, got;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_expect held = expect_version(&user.version);

	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id,
		USER("\"userName\":\"bjensen\",\"title\":\"first\""), &held,
		&won));
	assert_int_equal(won.kind, SCIM_DONE);
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id,
		USER("\"userName\":\"bjensen\",\"title\":\"second\""), &held,
		&lost));

	assert_int_equal(lost.kind, SCIM_MISMATCH);
	assert_true(scim__str_equal(lost.conflict.current, won.resource.etag));
	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	assert_contains(got.resource.json, "\"title\":\"first\"");
	directory_close(&d);
}

static void
what_changes_nothing_keeps_version_and_time(void **state)
{
	struct directory d;
	scim_outcome put;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	d.fixed.now_ms += 5000;

	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id,
		USER("\"nickName\":null,\"emails\":[],"
		     "\"userName\":\"bjensen\""),
		&expect_any, &put));
	assert_int_equal(put.kind, SCIM_DONE);
	assert_false(put.changed);
	assert_true(scim__str_equal(put.resource.json, user.json));
	directory_close(&d);
}

static void
a_change_of_case_is_a_change(void **state)
{
	struct directory d;
	scim_outcome put;

	directory_open(&d);
	scim_resource user = directory_user(&d, "mcdonald");

	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id,
		USER("\"userName\":\"McDonald\""), &expect_any, &put));
	assert_true(put.changed);
	assert_contains(put.resource.json, "\"userName\":\"McDonald\"");
	directory_close(&d);
}

static void
a_password_stays_unless_it_is_named(void **state)
{
	struct directory d;
	scim_outcome put;

	directory_open(&d);
	assert_int_equal(SCIM_OK,
	    directory_create(&d, "User",
		USER("\"userName\":\"bjensen\",\"password\":\"t1meMa$heen\""),
		&put));
	assert_lacks(put.resource.json, "assword");
	scim_resource user = put.resource;

	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id,
		USER("\"userName\":\"bjensen\""), &expect_any, &put));
	assert_false(put.changed);

	/* the same again is a change: equality must not be observable */
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id,
		USER("\"userName\":\"bjensen\",\"password\":\"t1meMa$heen\""),
		&expect_any, &put));
	assert_true(put.changed);

	scim_version with_password = put.resource.version;
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id,
		USER("\"userName\":\"bjensen\",\"password\":null"), &expect_any,
		&put));
	assert_true(put.changed);
	assert_false(scim_version_equal(&with_password, &put.resource.version));
	directory_close(&d);
}

/* @spec 7644-3.2-04 */
static void
nothing_is_created_by_replacing(void **state)
{
	struct directory d;
	scim_outcome put;

	directory_open(&d);
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User",
		SCIM_STR("01234567-89ab-4def-bedc-ba9876543210"),
		USER("\"userName\":\"bjensen\""), &expect_any, &put));
	assert_int_equal(put.kind, SCIM_ABSENT);
	directory_close(&d);
}

static void
a_taken_name_is_refused_and_changes_nothing(void **state)
{
	struct directory d;
	scim_outcome untouched = { .kind = SCIM_ABSENT, .changed = POISON };
	scim_outcome got;

	directory_open(&d);
	(void)directory_user(&d, "taken");
	scim_resource user = directory_user(&d, "bjensen");

	assert_int_equal(SCIM_ERR_EXISTS,
	    directory_replace(&d, "User", user.id,
		USER("\"userName\":\"TAKEN\""), &expect_any, &untouched));
	assert_string_equal(d.err.scim_type, "uniqueness");
	assert_int_equal(untouched.changed, POISON);
	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	assert_true(scim__str_equal(got.resource.json, user.json));
	directory_close(&d);
}

static void
another_id_in_the_body_is_refused(void **state)
{
	struct directory d;
	scim_outcome put;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");

	assert_int_equal(SCIM_ERR_INVALID,
	    directory_replace(&d, "User", user.id,
		USER("\"id\":\"other\",\"userName\":\"bjensen\""), &expect_any,
		&put));
	directory_close(&d);
}

static void
members_stay_when_absent_and_go_with_an_empty_list(void **state)
{
	struct directory d;
	scim_outcome put;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	const scim_str *const members[] = { &user.id, NULL };
	scim_resource group = directory_group(&d, "Tour Guides", members);

	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", group.id,
		"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group"
		"\"],\"displayName\":\"Guides\"}",
		&expect_any, &put));
	assert_contains(put.resource.json, "\"members\":[{\"value\":");

	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", group.id,
		"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group"
		"\"],\"displayName\":\"Guides\",\"members\":[]}",
		&expect_any, &put));
	assert_lacks(put.resource.json, "members");
	directory_close(&d);
}

static void
a_required_precondition_is_asked_for(void **state)
{
	struct directory d;
	scim_outcome put;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	d.settings.require_preconditions = 1;

	assert_int_equal(SCIM_ERR_REQUIRED,
	    directory_replace(&d, "User", user.id, USER("\"userName\":\"b\""),
		&expect_any, &put));
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_replacement_is_what_is_read_afterwards),
		cmocka_unit_test(
		    a_stale_version_is_a_mismatch_and_changes_nothing),
		cmocka_unit_test(what_changes_nothing_keeps_version_and_time),
		cmocka_unit_test(a_change_of_case_is_a_change),
		cmocka_unit_test(a_password_stays_unless_it_is_named),
		cmocka_unit_test(nothing_is_created_by_replacing),
		cmocka_unit_test(a_taken_name_is_refused_and_changes_nothing),
		cmocka_unit_test(another_id_in_the_body_is_refused),
		cmocka_unit_test(
		    members_stay_when_absent_and_go_with_an_empty_list),
		cmocka_unit_test(a_required_precondition_is_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
