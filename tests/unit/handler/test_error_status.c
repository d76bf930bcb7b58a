/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/error_status.h"

#include "lib/test.h"

static void
every_error_has_its_status(void **state)
{
	static const struct {
		scim_status status;
		int http;
	} cases[] = {
		{ SCIM_OK, 200 },
		{ SCIM_ERR_NO_MEMORY, 503 },
		{ SCIM_ERR_INVALID, 400 },
		{ SCIM_ERR_NOT_FOUND, 404 },
		{ SCIM_ERR_EXISTS, 409 },
		{ SCIM_ERR_VERSION, 412 },
		{ SCIM_ERR_UNCERTAIN, 503 },
		{ SCIM_ERR_STORE, 500 },
		{ SCIM_ERR_MISUSE, 500 },
		{ SCIM_ERR_REQUIRED, 428 },
		{ SCIM_ERR_FORBIDDEN, 403 },
		{ SCIM_ERR_CREDENTIAL, 401 },
		{ SCIM_ERR_TOO_LARGE, 413 },
		{ SCIM_ERR_BUSY, 503 },
		{ SCIM_ERR_UNSUPPORTED, 501 },
		{ SCIM_ERR_ROLLED_BACK, 500 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++)
		assert_int_equal(
		    scim__error_status(cases[i].status), cases[i].http);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_its_status),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
