/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/policy/badges.h"

static const char plain[] = BADGE_SCHEMA("{\"name\":\"colour\"}");
static const char other[] = BADGE_SCHEMA("{\"name\":\"shape\"}");

static void
the_same_schemas_are_read_once(void **state)
{
	struct badges b;

	badges_open(&b);
	badges_must_add(&b, plain);
	const scim__tenant *before = acme(&b);
	scim__policy_forget(b.policy);
	const scim__tenant *after = acme(&b);

	assert_ptr_not_equal(before, after);
	assert_ptr_equal(before->registry, after->registry);
	scim__policy_tenant_unref(before);
	scim__policy_tenant_unref(after);
	badges_close(&b);
}

static void
without_any_the_server_s_own_is_used(void **state)
{
	struct badges b;

	badges_open(&b);
	const scim__tenant *before = acme(&b);
	assert_ptr_equal(before->registry, b.shipped);
	scim__policy_tenant_unref(before);

	badges_must_add(&b, plain);
	before = acme(&b);
	assert_ptr_not_equal(before->registry, b.shipped);
	scim__policy_tenant_unref(before);

	assert_int_equal(badges_remove(&b, "Badge"), SCIM_OK);
	assert_int_equal(badges_remove(&b, "urn:x:badge"), SCIM_OK);
	const scim__tenant *after = acme(&b);
	assert_ptr_equal(after->registry, b.shipped);
	scim__policy_tenant_unref(after);
	badges_close(&b);
}

static void
other_schemas_are_another_registry(void **state)
{
	struct badges b;

	badges_open(&b);
	badges_must_add(&b, plain);
	const scim__tenant *before = acme(&b);
	badges_must_add(&b, other);
	const scim__tenant *between = acme(&b);
	badges_must_add(&b, plain);
	const scim__tenant *after = acme(&b);

	assert_ptr_not_equal(before->registry, between->registry);
	assert_ptr_not_equal(between->registry, after->registry);
	assert_true(scim__str_equal(before->text, after->text));
	scim__policy_tenant_unref(before);
	scim__policy_tenant_unref(between);
	scim__policy_tenant_unref(after);
	badges_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_schemas_are_read_once),
		cmocka_unit_test(without_any_the_server_s_own_is_used),
		cmocka_unit_test(other_schemas_are_another_registry),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
