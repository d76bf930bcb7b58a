/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/verb.h"

static void
what_is_in_the_way_is_named(void **state)
{
	struct shell sh;

	shell_open(&sh);
	assert_int_equal(shell_run(&sh, scim__cli_tenant, "tenant create acme"),
	    SCIM__CLI_DONE);
	assert_int_equal(shell_run(&sh, scim__cli_backup, "backup /dev/null"),
	    SCIM__CLI_FAILED);
	assert_non_null(strstr(sh.output.err, "There is a /dev/null already"));
	shell_close(&sh);
}

static void
each_mistake_is_told_on_stderr(void **state)
{
	static const struct mistake rows[] = {
		{ "backup", SCIM__CLI_USAGE, "usage:" },
		{ "backup a b", SCIM__CLI_USAGE, "usage:" },
		{ "backup --story x a", SCIM__CLI_USAGE,
		    "--story is no option of this verb" },
		{ "backup --store memory: a", SCIM__CLI_USAGE,
		    "memory: can't be copied to a file" },
		{ "backup a", SCIM__CLI_FAILED, "There is no such file." },
		{ "backup --store sqlite:/nowhere/at/all.db a",
		    SCIM__CLI_FAILED,
		    "sqlite:/nowhere/at/all.db: There is no such file." },
	};
	struct shell sh;

	shell_open(&sh);
	shell_expect_mistakes(&sh, scim__cli_backup, rows, scim__countof(rows));
	shell_close(&sh);
}

static void
help_is_asked_for_and_goes_to_stdout(void **state)
{
	struct shell sh;

	shell_open(&sh);
	shell_expect_help(&sh, scim__cli_backup, "backup");
	shell_close(&sh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_in_the_way_is_named),
		cmocka_unit_test(each_mistake_is_told_on_stderr),
		cmocka_unit_test(help_is_asked_for_and_goes_to_stdout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
