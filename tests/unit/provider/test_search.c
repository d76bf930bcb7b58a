/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/search.h"

#include <stdio.h>

#include "base/buf.h"
#include "lib/directory.h"
#include "unit/filter/filtering.h"
#include "unit/filter/random_filter.h"

#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"

static scim_resource
created(struct directory *d, const char *json)
{
	scim_outcome out;

	if (directory_create(d, "User", json, &out) != SCIM_OK)
		fail_msg("%s", d->err.detail);
	return out.resource;
}

static struct scim__search
opened(struct directory *d, const char *type, const char *filter)
{
	struct scim__search search;
	struct scim__terms terms = { .filter = scim__str(filter) };

	if (scim__search_open(&search, &d->context,
		scim__registry_type(d->context.registry, scim__str(type)),
		&terms, &d->err) != SCIM_OK)
		fail_msg("%s: %s", filter, d->err.detail);
	return search;
}

static scim_status
run(struct directory *d, struct scim__search *search, uint64_t offset,
    size_t limit)
{
	scim_txn *txn = NULL;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(d->store, SCIM_TXN_SNAPSHOT, &txn, &d->err));
	scim_status rc = scim__search_run(search, txn, offset, limit, &d->err);
	scim__store_rollback(txn);
	return rc;
}

/* The user names that are found, each with a blank after it. */
static scim_str
names_of(struct directory *d, const struct scim__search *search)
{
	scim__buf buf;

	scim__buf_init(&buf, d->context.arena, SIZE_MAX);
	for (size_t i = 0; i < search->page_count; i++) {
		scim_outcome got;
		const char *type = search->parts[0].type->name.ptr;

		assert_int_equal(
		    SCIM_OK, directory_get(d, type, search->page[i].id, &got));
		const char *name = strstr(got.resource.json.ptr,
		    type[0] == 'U' ? "userName\":\"" : "displayName\":\"");
		assert_non_null(name);
		name = strchr(name, ':') + 2;
		scim__buf_printf(&buf, "%.*s ", (int)strcspn(name, "\""), name);
	}
	return scim__buf_str(&buf);
}

static void
assert_finds(struct directory *d, const char *type, const char *filter,
    const char *names)
{
	struct scim__search search = opened(d, type, filter);

	if (run(d, &search, 0, 100) != SCIM_OK)
		fail_msg("%s: %s", filter, d->err.detail);
	assert_str(names_of(d, &search), names);
	assert_int_equal(search.total, search.page_count);
}

/* Names and values in another order than that of creation. */
static void
fill(struct directory *d)
{
	static const char *const bodies[] = {
		USER("\"userName\":\"zoe\",\"active\":true,\"title\":\"x\","
		     "\"emails\":[{\"value\":\"z@x\",\"type\":\"work\"},"
		     "{\"value\":\"a@x\",\"type\":\"home\"}]"),
		USER("\"userName\":\"bob\",\"active\":false,\"emails\":["
		     "{\"value\":\"b@x\",\"type\":\"work\"}]"),
		USER("\"userName\":\"ann\",\"active\":true,\"title\":\"y\","
		     "\"externalId\":\"7\""),
		USER("\"userName\":\"Bea\",\"emails\":[{\"value\":\"a@y\"},"
		     "{\"value\":\"a@z\"}]"),
	};

	for (size_t i = 0; i < scim__countof(bodies); i++) {
		d->fixed.now_ms = DIRECTORY_NOW + (int64_t)i * 1000;
		(void)created(d, bodies[i]);
	}
}

/* @spec 7644-3.4.2.2-02, 7644-3.4.2.2-26, 7644-3.4.2.2-49 */
static void
what_matches_is_found_in_the_order_of_creation(void **state)
{
	static const struct {
		const char *filter, *names;
	} rows[] = {
		/* by scan */
		{ "title pr", "zoe ann " },
		{ "title eq \"X\"", "zoe " },
		{ "not (title pr)", "bob Bea " },
		{ "userName co \"o\"", "zoe bob " },
		{ "userName ne \"zoe\"", "bob ann Bea " },
		{ "active eq true or userName eq \"bob\"", "zoe bob ann " },
		{ "emails[type eq \"work\" and value sw \"a\"]", "" },
		{ "emails.type eq \"work\" and emails.value sw \"a\"", "zoe " },
		/* by index, with something left to look at */
		{ "userName eq \"ZOE\" and title eq \"x\"", "zoe " },
		{ "userName eq \"zoe\" and title eq \"y\"", "" },
		{ "active eq true and title eq \"y\"", "ann " },
		{ "userName eq \"bob\" or userName eq \"zoe\"", "zoe bob " },
		{ "userName eq \"bob\" or emails eq \"b@x\" or "
		  "externalId eq \"7\"",
		    "bob ann " },
		{ "title pr and (userName eq \"ann\" or userName eq \"bob\")",
		    "ann " },
		/* by range, whose own order is another */
		{ "userName gt \"a\"", "zoe bob ann Bea " },
		{ "userName ge \"b\" and userName lt \"c\"", "bob Bea " },
		{ "userName sw \"B\"", "bob Bea " },
		{ "meta.lastModified gt \"2026-11-21T20:00:01.123Z\"",
		    "ann Bea " },
		/* by range of several values: each once */
		{ "emails.value sw \"a\"", "zoe Bea " },
		{ "emails co \"a@\"", "zoe Bea " },
		/* meta is part of it */
		{ "meta.resourceType eq \"User\" and title pr", "zoe ann " },
		{ "meta.created lt \"2026-11-21T20:00:01Z\"", "zoe " },
		{ "meta.version pr and externalId eq \"7\"", "ann " },
	};
	struct directory d;

	directory_open(&d);
	fill(&d);
	for (size_t i = 0; i < scim__countof(rows); i++)
		assert_finds(&d, "User", rows[i].filter, rows[i].names);
	directory_close(&d);
}

static bool
is_short(struct directory *d, const char *type, const char *filter)
{
	struct scim__search search = opened(d, type, filter);
	scim_txn *txn = NULL;
	bool out = false;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, &d->err));
	assert_int_equal(SCIM_OK,
	    scim__search_is_short(&search, txn, 0, 100, &out, &d->err));
	scim__store_rollback(txn);
	return out;
}

static void
members_groups_and_managers_are_looked_up(void **state)
{
	struct directory d;
	char text[256];

	directory_open(&d);
	fill(&d);
	scim_resource ada = directory_user(&d, "ada");
	scim_resource cy = directory_user(&d, "cy");
	const scim_str *const both[] = { &ada.id, &cy.id, NULL };
	const scim_str *const one[] = { &cy.id, NULL };
	scim_resource z = directory_group(&d, "z", both);
	scim_resource a = directory_group(&d, "a", one);
	(void)directory_group(&d, "e", NULL);

	(void)snprintf(
	    text, sizeof(text), "members.value eq \"%s\"", cy.id.ptr);
	assert_finds(&d, "Group", text, "z a ");
	(void)snprintf(text, sizeof(text),
	    "members[value eq \"%s\"] and displayName ne \"z\"", cy.id.ptr);
	assert_finds(&d, "Group", text, "a ");
	/* as directories ask whether somebody is in a group */
	(void)snprintf(text, sizeof(text), "id eq \"%s\" and members eq \"%s\"",
	    z.id.ptr, cy.id.ptr);
	assert_finds(&d, "Group", text, "z ");
	assert_true(is_short(&d, "Group", text));
	(void)snprintf(text, sizeof(text), "id eq \"%s\" and members eq \"%s\"",
	    a.id.ptr, ada.id.ptr);
	assert_finds(&d, "Group", text, "");
	(void)snprintf(text, sizeof(text), "id eq \"%s\"", a.id.ptr);
	assert_finds(&d, "Group", text, "a ");
	assert_finds(&d, "User", text, "");
	(void)snprintf(
	    text, sizeof(text), "not (members.value eq \"%s\")", ada.id.ptr);
	assert_finds(&d, "Group", text, "a e ");
	assert_finds(&d, "Group", "members pr", "z a ");
	assert_finds(&d, "Group", "members.type eq \"Group\"", "");
	(void)snprintf(text, sizeof(text), "groups.value eq \"%s\"", a.id.ptr);
	assert_finds(&d, "User", text, "cy ");
	(void)snprintf(text, sizeof(text), "groups[value eq \"%s\"]", z.id.ptr);
	assert_finds(&d, "User", text, "ada cy ");
	assert_finds(&d, "User", "groups.display eq \"Z\"", "ada cy ");

	(void)snprintf(text, sizeof(text),
	    USER("\"userName\":\"mo\",\"urn:ietf:params:scim:schemas:"
		 "extension:enterprise:2.0:User\":{\"manager\":{\"value\":"
		 "\"%s\"}}"),
	    ada.id.ptr);
	(void)created(&d, text);
	(void)snprintf(text, sizeof(text),
	    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
	    "manager eq \"%s\"",
	    ada.id.ptr);
	assert_finds(&d, "User", text, "mo ");
	directory_close(&d);
}

static void
pages_are_slices_of_the_whole(void **state)
{
	static const char *const filters[] = { "userName sw \"user\"",
		"userName co \"user\"", "active eq null",
		"displayName eq \"same\" and userName co \"user\"" };
	enum { USERS = 150, PAGE = 40 };
	struct directory d;

	directory_open(&d);
	for (int i = 0; i < USERS; i++) {
		char text[256];

		(void)snprintf(text, sizeof(text),
		    USER("\"userName\":\"user-%03d\",\"displayName\":"
			 "\"same\""),
		    USERS - i);
		(void)created(&d, text);
	}
	for (size_t f = 0; f < scim__countof(filters); f++) {
		struct scim__search whole = opened(&d, "User", filters[f]);

		assert_int_equal(SCIM_OK, run(&d, &whole, 0, 1000));
		assert_int_equal(whole.total, USERS);
		assert_int_equal(whole.page_count, USERS);
		for (uint64_t at = 0; at < USERS + PAGE; at += PAGE) {
			struct scim__search page =
			    opened(&d, "User", filters[f]);
			uint64_t want = at >= USERS ? 0
			    : USERS - at < PAGE     ? USERS - at
						    : PAGE;

			assert_int_equal(SCIM_OK, run(&d, &page, at, PAGE));
			assert_int_equal(page.total, USERS);
			assert_int_equal(page.page_count, want);
			for (size_t i = 0; i < want; i++)
				assert_true(scim__str_equal(
				    page.page[i].id, whole.page[at + i].id));
		}
		struct scim__search none = opened(&d, "User", filters[f]);
		assert_int_equal(SCIM_OK, run(&d, &none, 0, 0));
		assert_int_equal(none.total, USERS);
		assert_int_equal(none.page_count, 0);
	}
	directory_close(&d);
}

static void
what_the_store_answers_alone_is_plain(void **state)
{
	static const struct {
		const char *filter;
		bool plain;
	} rows[] = {
		{ "userName eq \"x\"", true },
		{ "externalId eq \"x\"", true },
		{ "emails eq \"x\"", true },
		{ "active eq true", true },
		{ "userName sw \"x\"", false },
		{ "userName eq \"x\" and active eq true", false },
		{ "title eq \"x\"", false },
	};
	struct directory d;

	directory_open(&d);
	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct scim__search search = opened(&d, "User", rows[i].filter);

		if (scim__search_is_plain(&search) != rows[i].plain)
			fail_msg("%s", rows[i].filter);
	}
	directory_close(&d);
}

static void
few_candidates_are_for_a_loop_and_many_for_a_worker(void **state)
{
	struct directory d;
	char name[32];

	directory_open(&d);
	scim_resource user = directory_user(&d, "zed");
	const scim_str *const members[] = { &user.id, NULL };
	char by_member[128];
	(void)snprintf(by_member, sizeof(by_member),
	    "members.value eq \"%s\" and displayName pr", user.id.ptr);
	for (int i = 1; i < SCIM__SEARCH_ON_LOOP; i++) {
		(void)snprintf(name, sizeof(name), "user-%d", i);
		(void)directory_user(&d, name);
		(void)directory_group(&d, name, members);
	}
	(void)directory_group(&d, "last", members);
	assert_true(is_short(&d, "User", "title pr"));
	assert_true(is_short(&d, "Group", by_member));

	(void)directory_user(&d, "one-more");
	(void)directory_group(&d, "one-more", members);
	assert_false(is_short(&d, "User", "title pr"));
	assert_true(is_short(&d, "User", "title pr and userName eq \"zed\""));
	assert_true(is_short(&d, "User", "title pr and userName sw \"z\""));
	assert_false(is_short(&d, "Group", by_member));
	directory_close(&d);
}

/* One group may have ten thousand members. */
static void
what_reads_all_members_is_for_a_worker(void **state)
{
	struct directory d;

	(void)state;
	directory_open(&d);
	assert_true(is_short(&d, "Group", "members.display eq \"x\""));
	(void)directory_group(&d, "one", NULL);
	assert_false(is_short(&d, "Group", "members.display eq \"x\""));
	assert_true(is_short(&d, "Group", "members pr"));
	for (int i = 0; i < SCIM__SEARCH_ON_LOOP / 4; i++)
		(void)directory_user(
		    &d, scim__str_format(d.context.arena, "u%d", i).ptr);
	assert_true(is_short(&d, "User", "title pr"));
	assert_false(is_short(&d, "User", "groups.display eq \"x\""));
	directory_close(&d);
}

/* @spec 7644-3.4.2.1-03, 7644-3.12-17 */
static void
a_search_gives_up_when_its_budget_is_used_up(void **state)
{
	struct directory d;

	directory_open(&d);
	fill(&d);
	struct scim__search search = opened(&d, "User", "title pr");
	search.budget = 5;
	assert_int_equal(SCIM_ERR_INVALID, run(&d, &search, 0, 100));
	assert_string_equal(d.err.scim_type, "tooMany");
	search.budget = 100;
	assert_int_equal(SCIM_OK, run(&d, &search, 0, 100));
	assert_true(search.budget < 100);
	directory_close(&d);
}

/* With nothing gathered everything is scanned, and the same is found. */
static void
a_range_too_long_to_be_sorted_is_scanned(void **state)
{
	static const char *const filters[] = { "userName gt \"b\"",
		"emails.value sw \"a\" and title pr", "userName sw \"x\"" };
	struct directory d;

	directory_open(&d);
	fill(&d);
	for (size_t i = 0; i < scim__countof(filters); i++) {
		struct scim__search sorted = opened(&d, "User", filters[i]);
		struct scim__search scanned = sorted;

		scanned.most_gathered = 0;
		assert_int_equal(SCIM_OK, run(&d, &sorted, 0, 10));
		assert_int_equal(SCIM_OK, run(&d, &scanned, 0, 10));
		assert_int_equal(sorted.total, scanned.total);
		assert_true(scim__str_equal(
		    names_of(&d, &sorted), names_of(&d, &scanned)));
		assert_true(
		    scanned.budget < sorted.budget || sorted.total == 0);
	}
	directory_close(&d);
}

static void
limits_are_the_tenants(void **state)
{
	struct directory d;
	struct scim__search search;
	struct scim__terms terms = { .filter =
					 SCIM_STR("title pr and nickName pr") };
	const scim__resource_type *type;

	directory_open(&d);
	type = scim__registry_type(d.registry, SCIM_STR("User"));
	d.settings.limits.filter_nodes = 2;
	assert_int_equal(SCIM_ERR_INVALID,
	    scim__search_open(&search, &d.context, type, &terms, &d.err));
	assert_string_equal(d.err.scim_type, "invalidFilter");
	d.settings.limits.filter_nodes = 3;
	assert_int_equal(SCIM_OK,
	    scim__search_open(&search, &d.context, type, &terms, &d.err));
	directory_close(&d);
}

enum { THINGS = 40, FILTERS = 400 };

/* Whether a search finds just those things for which a filter holds. */
static void
compare(struct directory *d, const struct random_filter *filter,
    const struct random_thing *things, const scim_str *ids)
{
	char text[2048];
	size_t at = 0;

	random_filter_print(filter, text, sizeof(text));
	struct scim__search search = opened(d, "Thing", text);
	if (run(d, &search, 0, THINGS) != SCIM_OK)
		fail_msg("%s: %s", text, d->err.detail);
	for (size_t i = 0; i < THINGS; i++) {
		bool found = at < search.page_count &&
		    scim__str_equal(search.page[at].id, ids[i]);

		at += found;
		if (found != random_filter_holds(filter, &things[i]))
			fail_msg("%s is not %d for thing %zu", text, !found, i);
	}
	assert_int_equal(at, search.page_count);
	assert_int_equal(at, search.total);
}

static void
agree(struct directory *d, scim_registry *registry)
{
	struct random_thing things[THINGS];
	struct random_filter filter;
	scim_str ids[THINGS];
	uint32_t seed = 23;

	d->context.registry = registry;
	for (size_t i = 0; i < THINGS; i++) {
		scim_outcome out;
		char json[1024];

		random_thing_draw(&things[i], &seed);
		random_thing_print(&things[i], json, sizeof(json));
		if (directory_create(d, "Thing", json, &out) != SCIM_OK)
			fail_msg("%s: %s", json, d->err.detail);
		ids[i] = out.resource.id;
	}
	for (int i = 0; i < FILTERS; i++) {
		random_filter_draw(&filter, &seed);
		compare(d, &filter, things, ids);
	}
}

/* On every store the naive evaluation is right about what is found. */
static void
stores_and_evaluation_agree(void **state)
{
	struct filtering *f = *state;
	struct directory d;

	directory_open(&d);
	agree(&d, f->registry);
	directory_close(&d);
	directory_open_sqlite(&d, false);
	agree(&d, f->registry);
	directory_close(&d);
}

static scim_status
search_much(scim_arena *arena, void *context)
{
	struct directory *d = context;
	scim_context with = d->context;
	struct scim__search search;
	struct scim__terms terms = { .filter = SCIM_STR(
					 "userName sw \"b\" or title pr") };
	scim_txn *txn = NULL;

	with.arena = arena;
	scim_status rc = scim__search_open(&search, &with,
	    scim__registry_type(d->registry, SCIM_STR("User")), &terms,
	    &d->err);
	if (rc != SCIM_OK)
		return rc;
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, &d->err));
	rc = scim__search_run(&search, txn, 0, 10, &d->err);
	scim__store_rollback(txn);
	assert_true(rc != SCIM_OK || search.page_count == 4);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct directory d;

	directory_open(&d);
	fill(&d);
	assert_true(test_fail_each_allocation(search_much, &d) > 5);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_matches_is_found_in_the_order_of_creation),
		cmocka_unit_test(members_groups_and_managers_are_looked_up),
		cmocka_unit_test(pages_are_slices_of_the_whole),
		cmocka_unit_test(what_the_store_answers_alone_is_plain),
		cmocka_unit_test(
		    few_candidates_are_for_a_loop_and_many_for_a_worker),
		cmocka_unit_test(what_reads_all_members_is_for_a_worker),
		cmocka_unit_test(a_search_gives_up_when_its_budget_is_used_up),
		cmocka_unit_test(a_range_too_long_to_be_sorted_is_scanned),
		cmocka_unit_test(limits_are_the_tenants),
		cmocka_unit_test(stores_and_evaluation_agree),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
