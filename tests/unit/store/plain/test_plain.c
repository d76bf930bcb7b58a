/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "lib/array_host.h"
#include "lib/test.h"
#include "store/store.h"

struct world {
	struct array_host host;
	scim_plain_callbacks callbacks;
	scim_store *store;
	scim_error err;
};

static void
open_again(struct world *w)
{
	scim_store_close(w->store);
	assert_int_equal(
	    scim_store_open_plain(&w->callbacks, NULL, &w->store, &w->err),
	    SCIM_OK);
}

static int
set_up(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	if (w == NULL)
		return -1;
	w->callbacks = array_host_callbacks(&w->host);
	open_again(w);
	*state = w;
	return 0;
}

static int
tear_down(void **state)
{
	struct world *w = *state;

	scim_store_close(w->store);
	array_host_release(&w->host);
	free(w);
	return 0;
}

static scim_txn *
begin(struct world *w, scim_txn_mode mode)
{
	scim_txn *txn = NULL;

	assert_int_equal(
	    scim__store_begin(w->store, mode, &txn, &w->err), SCIM_OK);
	return txn;
}

static void
put(struct world *w, scim_txn *txn, const char *name, const char *value)
{
	assert_int_equal(scim__store_leaf_put(txn, SCIM_SHELF_TOKEN,
			     scim__str(name), scim__str(value), &w->err),
	    SCIM_OK);
}

/* Commits three documents, which are three changes for the host. */
static scim_status
commit_three(struct world *w, const char *value)
{
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);

	put(w, txn, "a", value);
	put(w, txn, "b", value);
	put(w, txn, "c", value);
	return scim__store_commit(txn, &w->err);
}

static void
assert_leaf(struct world *w, const char *name, const char *want)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_txn *txn = begin(w, SCIM_TXN_READ);
	scim_str have = SCIM_STR("-");
	scim_status rc = scim__store_leaf_get(
	    txn, arena, SCIM_SHELF_TOKEN, scim__str(name), &have, &w->err);

	assert_true(rc == SCIM_OK || rc == SCIM_ERR_NOT_FOUND);
	assert_str(have, want);
	scim__store_rollback(txn);
	scim_arena_free(arena);
}

static void
it_promises_nothing_that_four_callbacks_can_not_keep(void **state)
{
	const struct world *w = *state;

	assert_int_equal(scim_store_capabilities(w->store), 0);
}

static void
the_host_sees_nothing_before_the_commit(void **state)
{
	struct world *w = *state;
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);

	put(w, txn, "a", "1");
	put(w, txn, "a", "");
	put(w, txn, "b", "1");
	assert_int_equal(w->host.calls, 0);
	scim__store_rollback(txn);
	assert_int_equal(w->host.calls, 0);
	assert_int_equal(w->host.count, 0);

	assert_int_equal(commit_three(w, "1"), SCIM_OK);
	assert_int_equal(w->host.calls, 3);
}

static void
what_was_committed_is_there_when_it_is_opened_again(void **state)
{
	struct world *w = *state;

	assert_int_equal(commit_three(w, "1"), SCIM_OK);
	open_again(w);

	assert_leaf(w, "a", "1");
	assert_leaf(w, "c", "1");
	assert_leaf(w, "d", "-");
}

static void
a_commit_that_fails_at_once_changed_nothing(void **state)
{
	struct world *w = *state;

	assert_int_equal(commit_three(w, "1"), SCIM_OK);
	w->host.fail_at = w->host.calls + 1;
	w->host.status = SCIM_ERR_BUSY;

	assert_int_equal(commit_three(w, "2"), SCIM_ERR_STORE);

	assert_string_equal(w->err.detail, "Told to fail.");
	assert_int_equal(scim__store_health(w->store, NULL), SCIM_OK);
	assert_leaf(w, "a", "1");
	assert_int_equal(commit_three(w, "3"), SCIM_OK);
	assert_leaf(w, "c", "3");
}

static void
out_of_memory_stays_out_of_memory(void **state)
{
	struct world *w = *state;

	w->host.fail_at = 1;
	w->host.status = SCIM_ERR_NO_MEMORY;
	assert_int_equal(commit_three(w, "1"), SCIM_ERR_NO_MEMORY);
}

static void
assert_serves_no_more(struct world *w)
{
	scim_txn *untouched = NULL;

	assert_int_equal(scim__store_health(w->store, &w->err), SCIM_ERR_STORE);
	for (int mode = 0; mode < 3; mode++)
		assert_int_equal(scim__store_begin(w->store,
				     (scim_txn_mode)mode, &untouched, NULL),
		    SCIM_ERR_STORE);
	assert_null(untouched);
}

static void
a_commit_that_fails_in_the_middle_is_uncertain_and_the_last(void **state)
{
	struct world *w = *state;

	w->host.fail_at = 2;
	w->host.status = SCIM_ERR_STORE;

	assert_int_equal(commit_three(w, "1"), SCIM_ERR_UNCERTAIN);

	assert_int_equal(w->err.status, SCIM_ERR_UNCERTAIN);
	assert_serves_no_more(w);
	open_again(w);
	assert_leaf(w, "a", "1");
	assert_leaf(w, "b", "-");
	assert_int_equal(commit_three(w, "2"), SCIM_OK);
	assert_leaf(w, "b", "2");
}

static void
a_host_that_can_not_tell_is_believed(void **state)
{
	struct world *w = *state;

	w->host.fail_at = 1;
	w->host.status = SCIM_ERR_UNCERTAIN;
	assert_int_equal(commit_three(w, "1"), SCIM_ERR_UNCERTAIN);
	assert_serves_no_more(w);
}

static scim_status
get_fails(void *context, scim_arena *arena, scim_str key, scim_str *out,
    scim_error *err)
{
	(void)context;
	(void)arena;
	(void)key;
	(void)out;
	(void)err;
	return SCIM_ERR_INVALID;
}

static scim_status
scan_fails(void *context, scim_str prefix, scim_str from,
    int (*each)(void *argument, scim_str key, scim_str value), void *argument,
    scim_error *err)
{
	(void)context;
	(void)prefix;
	(void)from;
	(void)each;
	(void)argument;
	(void)err;
	return SCIM_ERR_NOT_FOUND;
}

static void
a_read_that_fails_is_a_failure_of_the_store(void **state)
{
	struct world *w = *state;
	scim_arena *arena = scim_arena_new(NULL);
	scim_leaf *leaves = NULL;
	size_t count = POISON;
	scim_str value = SCIM_STR("poison");

	w->callbacks.get = get_fails;
	w->callbacks.scan = scan_fails;
	open_again(w);
	scim_txn *txn = begin(w, SCIM_TXN_READ);
	assert_int_equal(scim__store_leaf_get(txn, arena, SCIM_SHELF_TOKEN,
			     SCIM_STR("a"), &value, &w->err),
	    SCIM_ERR_STORE);
	assert_int_equal(scim__store_leaves(txn, arena, SCIM_SHELF_TOKEN,
			     SCIM_STR(""), 9, &leaves, &count, &w->err),
	    SCIM_ERR_STORE);
	assert_str(value, "poison");
	assert_int_equal(count, POISON);
	scim__store_rollback(txn);
	scim_arena_free(arena);
}

static void
a_key_too_long_for_a_host_is_refused(void **state)
{
	struct world *w = *state;
	char name[5000];
	scim_txn *txn = begin(w, SCIM_TXN_WRITE);
	scim_arena *arena = scim_arena_new(NULL);
	scim_str value = SCIM_STR("poison");
	scim_str longer = { name, sizeof(name) };

	memset(name, 'x', sizeof(name));
	assert_int_equal(scim__store_leaf_put(txn, SCIM_SHELF_TOKEN, longer,
			     SCIM_STR("v"), &w->err),
	    SCIM_ERR_TOO_LARGE);
	assert_int_equal(scim__store_leaf_put(txn, SCIM_SHELF_TOKEN, longer,
			     SCIM_STR(""), &w->err),
	    SCIM_OK);
	assert_int_equal(scim__store_leaf_get(txn, arena, SCIM_SHELF_TOKEN,
			     longer, &value, &w->err),
	    SCIM_ERR_NOT_FOUND);
	assert_str(value, "poison");
	assert_int_equal(scim__store_commit(txn, &w->err), SCIM_OK);
	assert_int_equal(w->host.calls, 0);
	scim_arena_free(arena);
}

static void
damaged_data_is_told_not_trusted(void **state)
{
	struct world *w = *state;
	scim_arena *arena = scim_arena_new(NULL);
	scim_key key = { SCIM_STR("t"), SCIM_STR("User"), SCIM_STR("a") };
	scim_record r = { .position = POISON };
	static const char record_key[] = "Tt\0\1ra\0\1";
	scim_str at = { record_key, sizeof(record_key) - 1 };

	assert_int_equal(
	    w->callbacks.put(&w->host, at, SCIM_STR("not a record"), &w->err),
	    SCIM_OK);
	scim_txn *txn = begin(w, SCIM_TXN_READ);
	assert_int_equal(
	    scim__store_get(txn, arena, &key, 7, &r, &w->err), SCIM_ERR_STORE);
	assert_int_equal(r.position, POISON);
	scim__store_rollback(txn);
	scim_arena_free(arena);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_promises_nothing_that_four_callbacks_can_not_keep),
		TEST(the_host_sees_nothing_before_the_commit),
		TEST(what_was_committed_is_there_when_it_is_opened_again),
		TEST(a_commit_that_fails_at_once_changed_nothing),
		TEST(out_of_memory_stays_out_of_memory),
		TEST(
		    a_commit_that_fails_in_the_middle_is_uncertain_and_the_last),
		TEST(a_host_that_can_not_tell_is_believed),
		TEST(a_read_that_fails_is_a_failure_of_the_store),
		TEST(a_key_too_long_for_a_host_is_refused),
		TEST(damaged_data_is_told_not_trusted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
