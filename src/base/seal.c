/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Sealing by libsodium.
 *
 * The nonce is long enough to be drawn at random for as long as a key lives,
 * and it comes from the caller, who has the host's random numbers; it goes
 * in front.
 */
#include "base/seal.h"

#include <sodium.h>
#include <string.h>

_Static_assert(sizeof(struct scim__seal_key) ==
	    crypto_aead_xchacha20poly1305_ietf_KEYBYTES &&
	SCIM__SEAL_NONCE == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES &&
	SCIM__SEAL_EXTRA ==
	    SCIM__SEAL_NONCE + crypto_aead_xchacha20poly1305_ietf_ABYTES,
    "sizes are those of the cipher");

static const unsigned char *
bytes_of(scim_str s)
{
	return (const unsigned char *)s.ptr;
}

bool
scim__seal(const struct scim__seal_key *key,
    const uint8_t nonce[SCIM__SEAL_NONCE], scim_str bound, scim_str text,
    void *out)
{
	unsigned char *to = out;

	if (sodium_init() < 0)
		return false;
	memcpy(to, nonce, SCIM__SEAL_NONCE);
	return crypto_aead_xchacha20poly1305_ietf_encrypt(to + SCIM__SEAL_NONCE,
		   NULL, bytes_of(text), text.len, bytes_of(bound), bound.len,
		   NULL, nonce, key->bytes) == 0;
}

bool
scim__unseal(const struct scim__seal_key *key, scim_str bound, scim_str sealed,
    void *out)
{
	const unsigned char *from = bytes_of(sealed);

	if (sealed.len < SCIM__SEAL_EXTRA || sodium_init() < 0)
		return false;
	return crypto_aead_xchacha20poly1305_ietf_decrypt(out, NULL, NULL,
		   from + SCIM__SEAL_NONCE, sealed.len - SCIM__SEAL_NONCE,
		   bytes_of(bound), bound.len, from, key->bytes) == 0;
}
