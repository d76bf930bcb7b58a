/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/verb.h"

static void
write_file(struct shell *sh, const char *name, const char *text)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", sh->folder, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int
check(struct shell *sh, const char *name)
{
	char line[256];

	(void)snprintf(
	    line, sizeof(line), "schema check %s/%s", sh->folder, name);
	return shell_run(sh, scim__cli_schema, line);
}

static void
a_good_schema_is_in_order(void **state)
{
	struct shell sh;

	shell_open(&sh);
	write_file(&sh, "device.json",
	    "{\"id\":\"urn:example:Device\",\"name\":\"Device\","
	    "\"attributes\":[{\"name\":\"serial\",\"type\":\"string\"}]}");
	assert_int_equal(check(&sh, "device.json"), SCIM__CLI_DONE);
	assert_string_equal(sh.output.out, "1 document is in order\n");
	assert_string_equal(sh.output.err, "");
	shell_close(&sh);
}

static void
what_is_wrong_is_named_with_its_file(void **state)
{
	static const struct {
		const char *name, *text, *err;
	} rows[] = {
		{ "syntax.json", "{\"id\":", "syntax.json" },
		{ "empty.json", "", "empty.json" },
		{ "type.json",
		    "{\"id\":\"urn:x\",\"name\":\"X\",\"attributes\":"
		    "[{\"name\":\"serial\",\"type\":\"text\"}]}",
		    "serial" },
	};
	struct shell sh;

	shell_open(&sh);
	for (size_t i = 0; i < scim__countof(rows); i++) {
		write_file(&sh, rows[i].name, rows[i].text);
		assert_int_equal(check(&sh, rows[i].name), SCIM__CLI_FAILED);
		assert_string_equal(sh.output.out, "");
		if (strstr(sh.output.err, rows[i].err) == NULL)
			fail_msg(
			    "%s: said \"%s\"", rows[i].name, sh.output.err);
	}
	assert_int_equal(check(&sh, "absent.json"), SCIM__CLI_FAILED);
	assert_non_null(strstr(sh.output.err, "absent.json: No such file"));
	assert_int_equal(check(&sh, ""), SCIM__CLI_FAILED);
	assert_non_null(strstr(sh.output.err, "Is a directory"));
	shell_close(&sh);
}

static void
a_tenant_gets_a_schema_and_gives_it_back(void **state)
{
	struct shell sh;
	char line[256];

	shell_open(&sh);
	write_file(&sh, "device.json",
	    "{\"id\":\"urn:x:Device\",\"name\":\"Device\","
	    "\"attributes\":[{\"name\":\"serial\"}]}");
	write_file(&sh, "bad.json", "{\"id\":\"urn:x:Bad\"}");
	assert_int_equal(shell_run(&sh, scim__cli_tenant, "tenant create acme"),
	    SCIM__CLI_DONE);
	(void)snprintf(line, sizeof(line),
	    "schema add --tenant acme %s/device.json", sh.folder);
	assert_int_equal(
	    shell_run(&sh, scim__cli_schema, line), SCIM__CLI_DONE);
	assert_string_equal(sh.output.out, "1 definition added\n");
	assert_int_equal(
	    shell_run(&sh, scim__cli_schema, "schema list --tenant acme"),
	    SCIM__CLI_DONE);
	assert_string_equal(sh.output.out, "schema\turn:x:Device\n");

	(void)snprintf(line, sizeof(line),
	    "schema add --tenant acme %s/bad.json", sh.folder);
	assert_int_equal(
	    shell_run(&sh, scim__cli_schema, line), SCIM__CLI_FAILED);
	assert_non_null(strstr(sh.output.err, "urn:x:Bad"));
	assert_int_equal(shell_run(&sh, scim__cli_schema,
			     "schema remove --tenant acme urn:x:Bad"),
	    SCIM__CLI_FAILED);
	assert_int_equal(shell_run(&sh, scim__cli_schema,
			     "schema remove --tenant acme urn:x:Device"),
	    SCIM__CLI_DONE);
	assert_string_equal(sh.output.out, "1 definition removed\n");
	assert_int_equal(
	    shell_run(&sh, scim__cli_schema, "schema list --tenant bolt"),
	    SCIM__CLI_FAILED);
	shell_close(&sh);
}

static void
wrong_usage_is_told(void **state)
{
	static const char *const lines[] = { "schema", "schema check",
		"schema test x", "schema check --store x",
		"schema check --tenant t x", "schema list",
		"schema list --tenant t x", "schema add x",
		"schema add --tenant t", "schema remove --tenant t" };
	struct shell sh;

	shell_open(&sh);
	for (size_t i = 0; i < scim__countof(lines); i++) {
		assert_int_equal(shell_run(&sh, scim__cli_schema, lines[i]),
		    SCIM__CLI_USAGE);
		assert_string_not_equal(sh.output.err, "");
	}
	assert_int_equal(
	    shell_run(&sh, scim__cli_schema, "schema -h"), SCIM__CLI_DONE);
	shell_close(&sh);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_good_schema_is_in_order),
		cmocka_unit_test(what_is_wrong_is_named_with_its_file),
		cmocka_unit_test(a_tenant_gets_a_schema_and_gives_it_back),
		cmocka_unit_test(wrong_usage_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
