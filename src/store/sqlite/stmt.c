/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Running prepared statements.
 *
 * A statement is prepared the first time a connection needs it and kept.
 * Whoever takes one has it in a struct whose scope ends with a reset, on
 * every way out: an open statement would hold its snapshot and keep the WAL
 * from being cleared.  Everything a transaction does comes through
 * scim__sqlite_use(), so a store that may serve no more and a transaction
 * that SQLite has thrown away are refused in one place; without that the
 * next statement of a lost transaction would commit on its own.
 */
#include "base/arena.h"
#include "base/ids.h"
#include "base/str.h"
#include "store/sqlite/sqlite.h"

static scim_status
prepare(struct conn *conn, enum sql which, scim_error *err)
{
	int rc = sqlite3_prepare_v3(conn->db, scim__sqlite_text[which], -1,
	    SQLITE_PREPARE_PERSISTENT, &conn->statements[which], NULL);

	return rc == SQLITE_OK ? SCIM_OK : scim__sqlite_fail(conn, rc, err);
}

scim_status
scim__sqlite_use(
    struct txn *txn, enum sql which, struct stmt *q, scim_error *err)
{
	struct conn *conn = txn->conn;

	if (atomic_load(&conn->store->poisoned))
		return scim__fail(err, SCIM_ERR_STORE,
		    "A commit failed with its outcome unknown; the store "
		    "serves no more until it is opened again.");
	if (txn->lost)
		return scim__fail(err, SCIM_ERR_ROLLED_BACK,
		    "The database has rolled the transaction back.");
	if (conn->statements[which] == NULL) {
		scim_status rc = prepare(conn, which, err);

		if (rc != SCIM_OK)
			return rc;
	}
	*q = (struct stmt){ .txn = txn, .raw = conn->statements[which] };
	return SCIM_OK;
}

void
scim__sqlite_again(struct stmt *q, int kept)
{
	(void)sqlite3_reset(q->raw);
	q->bound = kept;
	q->column = 0;
}

/* Bindings point into memory of the caller, so they go too. */
void
scim__sqlite_finish(struct stmt *q)
{
	if (q->raw == NULL)
		return;
	(void)sqlite3_reset(q->raw);
	(void)sqlite3_clear_bindings(q->raw);
	q->raw = NULL;
}

static void
bound(struct stmt *q, int rc)
{
	if (q->rc == SQLITE_OK)
		q->rc = rc;
}

void
scim__sqlite_bind_int(struct stmt *q, int64_t value)
{
	bound(q, sqlite3_bind_int64(q->raw, ++q->bound, value));
}

void
scim__sqlite_bind_limit(struct stmt *q, uint64_t limit)
{
	scim__sqlite_bind_int(
	    q, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
}

void
scim__sqlite_bind_real(struct stmt *q, double value)
{
	bound(q, sqlite3_bind_double(q->raw, ++q->bound, value));
}

void
scim__sqlite_bind_null(struct stmt *q)
{
	bound(q, sqlite3_bind_null(q->raw, ++q->bound));
}

/* A null pointer would bind NULL, which is not the empty text. */
void
scim__sqlite_bind_text(struct stmt *q, scim_str text)
{
	const char *ptr = text.ptr == NULL ? "" : text.ptr;

	bound(q,
	    sqlite3_bind_text64(
		q->raw, ++q->bound, ptr, text.len, SQLITE_STATIC, SQLITE_UTF8));
}

void
scim__sqlite_bind_blob(struct stmt *q, const void *bytes, size_t len)
{
	const void *ptr = bytes == NULL ? "" : bytes;

	bound(q,
	    sqlite3_bind_blob64(q->raw, ++q->bound, ptr, len, SQLITE_STATIC));
}

void
scim__sqlite_bind_id(struct stmt *q, scim_str id)
{
	scim__assert(q->bound < STMT_PARAMETERS);
	uint8_t *uuid = q->uuid[q->bound];

	if (!scim__uuid_decode(id, uuid)) {
		scim__sqlite_bind_text(q, id);
		return;
	}
	scim__sqlite_bind_blob(q, uuid, sizeof(q->uuid[0]));
}

void
scim__sqlite_bind_value(struct stmt *q, const scim_index_value *value)
{
	switch (value->kind) {
	case SCIM_INDEX_TEXT:
		scim__sqlite_bind_text(q, value->text);
		return;
	case SCIM_INDEX_INTEGER:
		scim__sqlite_bind_int(q, value->integer);
		return;
	case SCIM_INDEX_REAL:
		scim__sqlite_bind_real(q, value->real);
		return;
	}
	scim__assert(false);
}

scim_status
scim__sqlite_row(struct stmt *q, scim_error *err)
{
	int rc = q->rc == SQLITE_OK ? sqlite3_step(q->raw) : q->rc;

	q->column = 0;
	if (rc == SQLITE_ROW)
		return SCIM_OK;
	if (rc == SQLITE_DONE)
		return SCIM_ERR_NOT_FOUND;
	return scim__sqlite_fail(q->txn->conn, rc, err);
}

/* To the very end: what a statement changes can fail after its last row. */
scim_status
scim__sqlite_run(struct stmt *q, scim_error *err)
{
	scim_status rc;

	do
		rc = scim__sqlite_row(q, err);
	while (rc == SCIM_OK);
	return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
}

int64_t
scim__sqlite_read_int(struct stmt *q)
{
	return sqlite3_column_int64(q->raw, q->column++);
}

/* A text is read as a blob, which spares making it NUL-terminated. */
scim_str
scim__sqlite_peek(struct stmt *q)
{
	const char *ptr = sqlite3_column_blob(q->raw, q->column);
	int len = sqlite3_column_bytes(q->raw, q->column++);

	return (scim_str){ ptr == NULL ? "" : ptr, (size_t)len };
}

scim_str
scim__sqlite_read_text(struct stmt *q, scim_arena *arena)
{
	scim_str text = scim__sqlite_peek(q);

	return text.len == 0 ? SCIM_STR("") : scim__str_copy(arena, text);
}

scim_str
scim__sqlite_read_id(struct stmt *q, scim_arena *arena)
{
	if (sqlite3_column_type(q->raw, q->column) != SQLITE_BLOB)
		return scim__sqlite_read_text(q, arena);

	scim_str bytes = scim__sqlite_peek(q);
	char *text = scim__arena_take(arena, SCIM__UUID_LEN + 1);

	if (text == NULL || bytes.len != 16)
		return (scim_str){ NULL, 0 };
	scim__uuid_encode((const uint8_t *)bytes.ptr, text);
	return (scim_str){ text, SCIM__UUID_LEN };
}

bool
scim__sqlite_read_bytes(struct stmt *q, void *out, size_t len)
{
	scim_str bytes = scim__sqlite_peek(q);

	if (bytes.len != len)
		return false;
	memcpy(out, bytes.ptr, len);
	return true;
}

bool
scim__sqlite_read_value(
    struct stmt *q, scim_arena *arena, scim_index_value *out)
{
	int type = sqlite3_column_type(q->raw, q->column);

	if (type == SQLITE_INTEGER) {
		*out = (scim_index_value){ .kind = SCIM_INDEX_INTEGER,
			.integer = scim__sqlite_read_int(q) };
		return true;
	}
	if (type == SQLITE_FLOAT) {
		*out = (scim_index_value){ .kind = SCIM_INDEX_REAL,
			.real = sqlite3_column_double(q->raw, q->column++) };
		return true;
	}
	*out = (scim_index_value){ .kind = SCIM_INDEX_TEXT,
		.text = scim__sqlite_read_text(q, arena) };
	return out->text.ptr != NULL;
}
