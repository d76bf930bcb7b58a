/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
#include "store/sqlite/stats.h"

static void
the_wal_has_a_size(void **state)
{
	struct fixture *f = *state;
	struct scim__sqlite_stats stats = { POISON, POISON };

	create_committed(f->store, f->arena, UUID_A);

	assert_true(scim__sqlite_stats(f->store, &stats));
	assert_in_range(stats.wal_bytes, 4096, 1 << 20);
	assert_int_equal(stats.oldest_snapshot_ms, 0);
}

static void
the_oldest_snapshot_has_an_age(void **state)
{
	struct fixture *f = *state;
	struct scim__sqlite_stats stats = { 0, 0 };
	scim_txn *txn = begin(f->store, SCIM_TXN_SNAPSHOT);
	scim_txn *reader = begin(f->store, SCIM_TXN_READ);

	(void)sqlite3_sleep(20);
	assert_true(scim__sqlite_stats(f->store, &stats));
	assert_in_range(stats.oldest_snapshot_ms, 10, 10000);

	scim__store_rollback(txn);
	assert_true(scim__sqlite_stats(f->store, &stats));
	assert_int_equal(stats.oldest_snapshot_ms, 0);
	scim__store_rollback(reader);
}

static void
another_backend_has_none(void **state)
{
	struct scim__sqlite_stats stats = { POISON, POISON };
	scim_store *store = NULL;

	assert_int_equal(scim_store_open_memory(NULL, &store, NULL), SCIM_OK);
	assert_false(scim__sqlite_stats(store, &stats));
	assert_int_equal(stats.wal_bytes, POISON);
	scim_store_close(store);
}

/* One begins before the other ends, so that there never is a gap. */
static void
long_reads_that_overlap_do_not_make_the_wal_grow_for_ever(void **state)
{
	struct fixture *f = *state;
	struct scim__sqlite_stats stats = { 0, 0 };
	scim_txn *old = NULL;
	unsigned refused = 0;

	create_committed(f->store, f->arena, UUID_A);
	execute(f->store, "PRAGMA synchronous = OFF");
	for (unsigned v = 1; v < 10000; v++) {
		scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);

		assert_int_equal(
		    update(txn, f->arena, UUID_A, v, v + 1), SCIM_OK);
		commit(txn);
		scim_arena_reset(f->arena);
		if (v % 500 != 0)
			continue;
		txn = NULL;
		if (scim__store_begin(f->store, SCIM_TXN_SNAPSHOT, &txn,
			NULL) == SCIM_ERR_BUSY)
			refused++;
		scim__store_rollback(old);
		old = txn;
	}
	scim__store_rollback(old);
	assert_true(refused > 0);
	assert_true(scim__sqlite_stats(f->store, &stats));
	assert_in_range(stats.wal_bytes, 1, LARGE_WAL_PAGES * 2 * 4096);
	assert_true(writer_of(f->store)->wal_pages < LARGE_WAL_PAGES);
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_open, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_wal_has_a_size),
		TEST(the_oldest_snapshot_has_an_age),
		TEST(another_backend_has_none),
		TEST(long_reads_that_overlap_do_not_make_the_wal_grow_for_ever),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
