/* SPDX-License-Identifier: Apache-2.0 */
#include "definitions.h"

#include "base/arena.h"
#include "base/buf.h"
#include "schema/project.h"
#include "json/json.h"

#define EXTRA "urn:x:Extra"
#define THING                                                                  \
	"{\"schemas\":[\"urn:x:Thing\",\"" EXTRA "\"],\"id\":\"1\",\"a\":1,"   \
	"\"c\":[{\"p\":1,\"q\":2,\"r\":3,\"s\":4},{\"q\":5}],\"e\":{\"x\":1}," \
	"\"g\":6,\"h\":7,\"meta\":{\"location\":\"l\",\"version\":\"v\"},"     \
	"\"pin\":8,\"stale\":9,\"" EXTRA "\":{\"k\":1,\"l\":2,\"m\":3}}"
/* What is always there, around the rest. */
#define WITH(rest) \
	"{\"schemas\":[\"urn:x:Thing\",\"" EXTRA "\"],\"id\":\"1\"" rest "}"
#define META ",\"meta\":{\"location\":\"l\",\"version\":\"v\"}"

static scim_registry *registry;

static int
set_up(void **state)
{
	/* Names: g is always, h on request, pin never; so r, s of c; l, m. */
	static const char thing[] = THING_SCHEMA(
	    "{\"name\":\"a\"},{\"name\":\"c\",\"type\":\"complex\","
	    "\"multiValued\":true,\"subAttributes\":[{\"name\":\"p\"},"
	    "{\"name\":\"q\"},{\"name\":\"r\",\"returned\":\"always\"},"
	    "{\"name\":\"s\",\"returned\":\"request\"}]},"
	    "{\"name\":\"e\",\"type\":\"complex\",\"subAttributes\":["
	    "{\"name\":\"x\"}]},"
	    "{\"name\":\"g\",\"returned\":\"always\"},"
	    "{\"name\":\"h\",\"returned\":\"request\"},"
	    "{\"name\":\"pin\",\"returned\":\"never\"}");
	static const char *const texts[] = { thing,
		THING_TYPE(
		    ",\"schemaExtensions\":[{\"schema\":\"" EXTRA "\"}]"),
		"{\"id\":\"" EXTRA "\",\"attributes\":[{\"name\":\"k\"},"
		"{\"name\":\"l\",\"returned\":\"request\"},"
		"{\"name\":\"m\",\"returned\":\"always\"}]}",
		NULL };
	scim_error err = { .status = SCIM_OK };

	if (load_texts(texts, &registry, &err) == SCIM_OK)
		return 0;
	print_error("%s\n", err.detail);
	return -1;
}

static int
tear_down(void **state)
{
	scim_registry_unref(registry);
	return 0;
}

static scim_str
str_or_none(const char *text)
{
	return text == NULL ? (scim_str){ NULL, 0 } : scim__str(text);
}

static scim__projection *
parse(scim_arena *arena, const char *type, const char *attributes,
    const char *excluded)
{
	scim__projection *projection = NULL;
	const scim__resource_type *of = type == NULL
	    ? NULL
	    : scim__registry_type(registry, scim__str(type));

	assert_int_equal(
	    scim__projection_parse(arena, registry, of, str_or_none(attributes),
		str_or_none(excluded), &projection, NULL),
	    SCIM_OK);
	return projection;
}

static void
assert_shows(scim_arena *arena, const scim__projection *projection,
    const char *type, const char *resource, const char *want)
{
	scim__value value;
	scim__buf buf;

	assert_int_equal(
	    scim__json_parse_trusted(arena, scim__str(resource), &value, NULL),
	    SCIM_OK);
	scim__projection_apply(projection, registry,
	    scim__registry_type(registry, scim__str(type)), &value);
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write(&buf, &value);
	assert_str(scim__buf_str(&buf), want);
}

#define DEFAULT                                                     \
	WITH(                                                       \
	    ",\"a\":1,\"c\":[{\"p\":1,\"q\":2,\"r\":3},{\"q\":5}]," \
	    "\"e\":{\"x\":1},\"g\":6" META ",\"" EXTRA "\":{\"k\":1,\"m\":3}")
#define G ",\"g\":6"
#define M ",\"" EXTRA "\":{\"m\":3}"

static const struct {
	const char *attributes, *excluded, *want;
} cases[] = {
	/* @spec 7644-3.9-01, 7643-7-17, 7643-7-18, 7643-7-19, 7643-7-20 */
	{ NULL, NULL, DEFAULT },
	{ "", " ", DEFAULT },
	{ NULL, "none,urn:none", DEFAULT },

	/* @spec 7644-3.4.2.5-02, 7644-3.9-03, 7644-3.9-06, 7644-3.10-02 */
	{ "a", NULL, WITH(",\"a\":1" G M) },
	{ " A ,, none,urn:X:thing:E ", NULL,
	    WITH(",\"a\":1,\"e\":{\"x\":1}" G M) },
	{ "none", NULL, WITH(G M) },
	{ ",", NULL, WITH(G M) },
	{ "id,schemas", NULL, WITH(G M) },
	{ "meta.location", NULL, WITH(G ",\"meta\":{\"location\":\"l\"}" M) },
	{ "c", NULL, WITH(",\"c\":[{\"p\":1,\"q\":2,\"r\":3},{\"q\":5}]" G M) },
	{ "c.p", NULL, WITH(",\"c\":[{\"p\":1,\"r\":3}]" G M) },
	{ "c.P,c.q", NULL,
	    WITH(",\"c\":[{\"p\":1,\"q\":2,\"r\":3},{\"q\":5}]" G M) },
	{ "urn:x:Thing", NULL,
	    WITH(",\"a\":1,\"c\":[{\"p\":1,\"q\":2,\"r\":3},{\"q\":5}],"
		 "\"e\":{\"x\":1},\"g\":6" M) },
	{ EXTRA, NULL, WITH(G ",\"" EXTRA "\":{\"k\":1,\"m\":3}") },
	{ EXTRA ":K", NULL, WITH(G ",\"" EXTRA "\":{\"k\":1,\"m\":3}") },
	{ "k", NULL, WITH(G M) },

	/* @spec 7644-3.9-07, 7644-3.9-08, 7643-7-20 */
	{ "h", NULL, WITH(G ",\"h\":7" M) },
	{ "pin", NULL, WITH(G M) },
	{ "c.s", NULL, WITH(",\"c\":[{\"r\":3,\"s\":4}]" G M) },
	{ "c,c.s", NULL,
	    WITH(",\"c\":[{\"p\":1,\"q\":2,\"r\":3,\"s\":4},{\"q\":5}]" G M) },
	{ EXTRA ":l", NULL, WITH(G ",\"" EXTRA "\":{\"l\":2,\"m\":3}") },

	/* @spec 7644-3.4.2.5-04, 7644-3.4.2.5-05, 7644-3.9-04 */
	{ NULL, "a,c,e,g,id,schemas,meta,h",
	    WITH(",\"g\":6,\"" EXTRA "\":{\"k\":1,\"m\":3}") },
	{ NULL, "c.q,c.r,e.x,meta.version",
	    WITH(",\"a\":1,\"c\":[{\"p\":1,\"r\":3}],\"g\":6,\"meta\":"
		 "{\"location\":\"l\"},\"" EXTRA "\":{\"k\":1,\"m\":3}") },
	{ NULL, "c,e," EXTRA, WITH(",\"a\":1,\"g\":6" META M) },
	{ NULL, "urn:x:Thing",
	    WITH(",\"g\":6" META ",\"" EXTRA "\":{\"k\":1,\"m\":3}") },
	{ NULL, "c,e," EXTRA ":k", WITH(",\"a\":1,\"g\":6" META M) },
};

static void
answers_show_what_was_asked_for(void **state)
{
	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);

		assert_shows(arena,
		    parse(
			arena, "Thing", cases[i].attributes, cases[i].excluded),
		    "Thing", THING, cases[i].want);
		assert_shows(arena,
		    parse(arena, NULL, cases[i].attributes, cases[i].excluded),
		    "Thing", THING, cases[i].want);
	}
}

static void
what_has_nothing_left_goes(void **state)
{
	static const struct {
		const char *attributes, *excluded, *resource, *want;
	} emptied[] = {
		{ NULL, "c.q", "{\"a\":1,\"c\":[{\"q\":1},{\"q\":2}]}",
		    "{\"a\":1}" },
		{ NULL, EXTRA ":k", "{\"a\":1,\"" EXTRA "\":{\"k\":1}}",
		    "{\"a\":1}" },
	};
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(emptied); i++)
		assert_shows(arena,
		    parse(arena, "Thing", emptied[i].attributes,
			emptied[i].excluded),
		    "Thing", emptied[i].resource, emptied[i].want);
}

static void
no_projection_is_the_default_one(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);

	assert_shows(arena, NULL, "Thing", THING, DEFAULT);
	assert_true(scim__projection_is_default(NULL));
	assert_true(
	    scim__projection_is_default(parse(arena, "Thing", NULL, NULL)));
	assert_true(scim__projection_is_default(parse(arena, NULL, "", "")));
	assert_true(
	    scim__projection_is_default(parse(arena, "Thing", NULL, "none")));
	assert_false(
	    scim__projection_is_default(parse(arena, "Thing", "none", NULL)));
	assert_false(
	    scim__projection_is_default(parse(arena, "Thing", NULL, "a")));
}

static void
one_projection_serves_several_types(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__projection *projection =
	    parse(arena, NULL, "displayName,members.value", NULL);

	assert_shows(arena, projection, "User",
	    "{\"schemas\":[],\"id\":\"1\",\"displayName\":\"u\",\"userName\":"
	    "\"n\"}",
	    "{\"schemas\":[],\"id\":\"1\",\"displayName\":\"u\"}");
	assert_shows(arena, projection, "Group",
	    "{\"id\":\"2\",\"displayName\":\"g\",\"members\":[{\"value\":"
	    "\"a\",\"display\":\"A\"}]}",
	    "{\"id\":\"2\",\"displayName\":\"g\",\"members\":[{\"value\":"
	    "\"a\"}]}");
}

static void
it_is_known_beforehand_what_will_be_shown(void **state)
{
	static const struct {
		const char *attributes, *excluded;
		bool members, name;
	} shown[] = {
		{ NULL, NULL, true, true },
		{ NULL, "members", false, true },
		{ NULL, "members.display", true, true },
		{ NULL, "displayName", true, false },
		{ "displayName", NULL, false, true },
		{ "members.value", NULL, true, false },
		{ GROUP_URN, NULL, true, true },
		{ NULL, GROUP_URN, false, false },
	};
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const scim__attribute *members =
	    find_path(registry, "Group", "members");
	const scim__attribute *name =
	    find_path(registry, "Group", "displayName");

	assert_true(scim__projection_shows(NULL, members));
	for (size_t i = 0; i < scim__countof(shown); i++) {
		scim__projection *p = parse(
		    arena, "Group", shown[i].attributes, shown[i].excluded);

		assert_int_equal(
		    scim__projection_shows(p, members), shown[i].members);
		assert_int_equal(
		    scim__projection_shows(p, name), shown[i].name);
	}
	assert_false(scim__projection_shows(parse(arena, "Thing", "pin", NULL),
	    find_path(registry, "Thing", "pin")));
	assert_false(
	    scim__projection_shows(NULL, find_path(registry, "Thing", "h")));
}

/* @spec 7644-3.9-05 */
static void
both_parameters_at_once_are_refused(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__projection *out = NULL;
	scim_error err = { .status = SCIM_OK };

	assert_int_equal(scim__projection_parse(arena, registry, NULL,
			     SCIM_STR("a"), SCIM_STR("b"), &out, &err),
	    SCIM_ERR_INVALID);
	assert_string_equal(err.scim_type, "invalidValue");
	assert_null(out);
}

static scim_status
parse_into(scim_arena *arena, void *context)
{
	scim__projection *out = NULL;

	return scim__projection_parse(arena, registry, NULL,
	    SCIM_STR("userName,name,title,active,emails,roles,ims,photos,"
		     "displayName,a,c," EXTRA "," USER_URN),
	    (scim_str){ NULL, 0 }, &out, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(parse_into, NULL) > 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_show_what_was_asked_for),
		cmocka_unit_test(what_has_nothing_left_goes),
		cmocka_unit_test(no_projection_is_the_default_one),
		cmocka_unit_test(one_projection_serves_several_types),
		cmocka_unit_test(it_is_known_beforehand_what_will_be_shown),
		cmocka_unit_test(both_parameters_at_once_are_refused),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
