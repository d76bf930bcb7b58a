/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Times as text: RFC 3339 and the three forms of HTTP.
 *
 * Calendar arithmetic is done here on plain integers, since what libc has
 * depends on the process's time zone and locale.  Days are counted from
 * 1970-01-01 in the proleptic Gregorian calendar.
 */
#include "base/time.h"

#include <stdio.h>

#include "base/cleanup.h"
#include "base/str.h"

#define MS_PER_DAY INT64_C(86400000)
#define FIRST_MS (INT64_C(-719528) * MS_PER_DAY)    /* 0000-01-01 */
#define LAST_MS (INT64_C(2932897) * MS_PER_DAY - 1) /* end of 9999 */

static const char *const month_names[] = { "Jan", "Feb", "Mar", "Apr", "May",
	"Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec" };
/* Day 0 was a Thursday. */
static const char *const day_names[] = { "Thursday", "Friday", "Saturday",
	"Sunday", "Monday", "Tuesday", "Wednesday" };

struct civil {
	int year, month, day; /* month and day from 1 */
	int hour, minute, second, ms;
};

/*
 * With the year starting in March, leap days come last and the days before
 * a month follow one linear formula.
 */
static int64_t
days_from_civil(int year, int month, int day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = (y >= 0 ? y : y - 399) / 400;
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 -
	    year_of_era / 100 + day_of_year - 719468;
}

static void
civil_from_days(int64_t days, struct civil *out)
{
	int64_t z = days + 719468;
	int64_t era = (z >= 0 ? z : z - 146096) / 146097;
	int64_t day_of_era = z - era * 146097;
	int64_t year_of_era = (day_of_era - day_of_era / 1460 +
				  day_of_era / 36524 - day_of_era / 146096) /
	    365;
	int64_t day_of_year = day_of_era -
	    (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
	int64_t march_month = (5 * day_of_year + 2) / 153;

	out->day = (int)(day_of_year - (153 * march_month + 2) / 5 + 1);
	out->month =
	    (int)(march_month < 10 ? march_month + 3 : march_month - 9);
	out->year = (int)(year_of_era + era * 400 + (out->month <= 2));
}

static struct civil
civil_from_ms(int64_t ms, int64_t *out_days)
{
	struct civil c;

	if (ms < FIRST_MS)
		ms = FIRST_MS;
	if (ms > LAST_MS)
		ms = LAST_MS;
	int64_t days = (ms - (ms < 0 ? MS_PER_DAY - 1 : 0)) / MS_PER_DAY;
	int rest = (int)(ms - days * MS_PER_DAY);

	civil_from_days(days, &c);
	c.hour = rest / 3600000;
	c.minute = rest / 60000 % 60;
	c.second = rest / 1000 % 60;
	c.ms = rest % 1000;
	*out_days = days;
	return c;
}

/* Fixed fields, since snprintf() would be half the cost of a response. */
static char *
put_digits(char *out, int n, int width)
{
	for (int i = width - 1; i >= 0; i--) {
		out[i] = (char)('0' + n % 10);
		n /= 10;
	}
	return out + width;
}

static char *
put_text(char *out, const char *text, size_t len)
{
	memcpy(out, text, len);
	return out + len;
}

static char *
put_clock(char *out, const struct civil *c)
{
	out = put_digits(out, c->hour, 2);
	*out++ = ':';
	out = put_digits(out, c->minute, 2);
	*out++ = ':';
	return put_digits(out, c->second, 2);
}

void
scim__time_format(int64_t ms, char out[SCIM__TIME_RFC3339_LEN + 1])
{
	int64_t days;
	struct civil c = civil_from_ms(ms, &days);

	out = put_digits(out, c.year, 4);
	*out++ = '-';
	out = put_digits(out, c.month, 2);
	*out++ = '-';
	out = put_digits(out, c.day, 2);
	*out++ = 'T';
	out = put_clock(out, &c);
	*out++ = '.';
	out = put_digits(out, c.ms, 3);
	*out++ = 'Z';
	*out = '\0';
}

void
scim__time_format_http(int64_t ms, char out[SCIM__TIME_HTTP_LEN + 1])
{
	int64_t days;
	struct civil c = civil_from_ms(ms, &days);
	const char *day_name = day_names[(days % 7 + 7) % 7];

	out = put_text(out, day_name, 3);
	out = put_text(out, ", ", 2);
	out = put_digits(out, c.day, 2);
	*out++ = ' ';
	out = put_text(out, month_names[c.month - 1], 3);
	*out++ = ' ';
	out = put_digits(out, c.year, 4);
	*out++ = ' ';
	out = put_clock(out, &c);
	out = put_text(out, " GMT", 4);
	*out = '\0';
}

/* Readers take what they expect off the front of `s`, or say no. */

static bool
take_char(scim_str *s, char c)
{
	if (s->len == 0 || s->ptr[0] != c)
		return false;
	*s = (scim_str){ s->ptr + 1, s->len - 1 };
	return true;
}

static bool
take_text(scim_str *s, scim_str text)
{
	if (!scim__str_starts_with(*s, text))
		return false;
	*s = (scim_str){ s->ptr + text.len, s->len - text.len };
	return true;
}

static bool
take_digits(scim_str *s, size_t width, int *out)
{
	int n = 0;

	if (s->len < width)
		return false;
	for (size_t i = 0; i < width; i++) {
		if (s->ptr[i] < '0' || s->ptr[i] > '9')
			return false;
		n = n * 10 + (s->ptr[i] - '0');
	}
	*out = n;
	*s = (scim_str){ s->ptr + width, s->len - width };
	return true;
}

static bool
take_month(scim_str *s, int *out)
{
	for (size_t i = 0; i < scim__countof(month_names); i++)
		if (take_text(s, scim__str(month_names[i]))) {
			*out = (int)i + 1;
			return true;
		}
	return false;
}

/* The whole name, or its first three letters. */
static bool
take_day_name(scim_str *s, bool whole)
{
	for (size_t i = 0; i < scim__countof(day_names); i++) {
		scim_str name = scim__str(day_names[i]);

		if (!whole)
			name.len = 3;
		if (take_text(s, name))
			return true;
	}
	return false;
}

static bool
take_clock(scim_str *s, struct civil *out)
{
	return take_digits(s, 2, &out->hour) && take_char(s, ':') &&
	    take_digits(s, 2, &out->minute) && take_char(s, ':') &&
	    take_digits(s, 2, &out->second);
}

static int
days_in_month(int year, int month)
{
	int next_year = month == 12 ? year + 1 : year;
	int next_month = month == 12 ? 1 : month + 1;

	return (int)(days_from_civil(next_year, next_month, 1) -
	    days_from_civil(year, month, 1));
}

/* A second of 60 is a leap second: the first of the next minute here. */
static bool
to_ms(const struct civil *c, int64_t *out)
{
	if (c->month < 1 || c->month > 12 || c->day < 1 ||
	    c->day > days_in_month(c->year, c->month) || c->hour > 23 ||
	    c->minute > 59 || c->second > 60)
		return false;
	int64_t ms = days_from_civil(c->year, c->month, c->day) * MS_PER_DAY +
	    c->hour * INT64_C(3600000) + c->minute * INT64_C(60000) +
	    c->second * INT64_C(1000) + c->ms;
	*out = ms;
	return true;
}

static bool
take_fraction(scim_str *s, int *out_ms)
{
	int scale = 100;
	int digit;

	*out_ms = 0;
	if (!take_char(s, '.'))
		return true;
	if (!take_digits(s, 1, &digit))
		return false;
	do {
		*out_ms += digit * scale;
		scale /= 10;
	} while (take_digits(s, 1, &digit));
	return true;
}

static bool
take_offset(scim_str *s, int64_t *out_ms)
{
	int hours, minutes;

	*out_ms = 0;
	if (s->len == 0 || take_char(s, 'Z') || take_char(s, 'z'))
		return true;
	bool west = s->ptr[0] == '-';
	if (!take_char(s, '+') && !take_char(s, '-'))
		return false;
	if (!take_digits(s, 2, &hours) || !take_char(s, ':') ||
	    !take_digits(s, 2, &minutes) || hours > 23 || minutes > 59)
		return false;
	*out_ms = (hours * 60 + minutes) * INT64_C(60000);
	if (west)
		*out_ms = -*out_ms;
	return true;
}

bool
scim__time_parse(scim_str s, int64_t *out_ms)
{
	struct civil c;
	int64_t ms, offset;

	if (!take_digits(&s, 4, &c.year) || !take_char(&s, '-') ||
	    !take_digits(&s, 2, &c.month) || !take_char(&s, '-') ||
	    !take_digits(&s, 2, &c.day))
		return false;
	if (!take_char(&s, 'T') && !take_char(&s, 't'))
		return false;
	if (!take_clock(&s, &c) || !take_fraction(&s, &c.ms) ||
	    !take_offset(&s, &offset) || s.len != 0 || !to_ms(&c, &ms))
		return false;
	ms -= offset;
	if (ms < FIRST_MS || ms > LAST_MS)
		return false;
	*out_ms = ms;
	return true;
}

/* Sun, 06 Nov 1994 08:49:37 GMT */
static bool
read_fixdate(scim_str s, struct civil *out)
{
	return take_day_name(&s, false) && take_text(&s, SCIM_STR(", ")) &&
	    take_digits(&s, 2, &out->day) && take_char(&s, ' ') &&
	    take_month(&s, &out->month) && take_char(&s, ' ') &&
	    take_digits(&s, 4, &out->year) && take_char(&s, ' ') &&
	    take_clock(&s, out) && take_text(&s, SCIM_STR(" GMT")) &&
	    s.len == 0;
}

/* Sunday, 06-Nov-94 08:49:37 GMT */
static bool
read_rfc850(scim_str s, int64_t now_ms, struct civil *out)
{
	int64_t days;
	int short_year;

	if (!take_day_name(&s, true) || !take_text(&s, SCIM_STR(", ")) ||
	    !take_digits(&s, 2, &out->day) || !take_char(&s, '-') ||
	    !take_month(&s, &out->month) || !take_char(&s, '-') ||
	    !take_digits(&s, 2, &short_year) || !take_char(&s, ' ') ||
	    !take_clock(&s, out) || !take_text(&s, SCIM_STR(" GMT")) ||
	    s.len != 0)
		return false;

	/* @spec 9110-5.6.7-03 More than 50 years ahead is the past. */
	int this_year = civil_from_ms(now_ms, &days).year;
	out->year = this_year / 100 * 100 + short_year;
	if (out->year > this_year + 50)
		out->year -= 100;
	return true;
}

/* Sun Nov  6 08:49:37 1994 */
static bool
read_asctime(scim_str s, struct civil *out)
{
	return take_day_name(&s, false) && take_char(&s, ' ') &&
	    take_month(&s, &out->month) && take_char(&s, ' ') &&
	    take_digits(&s, take_char(&s, ' ') ? 1 : 2, &out->day) &&
	    take_char(&s, ' ') && take_clock(&s, out) && take_char(&s, ' ') &&
	    take_digits(&s, 4, &out->year) && s.len == 0;
}

bool
scim__time_parse_http(scim_str s, int64_t now_ms, int64_t *out_ms)
{
	struct civil c = { .ms = 0 };

	if (!read_fixdate(s, &c) && !read_rfc850(s, now_ms, &c) &&
	    !read_asctime(s, &c))
		return false;
	return to_ms(&c, out_ms);
}
