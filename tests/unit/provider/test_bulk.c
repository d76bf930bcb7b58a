/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "unit/provider/bulking.h"

#define ATOMIC                                                     \
	",\"urn:scimd:params:scim:api:messages:2.0:BulkOptions\":" \
	"{\"atomic\":true}"

static scim_str
deletion(struct directory *d, scim_str id, scim_str version)
{
	scim__buf buf;

	scim__buf_init(&buf, d->context.arena, SIZE_MAX);
	scim__buf_printf(&buf,
	    "{\"method\":\"DELETE\",\"path\":\"/Users/%.*s\"", (int)id.len,
	    id.ptr);
	if (version.len > 0)
		scim__buf_printf(&buf, ",\"version\":\"W/\\\"%.*s\\\"\"",
		    (int)version.len, version.ptr);
	scim__buf_add_char(&buf, '}');
	return scim__buf_str(&buf);
}

static bool
is_there(struct directory *d, scim_str id)
{
	scim_outcome out;

	assert_int_equal(SCIM_OK, directory_get(d, "User", id, &out));
	return out.kind == SCIM_DONE;
}

/* @spec 7644-3.7-18, 7644-3.7.3-06 */
static void
a_stale_version_fails_alone(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	scim_resource a = directory_user(&d, "a"), b = directory_user(&d, "b");
	const scim_str list[] = { deletion(&d, a.id, SCIM_STR("stale")),
		deletion(&d, b.id, SCIM_STR("")) };
	scim__bulk bulk = bulking(&d, bulking_list(&d, list, 2), "");
	assert_int_equal(bulking_run(&d, &bulk), 1);

	assert_int_equal(bulk.items[0].state, SCIM__BULK_FAILED);
	assert_int_equal(bulk.items[0].err.status, SCIM_ERR_VERSION);
	assert_true(scim__str_equal(bulk.items[0].etag, a.etag));
	assert_int_equal(bulk.items[1].state, SCIM__BULK_DONE);
	assert_int_equal(bulk.conflicts, 1);
	assert_true(is_there(&d, a.id));
	assert_false(is_there(&d, b.id));
	directory_close(&d);
}

static void
an_atomic_request_does_all_or_nothing(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	scim_resource a = directory_user(&d, "a");
	const scim_str list[] = { deletion(&d, a.id, SCIM_STR("")),
		bulking_user(&d, "u", "u", ""),
		deletion(&d, SCIM_STR("nobody"), SCIM_STR("")) };
	const char *all = bulking_list(&d, list, 3);
	scim__bulk bulk = bulking(&d, all, ATOMIC);
	assert_int_equal(bulking_run(&d, &bulk), 1);
	assert_int_equal(bulk.items[0].err.status, SCIM_ERR_EXISTS);
	assert_int_equal(bulk.items[1].err.status, SCIM_ERR_EXISTS);
	assert_int_equal(bulk.items[2].err.status, SCIM_ERR_NOT_FOUND);
	assert_contains(scim__str(bulk.items[0].err.detail), "number 3");
	assert_true(is_there(&d, a.id));
	assert_false(is_there(&d, bulk.items[1].id));

	bulk = bulking(&d, bulking_list(&d, list, 2), ATOMIC);
	assert_int_equal(bulking_run(&d, &bulk), 1);
	assert_false(is_there(&d, a.id));
	assert_true(is_there(&d, bulk.items[1].id));
	directory_close(&d);
}

static scim_str
large_group(struct directory *d, int members)
{
	scim__buf buf;

	scim__buf_init(&buf, d->context.arena, SIZE_MAX);
	scim__buf_add_z(&buf,
	    "{\"method\":\"POST\",\"path\":\"/Groups\",\"bulkId\":\"g\","
	    "\"data\":{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:"
	    "Group\"],\"displayName\":\"g\",\"members\":[");
	for (int i = 0; i < members; i++)
		scim__buf_printf(
		    &buf, "%s{\"value\":\"m%d\"}", i > 0 ? "," : "", i);
	scim__buf_add_z(&buf, "]}}");
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static void
an_atomic_request_touches_a_thousand_rows(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	d.settings.dangling_members = SCIM_DANGLING_KEEP;
	scim_str one = large_group(&d, 999);
	scim__bulk bulk =
	    bulking(&d, scim__str_copy_z(d.context.arena, one), ATOMIC);
	assert_int_equal(bulking_run(&d, &bulk), 1);
	assert_int_equal(bulk.touched, 1000);

	one = large_group(&d, 1000);
	bulk = bulking(&d, scim__str_copy_z(d.context.arena, one), ATOMIC);
	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&bulk, &d.err));
	assert_int_equal(SCIM_ERR_TOO_LARGE, bulking_turn(&d, &bulk));
	assert_false(bulk.was_refused);
	scim__bulk_release(&bulk);
	directory_close(&d);
}

/* The writer runs a batch that was lost again, turn by turn. */
static void
what_was_lost_with_its_batch_is_run_again(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;

	(void)state;
	directory_open(&d);
	scim_resource a = directory_user(&d, "a");
	const scim_str list[] = { bulking_user(&d, "u", "u", ""),
		bulking_group(&d, "g", "bulkId:u"),
		deletion(&d, SCIM_STR("nobody"), SCIM_STR("")),
		deletion(&d, a.id, SCIM_STR("")) };
	scim__bulk bulk = bulking(&d, bulking_list(&d, list, 4), "");
	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&bulk, &d.err));
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, NULL));
	assert_int_equal(SCIM_OK, scim__bulk_apply(&bulk, txn, &d.err));
	scim__store_rollback(txn);

	assert_int_equal(SCIM_OK, bulking_turn(&d, &bulk));
	scim__bulk_committed(&bulk);
	assert_true(bulk.is_over);
	assert_int_equal(bulk.errors, 1);
	assert_int_equal(SCIM_OK, scim__bulk_finish(&bulk, &d.err));
	assert_int_equal(bulk.items[1].state, SCIM__BULK_DONE);
	assert_int_equal(bulk.items[2].state, SCIM__BULK_FAILED);
	assert_true(is_there(&d, bulk.items[0].id));
	assert_false(is_there(&d, a.id));
	directory_close(&d);
}

static void
what_is_stopped_keeps_what_is_done(void **state)
{
	enum { COUNT = 70 };
	struct directory d;
	scim_str list[COUNT];
	char id[16];
	scim_error why;

	(void)state;
	directory_open(&d);
	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(id, sizeof(id), "u%d", i);
		list[i] = bulking_user(&d, id, id, "");
	}
	scim__bulk bulk = bulking(&d, bulking_list(&d, list, COUNT), "");
	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&bulk, &d.err));
	assert_int_equal(SCIM_OK, bulking_turn(&d, &bulk));
	scim__bulk_committed(&bulk);
	assert_int_equal(SCIM_OK, scim__bulk_prepare(&bulk, &d.err));
	assert_int_equal(SCIM_OK, bulking_turn(&d, &bulk));
	(void)scim__fail(&why, SCIM_ERR_UNCERTAIN, "Who knows.");
	scim__bulk_stop(&bulk, &why);

	assert_true(bulk.is_over);
	assert_int_equal(SCIM_OK, scim__bulk_finish(&bulk, &d.err));
	for (int i = 0; i < COUNT; i++) {
		assert_int_equal(bulk.items[i].state,
		    i < 64 ? SCIM__BULK_DONE : SCIM__BULK_FAILED);
		if (i >= 64)
			assert_int_equal(
			    bulk.items[i].err.status, SCIM_ERR_UNCERTAIN);
	}
	directory_close(&d);
}

/* Only a turn of its own lets a worker see what the password belongs to. */
static void
a_password_for_what_was_just_made_is_hashed_outside(void **state)
{
	static const char second[] =
	    "{\"method\":\"PATCH\",\"path\":\"/Users/bulkId:u\",\"data\":{"
	    "\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],"
	    "\"Operations\":[{\"op\":\"add\",\"path\":\"password\","
	    "\"value\":\"correct horse\"}]}}";
	struct directory d;

	(void)state;
	directory_open(&d);
	const scim_str list[] = { bulking_user(&d, "u", "u", ""),
		SCIM_STR(second), bulking_user(&d, "v", "v", "") };
	const char *all = bulking_list(&d, list, 3);
	scim__bulk bulk = bulking(&d, all, "");
	assert_int_equal(bulking_run(&d, &bulk), 2);
	assert_int_equal(bulk.items[1].state, SCIM__BULK_DONE);
	assert_int_equal(bulk.items[1].hash_count, 1);
	assert_int_equal(bulk.items[2].state, SCIM__BULK_DONE);

	const scim_str other[] = { bulking_user(&d, "u", "w", ""),
		SCIM_STR(second) };
	bulk = bulking(&d, bulking_list(&d, other, 2), ATOMIC);
	assert_int_equal(bulking_run(&d, &bulk), 1);
	assert_int_equal(bulk.items[1].err.status, SCIM_ERR_INVALID);
	assert_contains(scim__str(bulk.items[1].err.detail), "password");
	directory_close(&d);
}

/* @spec 7644-3.7-19 */
static void
what_comes_after_the_last_error_is_left_out(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	const scim_str list[] = { deletion(
				      &d, SCIM_STR("nobody"), SCIM_STR("")),
		bulking_user(&d, "u", "u", "") };
	scim__bulk bulk =
	    bulking(&d, bulking_list(&d, list, 2), ",\"failOnErrors\":1");
	assert_int_equal(bulking_run(&d, &bulk), 1);
	assert_int_equal(bulk.items[1].state, SCIM__BULK_WAITING);
	assert_false(is_there(&d, bulk.items[1].id));
	directory_close(&d);
}

/* Memory that is short for one operation is that one's failure, and of those
 * that need it. */
static scim_status
worst_of(const scim__bulk *bulk)
{
	for (size_t i = 0; i < bulk->count; i++)
		if (bulk->items[i].state == SCIM__BULK_FAILED &&
		    bulk->items[i].err.status != SCIM_ERR_EXISTS)
			return bulk->items[i].err.status;
	return SCIM_OK;
}

static scim_status
run_some(scim_arena *arena, void *context)
{
	struct directory d;

	(void)context;
	directory_open(&d);
	scim_context of_bulk = d.context;
	const scim_str list[] = { bulking_user(&d, "u", "u", ""),
		bulking_group(&d, "g", "bulkId:u"),
		deletion(&d, SCIM_STR("bulkId:u"), SCIM_STR("")) };
	scim__bulk bulk = bulking(&d, bulking_list(&d, list, 3), "");
	of_bulk.arena = arena;
	bulk.request_context = &of_bulk;
	bulk.arena = arena;
	scim_status rc = scim__bulk_read(&bulk, &d.err);
	if (rc == SCIM_OK)
		rc = scim__bulk_prepare(&bulk, &d.err);
	if (rc == SCIM_OK)
		rc = bulking_turn(&d, &bulk);
	if (rc == SCIM_OK)
		scim__bulk_committed(&bulk);
	if (rc == SCIM_OK)
		rc = worst_of(&bulk);
	if (rc == SCIM_OK)
		rc = scim__bulk_finish(&bulk, &d.err);
	scim__bulk_release(&bulk);
	directory_close(&d);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	(void)state;
	assert_true(test_fail_each_allocation(run_some, NULL) > 50);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_stale_version_fails_alone),
		cmocka_unit_test(an_atomic_request_does_all_or_nothing),
		cmocka_unit_test(an_atomic_request_touches_a_thousand_rows),
		cmocka_unit_test(what_was_lost_with_its_batch_is_run_again),
		cmocka_unit_test(what_is_stopped_keeps_what_is_done),
		cmocka_unit_test(
		    a_password_for_what_was_just_made_is_hashed_outside),
		cmocka_unit_test(what_comes_after_the_last_error_is_left_out),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
