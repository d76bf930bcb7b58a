/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/call.h"
#include "handler/offer.h"
#include "lib/test.h"
#include "provider/discovery.h"

static void
what_is_switched_off_is_refused_before_all_else(void **state)
{
	const struct {
		scim_request request;
		unsigned feature;
	} cases[] = {
		{ { .operation = SCIM_OPERATION_PATCH }, SCIM__FEATURE_PATCH },
		{ { .operation = SCIM_OPERATION_BULK }, SCIM__FEATURE_BULK },
		{ { .operation = SCIM_OPERATION_LIST, .cursor = SCIM_STR("") },
		    SCIM__FEATURE_CURSOR },
		{ { .operation = SCIM_OPERATION_LIST,
		      .sort_by = SCIM_STR("userName") },
		    SCIM__FEATURE_SORT },
		{ { .operation = SCIM_OPERATION_SEARCH },
		    SCIM__FEATURE_SEARCH },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		bool on = (SCIM__FEATURES & cases[i].feature) != 0;
		scim_error err = { 0 };

		assert_int_equal(scim__call_offered(&cases[i].request, &err),
		    on ? SCIM_OK : SCIM_ERR_UNSUPPORTED);
	}
}

static void
a_patch_goes_without_a_body_when_asked_or_when_members_are_many(void **state)
{
	static const scim__attribute members = { .relation = true };
	static const scim__resource_type user = { .relation = NULL };
	static const scim__resource_type group = { .relation = &members };
	static const struct {
		scim_request request;
		bool projected, user, group;
	} cases[] = {
		{ { .operation = SCIM_OPERATION_PATCH }, false, false, true },
		{ { .operation = SCIM_OPERATION_PATCH }, true, false, false },
		{ { .operation = SCIM_OPERATION_PATCH, .is_merge = 1 }, false,
		    false, false },
		{ { .operation = SCIM_OPERATION_PATCH,
		      .prefer = SCIM_PREFER_MINIMAL },
		    false, true, true },
		{ { .operation = SCIM_OPERATION_PATCH,
		      .prefer = SCIM_PREFER_REPRESENTATION },
		    false, false, false },
		{ { .operation = SCIM_OPERATION_REPLACE,
		      .prefer = SCIM_PREFER_MINIMAL },
		    false, false, false },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		const scim_request *r = &cases[i].request;
		const scim__projection *p =
		    cases[i].projected ? (const void *)&user : NULL;

		assert_int_equal(
		    scim__offer_bodiless(r, &user, p), cases[i].user);
		assert_int_equal(
		    scim__offer_bodiless(r, &group, p), cases[i].group);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_switched_off_is_refused_before_all_else),
		cmocka_unit_test(
		    a_patch_goes_without_a_body_when_asked_or_when_members_are_many),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
