/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Values.
 *
 * What an index would find and what is found here must be the same, so both
 * compare alike: text by bytes, folded unless it is exact; times by
 * milliseconds; decimals as doubles; integers exactly, also with numbers
 * that no integer can be.
 */
#include "filter/compare.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/str.h"
#include "base/time.h"

static bool
order_holds(enum scim__filter_op op, int order)
{
	switch (op) {
	case SCIM__FILTER_EQ:
		return order == 0;
	case SCIM__FILTER_NE:
		return order != 0;
	case SCIM__FILTER_GT:
		return order > 0;
	case SCIM__FILTER_GE:
		return order >= 0;
	case SCIM__FILTER_LT:
		return order < 0;
	case SCIM__FILTER_LE:
		return order <= 0;
	case SCIM__FILTER_CO:
	case SCIM__FILTER_SW:
	case SCIM__FILTER_EW:
		break;
	}
	return false;
}

/* In one pass over `s`, whatever the two look like. */
static bool
contains(const struct scim__filter_node *node, scim_str s)
{
	size_t k = 0;

	for (size_t i = 0; k < node->text.len && i < s.len; i++) {
		while (k > 0 && s.ptr[i] != node->text.ptr[k])
			k = node->skips[k - 1];
		k += s.ptr[i] == node->text.ptr[k];
	}
	return k == node->text.len;
}

static bool
ends_with(scim_str s, scim_str end)
{
	return s.len >= end.len &&
	    scim__str_equal(
		(scim_str){ s.ptr + (s.len - end.len), end.len }, end);
}

/* @spec 7644-3.4.2.2-08, 7644-3.4.2.2-10, 7644-3.4.2.2-11, 7644-3.4.2.2-12 */
static bool
text_holds(const struct scim__filter_node *node, scim_str s)
{
	switch (node->op) {
	case SCIM__FILTER_CO:
		return contains(node, s);
	case SCIM__FILTER_SW:
		return scim__str_starts_with(s, node->text);
	case SCIM__FILTER_EW:
		return ends_with(s, node->text);
	case SCIM__FILTER_EQ:
	case SCIM__FILTER_NE:
	case SCIM__FILTER_GT:
	case SCIM__FILTER_GE:
	case SCIM__FILTER_LT:
	case SCIM__FILTER_LE:
		break;
	}
	return order_holds(node->op, scim__str_compare(s, node->text));
}

static bool
is_folded(scim_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] >= 0x80 ||
		    (s.ptr[i] >= 'A' && s.ptr[i] <= 'Z'))
			return false;
	return true;
}

/* A number of any length as a double; digits only, a sign before them. */
static double
real_of_digits(scim_str s)
{
	double real = 0;

	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] >= '0' && s.ptr[i] <= '9')
			real = real * 10 + (s.ptr[i] - '0');
	return s.len > 0 && s.ptr[0] == '-' ? -real : real;
}

static bool
real_of(const scim__value *value, double *out)
{
	char digits[64];

	if (value->kind == SCIM__INTEGER)
		*out = (double)value->integer;
	else if (value->kind == SCIM__REAL)
		*out = value->real;
	else if (value->kind == SCIM__BIG &&
	    value->string.len < sizeof(digits)) {
		memcpy(digits, value->string.ptr, value->string.len);
		digits[value->string.len] = '\0';
		*out = strtod(digits, NULL);
	} else if (value->kind == SCIM__BIG)
		*out = real_of_digits(value->string);
	else
		return false;
	return true;
}

/* Exact: a double from 2^53 on is an integer, below it has room for one. */
static int
order_of_real(int64_t a, double b)
{
	if (b >= 0x1p63)
		return -1;
	if (b < -0x1p63)
		return 1;
	int64_t whole = (int64_t)b;
	if (a != whole)
		return a < whole ? -1 : 1;
	double rest = b - (double)whole;
	return (rest < 0) - (rest > 0);
}

/* `value` is of an integer attribute. */
static bool
integer_holds(const struct scim__filter_node *node, const scim__value *value)
{
	const scim__value *with = &node->value;
	int order;

	if (value->kind != SCIM__INTEGER)
		return false;
	if (with->kind == SCIM__INTEGER)
		order = (value->integer > with->integer) -
		    (value->integer < with->integer);
	else if (with->kind == SCIM__REAL)
		order = order_of_real(value->integer, with->real);
	else
		order = with->string.ptr[0] == '-' ? 1 : -1;
	return order_holds(node->op, order);
}

static bool
real_holds(const struct scim__filter_node *node, const scim__value *value)
{
	double a, b;

	return real_of(value, &a) && real_of(&node->value, &b) &&
	    order_holds(node->op, (a > b) - (a < b));
}

/* @spec 7644-3.4.2.2-14, 7644-3.4.2.2-15, 7644-3.4.2.2-16, 7644-3.4.2.2-17 */
static bool
time_holds(const struct scim__filter_node *node, const scim__value *value)
{
	int64_t ms;

	return value->kind == SCIM__STRING &&
	    scim__time_parse(value->string, &ms) &&
	    order_holds(node->op, (ms > node->integer) - (ms < node->integer));
}

scim_status
scim__filter_compare(scim_arena *arena, const struct scim__filter_node *node,
    const scim__value *value, bool *out, scim_error *err)
{
	scim_str text =
	    value->kind == SCIM__STRING ? value->string : (scim_str){ NULL, 0 };

	*out = false;
	switch (node->as) {
	case SCIM__AS_NULL:
		break;
	case SCIM__AS_FOLDED:
		if (text.ptr != NULL && !is_folded(text)) {
			text = scim__str_fold(arena, text);
			if (text.ptr == NULL)
				return scim__fail_memory(err);
		}
		*out = text.ptr != NULL && text_holds(node, text);
		break;
	case SCIM__AS_TEXT:
		*out = text.ptr != NULL && text_holds(node, text);
		break;
	case SCIM__AS_BOOLEAN:
		*out = value->kind == SCIM__BOOL &&
		    order_holds(node->op, value->boolean != node->integer);
		break;
	case SCIM__AS_INTEGER:
		*out = integer_holds(node, value);
		break;
	case SCIM__AS_REAL:
		*out = real_holds(node, value);
		break;
	case SCIM__AS_TIME:
		*out = time_holds(node, value);
		break;
	}
	return SCIM_OK;
}
