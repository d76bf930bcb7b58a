/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

#define THING .type = "Thing"
#define MORE "'urn:x:More':"

static const struct merging_case sections[] = {
	{ .name = "an extension merges as the rest does",
	    THING,
	    .base = MORE "{'grade':'1','boss':{'value':'a'}}",
	    .ours = MORE "{'grade':'2','boss':{'value':'a'}}",
	    .theirs =
		"'externalId':'x'," MORE "{'grade':'1','boss':{'value':'b'}}",
	    .result =
		"'externalId':'x'," MORE "{'grade':'2','boss':{'value':'b'}},"
		"'schemas':['urn:x:Thing','urn:x:More']",
	    .conflicts = "",
	    .autos = "externalId theirs\nurn:x:More:grade ours\n"
		     "urn:x:More:boss theirs\n" },
	{ .name = "and conflicts with its URN",
	    THING,
	    .base = MORE "{'grade':'1'}",
	    .ours = MORE "{'grade':'2'}",
	    .theirs = MORE "{'grade':'3','extras':[{'value':'a'}]}",
	    .conflicts = "urn:x:More:grade modify/modify\n" },
	{ .name = "an extension that nobody has any more is gone",
	    THING,
	    .base = MORE "{'grade':'1','boss':{'value':'a'}}",
	    .ours = MORE "{'grade':'1'}",
	    .theirs = MORE "{'boss':{'value':'a'}}",
	    .result = "",
	    .conflicts = "" },
	{ .name = "secrets go where they belong",
	    THING,
	    .base = "'pin':'1'",
	    .ours = "'pin':'2'",
	    .theirs = "'pin':'1','text':'t'," MORE "{'code':'c'}",
	    .result = "'pin':'2','text':'t'," MORE "{'code':'c'}",
	    .conflicts = "",
	    .autos = "text theirs\npin ours\nurn:x:More:code theirs\n" },
	{ .name = "what the server writes is left out",
	    THING,
	    .base = "'seen':'1','meta':{'version':'a'}",
	    .ours = "'seen':'2','meta':{'version':'a'},'text':'t'",
	    .theirs = "'seen':'3','meta':{'version':'b'}",
	    .result = "'text':'t'",
	    .conflicts = "" },
};

static void
every_section_is_merged(void **state)
{
	for (size_t i = 0; i < scim__countof(sections); i++)
		merging_check(&sections[i], NULL);
}

static const struct merging_case guards[] = {
	{ .name = "theirs changed it, ours something",
	    THING,
	    .base = "'locked':false,'text':'a'",
	    .ours = "'locked':false,'text':'b'",
	    .theirs = "'locked':true,'text':'a'",
	    .conflicts = "locked guard\n",
	    .autos = "" },
	{ .name = "theirs changed it, ours nothing",
	    THING,
	    .base = "'locked':false",
	    .ours = "'locked':false",
	    .theirs = "'locked':true",
	    .result = "'locked':true",
	    .conflicts = "" },
	{ .name = "ours changed it",
	    THING,
	    .base = "'locked':false",
	    .ours = "'locked':true",
	    .theirs = "'locked':false,'text':'t'",
	    .result = "'locked':true,'text':'t'",
	    .conflicts = "" },
	{ .name = "both changed it alike",
	    THING,
	    .base = "'locked':false",
	    .ours = "'locked':true",
	    .theirs = "'locked':true",
	    .conflicts = "locked guard\n" },
	{ .name = "a part of it is guarded",
	    THING,
	    .base = "'gate':{'open':true}",
	    .ours = "'text':'t','gate':{'open':true}",
	    .theirs = "'gate':{'open':false}",
	    .conflicts = "gate.open guard\n" },
	{ .name = "and the rest is not",
	    THING,
	    .base = "'gate':{'open':true}",
	    .ours = "'text':'t','gate':{'open':true}",
	    .theirs = "'gate':{'open':true,'note':'n'}",
	    .result = "'text':'t','gate':{'open':true,'note':'n'}",
	    .conflicts = "" },
	{ .name = "beside another conflict",
	    THING,
	    .base = "'text':'a'",
	    .ours = "'text':'b'",
	    .theirs = "'text':'c','locked':true",
	    .conflicts = "text modify/modify\nlocked guard\n" },
};

static void
a_guard_that_theirs_changed_forbids_merging(void **state)
{
	for (size_t i = 0; i < scim__countof(guards); i++)
		merging_check(&guards[i], NULL);
}

static const struct {
	const char *guard; /* NULL: no guard at all */
	const char *conflicts;
} chosen[] = {
	{ NULL, "" },
	{ "text", "" },
	{ "part", "part guard\n" },
	{ "part.a", "part.a guard\n" },
	{ "part.b", "" },
	{ "mails", "mails guard\n" },
	{ "mails.label", "mails guard\n" },
	{ "urn:x:More:grade", "urn:x:More:grade guard\n" },
};

static void
guards_may_be_chosen(void **state)
{
	for (size_t i = 0; i < scim__countof(chosen); i++) {
		const scim_str guard =
		    scim__str(chosen[i].guard == NULL ? "" : chosen[i].guard);
		scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
		struct merging_case c = { .name = "chosen",
			THING,
			.base = "'locked':false",
			.ours = "'locked':false,'count':1",
			.theirs =
			    "'locked':true,'part':{'a':'1'},"
			    "'mails':[{'value':'a'}]," MORE "{'grade':'1'}",
			.conflicts = chosen[i].conflicts };

		if (chosen[i].conflicts[0] == '\0')
			c.result =
			    "'locked':true,'count':1,'part':{'a':'1'},"
			    "'mails':[{'value':'a'}]," MORE "{'grade':'1'},"
			    "'schemas':['urn:x:Thing','urn:x:More']";
		options.guards = &guard;
		options.guard_count = chosen[i].guard != NULL;
		merging_check(&c, &options);
	}
}

static void
each_guarded_part_is_looked_at(void **state)
{
	const scim_str parts[] = { { "part.b", 6 }, { "part.a", 6 } };
	scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
	const struct merging_case c = { .name = "the second of two",
		THING,
		.base = "'part':{'a':'0','b':'0'}",
		.ours = "'part':{'a':'0','b':'0'},'count':1",
		.theirs = "'part':{'a':'1','b':'0'}",
		.conflicts = "part.a guard\n" };

	options.guards = parts;
	options.guard_count = 2;
	merging_check(&c, &options);
}

static void
a_guarded_list_is_shown_as_it_is(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const scim_str guard = SCIM_STR("mails");
	scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
	const struct merging_case c = { .name = "shown",
		THING,
		.base = "",
		.ours = "'text':'t'",
		.theirs = "'mails':[{'primary':true,'value':'a'}]" };
	scim_merge_result result;

	options.guards = &guard;
	options.guard_count = 1;
	merging_merge(arena, &c, &options, &result);

	assert_int_equal(result.conflict_count, 1);
	assert_str(
	    scim__str(scim__str_copy_z(arena, result.conflicts[0].theirs)),
	    merging_quoted(arena, "[{'primary':true,'value':'a'}]").ptr);
}

static scim_status
merge_in(scim_arena *arena, void *context)
{
	const scim__value *trees = context;
	const struct scim__merge_rules rules = { .arena = arena,
		.registry = merging_registry(),
		.type = scim__registry_type(
		    merging_registry(), SCIM_STR("Thing")) };
	const struct scim__merge_state sides[SCIM__SIDES] = {
		{ .content = &trees[0] }, { .content = &trees[1] },
		{ .content = &trees[2] }
	};
	struct scim__differences differences;
	struct scim__merged merged;
	scim_status rc = scim__merge(&rules, sides, &merged, NULL);

	return rc != SCIM_OK
	    ? rc
	    : scim__diff(&rules, &sides[0], &sides[2], &differences, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	static const char *const texts[] = {
		"{'mails':[{'type':'w','value':'a','primary':true}],"
		"'tags':['É'],'part':{'a':'1'}," MORE "{'grade':'1'}}",
		"{'mails':[{'type':'w','value':'b','primary':true}],"
		"'tags':['é'],'part':{'a':'2'}," MORE "{'grade':'2'}}",
		"{'mails':[{'type':'w','value':'c','primary':true}],"
		"'tags':['x'],'part':{'b':'2'},'locked':true," MORE
		"{'code':'2'}}",
	};
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__value trees[3];

	for (size_t i = 0; i < 3; i++)
		assert_int_equal(
		    scim__json_parse_trusted(arena,
			merging_quoted(arena, texts[i]), &trees[i], NULL),
		    SCIM_OK);
	assert_true(test_fail_each_allocation(merge_in, trees) > 30);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_section_is_merged),
		cmocka_unit_test(a_guard_that_theirs_changed_forbids_merging),
		cmocka_unit_test(guards_may_be_chosen),
		cmocka_unit_test(each_guarded_part_is_looked_at),
		cmocka_unit_test(a_guarded_list_is_shown_as_it_is),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
