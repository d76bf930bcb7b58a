/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/verb.h"

static void
each_mistake_is_told_on_stderr(void **state)
{
	static const struct {
		const char *line;
		int want;
		const char *err;
	} rows[] = {
		{ "export", SCIM__CLI_USAGE, "usage:" },
		{ "export --tenant", SCIM__CLI_USAGE, "needs a value" },
		{ "export --tenant a b c", SCIM__CLI_USAGE, "usage:" },
		{ "export --tenant a --story x", SCIM__CLI_USAGE,
		    "--story is no option of this verb" },
		{ "export --tenant a --store memory: /dev/null",
		    SCIM__CLI_USAGE,
		    "memory: is seen by its own process alone" },
		{ "export --tenant a --schemas /nowhere /dev/null",
		    SCIM__CLI_USAGE, "/nowhere" },
		{ "export --tenant a /dev/null", SCIM__CLI_FAILED,
		    "There is a /dev/null already" },
		{ "export --tenant a", SCIM__CLI_FAILED,
		    "a: There is no tenant of this name." },
		{ "export --tenant a /nowhere/at/all", SCIM__CLI_FAILED,
		    "/nowhere/at/all.part can't be made: No such file" },
	};
	struct shell sh;

	shell_open(&sh);
	for (size_t i = 0; i < scim__countof(rows); i++) {
		if (shell_run(&sh, scim__cli_export, rows[i].line) !=
		    rows[i].want)
			fail_msg("\"%s\"", rows[i].line);
		if (strstr(sh.output.err, rows[i].err) == NULL)
			fail_msg(
			    "\"%s\" said \"%s\"", rows[i].line, sh.output.err);
	}
	shell_close(&sh);
}

static void
help_is_asked_for_and_goes_to_stdout(void **state)
{
	struct shell sh;

	shell_open(&sh);
	assert_int_equal(
	    shell_run(&sh, scim__cli_export, "export --help"), SCIM__CLI_DONE);
	assert_non_null(strstr(sh.output.out, "usage: scimd export"));
	assert_string_equal(sh.output.err, "");
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
