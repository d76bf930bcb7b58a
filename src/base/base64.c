/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Base64 for URLs (RFC 4648 section 5), without padding.
 *
 * Reading is as strict as writing: one text for one run of bytes, so the
 * bits a last character does not need must be zero.
 */
#include "base/arena.h"
#include "base/str.h"

static const char alphabet[] =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static size_t
encoded_len(size_t len)
{
	return len / 3 * 4 + (len % 3 == 0 ? 0 : len % 3 + 1);
}

void
scim__base64url_into(char *out, const void *bytes, size_t len)
{
	const uint8_t *p = bytes;
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < len; i++) {
		bits = (bits << 8 | p[i]) & 0xFFFFu;
		for (held += 8; held >= 6; held -= 6)
			*out++ = alphabet[bits >> (held - 6) & 63];
	}
	if (held > 0)
		*out = alphabet[bits << (6 - held) & 63];
}

scim_str
scim__base64url(scim_arena *arena, const void *bytes, size_t len)
{
	char *out = scim__arena_take(arena, encoded_len(len));

	if (out == NULL)
		return (scim_str){ NULL, 0 };
	scim__base64url_into(out, bytes, len);
	return (scim_str){ out, encoded_len(len) };
}

static int
digit(char c)
{
	if (c >= 'A' && c <= 'Z')
		return c - 'A';
	if (c >= 'a' && c <= 'z')
		return c - 'a' + 26;
	if (c >= '0' && c <= '9')
		return c - '0' + 52;
	if (c == '-')
		return 62;
	return c == '_' ? 63 : -1;
}

static bool
decode(scim_str s, uint8_t *out)
{
	uint32_t bits = 0;
	unsigned held = 0;

	for (size_t i = 0; i < s.len; i++) {
		int d = digit(s.ptr[i]);

		if (d < 0)
			return false;
		bits = (bits << 6 | (uint32_t)d) & 0xFFFFu;
		held += 6;
		if (held < 8)
			continue;
		held -= 8;
		if (out != NULL)
			*out++ = (uint8_t)(bits >> held);
	}
	return (bits & ((1u << held) - 1)) == 0;
}

bool
scim__base64url_decode(scim_str s, void *out, size_t len)
{
	if (s.len != encoded_len(len) || !decode(s, NULL))
		return false;
	return decode(s, out);
}
