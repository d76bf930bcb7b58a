/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

#include "merge/cell.h"

static const struct {
	const char *attribute, *one, *other;
	bool same;
} cases[] = {
	{ "mails", "{'type':'work','value':'a'}",
	    "{'type':'work','value':'a','label':'l','primary':true}", true },
	{ "mails", "{'type':'work','value':'a'}", "{'type':'WORK','value':'A'}",
	    true },
	{ "mails", "{'type':'work','value':'a'}", "{'value':'a'}", false },
	{ "mails", "{'type':'work','value':'a'}", "{'type':'home','value':'a'}",
	    false },
	{ "mails", "{'value':'a'}", "{'type':'a'}", false },
	{ "mails", "{'type':'Straße','value':'Ä'}",
	    "{'type':'STRASSE','value':'ä'}", true },
	{ "plain", "{'value':'a','note':'1'}", "{'value':'A','note':'2'}",
	    true },
	{ "plain", "{'value':'a','type':'x'}", "{'value':'a'}", false },
	{ "spots", "{'x':1,'y':'a'}", "{'y':'a','x':1}", true },
	{ "spots", "{'x':1,'y':'a'}", "{'y':'A','x':1}", false },
	{ "spots", "{'x':1}", "{'x':2}", false },
	{ "places", "{'street':'1','primary':true}", "{'street':'1'}", true },
	{ "places", "{'street':'1'}", "{'street':'1','city':'P'}", false },
	{ "cards", "{'value':'a','note':'1'}", "{'value':'a','note':'2'}",
	    true },
	{ "links", "{'value':'u1'}", "{'value':'u1','display':'x'}", true },
	{ "links", "{'value':'u1'}", "{'value':'U1'}", false },
	{ "tags", "'a'", "'A'", true },
	{ "codes", "'a'", "'A'", false },
	{ "numbers", "1", "1", true },
	{ "numbers", "1", "2", false },
};

static void
parse(scim_arena *arena, const char *text, scim__value *out)
{
	scim_str quoted = merging_quoted(arena, text);
	scim_status rc = scim__json_parse_trusted(
	    arena, scim__str_format(arena, "[%s]", quoted.ptr), out, NULL);

	assert_int_equal(rc, SCIM_OK);
}

static void
identity_is_what_the_schema_says(void **state)
{
	scim_registry *registry = merging_registry();

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		struct scim__merging m = { .arena = arena };
		struct scim__units units;
		scim__value one, other;
		parse(arena, cases[i].one, &one);
		parse(arena, cases[i].other, &other);
		const struct scim__trio trio = { { &one, NULL, &other } };

		print_message("  %s %s\n", cases[i].one, cases[i].other);
		assert_true(scim__units_make(&m,
		    scim__registry_path(registry,
			scim__registry_type(registry, SCIM_STR("Thing")),
			scim__str(cases[i].attribute)),
		    &trio, &units));

		assert_int_equal(units.count, cases[i].same ? 1 : 2);
		assert_int_equal(units.in_order_count, 1);
	}
}

static void
elements_stand_as_base_theirs_and_ours_have_them(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_registry *registry = merging_registry();
	struct scim__merging m = { .arena = arena };
	struct scim__units units;
	scim__value base, ours, theirs;
	static const char want[] = "bazdxo";

	parse(arena, "'b','a'", &base);
	parse(arena, "'x','a','o','x'", &ours);
	parse(arena, "'z','a','d','x'", &theirs);
	const struct scim__trio trio = { { &base, &ours, &theirs } };
	assert_true(scim__units_make(&m,
	    scim__registry_path(registry,
		scim__registry_type(registry, SCIM_STR("Thing")),
		SCIM_STR("tags")),
	    &trio, &units));

	assert_int_equal(units.count, 6);
	for (size_t i = 0; i < 6; i++) {
		const scim__value *const *of = units.items[i].of;
		const scim__value *any = of[SCIM__BASE] != NULL ? of[SCIM__BASE]
		    : of[SCIM__THEIRS] != NULL ? of[SCIM__THEIRS]
					       : of[SCIM__OURS];

		assert_int_equal(any->string.ptr[0], want[i]);
	}
	assert_int_equal(units.in_order_count, 8);
	assert_int_equal(
	    units.in_order[0]->of[SCIM__THEIRS]->string.ptr[0], 'z');
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(identity_is_what_the_schema_says),
		cmocka_unit_test(
		    elements_stand_as_base_theirs_and_ours_have_them),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
