/* SPDX-License-Identifier: Apache-2.0 */
#include <inttypes.h>
#include <stdio.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "contract/world.h"

enum { KEEP = 100, ALL = 1000 };

/* One write that keeps its states. */
static uint64_t
log_write(struct world *w, scim_write_kind kind, scim_key key, uint64_t from,
    uint64_t to)
{
	struct draft d;

	draft(&d, kind, key, from, to);
	d.w.change.keep = KEEP;
	d.w.change.content = SCIM_STR("[back]");
	d.w.change.at_ms = (int64_t)to * 10;
	return must_write(w, &d);
}

/* A row of the log alone. */
static uint64_t
mark(struct world *w, scim_key key)
{
	struct draft d;

	draft(&d, SCIM_WRITE_MARK, key, 0, 0);
	d.w.record = NULL;
	d.w.change.operation = SCIM_STR("purge");
	return must_write(w, &d);
}

/* A group at version `to` that has gained or lost one member. */
static void
relate(
    struct world *w, scim_key key, uint64_t to, const char *in, const char *out)
{
	const scim_member_row row = { scim__str(in == NULL ? "" : in),
		SCIM_STR("User"), SCIM_STR("a name") };
	const scim_str gone = scim__str(out == NULL ? "" : out);
	struct draft d;

	draft(&d, to == 1 ? SCIM_WRITE_CREATE : SCIM_WRITE_UPDATE, key, to - 1,
	    to);
	d.r.relation_state = SCIM_STR("s");
	d.w.change.keep = KEEP;
	d.w.member_add = &row;
	d.w.member_add_count = in != NULL;
	d.w.member_remove = &gone;
	d.w.member_remove_count = out != NULL;
	(void)must_write(w, &d);
}

static size_t
purge_in(struct world *w, scim_txn *txn, scim_key key, const uint64_t *changes,
    size_t count, size_t limit)
{
	const scim_purge purge = { key.tenant, key.type, key.id, changes, count,
		limit };
	size_t gone = POISON;

	assert_ok(scim__store_purge(txn, &purge, &gone, &w->err));
	return gone;
}

static size_t
purge(struct world *w, scim_key key, const uint64_t *changes, size_t count,
    size_t limit)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	size_t gone = purge_in(w, txn, key, changes, count, limit);

	must_commit(w, txn);
	return gone;
}

/* "sequence id operation;" of each row; `id` NULL: of the feed. */
static const char *
log_of(struct world *w, const char *id)
{
	const scim_change_plan plan = { .tenant = SCIM_STR("t"),
		.id = scim__str(id == NULL ? "" : id),
		.limit = ALL };
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_change_row *rows = NULL;
	size_t count = POISON;
	scim__buf line;

	assert_ok(
	    scim__store_changes(txn, w->arena, &plan, &rows, &count, &w->err));
	must_commit(w, txn);
	scim__buf_init(&line, w->arena, SIZE_MAX);
	for (size_t i = 0; i < count; i++)
		scim__buf_printf(&line, "%" PRIu64 " %.*s %.*s;",
		    rows[i].sequence, (int)rows[i].id.len, rows[i].id.ptr,
		    (int)rows[i].change.operation.len,
		    rows[i].change.operation.ptr);
	scim__buf_add_char(&line, '\0');
	assert_false(scim__buf_failed(&line));
	return line.ptr;
}

static const char *
members_at(struct world *w, scim_key key, uint64_t sequence)
{
	const scim_member_plan plan = { .tenant = key.tenant,
		.type = key.type,
		.id = key.id,
		.sequence = sequence,
		.after = SCIM_STR(""),
		.limit = ALL };
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_member_row *rows = NULL;
	size_t count = POISON;
	scim__buf line;

	assert_ok(scim__store_members_at(
	    txn, w->arena, &plan, &rows, &count, &w->err));
	must_commit(w, txn);
	scim__buf_init(&line, w->arena, SIZE_MAX);
	for (size_t i = 0; i < count; i++)
		scim__buf_printf(
		    &line, "%.*s;", (int)rows[i].value.len, rows[i].value.ptr);
	scim__buf_add_char(&line, '\0');
	assert_false(scim__buf_failed(&line));
	return line.ptr;
}

static scim_feed
feed_of(struct world *w)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	scim_feed feed = { .last = POISON };

	assert_ok(scim__store_feed(txn, SCIM_STR("t"), &feed, &w->err));
	must_commit(w, txn);
	return feed;
}

static void
a_mark_is_a_change_of_what_is_not_there(void **state)
{
	struct world *w = *state;

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1);
	assert_int_equal(mark(w, user("b")), 2);

	assert_string_equal(log_of(w, NULL), "1 a replace;2 b purge;");
	assert_string_equal(log_of(w, "b"), "");
	assert_int_equal(version_at(w, user("b")), 0);
	scim_plan plan = all_users();
	assert_string_equal(ids_of(w, &plan), "a ");
	/* the id is free */
	(void)log_write(w, SCIM_WRITE_CREATE, user("b"), 0, 1);
	assert_string_equal(log_of(w, "b"), "3 b replace;");
}

static void
the_first_change_may_be_a_mark(void **state)
{
	struct world *w = *state;

	assert_int_equal(mark(w, user("b")), 1);

	assert_int_equal(feed_of(w).last, 1);
	assert_true(feed_of(w).epoch != 0);
}

static void
what_is_purged_is_in_no_log(void **state)
{
	struct world *w = *state;
	const uint64_t changes[] = { 1, 3, 4, 2, 99 };

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1);
	(void)log_write(w, SCIM_WRITE_CREATE, user("b"), 0, 1);
	(void)log_write(w, SCIM_WRITE_UPDATE, user("a"), 1, 2);
	(void)log_write(w, SCIM_WRITE_DELETE, user("a"), 2, 0);
	(void)mark(w, user("a"));
	/* three changes, three revisions and two versions */
	assert_true(purge(w, user("a"), changes, 5, ALL) >= 6);

	assert_string_equal(log_of(w, NULL), "2 b replace;5 a purge;");
	assert_string_equal(log_of(w, "a"), "");
	assert_string_equal(log_of(w, "b"), "2 b replace;");
	assert_int_equal(feed_of(w).last, 5);
	assert_int_equal(purge(w, user("a"), changes, 5, ALL), 0);
}

static void
another_tenant_is_left_alone(void **state)
{
	struct world *w = *state;
	const uint64_t one = 1;
	scim_key other = user("a");

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1);
	other.tenant = SCIM_STR("tt");
	assert_int_equal(purge(w, other, &one, 1, ALL), 0);

	assert_string_equal(log_of(w, "a"), "1 a replace;");
	assert_string_equal(log_of(w, NULL), "1 a replace;");
}

static void
members_of_former_times_go_and_those_of_now_stay(void **state)
{
	struct world *w = *state;

	relate(w, group("g"), 1, "a", NULL);
	relate(w, group("g"), 2, "b", NULL);
	relate(w, group("g"), 3, NULL, "a");
	relate(w, group("h"), 1, "a", NULL);
	relate(w, group("h"), 2, NULL, "a");
	assert_string_equal(members_at(w, group("g"), 2), "a;b;");
	assert_string_equal(members_at(w, group("h"), 4), "a;");
	assert_int_equal(purge(w, user("a"), NULL, 0, ALL), 2);

	assert_string_equal(members_at(w, group("g"), 1), "");
	assert_string_equal(members_at(w, group("g"), 2), "b;");
	assert_string_equal(members_at(w, group("h"), 4), "");
	assert_int_equal(purge(w, user("b"), NULL, 0, ALL), 0);
	assert_string_equal(
	    members_of(w, group("g"), "", ALL), "b:User:a name ");
}

static void
members_that_it_had_go_too(void **state)
{
	struct world *w = *state;

	relate(w, group("g"), 1, "a", NULL);
	relate(w, group("g"), 2, "2819c223-7f76-453a-919d-413861904646", NULL);
	relate(w, group("h"), 1, "a", NULL);
	relate(w, group("h"), 2, "b", "a");
	(void)log_write(w, SCIM_WRITE_DELETE, group("g"), 2, 0);
	assert_true(purge(w, group("g"), NULL, 0, ALL) >= 2);

	assert_string_equal(members_at(w, group("g"), 2), "");
	assert_string_equal(members_at(w, group("h"), 3), "a;");
}

static void
it_goes_in_turns(void **state)
{
	struct world *w = *state;
	uint64_t changes[42];
	size_t count = 0, turns = 0, gone;

	changes[count++] = log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1);
	for (uint64_t v = 1; v < 40; v++)
		changes[count++] =
		    log_write(w, SCIM_WRITE_UPDATE, user("a"), v, v + 1);
	changes[count++] = log_write(w, SCIM_WRITE_DELETE, user("a"), 40, 0);
	for (char c = 'a'; c < 'f'; c++) {
		const char id[] = { 'g', c, 0 };

		relate(w, group(id), 1, "a", NULL);
		relate(w, group(id), 2, NULL, "a");
	}
	do {
		gone = purge(w, user("a"), changes, count, 7);
		assert_true(gone <= 7);
		turns++;
	} while (gone > 0);

	assert_true(turns > 12);
	assert_string_equal(log_of(w, "a"), "");
	assert_string_equal(members_at(w, group("ga"), 42), "");
}

static void
a_purge_that_is_rolled_back_takes_nothing(void **state)
{
	struct world *w = *state;
	const uint64_t one = 1;

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1);
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	assert_true(purge_in(w, txn, user("a"), &one, 1, ALL) > 0);
	scim__store_rollback(txn);

	assert_string_equal(log_of(w, NULL), "1 a replace;");
	assert_string_equal(log_of(w, "a"), "1 a replace;");
}

static void
a_log_with_gaps_is_trimmed(void **state)
{
	struct world *w = *state;
	const uint64_t changes[] = { 1, 2, 4 };
	scim_txn *txn;
	size_t count = POISON;

	for (uint64_t v = 0; v < 2; v++)
		(void)log_write(w,
		    v == 0 ? SCIM_WRITE_CREATE : SCIM_WRITE_UPDATE, user("a"),
		    v, v + 1);
	(void)log_write(w, SCIM_WRITE_CREATE, user("b"), 0, 1);
	(void)log_write(w, SCIM_WRITE_DELETE, user("a"), 2, 0);
	(void)log_write(w, SCIM_WRITE_UPDATE, user("b"), 1, 2);
	(void)log_write(w, SCIM_WRITE_UPDATE, user("b"), 2, 9);
	(void)purge(w, user("a"), changes, 3, ALL);
	txn = must_begin(w, SCIM_TXN_WRITE);
	assert_ok(
	    scim__store_trim(txn, SCIM_STR("t"), 50, 100, &count, &w->err));
	must_commit(w, txn);

	assert_int_equal(count, 2);
	assert_int_equal(feed_of(w).first, 6);
	assert_string_equal(log_of(w, "b"), "5 b replace;6 b replace;");
}

static void
scrubbing_is_success(void **state)
{
	struct world *w = *state;

	(void)log_write(w, SCIM_WRITE_CREATE, user("a"), 0, 1);
	assert_ok(scim__store_scrub(w->store, &w->err));
	assert_int_equal(version_at(w, user("a")), 1);
}

int
main(void)
{
	static const struct contract_case cases[] = {
		CONTRACT_CASE(a_mark_is_a_change_of_what_is_not_there),
		CONTRACT_CASE(the_first_change_may_be_a_mark),
		CONTRACT_CASE(what_is_purged_is_in_no_log),
		CONTRACT_CASE(another_tenant_is_left_alone),
		CONTRACT_CASE(members_of_former_times_go_and_those_of_now_stay),
		CONTRACT_CASE(members_that_it_had_go_too),
		CONTRACT_CASE(it_goes_in_turns),
		CONTRACT_CASE(a_purge_that_is_rolled_back_takes_nothing),
		CONTRACT_CASE(a_log_with_gaps_is_trimmed),
		CONTRACT_CASE(scrubbing_is_success),
	};

	return contract_run("store_purge", cases, scim__countof(cases));
}
