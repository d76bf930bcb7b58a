/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/directory.h"
#include "policy/policy.h"
#include "schema/schema.h"

static struct directory d;
static scim__policy *policy;
static scim__tenant tenant;

static int
set_up(void **state)
{
	directory_open(&d);
	assert_int_equal(
	    scim__policy_new(d.store, &d.fixed.env, NULL, &policy, NULL),
	    SCIM_OK);
	tenant = (scim__tenant){ .name = d.context.tenant,
		.settings = d.settings,
		.registry = d.registry };
	return 0;
}

static int
tear_down(void **state)
{
	scim__policy_free(policy);
	directory_close(&d);
	return 0;
}

/* The status; the name of the type in `out`. */
static scim_status
find(scim_str subject, scim_str *out)
{
	const struct scim__resource_type *type = NULL;
	scim_status rc = scim__policy_subject(
	    policy, d.context.arena, &tenant, subject, &type, &d.err);

	if (rc == SCIM_OK)
		*out = type->name;
	else
		assert_null(type);
	return rc;
}

/* @spec 7644-3.11-01 */
static void
a_subject_is_the_one_resource_of_that_id(void **state)
{
	scim_resource user = directory_user(&d, "ada");
	scim_resource group = directory_group(&d, "crew", NULL);
	scim_str name;

	assert_int_equal(find(user.id, &name), SCIM_OK);
	assert_str(name, "User");
	assert_int_equal(find(group.id, &name), SCIM_OK);
	assert_str(name, "Group");
}

/* @spec 7644-3.11-07 */
static void
who_is_not_there_is_no_subject(void **state)
{
	scim_resource user = directory_user(&d, "bob");
	scim_outcome outcome;
	scim_str name;

	assert_int_equal(find(SCIM_STR(""), &name), SCIM_ERR_NOT_FOUND);
	assert_int_equal(find(SCIM_STR("bob"), &name), SCIM_ERR_NOT_FOUND);
	assert_int_equal(
	    directory_delete(&d, "User", user.id, &expect_any, &outcome),
	    SCIM_OK);
	assert_int_equal(find(user.id, &name), SCIM_ERR_NOT_FOUND);
	assert_int_equal(d.err.status, SCIM_ERR_NOT_FOUND);
}

static void
a_subject_is_of_its_own_tenant(void **state)
{
	scim_resource user = directory_user(&d, "eve");
	scim__tenant other = tenant;
	const struct scim__resource_type *type = NULL;

	other.name = SCIM_STR("other");

	assert_int_equal(scim__policy_subject(policy, d.context.arena, &other,
			     user.id, &type, &d.err),
	    SCIM_ERR_NOT_FOUND);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_subject_is_the_one_resource_of_that_id),
		cmocka_unit_test(who_is_not_there_is_no_subject),
		cmocka_unit_test(a_subject_is_of_its_own_tenant),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
