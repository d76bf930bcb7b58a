/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/metrics.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/directory.h"
#include "scimd/retry.h"

#define USER_SCHEMA "urn:ietf:params:scim:schemas:core:2.0:User"
#define WITH_TITLE(title)                                              \
	"{\"schemas\":[\"" USER_SCHEMA "\"],\"userName\":\"bjensen\"," \
	"\"title\":\"" title "\"}"
#define PATCH_TITLE(title)                                                  \
	"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"]," \
	"\"Operations\":[{\"op\":\"replace\",\"path\":\"title\","           \
	"\"value\":\"" title "\"}]}"

static scim_metrics *metrics;

static int
set_up(void **state)
{
	struct directory *d = malloc(sizeof(*d));

	if (d == NULL)
		return -1;
	directory_open(d);
	*state = d;
	if (scim_metrics_new(&metrics, NULL) != SCIM_OK)
		return -1;
	scim_provider_count_in(d->provider, metrics);
	return 0;
}

static int
tear_down(void **state)
{
	struct directory *d = *state;

	directory_close(d);
	free(d);
	scim_metrics_free(metrics);
	return 0;
}

static scim_metrics_counts
counts(void)
{
	scim_metrics_counts c;

	scim_metrics_read(metrics, &c);
	return c;
}

/* The id of a user with a title, which lives in a buffer of the caller. */
static scim_resource
titled_user(struct directory *d)
{
	scim_outcome out;

	assert_int_equal(
	    SCIM_OK, directory_create(d, "User", WITH_TITLE("one"), &out));
	return out.resource;
}

static void
nothing_counted_is_nothing(void **state)
{
	scim_metrics_counts c = counts();

	assert_int_equal(scim_metrics_attempts(&c), 0);
	assert_true(scim_metrics_conflict_rate(&c) == 0.0);
	assert_int_equal(SCIM_ERR_MISUSE, scim_metrics_new(NULL, NULL));
	scim_metrics_free(NULL);
	scim_provider_count_in(NULL, metrics);
}

static void
each_write_counts_once_by_what_became_of_it(void **state)
{
	struct directory *d = *state;
	scim_resource one = titled_user(d);
	scim_expect stale = expect_version(&one.version);
	scim_outcome out;

	assert_int_equal(SCIM_OK,
	    directory_patch(
		d, "User", one.id, PATCH_TITLE("two"), &expect_any, &out));
	assert_int_equal(SCIM_OK,
	    directory_patch(
		d, "User", one.id, PATCH_TITLE("two"), &expect_any, &out));
	assert_int_equal(SCIM_OK,
	    directory_replace(
		d, "User", one.id, WITH_TITLE("three"), &stale, &out));
	assert_int_equal(out.kind, SCIM_MISMATCH);
	assert_int_equal(SCIM_ERR_INVALID,
	    directory_replace(d, "User", one.id, "{}", &expect_any, &out));
	assert_int_equal(SCIM_ERR_EXISTS,
	    directory_create(d, "User", WITH_TITLE("four"), &out));
	assert_int_equal(SCIM_OK,
	    directory_delete(d, "User", SCIM_STR("nobody"), &expect_any, &out));
	assert_int_equal(
	    SCIM_OK, directory_delete(d, "User", one.id, &expect_any, &out));

	scim_metrics_counts c = counts();
	assert_int_equal(c.writes[SCIM_WRITES_CREATE][SCIM_WRITES_DONE], 1);
	assert_int_equal(c.writes[SCIM_WRITES_CREATE][SCIM_WRITES_TAKEN], 1);
	assert_int_equal(c.writes[SCIM_WRITES_PATCH][SCIM_WRITES_DONE], 1);
	assert_int_equal(c.writes[SCIM_WRITES_PATCH][SCIM_WRITES_UNCHANGED], 1);
	assert_int_equal(
	    c.writes[SCIM_WRITES_REPLACE][SCIM_WRITES_CONFLICT], 1);
	assert_int_equal(c.writes[SCIM_WRITES_REPLACE][SCIM_WRITES_REFUSED], 1);
	assert_int_equal(c.writes[SCIM_WRITES_DELETE][SCIM_WRITES_ABSENT], 1);
	assert_int_equal(c.writes[SCIM_WRITES_DELETE][SCIM_WRITES_DONE], 1);
	assert_int_equal(scim_metrics_attempts(&c), 8);
	assert_true(scim_metrics_conflict_rate(&c) == 1.0 / 8);
}

static void
a_conflict_is_noted_where_it_was(void **state)
{
	struct directory *d = *state;
	scim_resource one = titled_user(d);
	scim_expect stale = expect_version(&one.version);
	scim_metrics_hot *hot = NULL;
	scim_outcome out;
	size_t count = 0;

	d->context.explain = SCIM_EXPLAIN_COUNT;
	d->settings.history_count = 100;
	assert_int_equal(SCIM_OK,
	    directory_patch(
		d, "User", one.id, PATCH_TITLE("two"), &expect_any, &out));
	assert_int_equal(SCIM_OK,
	    directory_replace(
		d, "User", one.id, WITH_TITLE("three"), &stale, &out));

	assert_int_equal(SCIM_OK,
	    scim_metrics_hottest(metrics, SCIM_METRICS_RESOURCES, 10,
		d->context.arena, &hot, &count));
	assert_int_equal(count, 1);
	assert_str(hot[0].type, "User");
	assert_true(scim__str_equal(hot[0].name, one.id));
	assert_int_equal(SCIM_OK,
	    scim_metrics_hottest(metrics, SCIM_METRICS_PATHS, 10,
		d->context.arena, &hot, &count));
	assert_int_equal(count, 1);
	assert_str(hot[0].name, "title");
	scim_metrics_counts c = counts();
	assert_int_equal(
	    c.merges[SCIM_MERGES_PROPOSAL][SCIM_MERGES_CONFLICT], 1);
	assert_int_equal(c.base_versions[1], 1);
	assert_int_equal(c.base_versions_sum, 1);
}

static void
merges_count_by_what_came_of_them(void **state)
{
	static const struct {
		const char *name;
		struct scim__merge_noted merge;
		size_t version_bucket, age_bucket;
	} cases[] = {
		{ "at once",
		    { true, SCIM_MERGES_MESSAGE, SCIM_MERGES_CLEAN, true, 0,
			0 },
		    0, 0 },
		{ "a while later",
		    { true, SCIM_MERGES_MESSAGE, SCIM_MERGES_GUARD, true, 3,
			4999 },
		    3, 2 },
		{ "long ago",
		    { true, SCIM_MERGES_IF_MATCH, SCIM_MERGES_DECIDED, true,
			100000, INT64_MAX },
		    SCIM_METRICS_VERSION_BUCKETS, SCIM_METRICS_AGE_BUCKETS },
		{ "in the future",
		    { true, SCIM_MERGES_UPDATE, SCIM_MERGES_INVALID, true, 1,
			-5 },
		    1, 0 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_metrics_counts before = counts();

		scim__metrics_note_merge(metrics, &cases[i].merge);
		scim_metrics_counts c = counts();
		assert_int_equal(
		    c.merges[cases[i].merge.form][cases[i].merge.end], 1);
		assert_int_equal(c.base_versions[cases[i].version_bucket],
		    before.base_versions[cases[i].version_bucket] + 1);
		assert_int_equal(c.base_age[cases[i].age_bucket],
		    before.base_age[cases[i].age_bucket] + 1);
	}
	struct scim__merge_noted none = { .is_noted = false };
	scim__metrics_note_merge(metrics, &none);
	assert_int_equal(counts().merges[0][0], 0);
}

static void
note_in(scim_str tenant)
{
	const struct scim__write_noted noted = { .tenant = tenant,
		.type = SCIM_STR("User"),
		.id = SCIM_STR("a"),
		.operation = SCIM_WRITES_CREATE,
		.result = SCIM_WRITES_DONE };

	scim__metrics_note_write(metrics, &noted);
}

static void
tenants_beyond_the_table_count_together(void **state)
{
	struct directory *d = *state;
	scim_metrics_tenant *tenants = NULL;
	char name[80];
	size_t count = 0;

	for (int i = 0; i < 70; i++)
		for (int k = 0; k < 2; k++) {
			(void)snprintf(name, sizeof(name), "tenant%d", i);
			note_in(scim__str(name));
		}
	memset(name, 'n', sizeof(name));
	note_in((scim_str){ name, sizeof(name) });

	assert_int_equal(SCIM_OK,
	    scim_metrics_tenants(metrics, d->context.arena, &tenants, &count));
	assert_int_equal(count, 65);
	assert_str(tenants[0].name, "tenant0");
	assert_int_equal(tenants[0].writes[SCIM_WRITES_DONE], 2);
	assert_str(tenants[63].name, "tenant63");
	assert_str(tenants[64].name, "");
	assert_int_equal(tenants[64].writes[SCIM_WRITES_DONE], 13);
}

enum { THREADS = 8, EACH = 2000 };

static void *
note_many(void *argument)
{
	char name[16];

	(void)argument;
	for (int i = 0; i < EACH; i++) {
		(void)snprintf(name, sizeof(name), "t%d", i % 80);
		note_in(scim__str(name));
	}
	return NULL;
}

static void
counts_of_many_threads_are_exact(void **state)
{
	struct directory *d = *state;
	scim_metrics_tenant *tenants = NULL;
	pthread_t threads[THREADS];
	size_t count = 0;
	uint64_t sum = 0;

	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(
		    0, pthread_create(&threads[i], NULL, note_many, NULL));
	for (size_t i = 0; i < THREADS; i++)
		assert_int_equal(0, pthread_join(threads[i], NULL));

	assert_int_equal(SCIM_OK,
	    scim_metrics_tenants(metrics, d->context.arena, &tenants, &count));
	assert_int_equal(count, 65);
	for (size_t i = 0; i < count; i++) {
		sum += tenants[i].writes[SCIM_WRITES_DONE];
		for (size_t k = 0; k < i; k++)
			assert_false(
			    scim__str_equal(tenants[i].name, tenants[k].name));
	}
	assert_int_equal(sum, THREADS * EACH);
	assert_int_equal(
	    counts().writes[SCIM_WRITES_CREATE][SCIM_WRITES_DONE], sum);
}

/* Somebody else writes before each of the first two attempts. */
struct edit {
	struct directory *d;
	scim_str id;
	int others;
};

static scim_status
change(void *argument, scim_arena *arena, const scim_resource *current,
    scim_str *out, scim_error *err)
{
	static const char *const titles[] = { PATCH_TITLE("a"),
		PATCH_TITLE("b") };
	struct edit *e = argument;
	scim_outcome outcome;

	(void)arena;
	(void)current;
	(void)err;
	if (e->others < 2)
		assert_int_equal(SCIM_OK,
		    directory_patch(e->d, "User", e->id, titles[e->others],
			&expect_any, &outcome));
	e->others++;
	*out = SCIM_STR(WITH_TITLE("mine"));
	return SCIM_OK;
}

static void
wait_not(void *argument, unsigned ms)
{
	(void)argument;
	(void)ms;
}

static void
an_update_counts_its_attempts_and_retries(void **state)
{
	struct directory *d = *state;
	scim_resource one = titled_user(d);
	struct edit e = { d, one.id, 0 };
	scim_target target = { SCIM_STR("User"), one.id };
	scim_update_policy policy = SCIM_UPDATE_POLICY_INIT;
	scim_update update;

	policy.argument = &e;
	policy.change = change;
	policy.wait = wait_not;
	assert_int_equal(SCIM_OK,
	    scim_provider_update(
		d->provider, &d->context, &target, &policy, &update, NULL));
	e.others = 0;
	policy.attempts = 1;
	assert_int_equal(SCIM_OK,
	    scim_provider_update(
		d->provider, &d->context, &target, &policy, &update, NULL));

	scim_metrics_counts c = counts();
	assert_int_equal(c.updates, 2);
	assert_int_equal(c.update_attempts, 4);
	assert_int_equal(c.update_conflicts, 3);
	assert_int_equal(c.update_retries, 2);
	assert_int_equal(c.updates_given_up, 1);
	assert_int_equal(
	    c.writes[SCIM_WRITES_REPLACE][SCIM_WRITES_CONFLICT], 3);
	assert_int_equal(c.writes[SCIM_WRITES_REPLACE][SCIM_WRITES_DONE], 1);
}

static void
who_counts_no_more_counts_nothing(void **state)
{
	struct directory *d = *state;
	scim_metrics_counts c;

	scim_provider_count_in(d->provider, NULL);
	(void)titled_user(d);

	c = counts();
	assert_int_equal(scim_metrics_attempts(&c), 0);
}

int
main(void)
{
#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		TEST(nothing_counted_is_nothing),
		TEST(each_write_counts_once_by_what_became_of_it),
		TEST(a_conflict_is_noted_where_it_was),
		TEST(merges_count_by_what_came_of_them),
		TEST(tenants_beyond_the_table_count_together),
		TEST(counts_of_many_threads_are_exact),
		TEST(an_update_counts_its_attempts_and_retries),
		TEST(who_counts_no_more_counts_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
