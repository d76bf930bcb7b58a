/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "cli/admin.h"
#include "unit/cli/verb.h"

/* Who the token lets in, if anybody. */
static scim_status
come_in(struct shell *sh, const char *token, scim__principal *out)
{
	struct scim__admin admin;
	static scim_arena *arena;

	scim_arena_free(arena);
	arena = scim_arena_new(NULL);
	assert_int_equal(
	    scim__admin_open(&admin, "test", sh->url), SCIM__CLI_DONE);
	scim_status rc = scim__policy_authenticate(
	    admin.policy, arena, scim__str(token), out, NULL);
	scim__admin_close(&admin);
	return rc;
}

/* The first word of a line with this text in it. */
static void
first_word(const char *text, char *out, size_t size)
{
	(void)snprintf(out, size, "%.*s", (int)strcspn(text, "\t\n"), text);
}

static void
a_token_is_printed_once_and_works_until_revoked(void **state)
{
	struct shell sh;
	char token[128], id[64], line[128];
	scim__principal who = { 0 };

	shell_open(&sh);
	assert_int_equal(shell_run(&sh, scim__cli_tenant, "tenant create acme"),
	    SCIM__CLI_DONE);
	assert_int_equal(shell_run(&sh, scim__cli_token,
			     "token create --tenant acme --scope read,metrics"
			     " --subject 42 --expires 90d"),
	    SCIM__CLI_DONE);
	/* alone on its line, for a script to take */
	first_word(sh.output.out, token, sizeof(token));
	assert_int_equal(strlen(sh.output.out), strlen(token) + 1);
	assert_int_equal(come_in(&sh, token, &who), SCIM_OK);
	assert_str(who.tenant, "acme");
	assert_str(who.subject, "42");
	assert_int_equal(who.scopes, SCIM__SCOPE_READ | SCIM__SCOPE_METRICS);

	assert_int_equal(
	    shell_run(&sh, scim__cli_token, "token list"), SCIM__CLI_DONE);
	assert_null(strstr(sh.output.out, token));
	assert_non_null(strstr(sh.output.out, "\tacme\tread,metrics\t2"));
	assert_non_null(strstr(sh.output.out, "Z\t42\n"));
	first_word(sh.output.out, id, sizeof(id));
	(void)snprintf(line, sizeof(line), "token revoke %s", id);
	assert_int_equal(shell_run(&sh, scim__cli_token, line), SCIM__CLI_DONE);
	assert_int_equal(come_in(&sh, token, &who), SCIM_ERR_CREDENTIAL);
	assert_int_equal(
	    shell_run(&sh, scim__cli_token, line), SCIM__CLI_FAILED);
	assert_non_null(strstr(sh.output.err, "There is no token of this id"));
	shell_close(&sh);
}

static void
each_mistake_is_told_on_stderr(void **state)
{
	static const struct mistake rows[] = {
		{ "token", SCIM__CLI_USAGE, "usage:" },
		{ "token make", SCIM__CLI_USAGE, "usage:" },
		{ "token revoke", SCIM__CLI_USAGE, "usage:" },
		{ "token list all", SCIM__CLI_USAGE, "usage:" },
		{ "token create", SCIM__CLI_USAGE, "say --tenant NAME" },
		{ "token create --tenant acme", SCIM__CLI_USAGE, "--scope" },
		{ "token create --tenant acme --scope", SCIM__CLI_USAGE,
		    "--scope needs a value" },
		{ "token create --tenant acme --scope=", SCIM__CLI_USAGE,
		    "the scopes are" },
		{ "token create --tenant acme --scope read,", SCIM__CLI_USAGE,
		    "the scopes are" },
		{ "token create --tenant acme --scope reads", SCIM__CLI_USAGE,
		    "the scopes are" },
		{ "token create --tenant acme --scope read --expires 90",
		    SCIM__CLI_USAGE, "as in 90d" },
		{ "token create --tenant bolt --scope read", SCIM__CLI_FAILED,
		    "There is no tenant of this name" },
		{ "token revoke x", SCIM__CLI_FAILED,
		    "There is no token of this id" },
	};
	struct shell sh;

	shell_open(&sh);
	assert_int_equal(shell_run(&sh, scim__cli_tenant, "tenant create acme"),
	    SCIM__CLI_DONE);
	shell_expect_mistakes(&sh, scim__cli_token, rows, scim__countof(rows));
	assert_int_equal(
	    shell_run(&sh, scim__cli_token, "token list"), SCIM__CLI_DONE);
	assert_string_equal(sh.output.out, "");
	shell_close(&sh);
}

static void
without_an_end_a_token_never_expires(void **state)
{
	struct shell sh;

	shell_open(&sh);
	assert_int_equal(shell_run(&sh, scim__cli_tenant, "tenant create acme"),
	    SCIM__CLI_DONE);
	assert_int_equal(shell_run(&sh, scim__cli_token,
			     "token create --tenant=acme --scope=read,write"),
	    SCIM__CLI_DONE);
	assert_non_null(strstr(sh.output.err, "it expires: never."));
	assert_int_equal(
	    shell_run(&sh, scim__cli_token, "token list"), SCIM__CLI_DONE);
	assert_non_null(strstr(sh.output.out, "\tacme\tread,write\t2"));
	assert_non_null(strstr(sh.output.out, "\tnever\t\n"));
	shell_close(&sh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_token_is_printed_once_and_works_until_revoked),
		cmocka_unit_test(each_mistake_is_told_on_stderr),
		cmocka_unit_test(without_an_end_a_token_never_expires),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
