/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

#define THING .type = "Thing"
#define A "{'type':'work','value':'a'}"
#define B "{'type':'home','value':'b'}"
#define C "{'type':'other','value':'c'}"

static const struct merging_case cases[] = {
	{ .name = "what both add is there",
	    THING,
	    .base = "'mails':[" A "]",
	    .ours = "'mails':[" A "," B "]",
	    .theirs = "'mails':[" A "," C "]",
	    .result = "'mails':[" A "," C "," B "]",
	    .conflicts = "",
	    .autos = "" },
	{ .name = "what either removes is gone",
	    THING,
	    .base = "'mails':[" A "," B "," C "]",
	    .ours = "'mails':[" B "," C "]",
	    .theirs = "'mails':[" A "," C "]",
	    .result = "'mails':[" C "]",
	    .conflicts = "",
	    .autos = "mails[type eq 'work' and value eq 'a'] ours\n"
		     "mails[type eq 'home' and value eq 'b'] theirs\n" },
	{ .name = "nothing is left",
	    THING,
	    .base = "'mails':[" A "," B "]",
	    .ours = "'mails':[" A "]",
	    .theirs = "'mails':[" B "]",
	    .result = "",
	    .conflicts = "" },
	{ .name = "subs of one element merge",
	    THING,
	    .base = "'plain':[{'value':'a','note':'1'}]",
	    .ours = "'plain':[{'value':'A','note':'1'}]",
	    .theirs = "'plain':[{'value':'a','note':'2'}]",
	    .result = "'plain':[{'value':'A','note':'2'}]",
	    .conflicts = "",
	    .autos = "plain[value eq 'a' and not (type pr)].value ours\n"
		     "plain[value eq 'a' and not (type pr)].note theirs\n" },
	{ .name = "subs of one element conflict",
	    THING,
	    .base = "'mails':[{'type':'work','value':'a','label':'1'}]",
	    .ours = "'mails':[{'type':'work','value':'a','label':'2'}]",
	    .theirs = "'mails':[{'type':'work','value':'a','label':'3'}]",
	    .conflicts = "mails[type eq 'work' and value eq 'a'].label "
			 "modify/modify\n" },
	{ .name = "removed here, changed there",
	    THING,
	    .base = "'mails':[{'type':'work','value':'a','label':'1'}]",
	    .ours = "",
	    .theirs = "'mails':[{'type':'work','value':'a','label':'3'}]",
	    .conflicts = "mails[type eq 'work' and value eq 'a'] "
			 "delete/modify\n" },
	{ .name = "changed here, removed there",
	    THING,
	    .base = "'mails':[{'type':'work','value':'a'}," B "]",
	    .ours = "'mails':[{'type':'work','value':'a','label':'1'}," B "]",
	    .theirs = "'mails':[" B "]",
	    .conflicts = "mails[type eq 'work' and value eq 'a'] "
			 "modify/delete\n" },
	{ .name = "both add one element, otherwise",
	    THING,
	    .base = "",
	    .ours = "'mails':[{'type':'work','value':'a','label':'1'}]",
	    .theirs = "'mails':[{'type':'work','value':'a','label':'2'}]",
	    .conflicts = "mails[type eq 'work' and value eq 'a'].label "
			 "add/add\n" },
	{ .name = "both add one element, alike",
	    THING,
	    .base = "",
	    .ours = "'mails':[" A "]",
	    .theirs = "'mails':[" A "]",
	    .result = "'mails':[" A "]",
	    .conflicts = "" },
	{ .name = "simple values are a set",
	    THING,
	    .base = "'codes':['a','b'],'numbers':[1,2]",
	    .ours = "'codes':['b','c'],'numbers':[2,1,3]",
	    .theirs = "'codes':['a','b','d'],'numbers':[2]",
	    .result = "'codes':['b','d','c'],'numbers':[2,3]",
	    .conflicts = "",
	    .autos = "codes[value eq 'a'] ours\nnumbers[value eq 1] theirs\n" },
	{ .name = "whose spelling may change",
	    THING,
	    .base = "'tags':['a','b']",
	    .ours = "'tags':['A','b']",
	    .theirs = "'tags':['a','b','c']",
	    .result = "'tags':['A','b','c']",
	    .conflicts = "",
	    .autos = "tags[value eq 'a'] ours\n" },
	{ .name = "in one way only",
	    THING,
	    .base = "'tags':['straße']",
	    .ours = "'tags':['STRASSE']",
	    .theirs = "'tags':['Straße']",
	    .conflicts = "tags[value eq 'Straße'] modify/modify\n" },
	{ .name = "an atomic element is its own identity",
	    THING,
	    .base = "'places':[{'street':'1','city':'P'}]",
	    .ours = "'places':[{'street':'2','city':'P'}]",
	    .theirs = "'places':[{'street':'1','city':'P'},{'city':'Q'}]",
	    .result = "'places':[{'city':'Q'},{'street':'2','city':'P'}]",
	    .conflicts = "",
	    .autos = "places[street eq '1' and city eq 'P' and not (type pr)] "
		     "ours\n" },
	{ .name = "an atomic element with an identity is one cell",
	    THING,
	    .base = "'cards':[{'value':'a','note':'1'}]",
	    .ours = "'cards':[{'value':'a','note':'2','primary':true}]",
	    .theirs = "'cards':[{'value':'a','note':'1'}]",
	    .result = "'cards':[{'value':'a','note':'2','primary':true}]",
	    .conflicts = "",
	    .autos =
		"cards[value eq 'a'] ours\ncards[primary eq true] ours\n" },
	{ .name = "and who is primary is no part of that",
	    THING,
	    .base = "'cards':[{'value':'a','note':'1'}]",
	    .ours = "'cards':[{'value':'a','note':'2'}]",
	    .theirs = "'cards':[{'value':'a','note':'1','primary':true}]",
	    .result = "'cards':[{'value':'a','note':'2','primary':true}]",
	    .conflicts = "" },
	{ .name = "on either side",
	    THING,
	    .base = "'cards':[{'value':'a','note':'1'}]",
	    .ours = "'cards':[{'value':'a','note':'1','primary':true}]",
	    .theirs = "'cards':[{'value':'a','note':'2'}]",
	    .result = "'cards':[{'value':'a','note':'2','primary':true}]",
	    .conflicts = "" },
	{ .name = "and two of them conflict as one",
	    THING,
	    .base = "'cards':[{'value':'a','note':'1'}]",
	    .ours = "'cards':[{'value':'a','note':'2'}]",
	    .theirs = "'cards':[{'value':'A','note':'1'}]",
	    .conflicts = "cards[value eq 'A'] modify/modify\n" },
	{ .name = "without a value the element is its identity",
	    THING,
	    .base = "'spots':[{'x':1}]",
	    .ours = "'spots':[{'x':1,'y':'a'}]",
	    .theirs = "'spots':[{'x':1},{'x':2}]",
	    .result = "'spots':[{'x':2},{'x':1,'y':'a'}]",
	    .conflicts = "" },
	{ .name = "a member added twice is there once, as first shown",
	    THING,
	    .base = "",
	    .ours = "'links':[{'value':'u1','display':'One'}]",
	    .theirs = "'links':[{'value':'u1','display':'Eins'}]",
	    .result = "'links':[{'value':'u1','display':'Eins'}]",
	    .conflicts = "" },
	{ .name = "what ours leaves alone is theirs to the octet",
	    THING,
	    .base = "'mails':[" A "," B "]",
	    .ours = "'text':'t','mails':[" A "," B "]",
	    .theirs = "'mails':[" B ",{'type':'work','value':'a',"
		      "'primary':false}," C "]",
	    .result = "'text':'t','mails':[" B ",{'type':'work','value':'a',"
		      "'primary':false}," C "]",
	    .conflicts = "" },
	{ .name = "and keeps what it says of primary",
	    THING,
	    .base = "'mails':[{'type':'w','value':'a','label':'1'}]",
	    .ours = "'mails':[{'type':'w','value':'a','label':'2'}]",
	    .theirs = "'mails':[{'type':'w','value':'A','label':'1',"
		      "'primary':false}]",
	    .result = "'mails':[{'type':'w','value':'A','label':'2',"
		      "'primary':false}]",
	    .conflicts = "" },
	{ .name = "another order is no change",
	    THING,
	    .base = "'mails':[" A "," B "]",
	    .ours = "'mails':[" B "," A "]",
	    .theirs = "'mails':[" A "," B "," C "]",
	    .result = "'mails':[" A "," B "," C "]",
	    .conflicts = "",
	    .autos = "" },
	{ .name = "of twins the first counts",
	    THING,
	    .base = "",
	    .ours = "'mails':[{'type':'work','value':'a','label':'1'},"
		    "{'type':'work','value':'A','label':'2'}]",
	    .theirs = "'text':'t'",
	    .result = "'text':'t','mails':[{'type':'work','value':'a',"
		      "'label':'1'}]",
	    .conflicts = "" },
};

static void
elements_are_a_set_whose_members_have_parts(void **state)
{
	for (size_t i = 0; i < scim__countof(cases); i++)
		merging_check(&cases[i], NULL);
}

static scim_str
many_links(scim_arena *arena, uint32_t from, uint32_t count)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__buf_add_z(&buf, "'links':[");
	for (uint32_t i = 0; i < count; i++)
		scim__buf_printf(&buf, "%s{'value':'u%u'}", i == 0 ? "" : ",",
		    (unsigned)(from + i));
	scim__buf_add_z(&buf, "]");
	assert_false(scim__buf_failed(&buf));
	return scim__str(scim__str_copy_z(arena, scim__buf_str(&buf)));
}

/* Quadratic, this would take minutes. */
static void
a_long_list_merges_in_no_time(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const struct merging_case c = { .name = "long",
		.type = "Thing",
		.base = many_links(arena, 1000, 20000).ptr,
		.ours = many_links(arena, 1500, 20000).ptr,
		.theirs = many_links(arena, 500, 20000).ptr };
	scim_merge_result result;

	merging_merge(arena, &c, NULL, &result);

	assert_true(result.is_clean);
	assert_int_equal(result.auto_count, 1000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(elements_are_a_set_whose_members_have_parts),
		cmocka_unit_test(a_long_list_merges_in_no_time),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
