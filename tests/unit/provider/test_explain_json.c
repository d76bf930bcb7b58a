/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/explain.h"

#include "base/str.h"
#include "lib/directory.h"

/* A conflict of a user, told by hand. */
struct told {
	struct directory d;
	scim_conflict conflict;
	struct scim__merge_rules rules;
	struct scim__sides sides;
	struct scim__differences changed;
	struct scim__merged merged;
	struct scim__explanation explanation;
};

static void
open_told(struct told *t)
{
	*t = (struct told){ 0 };
	directory_open(&t->d);
	t->conflict = (scim_conflict){ .expected = SCIM_STR("W/\"a\""),
		.current = SCIM_STR("W/\"b\""),
		.location = SCIM_STR("https://h/Users/1") };
	t->merged.content = scim__value_object();
	t->merged.secret = scim__value_object();
	t->merged.relation = scim__value_array();
	t->rules = (struct scim__merge_rules){ .arena = t->d.context.arena,
		.registry = t->d.registry,
		.type = scim__registry_type(t->d.registry, SCIM_STR("User")) };
	t->d.context.explain = SCIM_EXPLAIN_DETAIL;
	t->explanation = (struct scim__explanation){ .context = &t->d.context,
		.type = t->rules.type,
		.conflict = &t->conflict,
		.rules = &t->rules,
		.sides = &t->sides,
		.changed = &t->changed,
		.merged = &t->merged };
}

static scim_str
tell(struct told *t)
{
	return scim__explanation_write(t->d.context.arena, &t->explanation);
}

static void
without_a_base_there_is_nothing_to_compare(void **state)
{
	struct told t;

	open_told(&t);
	t.explanation.sides = NULL;
	t.explanation.merged = NULL;
	assert_true(scim__str_equal(tell(&t),
	    SCIM_STR("{\"expectedVersion\":\"W/\\\"a\\\"\","
		     "\"currentVersion\":\"W/\\\"b\\\"\","
		     "\"baseAvailable\":false}")));
	directory_close(&t.d);
}

static void
what_has_no_value_has_no_member(void **state)
{
	struct told t;
	scim__value boss = scim__value_string(SCIM_STR("Boss"));
	struct scim__merge_conflict conflict = { .path = SCIM_STR("title"),
		.kind = SCIM_MERGE_DELETE_MODIFY,
		.of = { NULL, NULL, &boss } };

	open_told(&t);
	t.merged.conflicts = &conflict;
	t.merged.conflict_count = t.merged.undecided = 1;
	assert_contains(tell(&t),
	    "\"conflicts\":[{\"path\":\"title\",\"kind\":\"delete/modify\","
	    "\"theirs\":\"Boss\"}]");
	directory_close(&t.d);
}

static void
long_lists_say_how_long_they_are(void **state)
{
	struct told t;
	scim__value list = scim__value_array();
	struct scim__difference *changes;

	open_told(&t);
	for (int i = 0; i < 21; i++)
		assert_true(scim__array_add(
		    t.d.context.arena, &list, scim__value_integer(i)));
	changes = test_calloc(101, sizeof(*changes));
	for (size_t i = 0; i < 101; i++)
		changes[i] =
		    (struct scim__difference){ .path = SCIM_STR("title"),
			    .op = SCIM_DIFF_ADD,
			    .after = i == 0 ? &list : NULL };
	t.changed = (struct scim__differences){ changes, 101 };
	scim_str json = tell(&t);
	assert_contains(json, "\"after\":{\"count\":21,\"first\":[0,1,");
	assert_contains(json, ",19]}");
	assert_contains(json, "],\"changedSinceCount\":101,");
	test_free(changes);
	directory_close(&t.d);
}

static void
a_guard_lets_nothing_be_proposed(void **state)
{
	struct told t;

	open_told(&t);
	assert_contains(tell(&t), "\"proposed\":{}");
	t.merged.is_guarded = true;
	assert_lacks(tell(&t), "proposed");
	directory_close(&t.d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_a_base_there_is_nothing_to_compare),
		cmocka_unit_test(what_has_no_value_has_no_member),
		cmocka_unit_test(long_lists_say_how_long_they_are),
		cmocka_unit_test(a_guard_lets_nothing_be_proposed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
