/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/path.h"

#include <stdio.h>
#include <stdlib.h>

#include "filtering.h"

static scim_status
path_of(struct filtering *f, const char *text, struct scim__path *out,
    scim_error *err)
{
	struct scim__filter_binding to = binding_of(f, f->arena, "Thing");

	return scim__path_parse(&to, scim__str(text), &roomy, out, err);
}

/* @spec 7644-3.5.2-08, 7644-3.5.2-09, 7644-3.5.2-10, 7644-3.5.2-25 */
static void
a_path_names_what_it_says(void **state)
{
	static const struct {
		const char *in, *attribute, *sub, *printed;
		bool has_filter;
	} rows[] = {
		{ "s", "s", NULL, "s", false },
		{ "S", "s", NULL, "s", false },
		{ "c.A", "c", "a", "c.a", false },
		{ "m.$ref", "m", "$ref", "m.$ref", false },
		{ "pin", "pin", NULL, "pin", false },
		{ "schemas", "schemas", NULL, "schemas", false },
		{ "externalId", "externalId", NULL, "externalId", false },
		{ THING ":c.a", "c", "a", "c.a", false },
		{ EXTRA ":code", EXTRA ":code", NULL, EXTRA ":code", false },
		{ EXTRA ":o.one", EXTRA ":o", "one", EXTRA ":o.one", false },
		{ "m[type eq \"work\"]", "m", NULL, "m[type eq \"work\"]",
		    true },
		{ "M[TYPE Eq \"work\" and (value co \"a\")].VALUE", "m",
		    "value", "m[TYPE eq \"work\" and value co \"a\"].value",
		    true },
		{ THING ":m[value eq \"1\"].$ref", "m", "$ref",
		    "m[value eq \"1\"].$ref", true },
		{ "list[value eq \"x\"]", "list", NULL, "list[value eq \"x\"]",
		    true },
		{ "schemas[value sw \"urn\"]", "schemas", NULL,
		    "schemas[value sw \"urn\"]", true },
		{ EXTRA ":o[one eq \"1\"]", EXTRA ":o", NULL,
		    EXTRA ":o[one eq \"1\"]", true },
		{ " s ", "s", NULL, "s", false },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct scim__path path, again;
		scim_error err = { 0 };
		scim__buf buf;

		if (path_of(f, rows[i].in, &path, &err) != SCIM_OK)
			fail_msg("%s\n%s", rows[i].in, err.detail);
		assert_null(path.extension);
		assert_str(path.attribute->path, rows[i].attribute);
		assert_int_equal(path.has_filter, rows[i].has_filter);
		assert_int_equal(path.sub != NULL, rows[i].sub != NULL);
		if (path.sub != NULL)
			assert_str(path.sub->name, rows[i].sub);
		scim__buf_init(&buf, f->arena, SIZE_MAX);
		scim__path_print(&buf, &path);
		assert_str(scim__buf_str(&buf), rows[i].printed);
		assert_int_equal(
		    SCIM_OK, path_of(f, rows[i].printed, &again, &err));
		assert_ptr_equal(path.attribute, again.attribute);
		assert_ptr_equal(path.sub, again.sub);
	}
}

static void
an_extension_is_named_as_a_whole(void **state)
{
	struct filtering *f = *state;
	struct scim__path path;
	scim_error err = { 0 };
	scim__buf buf;

	assert_int_equal(
	    SCIM_OK, path_of(f, "URN:X:extra:1.0:Thing", &path, &err));
	assert_str(path.extension->id, EXTRA);
	assert_null(path.attribute);
	scim__buf_init(&buf, f->arena, SIZE_MAX);
	scim__path_print(&buf, &path);
	assert_str(scim__buf_str(&buf), EXTRA);
}

static void
anything_else_is_refused_where_it_goes_wrong(void **state)
{
	static const struct {
		const char *in, *scim_type;
		int error_at;
	} rows[] = {
		{ "", "invalidPath", 1 },
		{ "  ", "invalidPath", 3 },
		{ "nosuch", "invalidPath", 1 },
		{ "code", "invalidPath", 1 },
		{ "c.nosuch", "invalidPath", 1 },
		{ "c.a.b", "invalidPath", 1 },
		{ "s t", "invalidPath", 3 },
		{ "s eq \"x\"", "invalidPath", 3 },
		{ "\"s\"", "invalidPath", 1 },
		{ "[value eq \"x\"]", "invalidPath", 1 },
		{ "m[0]", "invalidFilter", 4 },
		{ "m[]", "invalidFilter", 3 },
		{ "m[type eq \"x\"", "invalidFilter", 14 },
		{ "m[type eq x]", "invalidFilter", 11 },
		{ "m[nosuch pr]", "invalidFilter", 3 },
		{ "m[primary gt true]", "invalidFilter", 3 },
		{ "m[m[type pr]]", "invalidFilter", 4 },
		{ "m[type pr].nosuch", "invalidPath", 12 },
		{ "m[type pr].", "invalidPath", 12 },
		{ "m[type pr] .value", "invalidPath", 12 },
		{ "m[type pr]value", "invalidPath", 11 },
		{ "m[type pr].value.x", "invalidPath", 12 },
		{ "m[type pr][value pr]", "invalidPath", 11 },
		{ "m.value[value pr]", "invalidPath", 8 },
		{ "s[value pr]", "invalidPath", 2 },
		{ EXTRA "[code pr]", "invalidPath", 22 },
		{ "list[value pr].value", "invalidPath", 16 },
		{ "m [type pr]", "invalidPath", 3 },
		{ "/emails", "invalidPath", 1 },
		{ "m\xC3\xA9", "invalidPath", 2 },
	};
	struct filtering *f = *state;

	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct scim__path path = { .has_filter = true };
		scim_error err = { 0 };
		char at[32];

		if (path_of(f, rows[i].in, &path, &err) != SCIM_ERR_INVALID)
			fail_msg("accepted: %s", rows[i].in);
		(void)snprintf(
		    at, sizeof(at), ", at character %d.", rows[i].error_at);
		if (strcmp(err.scim_type, rows[i].scim_type) != 0 ||
		    strstr(err.detail, at) == NULL)
			fail_msg("%s\n%s: %s", rows[i].in, err.scim_type,
			    err.detail);
		assert_true(path.has_filter);
		assert_null(path.attribute);
	}
}

static void
hostile_paths_end_soon(void **state)
{
	enum { SIZE = 1 << 20 };
	static const char *const pieces[] = { "m[", "m.", "urn:", "(", "\"",
		"m[type pr]", "m[type pr or " };
	struct filtering *f = *state;
	struct scim__filter_binding to = binding_of(f, f->arena, "Thing");
	const struct scim__filter_limits limits = { SIZE, 100, 32 };
	char *text = malloc(SIZE);
	struct scim__path path;

	assert_non_null(text);
	for (size_t i = 0; i < scim__countof(pieces); i++) {
		size_t len = strlen(pieces[i]);

		for (size_t k = 0; k < SIZE; k++)
			text[k] = pieces[i][k % len];
		assert_int_equal(SCIM_ERR_INVALID,
		    scim__path_parse(
			&to, (scim_str){ text, SIZE }, &limits, &path, NULL));
		assert_int_equal(SCIM_ERR_INVALID,
		    scim__path_parse(
			&to, (scim_str){ text, SIZE }, &roomy, &path, NULL));
	}
	free(text);
}

static scim_status
parse_much(scim_arena *arena, void *context)
{
	struct scim__filter_binding to = binding_of(context, arena, "Thing");
	struct scim__path path = { 0 };
	scim_status rc = scim__path_parse(&to,
	    SCIM_STR("m[type eq \"Work\" or value co \"x\"].value"), &roomy,
	    &path, NULL);

	assert_int_equal(rc == SCIM_OK, path.attribute != NULL);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(parse_much, *state) > 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_names_what_it_says),
		cmocka_unit_test(an_extension_is_named_as_a_whole),
		cmocka_unit_test(anything_else_is_refused_where_it_goes_wrong),
		cmocka_unit_test(hostile_paths_end_soon),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
