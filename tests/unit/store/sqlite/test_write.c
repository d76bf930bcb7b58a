/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a write leaves in the tables: what only history, feed and merge will
 * read, and what the interface does not show yet.
 */
#include "fixture.h"

#define GROUP "00000000-0000-4000-8000-000000000001"

static scim_key
group(void)
{
	return (
	    scim_key){ SCIM_STR("acme"), SCIM_STR("Group"), SCIM_STR(GROUP) };
}

static scim_member_row
member(const char *value, const char *display)
{
	return (scim_member_row){ scim__str(value), SCIM_STR("User"),
		scim__str(display) };
}

static void
write_now(struct fixture *f, const scim_write *w, scim_status want)
{
	scim_write_result result;
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);

	assert_int_equal(
	    scim__store_write(txn, f->arena, w, &result, NULL), want);
	commit(txn);
}

/* Writes the group from `version` to the next one with these members. */
static void
change_group(struct fixture *f, unsigned version, scim_write rows)
{
	scim_record record = record_of(version + 1, "{}");
	scim_write w =
	    write_of(version == 0 ? SCIM_WRITE_CREATE : SCIM_WRITE_UPDATE,
		group(), version, &record);

	w.member_add = rows.member_add;
	w.member_add_count = rows.member_add_count;
	w.member_remove = rows.member_remove;
	w.member_remove_count = rows.member_remove_count;
	w.member_remove_all = rows.member_remove_all;
	w.change.keep = 100;
	write_now(f, &w, SCIM_OK);
}

#define ADD(...)                                                             \
	((scim_write){ .member_add = (scim_member_row[]){ __VA_ARGS__ },     \
	    .member_add_count = sizeof((scim_member_row[]){ __VA_ARGS__ }) / \
		sizeof(scim_member_row) })
#define REPLACE(...)                                                         \
	((scim_write){ .member_add = (scim_member_row[]){ __VA_ARGS__ },     \
	    .member_add_count = sizeof((scim_member_row[]){ __VA_ARGS__ }) / \
		sizeof(scim_member_row),                                     \
	    .member_remove_all = 1 })
#define REMOVE(...)                                                  \
	((scim_write){ .member_remove = (scim_str[]){ __VA_ARGS__ }, \
	    .member_remove_count =                                   \
		sizeof((scim_str[]){ __VA_ARGS__ }) / sizeof(scim_str) })

static long long
members_at(const struct fixture *f, int sequence)
{
	char sql[256];

	(void)snprintf(sql, sizeof(sql),
	    "SELECT count(*) FROM member WHERE from_sequence <= %d AND "
	    "ifnull(to_sequence, 1 << 40) > %d",
	    sequence, sequence);
	return ask(f->path, sql);
}

static void
members_at_any_change_can_be_asked_for(void **state)
{
	struct fixture *f = *state;

	change_group(f, 0, ADD(member("a", ""), member(UUID_A, "")));
	change_group(f, 1, ADD(member("b", "")));
	change_group(f, 2, REMOVE(SCIM_STR("a"), SCIM_STR("absent")));
	change_group(f, 3, ADD(member("a", "")));
	change_group(f, 4, REMOVE(SCIM_STR("a"), SCIM_STR(UUID_A)));

	static const int counts[] = { 0, 2, 3, 2, 3, 1 };
	for (int i = 0; i < 6; i++)
		assert_int_equal(members_at(f, i), counts[i]);
}

static void
an_equal_member_makes_no_row(void **state)
{
	struct fixture *f = *state;

	change_group(f, 0, ADD(member("a", "A"), member("b", "B")));
	change_group(f, 1, ADD(member("a", "A")));
	change_group(f, 2, REPLACE(member("a", "A"), member("b", "B")));

	assert_int_equal(ask(f->path, "SELECT count(*) FROM member"), 2);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM member WHERE "
			     "from_sequence = 1 AND to_sequence IS "
			     "NULL"),
	    2);
}

static void
a_list_that_is_replaced_makes_rows_for_what_differs(void **state)
{
	struct fixture *f = *state;

	change_group(f, 0, ADD(member("a", "A"), member("b", "B")));
	change_group(f, 1, REPLACE(member("a", "A"), member("c", "C")));

	assert_int_equal(ask(f->path, "SELECT count(*) FROM member"), 3);
	assert_int_equal(ask(f->path,
			     "SELECT to_sequence FROM member "
			     "WHERE value = 'b'"),
	    2);
	assert_int_equal(members_at(f, 1), 2);
	assert_int_equal(members_at(f, 2), 2);
}

static void
another_display_closes_a_row_and_opens_one(void **state)
{
	struct fixture *f = *state;

	change_group(f, 0, ADD(member("a", "A")));
	change_group(f, 1, ADD(member("a", "Ann")));

	assert_int_equal(ask(f->path,
			     "SELECT to_sequence FROM member "
			     "WHERE display = 'A'"),
	    2);
	assert_int_equal(ask(f->path,
			     "SELECT from_sequence FROM member "
			     "WHERE display = 'Ann' AND to_sequence "
			     "IS NULL"),
	    2);
}

static void
the_last_of_two_rows_of_one_value_stays(void **state)
{
	struct fixture *f = *state;

	change_group(
	    f, 0, ADD(member("a", "1"), member("a", "2"), member("a", "3")));
	change_group(f, 1, ADD(member("a", "4"), member("a", "3")));
	change_group(f, 2, REPLACE(member("a", "9"), member("a", "3")));

	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM member WHERE "
			     "to_sequence IS NULL"),
	    1);
	assert_int_equal(ask(f->path,
			     "SELECT display FROM member WHERE "
			     "to_sequence IS NULL"),
	    3);
	for (int i = 1; i <= 3; i++)
		assert_int_equal(members_at(f, i), 1);
}

static void
a_group_that_goes_leaves_its_members_to_history(void **state)
{
	enum { MEMBERS = 2500 };
	struct fixture *f = *state;
	static scim_member_row rows[MEMBERS];
	static char ids[MEMBERS][24];
	scim_membership *memberships = NULL;
	size_t count = POISON;

	for (int i = 0; i < MEMBERS; i++) {
		(void)snprintf(ids[i], sizeof(ids[i]), "u%d", i);
		rows[i] = member(ids[i], "");
	}
	change_group(f, 0,
	    (scim_write){ .member_add = rows, .member_add_count = MEMBERS });
	scim_write w = write_of(SCIM_WRITE_DELETE, group(), 1, NULL);
	w.change.keep = 100;
	write_now(f, &w, SCIM_OK);
	int more = 1;
	while (more)
		assert_int_equal(
		    scim__store_tidy(f->store, 700, &more, NULL), SCIM_OK);

	assert_int_equal(members_at(f, 1), MEMBERS);
	assert_int_equal(members_at(f, 2), 0);
	scim_txn *txn = begin(f->store, SCIM_TXN_READ);
	assert_int_equal(
	    scim__store_memberships(txn, f->arena, SCIM_STR("acme"),
		SCIM_STR("u7"), SCIM_STR(""), 10, &memberships, &count, NULL),
	    SCIM_OK);
	assert_int_equal(count, 0);
	scim__store_rollback(txn);
}

static void
each_change_names_the_one_before(void **state)
{
	struct fixture *f = *state;
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);

	assert_int_equal(create(txn, f->arena, UUID_A, 1, "{}"), SCIM_OK);
	assert_int_equal(create(txn, f->arena, UUID_B, 1, "{}"), SCIM_OK);
	assert_int_equal(update(txn, f->arena, UUID_A, 1, 2), SCIM_OK);
	scim_write w = write_of(SCIM_WRITE_DELETE, user(UUID_A), 2, NULL);
	scim_write_result result = { 0 };
	assert_int_equal(
	    scim__store_write(txn, f->arena, &w, &result, NULL), SCIM_OK);
	commit(txn);

	assert_int_equal(result.sequence, 4);
	static const struct {
		int sequence, parent, is_gone;
	} want[] = { { 1, 0, 0 }, { 2, 0, 0 }, { 3, 1, 0 }, { 4, 3, 1 } };
	for (size_t i = 0; i < scim__countof(want); i++) {
		char sql[256];

		(void)snprintf(sql, sizeof(sql),
		    "SELECT parent = %d AND (version IS NULL) = %d "
		    "FROM change WHERE sequence = %d",
		    want[i].parent, want[i].is_gone, want[i].sequence);
		assert_int_equal(ask(f->path, sql), 1);
	}
}

static void
a_refused_write_takes_no_number(void **state)
{
	struct fixture *f = *state;
	scim_record record = record_of(9, "{}");
	scim_write stale =
	    write_of(SCIM_WRITE_UPDATE, user(UUID_A), 8, &record);
	scim_write gone = write_of(SCIM_WRITE_DELETE, user(UUID_B), 1, NULL);
	scim_write taken =
	    write_of(SCIM_WRITE_CREATE, user(UUID_A), 0, &record);

	create_committed(f->store, f->arena, UUID_A);
	write_now(f, &stale, SCIM_ERR_VERSION);
	write_now(f, &gone, SCIM_ERR_NOT_FOUND);
	write_now(f, &taken, SCIM_ERR_EXISTS);

	assert_int_equal(ask(f->path, "SELECT sequence FROM counter"), 1);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM change"), 1);
	assert_int_equal(ask(f->path, "SELECT count FROM total"), 1);
	assert_int_equal(version_now(f->store, f->arena, UUID_A), 1);
}

/* Else a position in the old feed would be taken for one in the new. */
static void
a_tenant_that_comes_back_is_in_another_epoch(void **state)
{
	struct fixture *f = *state;

	create_committed(f->store, f->arena, UUID_A);
	long long before = ask(f->path, "SELECT epoch FROM counter");
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);
	assert_int_equal(
	    scim__store_erase_tenant(txn, SCIM_STR("acme"), NULL), SCIM_OK);
	commit(txn);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM counter"), 0);
	create_committed(f->store, f->arena, UUID_A);

	assert_true(ask(f->path, "SELECT epoch FROM counter") != before);
	assert_int_equal(ask(f->path, "SELECT sequence FROM counter"), 1);
}

static void
a_position_is_never_given_twice(void **state)
{
	struct fixture *f = *state;
	scim_write w = write_of(SCIM_WRITE_DELETE, user(UUID_A), 1, NULL);

	create_committed(f->store, f->arena, UUID_A);
	write_now(f, &w, SCIM_OK);
	create_committed(f->store, f->arena, UUID_B);

	assert_int_equal(ask(f->path, "SELECT position FROM resource"), 2);
}

static void
an_id_in_uuid_form_takes_sixteen_bytes(void **state)
{
	struct fixture *f = *state;

	create_committed(f->store, f->arena, UUID_A);
	create_committed(f->store, f->arena, "0000000A");

	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM resource WHERE "
			     "typeof(id) = 'blob' AND length(id) = 16"),
	    1);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM resource WHERE "
			     "id = '0000000A'"),
	    1);
}

/* The door would let a row of another's go. */
static void
a_unique_value_of_another_is_not_given_back(void **state)
{
	struct fixture *f = *state;
	const scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("ann") };
	scim_record record = record_of(1, "{}");
	scim_write w = write_of(SCIM_WRITE_CREATE, user(UUID_A), 0, &record);

	w.unique_add = &row;
	w.unique_add_count = 1;
	write_now(f, &w, SCIM_OK);
	w = write_of(SCIM_WRITE_CREATE, user(UUID_B), 0, &record);
	w.unique_remove = &row;
	w.unique_remove_count = 1;
	write_now(f, &w, SCIM_OK);

	assert_int_equal(ask(f->path, "SELECT count(*) FROM unique_value"), 1);
}

struct attempt {
	struct fixture *f;
	scim_write write;
};

static scim_status
write_and_read(scim_arena *arena, void *context)
{
	const struct attempt *a = context;
	scim_write_result result = { 0 };
	scim_record *records = NULL;
	scim_member_row *members = NULL;
	scim_plan plan = { .tenant = SCIM_STR("acme"),
		.type = SCIM_STR("Group"),
		.limit = 10,
		.parts = SCIM_RECORD_CONTENT };
	size_t count = POISON;
	scim_key key = group();
	scim_txn *txn = begin(a->f->store, SCIM_TXN_WRITE);
	scim_status rc =
	    scim__store_write(txn, arena, &a->write, &result, NULL);

	if (rc == SCIM_OK)
		rc = scim__store_query(
		    txn, arena, &plan, &records, &count, NULL);
	if (rc == SCIM_OK)
		rc = scim__store_members(txn, arena, &key, SCIM_STR(""), 100,
		    &members, &count, NULL);
	assert_true(rc == SCIM_OK ? count == 3 : members == NULL);
	scim__store_rollback(txn);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	struct fixture *f = *state;
	const scim_member_row rows[] = { member("a", "A"), member(UUID_A, "B"),
		member("z", "") };
	scim_record record = record_of(1, "{\"a\":1}");
	struct attempt a = { f,
		write_of(SCIM_WRITE_CREATE, group(), 0, &record) };

	a.write.member_add = rows;
	a.write.member_add_count = scim__countof(rows);
	assert_true(test_fail_each_allocation(write_and_read, &a) > 5);
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_open, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(members_at_any_change_can_be_asked_for),
		TEST(an_equal_member_makes_no_row),
		TEST(a_list_that_is_replaced_makes_rows_for_what_differs),
		TEST(another_display_closes_a_row_and_opens_one),
		TEST(the_last_of_two_rows_of_one_value_stays),
		TEST(a_group_that_goes_leaves_its_members_to_history),
		TEST(each_change_names_the_one_before),
		TEST(a_refused_write_takes_no_number),
		TEST(a_tenant_that_comes_back_is_in_another_epoch),
		TEST(a_position_is_never_given_twice),
		TEST(an_id_in_uuid_form_takes_sixteen_bytes),
		TEST(a_unique_value_of_another_is_not_given_back),
		TEST(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
