/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

static void
every_statement_prepares(void **state)
{
	struct fixture *f = *state;

	for (int i = 0; i < SQL_COUNT; i++) {
		sqlite3_stmt *q = NULL;

		assert_non_null(scim__sqlite_text[i]);
		if (sqlite3_prepare_v2(writer_of(f->store)->db,
			scim__sqlite_text[i], -1, &q, NULL) != SQLITE_OK)
			fail_msg("%s: %s", scim__sqlite_text[i],
			    sqlite3_errmsg(writer_of(f->store)->db));
		assert_null(strstr(sqlite3_sql(q), ";"));
		(void)sqlite3_finalize(q);
	}
}

/* Whether the plan of `sql` says what would make its cost grow. */
static bool
is_slow(sqlite3 *db, const char *sql)
{
	char *explain = sqlite3_mprintf("EXPLAIN QUERY PLAN %s", sql);
	sqlite3_stmt *q = NULL;
	bool slow = false;

	assert_int_equal(
	    sqlite3_prepare_v2(db, explain, -1, &q, NULL), SQLITE_OK);
	while (sqlite3_step(q) == SQLITE_ROW) {
		const char *detail = (const char *)sqlite3_column_text(q, 3);

		/* Scanning what a subquery has limited is not a scan, nor is
		 * a list of values, or of the holders that were found. */
		if ((strstr(detail, "SCAN ") != NULL &&
			strstr(detail, "SCAN (subquery") == NULL &&
			strcmp(detail, "SCAN h") != 0 &&
			strstr(detail, "CONSTANT ROW") == NULL) ||
		    strstr(detail, "TEMP B-TREE") != NULL ||
		    strstr(detail, "PRIMARY KEY (tenant=?)") != NULL)
			slow = true;
	}
	(void)sqlite3_finalize(q);
	sqlite3_free(explain);
	return slow;
}

/* FIX_STATE takes the first row there is and ERASE all of them; the rest
 * must find theirs. */
static void
no_statement_scans_or_sorts(void **state)
{
	struct fixture *f = *state;

	for (int i = SQL_NAME_FIND; i < SQL_ERASE; i++)
		if (is_slow(writer_of(f->store)->db, scim__sqlite_text[i]))
			fail_msg("slow: %s", scim__sqlite_text[i]);
}

/* Statistics must not talk the planner out of it. */
static void
they_stay_so_after_an_analyze(void **state)
{
	struct fixture *f = *state;
	scim_txn *txn = begin(f->store, SCIM_TXN_WRITE);

	for (int i = 0; i < 100; i++) {
		char id[24];

		(void)snprintf(id, sizeof(id), "u%d", i);
		assert_int_equal(create(txn, f->arena, id, 1, "{}"), SCIM_OK);
	}
	commit(txn);
	execute(f->store, "ANALYZE");
	for (int i = SQL_NAME_FIND; i < SQL_ERASE; i++)
		if (is_slow(writer_of(f->store)->db, scim__sqlite_text[i]))
			fail_msg("slow: %s", scim__sqlite_text[i]);
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_open, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(every_statement_prepares),
		TEST(no_statement_scans_or_sorts),
		TEST(they_stay_so_after_an_analyze),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
