/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/parse.h"

#include <stdio.h>
#include <stdlib.h>

#include "filtering.h"

/* The tree as text, with parentheses around every operand. */
static void
show(scim__buf *buf, const struct scim__filter_node *node)
{
	static const char *const names[] = { "and", "or", "not" };

	switch (node->kind) {
	case SCIM__FILTER_AND:
	case SCIM__FILTER_OR:
	case SCIM__FILTER_NOT:
		scim__buf_printf(buf, "(%s", names[node->kind]);
		for (node = node->first; node != NULL; node = node->next) {
			scim__buf_add_char(buf, ' ');
			show(buf, node);
		}
		scim__buf_add_char(buf, ')');
		return;
	case SCIM__FILTER_WITHIN:
		scim__buf_printf(
		    buf, "%.*s[", (int)node->path.len, node->path.ptr);
		show(buf, node->first);
		scim__buf_add_char(buf, ']');
		return;
	case SCIM__FILTER_PRESENT:
		scim__buf_printf(
		    buf, "%.*s?", (int)node->path.len, node->path.ptr);
		return;
	case SCIM__FILTER_COMPARE:
		break;
	}
	scim__buf_printf(buf, "%.*s %s ", (int)node->path.len, node->path.ptr,
	    scim__filter_op_names[node->op]);
	scim__json_write(buf, &node->value);
}

struct row {
	const char *in, *want;
};

static void
check_rows(struct filtering *f, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		scim__filter tree;
		scim__buf buf;
		scim_error err = { 0 };

		if (scim__filter_parse(f->arena, scim__str(rows[i].in), &roomy,
			&tree, &err) != SCIM_OK)
			fail_msg("%s\n%s", rows[i].in, err.detail);
		scim__buf_init(&buf, f->arena, SIZE_MAX);
		show(&buf, tree.root);
		assert_str(scim__buf_str(&buf), rows[i].want);
	}
}

/* @spec 7644-3.4.2.2-07, 7644-3.4.2.2-24, 7644-3.4.2.2-37 */
static void
not_binds_before_and_before_or(void **state)
{
	static const struct row rows[] = {
		{ "a pr", "a?" },
		{ "a pr and b pr", "(and a? b?)" },
		{ "a pr or b pr and c pr", "(or a? (and b? c?))" },
		{ "a pr and b pr or c pr", "(or (and a? b?) c?)" },
		{ "(a pr or b pr) and c pr", "(and (or a? b?) c?)" },
		{ "a pr and b pr and c pr", "(and a? b? c?)" },
		{ "a pr and (b pr and c pr)", "(and a? (and b? c?))" },
		{ "not (a pr) and b pr", "(and (not a?) b?)" },
		{ "not(a pr or b pr)", "(not (or a? b?))" },
		{ "NOT ( a pr )", "(not a?)" },
		{ "((a pr))", "a?" },
		{ "not (not (a pr))", "(not (not a?))" },
		{ "not pr AND and pr Or or eq 1",
		    "(or (and not? and?) or eq "
		    "1)" },
	};

	check_rows(*state, rows, scim__countof(rows));
}

/* @spec 7644-3.4.2.2-04, 7644-3.4.2.2-31 */
static void
values_are_json_and_operators_of_any_case(void **state)
{
	static const struct row rows[] = {
		{ "a eq \"x\"", "a eq \"x\"" },
		{ "a Eq \"\\u0041\\\"b\"", "a eq \"A\\\"b\"" },
		{ "a NE null", "a ne null" },
		{ "a co true", "a co true" },
		{ "a sw False", "a sw false" },
		{ "a ew -0.5", "a ew -0.5" },
		{ "a GT 1e3", "a gt 1000.0" },
		{ "a ge 12345678901234567890123",
		    "a ge "
		    "12345678901234567890123" },
		{ "a lt 0", "a lt 0" },
		{ "a lE \"\"", "a le \"\"" },
		{ " \ta   eq\t1 ", "a eq 1" },
	};

	check_rows(*state, rows, scim__countof(rows));
}

/* @spec 7644-3.4.2.2-25, 7644-3.4.2.2-29, 7644-3.4.2.2-34 */
static void
brackets_and_urns_are_read(void **state)
{
	static const struct row rows[] = {
		{ "m[a eq 1]", "m[a eq 1]" },
		{ "m[a eq 1 or not (b pr and c pr)] and d pr",
		    "(and m[(or a eq 1 (not (and b? c?)))] d?)" },
		{ "urn:ietf:params:scim:schemas:core:2.0:User:userName sw "
		  "\"J\"",
		    "urn:ietf:params:scim:schemas:core:2.0:User:userName sw "
		    "\"J\"" },
		{ "urn:x:2.0:U:m[a.b eq 1]", "urn:x:2.0:U:m[a.b eq 1]" },
		{ "members.$ref eq \"x\"", "members.$ref eq \"x\"" },
		/* as directories write it */
		{ "m[t eq \"w\"].v eq \"x\"",
		    "m[(and t eq \"w\" v eq \"x\")]" },
		{ "m[a pr or b pr].v pr or c pr",
		    "(or m[(and (or a? b?) v?)] c?)" },
	};

	check_rows(*state, rows, scim__countof(rows));
}

/* @spec 7644-3.4.2.2-49 */
static void
the_examples_of_the_rfc_are_read(void **state)
{
	static const char *const examples[] = {
		"userName eq \"bjensen\"",
		"name.familyName co \"O'Malley\"",
		"userName sw \"J\"",
		"urn:ietf:params:scim:schemas:core:2.0:User:userName sw \"J\"",
		"title pr",
		"meta.lastModified gt \"2011-05-13T04:42:34Z\"",
		"meta.lastModified ge \"2011-05-13T04:42:34Z\"",
		"meta.lastModified lt \"2011-05-13T04:42:34Z\"",
		"meta.lastModified le \"2011-05-13T04:42:34Z\"",
		"title pr and userType eq \"Employee\"",
		"title pr or userType eq \"Intern\"",
		"schemas eq \"urn:ietf:params:scim:schemas:extension:"
		"enterprise:2.0:User\"",
		"userType eq \"Employee\" and (emails co \"example.com\" or "
		"emails.value co \"example.org\")",
		"userType ne \"Employee\" and not (emails co \"example.com\" "
		"or emails.value co \"example.org\")",
		"userType eq \"Employee\" and (emails.type eq \"work\")",
		"userType eq \"Employee\" and emails[type eq \"work\" and "
		"value co \"@example.com\"]",
		"emails[type eq \"work\" and value co \"@example.com\"] or "
		"ims[type eq \"xmpp\" and value co \"@foo.com\"]",
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(examples); i++) {
		scim__filter bound;
		scim_error err = { 0 };

		if (bound_to(f, "User", examples[i], &bound, &err) != SCIM_OK)
			fail_msg("%s\n%s", examples[i], err.detail);
	}
}

/* @spec 7644-3.4.2.2-05, 7644-3.4.2.2-06, 7644-3.4.2.2-28, 7644-3.4.2.2-30 */
static void
anything_else_is_refused_where_it_goes_wrong(void **state)
{
	static const struct {
		const char *in;
		int error_at;
	} rows[] = {
		{ "", 1 },
		{ "   ", 4 },
		{ "a", 2 },
		{ "a ", 3 },
		{ "eq \"x\"", 4 },
		{ "a eq", 5 },
		{ "a eq ", 6 },
		{ "a eq b", 6 },
		{ "a eq 'b'", 6 },
		{ "a eq \"b", 6 },
		{ "a eq\"b\"", 5 },
		{ "a regex \"b\"", 3 },
		{ "a = \"b\"", 3 },
		{ "a == \"b\"", 3 },
		{ "a eq \"b\" c", 10 },
		{ "a eq 1 2", 8 },
		{ "a eq 01", 6 },
		{ "a eq 1.", 6 },
		{ "a eq .5", 6 },
		{ "a eq NaN", 6 },
		{ "a eq +1", 6 },
		{ "a eq [1]", 6 },
		{ "a eq {}", 6 },
		{ "a eq \"\\x\"", 6 },
		{ "a eq \"\\ud800\"", 6 },
		{ "a eq \"\n\"", 6 },
		{ "a eq \"\xFF\"", 6 },
		{ "a pr and", 9 },
		{ "a pr and and b pr", 14 },
		{ "and b pr", 5 },
		{ "a pr b pr", 6 },
		{ "(a pr)and (b pr)", 7 },
		{ "(a pr) and(b pr)", 11 },
		{ "a eq \"x\"or b pr", 9 },
		{ "(a pr", 6 },
		{ "a pr)", 5 },
		{ "()", 2 },
		{ "not a pr", 5 },
		{ "not (a pr", 10 },
		{ "not", 4 },
		{ "m[a pr", 7 },
		{ "m[]", 3 },
		{ "m[a pr]]", 8 },
		{ "m[a pr)", 7 },
		{ "m[n[a pr]]", 4 },
		{ "m[a pr and n[b pr]]", 13 },
		{ "m[(n[b pr])]", 5 },
		{ "m[a pr] eq 1", 9 },
		{ "m[a pr].", 9 },
		{ "m[a pr]. eq 1", 9 },
		{ "m[a pr].v", 10 },
		{ "m[a pr].v eq", 13 },
		{ "m [a pr]", 3 },
		{ "\"a\" eq 1", 1 },
		{ "a eq 1 ; b", 8 },
		{ "\xC3\xA9 pr", 1 },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim__filter tree = { .root = (void *)&tree };
		scim_error err = { 0 };
		char at[32];

		if (scim__filter_parse(f->arena, scim__str(rows[i].in), &roomy,
			&tree, &err) != SCIM_ERR_INVALID)
			fail_msg("accepted: %s", rows[i].in);
		(void)snprintf(
		    at, sizeof(at), ", at character %d.", rows[i].error_at);
		assert_string_equal(err.scim_type, "invalidFilter");
		if (strstr(err.detail, at) == NULL)
			fail_msg("%s\n%s", rows[i].in, err.detail);
		assert_ptr_equal(tree.root, &tree);
	}
}

/* @spec 7644-3.4.2.2-43 */
static void
an_operator_nobody_knows_is_named(void **state)
{
	struct filtering *f = *state;
	scim__filter tree;
	scim_error err = { 0 };

	assert_int_equal(SCIM_ERR_INVALID,
	    scim__filter_parse(f->arena, SCIM_STR("userName regex \"a.*\""),
		&roomy, &tree, &err));
	assert_string_equal(err.detail,
	    "The operator 'regex' is not supported, at character 10.");
}

static scim_status
parse_with(struct filtering *f, scim_str text, size_t bytes, size_t nodes,
    size_t depth, scim_error *err)
{
	struct scim__filter_limits limits = { bytes, nodes, depth };
	scim__filter tree;

	return scim__filter_parse(f->arena, text, &limits, &tree, err);
}

static void
limits_are_reached_and_not_passed(void **state)
{
	struct filtering *f = *state;
	scim_str chain = SCIM_STR("a pr and b pr and c pr");
	scim_str deep = SCIM_STR("not (m[(a pr)])");
	scim_error err = { 0 };

	assert_int_equal(SCIM_OK, parse_with(f, chain, 22, 4, 0, &err));
	assert_int_equal(
	    SCIM_ERR_INVALID, parse_with(f, chain, 21, 4, 0, &err));
	assert_string_equal(err.scim_type, "invalidFilter");
	assert_int_equal(
	    SCIM_ERR_INVALID, parse_with(f, chain, 22, 3, 0, &err));
	assert_string_equal(err.scim_type, "invalidFilter");
	assert_int_equal(SCIM_OK, parse_with(f, deep, 100, 3, 3, &err));
	assert_int_equal(
	    SCIM_ERR_INVALID, parse_with(f, deep, 100, 3, 2, &err));
	assert_string_equal(err.detail,
	    "The filter is nested more than 2 deep, at character 8.");
}

/* A megabyte of each; the limits are what ends it, not the stack. */
static void
hostile_filters_end_soon(void **state)
{
	enum { SIZE = 1 << 20 };
	static const char *const pieces[] = { "(", "not (", "m[", "a pr and ",
		"a pr or ", "\"", "[", "not ", "a.", "((((a pr) or ", "]",
		"é" };
	struct filtering *f = *state;
	char *text = malloc(SIZE);
	scim_error err = { 0 };

	assert_non_null(text);
	for (size_t i = 0; i < scim__countof(pieces); i++) {
		size_t len = strlen(pieces[i]);

		for (size_t k = 0; k < SIZE; k++)
			text[k] = pieces[i][k % len];
		assert_int_equal(SCIM_ERR_INVALID,
		    parse_with(
			f, (scim_str){ text, SIZE }, SIZE, 100, 32, &err));
		assert_int_equal(SCIM_ERR_INVALID,
		    parse_with(
			f, (scim_str){ text, SIZE }, 8192, 100, 32, &err));
	}
	free(text);
}

static scim_status
parse_much(scim_arena *arena, void *context)
{
	scim__filter tree = { .root = NULL };
	scim_status rc = scim__filter_parse(arena,
	    SCIM_STR("a eq \"\\u0041x\" and not (b gt 1.5 or m[c pr].d eq "
		     "123456789012345678901234567890)"),
	    &roomy, &tree, NULL);

	assert_int_equal(rc == SCIM_OK, tree.root != NULL);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(parse_much, NULL) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(not_binds_before_and_before_or),
		cmocka_unit_test(values_are_json_and_operators_of_any_case),
		cmocka_unit_test(brackets_and_urns_are_read),
		cmocka_unit_test(the_examples_of_the_rfc_are_read),
		cmocka_unit_test(anything_else_is_refused_where_it_goes_wrong),
		cmocka_unit_test(an_operator_nobody_knows_is_named),
		cmocka_unit_test(limits_are_reached_and_not_passed),
		cmocka_unit_test(hostile_filters_end_soon),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
