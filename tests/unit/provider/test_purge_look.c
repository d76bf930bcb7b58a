/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "lib/directory.h"
#include "provider/purge.h"

static void
changes_are_found_by_whose_they_are(void **state)
{
	struct directory d;
	struct scim__purge_targets targets;
	scim_txn *txn = NULL;
	scim_outcome out;
	bool more = true;

	directory_open(&d);
	scim_resource a = directory_user(&d, "a");
	scim_resource b = directory_user(&d, "b");
	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", a.id, &expect_any, &out));
	const scim_str ids[] = { b.id, SCIM_STR("nobody"), a.id };
	assert_int_equal(SCIM_OK,
	    scim__purge_targets_make(&d.context, ids, 3, &targets, NULL));
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_READ, &txn, NULL));
	assert_int_equal(SCIM_OK, scim__purge_look(&targets, txn, &more, NULL));
	scim__store_rollback(txn);

	assert_false(more);
	assert_int_equal(targets.seen, 3);
	assert_int_equal(targets.items[0].count, 1);
	assert_int_equal(targets.items[0].sequences[0], 2);
	assert_str(targets.items[0].type, "User");
	assert_int_equal(targets.items[1].count, 0);
	assert_int_equal(targets.items[1].type.len, 0);
	/* its own two, and the parent of the second */
	assert_int_equal(targets.items[2].count, 3);
	assert_false(targets.items[2].is_marked);
	directory_close(&d);
}

static void
a_long_log_comes_in_pages(void **state)
{
	struct directory d;
	struct scim__purge_targets targets;
	scim_txn *txn = NULL;
	scim_str last = { "", 0 };
	bool more = true;
	int pages = 0;

	directory_open(&d);
	for (int i = 0; i < SCIM__PURGE_ROWS + 5; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "u%d", i);
		last = directory_user(&d, name).id;
	}
	assert_int_equal(SCIM_OK,
	    scim__purge_targets_make(&d.context, &last, 1, &targets, NULL));
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_READ, &txn, NULL));
	for (; more; pages++)
		assert_int_equal(
		    SCIM_OK, scim__purge_look(&targets, txn, &more, NULL));
	scim__store_rollback(txn);

	assert_int_equal(pages, 2);
	assert_int_equal(targets.items[0].count, 1);
	assert_int_equal(targets.items[0].sequences[0], SCIM__PURGE_ROWS + 5);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(changes_are_found_by_whose_they_are),
		cmocka_unit_test(a_long_log_comes_in_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
