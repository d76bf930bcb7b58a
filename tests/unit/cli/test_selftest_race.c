/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/race.h"

static void
the_first_evidence_stays(void **state)
{
	struct scim__race race;

	scim__race_init(&race);
	assert_false(scim__race_has_evidence(&race));
	scim__race_evidence(&race, "first %d", 1);
	scim__race_evidence(&race, "second %d", 2);
	assert_true(scim__race_has_evidence(&race));
	assert_string_equal(race.evidence, "first 1");
}

struct log {
	atomic_uint acts;
	uint64_t judged, stop_at;
};

static bool
prepare(struct scim__rounds *rounds, uint64_t round)
{
	struct log *log = rounds->context;

	assert_int_equal(round, log->judged);
	return round != log->stop_at;
}

static long
act(struct scim__rounds *rounds, struct scim__client *client, unsigned racer)
{
	struct log *log = rounds->context;

	assert_non_null(client->easy);
	(void)atomic_fetch_add(&log->acts, 1);
	return 200 + (long)racer;
}

static bool
judge(struct scim__rounds *rounds, uint64_t round)
{
	struct log *log = rounds->context;

	log->judged++;
	/* all of this round have acted, and none of the next */
	assert_int_equal(atomic_load(&log->acts), log->judged * SCIM__RACERS);
	for (unsigned i = 0; i < SCIM__RACERS; i++)
		assert_int_equal(rounds->statuses[i], 200 + i);
	return true;
}

static void
run(struct log *log, const struct scim__selftest *test, uint64_t count)
{
	struct scim__race race;
	struct scim__rounds rounds = { .test = test,
		.race = &race,
		.racers = SCIM__RACERS,
		.count = count,
		.prepare = prepare,
		.act = act,
		.judge = judge,
		.context = log };

	scim__race_init(&race);
	scim__rounds_run(&rounds);
	assert_int_equal(race.rounds, log->judged);
}

static void
the_judge_sees_each_round_whole(void **state)
{
	struct scim__selftest test = { .base = "", .seed = 3 };
	struct log log = { .stop_at = UINT64_MAX };

	run(&log, &test, 50);
	assert_int_equal(log.judged, 50);
}

static void
a_round_that_is_not_prepared_is_not_run(void **state)
{
	struct scim__selftest test = { .base = "" };
	struct log log = { .stop_at = 3 };

	run(&log, &test, 50);
	assert_int_equal(log.judged, 3);
}

static void
an_interrupt_ends_the_rounds(void **state)
{
	struct scim__selftest test = { .base = "", .stop = true };
	struct log log = { .stop_at = UINT64_MAX };

	run(&log, &test, 50);
	assert_int_equal(log.judged, 0);
}

static void
a_seed_gives_one_series(void **state)
{
	uint64_t a = 1, b = 1, c = 2;

	assert_int_equal(scim__race_random(&a), scim__race_random(&b));
	assert_int_equal(scim__race_random(&a), scim__race_random(&b));
	assert_int_not_equal(scim__race_random(&a), scim__race_random(&c));
}

static void
the_clock_goes_forward(void **state)
{
	double before = scim__race_clock();

	assert_true(scim__race_clock() >= before);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_evidence_stays),
		cmocka_unit_test(the_judge_sees_each_round_whole),
		cmocka_unit_test(a_round_that_is_not_prepared_is_not_run),
		cmocka_unit_test(an_interrupt_ends_the_rounds),
		cmocka_unit_test(a_seed_gives_one_series),
		cmocka_unit_test(the_clock_goes_forward),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
