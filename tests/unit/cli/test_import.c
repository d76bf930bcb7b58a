/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/verb.h"

static void
each_mistake_is_told_on_stderr(void **state)
{
	static const struct mistake rows[] = {
		{ "import", SCIM__CLI_USAGE, "usage:" },
		{ "import --tenant", SCIM__CLI_USAGE, "needs a value" },
		{ "import --tenant a b c", SCIM__CLI_USAGE, "usage:" },
		{ "import --tenant a --story x", SCIM__CLI_USAGE,
		    "--story is no option of this verb" },
		{ "import --tenant a --store memory: /dev/null",
		    SCIM__CLI_USAGE,
		    "memory: is seen by its own process alone" },
		{ "import --tenant a --schemas /nowhere /dev/null",
		    SCIM__CLI_USAGE, "/nowhere" },
		{ "import --tenant a /dev/null", SCIM__CLI_USAGE,
		    "The first line is not that of an export" },
		{ "import --tenant a /nowhere/at/all", SCIM__CLI_FAILED,
		    "/nowhere/at/all: No such file" },
	};
	struct shell sh;

	shell_open(&sh);
	shell_expect_mistakes(&sh, scim__cli_import, rows, scim__countof(rows));
	shell_close(&sh);
}

static void
help_is_asked_for_and_goes_to_stdout(void **state)
{
	struct shell sh;

	shell_open(&sh);
	shell_expect_help(&sh, scim__cli_import, "import");
	shell_close(&sh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_mistake_is_told_on_stderr),
		cmocka_unit_test(help_is_asked_for_and_goes_to_stdout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
