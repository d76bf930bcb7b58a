/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/query.h"
#include "provider/search.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/directory.h"

/* @spec 7644-3.4.2.4-01, 7644-3.4.2.4-02, 7644-3.4.2.4-03, 7644-3.4.2.4-06
 * 7644-3.4.2.4-07 */
static void
pages_are_read_as_table_6_says(void **state)
{
	static const struct {
		const char *start_index, *count;
		uint64_t start, size;
	} cases[] = {
		{ NULL, NULL, 1, 20 },
		{ "1", "10", 1, 10 },
		{ "+7", "+3", 7, 3 },
		{ "0", "0", 1, 0 },
		{ "-5", "-5", 1, 0 },
		{ "007", "50", 7, 50 },
		{ "12", "51", 12, 50 },
		{ "1", "99999999999999999999999", 1, 50 },
		{ "1", "-99999999999999999999999", 1, 0 },
		{ "99999999999999999999999", "1", 999999999999999999, 1 },
	};
	scim_limits limits = { .page_default = 20, .page_most = 50 };

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct scim__page page = { POISON, POISON };
		scim_error err = { 0 };

		assert_int_equal(SCIM_OK,
		    scim__page_parse(scim__str(cases[i].start_index),
			scim__str(cases[i].count), &limits, &page, &err));
		assert_int_equal(page.start, cases[i].start);
		assert_int_equal(page.count, cases[i].size);
	}
}

/* @spec 7644-3.4.2.4-10 */
static void
what_is_no_number_is_refused_by_its_name(void **state)
{
	static const struct {
		const char *start_index, *count, *named;
	} cases[] = {
		{ "", NULL, "startIndex" },
		{ "-", NULL, "startIndex" },
		{ "ten", "1", "startIndex" },
		{ "1", "", "count" },
		{ "1", "1.5", "count" },
		{ "1", " 1", "count" },
		{ "1", "0x10", "count" },
		{ "1", "1e3", "count" },
		{ "1", "--1", "count" },
		{ "1", "99999999999999999999999x", "count" },
	};
	scim_limits limits = { .page_default = 20, .page_most = 50 };

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct scim__page page = { POISON, POISON };
		scim_error err = { 0 };

		assert_int_equal(SCIM_ERR_INVALID,
		    scim__page_parse(scim__str(cases[i].start_index),
			scim__str(cases[i].count), &limits, &page, &err));
		assert_string_equal(err.scim_type, "invalidValue");
		assert_contains(scim__str(err.detail), cases[i].named);
		assert_int_equal(page.start, POISON);
		assert_int_equal(page.count, POISON);
	}
}

static struct scim__query
query_of(struct directory *d, const char *type)
{
	return (struct scim__query){ .provider = d->provider,
		.context = &d->context,
		.type = scim__registry_type(d->registry, scim__str(type)),
		.arena = d->context.arena };
}

/* What the last run() answered. */
static scim_str json;

static void
run(struct scim__query *query)
{
	scim_error err = { 0 };
	bool later = true;

	if (scim__query_run(query, &later, &err) != SCIM_OK)
		fail_msg("%s", err.detail);
	assert_false(later);
	assert_int_equal(SCIM_OK, scim__query_json(query, &json, &err));
}

/* @spec 7644-3.4.2.4-05, 7644-3.4.2.4-08, 7644-3.4.2.4-09, 7644-3.4.2.4-11 */
static void
pages_are_disjoint_and_complete_in_the_order_of_creation(void **state)
{
	enum { USERS = 23, PAGE = 5 };
	struct directory d;
	char name[32], number[16], head[128];

	directory_open(&d);
	for (int i = 0; i < USERS; i++) {
		(void)snprintf(name, sizeof(name), "user-%02d", USERS - i);
		(void)directory_user(&d, name);
	}
	struct scim__query query = query_of(&d, "User");
	query.count = SCIM_STR("5");
	for (int start = 1; start <= USERS + PAGE; start += PAGE) {
		int left = USERS - start + 1 < 0 ? 0 : USERS - start + 1;

		(void)snprintf(number, sizeof(number), "%d", start);
		query.start_index = scim__str(number);
		run(&query);
		(void)snprintf(head, sizeof(head),
		    "\"totalResults\":%d,\"startIndex\":%d,"
		    "\"itemsPerPage\":%d,",
		    USERS, start, left < PAGE ? left : PAGE);
		assert_contains(json, head);
		for (int i = 1; i <= USERS; i++) {
			(void)snprintf(
			    name, sizeof(name), "\"user-%02d\"", USERS - i + 1);
			if (i >= start && i < start + PAGE)
				assert_contains(json, name);
			else
				assert_lacks(json, name);
		}
	}
	directory_close(&d);
}

/* @spec 7644-3.4.2.2-02, 7644-3.4.2-04, 7644-3.4.2-09 */
static void
a_filter_counts_and_shows_its_matches_alone(void **state)
{
	struct directory d;

	directory_open(&d);
	(void)directory_user(&d, "ann");
	(void)directory_user(&d, "bob");
	struct scim__query query = query_of(&d, "User");

	query.filter = SCIM_STR("userName eq \"BOB\"");
	run(&query);
	assert_contains(json, "\"totalResults\":1,");
	assert_contains(json, "\"bob\"");
	assert_lacks(json, "\"ann\"");

	query.filter = SCIM_STR("userName eq \"nobody\"");
	run(&query);
	assert_contains(json, "\"totalResults\":0,");
	assert_contains(json, "\"Resources\":[]");

	query.filter = SCIM_STR("userName eq \"bob\"");
	query.start_index = SCIM_STR("2");
	run(&query);
	assert_contains(json, "\"totalResults\":1,\"startIndex\":2,");
	assert_contains(json, "\"Resources\":[]");
	directory_close(&d);
}

static void
a_filter_over_its_limit_is_invalid(void **state)
{
	struct directory d;
	scim_error err = { 0 };
	bool later;

	directory_open(&d);
	struct scim__query query = query_of(&d, "User");
	query.filter = SCIM_STR("userName eq \"ann\"");
	d.settings.limits.filter_bytes = query.filter.len;
	run(&query);

	d.settings.limits.filter_bytes = query.filter.len - 1;
	query.resources = (scim_str){ NULL, POISON };
	assert_int_equal(
	    SCIM_ERR_INVALID, scim__query_run(&query, &later, &err));
	assert_string_equal(err.scim_type, "invalidFilter");
	assert_int_equal(query.resources.len, POISON);
	directory_close(&d);
}

static void
tenants_are_listed_apart(void **state)
{
	struct directory d;

	directory_open(&d);
	(void)directory_user(&d, "ann");
	d.context.tenant = SCIM_STR("other");
	struct scim__query query = query_of(&d, "User");
	run(&query);
	assert_contains(json, "\"totalResults\":0,");
	directory_close(&d);
}

static void
a_far_page_is_left_to_a_worker(void **state)
{
	struct directory d;
	scim_error err = { 0 };
	bool later = false;

	directory_open(&d);
	struct scim__query query = query_of(&d, "User");
	query.start_index = SCIM_STR("10001");
	run(&query);

	query.start_index = SCIM_STR("10002");
	assert_int_equal(SCIM_OK, scim__query_run(&query, &later, &err));
	assert_true(later);
	query.on_worker = true;
	run(&query);
	assert_contains(json, "\"startIndex\":10002,");
	directory_close(&d);
}

static void
a_long_page_is_left_to_a_worker(void **state)
{
	struct directory d;
	scim_error err = { 0 };
	bool later = false;

	(void)state;
	directory_open(&d);
	for (int i = 0; i < SCIM__PAGE_ON_LOOP; i++)
		(void)directory_group(&d, "same", NULL);
	struct scim__query query = query_of(&d, "Group");
	query.count = SCIM_STR("1000");
	run(&query);
	assert_contains(json, "\"itemsPerPage\":100,");

	(void)directory_group(&d, "same", NULL);
	const char *const orders[] = { NULL, "displayName" };
	for (size_t i = 0; i < 2; i++) {
		query = query_of(&d, "Group");
		query.count = SCIM_STR("1000");
		if (orders[i] != NULL)
			query.sort_by = scim__str(orders[i]);
		assert_int_equal(
		    SCIM_OK, scim__query_run(&query, &later, &err));
		assert_true(later);
		query.on_worker = true;
		run(&query);
		assert_contains(json, "\"itemsPerPage\":101,");
	}
	query = query_of(&d, "Group");
	query.count = SCIM_STR("100");
	run(&query);
	directory_close(&d);
}

static void
a_long_count_is_left_to_a_worker(void **state)
{
	enum { GROUPS = 1001 };
	struct directory d;
	scim_error err = { 0 };
	bool later = false;

	directory_open(&d);
	for (int i = 0; i < GROUPS - 1; i++)
		(void)directory_group(&d, "same", NULL);
	struct scim__query query = query_of(&d, "Group");
	query.count = SCIM_STR("1");
	query.filter = SCIM_STR("displayName eq \"same\"");
	run(&query);
	assert_contains(json, "\"totalResults\":1000,");

	(void)directory_group(&d, "same", NULL);
	assert_int_equal(SCIM_OK, scim__query_run(&query, &later, &err));
	assert_true(later);
	query.on_worker = true;
	run(&query);
	assert_contains(json, "\"totalResults\":1001,");
	directory_close(&d);
}

struct listing {
	struct directory *d;
	struct scim__query query;
};

static scim_status
list(scim_arena *arena, void *context)
{
	struct listing *l = context;
	scim_context with = l->d->context;
	struct scim__query query = l->query;
	scim_error err = { 0 };
	bool later;

	with.arena = arena;
	query.context = &with;
	query.arena = arena;
	scim_str out = { NULL, POISON };
	scim_status rc = scim__query_run(&query, &later, &err);
	if (rc == SCIM_OK)
		rc = scim__query_json(&query, &out, &err);
	if (rc == SCIM_OK)
		assert_contains(out, "\"totalResults\":1,");
	else
		assert_int_equal(out.len, POISON);
	return rc;
}

static void
every_failed_allocation_of_a_list_is_reported(void **state)
{
	struct directory d;

	directory_open(&d);
	scim_resource user = directory_user(&d, "ann");
	const scim_str *const members[] = { &user.id, NULL };
	(void)directory_group(&d, "g", members);
	struct listing l = { &d, query_of(&d, "User") };
	l.query.filter = SCIM_STR("userName eq \"Ann\"");
	assert_true(test_fail_each_allocation(list, &l) > 5);
	directory_close(&d);
}

/* @spec 7644-3.4.2.4-03 */
static void
a_page_of_large_resources_ends_early_and_goes_on(void **state)
{
	enum { USERS = 40, TEXT = 512 * 1024 };
	struct directory d;
	scim_outcome out;
	char *body = malloc(TEXT + 256);
	char from[48];

	assert_non_null(body);
	directory_open(&d);
	for (int i = 0; i < USERS; i++) {
		int len = snprintf(body, 256,
		    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:"
		    "User\"],\"userName\":\"u%d\",\"title\":\"",
		    i);
		memset(body + len, 'x', TEXT);
		memcpy(body + len + TEXT, "\"}", 3);
		assert_int_equal(
		    SCIM_OK, directory_create(&d, "User", body, &out));
	}

	size_t seen = 0;
	for (int pages = 0; seen < USERS; pages++) {
		struct scim__query query = { .provider = d.provider,
			.context = &d.context,
			.type =
			    scim__registry_type(d.registry, SCIM_STR("User")),
			.arena = d.context.arena,
			.count = SCIM_STR("1000") };

		(void)snprintf(from, sizeof(from), "%zu", seen + 1);
		query.start_index = scim__str(from);
		run(&query);
		assert_true(json.len < (size_t)32 * 1024 * 1024);
		assert_contains(json, "\"totalResults\":40");
		size_t before = seen;
		while (seen < USERS) {
			(void)snprintf(
			    from, sizeof(from), "\"userName\":\"u%zu\"", seen);
			if (!scim__str_contains(json, scim__str(from)))
				break;
			seen++;
		}
		assert_true(seen > before && pages < USERS);
	}
	free(body);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_are_read_as_table_6_says),
		cmocka_unit_test(what_is_no_number_is_refused_by_its_name),
		cmocka_unit_test(
		    pages_are_disjoint_and_complete_in_the_order_of_creation),
		cmocka_unit_test(a_filter_counts_and_shows_its_matches_alone),
		cmocka_unit_test(a_filter_over_its_limit_is_invalid),
		cmocka_unit_test(tenants_are_listed_apart),
		cmocka_unit_test(a_far_page_is_left_to_a_worker),
		cmocka_unit_test(a_long_page_is_left_to_a_worker),
		cmocka_unit_test(a_long_count_is_left_to_a_worker),
		cmocka_unit_test(
		    a_page_of_large_resources_ends_early_and_goes_on),
		cmocka_unit_test(every_failed_allocation_of_a_list_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
