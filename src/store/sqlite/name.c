/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Numbers for the names of tenants, types and attributes.
 *
 * Rows and index keys carry a small number where a name would repeat.  A
 * number is given out once and never taken back, not even with its tenant,
 * so what a connection has seen committed stays true and is kept in a cache
 * of fixed size.  Only a transaction that gave out numbers and was undone
 * may leave wrong ones there; its connection then forgets all.
 */
#include <string.h>

#include "base/str.h"
#include "store/sqlite/sqlite.h"

#define PROBES 4

static size_t
hash(scim_str name)
{
	uint32_t h = 2166136261u;

	for (size_t i = 0; i < name.len; i++)
		h = (h ^ (uint8_t)name.ptr[i]) * 16777619u;
	return h ^ (h >> 16);
}

/* The slot that holds `name`, or the one to put it in. */
static struct name_slot *
slot_for(struct conn *conn, scim_str name)
{
	size_t home = hash(name);

	for (size_t i = 0; i < PROBES; i++) {
		struct name_slot *slot = &conn->names[(home + i) % NAME_SLOTS];

		if (slot->number == 0 ||
		    scim__str_equal((scim_str){ slot->text, slot->len }, name))
			return slot;
	}
	return &conn->names[home % NAME_SLOTS];
}

static int64_t
cached(struct conn *conn, scim_str name)
{
	const struct name_slot *slot = slot_for(conn, name);

	if (slot->number == 0 ||
	    !scim__str_equal((scim_str){ slot->text, slot->len }, name))
		return 0;
	return slot->number;
}

static void
remember(struct conn *conn, scim_str name, int64_t number)
{
	struct name_slot *slot = slot_for(conn, name);

	if (name.len > NAME_BYTES)
		return;
	slot->number = number;
	slot->len = (uint8_t)name.len;
	if (name.len > 0)
		memcpy(slot->text, name.ptr, name.len);
}

scim_status
scim__sqlite_find_name(
    struct txn *txn, scim_str name, int64_t *out, scim_error *err)
{
	int64_t number = cached(txn->conn, name);

	if (number == 0) {
		scim__auto_stmt struct stmt q = { 0 };
		scim_status rc = scim__sqlite_use(txn, SQL_NAME_FIND, &q, err);

		if (rc != SCIM_OK)
			return rc;
		scim__sqlite_bind_text(&q, name);
		rc = scim__sqlite_row(&q, err);
		if (rc != SCIM_OK)
			return rc;
		number = scim__sqlite_read_int(&q);
		remember(txn->conn, name, number);
	}
	*out = number;
	return SCIM_OK;
}

scim_status
scim__sqlite_make_name(
    struct txn *txn, scim_str name, int64_t *out, scim_error *err)
{
	scim_status rc = scim__sqlite_find_name(txn, name, out, err);

	if (rc != SCIM_ERR_NOT_FOUND)
		return rc;

	scim__auto_stmt struct stmt q = { 0 };
	rc = scim__sqlite_use(txn, SQL_NAME_ADD, &q, err);
	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_text(&q, name);
	rc = scim__sqlite_run(&q, err);
	if (rc != SCIM_OK)
		return rc;
	*out = sqlite3_last_insert_rowid(txn->conn->db);
	txn->named = true;
	remember(txn->conn, name, *out);
	return SCIM_OK;
}

scim_status
scim__sqlite_find_scope(struct txn *txn, scim_str tenant, scim_str type,
    struct scope *out, scim_error *err)
{
	scim_status rc = scim__sqlite_find_name(txn, tenant, &out->tenant, err);

	if (rc != SCIM_OK)
		return rc;
	return scim__sqlite_find_name(txn, type, &out->type, err);
}
