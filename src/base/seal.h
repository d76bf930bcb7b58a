/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_SEAL_H
#define SCIM_BASE_SEAL_H

#include <stdbool.h>

#include "scimd/types.h"

/*
 * Sealing: what somebody else keeps for us, who can neither read nor change
 * it (XChaCha20-Poly1305).
 */
struct scim__seal_key {
	uint8_t bytes[32];
};

#define SCIM__SEAL_NONCE 24

/* By how much what is sealed is longer than what it seals. */
#define SCIM__SEAL_EXTRA (SCIM__SEAL_NONCE + 16)

/*
 * Writes text.len + SCIM__SEAL_EXTRA bytes.  `nonce` is random and never
 * used again; only with the same `bound` can it be opened.  False: the
 * library does not start.
 */
bool scim__seal(const struct scim__seal_key *key,
    const uint8_t nonce[SCIM__SEAL_NONCE], scim_str bound, scim_str text,
    void *out);

/* Writes sealed.len - SCIM__SEAL_EXTRA bytes; false, and nothing written,
 * for what this key did not seal so. */
bool scim__unseal(const struct scim__seal_key *key, scim_str bound,
    scim_str sealed, void *out);

#endif
