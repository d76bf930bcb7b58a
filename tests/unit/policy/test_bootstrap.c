/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/policy/door.h"

#define TOKEN "0123456789abcdef"

static void
the_bootstrap_token_opens_the_default_tenant(void **state)
{
	struct door d;
	scim__principal who = { 0 };
	bool empty = false;

	door_open(&d);
	assert_int_equal(
	    scim__policy_is_empty(d.policy, &empty, NULL), SCIM_OK);
	assert_true(empty);
	assert_int_equal(
	    scim__policy_bootstrap(d.policy, SCIM_STR(TOKEN), NULL), SCIM_OK);

	assert_int_equal(scim__policy_authenticate(
			     d.policy, d.arena, SCIM_STR(TOKEN), &who, NULL),
	    SCIM_OK);
	assert_str(who.tenant, "default");
	assert_int_equal(who.scopes,
	    SCIM__SCOPE_READ | SCIM__SCOPE_WRITE | SCIM__SCOPE_ADMIN);
	assert_int_equal(who.expires_ms, INT64_MAX);
	assert_int_equal(
	    scim__policy_is_empty(d.policy, &empty, NULL), SCIM_OK);
	assert_false(empty);
	door_close(&d);
}

static void
a_second_time_changes_nothing(void **state)
{
	struct door d;
	scim__principal first = { 0 }, second = { 0 };
	const scim_str strong[] = { SCIM_STR("etag=strong") };

	door_open(&d);
	assert_int_equal(
	    scim__policy_bootstrap(d.policy, SCIM_STR(TOKEN), NULL), SCIM_OK);
	assert_int_equal(
	    scim__tenant_set(d.policy, SCIM_STR("default"), strong, 1, NULL),
	    SCIM_OK);
	assert_int_equal(scim__policy_authenticate(
			     d.policy, d.arena, SCIM_STR(TOKEN), &first, NULL),
	    SCIM_OK);
	assert_int_equal(
	    scim__policy_bootstrap(d.policy, SCIM_STR(TOKEN), NULL), SCIM_OK);
	assert_int_equal(scim__policy_authenticate(
			     d.policy, d.arena, SCIM_STR(TOKEN), &second, NULL),
	    SCIM_OK);

	assert_true(scim__str_equal(first.token_id, second.token_id));
	const scim__tenant *t =
	    scim__policy_tenant(d.policy, SCIM_STR("default"), NULL);
	assert_int_equal(t->settings.etag, SCIM_ETAG_STRONG);
	scim__policy_tenant_unref(t);
	door_close(&d);
}

static void
what_is_no_token_is_refused(void **state)
{
	static const char *const wrong[] = { "", "0123456789abcde",
		"0123456789abcde ", "0123456789abcd\"f",
		"================", "01234567=89abcdef",
		"0123456789abcd\xc3\xa4" };
	static const char *const right[] = { "0123456789abcdef",
		"-._~+/0123456789==" };
	struct door d;
	bool empty = false;

	door_open(&d);
	for (size_t i = 0; i < scim__countof(wrong); i++)
		assert_int_equal(
		    scim__policy_bootstrap(d.policy, scim__str(wrong[i]), NULL),
		    SCIM_ERR_INVALID);
	assert_int_equal(
	    scim__policy_is_empty(d.policy, &empty, NULL), SCIM_OK);
	assert_true(empty);
	for (size_t i = 0; i < scim__countof(right); i++)
		assert_int_equal(
		    scim__policy_bootstrap(d.policy, scim__str(right[i]), NULL),
		    SCIM_OK);
	door_close(&d);
}

static void
a_token_of_another_tenant_stays_there(void **state)
{
	struct door d;

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	scim_str token = make_token(&d, "acme", NULL);

	assert_int_equal(
	    scim__policy_bootstrap(d.policy, token, NULL), SCIM_ERR_EXISTS);

	scim__principal who = { 0 };
	assert_int_equal(
	    scim__policy_authenticate(d.policy, d.arena, token, &who, NULL),
	    SCIM_OK);
	assert_str(who.tenant, "acme");
	assert_null(scim__policy_tenant(d.policy, SCIM_STR("default"), NULL));
	door_close(&d);
}

static void
a_lesser_token_of_the_tenant_is_raised(void **state)
{
	struct door d;
	scim__principal who = { 0 };

	door_open(&d);
	make_tenant(&d, "default", NULL, NULL);
	scim_str token = make_token(&d, "default", NULL);
	assert_int_equal(come_in(d.policy, d.arena, token), SCIM_OK);

	assert_int_equal(
	    scim__policy_bootstrap(d.policy, token, NULL), SCIM_OK);

	assert_int_equal(
	    scim__policy_authenticate(d.policy, d.arena, token, &who, NULL),
	    SCIM_OK);
	assert_int_equal(who.scopes,
	    SCIM__SCOPE_READ | SCIM__SCOPE_WRITE | SCIM__SCOPE_ADMIN);
	door_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bootstrap_token_opens_the_default_tenant),
		cmocka_unit_test(a_second_time_changes_nothing),
		cmocka_unit_test(what_is_no_token_is_refused),
		cmocka_unit_test(a_token_of_another_tenant_stays_there),
		cmocka_unit_test(a_lesser_token_of_the_tenant_is_raised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
