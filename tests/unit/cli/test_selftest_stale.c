/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/race.h"

static void
one_writer_wins_each_round(void **state)
{
	struct scim__race race;

	race_against(MOCK_SOUND, 40, scim__race_stale, &race);

	assert_string_equal(race.evidence, "");
	assert_int_equal(race.rounds, 40);
	assert_int_equal(race.winners[1], 40);
	assert_int_equal(race.acknowledged, 40);
	assert_int_equal(race.stored, 40);
	assert_int_equal(race.conflicts, 280);
}

static void
each_fault_leaves_its_evidence(void **state)
{
	static const struct race_row rows[] = {
		{ MOCK_ETAG_IN_BODY, NULL },
		{ MOCK_BLIND, "8 of eight writers that held ETag" },
		{ MOCK_LATE_WRITE, "were told that they won" },
		{ MOCK_FALSE_CONFLICT, "0 of eight writers that held ETag" },
		{ MOCK_NO_ETAG, "gives no ETag" },
		{ MOCK_FORGETS_VALUE, "does not keep nickName" },
		{ MOCK_BROKEN_AFTER, "The disk is full." },
		{ MOCK_SILENT_AFTER, "no answer while" },
	};

	check_rows(rows, scim__countof(rows), 40, scim__race_stale);
}

static void
all_rounds_are_run_and_their_winners_counted(void **state)
{
	struct scim__race race;

	race_against(MOCK_BLIND, 10, scim__race_stale, &race);
	assert_int_equal(race.rounds, 10);
	assert_int_equal(race.winners[8], 10);
	assert_int_equal(race.acknowledged, 80);
	assert_int_equal(race.stored, 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_writer_wins_each_round),
		cmocka_unit_test(each_fault_leaves_its_evidence),
		cmocka_unit_test(all_rounds_are_run_and_their_winners_counted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
