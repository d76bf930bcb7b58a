/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Ids: random UUIDs of version 4 in one spelling.
 *
 * Only lower case with hyphens is an id.  A second spelling of one id would
 * be a second key for one resource.
 */
#include "base/ids.h"

static const char hex[] = "0123456789abcdef";

static bool
hyphen_before(size_t byte)
{
	return byte == 4 || byte == 6 || byte == 8 || byte == 10;
}

void
scim__uuid_encode(const uint8_t bytes[16], char out[SCIM__UUID_LEN + 1])
{
	for (size_t i = 0; i < 16; i++) {
		if (hyphen_before(i))
			*out++ = '-';
		*out++ = hex[bytes[i] >> 4];
		*out++ = hex[bytes[i] & 15];
	}
	*out = '\0';
}

void
scim__uuid_make(const scim_env *env, char out[SCIM__UUID_LEN + 1])
{
	uint8_t bytes[16];

	env->random(env->context, bytes, sizeof(bytes));
	bytes[6] = (uint8_t)(0x40 | (bytes[6] & 0x0F));
	bytes[8] = (uint8_t)(0x80 | (bytes[8] & 0x3F));
	scim__uuid_encode(bytes, out);
}

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

bool
scim__uuid_decode(scim_str s, uint8_t out[16])
{
	uint8_t bytes[16];
	const char *p = s.ptr;

	if (s.len != SCIM__UUID_LEN)
		return false;
	for (size_t i = 0; i < 16; i++) {
		if (hyphen_before(i) && *p++ != '-')
			return false;
		int high = hex_digit(p[0]);
		int low = hex_digit(p[1]);
		if (high < 0 || low < 0)
			return false;
		bytes[i] = (uint8_t)(high << 4 | low);
		p += 2;
	}
	for (size_t i = 0; i < 16; i++)
		out[i] = bytes[i];
	return true;
}
