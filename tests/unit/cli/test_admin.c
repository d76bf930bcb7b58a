/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/admin.h"
#include "unit/cli/verb.h"

static void
the_environment_names_the_store(void **state)
{
	struct shell sh;
	struct scim__admin admin;
	char path[128];

	shell_open(&sh);
	assert_int_equal(
	    scim__admin_open(&admin, "test", NULL), SCIM__CLI_DONE);
	scim__admin_close(&admin);
	(void)snprintf(path, sizeof(path), "%s/scimd.db", sh.folder);
	assert_int_equal(access(path, F_OK), 0);
	shell_close(&sh);
}

static void
the_option_goes_before_the_environment(void **state)
{
	struct shell sh;
	struct scim__admin admin;
	char url[128], path[128];

	shell_open(&sh);
	(void)snprintf(url, sizeof(url), "sqlite:%s/other.db", sh.folder);
	assert_int_equal(scim__admin_open(&admin, "test", url), SCIM__CLI_DONE);
	scim__admin_close(&admin);
	assert_int_equal(access(url + strlen("sqlite:"), F_OK), 0);
	(void)snprintf(path, sizeof(path), "%s/scimd.db", sh.folder);
	assert_int_not_equal(access(path, F_OK), 0);
	shell_close(&sh);
}

static void
a_status_becomes_an_exit(void **state)
{
	const scim_error err = { .detail = "Because." };
	struct output out;

	output_take(&out);
	int done = scim__admin_exit("v", NULL, SCIM_OK, &err);
	int usage = scim__admin_exit("v", NULL, SCIM_ERR_INVALID, &err);
	int failed = scim__admin_exit("v", "x", SCIM_ERR_STORE, &err);
	output_give_back(&out);
	assert_int_equal(done, SCIM__CLI_DONE);
	assert_int_equal(usage, SCIM__CLI_USAGE);
	assert_int_equal(failed, SCIM__CLI_FAILED);
	assert_string_equal(
	    out.err, "scimd v: Because.\nscimd v: x: Because.\n");
	assert_string_equal(out.out, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_environment_names_the_store),
		cmocka_unit_test(the_option_goes_before_the_environment),
		cmocka_unit_test(a_status_becomes_an_exit),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
