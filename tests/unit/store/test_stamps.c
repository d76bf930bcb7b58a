/* SPDX-License-Identifier: Apache-2.0 */
#include "store/stamps.h"

#include "lib/test.h"

static void
what_nobody_touched_holds(void **state)
{
	scim__stamps *stamps = scim__stamps_new();
	struct scim__touched *touched = NULL;
	uint64_t since = scim__stamps_now(stamps);

	assert_true(scim__stamps_hold(stamps, 3, since));
	scim__stamps_touch(stamps, &touched, 4);
	scim__stamps_settle(stamps, touched);
	assert_true(scim__stamps_hold(stamps, 3, since));
	scim__stamps_free(stamps);
}

static void
a_touch_ends_what_was_read_before_and_while_it_is_open(void **state)
{
	scim__stamps *stamps = scim__stamps_new();
	struct scim__touched *touched = NULL;
	uint64_t before = scim__stamps_now(stamps);

	scim__stamps_touch(stamps, &touched, 3);
	uint64_t during = scim__stamps_now(stamps);
	assert_false(scim__stamps_hold(stamps, 3, before));
	assert_false(scim__stamps_hold(stamps, 3, during));

	scim__stamps_settle(stamps, touched);
	assert_false(scim__stamps_hold(stamps, 3, before));
	assert_false(scim__stamps_hold(stamps, 3, during));
	assert_true(scim__stamps_hold(stamps, 3, scim__stamps_now(stamps)));
	scim__stamps_free(stamps);
}

/* The next writer may begin before the last one has settled. */
static void
two_open_touches_must_both_settle(void **state)
{
	scim__stamps *stamps = scim__stamps_new();
	struct scim__touched *first = NULL, *second = NULL;

	scim__stamps_touch(stamps, &first, 3);
	scim__stamps_touch(stamps, &second, 3);
	scim__stamps_settle(stamps, first);
	assert_false(scim__stamps_hold(stamps, 3, scim__stamps_now(stamps)));
	scim__stamps_settle(stamps, second);
	assert_true(scim__stamps_hold(stamps, 3, scim__stamps_now(stamps)));
	scim__stamps_free(stamps);
}

static void
anything_is_every_slot(void **state)
{
	scim__stamps *stamps = scim__stamps_new();
	struct scim__touched *touched = NULL;
	uint64_t before = scim__stamps_now(stamps);

	for (uint32_t i = 0; i < 1000; i++)
		scim__stamps_touch(stamps, &touched, i);
	scim__stamps_touch_all(stamps, &touched);
	assert_false(scim__stamps_hold(stamps, 7777, before));
	scim__stamps_settle(stamps, touched);
	assert_false(scim__stamps_hold(stamps, 7777, before));
	assert_true(scim__stamps_hold(stamps, 7777, scim__stamps_now(stamps)));
	scim__stamps_free(stamps);
}

static void
another_generation_ends_everything(void **state)
{
	scim__stamps *stamps = scim__stamps_new();
	uint64_t before = scim__stamps_now(stamps);

	scim__stamps_generation(stamps, 0);
	assert_true(scim__stamps_hold(stamps, 3, before));
	scim__stamps_generation(stamps, 5);
	assert_false(scim__stamps_hold(stamps, 3, before));
	before = scim__stamps_now(stamps);
	scim__stamps_generation(stamps, 5);
	assert_true(scim__stamps_hold(stamps, 3, before));
	scim__stamps_free(stamps);
}

static void
an_id_has_one_slot_in_each_tenant(void **state)
{
	uint32_t a = scim__stamps_slot(SCIM_STR("t1"), SCIM_STR("id"));
	uint32_t b = scim__stamps_slot(SCIM_STR("t2"), SCIM_STR("id"));

	assert_int_equal(a, scim__stamps_slot(SCIM_STR("t1"), SCIM_STR("id")));
	assert_int_not_equal(a, b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_nobody_touched_holds),
		cmocka_unit_test(
		    a_touch_ends_what_was_read_before_and_while_it_is_open),
		cmocka_unit_test(two_open_touches_must_both_settle),
		cmocka_unit_test(anything_is_every_slot),
		cmocka_unit_test(another_generation_ends_everything),
		cmocka_unit_test(an_id_has_one_slot_in_each_tenant),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
