/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/history.h"

#include "base/arena.h"
#include "provider/cursor.h"
#include "told.h"
#include "json/json.h"

static struct told t;

static int
set_up(void **state)
{
	told_open(&t, 7);
	return 0;
}

static int
tear_down(void **state)
{
	told_close(&t);
	return 0;
}

static scim_status
list(const scim_history_query *query, scim_history_page *out)
{
	return scim_provider_versions(
	    t.d.provider, &t.d.context, &t.user, query, out, &t.d.err);
}

/* The revisions from `first` down to `last`, and how many there are. */
static void
assert_page(const scim_history_page *page, uint64_t first, uint64_t last,
    uint64_t total)
{
	assert_int_equal(page->total, total);
	assert_int_equal(page->count, first + 1 - last);
	for (size_t i = 0; i < page->count; i++) {
		const scim_history_entry *e = &page->entries[i];

		assert_int_equal(e->revision, first - i);
		assert_true(scim_version_equal(
		    &e->version, &t.versions[e->revision - 1]));
		assert_int_equal(e->at_ms,
		    DIRECTORY_NOW + 1000 * (int64_t)(e->revision - 1));
	}
}

static void
versions_come_newest_first(void **state)
{
	scim_history_page page;

	assert_int_equal(SCIM_OK, list(NULL, &page));
	assert_page(&page, 7, 1, 7);
	assert_str(page.entries[0].operation, "replace");
	assert_str(page.entries[0].actor, "test");
	assert_str(page.entries[0].via, "c");
	assert_int_equal(page.entries[0].path_count, 1);
	assert_str(page.entries[0].paths[0], "title");
	assert_null(page.entries[0].position.ptr);
	assert_str(page.entries[6].operation, "create");
	assert_int_equal(page.entries[6].path_count, 0);
}

static void
a_query_narrows_them_down(void **state)
{
	const struct {
		size_t since; /* a revision; 0: none */
		uint64_t before;
		size_t limit;
		uint64_t first, last, total; /* first + 1 == last: empty */
	} cases[] = {
		{ 0, 0, 3, 7, 5, 7 },
		{ 0, 5, 3, 4, 2, 7 },
		{ 0, 2, 3, 1, 1, 7 },
		{ 0, 1, 3, 0, 1, 7 },
		{ 0, 99, 2, 7, 6, 7 },
		{ 3, 0, 0, 7, 4, 4 },
		{ 3, 6, 9, 5, 4, 4 },
		{ 3, 6, 1, 5, 5, 4 },
		{ 3, 4, 9, 3, 4, 4 },
		{ 7, 0, 0, 7, 8, 0 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		const scim_history_query query = { .since = cases[i].since == 0
			    ? NULL
			    : &t.versions[cases[i].since - 1],
			.before = cases[i].before,
			.limit = cases[i].limit };
		scim_history_page page;

		assert_int_equal(SCIM_OK, list(&query, &page));
		assert_page(
		    &page, cases[i].first, cases[i].last, cases[i].total);
	}
}

static void
no_page_is_longer_than_the_tenant_lets_it_be(void **state)
{
	scim_history_page page;

	t.d.settings.limits.page_default = 2;
	t.d.settings.limits.page_most = 4;
	assert_int_equal(
	    SCIM_OK, list(&(scim_history_query){ .limit = 0 }, &page));
	assert_int_equal(page.count, 2);
	assert_int_equal(
	    SCIM_OK, list(&(scim_history_query){ .limit = 99 }, &page));
	assert_int_equal(page.count, 4);
}

static void
what_is_not_kept_is_not_listed(void **state)
{
	scim_history_page page = { .count = POISON };
	scim_target nobody = { SCIM_STR("User"), SCIM_STR("nobody") };

	t.d.settings.history_count = 3;
	assert_int_equal(SCIM_OK, list(NULL, &page));
	assert_page(&page, 7, 5, 3);
	page.count = POISON;
	assert_int_equal(SCIM_ERR_NOT_FOUND,
	    list(&(scim_history_query){ .since = &t.versions[3] }, &page));
	assert_int_equal(SCIM_OK,
	    list(&(scim_history_query){ .since = &t.versions[4] }, &page));
	assert_page(&page, 7, 6, 2);
	page.count = POISON;
	t.d.settings.history_count = 0;
	assert_int_equal(SCIM_ERR_NOT_FOUND, list(NULL, &page));
	t.d.settings.history_count = 100;
	assert_int_equal(SCIM_ERR_NOT_FOUND,
	    scim_provider_versions(
		t.d.provider, &t.d.context, &nobody, NULL, &page, &t.d.err));
	nobody.type = SCIM_STR("Nothing");
	assert_int_equal(SCIM_ERR_INVALID,
	    scim_provider_versions(
		t.d.provider, &t.d.context, &nobody, NULL, &page, &t.d.err));
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_versions(
		t.d.provider, &t.d.context, NULL, NULL, &page, &t.d.err));
	assert_int_equal(page.count, POISON);
}

static void
of_what_is_gone_all_is_listed(void **state)
{
	scim_history_page page;
	scim_outcome out;

	assert_int_equal(SCIM_OK,
	    directory_delete(&t.d, "User", t.user.id, &expect_any, &out));
	assert_int_equal(SCIM_OK, list(NULL, &page));
	assert_int_equal(page.total, 8);
	assert_true(page.entries[0].is_gone);
	assert_int_equal(page.entries[0].etag.len, 0);
	assert_false(page.entries[1].is_gone);
}

/* A page by cursor, as it comes over the wire. */
static scim_status
by_cursor(scim_str cursor, scim_str since, bool on_worker,
    struct scim__history *out, scim__value *page)
{
	*out = (struct scim__history){ .provider = t.d.provider,
		.context = &t.d.context,
		.type = told_type(&t),
		.id = t.user.id,
		.since = since,
		.count = SCIM_STR("3"),
		.cursor = cursor,
		.on_worker = on_worker };
	scim_status rc = scim__history_list(out, &t.d.err);

	if (rc == SCIM_OK && out->document.json.len > 0)
		assert_int_equal(SCIM_OK,
		    scim__json_parse_trusted(
			t.d.context.arena, out->document.json, page, NULL));
	return rc;
}

static void
make_key(void)
{
	scim_txn *txn = NULL;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(t.d.store, SCIM_TXN_WRITE, &txn, &t.d.err));
	assert_int_equal(SCIM_OK,
	    scim__cursor_make_key(
		&t.d.fixed.env, txn, t.d.context.arena, &t.d.err));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &t.d.err));
}

static int64_t
revision_at(const scim__value *page, uint32_t i)
{
	const scim__value *list =
	    scim__object_find(page, SCIM_STR("Resources"));

	assert_true(i < list->count);
	return scim__object_find(&list->array.items[i], SCIM_STR("revision"))
	    ->integer;
}

/* @spec 9865-2-06, 9865-2-11 */
static void
a_cursor_goes_on_below_whatever_comes(void **state)
{
	static const struct {
		int64_t first;
		uint32_t count;
	} want[] = { { 7, 3 }, { 4, 3 }, { 1, 1 } };
	scim_str cursor = SCIM_STR(""), absent = { NULL, 0 };
	struct scim__history h;
	scim__value page;

	assert_int_equal(SCIM_OK, by_cursor(cursor, absent, false, &h, &page));
	assert_true(h.needs_key);
	make_key();
	for (size_t i = 0; i < scim__countof(want); i++) {
		assert_int_equal(
		    SCIM_OK, by_cursor(cursor, absent, false, &h, &page));
		assert_false(h.needs_key);
		assert_int_equal(revision_at(&page, 0), want[i].first);
		assert_int_equal(
		    scim__object_find(&page, SCIM_STR("Resources"))->count,
		    want[i].count);
		cursor = scim__object_get_string(&page, SCIM_STR("nextCursor"));
		assert_int_equal(cursor.ptr != NULL, i < 2);
		told_write(&t, i % 2 == 0 ? ",\"title\":\"x\"" : "");
	}
}

static void
a_cursor_whose_rest_was_forgotten_ends(void **state)
{
	scim_str cursor = SCIM_STR(""), absent = { NULL, 0 };
	struct scim__history h;
	scim__value page;

	make_key();
	assert_int_equal(SCIM_OK, by_cursor(cursor, absent, false, &h, &page));
	cursor = scim__object_get_string(&page, SCIM_STR("nextCursor"));
	t.d.settings.history_count = 2;
	assert_int_equal(SCIM_OK, by_cursor(cursor, absent, false, &h, &page));
	assert_int_equal(
	    scim__object_find(&page, SCIM_STR("Resources"))->count, 0);
	assert_null(scim__object_find(&page, SCIM_STR("nextCursor")));
	assert_int_equal(
	    scim__object_find(&page, SCIM_STR("totalResults"))->integer, 2);
}

static void
a_cursor_is_of_one_list_alone(void **state)
{
	scim_str absent = { NULL, 0 };
	scim_str since = scim__history_name(t.d.context.arena, &t.versions[0]);
	struct scim__history h;
	scim__value page;

	make_key();
	assert_int_equal(
	    SCIM_OK, by_cursor(SCIM_STR(""), absent, false, &h, &page));
	scim_str cursor =
	    scim__object_get_string(&page, SCIM_STR("nextCursor"));
	assert_int_equal(
	    SCIM_ERR_INVALID, by_cursor(cursor, since, false, &h, &page));
	assert_string_equal(t.d.err.scim_type, "invalidCursor");
	t.user =
	    (scim_target){ SCIM_STR("User"), directory_user(&t.d, "other").id };
	assert_int_equal(
	    SCIM_ERR_INVALID, by_cursor(cursor, absent, false, &h, &page));
	assert_string_equal(t.d.err.scim_type, "invalidCursor");
}

/* What is long is for a worker, whichever way it is asked for. */
static void
a_long_page_leaves_the_loop(void **state)
{
	static const scim_str cursors[] = { { NULL, 0 }, { "", 0 } };

	make_key();
	for (size_t i = 0; i < scim__countof(cursors); i++) {
		struct scim__history h = { .provider = t.d.provider,
			.context = &t.d.context,
			.type = told_type(&t),
			.id = t.user.id,
			.count = SCIM_STR("101"),
			.cursor = cursors[i] };

		assert_int_equal(SCIM_OK, scim__history_list(&h, &t.d.err));
		assert_true(h.later);
		assert_int_equal(h.document.json.len, 0);
		h.on_worker = true;
		assert_int_equal(SCIM_OK, scim__history_list(&h, &t.d.err));
		assert_false(h.later);
		assert_contains(h.document.json, "\"totalResults\":7");
	}
}

static scim_status
list_all(scim_arena *arena, void *context)
{
	scim_context with = t.d.context;
	scim_history_page page = { .count = POISON };

	with.arena = arena;
	scim_status rc = scim_provider_versions(t.d.provider, &with, &t.user,
	    &(scim_history_query){ .since = &t.versions[2] }, &page, &t.d.err);
	assert_int_equal(page.count, rc == SCIM_OK ? 4 : POISON);
	return rc;
}

static scim_status
show_all(scim_arena *arena, void *context)
{
	scim_context with = t.d.context;
	struct scim__history h = { .provider = t.d.provider,
		.context = &with,
		.type = told_type(&t),
		.id = t.user.id,
		.count = SCIM_STR("3"),
		.cursor = SCIM_STR("") };

	with.arena = arena;
	scim_status rc = scim__history_list(&h, &t.d.err);
	assert_int_equal(h.document.json.len > 0, rc == SCIM_OK);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	make_key();
	assert_true(test_fail_each_allocation(list_all, NULL) >= 2);
	assert_true(test_fail_each_allocation(show_all, NULL) >= 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(versions_come_newest_first),
		TEST(a_query_narrows_them_down),
		TEST(no_page_is_longer_than_the_tenant_lets_it_be),
		TEST(what_is_not_kept_is_not_listed),
		TEST(of_what_is_gone_all_is_listed),
		TEST(a_cursor_goes_on_below_whatever_comes),
		TEST(a_cursor_whose_rest_was_forgotten_ends),
		TEST(a_cursor_is_of_one_list_alone),
		TEST(a_long_page_leaves_the_loop),
		TEST(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
