/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/call.h"
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_is_switched_off_is_refused_before_all_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
