/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/plan.h"

#include <stdlib.h>

#include "filtering.h"
#include "random_filter.h"
#include "schema/rows.h"

static struct scim__filter_plan
plan_of(struct filtering *f, const char *type, const char *text,
    scim__filter *bound)
{
	struct scim__filter_plan plan;
	scim_error err = { 0 };

	if (bound_to(f, type, text, bound, &err) != SCIM_OK)
		fail_msg("%s: %s", text, err.detail);
	if (scim__filter_plan(f->arena, bound->root, &plan, &err) != SCIM_OK)
		fail_msg("%s: %s", text, err.detail);
	return plan;
}

static void
show_value(scim__buf *buf, const scim_bound *b)
{
	if (!b->given)
		return;
	switch (b->value.kind) {
	case SCIM_INDEX_TEXT:
		scim__buf_add(buf, b->value.text);
		break;
	case SCIM_INDEX_INTEGER:
		scim__buf_printf(buf, "%lld", (long long)b->value.integer);
		break;
	case SCIM_INDEX_REAL:
		scim__buf_printf(buf, "%g", b->value.real);
		break;
	}
}

/* As in "[low .. high)"; an end that is not given is empty. */
static scim_str
shown(struct filtering *f, const struct scim__filter_plan *plan)
{
	scim__buf buf;

	scim__buf_init(&buf, f->arena, SIZE_MAX);
	scim__buf_add_char(
	    &buf, plan->low.given && !plan->low.inclusive ? '(' : '[');
	show_value(&buf, &plan->low);
	scim__buf_add_z(&buf, " .. ");
	show_value(&buf, &plan->high);
	scim__buf_add_char(
	    &buf, plan->high.given && !plan->high.inclusive ? ')' : ']');
	return scim__buf_str(&buf);
}

enum { EXACT = 1, REPEATS = 2 };

static void
the_narrowest_part_is_what_is_looked_up(void **state)
{
	static const struct {
		const char *filter, *attribute, *range;
		unsigned says;
	} rows[] = {
		{ "s eq \"Ab\"", "s", "[ab .. ab]", EXACT },
		{ "e eq \"Ab\"", "e", "[Ab .. Ab]", EXACT },
		{ "b eq true", "b", "[1 .. 1]", EXACT },
		{ "i eq 7", "i", "[7 .. 7]", EXACT },
		{ "d gt 1.5", "d", "(1.5 .. ]", EXACT },
		{ "i le -3", "i", "[ .. -3]", EXACT },
		{ "t lt \"1970-01-01T00:00:01Z\"", "t", "[ .. 1000)", EXACT },
		{ "s sw \"Ab\"", "s", "[ab .. ac)", EXACT },
		{ "s sw \"a\x7F\"", "s", "[a\x7F .. a\xC2\x80)", EXACT },
		{ "e sw \"\xDF\xBF\"", "e", "[\xDF\xBF .. \xE0\xA0\x80)",
		    EXACT },
		{ "e sw \"\xED\x9F\xBF\"", "e",
		    "[\xED\x9F\xBF .. \xEE\x80\x80)", EXACT },
		{ "e sw \"\xEF\xBF\xBF\"", "e",
		    "[\xEF\xBF\xBF .. \xF0\x90\x80\x80)", EXACT },
		{ "e sw \"a\xF4\x8F\xBF\xBF\"", "e", "[a\xF4\x8F\xBF\xBF .. b)",
		    EXACT },
		{ "e sw \"\xF4\x8F\xBF\xBF\"", "e", "[\xF4\x8F\xBF\xBF .. ]",
		    EXACT },
		/* more than one part */
		{ "b eq true and s eq \"x\"", "s", "[x .. x]", 0 },
		{ "plain pr and s eq \"x\"", "s", "[x .. x]", 0 },
		{ "s sw \"a\" and i gt 1", "s", "[a .. b)", 0 },
		{ "i gt 1 and i le 9", "i", "(1 .. 9]", EXACT },
		{ "i gt 1 and i gt 5 and i le 9", "i", "(1 .. 9]", 0 },
		{ "i gt 1 and i le 9 and s sw \"a\"", "i", "(1 .. 9]", 0 },
		{ "i gt 1 and i le 9 and s eq \"a\"", "s", "[a .. a]", 0 },
		{ "plain pr and (b eq true and (i eq 1))", "i", "[1 .. 1]", 0 },
		{ "s eq \"a\" and s eq \"b\"", "s", "[a .. a]", 0 },
		/* of several values */
		{ "list eq \"A\"", "list", "[a .. a]", EXACT },
		{ "list sw \"A\"", "list", "[a .. b)", EXACT | REPEATS },
		{ "list gt \"a\" and list lt \"c\"", "list", "(a .. ]",
		    REPEATS },
		{ "m eq \"A\"", "m.value", "[a .. a]", EXACT },
		{ "m[value eq \"A\"]", "m.value", "[a .. a]", EXACT },
		{ "m[type eq \"w\" and value eq \"A\"]", "m.value", "[a .. a]",
		    0 },
		{ "m[type eq \"w\"].value eq \"A\"", "m.value", "[a .. a]", 0 },
		{ "list[value eq \"a\"]", "list", "[a .. a]", EXACT },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim__filter bound;
		struct scim__filter_plan plan =
		    plan_of(f, "Thing", rows[i].filter, &bound);

		assert_int_equal(plan.how, SCIM__PLAN_INDEX);
		assert_str(plan.attribute->path, rows[i].attribute);
		assert_str(shown(f, &plan), rows[i].range);
		assert_int_equal(plan.is_exact, rows[i].says % 2);
		assert_int_equal(plan.repeats, rows[i].says / 2);
		assert_false(plan.is_unique);
	}
}

static void
what_nothing_narrows_is_scanned(void **state)
{
	static const char *const filters[] = { "plain eq \"x\"", "s ne \"x\"",
		"s co \"x\"", "s ew \"x\"", "s pr", "s eq null", "s sw \"\"",
		"not (s eq \"x\")", "s eq \"x\" or plain eq \"x\"",
		"s eq \"x\" or s gt \"y\"", "b eq true or s eq \"y\"",
		"m[type eq \"x\"]", "m[not (value eq \"x\")]", "i eq 1.5",
		"t sw \"2011\"", "i gt 99999999999999999999999" };
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(filters); i++) {
		scim__filter bound;
		struct scim__filter_plan plan =
		    plan_of(f, "Thing", filters[i], &bound);

		if (plan.how != SCIM__PLAN_SCAN || plan.is_exact)
			fail_msg("%s", filters[i]);
	}
}

static void
unique_values_and_members_come_first(void **state)
{
	struct filtering *f = *state;
	scim__filter bound;
	struct scim__filter_plan plan = plan_of(
	    f, "User", "displayName eq \"x\" and userName eq \"Ann\"", &bound);

	assert_int_equal(plan.how, SCIM__PLAN_INDEX);
	assert_str(plan.attribute->path, "userName");
	assert_true(plan.is_unique);
	assert_true(plan.is_equal);
	assert_false(plan.is_exact);

	assert_false(plan_of(f, "User", "userName sw \"a\"", &bound).is_equal);

	plan = plan_of(f, "Group", "members.value eq \"Ab-1\"", &bound);
	assert_int_equal(plan.how, SCIM__PLAN_MEMBER);
	assert_str(plan.id, "Ab-1");
	assert_true(plan.is_exact);
	plan = plan_of(f, "Group", "members eq \"u\" and id eq \"g\"", &bound);
	assert_int_equal(plan.how, SCIM__PLAN_ID);
	assert_str(plan.id, "g");
	assert_false(plan.is_exact);
	plan = plan_of(f, "Group", "id eq \"g\"", &bound);
	assert_true(plan.is_exact);
	assert_int_equal(
	    plan_of(f, "Group", "id ne \"g\"", &bound).how, SCIM__PLAN_SCAN);

	plan = plan_of(f, "Group",
	    "displayName eq \"x\" and members[value eq \"Ab-1\"]", &bound);
	assert_int_equal(plan.how, SCIM__PLAN_MEMBER);
	assert_false(plan.is_exact);
}

static void
an_or_of_narrow_operands_is_narrow(void **state)
{
	static const struct {
		const char *filter;
		size_t branches;
		bool exact;
	} rows[] = {
		{ "s eq \"x\" or s eq \"y\"", 2, true },
		{ "s eq \"x\" or i eq 7 or m.value eq \"z\"", 3, true },
		{ "s eq \"x\" or id eq \"y\"", 2, true },
		{ "s eq \"x\" or (i eq 7 and plain pr)", 2, false },
		{ "plain pr and (s eq \"x\" or i eq 7)", 2, false },
		{ "s gt \"a\" and (s eq \"x\" or i eq 7)", 2, false },
		{ "s eq \"x\" or (plain pr and (i eq 7 or e eq \"z\"))", 2,
		    false },
		{ "m[value eq \"x\" or value eq \"y\"]", 2, false },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim__filter bound;
		struct scim__filter_plan plan =
		    plan_of(f, "Thing", rows[i].filter, &bound);

		if (plan.how != SCIM__PLAN_ANY ||
		    plan.branch_count != rows[i].branches ||
		    plan.is_exact != rows[i].exact || !plan.repeats)
			fail_msg("%s", rows[i].filter);
	}
}

static bool
in_range(const struct scim__filter_plan *plan, const scim_index_value *v)
{
	int low = 1, high = -1;

	if (plan->low.given)
		low = v->kind == SCIM_INDEX_TEXT
		    ? scim__str_compare(v->text, plan->low.value.text)
		    : (v->integer > plan->low.value.integer) -
			(v->integer < plan->low.value.integer);
	if (plan->high.given)
		high = v->kind == SCIM_INDEX_TEXT
		    ? scim__str_compare(v->text, plan->high.value.text)
		    : (v->integer > plan->high.value.integer) -
			(v->integer < plan->high.value.integer);
	return (low > 0 || (low == 0 && plan->low.inclusive)) &&
	    (high < 0 || (high == 0 && plan->high.inclusive));
}

/* How often a store would find the resource by this plan. */
static int
found_by(struct filtering *f, const struct scim__filter_plan *plan,
    const scim__value *resource)
{
	struct scim__rows rows;
	int found = 0;

	for (size_t i = 0; i < plan->branch_count; i++)
		found += found_by(f, &plan->branches[i], resource);
	if (plan->how == SCIM__PLAN_ANY)
		return found;
	assert_int_equal(plan->how, SCIM__PLAN_INDEX);
	assert_int_equal(SCIM_OK,
	    scim__rows_of(f->arena, f->registry,
		scim__registry_type(f->registry, SCIM_STR("Thing")), resource,
		0, &rows, NULL));
	for (size_t i = 0; i < rows.index_count; i++)
		found += scim__str_equal(
			     rows.index[i].attribute, plan->attribute->path) &&
		    in_range(plan, &rows.index[i].value);
	return found;
}

/* No match is missed, and an exact plan finds nothing else. */
static void
what_a_plan_finds_holds_every_match(void **state)
{
	struct filtering *f = *state;
	uint32_t seed = 5;
	int planned = 0, exact = 0, matched = 0;

	for (int round = 0; round < 20000; round++) {
		struct random_thing thing;
		struct random_filter filter;
		scim__filter bound;
		char text[2048], json[1024];

		random_thing_draw(&thing, &seed);
		random_thing_print(&thing, json, sizeof(json));
		random_filter_draw(&filter, &seed);
		random_filter_print(&filter, text, sizeof(text));
		struct scim__filter_plan plan =
		    plan_of(f, "Thing", text, &bound);
		if (plan.how != SCIM__PLAN_SCAN) {
			scim__value value = parsed_json(f, json);
			int found = found_by(f, &plan, &value);
			bool holds = random_filter_holds(&filter, &thing);

			planned++;
			matched += holds;
			exact += plan.is_exact;
			if (holds && found == 0)
				fail_msg("missed: %s\n%s", text, json);
			if (plan.is_exact && !holds && found > 0)
				fail_msg("not exact: %s\n%s", text, json);
			if (found > 1 && !plan.repeats)
				fail_msg("repeats: %s\n%s", text, json);
		}
		scim_arena_reset(f->arena);
	}
	assert_true(planned > 2000 && exact > 1000 && matched > 500);
}

/* `and` and `or` of equalities, with something that has no index now and
 * then. */
static void
draw_equalities(uint32_t *seed, char *out, size_t size)
{
	static const char *const parts[] = { "s eq ", "e eq ", "m.value eq ",
		"m eq ", "m.type eq " };
	int count = 2 + (int)random_draw(seed, 3);
	int len = 0;

	for (int i = 0; i < count; i++) {
		const char *word = random_draw(seed, 6) > 0 ? " or " : " and ";

		len += snprintf(
		    out + len, size - (size_t)len, "%s", i > 0 ? word : "");
		len += snprintf(out + len, size - (size_t)len, "%s\"%s\"",
		    parts[random_draw(seed, random_draw(seed, 4) > 0 ? 4 : 5)],
		    random_text(seed));
	}
}

static void
what_an_or_finds_holds_every_match(void **state)
{
	struct filtering *f = *state;
	uint32_t seed = 7;
	int planned = 0, exact = 0, matched = 0;

	for (int round = 0; round < 5000; round++) {
		struct random_thing thing;
		scim__filter bound;
		char text[512], json[1024];

		random_thing_draw(&thing, &seed);
		random_thing_print(&thing, json, sizeof(json));
		draw_equalities(&seed, text, sizeof(text));
		struct scim__filter_plan plan =
		    plan_of(f, "Thing", text, &bound);
		bool holds = matches(f, "Thing", text, json);
		scim__value value = parsed_json(f, json);

		if (plan.how == SCIM__PLAN_ANY) {
			int found = found_by(f, &plan, &value);

			planned++;
			matched += holds;
			exact += plan.is_exact;
			if (holds && found == 0)
				fail_msg("missed: %s\n%s", text, json);
			if (plan.is_exact && !holds && found > 0)
				fail_msg("not exact: %s\n%s", text, json);
		}
		scim_arena_reset(f->arena);
	}
	assert_true(
	    planned > 1000 && exact > 500 && matched > 500 && exact < planned);
}

static scim_status
plan_much(scim_arena *arena, void *context)
{
	struct scim__filter_plan plan = { .how = SCIM__PLAN_MEMBER };
	scim__filter *bound = context;
	scim_status rc = scim__filter_plan(arena, bound->root, &plan, NULL);

	assert_int_equal(rc == SCIM_OK, plan.how == SCIM__PLAN_INDEX);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	scim__filter bound;

	assert_int_equal(SCIM_OK,
	    bound_to(*state, "Thing", "s sw \"ab\" and i gt 1", &bound, NULL));
	assert_true(test_fail_each_allocation(plan_much, &bound) >= 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_narrowest_part_is_what_is_looked_up),
		cmocka_unit_test(what_nothing_narrows_is_scanned),
		cmocka_unit_test(an_or_of_narrow_operands_is_narrow),
		cmocka_unit_test(unique_values_and_members_come_first),
		cmocka_unit_test(what_a_plan_finds_holds_every_match),
		cmocka_unit_test(what_an_or_finds_holds_every_match),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
