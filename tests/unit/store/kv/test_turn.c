/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <time.h>

#include "lib/test.h"
#include "store/kv/turn.h"

static void
one_writes_and_the_next_waits_no_longer_than_it_may(void **state)
{
	struct scim__turn turn;

	assert_true(scim__turn_init(&turn));
	turn.patience_ms = 30;
	assert_true(scim__turn_begin_write(&turn));
	assert_false(scim__turn_begin_write(&turn));
	scim__turn_end_write(&turn);

	assert_true(scim__turn_begin_write(&turn));
	scim__turn_end_write(&turn);
	scim__turn_release(&turn);
}

static void
readers_and_a_writer_mind_each_other_only_when_it_shows(void **state)
{
	struct scim__turn turn;

	assert_true(scim__turn_init(&turn));
	turn.patience_ms = 30;
	assert_true(scim__turn_begin_read(&turn));
	assert_true(scim__turn_begin_write(&turn));
	assert_true(scim__turn_begin_read(&turn));

	assert_false(scim__turn_begin_show(&turn));
	scim__turn_end_read(&turn);
	assert_false(scim__turn_begin_show(&turn));
	assert_true(scim__turn_begin_read(&turn));
	scim__turn_end_read(&turn);
	scim__turn_end_read(&turn);

	assert_true(scim__turn_begin_show(&turn));
	assert_false(scim__turn_begin_read(&turn));
	scim__turn_end_show(&turn);
	assert_true(scim__turn_begin_read(&turn));
	scim__turn_end_read(&turn);
	scim__turn_end_write(&turn);
	scim__turn_release(&turn);
}

/* A turn taken by one thread and ended by another. */
static void *
end_write(void *argument)
{
	struct timespec t = { 0, 10000000 };

	(void)nanosleep(&t, NULL);
	scim__turn_end_write(argument);
	return NULL;
}

static void
a_turn_may_end_in_another_thread(void **state)
{
	struct scim__turn turn;
	pthread_t thread;

	assert_true(scim__turn_init(&turn));
	assert_true(scim__turn_begin_write(&turn));
	assert_int_equal(pthread_create(&thread, NULL, end_write, &turn), 0);
	assert_true(scim__turn_begin_write(&turn));
	assert_int_equal(pthread_join(thread, NULL), 0);
	scim__turn_end_write(&turn);
	scim__turn_release(&turn);
}

/* Counts without any other lock. */
struct counting {
	struct scim__turn *turn;
	unsigned *number;
	pthread_t thread;
};

static void *
count(void *argument)
{
	struct counting *c = argument;

	for (int i = 0; i < 500; i++) {
		if (!scim__turn_begin_write(c->turn))
			break;
		++*c->number;
		scim__turn_end_write(c->turn);
	}
	return NULL;
}

static void
turns_never_overlap(void **state)
{
	struct scim__turn turn;
	struct counting counters[4];
	unsigned number = 0;

	assert_true(scim__turn_init(&turn));
	for (size_t i = 0; i < 4; i++) {
		counters[i] =
		    (struct counting){ .turn = &turn, .number = &number };
		assert_int_equal(pthread_create(&counters[i].thread, NULL,
				     count, &counters[i]),
		    0);
	}
	for (size_t i = 0; i < 4; i++)
		assert_int_equal(pthread_join(counters[i].thread, NULL), 0);
	assert_int_equal(number, 4 * 500);
	scim__turn_release(&turn);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    one_writes_and_the_next_waits_no_longer_than_it_may),
		cmocka_unit_test(
		    readers_and_a_writer_mind_each_other_only_when_it_shows),
		cmocka_unit_test(a_turn_may_end_in_another_thread),
		cmocka_unit_test(turns_never_overlap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
