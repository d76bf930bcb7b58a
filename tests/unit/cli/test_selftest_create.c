/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/cli/race.h"

static void
one_client_creates_each_name(void **state)
{
	struct scim__race race;

	race_against(MOCK_SOUND, 200, scim__race_create, &race);

	assert_string_equal(race.evidence, "");
	assert_int_equal(race.rounds, 20);
	assert_int_equal(race.winners[1], 20);
	assert_int_equal(race.acknowledged, 20);
	assert_int_equal(race.stored, 20);
	assert_int_equal(race.conflicts, 140);
}

static void
each_fault_leaves_its_evidence(void **state)
{
	static const struct race_row rows[] = {
		{ MOCK_NO_ETAG, NULL },
		{ MOCK_NO_FILTER, NULL },
		{ MOCK_LATE_CREATE, "were told that they created" },
		{ MOCK_LATE_CREATE | MOCK_NO_FILTER,
		    "were told that they created" },
		{ MOCK_BROKEN_AFTER, "The disk is full." },
		{ MOCK_SILENT_AFTER, "no answer while" },
	};

	check_rows(rows, scim__countof(rows), 200, scim__race_create);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_client_creates_each_name),
		cmocka_unit_test(each_fault_leaves_its_evidence),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
