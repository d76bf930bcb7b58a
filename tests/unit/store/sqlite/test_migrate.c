/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/stat.h>
#include <sys/wait.h>

#include "fixture.h"

static scim_status
try_open(const struct fixture *f, scim_error *err)
{
	scim_store *store = (scim_store *)POISON;
	scim_status rc =
	    scim__store_open_sqlite(scim__str(f->path), NULL, &store, err);

	if (rc == SCIM_OK)
		scim_store_close(store);
	else
		assert_ptr_equal(store, (scim_store *)POISON);
	return rc;
}

static void
foreign(const struct fixture *f, const char *sql)
{
	sqlite3 *db = NULL;

	assert_int_equal(sqlite3_open(f->path, &db), SQLITE_OK);
	assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
	assert_int_equal(sqlite3_close(db), SQLITE_OK);
}

static void
a_new_file_gets_the_schema(void **state)
{
	struct fixture *f = *state;
	struct stat file;

	assert_int_equal(try_open(f, NULL), SCIM_OK);

	assert_int_equal(ask(f->path, "PRAGMA user_version"), 4);
	assert_int_equal(ask(f->path, "PRAGMA application_id"), 0x5343494d);
	assert_int_equal(ask(f->path,
			     "SELECT journal_mode = 'wal' FROM "
			     "pragma_journal_mode"),
	    1);
	assert_int_equal(stat(f->path, &file), 0);
	assert_int_equal(file.st_mode & 0777, 0600);
	assert_intact(f->path);
}

static void
opening_again_changes_nothing(void **state)
{
	struct fixture *f = *state;

	f->store = open_at(f->path);
	create_committed(f->store, f->arena, UUID_A);
	scim_store_close(f->store);
	long long schema = ask(f->path, "PRAGMA schema_version");
	f->store = open_at(f->path);

	assert_int_equal(ask(f->path, "PRAGMA schema_version"), schema);
	assert_int_equal(version_now(f->store, f->arena, UUID_A), 1);
}

static void
an_empty_file_is_taken(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->path, "w");

	assert_non_null(file);
	(void)fclose(file);

	assert_int_equal(try_open(f, NULL), SCIM_OK);
	assert_int_equal(ask(f->path, "PRAGMA user_version"), 4);
}

static void
a_newer_schema_is_refused(void **state)
{
	struct fixture *f = *state;
	scim_error err = { 0 };

	assert_int_equal(try_open(f, NULL), SCIM_OK);
	foreign(f, "PRAGMA user_version = 4711");

	assert_int_equal(try_open(f, &err), SCIM_ERR_UNSUPPORTED);
	assert_non_null(strstr(err.detail, "4711"));
	assert_non_null(strstr(err.detail, "newer scimd"));
	assert_int_equal(ask(f->path, "PRAGMA user_version"), 4711);
}

static void
a_database_of_another_program_is_refused_and_not_touched(void **state)
{
	struct fixture *f = *state;
	scim_error err = { 0 };

	foreign(f, "CREATE TABLE mine (x); INSERT INTO mine VALUES (1)");

	assert_int_equal(try_open(f, &err), SCIM_ERR_UNSUPPORTED);
	assert_non_null(strstr(err.detail, "another program"));
	assert_int_equal(ask(f->path, "SELECT count(*) FROM sqlite_schema"), 1);
	assert_int_equal(ask(f->path,
			     "SELECT journal_mode = 'delete' FROM "
			     "pragma_journal_mode"),
	    1);
}

static void
an_empty_database_with_a_foreign_mark_is_refused(void **state)
{
	struct fixture *f = *state;

	foreign(f, "PRAGMA application_id = 252006674");

	assert_int_equal(try_open(f, NULL), SCIM_ERR_UNSUPPORTED);
}

static void
a_file_that_is_no_database_is_refused(void **state)
{
	struct fixture *f = *state;
	FILE *file = fopen(f->path, "w");
	scim_error err = { 0 };

	assert_non_null(file);
	for (int i = 0; i < 300; i++)
		(void)fputs("dear diary, ", file);
	(void)fclose(file);

	assert_int_equal(try_open(f, &err), SCIM_ERR_UNSUPPORTED);
	assert_non_null(strstr(err.detail, "not a database"));
}

static void
other_folding_tables_are_refused(void **state)
{
	struct fixture *f = *state;
	scim_error err = { 0 };

	assert_int_equal(try_open(f, NULL), SCIM_OK);
	foreign(f,
	    "UPDATE meta SET value = CAST('old' AS BLOB) "
	    "WHERE name = 'folding'");

	assert_int_equal(try_open(f, &err), SCIM_ERR_UNSUPPORTED);
	assert_non_null(strstr(err.detail, "the scimd that wrote it"));
	assert_non_null(strstr(err.detail, "scimd migrate --store sqlite:/"));
}

static void
another_canonical_form_needs_a_migration(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(try_open(f, NULL), SCIM_OK);
	foreign(f,
	    "UPDATE meta SET value = CAST('0' AS BLOB) "
	    "WHERE name = 'canonical'");

	assert_int_equal(try_open(f, NULL), SCIM_ERR_UNSUPPORTED);
}

static void
a_missing_folder_is_an_error_with_a_reason(void **state)
{
	scim_store *store = NULL;
	scim_error err = { 0 };

	assert_int_equal(
	    scim__store_open_sqlite(
		SCIM_STR("/tmp/no/such/folder/s.db"), NULL, &store, &err),
	    SCIM_ERR_STORE);
	assert_non_null(strstr(err.detail, "/tmp/no/such/folder/s.db"));
	assert_null(store);
}

static void
a_path_is_needed(void **state)
{
	static const scim_str paths[] = { { "", 0 }, { NULL, 0 },
		{ "a\0b", 3 } };

	for (size_t i = 0; i < scim__countof(paths); i++) {
		scim_store *store = NULL;

		assert_int_equal(
		    scim__store_open_sqlite(paths[i], NULL, &store, NULL),
		    SCIM_ERR_UNSUPPORTED);
	}
}

/* SQLite takes "file:" and ":memory:" for names of its own. */
static void
every_name_is_the_name_of_a_file(void **state)
{
	static const char *const names[] = { ":memory:", "file:x?mode=memory" };
	struct fixture *f = *state;
	char before[4096];

	assert_non_null(getcwd(before, sizeof(before)));
	for (size_t i = 0; i < scim__countof(names); i++) {
		assert_int_equal(chdir(f->folder), 0);
		scim_store_close(open_at(names[i]));
		assert_int_equal(access(names[i], F_OK), 0);
		assert_int_equal(unlink(names[i]), 0);
		assert_int_equal(chdir(before), 0);
	}
}

/* Root writes wherever it likes, so the child becomes nobody. */
static void
a_file_that_only_reads_is_refused(void **state)
{
	struct fixture *f = *state;
	int status = 0;

	assert_int_equal(try_open(f, NULL), SCIM_OK);
	assert_int_equal(chmod(f->path, 0444), 0);
	assert_int_equal(chmod(f->folder, 0777), 0);
	pid_t child = fork();
	if (child == 0) {
		scim_error err = { 0 };

		if (geteuid() == 0 && (setgid(65534) || setuid(65534)))
			_exit(3);
		if (try_open(f, &err) != SCIM_ERR_STORE)
			_exit(1);
		_exit(strstr(err.detail, "permissions") == NULL ? 2 : 0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_int_equal(status, 0);
}

/* As a file of the first schema stands. */
static void
go_back_to_the_first_schema(const struct fixture *f)
{
	foreign(f,
	    "DROP TABLE emptied; DROP TABLE forgotten;"
	    "DROP TABLE history; DROP INDEX member_past;"
	    "DROP INDEX operation_key; DROP INDEX operation_of;"
	    "ALTER TABLE counter DROP COLUMN trimmed;"
	    "PRAGMA user_version = 1");
}

static void
what_there_was_before_history_is_its_first_state(void **state)
{
	struct fixture *f = *state;

	f->store = open_at(f->path);
	create_committed(f->store, f->arena, UUID_A);
	create_committed(f->store, f->arena, "text");
	scim_store_close(f->store);
	go_back_to_the_first_schema(f);
	f->store = open_at(f->path);

	assert_int_equal(ask(f->path, "PRAGMA user_version"), 4);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM history"), 4);
	assert_int_equal(ask(f->path,
			     "SELECT count(*) FROM history h JOIN resource r "
			     "ON r.tenant = h.tenant AND r.id = h.id WHERE "
			     "h.key = 1 AND h.value = r.sequence OR "
			     "h.key = r.version AND h.value = 1"),
	    4);
	assert_int_equal(version_now(f->store, f->arena, UUID_A), 1);
	assert_int_equal(ask(f->path, "SELECT trimmed FROM counter"), 0);
	assert_intact(f->path);
}

static void
processes_that_start_at_once_all_find_the_schema(void **state)
{
	enum { CHILDREN = 6 };
	struct fixture *f = *state;
	pid_t children[CHILDREN];

	for (int i = 0; i < CHILDREN; i++) {
		children[i] = fork();
		if (children[i] == 0) {
			scim_error err = { .detail = "" };

			if (try_open(f, &err) == SCIM_OK)
				_exit(0);
			(void)fprintf(stderr, "%s\n", err.detail);
			_exit(1);
		}
	}
	for (int i = 0; i < CHILDREN; i++) {
		int status = 0;

		assert_int_equal(waitpid(children[i], &status, 0), children[i]);
		assert_int_equal(status, 0);
	}
	assert_int_equal(ask(f->path, "PRAGMA user_version"), 4);
	assert_int_equal(ask(f->path, "SELECT count(*) FROM meta"), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
		TEST(a_new_file_gets_the_schema),
		TEST(opening_again_changes_nothing),
		TEST(an_empty_file_is_taken),
		TEST(a_newer_schema_is_refused),
		TEST(a_database_of_another_program_is_refused_and_not_touched),
		TEST(an_empty_database_with_a_foreign_mark_is_refused),
		TEST(a_file_that_is_no_database_is_refused),
		TEST(other_folding_tables_are_refused),
		TEST(another_canonical_form_needs_a_migration),
		TEST(a_missing_folder_is_an_error_with_a_reason),
		TEST(a_path_is_needed),
		TEST(every_name_is_the_name_of_a_file),
		TEST(a_file_that_only_reads_is_refused),
		TEST(what_there_was_before_history_is_its_first_state),
		TEST(processes_that_start_at_once_all_find_the_schema),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
