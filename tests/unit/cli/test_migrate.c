/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>

#include "unit/cli/verb.h"

static void
a_store_of_this_scimd_stays_as_it_is(void **state)
{
	struct shell sh;

	shell_open(&sh);
	assert_int_equal(shell_run(&sh, scim__cli_tenant, "tenant create acme"),
	    SCIM__CLI_DONE);
	assert_int_equal(
	    shell_run(&sh, scim__cli_migrate, "migrate"), SCIM__CLI_DONE);
	assert_string_equal(
	    sh.output.out, "0 resources looked at, 0 indexed anew\n");
	assert_string_equal(sh.output.err, "");
	assert_int_equal(
	    shell_run(&sh, scim__cli_tenant, "tenant list"), SCIM__CLI_DONE);
	assert_string_equal(sh.output.out, "acme\t\n");
	shell_close(&sh);
}

static void
each_mistake_is_told_on_stderr(void **state)
{
	static const struct mistake rows[] = {
		{ "migrate now", SCIM__CLI_USAGE, "usage:" },
		{ "migrate --story x", SCIM__CLI_USAGE,
		    "--story is no option of this verb" },
		{ "migrate --store", SCIM__CLI_USAGE, "needs a value" },
		{ "migrate --store memory:", SCIM__CLI_USAGE,
		    "memory: is nothing to migrate" },
		{ "migrate --store sqlite:", SCIM__CLI_USAGE,
		    "--store sqlite:PATH" },
		{ "migrate --store ldap:x", SCIM__CLI_USAGE, "ldap:x" },
		{ "migrate", SCIM__CLI_FAILED, "There is no such file." },
		{ "migrate --store sqlite:/nowhere/at/all.db", SCIM__CLI_FAILED,
		    "sqlite:/nowhere/at/all.db: There is no such file." },
		{ "migrate --store sqlite:/dev/null --schemas /nowhere",
		    SCIM__CLI_USAGE, "/nowhere" },
	};
	struct shell sh;

	shell_open(&sh);
	shell_expect_mistakes(
	    &sh, scim__cli_migrate, rows, scim__countof(rows));
	/* Nothing is made where nothing was. */
	assert_int_equal(rmdir(sh.folder), 0);
	assert_int_equal(mkdir(sh.folder, 0700), 0);
	shell_close(&sh);
}

static void
help_is_a_result(void **state)
{
	struct shell sh;

	shell_open(&sh);
	assert_int_equal(shell_run(&sh, scim__cli_migrate, "migrate --help"),
	    SCIM__CLI_DONE);
	assert_non_null(strstr(sh.output.out, "usage: scimd migrate"));
	assert_string_equal(sh.output.err, "");
	shell_close(&sh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_store_of_this_scimd_stays_as_it_is),
		cmocka_unit_test(each_mistake_is_told_on_stderr),
		cmocka_unit_test(help_is_a_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
