/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/test.h"
#include "store/store.h"

struct log {
	char text[8192];
	size_t len;
};

static void
note(void *context, const char *line)
{
	struct log *log = context;
	int n = snprintf(
	    log->text + log->len, sizeof(log->text) - log->len, "%s\n", line);

	assert_true(n > 0 && (size_t)n < sizeof(log->text) - log->len);
	log->len += (size_t)n;
}

/* The line says what it was. */
static void
any(scim_status status)
{
	(void)status;
}

static scim_store *
open_traced(struct log *log)
{
	scim_store *inner = NULL, *store = NULL;

	*log = (struct log){ .len = 0 };
	assert_int_equal(scim_store_open_memory(NULL, &inner, NULL), SCIM_OK);
	assert_int_equal(
	    scim__store_trace(inner, note, log, &store, NULL), SCIM_OK);
	return store;
}

static void
it_promises_what_the_store_behind_it_does(void **state)
{
	struct log log;
	scim_store *store = open_traced(&log);

	assert_int_equal(scim_store_capabilities(store),
	    SCIM_STORE_ATOMIC | SCIM_STORE_SNAPSHOTS);
	assert_string_equal(store->ops->name, "trace");
	assert_int_equal(scim__store_check_ops(store->ops, NULL), SCIM_OK);
	scim_store_close(store);
}

static const scim_key key = { { "t", 1 }, { "User", 4 }, { "a", 1 } };

static scim_write
write_of(scim_write_kind kind, const scim_record *record)
{
	return (scim_write){ .kind = kind,
		.key = key,
		.record = record,
		.change = { .operation = SCIM_STR("create"),
		    .actor = SCIM_STR("SECRET"),
		    .via = SCIM_STR("c"),
		    .paths = SCIM_STR("[]"),
		    .content = SCIM_STR("SECRET") } };
}

static void
every_call_is_a_line_with_its_answer(void **state)
{
	struct log log;
	scim_store *store = open_traced(&log);
	scim_arena *arena = scim_arena_new(NULL);
	scim_txn *txn = NULL;
	scim_record r = { .content = SCIM_STR("SECRET"),
		.secret = SCIM_STR("SECRET") };
	scim_record *records;
	scim_member_row member, *members;
	scim_membership *memberships;
	scim_leaf *leaves;
	scim_str text;
	scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("SECRET") };
	scim_write w = write_of(SCIM_WRITE_CREATE, &r);
	scim_write_result result;
	scim_plan plan = { .tenant = SCIM_STR("t"),
		.type = SCIM_STR("User"),
		.attribute = SCIM_STR("userName"),
		.limit = 3 };
	uint64_t n;
	size_t count;

	any(scim__store_begin(store, SCIM_TXN_WRITE, &txn, NULL));
	any(scim__store_savepoint(txn, NULL));
	any(scim__store_write(txn, arena, &w, &result, NULL));
	any(scim__store_write(txn, arena, &w, &result, NULL));
	any(scim__store_rollback_to(txn, NULL));
	w = write_of(SCIM_WRITE_UPDATE, &r);
	any(scim__store_write(txn, arena, &w, &result, NULL));
	any(scim__store_savepoint(txn, NULL));
	any(scim__store_leaf_put(
	    txn, SCIM_SHELF_TOKEN, SCIM_STR("id"), SCIM_STR("SECRET"), NULL));
	any(scim__store_release(txn, NULL));
	any(scim__store_erase_tenant(txn, SCIM_STR("u"), NULL));
	any(scim__store_commit(txn, NULL));
	any(scim__store_begin(store, SCIM_TXN_SNAPSHOT, &txn, NULL));
	any(scim__store_get(txn, arena, &key, 7, &r, NULL));
	any(scim__store_find_unique(txn, arena, &key, &row, &text, NULL));
	any(scim__store_query(txn, arena, &plan, &records, &count, NULL));
	any(scim__store_count(txn, &plan, 3, &n, NULL));
	any(scim__store_member_get(
	    txn, arena, &key, SCIM_STR("m"), &member, NULL));
	any(scim__store_members(
	    txn, arena, &key, SCIM_STR(""), 3, &members, &count, NULL));
	any(scim__store_memberships(txn, arena, SCIM_STR("t"), SCIM_STR("m"),
	    SCIM_STR(""), 3, &memberships, &count, NULL));
	any(scim__store_leaf_get(
	    txn, arena, SCIM_SHELF_TOKEN, SCIM_STR("id"), &text, NULL));
	any(scim__store_leaves(txn, arena, SCIM_SHELF_RESOURCE_TYPE,
	    SCIM_STR(""), 3, &leaves, &count, NULL));
	scim__store_rollback(txn);
	any(scim__store_generation(store, &n, NULL));
	any(scim__store_health(store, NULL));
	scim_store_close(store);
	scim_arena_free(arena);

	assert_string_equal(log.text,
	    "begin write: ok\n"
	    "savepoint: ok\n"
	    "write create t/User/a: ok\n"
	    "write create t/User/a: exists\n"
	    "rollback_to: ok\n"
	    "write update t/User/a: not found\n"
	    "savepoint: ok\n"
	    "leaf_put token id: ok\n"
	    "release: ok\n"
	    "erase_tenant u: ok\n"
	    "commit: ok\n"
	    "begin snapshot: ok\n"
	    "get t/User/a: not found\n"
	    "find_unique t/User userName: not found\n"
	    "query t/User by userName, 3 at most: ok\n"
	    "count t/User by userName: ok\n"
	    "member_get t/User/a m: not found\n"
	    "members t/User/a, 3 at most: ok\n"
	    "memberships t/m, 3 at most: ok\n"
	    "leaf_get token id: ok\n"
	    "leaves resource type, 3 at most: ok\n"
	    "rollback: ok\n"
	    "generation: ok\n"
	    "health: ok\n"
	    "close: ok\n");
	assert_null(strstr(log.text, "SECRET"));
}

static void
a_long_name_is_cut(void **state)
{
	struct log log;
	scim_store *store = open_traced(&log);
	scim_arena *arena = scim_arena_new(NULL);
	char name[4000];
	scim_str id = { name, sizeof(name) };
	scim_key long_key = { id, id, id };
	scim_txn *txn = NULL;
	scim_record r;

	memset(name, 'x', sizeof(name));
	any(scim__store_begin(store, SCIM_TXN_READ, &txn, NULL));
	any(scim__store_get(txn, arena, &long_key, 0, &r, NULL));
	scim__store_rollback(txn);

	assert_true(log.len < 640);
	assert_non_null(strstr(log.text, ": not found\n"));
	scim_store_close(store);
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_promises_what_the_store_behind_it_does),
		cmocka_unit_test(every_call_is_a_line_with_its_answer),
		cmocka_unit_test(a_long_name_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
