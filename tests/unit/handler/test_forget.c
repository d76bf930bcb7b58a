/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/forget.h"

#include <stdio.h>

#include "lib/directory.h"
#include "store/store.h"

#define DAY_MS INT64_C(86400000)

static bool
the_only_one(void *argument, scim_str tenant, scim_context *out)
{
	struct directory *d = argument;

	*out = d->context;
	return scim__str_equal(tenant, SCIM_STR("default"));
}

static void
put_tenant(struct directory *d, const char *name)
{
	scim_txn *txn = NULL;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(d->store, SCIM_TXN_WRITE, &txn, &d->err));
	assert_int_equal(SCIM_OK,
	    scim__store_leaf_put(txn, SCIM_SHELF_TENANT, scim__str(name),
		SCIM_STR("{}"), &d->err));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d->err));
}

static uint64_t
first_of(struct directory *d)
{
	scim_txn *txn = NULL;
	scim_feed feed;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, &d->err));
	assert_int_equal(
	    SCIM_OK, scim__store_feed(txn, d->context.tenant, &feed, &d->err));
	scim__store_rollback(txn);
	return feed.first;
}

/* Turns until the round is over. */
static int
go_round(struct directory *d)
{
	struct scim__forgetting at = { .last_len = 0 };
	int turns = 0;

	while (!at.is_done) {
		assert_int_equal(SCIM_OK,
		    scim__forget_turn(
			d->provider, the_only_one, d, &at, &d->err));
		turns++;
	}
	return turns;
}

static void
what_is_old_goes_in_turns(void **state)
{
	struct directory d;

	directory_open(&d);
	put_tenant(&d, "another");
	put_tenant(&d, "default");
	put_tenant(&d, "zeta");
	for (int i = 0; i < 250; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "u%d", i);
		(void)directory_user(&d, name);
	}
	assert_int_equal(go_round(&d), 4);
	assert_int_equal(first_of(&d), 1);
	d.fixed.now_ms += 31 * DAY_MS;
	(void)directory_user(&d, "young");

	assert_int_equal(go_round(&d), 5);
	assert_int_equal(first_of(&d), 251);
	assert_int_equal(go_round(&d), 4);
	directory_close(&d);
}

static void
receipts_go_in_turns_as_well(void **state)
{
	struct directory d;

	directory_open(&d);
	put_tenant(&d, "default");
	for (int i = 0; i < 250; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "u%d", i);
		d.context.idempotency_key = scim__str(name);
		(void)directory_user(&d, name);
	}
	d.context.idempotency_key = (scim_str){ NULL, 0 };
	assert_int_equal(go_round(&d), 2);
	d.fixed.now_ms += DAY_MS;
	assert_int_equal(go_round(&d), 3);
	assert_int_equal(go_round(&d), 2);
	assert_int_equal(first_of(&d), 1);
	directory_close(&d);
}

static void
without_tenants_there_is_nothing_to_do(void **state)
{
	struct directory d;

	directory_open(&d);
	assert_int_equal(go_round(&d), 1);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_old_goes_in_turns),
		cmocka_unit_test(receipts_go_in_turns_as_well),
		cmocka_unit_test(without_tenants_there_is_nothing_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
