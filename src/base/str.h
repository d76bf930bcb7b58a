/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_STR_H
#define SCIM_BASE_STR_H

#include <stdbool.h>
#include <string.h>

#include "scimd/types.h"

static inline scim_str
scim__str(const char *z)
{
	return (scim_str){ z, z == NULL ? 0 : strlen(z) };
}

static inline bool
scim__str_equal(scim_str a, scim_str b)
{
	return a.len == b.len &&
	    (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* <0, 0, >0 by bytes, a prefix first; for ASCII and UTF-8 the same as by
 * code point. */
int scim__str_compare(scim_str a, scim_str b);

/* Equal but for the case of A-Z: attribute names, URNs, operators. */
bool scim__str_equal_nocase(scim_str a, scim_str b);

bool scim__str_starts_with(scim_str s, scim_str prefix);

bool scim__str_contains(scim_str s, scim_str needle);

/* What is before the first `separator`, or all; `*s` becomes what is behind
 * it. */
scim_str scim__str_cut(scim_str *s, char separator);

/* FNV-1a, going on from `hash`: for tables in memory.  Not for digests. */
#define SCIM__STR_HASH_BEGIN UINT64_C(14695981039346656037)
uint64_t scim__str_hash(uint64_t hash, scim_str s);

/* A NUL-terminated copy owned by arena; NULL when out of memory. */
char *scim__str_copy_z(scim_arena *arena, scim_str s);

/* A copy owned by arena.  `ptr` is NULL only when out of memory. */
scim_str scim__str_copy(scim_arena *arena, scim_str s);

/* printf into the arena.  `ptr` is NULL only when out of memory. */
SCIM_PRINTF(2, 3)
scim_str scim__str_format(scim_arena *arena, const char *fmt, ...);

/* How many bytes at the start of `s` are well-formed UTF-8. */
size_t scim__utf8_prefix(scim_str s);

/* Whether `s` is well-formed UTF-8 without surrogates (RFC 3629). */
bool scim__utf8_valid(scim_str s);

/*
 * The form under which values with caseExact false are compared: Unicode
 * case folding, width mapping and NFC.  ASCII takes a fast path.  `ptr` is NULL
 * only when out of memory; text that does not fold is copied as it is.
 */
scim_str scim__str_fold(scim_arena *arena, scim_str s);

/* Names the folding tables, for the store to record: "folding 1
 * unicode 14.0.0". */
const char *scim__fold_version(void);

/* Standard and URL base64 without padding.  `ptr` NULL: out of memory. */
scim_str scim__base64url(scim_arena *arena, const void *bytes, size_t len);

/* Writes exactly (len * 4 + 2) / 3 characters, no NUL. */
void scim__base64url_into(char *out, const void *bytes, size_t len);

/* Decodes unpadded base64url of exactly `len` bytes; false if it is not. */
bool scim__base64url_decode(scim_str s, void *out, size_t len);

#endif
