/* SPDX-License-Identifier: Apache-2.0 */
#include "json/message.h"

#include "lib/test.h"
#include "json/json.h"

static const scim__json_limits limits = { 4096, 32 };

static scim__value
parse(scim_arena *arena, const char *text)
{
	scim__value value;

	assert_int_equal(SCIM_OK,
	    scim__json_parse(arena, scim__str(text), &limits, &value, NULL));
	return value;
}

static void
a_member_is_found_whatever_its_case(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value object = parse(arena, "{\"Path\":1,\"x\":2}");
	const scim__value *found = NULL;

	(void)state;
	assert_int_equal(SCIM_OK,
	    scim__message_find(&object, SCIM_STR("pATH"), &found, NULL));
	assert_int_equal(found->integer, 1);
	assert_int_equal(
	    SCIM_OK, scim__message_find(&object, SCIM_STR("y"), &found, NULL));
	assert_null(found);
	scim_arena_free(arena);
}

static void
a_member_that_is_there_twice_is_refused(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__value object = parse(arena, "{\"Path\":1,\"path\":2}");
	const scim__value *found = &object;
	scim_error err = { 0 };

	(void)state;
	assert_int_equal(SCIM_ERR_INVALID,
	    scim__message_find(&object, SCIM_STR("path"), &found, &err));
	assert_string_equal(err.scim_type, "invalidSyntax");
	assert_ptr_equal(found, &object);
	scim_arena_free(arena);
}

static void
a_message_is_known_by_its_schemas(void **state)
{
	static const struct {
		const char *text;
		scim_status want;
	} cases[] = {
		{ "{\"schemas\":[\"urn:a\"]}", SCIM_OK },
		{ "{\"Schemas\":[7,\"urn:b\",\"URN:A\"]}", SCIM_OK },
		{ "{\"schemas\":[\"urn:b\"]}", SCIM_ERR_INVALID },
		{ "{\"schemas\":\"urn:a\"}", SCIM_ERR_INVALID },
		{ "{\"schemas\":null}", SCIM_ERR_INVALID },
		{ "{}", SCIM_ERR_INVALID },
		{ "{\"schemas\":[\"urn:a\"],\"SCHEMAS\":[]}",
		    SCIM_ERR_INVALID },
	};
	scim_arena *arena = scim_arena_new(NULL);

	(void)state;
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__value message = parse(arena, cases[i].text);

		assert_int_equal(
		    scim__message_check(&message, SCIM_STR("urn:a"), NULL),
		    cases[i].want);
	}
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_member_is_found_whatever_its_case),
		cmocka_unit_test(a_member_that_is_there_twice_is_refused),
		cmocka_unit_test(a_message_is_known_by_its_schemas),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
