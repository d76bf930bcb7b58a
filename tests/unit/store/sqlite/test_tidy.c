/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

enum { MANY = 2500, KEEP = 100 };

static scim_key
group(void)
{
	return (
	    scim_key){ SCIM_STR("acme"), SCIM_STR("Group"), SCIM_STR(UUID_A) };
}

/* One write of the group. */
static void
write_group(struct fixture *f, scim_write *w)
{
	scim_write_result result;
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	scim_error err = { 0 };

	if (scim__store_write(txn, f->arena, w, &result, &err) != SCIM_OK)
		fail_msg("%s", err.detail);
	commit(txn);
}

/* A group of so many. */
static void
make_group(struct fixture *f, size_t count, uint64_t keep)
{
	scim_member_row *rows =
	    scim_arena_alloc(f->arena, count * sizeof(*rows));
	scim_record record = record_of(1, "{}");
	scim_write w = write_of(SCIM_WRITE_CREATE, group(), 0, &record);

	assert_non_null(rows);
	for (size_t i = 0; i < count; i++)
		rows[i] = (scim_member_row){ scim__str_format(f->arena, "m%05u",
						 (unsigned)i),
			SCIM_STR("User"), SCIM_STR("") };
	record.relation_state = SCIM_STR("s");
	w.member_add = rows;
	w.member_add_count = count;
	w.change.keep = keep;
	write_group(f, &w);
}

static void
empty_group(struct fixture *f, unsigned from)
{
	scim_record record = record_of(from + 1, "{}");
	scim_write w = write_of(SCIM_WRITE_UPDATE, group(), from, &record);

	record.relation_state = SCIM_STR("s");
	w.member_remove_all = 1;
	w.change.keep = KEEP;
	write_group(f, &w);
}

static void
delete_group(struct fixture *f, unsigned from, uint64_t keep)
{
	scim_write w = write_of(SCIM_WRITE_DELETE, group(), from, NULL);

	w.change.keep = keep;
	write_group(f, &w);
}

static bool
tidy(struct fixture *f, size_t limit)
{
	int more = POISON;

	assert_int_equal(
	    scim__store_tidy(f->store, limit, &more, NULL), SCIM_OK);
	return more != 0;
}

static void
tidy_all(struct fixture *f)
{
	while (tidy(f, 1000))
		continue;
}

static long long
rows_that(struct fixture *f, const char *what)
{
	char sql[128];

	(void)snprintf(sql, sizeof(sql), "SELECT count(*) FROM %s", what);
	return ask(f->path, sql);
}

static void
very_many_rows_are_closed_in_turns(void **state)
{
	struct fixture *f = *state;

	make_group(f, MANY, KEEP);
	empty_group(f, 1);

	assert_int_equal(rows_that(f, "member WHERE to_sequence = 2"), 0);
	assert_int_equal(rows_that(f, "emptied"), 1);
	assert_true(tidy(f, 1000));
	assert_int_equal(rows_that(f, "member WHERE to_sequence = 2"), 1000);
	assert_true(tidy(f, 1000));
	assert_int_equal(rows_that(f, "member WHERE to_sequence = 2"), 2000);
	tidy_all(f);
	assert_int_equal(rows_that(f, "member WHERE to_sequence = 2"), MANY);
	assert_int_equal(rows_that(f, "emptied"), 0);
	assert_false(tidy(f, 1000));
	assert_intact(f->path);
}

static void
few_rows_are_closed_at_once(void **state)
{
	struct fixture *f = *state;

	make_group(f, 1000, KEEP);
	empty_group(f, 1);

	assert_int_equal(rows_that(f, "member WHERE to_sequence = 2"), 1000);
	assert_int_equal(rows_that(f, "emptied"), 0);
}

static void
turns_go_on_after_a_restart(void **state)
{
	struct fixture *f = *state;

	make_group(f, MANY, KEEP);
	delete_group(f, 1, KEEP);
	assert_true(tidy(f, 1000));
	scim_store_close(f->store);
	f->store = open_at(f->path);
	tidy_all(f);

	assert_int_equal(rows_that(f, "member WHERE to_sequence = 2"), MANY);
	assert_int_equal(rows_that(f, "emptied"), 0);
}

static void
who_comes_again_meanwhile_stays(void **state)
{
	struct fixture *f = *state;
	const scim_member_row row = { SCIM_STR("m00007"), SCIM_STR("User"),
		SCIM_STR("") };
	scim_record record = record_of(3, "{}");
	scim_write w = write_of(SCIM_WRITE_UPDATE, group(), 2, &record);

	make_group(f, MANY, KEEP);
	empty_group(f, 1);
	record.relation_state = SCIM_STR("s");
	w.member_add = &row;
	w.member_add_count = 1;
	w.change.keep = KEEP;
	write_group(f, &w);
	tidy_all(f);

	assert_int_equal(rows_that(f, "member WHERE to_sequence = 2"), MANY);
	assert_int_equal(rows_that(f,
			     "member WHERE to_sequence IS NULL "
			     "AND value = 'm00007' AND from_sequence = 3"),
	    1);
}

static void
one_emptied_twice_ends_with_the_first(void **state)
{
	struct fixture *f = *state;

	make_group(f, MANY, KEEP);
	empty_group(f, 1);
	empty_group(f, 2);
	assert_int_equal(rows_that(f, "emptied"), 2);
	tidy_all(f);

	assert_int_equal(rows_that(f, "member WHERE to_sequence = 2"), MANY);
}

static void
rows_of_no_state_that_is_kept_go(void **state)
{
	struct fixture *f = *state;

	make_group(f, MANY, 0);
	delete_group(f, 1, 0);
	tidy_all(f);

	assert_int_equal(rows_that(f, "member"), 0);
	assert_int_equal(rows_that(f, "forgotten"), 0);
}

static void
what_is_trimmed_goes_to_the_last_row(void **state)
{
	struct fixture *f = *state;
	size_t count = 0;

	make_group(f, MANY, KEEP);
	delete_group(f, 1, KEEP);
	tidy_all(f);
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	assert_int_equal(
	    scim__store_trim(txn, SCIM_STR("acme"), INT64_MAX, 9, &count, NULL),
	    SCIM_OK);
	commit(txn);
	assert_int_equal(count, 2);
	tidy_all(f);

	assert_int_equal(rows_that(f, "member"), 0);
	assert_int_equal(rows_that(f, "forgotten"), 0);
}

static void
a_tenant_that_is_erased_leaves_nothing_to_do(void **state)
{
	struct fixture *f = *state;

	make_group(f, MANY, KEEP);
	delete_group(f, 1, KEEP);
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	assert_int_equal(
	    scim__store_erase_tenant(txn, SCIM_STR("acme"), NULL), SCIM_OK);
	commit(txn);

	assert_int_equal(rows_that(f, "emptied"), 0);
	tidy_all(f);
	assert_int_equal(rows_that(f, "member"), 0);
}

static void
a_purge_waits_for_what_is_left(void **state)
{
	struct fixture *f = *state;
	const scim_purge purge = { .tenant = SCIM_STR("acme"),
		.type = SCIM_STR("Group"),
		.id = SCIM_STR(UUID_A),
		.limit = 1000 };
	size_t count = 1;

	make_group(f, MANY, KEEP);
	delete_group(f, 1, KEEP);
	while (count > 0) {
		scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);

		assert_int_equal(
		    scim__store_purge(txn, &purge, &count, NULL), SCIM_OK);
		commit(txn);
	}

	assert_int_equal(rows_that(f, "member"), 0);
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_open, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(very_many_rows_are_closed_in_turns),
		TEST(few_rows_are_closed_at_once),
		TEST(turns_go_on_after_a_restart),
		TEST(who_comes_again_meanwhile_stays),
		TEST(one_emptied_twice_ends_with_the_first),
		TEST(rows_of_no_state_that_is_kept_go),
		TEST(what_is_trimmed_goes_to_the_last_row),
		TEST(a_purge_waits_for_what_is_left),
		TEST(a_tenant_that_is_erased_leaves_nothing_to_do),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
