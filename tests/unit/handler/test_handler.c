/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "lib/directory.h"

#define USER_URN "urn:ietf:params:scim:schemas:core:2.0:User"

static scim_request
request_for(struct directory *d, scim_operation operation, const char *endpoint)
{
	return (scim_request){ .operation = operation,
		.endpoint = scim__str(endpoint),
		.context = d->context };
}

static scim_response
handle(struct directory *d, const scim_request *request)
{
	scim_response response;

	scim_handle(d->provider, request, d->context.arena, &response);
	return response;
}

static void
a_resource_is_created_read_and_listed(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_request r = request_for(&d, SCIM_OPERATION_CREATE, "/Users");
	r.body = SCIM_STR(
	    "{\"schemas\":[\"" USER_URN "\"],\"userName\":\"bjensen\"}");
	scim_response created = handle(&d, &r);
	assert_int_equal(created.result, SCIM_RESULT_CREATED);
	assert_true(created.etag.len > 0);
	assert_contains(created.location, "https://example.com/scim/v2/Users/");

	r = request_for(&d, SCIM_OPERATION_LIST, "/Users");
	r.filter = SCIM_STR("userName eq \"BJENSEN\"");
	scim_response list = handle(&d, &r);
	assert_int_equal(list.result, SCIM_RESULT_OK);
	assert_contains(list.body, "\"totalResults\":1,");
	assert_contains(list.body, "\"userName\":\"bjensen\"");
	assert_int_equal(list.etag.len, 0);

	r.filter = SCIM_STR("userName eq \"nobody\"");
	list = handle(&d, &r);
	assert_contains(list.body,
	    "\"totalResults\":0,\"startIndex\":1,"
	    "\"itemsPerPage\":0,\"Resources\":[]");
	directory_close(&d);
}

static void
pages_keep_the_order_of_creation(void **state)
{
	struct directory d;
	char name[16];

	directory_open(&d);
	for (int i = 0; i < 25; i++) {
		(void)snprintf(name, sizeof(name), "user-%02d", 24 - i);
		(void)directory_user(&d, name);
	}
	scim_request r = request_for(&d, SCIM_OPERATION_LIST, "/Users");
	r.start_index = SCIM_STR("11");
	r.count = SCIM_STR("10");
	scim_response page = handle(&d, &r);
	assert_contains(page.body,
	    "\"totalResults\":25,\"startIndex\":11,"
	    "\"itemsPerPage\":10,");
	assert_contains(page.body, "\"userName\":\"user-14\"");
	assert_contains(page.body, "\"userName\":\"user-05\"");
	assert_lacks(page.body, "\"userName\":\"user-15\"");
	assert_lacks(page.body, "\"userName\":\"user-04\"");

	r.count = SCIM_STR("0");
	page = handle(&d, &r);
	assert_contains(page.body, "\"totalResults\":25,");
	assert_contains(page.body, "\"Resources\":[]");

	r.count = SCIM_STR("ten");
	page = handle(&d, &r);
	assert_int_equal(page.error.status, SCIM_ERR_INVALID);
	directory_close(&d);
}

#define SEARCH(rest)                                                      \
	SCIM_STR("{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:" \
		 "SearchRequest\"]" rest "}")

/* @spec 7644-3.4.3-02, 7644-3.4.3-04 */
static void
a_search_is_a_list_asked_for_in_the_body(void **state)
{
	struct directory d;

	directory_open(&d);
	(void)directory_user(&d, "ann");
	(void)directory_user(&d, "bob");
	(void)directory_group(&d, "ann's", NULL);
	scim_request r = request_for(&d, SCIM_OPERATION_SEARCH, "/Users");
	r.body =
	    SEARCH(",\"sortBy\":\"userName\",\"sortOrder\":"
		   "\"descending\",\"count\":1,\"attributes\":[\"title\"]");
	scim_response found = handle(&d, &r);
	assert_int_equal(found.result, SCIM_RESULT_OK);
	assert_contains(found.body, "\"totalResults\":2,\"startIndex\":1,");
	assert_contains(found.body, "\"itemsPerPage\":1,");
	assert_lacks(found.body, "userName");

	r.endpoint = SCIM_STR("");
	r.body = SEARCH(",\"filter\":\"displayName pr\"");
	found = handle(&d, &r);
	assert_contains(found.body, "\"totalResults\":1,");
	assert_contains(found.body, "\"displayName\":\"ann's\"");

	r.body = SCIM_STR("{}");
	found = handle(&d, &r);
	assert_int_equal(found.error.status, SCIM_ERR_INVALID);
	directory_close(&d);
}

/* @spec 9110-9.3.3-02 */
static void
a_search_is_never_unmodified(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_request r = request_for(&d, SCIM_OPERATION_SEARCH, "/Users");
	r.body = SEARCH("");
	r.preconditions.if_none_match.kind = SCIM_ETAGS_ANY;
	assert_int_equal(handle(&d, &r).result, SCIM_RESULT_OK);
	r.preconditions.if_none_match.kind = SCIM_ETAGS_ABSENT;
	r.preconditions.if_match.kind = SCIM_ETAGS_ANY;
	assert_int_equal(handle(&d, &r).error.status, SCIM_ERR_VERSION);
	directory_close(&d);
}

/* @spec 7644-3.7-17, 7644-3.7.2-05 */
static void
a_bulk_request_runs_to_its_end(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_request r = request_for(&d, SCIM_OPERATION_BULK, "/Bulk");
	r.body = SCIM_STR(
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "BulkRequest\"],\"Operations\":[{\"method\":\"DELETE\","
	    "\"path\":\"/Users/bulkId:u\"},{\"method\":\"POST\","
	    "\"path\":\"/"
	    "Users\",\"bulkId\":\"u\",\"data\":{\"schemas\":[\"" USER_URN
	    "\"],\"userName\":\"u\"}}]}");
	scim_response response = handle(&d, &r);
	assert_int_equal(response.result, SCIM_RESULT_OK);
	assert_contains(
	    response.body, "\"method\":\"DELETE\",\"status\":\"204\"");
	assert_contains(response.body, "\"status\":\"201\"");

	r.body = SCIM_STR("{}");
	response = handle(&d, &r);
	assert_int_equal(response.error.status, SCIM_ERR_INVALID);
	directory_close(&d);
}

static void
a_failed_if_match_shows_the_current_tag(void **state)
{
	struct directory d;
	scim_etag stale = { SCIM_STR("stale"), 1 };

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_request r = request_for(&d, SCIM_OPERATION_DELETE, "/Users");
	r.id = user.id;
	r.preconditions.if_match =
	    (scim_etag_list){ SCIM_ETAGS_LIST, &stale, 1 };
	scim_response response = handle(&d, &r);

	assert_int_equal(response.error.status, SCIM_ERR_VERSION);
	assert_null(response.error.scim_type);
	assert_true(scim__str_equal(response.etag, user.etag));
	directory_close(&d);
}

static void
discovery_says_what_is_on(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_request r =
	    request_for(&d, SCIM_OPERATION_SERVICE_PROVIDER_CONFIG, "");
	scim_response response = handle(&d, &r);
	assert_contains(response.body, "\"etag\":{\"supported\":true}");
	assert_contains(response.body, "\"patch\":{\"supported\":true}");
	assert_contains(response.body, response.etag.ptr[0] == 'W' ? "W/" : "");

	r = request_for(&d, SCIM_OPERATION_SCHEMAS, "");
	response = handle(&d, &r);
	assert_contains(response.body, "\"id\":\"" USER_URN "\"");
	assert_lacks(response.body, "x-scimd");

	r.id = SCIM_STR(USER_URN);
	response = handle(&d, &r);
	assert_contains(response.body, "\"resourceType\":\"Schema\"");
	assert_contains(response.location, "/Schemas/" USER_URN);

	r.id = SCIM_STR("urn:nobody:knows");
	response = handle(&d, &r);
	assert_int_equal(response.error.status, SCIM_ERR_NOT_FOUND);
	directory_close(&d);
}

/* @spec 7644-4-07, 7644-4-08 */
static void
discovery_is_whole_or_forbidden(void **state)
{
	static const scim_operation cases[] = {
		SCIM_OPERATION_SERVICE_PROVIDER_CONFIG,
		SCIM_OPERATION_RESOURCE_TYPES, SCIM_OPERATION_SCHEMAS
	};
	struct directory d;

	directory_open(&d);
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_request r = request_for(&d, cases[i], "");
		scim_str whole = handle(&d, &r).body;

		r.count = SCIM_STR("1");
		r.start_index = SCIM_STR("2");
		r.sort_by = SCIM_STR("id");
		assert_true(scim__str_equal(whole, handle(&d, &r).body));
		r.filter = SCIM_STR("name eq \"User\"");
		assert_int_equal(
		    handle(&d, &r).error.status, SCIM_ERR_FORBIDDEN);
	}
	directory_close(&d);
}

static void
a_group_of_thousands_is_streamed(void **state)
{
	struct directory d;
	scim_outcome out;
	enum { COUNT = 2500 };
	char *json = malloc(64 * COUNT + 256);

	assert_non_null(json);
	directory_open(&d);
	d.settings.dangling_members = SCIM_DANGLING_KEEP;
	int len = sprintf(json,
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"g\",\"members\":[");
	for (int i = 0; i < COUNT; i++)
		len += sprintf(json + len, "%s{\"value\":\"m-%05d\"}",
		    i > 0 ? "," : "", i);
	(void)sprintf(json + len, "]}");
	assert_int_equal(SCIM_OK, directory_create(&d, "Group", json, &out));

	scim_request r = request_for(&d, SCIM_OPERATION_GET, "/Groups");
	r.id = out.resource.id;
	scim_response response = handle(&d, &r);
	assert_int_equal(response.result, SCIM_RESULT_OK);
	assert_non_null(response.stream);

	size_t total = 0;
	scim_str piece = { NULL, 0 };
	do {
		assert_int_equal(SCIM_OK,
		    response.stream->next(
			response.stream, d.context.arena, &piece, &d.err));
		total += piece.len;
		if (piece.len > 0)
			assert_memory_equal(
			    out.resource.json.ptr + total - piece.len,
			    piece.ptr, piece.len);
	} while (piece.len > 0);
	assert_int_equal(total, out.resource.json.len);
	response.stream->close(response.stream);
	free(json);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_resource_is_created_read_and_listed),
		cmocka_unit_test(pages_keep_the_order_of_creation),
		cmocka_unit_test(a_search_is_a_list_asked_for_in_the_body),
		cmocka_unit_test(a_search_is_never_unmodified),
		cmocka_unit_test(a_bulk_request_runs_to_its_end),
		cmocka_unit_test(a_failed_if_match_shows_the_current_tag),
		cmocka_unit_test(discovery_says_what_is_on),
		cmocka_unit_test(discovery_is_whole_or_forbidden),
		cmocka_unit_test(a_group_of_thousands_is_streamed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
