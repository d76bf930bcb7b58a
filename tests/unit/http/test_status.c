/* SPDX-License-Identifier: Apache-2.0 */
#include "http/status.h"

#include <stdlib.h>

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
		    scim__http_status(cases[i].status), cases[i].http);
}

static void
every_line_begins_with_its_number(void **state)
{
	static const int statuses[] = { 200, 201, 204, 304, 308, 400, 401, 403,
		404, 405, 408, 409, 410, 411, 412, 413, 414, 415, 428, 429, 431,
		500, 501, 503 };

	for (size_t i = 0; i < scim__countof(statuses); i++)
		assert_int_equal(
		    atoi(scim__http_status_line(statuses[i])), statuses[i]);
	assert_int_equal(atoi(scim__http_status_line(999)), 500);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_error_has_its_status),
		cmocka_unit_test(every_line_begins_with_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
