/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What Unicode asks of us: well-formedness, and the form in which values
 * without case are compared.
 *
 * Folded values are keys of unique rows and indexes, so the tables that
 * made them are part of a store's identity: scim__fold_version() names them
 * and a store written with others has to be migrated.
 */
#include <pthread.h>
#include <stdio.h>

#include <utf8proc.h>

#include "base/arena.h"
#include "base/str.h"

static size_t
ascii_prefix(const unsigned char *p, size_t len)
{
	size_t i = 0;

	for (uint64_t word; len - i >= sizeof(word); i += sizeof(word)) {
		memcpy(&word, p + i, sizeof(word));
		if ((word & UINT64_C(0x8080808080808080)) != 0)
			break;
	}
	while (i < len && p[i] < 0x80)
		i++;
	return i;
}

static bool
is_tail(unsigned char c)
{
	return (c & 0xC0) == 0x80;
}

/* Bytes of the sequence at `p`, which has a lead byte; 0 when malformed. */
static size_t
sequence_len(const unsigned char *p, size_t len)
{
	/* The second byte's range is what rules out overlong forms,
	 * surrogates and what lies beyond U+10FFFF. */
	unsigned char low = 0x80, high = 0xBF;
	size_t n = p[0] < 0xE0 ? 2 : p[0] < 0xF0 ? 3 : 4;

	if (p[0] < 0xC2 || p[0] > 0xF4 || len < n)
		return 0;
	if (p[0] == 0xE0)
		low = 0xA0;
	else if (p[0] == 0xED)
		high = 0x9F;
	else if (p[0] == 0xF0)
		low = 0x90;
	else if (p[0] == 0xF4)
		high = 0x8F;
	if (p[1] < low || p[1] > high)
		return 0;
	for (size_t i = 2; i < n; i++)
		if (!is_tail(p[i]))
			return 0;
	return n;
}

size_t
scim__utf8_prefix(scim_str s)
{
	const unsigned char *p = (const unsigned char *)s.ptr;
	size_t i = 0;

	while (i < s.len) {
		i += ascii_prefix(p + i, s.len - i);
		if (i == s.len)
			break;
		size_t n = sequence_len(p + i, s.len - i);
		if (n == 0)
			break;
		i += n;
	}
	return i;
}

bool
scim__utf8_valid(scim_str s)
{
	return scim__utf8_prefix(s) == s.len;
}

static scim_str
fold_ascii(scim_arena *arena, scim_str s)
{
	char *p = scim__arena_take(arena, s.len);

	if (p == NULL)
		return (scim_str){ NULL, 0 };
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		p[i] = c >= 'A' && c <= 'Z' ? (char)(c + ('a' - 'A')) : c;
	}
	return (scim_str){ p, s.len };
}

/* Full-width and half-width forms stand for what they are forms of: the
 * width mapping of RFC 8265 section 3.3. */
static utf8proc_int32_t
map_width(utf8proc_int32_t point, void *unused)
{
	const utf8proc_property_t *property = utf8proc_get_property(point);
	utf8proc_int32_t plain[4];
	int boundclass = 0;

	(void)unused;
	if (property->decomp_type != UTF8PROC_DECOMP_TYPE_WIDE &&
	    property->decomp_type != UTF8PROC_DECOMP_TYPE_NARROW)
		return point;
	return utf8proc_decompose_char(point, plain, 4,
		   UTF8PROC_COMPAT | UTF8PROC_DECOMPOSE, &boundclass) == 1
	    ? plain[0]
	    : point;
}

scim_str
scim__str_fold(scim_arena *arena, scim_str s)
{
	const utf8proc_option_t how = UTF8PROC_STABLE | UTF8PROC_COMPOSE |
	    UTF8PROC_CASEFOLD |
	    UTF8PROC_IGNORE; /* what can't be seen does not tell two apart */
	const utf8proc_uint8_t *text = (const utf8proc_uint8_t *)s.ptr;

	if (ascii_prefix(text, s.len) == s.len)
		return fold_ascii(arena, s);
	if (s.len > INT32_MAX)
		return scim__str_copy(arena, s);

	utf8proc_ssize_t points = utf8proc_decompose_custom(
	    text, (utf8proc_ssize_t)s.len, NULL, 0, how, map_width, NULL);
	if (points < 0)
		return scim__str_copy(arena, s);

	/* utf8proc puts the encoded text and a NUL over the code points. */
	utf8proc_int32_t *room =
	    scim__arena_array(arena, (size_t)points + 1, sizeof(*room));
	if (room == NULL)
		return (scim_str){ NULL, 0 };
	points = utf8proc_decompose_custom(
	    text, (utf8proc_ssize_t)s.len, room, points, how, map_width, NULL);
	utf8proc_ssize_t len =
	    points < 0 ? points : utf8proc_reencode(room, points, how);
	if (len < 0)
		return scim__str_copy(arena, s);
	return (scim_str){ (const char *)room, (size_t)len };
}

/* Goes up when scim__str_fold() gives another form by the same tables. */
#define FOLDING 1

static char fold_version[64];

static void
name_tables(void)
{
	(void)snprintf(fold_version, sizeof(fold_version),
	    "folding %d unicode %s", FOLDING, utf8proc_unicode_version());
}

const char *
scim__fold_version(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	(void)pthread_once(&once, name_tables);
	return fold_version;
}
