/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/verb.h"

static void
a_tenant_lives_and_goes(void **state)
{
	struct shell sh;

	shell_open(&sh);
	assert_int_equal(shell_run(&sh, scim__cli_tenant,
			     "tenant create acme profile=okta page_most=9"),
	    SCIM__CLI_DONE);
	assert_string_equal(sh.output.err, "");
	assert_int_equal(shell_run(&sh, scim__cli_tenant, "tenant create bolt"),
	    SCIM__CLI_DONE);
	assert_int_equal(shell_run(&sh, scim__cli_tenant,
			     "tenant set acme page_most=10 etag=strong"),
	    SCIM__CLI_DONE);
	assert_int_equal(
	    shell_run(&sh, scim__cli_tenant, "tenant list"), SCIM__CLI_DONE);
	assert_string_equal(sh.output.out,
	    "acme\tetag=strong page_most=10 profile=okta\nbolt\t\n");
	assert_int_equal(shell_run(&sh, scim__cli_tenant, "tenant delete acme"),
	    SCIM__CLI_DONE);
	assert_int_equal(
	    shell_run(&sh, scim__cli_tenant, "tenant list"), SCIM__CLI_DONE);
	assert_string_equal(sh.output.out, "bolt\t\n");
	shell_close(&sh);
}

static void
each_mistake_is_told_on_stderr(void **state)
{
	static const struct mistake rows[] = {
		{ "tenant", SCIM__CLI_USAGE, "usage:" },
		{ "tenant make x", SCIM__CLI_USAGE, "usage:" },
		{ "tenant create", SCIM__CLI_USAGE, "usage:" },
		{ "tenant set acme", SCIM__CLI_USAGE, "usage:" },
		{ "tenant list all", SCIM__CLI_USAGE, "usage:" },
		{ "tenant delete", SCIM__CLI_USAGE, "usage:" },
		{ "tenant list --story x", SCIM__CLI_USAGE,
		    "--story is no option of this verb" },
		{ "tenant create Acme", SCIM__CLI_USAGE,
		    "scimd tenant: Acme: The name of a tenant has" },
		{ "tenant create bolt etag=red", SCIM__CLI_USAGE,
		    "The setting etag is weak or strong." },
		{ "tenant create bolt etag", SCIM__CLI_USAGE, "KEY=VALUE" },
		{ "tenant create acme", SCIM__CLI_FAILED,
		    "scimd tenant: acme: A tenant of this name is there" },
		{ "tenant set bolt etag=weak", SCIM__CLI_FAILED,
		    "There is no tenant of this name." },
		{ "tenant delete bolt", SCIM__CLI_FAILED,
		    "There is no tenant of this name." },
		{ "tenant list --store memory:", SCIM__CLI_USAGE,
		    "name the store of the server" },
		{ "tenant list --store sqlite:/nowhere/at/all.db",
		    SCIM__CLI_FAILED, "sqlite:/nowhere/at/all.db" },
		{ "tenant list --store ldap:x", SCIM__CLI_FAILED, "ldap:x" },
	};
	struct shell sh;

	shell_open(&sh);
	assert_int_equal(shell_run(&sh, scim__cli_tenant, "tenant create acme"),
	    SCIM__CLI_DONE);
	shell_expect_mistakes(&sh, scim__cli_tenant, rows, scim__countof(rows));
	assert_int_equal(
	    shell_run(&sh, scim__cli_tenant, "tenant list"), SCIM__CLI_DONE);
	assert_string_equal(sh.output.out, "acme\t\n");
	shell_close(&sh);
}

static void
help_is_a_result(void **state)
{
	struct shell sh;

	shell_open(&sh);
	shell_expect_help(&sh, scim__cli_tenant, "tenant");
	shell_close(&sh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tenant_lives_and_goes),
		cmocka_unit_test(each_mistake_is_told_on_stderr),
		cmocka_unit_test(help_is_a_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
