/* SPDX-License-Identifier: Apache-2.0 */
#include "validating.h"

#define STORED                                                  \
	THING_IS "\"c\":{\"a\":\"1\",\"h\":\"2\",\"p\":\"3\"}," \
		 "\"fixed\":\"f\",\"hidden\":\"h\",\"s\":\"old\"}"
#define SECRET "{\"pin\":\"old\"}"
#define PUT(sent, kept, kept_secret)                              \
	{                                                         \
		.type = "Thing", .request = THING_IS sent "}",    \
		.want = THING_IS kept "}", .secret = kept_secret, \
		.current = STORED, .current_secret = SECRET       \
	}
#define NO(sent, why)                                                       \
	{                                                                   \
		.type = "Thing", .request = THING_IS sent "}", .want = why, \
		.current = STORED, .current_secret = SECRET,                \
		.scim_type = "mutability"                                   \
	}

/* @spec 7644-3.5.1-01, 7644-3.5.1-02, 7644-3.5.1-03 */
static void
what_the_client_could_not_see_stays(void **state)
{
	static const struct row rows[] = {
		/* Everything left out: what could be seen is cleared. */
		PUT("\"b\":true",
		    "\"b\":true,\"fixed\":\"f\",\"hidden\":\"h\","
		    "\"c\":{\"a\":\"1\",\"h\":\"2\"}",
		    SECRET),
		PUT("\"hidden\":\"new\",\"pin\":\"new\",\"c\":{\"h\":\"n\","
		    "\"p\":\"n\"}",
		    "\"fixed\":\"f\",\"hidden\":\"new\","
		    "\"c\":{\"h\":\"n\",\"p\":\"n\",\"a\":\"1\"}",
		    "{\"pin\":\"new\"}"),
		/* Said to be nothing, it goes. */
		PUT("\"hidden\":null,\"pin\":[],\"c\":{\"h\":null}",
		    "\"fixed\":\"f\",\"c\":{\"a\":\"1\"}", "{}"),
	};

	assert_rows(rows);
}

/* @spec 7644-3.5.1-04, 7644-3.5.1-05, 7644-3.5.1-06, 7643-7-15 */
static void
immutable_values_must_match(void **state)
{
#define WHY " is immutable and has a value: send that value or leave it out."
#define LIST(items) "\"fixedList\":[" items "]"
#define AB "{\"value\":\"a\"},{\"value\":\"b\",\"a\":\"1\"}"
	static const struct row rows[] = {
		PUT("\"fixed\":\"f\",\"c\":{\"a\":\"1\"}",
		    "\"fixed\":\"f\",\"hidden\":\"h\","
		    "\"c\":{\"a\":\"1\",\"h\":\"2\"}",
		    SECRET),
		NO("\"fixed\":\"F\"", "fixed" WHY),
		NO("\"fixed\":null", "fixed" WHY),
		NO("\"c\":{\"a\":\"2\"}", "c.a" WHY),
		NO("\"c\":{\"a\":null,\"p\":\"1\"}", "c.a" WHY),
		NO("\"c\":null", "c.a" WHY),
		{ .type = "Thing",
		    .request = THING_IS "\"fixed\":\"f\"}",
		    .want = THING_IS "\"fixed\":\"f\"}",
		    .current = THING_IS "\"s\":\"x\"}" },
		{ .type = "Thing",
		    .request = THING_IS "\"c\":{\"a\":\"1\"}}",
		    .want = THING_IS "\"c\":{\"a\":\"1\"}}",
		    .current = THING_IS "\"c\":{\"p\":\"x\"}}" },
		{ .type = "Thing",
		    .request = THING_IS LIST(
			"{\"a\":\"1\",\"value\":\"b\"},{\"value\":\"a\"}") "}",
		    .want = THING_IS LIST(
			"{\"value\":\"b\",\"a\":\"1\"},{\"value\":\"a\"}") "}",
		    .current = THING_IS LIST("{\"value\":\"a\"},{\"a\":\"1\","
					     "\"value\":\"b\"}") "}" },
		{ .type = "Thing",
		    .request = THING_IS LIST("{\"value\":\"a\"}") "}",
		    .want = "fixedList" WHY,
		    .current = THING_IS LIST(AB) "}",
		    .scim_type = "mutability" },
		{ .type = "Thing",
		    .request = THING_IS LIST("") "}",
		    .want = "fixedList" WHY,
		    .current = THING_IS LIST(AB) "}",
		    .scim_type = "mutability" },
	};

	assert_rows(rows);
}

static void
extensions_keep_what_is_theirs(void **state)
{
#define EXTRA_STORED \
	EXTRA_IS "\"urn:x:Extra\":{\"code\":\"1\",\"hidden\":\"h\"}}"
#define EXTRA_SECRET "{\"urn:x:Extra\":{\"key\":\"k\"}}"
	static const struct row rows[] = {
		{ .type = "Thing",
		    .request = THING_IS
		    "\"urn:x:Extra\":{\"code\":\"2\",\"hidden\":null}}",
		    .want = EXTRA_IS "\"urn:x:Extra\":{\"code\":\"2\"}}",
		    .current = EXTRA_STORED,
		    .current_secret = EXTRA_SECRET,
		    .secret = EXTRA_SECRET },
		{ .type = "Thing",
		    .request = THING_IS "\"urn:x:Extra\":null}",
		    .want = "{\"schemas\":[\"urn:x:Thing\"]}",
		    .current = EXTRA_STORED,
		    .current_secret = EXTRA_SECRET,
		    .secret = "{}" },
		/* What stays needs its required neighbour. */
		{ .type = "Thing",
		    .request = THING_IS "\"s\":\"1\"}",
		    .want = "urn:x:Extra:code is required: send it with a "
			    "value.",
		    .current = EXTRA_STORED,
		    .current_secret = EXTRA_SECRET,
		    .scim_type = "invalidValue" },
	};

	assert_rows(rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_the_client_could_not_see_stays),
		cmocka_unit_test(immutable_values_must_match),
		cmocka_unit_test(extensions_keep_what_is_theirs),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
