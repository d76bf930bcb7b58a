/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading one resource.
 *
 * The large columns stand last in a row and are read only when asked for:
 * SQLite does not touch the pages behind a column that no expression needs.
 */
#include "base/str.h"
#include "store/sqlite/sqlite.h"

static scim_status
damaged(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_STORE,
	    "A stored resource has the wrong shape: the database is damaged.");
}

scim_status
scim__sqlite_record(
    struct stmt *row, scim_arena *arena, scim_record *out, scim_error *err)
{
	scim_record r = { .id = scim__sqlite_read_id(row, arena) };

	if (!scim__sqlite_read_bytes(
		row, r.version.bytes, sizeof(r.version.bytes)))
		return damaged(err);
	r.sequence = (uint64_t)scim__sqlite_read_int(row);
	r.position = (uint64_t)scim__sqlite_read_int(row);
	r.created_ms = scim__sqlite_read_int(row);
	r.modified_ms = scim__sqlite_read_int(row);
	r.modified_before_ms = scim__sqlite_read_int(row);
	if (!scim__sqlite_read_bytes(row, r.own_hash, sizeof(r.own_hash)))
		return damaged(err);
	r.relation_count = (uint64_t)scim__sqlite_read_int(row);
	r.content = scim__sqlite_read_text(row, arena);
	r.secret = scim__sqlite_read_text(row, arena);
	r.relation_state = scim__sqlite_read_text(row, arena);
	if (r.id.ptr == NULL || r.content.ptr == NULL || r.secret.ptr == NULL ||
	    r.relation_state.ptr == NULL)
		return scim__fail_memory(err);
	*out = r;
	return SCIM_OK;
}

static scim_status
no_such_resource(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_NOT_FOUND, "No such resource.");
}

scim_status
scim__sqlite_get(scim_txn *base, scim_arena *arena, const scim_key *key,
    unsigned parts, scim_record *out, scim_error *err)
{
	struct txn *txn = txn_of(base);
	struct scope scope = { 0 };
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc =
	    scim__sqlite_find_scope(txn, key->tenant, key->type, &scope, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_use(txn, SQL_RESOURCE_GET, &q, err);
	if (rc == SCIM_OK) {
		scim__sqlite_bind_int(&q, parts);
		scim__sqlite_bind_int(&q, scope.tenant);
		scim__sqlite_bind_id(&q, key->id);
		scim__sqlite_bind_int(&q, scope.type);
		rc = scim__sqlite_row(&q, err);
	}
	if (rc == SCIM_ERR_NOT_FOUND)
		return no_such_resource(err);
	return rc == SCIM_OK ? scim__sqlite_record(&q, arena, out, err) : rc;
}

scim_status
scim__sqlite_find_unique(scim_txn *base, scim_arena *arena, const scim_key *key,
    const scim_unique_row *row, scim_str *out_id, scim_error *err)
{
	struct txn *txn = txn_of(base);
	struct scope scope = { 0 };
	int64_t attribute = 0;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc =
	    scim__sqlite_find_scope(txn, key->tenant, key->type, &scope, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_find_name(
		    txn, row->attribute, &attribute, err);
	if (rc == SCIM_OK)
		rc = scim__sqlite_use(txn, SQL_UNIQUE_FIND, &q, err);
	if (rc == SCIM_OK) {
		scim__sqlite_bind_int(&q, scope.tenant);
		scim__sqlite_bind_int(&q, scope.type);
		scim__sqlite_bind_int(&q, attribute);
		scim__sqlite_bind_text(&q, row->value);
		rc = scim__sqlite_row(&q, err);
	}
	if (rc == SCIM_ERR_NOT_FOUND)
		return no_such_resource(err);
	if (rc != SCIM_OK)
		return rc;

	scim_str id = scim__sqlite_read_id(&q, arena);

	if (id.ptr == NULL)
		return scim__fail_memory(err);
	*out_id = id;
	return SCIM_OK;
}
