/* SPDX-License-Identifier: Apache-2.0 */
#include "schema/own.h"

#include <stdio.h>

#include "base/arena.h"
#include "base/str.h"
#include "unit/schema/definitions.h"

static scim_schema_source
source(const char *name, const char *text)
{
	return (scim_schema_source){ scim__str(name), scim__str(text) };
}

static void
definitions_of_lists_come_one_by_one(void **state)
{
	const scim_schema_source sources[] = {
		source("a", THING_SCHEMA("{\"name\":\"a\"}")),
		source("b",
		    "{\"Resources\":[" THING_TYPE("") ",{\"id\":\"urn:y\"}]}"),
		source("c", "[{\"id\":\"URN:Y\",\"name\":\"later\"}]"),
	};
	scim_arena *arena = scim_arena_new(NULL);
	scim__definition *list = NULL;
	size_t count = POISON;

	assert_int_equal(
	    scim__definitions_read(arena, sources, 3, &list, &count, NULL),
	    SCIM_OK);

	assert_int_equal(count, 3);
	assert_str(list[0].id, "urn:x:Thing");
	assert_false(list[0].is_type);
	assert_str(list[1].id, "Thing");
	assert_true(list[1].is_type);
	assert_str(list[2].id, "URN:Y");
	assert_non_null(scim__object_find(&list[2].document, SCIM_STR("name")));
	scim_arena_free(arena);
}

static void
what_is_no_definition_is_refused(void **state)
{
	static const char *const texts[] = { "", "{", "1", "[1]", "{}",
		"{\"id\":7}", "{\"Resources\":[{}]}" };
	scim_arena *arena = scim_arena_new(NULL);
	scim__definition *list = NULL;
	size_t count = POISON;

	for (size_t i = 0; i < scim__countof(texts); i++) {
		const scim_schema_source one = source("f.json", texts[i]);
		scim_error err = { .status = SCIM_OK };

		assert_int_equal(
		    scim__definitions_read(arena, &one, 1, &list, &count, &err),
		    SCIM_ERR_INVALID);
		assert_non_null(strstr(err.detail, "f.json"));
	}
	assert_int_equal(count, POISON);
	scim_arena_free(arena);
}

/* Things by one attribute definition, on top of nothing. */
static scim_registry *
things(const char *attribute, const char *more)
{
	char schema[512], type[512];

	(void)snprintf(schema, sizeof(schema), THING_SCHEMA("%s"), attribute);
	(void)snprintf(type, sizeof(type), THING_TYPE("%s"), more);
	return load_thing(schema, type);
}

static void
what_comes_on_top_replaces_and_the_rest_stays(void **state)
{
	const scim_schema_source more[] = {
		source("s", THING_SCHEMA("{\"name\":\"new\"}")),
		source("t",
		    "{\"id\":\"urn:x:Other\",\"name\":\"Other\",\"attributes\""
		    ":[{\"name\":\"o\"}]}"),
	};
	scim_registry *base = things("{\"name\":\"old\"}", "");
	scim_registry *top = NULL, *twice = NULL;

	assert_int_equal(
	    scim__registry_extend(base, more, 2, &top, NULL), SCIM_OK);
	scim_registry_unref(base);

	assert_null(find_path(top, "Thing", "old"));
	assert_non_null(find_path(top, "Thing", "new"));
	assert_non_null(find_path(top, "User", "userName"));
	assert_non_null(scim__registry_schema(top, SCIM_STR("urn:x:other")));

	assert_int_equal(
	    scim__registry_extend(top, NULL, 0, &twice, NULL), SCIM_OK);
	scim_registry_unref(top);
	assert_non_null(find_path(twice, "Thing", "new"));
	scim_registry_unref(twice);
}

static void
what_does_not_fit_below_is_refused(void **state)
{
	const scim_schema_source bad = source("t",
	    "{\"schemas\":[\"" TYPE_URN "\"],\"name\":\"T\","
	    "\"endpoint\":\"/Users\",\"schema\":\"" USER_URN "\"}");
	scim_registry *base = things("{\"name\":\"a\"}", ""), *top = NULL;
	scim_error err = { .status = SCIM_OK };

	assert_int_equal(
	    scim__registry_extend(base, &bad, 1, &top, &err), SCIM_ERR_INVALID);
	assert_non_null(strstr(err.detail, "/Users"));
	assert_null(top);
	scim_registry_unref(base);
}

static void
types_are_compared_by_what_defines_them(void **state)
{
	static const struct {
		const char *attribute, *more;
		bool same, same_rows;
	} rows[] = {
		{ "{\"name\":\"a\"}", "", true, true },
		{ "{ \"name\" : \"a\" }", "", true, true },
		{ "{\"name\":\"a\",\"required\":true}", "", false, true },
		{ "{\"name\":\"a\"},{\"name\":\"b\"}", "", false, true },
		{ "{\"name\":\"a\",\"x-scimd-indexed\":true}", "", false,
		    false },
		{ "{\"name\":\"a\",\"uniqueness\":\"server\"}", "", false,
		    false },
		{ "{\"name\":\"a\"}", ",\"description\":\"d\"", false, true },
		{ "{\"name\":\"a\"}",
		    ",\"schemaExtensions\":[{\"schema\":\"" ENTERPRISE_URN
		    "\",\"required\":false}]",
		    false, true },
	};
	scim_registry *base = things(rows[0].attribute, "");
	const scim__resource_type *is =
	    scim__registry_type(base, SCIM_STR("Thing"));

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim_registry *other = things(rows[i].attribute, rows[i].more);
		const scim__resource_type *type =
		    scim__registry_type(other, SCIM_STR("Thing"));

		if (scim__type_same(is, type) != rows[i].same ||
		    scim__type_same_rows(is, type) != rows[i].same_rows)
			fail_msg("row %zu", i);
		scim_registry_unref(other);
	}
	scim_registry_unref(base);
}

static void
rows_differ_by_case_and_type(void **state)
{
#define INDEXED "{\"name\":\"a\",\"x-scimd-indexed\":true"
	scim_registry *plain = things(INDEXED "}", "");
	scim_registry *exact = things(INDEXED ",\"caseExact\":true}", "");
	scim_registry *number = things(INDEXED ",\"type\":\"integer\"}", "");
	const scim__resource_type *is =
	    scim__registry_type(plain, SCIM_STR("Thing"));

	assert_true(scim__type_same_rows(is, is));
	assert_false(scim__type_same_rows(
	    is, scim__registry_type(exact, SCIM_STR("Thing"))));
	assert_false(scim__type_same_rows(
	    is, scim__registry_type(number, SCIM_STR("Thing"))));
	scim_registry_unref(plain);
	scim_registry_unref(exact);
	scim_registry_unref(number);
#undef INDEXED
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(definitions_of_lists_come_one_by_one),
		cmocka_unit_test(what_is_no_definition_is_refused),
		cmocka_unit_test(what_comes_on_top_replaces_and_the_rest_stays),
		cmocka_unit_test(what_does_not_fit_below_is_refused),
		cmocka_unit_test(types_are_compared_by_what_defines_them),
		cmocka_unit_test(rows_differ_by_case_and_type),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
