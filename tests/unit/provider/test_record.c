/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/record.h"

#include "base/str.h"
#include "lib/directory.h"
#include "json/json.h"

static struct directory d;

static int
set_up(void **state)
{
	directory_open(&d);
	return 0;
}

static int
tear_down(void **state)
{
	directory_close(&d);
	return 0;
}

static const scim__resource_type *
type_of(const char *name)
{
	return scim__registry_type(d.registry, scim__str(name));
}

static scim__value
value_of(const char *json)
{
	scim__value value;

	assert_int_equal(SCIM_OK,
	    scim__json_parse_trusted(
		d.context.arena, scim__str(json), &value, NULL));
	return value;
}

#define LONG "a title long enough for a step back to be worth its while"

static scim_change
describe(const char *before, const char *after, const char *old_secret,
    const char *new_secret, bool moved)
{
	scim_change change = scim__change(&d.context, "patch", 5);
	scim__value a, b;
	struct scim__logged from = { NULL, SCIM_STR(""),
		scim__str(old_secret) };
	struct scim__logged to = { NULL, SCIM_STR(""), scim__str(new_secret) };

	if (before != NULL) {
		a = value_of(before);
		from.content = &a;
		from.text = scim__str(before);
	}
	if (after != NULL) {
		b = value_of(after);
		to.content = &b;
		to.text = scim__str(after);
	}
	assert_int_equal(SCIM_OK,
	    scim__change_describe(&d.context, type_of("Group"), &from, &to,
		moved, &change, NULL));
	return change;
}

static void
a_change_says_who_and_where(void **state)
{
	scim_change change = scim__change(&d.context, "patch", 5);

	assert_str(change.operation, "patch");
	assert_str(change.actor, "test");
	assert_str(change.via, "c");
	assert_int_equal(change.at_ms, 5);
	assert_int_equal(change.keep, d.settings.history_count);
}

static void
a_replaced_state_leaves_the_step_back(void **state)
{
	scim_change c = describe("{\"id\":\"1\",\"t\":\"" LONG "\",\"x\":1}",
	    "{\"id\":\"1\",\"t\":\"" LONG "\",\"x\":2}", "", "", false);

	assert_str(c.content, "[[[\"x\"],1]]");
	assert_str(c.whole, "{\"id\":\"1\",\"t\":\"" LONG "\",\"x\":1}");
	assert_str(c.paths, "[\"x\"]");
}

static void
where_the_whole_is_shorter_it_is_kept(void **state)
{
	scim_change c = describe("{\"x\":1}", "{\"y\":2}", "", "", false);

	assert_str(c.content, "{\"x\":1}");
	assert_str(c.paths, "[\"x\",\"y\"]");
}

static void
secrets_are_named_and_not_kept(void **state)
{
	scim_change c = describe("{\"x\":\"" LONG "\"}", "{\"x\":\"" LONG "\"}",
	    "{\"password\":\"$1\"}", "{\"password\":\"$2\"}", false);

	assert_str(c.paths, "[\"password\"]");
	assert_str(c.content, "[]");
	c = describe(
	    "{\"x\":1}", "{\"x\":2}", "", "{\"password\":\"$2\"}", true);
	assert_str(c.paths, "[\"members\",\"password\",\"x\"]");
}

static void
what_comes_and_goes_has_no_paths(void **state)
{
	scim_change c = describe(NULL, "{\"x\":1}", "", "", false);

	assert_str(c.paths, "[]");
	assert_str(c.content, "");
	c = describe("{\"x\":1}", NULL, "", "", false);
	assert_str(c.paths, "[]");
	assert_str(c.content, "{\"x\":1}");
}

static void
members_alone_leave_nothing_but_their_name(void **state)
{
	scim_change change = scim__change(&d.context, "patch", 5);

	assert_int_equal(SCIM_OK,
	    scim__change_of_members(&d.context, type_of("Group"),
		SCIM_STR("{\"x\":1}"), &change, NULL));
	assert_str(change.paths, "[\"members\"]");
	assert_str(change.content, "[]");
	assert_str(change.whole, "{\"x\":1}");
}

static void
without_history_only_paths_are_kept(void **state)
{
	d.settings.history_count = 0;
	scim_change c = describe("{\"x\":1}", "{\"x\":2}", "", "", false);

	assert_int_equal(c.keep, 0);
	assert_str(c.content, "");
	assert_str(c.paths, "[\"x\"]");
	d.settings.history_count = 1;
	c = describe("{\"x\":1}", NULL, "", "", false);
	assert_str(c.content, "");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(a_change_says_who_and_where),
		TEST(a_replaced_state_leaves_the_step_back),
		TEST(where_the_whole_is_shorter_it_is_kept),
		TEST(secrets_are_named_and_not_kept),
		TEST(what_comes_and_goes_has_no_paths),
		TEST(members_alone_leave_nothing_but_their_name),
		TEST(without_history_only_paths_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
