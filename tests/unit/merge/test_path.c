/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

#include "filter/path.h"
#include "merge/cell.h"

static const struct {
	const char *attribute, *element, *sub;
	enum scim__place_kind kind;
	const char *want;
} cases[] = {
	{ "text", NULL, NULL, SCIM__AT_VALUE, "text" },
	{ "part", NULL, "a", SCIM__AT_VALUE, "part.a" },
	{ "urn:x:More:grade", NULL, NULL, SCIM__AT_VALUE, "urn:x:More:grade" },
	{ "urn:x:More:extras", "{'value':'a'}", "note", SCIM__AT_VALUE,
	    "urn:x:More:extras[value eq 'a'].note" },
	{ "tags", "'a b'", NULL, SCIM__AT_VALUE, "tags[value eq 'a b']" },
	{ "numbers", "7", NULL, SCIM__AT_VALUE, "numbers[value eq 7]" },
	{ "mails", "{'value':'a','type':'work','label':'l'}", NULL,
	    SCIM__AT_VALUE, "mails[type eq 'work' and value eq 'a']" },
	{ "mails", "{'value':'a'}", "label", SCIM__AT_VALUE,
	    "mails[value eq 'a' and not (type pr)].label" },
	{ "mails", "{'value':'a','type':'work'}", NULL, SCIM__AT_SLOT,
	    "mails[type eq 'work']" },
	{ "mails", NULL, NULL, SCIM__AT_PRIMARY, "mails[primary eq true]" },
	{ "spots", "{'x':1}", NULL, SCIM__AT_VALUE,
	    "spots[x eq 1 and not (y pr)]" },
	{ "places", "{'type':'t','street':'s','city':'c','primary':true}", NULL,
	    SCIM__AT_VALUE,
	    "places[type eq 't' and street eq 's' and city eq 'c']" },
	{ "links", "{'value':'u1','display':'d'}", NULL, SCIM__AT_VALUE,
	    "links[value eq 'u1']" },
	{ "tags", "'say \\'hi\\''", NULL, SCIM__AT_VALUE,
	    "tags[value eq 'say \\'hi\\'']" },
};

static const scim__resource_type *
thing(void)
{
	return scim__registry_type(merging_registry(), SCIM_STR("Thing"));
}

static scim_str
path_of(scim_arena *arena, size_t i, scim__value *element)
{
	struct scim__place place = { .attribute = scim__registry_path(
					 merging_registry(), thing(),
					 scim__str(cases[i].attribute)),
		.kind = cases[i].kind };

	assert_non_null(place.attribute);
	if (cases[i].element != NULL) {
		assert_int_equal(
		    scim__json_parse_trusted(arena,
			merging_quoted(arena, cases[i].element), element, NULL),
		    SCIM_OK);
		place.element = element;
	}
	if (cases[i].sub != NULL)
		place.sub = scim__attribute_find(place.attribute->sub,
		    place.attribute->sub_count, scim__str(cases[i].sub));
	return scim__merge_path(arena, &place);
}

/* A client turns a conflict into an operation by copying its path. */
static void
every_path_is_one_that_patch_takes(void **state)
{
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		const struct scim__filter_binding binding = { .arena = arena,
			.registry = merging_registry(),
			.type = thing() };
		const struct scim__filter_limits limits = { 8192, 100, 32 };
		struct scim__path read;
		scim__value element;

		scim_str path = path_of(arena, i, &element);

		assert_str(path, merging_quoted(arena, cases[i].want).ptr);
		assert_int_equal(
		    scim__path_parse(&binding, path, &limits, &read, NULL),
		    SCIM_OK);
	}
}

static void
what_would_be_too_long_is_named_by_its_attribute(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__place place = { .attribute =
					 scim__registry_path(merging_registry(),
					     thing(), SCIM_STR("tags")) };
	char *text = scim_arena_alloc(arena, 5000);
	scim__value element = scim__value_string((scim_str){ text, 5000 });

	memset(text, 'x', 5000);
	place.element = &element;
	assert_str(scim__merge_path(arena, &place), "tags");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_path_is_one_that_patch_takes),
		cmocka_unit_test(
		    what_would_be_too_long_is_named_by_its_attribute),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
