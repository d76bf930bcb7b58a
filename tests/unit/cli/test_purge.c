/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/verb.h"

static void
each_mistake_is_told_on_stderr(void **state)
{
	static const struct mistake rows[] = {
		{ "purge", SCIM__CLI_USAGE, "usage:" },
		{ "purge a", SCIM__CLI_USAGE, "usage:" },
		{ "purge --tenant t", SCIM__CLI_USAGE, "usage:" },
		{ "purge --tenant t a --yes b", SCIM__CLI_USAGE,
		    "--yes is no option of this verb" },
		{ "purge --tenant t --store memory: a", SCIM__CLI_USAGE,
		    "memory: is seen by its own process alone" },
		{ "purge --tenant t --schemas /nowhere a", SCIM__CLI_USAGE,
		    "/nowhere" },
		{ "purge --tenant t a", SCIM__CLI_FAILED,
		    "t: There is no tenant of this name." },
	};
	struct shell sh;

	shell_open(&sh);
	shell_expect_mistakes(&sh, scim__cli_purge, rows, scim__countof(rows));
	shell_close(&sh);
}

static void
what_was_never_there_is_told(void **state)
{
	static const struct mistake rows[] = {
		{ "purge --tenant t a", SCIM__CLI_FAILED,
		    "a: nothing is kept of it." },
	};
	struct shell sh;

	shell_open(&sh);
	assert_int_equal(shell_run(&sh, scim__cli_tenant, "tenant create t"),
	    SCIM__CLI_DONE);
	shell_expect_mistakes(&sh, scim__cli_purge, rows, scim__countof(rows));
	shell_close(&sh);
}

static void
help_is_asked_for_and_goes_to_stdout(void **state)
{
	struct shell sh;

	shell_open(&sh);
	shell_expect_help(&sh, scim__cli_purge, "purge");
	shell_close(&sh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_told_on_stderr),
		cmocka_unit_test(what_was_never_there_is_told),
		cmocka_unit_test(help_is_asked_for_and_goes_to_stdout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
