/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "lib/test.h"
#include "store/store.h"

struct world {
	scim_store *store;
	scim_arena *arena;
};

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));
	scim_store *inner = NULL;

	if (w == NULL)
		return -1;
	w->arena = scim_arena_new(NULL);
	assert_int_equal(scim_store_open_memory(NULL, &inner, NULL), SCIM_OK);
	assert_int_equal(scim__store_fault(inner, &w->store, NULL), SCIM_OK);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	scim_store_close(w->store);
	scim_arena_free(w->arena);
	free(w);
	return 0;
}

static void
plan(struct world *w, enum scim__fault_call call, unsigned nth,
    scim_status status, bool after)
{
	struct scim__fault fault = {
		.call = call, .nth = nth, .status = status, .after = after
	};

	scim__store_fault_plan(w->store, &fault);
}

static scim_txn *
begin(struct world *w, scim_txn_mode mode)
{
	scim_txn *txn = NULL;

	assert_int_equal(
	    scim__store_begin(w->store, mode, &txn, NULL), SCIM_OK);
	return txn;
}

static scim_status
put(scim_txn *txn, const char *name)
{
	return scim__store_leaf_put(
	    txn, SCIM_SHELF_TOKEN, scim__str(name), SCIM_STR("v"), NULL);
}

static bool
has(struct world *w, const char *name)
{
	scim_txn *txn = begin(w, SCIM_TXN_READ);
	scim_str value;
	scim_status rc = scim__store_leaf_get(
	    txn, w->arena, SCIM_SHELF_TOKEN, scim__str(name), &value, NULL);

	scim__store_rollback(txn);
	return rc == SCIM_OK;
}

static const scim_key key = { { "t", 1 }, { "User", 4 }, { "a", 1 } };

static scim_status
create(struct world *w, scim_txn *txn, scim_write_result *out)
{
	scim_record r = { .content = SCIM_STR("{}") };
	scim_write write = {
		.kind = SCIM_WRITE_CREATE, .key = key, .record = &r
	};

	return scim__store_write(txn, w->arena, &write, out, NULL);
}

static void
a_begin_that_fails_leaves_nothing_open(void **state)
{
	struct world *w = *state;
	scim_txn *untouched = NULL;

	for (int after = 0; after < 2; after++) {
		plan(w, SCIM__FAULT_BEGIN, 1, SCIM_ERR_BUSY, after);
		assert_int_equal(scim__store_begin(w->store, SCIM_TXN_WRITE,
				     &untouched, NULL),
		    SCIM_ERR_BUSY);
		assert_null(untouched);

		/* Another writer would wait for a turn that never comes. */
		scim__store_rollback(begin(w, SCIM_TXN_WRITE));
	}
}

static void
the_nth_call_fails_and_no_other(void **state)
{
	struct world *w = *state;
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);

	plan(w, SCIM__FAULT_WRITE, 3, SCIM_ERR_STORE, false);
	assert_int_equal(put(txn, "a"), SCIM_OK);
	assert_int_equal(put(txn, "b"), SCIM_OK);
	assert_int_equal(put(txn, "c"), SCIM_ERR_STORE);
	assert_int_equal(put(txn, "d"), SCIM_OK);
	assert_int_equal(scim__store_commit(txn, NULL), SCIM_OK);

	assert_true(has(w, "b"));
	assert_false(has(w, "c"));
	assert_true(has(w, "d"));
}

static void
a_plan_can_be_dropped(void **state)
{
	struct world *w = *state;

	plan(w, SCIM__FAULT_BEGIN, 1, SCIM_ERR_BUSY, false);
	scim__store_fault_plan(w->store, NULL);
	scim__store_rollback(begin(w, SCIM_TXN_READ));
}

static void
a_write_whose_answer_is_lost_was_done(void **state)
{
	struct world *w = *state;
	scim_write_result out = { .sequence = POISON };
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);
	scim_record r;

	plan(w, SCIM__FAULT_WRITE, 1, SCIM_ERR_STORE, true);
	assert_int_equal(create(w, txn, &out), SCIM_ERR_STORE);
	assert_int_equal(out.sequence, POISON);
	assert_int_equal(
	    scim__store_get(txn, w->arena, &key, 0, &r, NULL), SCIM_OK);
	scim__store_rollback(txn);
}

static void
a_write_that_fails_was_not_done(void **state)
{
	struct world *w = *state;
	scim_write_result out = { .sequence = POISON };
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);
	scim_record r;

	plan(w, SCIM__FAULT_WRITE, 1, SCIM_ERR_NO_MEMORY, false);
	assert_int_equal(create(w, txn, &out), SCIM_ERR_NO_MEMORY);
	assert_int_equal(out.sequence, POISON);
	assert_int_equal(scim__store_get(txn, w->arena, &key, 0, &r, NULL),
	    SCIM_ERR_NOT_FOUND);
	plan(w, SCIM__FAULT_WRITE, 1, SCIM_ERR_STORE, false);
	assert_int_equal(
	    scim__store_erase_tenant(txn, SCIM_STR("t"), NULL), SCIM_ERR_STORE);
	scim__store_rollback(txn);
}

static void
a_refusal_passes_through(void **state)
{
	struct world *w = *state;
	scim_write_result out = { .sequence = POISON };
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);

	assert_int_equal(create(w, txn, &out), SCIM_OK);
	plan(w, SCIM__FAULT_WRITE, 1, SCIM_ERR_STORE, true);
	assert_int_equal(create(w, txn, &out), SCIM_ERR_EXISTS);
	assert_str(out.holder, "a");
	scim__store_rollback(txn);
}

static void
every_read_can_fail_or_lose_its_answer(void **state)
{
	struct world *w = *state;
	scim_write_result out;
	scim_unique_row row = { SCIM_STR("u"), SCIM_STR("v") };
	scim_plan page = { .tenant = key.tenant, .type = key.type, .limit = 1 };
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);

	assert_int_equal(create(w, txn, &out), SCIM_OK);
	assert_int_equal(put(txn, "a"), SCIM_OK);
	for (int after = 0; after < 2; after++) {
		scim_record r = { .position = POISON }, *records = NULL;
		scim_member_row m, *members = NULL;
		scim_membership *memberships = NULL;
		scim_leaf *leaves = NULL;
		scim_str text = SCIM_STR("poison");
		size_t count = POISON;
		uint64_t n = POISON;

#define FAILS(call)                                                  \
	do {                                                         \
		plan(w, SCIM__FAULT_READ, 1, SCIM_ERR_STORE, after); \
		assert_int_equal((call), SCIM_ERR_STORE);            \
	} while (0)
		FAILS(scim__store_get(txn, w->arena, &key, 0, &r, NULL));
		FAILS(scim__store_query(
		    txn, w->arena, &page, &records, &count, NULL));
		FAILS(scim__store_count(txn, &page, 9, &n, NULL));
		FAILS(scim__store_members(txn, w->arena, &key, SCIM_STR(""), 9,
		    &members, &count, NULL));
		FAILS(scim__store_memberships(txn, w->arena, key.tenant,
		    SCIM_STR("m"), SCIM_STR(""), 9, &memberships, &count,
		    NULL));
		FAILS(scim__store_leaf_get(txn, w->arena, SCIM_SHELF_TOKEN,
		    SCIM_STR("a"), &text, NULL));
		FAILS(scim__store_leaves(txn, w->arena, SCIM_SHELF_TOKEN,
		    SCIM_STR(""), 9, &leaves, &count, NULL));
		if (after)
			continue;
		FAILS(scim__store_find_unique(
		    txn, w->arena, &key, &row, &text, NULL));
		FAILS(scim__store_member_get(
		    txn, w->arena, &key, SCIM_STR("m"), &m, NULL));
#undef FAILS
		assert_int_equal(r.position, POISON);
		assert_int_equal(count, POISON);
		assert_int_equal(n, POISON);
		assert_str(text, "poison");
	}
	scim__store_rollback(txn);
}

static void
a_commit_that_fails_did_nothing(void **state)
{
	struct world *w = *state;
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);

	assert_int_equal(put(txn, "a"), SCIM_OK);
	plan(w, SCIM__FAULT_COMMIT, 1, SCIM_ERR_STORE, false);
	assert_int_equal(scim__store_commit(txn, NULL), SCIM_ERR_STORE);

	assert_false(has(w, "a"));
	scim__store_rollback(begin(w, SCIM_TXN_WRITE));
}

static void
an_uncertain_commit_is_the_last(void **state)
{
	struct world *w = *state;
	scim_txn *txn = begin(w, SCIM_TXN_WRITE), *untouched = NULL;
	scim_txn *reader = begin(w, SCIM_TXN_READ);
	scim_str value;
	uint64_t n = POISON;

	assert_int_equal(put(txn, "a"), SCIM_OK);
	plan(w, SCIM__FAULT_COMMIT, 1, SCIM_ERR_UNCERTAIN, true);
	assert_int_equal(scim__store_commit(txn, NULL), SCIM_ERR_UNCERTAIN);

	assert_int_equal(scim__store_health(w->store, NULL), SCIM_ERR_STORE);
	assert_int_equal(
	    scim__store_generation(w->store, &n, NULL), SCIM_ERR_STORE);
	assert_int_equal(
	    scim__store_begin(w->store, SCIM_TXN_READ, &untouched, NULL),
	    SCIM_ERR_STORE);
	assert_null(untouched);
	assert_int_equal(scim__store_leaf_get(reader, w->arena,
			     SCIM_SHELF_TOKEN, SCIM_STR("a"), &value, NULL),
	    SCIM_ERR_STORE);
	scim__store_rollback(reader);
}

static void
a_lost_transaction_is_found_out_at_the_savepoint(void **state)
{
	struct world *w = *state;
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);

	assert_int_equal(put(txn, "a"), SCIM_OK);
	assert_int_equal(scim__store_savepoint(txn, NULL), SCIM_OK);
	plan(w, SCIM__FAULT_WRITE, 1, SCIM_ERR_ROLLED_BACK, false);
	assert_int_equal(put(txn, "b"), SCIM_ERR_STORE);
	assert_int_equal(
	    scim__store_rollback_to(txn, NULL), SCIM_ERR_ROLLED_BACK);
	assert_int_equal(put(txn, "c"), SCIM_ERR_STORE);
	assert_int_equal(scim__store_savepoint(txn, NULL), SCIM_ERR_STORE);
	assert_int_equal(scim__store_release(txn, NULL), SCIM_ERR_STORE);
	assert_int_equal(scim__store_commit(txn, NULL), SCIM_ERR_STORE);

	assert_false(has(w, "a"));
	assert_int_equal(scim__store_health(w->store, NULL), SCIM_OK);
}

static int64_t
now_ms(void)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static void
a_delay_alone_changes_nothing_but_the_time(void **state)
{
	struct world *w = *state;
	struct scim__fault slow = {
		.call = SCIM__FAULT_COMMIT, .nth = 1, .delay_ms = 30
	};
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);

	assert_int_equal(put(txn, "a"), SCIM_OK);
	scim__store_fault_plan(w->store, &slow);
	int64_t before = now_ms();
	assert_int_equal(scim__store_commit(txn, NULL), SCIM_OK);
	assert_true(now_ms() - before >= 29);

	assert_true(has(w, "a"));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_begin_that_fails_leaves_nothing_open),
		TEST(the_nth_call_fails_and_no_other),
		TEST(a_plan_can_be_dropped),
		TEST(a_write_whose_answer_is_lost_was_done),
		TEST(a_write_that_fails_was_not_done),
		TEST(a_refusal_passes_through),
		TEST(every_read_can_fail_or_lose_its_answer),
		TEST(a_commit_that_fails_did_nothing),
		TEST(an_uncertain_commit_is_the_last),
		TEST(a_lost_transaction_is_found_out_at_the_savepoint),
		TEST(a_delay_alone_changes_nothing_but_the_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
