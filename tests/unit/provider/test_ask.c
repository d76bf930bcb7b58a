/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/ask.h"

#include "lib/test.h"

#define SEARCH(rest)                                             \
	"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:" \
	"SearchRequest\"]" rest "}"

static const scim_limits limits = { .body_bytes = 4096, .depth = 8 };

static struct scim__ask
parsed(scim_arena *arena, const char *body)
{
	struct scim__ask ask;
	scim_error err = { 0 };

	if (scim__ask_parse(arena, scim__str(body), &limits, &ask, &err) !=
	    SCIM_OK)
		fail_msg("%s: %s", body, err.detail);
	return ask;
}

/* @spec 7644-3.4.3-04, 7644-3.4.3-05, 9865-3-01 */
static void
members_become_what_parameters_are(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	struct scim__ask ask = parsed(arena,
	    SEARCH(",\"attributes\":[\"userName\",\"name.givenName\"],"
		   "\"excludedAttributes\":[\"id\"],\"filter\":\"a pr\","
		   "\"SORTBY\":\"b\",\"sortOrder\":\"descending\","
		   "\"startIndex\":-5,\"count\":10,\"cursor\":\"c\","
		   "\"more\":{}"));

	assert_str(ask.attributes, "userName,name.givenName");
	assert_str(ask.excluded_attributes, "id");
	assert_str(ask.filter, "a pr");
	assert_str(ask.sort_by, "b");
	assert_str(ask.sort_order, "descending");
	assert_str(ask.start_index, "-5");
	assert_str(ask.count, "10");
	assert_str(ask.cursor, "c");
	scim_arena_free(arena);
}

/* @spec 7644-3.4.3-10 */
static void
absent_null_and_empty_ask_for_nothing(void **state)
{
	static const char *const bodies[] = { SEARCH(""),
		SEARCH(",\"attributes\":null,\"excludedAttributes\":[],"
		       "\"filter\":null,\"sortBy\":null,\"sortOrder\":null,"
		       "\"startIndex\":null,\"count\":null,\"cursor\":null") };
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(bodies); i++) {
		struct scim__ask ask = parsed(arena, bodies[i]);

		assert_null(ask.attributes.ptr);
		assert_null(ask.excluded_attributes.ptr);
		assert_null(ask.filter.ptr);
		assert_null(ask.sort_by.ptr);
		assert_null(ask.sort_order.ptr);
		assert_null(ask.start_index.ptr);
		assert_null(ask.count.ptr);
		assert_null(ask.cursor.ptr);
	}
	scim_arena_free(arena);
}

/* @spec 7644-3.4.3-03 */
static void
what_is_no_search_is_refused(void **state)
{
	static const struct {
		const char *body, *scim_type;
	} rows[] = {
		{ "", "invalidSyntax" },
		{ "[]", "invalidSyntax" },
		{ "{}", "invalidSyntax" },
		{ "{\"schemas\":[]}", "invalidSyntax" },
		{ "{\"schemas\":\"urn:ietf:params:scim:api:messages:2.0:"
		  "SearchRequest\"}",
		    "invalidSyntax" },
		{ "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
		  "PatchOp\"]}",
		    "invalidSyntax" },
		{ SEARCH(",\"count\":1,\"Count\":2"), "invalidSyntax" },
		{ SEARCH(",\"count\":\"1\""), "invalidValue" },
		{ SEARCH(",\"count\":1.5"), "invalidValue" },
		{ SEARCH(",\"startIndex\":[1]"), "invalidValue" },
		{ SEARCH(",\"filter\":7"), "invalidValue" },
		{ SEARCH(",\"sortBy\":[\"a\"]"), "invalidValue" },
		{ SEARCH(",\"attributes\":\"userName\""), "invalidValue" },
		{ SEARCH(",\"attributes\":[7]"), "invalidValue" },
		{ SEARCH(",\"excludedAttributes\":{}"), "invalidValue" },
	};
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct scim__ask ask = { .filter = { NULL, POISON } };
		scim_error err = { 0 };

		if (scim__ask_parse(arena, scim__str(rows[i].body), &limits,
			&ask, &err) != SCIM_ERR_INVALID)
			fail_msg("%s", rows[i].body);
		assert_string_equal(err.scim_type, rows[i].scim_type);
		assert_int_equal(ask.filter.len, POISON);
	}
	scim_arena_free(arena);
}

static scim_status
parse_all(scim_arena *arena, void *context)
{
	struct scim__ask ask;

	(void)context;
	return scim__ask_parse(arena,
	    SCIM_STR(SEARCH(",\"attributes\":[\"a\"],\"count\":1")), &limits,
	    &ask, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(parse_all, NULL) > 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(members_become_what_parameters_are),
		cmocka_unit_test(absent_null_and_empty_ask_for_nothing),
		cmocka_unit_test(what_is_no_search_is_refused),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
