/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/transfer/transferring.h"

static void
who_has_members_comes_after_them(void **state)
{
	static struct transfer t;

	transfer_open(&t);
	scim_resource first = directory_user(&t.d, "first");
	const scim_str *ids[] = { &first.id, NULL };
	(void)directory_group(&t.d, "all", ids);
	(void)directory_user(&t.d, "second");
	assert_int_equal(SCIM_OK, transfer_export(&t, "default"));
	const char *group = strstr(t.text, "{\"type\":\"Group\"");
	assert_non_null(group);
	assert_null(strstr(group, "{\"type\":\"User\""));
	assert_non_null(strstr(group, "\"memberCount\":1,\"members\":[{"));
	assert_int_equal(strncmp(t.text, "{\"scimd\":1,", 11), 0);
	transfer_close(&t);
}

static void
a_tenant_that_is_not_there_is_told(void **state)
{
	static struct transfer t;

	transfer_open(&t);
	assert_int_equal(SCIM_ERR_NOT_FOUND, transfer_export(&t, "nobody"));
	assert_string_equal(t.text, "");
	transfer_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_members_comes_after_them),
		cmocka_unit_test(a_tenant_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
