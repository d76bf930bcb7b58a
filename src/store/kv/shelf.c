/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Documents of shelves, and the end of a tenant.
 *
 * A tenant's rows begin with its name, so they go in one sweep.  So do the
 * documents that are named after it; its own, and tokens, whose names tell
 * nothing of whose they are, are left to the caller.
 */
#include "base/arena.h"
#include "base/error.h"
#include "store/kv/kv.h"

scim_status
scim__kv_leaf_put(scim_txn *txn, scim_shelf shelf, scim_str name,
    scim_str value, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__buf k;

	if (arena == NULL)
		return scim__fail_memory(err);
	scim__key_begin_shelf(&k, arena, shelf);
	scim__key_add(&k, name);
	if (value.len == 0)
		return scim__kv_remove(scim__kv_of(txn), &k, err);
	return scim__kv_put(scim__kv_of(txn), &k, value, err);
}

/* The documents that are named "tenant/...": without the end of a text. */
static scim_status
sweep_shelf(struct scim__kv_txn *kv, scim_arena *arena, scim_shelf shelf,
    scim_str tenant, scim_error *err)
{
	scim__buf k, name;

	scim__buf_init(&name, arena, SIZE_MAX);
	scim__buf_add(&name, tenant);
	scim__buf_add_char(&name, '/');
	scim__key_begin_shelf(&k, arena, shelf);
	scim__key_add(&k, scim__buf_str(&name));
	if (scim__buf_failed(&name) || scim__buf_failed(&k))
		return scim__fail_memory(err);
	return scim__kv_sweep(
	    kv, (scim_str){ k.ptr, k.len - 2 }, NULL, NULL, err);
}

scim_status
scim__kv_erase_tenant(scim_txn *txn, scim_str tenant, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__kv_txn *kv = scim__kv_of(txn);
	scim__buf k;

	if (arena == NULL)
		return scim__fail_memory(err);
	scim__key_begin_tenant(&k, arena, tenant);
	if (scim__buf_failed(&k))
		return scim__fail_memory(err);
	scim_status rc = scim__kv_sweep(kv, scim__buf_str(&k), NULL, NULL, err);
	if (rc == SCIM_OK)
		rc = sweep_shelf(kv, arena, SCIM_SHELF_SCHEMA, tenant, err);
	if (rc == SCIM_OK)
		rc = sweep_shelf(
		    kv, arena, SCIM_SHELF_RESOURCE_TYPE, tenant, err);
	if (rc == SCIM_OK)
		rc = sweep_shelf(kv, arena, SCIM_SHELF_DEPARTURE, tenant, err);
	return rc;
}
