/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

#define THING .type = "Thing"

static const struct merging_case cases[] = {
	{ .name = "each removes another one, and one is required",
	    THING,
	    .base = "'needed':['a','b']",
	    .ours = "'needed':['a']",
	    .theirs = "'needed':['b']",
	    .conflicts = "needed validation\n" },
	{ .name = "what is left lacks a required part",
	    THING,
	    .base = "'pair':{'must':'1'}",
	    .ours = "",
	    .theirs = "'pair':{'must':'1','may':'2'}",
	    .conflicts = "pair.must validation\n" },
};

static void
a_merged_resource_that_breaks_its_schema_is_a_conflict(void **state)
{
	for (size_t i = 0; i < scim__countof(cases); i++)
		merging_check(&cases[i], NULL);
}

static void
it_says_what_is_wrong_and_proposes_theirs(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_merge_result result;

	merging_merge(arena, &cases[0], NULL, &result);

	assert_str(
	    scim__str(scim__str_copy_z(arena, result.conflicts[0].detail)),
	    "needed is required: send it with a value.");
	assert_int_equal(result.undecided_count, 1);
	assert_null(result.json.ptr);
	assert_str(result.proposed,
	    merging_canonical(
		arena, merging_resource(arena, "Thing", "'needed':['b']").ptr)
		.ptr);
}

static void
secrets_are_merged_and_not_proposed(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const struct merging_case c = { .name = "secrets",
		THING,
		.base = "",
		.ours = "'pin':'hush','links':[{'value':'u'}]",
		.theirs = "'text':'t','urn:x:More':{'code':'hush',"
			  "'grade':'1'}" };
	scim_merge_result result;

	merging_merge(arena, &c, NULL, &result);

	assert_str(result.json,
	    merging_canonical(arena,
		merging_resource(arena, "Thing",
		    "'text':'t','pin':'hush','links':[{'value':'u'}],"
		    "'urn:x:More':{'code':'hush','grade':'1'},"
		    "'schemas':['urn:x:Thing','urn:x:More']")
		    .ptr)
		.ptr);
	assert_false(scim__str_contains(result.proposed, SCIM_STR("hush")));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_merged_resource_that_breaks_its_schema_is_a_conflict),
		cmocka_unit_test(it_says_what_is_wrong_and_proposes_theirs),
		cmocka_unit_test(secrets_are_merged_and_not_proposed),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
