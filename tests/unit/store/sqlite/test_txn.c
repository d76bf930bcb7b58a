/* SPDX-License-Identifier: Apache-2.0 */
#include <pthread.h>
#include <unistd.h>

#include "failing_vfs.h"
#include "fixture.h"

#define LARGE 3000

static const char *
large(void)
{
	static char text[LARGE + 1];

	memset(text, 'x', LARGE);
	return text;
}

/* Creates users in savepoints until one fails. */
static scim_status
fill(scim_txn *txn, scim_arena *arena)
{
	for (int i = 0; i < 1000; i++) {
		char id[24];

		(void)snprintf(id, sizeof(id), "filler-%d", i);
		assert_int_equal(scim__store_savepoint(txn, NULL), SCIM_OK);
		scim_status rc = create(txn, arena, id, 1, large());
		if (rc != SCIM_OK)
			return rc;
		assert_int_equal(scim__store_release(txn, NULL), SCIM_OK);
	}
	fail_msg("the disk never got full");
	return SCIM_OK;
}

static void
a_full_disk_takes_the_whole_transaction(void **state)
{
	struct fixture *f = *state;
	scim_arena *arena = scim_arena_new(NULL);
	scim_record record = { 0 };
	scim_key key = user(UUID_A);
	scim_error err = { 0 };

	create_committed(f->store, f->arena, UUID_A);
	execute(f->store, "PRAGMA max_page_count = 1");

	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	assert_int_equal(fill(txn, arena), SCIM_ERR_STORE);
	assert_int_equal(
	    scim__store_rollback_to(txn, &err), SCIM_ERR_ROLLED_BACK);
	assert_int_equal(err.status, SCIM_ERR_ROLLED_BACK);

	/* Not one statement may run on its own now. */
	assert_int_equal(
	    create(txn, arena, UUID_B, 1, "{}"), SCIM_ERR_ROLLED_BACK);
	assert_int_equal(scim__store_get(txn, arena, &key, 0, &record, NULL),
	    SCIM_ERR_ROLLED_BACK);
	scim__store_rollback(txn);

	execute(f->store, "PRAGMA max_page_count = 1000000");
	create_committed(f->store, f->arena, UUID_B);
	assert_int_equal(version_now(f->store, arena, UUID_A), 1);
	assert_int_equal(version_now(f->store, arena, "filler-0"), 0);
	assert_int_equal(scim__store_health(f->store, NULL), SCIM_OK);
	assert_intact(f->path);
	scim_arena_free(arena);
}

/* A savepoint that stayed would be taken for that around it, whose effects
 * would be kept though its turn was told that it failed. */
static void
a_savepoint_that_can_not_be_released_takes_the_transaction(void **state)
{
	struct fixture *f = *state;
	scim_record record = { 0 };
	scim_key key = user(UUID_A);
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	sqlite3 *db = ((struct txn *)txn)->conn->db;

	assert_int_equal(scim__store_savepoint(txn, NULL), SCIM_OK);
	assert_int_equal(create(txn, f->arena, UUID_A, 1, "{}"), SCIM_OK);
	assert_int_equal(scim__store_savepoint(txn, NULL), SCIM_OK);
	for (int i = 0; i < 2; i++)
		assert_int_equal(SQLITE_OK,
		    sqlite3_exec(db, "RELEASE operation", NULL, NULL, NULL));
	assert_int_equal(scim__store_release(txn, NULL), SCIM_ERR_ROLLED_BACK);
	assert_int_equal(
	    scim__store_rollback_to(txn, NULL), SCIM_ERR_ROLLED_BACK);
	scim__store_rollback(txn);

	txn = begin(f->store, SCIM_TXN_READ);
	assert_int_equal(scim__store_get(txn, f->arena, &key, 0, &record, NULL),
	    SCIM_ERR_NOT_FOUND);
	scim__store_rollback(txn);
}

static void
a_lost_transaction_can_not_be_committed(void **state)
{
	struct fixture *f = *state;

	create_committed(f->store, f->arena, UUID_A);
	execute(f->store, "PRAGMA max_page_count = 1");
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	assert_int_equal(fill(txn, f->arena), SCIM_ERR_STORE);

	assert_int_equal(scim__store_commit(txn, NULL), SCIM_ERR_ROLLED_BACK);

	execute(f->store, "PRAGMA max_page_count = 1000000");
	create_committed(f->store, f->arena, UUID_B);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM resource"), 2);
}

static void
a_disk_that_is_full_at_the_commit_changes_nothing(void **state)
{
	struct fixture *f = *state;

	f->store = open_at(f->path);
	create_committed(f->store, f->arena, UUID_A);
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	assert_int_equal(update(txn, f->arena, UUID_A, 1, 2), SCIM_OK);
	failing_vfs.fail_write = SQLITE_FULL;

	assert_int_equal(scim__store_commit(txn, NULL), SCIM_ERR_STORE);

	failing_vfs.fail_write = SQLITE_OK;
	assert_int_equal(scim__store_health(f->store, NULL), SCIM_OK);
	assert_int_equal(version_now(f->store, f->arena, UUID_A), 1);
	create_committed(f->store, f->arena, UUID_B);
	assert_intact(f->path);
}

/* Seven megabytes beside what counts. */
static scim_status
commit_much(struct fixture *f, unsigned from)
{
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	sqlite3 *db = ((struct txn *)txn)->conn->db;

	assert_int_equal(
	    update(txn, f->arena, UUID_A, from, from + 1), SCIM_OK);
	assert_int_equal(
	    sqlite3_exec(db, "INSERT INTO much VALUES (zeroblob(7000000))",
		NULL, NULL, NULL),
	    SQLITE_OK);
	return scim__store_commit(txn, NULL);
}

/* The frame that commits would be in the WAL, and not in its index. */
static void
a_disk_too_full_for_the_index_of_the_wal_changes_nothing(void **state)
{
	struct fixture *f = *state;
	unsigned version = 1;

	f->store = open_at(f->path);
	create_committed(f->store, f->arena, UUID_A);
	execute(f->store, "CREATE TABLE much (bytes)");
	scim_txn *reader = begin(f->store, SCIM_TXN_READ);
	assert_int_equal(version_in(reader, f->arena, UUID_A), 1);
	failing_vfs.regions = 1;
	while (version < 4 && commit_much(f, version) == SCIM_OK)
		version++;

	assert_int_equal(commit_much(f, version), SCIM_ERR_STORE);

	assert_in_range(version, 2, 3);
	assert_int_equal(scim__store_health(f->store, NULL), SCIM_OK);
	assert_int_equal(version_now(f->store, f->arena, UUID_A), version);
	failing_vfs.regions = 0;
	assert_int_equal(commit_much(f, version), SCIM_OK);
	scim__store_rollback(reader);
	scim_store_close(f->store);
	f->store = open_at(f->path);
	assert_int_equal(version_now(f->store, f->arena, UUID_A), version + 1);
	assert_intact(f->path);
}

static void
a_commit_that_fails_to_sync_is_uncertain_and_the_last(void **state)
{
	struct fixture *f = *state;
	scim_txn *txn = NULL, *none = NULL;
	scim_error err = { 0 };
	uint64_t generation = POISON;

	f->store = open_at(f->path);
	create_committed(f->store, f->arena, UUID_A);
	scim_txn *reader = begin(f->store, SCIM_TXN_READ);
	assert_int_equal(version_in(reader, f->arena, UUID_A), 1);
	txn = begin(f->store, SCIM_TXN_WRITE);
	assert_int_equal(update(txn, f->arena, UUID_A, 1, 2), SCIM_OK);
	failing_vfs.fail_sync = SQLITE_IOERR_FSYNC;

	assert_int_equal(scim__store_commit(txn, &err), SCIM_ERR_UNCERTAIN);

	failing_vfs.fail_sync = SQLITE_OK;
	scim_key key = user(UUID_A);
	scim_record record;
	assert_int_equal(
	    scim__store_get(reader, f->arena, &key, 0, &record, NULL),
	    SCIM_ERR_STORE);
	scim__store_rollback(reader);
	for (int mode = SCIM_TXN_READ; mode <= SCIM_TXN_WRITE; mode++)
		assert_int_equal(scim__store_begin(f->store,
				     (scim_txn_mode)mode, &none, &err),
		    SCIM_ERR_STORE);
	assert_null(none);
	assert_int_equal(scim__store_health(f->store, &err), SCIM_ERR_STORE);
	assert_int_equal(scim__store_generation(f->store, &generation, NULL),
	    SCIM_ERR_STORE);
	assert_int_equal(generation, POISON);
}

/* What was uncertain may be there or not; what was certain is. */
static void
a_store_opens_again_after_an_uncertain_commit(void **state)
{
	struct fixture *f = *state;

	f->store = open_at(f->path);
	create_committed(f->store, f->arena, UUID_A);
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	assert_int_equal(update(txn, f->arena, UUID_A, 1, 2), SCIM_OK);
	failing_vfs.fail_sync = SQLITE_IOERR_FSYNC;
	assert_int_equal(scim__store_commit(txn, NULL), SCIM_ERR_UNCERTAIN);
	failing_vfs.fail_sync = SQLITE_OK;
	scim_store_close(f->store);
	/* Closing carried nothing over. */
	char wal[96];
	(void)snprintf(wal, sizeof(wal), "%s-wal", f->path);
	assert_int_equal(access(wal, F_OK), 0);

	f->store = open_at(f->path);

	unsigned version = version_now(f->store, f->arena, UUID_A);
	assert_true(version == 1 || version == 2);
	create_committed(f->store, f->arena, UUID_B);
	assert_intact(f->path);
}

static void
a_transaction_sees_one_state_until_it_ends(void **state)
{
	static const scim_txn_mode modes[] = { SCIM_TXN_READ,
		SCIM_TXN_SNAPSHOT };
	struct fixture *f = *state;

	create_committed(f->store, f->arena, UUID_A);
	for (unsigned i = 0; i < scim__countof(modes); i++) {
		scim_txn *old = begin(f->store, modes[i]);
		assert_int_equal(
		    version_in(old, f->arena, UUID_A), 1 + 200 * i);

		for (unsigned v = 1; v <= 200; v++) {
			scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);

			assert_int_equal(update(txn, f->arena, UUID_A,
					     v + 200 * i, v + 200 * i + 1),
			    SCIM_OK);
			commit(txn);
		}
		assert_int_equal(
		    version_in(old, f->arena, UUID_A), 1 + 200 * i);
		commit(old);
		assert_int_equal(
		    version_now(f->store, f->arena, UUID_A), 201 + 200 * i);
	}
}

static void
a_snapshot_is_of_the_moment_it_began(void **state)
{
	struct fixture *f = *state;
	scim_txn *old = begin(f->store, SCIM_TXN_SNAPSHOT);

	create_committed(f->store, f->arena, UUID_A);

	assert_int_equal(version_in(old, f->arena, UUID_A), 0);
	scim__store_rollback(old);
}

static void
snapshots_are_bounded_and_refused_at_once(void **state)
{
	struct fixture *f = *state;
	scim_txn *open[SNAPSHOTS], *none = NULL;

	for (int i = 0; i < SNAPSHOTS; i++)
		open[i] = begin(f->store, SCIM_TXN_SNAPSHOT);

	assert_int_equal(
	    scim__store_begin(f->store, SCIM_TXN_SNAPSHOT, &none, NULL),
	    SCIM_ERR_BUSY);

	assert_null(none);
	scim__store_rollback(open[0]);
	open[0] = begin(f->store, SCIM_TXN_SNAPSHOT);
	for (int i = 0; i < SNAPSHOTS; i++)
		scim__store_rollback(open[i]);
}

static void
assert_nothing_open(struct store *store)
{
	for (size_t i = 0; i < scim__countof(store->pools); i++)
		for (struct conn *c = store->pools[i].all; c; c = c->next)
			for (sqlite3_stmt *q = sqlite3_next_stmt(c->db, NULL);
			     q != NULL; q = sqlite3_next_stmt(c->db, q))
				assert_false(sqlite3_stmt_busy(q));
}

/* An open statement would hold its snapshot and keep the WAL growing. */
static void
no_statement_stays_open_between_two_calls(void **state)
{
	struct fixture *f = *state;
	scim_record *records = NULL;
	scim_member_row *members = NULL;
	scim_leaf *leaves = NULL;
	scim_key key = user(UUID_A);
	size_t count = 0;
	scim_plan plan = { .tenant = key.tenant, .type = key.type, .limit = 1 };

	create_committed(f->store, f->arena, UUID_A);
	create_committed(f->store, f->arena, UUID_B);
	for (int mode = SCIM_TXN_READ; mode <= SCIM_TXN_WRITE; mode++) {
		scim_txn *txn = begin(f->store, (scim_txn_mode)mode);

		assert_int_equal(version_in(txn, f->arena, UUID_A), 1);
		assert_nothing_open(store_of(f->store));
		assert_int_equal(scim__store_query(txn, f->arena, &plan,
				     &records, &count, NULL),
		    SCIM_OK);
		assert_nothing_open(store_of(f->store));
		assert_int_equal(scim__store_members(txn, f->arena, &key,
				     SCIM_STR(""), 1, &members, &count, NULL),
		    SCIM_OK);
		assert_int_equal(
		    scim__store_leaves(txn, f->arena, SCIM_SHELF_META,
			SCIM_STR(""), 1, &leaves, &count, NULL),
		    SCIM_OK);
		assert_nothing_open(store_of(f->store));
		scim__store_rollback(txn);
	}
}

static uint64_t
generation_of(scim_store *store)
{
	uint64_t generation = 0;

	assert_int_equal(
	    scim__store_generation(store, &generation, NULL), SCIM_OK);
	return generation;
}

static void *
write_once(void *argument)
{
	scim_store *store = argument;
	scim_txn *txn = NULL;

	if (scim__store_begin(store, SCIM_TXN_WRITE, &txn, NULL) == SCIM_OK)
		scim__store_rollback(txn);
	return NULL;
}

/* Who waits for the lock has not looked: others may commit meanwhile. */
static void
nothing_is_known_while_a_writer_waits(void **state)
{
	struct fixture *f = *state;
	pthread_t writer;
	sqlite3 *other = NULL;

	assert_int_equal(sqlite3_open(f->path, &other), SQLITE_OK);
	uint64_t before = generation_of(f->store);
	assert_int_equal(
	    sqlite3_exec(other, "BEGIN IMMEDIATE", NULL, NULL, NULL),
	    SQLITE_OK);
	assert_int_equal(
	    pthread_create(&writer, NULL, write_once, f->store), 0);
	uint64_t seen = before;
	for (int i = 0; i < 200 && seen == before; i++) {
		(void)usleep(5000);
		seen = generation_of(f->store);
	}
	assert_true(seen != before);
	assert_true(generation_of(f->store) != seen);
	assert_int_equal(
	    sqlite3_exec(other, "ROLLBACK", NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(pthread_join(writer, NULL), 0);
	(void)sqlite3_close(other);
	assert_true(generation_of(f->store) == generation_of(f->store));
}

static void
the_generation_moves_on_foreign_commits_alone(void **state)
{
	struct fixture *f = *state;
	scim_store *other = open_at(f->path);

	create_committed(f->store, f->arena, UUID_A);
	uint64_t before = generation_of(f->store);
	for (unsigned v = 1; v < 50; v++) {
		scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);

		assert_int_equal(
		    update(txn, f->arena, UUID_A, v, v + 1), SCIM_OK);
		commit(txn);
		assert_int_equal(
		    version_now(f->store, f->arena, UUID_A), v + 1);
		assert_int_equal(generation_of(f->store), before);
	}

	assert_int_equal(version_now(other, f->arena, UUID_A), 50);
	assert_int_equal(generation_of(f->store), before);
	create_committed(other, f->arena, UUID_B);
	assert_int_not_equal(generation_of(f->store), before);
	scim_store_close(other);
}

/* A server under load always has a transaction open. */
static void
the_generation_is_looked_at_when_a_write_begins(void **state)
{
	struct fixture *f = *state;
	scim_store *other = open_at(f->path);
	uint64_t before = generation_of(f->store);

	create_committed(other, f->arena, UUID_A);
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);

	assert_int_not_equal(generation_of(f->store), before);
	scim__store_rollback(txn);
	scim_store_close(other);
}

static void
names_that_were_undone_are_forgotten(void **state)
{
	struct fixture *f = *state;

	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	assert_int_equal(create(txn, f->arena, UUID_A, 1, "{}"), SCIM_OK);
	scim__store_rollback(txn);
	execute(f->store, "INSERT INTO name (text) VALUES ('other')");

	txn = begin(f->store, SCIM_TXN_WRITE);
	assert_int_equal(scim__store_savepoint(txn, NULL), SCIM_OK);
	assert_int_equal(create(txn, f->arena, UUID_A, 1, "{}"), SCIM_OK);
	assert_int_equal(scim__store_rollback_to(txn, NULL), SCIM_OK);
	assert_int_equal(create(txn, f->arena, UUID_B, 1, "{}"), SCIM_OK);
	commit(txn);

	assert_int_equal(version_now(f->store, f->arena, UUID_B), 1);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM resource r JOIN "
			     "name n ON n.number = r.tenant "
			     "WHERE n.text = 'acme'"),
	    1);
}

static void
a_second_writer_gives_up_after_a_while(void **state)
{
	struct fixture *f = *state;
	scim_store *other = open_at(f->path);
	scim_txn *holder = begin(other, SCIM_TXN_WRITE);
	struct conn *writer = writer_of(f->store);
	scim_txn *none = NULL;
	int64_t before = scim__sqlite_clock_ms();

	assert_int_equal(
	    scim__store_begin(f->store, SCIM_TXN_WRITE, &none, NULL),
	    SCIM_ERR_BUSY);

	int64_t took = scim__sqlite_clock_ms() - before;
	assert_in_range(took, WAIT_MS - 500, WAIT_MS + 5000);
	assert_null(none);
	assert_false(writer->taken);
	scim__store_rollback(holder);
	create_committed(f->store, f->arena, UUID_A);
	scim_store_close(other);
}

static int
setup_failing(void **state)
{
	failing_vfs_install();
	return fixture_setup(state);
}

static int
teardown_failing(void **state)
{
	(void)fixture_teardown(state);
	failing_vfs_remove();
	return 0;
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_open, fixture_teardown)
#define FAILING(f) \
	cmocka_unit_test_setup_teardown(f, setup_failing, teardown_failing)
	const struct CMUnitTest tests[] = {
		TEST(a_full_disk_takes_the_whole_transaction),
		TEST(
		    a_savepoint_that_can_not_be_released_takes_the_transaction),
		TEST(a_lost_transaction_can_not_be_committed),
		FAILING(a_disk_that_is_full_at_the_commit_changes_nothing),
		FAILING(
		    a_disk_too_full_for_the_index_of_the_wal_changes_nothing),
		FAILING(a_commit_that_fails_to_sync_is_uncertain_and_the_last),
		FAILING(a_store_opens_again_after_an_uncertain_commit),
		TEST(a_transaction_sees_one_state_until_it_ends),
		TEST(a_snapshot_is_of_the_moment_it_began),
		TEST(snapshots_are_bounded_and_refused_at_once),
		TEST(no_statement_stays_open_between_two_calls),
		TEST(the_generation_moves_on_foreign_commits_alone),
		TEST(nothing_is_known_while_a_writer_waits),
		TEST(the_generation_is_looked_at_when_a_write_begins),
		TEST(names_that_were_undone_are_forgotten),
		TEST(a_second_writer_gives_up_after_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
