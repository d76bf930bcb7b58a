/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/hottest.h"

#include <stdio.h>

#include "lib/test.h"

static scim_arena *arena;

static int
set_up(void **state)
{
	arena = scim_arena_new(NULL);
	return arena == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	scim_arena_free(arena);
	return 0;
}

static size_t
read_all(const struct scim__hottest *h, size_t limit, scim_metrics_hot **out)
{
	size_t count = POISON;

	assert_int_equal(
	    SCIM_OK, scim__hottest_read(h, limit, arena, out, &count));
	return count;
}

static void
note(struct scim__hottest *h, const char *name, size_t times)
{
	for (size_t i = 0; i < times; i++)
		scim__hottest_note(
		    h, SCIM_STR("t"), SCIM_STR("User"), scim__str(name));
}

static void
the_most_frequent_come_first(void **state)
{
	struct scim__hottest h = { 0 };
	scim_metrics_hot *hot = NULL;

	assert_int_equal(read_all(&h, 10, &hot), 0);
	note(&h, "a", 2);
	note(&h, "b", 3);
	note(&h, "c", 1);

	assert_int_equal(read_all(&h, 2, &hot), 2);
	assert_str(hot[0].tenant, "t");
	assert_str(hot[0].type, "User");
	assert_str(hot[0].name, "b");
	assert_int_equal(hot[0].conflicts, 3);
	assert_int_equal(hot[0].excess, 0);
	assert_str(hot[1].name, "a");
}

static void
parts_are_told_apart(void **state)
{
	struct scim__hottest h = { 0 };
	scim_metrics_hot *hot = NULL;

	scim__hottest_note(&h, SCIM_STR("ab"), SCIM_STR("c"), SCIM_STR("d"));
	scim__hottest_note(&h, SCIM_STR("a"), SCIM_STR("bc"), SCIM_STR("d"));
	scim__hottest_note(&h, SCIM_STR("a"), SCIM_STR("b"), SCIM_STR("cd"));

	assert_int_equal(read_all(&h, 10, &hot), 3);
}

/* One of many that come once each, and a few that come again and again. */
static void
what_is_frequent_is_found_in_bounded_memory(void **state)
{
	struct scim__hottest h = { 0 };
	scim_metrics_hot *hot = NULL;
	char name[32];

	for (int i = 0; i < 20000; i++) {
		(void)snprintf(name, sizeof(name), "cold%d", i);
		note(&h, name, 1);
		if (i % 20 == 0)
			note(&h, "warm", 1);
		if (i % 5 == 0)
			note(&h, "hot", 1);
	}

	assert_int_equal(read_all(&h, 1000, &hot), SCIM__HOTTEST_SLOTS);
	assert_str(hot[0].name, "hot");
	assert_true(hot[0].conflicts >= 4000);
	assert_true(hot[0].conflicts - hot[0].excess <= 4000);
	assert_str(hot[1].name, "warm");
	assert_true(hot[1].conflicts >= 1000);
	assert_true(hot[1].conflicts - hot[1].excess <= 1000);
}

static void
of_a_path_no_value_is_kept(void **state)
{
	static const struct {
		const char *path, *want;
	} cases[] = {
		{ "name.givenName", "name.givenName" },
		{ "emails[value eq \"a@b.example\"].display",
		    "emails.display" },
		{ "emails[value eq \"a]b\"].type", "emails.type" },
		{ "emails[value eq \"a\\\"]b\"].type", "emails.type" },
		{ "urn:ietf:params:scim:schemas:core:2.0:User:emails[x",
		    "urn:ietf:params:scim:schemas:core:2.0:User:emails" },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct scim__hottest h = { 0 };
		scim_metrics_hot *hot = NULL;

		scim__hottest_note_path(&h, SCIM_STR("t"), SCIM_STR("User"),
		    scim__str(cases[i].path));
		assert_int_equal(read_all(&h, 1, &hot), 1);
		assert_str(hot[0].name, cases[i].want);
	}
}

static void
what_is_too_long_is_left_out(void **state)
{
	struct scim__hottest h = { 0 };
	scim_metrics_hot *hot = NULL;
	char name[300];

	memset(name, 'x', sizeof(name));
	scim__hottest_note(&h, SCIM_STR("t"), SCIM_STR("User"),
	    (scim_str){ name, sizeof(name) });
	scim__hottest_note(
	    &h, SCIM_STR("t"), SCIM_STR("User"), (scim_str){ NULL, 0 });
	assert_int_equal(read_all(&h, 10, &hot), 0);
	scim__hottest_note(&h, SCIM_STR("t"), SCIM_STR("User"),
	    (scim_str){ name, SCIM__HOTTEST_BYTES - 5 });
	assert_int_equal(read_all(&h, 10, &hot), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_most_frequent_come_first),
		cmocka_unit_test(parts_are_told_apart),
		cmocka_unit_test(what_is_frequent_is_found_in_bounded_memory),
		cmocka_unit_test(of_a_path_no_value_is_kept),
		cmocka_unit_test(what_is_too_long_is_left_out),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
