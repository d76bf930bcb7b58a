/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/bind.h"

#include <stdio.h>

#include "filtering.h"
#include "schema/validate.h"

/* @spec 7644-3.4.2.2-03, 7644-3.4.2.2-34, 7644-3.4.2.2-35, 7644-3.4.2.2-39 */
static void
a_name_is_the_attribute_it_names(void **state)
{
	static const struct {
		const char *in, *path;
	} rows[] = {
		{ "s pr", "s" },
		{ "S PR", "s" },
		{ "c.A pr", "c.a" },
		{ "m.$ref pr", "m.$ref" },
		{ "id pr", "id" },
		{ "schemas pr", "schemas" },
		{ "SCHEMAS pr", "schemas" },
		{ "meta.lastmodified pr", "meta.lastModified" },
		{ THING ":s pr", "s" },
		{ "URN:X:A.B:2.0:THING:C.a pr", "c.a" },
		{ EXTRA ":code pr", EXTRA ":code" },
		{ EXTRA ":o.one pr", EXTRA ":o.one" },
		{ "m eq \"x\"", "m.value" },
		{ "m pr", "m" },
		{ "m eq null", "m" },
		{ "v co \"x\"", "v.value" },
		{ "m[type eq \"x\"]", "m" },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim__filter bound;
		scim_error err = { 0 };

		if (bound_to(f, "Thing", rows[i].in, &bound, &err) != SCIM_OK)
			fail_msg("%s\n%s", rows[i].in, err.detail);
		assert_str(bound.root->attribute->path, rows[i].path);
	}
}

/*
 * @spec 7644-3.4.2.2-18, 7644-3.4.2.2-19, 7644-3.4.2.2-27, 7644-3.4.2.2-46
 * @spec 7644-3.4.2.2-47, 7643-4.1.1-17
 */
static void
what_makes_no_sense_is_refused_where_it_stands(void **state)
{
	static const struct {
		const char *in;
		int error_at;
	} rows[] = {
		{ "nosuch eq \"x\"", 1 },
		{ "s pr and nosuch pr", 10 },
		{ "code pr", 1 },
		{ "urn:x:nobody:s pr", 1 },
		{ EXTRA " pr", 1 },
		{ "s.x pr", 1 },
		{ "c.a.b pr", 1 },
		{ "c.nosuch pr", 1 },
		{ "pin eq \"1234\"", 1 },
		{ "pin pr", 1 },
		{ "key sw \"a\"", 1 },
		{ "b gt true", 1 },
		{ "b le false", 1 },
		{ "b co \"t\"", 1 },
		{ "b eq \"maybe\"", 6 },
		{ "b eq 1", 6 },
		{ "x gt \"AA\"", 1 },
		{ "x co \"AA\"", 1 },
		{ "i co 1", 1 },
		{ "i eq \"1\"", 6 },
		{ "d ge true", 6 },
		{ "s eq 1", 6 },
		{ "s eq true", 6 },
		{ "s gt null", 1 },
		{ "s co null", 1 },
		{ "m gt null", 1 },
		{ "t eq 5", 6 },
		{ "t gt \"yesterday\"", 6 },
		{ "t eq \"2011-13-13T04:42:34Z\"", 6 },
		{ "r eq 1", 6 },
		{ "c eq \"x\"", 1 },
		{ "m gt 1", 6 },
		{ "m[nosuch pr]", 3 },
		{ "m[s eq \"x\"]", 3 },
		{ "m[m.type eq \"x\"]", 3 },
		{ "m[primary gt true]", 3 },
		{ "s[value eq \"x\"]", 1 },
		{ "nosuch[value eq \"x\"]", 1 },
		{ "list[type eq \"x\"]", 6 },
		{ "list[value eq 1]", 15 },
		{ "schemas eq 1", 12 },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim__filter bound = { .root = (void *)&bound };
		scim_error err = { 0 };
		char at[32];

		if (bound_to(f, "Thing", rows[i].in, &bound, &err) !=
		    SCIM_ERR_INVALID)
			fail_msg("accepted: %s", rows[i].in);
		(void)snprintf(
		    at, sizeof(at), ", at character %d.", rows[i].error_at);
		assert_string_equal(err.scim_type, "invalidFilter");
		if (strstr(err.detail, at) == NULL)
			fail_msg("%s\n%s", rows[i].in, err.detail);
		assert_ptr_equal(bound.root, &bound);
	}
}

static void
a_sentence_names_the_attribute_and_what_is_wanted(void **state)
{
	static const struct {
		const char *in, *detail;
	} rows[] = {
		{ "nosuch pr",
		    "\"nosuch\" is no attribute of Thing to filter by, at "
		    "character 1." },
		{ "m[s pr]",
		    "\"s\" is no attribute of m to filter by, at character "
		    "3." },
		{ "b gt true",
		    "`gt` makes no sense for the type of b, at character 1." },
		{ "s gt null",
		    "`gt` can't compare s with null, at character "
		    "1." },
		{ "s eq 1",
		    "s is compared with text in double quotes, at "
		    "character 6." },
		{ "c eq \"x\"",
		    "c has parts: name one of them after a dot, at "
		    "character 1." },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim__filter bound;
		scim_error err = { 0 };

		assert_int_equal(SCIM_ERR_INVALID,
		    bound_to(f, "Thing", rows[i].in, &bound, &err));
		assert_string_equal(err.detail, rows[i].detail);
	}
}

/* @spec 7644-3.4.2.1-04, 7644-3.4.2.1-05 */
static void
a_query_over_all_types_may_name_what_another_type_has(void **state)
{
	struct filtering *f = *state;
	struct scim__filter_binding to = binding_of(f, f->arena, "Thing");
	scim__filter tree, bound;
	scim_error err = { 0 };

	to.any_type = true;
	assert_int_equal(SCIM_OK,
	    scim__filter_parse(f->arena,
		SCIM_STR("userName gt \"x\" or emails[type eq \"work\"]"),
		&roomy, &tree, &err));
	assert_int_equal(SCIM_OK, scim__filter_bind(&to, &tree, &bound, &err));
	assert_null(bound.root->first->attribute);
	assert_null(bound.root->first->next->attribute);

	/* the parsed tree is as it was, and binds to the other type too */
	to.type = scim__registry_type(f->registry, SCIM_STR("User"));
	assert_int_equal(SCIM_OK, scim__filter_bind(&to, &tree, &bound, &err));
	assert_str(bound.root->first->attribute->path, "userName");
	assert_null(tree.root->first->attribute);

	assert_int_equal(SCIM_OK,
	    scim__filter_parse(
		f->arena, SCIM_STR("nobody pr"), &roomy, &tree, &err));
	assert_int_equal(
	    SCIM_ERR_INVALID, scim__filter_bind(&to, &tree, &bound, &err));
}

static void
values_are_bound_to_what_they_are_compared_as(void **state)
{
	static const struct {
		const char *in;
		enum scim__filter_as as;
		const char *text;
		int64_t integer;
	} rows[] = {
		{ "s eq \"A\xC3\x89\"", SCIM__AS_FOLDED, "a\xC3\xA9", 0 },
		{ "e eq \"A\"", SCIM__AS_TEXT, "A", 0 },
		{ "r eq \"A\"", SCIM__AS_TEXT, "A", 0 },
		{ "x eq \"QQ==\"", SCIM__AS_TEXT, "QQ==", 0 },
		{ "b eq true", SCIM__AS_BOOLEAN, NULL, 1 },
		{ "b ne \"False\"", SCIM__AS_BOOLEAN, NULL, 0 },
		{ "m[primary eq \"True\"]", SCIM__AS_BOOLEAN, NULL, 1 },
		{ "i gt 1.5", SCIM__AS_INTEGER, NULL, 0 },
		{ "d gt 1", SCIM__AS_REAL, NULL, 0 },
		{ "t eq \"1970-01-01T01:00:01.5+01:00\"", SCIM__AS_TIME, NULL,
		    1500 },
		{ "t sw \"1970\"", SCIM__AS_TEXT, "1970", 0 },
		{ "s ne null", SCIM__AS_NULL, NULL, 0 },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim__filter bound;
		scim_error err = { 0 };

		if (bound_to(f, "Thing", rows[i].in, &bound, &err) != SCIM_OK)
			fail_msg("%s\n%s", rows[i].in, err.detail);
		const struct scim__filter_node *node = bound.root;
		if (node->kind == SCIM__FILTER_WITHIN)
			node = node->first;
		assert_int_equal(node->as, rows[i].as);
		if (rows[i].text != NULL)
			assert_str(node->text, rows[i].text);
		assert_int_equal(node->integer, rows[i].integer);
	}
}

static scim_status
bind_much(scim_arena *arena, void *context)
{
	struct filtering *f = context;
	struct scim__filter_binding to = binding_of(f, arena, "Thing");
	scim__filter tree, bound = { .root = NULL };
	scim_status rc = scim__filter_parse(arena,
	    SCIM_STR("s co \"Ab\" and (i gt 1.5 or m[type pr].value eq \"C\")"),
	    &roomy, &tree, NULL);

	if (rc == SCIM_OK)
		rc = scim__filter_bind(&to, &tree, &bound, NULL);
	assert_int_equal(rc == SCIM_OK, bound.root != NULL);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(bind_much, *state) > 10);
}

static void
a_dot_after_a_urn_is_read_where_it_is_let_through(void **state)
{
	static const char *const texts[] = { EXTRA ".code eq \"x\"",
		EXTRA ".o.one pr", THING ".s eq \"x\"" };
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(texts); i++) {
		struct scim__filter_binding to =
		    binding_of(f, f->arena, "Thing");
		unsigned quirks = 0;
		scim__filter tree, bound;
		scim_error err = { 0 };

		to.quirks = &quirks;
		assert_int_equal(SCIM_OK,
		    scim__filter_parse(
			f->arena, scim__str(texts[i]), &roomy, &tree, &err));
		assert_int_equal(SCIM_ERR_INVALID,
		    scim__filter_bind(&to, &tree, &bound, &err));
		assert_int_equal(quirks, 0);
		to.urn_dots = true;
		assert_int_equal(
		    SCIM_OK, scim__filter_bind(&to, &tree, &bound, &err));
		assert_int_equal(quirks, SCIM__QUIRK_URN_DOT);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_dot_after_a_urn_is_read_where_it_is_let_through),
		cmocka_unit_test(a_name_is_the_attribute_it_names),
		cmocka_unit_test(
		    what_makes_no_sense_is_refused_where_it_stands),
		cmocka_unit_test(
		    a_sentence_names_the_attribute_and_what_is_wanted),
		cmocka_unit_test(
		    a_query_over_all_types_may_name_what_another_type_has),
		cmocka_unit_test(values_are_bound_to_what_they_are_compared_as),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
