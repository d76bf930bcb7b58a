/* SPDX-License-Identifier: Apache-2.0 */
#include "store/sqlite/backup.h"

#include <sys/stat.h>

#include "fixture.h"

static void
make_path(char *out, size_t size, const struct fixture *f, const char *name)
{
	(void)snprintf(out, size, "%s/%s", f->folder, name);
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

/* Large documents: more pages than are copied at once. */
static void
put_leaves(scim_store *store, const char *name, size_t count, size_t size)
{
	char *text = malloc(size);
	char full[32];
	scim_txn *txn = begin(store, SCIM_TXN_WRITE);

	assert_non_null(text);
	memset(text, 'x', size);
	for (size_t i = 0; i < count; i++) {
		(void)snprintf(full, sizeof(full), "%s%zu", name, i);
		assert_int_equal(SCIM_OK,
		    scim__store_leaf_put(txn, SCIM_SHELF_META, scim__str(full),
			(scim_str){ text, size }, NULL));
	}
	commit(txn);
	free(text);
}

struct watched {
	struct fixture *f;
	uint64_t called, last, of;
};

/* Somebody else writes while the pages are copied. */
static void
write_meanwhile(void *context, uint64_t done, uint64_t of)
{
	struct watched *w = context;
	scim_store *other = open_at(w->f->path);

	put_leaves(other, "meanwhile", 1, 1);
	scim_store_close(other);
	w->called++;
	w->last = done;
	w->of = of;
}

static void
a_copy_is_of_the_moment_it_began(void **state)
{
	struct fixture *f = *state;
	struct watched watched = { .f = f };
	char path[100], part[110];
	uint64_t bytes = 0;
	struct stat made;
	scim_error err = { 0 };

	make_path(path, sizeof(path), f, "copy");
	make_path(part, sizeof(part), f, "copy.part");
	put_leaves(f->store, "before", 6, 1000000);

	assert_int_equal(SCIM_OK,
	    scim__sqlite_backup(f->store,
		&(struct scim__backup){ path, write_meanwhile, &watched },
		&bytes, &err));

	assert_true(watched.called > 1);
	assert_int_equal(watched.last, watched.of);
	assert_false(is_there(part));
	assert_int_equal(0, stat(path, &made));
	assert_int_equal(made.st_size, bytes);
	assert_int_equal(made.st_mode & 0777, 0600);
	assert_int_equal(
	    ask(path, "SELECT count(*) FROM meta WHERE name LIKE 'before%'"),
	    6);
	assert_int_equal(
	    ask(path, "SELECT count(*) FROM meta WHERE name = 'meanwhile0'"),
	    0);
	assert_int_equal(
	    ask(f->path, "SELECT count(*) FROM meta WHERE name = 'meanwhile0'"),
	    1);

	scim_store *copy = open_at(path);
	scim_store_close(copy);
}

static void
a_copy_is_another_epoch(void **state)
{
	struct fixture *f = *state;
	static const char *epoch = "SELECT epoch FROM counter";
	char path[100];
	uint64_t bytes = 0;

	make_path(path, sizeof(path), f, "copy");
	create_committed(f->store, f->arena, UUID_A);
	long long before = ask(f->path, epoch);
	assert_int_equal(SCIM_OK,
	    scim__sqlite_backup(f->store,
		&(struct scim__backup){ .path = path }, &bytes, NULL));

	assert_int_not_equal(ask(path, epoch), before);
	assert_true(ask(path, epoch) >= 0);
	assert_int_equal(ask(f->path, epoch), before);
	assert_int_equal(ask(path, "SELECT count(*) FROM resource"), 1);
}

static void
what_is_there_already_is_left_alone(void **state)
{
	struct fixture *f = *state;
	const char *names[] = { "copy", "copy.part" };

	for (size_t i = 0; i < 2; i++) {
		char path[100], taken[100];
		uint64_t bytes = POISON;
		scim_error err = { 0 };

		make_path(path, sizeof(path), f, "copy");
		make_path(taken, sizeof(taken), f, names[i]);
		FILE *file = fopen(taken, "w");
		assert_non_null(file);
		(void)fputs("mine", file);
		assert_int_equal(0, fclose(file));

		assert_int_equal(SCIM_ERR_EXISTS,
		    scim__sqlite_backup(f->store,
			&(struct scim__backup){ .path = path }, &bytes, &err));

		assert_non_null(strstr(err.detail, taken));
		assert_int_equal(bytes, POISON);
		struct stat found;
		assert_int_equal(0, stat(taken, &found));
		assert_int_equal(found.st_size, 4);
		assert_int_equal(0, unlink(taken));
	}
}

static void
a_folder_that_is_not_there_is_named(void **state)
{
	struct fixture *f = *state;
	char path[100];
	uint64_t bytes = 0;
	scim_error err = { 0 };

	make_path(path, sizeof(path), f, "none/copy");
	assert_int_equal(SCIM_ERR_STORE,
	    scim__sqlite_backup(f->store,
		&(struct scim__backup){ .path = path }, &bytes, &err));
	assert_non_null(strstr(err.detail, "none/copy.part"));
	assert_non_null(strstr(err.detail, "No such file"));
}

/* A page in the middle of the file is overwritten. */
static void
a_damaged_database_makes_no_copy(void **state)
{
	struct fixture *f = *state;
	char path[100], part[110];
	uint64_t bytes = 0;
	scim_error err = { 0 };

	make_path(path, sizeof(path), f, "copy");
	make_path(part, sizeof(part), f, "copy.part");
	create_committed(f->store, f->arena, UUID_A);
	scim_store_close(f->store);
	f->store = NULL;
	long long root = ask(f->path,
	    "SELECT rootpage FROM sqlite_schema WHERE name = 'resource_order'");
	FILE *file = fopen(f->path, "r+");
	assert_non_null(file);
	assert_int_equal(0, fseek(file, (long)((root - 1) * 4096), SEEK_SET));
	for (int i = 0; i < 200; i++)
		(void)fputc(0x5a, file);
	assert_int_equal(0, fclose(file));
	f->store = open_at(f->path);

	assert_int_equal(SCIM_ERR_STORE,
	    scim__sqlite_backup(f->store,
		&(struct scim__backup){ .path = path }, &bytes, &err));
	assert_non_null(strstr(err.detail, "damaged"));
	assert_false(is_there(path));
	assert_false(is_there(part));
}

/* So that the folder can go. */
static int
teardown(void **state)
{
	struct fixture *f = *state;
	static const char *const names[] = { "copy", "copy-wal", "copy-shm" };

	for (size_t i = 0; i < scim__countof(names); i++) {
		char path[100];

		make_path(path, sizeof(path), f, names[i]);
		(void)unlink(path);
	}
	return fixture_teardown(state);
}

int
main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, fixture_open, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_copy_is_of_the_moment_it_began),
		TEST(a_copy_is_another_epoch),
		TEST(what_is_there_already_is_left_alone),
		TEST(a_folder_that_is_not_there_is_named),
		TEST(a_damaged_database_makes_no_copy),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
