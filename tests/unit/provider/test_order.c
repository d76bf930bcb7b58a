/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages of searches in every order, against an order that is made here from
 * plain C values, on every store and by every way that a search may take.
 */
#include <ctype.h>
#include <stdlib.h>

#include "base/arena.h"
#include "lib/directory.h"
#include "provider/search.h"
#include "unit/filter/filtering.h"
#include "unit/filter/random_filter.h"

enum { THINGS = 60, ROUNDS = 300 };

static const char *const names[] = { NULL, "s", "e", "i", "b", "m.value" };

/* One thing, and what it is sorted by. */
struct row {
	size_t created; /* from 0 */
	bool has_value;
	char text[8];
	int number;
};

/* What all rounds share. */
struct world {
	struct directory *d;
	struct random_thing things[THINGS];
	scim_str ids[THINGS];
	uint32_t seed;
};

static struct row
row_of(const struct world *w, size_t at, size_t name)
{
	const struct random_thing *t = &w->things[at];
	struct row row = { .created = at };
	const struct random_text *text = NULL;

	if (name == 1)
		text = &t->s;
	else if (name == 2)
		text = &t->e;
	else if (name == 5 && t->m_count > 0)
		text = &t->m_value[0];
	if (text != NULL && text->given) {
		row.has_value = true;
		for (size_t i = 0; text->text[i] != '\0'; i++)
			row.text[i] = name == 2
			    ? text->text[i]
			    : (char)tolower((unsigned char)text->text[i]);
	}
	if (name == 3) {
		row.has_value = t->has_i;
		row.number = t->has_i ? t->i : 0;
	}
	if (name == 4) {
		row.has_value = t->has_b;
		row.number = t->has_b && t->b;
	}
	return row;
}

static int
ascending(const void *left, const void *right)
{
	const struct row *a = left, *b = right;

	if (a->has_value != b->has_value)
		return a->has_value ? -1 : 1;
	if (strcmp(a->text, b->text) != 0)
		return strcmp(a->text, b->text);
	if (a->number != b->number)
		return a->number < b->number ? -1 : 1;
	return a->created < b->created ? -1 : 1;
}

/* The whole answer, as indices of things. */
static size_t
expected(struct world *w, const struct random_filter *filter, size_t name,
    bool descending, size_t out[static THINGS])
{
	struct row rows[THINGS];
	size_t count = 0;

	for (size_t i = 0; i < THINGS; i++)
		if (filter == NULL ||
		    random_filter_holds(filter, &w->things[i]))
			rows[count++] = row_of(w, i, name);
	qsort(rows, count, sizeof(*rows), ascending);
	for (size_t i = 0; i < count; i++)
		out[i] = rows[descending ? count - 1 - i : i].created;
	return count;
}

/* A search, and by which way it goes. */
struct way {
	const char *type, *filter, *by;
	bool descending;
	size_t most_kept, most_gathered;
	uint64_t few;
};

static struct scim__search
opened(struct world *w, const struct way *way)
{
	struct directory *d = w->d;
	struct scim__search search;
	scim_str none = { NULL, 0 };
	struct scim__terms terms = {
		.filter = way->filter != NULL ? scim__str(way->filter) : none,
		.sort_by = way->by != NULL ? scim__str(way->by) : none,
		.sort_order = way->by != NULL && way->descending
		    ? SCIM_STR("descending")
		    : none,
	};

	if (scim__search_open(&search, &d->context,
		way->type == NULL ? NULL
				  : scim__registry_type(d->context.registry,
					scim__str(way->type)),
		&terms, &d->err) != SCIM_OK)
		fail_msg("%s: %s", way->filter, d->err.detail);
	search.most_kept = way->most_kept;
	search.most_gathered = way->most_gathered;
	search.few = way->few;
	return search;
}

static void
run(struct world *w, struct scim__search *search, uint64_t offset, size_t limit)
{
	scim_txn *txn = NULL;
	struct directory *d = w->d;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, &d->err));
	if (scim__search_run(search, txn, offset, limit, &d->err) != SCIM_OK)
		fail_msg("%s", d->err.detail);
	scim__store_rollback(txn);
}

static void
check_page(const struct world *w, const struct way *way,
    const struct scim__search *search, const size_t *want, size_t count)
{
	const char *filter = way->filter == NULL ? "" : way->filter;

	if (search->page_count != count)
		fail_msg("%zu, not %zu: %s by %s", search->page_count, count,
		    filter, way->by);
	for (size_t i = 0; i < count; i++)
		if (!scim__str_equal(search->page[i].id, w->ids[want[i]]))
			fail_msg("%zu: %s by %s", i, filter, way->by);
}

static void
check_by_index(struct world *w, const struct way *way, const size_t *want,
    size_t count, size_t limit)
{
	for (size_t at = 0; at < count + limit; at += limit) {
		struct scim__search search = opened(w, way);
		size_t left = at < count ? count - at : 0;

		run(w, &search, at, limit);
		assert_int_equal(search.total, count);
		assert_true(search.has_total);
		check_page(w, way, &search, want + (at < count ? at : 0),
		    left < limit ? left : limit);
		assert_int_equal(search.more, left > limit);
	}
}

static void
check_by_place(struct world *w, const struct way *way, const size_t *want,
    size_t count, size_t limit)
{
	struct scim__place after;
	size_t at = 0;
	bool more = true;

	while (more) {
		struct scim__search search = opened(w, way);
		size_t left = count - at;

		search.by_place = true;
		search.after = at > 0 ? &after : NULL;
		run(w, &search, 0, limit);
		check_page(
		    w, way, &search, want + at, left < limit ? left : limit);
		assert_int_equal(search.has_total, way->filter == NULL);
		if (search.has_total)
			assert_int_equal(search.total, count);
		at += search.page_count;
		more = search.more;
		assert_int_equal(more, at < count);
		if (more)
			after = search.page[search.page_count - 1].place;
	}
	assert_int_equal(at, count);
}

/* How many pages ended with their budget. */
static size_t stops;

/* The same with pages that may end after a few candidates already. */
static void
check_by_budget(struct world *w, const struct way *way, const size_t *want,
    size_t count, size_t limit)
{
	struct scim__place after;
	uint64_t steps = random_draw(&w->seed, 60);
	size_t at = 0, pages = 0;
	bool more = true;

	for (; more; pages++) {
		struct scim__search search = opened(w, way);
		size_t left = count - at;

		search.by_place = true;
		search.spare = search.budget - steps;
		search.after = pages > 0 ? &after : NULL;
		run(w, &search, 0, limit);
		if (!search.stopped)
			assert_int_equal(
			    search.page_count, left < limit ? left : limit);
		assert_true(search.page_count <= left);
		check_page(w, way, &search, want + at, search.page_count);
		at += search.page_count;
		more = search.more;
		stops += search.stopped;
		if (search.stopped)
			after = search.stop;
		else if (more)
			after = search.page[search.page_count - 1].place;
		if (pages > 2 * THINGS + count)
			fail_msg("no end: %s by %s", way->filter, way->by);
	}
	assert_int_equal(at, count);
}

static void
check_one(struct world *w)
{
	static const size_t kept[] = { 3, 10, 1000 };
	struct random_filter filter;
	char text[2048];
	size_t want[THINGS], name = random_draw(&w->seed, 6);
	bool filtered = random_draw(&w->seed, 4) > 0;
	struct way way = { .type =
			       random_draw(&w->seed, 3) > 0 ? "Thing" : NULL,
		.by = names[name],
		.descending = random_draw(&w->seed, 2) > 0,
		.most_kept = kept[random_draw(&w->seed, 3)],
		.most_gathered = random_draw(&w->seed, 2) > 0 ? 1000 : 5,
		.few = random_draw(&w->seed, 2) > 0 ? 1000 : 2 };

	if (filtered) {
		random_filter_draw(&filter, &w->seed);
		random_filter_print(&filter, text, sizeof(text));
		/* Of all types only things are asked for. */
		if (way.type == NULL) {
			size_t len = strlen(text);

			memmove(text + 1, text, len);
			text[0] = '(';
			(void)snprintf(text + len + 1, 64,
			    ") and meta.resourceType eq \"Thing\"");
		}
		way.filter = text;
	}
	size_t count = expected(w, filtered ? &filter : NULL, name,
	    names[name] != NULL && way.descending, want);
	size_t limit = 1 + random_draw(&w->seed, 20);
	check_by_index(w, &way, want, count, limit);
	check_by_place(w, &way, want, count, limit);
	check_by_budget(w, &way, want, count, limit);
}

static void
agree(struct directory *d, scim_registry *registry)
{
	static struct world w;

	w = (struct world){ .d = d, .seed = 41 };
	d->context.registry = registry;
	for (size_t i = 0; i < THINGS; i++) {
		scim_outcome out;
		char json[1024];

		random_thing_draw(&w.things[i], &w.seed);
		random_thing_print(&w.things[i], json, sizeof(json));
		if (directory_create(d, "Thing", json, &out) != SCIM_OK)
			fail_msg("%s: %s", json, d->err.detail);
		w.ids[i] = out.resource.id;
	}
	stops = 0;
	for (int i = 0; i < ROUNDS; i++)
		check_one(&w);
	assert_true(stops > ROUNDS);
}

/* @spec 7644-3.4.2.3-08, 7644-3.4.2.3-10 */
static void
every_way_gives_the_order_in_memory(void **state)
{
	struct filtering *f = *state;
	struct directory d;

	directory_open(&d);
	agree(&d, f->registry);
	directory_close(&d);
}

static void
every_way_gives_the_order_in_a_database(void **state)
{
	struct filtering *f = *state;
	struct directory d;

	directory_open_sqlite(&d, false);
	agree(&d, f->registry);
	directory_close(&d);
}

static void
pages_by_place_go_through_all_types(void **state)
{
	static const char *const filters[] = { "meta.created pr",
		"displayName pr" };
	static const char *const orders[] = { NULL, "displayName", "userName",
		"externalId" };
	enum { EACH = 5 };
	struct directory d;
	struct world w = { .d = &d };

	directory_open(&d);
	for (int i = 0; i < EACH; i++) {
		scim_outcome out;
		char json[256];

		(void)snprintf(json, sizeof(json),
		    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:"
		    "User\"],\"userName\":\"u%d\",\"displayName\":\"%c\"}",
		    EACH - i, 'a' + i * 3 % 4);
		(void)directory_group(&d, i % 2 > 0 ? "b" : "d", NULL);
		assert_int_equal(
		    SCIM_OK, directory_create(&d, "User", json, &out));
	}
	for (size_t i = 0; i < 2 * 4 * 2; i++) {
		struct way way = { .filter = filters[i % 2],
			.by = orders[i / 2 % 4],
			.descending = i / 8 > 0,
			.most_kept = 100,
			.most_gathered = 100 };
		struct scim__search whole = opened(&w, &way);
		struct scim__place after;

		run(&w, &whole, 0, 100);
		assert_int_equal(whole.page_count, 2 * EACH);
		for (size_t at = 0; at < whole.page_count; at++) {
			struct scim__search one = opened(&w, &way);

			one.by_place = true;
			one.after = at > 0 ? &after : NULL;
			run(&w, &one, 0, 1);
			assert_int_equal(one.page_count, 1);
			assert_true(
			    scim__str_equal(one.page[0].id, whole.page[at].id));
			assert_int_equal(one.more, at + 1 < whole.page_count);
			after = one.page[0].place;
		}
	}
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pages_by_place_go_through_all_types),
		cmocka_unit_test(every_way_gives_the_order_in_memory),
		cmocka_unit_test(every_way_gives_the_order_in_a_database),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
