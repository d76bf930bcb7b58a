/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tree to text.
 *
 * The canonical form is what versions are hashes of, so it must never
 * depend on anything but the tree: members are sorted as RFC 8785 says,
 * escapes are the shortest there are.  It departs from RFC 8785 in numbers:
 * integers are written exactly, whatever their size, and a real keeps its
 * fraction, so that reading it back gives a real.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"
#include "json/json.h"

/* Up to so many members are sorted without taking memory. */
#define FEW_MEMBERS 32

static void
write_escape(scim__buf *buf, unsigned char c)
{
	static const char hex[] = "0123456789abcdef";
	static const char shorts[0x20] = { ['\b'] = 'b',
		['\t'] = 't',
		['\n'] = 'n',
		['\f'] = 'f',
		['\r'] = 'r' };
	char text[6] = { '\\', 'u', '0', '0', hex[c >> 4], hex[c & 15] };
	size_t len = sizeof(text);

	if (c == '"' || c == '\\') {
		text[1] = (char)c;
		len = 2;
	} else if (shorts[c] != 0) {
		text[1] = shorts[c];
		len = 2;
	}
	scim__buf_add(buf, (scim_str){ text, len });
}

/* What stands at the start of `s` and needs no escape. */
static size_t
plain_prefix(scim_str s)
{
	size_t i = 0;

	while (i < s.len && (unsigned char)s.ptr[i] >= 0x20 &&
	    s.ptr[i] != '"' && s.ptr[i] != '\\')
		i++;
	return i;
}

/* Nearly every string is plain: one reservation, one copy. */
static void
write_plain(scim__buf *buf, scim_str s)
{
	char *p = scim__buf_reserve(buf, s.len + 2);

	if (p == NULL)
		return;
	p[0] = '"';
	if (s.len > 0)
		memcpy(p + 1, s.ptr, s.len);
	p[s.len + 1] = '"';
	buf->len += s.len + 2;
}

void
scim__json_write_string(scim__buf *buf, scim_str s)
{
	size_t plain = plain_prefix(s);

	if (plain == s.len) {
		write_plain(buf, s);
		return;
	}
	scim__buf_add_char(buf, '"');
	while (plain < s.len) {
		scim__buf_add(buf, (scim_str){ s.ptr, plain });
		write_escape(buf, (unsigned char)s.ptr[plain]);
		s = (scim_str){ s.ptr + plain + 1, s.len - plain - 1 };
		plain = plain_prefix(s);
	}
	scim__buf_add(buf, s);
	scim__buf_add_char(buf, '"');
}

static void
write_integer(scim__buf *buf, int64_t n)
{
	char digits[20];
	size_t at = sizeof(digits);
	uint64_t rest = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	do {
		digits[--at] = (char)('0' + rest % 10);
		rest /= 10;
	} while (rest != 0);
	if (n < 0)
		digits[--at] = '-';
	scim__buf_add(buf, (scim_str){ digits + at, sizeof(digits) - at });
}

/*
 * By UTF-16 code units.  That is the order of the bytes but for one case: a
 * surrogate pair (four bytes here) comes before U+E000 to U+FFFF.
 */
static int
compare_names(scim_str a, scim_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	size_t i = 0;

	while (i < len && a.ptr[i] == b.ptr[i])
		i++;
	if (i == len)
		return (a.len > b.len) - (a.len < b.len);
	unsigned char x = (unsigned char)a.ptr[i];
	unsigned char y = (unsigned char)b.ptr[i];
	if (x >= 0xEE && y >= 0xEE && (x >= 0xF0) != (y >= 0xF0))
		return x >= 0xF0 ? -1 : 1;
	return x < y ? -1 : 1;
}

static int
compare_members(const void *left, const void *right)
{
	const scim__member *const *a = left, *const *b = right;

	return compare_names((*a)->name, (*b)->name);
}

static void write_value(
    scim__buf *buf, const scim__value *value, bool canonical);

static void
write_member(
    scim__buf *buf, const scim__member *m, bool is_first, bool canonical)
{
	if (!is_first)
		scim__buf_add_char(buf, ',');
	scim__json_write_string(buf, m->name);
	scim__buf_add_char(buf, ':');
	write_value(buf, &m->value, canonical);
}

static bool
is_sorted(const scim__value *object)
{
	for (uint32_t i = 1; i < object->count; i++)
		if (compare_names(object->object.members[i - 1].name,
			object->object.members[i].name) > 0)
			return false;
	return true;
}

static void
write_sorted(scim__buf *buf, const scim__value *object)
{
	const scim__member *few[FEW_MEMBERS];
	const scim__member **order = few;

	if (object->count > FEW_MEMBERS)
		order = scim__arena_array(
		    buf->arena, object->count, sizeof(scim__member *));
	if (order == NULL) {
		buf->failed = true;
		return;
	}
	for (uint32_t i = 0; i < object->count; i++)
		order[i] = &object->object.members[i];
	qsort(order, object->count, sizeof(*order), compare_members);
	for (uint32_t i = 0; i < object->count; i++)
		write_member(buf, order[i], i == 0, true);
}

static void
write_object(scim__buf *buf, const scim__value *object, bool canonical)
{
	scim__buf_add_char(buf, '{');
	if (canonical && !is_sorted(object))
		write_sorted(buf, object);
	else
		for (uint32_t i = 0; i < object->count; i++)
			write_member(
			    buf, &object->object.members[i], i == 0, canonical);
	scim__buf_add_char(buf, '}');
}

static void
write_array(scim__buf *buf, const scim__value *array, bool canonical)
{
	scim__buf_add_char(buf, '[');
	for (uint32_t i = 0; i < array->count; i++) {
		if (i > 0)
			scim__buf_add_char(buf, ',');
		write_value(buf, &array->array.items[i], canonical);
	}
	scim__buf_add_char(buf, ']');
}

static void
write_value(scim__buf *buf, const scim__value *value, bool canonical)
{
	switch (value->kind) {
	case SCIM__NULL:
		scim__buf_add(buf, SCIM_STR("null"));
		break;
	case SCIM__BOOL:
		scim__buf_add_z(buf, value->boolean ? "true" : "false");
		break;
	case SCIM__INTEGER:
		write_integer(buf, value->integer);
		break;
	case SCIM__REAL:
		scim__json_write_real(buf, value->real);
		break;
	case SCIM__BIG:
		scim__buf_add(buf, value->string);
		break;
	case SCIM__STRING:
		scim__json_write_string(buf, value->string);
		break;
	case SCIM__ARRAY:
		write_array(buf, value, canonical);
		break;
	case SCIM__OBJECT:
		write_object(buf, value, canonical);
		break;
	}
}

void
scim__json_write(scim__buf *buf, const scim__value *value)
{
	write_value(buf, value, false);
}

void
scim__json_write_canonical(scim__buf *buf, const scim__value *value)
{
	write_value(buf, value, true);
}
