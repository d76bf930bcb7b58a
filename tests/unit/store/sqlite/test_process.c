/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Several processes on one file, and processes that die.
 */
#include <signal.h>
#include <sys/wait.h>

#include "fixture.h"

static void
expect_exit(pid_t child, int want)
{
	int status = 0;

	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), want);
}

/* Reads and raises the number until `times` conditional writes succeeded. */
static int
count_up(const char *path, int times)
{
	scim_store *store = NULL;
	scim_arena *arena = scim_arena_new(NULL);

	if (scim__store_open_sqlite(scim__str(path), NULL, &store, NULL) !=
	    SCIM_OK)
		return 1;
	for (int done = 0; done < times;) {
		unsigned seen = version_now(store, arena, UUID_A);
		scim_txn *txn = NULL;

		if (scim__store_begin(store, SCIM_TXN_WRITE, &txn, NULL) !=
		    SCIM_OK)
			return 2;
		scim_status rc = update(txn, arena, UUID_A, seen, seen + 1);
		if (rc == SCIM_ERR_VERSION) {
			scim__store_rollback(txn);
			continue;
		}
		if (rc != SCIM_OK || scim__store_commit(txn, NULL) != SCIM_OK)
			return 3;
		done++;
		scim_arena_reset(arena);
	}
	scim_store_close(store);
	scim_arena_free(arena);
	return 0;
}

static void
processes_that_write_at_once_lose_no_update(void **state)
{
	enum { CHILDREN = 4, TIMES = 150 };
	struct fixture *f = *state;
	pid_t children[CHILDREN];

	f->store = open_at(f->path);
	create_committed(f->store, f->arena, UUID_A);
	scim_store_close(f->store);
	f->store = NULL;
	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		if (children[i] == 0)
			_exit(count_up(f->path, TIMES));
	}
	for (int i = 0; i < CHILDREN; i++)
		expect_exit(children[i], 0);

	f->store = open_at(f->path);
	assert_int_equal(
	    version_now(f->store, f->arena, UUID_A), 1 + CHILDREN * TIMES);
	assert_int_equal(
	    ask(f->path, "SELECT count(*) FROM change"), 1 + CHILDREN * TIMES);
	assert_int_equal(ask(f->path, "SELECT max(sequence) FROM change"),
	    1 + CHILDREN * TIMES);
	assert_intact(f->path);
}

/* Tells each commit through `fd` and ends by no will of its own. */
static void
write_until_killed(const char *path, int fd)
{
	scim_store *store = open_at(path);
	scim_arena *arena = scim_arena_new(NULL);

	for (unsigned v = version_now(store, arena, UUID_A);; v++) {
		scim_txn *txn = begin(store, SCIM_TXN_WRITE);

		if (update(txn, arena, UUID_A, v, v + 1) != SCIM_OK)
			_exit(1);
		commit(txn);
		unsigned acknowledged = v + 1;
		if (write(fd, &acknowledged, sizeof(acknowledged)) < 0)
			_exit(1);
		scim_arena_reset(arena);
	}
}

static unsigned
last_acknowledged(int fd, unsigned before)
{
	unsigned last = before, next = 0;

	while (read(fd, &next, sizeof(next)) == sizeof(next))
		last = next;
	return last;
}

static void
what_was_committed_survives_a_kill(void **state)
{
	struct fixture *f = *state;
	unsigned found = 1;

	f->store = open_at(f->path);
	create_committed(f->store, f->arena, UUID_A);
	scim_store_close(f->store);
	f->store = NULL;
	for (int round = 0; round < 15; round++) {
		int pipes[2], status = 0;

		assert_int_equal(pipe(pipes), 0);
		pid_t child = fork();
		if (child == 0)
			write_until_killed(f->path, pipes[1]);
		(void)close(pipes[1]);
		(void)sqlite3_sleep(10 + 7 * round);
		(void)kill(child, SIGKILL);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));
		unsigned acknowledged = last_acknowledged(pipes[0], found);
		(void)close(pipes[0]);

		scim_store *store = open_at(f->path);
		found = version_now(store, f->arena, UUID_A);
		assert_in_range(found, acknowledged, acknowledged + 1);
		scim_store_close(store);
		assert_intact(f->path);
	}
}

static void
what_was_not_committed_does_not(void **state)
{
	struct fixture *f = *state;
	int status = 0;

	f->store = open_at(f->path);
	create_committed(f->store, f->arena, UUID_A);
	pid_t child = fork();
	if (child == 0) {
		scim_store *store = open_at(f->path);
		scim_txn *txn = begin(store, SCIM_TXN_WRITE);

		/* Enough to spill out of the cache and into the WAL. */
		for (int i = 0; i < 8000; i++) {
			char id[24], content[2048];

			memset(content, 'x', sizeof(content) - 1);
			content[sizeof(content) - 1] = '\0';
			(void)snprintf(id, sizeof(id), "u%d", i);
			if (create(txn, f->arena, id, 1, content) != SCIM_OK)
				_exit(1);
		}
		(void)kill(getpid(), SIGKILL);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);

	assert_int_equal(ask(f->path, "SELECT count(*) FROM resource"), 1);
	create_committed(f->store, f->arena, UUID_B);
	assert_int_equal(version_now(f->store, f->arena, UUID_A), 1);
	assert_intact(f->path);
}

static void
closing_leaves_one_file(void **state)
{
	struct fixture *f = *state;
	char wal[96];

	(void)snprintf(wal, sizeof(wal), "%s-wal", f->path);
	f->store = open_at(f->path);
	create_committed(f->store, f->arena, UUID_A);
	assert_int_equal(version_now(f->store, f->arena, UUID_A), 1);
	assert_int_equal(access(wal, F_OK), 0);

	scim_store_close(f->store);

	f->store = NULL;
	assert_int_not_equal(access(wal, F_OK), 0);
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(processes_that_write_at_once_lose_no_update),
		TEST(what_was_committed_survives_a_kill),
		TEST(what_was_not_committed_does_not),
		TEST(closing_leaves_one_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
