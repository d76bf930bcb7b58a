/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <sys/wait.h>

#include "fixture.h"

#include "store/sqlite/lock.h"

static void
a_second_server_is_told_who_is_the_first(void **state)
{
	struct fixture *f = *state;
	char holder[SCIM__SERVE_HOLDER_MAX] = "";
	scim_error err = { 0 };

	assert_int_equal(scim__sqlite_serve_lock(scim__str(f->path),
			     SCIM_STR("pid 1 at 127.0.0.1:1\n"), holder, &err),
	    SCIM_OK);
	assert_int_equal(scim__sqlite_serve_lock(scim__str(f->path),
			     SCIM_STR("pid 2 at 127.0.0.1:2"), holder, &err),
	    SCIM_ERR_BUSY);

	assert_string_equal(holder, "pid 1 at 127.0.0.1:1");
	assert_non_null(strstr(err.detail, "pid 1 at 127.0.0.1:1"));
	assert_non_null(strstr(err.detail, f->path));
}

static void
what_a_dead_server_wrote_does_not_stop_the_next(void **state)
{
	struct fixture *f = *state;
	char holder[SCIM__SERVE_HOLDER_MAX] = "";
	int status = 0;

	pid_t child = fork();
	if (child == 0) {
		scim_status rc = scim__sqlite_serve_lock(scim__str(f->path),
		    SCIM_STR("pid 4711, whose line is a long one"), holder,
		    NULL);

		(void)kill(getpid(), rc == SCIM_OK ? SIGKILL : SIGTERM);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

	assert_int_equal(scim__sqlite_serve_lock(scim__str(f->path),
			     SCIM_STR("pid 2"), holder, NULL),
	    SCIM_OK);
	assert_int_equal(scim__sqlite_serve_lock(scim__str(f->path),
			     SCIM_STR("pid 3"), holder, NULL),
	    SCIM_ERR_BUSY);
	assert_string_equal(holder, "pid 2");
}

static void
a_holder_without_words_is_another_process(void **state)
{
	struct fixture *f = *state;
	char holder[SCIM__SERVE_HOLDER_MAX] = "";
	scim_error err = { 0 };

	assert_int_equal(scim__sqlite_serve_lock(
			     scim__str(f->path), SCIM_STR(""), holder, NULL),
	    SCIM_OK);
	assert_int_equal(scim__sqlite_serve_lock(
			     scim__str(f->path), SCIM_STR(""), holder, &err),
	    SCIM_ERR_BUSY);
	assert_non_null(strstr(err.detail, "another process"));
}

static void
a_folder_that_is_missing_is_an_error(void **state)
{
	char holder[SCIM__SERVE_HOLDER_MAX] = "";

	assert_int_equal(
	    scim__sqlite_serve_lock(SCIM_STR("/tmp/no/such/folder/s.db"),
		SCIM_STR("pid 1"), holder, NULL),
	    SCIM_ERR_STORE);
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_second_server_is_told_who_is_the_first),
		TEST(what_a_dead_server_wrote_does_not_stop_the_next),
		TEST(a_holder_without_words_is_another_process),
		TEST(a_folder_that_is_missing_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
