/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"
#include "lib/directory.h"

/* @spec 7644-3.12-02 */
static void
an_error_is_a_scim_message_with_a_string_status(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_error err = { 0 };

	(void)scim__fail_type(
	    &err, SCIM_ERR_EXISTS, "uniqueness", "\"x\" is taken.");
	assert_str(scim_error_body(arena, 409, &err),
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:Error\"],"
	    "\"status\":\"409\",\"scimType\":\"uniqueness\","
	    "\"detail\":\"\\\"x\\\" is taken.\"}");
	scim_arena_free(arena);
}

static void
a_missing_keyword_is_left_out(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_error err = { 0 };

	(void)scim__fail(&err, SCIM_ERR_VERSION, "Changed.");
	assert_lacks(scim_error_body(arena, 412, &err), "scimType");
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    an_error_is_a_scim_message_with_a_string_status),
		cmocka_unit_test(a_missing_keyword_is_left_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
