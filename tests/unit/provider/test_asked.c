/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/asked.h"

#include <stdio.h>

#include "base/buf.h"
#include "filter/bind.h"
#include "filter/parse.h"
#include "lib/directory.h"

#define META SCIM__ASKED_META
#define DERIVED SCIM__ASKED_DERIVED
#define ANY SCIM__ASKED_ANY_MEMBER
#define ALL SCIM__ASKED_ALL_MEMBERS

static struct scim__asked
asked_by(struct directory *d, const char *type, const char *filter)
{
	static const struct scim__filter_limits limits = { 8192, 100, 32 };
	struct scim__filter_binding to = { .arena = d->context.arena,
		.registry = d->registry,
		.type = scim__registry_type(d->registry, scim__str(type)) };
	scim__filter tree, bound;
	struct scim__asked asked;

	if (scim__filter_parse(d->context.arena, scim__str(filter), &limits,
		&tree, &d->err) != SCIM_OK ||
	    scim__filter_bind(&to, &tree, &bound, &d->err) != SCIM_OK)
		fail_msg("%s: %s", filter, d->err.detail);
	assert_int_equal(SCIM_OK,
	    scim__asked_read(d->context.arena, bound.root, &asked, &d->err));
	return asked;
}

static void
a_filter_asks_about_what_it_names(void **state)
{
	static const struct {
		const char *type, *filter;
		unsigned parts;
		const char *members; /* each with a blank after it */
	} rows[] = {
		{ "User", "userName eq \"x\" or emails[type pr]", 0, "" },
		{ "User", "meta.lastModified gt \"2026-01-01T00:00:00Z\"", META,
		    "" },
		{ "User", "not (meta.version pr)", META | DERIVED, "" },
		{ "User", "title pr and meta pr", META | DERIVED, "" },
		{ "User", "groups.value eq \"x\"", DERIVED, "" },
		{ "User", "groups[value eq \"x\"]", DERIVED, "" },
		{ "User",
		    "urn:ietf:params:scim:schemas:extension:enterprise:2.0:"
		    "User:manager.displayName eq \"x\"",
		    DERIVED, "" },
		{ "Group", "displayName pr", 0, "" },
		{ "Group", "members.value eq \"Ab\"", 0, "Ab " },
		{ "Group", "not (members eq \"Ab\") or members eq \"c\"", 0,
		    "Ab c " },
		{ "Group", "members[value eq \"a\" and type eq \"User\"]", 0,
		    "a " },
		{ "Group", "members[value eq \"a\"].type eq \"User\"", 0,
		    "a " },
		{ "Group", "members pr", ANY, "" },
		{ "Group", "members eq null and members eq \"a\"", ANY, "a " },
		{ "Group", "members.value pr", ANY, "" },
		{ "Group", "members.display pr", ALL, "" },
		{ "Group", "members.display eq null", ALL, "" },
		{ "Group", "members.value ne \"a\"", ALL, "" },
		{ "Group", "members.value co \"a\"", ALL, "" },
		{ "Group", "members[type eq \"User\"]", ALL, "" },
		{ "Group", "members[value eq \"a\" or type eq \"User\"]", ALL,
		    "" },
		{ "Group", "members[not (value eq \"a\")]", ALL, "" },
	};
	struct directory d;

	directory_open(&d);
	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct scim__asked asked =
		    asked_by(&d, rows[i].type, rows[i].filter);
		scim__buf buf;

		scim__buf_init(&buf, d.context.arena, SIZE_MAX);
		for (size_t k = 0; k < asked.member_count; k++) {
			scim__buf_add(&buf, asked.members[k]);
			scim__buf_add_char(&buf, ' ');
		}
		if (asked.parts != rows[i].parts)
			fail_msg("%s: %u", rows[i].filter, asked.parts);
		assert_str(scim__buf_str(&buf), rows[i].members);
	}
	directory_close(&d);
}

struct candidate {
	struct directory *d;
	const scim__resource_type *type;
	scim_txn *txn;
	scim_record record;
	struct scim__asked asked;
};

static struct candidate
candidate_of(struct directory *d, const char *type, scim_str id)
{
	struct candidate c = { .d = d,
		.type = scim__registry_type(d->registry, scim__str(type)) };
	scim_key key = scim__key(&d->context, c.type, id);

	assert_int_equal(SCIM_OK,
	    scim__store_begin(d->store, SCIM_TXN_READ, &c.txn, &d->err));
	assert_int_equal(SCIM_OK,
	    scim__store_get(c.txn, d->context.arena, &key, SCIM_RECORD_CONTENT,
		&c.record, &d->err));
	return c;
}

static scim_status
make(struct candidate *c, const char *filter, scim__value *out)
{
	c->asked = asked_by(
	    c->d, c->type->relation != NULL ? "Group" : "User", filter);
	return scim__asked_make(c->txn, &c->d->context, c->type, &c->asked,
	    &c->record, out, &c->d->err);
}

static void
no_other_member_is_read_than_is_asked_about(void **state)
{
	struct directory d;
	char text[128];

	directory_open(&d);
	scim_resource a = directory_user(&d, "a"), b = directory_user(&d, "b"),
		      other = directory_user(&d, "c");
	const scim_str *const both[] = { &a.id, &b.id, NULL };
	scim_resource group = directory_group(&d, "g", both);
	struct candidate c = candidate_of(&d, "Group", group.id);
	const struct {
		const char *before, *id, *after;
		uint32_t count;
	} rows[] = {
		{ "displayName eq \"", a.id.ptr, "\"", 0 },
		{ "members eq \"", a.id.ptr, "\"", 1 },
		{ "members eq \"", other.id.ptr, "\"", 0 },
		{ "members pr", "", "", 1 },
		{ "members.display pr", "", "", 2 },
	};
	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim__value tree;

		(void)snprintf(text, sizeof(text), "%s%s%s", rows[i].before,
		    rows[i].id, rows[i].after);
		assert_int_equal(SCIM_OK, make(&c, text, &tree));
		const scim__value *members =
		    scim__object_find(&tree, SCIM_STR("members"));
		assert_int_equal(
		    members == NULL ? 0 : members->count, rows[i].count);
		assert_str(
		    scim__object_get_string(&tree, SCIM_STR("displayName")),
		    "g");
	}
	scim__store_rollback(c.txn);
	directory_close(&d);
}

static void
meta_and_groups_are_there_when_asked_about(void **state)
{
	struct directory d;
	scim__value tree;

	directory_open(&d);
	scim_resource user = directory_user(&d, "a");
	const scim_str *const one[] = { &user.id, NULL };
	(void)directory_group(&d, "g", one);
	struct candidate c = candidate_of(&d, "User", user.id);
	assert_int_equal(SCIM_OK, make(&c, "title pr", &tree));
	assert_null(scim__object_find(&tree, SCIM_STR("meta")));
	assert_null(scim__object_find(&tree, SCIM_STR("groups")));
	assert_int_equal(SCIM_OK, make(&c, "meta.created pr", &tree));
	assert_non_null(scim__object_find(&tree, SCIM_STR("meta")));
	assert_int_equal(SCIM_OK, make(&c, "groups pr", &tree));
	assert_int_equal(
	    scim__object_find(&tree, SCIM_STR("groups"))->count, 1);
	scim__store_rollback(c.txn);
	directory_close(&d);
}

static void
all_of_too_many_members_are_too_many(void **state)
{
	struct directory d;
	scim__value tree = { .kind = SCIM__NULL };

	directory_open(&d);
	scim_resource group = directory_group(&d, "g", NULL);
	struct candidate c = candidate_of(&d, "Group", group.id);
	c.record.relation_count = SCIM__ASKED_MEMBERS;
	assert_int_equal(SCIM_OK, make(&c, "members.display pr", &tree));
	c.record.relation_count++;
	assert_int_equal(SCIM_OK, make(&c, "members pr", &tree));
	assert_int_equal(
	    SCIM_ERR_INVALID, make(&c, "members.display pr", &tree));
	assert_string_equal(d.err.scim_type, "tooMany");
	scim__store_rollback(c.txn);
	directory_close(&d);
}

static scim_status
make_again(scim_arena *arena, void *context)
{
	struct candidate *c = context;
	scim_context with = c->d->context;
	scim__value tree;

	with.arena = arena;
	return scim__asked_make(
	    c->txn, &with, c->type, &c->asked, &c->record, &tree, &c->d->err);
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct directory d;
	scim__value tree;

	directory_open(&d);
	scim_resource user = directory_user(&d, "a");
	const scim_str *const one[] = { &user.id, NULL };
	scim_resource group = directory_group(&d, "g", one);
	struct candidate c = candidate_of(&d, "Group", group.id);
	assert_int_equal(
	    SCIM_OK, make(&c, "members.display pr and meta.version pr", &tree));
	assert_true(test_fail_each_allocation(make_again, &c) > 5);
	scim__store_rollback(c.txn);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_asks_about_what_it_names),
		cmocka_unit_test(no_other_member_is_read_than_is_asked_about),
		cmocka_unit_test(meta_and_groups_are_there_when_asked_about),
		cmocka_unit_test(all_of_too_many_members_are_too_many),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
