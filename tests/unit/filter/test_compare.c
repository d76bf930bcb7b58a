/* SPDX-License-Identifier: Apache-2.0 */
#include "filter/compare.h"

#include <stdio.h>
#include <stdlib.h>

#include "filtering.h"

/* `attribute op value` against one stored value. */
struct row {
	const char *filter, *stored;
	bool want;
};

static bool
holds(struct filtering *f, const char *filter, const char *stored)
{
	scim__filter bound;
	scim_error err = { 0 };
	bool out = false;
	scim__json_limits limits = { 1 << 20, 3 };
	scim__value value;

	if (bound_to(f, "Thing", filter, &bound, &err) != SCIM_OK)
		fail_msg("%s: %s", filter, err.detail);
	assert_int_equal(SCIM_OK,
	    scim__json_parse(
		f->arena, scim__str(stored), &limits, &value, NULL));
	assert_int_equal(SCIM_OK,
	    scim__filter_compare(f->arena, bound.root, &value, &out, &err));
	return out;
}

static void
check_rows(struct filtering *f, const struct row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (holds(f, rows[i].filter, rows[i].stored) != rows[i].want)
			fail_msg("%s for %s is not %d", rows[i].filter,
			    rows[i].stored, rows[i].want);
}

/*
 * @spec 7644-3.4.2.2-08, 7644-3.4.2.2-10, 7644-3.4.2.2-11, 7644-3.4.2.2-12
 * @spec 7644-3.4.2.2-44, 7643-7-10
 */
static void
text_is_compared_by_its_case_rule(void **state)
{
	static const struct row rows[] = {
		{ "s eq \"Bj\"", "\"bJ\"", true },
		{ "e eq \"Bj\"", "\"bJ\"", false },
		{ "e eq \"Bj\"", "\"Bj\"", true },
		{ "s eq \"b\"", "\"bj\"", false },
		{ "s ne \"B\"", "\"b\"", false },
		{ "e ne \"B\"", "\"b\"", true },
		{ "s eq \"STRASSE\"", "\"stra\\u00dfe\"", true },
		{ "s eq \"\\u00e9\"", "\"e\\u0301\"", true },
		{ "e eq \"\\u00e9\"", "\"e\\u0301\"", false },
		{ "s co \"JEN\"", "\"bjensen\"", true },
		{ "e co \"JEN\"", "\"bjensen\"", false },
		{ "s co \"\"", "\"x\"", true },
		{ "s co \"aab\"", "\"aaab\"", true },
		{ "s co \"abab\"", "\"aabacbab\"", false },
		{ "s sw \"BJ\"", "\"bjensen\"", true },
		{ "s sw \"bjensen\"", "\"bjensen\"", true },
		{ "s sw \"bjensenx\"", "\"bjensen\"", false },
		{ "s ew \"SEN\"", "\"bjensen\"", true },
		{ "s ew \"bjensen\"", "\"bjensen\"", true },
		{ "s ew \"xbjensen\"", "\"bjensen\"", false },
		{ "s gt \"a\"", "\"B\"", true },
		{ "e gt \"a\"", "\"B\"", false },
		{ "s ge \"B\"", "\"b\"", true },
		{ "s lt \"b\"", "\"A\"", true },
		{ "s le \"b\"", "\"ba\"", false },
		{ "s eq \"1\"", "1", false },
		{ "s ne \"1\"", "1", false },
	};

	check_rows(*state, rows, scim__countof(rows));
}

/* @spec 7644-3.4.2.2-14, 7644-3.4.2.2-15, 7644-3.4.2.2-16, 7644-3.4.2.2-17 */
static void
numbers_are_compared_as_numbers(void **state)
{
	static const struct row rows[] = {
		{ "i gt 9", "10", true },
		{ "i eq 10", "10", true },
		{ "i eq 10.0", "10", true },
		{ "i eq 10.5", "10", false },
		{ "i lt 10.5", "10", true },
		{ "i gt 10.5", "11", true },
		{ "i gt -10.5", "-10", true },
		{ "i gt -10.5", "-11", false },
		{ "i eq 9007199254740993", "9007199254740993", true },
		{ "i eq 9007199254740993", "9007199254740992", false },
		{ "i gt 9007199254740992", "9007199254740993", true },
		{ "i lt 9223372036854775808", "9223372036854775807", true },
		{ "i gt -9223372036854775809", "-9223372036854775808", true },
		{ "i lt 1e300", "5", true },
		{ "i gt -1e300", "5", true },
		{ "i ne 1e300", "5", true },
		{ "d eq 1", "1.0", true },
		{ "d gt 1", "1.5", true },
		{ "d le 0.1", "0.1", true },
		{ "d lt 99999999999999999999999", "1e10", true },
		{ "d eq 99999999999999999999999", "99999999999999999999999",
		    true },
		{ "i eq 1", "\"1\"", false },
		{ "d eq 1", "true", false },
	};

	check_rows(*state, rows, scim__countof(rows));
}

/* @spec 7644-3.4.2.2-20 */
static void
times_are_compared_as_times(void **state)
{
	static const struct row rows[] = {
		{ "t eq \"2011-05-13T04:42:34Z\"",
		    "\"2011-05-13T05:42:34.000+01:00\"", true },
		{ "t gt \"2011-05-13T04:42:34Z\"",
		    "\"2011-05-13T04:42:34.001Z\"", true },
		{ "t lt \"2011-05-13T10:00:00Z\"",
		    "\"2011-05-13T09:00:00-05:00\"", false },
		{ "t le \"2011-05-13T04:42:34Z\"", "\"2011-05-13T04:42:34Z\"",
		    true },
		{ "t ge \"2011-05-13T04:42:34Z\"", "\"2011-05-13T04:42:33Z\"",
		    false },
		{ "t ne \"2011-05-13T04:42:34Z\"", "\"2012-05-13T04:42:34Z\"",
		    true },
		{ "t sw \"2011-05\"", "\"2011-05-13T04:42:34Z\"", true },
		{ "t co \"T04\"", "\"2011-05-13T04:42:34Z\"", true },
		{ "t eq \"2011-05-13T04:42:34Z\"", "\"yesterday\"", false },
	};

	check_rows(*state, rows, scim__countof(rows));
}

static void
booleans_are_equal_or_not(void **state)
{
	static const struct row rows[] = {
		{ "b eq true", "true", true },
		{ "b eq true", "false", false },
		{ "b ne true", "false", true },
		{ "b eq false", "false", true },
		{ "b eq \"True\"", "true", true },
		{ "b eq true", "\"true\"", false },
		{ "b ne true", "1", false },
	};

	check_rows(*state, rows, scim__countof(rows));
}

/* The search is checked against the obvious one. */
static void
contains_is_what_trying_every_place_says(void **state)
{
	struct filtering *f = *state;
	uint32_t seed = 3;

	for (int round = 0; round < 4000; round++) {
		char needle[8] = "", hay[24] = "", filter[32], stored[32];
		size_t n, h;

		seed = seed * 1664525u + 1013904223u;
		n = (seed >> 9) % 6;
		h = (seed >> 14) % 20;
		for (size_t i = 0; i < n; i++)
			needle[i] = (char)('a' + ((seed >> (i + 3)) & 1));
		for (size_t i = 0; i < h; i++) {
			seed = seed * 1664525u + 1013904223u;
			hay[i] = (char)('a' + (seed >> 30) % 2);
		}
		(void)snprintf(filter, sizeof(filter), "e co \"%s\"", needle);
		(void)snprintf(stored, sizeof(stored), "\"%s\"", hay);
		assert_int_equal(
		    holds(f, filter, stored), strstr(hay, needle) != NULL);
		scim_arena_reset(f->arena);
	}
}

/* Quadratic search would take minutes here. */
static void
a_hostile_search_is_linear(void **state)
{
	enum { HAY = 8 << 20, NEEDLE = 8000 };
	struct filtering *f = *state;
	char *filter = malloc(NEEDLE + 16), *hay = malloc(HAY);
	scim__filter bound;
	scim_error err = { 0 };
	bool out = true;

	assert_non_null(filter);
	assert_non_null(hay);
	memcpy(filter, "e co \"", 6);
	memset(filter + 6, 'a', NEEDLE);
	memcpy(filter + 6 + NEEDLE, "b\"", 3);
	memset(hay, 'a', HAY);
	scim__value value = scim__value_string((scim_str){ hay, HAY });
	assert_int_equal(SCIM_OK, bound_to(f, "Thing", filter, &bound, &err));
	assert_int_equal(SCIM_OK,
	    scim__filter_compare(f->arena, bound.root, &value, &out, &err));
	assert_false(out);
	free(filter);
	free(hay);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_is_compared_by_its_case_rule),
		cmocka_unit_test(numbers_are_compared_as_numbers),
		cmocka_unit_test(times_are_compared_as_times),
		cmocka_unit_test(booleans_are_equal_or_not),
		cmocka_unit_test(contains_is_what_trying_every_place_says),
		cmocka_unit_test(a_hostile_search_is_linear),
	};

	return cmocka_run_group_tests(
	    tests, filtering_setup, filtering_teardown);
}
