/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/provider/bulking.h"

#define OPTIONS "urn:scimd:params:scim:api:messages:2.0:BulkOptions"
#define URN "urn:ietf:params:scim:api:messages:2.0:BulkRequest"

static const char good[] = "{\"method\":\"DELETE\",\"path\":\"/Users/x\"}";

/* @spec 7644-3.7-02, 7644-3.7-03, 7644-3.7-05, 7644-3.7.4-02 */
static void
what_is_wrong_with_the_message_refuses_it_all(void **state)
{
	static const struct {
		const char *body;
		const char *type; /* NULL: none */
	} cases[] = {
		{ "", "invalidSyntax" },
		{ "[]", "invalidSyntax" },
		{ "{}", "invalidSyntax" },
		{ "{\"schemas\":[\"urn:x\"],\"Operations\":[]}",
		    "invalidSyntax" },
		{ "{\"schemas\":[\"" URN "\"]}", "invalidSyntax" },
		{ "{\"schemas\":[\"" URN "\"],\"Operations\":{}}",
		    "invalidSyntax" },
	};
	static const struct {
		const char *text;
	} rests[] = {
		{ ",\"failOnErrors\":-1" },
		{ ",\"failOnErrors\":\"1\"" },
		{ ",\"" OPTIONS "\":1" },
		{ ",\"" OPTIONS "\":{\"atomic\":1}" },
	};
	struct directory d;

	(void)state;
	directory_open(&d);
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__bulk bulk = bulking(&d, "", "");

		bulk.body = scim__str(cases[i].body);
		assert_int_equal(
		    SCIM_ERR_INVALID, scim__bulk_parse(&bulk, &d.err));
		assert_string_equal(d.err.scim_type, cases[i].type);
	}
	for (size_t i = 0; i < scim__countof(rests); i++) {
		scim__bulk bulk = bulking(&d, good, rests[i].text);

		assert_int_equal(
		    SCIM_ERR_INVALID, scim__bulk_parse(&bulk, &d.err));
		assert_string_equal(d.err.scim_type, "invalidValue");
	}
	d.settings.limits.bulk_operations = 1;
	scim_str two = scim__str_format(d.context.arena, "%s,%s", good, good);
	scim__bulk bulk = bulking(&d, two.ptr, "");
	assert_int_equal(SCIM_ERR_TOO_LARGE, scim__bulk_parse(&bulk, &d.err));
	assert_contains(scim__str(d.err.detail), "maxOperations (1)");
	directory_close(&d);
}

/* @spec 7644-3.7-06, 7644-3.7-07, 7644-3.7-10, 7644-3.7-11, 7644-3.7-25 */
static void
what_is_wrong_with_an_operation_breaks_it_alone(void **state)
{
	static const struct {
		const char *operation;
		scim_status want; /* SCIM_OK: it is not broken */
	} cases[] = {
		{ "7", SCIM_ERR_INVALID },
		{ "{}", SCIM_ERR_INVALID },
		{ "{\"method\":\"GET\",\"path\":\"/Users/x\"}",
		    SCIM_ERR_INVALID },
		{ "{\"method\":\"DELETE\"}", SCIM_ERR_INVALID },
		{ "{\"method\":\"DELETE\",\"path\":7}", SCIM_ERR_INVALID },
		{ "{\"method\":\"DELETE\",\"path\":\"/Users\"}",
		    SCIM_ERR_INVALID },
		{ "{\"method\":\"DELETE\",\"path\":\"/Users/\"}",
		    SCIM_ERR_INVALID },
		{ "{\"method\":\"DELETE\",\"path\":\"/\"}",
		    SCIM_ERR_NOT_FOUND },
		{ "{\"method\":\"DELETE\",\"path\":\"/Nope/x\"}",
		    SCIM_ERR_NOT_FOUND },
		{ "{\"method\":\"PUT\",\"path\":\"/Users/x\"}",
		    SCIM_ERR_INVALID },
		{ "{\"method\":\"PUT\",\"path\":\"/Users/x\",\"data\":null}",
		    SCIM_ERR_INVALID },
		{ "{\"method\":\"PUT\",\"path\":\"/Users/x\",\"data\":{}}",
		    SCIM_OK },
		{ "{\"method\":\"POST\",\"path\":\"/Users\",\"data\":{}}",
		    SCIM_ERR_INVALID },
		{ "{\"method\":\"POST\",\"path\":\"/Users\",\"data\":{},"
		  "\"bulkId\":\"\"}",
		    SCIM_ERR_INVALID },
		{ "{\"method\":\"POST\",\"path\":\"/Users/x\",\"data\":{},"
		  "\"bulkId\":\"a\"}",
		    SCIM_ERR_INVALID },
		{ "{\"method\":\"POST\",\"path\":\"/Bulk\",\"data\":{},"
		  "\"bulkId\":\"a\"}",
		    SCIM_ERR_NOT_FOUND },
		{ "{\"method\":\"pOsT\",\"path\":\"/Users\",\"data\":{},"
		  "\"bulkId\":\"a\"}",
		    SCIM_OK },
		{ "{\"method\":\"DELETE\",\"path\":\"/Users/x\","
		  "\"version\":7}",
		    SCIM_OK },
		{ "{\"method\":\"DELETE\",\"path\":\"/Users/x\","
		  "\"Path\":\"/Users/y\"}",
		    SCIM_ERR_INVALID },
	};
	struct directory d;

	(void)state;
	directory_open(&d);
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_str two = scim__str_format(
		    d.context.arena, "%s,%s", cases[i].operation, good);
		scim__bulk bulk = bulking(&d, two.ptr, "");

		assert_int_equal(SCIM_OK, scim__bulk_parse(&bulk, &d.err));
		assert_int_equal(bulk.count, 2);
		assert_int_equal(
		    bulk.items[0].is_broken, cases[i].want != SCIM_OK);
		if (bulk.items[0].is_broken)
			assert_int_equal(
			    bulk.items[0].err.status, cases[i].want);
		assert_false(bulk.items[1].is_broken);
		assert_str(bulk.items[1].id, "x");
	}
	directory_close(&d);
}

/* @spec 7644-3.7-09 */
static void
a_version_is_one_tag(void **state)
{
	static const struct {
		const char *version;
		scim_etag_list_kind want;
	} cases[] = {
		{ "null", SCIM_ETAGS_ABSENT },
		{ "\"*\"", SCIM_ETAGS_ANY },
		{ "\"W/\\\"a\\\"\"", SCIM_ETAGS_LIST },
		{ "\"\\\"a\\\"\"", SCIM_ETAGS_LIST },
		{ "\"\\\"a\\\",\\\"b\\\"\"", SCIM_ETAGS_MALFORMED },
		{ "\"\"", SCIM_ETAGS_MALFORMED },
		{ "\"v7\"", SCIM_ETAGS_MALFORMED },
		{ "7", SCIM_ETAGS_MALFORMED },
		{ "{}", SCIM_ETAGS_MALFORMED },
	};
	struct directory d;

	(void)state;
	directory_open(&d);
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_str operation = scim__str_format(d.context.arena,
		    "{\"method\":\"DELETE\",\"path\":\"/Users/x\","
		    "\"version\":%s}",
		    cases[i].version);
		scim__bulk bulk = bulking(&d, operation.ptr, "");

		assert_int_equal(SCIM_OK, scim__bulk_parse(&bulk, &d.err));
		assert_int_equal(
		    bulk.items[0].expect.if_match.kind, cases[i].want);
	}
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_with_the_message_refuses_it_all),
		cmocka_unit_test(
		    what_is_wrong_with_an_operation_breaks_it_alone),
		cmocka_unit_test(a_version_is_one_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
