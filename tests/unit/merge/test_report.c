/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

#define THING .type = "Thing"

static const struct {
	struct merging_case c;
	const char *base, *ours, *theirs; /* of the first conflict; NULL */
	int redacted;
} shown[] = {
	{ { .name = "values as they are",
	      THING,
	      .base = "'text':'a'",
	      .ours = "'text':'b'",
	      .theirs = "'text':'c'" },
	    "'a'", "'b'", "'c'", 0 },
	{ { .name = "what is not there is left out",
	      THING,
	      .base = "'count':1",
	      .ours = "",
	      .theirs = "'count':2" },
	    "1", NULL, "2", 0 },
	{ { .name = "secrets are not shown",
	      THING,
	      .base = "",
	      .ours = "'pin':'hush'",
	      .theirs = "'pin':'hush'" },
	    NULL, NULL, NULL, 1 },
	{ { .name = "elements without primary",
	      THING,
	      .base = "'mails':[{'type':'w','value':'a','primary':true}]",
	      .ours = "",
	      .theirs = "'mails':[{'type':'w','value':'a','label':'l',"
			"'primary':true}]" },
	    "{'type':'w','value':'a'}", NULL,
	    "{'label':'l','type':'w','value':'a'}", 0 },
	{ { .name = "slots with all that was put there",
	      THING,
	      .base = "'mails':[{'type':'w','value':'a'}]",
	      .ours = "'mails':[{'type':'w','value':'b','primary':true},"
		      "{'type':'w','value':'c'}]",
	      .theirs = "'mails':[{'type':'w','value':'d'}]" },
	    "{'type':'w','value':'a'}",
	    "[{'type':'w','value':'b'},{'type':'w','value':'c'}]",
	    "[{'type':'w','value':'d'}]", 0 },
};

static void
assert_json(scim_arena *arena, scim_str have, const char *want)
{
	if (want == NULL)
		assert_null(have.ptr);
	else
		assert_str(scim__str(scim__str_copy_z(arena, have)),
		    merging_quoted(arena, want).ptr);
}

static void
a_conflict_shows_what_each_side_has(void **state)
{
	for (size_t i = 0; i < scim__countof(shown); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		scim_merge_result result;

		print_message("  %s\n", shown[i].c.name);
		merging_merge(arena, &shown[i].c, NULL, &result);

		assert_int_equal(result.conflict_count, 1);
		assert_json(arena, result.conflicts[0].base, shown[i].base);
		assert_json(arena, result.conflicts[0].ours, shown[i].ours);
		assert_json(arena, result.conflicts[0].theirs, shown[i].theirs);
		assert_int_equal(
		    result.conflicts[0].redacted, shown[i].redacted);
	}
}

static const struct merging_case two_conflicts = { .name = "two",
	THING,
	.base = "'text':'a','mails':[{'type':'w','value':'a'}]",
	.ours = "'text':'b','mails':[{'type':'w','value':'b'}]",
	.theirs = "'text':'c','mails':[{'type':'w','value':'c'}]" };

static const struct {
	const char *path;
	scim_merge_use use, rest;
	const char *conflicts, *result;
} decisions[] = {
	{ "text", SCIM_MERGE_OURS, SCIM_MERGE_FAIL,
	    "text modify/modify ours\nmails[type eq 'w'] modify/modify\n",
	    NULL },
	{ "text", SCIM_MERGE_OURS, SCIM_MERGE_THEIRS,
	    "text modify/modify ours\nmails[type eq 'w'] modify/modify "
	    "theirs\n",
	    "'text':'b','mails':[{'type':'w','value':'c'}]" },
	{ "mails[type eq 'w']", SCIM_MERGE_OURS, SCIM_MERGE_THEIRS,
	    "text modify/modify theirs\nmails[type eq 'w'] modify/modify "
	    "ours\n",
	    "'text':'c','mails':[{'type':'w','value':'b'}]" },
	{ "Mails", SCIM_MERGE_OURS, SCIM_MERGE_THEIRS,
	    "text modify/modify theirs\nmails[type eq 'w'] modify/modify "
	    "ours\n",
	    "'text':'c','mails':[{'type':'w','value':'b'}]" },
	{ "text", SCIM_MERGE_FAIL, SCIM_MERGE_THEIRS,
	    "text modify/modify\nmails[type eq 'w'] modify/modify theirs\n",
	    NULL },
	{ "nothing", SCIM_MERGE_OURS, SCIM_MERGE_FAIL,
	    "text modify/modify\nmails[type eq 'w'] modify/modify\n", NULL },
};

static void
a_decision_made_beforehand_holds(void **state)
{
	for (size_t i = 0; i < scim__countof(decisions); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		const scim_merge_resolution resolution = {
			merging_quoted(arena, decisions[i].path),
			decisions[i].use
		};
		scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
		struct merging_case c = two_conflicts;

		c.conflicts = decisions[i].conflicts;
		c.result = decisions[i].result;
		options.resolutions = &resolution;
		options.resolution_count = 1;
		options.on_conflict = decisions[i].rest;
		merging_check(&c, &options);
	}
}

static void
nobody_decides_about_a_guard(void **state)
{
	scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
	const struct merging_case c = { .name = "a guard stays",
		THING,
		.base = "",
		.ours = "'text':'t'",
		.theirs = "'locked':true",
		.conflicts = "locked guard\n" };

	options.on_conflict = SCIM_MERGE_OURS;
	merging_check(&c, &options);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_conflict_shows_what_each_side_has),
		cmocka_unit_test(a_decision_made_beforehand_holds),
		cmocka_unit_test(nobody_decides_about_a_guard),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
