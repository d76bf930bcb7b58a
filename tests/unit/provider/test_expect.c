/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of all preconditions is held by version/test_precondition.c and,
 * over HTTP, by the conformance suite; here is what the library's own
 * expectations mean.
 */
#include "lib/directory.h"

#define RENAMED                                                          \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
	"\"userName\":\"other\"}"

static scim_outcome
renamed(struct directory *d, scim_str id, const scim_expect *expect)
{
	scim_outcome out = { .kind = SCIM_ABSENT };

	assert_int_equal(
	    SCIM_OK, directory_replace(d, "User", id, RENAMED, expect, &out));
	return out;
}

static void
one_of_several_versions_is_enough(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_version versions[2] = { { { 0 } }, user.version };
	scim_expect expect = { .kind = SCIM_EXPECT_VERSIONS,
		.versions = versions,
		.version_count = 1 };

	assert_int_equal(renamed(&d, user.id, &expect).kind, SCIM_MISMATCH);
	expect.version_count = 2;
	assert_int_equal(renamed(&d, user.id, &expect).kind, SCIM_DONE);
	directory_close(&d);
}

static void
what_is_expected_absent_must_not_be_there(void **state)
{
	const scim_expect absent = { .kind = SCIM_EXPECT_ABSENT };
	struct directory d;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_outcome out = renamed(&d, user.id, &absent);

	assert_int_equal(out.kind, SCIM_MISMATCH);
	assert_true(scim__str_equal(out.conflict.current, user.etag));
	directory_close(&d);
}

static void
the_conflict_says_what_was_expected(void **state)
{
	struct directory d;
	scim_etag stale = { SCIM_STR("stale"), 1 };
	scim_preconditions pre = { .if_match = { SCIM_ETAGS_LIST, &stale, 1 } };
	scim_expect expect = { .kind = SCIM_EXPECT_PRECONDITIONS,
		.preconditions = &pre };

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_outcome out = renamed(&d, user.id, &expect);
	assert_int_equal(out.kind, SCIM_MISMATCH);
	assert_str(out.conflict.expected, "W/\"stale\"");
	directory_close(&d);
}

static void
a_malformed_header_is_an_error_not_a_mismatch(void **state)
{
	struct directory d;
	scim_outcome out;
	scim_preconditions pre = { .if_match = {
				       SCIM_ETAGS_MALFORMED, NULL, 0 } };
	scim_expect expect = { .kind = SCIM_EXPECT_PRECONDITIONS,
		.preconditions = &pre };

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	assert_int_equal(SCIM_ERR_INVALID,
	    directory_replace(&d, "User", user.id, RENAMED, &expect, &out));
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_of_several_versions_is_enough),
		cmocka_unit_test(what_is_expected_absent_must_not_be_there),
		cmocka_unit_test(the_conflict_says_what_was_expected),
		cmocka_unit_test(a_malformed_header_is_an_error_not_a_mismatch),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
