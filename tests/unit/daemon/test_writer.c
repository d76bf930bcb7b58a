/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>

#include "base/arena.h"
#include "lib/test.h"

#define TURNS 200

static scim_store *store;
static _Atomic int done_count, poisoned_count, tick_count;
static pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER;

/* Puts a leaf named after its number; `status` is what it then says. */
struct put {
	struct scim__turn turn;
	int number;
	scim_status status;
	bool waits; /* for the gate, so that others queue up behind */
	_Atomic int runs;
	int done_order; /* 0: not yet */
};

static scim_status
apply(struct scim__turn *turn, scim_txn *txn)
{
	struct put *put = scim__container_of(turn, struct put, turn);
	char name[16];

	(void)atomic_fetch_add(&put->runs, 1);
	if (put->waits) {
		(void)pthread_mutex_lock(&gate);
		(void)pthread_mutex_unlock(&gate);
	}
	(void)snprintf(name, sizeof(name), "%d", put->number);
	scim_status rc = scim__store_leaf_put(
	    txn, SCIM_SHELF_META, scim__str(name), SCIM_STR("x"), NULL);
	return rc != SCIM_OK ? rc : put->status;
}

static void
done(struct scim__turn *turn)
{
	struct put *put = scim__container_of(turn, struct put, turn);

	put->done_order = atomic_fetch_add(&done_count, 1) + 1;
}

static void
count_tick(void *context)
{
	(void)atomic_fetch_add(&tick_count, 1);
}

static void
count_poisoned(void *context, const scim_error *err)
{
	assert_int_equal(err->status, SCIM_ERR_UNCERTAIN);
	(void)context;
	(void)atomic_fetch_add(&poisoned_count, 1);
}

static int
set_up(void **state)
{
	scim_store *inner;

	done_count = poisoned_count = tick_count = 0;
	return scim_store_open_memory(NULL, &inner, NULL) == SCIM_OK &&
		scim__store_fault(inner, &store, NULL) == SCIM_OK
	    ? 0
	    : -1;
}

static int
tear_down(void **state)
{
	scim_store_close(store);
	return 0;
}

static scim__writer *
start(size_t queue_most)
{
	struct scim__writer_options options = { .store = store,
		.queue_most = queue_most,
		.tick = count_tick,
		.poisoned = count_poisoned };
	scim__writer *writer = scim__writer_new(&options);

	assert_non_null(writer);
	return writer;
}

static void
prepare(struct put *puts, size_t count)
{
	memset(puts, 0, count * sizeof(*puts));
	for (size_t i = 0; i < count; i++) {
		puts[i].turn.apply = apply;
		puts[i].turn.done = done;
		puts[i].number = (int)i;
	}
}

/* Submits all behind the first, which waits until they are queued. */
static void
write_together(scim__writer *writer, struct put *puts, size_t count)
{
	puts[0].waits = true;
	(void)pthread_mutex_lock(&gate);
	for (size_t i = 0; i < count; i++)
		assert_true(scim__writer_submit(writer, &puts[i].turn));
	(void)pthread_mutex_unlock(&gate);
	while (atomic_load(&done_count) < (int)count)
		;
}

static bool
is_stored(int number)
{
	scim_arena *arena = scim_arena_new(NULL);
	char name[16];
	scim_txn *txn;
	scim_str value;

	(void)snprintf(name, sizeof(name), "%d", number);
	assert_int_equal(
	    scim__store_begin(store, SCIM_TXN_READ, &txn, NULL), SCIM_OK);
	scim_status rc = scim__store_leaf_get(
	    txn, arena, SCIM_SHELF_META, scim__str(name), &value, NULL);
	scim__store_rollback(txn);
	scim_arena_free(arena);
	return rc == SCIM_OK;
}

static void
what_queues_up_shares_a_commit(void **state)
{
	static struct put puts[TURNS];
	scim__writer *writer = start(TURNS);
	struct scim__writer_counts counts;

	prepare(puts, TURNS);
	write_together(writer, puts, TURNS);
	scim__writer_count(writer, &counts);
	scim__writer_free(writer);

	for (int i = 0; i < TURNS; i++) {
		assert_int_equal(puts[i].turn.commit, SCIM_OK);
		assert_int_equal(puts[i].runs, 1);
		assert_int_equal(puts[i].done_order, i + 1);
		assert_true(is_stored(i));
	}
	assert_int_equal(counts.operations, TURNS);
	assert_true(counts.batches < TURNS / 2);
}

static void
a_refusal_undoes_itself_alone(void **state)
{
	struct put puts[3];
	scim__writer *writer = start(3);

	prepare(puts, 3);
	puts[1].status = SCIM_ERR_VERSION;
	write_together(writer, puts, 3);
	scim__writer_free(writer);

	assert_true(is_stored(0));
	assert_false(is_stored(1));
	assert_true(is_stored(2));
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(puts[i].turn.commit, SCIM_OK);
}

static void
a_lost_batch_runs_again_one_by_one(void **state)
{
	const struct scim__fault lost = {
		.call = SCIM__FAULT_COMMIT, .nth = 1, .status = SCIM_ERR_STORE
	};
	struct put puts[3];
	scim__writer *writer = start(3);
	struct scim__writer_counts counts;

	prepare(puts, 3);
	puts[1].status = SCIM_ERR_VERSION;
	scim__store_fault_plan(store, &lost);
	write_together(writer, puts, 3);
	scim__writer_count(writer, &counts);
	scim__writer_free(writer);

	assert_true(is_stored(0));
	assert_false(is_stored(1));
	assert_true(is_stored(2));
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(puts[i].runs, 2);
		assert_int_equal(puts[i].turn.commit, SCIM_OK);
	}
	assert_int_equal(counts.reruns, 3);
}

/* The batch is lost, and then nothing can begin: told to all at once. */
static void
a_lost_batch_that_can_not_begin_again_waits_once(void **state)
{
	const struct scim__fault lost = {
		.call = SCIM__FAULT_COMMIT, .nth = 1, .status = SCIM_ERR_STORE
	};
	const struct scim__fault busy = {
		.call = SCIM__FAULT_BEGIN, .nth = 2, .status = SCIM_ERR_BUSY
	};
	struct put puts[3];
	struct scim__writer_counts counts;
	scim_store *inner = store;

	assert_int_equal(scim__store_fault(inner, &store, NULL), SCIM_OK);
	scim__writer *writer = start(3);
	prepare(puts, 3);
	scim__store_fault_plan(inner, &busy);
	scim__store_fault_plan(store, &lost);
	write_together(writer, puts, 3);
	scim__writer_count(writer, &counts);
	scim__writer_free(writer);

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(puts[i].turn.commit, SCIM_ERR_BUSY);
		assert_int_equal(puts[i].turn.err.status, SCIM_ERR_BUSY);
		assert_false(is_stored((int)i));
	}
	assert_int_equal(counts.reruns, 1);
}

static void
one_alone_that_can_not_begin_is_told_why(void **state)
{
	const struct scim__fault busy = {
		.call = SCIM__FAULT_BEGIN, .nth = 1, .status = SCIM_ERR_BUSY
	};
	struct put put;
	scim__writer *writer = start(1);

	prepare(&put, 1);
	scim__store_fault_plan(store, &busy);
	assert_true(scim__writer_submit(writer, &put.turn));
	scim__writer_free(writer);

	assert_int_equal(put.turn.commit, SCIM_ERR_BUSY);
	assert_int_equal(put.turn.err.status, SCIM_ERR_BUSY);
	assert_int_equal(put.runs, 0);
}

/* A store may take long to find out that it can't begin. */
static void
who_waits_behind_what_can_not_begin_is_told_with_it(void **state)
{
	const struct scim__fault busy = { .call = SCIM__FAULT_BEGIN,
		.nth = 1,
		.status = SCIM_ERR_BUSY,
		.delay_ms = 200 };
	struct put puts[3];
	scim__writer *writer = start(3);

	prepare(puts, 3);
	scim__store_fault_plan(store, &busy);
	for (size_t i = 0; i < 3; i++)
		assert_true(scim__writer_submit(writer, &puts[i].turn));
	scim__writer_free(writer);

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(puts[i].turn.commit, SCIM_ERR_BUSY);
		assert_int_equal(puts[i].turn.err.status, SCIM_ERR_BUSY);
		assert_int_equal(puts[i].runs, 0);
		assert_false(is_stored((int)i));
	}
	assert_int_equal(done_count, 3);
}

static void
an_uncertain_commit_is_told_to_all_and_ends_writing(void **state)
{
	const struct scim__fault uncertain = { .call = SCIM__FAULT_COMMIT,
		.nth = 1,
		.status = SCIM_ERR_UNCERTAIN };
	struct put puts[3], later;
	scim__writer *writer = start(3);

	prepare(puts, 3);
	prepare(&later, 1);
	scim__store_fault_plan(store, &uncertain);
	write_together(writer, puts, 3);
	assert_true(scim__writer_submit(writer, &later.turn));
	scim__writer_free(writer);

	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(puts[i].turn.commit, SCIM_ERR_UNCERTAIN);
		assert_int_equal(puts[i].runs, 1);
	}
	assert_int_equal(later.turn.commit, SCIM_ERR_STORE);
	assert_int_equal(later.runs, 0);
	assert_int_equal(poisoned_count, 1);
}

static void
a_full_queue_says_so(void **state)
{
	struct put puts[3];
	scim__writer *writer = start(1);

	prepare(puts, 3);
	puts[0].waits = true;
	(void)pthread_mutex_lock(&gate);
	assert_true(scim__writer_submit(writer, &puts[0].turn));
	while (atomic_load(&puts[0].runs) == 0)
		;
	assert_true(scim__writer_submit(writer, &puts[1].turn));
	assert_false(scim__writer_submit(writer, &puts[2].turn));
	(void)pthread_mutex_unlock(&gate);
	scim__writer_free(writer);

	assert_int_equal(done_count, 2);
}

static void
the_writer_ticks_when_it_is_idle(void **state)
{
	scim__writer *writer = start(1);

	while (atomic_load(&tick_count) < 3)
		;
	scim__writer_free(writer);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_queues_up_shares_a_commit),
		TEST(a_refusal_undoes_itself_alone),
		TEST(a_lost_batch_runs_again_one_by_one),
		TEST(a_lost_batch_that_can_not_begin_again_waits_once),
		TEST(one_alone_that_can_not_begin_is_told_why),
		TEST(who_waits_behind_what_can_not_begin_is_told_with_it),
		TEST(an_uncertain_commit_is_told_to_all_and_ends_writing),
		TEST(a_full_queue_says_so),
		TEST(the_writer_ticks_when_it_is_idle),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
