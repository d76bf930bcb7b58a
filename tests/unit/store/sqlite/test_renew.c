/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"
#include "store/sqlite/renew.h"

enum { USERS = 450 }; /* more than two pages */

/* Renews every user to one unique row, its id or `same`, and counts. */
struct told {
	const char *same;  /* NULL: each its own */
	uint64_t fail_at;  /* at this user; 0: never */
	uint64_t rewrites; /* how often it was asked for */
	uint64_t renewed, conflicts, progressed;
	scim_unique_row row;
	char ids[2][64]; /* of the last conflict */
};

static scim_status
renew(void *context, scim_arena *arena, bool rewrites, scim_record *record,
    scim_write *write, bool *out_changed, scim_error *err)
{
	struct told *told = context;

	assert_str(write->key.tenant, "acme");
	assert_str(write->key.type, "User");
	assert_true(scim__str_equal(write->key.id, record->id));
	assert_str(record->content, "{}");
	told->renewed++;
	told->rewrites += rewrites ? 1 : 0;
	if (told->renewed == told->fail_at)
		return scim__fail(err, SCIM_ERR_NO_MEMORY, "Enough.");
	told->row = (scim_unique_row){ SCIM_STR("userName"),
		told->same == NULL ? record->id : scim__str(told->same) };
	write->unique_add = &told->row;
	write->unique_add_count = 1;
	if (rewrites) {
		record->content = SCIM_STR("{\"new\":1}");
		record->version = version_of(7);
	}
	*out_changed = rewrites;
	return SCIM_OK;
}

static void
tell_conflict(void *context, const struct scim__renew_conflict *conflict)
{
	struct told *told = context;

	assert_str(conflict->tenant, "acme");
	assert_str(conflict->type, "User");
	assert_str(conflict->attribute, "userName");
	told->conflicts++;
	(void)snprintf(told->ids[0], sizeof(told->ids[0]), "%.*s",
	    (int)conflict->other_id.len, conflict->other_id.ptr);
	(void)snprintf(told->ids[1], sizeof(told->ids[1]), "%.*s",
	    (int)conflict->id.len, conflict->id.ptr);
}

static void
progress(void *context, uint64_t looked_at)
{
	struct told *told = context;

	assert_true(looked_at <= told->renewed);
	told->progressed++;
}

static scim_status
run(const struct fixture *f, struct told *told, struct scim__renew_result *out,
    scim_error *err)
{
	const struct scim__renewal renewal = { renew, tell_conflict, progress,
		told };
	scim_store *store = NULL;

	assert_int_equal(SCIM_OK,
	    scim__sqlite_open_to_renew(scim__str(f->path), NULL, &store, err));
	scim_status rc = scim__sqlite_renew(store, &renewal, out, err);

	scim_store_close(store);
	return rc;
}

/* Users without a row, in a file of other forms. */
static void
fill(struct fixture *f, unsigned users, const char *form)
{
	char id[64], sql[128];
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);

	for (unsigned i = 0; i < users; i++) {
		(void)snprintf(id, sizeof(id), "user-%u", i);
		assert_int_equal(create(txn, f->arena, id, 1, "{}"), SCIM_OK);
	}
	commit(txn);
	(void)snprintf(sql, sizeof(sql),
	    "UPDATE meta SET value = x'00' WHERE name = '%s'", form);
	execute(f->store, sql);
	scim_store_close(f->store);
	f->store = NULL;
}

static scim_status
open_again(struct fixture *f)
{
	return scim__store_open_sqlite(
	    scim__str(f->path), NULL, &f->store, NULL);
}

static void
every_resource_of_every_page_is_renewed(void **state)
{
	struct fixture *f = *state;
	struct told told = { 0 };
	struct scim__renew_result result = { 0 };
	scim_error err = { 0 };

	fill(f, USERS, "folding");
	assert_int_equal(open_again(f), SCIM_ERR_UNSUPPORTED);
	assert_int_equal(run(f, &told, &result, &err), SCIM_OK);
	assert_int_equal(told.renewed, USERS);
	assert_int_equal(told.rewrites, 0);
	assert_true(told.progressed >= 3);
	assert_int_equal(result.looked_at, USERS);
	assert_int_equal(result.indexed, USERS);
	assert_int_equal(result.rewritten, 0);
	assert_int_equal(
	    ask(f->path, "SELECT count(DISTINCT id) FROM unique_value"), USERS);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM change"), USERS);
	assert_int_equal(
	    ask(f->path,
		"SELECT count(*) FROM sqlite_schema WHERE name LIKE 'renew%'"),
	    0);
	assert_int_equal(open_again(f), SCIM_OK);
	assert_int_equal(version_now(f->store, f->arena, "user-449"), 1);
	assert_intact(f->path);
}

static void
documents_are_rewritten_for_another_canonical_form(void **state)
{
	struct fixture *f = *state;
	struct told told = { 0 };
	struct scim__renew_result result = { 0 };
	scim_error err = { 0 };

	fill(f, 3, "canonical");
	assert_int_equal(run(f, &told, &result, &err), SCIM_OK);
	assert_int_equal(told.rewrites, 3);
	assert_int_equal(result.rewritten, 3);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM history h JOIN resource r "
			     "ON r.id = h.id WHERE h.key = r.version "
			     "OR h.value = r.sequence"),
	    6);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM change c JOIN resource r "
			     "USING (sequence) WHERE c.version = r.version"),
	    3);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM resource "
			     "WHERE content = '{\"new\":1}'"),
	    3);
	assert_int_equal(open_again(f), SCIM_OK);
	assert_int_equal(version_now(f->store, f->arena, "user-0"), 7);
}

static void
rows_that_stay_are_not_counted(void **state)
{
	struct fixture *f = *state;
	struct scim__renew_result result = { 0 };
	scim_error err = { 0 };

	fill(f, 4, "folding");
	assert_int_equal(run(f, &(struct told){ 0 }, &result, &err), SCIM_OK);
	f->store = open_at(f->path);
	execute(f->store,
	    "UPDATE unique_value SET value = 'x' WHERE id = 'user-2';"
	    "INSERT INTO attribute SELECT tenant, type, 1, 'stale', position"
	    " FROM resource WHERE id = 'user-3'");
	scim_store_close(f->store);
	f->store = NULL;
	assert_int_equal(run(f, &(struct told){ 0 }, &result, &err), SCIM_OK);
	assert_int_equal(result.looked_at, 4);
	assert_int_equal(result.indexed, 2);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM attribute"), 0);
}

/* An old row in the way of another resource is no conflict. */
static void
a_stale_row_stands_in_nobodys_way(void **state)
{
	struct fixture *f = *state;
	struct scim__renew_result result = { 0 };
	scim_error err = { 0 };

	fill(f, 2, "folding");
	assert_int_equal(run(f, &(struct told){ 0 }, &result, &err), SCIM_OK);
	f->store = open_at(f->path);
	execute(f->store,
	    "DELETE FROM unique_value WHERE id = 'user-0';"
	    "UPDATE unique_value SET value = 'user-0' WHERE id = 'user-1'");
	scim_store_close(f->store);
	f->store = NULL;
	assert_int_equal(run(f, &(struct told){ 0 }, &result, &err), SCIM_OK);
	assert_int_equal(result.indexed, 2);
}

static void
assert_untouched(struct fixture *f, long long users)
{
	assert_int_equal(ask(f->path, "SELECT count(*) FROM unique_value"), 0);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM resource"), users);
	assert_int_equal(
	    ask(f->path,
		"SELECT count(*) FROM sqlite_schema WHERE name LIKE 'renew%'"),
	    0);
	assert_int_equal(open_again(f), SCIM_ERR_UNSUPPORTED);
	assert_intact(f->path);
}

static void
each_conflict_is_told_and_nothing_is_changed(void **state)
{
	struct fixture *f = *state;
	struct told told = { .same = "ann" };
	struct scim__renew_result result = { .looked_at = POISON };
	scim_error err = { 0 };

	fill(f, 3, "folding");
	assert_int_equal(run(f, &told, &result, &err), SCIM_ERR_EXISTS);
	assert_int_equal(told.conflicts, 2);
	assert_string_equal(told.ids[0], "user-0");
	assert_string_equal(told.ids[1], "user-2");
	assert_non_null(strstr(err.detail, "2 values"));
	assert_int_equal(result.looked_at, POISON);
	assert_untouched(f, 3);
}

static void
a_failure_half_way_changes_nothing(void **state)
{
	struct fixture *f = *state;
	struct told told = { .fail_at = USERS - 1 };
	struct scim__renew_result result = { .looked_at = POISON };
	scim_error err = { 0 };

	fill(f, USERS, "canonical");
	assert_int_equal(run(f, &told, &result, &err), SCIM_ERR_NO_MEMORY);
	assert_int_equal(result.looked_at, POISON);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM resource "
			     "WHERE content <> '{}'"),
	    0);
	assert_untouched(f, USERS);
}

int
main(void)
{
#define TEST(name) \
	cmocka_unit_test_setup_teardown(name, fixture_open, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_resource_of_every_page_is_renewed),
		TEST(documents_are_rewritten_for_another_canonical_form),
		TEST(rows_that_stay_are_not_counted),
		TEST(a_stale_row_stands_in_nobodys_way),
		TEST(each_conflict_is_told_and_nothing_is_changed),
		TEST(a_failure_half_way_changes_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
