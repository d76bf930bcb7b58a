/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/test.h"
#include "scimd/settings.h"

static scim_settings
settings_after(const char *const *pairs)
{
	scim_settings s;

	scim_settings_init(&s);
	for (; pairs[0] != NULL; pairs += 2)
		assert_int_equal(scim_settings_set(&s, scim__str(pairs[0]),
				     scim__str(pairs[1]), NULL),
		    SCIM_OK);
	return s;
}

static void
limits_start_as_documented(void **state)
{
	scim_settings s;

	scim_settings_init(&s);

	assert_int_equal(s.limits.body_bytes, 4 * 1024 * 1024);
	assert_int_equal(s.limits.bulk_operations, 1000);
	assert_int_equal(s.limits.members, 10000);
	assert_int_equal(s.limits.depth, 32);
	assert_int_equal(s.limits.filter_bytes, 8 * 1024);
	assert_int_equal(s.limits.filter_nodes, 100);
	assert_int_equal(s.limits.page_default, 100);
	assert_int_equal(s.limits.page_most, 1000);
	assert_int_equal(s.limits.cursor_s, 3600);
	assert_int_equal(s.limits.header_bytes, 32 * 1024);
	assert_int_equal(s.limits.idle_ms, 60000);
	assert_int_equal(s.limits.request_ms, 30000);
	assert_int_equal(s.history_count, 100);
	assert_int_equal(s.history_days, 30);
}

static void
a_profile_decides_what_was_not_set(void **state)
{
	static const struct {
		const char *pairs[8];
		scim_etag_form etag;
		scim_dangling dangling;
		int unique;
	} rows[] = {
		{ { NULL }, SCIM_ETAG_WEAK, SCIM_DANGLING_REFUSE, 0 },
		{ { "profile", "default" }, SCIM_ETAG_WEAK,
		    SCIM_DANGLING_REFUSE, 0 },
		{ { "profile", "strict" }, SCIM_ETAG_STRONG,
		    SCIM_DANGLING_REFUSE, 0 },
		{ { "profile", "entra" }, SCIM_ETAG_WEAK, SCIM_DANGLING_KEEP,
		    1 },
		{ { "profile", "okta" }, SCIM_ETAG_WEAK, SCIM_DANGLING_DROP,
		    0 },
		{ { "etag", "weak", "profile", "strict" }, SCIM_ETAG_WEAK,
		    SCIM_DANGLING_REFUSE, 0 },
		{ { "profile", "strict", "etag", "weak" }, SCIM_ETAG_WEAK,
		    SCIM_DANGLING_REFUSE, 0 },
		{ { "unique_group_names", "no", "dangling_members", "drop",
		      "profile", "entra" },
		    SCIM_ETAG_WEAK, SCIM_DANGLING_DROP, 0 },
		{ { "profile", "entra", "profile", "default" }, SCIM_ETAG_WEAK,
		    SCIM_DANGLING_REFUSE, 0 },
	};

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim_settings s = settings_after(rows[i].pairs);

		assert_int_equal(s.etag, rows[i].etag);
		assert_int_equal(s.dangling_members, rows[i].dangling);
		assert_int_equal(s.unique_group_names, rows[i].unique);
		assert_int_equal(s.require_preconditions, 0);
	}
}

static void
a_setting_takes_its_value(void **state)
{
	const char *pairs[] = { "preconditions", "required", "page_most", "200",
		"history_count", "0", "idle_ms", "86400000", "merge",
		"on-if-match", "on_conflict", "theirs", NULL };
	scim_settings s = settings_after(pairs);

	assert_int_equal(s.require_preconditions, 1);
	assert_int_equal(s.limits.page_most, 200);
	assert_int_equal(s.history_count, 0);
	assert_int_equal(s.limits.idle_ms, 86400000);
	assert_int_equal(s.merge_on_if_match, 1);
	assert_int_equal(s.on_conflict, SCIM_MERGE_THEIRS);
}

static void
who_must_have_seen_it_does_not_let_ours_win(void **state)
{
	static const struct {
		const char *pairs[6];
		scim_merge_use most;
	} rows[] = {
		{ { NULL }, SCIM_MERGE_OURS },
		{ { "preconditions", "required" }, SCIM_MERGE_THEIRS },
		{ { "preconditions", "required", "preconditions", "off" },
		    SCIM_MERGE_OURS },
		{ { "on_conflict_most", "ours", "preconditions", "required" },
		    SCIM_MERGE_OURS },
		{ { "preconditions", "required", "on_conflict_most", "fail" },
		    SCIM_MERGE_FAIL },
		{ { "on_conflict_most", "fail", "preconditions", "off" },
		    SCIM_MERGE_FAIL },
	};

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim_settings s = settings_after(rows[i].pairs);

		assert_int_equal(s.on_conflict_most, rows[i].most);
		assert_int_equal(s.on_conflict, SCIM_MERGE_FAIL);
		assert_int_equal(s.merge_on_if_match, 0);
	}
}

static void
guards_are_those_of_the_schemas_or_said(void **state)
{
	static const struct {
		const char *pairs[6];
		int own;
		const char *guards;
	} rows[] = {
		{ { NULL }, 0, "" },
		{ { "guards", "none" }, 1, "" },
		{ { "guards", "active,name.familyName" }, 1,
		    "active,name.familyName" },
		{ { "guards", "urn:x:y:2.0:User:department" }, 1,
		    "urn:x:y:2.0:User:department" },
		{ { "guards", "active,userName", "guards", "roles" }, 1,
		    "roles" },
		{ { "guards", "active", "guards", "marked" }, 0, "" },
	};

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim_settings s = settings_after(rows[i].pairs);

		assert_int_equal(s.own_guards, rows[i].own);
		assert_string_equal(s.guards, rows[i].guards);
	}
}

static void
a_list_of_guards_is_refused_where_it_is_none(void **state)
{
	char many[SCIM_GUARDS_MOST + 2];
	const char *const wrong[] = { "", ",", "active,", ",active",
		"active,,userName", "active userName", "emails[primary]",
		many };
	scim_settings before, s;

	memset(many, 'a', sizeof(many) - 1);
	many[sizeof(many) - 1] = '\0';
	scim_settings_init(&before);
	for (size_t i = 0; i < scim__countof(wrong); i++) {
		scim_error err = { 0 };

		s = before;
		assert_int_equal(scim_settings_set(&s, SCIM_STR("guards"),
				     scim__str(wrong[i]), &err),
		    SCIM_ERR_INVALID);
		assert_memory_equal(&s, &before, sizeof(s));
		assert_non_null(strstr(err.detail, "marked, none"));
	}
	many[SCIM_GUARDS_MOST] = '\0';
	assert_int_equal(
	    scim_settings_set(&s, SCIM_STR("guards"), scim__str(many), NULL),
	    SCIM_OK);
}

static void
a_wrong_value_is_refused_and_changes_nothing(void **state)
{
	static const struct {
		const char *key, *value, *detail;
	} rows[] = {
		{ "etag", "", "The setting etag is weak or strong." },
		{ "etag", "Weak", "The setting etag is weak or strong." },
		{ "profile", "google",
		    "The setting profile is default, strict, entra or okta." },
		{ "preconditions", "yes",
		    "The setting preconditions is off or required." },
		{ "dangling_members", "x",
		    "The setting dangling_members is refuse, drop or keep." },
		{ "merge", "on", "The setting merge is off or on-if-match." },
		{ "on_conflict", "mine",
		    "The setting on_conflict is fail, ours or theirs." },
		{ "on_conflict_most", "",
		    "The setting on_conflict_most is fail, ours or theirs." },
		{ "unique_group_names", "1",
		    "The setting unique_group_names is no or yes." },
		{ "depth", "0",
		    "The setting depth is a whole number from 1 to 1000." },
		{ "depth", "1001",
		    "The setting depth is a whole number from 1 to 1000." },
		{ "depth", "-1",
		    "The setting depth is a whole number from 1 to 1000." },
		{ "depth", "32 ",
		    "The setting depth is a whole number from 1 to 1000." },
		{ "depth", "99999999999999999999999",
		    "The setting depth is a whole number from 1 to 1000." },
	};

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim_settings before, s;
		scim_error err = { 0 };

		scim_settings_init(&before);
		s = before;
		assert_int_equal(scim_settings_set(&s, scim__str(rows[i].key),
				     scim__str(rows[i].value), &err),
		    SCIM_ERR_INVALID);
		assert_memory_equal(&s, &before, sizeof(s));
		assert_string_equal(err.detail, rows[i].detail);
	}
}

static void
an_unknown_setting_is_answered_with_the_known(void **state)
{
	scim_settings s;
	scim_error err = { 0 };

	scim_settings_init(&s);
	assert_int_equal(
	    scim_settings_set(&s, SCIM_STR("colour"), SCIM_STR("red"), &err),
	    SCIM_ERR_INVALID);
	assert_non_null(strstr(err.detail, "profile"));
	/* the list ends whole, not cut off */
	assert_string_equal(err.detail + strlen(err.detail) - 7, " lists.");
}

static void
no_settings_is_misuse(void **state)
{
	scim_settings_init(NULL);
	assert_int_equal(
	    scim_settings_set(NULL, SCIM_STR("etag"), SCIM_STR("weak"), NULL),
	    SCIM_ERR_MISUSE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(limits_start_as_documented),
		cmocka_unit_test(a_profile_decides_what_was_not_set),
		cmocka_unit_test(a_setting_takes_its_value),
		cmocka_unit_test(who_must_have_seen_it_does_not_let_ours_win),
		cmocka_unit_test(guards_are_those_of_the_schemas_or_said),
		cmocka_unit_test(a_list_of_guards_is_refused_where_it_is_none),
		cmocka_unit_test(a_wrong_value_is_refused_and_changes_nothing),
		cmocka_unit_test(an_unknown_setting_is_answered_with_the_known),
		cmocka_unit_test(no_settings_is_misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
