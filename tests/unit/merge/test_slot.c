/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

#define THING .type = "Thing"
#define W(value) "{'type':'work','value':'" value "'}"
#define H(value) "{'type':'home','value':'" value "'}"

static const struct merging_case cases[] = {
	{ .name = "both fill the slot anew",
	    THING,
	    .base = "'mails':[" W("a") "]",
	    .ours = "'mails':[" W("b") "]",
	    .theirs = "'mails':[" W("c") "]",
	    .conflicts = "mails[type eq 'work'] modify/modify\n" },
	{ .name = "both with the same",
	    THING,
	    .base = "'mails':[" W("a") "]",
	    .ours = "'mails':[" W("b") "]",
	    .theirs = "'mails':[" W("b") "]",
	    .result = "'mails':[" W("b") "]",
	    .conflicts = "" },
	{ .name = "one with all that the other has, and more",
	    THING,
	    .base = "'mails':[" W("a") "]",
	    .ours = "'mails':[" W("b") "," W("c") "]",
	    .theirs = "'mails':[" W("b") "]",
	    .result = "'mails':[" W("b") "," W("c") "]",
	    .conflicts = "" },
	{ .name = "only one fills it",
	    THING,
	    .base = "'mails':[" W("a") "]",
	    .ours = "'mails':[" W("b") "]",
	    .theirs = "",
	    .result = "'mails':[" W("b") "]",
	    .conflicts = "" },
	{ .name = "each fills another",
	    THING,
	    .base = "'mails':[" W("a") "," H("a") "]",
	    .ours = "'mails':[" W("b") "," H("a") "]",
	    .theirs = "'mails':[" W("a") "," H("b") "]",
	    .result = "'mails':[" H("b") "," W("b") "]",
	    .conflicts = "" },
	{ .name = "two slots at once",
	    THING,
	    .base = "'mails':[" W("a") "," H("a") "]",
	    .ours = "'mails':[" W("b") "," H("b") "]",
	    .theirs = "'mails':[" W("c") "," H("c") "]",
	    .conflicts = "mails[type eq 'home'] modify/modify\n"
			 "mails[type eq 'work'] modify/modify\n" },
	{ .name = "case does not make another slot",
	    THING,
	    .base = "'mails':[" W("a") "]",
	    .ours = "'mails':[{'type':'WORK','value':'b'}]",
	    .theirs = "'mails':[" W("c") "]",
	    .conflicts = "mails[type eq 'work'] modify/modify\n" },
	{ .name = "without a type there is no slot",
	    THING,
	    .base = "'mails':[{'value':'a'}]",
	    .ours = "'mails':[{'value':'b'}]",
	    .theirs = "'mails':[{'value':'c'}]",
	    .result = "'mails':[{'value':'c'},{'value':'b'}]",
	    .conflicts = "" },
	{ .name = "nor in a list that has none",
	    THING,
	    .base = "'plain':[" W("a") "]",
	    .ours = "'plain':[" W("b") "]",
	    .theirs = "'plain':[" W("c") "]",
	    .result = "'plain':[" W("c") "," W("b") "]",
	    .conflicts = "" },
	{ .name = "an address edited by both",
	    THING,
	    .base = "'places':[{'type':'work','street':'1','city':'P'}]",
	    .ours = "'places':[{'type':'work','street':'2','city':'P'}]",
	    .theirs = "'places':[{'type':'work','street':'1','city':'Q'}]",
	    .conflicts = "places[type eq 'work'] modify/modify\n" },
};

static void
a_slot_holds_what_one_side_meant(void **state)
{
	for (size_t i = 0; i < scim__countof(cases); i++)
		merging_check(&cases[i], NULL);
}

static const struct {
	scim_merge_use use;
	const char *result;
} decided[] = {
	{ SCIM_MERGE_OURS, "'mails':[" H("h") "," W("b") "]" },
	{ SCIM_MERGE_THEIRS, "'mails':[" W("c") "," H("h") "]" },
};

static void
who_is_decided_for_fills_the_slot_alone(void **state)
{
	for (size_t i = 0; i < scim__countof(decided); i++) {
		scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
		const struct merging_case c = { .name = "decided",
			THING,
			.base = "'mails':[" W("a") "," H("h") "]",
			.ours = "'mails':[" W("b") "," H("h") "]",
			.theirs = "'mails':[" W("c") "," H("h") "]",
			.result = decided[i].result,
			.conflicts = i == 0
			    ? "mails[type eq 'work'] modify/modify ours\n"
			    : "mails[type eq 'work'] modify/modify theirs\n" };

		options.on_conflict = decided[i].use;
		merging_check(&c, &options);
	}
}

static const struct {
	const char *name, *base, *ours, *theirs, *result;
	scim_merge_use use;
} shared[] = {
	{ "what both added stays", "'mails':[" W("a") "]",
	    "'mails':[" W("b") "," W("c") "]",
	    "'mails':[" W("b") "," W("d") "]",
	    "'mails':[" W("b") "," W("c") "]", SCIM_MERGE_OURS },
	{ "who was primary before is so again",
	    "'mails':[" W("a") ",{'type':'home','value':'h','primary':true}]",
	    "'mails':[" W("b") ",{'type':'home','value':'h','primary':true}]",
	    "'mails':[{'type':'work','value':'c','primary':true}," H("h") "]",
	    "'mails':[{'type':'home','value':'h','primary':true}," W("b") "]",
	    SCIM_MERGE_OURS },
};

static void
only_what_the_slot_lost_is_gone(void **state)
{
	for (size_t i = 0; i < scim__countof(shared); i++) {
		scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
		const struct merging_case c = { .name = shared[i].name,
			THING,
			.base = shared[i].base,
			.ours = shared[i].ours,
			.theirs = shared[i].theirs,
			.result = shared[i].result,
			.conflicts =
			    "mails[type eq 'work'] modify/modify ours\n" };

		options.on_conflict = shared[i].use;
		merging_check(&c, &options);
	}
}

static void
a_register_that_named_what_lost_its_slot_follows_the_slot(void **state)
{
	scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
	const struct merging_case c = { .name = "the primary one lost its slot",
		THING,
		.base = "'mails':[" W("a") "]",
		.ours = "'mails':[{'type':'work','value':'b','primary':true}]",
		.theirs = "'mails':[" W("c") "]",
		.result = "'mails':[" W("c") "]",
		.conflicts = "mails[type eq 'work'] modify/modify theirs\n" };

	options.on_conflict = SCIM_MERGE_THEIRS;
	merging_check(&c, &options);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_slot_holds_what_one_side_meant),
		cmocka_unit_test(who_is_decided_for_fills_the_slot_alone),
		cmocka_unit_test(only_what_the_slot_lost_is_gone),
		cmocka_unit_test(
		    a_register_that_named_what_lost_its_slot_follows_the_slot),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
