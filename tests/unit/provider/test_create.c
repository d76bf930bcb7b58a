/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/directory.h"

#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"

/* @spec 7644-3.3-01 */
static void
a_created_resource_has_id_and_meta(void **state)
{
	struct directory d;
	scim_outcome out, got;

	directory_open(&d);
	assert_int_equal(SCIM_OK,
	    directory_create(&d, "User",
		USER("\"userName\":\"bjensen\",\"externalId\":\"7\","
		     "\"id\":\"mine\",\"meta\":{\"version\":\"x\"}"),
		&out));

	assert_int_equal(out.kind, SCIM_DONE);
	assert_true(out.changed);
	assert_int_equal(out.resource.id.len, 36);
	assert_contains(
	    out.resource.json, "\"created\":\"2026-11-21T20:00:00.123Z\"");
	assert_contains(out.resource.json, "\"externalId\":\"7\"");
	assert_lacks(out.resource.json, "mine");
	assert_int_equal(
	    SCIM_OK, directory_get(&d, "User", out.resource.id, &got));
	assert_true(scim__str_equal(out.resource.json, got.resource.json));
	directory_close(&d);
}

static void
a_taken_name_is_taken_in_any_case(void **state)
{
	struct directory d;
	scim_outcome untouched = { .changed = POISON };

	directory_open(&d);
	(void)directory_user(&d, "bjensen");

	assert_int_equal(SCIM_ERR_EXISTS,
	    directory_create(
		&d, "User", USER("\"userName\":\"BJensen\""), &untouched));
	assert_string_equal(d.err.scim_type, "uniqueness");
	assert_int_equal(untouched.changed, POISON);
	directory_close(&d);
}

static void
a_conditional_create_names_the_holder(void **state)
{
	struct directory d;
	scim_outcome out;
	const scim_expect absent = { .kind = SCIM_EXPECT_ABSENT };

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");

	assert_int_equal(SCIM_OK,
	    scim_provider_create(d.provider, &d.context, SCIM_STR("User"),
		scim__str(USER("\"userName\":\"bjensen\"")), &absent, &out,
		&d.err));
	assert_int_equal(out.kind, SCIM_MISMATCH);
	assert_true(scim__str_equal(out.conflict.id, user.id));
	assert_true(scim__str_equal(out.conflict.current, user.etag));
	assert_true(scim__str_equal(out.conflict.location, user.location));
	directory_close(&d);
}

static void
names_of_another_tenant_are_free(void **state)
{
	struct directory d;
	scim_outcome out, got;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	d.context.tenant = SCIM_STR("other");

	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	assert_int_equal(got.kind, SCIM_ABSENT);
	assert_int_equal(SCIM_OK,
	    directory_create(
		&d, "User", USER("\"userName\":\"bjensen\""), &out));
	directory_close(&d);
}

static void
what_is_missing_or_wrong_is_named(void **state)
{
	static const struct {
		const char *json, *detail;
	} cases[] = {
		{ USER("\"title\":\"x\""), "userName" },
		{ USER("\"userName\":7"), "userName" },
		{ USER("\"userName\":\"x\",\"active\":\"maybe\""), "active" },
		{ USER("\"userName\":\"x\",\"emails\":\"a@b\""), "emails" },
		{ "[]", "object" },
		{ "{", "JSON" },
	};
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	for (size_t i = 0; i < scim__countof(cases); i++) {
		assert_int_equal(SCIM_ERR_INVALID,
		    directory_create(&d, "User", cases[i].json, &out));
		assert_contains(scim__str(d.err.detail), cases[i].detail);
	}
	directory_close(&d);
}

static void
a_member_that_does_not_exist_is_refused_dropped_or_kept(void **state)
{
	static const char json[] =
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"g\",\"members\":[{\"value\":"
	    "\"01234567-89ab-4def-bedc-ba9876543210\"}]}";
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	assert_int_equal(
	    SCIM_ERR_INVALID, directory_create(&d, "Group", json, &out));
	assert_string_equal(d.err.scim_type, "invalidValue");
	assert_contains(
	    scim__str(d.err.detail), "01234567-89ab-4def-bedc-ba9876543210");

	d.settings.dangling_members = SCIM_DANGLING_DROP;
	assert_int_equal(SCIM_OK, directory_create(&d, "Group", json, &out));
	assert_lacks(out.resource.json, "members");

	d.settings.dangling_members = SCIM_DANGLING_KEEP;
	assert_int_equal(SCIM_OK, directory_create(&d, "Group", json, &out));
	assert_contains(out.resource.json, "\"members\":[{\"value\":\"0123");
	directory_close(&d);
}

static void
too_many_members_are_too_large(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	d.settings.limits.members = 1;
	assert_int_equal(SCIM_ERR_TOO_LARGE,
	    directory_create(&d, "Group",
		"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group"
		"\"],\"displayName\":\"g\",\"members\":[{\"value\":\"a\"},"
		"{\"value\":\"b\"}]}",
		&out));
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_created_resource_has_id_and_meta),
		cmocka_unit_test(a_taken_name_is_taken_in_any_case),
		cmocka_unit_test(a_conditional_create_names_the_holder),
		cmocka_unit_test(names_of_another_tenant_are_free),
		cmocka_unit_test(what_is_missing_or_wrong_is_named),
		cmocka_unit_test(
		    a_member_that_does_not_exist_is_refused_dropped_or_kept),
		cmocka_unit_test(too_many_members_are_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
