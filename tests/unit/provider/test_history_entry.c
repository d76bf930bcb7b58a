/* SPDX-License-Identifier: Apache-2.0 */
#include "told.h"

static struct told t;

static int
set_up(void **state)
{
	told_open(&t, 1);
	return 0;
}

static int
tear_down(void **state)
{
	told_close(&t);
	return 0;
}

static scim_change_row
row_of(const char *type, const char *paths)
{
	return (scim_change_row){ .sequence = 9,
		.revision = 3,
		.type = scim__str(type),
		.id = SCIM_STR("1"),
		.version = t.versions[0],
		.change = { .operation = SCIM_STR("patch"),
		    .actor = SCIM_STR("a\"b"),
		    .via = SCIM_STR("c"),
		    .paths = scim__str(paths),
		    .at_ms = DIRECTORY_NOW } };
}

static scim_str
shown(const scim_change_row *row, scim_str position)
{
	scim_history_entry entry;
	scim__buf buf;

	scim__buf_init(&buf, t.d.context.arena, SIZE_MAX);
	assert_int_equal(SCIM_OK,
	    scim__history_entry(&t.d.context, row, position, &entry, &t.d.err));
	assert_int_equal(
	    SCIM_OK, scim__history_write(&buf, &t.d.context, &entry, &t.d.err));
	return scim__buf_str(&buf);
}

static void
a_row_is_told_whole(void **state)
{
	char version[SCIM_VERSION_TEXT_LEN + 1];
	scim_change_row row = row_of("User", "[\"title\"]");

	scim_version_format(&t.versions[0], version);
	assert_str(shown(&row, SCIM_STR("p")),
	    told_format(&t,
		"{\"schemas\":[\"" SCIM__CHANGE_URN "\"],\"position\":\"p\","
		"\"revision\":3,\"resource\":{\"value\":\"1\",\"type\":"
		"\"User\",\"$ref\":\"https://example.com/scim/v2/Users/1\"},"
		"\"version\":\"W/\\\"%s\\\"\",\"location\":"
		"\"https://example.com/scim/v2/Users/1/.versions/%s\","
		"\"operation\":\"patch\",\"actor\":\"a\\\"b\",\"via\":\"c\","
		"\"at\":\"2026-11-21T20:00:00.123Z\",\"paths\":[\"title\"]}",
		version, version)
		.ptr);
}

static void
a_strong_tag_has_the_sequence(void **state)
{
	scim_change_row row = row_of("User", "[]");

	t.d.settings.etag = SCIM_ETAG_STRONG;
	assert_contains(
	    shown(&row, (scim_str){ NULL, 0 }), ".9\\\"\",\"location\"");
	assert_lacks(shown(&row, (scim_str){ NULL, 0 }), "W/");
}

static void
what_is_gone_has_no_version(void **state)
{
	scim_change_row row = row_of("User", "[]");

	row.is_gone = 1;
	scim_str text = shown(&row, (scim_str){ NULL, 0 });
	assert_lacks(text, "\"version\"");
	assert_lacks(text, "/.versions/");
	assert_contains(text, "\"$ref\"");
}

static void
what_has_no_type_any_more_has_no_place(void **state)
{
	scim_change_row row = row_of("Badge", "[\"colour\"]");
	scim_str text = shown(&row, (scim_str){ NULL, 0 });

	assert_contains(text, "{\"value\":\"1\",\"type\":\"Badge\"}");
	assert_lacks(text, "\"$ref\"");
	assert_lacks(text, "\"version\"");
	assert_contains(text, "\"paths\":[]");
}

static void
paths_are_those_of_the_schemas_of_today(void **state)
{
	static const char paths[] =
	    "[\"name.familyName\",\"password\",\"title\","
	    "\"urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:"
	    "department\",\"emails\"]";
	scim_change_row row = row_of("User", paths);

	assert_contains(shown(&row, (scim_str){ NULL, 0 }), paths);
	told_reform(&t,
	    ",{\"name\":\"title\",\"type\":\"string\"}"
	    ",{\"name\":\"name\",\"type\":\"complex\",\"subAttributes\":["
	    "{\"name\":\"givenName\",\"type\":\"string\"}]}"
	    ",{\"name\":\"password\",\"type\":\"string\",\"returned\":"
	    "\"never\",\"mutability\":\"writeOnly\"}");
	assert_contains(shown(&row, (scim_str){ NULL, 0 }),
	    "\"paths\":[\"password\",\"title\"]}");
}

static scim_status
tell(scim_arena *arena, void *context)
{
	scim_change_row row = row_of("User", "[\"title\"]");
	scim_context with = t.d.context;
	scim_history_entry entry = { .revision = POISON };
	scim__buf buf;

	with.arena = arena;
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim_status rc = scim__history_entry(
	    &with, &row, (scim_str){ NULL, 0 }, &entry, &t.d.err);
	assert_int_equal(entry.revision, rc == SCIM_OK ? 3 : POISON);
	if (rc == SCIM_OK)
		rc = scim__history_write(&buf, &with, &entry, &t.d.err);
	return rc == SCIM_OK && scim__buf_failed(&buf) ? SCIM_ERR_NO_MEMORY
						       : rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(tell, NULL) >= 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_row_is_told_whole),
		TEST(a_strong_tag_has_the_sequence),
		TEST(what_is_gone_has_no_version),
		TEST(what_has_no_type_any_more_has_no_place),
		TEST(paths_are_those_of_the_schemas_of_today),
		TEST(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
