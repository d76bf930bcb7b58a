/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/workers.h"

#include <pthread.h>
#include <stdatomic.h>

#include "lib/test.h"

#define JOBS 1000

struct count {
	struct scim__job job;
	_Atomic int *ran;
};

static void
run_count(struct scim__job *job)
{
	(void)atomic_fetch_add(
	    scim__container_of(job, struct count, job)->ran, 1);
}

static void
whatever_was_taken_is_run(void **state)
{
	static struct count jobs[JOBS];
	_Atomic int ran = 0;
	scim__workers *workers = scim__workers_new(3, JOBS);

	assert_non_null(workers);
	for (size_t i = 0; i < JOBS; i++) {
		jobs[i].job.run = run_count;
		jobs[i].ran = &ran;
		assert_true(scim__workers_submit(workers, &jobs[i].job, false));
	}
	scim__workers_free(workers);

	assert_int_equal(ran, JOBS);
}

/* Holds up a worker until the test lets go. */
struct gate {
	struct scim__job job;
	pthread_mutex_t closed;
	_Atomic int reached;
};

static void
run_gate(struct scim__job *job)
{
	struct gate *gate = scim__container_of(job, struct gate, job);

	atomic_store(&gate->reached, 1);
	(void)pthread_mutex_lock(&gate->closed);
	(void)pthread_mutex_unlock(&gate->closed);
}

static void
a_full_queue_says_so(void **state)
{
	struct gate gate = { .job = { .run = run_gate },
		.closed = PTHREAD_MUTEX_INITIALIZER };
	_Atomic int ran = 0;
	struct count jobs[3];
	scim__workers *workers = scim__workers_new(1, 1);

	for (size_t i = 0; i < scim__countof(jobs); i++)
		jobs[i] = (struct count){ { NULL, run_count }, &ran };
	(void)pthread_mutex_lock(&gate.closed);
	assert_true(scim__workers_submit(workers, &gate.job, false));
	while (atomic_load(&gate.reached) == 0)
		;
	assert_true(scim__workers_submit(workers, &jobs[0].job, false));
	assert_false(scim__workers_submit(workers, &jobs[1].job, false));
	assert_true(scim__workers_submit(workers, &jobs[2].job, true));
	(void)pthread_mutex_unlock(&gate.closed);
	scim__workers_free(workers);

	assert_int_equal(ran, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whatever_was_taken_is_run),
		cmocka_unit_test(a_full_queue_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
