/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/merge_message.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "lib/test.h"
#include "json/json.h"

#define BASE "W/\\\"AAAAAAAAAAAAAAAAAAAAAA\\\""
#define MESSAGE(rest) "{\"schemas\":[\"" SCIM__MERGE_URN "\"]" rest "}"
#define WANTED ",\"base\":\"" BASE "\",\"resource\":{}"

static scim_status
parse(scim_arena *arena, const char *json, struct scim__merge_message *out)
{
	scim__value tree;
	scim_error err;

	assert_int_equal(SCIM_OK,
	    scim__json_parse_trusted(arena, scim__str(json), &tree, &err));
	return scim__merge_message_parse(arena, &tree, out, &err);
}

static void
a_base_and_what_is_wanted_are_enough(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__merge_message m;

	assert_int_equal(SCIM_OK, parse(arena, MESSAGE(WANTED), &m));
	assert_non_null(m.resource);
	assert_null(m.operations);
	assert_int_equal(m.on_conflict, SCIM_MERGE_FAIL);
	assert_int_equal(m.resolution_count, 0);
	assert_false(m.is_dry);
}

static void
decisions_are_read_in_their_order(void **state)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__merge_message m;

	assert_int_equal(SCIM_OK,
	    parse(arena,
		MESSAGE(WANTED
		    ",\"onConflict\":\"theirs\",\"dryRun\":true,"
		    "\"resolutions\":[{\"path\":\"title\",\"use\":\"ours\"},"
		    "{\"path\":\"name\",\"use\":\"fail\"}]"),
		&m));
	assert_int_equal(m.on_conflict, SCIM_MERGE_THEIRS);
	assert_true(m.is_dry);
	assert_int_equal(m.resolution_count, 2);
	assert_int_equal(m.resolutions[0].use, SCIM_MERGE_OURS);
	assert_true(scim__str_equal(m.resolutions[1].path, SCIM_STR("name")));
}

static void
what_is_not_understood_is_refused(void **state)
{
	static const char *const messages[] = {
		"{}",
		MESSAGE(""),
		MESSAGE(",\"base\":7,\"resource\":{}"),
		MESSAGE(",\"base\":\"x\",\"resource\":{}"),
		MESSAGE(",\"base\":\"" BASE "\""),
		MESSAGE(WANTED ",\"Operations\":[]"),
		MESSAGE(WANTED ",\"BASE\":\"" BASE "\""),
		MESSAGE(WANTED ",\"onConflict\":\"mine\""),
		MESSAGE(WANTED ",\"onConflict\":7"),
		MESSAGE(WANTED ",\"dryRun\":\"true\""),
		MESSAGE(WANTED ",\"resolutions\":{}"),
		MESSAGE(WANTED ",\"resolutions\":[7]"),
		MESSAGE(WANTED ",\"resolutions\":[{\"path\":\"title\"}]"),
		MESSAGE(WANTED ",\"resolutions\":[{\"use\":\"ours\"}]"),
	};
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__merge_message m;

	for (size_t i = 0; i < scim__countof(messages); i++)
		if (parse(arena, messages[i], &m) != SCIM_ERR_INVALID)
			fail_msg("%s", messages[i]);
}

static void
a_version_is_the_first_part_of_a_tag(void **state)
{
	static const struct {
		const char *tag;
		bool names;
	} cases[] = {
		{ "AAAAAAAAAAAAAAAAAAAAAA", true },
		{ "AAAAAAAAAAAAAAAAAAAAAA.0", true },
		{ "AAAAAAAAAAAAAAAAAAAAAA.x.0", true },
		{ "AAAAAAAAAAAAAAAAAAAAAAA", false },
		{ "AAAAAAAAAAAAAAAAAAAAA", false },
		{ "", false },
	};
	scim_version version;

	for (size_t i = 0; i < scim__countof(cases); i++)
		if (scim__version_named(scim__str(cases[i].tag), &version) !=
		    cases[i].names)
			fail_msg("%zu", i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_base_and_what_is_wanted_are_enough),
		cmocka_unit_test(decisions_are_read_in_their_order),
		cmocka_unit_test(what_is_not_understood_is_refused),
		cmocka_unit_test(a_version_is_the_first_part_of_a_tag),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
