/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

#include "merge/cell.h"

#define NONE '-'

/* One letter a value; what comes out, and as what. */
static const struct {
	const char *sides; /* base, ours, theirs */
	char want;         /* where nothing is decided: theirs */
	int kind;          /* -1: no conflict */
	const char *from;  /* of the note; "" for none */
} rules[] = {
	{ "aaa", 'a', -1, "" },
	{ "aba", 'b', -1, "ours" },
	{ "aab", 'b', -1, "theirs" },
	{ "abb", 'b', -1, "" },
	{ "abc", 'c', SCIM_MERGE_MODIFY_MODIFY, "" },
	{ "a-a", NONE, -1, "ours" },
	{ "aa-", NONE, -1, "theirs" },
	{ "a--", NONE, -1, "" },
	{ "a-b", 'b', SCIM_MERGE_DELETE_MODIFY, "" },
	{ "ab-", NONE, SCIM_MERGE_MODIFY_DELETE, "" },
	{ "---", NONE, -1, "" },
	{ "-a-", 'a', -1, "ours" },
	{ "--a", 'a', -1, "theirs" },
	{ "-aa", 'a', -1, "" },
	{ "-ab", 'b', SCIM_MERGE_ADD_ADD, "" },
	{ "aAb", 'b', SCIM_MERGE_MODIFY_MODIFY, "" },
	{ "aAa", 'A', -1, "ours" },
};

static const scim__attribute *
attribute(const char *path)
{
	scim_registry *registry = merging_registry();

	return scim__registry_path(registry,
	    scim__registry_type(registry, SCIM_STR("Thing")), scim__str(path));
}

static const scim__value *
merge_letters(struct scim__merging *m, const char *path, const char *sides,
    scim__value values[SCIM__SIDES])
{
	const struct scim__place place = { .attribute = attribute(path) };
	struct scim__trio trio = { { NULL } };

	for (int side = 0; side < SCIM__SIDES; side++) {
		if (sides[side] == NONE)
			continue;
		values[side] =
		    scim__value_string((scim_str){ &sides[side], 1 });
		trio.of[side] = &values[side];
	}
	return scim__merge_cell(m, &place, &trio);
}

static void
a_cell_goes_to_whoever_changed_it(void **state)
{
	for (size_t i = 0; i < scim__countof(rules); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		const struct scim__merge_rules none = { .arena = arena };
		struct scim__merging m = { .rules = &none, .arena = arena };
		scim__value values[SCIM__SIDES];

		const scim__value *out =
		    merge_letters(&m, "text", rules[i].sides, values);

		print_message("  %s\n", rules[i].sides);
		assert_int_equal(
		    out == NULL ? NONE : out->string.ptr[0], rules[i].want);
		assert_int_equal(m.out.conflict_count, rules[i].kind >= 0);
		if (rules[i].kind >= 0)
			assert_int_equal(
			    m.out.conflicts[0].kind, rules[i].kind);
		assert_int_equal(m.out.auto_count, rules[i].from[0] != '\0');
		if (m.out.auto_count > 0)
			assert_int_equal(m.out.autos[0].from == SCIM_MERGE_OURS,
			    rules[i].from[0] == 'o');
	}
}

static void
a_secret_that_both_assigned_is_a_conflict_even_when_equal(void **state)
{
	static const struct {
		const char *sides;
		int conflicts;
	} cases[] = { { "-aa", 1 }, { "abb", 1 }, { "abc", 1 }, { "a--", 1 },
		{ "aba", 0 }, { "aab", 0 }, { "aaa", 0 }, { "-a-", 0 } };

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		const struct scim__merge_rules none = { .arena = arena };
		struct scim__merging m = { .rules = &none, .arena = arena };
		scim__value values[SCIM__SIDES];

		(void)merge_letters(&m, "pin", cases[i].sides, values);

		assert_int_equal(m.out.conflict_count, cases[i].conflicts);
		for (size_t k = 0; k < m.out.conflict_count; k++) {
			const struct scim__merge_conflict *c =
			    &m.out.conflicts[k];

			assert_true(c->redacted);
			assert_null(c->of[SCIM__BASE]);
			assert_null(c->of[SCIM__OURS]);
			assert_null(c->of[SCIM__THEIRS]);
		}
	}
}

static void
null_and_empty_values_are_no_values(void **state)
{
	const scim__value null = { .kind = SCIM__NULL };
	const scim__value object = scim__value_object();
	const scim__value array = scim__value_array();
	const scim__value empty = scim__value_string(SCIM_STR(""));

	assert_null(scim__merge_assigned(NULL));
	assert_null(scim__merge_assigned(&null));
	assert_null(scim__merge_assigned(&object));
	assert_null(scim__merge_assigned(&array));
	assert_ptr_equal(scim__merge_assigned(&empty), &empty);
	assert_true(scim__merge_same(NULL, NULL));
	assert_false(scim__merge_same(NULL, &empty));
	assert_true(scim__merge_same(&empty, &empty));
}

static void
what_the_server_writes_is_no_cell(void **state)
{
	assert_true(scim__merge_is_foreign(attribute("seen")));
	assert_true(scim__merge_is_foreign(attribute("id")));
	assert_false(scim__merge_is_foreign(attribute("text")));
	assert_non_null(scim__merge_primary_of(attribute("mails")));
	assert_null(scim__merge_primary_of(attribute("plain")));
	assert_null(scim__merge_primary_of(attribute("whole")));
	assert_null(scim__merge_primary_of(attribute("tags")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cell_goes_to_whoever_changed_it),
		cmocka_unit_test(
		    a_secret_that_both_assigned_is_a_conflict_even_when_equal),
		cmocka_unit_test(null_and_empty_values_are_no_values),
		cmocka_unit_test(what_the_server_writes_is_no_cell),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
