/* SPDX-License-Identifier: Apache-2.0 */
#include "base/time.h"

#include <inttypes.h>

#include "lib/test.h"

#define NOW INT64_C(1795291262345) /* 2026-11-21T20:01:02.345Z */

static const struct {
	int64_t ms;
	const char *rfc3339, *http;
} instants[] = {
	{ 0, "1970-01-01T00:00:00.000Z", "Thu, 01 Jan 1970 00:00:00 GMT" },
	{ -1, "1969-12-31T23:59:59.999Z", "Wed, 31 Dec 1969 23:59:59 GMT" },
	{ NOW, "2026-11-21T20:01:02.345Z", "Sat, 21 Nov 2026 20:01:02 GMT" },
	{ 784111777000, "1994-11-06T08:49:37.000Z",
	    "Sun, 06 Nov 1994 08:49:37 GMT" },
	{ 951782400000, "2000-02-29T00:00:00.000Z",
	    "Tue, 29 Feb 2000 00:00:00 GMT" },
	{ 4107542399999, "2100-02-28T23:59:59.999Z",
	    "Sun, 28 Feb 2100 23:59:59 GMT" },
	{ 4107542400000, "2100-03-01T00:00:00.000Z",
	    "Mon, 01 Mar 2100 00:00:00 GMT" },
	{ -62167219200000, "0000-01-01T00:00:00.000Z",
	    "Sat, 01 Jan 0000 00:00:00 GMT" },
	{ 253402300799999, "9999-12-31T23:59:59.999Z",
	    "Fri, 31 Dec 9999 23:59:59 GMT" },
};

static void
instants_are_written_in_both_forms_and_read_back(void **state)
{
	for (size_t i = 0; i < scim__countof(instants); i++) {
		char text[SCIM__TIME_RFC3339_LEN + 1];
		char http[SCIM__TIME_HTTP_LEN + 1];
		int64_t back = POISON;

		scim__time_format(instants[i].ms, text);
		scim__time_format_http(instants[i].ms, http);
		assert_string_equal(text, instants[i].rfc3339);
		assert_string_equal(http, instants[i].http);

		assert_true(scim__time_parse(scim__str(text), &back));
		assert_int_equal(back, instants[i].ms);
		assert_true(scim__time_parse_http(scim__str(http), NOW, &back));
		int64_t rest = (instants[i].ms % 1000 + 1000) % 1000;
		assert_int_equal(back, instants[i].ms - rest);
	}
}

static void
every_day_of_eight_centuries_reads_back(void **state)
{
	for (int64_t day = -150000; day < 150000; day++) {
		char text[SCIM__TIME_RFC3339_LEN + 1];
		int64_t back;

		scim__time_format(day * 86400000, text);
		assert_true(scim__time_parse(scim__str(text), &back));
		assert_int_equal(back, day * 86400000);
	}
}

static void
what_lies_beyond_the_years_is_clamped(void **state)
{
	char text[SCIM__TIME_RFC3339_LEN + 1];

	scim__time_format(INT64_MAX, text);
	assert_string_equal(text, "9999-12-31T23:59:59.999Z");
	scim__time_format(INT64_MIN, text);
	assert_string_equal(text, "0000-01-01T00:00:00.000Z");
}

static void
rfc_3339_is_read_with_any_offset_and_fraction(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} cases[] = {
		{ "2026-11-21T20:01:02Z", NOW - 345 },
		{ "2026-11-21T20:01:02", NOW - 345 },
		{ "2026-11-21t20:01:02.345z", NOW },
		{ "2026-11-21T20:01:02.3", NOW - 45 },
		{ "2026-11-21T20:01:02.345999999999999999999999Z", NOW },
		{ "2026-11-21T21:01:02.345+01:00", NOW },
		{ "2026-11-22T01:31:02.345+05:30", NOW },
		{ "2026-11-21T12:01:02.345-08:00", NOW },
		{ "2026-11-21T20:01:02.345-00:00", NOW },
		{ "2016-12-31T23:59:60Z", 1483228800000 },
		{ "2024-02-29T00:00:00Z", 1709164800000 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		int64_t ms = POISON;

		if (!scim__time_parse(scim__str(cases[i].text), &ms))
			fail_msg("%s is a time", cases[i].text);
		assert_int_equal(ms, cases[i].ms);
	}
}

static void
what_is_no_time_leaves_the_output_alone(void **state)
{
	static const char *const cases[] = {
		"",
		"2026",
		"2026-11-21",
		"2026-11-21 20:01:02Z",
		"2026-11-21T20:01Z",
		"2026-11-21T20:01:02.Z",
		"2026-11-21T20:01:02,3Z",
		"2026-11-21T20:01:02ZZ",
		"2026-11-21T20:01:02 Z",
		"2026-11-21T20:01:02+0100",
		"2026-11-21T20:01:02+01",
		"2026-11-21T20:01:02+24:00",
		"2026-11-21T20:01:02+01:60",
		"2026-11-21T20:01:02*01:00",
		"2026-13-21T20:01:02Z",
		"2026-00-21T20:01:02Z",
		"2026-11-00T20:01:02Z",
		"2026-11-31T20:01:02Z",
		"2026-02-29T20:01:02Z",
		"2100-02-29T20:01:02Z",
		"2026-11-21T24:00:00Z",
		"2026-11-21T20:60:02Z",
		"2026-11-21T20:01:61Z",
		"-026-11-21T20:01:02Z",
		"+2026-11-21T20:01:02Z",
		"12026-11-21T20:01:02Z",
		"2026-1-21T20:01:02Z",
		"0000-01-01T00:00:00+00:01",
		"9999-12-31T23:59:59-00:01",
		"9999-12-31T23:59:60Z",
		"yesterday",
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		int64_t ms = POISON;

		if (scim__time_parse(scim__str(cases[i]), &ms))
			fail_msg("%s is no time", cases[i]);
		assert_int_equal(ms, POISON);
	}
}

/* @spec 9110-5.6.7-01 */
static void
the_three_forms_of_http_are_read(void **state)
{
	static const char *const forms[] = {
		"Sun, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-94 08:49:37 GMT",
		"Sun Nov  6 08:49:37 1994",
	};
	int64_t ms = POISON;

	for (size_t i = 0; i < scim__countof(forms); i++) {
		assert_true(
		    scim__time_parse_http(scim__str(forms[i]), NOW, &ms));
		assert_int_equal(ms, 784111777000);
	}
	assert_true(scim__time_parse_http(
	    SCIM_STR("Sat Nov 26 08:49:37 1994"), NOW, &ms));
	assert_int_equal(ms, 785839777000);
}

/* @spec 9110-5.6.7-03 */
static void
two_digits_of_a_year_lie_at_most_fifty_years_ahead(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "Friday, 06-Nov-26 00:00:00 GMT", "2026-11-06" },
		{ "Friday, 06-Nov-76 00:00:00 GMT", "2076-11-06" },
		{ "Friday, 06-Nov-77 00:00:00 GMT", "1977-11-06" },
		{ "Friday, 06-Nov-99 00:00:00 GMT", "1999-11-06" },
		{ "Friday, 06-Nov-00 00:00:00 GMT", "2000-11-06" },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		char text[SCIM__TIME_RFC3339_LEN + 1];
		int64_t ms = POISON;

		assert_true(
		    scim__time_parse_http(scim__str(cases[i].text), NOW, &ms));
		scim__time_format(ms, text);
		assert_memory_equal(text, cases[i].want, 10);
	}
}

static void
no_other_form_is_an_http_date(void **state)
{
	static const char *const cases[] = {
		"",
		"yesterday",
		"1994-11-06T08:49:37Z",
		"784111777",
		"06 Nov 1994 08:49:37 GMT",
		"Sun, 6 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 94 08:49:37 GMT",
		"Sun, 06 nov 1994 08:49:37 GMT",
		"sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 UTC",
		"Sun, 06 Nov 1994 08:49:37",
		"Sun, 06 Nov 1994 08:49:37 GMT ",
		" Sun, 06 Nov 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 08:49:37 +0000",
		"Sun, 31 Feb 1994 08:49:37 GMT",
		"Sun, 06 Nov 1994 25:49:37 GMT",
		"Sun, 06-Nov-94 08:49:37 GMT",
		"Sunday, 06 Nov 1994 08:49:37 GMT",
		"Sunday, 06-Nov-1994 08:49:37 GMT",
		"Sun Nov 6 08:49:37 1994",
		"Sun Nov  06 08:49:37 1994",
		"Sun Nov  6 08:49:37 1994 GMT",
		"Sun, 06 Nov 1994 08:49:37 GMT, Sun, 06 Nov 1994 08:49:37 GMT",
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		int64_t ms = POISON;

		if (scim__time_parse_http(scim__str(cases[i]), NOW, &ms))
			fail_msg("\"%s\" is no date", cases[i]);
		assert_int_equal(ms, POISON);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    instants_are_written_in_both_forms_and_read_back),
		cmocka_unit_test(every_day_of_eight_centuries_reads_back),
		cmocka_unit_test(what_lies_beyond_the_years_is_clamped),
		cmocka_unit_test(rfc_3339_is_read_with_any_offset_and_fraction),
		cmocka_unit_test(what_is_no_time_leaves_the_output_alone),
		cmocka_unit_test(the_three_forms_of_http_are_read),
		cmocka_unit_test(
		    two_digits_of_a_year_lie_at_most_fifty_years_ahead),
		cmocka_unit_test(no_other_form_is_an_http_date),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
