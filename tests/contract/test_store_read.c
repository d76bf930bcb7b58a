/* SPDX-License-Identifier: Apache-2.0 */
#include <float.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "contract/world.h"

#define UUID_1 "2819c223-7f76-453a-919d-413861904646"
#define UUID_2 "902c246b-6245-4190-8e05-00816be7344a"

static void
create_with_index(
    struct world *w, const char *id, const scim_index_row *rows, size_t count)
{
	struct draft d;

	draft(&d, SCIM_WRITE_CREATE, user(id), 0, 1);
	d.w.index_add = rows;
	d.w.index_add_count = count;
	(void)must_write(w, &d);
}

static void
create_with_value(
    struct world *w, const char *id, const char *attribute, scim_index_value v)
{
	scim_index_row row = { scim__str(attribute), v };

	create_with_index(w, id, &row, 1);
}

static scim_bound
from(scim_index_value v)
{
	return (scim_bound){ .given = 1, .inclusive = 1, .value = v };
}

static scim_bound
past(scim_index_value v)
{
	return (scim_bound){ .given = 1, .inclusive = 0, .value = v };
}

static scim_plan
by(const char *attribute)
{
	scim_plan plan = all_users();

	plan.attribute = scim__str(attribute);
	return plan;
}

static scim_plan
between(const char *attribute, scim_bound low, scim_bound high)
{
	scim_plan plan = by(attribute);

	plan.low = low;
	plan.high = high;
	return plan;
}

/* Runs a plan up and down and asks for its count. */
static void
assert_plan(struct world *w, scim_plan plan, const char *up, const char *down)
{
	uint64_t want = 0;

	assert_string_equal(ids_of(w, &plan), up);
	plan.descending = 1;
	assert_string_equal(ids_of(w, &plan), down);
	for (const char *p = up; *p != '\0'; p++)
		want += *p == ' ';
	assert_int_equal(count_of(w, &plan, 1000), want);
}

static void
without_an_attribute_all_come_in_the_order_of_creation(void **state)
{
	struct world *w = *state;

	(void)must_create(w, user("z"), 1);
	(void)must_create(w, group("m"), 1);
	(void)must_create(w, user("a"), 1);
	(void)must_create(w, user("k"), 1);
	(void)must_update(w, user("z"), 1, 2);

	assert_plan(w, all_users(), "z a k ", "k a z ");
	(void)must_delete(w, user("a"), 1);
	(void)must_create(w, user("a"), 3);
	assert_plan(w, all_users(), "z k a ", "a k z ");
}

static void
a_plan_over_nothing_gives_nothing(void **state)
{
	struct world *w = *state;
	scim_plan plan = all_users();

	assert_plan(w, plan, "", "");
	assert_plan(w, by("userName"), "", "");
	(void)must_create(w, group("g"), 1);
	assert_plan(w, plan, "", "");
	plan.type = SCIM_STR("");
	assert_plan(w, plan, "", "");
}

static void
limit_and_offset_cut_a_page(void **state)
{
	struct world *w = *state;
	scim_plan plan = all_users();

	(void)must_create(w, user("a"), 1);
	(void)must_create(w, user("b"), 1);
	(void)must_create(w, user("c"), 1);
	(void)must_create(w, user("d"), 1);

	plan.limit = 2;
	assert_string_equal(ids_of(w, &plan), "a b ");
	plan.offset = 1;
	assert_string_equal(ids_of(w, &plan), "b c ");
	plan.offset = 3;
	assert_string_equal(ids_of(w, &plan), "d ");
	plan.offset = 4;
	assert_string_equal(ids_of(w, &plan), "");
	plan.offset = UINT64_MAX;
	assert_string_equal(ids_of(w, &plan), "");
	plan.offset = 1;
	plan.descending = 1;
	assert_string_equal(ids_of(w, &plan), "c b ");
	plan.limit = SIZE_MAX;
	assert_string_equal(ids_of(w, &plan), "c b a ");
}

static void
a_count_stops_at_what_was_asked(void **state)
{
	struct world *w = *state;
	scim_plan plan = all_users();
	scim_plan named = by("userName");

	create_with_value(w, "a", "userName", text("a"));
	create_with_value(w, "b", "userName", text("b"));
	create_with_value(w, "c", "userName", text("c"));
	(void)must_create(w, group("g"), 1);

	assert_int_equal(count_of(w, &plan, 2), 2);
	assert_int_equal(count_of(w, &plan, 3), 3);
	assert_int_equal(count_of(w, &plan, 4), 3);
	assert_int_equal(count_of(w, &named, 2), 2);
	assert_int_equal(count_of(w, &named, 9), 3);
}

static void
a_count_ignores_keyset_offset_and_limit(void **state)
{
	struct world *w = *state;

	create_with_value(w, "a", "userName", text("a"));
	create_with_value(w, "b", "userName", text("b"));

	for (int named = 0; named < 2; named++) {
		scim_plan plan = named ? by("userName") : all_users();

		plan.limit = 1;
		plan.offset = 1;
		plan.has_after = 1;
		plan.after_value = text("b");
		plan.after_position = UINT64_MAX >> 1;
		assert_int_equal(count_of(w, &plan, 9), 2);
	}
}

static void
totals_follow_what_is_created_and_deleted(void **state)
{
	struct world *w = *state;
	scim_plan users = all_users(), groups = all_users();

	groups.type = SCIM_STR("Group");
	(void)must_create(w, user("a"), 1);
	(void)must_create(w, user("b"), 1);
	(void)must_create(w, group("g"), 1);
	(void)must_update(w, user("a"), 1, 2);
	assert_int_equal(count_of(w, &users, 9), 2);
	assert_int_equal(count_of(w, &groups, 9), 1);

	(void)must_delete(w, user("a"), 2);
	(void)must_delete(w, group("g"), 1);
	assert_int_equal(count_of(w, &users, 9), 1);
	assert_int_equal(count_of(w, &groups, 9), 0);
}

static void
text_is_in_the_order_of_its_bytes(void **state)
{
	struct world *w = *state;

	create_with_value(w, "e", "n", text("\xC3\xA9"));
	create_with_value(w, "B", "n", text("B"));
	create_with_value(w, "ab", "n", text("ab"));
	create_with_value(w, "empty", "n", text(""));
	create_with_value(w, "a", "n", text("a"));
	create_with_value(w, "cow", "n", text("\xF0\x9F\x90\x84"));
	create_with_value(w, "a2", "n", text("a"));

	assert_plan(
	    w, by("n"), "empty B a a2 ab e cow ", "cow e ab a2 a B empty ");
	assert_plan(w, between("n", from(text("a")), from(text("a"))), "a a2 ",
	    "a2 a ");
	assert_plan(w, between("n", past(text("a")), past(text("\xC3\xA9"))),
	    "ab ", "ab ");
	assert_plan(w, between("n", from(text("a")), from(text("ab"))),
	    "a a2 ab ", "ab a2 a ");
	assert_plan(w, between("n", past(text("a")), past(text("ab"))), "", "");
	assert_plan(w, between("n", from(text("")), past(text("a"))),
	    "empty B ", "B empty ");
	assert_plan(
	    w, between("n", past(text("")), from(text("B"))), "B ", "B ");
	assert_plan(w, between("n", from(text("x")), from(text("b"))), "", "");
}

static void
a_bound_on_one_side_leaves_the_other_open(void **state)
{
	struct world *w = *state;
	scim_bound open = { .given = 0 };

	create_with_value(w, "a", "n", text("a"));
	create_with_value(w, "b", "n", text("b"));
	create_with_value(w, "c", "n", text("c"));
	create_with_value(w, "other", "m", text("b"));
	create_with_value(w, "longer", "nn", text("b"));

	assert_plan(w, between("n", from(text("b")), open), "b c ", "c b ");
	assert_plan(w, between("n", past(text("b")), open), "c ", "c ");
	assert_plan(w, between("n", open, from(text("b"))), "a b ", "b a ");
	assert_plan(w, between("n", open, past(text("b"))), "a ", "a ");
	assert_plan(w, between("n", open, open), "a b c ", "c b a ");
}

static void
integers_are_in_the_order_of_numbers(void **state)
{
	struct world *w = *state;
	scim_bound open = { .given = 0 };

	create_with_value(w, "10", "n", integer(10));
	create_with_value(w, "9", "n", integer(9));
	create_with_value(w, "min", "n", integer(INT64_MIN));
	create_with_value(w, "-1", "n", integer(-1));
	create_with_value(w, "max", "n", integer(INT64_MAX));
	create_with_value(w, "0", "n", integer(0));
	create_with_value(w, "-300", "n", integer(-300));
	create_with_value(w, "256", "n", integer(256));

	assert_plan(w, by("n"), "min -300 -1 0 9 10 256 max ",
	    "max 256 10 9 0 -1 -300 min ");
	assert_plan(w, between("n", past(integer(-300)), past(integer(10))),
	    "-1 0 9 ", "9 0 -1 ");
	assert_plan(
	    w, between("n", from(integer(INT64_MAX)), open), "max ", "max ");
	assert_plan(w, between("n", open, past(integer(INT64_MIN))), "", "");
	assert_plan(w, between("n", past(integer(INT64_MAX)), open), "", "");
	assert_plan(
	    w, between("n", from(integer(0)), from(integer(0))), "0 ", "0 ");
}

static void
reals_are_in_the_order_of_numbers(void **state)
{
	struct world *w = *state;
	scim_bound open = { .given = 0 };

	create_with_value(w, "1.5", "n", real(1.5));
	create_with_value(w, "-2.5", "n", real(-2.5));
	create_with_value(w, "0", "n", real(0.0));
	create_with_value(w, "tiny", "n", real(DBL_TRUE_MIN));
	create_with_value(w, "-tiny", "n", real(-DBL_TRUE_MIN));
	create_with_value(w, "big", "n", real(DBL_MAX));
	create_with_value(w, "-big", "n", real(-DBL_MAX));
	create_with_value(w, "-0", "n", real(-0.0));

	assert_plan(w, by("n"), "-big -2.5 -tiny 0 -0 tiny 1.5 big ",
	    "big 1.5 tiny -0 0 -tiny -2.5 -big ");
	assert_plan(w, between("n", from(real(-0.0)), from(real(0.0))), "0 -0 ",
	    "-0 0 ");
	assert_plan(w, between("n", past(real(0.0)), past(real(1.5))), "tiny ",
	    "tiny ");
	assert_plan(
	    w, between("n", open, from(real(-1))), "-big -2.5 ", "-2.5 -big ");
}

static void
equal_values_are_in_the_order_of_creation(void **state)
{
	struct world *w = *state;

	create_with_value(w, "z", "active", integer(1));
	create_with_value(w, "b", "active", integer(0));
	create_with_value(w, "y", "active", integer(1));
	create_with_value(w, "a", "active", integer(1));
	(void)must_update(w, user("z"), 1, 2);

	assert_plan(w, between("active", from(integer(1)), from(integer(1))),
	    "z y a ", "a y z ");
}

static void
a_resource_with_two_rows_in_the_range_comes_twice(void **state)
{
	struct world *w = *state;
	scim_index_row rows[] = { { SCIM_STR("emails.value"), text("b") },
		{ SCIM_STR("emails.value"), text("d") },
		{ SCIM_STR("emails.value"), text("b") } };

	create_with_index(w, "two", rows, 3);
	create_with_value(w, "one", "emails.value", text("c"));

	assert_plan(w, by("emails.value"), "two one two ", "two one two ");
	assert_plan(w,
	    between("emails.value", past(text("b")), from(text("d"))),
	    "one two ", "two one ");
}

static void
index_rows_come_and_go_with_an_update(void **state)
{
	struct world *w = *state;
	scim_index_row old[] = { { SCIM_STR("n"), text("x") },
		{ SCIM_STR("n"), text("y") } };
	scim_index_row new = { SCIM_STR("n"), text("z") };
	struct draft d;

	create_with_index(w, "a", old, 2);
	create_with_value(w, "b", "n", text("x"));

	draft(&d, SCIM_WRITE_UPDATE, user("a"), 1, 2);
	d.w.index_remove = old;
	d.w.index_remove_count = 2;
	d.w.index_add = &new;
	d.w.index_add_count = 1;
	(void)must_write(w, &d);
	assert_plan(w, by("n"), "b a ", "a b ");

	draft(&d, SCIM_WRITE_UPDATE, user("a"), 2, 3);
	d.w.index_remove = &new;
	d.w.index_remove_count = 1;
	d.w.index_add = &new;
	d.w.index_add_count = 1;
	(void)must_write(w, &d);
	assert_plan(w, by("n"), "b a ", "a b ");
}

/* Goes through a plan a page at a time, from keyset to keyset. */
static const char *
walk(struct world *w, scim_plan plan,
    scim_index_value (*value_of)(const scim_record *r))
{
	static char line[256];
	size_t used = 0;
	size_t count = plan.limit;

	while (count == plan.limit) {
		scim_txn *txn = must_begin(w, SCIM_TXN_READ);
		scim_record *rows = NULL;

		assert_ok(scim__store_query(
		    txn, w->arena, &plan, &rows, &count, &w->err));
		must_commit(w, txn);
		for (size_t i = 0; i < count; i++)
			used +=
			    (size_t)snprintf(line + used, sizeof(line) - used,
				"%.*s ", (int)rows[i].id.len, rows[i].id.ptr);
		if (count == 0)
			break;
		plan.has_after = 1;
		plan.after_position = rows[count - 1].position;
		plan.after_value = value_of(&rows[count - 1]);
	}
	line[used] = '\0';
	return line;
}

/* The value of a test's resource is the first character of its id. */
static scim_index_value
text_of(const scim_record *r)
{
	return (scim_index_value){ .kind = SCIM_INDEX_TEXT,
		.text = { r->id.ptr, 1 } };
}

static scim_index_value
number_of(const scim_record *r)
{
	return integer(r->id.ptr[0] - 'c');
}

static void
a_keyset_goes_on_where_the_page_ended(void **state)
{
	struct world *w = *state;
	static const char *const ids[] = { "c1", "a1", "b1", "b2", "a2", "b3",
		"d1" };

	for (size_t i = 0; i < scim__countof(ids); i++) {
		scim_record r = { .id = scim__str(ids[i]) };
		scim_index_row rows[] = { { SCIM_STR("t"), text_of(&r) },
			{ SCIM_STR("n"), number_of(&r) } };

		create_with_index(w, ids[i], rows, 2);
	}

	for (size_t limit = 1; limit < 9; limit++) {
		scim_plan plan = all_users();

		plan.parts = SCIM_RECORD_CONTENT;
		plan.limit = limit;
		assert_string_equal(
		    walk(w, plan, text_of), "c1 a1 b1 b2 a2 b3 d1 ");
		plan.descending = 1;
		assert_string_equal(
		    walk(w, plan, text_of), "d1 b3 a2 b2 b1 a1 c1 ");
		plan.attribute = SCIM_STR("t");
		assert_string_equal(
		    walk(w, plan, text_of), "d1 c1 b3 b2 b1 a2 a1 ");
		plan.descending = 0;
		assert_string_equal(
		    walk(w, plan, text_of), "a1 a2 b1 b2 b3 c1 d1 ");
		plan.attribute = SCIM_STR("n");
		plan.low = from(integer('b' - 'c'));
		plan.high = past(integer('d' - 'c'));
		assert_string_equal(walk(w, plan, number_of), "b1 b2 b3 c1 ");
		plan.descending = 1;
		assert_string_equal(walk(w, plan, number_of), "c1 b3 b2 b1 ");
	}
}

static void
a_keyset_never_widens_the_bounds(void **state)
{
	struct world *w = *state;
	scim_plan plan = between("n", from(integer(3)), from(integer(5)));
	char id[] = "0";

	for (int i = 1; i < 9; i++) {
		id[0] = (char)('0' + i);
		create_with_value(w, id, "n", integer(i));
	}

	plan.has_after = 1;
	plan.after_value = integer(1);
	plan.after_position = 0;
	assert_string_equal(ids_of(w, &plan), "3 4 5 ");
	plan.after_value = integer(8);
	assert_string_equal(ids_of(w, &plan), "");
	plan.descending = 1;
	assert_string_equal(ids_of(w, &plan), "5 4 3 ");
	plan.after_value = integer(1);
	assert_string_equal(ids_of(w, &plan), "");
}

static void
a_keyset_may_name_what_is_gone(void **state)
{
	struct world *w = *state;
	scim_plan plan = all_users();
	scim_record *rows = NULL;
	size_t count = 0;

	(void)must_create(w, user("a"), 1);
	(void)must_create(w, user("b"), 1);
	(void)must_create(w, user("c"), 1);
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	assert_ok(
	    scim__store_query(txn, w->arena, &plan, &rows, &count, &w->err));
	must_commit(w, txn);
	(void)must_delete(w, user("b"), 1);

	plan.has_after = 1;
	plan.after_position = rows[1].position;
	assert_string_equal(ids_of(w, &plan), "c ");
	plan.after_position = rows[0].position;
	assert_string_equal(ids_of(w, &plan), "c ");
}

static void
a_query_gives_the_parts_asked_for(void **state)
{
	struct world *w = *state;
	scim_record *rows = NULL;
	size_t count = 0;
	struct draft d;

	draft(&d, SCIM_WRITE_CREATE, user("a"), 0, 5);
	d.r.secret = SCIM_STR("s");
	d.r.relation_state = SCIM_STR("r");
	d.r.relation_count = 3;
	(void)must_write(w, &d);

	for (unsigned parts = 0; parts < 8; parts++) {
		scim_plan plan = all_users();
		scim_txn *txn = must_begin(w, SCIM_TXN_READ);

		plan.parts = parts;
		assert_ok(scim__store_query(
		    txn, w->arena, &plan, &rows, &count, &w->err));
		must_commit(w, txn);
		assert_int_equal(count, 1);
		assert_str(rows[0].content,
		    (parts & SCIM_RECORD_CONTENT) != 0 ? "{\"n\":5}" : "");
		assert_str(rows[0].secret,
		    (parts & SCIM_RECORD_SECRET) != 0 ? "s" : "");
		assert_str(rows[0].relation_state,
		    (parts & SCIM_RECORD_RELATION) != 0 ? "r" : "");
		assert_memory_equal(
		    rows[0].version.bytes, d.r.version.bytes, 16);
		assert_int_equal(rows[0].relation_count, 3);
		assert_int_equal(rows[0].sequence, 1);
	}
}

static void
index_texts_may_be_long_and_hold_any_byte(void **state)
{
	enum { LONG = 3000 };
	struct world *w = *state;
	char *bytes = malloc(LONG);

	assert_non_null(bytes);
	memset(bytes, 'x', LONG);
	scim_index_value whole = { .kind = SCIM_INDEX_TEXT,
		.text = { bytes, LONG } };
	scim_index_value less = whole;
	scim_index_value nul = { .kind = SCIM_INDEX_TEXT,
		.text = { "a\0b", 3 } };
	less.text.len--;

	create_with_value(w, "whole", "n", whole);
	create_with_value(w, "less", "n", less);
	create_with_value(w, "nul", "n", nul);
	create_with_value(w, "a", "n", text("a"));
	create_with_value(w, "a1", "n", text("a\x01"));

	assert_plan(w, by("n"), "a nul a1 less whole ", "whole less a1 nul a ");
	assert_plan(
	    w, between("n", from(whole), from(whole)), "whole ", "whole ");
	assert_plan(w, between("n", from(nul), from(nul)), "nul ", "nul ");
	free(bytes);
}

static void
write_members(struct world *w, const char *id, uint64_t at,
    const scim_member_row *add, size_t add_count, const scim_str *gone,
    size_t gone_count)
{
	struct draft d;

	draft(&d, at == 0 ? SCIM_WRITE_CREATE : SCIM_WRITE_UPDATE, group(id),
	    at, at + 1);
	d.w.member_add = add;
	d.w.member_add_count = add_count;
	d.w.member_remove = gone;
	d.w.member_remove_count = gone_count;
	(void)must_write(w, &d);
}

static scim_member_row
member(const char *value, const char *type, const char *display)
{
	return (scim_member_row){ scim__str(value), scim__str(type),
		scim__str(display) };
}

static void
members_come_in_the_order_of_their_values(void **state)
{
	struct world *w = *state;
	scim_member_row rows[] = { member("b", "User", "Bea"),
		member("a", "User", ""), member("ba", "Group", "X"),
		member("B", "", "big") };

	write_members(w, "g", 0, rows, 4, NULL, 0);

	assert_string_equal(members_of(w, group("g"), "", 9),
	    "B::big a:User: b:User:Bea ba:Group:X ");
	assert_string_equal(
	    members_of(w, group("g"), "", 2), "B::big a:User: ");
	assert_string_equal(
	    members_of(w, group("g"), "a", 9), "b:User:Bea ba:Group:X ");
	assert_string_equal(members_of(w, group("g"), "aa", 1), "b:User:Bea ");
	assert_string_equal(members_of(w, group("g"), "ba", 9), "");
	assert_string_equal(members_of(w, group("h"), "", 9), "");
	assert_string_equal(members_of(w, user("g"), "", 9), "");
}

static void
ids_of_any_form_share_one_order(void **state)
{
	struct world *w = *state;
	scim_member_row rows[] = { member(UUID_2, "", ""), member("3", "", ""),
		member(UUID_1, "", ""), member("2819C223", "", ""),
		member("z", "", ""), member("2819c223-7f76", "", ""),
		member(UUID_1 "0", "", ""), member("a", "", "") };

	write_members(w, "g", 0, rows, scim__countof(rows), NULL, 0);

	assert_string_equal(members_of(w, group("g"), "", 9),
	    "2819C223 2819c223-7f76 " UUID_1 " " UUID_1 "0 3 " UUID_2 " a z ");
	assert_string_equal(
	    members_of(w, group("g"), UUID_1, 3), UUID_1 "0 3 " UUID_2 " ");
	assert_string_equal(members_of(w, group("g"), "2819c223-7f", 2),
	    "2819c223-7f76 " UUID_1 " ");
	assert_string_equal(
	    members_of(w, group("g"), "2", 2), "2819C223 2819c223-7f76 ");
}

static void
memberships_share_that_order(void **state)
{
	struct world *w = *state;
	scim_member_row m = member(UUID_1, "User", "");
	static const char *const ids[] = { "z", UUID_2, "g", UUID_1, "3" };

	for (size_t i = 0; i < scim__countof(ids); i++)
		write_members(w, ids[i], 0, &m, 1, NULL, 0);

	assert_string_equal(memberships_of(w, UUID_1, "", 9),
	    "Group/" UUID_1 " Group/3 Group/" UUID_2 " Group/g Group/z ");
	assert_string_equal(
	    memberships_of(w, UUID_1, "", 2), "Group/" UUID_1 " Group/3 ");
	assert_string_equal(memberships_of(w, UUID_1, "", 4),
	    "Group/" UUID_1 " Group/3 Group/" UUID_2 " Group/g ");
	assert_string_equal(memberships_of(w, UUID_1, "", 5),
	    "Group/" UUID_1 " Group/3 Group/" UUID_2 " Group/g Group/z ");
	assert_string_equal(
	    memberships_of(w, UUID_1, UUID_1, 2), "Group/3 Group/" UUID_2 " ");
	assert_string_equal(
	    memberships_of(w, UUID_1, "4", 1), "Group/" UUID_2 " ");
}

static void
a_member_added_again_replaces_its_row(void **state)
{
	struct world *w = *state;
	scim_member_row first = member("a", "User", "A");
	scim_member_row second = member("a", "Group", "");

	write_members(w, "g", 0, &first, 1, NULL, 0);
	write_members(w, "g", 1, &second, 1, NULL, 0);

	assert_string_equal(members_of(w, group("g"), "", 9), "a:Group: ");
	assert_string_equal(memberships_of(w, "a", "", 9), "Group/g ");
}

static void
members_are_removed_by_value(void **state)
{
	struct world *w = *state;
	scim_member_row rows[] = { member("a", "", ""), member("b", "", ""),
		member("c", "", "") };
	scim_str gone[] = { SCIM_STR("b"), SCIM_STR("x") };

	write_members(w, "g", 0, rows, 3, NULL, 0);
	write_members(w, "h", 0, rows, 3, NULL, 0);
	write_members(w, "g", 1, NULL, 0, gone, 2);

	assert_string_equal(members_of(w, group("g"), "", 9), "a c ");
	assert_string_equal(members_of(w, group("h"), "", 9), "a b c ");
	assert_string_equal(memberships_of(w, "b", "", 9), "Group/h ");
}

static void
a_member_removed_can_come_back(void **state)
{
	struct world *w = *state;
	scim_member_row row = member("a", "User", "A");
	scim_str gone = SCIM_STR("a");

	write_members(w, "g", 0, &row, 1, NULL, 0);
	write_members(w, "g", 1, NULL, 0, &gone, 1);
	assert_string_equal(members_of(w, group("g"), "", 9), "");
	write_members(w, "g", 2, &row, 1, NULL, 0);
	assert_string_equal(members_of(w, group("g"), "", 9), "a:User:A ");
	write_members(w, "g", 3, &row, 1, &gone, 1);
	assert_string_equal(members_of(w, group("g"), "", 9), "a:User:A ");
	assert_string_equal(memberships_of(w, "a", "", 9), "Group/g ");
}

static void
all_members_are_removed_before_any_is_added(void **state)
{
	struct world *w = *state;
	scim_member_row rows[] = { member("a", "User", ""),
		member("b", "User", ""), member("c", "User", "") };
	scim_member_row next[] = { member("b", "Group", "B"),
		member("d", "User", "") };
	struct draft d;

	write_members(w, "g", 0, rows, 3, NULL, 0);
	write_members(w, "h", 0, rows, 1, NULL, 0);

	draft(&d, SCIM_WRITE_UPDATE, group("g"), 1, 2);
	d.w.member_remove_all = 1;
	d.w.member_add = next;
	d.w.member_add_count = 2;
	(void)must_write(w, &d);

	assert_string_equal(
	    members_of(w, group("g"), "", 9), "b:Group:B d:User: ");
	assert_string_equal(memberships_of(w, "a", "", 9), "Group/h ");
	assert_string_equal(memberships_of(w, "b", "", 9), "Group/g ");
	assert_string_equal(memberships_of(w, "c", "", 9), "");
	assert_string_equal(memberships_of(w, "d", "", 9), "Group/g ");
}

static void
one_member_can_be_looked_up(void **state)
{
	struct world *w = *state;
	scim_member_row row = member("a", "User", "A");
	scim_member_row have = member("poison", "", "");
	scim_key g = group("g"), u = user("g");

	write_members(w, "g", 0, &row, 1, NULL, 0);

	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	assert_int_equal(scim__store_member_get(
			     txn, w->arena, &g, SCIM_STR("b"), &have, &w->err),
	    SCIM_ERR_NOT_FOUND);
	assert_int_equal(scim__store_member_get(
			     txn, w->arena, &u, SCIM_STR("a"), &have, &w->err),
	    SCIM_ERR_NOT_FOUND);
	assert_str(have.value, "poison");
	assert_ok(scim__store_member_get(
	    txn, w->arena, &g, SCIM_STR("a"), &have, &w->err));
	must_commit(w, txn);
	assert_str(have.value, "a");
	assert_str(have.type, "User");
	assert_str(have.display, "A");
}

static void
the_members_of_a_deleted_resource_vanish(void **state)
{
	struct world *w = *state;
	scim_member_row rows[] = { member("a", "", ""), member("g", "", "") };

	write_members(w, "g", 0, rows, 2, NULL, 0);
	write_members(w, "h", 0, rows, 2, NULL, 0);
	(void)must_delete(w, group("g"), 1);

	assert_string_equal(members_of(w, group("g"), "", 9), "");
	assert_string_equal(members_of(w, group("h"), "", 9), "a g ");
	assert_string_equal(memberships_of(w, "a", "", 9), "Group/h ");
	assert_string_equal(memberships_of(w, "g", "", 9), "Group/h ");

	write_members(w, "g", 0, NULL, 0, NULL, 0);
	assert_string_equal(members_of(w, group("g"), "", 9), "");
}

static void
many_members_come_and_go(void **state)
{
	enum { MANY = 1000 };
	struct world *w = *state;
	scim_member_row *rows = calloc(MANY, sizeof(*rows));
	char(*ids)[8] = calloc(MANY, sizeof(*ids));
	scim_member_row *have = NULL;
	scim_key g = group("g");
	size_t count = 0;
	struct draft d;

	assert_non_null(rows);
	assert_non_null(ids);
	for (unsigned i = 0; i < MANY; i++) {
		(void)snprintf(
		    ids[i], sizeof(ids[i]), "%05u", (i * 617) % MANY);
		rows[i] = member(ids[i], "User", "");
	}
	write_members(w, "g", 0, rows, MANY, NULL, 0);

	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	assert_ok(scim__store_members(
	    txn, w->arena, &g, SCIM_STR(""), MANY + 1, &have, &count, &w->err));
	must_commit(w, txn);
	assert_int_equal(count, MANY);
	for (unsigned i = 0; i < MANY; i++) {
		char want[8];

		(void)snprintf(want, sizeof(want), "%05u", i);
		assert_str(have[i].value, want);
	}

	draft(&d, SCIM_WRITE_UPDATE, g, 1, 2);
	d.w.member_remove_all = 1;
	(void)must_write(w, &d);
	assert_string_equal(members_of(w, g, "", 9), "");
	assert_string_equal(memberships_of(w, "00500", "", 9), "");
	free(rows);
	free(ids);
}

static void
documents_stay_on_their_shelf(void **state)
{
	struct world *w = *state;
	scim_str have = SCIM_STR("poison");

	for (int shelf = 0; shelf < SCIM_SHELF_COUNT; shelf++) {
		char value[2] = { (char)('0' + shelf), '\0' };

		must_leaf_put(w, (scim_shelf)shelf, "name", value);
	}
	for (int shelf = 0; shelf < SCIM_SHELF_COUNT; shelf++) {
		char want[8] = "name=0 ";

		want[5] = (char)('0' + shelf);
		/* A backend may keep facts of its own in META. */
		assert_string_equal(
		    leaves_on(w, (scim_shelf)shelf, "n", 9), want);
	}

	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	assert_int_equal(scim__store_leaf_get(txn, w->arena, SCIM_SHELF_META,
			     SCIM_STR("nam"), &have, &w->err),
	    SCIM_ERR_NOT_FOUND);
	assert_str(have, "poison");
	assert_ok(scim__store_leaf_get(
	    txn, w->arena, SCIM_SHELF_TOKEN, SCIM_STR("name"), &have, &w->err));
	assert_str(have, "2");
	must_commit(w, txn);
}

static void
documents_come_by_name(void **state)
{
	struct world *w = *state;

	must_leaf_put(w, SCIM_SHELF_TOKEN, "c", "3");
	must_leaf_put(w, SCIM_SHELF_TOKEN, "a", "1");
	must_leaf_put(w, SCIM_SHELF_TOKEN, "ab", "2");
	must_leaf_put(w, SCIM_SHELF_TOKEN, "B", "0");

	assert_string_equal(
	    leaves_on(w, SCIM_SHELF_TOKEN, "", 9), "B=0 a=1 ab=2 c=3 ");
	assert_string_equal(
	    leaves_on(w, SCIM_SHELF_TOKEN, "a", 9), "ab=2 c=3 ");
	assert_string_equal(leaves_on(w, SCIM_SHELF_TOKEN, "aa", 1), "ab=2 ");
	assert_string_equal(leaves_on(w, SCIM_SHELF_TOKEN, "c", 9), "");
}

static void
a_document_is_replaced_and_taken_away(void **state)
{
	struct world *w = *state;

	must_leaf_put(w, SCIM_SHELF_TENANT, "k", "1");
	must_leaf_put(w, SCIM_SHELF_TENANT, "k", "2");
	assert_string_equal(leaves_on(w, SCIM_SHELF_TENANT, "", 9), "k=2 ");
	must_leaf_put(w, SCIM_SHELF_TENANT, "k", "");
	assert_string_equal(leaves_on(w, SCIM_SHELF_TENANT, "", 9), "");
	must_leaf_put(w, SCIM_SHELF_TENANT, "k", "");
	must_leaf_put(w, SCIM_SHELF_TENANT, "k", "3");
	assert_string_equal(leaves_on(w, SCIM_SHELF_TENANT, "", 9), "k=3 ");
}

static void
documents_may_hold_any_byte(void **state)
{
	struct world *w = *state;
	scim_str value = { "\0\xFF\x01\0", 4 }, have = SCIM_STR("");
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);

	assert_ok(scim__store_leaf_put(
	    txn, SCIM_SHELF_META, SCIM_STR("key"), value, &w->err));
	must_commit(w, txn);

	txn = must_begin(w, SCIM_TXN_READ);
	assert_ok(scim__store_leaf_get(
	    txn, w->arena, SCIM_SHELF_META, SCIM_STR("key"), &have, &w->err));
	must_commit(w, txn);
	assert_true(scim__str_equal(have, value));
}

static scim_key
key_in(const char *tenant, const char *id)
{
	return (scim_key){ scim__str(tenant), SCIM_STR("User"), scim__str(id) };
}

/* A user in group "g-<id>" of a tenant, with a row of every table. */
static void
furnish(struct world *w, const char *tenant, const char *id)
{
	scim_unique_row unique = { SCIM_STR("userName"), SCIM_STR("x") };
	scim_index_row index = { SCIM_STR("userName"), text("x") };
	scim_member_row m = member("m", "", "");
	struct draft d;

	draft(&d, SCIM_WRITE_CREATE, key_in(tenant, id), 0, 1);
	d.w.unique_add = &unique;
	d.w.index_add = &index;
	d.w.member_add = &m;
	d.w.unique_add_count = d.w.index_add_count = 1;
	d.w.member_add_count = 1;
	(void)must_write(w, &d);
}

static void
tenants_see_nothing_of_each_other(void **state)
{
	struct world *w = *state;
	static const char *const tenants[] = { "t", "tt", "T", "" };

	for (size_t i = 0; i < scim__countof(tenants); i++) {
		char id[2] = { (char)('a' + (int)i), '\0' };

		furnish(w, tenants[i], id);
	}

	scim_plan plan = all_users();
	assert_string_equal(ids_of(w, &plan), "a ");
	assert_int_equal(count_of(w, &plan, 9), 1);
	plan.attribute = SCIM_STR("userName");
	assert_string_equal(ids_of(w, &plan), "a ");
	assert_string_equal(holder_of(w, "userName", "x"), "a");
	assert_string_equal(memberships_of(w, "m", "", 9), "User/a ");
	assert_string_equal(members_of(w, user("b"), "", 9), "");
	assert_int_equal(version_at(w, user("b")), 0);
	plan.tenant = SCIM_STR("T");
	assert_string_equal(ids_of(w, &plan), "c ");
	plan.tenant = SCIM_STR("ttt");
	assert_string_equal(ids_of(w, &plan), "");
}

static void
erasing_a_tenant_takes_its_rows_and_no_others(void **state)
{
	struct world *w = *state;
	scim_plan plan = all_users();

	furnish(w, "t", "a");
	furnish(w, "tt", "b");
	must_leaf_put(w, SCIM_SHELF_TENANT, "t", "1");
	must_leaf_put(w, SCIM_SHELF_SCHEMA, "t/urn", "1");
	must_leaf_put(w, SCIM_SHELF_SCHEMA, "tt/urn", "1");
	must_leaf_put(w, SCIM_SHELF_RESOURCE_TYPE, "t/User", "1");
	must_leaf_put(w, SCIM_SHELF_RESOURCE_TYPE, "t0", "1");
	must_leaf_put(w, SCIM_SHELF_DEPARTURE, "t/m", "1");
	must_leaf_put(w, SCIM_SHELF_DEPARTURE, "tt/m", "1");
	must_leaf_put(w, SCIM_SHELF_TOKEN, "t/x", "1");

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	assert_ok(scim__store_erase_tenant(txn, SCIM_STR("t"), &w->err));
	must_commit(w, txn);

	assert_string_equal(ids_of(w, &plan), "");
	assert_int_equal(count_of(w, &plan, 9), 0);
	assert_int_equal(version_at(w, user("a")), 0);
	assert_string_equal(holder_of(w, "userName", "x"), "-");
	assert_string_equal(memberships_of(w, "m", "", 9), "");
	assert_string_equal(members_of(w, user("a"), "", 9), "");
	assert_string_equal(leaves_on(w, SCIM_SHELF_TENANT, "", 9), "t=1 ");
	assert_string_equal(
	    leaves_on(w, SCIM_SHELF_SCHEMA, "", 9), "tt/urn=1 ");
	assert_string_equal(
	    leaves_on(w, SCIM_SHELF_RESOURCE_TYPE, "", 9), "t0=1 ");
	assert_string_equal(
	    leaves_on(w, SCIM_SHELF_DEPARTURE, "", 9), "tt/m=1 ");
	assert_string_equal(leaves_on(w, SCIM_SHELF_TOKEN, "", 9), "t/x=1 ");
	plan.attribute = SCIM_STR("userName");
	assert_string_equal(ids_of(w, &plan), "");
	plan.tenant = SCIM_STR("tt");
	assert_string_equal(ids_of(w, &plan), "b ");

	assert_int_equal(must_create(w, user("a"), 1), 1);
}

static void
erasing_can_be_undone(void **state)
{
	struct world *w = *state;
	scim_plan plan = all_users();

	furnish(w, "t", "a");
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	assert_ok(scim__store_erase_tenant(txn, SCIM_STR("t"), &w->err));
	scim__store_rollback(txn);

	assert_string_equal(ids_of(w, &plan), "a ");
	assert_string_equal(holder_of(w, "userName", "x"), "a");
}

/* Every read, each with an arena that fails. */
struct read_try {
	struct world *w;
	int which;
};

static scim_status
read_once(scim_arena *arena, void *context)
{
	const struct read_try *t = context;
	struct world *w = t->w;
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_key key = user("a");
	scim_plan plan = all_users();
	scim_unique_row unique = { SCIM_STR("userName"), SCIM_STR("x") };
	union {
		scim_record record;
		scim_str text;
		scim_member_row member;
		scim_record *records;
		scim_member_row *members;
		scim_membership *memberships;
		scim_leaf *leaves;
		unsigned char bytes[sizeof(scim_record)];
	} out;
	size_t count = POISON;
	scim_status rc = SCIM_OK;

	memset(&out, POISON, sizeof(out));
	plan.parts = 7;
	switch (t->which) {
	case 0:
		rc = scim__store_get(txn, arena, &key, 7, &out.record, &w->err);
		break;
	case 1:
		rc = scim__store_find_unique(
		    txn, arena, &key, &unique, &out.text, &w->err);
		break;
	case 2:
		rc = scim__store_query(
		    txn, arena, &plan, &out.records, &count, &w->err);
		break;
	case 3:
		rc = scim__store_member_get(
		    txn, arena, &key, SCIM_STR("m"), &out.member, &w->err);
		break;
	case 4:
		rc = scim__store_members(txn, arena, &key, SCIM_STR(""), 9,
		    &out.members, &count, &w->err);
		break;
	case 5:
		rc = scim__store_memberships(txn, arena, SCIM_STR("t"),
		    SCIM_STR("m"), SCIM_STR(""), 9, &out.memberships, &count,
		    &w->err);
		break;
	case 6:
		rc = scim__store_leaf_get(txn, arena, SCIM_SHELF_META,
		    SCIM_STR("k"), &out.text, &w->err);
		break;
	default:
		rc = scim__store_leaves(txn, arena, SCIM_SHELF_META,
		    SCIM_STR(""), 9, &out.leaves, &count, &w->err);
		break;
	}
	must_commit(w, txn);
	for (size_t i = 0; rc != SCIM_OK && i < sizeof(out); i++)
		assert_int_equal(out.bytes[i], POISON);
	assert_true(rc == SCIM_OK || count == POISON);
	return rc;
}

static void
every_failed_allocation_of_a_read_is_reported(void **state)
{
	struct world *w = *state;

	furnish(w, "t", "a");
	must_leaf_put(w, SCIM_SHELF_META, "k", "v");
	for (int which = 0; which < 8; which++) {
		struct read_try t = { w, which };

		assert_true(test_fail_each_allocation(read_once, &t) > 1);
	}
}

int
main(void)
{
	static const struct contract_case cases[] = {
		CONTRACT_CASE(
		    without_an_attribute_all_come_in_the_order_of_creation),
		CONTRACT_CASE(a_plan_over_nothing_gives_nothing),
		CONTRACT_CASE(limit_and_offset_cut_a_page),
		CONTRACT_CASE(a_count_stops_at_what_was_asked),
		CONTRACT_CASE(a_count_ignores_keyset_offset_and_limit),
		CONTRACT_CASE(totals_follow_what_is_created_and_deleted),
		CONTRACT_CASE(text_is_in_the_order_of_its_bytes),
		CONTRACT_CASE(a_bound_on_one_side_leaves_the_other_open),
		CONTRACT_CASE(integers_are_in_the_order_of_numbers),
		CONTRACT_CASE(reals_are_in_the_order_of_numbers),
		CONTRACT_CASE(equal_values_are_in_the_order_of_creation),
		CONTRACT_CASE(
		    a_resource_with_two_rows_in_the_range_comes_twice),
		CONTRACT_CASE(index_rows_come_and_go_with_an_update),
		CONTRACT_CASE(a_keyset_goes_on_where_the_page_ended),
		CONTRACT_CASE(a_keyset_never_widens_the_bounds),
		CONTRACT_CASE(a_keyset_may_name_what_is_gone),
		CONTRACT_CASE(a_query_gives_the_parts_asked_for),
		CONTRACT_CASE(index_texts_may_be_long_and_hold_any_byte),
		CONTRACT_CASE(members_come_in_the_order_of_their_values),
		CONTRACT_CASE(ids_of_any_form_share_one_order),
		CONTRACT_CASE(memberships_share_that_order),
		CONTRACT_CASE(a_member_added_again_replaces_its_row),
		CONTRACT_CASE(members_are_removed_by_value),
		CONTRACT_CASE(a_member_removed_can_come_back),
		CONTRACT_CASE(all_members_are_removed_before_any_is_added),
		CONTRACT_CASE(one_member_can_be_looked_up),
		CONTRACT_CASE(the_members_of_a_deleted_resource_vanish),
		CONTRACT_CASE(many_members_come_and_go),
		CONTRACT_CASE(documents_stay_on_their_shelf),
		CONTRACT_CASE(documents_come_by_name),
		CONTRACT_CASE(a_document_is_replaced_and_taken_away),
		CONTRACT_CASE(documents_may_hold_any_byte),
		CONTRACT_CASE(tenants_see_nothing_of_each_other),
		CONTRACT_CASE(erasing_a_tenant_takes_its_rows_and_no_others),
		CONTRACT_CASE(erasing_can_be_undone),
		CONTRACT_CASE(every_failed_allocation_of_a_read_is_reported),
	};

	return contract_run("store/read", cases, scim__countof(cases));
}
