/* SPDX-License-Identifier: Apache-2.0 */
#include "http/status.h"

#include <stdlib.h>

#include "lib/test.h"

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
		cmocka_unit_test(every_line_begins_with_its_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
