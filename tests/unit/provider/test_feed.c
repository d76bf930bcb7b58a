/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/feed.h"

#include <stdio.h>

#include "base/str.h"
#include "lib/directory.h"
#include "scimd/history.h"
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

static scim_status
read_feed(struct scim__feed_page page, scim__value *out)
{
	page.provider = d.provider;
	page.context = &d.context;
	scim_status rc = scim__feed_read(&page, &d.err);

	if (rc == SCIM_OK && page.document.json.len > 0)
		assert_int_equal(SCIM_OK,
		    scim__json_parse_trusted(
			d.context.arena, page.document.json, out, NULL));
	return rc;
}

static scim_str
position_of(const scim__value *page)
{
	return scim__object_get_string(
	    scim__object_find(page, SCIM_STR(SCIM__FEED_URN)),
	    SCIM_STR("position"));
}

static uint32_t
count_of(const scim__value *page)
{
	return scim__object_find(page, SCIM_STR("Resources"))->count;
}

static void
each_change_comes_once_and_in_order(void **state)
{
	scim_str since = { NULL, 0 };
	uint32_t seen = 0;

	for (int i = 0; i < 7; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "u%d", i);
		(void)directory_user(&d, name);
	}
	for (;;) {
		scim__value page;
		const struct scim__feed_page ask = { .since = since,
			.count = SCIM_STR("3") };

		assert_int_equal(SCIM_OK, read_feed(ask, &page));
		since = position_of(&page);
		if (count_of(&page) == 0)
			break;
		seen += count_of(&page);
	}
	assert_int_equal(seen, 7);
}

static void
now_is_after_all_there_is(void **state)
{
	scim__value page;

	(void)directory_user(&d, "before");
	assert_int_equal(SCIM_OK,
	    read_feed(
		(struct scim__feed_page){ .since = SCIM_STR("now") }, &page));
	assert_int_equal(count_of(&page), 0);
	scim_str since = position_of(&page);
	(void)directory_user(&d, "after");

	assert_int_equal(SCIM_OK,
	    read_feed((struct scim__feed_page){ .since = since }, &page));
	assert_int_equal(count_of(&page), 1);
}

static void
who_began_before_the_first_change_misses_none(void **state)
{
	scim__value page;

	assert_int_equal(SCIM_OK,
	    read_feed(
		(struct scim__feed_page){ .since = SCIM_STR("now") }, &page));
	scim_str since = position_of(&page);
	(void)directory_user(&d, "first");

	assert_int_equal(SCIM_OK,
	    read_feed((struct scim__feed_page){ .since = since }, &page));
	assert_int_equal(count_of(&page), 1);
}

static void
what_the_feed_does_not_reach_is_gone(void **state)
{
	scim__value page;
	scim_txn *txn = NULL;
	size_t count = 0;
	bool due = true;

	(void)directory_user(&d, "a");
	(void)directory_user(&d, "b");
	assert_int_equal(SCIM_OK,
	    read_feed(
		(struct scim__feed_page){ .count = SCIM_STR("1") }, &page));
	scim_str old = position_of(&page);
	assert_int_equal(SCIM_OK,
	    read_feed((struct scim__feed_page){ .since = old }, &page));
	scim_str last = position_of(&page);

	d.fixed.now_ms += 32 * INT64_C(86400000);
	(void)directory_user(&d, "c");
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	assert_int_equal(SCIM_OK,
	    scim__feed_is_due(d.provider, txn, &d.context, &due, &d.err));
	assert_true(due);
	assert_int_equal(SCIM_OK,
	    scim__feed_trim(d.provider, txn, &d.context, 10, &count, &d.err));
	assert_int_equal(count, 2);
	assert_int_equal(SCIM_OK,
	    scim__feed_is_due(d.provider, txn, &d.context, &due, &d.err));
	assert_false(due);
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));

	assert_int_equal(SCIM_ERR_GONE,
	    read_feed((struct scim__feed_page){ .since = old }, &page));
	assert_int_equal(SCIM_OK,
	    read_feed((struct scim__feed_page){ .since = last }, &page));
	assert_int_equal(count_of(&page), 1);
	assert_int_equal(
	    SCIM_OK, read_feed((struct scim__feed_page){ .wait_s = 0 }, &page));
	assert_int_equal(count_of(&page), 1);
	/* past the end, and of another life */
	assert_int_equal(SCIM_ERR_GONE,
	    read_feed((struct scim__feed_page){ .since = SCIM_STR(
						    "AAAAAAAAAAAAAAAAAAAAAQ") },
		&page));
}

static void
what_is_no_position_is_refused(void **state)
{
	static const char *const wrong[] = { "", "x", "1", "Now",
		"AAAAAAAAAAAAAAAAAAAAAQ==" };
	scim__value page;

	for (size_t i = 0; i < scim__countof(wrong); i++)
		assert_int_equal(SCIM_ERR_INVALID,
		    read_feed((struct scim__feed_page){ .since = scim__str(
							    wrong[i]) },
			&page));
	assert_int_equal(SCIM_ERR_INVALID,
	    read_feed(
		(struct scim__feed_page){ .wait = SCIM_STR("soon") }, &page));
}

static void
a_long_page_is_for_a_worker(void **state)
{
	struct scim__feed_page page = { .provider = d.provider,
		.context = &d.context,
		.count = SCIM_STR("500") };

	assert_int_equal(SCIM_OK, scim__feed_read(&page, &d.err));
	assert_true(page.later);
	page.on_worker = true;
	assert_int_equal(SCIM_OK, scim__feed_read(&page, &d.err));
	assert_false(page.later);
}

static void
waiting_is_bounded(void **state)
{
	struct scim__feed_page page = { .provider = d.provider,
		.context = &d.context,
		.may_wait = true,
		.wait = SCIM_STR("99999999999999999999") };
	scim_feed_page end;

	(void)directory_user(&d, "u");
	assert_int_equal(SCIM_OK,
	    scim_provider_changes(
		d.provider, &d.context, SCIM_STR("now"), 0, &end, &d.err));
	page.since = end.position;
	assert_int_equal(SCIM_OK, scim__feed_read(&page, &d.err));
	assert_int_equal(page.wait_s, SCIM__FEED_WAIT_MOST_S);
	/* Where the end is, is known at once. */
	page.since = SCIM_STR("now");
	assert_int_equal(SCIM_OK, scim__feed_read(&page, &d.err));
	assert_int_equal(page.wait_s, 0);
	assert_contains(page.document.json,
	    scim__str_format(d.context.arena, "%.*s", (int)end.position.len,
		end.position.ptr)
		.ptr);
}

static void
a_host_reads_it_page_by_page(void **state)
{
	scim_str since = { NULL, 0 };
	scim_feed_page page = { .count = POISON };
	uint64_t left = 5;
	char name[16];

	for (int i = 0; i < 5; i++) {
		(void)snprintf(name, sizeof(name), "u%d", i);
		(void)directory_user(&d, name);
	}
	for (int i = 0; i < 3; i++) {
		assert_int_equal(SCIM_OK,
		    scim_provider_changes(
			d.provider, &d.context, since, 2, &page, &d.err));
		assert_int_equal(page.total, left);
		assert_int_equal(page.count, left < 2 ? left : 2);
		left -= page.count;
		since = page.entries[page.count - 1].position;
		assert_true(scim__str_equal(page.position, since));
	}
	d.settings.limits.page_most = 3;
	assert_int_equal(SCIM_OK,
	    scim_provider_changes(d.provider, &d.context, (scim_str){ NULL, 0 },
		99, &page, &d.err));
	assert_int_equal(page.count, 3);
	page.count = POISON;
	assert_int_equal(SCIM_ERR_INVALID,
	    scim_provider_changes(
		d.provider, &d.context, SCIM_STR("x"), 2, &page, &d.err));
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_changes(
		d.provider, &d.context, since, 2, NULL, &d.err));
	assert_int_equal(page.count, POISON);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
		TEST(each_change_comes_once_and_in_order),
		TEST(now_is_after_all_there_is),
		TEST(who_began_before_the_first_change_misses_none),
		TEST(what_the_feed_does_not_reach_is_gone),
		TEST(what_is_no_position_is_refused),
		TEST(a_long_page_is_for_a_worker),
		TEST(waiting_is_bounded),
		TEST(a_host_reads_it_page_by_page),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
