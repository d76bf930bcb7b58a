/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A growing run of bytes in an arena.
 *
 * Writers append without looking; the first failure, of memory or of the
 * limit, sticks and later appends do nothing, so a result is either whole
 * or known to be broken.
 */
#include "base/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"

void
scim__buf_init(scim__buf *buf, scim_arena *arena, size_t limit)
{
	*buf = (scim__buf){ .arena = arena, .limit = limit };
}

static bool
grow(scim__buf *buf, size_t need)
{
	size_t capacity = buf->capacity < 128 ? 128 : buf->capacity;

	while (capacity < need)
		capacity = capacity > SIZE_MAX / 2 ? need : capacity * 2;
	if (buf->ptr != NULL &&
	    scim__arena_extend(buf->arena, buf->ptr, buf->capacity, capacity)) {
		buf->capacity = capacity;
		return true;
	}
	char *p = scim__arena_take(buf->arena, capacity);
	if (p == NULL)
		return false;
	if (buf->ptr != NULL)
		memcpy(p, buf->ptr, buf->len);
	buf->ptr = p;
	buf->capacity = capacity;
	return true;
}

char *
scim__buf_reserve(scim__buf *buf, size_t size)
{
	if (buf->failed)
		return NULL;
	if (size > buf->limit || buf->len > buf->limit - size) {
		buf->failed = true;
		return NULL;
	}
	if ((buf->ptr == NULL || buf->capacity - buf->len < size) &&
	    !grow(buf, buf->len + size)) {
		buf->failed = true;
		return NULL;
	}
	return buf->ptr + buf->len;
}

void
scim__buf_add(scim__buf *buf, scim_str s)
{
	char *p = scim__buf_reserve(buf, s.len);

	if (p == NULL || s.len == 0)
		return;
	memcpy(p, s.ptr, s.len);
	buf->len += s.len;
}

void
scim__buf_add_z(scim__buf *buf, const char *z)
{
	scim__buf_add(buf, (scim_str){ z, strlen(z) });
}

void
scim__buf_add_char(scim__buf *buf, char c)
{
	char *p = scim__buf_reserve(buf, 1);

	if (p == NULL)
		return;
	*p = c;
	buf->len++;
}

void
scim__buf_printf(scim__buf *buf, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	int n = vsnprintf(NULL, 0, fmt, args);
	va_end(args);
	if (n < 0) {
		buf->failed = true;
		return;
	}

	/* vsnprintf also writes a NUL, which is not part of the text. */
	char *p = scim__buf_reserve(buf, (size_t)n);
	if (p == NULL)
		return;
	if (buf->capacity - buf->len == (size_t)n &&
	    !grow(buf, buf->len + (size_t)n + 1)) {
		buf->failed = true;
		return;
	}
	va_start(args, fmt);
	(void)vsnprintf(buf->ptr + buf->len, (size_t)n + 1, fmt, args);
	va_end(args);
	buf->len += (size_t)n;
}
