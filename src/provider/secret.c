/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Secrets of the store.  What is sealed or told apart by one outlasts a
 * restart, and is the same for all who share the store; whoever has the store
 * has the secret as well, and nobody else.
 */
#include "provider/secret.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"

scim_status
scim__secret_read(scim_txn *txn, scim_arena *arena, scim_str name,
    uint8_t out[SCIM__SECRET_BYTES], scim_error *err)
{
	scim_str text = { NULL, 0 };
	scim_status rc =
	    scim__store_leaf_get(txn, arena, SCIM_SHELF_META, name, &text, err);

	if (rc != SCIM_OK)
		return rc;
	if (!scim__base64url_decode(text, out, SCIM__SECRET_BYTES))
		return scim__fail(err, SCIM_ERR_STORE,
		    "A key of the store can't be read; the store is damaged.");
	return SCIM_OK;
}

scim_status
scim__secret_make(const scim_env *env, scim_txn *txn, scim_arena *arena,
    scim_str name, scim_error *err)
{
	uint8_t secret[SCIM__SECRET_BYTES];
	scim_status rc = scim__secret_read(txn, arena, name, secret, err);

	if (rc != SCIM_ERR_NOT_FOUND)
		return rc;
	env->random(env->context, secret, sizeof(secret));
	scim_str text = scim__base64url(arena, secret, sizeof(secret));
	if (text.ptr == NULL)
		return scim__fail_memory(err);
	return scim__store_leaf_put(txn, SCIM_SHELF_META, name, text, err);
}
