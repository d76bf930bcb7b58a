/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/walk.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/arena.h"
#include "lib/directory.h"
#include "provider/cursor.h"
#include "json/json.h"

#define USER_URN "urn:ietf:params:scim:schemas:core:2.0:User"

static struct directory d;

static int
set_up(void **state)
{
	directory_open(&d);
	return 0;
}

static int
set_up_in_a_database(void **state)
{
	directory_open_sqlite(&d, false);
	return 0;
}

static int
tear_down(void **state)
{
	directory_close(&d);
	return 0;
}

/* What a walk asks for; NULL is absent. */
struct ask {
	const char *type, *filter, *sort_by, *sort_order, *count, *start;
	const char *attributes;
};

static scim_str
text_of(const char *text)
{
	return text == NULL ? (scim_str){ NULL, 0 } : scim__str(text);
}

struct page {
	scim_str ids[200];
	size_t items;
	bool has_total;
	int64_t total;
	scim_str next; /* ptr NULL: the last */
	scim__value list;
};

static void
make_key(const struct scim__walk *walk)
{
	scim_txn *txn = NULL;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	assert_int_equal(SCIM_OK,
	    scim__cursor_make_key(
		walk->query->provider->env, txn, walk->query->arena, &d.err));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));
}

static scim_status
try_page(const struct ask *ask, scim_str cursor, scim_str *out)
{
	struct scim__query query = { .provider = d.provider,
		.context = &d.context,
		.type = ask->type == NULL
		    ? NULL
		    : scim__registry_type(d.registry, scim__str(ask->type)),
		.arena = d.context.arena,
		.filter = text_of(ask->filter),
		.sort_by = text_of(ask->sort_by),
		.sort_order = text_of(ask->sort_order),
		.start_index = text_of(ask->start),
		.count = text_of(ask->count) };
	struct scim__walk walk = { .endpoint = text_of(ask->type),
		.cursor = cursor,
		.attributes = text_of(ask->attributes) };

	for (int tries = 0; tries < 3; tries++) {
		struct scim__query again = query;
		bool later = false;

		again.on_worker = tries > 0;
		walk.query = &again;
		scim_status rc = scim__walk_run(&walk, &later, &d.err);
		if (rc != SCIM_OK || (!later && !walk.needs_key)) {
			*out = walk.json;
			return rc;
		}
		if (walk.needs_key)
			make_key(&walk);
	}
	fail_msg("no end");
	return SCIM_ERR_STORE;
}

static void
read_page(scim_str json, struct page *page)
{
	*page = (struct page){ .items = 0 };
	assert_int_equal(SCIM_OK,
	    scim__json_parse_trusted(
		d.context.arena, json, &page->list, &d.err));
	const scim__value *resources =
	    scim__object_find(&page->list, SCIM_STR("Resources"));
	const scim__value *total =
	    scim__object_find(&page->list, SCIM_STR("totalResults"));
	const scim__value *items =
	    scim__object_find(&page->list, SCIM_STR("itemsPerPage"));

	for (size_t i = 0; i < resources->count; i++)
		page->ids[page->items++] = scim__object_get_string(
		    &resources->array.items[i], SCIM_STR("id"));
	assert_int_equal(items->integer, page->items);
	page->has_total = total != NULL;
	page->total = total == NULL ? 0 : total->integer;
	page->next =
	    scim__object_get_string(&page->list, SCIM_STR("nextCursor"));
	assert_null(scim__object_find(&page->list, SCIM_STR("startIndex")));
	assert_null(scim__object_find(&page->list, SCIM_STR("previousCursor")));
}

static void
get_page(const struct ask *ask, scim_str cursor, struct page *page)
{
	scim_str json = { NULL, 0 };

	if (try_page(ask, cursor, &json) != SCIM_OK)
		fail_msg("%s", d.err.detail);
	read_page(json, page);
}

static void
assert_refused(const struct ask *ask, scim_str cursor, const char *scim_type)
{
	scim_str json = { NULL, POISON };

	d.err = (scim_error){ 0 };
	assert_int_equal(try_page(ask, cursor, &json), SCIM_ERR_INVALID);
	assert_string_equal(d.err.scim_type, scim_type);
}

static scim_str
user(const char *name, const char *title)
{
	char json[4000];
	scim_outcome out;

	(void)snprintf(json, sizeof(json),
	    "{\"schemas\":[\"" USER_URN "\"],\"userName\":\"%s\","
	    "\"title\":\"%s\",\"displayName\":\"%s\"}",
	    name, title, title);
	if (directory_create(&d, "User", json, &out) != SCIM_OK)
		fail_msg("%s", d.err.detail);
	return out.resource.id;
}

static void
users(size_t count)
{
	for (size_t i = 0; i < count; i++) {
		char name[32];

		(void)snprintf(name, sizeof(name), "user%03zu", i);
		(void)user(name, i % 2 == 0 ? "even" : "odd");
	}
}

/* @spec 9865-2-01, 9865-2-04, 9865-2-06, 9865-2-07, 9865-2-09, 9865-2-11,
 * 9865-2-13 */
static void
a_walk_sees_each_once_and_ends(void **state)
{
	const struct ask ask = { .type = "User", .count = "3" };
	struct page page = { .next = SCIM_STR("") };
	size_t pages = 0, seen = 0;

	users(10);
	for (; page.next.ptr != NULL; pages++) {
		get_page(&ask, page.next, &page);
		assert_true(page.has_total);
		assert_int_equal(page.total, 10);
		assert_true(page.items <= 3);
		seen += page.items;
	}
	assert_int_equal(seen, 10);
	assert_int_equal(pages, 4);
}

static void
a_full_last_page_leads_no_further(void **state)
{
	const struct ask ask = { .type = "User", .count = "5" };
	struct page page;

	users(10);
	get_page(&ask, SCIM_STR(""), &page);
	assert_non_null(page.next.ptr);
	get_page(&ask, page.next, &page);
	assert_int_equal(page.items, 5);
	assert_null(page.next.ptr);
}

/* @spec 9865-2-03, 9865-2-05, 9865-2.1-04 */
static void
count_is_as_the_tables_say(void **state)
{
	static const struct {
		const char *count;
		size_t items;
		bool more;
	} cases[] = { { "0", 0, false }, { "-1", 0, false },
		{ "-99999999999999999999", 0, false }, { "+2", 2, true },
		{ "20", 10, false }, { NULL, 6, true } };
	static const char *const wrong[] = { "21", "abc", "", "1.5",
		"99999999999999999999" };
	struct ask ask = { .type = "User" };
	struct page page;

	users(10);
	d.settings.limits.page_default = 6;
	d.settings.limits.page_most = 20;
	for (size_t i = 0; i < scim__countof(cases); i++) {
		ask.count = cases[i].count;
		get_page(&ask, SCIM_STR(""), &page);
		assert_int_equal(page.items, cases[i].items);
		assert_int_equal(page.total, 10);
		assert_int_equal(page.next.ptr != NULL, cases[i].more);
	}
	for (size_t i = 0; i < scim__countof(wrong); i++) {
		ask.count = wrong[i];
		assert_refused(&ask, SCIM_STR(""), "invalidCount");
	}
	d.settings.limits.page_most = 4;
	ask.count = NULL;
	get_page(&ask, SCIM_STR(""), &page);
	assert_int_equal(page.items, 4);
}

/* @spec 9865-2.1-04 */
static void
a_walk_keeps_its_count(void **state)
{
	struct ask ask = { .type = "User", .count = "3" };
	struct page page, second;

	users(10);
	get_page(&ask, SCIM_STR(""), &page);
	ask.count = "4";
	assert_refused(&ask, page.next, "invalidCount");
	ask.count = "0";
	assert_refused(&ask, page.next, "invalidCount");
	ask.count = NULL;
	get_page(&ask, page.next, &second);
	assert_int_equal(second.items, 3);
}

/* @spec 9865-2-10, 9865-2.1-02, 9865-5.2-01 */
static void
a_cursor_is_of_one_query_of_one_caller(void **state)
{
	const struct ask ask = { .type = "User",
		.filter = "title pr",
		.count = "2",
		.attributes = "userName" };
	struct ask other;
	struct page page;

	users(5);
	get_page(&ask, SCIM_STR(""), &page);
	other = ask, other.filter = "title eq \"odd\"";
	assert_refused(&other, page.next, "invalidCursor");
	other = ask, other.filter = NULL;
	assert_refused(&other, page.next, "invalidCursor");
	other = ask, other.sort_by = "userName";
	assert_refused(&other, page.next, "invalidCursor");
	other = ask, other.sort_order = "descending";
	assert_refused(&other, page.next, "invalidCursor");
	other = ask, other.attributes = "title";
	assert_refused(&other, page.next, "invalidCursor");
	other = ask, other.type = "Group";
	assert_refused(&other, page.next, "invalidCursor");
	d.context.actor = SCIM_STR("somebody else");
	assert_refused(&ask, page.next, "invalidCursor");
	d.context.actor = SCIM_STR("test");
	d.context.tenant = SCIM_STR("elsewhere");
	assert_refused(&ask, page.next, "invalidCursor");
	d.context.tenant = SCIM_STR("default");
	get_page(&ask, page.next, &page);
}

/* @spec 9865-2.1-03, 9865-4-04 */
static void
a_walk_that_rests_too_long_is_over(void **state)
{
	const struct ask ask = { .type = "User", .count = "2" };
	struct page page;

	users(5);
	d.settings.limits.cursor_s = 10;
	get_page(&ask, SCIM_STR(""), &page);
	d.fixed.now_ms += 9999;
	get_page(&ask, page.next, &page);
	d.fixed.now_ms += 10000;
	assert_refused(&ask, page.next, "expiredCursor");
}

/* @spec 9865-2.4-03 */
static void
an_index_and_a_cursor_don_t_go_together(void **state)
{
	const struct ask ask = { .type = "User", .start = "1" };

	assert_refused(&ask, SCIM_STR(""), "invalidValue");
}

static void
a_cursor_of_before_the_first_key_is_none(void **state)
{
	const struct ask ask = { .type = "User" };

	assert_refused(&ask, SCIM_STR("zzz"), "invalidCursor");
}

/* A total that nobody counted is left out.  @spec 9865-2-12 */
static void
a_total_is_told_where_it_is_known(void **state)
{
	struct ask ask = {
		.type = "User", .filter = "title eq \"odd\"", .count = "2"
	};
	struct page page;

	users(10);
	get_page(&ask, SCIM_STR(""), &page);
	assert_false(page.has_total);
	ask.count = "0";
	get_page(&ask, SCIM_STR(""), &page);
	assert_true(page.has_total);
	assert_int_equal(page.total, 5);
	ask.count = "5";
	get_page(&ask, SCIM_STR(""), &page);
	assert_null(page.next.ptr);
	assert_true(page.has_total);
	assert_int_equal(page.total, 5);
}

/* @spec 9865-2.2-01 */
static void
a_value_too_long_for_a_cursor_is_looked_up(void **state)
{
	const struct ask ask = {
		.type = "User", .sort_by = "title", .count = "1"
	};
	char title[SCIM__CURSOR_TEXT_MOST + 10] = "";
	struct page page;
	scim_outcome out;
	scim_str ids[3];

	memset(title, 'x', sizeof(title) - 2);
	for (size_t i = 0; i < 3; i++) {
		char name[] = { (char)('a' + i), '\0' };

		title[sizeof(title) - 2] = (char)('a' + i);
		ids[i] = user(name, title);
	}
	get_page(&ask, SCIM_STR(""), &page);
	assert_true(scim__str_equal(page.ids[0], ids[0]));
	assert_in_range(page.next.len, 1, 400);
	scim_str first = page.next;
	get_page(&ask, first, &page);
	assert_true(scim__str_equal(page.ids[0], ids[1]));

	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", ids[0],
		"{\"schemas\":[\"" USER_URN "\"],\"userName\":\"a\"}",
		&expect_any, &out));
	assert_refused(&ask, first, "expiredCursor");
	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", ids[0], &expect_any, &out));
	assert_refused(&ask, first, "expiredCursor");
	get_page(&ask, page.next, &page);
	assert_true(scim__str_equal(page.ids[0], ids[2]));
	assert_null(page.next.ptr);
}

/* What is known of a user while others write. */
struct known {
	scim_str id;
	size_t seen;
	bool there; /* from before the walk to its end, as it was */
	bool gone;
	char title[8];
};

enum { MOST_KNOWN = 400, WALKS = 60 };

struct crowd {
	struct known of[MOST_KNOWN];
	size_t count;
	uint32_t seed;
	size_t named;
};

static uint32_t
draw(struct crowd *c, uint32_t below)
{
	c->seed = c->seed * 1664525 + 1013904223;
	return (c->seed >> 8) % below;
}

static void
add_one(struct crowd *c, bool there)
{
	struct known *k = &c->of[c->count++];
	char name[16];

	assert_true(c->count <= MOST_KNOWN);
	*k = (struct known){ .there = there };
	(void)snprintf(name, sizeof(name), "n%zu", c->named++);
	(void)snprintf(k->title, sizeof(k->title), "t%u", draw(c, 5));
	k->id = user(name, k->title);
}

static void
change_one(struct crowd *c)
{
	struct known *k = &c->of[draw(c, (uint32_t)c->count)];
	char json[200];
	scim_outcome out;

	if (k->gone)
		return;
	k->there = false;
	if (draw(c, 2) == 0) {
		k->gone = true;
		assert_int_equal(SCIM_OK,
		    directory_delete(&d, "User", k->id, &expect_any, &out));
		return;
	}
	(void)snprintf(json, sizeof(json),
	    "{\"schemas\":[\"" USER_URN "\"],\"userName\":\"m%zu\","
	    "\"title\":\"t%u\",\"displayName\":\"t%u\"}",
	    c->named++, draw(c, 5), draw(c, 5));
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", k->id, json, &expect_any, &out));
}

static void
note_page(struct crowd *c, const struct page *page)
{
	for (size_t i = 0; i < page->items; i++) {
		size_t at = 0;

		while (at < c->count &&
		    !scim__str_equal(c->of[at].id, page->ids[i]))
			at++;
		assert_true(at < c->count);
		c->of[at].seen++;
	}
}

/* Walks while others write; `has_title` is the one that is asked for. */
static void
walk_among_writers(
    struct crowd *c, const struct ask *ask, const char *has_title)
{
	bool sorted = ask->sort_by != NULL;
	struct page page = { .next = SCIM_STR("") };

	for (size_t i = 0; i < c->count; i++) {
		c->of[i].seen = 0;
		c->of[i].there = !c->of[i].gone;
	}
	size_t old = c->count;
	while (page.next.ptr != NULL) {
		get_page(ask, page.next, &page);
		note_page(c, &page);
		for (uint32_t n = draw(c, 4); n > 0 && old + 40 > c->count; n--)
			draw(c, 3) == 0 ? add_one(c, false) : change_one(c);
	}
	for (size_t i = 0; i < c->count; i++) {
		const struct known *k = &c->of[i];
		bool asked =
		    has_title == NULL || strcmp(k->title, has_title) == 0;

		if (k->there && k->seen != (asked ? 1 : 0))
			fail_msg("seen %zu times: %s by %s", k->seen,
			    ask->filter, ask->sort_by);
		/* What is changed may move on to where it is seen again. */
		if (!sorted || k->there)
			assert_true(k->seen <= 1);
	}
}

/* @spec 9865-2-13, 9865-2-06, 9865-2.2-01 */
static void
nothing_is_skipped_or_seen_twice_while_others_write(void **state)
{
	static const struct {
		struct ask ask;
		const char *has_title;
	} walks[] = {
		{ { .type = "User" }, NULL },
		{ { .filter = "meta.resourceType eq \"User\"" }, NULL },
		{ { .type = "User", .filter = "title eq \"t1\"" }, "t1" },
		{ { .type = "User", .filter = "displayName eq \"t1\"" }, "t1" },
		{ { .type = "User", .filter = "displayName sw \"t\"" }, NULL },
		{ { .type = "User", .sort_by = "title" }, NULL },
		{ { .type = "User", .sort_by = "displayName" }, NULL },
		{ { .type = "User",
		      .sort_by = "displayName",
		      .sort_order = "descending" },
		    NULL },
		{ { .type = "User",
		      .sort_by = "displayName",
		      .filter = "title eq \"t2\"" },
		    "t2" },
		{ { .type = "User", .sort_by = "meta.created" }, NULL },
		{ { .sort_by = "id" }, NULL },
	};
	static const char *const counts[] = { "1", "3", "7", "20" };

	/* A commit to a file takes its time. */
	size_t rounds = d.folder[0] == '\0' ? WALKS : scim__countof(walks);
	size_t crowd = d.folder[0] == '\0' ? 40 : 20;

	for (size_t i = 0; i < rounds; i++) {
		struct ask ask = walks[i % scim__countof(walks)].ask;
		struct crowd c = { .seed = (uint32_t)i };
		size_t before = i * 1000;

		c.named = before;
		for (size_t n = 0; n < crowd; n++)
			add_one(&c, true);
		ask.count = counts[draw(&c, 4)];
		walk_among_writers(
		    &c, &ask, walks[i % scim__countof(walks)].has_title);
		for (size_t n = 0; n < c.count; n++) {
			scim_outcome out;

			if (!c.of[n].gone)
				assert_int_equal(SCIM_OK,
				    directory_delete(&d, "User", c.of[n].id,
					&expect_any, &out));
		}
	}
}

static scim_status
walk_once(scim_arena *arena, void *context)
{
	const scim_str *cursor = context;
	scim_context own = d.context;
	struct scim__query query = { .provider = d.provider,
		.context = &own,
		.type = scim__registry_type(d.registry, SCIM_STR("User")),
		.arena = arena,
		.filter = { NULL, 0 },
		.sort_by = SCIM_STR("title"),
		.count = SCIM_STR("2"),
		.on_worker = true };
	struct scim__walk walk = {
		.query = &query, .endpoint = SCIM_STR("User"), .cursor = *cursor
	};
	bool later = false;

	own.arena = arena;
	return scim__walk_run(&walk, &later, &d.err);
}

static void
every_failed_allocation_is_reported(void **state)
{
	const struct ask ask = {
		.type = "User", .sort_by = "title", .count = "2"
	};
	struct page page;

	users(5);
	get_page(&ask, SCIM_STR(""), &page);
	assert_true(test_fail_each_allocation(walk_once, &page.next) > 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_walk_sees_each_once_and_ends),
		TEST(a_full_last_page_leads_no_further),
		TEST(count_is_as_the_tables_say),
		TEST(a_walk_keeps_its_count),
		TEST(a_cursor_is_of_one_query_of_one_caller),
		TEST(a_walk_that_rests_too_long_is_over),
		TEST(an_index_and_a_cursor_don_t_go_together),
		TEST(a_cursor_of_before_the_first_key_is_none),
		TEST(a_total_is_told_where_it_is_known),
		TEST(a_value_too_long_for_a_cursor_is_looked_up),
		TEST(nothing_is_skipped_or_seen_twice_while_others_write),
		cmocka_unit_test_setup_teardown(
		    nothing_is_skipped_or_seen_twice_while_others_write,
		    set_up_in_a_database, tear_down),
		TEST(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
