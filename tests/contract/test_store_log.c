/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "contract/world.h"

enum { KEEP = 100 };

static scim_change_row
must_row(struct world *w, const scim_change_plan *plan, size_t at)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_change_row *rows = NULL;
	size_t count = POISON;

	assert_ok(
	    scim__store_changes(txn, w->arena, plan, &rows, &count, &w->err));
	must_commit(w, txn);
	assert_true(at < count);
	return rows[at];
}

/* "sequence:revision " of each row. */
static const char *
rows_of(struct world *w, const scim_change_plan *plan)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_change_row *rows = NULL;
	size_t count = POISON;
	scim__buf line;

	assert_ok(
	    scim__store_changes(txn, w->arena, plan, &rows, &count, &w->err));
	must_commit(w, txn);
	assert_true(count <= plan->limit);
	scim__buf_init(&line, w->arena, SIZE_MAX);
	for (size_t i = 0; i < count; i++)
		scim__buf_printf(&line, "%" PRIu64 ":%" PRIu64 " ",
		    rows[i].sequence, rows[i].revision);
	scim__buf_add_char(&line, '\0');
	assert_false(scim__buf_failed(&line));
	return line.ptr;
}

static scim_change_plan
feed_from(uint64_t from)
{
	return (scim_change_plan){
		.tenant = SCIM_STR("t"), .from = from, .limit = 100
	};
}

static scim_change_plan
states_of(const char *id)
{
	return (scim_change_plan){ .tenant = SCIM_STR("t"),
		.id = scim__str(id),
		.with_content = 1,
		.limit = 1000 };
}

static scim_feed
feed_of(struct world *w, const char *tenant)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_feed feed = { .last = POISON };

	assert_ok(scim__store_feed(txn, scim__str(tenant), &feed, &w->err));
	must_commit(w, txn);
	return feed;
}

/* One write that keeps `keep` states, and the way back to the one before. */
static uint64_t
log_write(struct world *w, scim_write_kind kind, scim_key key, uint64_t from,
    uint64_t to, uint64_t keep)
{
	struct draft d;

	draft(&d, kind, key, from, to);
	d.w.change.keep = keep;
	d.w.change.content = SCIM_STR("[back]");
	d.w.change.whole = SCIM_STR("{whole}");
	d.w.change.at_ms = (int64_t)to * 10;
	return must_write(w, &d);
}

static void
log_updates(struct world *w, scim_key key, uint64_t from, uint64_t to)
{
	for (uint64_t v = from; v < to; v++)
		(void)log_write(w, SCIM_WRITE_UPDATE, key, v, v + 1, KEEP);
}

static size_t
trim(struct world *w, int64_t before_ms, size_t limit)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	size_t count = POISON;

	assert_ok(scim__store_trim(
	    txn, SCIM_STR("t"), before_ms, limit, &count, &w->err));
	must_commit(w, txn);
	return count;
}

static void
the_log_holds_every_write_in_order(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = feed_from(0);
	struct draft d;

	assert_int_equal(feed_of(w, "t").last, 0);
	assert_int_equal(feed_of(w, "t").first, 1);
	assert_string_equal(rows_of(w, &plan), "");
	draft(&d, SCIM_WRITE_CREATE, user("a"), 0, 1);
	d.w.change = (scim_change){ .operation = SCIM_STR("create"),
		.actor = SCIM_STR("token:1"),
		.via = SCIM_STR("http"),
		.paths = SCIM_STR("[\"x\"]"),
		.content = SCIM_STR(""),
		.at_ms = -5,
		.keep = KEEP };
	(void)must_write(w, &d);
	(void)must_create(w, group("b"), 7);
	(void)must_delete(w, user("a"), 1);

	scim_change_row row = must_row(w, &plan, 0);
	assert_int_equal(row.sequence, 1);
	assert_int_equal(row.parent, 0);
	assert_str(row.type, "User");
	assert_str(row.id, "a");
	assert_false(row.is_gone);
	assert_memory_equal(row.version.bytes, ver(1).bytes, 16);
	assert_str(row.change.operation, "create");
	assert_str(row.change.actor, "token:1");
	assert_str(row.change.via, "http");
	assert_str(row.change.paths, "[\"x\"]");
	assert_int_equal(row.change.at_ms, -5);
	assert_str(must_row(w, &plan, 1).type, "Group");
	row = must_row(w, &plan, 2);
	assert_int_equal(row.sequence, 3);
	assert_int_equal(row.parent, 1);
	assert_true(row.is_gone);
	scim_feed feed = feed_of(w, "t");
	assert_int_equal(feed.first, 1);
	assert_int_equal(feed.last, 3);
}

static void
the_feed_goes_on_from_anywhere(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = feed_from(3);

	for (uint64_t i = 1; i <= 5; i++)
		(void)must_create(w, user((char[]){ (char)('a' + i), 0 }), i);
	plan.limit = 2;

	assert_string_equal(rows_of(w, &plan), "3:0 4:0 ");
	plan.from = 5;
	assert_string_equal(rows_of(w, &plan), "5:0 ");
	plan.from = 6;
	assert_string_equal(rows_of(w, &plan), "");
	plan.from = UINT64_MAX;
	assert_string_equal(rows_of(w, &plan), "");
}

static void
another_tenant_has_its_own_log(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = feed_from(0);

	(void)must_create(w, user("a"), 1);
	plan.tenant = SCIM_STR("tt");

	assert_string_equal(rows_of(w, &plan), "");
	assert_int_equal(feed_of(w, "tt").last, 0);
	plan.id = SCIM_STR("a");
	assert_string_equal(rows_of(w, &plan), "");
}

static void
a_log_that_begins_anew_is_another_epoch(void **state)
{
	struct world *w = *state;

	assert_int_equal(feed_of(w, "t").epoch, 0);
	(void)must_create(w, user("a"), 1);
	uint64_t epoch = feed_of(w, "t").epoch;
	(void)must_update(w, user("a"), 1, 2);
	assert_true(feed_of(w, "t").epoch == epoch);
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	assert_ok(scim__store_erase_tenant(txn, SCIM_STR("t"), &w->err));
	must_commit(w, txn);
	assert_int_equal(feed_of(w, "t").last, 0);
	(void)must_create(w, user("a"), 1);

	assert_true(feed_of(w, "t").epoch != epoch);
	scim_change_plan plan = states_of("a");
	assert_string_equal(rows_of(w, &plan), "");
}

static void
states_are_read_by_revision_both_ways(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a");

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, KEEP);
	(void)log_write(w, SCIM_WRITE_CREATE, user("b"), 0, 1, KEEP);
	log_updates(w, user("a"), 1, 4);
	(void)log_write(w, SCIM_WRITE_DELETE, user("a"), 4, 0, KEEP);

	assert_string_equal(rows_of(w, &plan), "1:1 3:2 4:3 5:4 6:5 ");
	assert_true(must_row(w, &plan, 4).is_gone);
	assert_int_equal(must_row(w, &plan, 3).parent, 4);
	plan.from = 3;
	plan.limit = 2;
	assert_string_equal(rows_of(w, &plan), "4:3 5:4 ");
	plan.descending = 1;
	assert_string_equal(rows_of(w, &plan), "4:3 3:2 ");
	plan.from = UINT64_MAX;
	assert_string_equal(rows_of(w, &plan), "6:5 5:4 ");
	plan.from = 0;
	assert_string_equal(rows_of(w, &plan), "");
}

static void
a_version_is_its_latest_visit(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a");
	const scim_version one = ver(1), two = ver(2), three = ver(3);

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, KEEP);
	(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), 1, 2, KEEP);
	(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), 2, 1, KEEP);

	plan.version = &one;
	assert_string_equal(rows_of(w, &plan), "3:3 ");
	plan.version = &two;
	assert_string_equal(rows_of(w, &plan), "2:2 ");
	plan.version = &three;
	assert_string_equal(rows_of(w, &plan), "");
}

static void
every_sixteenth_change_keeps_the_whole(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a");

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, KEEP);
	log_updates(w, user("a"), 1, 40);

	for (size_t i = 0; i < 40; i++) {
		scim_change_row row = must_row(w, &plan, i);

		assert_int_equal(row.revision, i + 1);
		assert_str(row.change.content,
		    (i + 1) % SCIM_WHOLE_EVERY == 0 ? "{whole}" : "[back]");
	}
	plan.with_content = 0;
	assert_str(must_row(w, &plan, 15).change.content, "");
}

static void
states_too_far_back_are_forgotten(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a"), all = feed_from(0);
	const scim_version one = ver(1), three = ver(3);

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, 3);
	for (uint64_t v = 1; v < 5; v++)
		(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), v, v + 1, 3);

	assert_string_equal(rows_of(w, &plan), "3:3 4:4 5:5 ");
	assert_str(must_row(w, &plan, 0).change.content, "");
	assert_str(must_row(w, &plan, 1).change.content, "[back]");
	plan.version = &one;
	assert_string_equal(rows_of(w, &plan), "");
	plan.version = &three;
	assert_string_equal(rows_of(w, &plan), "3:3 ");
	assert_string_equal(rows_of(w, &all), "1:0 2:0 3:0 4:0 5:0 ");
}

static void
fewer_states_are_reached_write_by_write(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a");

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, KEEP);
	log_updates(w, user("a"), 1, 20);
	for (uint64_t v = 20; v < 30; v++)
		(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), v, v + 1, 2);

	assert_string_equal(rows_of(w, &plan), "29:29 30:30 ");
}

static void
a_version_that_came_back_outlives_its_first_visit(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a");
	const scim_version one = ver(1);

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, 2);
	(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), 1, 2, 2);
	(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), 2, 1, 2);

	plan.version = &one;
	assert_string_equal(rows_of(w, &plan), "3:3 ");
}

static void
no_history_keeps_no_states(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a"), all = feed_from(0);

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, 0);
	(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), 1, 2, 0);
	assert_string_equal(rows_of(w, &plan), "");
	assert_string_equal(rows_of(w, &all), "1:0 2:0 ");

	(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), 2, 3, KEEP);
	assert_string_equal(rows_of(w, &plan), "3:1 ");
	(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), 3, 4, 0);
	assert_string_equal(rows_of(w, &plan), "");
}

static void
what_was_rolled_back_is_in_no_log(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a"), all = feed_from(0);
	scim_write_result result;
	struct draft d;

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, KEEP);
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	draft(&d, SCIM_WRITE_UPDATE, user("a"), 1, 2);
	d.w.change.keep = KEEP;
	assert_ok(scim__store_write(txn, w->arena, &d.w, &result, &w->err));
	scim__store_rollback(txn);

	assert_string_equal(rows_of(w, &plan), "1:1 ");
	assert_string_equal(rows_of(w, &all), "1:0 ");
	assert_int_equal(feed_of(w, "t").last, 1);
}

/* at_ms of a change is ten times the version it led to */
static void
old_changes_go_with_the_states_they_replaced(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a"), all;

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, KEEP);
	log_updates(w, user("a"), 1, 6);
	assert_int_equal(trim(w, 40, 100), 3);

	scim_feed feed = feed_of(w, "t");
	assert_int_equal(feed.first, 4);
	assert_int_equal(feed.last, 6);
	all = feed_from(feed.first);
	assert_string_equal(rows_of(w, &all), "4:0 5:0 6:0 ");
	/* 3 was replaced by 4, which is not that old */
	assert_string_equal(rows_of(w, &plan), "3:3 4:4 5:5 6:6 ");
	assert_str(must_row(w, &plan, 0).change.content, "");
	assert_str(must_row(w, &plan, 1).change.content, "[back]");
	assert_int_equal(trim(w, 40, 100), 0);
}

static void
the_state_there_is_stays(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a");

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, KEEP);
	log_updates(w, user("a"), 1, 3);
	assert_int_equal(trim(w, 1000, 2), 2);
	assert_int_equal(trim(w, 1000, 100), 1);

	assert_int_equal(feed_of(w, "t").first, 4);
	assert_string_equal(rows_of(w, &plan), "3:3 ");
	(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), 3, 200, KEEP);
	assert_string_equal(rows_of(w, &plan), "3:3 4:4 ");
	assert_str(must_row(w, &plan, 1).change.content, "[back]");
	assert_int_equal(trim(w, 3000, 100), 1);
	assert_string_equal(rows_of(w, &plan), "4:4 ");
}

static void
nothing_is_left_of_what_was_deleted_long_ago(void **state)
{
	struct world *w = *state;
	scim_change_plan plan = states_of("a"), all = feed_from(0);

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1, KEEP);
	log_updates(w, user("a"), 1, 3);
	(void)log_write(w, SCIM_WRITE_DELETE, user("a"), 3, 0, KEEP);
	assert_string_equal(rows_of(w, &plan), "1:1 2:2 3:3 4:4 ");
	assert_int_equal(trim(w, 1000, 100), 4);

	assert_string_equal(rows_of(w, &plan), "");
	assert_string_equal(rows_of(w, &all), "");
	assert_int_equal(feed_of(w, "t").first, 5);
	assert_int_equal(feed_of(w, "t").last, 4);
}

static void
trimming_nothing_is_success(void **state)
{
	struct world *w = *state;

	assert_int_equal(trim(w, INT64_MAX, 100), 0);
}

enum { PEOPLE = 8, STEPS = 120 };

static const char *const people[PEOPLE] = { "a", "b",
	"2819c223-7f76-453a-919d-413861904646", "c", "ab",
	"2819c223-7f76-453a-919d-413861904647", "\xC3\xA9", "e0" };

/* "value:display " of each, page by page. */
static const char *
members_at(struct world *w, scim_key key, uint64_t sequence, size_t limit)
{
	scim_member_plan plan = { .tenant = key.tenant,
		.type = key.type,
		.id = key.id,
		.sequence = sequence,
		.after = SCIM_STR(""),
		.limit = limit };
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_member_row *rows = NULL;
	size_t count = limit;
	scim__buf line;

	scim__buf_init(&line, w->arena, SIZE_MAX);
	while (count == limit) {
		assert_ok(scim__store_members_at(
		    txn, w->arena, &plan, &rows, &count, &w->err));
		for (size_t i = 0; i < count; i++)
			scim__buf_printf(&line, "%.*s:%.*s ",
			    (int)rows[i].value.len, rows[i].value.ptr,
			    (int)rows[i].display.len, rows[i].display.ptr);
		if (count > 0)
			plan.after = rows[count - 1].value;
	}
	must_commit(w, txn);
	scim__buf_add_char(&line, '\0');
	assert_false(scim__buf_failed(&line));
	return line.ptr;
}

static uint64_t
draw(uint64_t *seed, uint64_t below)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (*seed >> 33) % below;
}

/* A write that changes a few members at random. */
static uint64_t
random_members(struct world *w, uint64_t *seed, uint64_t step)
{
	static const char *const displays[] = { "", "A", "B" };
	scim_member_row add[3];
	scim_str gone[3];
	struct draft d;

	draft(&d, step == 1 ? SCIM_WRITE_CREATE : SCIM_WRITE_UPDATE, group("g"),
	    step - 1, step);
	d.r.relation_state = SCIM_STR("s");
	d.w.change.keep = KEEP * 10;
	d.w.change.at_ms = (int64_t)step * 10;
	d.w.member_remove_all = draw(seed, 12) == 0;
	for (size_t i = draw(seed, 3); i > 0; i--)
		gone[d.w.member_remove_count++] =
		    scim__str(people[draw(seed, PEOPLE)]);
	for (size_t i = draw(seed, 4); i > 0; i--)
		add[d.w.member_add_count++] =
		    (scim_member_row){ scim__str(people[draw(seed, PEOPLE)]),
			    SCIM_STR("User"),
			    scim__str(displays[draw(seed, 3)]) };
	d.w.member_add = add;
	d.w.member_remove = gone;
	return must_write(w, &d);
}

static void
members_at_each_change_are_as_they_were(void **state)
{
	struct world *w = *state;
	const char *was[STEPS + 1];
	uint64_t sequences[STEPS + 1], seed = 4711;

	for (uint64_t i = 1; i <= STEPS; i++) {
		sequences[i] = random_members(w, &seed, i);
		/* somebody else's change in between */
		if (i % 3 == 0)
			(void)must_create(w,
			    user(scim__str_format(w->arena, "u%u", (unsigned)i)
				     .ptr),
			    1);
		was[i] = members_at(w, group("g"), sequences[i], 100);
	}
	(void)log_write(
	    w, SCIM_WRITE_DELETE, group("g"), STEPS, STEPS + 1, KEEP * 10);

	for (uint64_t i = 1; i <= STEPS; i++) {
		assert_string_equal(
		    members_at(w, group("g"), sequences[i], 100), was[i]);
		assert_string_equal(
		    members_at(w, group("g"), sequences[i], 2), was[i]);
		assert_string_equal(
		    members_at(w, user("g"), sequences[i], 100), "");
	}
	/* What is trimmed away is before the states that are kept. */
	(void)trim(w, STEPS * 5, 10000);
	for (uint64_t i = STEPS / 2; i <= STEPS; i++)
		assert_string_equal(
		    members_at(w, group("g"), sequences[i], 3), was[i]);
}

static void
members_now_are_the_members_after_the_last_change(void **state)
{
	struct world *w = *state;
	uint64_t seed = 99, last = 0;

	for (uint64_t i = 1; i <= 20; i++)
		last = random_members(w, &seed, i);

	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_key key = group("g");
	scim_member_row *rows = NULL;
	size_t count = 0;
	scim__buf line;

	assert_ok(scim__store_members(
	    txn, w->arena, &key, SCIM_STR(""), 100, &rows, &count, &w->err));
	must_commit(w, txn);
	scim__buf_init(&line, w->arena, SIZE_MAX);
	for (size_t i = 0; i < count; i++)
		scim__buf_printf(&line, "%.*s:%.*s ", (int)rows[i].value.len,
		    rows[i].value.ptr, (int)rows[i].display.len,
		    rows[i].display.ptr);
	scim__buf_add_char(&line, '\0');
	assert_string_equal(members_at(w, key, last, 100), line.ptr);
}

/* So many that a store may need several turns to let them go. */
enum { CROWD = 2500, CROWD_STEPS = 24 };

/* Every second one as an id in UUID form. */
static scim_str
one_of_crowd(struct world *w, uint64_t i)
{
	return i % 2 == 0
	    ? scim__str_format(w->arena, "m%05u", (unsigned)i)
	    : scim__str_format(
		  w->arena, "2819c223-7f76-453a-919d-4138619%05u", (unsigned)i);
}

static void
tidy(struct world *w, size_t limit, uint64_t most)
{
	int more = 1;

	for (uint64_t i = 0; more && i < most; i++)
		assert_ok(scim__store_tidy(w->store, limit, &more, &w->err));
}

/* The crowd as it should be. */
struct crowd {
	bool exists, in[CROWD];
	uint64_t seed;
	scim_member_row *add; /* room for all */
};

static void
come(struct world *w, struct crowd *c, struct draft *d, uint64_t from,
    uint64_t to)
{
	for (uint64_t i = from; i < to; i++) {
		c->in[i] = true;
		c->add[d->w.member_add_count++] =
		    (scim_member_row){ one_of_crowd(w, i), SCIM_STR("User"),
			    SCIM_STR("") };
	}
	d->w.member_add = c->add;
}

/* Mostly all of them go, or many come; at times the group itself goes. */
static uint64_t
crowd_step(struct world *w, struct crowd *c, uint64_t step)
{
	uint64_t from = draw(&c->seed, CROWD);
	bool goes = c->exists && draw(&c->seed, 6) == 0;
	struct draft d;

	draft(&d,
	    goes            ? SCIM_WRITE_DELETE
		: c->exists ? SCIM_WRITE_UPDATE
			    : SCIM_WRITE_CREATE,
	    group("g"), c->exists ? step - 1 : 0, step);
	d.r.relation_state = SCIM_STR("s");
	d.w.change.keep = KEEP * 10;
	d.w.member_remove_all =
	    d.w.kind == SCIM_WRITE_UPDATE && draw(&c->seed, 3) == 0;
	if (goes || d.w.member_remove_all)
		memset(c->in, 0, sizeof(c->in));
	c->exists = !goes;
	if (!goes && draw(&c->seed, 4) == 0)
		come(w, c, &d, 0, CROWD);
	else if (!goes)
		come(w, c, &d, from, from + draw(&c->seed, CROWD - from));
	return must_write(w, &d);
}

/* Those who are `in` as members_at() says it: ids in UUID form come first. */
static const char *
crowd_line(struct world *w, const bool *in)
{
	scim__buf line;

	scim__buf_init(&line, w->arena, SIZE_MAX);
	for (uint64_t half = 0; half < 2; half++)
		for (uint64_t i = 1 - half; i < CROWD; i += 2) {
			scim_str id = one_of_crowd(w, i);

			if (in[i])
				scim__buf_printf(
				    &line, "%.*s: ", (int)id.len, id.ptr);
		}
	scim__buf_add_char(&line, '\0');
	assert_false(scim__buf_failed(&line));
	return line.ptr;
}

static size_t
number_at_end(scim_str id)
{
	size_t n = 0;

	for (size_t i = id.len - 5; i < id.len; i++)
		n = n * 10 + (size_t)(id.ptr[i] - '0');
	assert_true(n < CROWD);
	return n;
}

/* By the reads that know no past, from both sides. */
static void
expect_crowd(struct world *w, const struct crowd *c, const char *wanted)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_key key = group("g");
	scim_member_row *rows = NULL, row;
	scim_membership *groups = NULL;
	size_t count = 0;
	bool listed[CROWD] = { false };

	for (uint64_t i = 0; i < CROWD; i++) {
		scim_str id = one_of_crowd(w, i);

		assert_ok(scim__store_memberships(txn, w->arena, key.tenant, id,
		    SCIM_STR(""), 9, &groups, &count, &w->err));
		assert_int_equal(count, c->in[i] ? 1 : 0);
		assert_int_equal(scim__store_member_get(
				     txn, w->arena, &key, id, &row, &w->err),
		    c->in[i] ? SCIM_OK : SCIM_ERR_NOT_FOUND);
	}
	assert_ok(scim__store_members(txn, w->arena, &key, SCIM_STR(""),
	    2 * CROWD, &rows, &count, &w->err));
	for (size_t i = 0; i < count; i++)
		listed[number_at_end(rows[i].value)] = true;
	must_commit(w, txn);
	assert_string_equal(crowd_line(w, listed), wanted);
}

static void
very_many_members_come_and_go_in_one_step(void **state)
{
	struct world *w = *state;
	const char *was[CROWD_STEPS + 1];
	uint64_t sequences[CROWD_STEPS + 1];
	struct crowd c = { .seed = 2024 };

	c.add = scim_arena_alloc(w->arena, CROWD * sizeof(*c.add));
	assert_non_null(c.add);
	for (uint64_t i = 1; i <= CROWD_STEPS; i++) {
		sequences[i] = crowd_step(w, &c, i);
		was[i] = crowd_line(w, c.in);
		tidy(w, 200, draw(&c.seed, 4));
		expect_crowd(w, &c, was[i]);
		if (i % 8 == 0)
			tidy(w, 300, UINT64_MAX);
		for (uint64_t k = i % 8 == 0 ? 1 : i; k <= i; k++)
			assert_string_equal(
			    members_at(w, group("g"), sequences[k], 2 * CROWD),
			    was[k]);
	}
}

int
main(void)
{
	static const struct contract_case cases[] = {
		CONTRACT_CASE(the_log_holds_every_write_in_order),
		CONTRACT_CASE(the_feed_goes_on_from_anywhere),
		CONTRACT_CASE(another_tenant_has_its_own_log),
		CONTRACT_CASE(a_log_that_begins_anew_is_another_epoch),
		CONTRACT_CASE(states_are_read_by_revision_both_ways),
		CONTRACT_CASE(a_version_is_its_latest_visit),
		CONTRACT_CASE(every_sixteenth_change_keeps_the_whole),
		CONTRACT_CASE(states_too_far_back_are_forgotten),
		CONTRACT_CASE(fewer_states_are_reached_write_by_write),
		CONTRACT_CASE(
		    a_version_that_came_back_outlives_its_first_visit),
		CONTRACT_CASE(no_history_keeps_no_states),
		CONTRACT_CASE(what_was_rolled_back_is_in_no_log),
		CONTRACT_CASE(old_changes_go_with_the_states_they_replaced),
		CONTRACT_CASE(the_state_there_is_stays),
		CONTRACT_CASE(nothing_is_left_of_what_was_deleted_long_ago),
		CONTRACT_CASE(trimming_nothing_is_success),
		CONTRACT_CASE(members_at_each_change_are_as_they_were),
		CONTRACT_CASE(very_many_members_come_and_go_in_one_step),
		CONTRACT_CASE(
		    members_now_are_the_members_after_the_last_change),
	};

	return contract_run("store_log", cases, scim__countof(cases));
}
