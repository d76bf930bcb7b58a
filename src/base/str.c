/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Comparing, copying and formatting of borrowed strings.
 *
 * Case is folded here for A to Z alone, as the names of SCIM ask; values
 * are the business of utf8.c.
 */
#include "base/str.h"

#include <stdarg.h>
#include <stdio.h>

#include "base/arena.h"

int
scim__str_compare(scim_str a, scim_str b)
{
	size_t len = a.len < b.len ? a.len : b.len;
	int order = len == 0 ? 0 : memcmp(a.ptr, b.ptr, len);

	if (order != 0)
		return order;
	return (a.len > b.len) - (a.len < b.len);
}

static char
ascii_lower(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
}

bool
scim__str_equal_nocase(scim_str a, scim_str b)
{
	if (a.len != b.len)
		return false;
	for (size_t i = 0; i < a.len; i++)
		if (a.ptr[i] != b.ptr[i] &&
		    ascii_lower(a.ptr[i]) != ascii_lower(b.ptr[i]))
			return false;
	return true;
}

bool
scim__str_starts_with(scim_str s, scim_str prefix)
{
	return s.len >= prefix.len &&
	    (prefix.len == 0 || memcmp(s.ptr, prefix.ptr, prefix.len) == 0);
}

bool
scim__str_contains(scim_str s, scim_str needle)
{
	while (s.len >= needle.len) {
		const char *p = needle.len == 0
		    ? s.ptr
		    : memchr(s.ptr, needle.ptr[0], s.len - needle.len + 1);

		if (p == NULL)
			return false;
		if (memcmp(p, needle.ptr, needle.len) == 0)
			return true;
		s.len -= (size_t)(p + 1 - s.ptr);
		s.ptr = p + 1;
	}
	return false;
}

scim_str
scim__str_cut(scim_str *s, char separator)
{
	const char *at = s->len == 0 ? NULL : memchr(s->ptr, separator, s->len);
	scim_str head = *s;

	if (at != NULL)
		head.len = (size_t)(at - s->ptr);
	*s = (scim_str){ s->ptr + head.len + (at != NULL),
		s->len - head.len - (at != NULL) };
	return head;
}

uint64_t
scim__str_hash(uint64_t hash, scim_str s)
{
	for (size_t i = 0; i < s.len; i++)
		hash =
		    (hash ^ (unsigned char)s.ptr[i]) * UINT64_C(1099511628211);
	return hash;
}

char *
scim__str_copy_z(scim_arena *arena, scim_str s)
{
	if (s.len == SIZE_MAX)
		return NULL;
	char *p = scim__arena_take(arena, s.len + 1);

	if (p == NULL)
		return NULL;
	if (s.len > 0)
		memcpy(p, s.ptr, s.len);
	p[s.len] = '\0';
	return p;
}

scim_str
scim__str_copy(scim_arena *arena, scim_str s)
{
	char *p = scim__arena_take(arena, s.len);

	if (p == NULL)
		return (scim_str){ NULL, 0 };
	if (s.len > 0)
		memcpy(p, s.ptr, s.len);
	return (scim_str){ p, s.len };
}

scim_str
scim__str_format(scim_arena *arena, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0)
		return (scim_str){ NULL, 0 };

	char *p = scim__arena_take(arena, (size_t)n + 1);
	if (p == NULL)
		return (scim_str){ NULL, 0 };
	va_start(args, fmt);
	(void)vsnprintf(p, (size_t)n + 1, fmt, args);
	va_end(args);
	return (scim_str){ p, (size_t)n };
}
