/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_SECRET_H
#define SCIM_PROVIDER_SECRET_H

/* Keys that a store makes for itself and keeps. */

#include "store/store.h"

#define SCIM__SECRET_BYTES 32

/* SCIM_ERR_NOT_FOUND until it was made. */
SCIM_MUST_USE scim_status scim__secret_read(scim_txn *txn, scim_arena *arena,
    scim_str name, uint8_t out[SCIM__SECRET_BYTES], scim_error *err);

/* In a write transaction; again is a no-op. */
SCIM_MUST_USE scim_status scim__secret_make(const scim_env *env, scim_txn *txn,
    scim_arena *arena, scim_str name, scim_error *err);

#endif
