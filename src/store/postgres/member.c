/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members and memberships.
 *
 * Reads look at live rows only, a page at a time, by indexes that hold
 * nothing but live rows.  A row says from which change on somebody was a
 * member and, once that is over, until which one; so the members at any
 * change are those whose interval holds it, and a write closes rows instead
 * of deleting them.  Equal rows are left as they are: a list that is replaced
 * by nearly the same list makes only the rows that differ.
 */
#include "base/arena.h"
#include "base/str.h"
#include "store/postgres/postgres.h"

static scim_status
read_member(
    struct stmt *q, scim_arena *arena, scim_member_row *out, scim_error *err)
{
	scim_member_row row = { .value = scim__pg_read_str(q, arena) };

	row.type = scim__pg_read_str(q, arena);
	row.display = scim__pg_read_str(q, arena);
	if (row.value.ptr == NULL || row.type.ptr == NULL ||
	    row.display.ptr == NULL)
		return scim__fail_memory(err);
	*out = row;
	return SCIM_OK;
}

scim_status
scim__pg_member_get(scim_txn *base, scim_arena *arena, const scim_key *key,
    scim_str value, scim_member_row *out, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(txn_of(base), SQL_MEMBER_GET, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, key->tenant);
	scim__pg_bind_str(&q, key->id);
	scim__pg_bind_str(&q, value);
	scim__pg_bind_str(&q, key->type);
	rc = scim__pg_run(&q, err);
	if (rc == SCIM_OK && scim__pg_row(&q) != SCIM_OK)
		return scim__fail(err, SCIM_ERR_NOT_FOUND, "No such member.");
	return rc == SCIM_OK ? read_member(&q, arena, out, err) : rc;
}

/* Now, where `plan->sequence` is 0. */
static scim_status
read_members(struct txn *txn, scim_arena *arena, const scim_member_plan *plan,
    scim_member_row **out, size_t *out_count, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(
	    txn, plan->sequence == 0 ? SQL_MEMBERS : SQL_MEMBERS_AT, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, plan->tenant);
	scim__pg_bind_str(&q, plan->id);
	scim__pg_bind_str(&q, plan->after);
	scim__pg_bind_str(&q, plan->type);
	scim__pg_bind_limit(&q, plan->limit);
	if (plan->sequence > 0)
		scim__pg_bind_limit(&q, plan->sequence);
	rc = scim__pg_run(&q, err);
	if (rc != SCIM_OK)
		return rc;

	size_t count = 0, most = (size_t)PQntuples(q.result);
	scim_member_row *rows = scim__arena_array(arena, most, sizeof(*rows));

	if (rows == NULL && most > 0)
		return scim__fail_memory(err);
	while (rc == SCIM_OK && scim__pg_row(&q) == SCIM_OK)
		rc = read_member(&q, arena, &rows[count++], err);
	if (rc != SCIM_OK)
		return rc;
	*out = rows;
	*out_count = count;
	return SCIM_OK;
}

scim_status
scim__pg_members(scim_txn *base, scim_arena *arena, const scim_key *key,
    scim_str after, size_t limit, scim_member_row **out, size_t *out_count,
    scim_error *err)
{
	const scim_member_plan plan = { .tenant = key->tenant,
		.type = key->type,
		.id = key->id,
		.after = after,
		.limit = limit };

	return read_members(txn_of(base), arena, &plan, out, out_count, err);
}

scim_status
scim__pg_members_at(scim_txn *base, scim_arena *arena,
    const scim_member_plan *plan, scim_member_row **out, size_t *out_count,
    scim_error *err)
{
	if (plan->sequence == 0) {
		*out = NULL;
		*out_count = 0;
		return SCIM_OK;
	}
	return read_members(txn_of(base), arena, plan, out, out_count, err);
}

scim_status
scim__pg_memberships(scim_txn *base, scim_arena *arena, scim_str tenant,
    scim_str value, scim_str after, size_t limit, scim_membership **out,
    size_t *out_count, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = scim__pg_use(txn_of(base), SQL_MEMBERSHIPS, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, tenant);
	scim__pg_bind_str(&q, value);
	scim__pg_bind_str(&q, after);
	scim__pg_bind_limit(&q, limit);
	rc = scim__pg_run(&q, err);
	if (rc != SCIM_OK)
		return rc;

	size_t count = 0, most = (size_t)PQntuples(q.result);
	scim_membership *rows = scim__arena_array(arena, most, sizeof(*rows));

	if (rows == NULL && most > 0)
		return scim__fail_memory(err);
	for (; scim__pg_row(&q) == SCIM_OK; count++) {
		rows[count].id = scim__pg_read_str(&q, arena);
		rows[count].type = scim__pg_read_str(&q, arena);
		if (rows[count].id.ptr == NULL || rows[count].type.ptr == NULL)
			return scim__fail_memory(err);
	}
	*out = rows;
	*out_count = count;
	return SCIM_OK;
}

/* Binds what every statement over the rows of a write begins with. */
static scim_status
use(const struct written *w, enum sql which, struct stmt *q, scim_error *err)
{
	scim_status rc = scim__pg_use(w->txn, which, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(q, w->write->key.tenant);
	scim__pg_bind_str(q, w->write->key.id);
	scim__pg_bind_int(q, w->sequence);
	return SCIM_OK;
}

static scim_status
close_all(const struct written *w, scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use(w, SQL_MEMBER_CLOSE_ALL, &q, err);

	return rc == SCIM_OK ? scim__pg_send(&q, -1, err) : rc;
}

static scim_status
close_each(const struct written *w, scim_error *err)
{
	struct array values;
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use(w, SQL_MEMBER_CLOSE, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_array_init(&values, w->arena, ELEMENT_BYTES);
	for (size_t i = 0; i < w->write->member_remove_count; i++)
		scim__pg_array_add(&values, w->write->member_remove[i]);
	scim__pg_bind_array(&q, &values);
	return scim__pg_send(&q, -1, err);
}

struct coming {
	struct array values, types, displays;
};

static scim_status
send_coming(const struct written *w, enum sql which, struct coming *coming,
    scim_error *err)
{
	scim__auto_pg struct stmt q = { 0 };
	scim_status rc = use(w, which, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_array(&q, &coming->values);
	scim__pg_bind_array(&q, &coming->types);
	scim__pg_bind_array(&q, &coming->displays);
	if (which == SQL_MEMBER_INSERT)
		scim__pg_bind_str(&q, w->write->key.type);
	return scim__pg_send(&q, -1, err);
}

static scim_status
add_each(const struct written *w, scim_error *err)
{
	const scim_write *write = w->write;
	struct coming coming;

	scim__pg_array_init(&coming.values, w->arena, ELEMENT_BYTES);
	scim__pg_array_init(&coming.types, w->arena, ELEMENT_BYTES);
	scim__pg_array_init(&coming.displays, w->arena, ELEMENT_BYTES);
	for (size_t i = 0; i < write->member_add_count; i++) {
		const scim_member_row *row = &write->member_add[i];

		scim__pg_array_add(&coming.values, row->value);
		scim__pg_array_add(&coming.types, row->type);
		scim__pg_array_add(&coming.displays, row->display);
	}
	scim_status rc = send_coming(w, SQL_MEMBER_REOPEN, &coming, err);

	if (rc == SCIM_OK)
		rc = send_coming(w, SQL_MEMBER_CLOSE_OTHER, &coming, err);
	return rc == SCIM_OK ? send_coming(w, SQL_MEMBER_INSERT, &coming, err)
			     : rc;
}

scim_status
scim__pg_relate(const struct written *w, scim_error *err)
{
	const scim_write *write = w->write;
	scim_status rc = SCIM_OK;

	if (write->member_remove_all || write->kind == SCIM_WRITE_DELETE)
		rc = close_all(w, err);
	if (rc == SCIM_OK && write->member_remove_count > 0)
		rc = close_each(w, err);
	if (rc == SCIM_OK && write->member_add_count > 0)
		rc = add_each(w, err);
	return rc;
}
