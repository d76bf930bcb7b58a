/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/provider/bulking.h"

/* `count` users u0, u1, … with `more` in each. */
static const char *
users(struct directory *d, size_t count, const char *more)
{
	scim_str *list = calloc(count, sizeof(*list));
	char id[24];

	assert_non_null(list);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(id, sizeof(id), "u%zu", i);
		list[i] = bulking_user(d, id, id, more);
	}
	const char *out = bulking_list(d, list, count);
	free(list);
	return out;
}

static void
a_slice_has_no_more_than_a_turn_takes(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	scim__bulk bulk = bulking(&d, users(&d, 150, ""), "");
	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&bulk, &d.err));
	assert_int_equal(bulk.prepared, 64);
	assert_false(bulk.has_more);
	scim__bulk_release(&bulk);
	scim__bulk_release(&bulk);

	bulk = bulking(&d, users(&d, 150, ""), "");
	assert_int_equal(bulking_run(&d, &bulk), 3);
	directory_close(&d);
}

static void
a_circle_is_never_split(void **state)
{
	enum { COUNT = 100 };
	struct directory d;
	scim_str list[COUNT + 1];
	char id[16], to[24];

	(void)state;
	directory_open(&d);
	list[0] = bulking_user(&d, "u", "u", "");
	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(id, sizeof(id), "g%d", i);
		(void)snprintf(to, sizeof(to), "bulkId:g%d", (i + 1) % COUNT);
		list[i + 1] = bulking_group(&d, id, to);
	}
	scim__bulk bulk = bulking(&d, bulking_list(&d, list, COUNT + 1), "");
	assert_int_equal(bulking_run(&d, &bulk), 2);
	for (size_t i = 0; i <= COUNT; i++)
		assert_int_equal(bulk.items[i].state, SCIM__BULK_DONE);
	directory_close(&d);
}

/* Hashing eight takes a quarter of a second, a thousand half a minute. */
static void
passwords_are_hashed_a_few_at_a_time(void **state)
{
	static const char options[] =
	    ",\"urn:scimd:params:scim:api:messages:2.0:BulkOptions\":"
	    "{\"atomic\":true}";
	struct directory d;

	(void)state;
	directory_open(&d);
	const char *operations =
	    users(&d, 10, ",\"password\":\"correct horse\"");
	scim__bulk bulk = bulking(&d, operations, "");
	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&bulk, &d.err));
	assert_int_equal(bulk.prepared, 8);
	assert_false(bulk.has_more);
	assert_int_equal(bulk.items[7].hash_count, 1);
	assert_int_equal(bulk.items[8].hash_count, 0);
	scim__bulk_release(&bulk);

	/* All of it is one turn, but not prepared in one. */
	bulk = bulking(&d, operations, options);
	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&bulk, &d.err));
	assert_int_equal(bulk.prepared, 8);
	assert_true(bulk.has_more);
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&bulk, &d.err));
	assert_int_equal(bulk.prepared, 10);
	assert_false(bulk.has_more);
	assert_int_equal(SCIM_OK, bulking_turn(&d, &bulk));
	scim__bulk_committed(&bulk);
	assert_true(bulk.is_over);
	directory_close(&d);
}

/* A worker that hashes a circle of a thousand is gone for a minute. */
static void
a_circle_is_hashed_a_few_at_a_time(void **state)
{
	enum { COUNT = 18 };
	static const char chief[] =
	    ",\"password\":\"correct horse\",\"urn:ietf:params:scim:schemas:"
	    "extension:enterprise:2.0:User\":{\"manager\":{\"value\":"
	    "\"bulkId:u%d\"}}";
	struct directory d;
	scim_str list[COUNT];
	char id[16], more[200];

	(void)state;
	directory_open(&d);
	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(id, sizeof(id), "u%d", i);
		(void)snprintf(more, sizeof(more), chief, (i + 1) % COUNT);
		list[i] = bulking_user(&d, id, id, more);
	}
	scim__bulk bulk = bulking(&d, bulking_list(&d, list, COUNT), "");
	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));
	assert_int_equal(bulk.order.count, 1);
	for (size_t hashed = 8; hashed <= 16; hashed += 8) {
		assert_int_equal(SCIM_OK, scim__bulk_prepare(&bulk, &d.err));
		assert_true(bulk.has_more);
		assert_int_equal(bulk.items[hashed - 1].hash_count, 1);
		assert_int_equal(bulk.items[hashed].hash_count, 0);
	}
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&bulk, &d.err));
	assert_false(bulk.has_more);
	assert_int_equal(bulk.prepared, 1);
	assert_int_equal(SCIM_OK, bulking_turn(&d, &bulk));
	scim__bulk_committed(&bulk);
	assert_true(bulk.is_over);
	for (size_t i = 0; i < COUNT; i++)
		assert_int_equal(bulk.items[i].state, SCIM__BULK_DONE);
	directory_close(&d);
}

static scim_status
prepare_some(scim_arena *arena, void *context)
{
	struct directory *d = context;
	scim_context of_bulk = d->context;
	const scim_str list[] = { bulking_user(d, "u", "u", ""),
		bulking_group(d, "g", "bulkId:g") };
	scim__bulk bulk = bulking(d, bulking_list(d, list, 2), "");

	of_bulk.arena = arena;
	bulk.request_context = &of_bulk;
	bulk.arena = arena;
	scim_status rc = scim__bulk_read(&bulk, &d->err);
	if (rc == SCIM_OK)
		rc = scim__bulk_prepare(&bulk, &d->err);
	scim__bulk_release(&bulk);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	assert_true(test_fail_each_allocation(prepare_some, &d) > 20);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slice_has_no_more_than_a_turn_takes),
		cmocka_unit_test(a_circle_is_never_split),
		cmocka_unit_test(passwords_are_hashed_a_few_at_a_time),
		cmocka_unit_test(a_circle_is_hashed_a_few_at_a_time),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
