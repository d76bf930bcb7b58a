/* SPDX-License-Identifier: Apache-2.0 */
#include "base/new_file.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "lib/test.h"

struct folder {
	char path[40];
	char name[60]; /* of the file */
	char part[60];
};

static int
make_folder(void **state)
{
	struct folder *f = calloc(1, sizeof(*f));

	(void)snprintf(f->path, sizeof(f->path), "/tmp/new_file.XXXXXX");
	if (mkdtemp(f->path) == NULL)
		return -1;
	(void)snprintf(f->name, sizeof(f->name), "%s/x", f->path);
	(void)snprintf(f->part, sizeof(f->part), "%s/x.part", f->path);
	*state = f;
	return 0;
}

static int
remove_folder(void **state)
{
	struct folder *f = *state;

	(void)unlink(f->name);
	(void)unlink(f->part);
	int rc = rmdir(f->path);
	free(f);
	return rc;
}

static void
write_text(const char *path, const char *text)
{
	FILE *file = fopen(path, "we");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static bool
is_there(const char *path)
{
	return access(path, F_OK) == 0;
}

static void
it_has_its_name_when_it_is_whole_and_is_its_owners_alone(void **state)
{
	struct folder *f = *state;
	struct scim__new_file file;
	scim_error err = { 0 };
	struct stat made;
	uint64_t bytes = 0;

	assert_int_equal(scim__new_file_make(&file, f->name, &err), SCIM_OK);
	assert_string_equal(file.part, f->part);
	write_text(file.part, "whole");
	assert_false(is_there(f->name));
	assert_int_equal(scim__new_file_finish(&file, &bytes, &err), SCIM_OK);

	assert_int_equal(bytes, 5);
	assert_int_equal(stat(f->name, &made), 0);
	assert_int_equal(made.st_size, 5);
	assert_int_equal(made.st_mode & 0777, 0600);
	assert_false(is_there(f->part));
}

static void
what_is_abandoned_leaves_nothing(void **state)
{
	struct folder *f = *state;
	struct scim__new_file file;
	scim_error err = { 0 };

	assert_int_equal(scim__new_file_make(&file, f->name, &err), SCIM_OK);
	scim__new_file_abandon(&file);

	assert_false(is_there(f->name));
	assert_false(is_there(f->part));
}

static void
nobodys_place_is_taken(void **state)
{
	struct folder *f = *state;
	const char *taken[] = { f->name, f->part };
	struct scim__new_file file;

	for (size_t i = 0; i < 2; i++) {
		scim_error err = { 0 };
		struct stat found;

		write_text(taken[i], "mine");
		assert_int_equal(
		    scim__new_file_make(&file, f->name, &err), SCIM_ERR_EXISTS);
		assert_non_null(strstr(err.detail, taken[i]));
		assert_int_equal(stat(taken[i], &found), 0);
		assert_int_equal(found.st_size, 4);
		assert_int_equal(unlink(taken[i]), 0);
		assert_false(is_there(f->part));
	}
}

static void
a_name_taken_meanwhile_stays_whose_it_is(void **state)
{
	struct folder *f = *state;
	struct scim__new_file file;
	scim_error err = { 0 };
	struct stat found;
	uint64_t bytes = 77;

	assert_int_equal(scim__new_file_make(&file, f->name, &err), SCIM_OK);
	write_text(f->name, "theirs");

	assert_int_equal(
	    scim__new_file_finish(&file, &bytes, &err), SCIM_ERR_EXISTS);
	assert_int_equal(bytes, 77);
	assert_int_equal(stat(f->name, &found), 0);
	assert_int_equal(found.st_size, 6);
	assert_false(is_there(f->part));
}

static void
a_folder_that_is_not_there_is_told(void **state)
{
	struct scim__new_file file;
	scim_error err = { 0 };

	(void)state;
	assert_int_equal(scim__new_file_make(&file, "/nowhere/at/all", &err),
	    SCIM_ERR_STORE);
	assert_non_null(strstr(err.detail, strerror(ENOENT)));
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_folder, remove_folder)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(it_has_its_name_when_it_is_whole_and_is_its_owners_alone),
		TEST(what_is_abandoned_leaves_nothing),
		TEST(nobodys_place_is_taken),
		TEST(a_name_taken_meanwhile_stays_whose_it_is),
		TEST(a_folder_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
