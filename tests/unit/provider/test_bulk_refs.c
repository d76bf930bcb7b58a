/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/provider/bulking.h"
#include "json/json.h"

static scim_str
data_of(struct directory *d, const struct scim__bulk_item *item)
{
	scim__buf buf;

	scim__buf_init(&buf, d->context.arena, SIZE_MAX);
	scim__json_write(&buf, item->data);
	return scim__buf_str(&buf);
}

/* @spec 7644-3.7.2-01, 7644-3.7.2-02 */
static void
references_become_ids_wherever_they_stand(void **state)
{
	static const char operations[] =
	    "{\"method\":\"PATCH\",\"path\":\"/Groups/bulkId:g\",\"data\":{"
	    "\"Operations\":[{\"op\":\"remove\","
	    "\"path\":\"members[value eq \\\"bulkId:u\\\" or value eq "
	    "\\\"x\\\"]\"},{\"op\":\"add\",\"value\":{\"deep\":[{\"er\":"
	    "\"bulkId:u\"},\"not bulkId:u\"]}}]}},"
	    "{\"method\":\"POST\",\"path\":\"/Groups\",\"bulkId\":\"g\","
	    "\"data\":{}},"
	    "{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"u\","
	    "\"data\":{}}";
	struct directory d;

	(void)state;
	directory_open(&d);
	scim__bulk bulk = bulking(&d, operations, "");
	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));

	assert_true(scim__str_equal(bulk.items[0].id, bulk.items[1].id));
	assert_str(data_of(&d, &bulk.items[0]),
	    scim__str_format(d.context.arena,
		"{\"Operations\":[{\"op\":\"remove\",\"path\":\"members[value "
		"eq \\\"%s\\\" or value eq \\\"x\\\"]\"},{\"op\":\"add\","
		"\"value\":{\"deep\":[{\"er\":\"%s\"},\"not bulkId:u\"]}}]}",
		bulk.items[2].id.ptr, bulk.items[2].id.ptr)
		.ptr);
	assert_int_equal(bulk.items[0].need_count, 3);
	const uint32_t order[] = { 1, 2, 0 };
	assert_memory_equal(bulk.order.nodes, order, sizeof(order));
	directory_close(&d);
}

/* @spec 7644-3.7.2-04 */
static void
an_unknown_reference_breaks_its_operation(void **state)
{
	static const char *const operations[] = {
		"{\"method\":\"DELETE\",\"path\":\"/Users/bulkId:no\"}",
		"{\"method\":\"PUT\",\"path\":\"/Users/x\",\"data\":"
		"{\"a\":\"bulkId:no\"}}",
		"{\"method\":\"PUT\",\"path\":\"/Users/x\",\"data\":"
		"{\"a\":\"bulkId:\"}}",
		"{\"method\":\"PATCH\",\"path\":\"/Users/x\",\"data\":"
		"{\"Operations\":[{\"path\":\"a[b eq \\\"bulkId:no\\\"]\"}]}}",
		"{\"method\":\"PUT\",\"path\":\"/Users/x\",\"data\":"
		"{\"a\":\"bulkId:self\"},\"bulkId\":\"self\"}",
	};
	struct directory d;

	(void)state;
	directory_open(&d);
	for (size_t i = 0; i < scim__countof(operations); i++) {
		scim__bulk bulk = bulking(&d, operations[i], "");

		assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));
		assert_true(bulk.items[0].is_broken);
		assert_string_equal(
		    bulk.items[0].err.scim_type, "invalidValue");
	}
	directory_close(&d);
}

/* @spec 7644-3.7-08 */
static void
two_of_one_bulk_id_refuse_it_all(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	scim__bulk bulk = bulking(&d,
	    "{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"u\","
	    "\"data\":{}},{\"method\":\"DELETE\",\"path\":\"/Users/x\","
	    "\"bulkId\":\"u\"}",
	    "");
	assert_int_equal(SCIM_ERR_INVALID, scim__bulk_read(&bulk, &d.err));
	assert_contains(scim__str(d.err.detail), "\"u\"");
	directory_close(&d);
}

/* @spec 7644-3.7-22 */
static void
operations_on_one_target_keep_their_order(void **state)
{
	static const char operations[] =
	    "{\"method\":\"PUT\",\"path\":\"/Users/x\",\"data\":"
	    "{\"a\":\"bulkId:u\"}},"
	    "{\"method\":\"DELETE\",\"path\":\"/Users/x\"},"
	    "{\"method\":\"DELETE\",\"path\":\"/Users/y\"},"
	    "{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"u\","
	    "\"data\":{}}";
	const uint32_t want[] = { 2, 3, 0, 1 };
	struct directory d;

	(void)state;
	directory_open(&d);
	scim__bulk bulk = bulking(&d, operations, "");
	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));
	assert_int_equal(bulk.order.count, 4);
	assert_memory_equal(bulk.order.nodes, want, sizeof(want));
	directory_close(&d);
}

static scim_status
read_some(scim_arena *arena, void *context)
{
	struct directory *d = context;
	scim_context of_bulk = d->context;
	scim__bulk bulk = bulking(d,
	    "{\"method\":\"POST\",\"path\":\"/Users\",\"bulkId\":\"u\","
	    "\"data\":{}},{\"method\":\"PATCH\",\"path\":\"/Users/bulkId:u\","
	    "\"version\":\"\\\"a\\\"\",\"data\":{\"Operations\":[{\"path\":"
	    "\"a[b eq \\\"bulkId:u\\\"]\"}]}},"
	    "{\"method\":\"DELETE\",\"path\":\"/Users/bulkId:u\"}",
	    "");

	of_bulk.arena = arena;
	bulk.request_context = &of_bulk;
	bulk.arena = arena;
	return scim__bulk_read(&bulk, &d->err);
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	assert_true(test_fail_each_allocation(read_some, &d) > 20);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(references_become_ids_wherever_they_stand),
		cmocka_unit_test(an_unknown_reference_breaks_its_operation),
		cmocka_unit_test(two_of_one_bulk_id_refuse_it_all),
		cmocka_unit_test(operations_on_one_target_keep_their_order),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
