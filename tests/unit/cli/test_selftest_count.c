/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/race.h"

static void
what_was_acknowledged_is_stored(void **state)
{
	struct scim__race race;

	race_against(MOCK_SOUND, 40, scim__race_count, &race);

	assert_string_equal(race.evidence, "");
	assert_int_equal(race.acknowledged, 80);
	assert_int_equal(race.stored, 80);
	assert_true(race.seconds > 0);
}

static void
a_small_race_has_an_update_for_each(void **state)
{
	struct scim__race race;

	race_against(MOCK_SOUND, 1, scim__race_count, &race);
	assert_int_equal(race.acknowledged, SCIM__RACERS);
}

static void
each_fault_leaves_its_evidence(void **state)
{
	static const struct race_row rows[] = {
		{ MOCK_ETAG_IN_BODY, NULL },
		{ MOCK_BLIND, "were both told that they replaced" },
		{ MOCK_LATE_WRITE, "were both told that they replaced" },
		{ MOCK_FALSE_CONFLICT, "updates were acknowledged" },
		{ MOCK_NO_ETAG, "gives no ETag" },
		{ MOCK_FORGETS_VALUE, "does not keep nickName" },
		{ MOCK_BROKEN_AFTER, "The disk is full." },
		{ MOCK_SILENT_AFTER, "no answer while" },
	};

	check_rows(rows, scim__countof(rows), 40, scim__race_count);
}

static void
lost_updates_are_counted_to_the_end(void **state)
{
	struct scim__race race;

	race_against(MOCK_BLIND | MOCK_LATE_WRITE, 40, scim__race_count, &race);
	assert_int_equal(race.acknowledged, 80);
	assert_true(race.stored < 80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_acknowledged_is_stored),
		cmocka_unit_test(a_small_race_has_an_update_for_each),
		cmocka_unit_test(each_fault_leaves_its_evidence),
		cmocka_unit_test(lost_updates_are_counted_to_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
