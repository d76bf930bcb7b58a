/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What reading the past costs does not depend on how much of it there is:
 * counted in steps of SQLite's machine, which no load of the computer moves.
 */
#include <sqlite3.h>
#include <stdio.h>

#include "lib/directory.h"
#include "scimd/history.h"

enum { FEW = 10, MANY = 400, PAGE = 8 };

static struct directory d;
static long steps;

static int
count_step(void *context)
{
	steps++;
	return 0;
}

static int
count_steps_of(sqlite3 *db, const char **error, const void *routines)
{
	sqlite3_progress_handler(db, 1, count_step, NULL);
	return SQLITE_OK;
}

/* A user, and two neighbours among its versions, with as many steps from
 * them to a whole state. */
struct subject {
	scim_target target;
	scim_version versions[2];
};

static struct subject
make_subject(const char *name, int count)
{
	scim_resource made = directory_user(&d, name);
	struct subject s = { .target = { SCIM_STR("User"), made.id } };
	int first = count > FEW ? 6 : 0;

	s.versions[0] = made.version;
	for (int i = 1; i < count; i++) {
		char body[200];
		scim_outcome out;

		(void)snprintf(body, sizeof(body),
		    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:"
		    "User\"],\"userName\":\"%s\",\"title\":\"%03d\"}",
		    name, i);
		assert_int_equal(SCIM_OK,
		    directory_replace(
			&d, "User", s.target.id, body, &expect_any, &out));
		if (i == first || i == first + 1)
			s.versions[i - first] = out.resource.version;
	}
	return s;
}

static long
version_steps(const struct subject *s)
{
	scim_resource was;

	steps = 0;
	assert_int_equal(SCIM_OK,
	    scim_provider_version(d.provider, &d.context, &s->target,
		&s->versions[0], &was, &d.err));
	return steps;
}

static long
diff_steps(const struct subject *s)
{
	scim_diff_list list;

	steps = 0;
	assert_int_equal(SCIM_OK,
	    scim_provider_diff(d.provider, &d.context, &s->target,
		&s->versions[0], &s->versions[1], &list, &d.err));
	assert_int_equal(list.count, 1);
	return steps;
}

static long
page_steps(const struct subject *s, bool since)
{
	const scim_history_query query = {
		.since = since ? &s->versions[1] : NULL, .limit = PAGE
	};
	scim_history_page page;

	steps = 0;
	assert_int_equal(SCIM_OK,
	    scim_provider_versions(
		d.provider, &d.context, &s->target, &query, &page, &d.err));
	assert_int_equal(page.count, PAGE);
	return steps;
}

static long
feed_steps(scim_str since)
{
	scim_feed_page page;

	steps = 0;
	assert_int_equal(SCIM_OK,
	    scim_provider_changes(
		d.provider, &d.context, since, PAGE, &page, &d.err));
	assert_int_equal(page.count, PAGE);
	return steps;
}

/* The second are no more than the first, but for what a row more is. */
static void
assert_flat(const char *what, long few, long many)
{
	if (few == 0 || many > few + few / 10)
		fail_msg("%s: %ld steps of few, %ld of many", what, few, many);
}

static void
the_past_costs_the_same_however_long_it_is(void **state)
{
	scim_feed_page end;

	assert_int_equal(
	    SQLITE_OK, sqlite3_auto_extension((void (*)(void))count_steps_of));
	directory_open_sqlite(&d, false);
	d.settings.history_count = 2 * MANY;
	struct subject many = make_subject("many", MANY);
	assert_int_equal(SCIM_OK,
	    scim_provider_changes(
		d.provider, &d.context, SCIM_STR("now"), 1, &end, &d.err));
	struct subject few = make_subject("few", FEW);

	assert_flat("a version", version_steps(&few), version_steps(&many));
	assert_flat("a diff", diff_steps(&few), diff_steps(&many));
	assert_flat(
	    "a page", page_steps(&few, false), page_steps(&many, false));
	assert_flat(
	    "what is since", page_steps(&few, true), page_steps(&many, true));
	assert_flat("the feed", feed_steps((scim_str){ NULL, 0 }),
	    feed_steps(end.position));
	directory_close(&d);
	(void)sqlite3_cancel_auto_extension((void (*)(void))count_steps_of);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_past_costs_the_same_however_long_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
