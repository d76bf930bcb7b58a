/* SPDX-License-Identifier: Apache-2.0 */
#include "told.h"

static struct told t;

static int
set_up(void **state)
{
	told_open(&t, 3);
	return 0;
}

static int
tear_down(void **state)
{
	told_close(&t);
	return 0;
}

static scim_status
read_version(size_t revision, scim_resource *out)
{
	return scim_provider_version(t.d.provider, &t.d.context, &t.user,
	    &t.versions[revision - 1], out, &t.d.err);
}

static void
a_resource_is_as_it_was(void **state)
{
	scim_resource was;

	assert_int_equal(SCIM_OK, read_version(2, &was));
	assert_contains(was.json, "\"title\":\"2\"");
	assert_contains(was.json, "\"created\":\"2026-11-21T20:00:00.123Z\"");
	assert_contains(
	    was.json, "\"lastModified\":\"2026-11-21T20:00:01.123Z\"");
	assert_true(scim_version_equal(&was.version, &t.versions[1]));
	assert_true(scim__str_equal(was.id, t.user.id));
	assert_str(was.type, "User");
	assert_int_equal(was.created_ms, DIRECTORY_NOW);
	assert_int_equal(was.modified_ms, DIRECTORY_NOW + 1000);
	assert_contains(was.location, "/.versions/");
	assert_contains(was.json, was.location.ptr);
	assert_int_equal(SCIM_OK, read_version(1, &was));
	assert_lacks(was.json, "title");
}

static void
of_what_is_gone_it_is_known_too(void **state)
{
	scim_resource was;
	scim_outcome out;

	assert_int_equal(SCIM_OK,
	    directory_delete(&t.d, "User", t.user.id, &expect_any, &out));
	assert_int_equal(SCIM_OK, read_version(3, &was));
	assert_contains(was.json, "\"title\":\"3\"");
	assert_lacks(was.json, "\"created\"");
	assert_int_equal(was.created_ms, 0);
}

static void
a_version_that_is_not_kept_is_not_found(void **state)
{
	scim_resource was = { .created_ms = POISON };
	const scim_version none = { { 1 } };

	assert_int_equal(SCIM_ERR_NOT_FOUND,
	    scim_provider_version(
		t.d.provider, &t.d.context, &t.user, &none, &was, &t.d.err));
	t.d.settings.history_count = 1;
	assert_int_equal(SCIM_ERR_NOT_FOUND, read_version(2, &was));
	t.user.type = SCIM_STR("Group");
	assert_int_equal(SCIM_ERR_NOT_FOUND, read_version(3, &was));
	t.user.type = SCIM_STR("Nothing");
	assert_int_equal(SCIM_ERR_INVALID, read_version(3, &was));
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_version(
		t.d.provider, &t.d.context, &t.user, NULL, &was, &t.d.err));
	assert_int_equal(was.created_ms, POISON);
}

static void
members_are_those_of_that_time(void **state)
{
	const scim_str *const members[] = { &t.user.id, NULL };
	scim_resource group = directory_group(&t.d, "g", members), was;
	const scim_target target = { SCIM_STR("Group"), group.id };
	scim_outcome out;

	assert_int_equal(SCIM_OK,
	    directory_delete(&t.d, "User", t.user.id, &expect_any, &out));
	assert_int_equal(SCIM_OK,
	    scim_provider_version(t.d.provider, &t.d.context, &target,
		&group.version, &was, &t.d.err));
	assert_contains(was.json, "\"members\":[{");
	assert_contains(was.json, t.user.id.ptr);
	t.d.settings.limits.members = 0;
	assert_int_equal(SCIM_ERR_INVALID,
	    scim_provider_version(t.d.provider, &t.d.context, &target,
		&group.version, &was, &t.d.err));
	assert_string_equal(t.d.err.scim_type, "tooMany");
}

/* What comes out is small, but what it is made of may be large. */
static void
the_past_is_not_for_the_loop(void **state)
{
	scim_resource group = directory_group(&t.d, "g", NULL);
	struct scim__history h = { .provider = t.d.provider,
		.context = &t.d.context,
		.type = scim__registry_type(t.d.registry, SCIM_STR("Group")),
		.id = group.id,
		.version =
		    scim__history_name(t.d.context.arena, &group.version) };
	scim__projection *without;

	assert_int_equal(SCIM_OK,
	    scim__projection_parse(t.d.context.arena, t.d.registry, h.type,
		(scim_str){ NULL, 0 }, SCIM_STR("members"), &without,
		&t.d.err));
	h.projection = without;
	assert_int_equal(SCIM_OK, scim__history_version(&h, &t.d.err));
	assert_true(h.later);
	h.on_worker = true;
	assert_int_equal(SCIM_OK, scim__history_version(&h, &t.d.err));
	assert_false(h.later);
	assert_contains(h.document.json, "\"displayName\":\"g\"");
}

/* What a schema hides now shows in no old version, whatever it said then. */
static void
the_schemas_of_today_hold_for_what_was(void **state)
{
	scim_resource was;

	told_write(&t,
	    ",\"title\":\"was-open\",\"nickName\":\"was-there\","
	    "\"displayName\":\"was-simple\",\"locale\":\"stays\"");
	told_write(&t, "");
	told_reform(&t,
	    ",{\"name\":\"title\",\"type\":\"string\",\"returned\":\"never\"}"
	    ",{\"name\":\"locale\",\"type\":\"string\"}"
	    ",{\"name\":\"displayName\",\"type\":\"complex\","
	    "\"subAttributes\":[{\"name\":\"a\",\"type\":\"string\"}]}");
	assert_int_equal(SCIM_OK, read_version(4, &was));
	assert_contains(was.json, "\"locale\":\"stays\"");
	assert_lacks(was.json, "was-");
	assert_true(scim_version_equal(&was.version, &t.versions[3]));
}

static scim_status
recall(scim_arena *arena, void *context)
{
	scim_context with = t.d.context;
	scim_resource was = { .created_ms = POISON };

	with.arena = arena;
	scim_status rc = scim_provider_version(
	    t.d.provider, &with, &t.user, &t.versions[0], &was, &t.d.err);
	assert_int_equal(rc != SCIM_OK, was.created_ms == POISON);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(recall, NULL) >= 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_resource_is_as_it_was),
		TEST(of_what_is_gone_it_is_known_too),
		TEST(a_version_that_is_not_kept_is_not_found),
		TEST(members_are_those_of_that_time),
		TEST(the_past_is_not_for_the_loop),
		TEST(the_schemas_of_today_hold_for_what_was),
		TEST(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
