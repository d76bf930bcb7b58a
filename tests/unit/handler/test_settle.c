/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns over real departures are tested in provider/test_departure.c; here
 * is what a host sees when there is nothing to do, or nobody to do it for.
 */
#include "handler/call.h"
#include "lib/directory.h"
#include "provider/departure.h"

static bool
nobody(void *argument, scim_str tenant, scim_context *out)
{
	++*(int *)argument;
	return false;
}

static void
an_empty_shelf_is_asked_once(void **state)
{
	struct directory d;
	bool more = true;
	int asked = 0;

	directory_open(&d);
	assert_true(atomic_load(&d.provider->departures));
	assert_int_equal(SCIM_OK,
	    scim__settle_turn(d.provider, nobody, &asked, &more, &d.err));
	assert_false(more);
	assert_int_equal(asked, 0);
	assert_false(atomic_load(&d.provider->departures));
	directory_close(&d);
}

static void
a_tenant_nobody_knows_is_left_alone(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;
	bool more = true;
	int asked = 0;

	directory_open(&d);
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	assert_int_equal(SCIM_OK,
	    scim__departure_note(
		d.provider, txn, &d.context, SCIM_STR("x"), &d.err));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));

	assert_int_equal(SCIM_OK,
	    scim__settle_turn(d.provider, nobody, &asked, &more, &d.err));
	assert_false(more);
	assert_int_equal(asked, 1);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_empty_shelf_is_asked_once),
		cmocka_unit_test(a_tenant_nobody_knows_is_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
