/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/private.h"
#include "unit/policy/door.h"

static void
fill(struct door *d, int count)
{
	scim_txn *txn = NULL;

	assert_int_equal(
	    scim__store_begin(d->store, SCIM_TXN_WRITE, &txn, NULL), SCIM_OK);
	for (int i = 0; i < count; i++) {
		scim_str name = scim__str_format(d->arena, "b/%05d", i);

		assert_int_equal(scim__store_leaf_put(txn, SCIM_SHELF_SCHEMA,
				     name, SCIM_STR("{}"), NULL),
		    SCIM_OK);
	}
	assert_int_equal(scim__store_leaf_put(txn, SCIM_SHELF_SCHEMA,
			     SCIM_STR("a/0"), SCIM_STR("{}"), NULL),
	    SCIM_OK);
	assert_int_equal(scim__store_leaf_put(txn, SCIM_SHELF_SCHEMA,
			     SCIM_STR("b0"), SCIM_STR("{}"), NULL),
	    SCIM_OK);
	assert_int_equal(scim__store_commit(txn, NULL), SCIM_OK);
}

static scim_status
count_in_order(
    void *context, scim_arena *arena, const scim_leaf *leaf, scim_error *err)
{
	int *count = context;
	scim_str want = scim__str_format(arena, "b/%05d", *count);

	(void)err;
	assert_true(scim__str_equal(leaf->name, want));
	(*count)++;
	return SCIM_OK;
}

static void
each_of_the_prefix_comes_once_and_in_order(void **state)
{
	/* around one page of 256, two, and none */
	static const int sizes[] = { 0, 1, 255, 256, 257, 512, 700 };

	for (size_t i = 0; i < scim__countof(sizes); i++) {
		struct door d;
		int count = 0;

		door_open(&d);
		fill(&d, sizes[i]);
		const struct scim__visit visit = {
			.store = d.store,
			.shelf = SCIM_SHELF_SCHEMA,
			.prefix = SCIM_STR("b/"),
			.each = count_in_order,
			.context = &count,
		};
		assert_int_equal(scim__policy_visit(&visit, NULL), SCIM_OK);
		assert_int_equal(count, sizes[i]);
		door_close(&d);
	}
}

static scim_status
stop_at_once(
    void *context, scim_arena *arena, const scim_leaf *leaf, scim_error *err)
{
	int *count = context;

	(void)arena;
	(void)leaf;
	(*count)++;
	return scim__fail(err, SCIM_ERR_BUSY, "Stop.");
}

static void
a_failure_ends_the_visit(void **state)
{
	struct door d;
	int count = 0;
	scim_error err = { 0 };

	door_open(&d);
	fill(&d, 3);
	const struct scim__visit visit = {
		.store = d.store,
		.shelf = SCIM_SHELF_SCHEMA,
		.each = stop_at_once,
		.context = &count,
	};
	assert_int_equal(scim__policy_visit(&visit, &err), SCIM_ERR_BUSY);
	assert_int_equal(count, 1);
	assert_string_equal(err.detail, "Stop.");
	door_close(&d);
}

static void
a_document_is_written_in_canonical_form(void **state)
{
	struct door d;
	scim_txn *txn = NULL;
	scim__value v = scim__value_object();
	scim_str text = { NULL, 0 };

	door_open(&d);
	assert_true(scim__object_add(
	    d.arena, &v, SCIM_STR("b"), scim__value_integer(1)));
	assert_true(scim__object_add(
	    d.arena, &v, SCIM_STR("a"), scim__value_bool(true)));
	assert_int_equal(
	    scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, NULL), SCIM_OK);
	assert_int_equal(scim__policy_put(txn, d.arena, SCIM_SHELF_META,
			     SCIM_STR("x"), &v, NULL),
	    SCIM_OK);
	assert_int_equal(scim__store_leaf_get(txn, d.arena, SCIM_SHELF_META,
			     SCIM_STR("x"), &text, NULL),
	    SCIM_OK);
	assert_str(text, "{\"a\":true,\"b\":1}");
	scim__store_rollback(txn);
	door_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_of_the_prefix_comes_once_and_in_order),
		cmocka_unit_test(a_failure_ends_the_visit),
		cmocka_unit_test(a_document_is_written_in_canonical_form),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
