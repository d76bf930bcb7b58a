/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Binding, sending, reading.
 *
 * All goes over in binary, so that a value is any bytes and a number is
 * eight.  A statement is either sent, its result looked at when something is
 * waited for, or run, which waits for all that was sent before it as well:
 * what a write changes costs one trip however many statements it is.
 *
 * A read that is the first of its transaction and finds the connection
 * broken has seen nothing yet, and is asked again on a new one.
 */
#include <limits.h>
#include <stdlib.h>

#include "base/str.h"
#include "store/postgres/postgres.h"

scim_status
scim__pg_use(struct txn *txn, enum sql which, struct stmt *q, scim_error *err)
{
	if (txn->lost)
		return scim__fail(err, SCIM_ERR_ROLLED_BACK,
		    "The database has rolled the transaction back.");
	*q = (struct stmt){ .txn = txn, .which = which, .row = -1 };
	return SCIM_OK;
}

void
scim__pg_finish(struct stmt *q)
{
	PQclear(q->result);
	q->result = NULL;
}

void
scim__pg_bind_bytes(struct stmt *q, const void *bytes, size_t len)
{
	scim__assert(q->bound < STMT_PARAMETERS);
	q->failed = q->failed || len > INT_MAX;
	q->values[q->bound] = bytes == NULL ? "" : bytes;
	q->lengths[q->bound++] = len > INT_MAX ? 0 : (int)len;
}

void
scim__pg_bind_str(struct stmt *q, scim_str value)
{
	scim__pg_bind_bytes(q, value.ptr, value.len);
}

static void
put_number(uint8_t *out, uint64_t n, size_t size)
{
	for (size_t i = 0; i < size; i++)
		out[i] = (uint8_t)(n >> (8 * (size - 1 - i)));
}

void
scim__pg_bind_int(struct stmt *q, int64_t value)
{
	scim__assert(q->bound < STMT_PARAMETERS);
	uint8_t *bytes = q->ints[q->bound];

	put_number(bytes, (uint64_t)value, 8);
	scim__pg_bind_bytes(q, bytes, 8);
}

void
scim__pg_bind_limit(struct stmt *q, uint64_t limit)
{
	scim__pg_bind_int(q, limit > INT64_MAX ? INT64_MAX : (int64_t)limit);
}

void
scim__pg_bind_bool(struct stmt *q, bool value)
{
	scim__pg_bind_bytes(q, value ? "\1" : "\0", 1);
}

void
scim__pg_bind_null(struct stmt *q)
{
	scim__assert(q->bound < STMT_PARAMETERS);
	q->values[q->bound] = NULL;
	q->lengths[q->bound++] = 0;
}

static void
add_number(scim__buf *buf, uint32_t n)
{
	uint8_t bytes[4];

	put_number(bytes, n, sizeof(bytes));
	scim__buf_add(buf, (scim_str){ (const char *)bytes, sizeof(bytes) });
}

/* Dimensions, whether there are nulls, type; then length and first number
 * of the one dimension, and the elements. */
void
scim__pg_array_init(
    struct array *array, scim_arena *arena, enum element element)
{
	scim__buf_init(&array->buf, arena, INT_MAX);
	array->count = 0;
	add_number(&array->buf, 1);
	add_number(&array->buf, 0);
	add_number(&array->buf, (uint32_t)element);
	add_number(&array->buf, 0);
	add_number(&array->buf, 1);
}

void
scim__pg_array_add(struct array *array, scim_str value)
{
	add_number(&array->buf, (uint32_t)value.len);
	scim__buf_add(&array->buf, value);
	array->count++;
}

void
scim__pg_array_add_int(struct array *array, int64_t value)
{
	uint8_t bytes[8];

	put_number(bytes, (uint64_t)value, sizeof(bytes));
	scim__pg_array_add(
	    array, (scim_str){ (const char *)bytes, sizeof(bytes) });
}

void
scim__pg_bind_array(struct stmt *q, struct array *array)
{
	if (scim__buf_failed(&array->buf)) {
		q->failed = true;
		return;
	}
	put_number((uint8_t *)array->buf.ptr + 12, array->count, 4);
	scim__pg_bind_str(q, scim__buf_str(&array->buf));
}

static scim_status
send(struct stmt *q, int rows, scim_error *err)
{
	static const int binary[STMT_PARAMETERS] = { 1, 1, 1, 1, 1, 1, 1, 1, 1,
		1, 1, 1, 1, 1 };
	struct conn *conn = q->txn->conn;
	char name[16];

	(void)snprintf(name, sizeof(name), "s%u", (unsigned)q->which);
	if (conn->raw == NULL ||
	    PQsendQueryPrepared(conn->raw, name, q->bound, q->values,
		q->lengths, binary, 1) != 1)
		return scim__pg_fail_lost(conn, err);
	conn->sent[conn->sent_count++] = (struct sent){ q->which, rows };
	return SCIM_OK;
}

scim_status
scim__pg_send(struct stmt *q, int rows, scim_error *err)
{
	struct conn *conn = q->txn->conn;
	scim_status rc = q->failed ? scim__fail_memory(err) : SCIM_OK;

	if (rc == SCIM_OK)
		rc = scim__pg_ensure_begun(q->txn, err);
	/* Room for this one, and for what ends the transaction. */
	if (rc == SCIM_OK && conn->sent_count + 4 > SENT_MOST)
		rc = scim__pg_sync(conn, NULL, err);
	return rc == SCIM_OK ? send(q, rows, err) : rc;
}

static scim_status
run_once(struct stmt *q, bool alone, scim_error *err)
{
	q->txn->has_begun = q->txn->has_begun || alone;
	scim_status rc = scim__pg_send(q, -1, err);

	return rc == SCIM_OK ? scim__pg_sync(q->txn->conn, &q->result, err)
			     : rc;
}

static scim_status
run(struct stmt *q, bool alone, scim_error *err)
{
	struct txn *txn = q->txn;
	bool may_repeat = txn->base.mode != SCIM_TXN_WRITE && !txn->has_read;
	scim_status rc = run_once(q, alone, err);

	if (rc != SCIM_OK && may_repeat && txn->lost &&
	    scim__pg_connect(txn->conn, err) == SCIM_OK) {
		txn->lost = txn->has_begun = false;
		rc = run_once(q, alone, err);
	}
	txn->has_read = true;
	q->row = -1;
	return rc;
}

scim_status
scim__pg_run(struct stmt *q, scim_error *err)
{
	return run(q, false, err);
}

scim_status
scim__pg_run_alone(struct stmt *q, scim_error *err)
{
	return run(q, true, err);
}

int
scim__pg_changed(const struct stmt *q)
{
	return atoi(PQcmdTuples(q->result));
}

scim_status
scim__pg_row(struct stmt *q)
{
	q->column = 0;
	return ++q->row < PQntuples(q->result) ? SCIM_OK : SCIM_ERR_NOT_FOUND;
}

scim_str
scim__pg_peek(struct stmt *q)
{
	int column = q->column++;

	return (scim_str){ PQgetvalue(q->result, q->row, column),
		(size_t)PQgetlength(q->result, q->row, column) };
}

bool
scim__pg_is_null(struct stmt *q)
{
	return PQgetisnull(q->result, q->row, q->column) != 0;
}

int64_t
scim__pg_read_int(struct stmt *q)
{
	scim_str bytes = scim__pg_peek(q);
	uint64_t n = 0;

	for (size_t i = 0; i < bytes.len; i++)
		n = n << 8 | (uint8_t)bytes.ptr[i];
	return (int64_t)n;
}

bool
scim__pg_read_bool(struct stmt *q)
{
	return scim__pg_read_int(q) != 0;
}

scim_str
scim__pg_read_str(struct stmt *q, scim_arena *arena)
{
	scim_str text = scim__pg_peek(q);

	return text.len == 0 ? SCIM_STR("") : scim__str_copy(arena, text);
}

bool
scim__pg_read_bytes(struct stmt *q, void *out, size_t len)
{
	scim_str bytes = scim__pg_peek(q);

	if (bytes.len != len)
		return false;
	memcpy(out, bytes.ptr, len);
	return true;
}
