/* SPDX-License-Identifier: Apache-2.0 */
#include "validating.h"

#define STORED                                           \
	"[{\"h\":\"2\",\"note\":\"m\",\"value\":\"b\"}," \
	"{\"h\":\"3\",\"value\":\"z\"},"                 \
	"{\"h\":\"1\",\"note\":\"n\",\"value\":\"a\"}]"
#define OF(name, list) THING_IS "\"" name "\":" list "}"
#define PUT(name, sent, kept)                                       \
	{                                                           \
		.type = "Thing", .request = OF(name, sent),         \
		.want = OF(name, kept), .current = OF(name, STORED) \
	}

/* @spec 7644-3.5.1-01 */
static void
unseen_parts_go_with_their_element(void **state)
{
	static const struct row rows[] = {
		/* Sent back as it was shown, in another order. */
		PUT("open",
		    "[{\"value\":\"b\",\"note\":\"m\"},"
		    "{\"note\":\"n\",\"value\":\"a\"}]",
		    "[{\"value\":\"b\",\"note\":\"m\",\"h\":\"2\"},"
		    "{\"value\":\"a\",\"note\":\"n\",\"h\":\"1\"}]"),
		/* One of them new, one gone, one with a part of its own. */
		PUT("open",
		    "[{\"value\":\"c\"},{\"value\":\"a\",\"note\":\"n\","
		    "\"h\":\"9\"}]",
		    "[{\"value\":\"c\"},{\"value\":\"a\",\"note\":\"n\","
		    "\"h\":\"9\"}]"),
		/* Without an identity, another note is another element. */
		PUT("open", "[{\"value\":\"a\",\"note\":\"x\"}]",
		    "[{\"value\":\"a\",\"note\":\"x\"}]"),
		PUT("known", "[{\"value\":\"a\"}]",
		    "[{\"value\":\"a\",\"h\":\"1\"}]"),
		PUT("known", "[{\"value\":\"a\",\"note\":\"x\"}]",
		    "[{\"value\":\"a\",\"note\":\"x\",\"h\":\"1\"}]"),
	};

	assert_rows(rows);
}

static scim_status
keep_into(scim_arena *arena, void *context)
{
	const struct scim__validation_options options = { .leniency = 0 };
	struct scim__validation v;
	scim__value request, stored;
	scim_status rc = scim__json_parse_trusted(arena,
	    SCIM_STR(THING_IS "\"open\":[{\"value\":\"a\"}]}"), &request, NULL);

	if (rc == SCIM_OK)
		rc = scim__json_parse_trusted(arena,
		    SCIM_STR(THING_IS "\"open\":[{\"h\":\"1\","
				      "\"value\":\"a\"}]}"),
		    &stored, NULL);
	if (rc != SCIM_OK)
		return rc;
	scim__state current = { stored, scim__value_object() };
	return scim__validate(arena, registry,
	    scim__registry_type(registry, SCIM_STR("Thing")), &request,
	    &current, &options, &v, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(keep_into, NULL) > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unseen_parts_go_with_their_element),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
