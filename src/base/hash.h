/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_HASH_H
#define SCIM_BASE_HASH_H

#include "scimd/types.h"

/*
 * Digests by OpenSSL, one fetched algorithm and context per thread.  They
 * fail only when the library is out of memory or broken.
 */
typedef struct scim__sha256 {
	uint8_t bytes[32];
} scim__sha256;

/* SHA-256 over the pieces, one after the other. */
SCIM_MUST_USE scim_status scim__hash_sha256(
    const scim_str *pieces, size_t count, scim__sha256 *out, scim_error *err);

/* HMAC-SHA-256 over the pieces. */
SCIM_MUST_USE scim_status scim__hash_hmac(scim_str key, const scim_str *pieces,
    size_t count, scim__sha256 *out, scim_error *err);

/* SHAKE-128 of `input`, `len` bytes of it. */
SCIM_MUST_USE scim_status scim__hash_shake128(
    scim_str input, void *out, size_t len, scim_error *err);

/* Compares in a time that depends on `len` alone. */
int scim__hash_equal(const void *a, const void *b, size_t len);

#endif
