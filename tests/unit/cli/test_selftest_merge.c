/* SPDX-License-Identifier: Apache-2.0 */
/* What the race finds is held by tests/interop/test_selftest.py, on a whole
 * server. */
#include "unit/cli/race.h"

static void
a_server_that_does_not_offer_it_has_lost_nothing(void **state)
{
	struct scim__race race;

	(void)state;
	race_against(MOCK_SOUND, 10, scim__race_merge, &race);
	assert_string_equal(race.evidence, "");
	assert_string_equal(race.title, "merge: not offered");
	assert_int_equal(race.rounds, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_server_that_does_not_offer_it_has_lost_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
