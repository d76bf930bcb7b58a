/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shelves of small documents, and the end of a tenant.
 *
 * On three of them a document's name begins with its tenant and a slash;
 * there it stands with that tenant.  What is known of tenants, tokens and
 * schemas is kept by every node, so whoever changes it raises a number that
 * they all look at.
 */
#include "base/arena.h"
#include "base/str.h"
#include "store/postgres/postgres.h"

static enum sql
on_shelf(enum sql first, scim_shelf shelf)
{
	scim__assert((unsigned)shelf < SCIM_SHELF_COUNT);
	return first + (enum sql)shelf;
}

static bool
is_of_tenants(scim_shelf shelf)
{
	return shelf == SCIM_SHELF_SCHEMA ||
	    shelf == SCIM_SHELF_RESOURCE_TYPE || shelf == SCIM_SHELF_DEPARTURE;
}

/* What comes before the slash; empty where there is none. */
static scim_str
tenant_of(scim_str name)
{
	const char *slash =
	    name.len == 0 ? NULL : memchr(name.ptr, '/', name.len);

	return (scim_str){ name.ptr,
		slash == NULL ? 0 : (size_t)(slash - name.ptr) };
}

static scim_status
use(struct txn *txn, enum sql which, scim_shelf shelf, scim_str name,
    struct stmt *q, scim_error *err)
{
	scim_status rc = scim__pg_use(txn, on_shelf(which, shelf), q, err);

	if (rc != SCIM_OK)
		return rc;
	if (is_of_tenants(shelf))
		scim__pg_bind_str(q, tenant_of(name));
	scim__pg_bind_str(q, name);
	return SCIM_OK;
}

scim_status
scim__pg_leaf_get(scim_txn *base, scim_arena *arena, scim_shelf shelf,
    scim_str name, scim_str *out, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use(txn_of(base), SQL_LEAF_GET, shelf, name, &q, err);

	if (rc == SCIM_OK)
		rc = scim__pg_run(&q, err);
	if (rc == SCIM_OK && scim__pg_row(&q) != SCIM_OK)
		return scim__fail(err, SCIM_ERR_NOT_FOUND, "No such document.");
	if (rc != SCIM_OK)
		return rc;

	scim_str value = scim__pg_read_str(&q, arena);

	if (value.ptr == NULL)
		return scim__fail_memory(err);
	*out = value;
	return SCIM_OK;
}

static scim_status
raise_generation(struct txn *txn, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(txn, SQL_GENERATION_NEXT, &q, err);

	return rc == SCIM_OK ? scim__pg_send(&q, 1, err) : rc;
}

static bool
is_kept(scim_shelf shelf)
{
	return shelf != SCIM_SHELF_META && shelf != SCIM_SHELF_DEPARTURE;
}

scim_status
scim__pg_leaf_put(scim_txn *base, scim_shelf shelf, scim_str name,
    scim_str value, scim_error *err)
{
	struct txn *txn = txn_of(base);
	bool keep = value.len > 0;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use(
	    txn, keep ? SQL_LEAF_PUT : SQL_LEAF_DELETE, shelf, name, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_writes(txn, tenant_of(name));
	if (is_kept(shelf))
		rc = raise_generation(txn, err);
	if (keep)
		scim__pg_bind_str(&q, value);
	return rc == SCIM_OK ? scim__pg_run(&q, err) : rc;
}

/* After the name of a tenant come those of that tenant alone. */
static scim_status
use_leaves(struct txn *txn, scim_shelf shelf, scim_str after, struct stmt *q,
    scim_error *err)
{
	scim_str tenant = tenant_of(after);
	scim_status rc;

	if (!is_of_tenants(shelf) || tenant.len == 0) {
		rc = scim__pg_use(txn, on_shelf(SQL_LEAVES, shelf), q, err);
	} else {
		rc = scim__pg_use(txn,
		    SQL_TENANT_LEAVES + (enum sql)(shelf - SCIM_SHELF_SCHEMA),
		    q, err);
		if (rc == SCIM_OK)
			scim__pg_bind_str(q, tenant);
	}
	if (rc == SCIM_OK)
		scim__pg_bind_str(q, after);
	return rc;
}

scim_status
scim__pg_leaves(scim_txn *base, scim_arena *arena, scim_shelf shelf,
    scim_str after, size_t limit, scim_leaf **out, size_t *out_count,
    scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use_leaves(txn_of(base), shelf, after, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_limit(&q, limit);
	rc = scim__pg_run(&q, err);
	if (rc != SCIM_OK)
		return rc;

	size_t count = 0, most = (size_t)PQntuples(q.result);
	scim_leaf *leaves = scim__arena_array(arena, most, sizeof(*leaves));

	if (leaves == NULL && most > 0)
		return scim__fail_memory(err);
	for (; scim__pg_row(&q) == SCIM_OK; count++) {
		leaves[count].name = scim__pg_read_str(&q, arena);
		leaves[count].value = scim__pg_read_str(&q, arena);
		if (leaves[count].name.ptr == NULL ||
		    leaves[count].value.ptr == NULL)
			return scim__fail_memory(err);
	}
	*out = leaves;
	*out_count = count;
	return SCIM_OK;
}

scim_status
scim__pg_erase_tenant(scim_txn *base, scim_str tenant, scim_error *err)
{
	struct txn *txn = txn_of(base);
	scim_status rc = raise_generation(txn, err);

	scim__pg_writes(txn, tenant);
	for (int i = SQL_ERASE; rc == SCIM_OK && i < SQL_COUNT; i++) {
		scim__auto_pg struct stmt q = { 0 };

		rc = scim__pg_use(txn, (enum sql)i, &q, err);
		if (rc != SCIM_OK)
			break;
		scim__pg_bind_str(&q, tenant);
		rc = scim__pg_send(&q, -1, err);
	}
	return rc == SCIM_OK ? scim__pg_sync(txn->conn, NULL, err) : rc;
}
