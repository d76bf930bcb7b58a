/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>

#include "fixture.h"

struct worker {
	struct fixture *f;
	pthread_t thread;
	unsigned rounds, done;
};

static void *
count_up(void *context)
{
	struct worker *w = context;
	scim_arena *arena = scim_arena_new(NULL);

	while (w->done < w->rounds) {
		unsigned seen = version_now(w->f->store, arena, UUID_A);
		scim_txn *txn = begin(w->f->store, SCIM_TXN_WRITE);

		if (update(txn, arena, UUID_A, seen, seen + 1) == SCIM_OK) {
			commit(txn);
			w->done++;
		} else {
			scim__store_rollback(txn);
		}
		scim_arena_reset(arena);
	}
	scim_arena_free(arena);
	return NULL;
}

/* Both looks are at one state, and time does not run backwards. */
static void *
look_twice(void *context)
{
	struct worker *w = context;
	scim_arena *arena = scim_arena_new(NULL);
	unsigned last = 0;

	while (w->done < w->rounds) {
		scim_txn *txn = begin(w->f->store, SCIM_TXN_READ);
		unsigned first = version_in(txn, arena, UUID_A);
		unsigned second = version_in(txn, arena, UUID_A);

		scim__store_rollback(txn);
		assert_int_equal(first, second);
		assert_true(first >= last);
		last = first;
		w->done++;
		scim_arena_reset(arena);
	}
	scim_arena_free(arena);
	return NULL;
}

static void
start(struct worker *w, struct fixture *f, void *(*run)(void *), unsigned n)
{
	*w = (struct worker){ .f = f, .rounds = n };
	assert_int_equal(pthread_create(&w->thread, NULL, run, w), 0);
}

static void
threads_that_write_at_once_lose_no_update(void **state)
{
	enum { WRITERS = 4, READERS_TOO = 24, TIMES = 100 };
	struct fixture *f = *state;
	struct worker workers[WRITERS + READERS_TOO];

	create_committed(f->store, f->arena, UUID_A);
	for (int i = 0; i < WRITERS + READERS_TOO; i++)
		start(
		    &workers[i], f, i < WRITERS ? count_up : look_twice, TIMES);
	for (int i = 0; i < WRITERS + READERS_TOO; i++)
		assert_int_equal(pthread_join(workers[i].thread, NULL), 0);

	assert_int_equal(
	    version_now(f->store, f->arena, UUID_A), 1 + WRITERS * TIMES);
	assert_true(store_of(f->store)->pools[ROLE_READER].count <= READERS);
}

static void
a_thread_gets_the_connection_it_had(void **state)
{
	struct fixture *f = *state;
	scim_txn *first = begin(f->store, SCIM_TXN_READ);
	scim_txn *second = begin(f->store, SCIM_TXN_READ);

	scim__store_rollback(first);
	scim__store_rollback(second);

	assert_int_equal(store_of(f->store)->pools[ROLE_READER].count, 2);
	scim_txn *again = begin(f->store, SCIM_TXN_READ);
	assert_true(again == first || again == second);
	scim__store_rollback(again);
}

static void *
finish(void *context)
{
	struct worker *w = context;
	scim_txn *txn = begin(w->f->store, SCIM_TXN_WRITE);

	scim__store_rollback(txn);
	w->done = 1;
	return NULL;
}

static void
a_writer_waits_for_its_turn(void **state)
{
	struct fixture *f = *state;
	struct worker w;
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);

	start(&w, f, finish, 1);
	(void)sqlite3_sleep(30);
	assert_int_equal(create(txn, f->arena, UUID_A, 1, "{}"), SCIM_OK);
	commit(txn);

	assert_int_equal(pthread_join(w.thread, NULL), 0);
	assert_int_equal(w.done, 1);
}

struct handed {
	scim_txn *txn;
	scim_status rc;
};

static void *
commit_elsewhere(void *context)
{
	struct handed *h = context;

	h->rc = scim__store_commit(h->txn, NULL);
	return NULL;
}

static void
a_transaction_may_end_on_another_thread(void **state)
{
	struct fixture *f = *state;
	struct handed h = { begin(f->store, SCIM_TXN_WRITE), SCIM_ERR_STORE };
	pthread_t thread;

	assert_int_equal(create(h.txn, f->arena, UUID_A, 1, "{}"), SCIM_OK);
	assert_int_equal(
	    pthread_create(&thread, NULL, commit_elsewhere, &h), 0);
	assert_int_equal(pthread_join(thread, NULL), 0);

	assert_int_equal(h.rc, SCIM_OK);
	create_committed(f->store, f->arena, UUID_B);
	assert_int_equal(version_now(f->store, f->arena, UUID_A), 1);
}

/* With every reader taken, one more is told so and does not hang. */
static void
a_reader_too_many_gives_up_after_a_while(void **state)
{
	struct fixture *f = *state;
	scim_txn *open[READERS], *none = NULL;

	for (int i = 0; i < READERS; i++)
		open[i] = begin(f->store, SCIM_TXN_READ);

	assert_int_equal(
	    scim__store_begin(f->store, SCIM_TXN_READ, &none, NULL),
	    SCIM_ERR_BUSY);

	assert_null(none);
	for (int i = 0; i < READERS; i++)
		scim__store_rollback(open[i]);
	assert_int_equal(version_now(f->store, f->arena, UUID_A), 0);
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_open, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(threads_that_write_at_once_lose_no_update),
		TEST(a_thread_gets_the_connection_it_had),
		TEST(a_writer_waits_for_its_turn),
		TEST(a_transaction_may_end_on_another_thread),
		TEST(a_reader_too_many_gives_up_after_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
