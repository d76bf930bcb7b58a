/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Passwords at rest.
 *
 * The salt is libsodium's own random, not the host's: a test that fixes the
 * environment must not fix salts, and nothing else depends on them.
 */
#include "base/password.h"

#include <sodium.h>
#include <string.h>

#include "base/error.h"

#define MEMORY_BYTES ((size_t)19 * 1024 * 1024)
#define PASSES 2

scim_status
scim__password_hash(
    scim_arena *arena, scim_str password, scim_str *out, scim_error *err)
{
	if (sodium_init() < 0)
		return scim__fail(
		    err, SCIM_ERR_STORE, "libsodium does not start.");

	char *text = scim_arena_alloc(arena, crypto_pwhash_STRBYTES);
	if (text == NULL ||
	    crypto_pwhash_str_alg(text, password.ptr, password.len, PASSES,
		MEMORY_BYTES, crypto_pwhash_ALG_ARGON2ID13) != 0)
		return scim__fail_memory(err);
	*out = (scim_str){ text, strlen(text) };
	return SCIM_OK;
}

bool
scim__password_matches(scim_str password, const char *hash)
{
	return sodium_init() >= 0 &&
	    crypto_pwhash_str_verify(hash, password.ptr, password.len) == 0;
}
