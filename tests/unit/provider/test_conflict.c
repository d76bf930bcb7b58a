/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/directory.h"

static void
a_conflict_is_json(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	const scim_str paths[] = { SCIM_STR("displayName"),
		SCIM_STR("emails[type eq \"work\"]") };
	scim_conflict conflict = { .id = SCIM_STR("7"),
		.expected = SCIM_STR("W/\"a\""),
		.current = SCIM_STR("W/\"b\""),
		.message = SCIM_STR("Read again."),
		.paths = paths,
		.path_count = 2 };

	assert_str(scim_conflict_json(arena, &conflict),
	    "{\"id\":\"7\",\"expectedVersion\":\"W/\\\"a\\\"\","
	    "\"currentVersion\":\"W/\\\"b\\\"\",\"message\":\"Read again.\","
	    "\"paths\":[\"displayName\","
	    "\"emails[type eq \\\"work\\\"]\"]}");
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conflict_is_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
