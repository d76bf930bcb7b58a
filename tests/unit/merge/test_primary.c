/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

#define THING .type = "Thing"
#define A "{'type':'work','value':'a'}"
#define B "{'type':'home','value':'b'}"
#define AP "{'type':'work','value':'a','primary':true}"
#define BP "{'type':'home','value':'b','primary':true}"
#define PATH "mails[primary eq true]"

static const struct merging_case cases[] = {
	{ .name = "one side moves it",
	    THING,
	    .base = "'mails':[" AP "," B "]",
	    .ours = "'mails':[" A "," BP "]",
	    .theirs = "'text':'t','mails':[" AP "," B "]",
	    .result = "'text':'t','mails':[" A "," BP "]",
	    .conflicts = "",
	    .autos = "text theirs\n" PATH " ours\n" },
	{ .name = "false is nothing",
	    THING,
	    .base = "'mails':[" A "]",
	    .ours = "'mails':[{'type':'work','value':'a','primary':false}]",
	    .theirs = "'mails':[" A "]",
	    .result = "'mails':[" A "]",
	    .conflicts = "",
	    .autos = "" },
	{ .name = "each makes another primary",
	    THING,
	    .base = "'mails':[" A "," B "]",
	    .ours = "'mails':[" AP "," B "]",
	    .theirs = "'mails':[" A "," BP "]",
	    .conflicts = PATH " modify/modify\n" },
	{ .name = "both the same one",
	    THING,
	    .base = "'mails':[" A "," B "]",
	    .ours = "'mails':[" AP "," B "]",
	    .theirs = "'mails':[" AP "," B "]",
	    .result = "'mails':[" AP "," B "]",
	    .conflicts = "",
	    .autos = "" },
	{ .name = "one moves it, one clears it",
	    THING,
	    .base = "'mails':[" AP "," B "]",
	    .ours = "'mails':[" A "," BP "]",
	    .theirs = "'mails':[" A "," B "]",
	    .conflicts = PATH " modify/modify\n" },
	{ .name = "a new primary one beside what theirs adds",
	    THING,
	    .base = "'mails':[" A "]",
	    .ours = "'mails':[" A "," BP "]",
	    .theirs = "'mails':[" A ",{'type':'x','value':'c'}]",
	    .result = "'mails':[" A ",{'type':'x','value':'c'}," BP "]",
	    .conflicts = "" },
	{ .name = "made primary here, removed there",
	    THING,
	    .base = "'mails':[" A "," B "]",
	    .ours = "'mails':[" A "," BP "]",
	    .theirs = "'mails':[" A "]",
	    .conflicts = PATH " primary/delete\n" },
	{ .name = "removed here, made primary there",
	    THING,
	    .base = "'mails':[" A "," B "]",
	    .ours = "'mails':[" A "]",
	    .theirs = "'mails':[" A "," BP "]",
	    .conflicts = PATH " primary/delete\n" },
	{ .name = "what is left of an element may be nothing",
	    THING,
	    .base = "'mails':[{'label':'l','primary':true}," A "]",
	    .ours = "'mails':[{'label':'l'}," A "]",
	    .theirs = "'mails':[{'primary':true}," A "]",
	    .result = "'mails':[" A "]",
	    .conflicts = "" },
	{ .name = "the primary one removed by one side",
	    THING,
	    .base = "'mails':[" AP "," B "]",
	    .ours = "'mails':[" B "]",
	    .theirs = "'text':'t','mails':[" AP "," B "]",
	    .result = "'text':'t','mails':[" B "]",
	    .conflicts = "" },
};

static void
primary_is_one_register_of_the_list(void **state)
{
	for (size_t i = 0; i < scim__countof(cases); i++)
		merging_check(&cases[i], NULL);
}

static const struct {
	const char *ours, *theirs;
	const char *by_ours, *by_theirs;
} decided[] = {
	{ "'mails':[" AP "," B "]", "'mails':[" A "," BP "]",
	    "'mails':[" AP "," B "]", "'mails':[" A "," BP "]" },
	{ "'mails':[" A "," BP "]", "'mails':[" A "]", "'mails':[" A "," BP "]",
	    "'mails':[" A "]" },
	{ "'mails':[" A "]", "'mails':[" A "," BP "]", "'mails':[" A "]",
	    "'mails':[" A "," BP "]" },
};

static void
who_is_decided_for_has_the_element_too(void **state)
{
	for (size_t i = 0; i < scim__countof(decided) * 2; i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		const scim_merge_resolution resolution = { merging_quoted(
							       arena, PATH),
			i % 2 == 0 ? SCIM_MERGE_OURS : SCIM_MERGE_THEIRS };
		scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
		const struct merging_case c = { .name = "decided",
			THING,
			.base = "'mails':[" A "," B "]",
			.ours = decided[i / 2].ours,
			.theirs = decided[i / 2].theirs };
		scim_merge_result result;

		options.resolutions = &resolution;
		options.resolution_count = 1;
		merging_merge(arena, &c, &options, &result);

		assert_true(result.is_clean);
		assert_str(result.json,
		    merging_canonical(arena,
			merging_resource(arena, "Thing",
			    i % 2 == 0 ? decided[i / 2].by_ours
				       : decided[i / 2].by_theirs)
			    .ptr)
			.ptr);
	}
}

static void
a_conflict_names_the_elements(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const struct merging_case c = { .name = "named",
		THING,
		.base = "'mails':[" A "," B "]",
		.ours = "'mails':[" AP "," B "]",
		.theirs = "'mails':[" A "," BP "]" };
	scim_merge_result result;

	merging_merge(arena, &c, NULL, &result);

	assert_int_equal(result.conflict_count, 1);
	assert_null(result.conflicts[0].base.ptr);
	assert_str(result.conflicts[0].ours, merging_quoted(arena, A).ptr);
	assert_str(result.conflicts[0].theirs, merging_quoted(arena, B).ptr);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(primary_is_one_register_of_the_list),
		cmocka_unit_test(who_is_decided_for_has_the_element_too),
		cmocka_unit_test(a_conflict_names_the_elements),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
