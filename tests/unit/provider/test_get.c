/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/directory.h"

static scim_outcome
get_with(struct directory *d, scim_str id, const scim_preconditions *pre)
{
	scim_target target = { SCIM_STR("User"), id };
	scim_expect expect = { .kind = SCIM_EXPECT_PRECONDITIONS,
		.preconditions = pre };
	scim_outcome out = { .kind = SCIM_ABSENT };

	assert_int_equal(SCIM_OK,
	    scim_provider_get(
		d->provider, &d->context, &target, &expect, &out, &d->err));
	return out;
}

/* @spec 9110-13.1.2-03 */
static void
who_has_the_state_is_not_sent_it_again(void **state)
{
	struct directory d;
	scim_etag tag;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	assert_int_equal(SCIM_OK, scim_etag_parse(user.etag, &tag, &d.err));
	scim_preconditions pre = { .if_none_match = {
				       SCIM_ETAGS_LIST, &tag, 1 } };

	scim_outcome out = get_with(&d, user.id, &pre);
	assert_int_equal(out.kind, SCIM_NOT_MODIFIED);
	assert_true(scim__str_equal(out.resource.etag, user.etag));
	assert_int_equal(out.resource.json.len, 0);
	directory_close(&d);
}

static void
an_if_match_that_fails_is_a_mismatch(void **state)
{
	struct directory d;
	scim_etag tag = { SCIM_STR("other"), 1 };

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_preconditions pre = { .if_match = { SCIM_ETAGS_LIST, &tag, 1 } };

	assert_int_equal(get_with(&d, user.id, &pre).kind, SCIM_MISMATCH);
	directory_close(&d);
}

static void
a_strong_tag_carries_the_sequence(void **state)
{
	struct directory d;

	directory_open(&d);
	d.settings.etag = SCIM_ETAG_STRONG;
	scim_resource user = directory_user(&d, "bjensen");

	assert_int_equal(user.etag.ptr[0], '"');
	assert_int_equal(user.etag.len, SCIM_VERSION_TEXT_LEN + 4);
	assert_contains(user.etag, ".1\"");
	directory_close(&d);
}

static void
a_missing_id_is_absent_and_a_missing_type_invalid(void **state)
{
	struct directory d;
	scim_outcome out;

	directory_open(&d);
	assert_int_equal(
	    SCIM_OK, directory_get(&d, "User", SCIM_STR("x"), &out));
	assert_int_equal(out.kind, SCIM_ABSENT);
	assert_int_equal(SCIM_ERR_INVALID,
	    directory_get(&d, "Spaceship", SCIM_STR("x"), &out));
	directory_close(&d);
}

static void
a_caller_without_an_output_is_told(void **state)
{
	struct directory d;
	scim_target target = { SCIM_STR("User"), SCIM_STR("x") };

	directory_open(&d);
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_get(
		d.provider, &d.context, &target, &expect_any, NULL, &d.err));
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_has_the_state_is_not_sent_it_again),
		cmocka_unit_test(an_if_match_that_fails_is_a_mismatch),
		cmocka_unit_test(a_strong_tag_carries_the_sequence),
		cmocka_unit_test(
		    a_missing_id_is_absent_and_a_missing_type_invalid),
		cmocka_unit_test(a_caller_without_an_output_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
