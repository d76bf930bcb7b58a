/* SPDX-License-Identifier: Apache-2.0 */
#include "base/pause.h"

#include <pthread.h>
#include <signal.h>
#include <time.h>

#include "lib/test.h"

static double
seconds(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static void
it_lasts_as_long_as_was_said(void **state)
{
	double began = seconds();

	scim__pause(0);
	scim__pause(30);
	assert_true(seconds() - began >= 0.030);
}

static void
nothing(int signal)
{
	(void)signal;
}

static void *
pause_there(void *took)
{
	double began = seconds();

	scim__pause(60);
	*(double *)took = seconds() - began;
	return NULL;
}

static void
a_signal_does_not_shorten_it(void **state)
{
	struct sigaction action = { .sa_handler = nothing };
	pthread_t thread;
	double took = 0;

	assert_int_equal(0, sigaction(SIGUSR1, &action, NULL));
	assert_int_equal(0, pthread_create(&thread, NULL, pause_there, &took));
	for (int i = 0; i < 3; i++) {
		scim__pause(10);
		(void)pthread_kill(thread, SIGUSR1);
	}
	assert_int_equal(0, pthread_join(thread, NULL));
	assert_true(took >= 0.060);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_lasts_as_long_as_was_said),
		cmocka_unit_test(a_signal_does_not_shorten_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
