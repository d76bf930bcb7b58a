/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/merging.h"

#define NAME "'name':{'givenName':'Barbara','familyName':'Jensen'}"
#define WORK "{'type':'work','value':'bj@x.com','primary':true}"
#define HOME "{'type':'home','value':'b@h.net'}"
#define REST "'displayName':'Barbara','title':'Eng'," NAME
#define BASE REST ",'emails':[" WORK "," HOME "]"

/* The worked examples: what an operator reads in the documents is what comes
 * out. */
static const struct merging_case examples[] = {
	{ .name = "W1: what does not collide is merged",
	    .base = BASE,
	    .ours = "'displayName':'Barbara','title':'Sr Eng'," NAME
		    ",'emails':[" WORK "," HOME "]",
	    .theirs =
		"'displayName':'Barbara','title':'Eng',"
		"'name':{'givenName':'Barbara','familyName':'Smith'},"
		"'emails':[" WORK "," HOME ",{'type':'other','value':'z@z'}]",
	    .result =
		"'displayName':'Barbara','title':'Sr Eng',"
		"'name':{'givenName':'Barbara','familyName':'Smith'},"
		"'emails':[" WORK "," HOME ",{'type':'other','value':'z@z'}]",
	    .conflicts = "",
	    .autos = "name.familyName theirs\ntitle ours\n" },
	{ .name = "W2: one cell, two values",
	    .base = BASE,
	    .ours = "'displayName':'Babs','title':'Eng'," NAME
		    ",'emails':[" WORK "," HOME "]",
	    .theirs = "'displayName':'Barb','title':'Eng'," NAME
		      ",'emails':[" WORK "," HOME "]",
	    .conflicts = "displayName modify/modify\n",
	    .autos = "" },
	{ .name = "W3: two new work addresses",
	    .base = BASE,
	    .ours = REST ",'emails':[{'type':'work','value':'new1@x.com',"
			 "'primary':true}," HOME "]",
	    .theirs = REST ",'emails':[{'type':'work','value':'new2@x.com',"
			   "'primary':true}," HOME "]",
	    .conflicts = "emails[type eq 'work'] modify/modify\n"
			 "emails[primary eq true] modify/modify\n" },
	{ .name = "W4: made primary here, removed there",
	    .base = BASE,
	    .ours = REST ",'emails':[{'type':'work','value':'bj@x.com'},"
			 "{'type':'home','value':'b@h.net','primary':true}]",
	    .theirs = REST ",'emails':[" WORK "]",
	    .conflicts = "emails[primary eq true] primary/delete\n" },
	{ .name = "W5: members are a set",
	    .type = "Group",
	    .base = "'members':[{'value':'u1'},{'value':'u2'}]",
	    .ours = "'members':[{'value':'u1'},{'value':'u2'},{'value':'u3'}]",
	    .theirs = "'members':[{'value':'u2'},{'value':'u4'}]",
	    .result = "'members':[{'value':'u2'},{'value':'u4'},"
		      "{'value':'u3'}]",
	    .conflicts = "" },
	{ .name = "W6: the primary one renamed here, removed there",
	    .base = BASE,
	    .ours = REST ",'emails':[{'type':'work','value':'n@x.com',"
			 "'primary':true}," HOME "]",
	    .theirs = REST ",'emails':[" HOME "]",
	    .conflicts = "emails[primary eq true] modify/modify\n" },
	{ .name = "W6b: the same, and it was not primary",
	    .base = REST ",'emails':[{'type':'work','value':'bj@x.com'},"
			 "{'type':'home','value':'b@h.net','primary':true}]",
	    .ours = REST ",'emails':[{'type':'work','value':'n@x.com'},"
			 "{'type':'home','value':'b@h.net','primary':true}]",
	    .theirs = REST ",'emails':[{'type':'home','value':'b@h.net',"
			   "'primary':true}]",
	    .result = REST ",'emails':[{'type':'home','value':'b@h.net',"
			   "'primary':true},{'type':'work','value':'n@x.com'}]",
	    .conflicts = "" },
	{ .name = "W7: no new roles for who was deactivated",
	    .base = BASE ",'active':true,'roles':[{'value':'user'}]",
	    .ours = BASE ",'active':true,'roles':[{'value':'user'},"
			 "{'value':'admin'}]",
	    .theirs = BASE ",'active':false,'roles':[{'value':'user'}]",
	    .conflicts = "active guard\n",
	    .autos = "" },
	{ .name = "W8: both the same",
	    .base = BASE,
	    .ours = "'displayName':'Barbara','title':'Lead'," NAME
		    ",'emails':[" WORK "," HOME "]",
	    .theirs = "'displayName':'Barbara','title':'Lead'," NAME
		      ",'emails':[" WORK "," HOME "]",
	    .result = "'displayName':'Barbara','title':'Lead'," NAME
		      ",'emails':[" WORK "," HOME "]",
	    .conflicts = "",
	    .autos = "" },
};

static void
the_worked_examples_come_out_as_written(void **state)
{
	for (size_t i = 0; i < scim__countof(examples); i++)
		merging_check(&examples[i], NULL);
}

static void
a_result_says_whether_anything_changes(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_merge_result result;

	merging_merge(arena, &examples[0], NULL, &result);
	assert_true(result.is_clean && result.is_changed);
	merging_merge(
	    arena, &examples[scim__countof(examples) - 1], NULL, &result);
	assert_true(result.is_clean && !result.is_changed);
	merging_merge(arena, &examples[1], NULL, &result);
	assert_false(result.is_clean);
	assert_true(scim__str_contains(
	    result.proposed, SCIM_STR("\"displayName\":\"Barb\"")));
	merging_merge(arena, &examples[7], NULL, &result);
	assert_null(result.proposed.ptr);
	assert_null(result.json.ptr);
}

#define BODY(members)                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:" \
	"User\"]" members "}"
#define GOOD BODY(",\"userName\":\"bj\"")

static void
the_id_is_theirs_and_what_was_not_sent_stays(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const scim_merge_sides sides = {
		SCIM_STR(BODY(",\"USERNAME\":\"bj\",\"password\":\"old\"")),
		SCIM_STR(BODY(",\"userName\":\"bj\",\"title\":\"t\"")),
		SCIM_STR(BODY(",\"userName\":\"bj\",\"password\":\"new\","
			      "\"id\":\"7\",\"meta\":{\"version\":\"x\"}")),
	};
	scim_merge_result result;

	assert_int_equal(scim_merge(arena, merging_registry(), SCIM_STR("user"),
			     &sides, NULL, &result, NULL),
	    SCIM_OK);

	assert_str(scim__str(scim__str_copy_z(arena, result.json)),
	    "{\"id\":\"7\",\"password\":\"new\",\"schemas\":[\"urn:ietf:"
	    "params:scim:schemas:core:2.0:User\"],\"title\":\"t\","
	    "\"userName\":\"bj\"}");
}

static void
members_that_ours_does_not_send_stay(void **state)
{
	const struct merging_case c = { .name = "members",
		.type = "Group",
		.base = "'members':[{'value':'u1'},{'value':'u2'}]",
		.ours = "'externalId':'x'",
		.theirs = "'members':[{'value':'u2'}]",
		.result = "'externalId':'x','members':[{'value':'u2'}]",
		.conflicts = "" };

	merging_check(&c, NULL);
}

static void
what_is_in_conflict_is_not_validated(void **state)
{
	const struct merging_case c = { .name = "both at once",
		.type = "Thing",
		.base = "'text':'a','needed':['a','b']",
		.ours = "'text':'b','needed':['a']",
		.theirs = "'text':'c','needed':['b']",
		.conflicts = "text modify/modify\n" };

	merging_check(&c, NULL);
}

static const struct {
	const char *type, *base, *ours, *theirs, *guard;
	scim_status status;
	const char *detail;
} refused[] = {
	{ "Nobody", GOOD, GOOD, GOOD, NULL, SCIM_ERR_INVALID,
	    "There is no resource type \"Nobody\"." },
	{ "User", "{", GOOD, GOOD, NULL, SCIM_ERR_INVALID, "In base: " },
	{ "User", GOOD, "[]", GOOD, NULL, SCIM_ERR_INVALID,
	    "In ours: a resource is a JSON object." },
	{ "User", GOOD, BODY(""), GOOD, NULL, SCIM_ERR_INVALID,
	    "In ours: userName is required: send it with a value." },
	{ "User", GOOD, GOOD, "", NULL, SCIM_ERR_INVALID, "In theirs: " },
	{ "User", GOOD, GOOD, GOOD, "nothing", SCIM_ERR_INVALID,
	    "The guard \"nothing\" is no attribute of User." },
};

static void
what_cannot_be_read_is_refused_and_nothing_is_written(void **state)
{
	for (size_t i = 0; i < scim__countof(refused); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		const scim_merge_sides sides = { scim__str(refused[i].base),
			scim__str(refused[i].ours),
			scim__str(refused[i].theirs) };
		const scim_str guard = scim__str(refused[i].guard);
		scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
		scim_merge_result result = { .conflict_count = POISON };
		scim_error err = { .status = SCIM_OK };

		options.guards = refused[i].guard == NULL ? NULL : &guard;
		options.guard_count = 1;
		assert_int_equal(scim_merge(arena, merging_registry(),
				     scim__str(refused[i].type), &sides,
				     &options, &result, &err),
		    refused[i].status);

		assert_int_equal(err.status, refused[i].status);
		assert_memory_equal(
		    err.detail, refused[i].detail, strlen(refused[i].detail));
		assert_int_equal(result.conflict_count, POISON);
	}
}

static void
limits_hold_for_each_side(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const scim_merge_sides sides = { SCIM_STR(GOOD), SCIM_STR(GOOD),
		SCIM_STR(GOOD) };
	scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
	scim_settings settings;
	scim_merge_result result;
	scim_error err;

	scim_settings_init(&settings);
	settings.limits.body_bytes = sizeof(GOOD) - 2;
	options.limits = &settings.limits;
	assert_int_equal(scim_merge(arena, merging_registry(), SCIM_STR("User"),
			     &sides, &options, &result, &err),
	    SCIM_ERR_TOO_LARGE);
	settings.limits.body_bytes++;
	assert_int_equal(scim_merge(arena, merging_registry(), SCIM_STR("User"),
			     &sides, &options, &result, &err),
	    SCIM_OK);
}

static void
misuse_is_an_answer(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const scim_merge_sides sides = { SCIM_STR(GOOD), SCIM_STR(GOOD),
		SCIM_STR(GOOD) };
	const scim_merge_options unknown = { .size = 1 };
	const scim_str type = SCIM_STR("User"), text = SCIM_STR(GOOD);
	scim_registry *registry = merging_registry();
	scim_merge_result result;
	scim_diff_list list;

	assert_int_equal(
	    scim_merge(NULL, registry, type, &sides, NULL, &result, NULL),
	    SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_merge(arena, NULL, type, &sides, NULL, &result, NULL),
	    SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_merge(arena, registry, type, NULL, NULL, &result, NULL),
	    SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_merge(arena, registry, type, &sides, NULL, NULL, NULL),
	    SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_merge(arena, registry, type, &sides, &unknown, &result, NULL),
	    SCIM_ERR_MISUSE);
	assert_int_equal(scim_diff(arena, NULL, type, text, text, &list, NULL),
	    SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_diff(arena, registry, type, text, text, NULL, NULL),
	    SCIM_ERR_MISUSE);
}

/* "path op before after\n" each. */
static const struct {
	const char *from, *to, *want;
} diffs[] = {
	{ "'text':'a'", "'text':'a'", "" },
	{ "'text':'a'", "'text':'b'", "text replace 'a' 'b'\n" },
	{ "", "'text':'b'", "text add - 'b'\n" },
	{ "'text':'a'", "", "text remove 'a' -\n" },
	{ "'part':{'a':'1'}", "'part':{'a':'2','b':'3'}",
	    "part.a replace '1' '2'\npart.b add - '3'\n" },
	{ "'whole':{'x':'1'}", "'whole':{'x':'2'}",
	    "whole replace {'x':'1'} {'x':'2'}\n" },
	{ "'tags':['a','b']", "'tags':['b','c']",
	    "tags[value eq 'a'] remove 'a' -\n"
	    "tags[value eq 'c'] add - 'c'\n" },
	{ "'tags':['a','b']", "'tags':['b','a']", "" },
	{ "'tags':['a']", "'tags':['A']",
	    "tags[value eq 'A'] replace 'a' 'A'\n" },
	{ "'mails':[{'type':'w','value':'a','primary':true}]",
	    "'mails':[{'type':'w','value':'b','primary':true}]",
	    "mails[type eq 'w' and value eq 'a'] remove "
	    "{'type':'w','value':'a'} -\n"
	    "mails[type eq 'w' and value eq 'b'] add - "
	    "{'type':'w','value':'b'}\n"
	    "mails[primary eq true] replace {'type':'w','value':'a'} "
	    "{'type':'w','value':'b'}\n" },
	{ "'mails':[{'type':'w','value':'a','label':'1'}]",
	    "'mails':[{'type':'w','value':'a','label':'2','primary':false}]",
	    "mails[type eq 'w' and value eq 'a'].label replace '1' '2'\n" },
	{ "'pin':'a'", "'pin':'b'", "pin replace redacted\n" },
	{ "'locked':false,'urn:x:More':{'grade':'1'}", "'locked':true",
	    "locked replace false true\nurn:x:More:grade remove '1' -\n" },
	{ "'links':[{'value':'u1'}]", "'links':[{'value':'u2'}]",
	    "links[value eq 'u1'] remove {'value':'u1'} -\n"
	    "links[value eq 'u2'] add - {'value':'u2'}\n" },
};

static void
add_value(scim__buf *buf, scim_str value)
{
	scim__buf_add_char(buf, ' ');
	scim__buf_add(buf, value.ptr == NULL ? SCIM_STR("-") : value);
}

static scim_str
write_diff(scim_arena *arena, const scim_diff_list *list)
{
	static const char *const ops[] = { "add", "replace", "remove" };
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	for (size_t i = 0; i < list->count; i++) {
		const scim_diff_entry *e = &list->entries[i];

		scim__buf_add(&buf, e->path);
		scim__buf_printf(&buf, " %s", ops[e->op]);
		if (e->redacted)
			scim__buf_add_z(&buf, " redacted");
		else {
			add_value(&buf, e->before);
			add_value(&buf, e->after);
		}
		scim__buf_add_char(&buf, '\n');
	}
	return scim__buf_str(&buf);
}

static void
a_diff_lists_every_cell_that_differs(void **state)
{
	for (size_t i = 0; i < scim__countof(diffs); i++) {
		scim__auto(scim_arena_free) scim_arena *arena =
		    scim_arena_new(NULL);
		scim_diff_list list;

		print_message("  %s -> %s\n", diffs[i].from, diffs[i].to);
		assert_int_equal(
		    scim_diff(arena, merging_registry(), SCIM_STR("Thing"),
			merging_resource(arena, "Thing", diffs[i].from),
			merging_resource(arena, "Thing", diffs[i].to), &list,
			NULL),
		    SCIM_OK);

		assert_str(write_diff(arena, &list),
		    merging_quoted(arena, diffs[i].want).ptr);
	}
}

static void
a_diff_of_what_cannot_be_read_is_refused(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_diff_list list = { .count = POISON };
	scim_error err;

	assert_int_equal(scim_diff(arena, merging_registry(), SCIM_STR("User"),
			     SCIM_STR(GOOD), SCIM_STR("x"), &list, &err),
	    SCIM_ERR_INVALID);
	assert_memory_equal(err.detail, "In to: ", 7);
	assert_int_equal(list.count, POISON);
}

static scim_status
merge_in(scim_arena *arena, void *context)
{
	const scim_merge_sides *sides = context;
	scim_merge_result result;
	scim_diff_list list;
	scim_status rc = scim_merge(arena, merging_registry(),
	    SCIM_STR("Thing"), sides, NULL, &result, NULL);

	return rc != SCIM_OK
	    ? rc
	    : scim_diff(arena, merging_registry(), SCIM_STR("Thing"),
		  sides->base, sides->theirs, &list, NULL);
}

static void
every_failed_allocation_is_reported(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	const char *const texts[][3] = {
		{ "'needed':['a','b'],'links':[{'value':'u'}]",
		    "'needed':['a'],'pin':'1'",
		    "'needed':['b'],'urn:x:More':{'code':'1','grade':'2'}" },
		{ "'mails':[{'type':'w','value':'a','primary':true}]",
		    "'mails':[{'type':'w','value':'b','primary':true}]",
		    "'mails':[{'type':'w','value':'c'}],'pin':'2'" },
	};

	for (size_t i = 0; i < scim__countof(texts); i++) {
		scim_merge_sides sides = {
			merging_resource(arena, "Thing", texts[i][0]),
			merging_resource(arena, "Thing", texts[i][1]),
			merging_resource(arena, "Thing", texts[i][2]),
		};

		assert_true(test_fail_each_allocation(merge_in, &sides) > 50);
	}
}

static void
every_kind_has_a_name(void **state)
{
	for (int kind = 0; kind <= SCIM_MERGE_VALIDATION; kind++)
		for (int other = 0; other < kind; other++)
			assert_string_not_equal(
			    scim_merge_kind_name((scim_merge_kind)kind),
			    scim_merge_kind_name((scim_merge_kind)other));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_worked_examples_come_out_as_written),
		cmocka_unit_test(a_result_says_whether_anything_changes),
		cmocka_unit_test(the_id_is_theirs_and_what_was_not_sent_stays),
		cmocka_unit_test(
		    what_cannot_be_read_is_refused_and_nothing_is_written),
		cmocka_unit_test(members_that_ours_does_not_send_stay),
		cmocka_unit_test(what_is_in_conflict_is_not_validated),
		cmocka_unit_test(limits_hold_for_each_side),
		cmocka_unit_test(misuse_is_an_answer),
		cmocka_unit_test(a_diff_lists_every_cell_that_differs),
		cmocka_unit_test(a_diff_of_what_cannot_be_read_is_refused),
		cmocka_unit_test(every_failed_allocation_is_reported),
		cmocka_unit_test(every_kind_has_a_name),
	};

	return cmocka_run_group_tests(tests, NULL, merging_end);
}
