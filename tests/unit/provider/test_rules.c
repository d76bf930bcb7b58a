/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/rules.h"

#include "base/str.h"
#include "lib/directory.h"
#include "lib/failing.h"

static const scim__resource_type *
type_of(const struct directory *d, const char *name)
{
	return scim__registry_type(d->registry, scim__str(name));
}

static void
set_guards(struct directory *d, const char *guards)
{
	assert_int_equal(SCIM_OK,
	    scim_settings_set(
		&d->settings, SCIM_STR("guards"), scim__str(guards), &d->err));
}

static void
the_marks_of_the_schemas_hold_unless_others_are_said(void **state)
{
	static const struct {
		const char *guards, *type;
		bool own;
		const char *paths[3];
	} rows[] = {
		{ "marked", "User", false, { NULL } },
		{ "none", "User", true, { NULL } },
		{ "active,NAME.familyname", "User", true,
		    { "active", "name.familyName" } },
		{ "active,displayName", "Group", true, { "displayName" } },
		{ "urn:ietf:params:scim:schemas:extension:enterprise:2.0:"
		  "User:department",
		    "User", true,
		    { "urn:ietf:params:scim:schemas:extension:enterprise:2.0:"
		      "User:department" } },
	};

	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct directory d;
		struct scim__merge_rules rules;
		size_t n = 0;

		directory_open(&d);
		set_guards(&d, rows[i].guards);
		assert_int_equal(SCIM_OK,
		    scim__merging_rules(
			&d.context, type_of(&d, rows[i].type), &rules, &d.err));
		assert_int_equal(rules.own_guards, rows[i].own);
		for (; rows[i].paths[n] != NULL; n++)
			assert_str(rules.guards[n]->path, rows[i].paths[n]);
		assert_int_equal(rules.guard_count, n);
		directory_close(&d);
	}
}

static void
a_guard_that_no_type_knows_stops_all_merging(void **state)
{
	scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
	struct scim__merge_rules rules;
	struct directory d;

	directory_open(&d);
	set_guards(&d, "active,activ");
	assert_int_equal(SCIM_ERR_INVALID,
	    scim__merging_rules(
		&d.context, type_of(&d, "User"), &rules, &d.err));
	assert_non_null(strstr(d.err.detail, "\"activ\""));
	assert_int_equal(SCIM_ERR_INVALID,
	    scim__merging_options(
		&d.context, type_of(&d, "User"), &options, &d.err));
	directory_close(&d);
}

static void
documents_are_merged_with_the_same_guards(void **state)
{
	const scim_str own[] = { { "title", 5 } };
	scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
	struct directory d;

	directory_open(&d);
	assert_int_equal(SCIM_OK,
	    scim__merging_options(
		&d.context, type_of(&d, "User"), &options, &d.err));
	assert_null(options.guards);
	set_guards(&d, "roles,displayName");
	assert_int_equal(SCIM_OK,
	    scim__merging_options(
		&d.context, type_of(&d, "Group"), &options, &d.err));
	assert_int_equal(options.guard_count, 1);
	assert_str(options.guards[0], "displayName");
	options.guards = own;
	assert_int_equal(SCIM_OK,
	    scim__merging_options(
		&d.context, type_of(&d, "Group"), &options, &d.err));
	assert_ptr_equal(options.guards, own);
	directory_close(&d);
}

static void
a_request_may_say_what_the_tenant_allows(void **state)
{
	static const struct {
		const char *most;
		bool fail, theirs, ours;
	} rows[] = {
		{ "fail", true, false, false },
		{ "theirs", true, true, false },
		{ "ours", true, true, true },
	};

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim_settings s;

		scim_settings_init(&s);
		assert_int_equal(SCIM_OK,
		    scim_settings_set(&s, SCIM_STR("on_conflict_most"),
			scim__str(rows[i].most), NULL));
		assert_int_equal(rows[i].fail,
		    scim__merging_may_use(&s, SCIM_MERGE_FAIL, NULL) ==
			SCIM_OK);
		assert_int_equal(rows[i].theirs,
		    scim__merging_may_use(&s, SCIM_MERGE_THEIRS, NULL) ==
			SCIM_OK);
		assert_int_equal(rows[i].ours,
		    scim__merging_may_use(&s, SCIM_MERGE_OURS, NULL) ==
			SCIM_OK);
	}
}

static void
lack_of_memory_gives_no_rules(void **state)
{
	bool made = false;

	for (size_t nth = 0; !made; nth++) {
		scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
		struct directory d;
		struct failing failing;

		directory_open(&d);
		set_guards(&d, "active,displayName");
		scim_arena *arena = d.context.arena;
		failing_init(&failing, nth);
		d.context.arena = scim_arena_new(&failing.base);
		if (d.context.arena != NULL) {
			scim_status rc = scim__merging_options(
			    &d.context, type_of(&d, "User"), &options, &d.err);

			made = !failing.has_failed;
			assert_int_equal(
			    rc, made ? SCIM_OK : SCIM_ERR_NO_MEMORY);
			scim_arena_free(d.context.arena);
		}
		d.context.arena = arena;
		directory_close(&d);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    the_marks_of_the_schemas_hold_unless_others_are_said),
		cmocka_unit_test(a_guard_that_no_type_knows_stops_all_merging),
		cmocka_unit_test(documents_are_merged_with_the_same_guards),
		cmocka_unit_test(a_request_may_say_what_the_tenant_allows),
		cmocka_unit_test(lack_of_memory_gives_no_rules),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
