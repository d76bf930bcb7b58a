/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_PASSWORD_H
#define SCIM_BASE_PASSWORD_H

#include <stdbool.h>

#include "scimd/types.h"

/*
 * Hashes a password as Argon2id with 19 MiB and two passes, in the usual
 * "$argon2id$…" text.  Takes tens of milliseconds: never on a loop.
 */
SCIM_MUST_USE scim_status scim__password_hash(
    scim_arena *arena, scim_str password, scim_str *out, scim_error *err);

/* Whether `password` gives `hash`; as slow as hashing. */
bool scim__password_matches(scim_str password, const char *hash);

#endif
