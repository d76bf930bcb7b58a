/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/test.h"
#include "cli/cli.h"
#include "lib/mock_server.h"
#include "lib/output.h"

static void
a_sound_server_passes(void **state)
{
	struct mock_server server;
	struct output out;
	char *argv[] = { "selftest", "race", "--url", NULL, "--token", "t",
		"--rounds", "40", NULL };

	mock_server_start(&server, MOCK_SOUND);
	argv[3] = server.url;
	output_take(&out);
	int code = scim__cli_selftest(8, argv);
	output_give_back(&out);

	assert_int_equal(code, SCIM__CLI_DONE);
	assert_string_equal(out.err, "");
	assert_non_null(strstr(out.out, "eight clients count to 80"));
	assert_non_null(strstr(out.out, "40 rounds of eight on one ETag"));
	assert_non_null(strstr(out.out, "1 in 40\n"));
	assert_non_null(strstr(out.out, "Nothing was lost.\n"));
	assert_int_equal(mock_server_users(&server), 0);
	mock_server_stop(&server);
}

static void
a_server_that_checks_and_then_writes_is_found(void **state)
{
	struct mock_server server;
	struct output out;
	char *argv[] = { "selftest", "race", "--url", NULL, "--rounds=40",
		NULL };

	mock_server_start(&server, MOCK_LATE_WRITE | MOCK_LATE_CREATE);
	argv[3] = server.url;
	output_take(&out);
	int code = scim__cli_selftest(5, argv);
	output_give_back(&out);

	assert_int_equal(code, SCIM__CLI_FAILED);
	assert_null(strstr(out.out, "Nothing was lost."));
	assert_non_null(strstr(out.err, "were both told that they replaced"));
	assert_non_null(strstr(out.err, "were told that they won"));
	assert_non_null(strstr(out.err, "were told that they created"));
	assert_int_equal(mock_server_users(&server), 0);
	mock_server_stop(&server);
}

static void
wrong_usage_is_told(void **state)
{
	static char *const lines[][8] = {
		{ "selftest", NULL },
		{ "selftest", "walk", "--url", "http://127.0.0.1:1", NULL },
		{ "selftest", "race", NULL },
		{ "selftest", "race", "--url", "http://x", "--rounds", "0",
		    NULL },
		{ "selftest", "race", "--url", "http://x", "--rounds", "x",
		    NULL },
		{ "selftest", "race", "--url", "http://x", "--seed", "-1",
		    NULL },
		{ "selftest", "race", "--url", NULL },
		{ "selftest", "race", "--speed", "9", NULL },
	};

	for (size_t i = 0; i < scim__countof(lines); i++) {
		char *argv[8];
		int argc = 0;
		struct output out;

		memcpy(argv, lines[i], sizeof(argv));
		while (argv[argc] != NULL)
			argc++;
		output_take(&out);
		int code = scim__cli_selftest(argc, argv);
		output_give_back(&out);
		assert_int_equal(code, SCIM__CLI_USAGE);
		assert_string_equal(out.out, "");
		assert_string_not_equal(out.err, "");
	}
}

static void
nobody_listening_is_a_failure(void **state)
{
	char *argv[] = { "selftest", "race", "--url", "http://127.0.0.1:1",
		NULL };
	struct output out;

	output_take(&out);
	int code = scim__cli_selftest(4, argv);
	output_give_back(&out);
	assert_int_equal(code, SCIM__CLI_FAILED);
	assert_non_null(strstr(out.err, "no answer while creating a user"));
}

static void
help_is_a_result(void **state)
{
	char *argv[] = { "selftest", "--help", NULL };
	struct output out;

	output_take(&out);
	int code = scim__cli_selftest(2, argv);
	output_give_back(&out);
	assert_int_equal(code, SCIM__CLI_DONE);
	assert_non_null(strstr(out.out, "usage: scimd selftest race"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_sound_server_passes),
		cmocka_unit_test(a_server_that_checks_and_then_writes_is_found),
		cmocka_unit_test(wrong_usage_is_told),
		cmocka_unit_test(nobody_listening_is_a_failure),
		cmocka_unit_test(help_is_a_result),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
