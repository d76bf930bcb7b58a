/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/config.h"

#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "lib/test.h"

#define ARGS_MAX 8

static const char *variables[4][2];

static const char *
environment(const char *name)
{
	for (size_t i = 0; i < scim__countof(variables); i++)
		if (variables[i][0] != NULL &&
		    strcmp(variables[i][0], name) == 0)
			return variables[i][1];
	return NULL;
}

static int
forget_variables(void **state)
{
	memset(variables, 0, sizeof(variables));
	return 0;
}

static scim_status
read_args(scim_arena *arena, const char *const *args, struct scim__config *out,
    scim_error *err)
{
	struct scim__config_source source = { .environment = environment,
		.cores = 3 };
	char *argv[ARGS_MAX + 2] = { (char *)(uintptr_t) "serve" };

	for (source.argc = 1; args[source.argc - 1] != NULL; source.argc++)
		argv[source.argc] = (char *)(uintptr_t)args[source.argc - 1];
	source.argv = argv;
	return scim__config_read(arena, &source, out, err);
}

static void
nothing_said_is_a_server_on_loopback(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	const char *const args[] = { NULL };
	struct scim__config config;

	assert_int_equal(read_args(arena, args, &config, NULL), SCIM_OK);

	assert_string_equal(config.listen, "127.0.0.1:8080");
	assert_string_equal(config.store, "sqlite:scimd.db");
	assert_int_equal(config.loops, 3);
	assert_null(config.public_url);
	assert_null(config.bootstrap_token);
	assert_false(config.insecure_http);
	assert_int_equal(config.setting_count, 0);
	scim_arena_free(arena);
}

static void
every_flag_arrives(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	const char *const first[] = { "--listen", "a:1",
		"--store=memory:", "--public-url", "https://h/x", "--loops",
		"2", NULL };
	const char *const second[] = { "--tls-cert=c", "--tls-key=k",
		"--schemas", "d", "--bootstrap-token", "t", "--insecure-http",
		NULL };
	struct scim__config config;

	assert_int_equal(read_args(arena, first, &config, NULL), SCIM_OK);
	assert_string_equal(config.listen, "a:1");
	assert_string_equal(config.store, "memory:");
	assert_string_equal(config.public_url, "https://h/x");
	assert_int_equal(config.loops, 2);

	assert_int_equal(read_args(arena, second, &config, NULL), SCIM_OK);
	assert_string_equal(config.tls_cert, "c");
	assert_string_equal(config.tls_key, "k");
	assert_string_equal(config.schemas, "d");
	assert_string_equal(config.bootstrap_token, "t");
	assert_true(config.insecure_http);
	scim_arena_free(arena);
}

/* @spec 7644-1.3-01 */
static void
what_makes_no_sense_is_refused(void **state)
{
	static const char *const cases[][ARGS_MAX] = {
		{ "--nonsense", "x" },
		{ "nonsense" },
		{ "--listen" },
		{ "--listen", "a:1", "--listen", "b:1" },
		{ "--loops", "0" },
		{ "--loops", "257" },
		{ "--loops", "-1" },
		{ "--loops", "2x" },
		{ "--set", "novalue" },
		{ "--set", "nosuch=1" },
		{ "--set", "etag=heavy" },
		{ "--tls-cert", "c" },
		{ "--tls-key", "k" },
		{ "--store", "nosuch:x" },
		{ "--store", "sqlite:" },
		{ "--store", "" },
		{ "--public-url", "h" },
		{ "--public-url", "https://h?x=y" },
		{ "--public-url", "https://h#x" },
		{ "--public-url", "https://h/a b" },
		{ "--config", "/nowhere/scimd.conf" },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		struct scim__config config = { .loops = POISON };
		scim_error err = { .status = SCIM_OK };

		assert_int_equal(read_args(arena, cases[i], &config, &err),
		    SCIM_ERR_INVALID);
		assert_int_equal(config.loops, POISON);
		assert_true(err.detail[0] != '\0');
		scim_arena_free(arena);
	}
}

/* A file with this text; its name in `path`. */
static void
write_file(char path[64], const char *text)
{
	strcpy(path, "/tmp/scimd-config-XXXXXX");
	int fd = mkstemp(path);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (ssize_t)strlen(text));
	assert_int_equal(close(fd), 0);
}

static void
a_flag_stands_before_its_variable_and_that_before_the_file(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	struct scim__config config;
	char path[64];

	write_file(path,
	    "; a comment\nlisten = file:1\nstore = sqlite:file\nloops = 4\n"
	    "set = depth=10\nset = members=10\ninsecure-http = yes\n");
	variables[0][0] = "SCIMD_LISTEN";
	variables[0][1] = "variable:1";
	variables[1][0] = "SCIMD_STORE";
	variables[1][1] = "sqlite:variable";
	variables[2][0] = "SCIMD_CONFIG";
	variables[2][1] = path;
	variables[3][0] = "SCIMD_SET";
	variables[3][1] = "depth=20";
	const char *const args[] = { "--listen", "flag:1", "--set", "depth=30",
		NULL };
	assert_int_equal(read_args(arena, args, &config, NULL), SCIM_OK);

	assert_string_equal(config.listen, "flag:1");
	assert_string_equal(config.store, "sqlite:variable");
	assert_int_equal(config.loops, 4);
	assert_true(config.insecure_http);
	assert_int_equal(config.setting_count, 4);
	assert_str(config.settings[0], "depth=10");
	assert_str(config.settings[1], "members=10");
	assert_str(config.settings[2], "depth=20");
	assert_str(config.settings[3], "depth=30");
	(void)unlink(path);
	scim_arena_free(arena);
}

static void
a_file_with_more_than_flags_is_refused(void **state)
{
	static const char *const cases[] = { "nosuch = 1\n",
		"[section]\nlisten = a:1\n", "listen\n", "config = x\n",
		"set = novalue\n" };

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		struct scim__config config;
		char path[64];

		write_file(path, cases[i]);
		const char *const args[] = { "--config", path, NULL };
		assert_int_equal(
		    read_args(arena, args, &config, NULL), SCIM_ERR_INVALID);
		(void)unlink(path);
		scim_arena_free(arena);
	}
}

static scim_status
read_some(scim_arena *arena, void *context)
{
	const char *const args[] = { "--set", "depth=1", NULL };
	struct scim__config config;

	return read_args(arena, args, &config, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(read_some, NULL) > 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_said_is_a_server_on_loopback),
		cmocka_unit_test(every_flag_arrives),
		cmocka_unit_test(what_makes_no_sense_is_refused),
		cmocka_unit_test_teardown(
		    a_flag_stands_before_its_variable_and_that_before_the_file,
		    forget_variables),
		cmocka_unit_test(a_file_with_more_than_flags_is_refused),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
