/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Admission: one pass over a JSON text before anything is built from it.
 *
 * It follows strings and brackets only.  Whatever breaks the grammar ends
 * the pass early and is left to the parser, which refuses it and says where;
 * so for every text that the parser accepts, each string was seen here in
 * its true role.  Time is linear but for the names, which are sorted when
 * their object closes: no choice of names makes that quadratic, and there
 * is no hash whose seed would have to be kept secret.
 *
 * The names of all open objects share one stack: those of the innermost
 * object lie on top, and leave it when the object closes.
 */
#include "json/admit.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

/* Up to so many names are compared pair by pair. */
#define FEW_NAMES 16

struct name {
	scim_str text; /* without escapes */
	size_t at;     /* where its quote stands */
};

struct frame {
	bool is_object;
	size_t first_name;
};

struct scan {
	scim_arena *arena;
	scim_str text;
	size_t at;
	bool ended; /* the grammar is broken here: the parser's turn */
	bool name_next;
	struct frame *frames;
	size_t depth, depth_limit;
	struct name *names;
	size_t name_count, name_capacity;
	scim_error *err;
};

static scim_status
refuse(const struct scan *s, size_t at, const char *what)
{
	return scim__fail_type(s->err, SCIM_ERR_INVALID, "invalidSyntax",
	    "The body is not acceptable JSON: %s at byte %zu.", what, at);
}

static int
hex_value(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
}

/* The number behind "\u" at `at`; -1 when there is no such escape. */
static int32_t
read_escape(scim_str text, size_t at)
{
	int32_t unit = 0;

	if (text.len - at < 6 || text.ptr[at] != '\\' ||
	    text.ptr[at + 1] != 'u')
		return -1;
	for (size_t i = at + 2; i < at + 6; i++) {
		int digit = hex_value(text.ptr[i]);

		if (digit < 0)
			return -1;
		unit = unit * 16 + digit;
	}
	return unit;
}

static bool
is_high(int32_t unit)
{
	return unit >= 0xD800 && unit <= 0xDBFF;
}

static bool
is_low(int32_t unit)
{
	return unit >= 0xDC00 && unit <= 0xDFFF;
}

/* Steps over the escape at s->at. */
static scim_status
skip_escape(struct scan *s)
{
	if (s->text.len - s->at < 2) {
		s->ended = true;
		return SCIM_OK;
	}
	if (s->text.ptr[s->at + 1] != 'u') {
		s->at += 2;
		return SCIM_OK;
	}

	int32_t unit = read_escape(s->text, s->at);
	if (unit < 0) {
		s->ended = true;
		return SCIM_OK;
	}
	if (unit == 0)
		return refuse(s, s->at, "the character \\u0000");
	if (is_high(unit) && is_low(read_escape(s->text, s->at + 6))) {
		s->at += 12;
		return SCIM_OK;
	}
	if (is_high(unit) || is_low(unit))
		return refuse(s, s->at, "half of a surrogate pair");
	s->at += 6;
	return SCIM_OK;
}

static size_t
put_utf8(char *out, uint32_t point)
{
	if (point < 0x80) {
		out[0] = (char)point;
		return 1;
	}
	if (point < 0x800) {
		out[0] = (char)(0xC0 | point >> 6);
		out[1] = (char)(0x80 | (point & 0x3F));
		return 2;
	}
	if (point < 0x10000) {
		out[0] = (char)(0xE0 | point >> 12);
		out[1] = (char)(0x80 | (point >> 6 & 0x3F));
		out[2] = (char)(0x80 | (point & 0x3F));
		return 3;
	}
	out[0] = (char)(0xF0 | point >> 18);
	out[1] = (char)(0x80 | (point >> 12 & 0x3F));
	out[2] = (char)(0x80 | (point >> 6 & 0x3F));
	out[3] = (char)(0x80 | (point & 0x3F));
	return 4;
}

static char
plain_escape(char c)
{
	static const char from[] = "bfnrt", to[] = "\b\f\n\r\t";
	const char *p = memchr(from, c, sizeof(from) - 1);

	return p == NULL ? c : to[p - from];
}

/* What a string that skip_escape() has passed means; never longer. */
static scim_str
unescape(scim_arena *arena, scim_str raw)
{
	char *out = scim__arena_take(arena, raw.len);
	size_t len = 0;

	if (out == NULL)
		return (scim_str){ NULL, 0 };
	for (size_t i = 0; i < raw.len;) {
		int32_t unit = read_escape(raw, i);

		if (unit >= 0) {
			uint32_t point = (uint32_t)unit;

			i += 6;
			if (is_high(unit)) {
				point = 0x10000 + ((point - 0xD800) << 10) +
				    (uint32_t)read_escape(raw, i) - 0xDC00;
				i += 6;
			}
			len += put_utf8(out + len, point);
		} else if (raw.ptr[i] == '\\') {
			out[len++] = plain_escape(raw.ptr[i + 1]);
			i += 2;
		} else {
			out[len++] = raw.ptr[i++];
		}
	}
	return (scim_str){ out, len };
}

static scim_status
add_name(struct scan *s, scim_str text, size_t at)
{
	if (s->name_count == s->name_capacity) {
		size_t capacity = s->name_capacity * 2;
		struct name *names =
		    scim__arena_array(s->arena, capacity, sizeof(*names));

		if (names == NULL)
			return scim__fail_memory(s->err);
		memcpy(names, s->names, s->name_count * sizeof(*names));
		s->names = names;
		s->name_capacity = capacity;
	}
	s->names[s->name_count++] = (struct name){ text, at };
	return SCIM_OK;
}

/* Steps over the string whose quote is at s->at. */
static scim_status
scan_string(struct scan *s)
{
	size_t start = s->at++;
	bool is_escaped = false;

	for (;;) {
		unsigned char c =
		    s->at < s->text.len ? (unsigned char)s->text.ptr[s->at] : 0;

		if (c == '"')
			break;
		if (c < 0x20) {
			s->ended = true;
			return SCIM_OK;
		}
		if (c != '\\') {
			s->at++;
			continue;
		}
		is_escaped = true;
		scim_status rc = skip_escape(s);
		if (rc != SCIM_OK || s->ended)
			return rc;
	}
	scim_str text = { s->text.ptr + start + 1, s->at - start - 1 };
	s->at++;
	if (!s->name_next)
		return SCIM_OK;

	s->name_next = false;
	if (is_escaped)
		text = unescape(s->arena, text);
	if (text.ptr == NULL)
		return scim__fail_memory(s->err);
	return add_name(s, text, start);
}

static scim_status
open_container(struct scan *s, bool is_object)
{
	if (s->depth == s->depth_limit)
		return scim__fail_type(s->err, SCIM_ERR_INVALID,
		    "invalidSyntax",
		    "The body is nested deeper than %zu levels at byte %zu; "
		    "send a flatter one.",
		    s->depth_limit, s->at);
	s->frames[s->depth++] = (struct frame){ is_object, s->name_count };
	s->name_next = is_object;
	s->at++;
	return SCIM_OK;
}

static scim_status
refuse_twice(const struct scan *s, const struct name *a, const struct name *b)
{
	const struct name *later = a->at > b->at ? a : b;
	int shown = later->text.len < 60 ? (int)later->text.len : 60;

	return scim__fail_type(s->err, SCIM_ERR_INVALID, "invalidSyntax",
	    "The name \"%.*s\" stands twice in one object, again at byte %zu; "
	    "send it once.",
	    shown, later->text.ptr, later->at);
}

/* By length first: any order will do, and this one is cheap. */
static int
compare_names(const void *left, const void *right)
{
	const struct name *a = left, *b = right;

	if (a->text.len != b->text.len)
		return a->text.len < b->text.len ? -1 : 1;
	return memcmp(a->text.ptr, b->text.ptr, a->text.len);
}

static scim_status
check_names(const struct scan *s, struct name *names, size_t count)
{
	if (count <= FEW_NAMES) {
		for (size_t i = 1; i < count; i++)
			for (size_t j = 0; j < i; j++)
				if (compare_names(&names[i], &names[j]) == 0)
					return refuse_twice(
					    s, &names[i], &names[j]);
		return SCIM_OK;
	}
	qsort(names, count, sizeof(*names), compare_names);
	for (size_t i = 1; i < count; i++)
		if (compare_names(&names[i - 1], &names[i]) == 0)
			return refuse_twice(s, &names[i - 1], &names[i]);
	return SCIM_OK;
}

static scim_status
close_container(struct scan *s, bool is_object)
{
	if (s->depth == 0 || s->frames[s->depth - 1].is_object != is_object) {
		s->ended = true;
		return SCIM_OK;
	}
	size_t first = s->frames[--s->depth].first_name;
	scim_status rc =
	    check_names(s, s->names + first, s->name_count - first);
	s->name_count = first;
	s->name_next = false;
	s->at++;
	return rc;
}

static scim_status
scan_next(struct scan *s)
{
	switch (s->text.ptr[s->at]) {
	case '"':
		return scan_string(s);
	case '{':
		return open_container(s, true);
	case '[':
		return open_container(s, false);
	case '}':
		return close_container(s, true);
	case ']':
		return close_container(s, false);
	case ',':
		s->name_next =
		    s->depth > 0 && s->frames[s->depth - 1].is_object;
		break;
	case ':':
		s->name_next = false;
		break;
	default:
		break;
	}
	s->at++;
	return SCIM_OK;
}

scim_status
scim__json_admit(
    scim_arena *arena, scim_str text, size_t depth, scim_error *err)
{
	struct name few[32];
	struct scan s = {
		.arena = arena,
		.text = text,
		.depth_limit = depth,
		.names = few,
		.name_capacity = scim__countof(few),
		.err = err,
	};

	size_t good = scim__utf8_prefix(text);
	if (good < text.len)
		return refuse(&s, good, "a byte that is not UTF-8");
	s.frames = scim__arena_array(arena, depth, sizeof(*s.frames));
	if (s.frames == NULL)
		return scim__fail_memory(err);
	while (s.at < text.len && !s.ended) {
		scim_status rc = scan_next(&s);

		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}
