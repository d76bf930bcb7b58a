/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/log.h"

#include "base/arena.h"
#include "lib/test.h"

static scim_str
line_of(scim_arena *arena, size_t limit, const char *event, ...)
{
	scim__buf buf;
	va_list pairs;

	scim__buf_init(&buf, arena, limit);
	va_start(pairs, event);
	scim__log_line(&buf, 784111777500, SCIM__LOG_WARNING, event, pairs);
	va_end(pairs);
	return scim__buf_failed(&buf) ? (scim_str){ NULL, 0 }
				      : scim__buf_str(&buf);
}

static void
a_line_is_an_object(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	assert_str(line_of(arena, 1000, "full", "disk", "/a \"b\"\n", "left",
		       NULL, NULL),
	    "{\"at\":\"1994-11-06T08:49:37.500Z\",\"level\":\"warning\","
	    "\"event\":\"full\",\"disk\":\"/a \\\"b\\\"\\n\",\"left\":\"\"}");
	assert_str(line_of(arena, 1000, "alone", NULL),
	    "{\"at\":\"1994-11-06T08:49:37.500Z\",\"level\":\"warning\","
	    "\"event\":\"alone\"}");
	scim_arena_free(arena);
}

static void
a_line_has_an_end(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	assert_null(line_of(arena, 20, "long", NULL).ptr);
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_line_is_an_object),
		cmocka_unit_test(a_line_has_an_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
