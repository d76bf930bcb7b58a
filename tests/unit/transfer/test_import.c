/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/transfer/transferring.h"

static void
a_tenant_becomes_another_one(void **state)
{
	static struct transfer t;
	static char first[sizeof(t.text)];

	transfer_open(&t);
	scim_resource a = directory_user(&t.d, "a");
	const scim_str *ids[] = { &a.id, NULL };
	scim_resource inner = directory_group(&t.d, "inner", ids);
	const scim_str *all[] = { &a.id, &inner.id, NULL };
	(void)directory_group(&t.d, "outer", all);
	assert_int_equal(SCIM_OK, transfer_export(&t, "default"));
	memcpy(first, t.text, sizeof(first));
	assert_int_equal(SCIM_OK, transfer_import(&t, "other", first));
	assert_int_equal(t.result.made, 3);
	assert_int_equal(t.result.reported, 0);
	assert_int_equal(SCIM_OK, transfer_export(&t, "other"));
	assert_string_equal(strchr(t.text, '\n'), strchr(first, '\n'));
	assert_int_equal(SCIM_OK, transfer_import(&t, "other", first));
	assert_int_equal(t.result.made, 0);
	assert_int_equal(t.result.there, 3);
	transfer_close(&t);
}

static void
a_line_that_was_changed_is_reported_and_the_next_one_taken(void **state)
{
	static struct transfer t;
	static char text[sizeof(t.text)];

	transfer_open(&t);
	(void)directory_user(&t.d, "aaa");
	(void)directory_user(&t.d, "bbb");
	assert_int_equal(SCIM_OK, transfer_export(&t, "default"));
	memcpy(text, t.text, sizeof(text));
	memcpy(strstr(text, "aaa"), "ccc", 3);
	assert_int_equal(SCIM_OK, transfer_import(&t, "other", text));
	assert_int_equal(t.result.made, 1);
	assert_int_equal(t.result.reported, 1);
	assert_int_equal(t.lines[0], 2);
	assert_non_null(strstr(t.why, "The version is not that of the state"));
	transfer_close(&t);
}

static void
a_member_that_never_comes_is_reported(void **state)
{
	static struct transfer t;
	static char text[sizeof(t.text)];

	transfer_open(&t);
	scim_resource a = directory_user(&t.d, "a");
	const scim_str *ids[] = { &a.id, NULL };
	(void)directory_group(&t.d, "all", ids);
	assert_int_equal(SCIM_OK, transfer_export(&t, "default"));
	memcpy(text, t.text, sizeof(text));
	char *user = strchr(text, '\n') + 1;
	memset(user, ' ', strcspn(user, "\n"));
	assert_int_equal(SCIM_OK, transfer_import(&t, "other", text));
	assert_int_equal(t.result.made, 1);
	assert_int_equal(t.result.reported, 2);
	assert_int_equal(t.lines[0], 2);
	assert_int_equal(t.lines[1], 3);
	assert_non_null(strstr(t.why, "has a member that is nowhere: User "));
	transfer_close(&t);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tenant_becomes_another_one),
		cmocka_unit_test(
		    a_line_that_was_changed_is_reported_and_the_next_one_taken),
		cmocka_unit_test(a_member_that_never_comes_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
