/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_VERSION_SET_HASH_H
#define SCIM_VERSION_SET_HASH_H

#include <stdbool.h>

#include "scimd/types.h"

/*
 * The hash of a set whose elements come and go one at a time: LtHash16.
 * Each element adds SHAKE-128 of itself, as 1,024 sums modulo 2^16, so that
 * adding one of a million hashes one.
 */
#define SCIM__SET_HASH_BYTES 2048

typedef struct scim__set_hash {
	uint16_t lanes[SCIM__SET_HASH_BYTES / 2];
} scim__set_hash;

SCIM_MUST_USE scim_status scim__set_hash_add(
    scim__set_hash *hash, scim_str element, scim_error *err);
SCIM_MUST_USE scim_status scim__set_hash_remove(
    scim__set_hash *hash, scim_str element, scim_error *err);

/* Little endian, the same on every machine. */
void scim__set_hash_encode(
    const scim__set_hash *hash, uint8_t out[SCIM__SET_HASH_BYTES]);

/* An empty `bytes` is the empty set; false: neither that nor 2,048 bytes. */
bool scim__set_hash_decode(scim_str bytes, scim__set_hash *out);

#endif
