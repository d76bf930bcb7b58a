/* SPDX-License-Identifier: Apache-2.0 */
#include "http/target.h"

#include "base/arena.h"
#include "lib/test.h"

static void
paths_are_cut_then_decoded_once(void **state)
{
	static const struct {
		const char *raw;
		size_t count;
		const char *last;
	} cases[] = {
		{ "/", 0, NULL },
		{ "/a", 1, "a" },
		{ "/a/", 1, "a" },
		{ "/a//", 2, "" },
		{ "//a", 2, "a" },
		{ "/a/b?", 2, "b" },
		{ "/a/b?c/d", 2, "b" },
		{ "/a/b%2Fc", 2, "b/c" },
		{ "/a/%2541", 2, "%41" },
		{ "/a/b+c", 2, "b+c" },
		{ "/a/%C3%a9", 2, "\xc3\xa9" },
		{ "/a/../b", 3, "b" },
		{ "http://h:1/a/b", 2, "b" },
		{ "HTTPS://h", 0, NULL },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim__target target;

		assert_int_equal(scim__target_parse(arena,
				     scim__str(cases[i].raw), &target, NULL),
		    SCIM_OK);
		assert_false(target.is_foreign);
		assert_int_equal(target.count, cases[i].count);
		if (cases[i].last != NULL)
			assert_str(
			    target.segments[target.count - 1], cases[i].last);
		scim_arena_free(arena);
	}
}

static void
targets_that_are_no_path_of_ours_are_foreign(void **state)
{
	static const char *const cases[] = { "*", "", "a/b", "?x", "http://h?x",
		"/1/2/3/4/5/6/7/8/9/10/11/12/13" };

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim__target target;

		assert_int_equal(scim__target_parse(
				     arena, scim__str(cases[i]), &target, NULL),
		    SCIM_OK);
		assert_true(target.is_foreign);
		scim_arena_free(arena);
	}
}

/* @spec 7644-1.2-01 */
static void
broken_escapes_are_refused(void **state)
{
	static const char *const cases[] = { "%", "%4", "%zz", "a%", "%4g",
		"%00", "%ff", "%c3%28", "%ed%a0%80" };

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim_str path = scim__str_format(arena, "/%s", cases[i]);
		scim_str name = scim__str_format(arena, "%s=", cases[i]);
		scim_str value = scim__str_format(arena, "x=%s", cases[i]);
		scim__target target = { .count = POISON };
		scim__query query;
		scim_error err = { 0 };

		assert_int_equal(scim__target_parse(arena, path, &target, &err),
		    SCIM_ERR_INVALID);
		assert_int_equal(target.count, POISON);
		assert_int_equal(err.status, SCIM_ERR_INVALID);
		assert_int_equal(scim__query_parse(arena, name, &query, NULL),
		    SCIM_ERR_INVALID);
		assert_int_equal(scim__query_parse(arena, value, &query, NULL),
		    SCIM_ERR_INVALID);
		scim_arena_free(arena);
	}
}

static void
queries_come_as_providers_send_them(void **state)
{
	static const struct {
		const char *raw, *filter, *count;
	} cases[] = {
		{ "", NULL, NULL },
		{ "&", NULL, NULL },
		{ "filter=userName+eq+%22x%22&", "userName eq \"x\"", NULL },
		{ "filter=a%20eq%20\"b\"&&count=1", "a eq \"b\"", "1" },
		{ "count=2&filter=a=b", "a=b", "2" },
		{ "%66ilter=%2B", "+", NULL },
		{ "filter", "", NULL },
		{ "Filter=x&unknown=y&unknown=z", NULL, NULL },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim__query query;

		assert_int_equal(scim__query_parse(arena,
				     scim__str(cases[i].raw), &query, NULL),
		    SCIM_OK);
		if (cases[i].filter == NULL)
			assert_null(query.filter.ptr);
		else
			assert_str(query.filter, cases[i].filter);
		if (cases[i].count == NULL)
			assert_null(query.count.ptr);
		else
			assert_str(query.count, cases[i].count);
		scim_arena_free(arena);
	}
}

static void
a_parameter_comes_once(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__query query = { .count = { "poison", 6 } };
	scim_error err;

	assert_int_equal(
	    scim__query_parse(arena, SCIM_STR("count=1&count=1"), &query, &err),
	    SCIM_ERR_INVALID);

	assert_string_equal(err.scim_type, "invalidValue");
	assert_str(query.count, "poison");
	scim_arena_free(arena);
}

static void
every_parameter_has_its_place(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__query q;

	assert_int_equal(
	    scim__query_parse(arena,
		SCIM_STR("attributes=1&excludedAttributes=2&filter=3&sortBy=4"
			 "&sortOrder=5&startIndex=6&count=7&cursor=8"),
		&q, NULL),
	    SCIM_OK);

	assert_str(q.attributes, "1");
	assert_str(q.excluded_attributes, "2");
	assert_str(q.filter, "3");
	assert_str(q.sort_by, "4");
	assert_str(q.sort_order, "5");
	assert_str(q.start_index, "6");
	assert_str(q.count, "7");
	assert_str(q.cursor, "8");
	scim_arena_free(arena);
}

static void
a_bare_quote_is_noticed(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim__target target;

	assert_int_equal(
	    scim__target_parse(arena, SCIM_STR("/a?b=\"c\""), &target, NULL),
	    SCIM_OK);
	assert_true(target.has_raw_quote);
	assert_int_equal(
	    scim__target_parse(arena, SCIM_STR("/a?b=%22"), &target, NULL),
	    SCIM_OK);
	assert_false(target.has_raw_quote);
	scim_arena_free(arena);
}

static scim_status
parse_escaped(scim_arena *arena, void *context)
{
	scim__target target;
	scim__query query;
	scim_status rc = scim__target_parse(
	    arena, SCIM_STR("/%41/%42?filter=%43"), &target, NULL);

	return rc != SCIM_OK
	    ? rc
	    : scim__query_parse(arena, target.query, &query, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(parse_escaped, NULL) > 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(paths_are_cut_then_decoded_once),
		cmocka_unit_test(targets_that_are_no_path_of_ours_are_foreign),
		cmocka_unit_test(broken_escapes_are_refused),
		cmocka_unit_test(queries_come_as_providers_send_them),
		cmocka_unit_test(a_parameter_comes_once),
		cmocka_unit_test(every_parameter_has_its_place),
		cmocka_unit_test(a_bare_quote_is_noticed),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
