/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Single values against the type of their attribute (RFC 7643 section 2.3).
 *
 * Values are taken or refused, hardly ever changed: a dateTime stays the text
 * that was sent, a string keeps its case and its spaces.  What changes is
 * what identity providers are known to send: "True" becomes true.  Sentences
 * about a bad value never quote it; it may be a secret.
 */
#include <stdarg.h>
#include <stdio.h>

#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "schema/check.h"

SCIM_PRINTF(4, 0)
static scim_status
fail(const struct scim__checking *ck, const char *scim_type,
    const scim__attribute *a, const char *fmt, va_list args)
{
	char why[160];
	scim_str path = a->path;
	scim_str name = { "", 0 };

	(void)vsnprintf(why, sizeof(why), fmt, args);
	if (ck->blamed != NULL)
		*ck->blamed = a;
	if (ck->index == SIZE_MAX)
		return scim__fail_type(ck->err, SCIM_ERR_INVALID, scim_type,
		    "%.*s %s", (int)path.len, path.ptr, why);
	if (a->parent != NULL) {
		path = a->parent->path;
		name = a->name;
	}
	return scim__fail_type(ck->err, SCIM_ERR_INVALID, scim_type,
	    "%.*s[%zu]%s%.*s %s", (int)path.len, path.ptr, ck->index,
	    name.len > 0 ? "." : "", (int)name.len, name.ptr, why);
}

scim_status
scim__check_fail_type(const struct scim__checking *ck, const char *scim_type,
    const scim__attribute *a, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	scim_status rc = fail(ck, scim_type, a, fmt, args);
	va_end(args);
	return rc;
}

scim_status
scim__check_fail(const struct scim__checking *ck, const scim__attribute *a,
    const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	scim_status rc = fail(ck, "invalidValue", a, fmt, args);
	va_end(args);
	return rc;
}

/* @spec 7643-2.5-01, 7643-2.5-02 */
bool
scim__is_unassigned(const scim__value *value)
{
	return value->kind == SCIM__NULL ||
	    ((value->kind == SCIM__ARRAY || value->kind == SCIM__OBJECT) &&
		value->count == 0);
}

static bool
is_blank(scim_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] != ' ' && (s.ptr[i] < '\t' || s.ptr[i] > '\r'))
			return false;
	return true;
}

static scim_status
check_string(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	if (in->kind != SCIM__STRING)
		return scim__check_fail(ck, a, "must be a string.");
	if (a->required && is_blank(in->string)) /* @spec 7643-4.1.1-01 */
		return scim__check_fail(
		    ck, a, "is required: give it a value that is not blank.");
	*out = *in;
	return SCIM_OK;
}

static scim_status
check_boolean(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	if (in->kind == SCIM__BOOL) {
		*out = *in;
		return SCIM_OK;
	}
	bool yes = in->kind == SCIM__STRING &&
	    scim__str_equal_nocase(in->string, SCIM_STR("true"));
	bool no = in->kind == SCIM__STRING &&
	    scim__str_equal_nocase(in->string, SCIM_STR("false"));
	if (!yes && !no)
		return scim__check_fail(ck, a, "must be true or false.");
	ck->quirks |= SCIM__QUIRK_STRING_BOOLEAN; /* @spec 7643-2.3.2-01 */
	*out = scim__value_bool(yes);
	return SCIM_OK;
}

static scim_status
check_decimal(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	if (in->kind != SCIM__INTEGER && in->kind != SCIM__REAL &&
	    in->kind != SCIM__BIG)
		return scim__check_fail(ck, a, "must be a number.");
	*out = *in;
	return SCIM_OK;
}

static scim_status
check_integer(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	if (in->kind == SCIM__INTEGER) {
		*out = *in;
		return SCIM_OK;
	}
	if (in->kind == SCIM__BIG)
		return scim__check_fail(
		    ck, a, "is too large: it must fit 64 bits.");
	return scim__check_fail(ck, a, /* @spec 7643-2.3.4-01 */
	    "must be a number without a fraction or an exponent.");
}

/* @spec 7643-2.3.5-01 */
static scim_status
check_date_time(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	int64_t ms;

	if (in->kind != SCIM__STRING || !scim__time_parse(in->string, &ms))
		return scim__check_fail(ck, a,
		    "must be a date and time such as "
		    "\"2011-05-13T04:42:34Z\".");
	*out = *in;
	return SCIM_OK;
}

static bool
is_base64_digit(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') || c == '+' || c == '/' || c == '-' ||
	    c == '_';
}

/* Of either alphabet; the padding may be left out.
 * @spec 7643-2.3.6-01, 7643-2.3.6-02 */
static bool
is_base64(scim_str s)
{
	size_t digits = s.len;

	while (digits > 0 && s.ptr[digits - 1] == '=')
		digits--;
	if (s.len - digits > 2 || digits % 4 == 1 ||
	    (s.len != digits && s.len % 4 != 0))
		return false;
	for (size_t i = 0; i < digits; i++)
		if (!is_base64_digit(s.ptr[i]))
			return false;
	return true;
}

static scim_status
check_binary(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	if (in->kind != SCIM__STRING || !is_base64(in->string))
		return scim__check_fail(ck, a, "must be base64 text.");
	*out = *in;
	return SCIM_OK;
}

/* @spec 7643-2.3-02, 7644-3.3-14 */
scim_status
scim__check_single(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	switch (a->type) {
	case SCIM__TYPE_STRING:
	case SCIM__TYPE_REFERENCE:
		return check_string(ck, a, in, out);
	case SCIM__TYPE_BOOLEAN:
		return check_boolean(ck, a, in, out);
	case SCIM__TYPE_DECIMAL:
		return check_decimal(ck, a, in, out);
	case SCIM__TYPE_INTEGER:
		return check_integer(ck, a, in, out);
	case SCIM__TYPE_DATE_TIME:
		return check_date_time(ck, a, in, out);
	case SCIM__TYPE_BINARY:
		return check_binary(ck, a, in, out);
	case SCIM__TYPE_COMPLEX:
		return scim__check_complex(ck, a, in, out);
	}
	return SCIM_ERR_MISUSE;
}

scim_status
scim__check_value(struct scim__checking *ck, const scim__attribute *a,
    const scim__value *in, scim__value *out)
{
	if (scim__is_unassigned(in)) {
		*out = (scim__value){ .kind = SCIM__NULL };
		return SCIM_OK;
	}
	if (a->multi_valued)
		return scim__check_list(ck, a, in, out);
	if (in->kind != SCIM__ARRAY)
		return scim__check_single(ck, a, in, out);
	if (a->type != SCIM__TYPE_COMPLEX || in->count != 1 ||
	    (ck->leniency & SCIM__LENIENT_MANAGER) == 0)
		return scim__check_fail(
		    ck, a, "takes one value: send it without an array.");
	ck->quirks |= SCIM__QUIRK_ARRAY_COMPLEX;
	return scim__check_single(ck, a, &in->array.items[0], out);
}
