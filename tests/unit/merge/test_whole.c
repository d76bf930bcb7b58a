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

#define SCHEMAS "{'schemas':['urn:ietf:params:scim:schemas:core:2.0:"

/* A type whose extension is required; it may have the relation. */
static scim_registry *
box_registry(scim_arena *arena, bool has_relation)
{
	static const char relation[] =
	    ",{'name':'in','type':'complex','multiValued':true,"
	    "'required':true,"
	    "'x-scimd-relation':{'types':['User']},'subAttributes':["
	    "{'name':'value','type':'string'},"
	    "{'name':'type','type':'string'},"
	    "{'name':'display','type':'string'}]}";
	const scim_str lid = scim__str_format(arena,
	    SCHEMAS "Schema'],'id':'urn:x:Lid','attributes':["
		    "{'name':'a','type':'string'},"
		    "{'name':'b','type':'string'},"
		    "{'name':'p','type':'complex','subAttributes':["
		    "{'name':'must','type':'string','required':true},"
		    "{'name':'may','type':'string'}]}%s]}",
	    has_relation ? relation : "");
	const scim_schema_source sources[] = {
		{ SCIM_STR("box"),
		    merging_quoted(arena,
			SCHEMAS "Schema'],'id':'urn:x:Box','attributes':["
				"{'name':'text','type':'string'}]}") },
		{ SCIM_STR("lid"), merging_quoted(arena, lid.ptr) },
		{ SCIM_STR("type"),
		    merging_quoted(arena,
			SCHEMAS "ResourceType'],'id':'Box','name':'Box',"
				"'endpoint':'/Boxes','schema':'urn:x:Box',"
				"'schemaExtensions':[{'schema':'urn:x:Lid',"
				"'required':true}]}") },
	};
	scim_registry *registry = NULL;
	scim_error err = { .status = SCIM_OK };

	if (scim_registry_new(sources, 3, &registry, &err) != SCIM_OK)
		print_error("%s\n", err.detail);
	assert_non_null(registry);
	return registry;
}

#define BOX "{'schemas':['urn:x:Box','urn:x:Lid'],"
#define IN "'in':[{'value':'u1'}]"

static const struct {
	const char *base, *ours, *theirs;
	const char *proposed; /* and merged, when there is no conflict */
	const char *path;     /* NULL: none */
} boxes[] = {
	{ BOX "'urn:x:Lid':{'a':'1','in':[{'value':'u1'}]}}",
	    BOX "'urn:x:Lid':{'a':'2','in':[{'value':'u1'}]}}",
	    BOX "'urn:x:Lid':{'a':'1','in':[{'value':'u2'}]}}",
	    BOX "'urn:x:Lid':{'a':'2','in':[{'value':'u2'}]}}", NULL },
	{ BOX "'urn:x:Lid':{'a':'1'," IN "}}", BOX "'urn:x:Lid':{" IN "}}",
	    BOX "'urn:x:Lid':{'a':'1'," IN "}}", BOX "'urn:x:Lid':{" IN "}}",
	    NULL },
	/* each removes another member, and one is required */
	{ BOX "'urn:x:Lid':{'in':[{'value':'u1'},{'value':'u2'}]}}",
	    BOX "'urn:x:Lid':{'in':[{'value':'u1'}]}}",
	    BOX "'urn:x:Lid':{'in':[{'value':'u2'}]}}",
	    BOX "'urn:x:Lid':{'in':[{'value':'u2'}]}}", "urn:x:Lid:in" },
	{ BOX "'urn:x:Lid':{'p':{'must':'1'}," IN "}}",
	    BOX "'urn:x:Lid':{" IN "}}",
	    BOX "'urn:x:Lid':{'p':{'must':'1','may':'2'}," IN "}}",
	    BOX "'urn:x:Lid':{'p':{'must':'1','may':'2'}," IN "}}",
	    "urn:x:Lid:p.must" },
	{ BOX "'urn:x:Lid':{'p':{'must':'1','may':'1'}," IN "}}",
	    BOX "'urn:x:Lid':{'a':'1','p':{'must':'1','may':'2'}," IN "}}",
	    BOX "'urn:x:Lid':{'p':{'must':'1','may':'1'}," IN "}}",
	    BOX "'urn:x:Lid':{'a':'1','p':{'must':'1','may':'2'}," IN "}}",
	    NULL },
};

static void
a_relation_may_be_of_an_extension(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_registry *registry = box_registry(arena, true);

	for (size_t i = 0; i < scim__countof(boxes); i++) {
		const scim_merge_sides sides = { merging_quoted(
						     arena, boxes[i].base),
			merging_quoted(arena, boxes[i].ours),
			merging_quoted(arena, boxes[i].theirs) };
		scim_merge_result result;
		scim_error err = { .status = SCIM_OK };

		if (scim_merge(arena, registry, SCIM_STR("Box"), &sides, NULL,
			&result, &err) != SCIM_OK)
			print_error("%s\n", err.detail);
		assert_int_equal(err.status, SCIM_OK);
		assert_str(result.proposed,
		    merging_canonical(arena, boxes[i].proposed).ptr);
		assert_int_equal(result.is_clean, boxes[i].path == NULL);
		if (boxes[i].path == NULL)
			assert_str(result.json,
			    merging_canonical(arena, boxes[i].proposed).ptr);
		else
			assert_str(result.conflicts[0].path, boxes[i].path);
	}
	scim_registry_unref(registry);
}

static void
a_required_extension_that_is_gone_is_named(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_registry *registry = box_registry(arena, false);
	const struct scim__merge_rules rules = { .arena = arena,
		.registry = registry,
		.type = scim__registry_type(registry, SCIM_STR("Box")) };
	struct scim__merge_state sides[SCIM__SIDES] = { 0 };
	static const char *const texts[] = { "{'urn:x:Lid':{'a':'1','b':'1'}}",
		"{'urn:x:Lid':{'a':'1'}}", "{'urn:x:Lid':{'b':'1'}}" };
	scim__value trees[SCIM__SIDES];
	struct scim__merged merged;

	for (size_t i = 0; i < SCIM__SIDES; i++) {
		assert_int_equal(
		    scim__json_parse_trusted(arena,
			merging_quoted(arena, texts[i]), &trees[i], NULL),
		    SCIM_OK);
		sides[i].content = &trees[i];
	}
	assert_int_equal(scim__merge(&rules, sides, &merged, NULL), SCIM_OK);
	assert_int_equal(merged.undecided, 0);
	assert_int_equal(
	    scim__merge_validate(&rules, &sides[SCIM__THEIRS], &merged, NULL),
	    SCIM_OK);

	assert_int_equal(merged.undecided, 1);
	assert_str(merged.conflicts[0].path, "urn:x:Lid");
	scim_registry_unref(registry);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_merged_resource_that_breaks_its_schema_is_a_conflict),
		cmocka_unit_test(it_says_what_is_wrong_and_proposes_theirs),
		cmocka_unit_test(a_relation_may_be_of_an_extension),
		cmocka_unit_test(a_required_extension_that_is_gone_is_named),
		cmocka_unit_test(secrets_are_merged_and_not_proposed),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
