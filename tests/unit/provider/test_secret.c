/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/secret.h"

#include "lib/directory.h"

#define NAME SCIM_STR("a-key")

static scim_status
read_in(struct directory *d, scim_txn_mode mode, scim_str name, bool make,
    uint8_t out[SCIM__SECRET_BYTES])
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_arena *arena = d->context.arena;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, mode, &txn, &d->err));
	if (make)
		assert_int_equal(SCIM_OK,
		    scim__secret_make(
			&d->fixed.env, txn, arena, name, &d->err));
	scim_status rc = scim__secret_read(txn, arena, name, out, &d->err);
	if (make)
		assert_int_equal(
		    SCIM_OK, scim__store_commit(scim__take(txn), &d->err));
	return rc;
}

static void
a_secret_is_made_once(void **state)
{
	struct directory d;
	uint8_t first[SCIM__SECRET_BYTES], second[SCIM__SECRET_BYTES];
	uint8_t other[SCIM__SECRET_BYTES];

	directory_open(&d);
	assert_int_equal(
	    read_in(&d, SCIM_TXN_READ, NAME, false, first), SCIM_ERR_NOT_FOUND);
	assert_int_equal(
	    read_in(&d, SCIM_TXN_WRITE, NAME, true, first), SCIM_OK);
	assert_int_equal(
	    read_in(&d, SCIM_TXN_WRITE, NAME, true, second), SCIM_OK);
	assert_memory_equal(first, second, sizeof(first));
	assert_int_equal(
	    read_in(&d, SCIM_TXN_READ, NAME, false, second), SCIM_OK);
	assert_memory_equal(first, second, sizeof(first));
	assert_int_equal(
	    read_in(&d, SCIM_TXN_WRITE, SCIM_STR("b"), true, other), SCIM_OK);
	assert_memory_not_equal(first, other, sizeof(first));
	directory_close(&d);
}

static void
a_damaged_secret_is_told(void **state)
{
	struct directory d;
	uint8_t secret[SCIM__SECRET_BYTES];
	scim_txn *txn = NULL;

	directory_open(&d);
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_leaf_put(
		txn, SCIM_SHELF_META, NAME, SCIM_STR("?"), &d.err));
	assert_int_equal(SCIM_ERR_STORE,
	    scim__secret_read(txn, d.context.arena, NAME, secret, &d.err));
	assert_int_equal(SCIM_ERR_STORE,
	    scim__secret_make(
		&d.fixed.env, txn, d.context.arena, NAME, &d.err));
	scim__store_rollback(txn);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_secret_is_made_once),
		cmocka_unit_test(a_damaged_secret_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
