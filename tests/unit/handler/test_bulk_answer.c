/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/bulk_answer.h"

#include "base/error.h"
#include "unit/provider/bulking.h"

#define BEGIN                                                \
	"{\"schemas\":[\"urn:ietf:params:scim:api:messages:" \
	"2.0:BulkResponse\"],\"Operations\":["

static scim_str
answer(const scim__bulk *bulk)
{
	scim_str out = { NULL, 0 };
	scim_error err;

	assert_int_equal(SCIM_OK, scim__bulk_answer(bulk, &out, &err));
	return out;
}

/* @spec 7644-3.7-13, 7644-3.7-14, 7644-3.7-16, 7644-3.7-20, 7644-3.7.3-02 */
static void
each_result_says_what_the_rfc_wants(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	const scim_str list[] = { bulking_user(&d, "q\\\"q", "u", ""),
		SCIM_STR("{\"method\":\"DELETE\",\"path\":\"/Users/x\"}"),
		SCIM_STR("{\"method\":\"PUT\",\"path\":\"/No\\\"pe/x\"}"),
		SCIM_STR("{\"method\":\"DELETE\"}"), SCIM_STR("7") };
	scim__bulk bulk = bulking(&d, bulking_list(&d, list, 5), "");
	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d.err));
	assert_str(answer(&bulk), BEGIN "]}");

	bulk.items[0].state = SCIM__BULK_DONE;
	bulk.items[0].etag = SCIM_STR("W/\"t\"");
	assert_str(answer(&bulk),
	    scim__str_format(d.context.arena,
		BEGIN "{\"location\":\"https://example.com/scim/v2/Users/%s\","
		      "\"method\":\"POST\",\"bulkId\":\"q\\\"q\","
		      "\"version\":\"W/\\\"t\\\"\",\"status\":\"201\"}]}",
		bulk.items[0].id.ptr)
		.ptr);

	for (size_t i = 0; i < bulk.count; i++) {
		bulk.items[i].state = SCIM__BULK_FAILED;
		(void)scim__fail(&bulk.items[i].err, SCIM_ERR_NOT_FOUND, "No.");
	}
	bulk.items[0].etag = (scim_str){ NULL, 0 };
	scim_str text = answer(&bulk);
	assert_contains(text,
	    "[{\"method\":\"POST\",\"bulkId\":\"q\\\"q\",\"status\":\"404\","
	    "\"response\":{\"schemas\":[\"urn:ietf:params:scim:api:messages:"
	    "2.0:Error\"],\"status\":\"404\",\"detail\":\"No.\"}},");
	assert_contains(text,
	    "{\"location\":\"https://example.com/scim/v2/Users/x\","
	    "\"method\":\"DELETE\",\"status\":\"404\",");
	assert_contains(
	    text, "{\"location\":\"https://example.com/scim/v2/No\\\"pe/x\",");
	assert_contains(text, "{\"method\":\"DELETE\",\"status\":\"404\",");
	assert_contains(text, ",{\"status\":\"404\",");
	directory_close(&d);
}

static scim_status
answer_some(scim_arena *arena, void *context)
{
	struct directory *d = context;
	scim__bulk bulk =
	    bulking(d, "{\"method\":\"DELETE\",\"path\":\"/Users/x\"}", "");
	scim_str out;

	assert_int_equal(SCIM_OK, scim__bulk_read(&bulk, &d->err));
	bulk.items[0].state = SCIM__BULK_FAILED;
	(void)scim__fail(&bulk.items[0].err, SCIM_ERR_NOT_FOUND, "No.");
	bulk.arena = arena;
	return scim__bulk_answer(&bulk, &out, &d->err);
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	assert_true(test_fail_each_allocation(answer_some, &d) > 2);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_result_says_what_the_rfc_wants),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
