/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/schema_files.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "lib/test.h"
#include "schema/schema.h"

#define PATH_LEN 128

static char folder[PATH_LEN];

static int
set_up(void **state)
{
	strcpy(folder, "/tmp/scimd-schemas-XXXXXX");
	return mkdtemp(folder) == NULL ? -1 : 0;
}

static void
path_of(char out[PATH_LEN], const char *name)
{
	(void)snprintf(out, PATH_LEN, "%.90s/%.30s", folder, name);
}

static void
write_file(const char *name, const char *text)
{
	char path[PATH_LEN];

	path_of(path, name);
	FILE *file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static int
tear_down(void **state)
{
	static const char *const names[] = { "a.json", "b.json", "c.txt",
		".d.json" };

	for (size_t i = 0; i < scim__countof(names); i++) {
		char path[PATH_LEN];

		path_of(path, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

static void
no_folder_means_the_shipped_ones(void **state)
{
	scim_registry *registry = NULL;

	assert_int_equal(
	    scim__schema_files_read(NULL, &registry, NULL), SCIM_OK);
	assert_non_null(scim__registry_endpoint(registry, SCIM_STR("/Users")));
	scim_registry_unref(registry);
}

static void
what_the_folder_has_is_added(void **state)
{
	scim_registry *registry = NULL;

	write_file("a.json",
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:"
	    "ResourceType\"],\"id\":\"Thing\",\"name\":\"Thing\","
	    "\"endpoint\":\"/Things\",\"schema\":\"urn:x:Thing\"}");
	write_file("b.json",
	    "{\"id\":\"urn:x:Thing\",\"name\":\"Thing\",\"attributes\":["
	    "{\"name\":\"label\",\"type\":\"string\",\"multiValued\":false}"
	    "]}");
	write_file("c.txt", "not looked at");
	write_file(".d.json", "neither");
	scim_error err = { .detail = "" };
	scim_status rc = scim__schema_files_read(folder, &registry, &err);

	if (rc != SCIM_OK)
		print_error("%s\n", err.detail);
	assert_int_equal(rc, SCIM_OK);
	assert_non_null(scim__registry_endpoint(registry, SCIM_STR("/Things")));
	scim_registry_unref(registry);
}

static void
a_file_that_is_none_is_named(void **state)
{
	scim_registry *registry = NULL;
	scim_error err;

	write_file("b.json", "{");
	assert_int_equal(
	    scim__schema_files_read(folder, &registry, &err), SCIM_ERR_INVALID);
	assert_null(registry);
	assert_non_null(strstr(err.detail, "b.json"));
}

static void
a_folder_that_is_not_there_is_told(void **state)
{
	scim_registry *registry = NULL;
	scim_error err;

	assert_int_equal(
	    scim__schema_files_read("/nowhere/at/all", &registry, &err),
	    SCIM_ERR_INVALID);
	assert_non_null(strstr(err.detail, "/nowhere/at/all"));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(no_folder_means_the_shipped_ones),
		TEST(what_the_folder_has_is_added),
		TEST(a_file_that_is_none_is_named),
		TEST(a_folder_that_is_not_there_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
