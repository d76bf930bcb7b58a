/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/sort.h"

#include "unit/filter/filtering.h"

static const struct scim__sort up = { .by = { "x", 1 } };
static const struct scim__sort down = {
	.by = { "x", 1 }, .descending = true, .missing_first = true
};
static const struct scim__sort down_required = { .by = { "x", 1 },
	.descending = true };
static const struct scim__sort unsorted;

static struct scim__place
text(const char *z, uint64_t position)
{
	return (struct scim__place){ .position = position,
		.has_value = z != NULL,
		.value = { .kind = SCIM_INDEX_TEXT,
		    .text = scim__str(z == NULL ? "" : z) } };
}

static struct scim__place
number(int64_t n)
{
	return (struct scim__place){ .has_value = true,
		.value = { .kind = SCIM_INDEX_INTEGER, .integer = n } };
}

static struct scim__place
real(double n)
{
	return (struct scim__place){ .has_value = true,
		.value = { .kind = SCIM_INDEX_REAL, .real = n } };
}

/* @spec 7644-3.4.2.3-05, 7644-3.4.2.3-09, 7644-3.4.2.3-10 */
static void
places_stand_by_value_then_by_creation(void **state)
{
	const struct {
		const struct scim__sort *sort;
		struct scim__place a, b; /* a before b */
	} rows[] = {
		{ &up, text("a", 2), text("b", 1) },
		{ &up, text("a", 1), text("a", 2) },
		{ &up, text("z", 2), text(NULL, 1) },
		{ &up, text(NULL, 1), text(NULL, 2) },
		{ &down, text("b", 1), text("a", 2) },
		{ &down, text("a", 2), text("a", 1) },
		{ &down, text(NULL, 1), text("z", 2) },
		{ &down, text(NULL, 2), text(NULL, 1) },
		{ &down_required, text("a", 1), text(NULL, 2) },
		{ &up, number(-5), number(3) },
		{ &up, number(9), number(10) },
		{ &up, real(0.5), number(1) },
		{ &up, number(99), text("", 0) },
		{ &unsorted, { .rank = 0, .position = 9 },
		    { .rank = 1, .position = 3 } },
		{ &unsorted, { .rank = 1, .position = 3 },
		    { .rank = 1, .position = 4 } },
	};

	for (size_t i = 0; i < scim__countof(rows); i++) {
		const struct scim__sort *s = rows[i].sort;

		if (scim__place_compare(s, &rows[i].a, &rows[i].b) >= 0 ||
		    scim__place_compare(s, &rows[i].b, &rows[i].a) <= 0 ||
		    scim__place_compare(s, &rows[i].a, &rows[i].a) != 0)
			fail_msg("row %zu", i);
	}
}

/* @spec 7644-3.4.2.3-02, 7644-3.4.2.3-04, 7644-3.4.2.3-06,
 * 7644-3.4.2.3-07, 7644-3.10-01 */
static void
what_can_be_sorted_by_is_an_attribute_with_a_value(void **state)
{
	static const struct {
		const char *by, *order, *path; /* path NULL: refused */
		const char *scim_type;
	} rows[] = {
		{ "s", NULL, "s", NULL },
		{ "S", "ascending", "s", NULL },
		{ THING ":e", "Descending", "e", NULL },
		{ "c.a", NULL, "c.a", NULL },
		{ "v", NULL, "v.value", NULL },
		{ "m", NULL, "m.value", NULL },
		{ "m.type", NULL, "m.type", NULL },
		{ EXTRA ":o.one", NULL, EXTRA ":o.one", NULL },
		{ "meta.created", NULL, "meta.created", NULL },
		{ "id", NULL, "id", NULL },
		{ "schemas", NULL, "schemas", NULL },
		{ "c", NULL, NULL, "invalidPath" },
		{ "meta", NULL, NULL, "invalidPath" },
		{ "nothing", NULL, NULL, "invalidPath" },
		{ "", NULL, NULL, "invalidPath" },
		{ "s eq", NULL, NULL, "invalidPath" },
		{ "pin", NULL, NULL, "invalidPath" },
		{ "key", NULL, NULL, "invalidPath" },
		{ "s", "up", NULL, "invalidValue" },
		{ "s", "", NULL, "invalidValue" },
	};
	struct filtering *f = *state;
	const scim__resource_type *type =
	    scim__registry_type(f->registry, SCIM_STR("Thing"));

	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct scim__sort sort = { .by = { NULL, POISON } };
		scim_error err = { 0 };
		const char *order = rows[i].order;
		scim_status rc = scim__sort_parse(f->registry, type,
		    scim__str(rows[i].by),
		    order == NULL ? (scim_str){ NULL, 0 } : scim__str(order),
		    &sort, &err);

		if (rows[i].path == NULL) {
			assert_int_equal(SCIM_ERR_INVALID, rc);
			assert_string_equal(rows[i].scim_type, err.scim_type);
			assert_int_equal(POISON, sort.by.len);
			continue;
		}
		if (rc != SCIM_OK)
			fail_msg("%s: %s", rows[i].by, err.detail);
		assert_str(scim__sort_attribute(f->registry, type, &sort)->path,
		    rows[i].path);
		assert_int_equal(
		    sort.descending, order != NULL && order[0] == 'D');
		assert_int_equal(sort.missing_first, sort.descending);
	}
}

static void
a_name_of_any_type_sorts_all_types(void **state)
{
	struct filtering *f = *state;
	const scim__resource_type *thing =
	    scim__registry_type(f->registry, SCIM_STR("Thing"));
	const scim__resource_type *group =
	    scim__registry_type(f->registry, SCIM_STR("Group"));
	scim_str none = { NULL, 0 };
	struct scim__sort sort;
	scim_error err;

	assert_int_equal(SCIM_OK,
	    scim__sort_parse(
		f->registry, NULL, SCIM_STR("plain"), none, &sort, &err));
	assert_non_null(scim__sort_attribute(f->registry, thing, &sort));
	assert_null(scim__sort_attribute(f->registry, group, &sort));
	assert_int_equal(SCIM_ERR_INVALID,
	    scim__sort_parse(
		f->registry, NULL, SCIM_STR("nowhere"), none, &sort, &err));
	assert_int_equal(SCIM_ERR_INVALID,
	    scim__sort_parse(
		f->registry, group, SCIM_STR("plain"), none, &sort, &err));
}

static void
what_is_required_is_never_missing_first(void **state)
{
	struct filtering *f = *state;
	const scim__resource_type *user =
	    scim__registry_type(f->registry, SCIM_STR("User"));
	struct scim__sort sort;
	scim_error err;

	assert_int_equal(SCIM_OK,
	    scim__sort_parse(f->registry, user, SCIM_STR("userName"),
		SCIM_STR("descending"), &sort, &err));
	assert_true(sort.descending);
	assert_false(sort.missing_first);
	assert_int_equal(SCIM_OK,
	    scim__sort_parse(f->registry, NULL, SCIM_STR("userName"),
		SCIM_STR("descending"), &sort, &err));
	assert_true(sort.missing_first);
}

static void
an_index_with_one_row_for_each_has_the_order(void **state)
{
	static const struct {
		const char *by;
		bool walks;
	} rows[] = { { "s", true }, { "e", true }, { "i", true }, { "t", true },
		{ "plain", false }, { "list", false }, { "m.value", false } };
	struct filtering *f = *state;
	const scim__resource_type *type =
	    scim__registry_type(f->registry, SCIM_STR("Thing"));

	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct scim__sort sort = { .by = scim__str(rows[i].by) };

		if (scim__sort_walks(scim__sort_attribute(
			f->registry, type, &sort)) != rows[i].walks)
			fail_msg("%s", rows[i].by);
	}
}

/* @spec 7644-3.4.2.3-03, 7644-3.4.2.3-08 */
static void
the_primary_value_counts_or_else_the_first(void **state)
{
	static const struct {
		const char *by, *json, *text; /* text NULL: no value */
	} rows[] = {
		{ "s", "{\"s\":\"MiX\"}", "mix" },
		{ "e", "{\"e\":\"MiX\"}", "MiX" },
		{ "s", "{}", NULL },
		{ "s", "{\"s\":null}", NULL },
		{ "s", "{\"s\":7}", NULL },
		{ "c.a", "{\"c\":{\"a\":\"x\"}}", "x" },
		{ "c.a", "{\"c\":{}}", NULL },
		{ "c.a", "{\"c\":\"text\"}", NULL },
		{ "list", "{\"list\":[\"b\",\"a\"]}", "b" },
		{ "list", "{\"list\":[]}", NULL },
		{ "m", "{\"m\":[{\"value\":\"b\"},{\"value\":\"a\"}]}", "b" },
		{ "m",
		    "{\"m\":[{\"value\":\"b\",\"primary\":false},"
		    "{\"value\":\"a\",\"primary\":true}]}",
		    "a" },
		{ "m.type",
		    "{\"m\":[{\"type\":\"b\"},{\"value\":\"a\","
		    "\"primary\":true}]}",
		    NULL },
		{ EXTRA ":code", "{\"" EXTRA "\":{\"code\":\"c\"}}", "c" },
		{ EXTRA ":code", "{\"code\":\"c\"}", NULL },
	};
	struct filtering *f = *state;
	const scim__resource_type *type =
	    scim__registry_type(f->registry, SCIM_STR("Thing"));

	for (size_t i = 0; i < scim__countof(rows); i++) {
		struct scim__sort sort = { .by = scim__str(rows[i].by) };
		struct scim__place place = { .has_value = true };
		scim__value resource = parsed_json(f, rows[i].json);

		assert_int_equal(SCIM_OK,
		    scim__sort_value(f->arena,
			scim__sort_attribute(f->registry, type, &sort),
			&resource, &place, NULL));
		if (place.has_value != (rows[i].text != NULL))
			fail_msg("%s of %s", rows[i].by, rows[i].json);
		if (place.has_value)
			assert_str(place.value.text, rows[i].text);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(places_stand_by_value_then_by_creation),
		cmocka_unit_test(
		    what_can_be_sorted_by_is_an_attribute_with_a_value),
		cmocka_unit_test(a_name_of_any_type_sorts_all_types),
		cmocka_unit_test(what_is_required_is_never_missing_first),
		cmocka_unit_test(an_index_with_one_row_for_each_has_the_order),
		cmocka_unit_test(the_primary_value_counts_or_else_the_first),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
