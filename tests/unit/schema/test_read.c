/* SPDX-License-Identifier: Apache-2.0 */
#include "definitions.h"

#include "base/arena.h"
#include "schema/read.h"
#include "json/json.h"

static const scim_str path = { "a.b", 3 };
static const scim_str name = { "key", 3 };

static scim__value
object(scim_arena *arena, const char *text)
{
	scim__value value;

	assert_int_equal(
	    scim__json_parse_trusted(arena, scim__str(text), &value, NULL),
	    SCIM_OK);
	return value;
}

static void
what_is_wrong_names_the_place(void **state)
{
	scim_error err = { .status = SCIM_OK };
	struct scim__reading full = { NULL, SCIM_STR("f.json"),
		SCIM_STR("urn:x"), &err };
	struct scim__reading bare = { .err = &err };

	assert_int_equal(
	    scim__read_fail(&full, path, "Mend %d.", 7), SCIM_ERR_INVALID);
	assert_string_equal(err.detail, "f.json: urn:x: a.b: Mend 7.");
	assert_int_equal(scim__read_fail(&bare, (scim_str){ "", 0 }, "Mend."),
	    SCIM_ERR_INVALID);
	assert_string_equal(err.detail, "Mend.");
}

static void
members_of_the_right_type_are_read(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__reading r = { .arena = arena };
	bool flag = false;
	scim_str text = { NULL, 0 };
	const scim_str *list = NULL;
	size_t count = 0;
	scim__value yes = object(arena, "{\"KEY\":true}");
	scim__value word = object(arena, "{\"key\":\"w\"}");
	scim__value words = object(arena, "{\"key\":[\"v\",\"w\"]}");

	assert_int_equal(scim__read_bool(&r, path, &yes, name, &flag), SCIM_OK);
	assert_true(flag);
	assert_int_equal(
	    scim__read_string(&r, path, &word, name, &text), SCIM_OK);
	assert_str(text, "w");
	assert_int_equal(
	    scim__read_strings(&r, path, &words, name, &list, &count), SCIM_OK);
	assert_int_equal(count, 2);
	assert_str(list[1], "w");
}

static void
absent_members_change_nothing(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__reading r = { .arena = arena };
	scim__value without[] = { object(arena, "{\"other\":1}"),
		object(arena, "{\"key\":null}"), object(arena, "[]") };

	for (size_t i = 0; i < scim__countof(without); i++) {
		bool flag = true;
		scim_str text = SCIM_STR("as it was");
		const scim_str *list = &text;
		size_t count = POISON;

		assert_int_equal(
		    scim__read_bool(&r, path, &without[i], name, &flag),
		    SCIM_OK);
		assert_int_equal(
		    scim__read_string(&r, path, &without[i], name, &text),
		    SCIM_OK);
		assert_int_equal(scim__read_strings(&r, path, &without[i], name,
				     &list, &count),
		    SCIM_OK);
		assert_true(flag);
		assert_str(text, "as it was");
		assert_int_equal(count, POISON);
	}
}

static void
members_of_another_type_are_refused(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__reading r = { .arena = arena };
	bool flag = true;
	scim_str text = SCIM_STR("as it was");
	const scim_str *list = NULL;
	size_t count = POISON;
	scim__value word = object(arena, "{\"key\":\"\"}");
	scim__value words = object(arena, "{\"key\":[\"v\",1]}");

	assert_int_equal(
	    scim__read_bool(&r, path, &word, name, &flag), SCIM_ERR_INVALID);
	assert_int_equal(
	    scim__read_string(&r, path, &word, name, &text), SCIM_ERR_INVALID);
	assert_int_equal(
	    scim__read_string(&r, path, &words, name, &text), SCIM_ERR_INVALID);
	assert_int_equal(
	    scim__read_strings(&r, path, &word, name, &list, &count),
	    SCIM_ERR_INVALID);
	assert_int_equal(
	    scim__read_strings(&r, path, &words, name, &list, &count),
	    SCIM_ERR_INVALID);
	assert_true(flag);
	assert_str(text, "as it was");
	assert_int_equal(count, POISON);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_wrong_names_the_place),
		cmocka_unit_test(members_of_the_right_type_are_read),
		cmocka_unit_test(absent_members_change_nothing),
		cmocka_unit_test(members_of_another_type_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
