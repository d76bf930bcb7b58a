/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Opening and closing, and the table.
 *
 * Opening needs the database: whoever starts before it is told so.  Once
 * open, a store outlives any absence of it.
 */
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/postgres/postgres.h"
#include "store/store.h"

static void
release_store(struct store *store)
{
	scim__pg_pool_release(store);
	free(store->url);
	free(store);
}

static void
close_store(scim_store *base)
{
	release_store(store_of(base));
}

static const scim_store_ops postgres_ops = {
	.version = SCIM_STORE_OPS_VERSION,
	.name = "postgres",
	.capabilities = SCIM_STORE_DURABLE | SCIM_STORE_ATOMIC |
	    SCIM_STORE_SHARED | SCIM_STORE_SNAPSHOTS | SCIM_STORE_REMOTE,
	.begin = scim__pg_begin,
	.savepoint = scim__pg_savepoint,
	.release = scim__pg_release,
	.rollback_to = scim__pg_rollback_to,
	.commit = scim__pg_commit,
	.rollback = scim__pg_rollback,
	.get = scim__pg_get,
	.find_unique = scim__pg_find_unique,
	.write = scim__pg_write,
	.query = scim__pg_query,
	.count = scim__pg_count,
	.member_get = scim__pg_member_get,
	.members = scim__pg_members,
	.memberships = scim__pg_memberships,
	.leaf_get = scim__pg_leaf_get,
	.leaf_put = scim__pg_leaf_put,
	.leaves = scim__pg_leaves,
	.erase_tenant = scim__pg_erase_tenant,
	.generation = scim__pg_generation,
	.health = scim__pg_health,
	.close = close_store,
	.changes = scim__pg_changes,
	.feed = scim__pg_feed,
	.members_at = scim__pg_members_at,
	.trim = scim__pg_trim,
	.receipt_get = scim__pg_receipt_get,
	.receipt_put = scim__pg_receipt_put,
	.receipt_drop = scim__pg_receipt_drop,
	.receipts = scim__pg_receipts,
	.purge = scim__pg_purge,
	.scrub = scim__pg_scrub,
};

/* On the writer's connection, which is then made anew with statements: they
 * could not be prepared before their tables were there. */
static scim_status
migrate(struct store *store, scim_error *err)
{
	struct conn conn = { .store = store };
	scim_status rc = scim__pg_connect_bare(&conn, err);

	if (rc == SCIM_OK)
		rc = scim__pg_migrate(&conn, err);
	scim__pg_disconnect(&conn);
	return rc;
}

static char *
copy_url(scim_str url)
{
	char *copy = malloc(url.len + 1);

	if (copy == NULL)
		return NULL;
	memcpy(copy, url.ptr, url.len);
	copy[url.len] = '\0';
	return copy;
}

scim_status
scim__store_open_postgres(
    scim_str url, const scim_env *env, scim_store **out, scim_error *err)
{
	struct store *store = calloc(1, sizeof(*store));

	if (store == NULL)
		return scim__fail_memory(err);
	store->base = (scim_store){ .ops = &postgres_ops,
		.env = env == NULL ? scim_env_system() : env };
	store->url = copy_url(url);
	scim_status rc = store->url != NULL && scim__pg_pool_init(store)
	    ? migrate(store, err)
	    : scim__fail_memory(err);

	if (rc != SCIM_OK) {
		release_store(store);
		return rc;
	}
	*out = &store->base;
	return SCIM_OK;
}
