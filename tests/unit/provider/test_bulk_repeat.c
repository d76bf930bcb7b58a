/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/provider/bulking.h"

static uint64_t
users_of(struct directory *d)
{
	const scim_plan plan = { .tenant = d->context.tenant,
		.type = SCIM_STR("User"),
		.attribute = SCIM_STR("") };
	scim_txn *txn = NULL;
	uint64_t count = 0;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, &d->err));
	assert_int_equal(
	    SCIM_OK, scim__store_count(txn, &plan, 1000, &count, &d->err));
	scim__store_rollback(txn);
	return count;
}

static const char *
two_users_and_a_group(struct directory *d)
{
	const scim_str operations[] = { bulking_user(d, "u", "a", ""),
		bulking_user(d, "v", "b", ""),
		bulking_group(d, "g", "bulkId:u") };

	return bulking_list(d, operations, scim__countof(operations));
}

static void
a_repeat_tells_the_same_and_does_nothing(void **state)
{
	struct directory d;

	directory_open(&d);
	d.context.idempotency_key = SCIM_STR("k");
	scim__bulk first = bulking(&d, two_users_and_a_group(&d), "");
	(void)bulking_run(&d, &first);
	scim__bulk second = bulking(&d, two_users_and_a_group(&d), "");
	(void)bulking_run(&d, &second);

	for (size_t i = 0; i < 3; i++) {
		const struct scim__bulk_item *was = &first.items[i];
		const struct scim__bulk_item *is = &second.items[i];

		assert_int_equal(was->state, SCIM__BULK_DONE);
		assert_int_equal(is->state, SCIM__BULK_DONE);
		assert_true(is->was_created);
		assert_true(scim__str_equal(is->id, was->id));
		assert_true(scim__str_equal(is->etag, was->etag));
	}
	assert_int_equal(users_of(&d), 2);
	directory_close(&d);
}

static void
what_was_cut_goes_on_where_it_ended(void **state)
{
	struct directory d;
	scim_error lost = { .status = SCIM_ERR_STORE };
	char operations[70 * 200] = "";
	size_t len = 0;

	directory_open(&d);
	d.context.idempotency_key = SCIM_STR("k");
	for (int i = 0; i < 70; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "u%d", i);
		scim_str one = bulking_user(&d, name, name, "");
		len +=
		    (size_t)snprintf(operations + len, sizeof(operations) - len,
			"%s%.*s", i > 0 ? "," : "", (int)one.len, one.ptr);
	}
	scim__bulk cut = bulking(&d, operations, "");
	assert_int_equal(SCIM_OK, scim__bulk_read(&cut, &d.err));
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&cut, &d.err));
	assert_int_equal(SCIM_OK, bulking_turn(&d, &cut));
	scim__bulk_committed(&cut);
	assert_false(cut.is_over);
	scim__bulk_stop(&cut, &lost);
	uint64_t before = users_of(&d);
	assert_in_range(before, 1, 69);

	scim__bulk whole = bulking(&d, operations, "");
	(void)bulking_run(&d, &whole);
	assert_int_equal(users_of(&d), 70);
	for (size_t i = 0; i < 70; i++) {
		assert_int_equal(whole.items[i].state, SCIM__BULK_DONE);
		if (cut.items[i].state == SCIM__BULK_DONE)
			assert_true(scim__str_equal(
			    cut.items[i].id, whole.items[i].id));
	}
	directory_close(&d);
}

static void
another_message_with_the_key_is_refused(void **state)
{
	struct directory d;

	directory_open(&d);
	d.context.idempotency_key = SCIM_STR("k");
	scim__bulk first = bulking(&d, two_users_and_a_group(&d), "");
	(void)bulking_run(&d, &first);
	scim__bulk second =
	    bulking(&d, two_users_and_a_group(&d), ",\"failOnErrors\":1");
	assert_int_equal(SCIM_ERR_EXISTS, scim__bulk_read(&second, &d.err));
	assert_null(d.err.scim_type);
	directory_close(&d);
}

/* Both were read before either was written: ids of the second are no more
 * than a guess, and whoever refers to them must not be written. */
static void
of_two_at_once_one_is_carried_out(void **state)
{
	struct directory d;

	directory_open(&d);
	d.context.idempotency_key = SCIM_STR("k");
	scim__bulk first = bulking(&d, two_users_and_a_group(&d), "");
	scim__bulk second = bulking(&d, two_users_and_a_group(&d), "");
	assert_int_equal(SCIM_OK, scim__bulk_read(&second, &d.err));
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&second, &d.err));
	(void)bulking_run(&d, &first);
	assert_int_equal(SCIM_OK, bulking_turn(&d, &second));
	scim__bulk_committed(&second);

	assert_true(second.is_over);
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(first.items[i].state, SCIM__BULK_DONE);
		assert_int_equal(second.items[i].state, SCIM__BULK_FAILED);
	}
	assert_int_equal(second.items[0].err.status, SCIM_ERR_BUSY);
	assert_int_equal(users_of(&d), 2);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_repeat_tells_the_same_and_does_nothing),
		cmocka_unit_test(what_was_cut_goes_on_where_it_ended),
		cmocka_unit_test(another_message_with_the_key_is_refused),
		cmocka_unit_test(of_two_at_once_one_is_carried_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
