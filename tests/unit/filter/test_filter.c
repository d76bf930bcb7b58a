/* SPDX-License-Identifier: Apache-2.0 */
#include "scimd/filter.h"

#include "lib/test.h"

#include "base/arena.h"

struct fixture {
	scim_registry *registry;
	scim_arena *arena;
	scim_settings settings;
	scim_error err;
};

static int
set_up(void **state)
{
	static struct fixture f;

	f.arena = scim_arena_new(NULL);
	scim_settings_init(&f.settings);
	*state = &f;
	return scim_registry_new(NULL, 0, &f.registry, &f.err) == SCIM_OK ? 0
									  : -1;
}

static int
tear_down(void **state)
{
	struct fixture *f = *state;

	scim_registry_unref(f->registry);
	scim_arena_free(f->arena);
	return 0;
}

static scim_status
parse(struct fixture *f, const char *type, const char *text,
    const scim_filter **out)
{
	return scim_filter_parse(f->arena, f->registry, scim__str(type),
	    scim__str(text), &f->settings.limits, out, &f->err);
}

static void
a_filter_is_read_once_and_asked_often(void **state)
{
	static const struct {
		const char *json;
		int want;
	} rows[] = {
		{ "{\"userName\":\"Ann\"}", 1 },
		{ "{\"userName\":\"bob\"}", 0 },
		{ "{\"userName\":\"bob\",\"emails\":[{\"type\":\"work\","
		  "\"value\":\"b@x\"}]}",
		    1 },
		{ "{}", 0 },
	};
	struct fixture *f = *state;
	const scim_filter *filter = NULL;

	assert_int_equal(SCIM_OK,
	    parse(f, "User",
		"userName eq \"ANN\" or emails[type eq \"work\" and value ew "
		"\"x\"]",
		&filter));
	for (size_t i = 0; i < scim__countof(rows); i++) {
		int out = POISON;

		assert_int_equal(SCIM_OK,
		    scim_filter_matches(filter, f->arena,
			scim__str(rows[i].json), &out, &f->err));
		assert_int_equal(out, rows[i].want);
	}
}

static void
what_is_no_filter_is_refused(void **state)
{
	struct fixture *f = *state;
	const scim_filter *untouched = (const void *)f;

	assert_int_equal(SCIM_ERR_INVALID,
	    parse(f, "User", "userName regex \"a\"", &untouched));
	assert_string_equal(f->err.scim_type, "invalidFilter");
	assert_non_null(strstr(f->err.detail, "at character 10."));
	assert_int_equal(
	    SCIM_ERR_INVALID, parse(f, "User", "members pr", &untouched));
	assert_int_equal(
	    SCIM_ERR_INVALID, parse(f, "Spaceship", "id pr", &untouched));
	assert_non_null(strstr(f->err.detail, "\"Spaceship\""));
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_filter_parse(f->arena, f->registry, SCIM_STR("User"),
		SCIM_STR("id pr"), NULL, &untouched, &f->err));
	assert_ptr_equal(untouched, f);
}

static void
what_is_no_resource_is_refused(void **state)
{
	struct fixture *f = *state;
	const scim_filter *filter = NULL;
	int out = POISON;

	f->settings.limits.body_bytes = 20;
	assert_int_equal(SCIM_OK, parse(f, "User", "title pr", &filter));
	assert_int_equal(SCIM_ERR_INVALID,
	    scim_filter_matches(
		filter, f->arena, SCIM_STR("{"), &out, &f->err));
	assert_int_equal(SCIM_ERR_INVALID,
	    scim_filter_matches(
		filter, f->arena, SCIM_STR("[]"), &out, &f->err));
	assert_int_equal(SCIM_ERR_TOO_LARGE,
	    scim_filter_matches(filter, f->arena,
		SCIM_STR("{\"title\":\"much too long\"}"), &out, &f->err));
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_filter_matches(NULL, f->arena, SCIM_STR("{}"), &out, &f->err));
	assert_int_equal(out, POISON);
	scim_settings_init(&f->settings);
}

static scim_status
parse_and_match(scim_arena *arena, void *context)
{
	struct fixture *f = context;
	const scim_filter *filter = NULL;
	int out = POISON;
	scim_status rc = scim_filter_parse(arena, f->registry, SCIM_STR("User"),
	    SCIM_STR("title co \"X\""), &f->settings.limits, &filter, &f->err);

	assert_int_equal(rc == SCIM_OK, filter != NULL);
	if (rc == SCIM_OK)
		rc = scim_filter_matches(filter, arena,
		    SCIM_STR("{\"title\":\"AXE\"}"), &out, &f->err);
	assert_int_equal(out, rc == SCIM_OK ? 1 : POISON);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(parse_and_match, *state) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_filter_is_read_once_and_asked_often),
		cmocka_unit_test(what_is_no_filter_is_refused),
		cmocka_unit_test(what_is_no_resource_is_refused),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
