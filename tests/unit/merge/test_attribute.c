/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

static const struct merging_case cases[] = {
	{ .name = "a complex value merges sub by sub",
	    .type = "Thing",
	    .base = "'part':{'a':'1','b':'1'}",
	    .ours = "'part':{'a':'2','b':'1'}",
	    .theirs = "'part':{'a':'1','b':'3'}",
	    .result = "'part':{'a':'2','b':'3'}",
	    .conflicts = "",
	    .autos = "part.a ours\npart.b theirs\n" },
	{ .name = "and conflicts sub by sub",
	    .type = "Thing",
	    .base = "'part':{'a':'1','b':'1'}",
	    .ours = "'part':{'a':'2','b':'1'}",
	    .theirs = "'part':{'a':'3'}",
	    .conflicts = "part.a modify/modify\n",
	    .autos = "part.b theirs\n" },
	{ .name = "taken away here, changed elsewhere in it there",
	    .type = "Thing",
	    .base = "'part':{'a':'1'}",
	    .ours = "",
	    .theirs = "'part':{'a':'1','b':'3'}",
	    .result = "'part':{'b':'3'}",
	    .conflicts = "" },
	{ .name = "all of it gone from both is gone",
	    .type = "Thing",
	    .base = "'part':{'a':'1','b':'1'}",
	    .ours = "'part':{'b':'1'}",
	    .theirs = "'part':{'a':'1'}",
	    .result = "",
	    .conflicts = "" },
	{ .name = "an atomic one is taken whole",
	    .type = "Thing",
	    .base = "'whole':{'x':'1','y':1}",
	    .ours = "'whole':{'x':'2','y':1}",
	    .theirs = "'whole':{'x':'1','y':2}",
	    .conflicts = "whole modify/modify\n" },
	{ .name = "and never mixed",
	    .type = "Thing",
	    .base = "'whole':{'x':'1','y':1}",
	    .ours = "'whole':{'x':'2','y':7}",
	    .theirs = "'whole':{'x':'1','y':1}",
	    .result = "'whole':{'x':'2','y':7}",
	    .conflicts = "",
	    .autos = "whole ours\n" },
	{ .name = "a list below an attribute is one cell",
	    .type = "Thing",
	    .base = "'part':{'list':['1']}",
	    .ours = "'part':{'list':['1','2']}",
	    .theirs = "'part':{'list':['1','3']}",
	    .conflicts = "part.list modify/modify\n" },
	{ .name = "simple values of every type",
	    .type = "Thing",
	    .base = "'flag':true,'amount':1.5,'count':1,"
		    "'when':'2011-05-13T04:42:34Z','blob':'QQ==','link':'a'",
	    .ours = "'flag':false,'amount':1.5,'count':2,"
		    "'when':'2011-05-13T04:42:34Z','blob':'Qg==','link':'a'",
	    .theirs = "'flag':true,'amount':2.5,'count':1,"
		      "'when':'2012-05-13T04:42:34Z','blob':'QQ==',"
		      "'link':'b'",
	    .result = "'flag':false,'amount':2.5,'count':2,"
		      "'when':'2012-05-13T04:42:34Z','blob':'Qg==',"
		      "'link':'b'",
	    .conflicts = "" },
	{ .name = "a change of case is a change",
	    .type = "Thing",
	    .base = "'text':'mcdonald'",
	    .ours = "'text':'McDonald'",
	    .theirs = "'text':'MCDONALD'",
	    .conflicts = "text modify/modify\n" },
	{ .name = "a secret list is one cell",
	    .type = "Thing",
	    .base = "'pins':['1']",
	    .ours = "'pins':['1','2']",
	    .theirs = "'pins':['1','3']",
	    .conflicts = "pins modify/modify\n" },
};

static void
the_schema_says_what_the_cells_are(void **state)
{
	for (size_t i = 0; i < scim__countof(cases); i++)
		merging_check(&cases[i], NULL);
}

static void
parse(scim_arena *arena, const char *text, scim__value *out)
{
	scim_status rc = scim__json_parse_trusted(
	    arena, merging_quoted(arena, text), out, NULL);

	assert_int_equal(rc, SCIM_OK);
}

/* What an older schema let in must not bring anything down. */
static void
a_value_of_another_form_is_one_cell(void **state)
{
	static const char *const others[] = { "{'mails':'x'}",
		"{'mails':{'value':'x'}}", "{'mails':['x']}",
		"{'mails':[null]}", "{'tags':[['x']]}", "{'tags':[{'a':1}]}",
		"{'tags':3}", "{'part':'x'}", "{'part':['x']}",
		"{'text':{'a':1}}", "{'whole':7}", "{'urn:x:More':4}",
		"{'urn:x:More':['grade']}", "[]", "'x'" };
	static const char good[] =
	    "{'mails':[{'value':'a','type':'work','primary':true}],"
	    "'tags':['a'],'part':{'a':'1'},'text':'t','whole':{'x':'1'},"
	    "'urn:x:More':{'grade':'1'}}";
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_registry *registry = merging_registry();
	const struct scim__merge_rules rules = { .arena = arena,
		.registry = registry,
		.type = scim__registry_type(registry, SCIM_STR("Thing")) };

	for (size_t i = 0; i < scim__countof(others) * 3; i++) {
		struct scim__merge_state sides[SCIM__SIDES];
		scim__value trees[SCIM__SIDES];
		struct scim__differences differences;
		struct scim__merged merged;

		for (size_t side = 0; side < SCIM__SIDES; side++) {
			parse(arena, side == i % 3 ? others[i / 3] : good,
			    &trees[side]);
			sides[side] =
			    (struct scim__merge_state){ .content =
							    &trees[side] };
		}
		assert_int_equal(
		    scim__merge(&rules, sides, &merged, NULL), SCIM_OK);
		assert_int_equal(scim__diff(&rules, &sides[0], &sides[2],
				     &differences, NULL),
		    SCIM_OK);
	}
}

static void
and_is_kept_when_nobody_else_changed_it(void **state)
{
	static const char *const others[] = { "'mails':'x'", "'mails':['x']",
		"'tags':[{'a':1}]", "'part':'x'", "'part':['x']",
		"'text':{'a':1}" };
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_registry *registry = merging_registry();
	const struct scim__merge_rules rules = { .arena = arena,
		.registry = registry,
		.type = scim__registry_type(registry, SCIM_STR("Thing")) };

	for (size_t i = 0; i < scim__countof(others) * 2; i++) {
		struct scim__merge_state sides[SCIM__SIDES];
		scim__value good, other;
		struct scim__merged merged;

		parse(arena, "{'count':1}", &good);
		parse(arena, scim__str_format(arena, "{%s}", others[i / 2]).ptr,
		    &other);
		sides[SCIM__BASE].content = &good;
		sides[SCIM__OURS].content = i % 2 == 0 ? &good : &other;
		sides[SCIM__THEIRS].content = i % 2 == 0 ? &other : &good;
		for (int side = 0; side < SCIM__SIDES; side++) {
			sides[side].secret = NULL;
			sides[side].relation = NULL;
		}
		assert_int_equal(
		    scim__merge(&rules, sides, &merged, NULL), SCIM_OK);
		assert_int_equal(merged.undecided, 0);

		const scim__member *member = &other.object.members[0];
		const scim__value *kept =
		    scim__object_find(&merged.content, member->name);
		assert_non_null(kept);
		assert_true(scim__value_equal(kept, &member->value));
	}
}

/* Nor what was stored before an attribute became the server's. */
static void
what_the_server_writes_comes_from_nobody(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_registry *registry = merging_registry();
	const struct scim__merge_rules rules = { .arena = arena,
		.registry = registry,
		.type = scim__registry_type(registry, SCIM_STR("Thing")) };
	struct scim__merged merged;
	scim__value tree;

	parse(arena, "{'id':'7','seen':'x','meta':{'version':'v'}}", &tree);
	const struct scim__merge_state side = { .content = &tree };
	const struct scim__merge_state sides[] = { side, side, side };
	assert_int_equal(scim__merge(&rules, sides, &merged, NULL), SCIM_OK);

	assert_int_equal(merged.content.count, 2);
	assert_non_null(scim__object_find(&merged.content, SCIM_STR("id")));
	assert_non_null(
	    scim__object_find(&merged.content, SCIM_STR("schemas")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_schema_says_what_the_cells_are),
		cmocka_unit_test(a_value_of_another_form_is_one_cell),
		cmocka_unit_test(and_is_kept_when_nobody_else_changed_it),
		cmocka_unit_test(what_the_server_writes_comes_from_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
