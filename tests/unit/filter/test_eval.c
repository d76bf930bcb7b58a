/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/eval.h"

#include <stdio.h>

#include "filtering.h"
#include "random_filter.h"

#define MAIL                                                                  \
	"{\"schemas\":[\"" THING "\",\"" EXTRA "\"],\"id\":\"1\",\"s\":"      \
	"\"Ann\",\"b\":false,\"i\":7,\"list\":[\"x\",\"y\"],\"c\":{\"many\":" \
	"[1,2]},\"m\":[{\"value\":\"a@x\",\"type\":\"work\",\"primary\":"     \
	"true},{\"value\":\"b@y\",\"type\":\"home\"}],\"" EXTRA               \
	"\":{\"code\":\"7\",\"o\":{\"one\":\"1\"}}}"

/*
 * @spec 7644-3.4.2.2-09, 7644-3.4.2.2-13, 7644-3.4.2.2-21, 7644-3.4.2.2-22
 * @spec 7644-3.4.2.2-23, 7644-3.4.2.2-26, 7644-3.4.2.2-38, 7644-3.4.2.2-40
 * @spec 7644-3.4.2.2-41, 7644-3.4.2.2-45, 7644-3.4.2.2-48
 */
static void
a_filter_holds_or_does_not(void **state)
{
	static const struct {
		const char *filter;
		bool want;
	} rows[] = {
		{ "s eq \"ann\"", true },
		{ "s eq \"ann\" and b eq true", false },
		{ "s eq \"ann\" or b eq true", true },
		{ "b eq true or s eq \"bob\" or i eq 7", true },
		{ "not (s eq \"ann\")", false },
		{ "not (not (s eq \"ann\"))", true },
		{ "b eq true or s eq \"ann\" and i eq 8", false },
		/* no value */
		{ "plain pr", false },
		{ "plain eq null", true },
		{ "plain ne null", false },
		{ "plain eq \"x\"", false },
		{ "plain ne \"x\"", true },
		{ "plain gt \"\"", false },
		{ "plain lt \"x\"", false },
		{ "not (plain lt \"x\")", true },
		/* a value */
		{ "s pr", true },
		{ "b pr", true },
		{ "b eq false", true },
		{ "s eq null", false },
		{ "s ne null", true },
		{ "c pr", true },
		{ "c.many pr", true },
		{ "c.a pr", false },
		{ "v pr", false },
		{ "m pr", true },
		{ "m ne null", true },
		{ "m.$ref pr", false },
		/* any value */
		{ "list eq \"Y\"", true },
		{ "list eq \"z\"", false },
		{ "list ne \"x\"", true },
		{ "not (list eq \"x\")", false },
		{ "c.many gt 1", true },
		{ "c.many gt 2", false },
		{ "m.type eq \"work\" and m.value eq \"b@y\"", true },
		{ "m co \"@x\"", true },
		{ "m.primary eq true", true },
		/* one value */
		{ "m[type eq \"work\" and value eq \"b@y\"]", false },
		{ "m[type eq \"home\" and value eq \"b@y\"]", true },
		{ "m[type eq \"work\"].value sw \"b\"", false },
		{ "m[type eq \"work\"].value sw \"a\"", true },
		{ "m[not (type eq \"work\")]", true },
		{ "m[not (type pr)]", false },
		{ "m[primary eq null and value eq \"b@y\"]", true },
		{ "m[primary ne true]", true },
		{ "m[type eq \"a\" or (type eq \"HOME\" and value ew \"Y\")]",
		    true },
		{ "list[value eq \"x\"]", true },
		{ "list[value eq \"x\" and value eq \"y\"]", false },
		{ "c[many eq 2]", true },
		{ "c[many eq 3]", false },
		{ "v[value eq \"x\"]", false },
		/* schemas and extensions */
		{ "schemas eq \"" EXTRA "\"", true },
		{ "schemas eq \"urn:x:other\"", false },
		{ EXTRA ":code eq \"7\"", true },
		{ EXTRA ":o.one eq \"1\"", true },
		{ EXTRA ":o.one eq \"2\"", false },
		{ THING ":s sw \"a\"", true },
	};

	for (size_t i = 0; i < scim__countof(rows); i++)
		if (matches(*state, "Thing", rows[i].filter, MAIL) !=
		    rows[i].want)
			fail_msg("%s is not %d", rows[i].filter, rows[i].want);
}

static void
what_is_empty_is_not_present(void **state)
{
	static const char *const empties[] = { "{}", "{\"list\":null}",
		"{\"list\":[]}", "{\"list\":[null]}", "{\"list\":[\"\"]}" };

	for (size_t i = 0; i < scim__countof(empties); i++)
		assert_false(matches(*state, "Thing", "list pr", empties[i]));
	assert_false(matches(*state, "Thing", "m pr", "{\"m\":[{}]}"));
	assert_false(matches(*state, "Thing", "c pr", "{\"c\":{}}"));
	assert_true(
	    matches(*state, "Thing", "list pr", "{\"list\":[\"\",\"x\"]}"));
}

/* `not` of a failure would otherwise be a match. */
static void
a_failure_is_no_truth(void **state)
{
	struct filtering *f = *state;
	scim__value resource = parsed_json(f, "{\"s\":\"a\"}");
	struct scim__matching m = {
		.arena = f->arena, .resource = &resource, .budget = 3
	};
	scim__filter bound;
	scim_error err = { 0 };
	union {
		bool truth;
		unsigned char byte;
	} out = { .byte = POISON };

	assert_int_equal(SCIM_OK,
	    bound_to(
		f, "Thing", "not (not (s eq \"a\")) or s pr", &bound, &err));
	assert_int_equal(SCIM_ERR_INVALID,
	    scim__filter_matches(&m, bound.root, &out.truth, &err));
	assert_int_equal(out.byte, POISON);
}

static void
a_budget_is_spent_and_then_it_is_too_many(void **state)
{
	struct filtering *f = *state;
	scim__value resource = parsed_json(f, MAIL);
	scim__filter bound;
	scim_error err = { 0 };
	bool out = true;
	uint64_t need = 0;

	assert_int_equal(SCIM_OK,
	    bound_to(f, "Thing",
		"not (m[value eq \"z\" or type eq \"z\"] or list co \"z\")",
		&bound, &err));
	for (uint64_t budget = 0; need == 0; budget++) {
		struct scim__matching m = { .arena = f->arena,
			.resource = &resource,
			.budget = budget };
		scim_status rc =
		    scim__filter_matches(&m, bound.root, &out, &err);

		if (rc == SCIM_OK) {
			need = budget;
			assert_int_equal(m.budget, 0);
			continue;
		}
		assert_int_equal(rc, SCIM_ERR_INVALID);
		assert_string_equal(err.scim_type, "tooMany");
	}
	assert_true(need > 10);
	assert_true(out);
}

/* A budget bounds what many values and many comparisons cost together. */
static void
a_hostile_resource_ends_with_the_budget(void **state)
{
	struct filtering *f = *state;
	scim__buf buf;
	scim__filter bound;
	scim_error err = { 0 };
	bool out = false;

	scim__buf_init(&buf, f->arena, SIZE_MAX);
	scim__buf_add_z(&buf, "{\"list\":[\"\"");
	for (int i = 0; i < 20000; i++)
		scim__buf_add_z(&buf, ",\"ABCDEFGHIJKLMNOPQRSTUVWXYZ\"");
	scim__buf_add(&buf, SCIM_STR("]}\0"));
	scim__value resource = parsed_json(f, buf.ptr);
	struct scim__matching m = {
		.arena = f->arena, .resource = &resource, .budget = 100000
	};
	scim__buf_init(&buf, f->arena, SIZE_MAX);
	for (int i = 0; i < 49; i++)
		scim__buf_add_z(&buf, "list co \"zzz\" or ");
	scim__buf_add(&buf, SCIM_STR("list co \"zzz\"\0"));
	assert_int_equal(SCIM_OK, bound_to(f, "Thing", buf.ptr, &bound, &err));
	assert_int_equal(
	    SCIM_ERR_INVALID, scim__filter_matches(&m, bound.root, &out, &err));
	assert_string_equal(err.scim_type, "tooMany");
}

static void
an_element_is_matched_alone(void **state)
{
	struct filtering *f = *state;
	struct scim__filter_binding to = binding_of(f, f->arena, "Thing");
	scim__filter tree, bound;
	scim_error err = { 0 };
	scim__value element = parsed_json(f, "{\"value\":\"A\"}");
	scim__value other = parsed_json(f, "{\"value\":\"B\"}");
	struct scim__matching m = { .arena = f->arena, .budget = 100 };
	bool out = false;

	assert_int_equal(SCIM_OK,
	    scim__filter_parse(
		f->arena, SCIM_STR("value eq \"a\""), &roomy, &tree, &err));
	assert_int_equal(SCIM_OK,
	    scim__filter_bind_within(&to, &tree,
		scim__filter_attribute(f->registry, to.type, SCIM_STR("m")),
		&bound, &err));
	assert_int_equal(SCIM_OK,
	    scim__filter_matches_element(&m, bound.root, &element, &out, &err));
	assert_true(out);
	assert_int_equal(SCIM_OK,
	    scim__filter_matches_element(&m, bound.root, &other, &out, &err));
	assert_false(out);
}

static void
evaluation_is_what_the_naive_one_says(void **state)
{
	struct filtering *f = *state;
	uint32_t seed = 11;
	int held = 0;

	for (int round = 0; round < 4000; round++) {
		struct random_thing thing;
		struct random_filter filter;
		char text[2048], json[1024];

		random_thing_draw(&thing, &seed);
		random_thing_print(&thing, json, sizeof(json));
		for (int k = 0; k < 5; k++) {
			random_filter_draw(&filter, &seed);
			random_filter_print(&filter, text, sizeof(text));
			bool want = random_filter_holds(&filter, &thing);

			held += want;
			if (matches(f, "Thing", text, json) != want)
				fail_msg("%s\n%s is not %d", text, json, want);
		}
		scim_arena_reset(f->arena);
	}
	/* both answers are common, or nothing was tried */
	assert_true(held > 4000 && held < 16000);
}

struct evaluation {
	struct filtering *f;
	scim__filter bound;
	scim__value resource;
};

static scim_status
evaluate(scim_arena *arena, void *context)
{
	struct evaluation *e = context;
	struct scim__matching m = {
		.arena = arena, .resource = &e->resource, .budget = 1000
	};
	bool out = false;
	scim_status rc = scim__filter_matches(&m, e->bound.root, &out, NULL);

	assert_int_equal(rc == SCIM_OK, out);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct evaluation e = { .f = *state };

	e.resource = parsed_json(e.f, MAIL);
	assert_int_equal(SCIM_OK,
	    bound_to(e.f, "Thing", "not (s eq \"bob\") and s co \"NN\"",
		&e.bound, NULL));
	assert_true(test_fail_each_allocation(evaluate, &e) >= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_holds_or_does_not),
		cmocka_unit_test(what_is_empty_is_not_present),
		cmocka_unit_test(a_failure_is_no_truth),
		cmocka_unit_test(a_budget_is_spent_and_then_it_is_too_many),
		cmocka_unit_test(a_hostile_resource_ends_with_the_budget),
		cmocka_unit_test(an_element_is_matched_alone),
		cmocka_unit_test(evaluation_is_what_the_naive_one_says),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
