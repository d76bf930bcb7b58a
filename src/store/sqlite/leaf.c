/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shelves of small documents, and the end of a tenant.
 *
 * Each shelf is a table of its own, so that whoever opens the file with
 * other tools finds tenants, tokens and schemas where their names say.
 */
#include "base/str.h"
#include "store/sqlite/sqlite.h"

static enum sql
on_shelf(enum sql first, scim_shelf shelf)
{
	scim__assert((unsigned)shelf < SCIM_SHELF_COUNT);
	return first + (enum sql)shelf;
}

scim_status
scim__sqlite_leaf_get(scim_txn *base, scim_arena *arena, scim_shelf shelf,
    scim_str name, scim_str *out, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(
	    txn_of(base), on_shelf(SQL_LEAF_GET, shelf), &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_text(&q, name);
	rc = scim__sqlite_row(&q, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__fail(err, rc, "No such document.");
	if (rc != SCIM_OK)
		return rc;

	scim_str value = scim__sqlite_read_text(&q, arena);

	if (value.ptr == NULL)
		return scim__fail_memory(err);
	*out = value;
	return SCIM_OK;
}

scim_status
scim__sqlite_leaf_put(scim_txn *base, scim_shelf shelf, scim_str name,
    scim_str value, scim_error *err)
{
	bool keep = value.len > 0;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(txn_of(base),
	    on_shelf(keep ? SQL_LEAF_PUT : SQL_LEAF_DELETE, shelf), &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_text(&q, name);
	if (keep)
		scim__sqlite_bind_blob(&q, value.ptr, value.len);
	return scim__sqlite_run(&q, err);
}

scim_status
scim__sqlite_leaves(scim_txn *base, scim_arena *arena, scim_shelf shelf,
    scim_str after, size_t limit, scim_leaf **out, size_t *out_count,
    scim_error *err)
{
	scim_leaf *leaves = NULL;
	size_t count = 0;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(
	    txn_of(base), on_shelf(SQL_LEAVES, shelf), &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_text(&q, after);
	scim__sqlite_bind_limit(&q, limit);
	while ((rc = scim__sqlite_row(&q, err)) == SCIM_OK) {
		leaves =
		    scim__sqlite_grow(arena, leaves, count, sizeof(*leaves));
		if (leaves == NULL)
			return scim__fail_memory(err);
		leaves[count].name = scim__sqlite_read_text(&q, arena);
		leaves[count].value = scim__sqlite_read_text(&q, arena);
		if (leaves[count].name.ptr == NULL ||
		    leaves[count].value.ptr == NULL)
			return scim__fail_memory(err);
		count++;
	}
	if (rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out = leaves;
	*out_count = count;
	return SCIM_OK;
}

static scim_status
erase_leaves(struct txn *txn, scim_str tenant, scim_error *err)
{
	scim_status rc = SCIM_OK;

	for (int i = SQL_ERASE_LEAVES; rc == SCIM_OK && i < SQL_COUNT; i++) {
		scim__auto_stmt struct stmt q = { 0 };

		rc = scim__sqlite_use(txn, (enum sql)i, &q, err);
		if (rc != SCIM_OK)
			break;
		scim__sqlite_bind_text(&q, tenant);
		rc = scim__sqlite_run(&q, err);
	}
	return rc;
}

scim_status
scim__sqlite_erase_tenant(scim_txn *base, scim_str tenant, scim_error *err)
{
	struct txn *txn = txn_of(base);
	int64_t number = 0;
	scim_status rc = erase_leaves(txn, tenant, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_find_name(txn, tenant, &number, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	for (int i = SQL_ERASE; rc == SCIM_OK && i < SQL_ERASE_LEAVES; i++) {
		scim__auto_stmt struct stmt q = { 0 };

		rc = scim__sqlite_use(txn, (enum sql)i, &q, err);
		if (rc != SCIM_OK)
			break;
		scim__sqlite_bind_int(&q, number);
		rc = scim__sqlite_run(&q, err);
	}
	return rc;
}
