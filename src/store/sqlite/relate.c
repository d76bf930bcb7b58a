/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The member rows of one write.
 *
 * A row says from which change on somebody was a member and, once that is
 * over, until which one; so the members at any change are those whose
 * interval holds it, and nothing is ever deleted here.  Equal rows are left
 * as they are: a list that is replaced by nearly the same list makes only
 * the rows that differ.  When very many end together, that is noted, and the
 * rows are closed later (tidy.c); one that comes again before its old row
 * says so closes it.
 */
#include "base/str.h"
#include "store/sqlite/sqlite.h"

static scim_status
run_on_all(const struct relation *r, enum sql which, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(r->txn, which, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, r->scope.tenant);
	scim__sqlite_bind_id(&q, r->holder);
	scim__sqlite_bind_int(&q, r->sequence);
	return scim__sqlite_run(&q, err);
}

static scim_status
close_all(const struct relation *r, scim_error *err)
{
	scim_status rc = run_on_all(r, SQL_EMPTIED_ADD, err);

	if (rc == SCIM_OK && sqlite3_changes(r->txn->conn->db) > 0) {
		atomic_store(&r->txn->conn->store->untidy, true);
		return SCIM_OK;
	}
	return rc == SCIM_OK ? run_on_all(r, SQL_MEMBER_CLOSE_ALL, err) : rc;
}

static scim_status
close_each(const struct relation *r, const scim_str *values, size_t count,
    scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(r->txn, SQL_MEMBER_CLOSE, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, r->scope.tenant);
	scim__sqlite_bind_id(&q, r->holder);
	scim__sqlite_bind_int(&q, r->sequence);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		scim__sqlite_again(&q, 3);
		scim__sqlite_bind_id(&q, values[i]);
		rc = scim__sqlite_run(&q, err);
	}
	return rc;
}

/* Binds what names a row: tenant, holder, value. */
static scim_status
use_row(const struct relation *r, enum sql which, scim_str value,
    struct stmt *q, scim_error *err)
{
	scim_status rc = scim__sqlite_use(r->txn, which, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(q, r->scope.tenant);
	scim__sqlite_bind_id(q, r->holder);
	scim__sqlite_bind_id(q, value);
	return SCIM_OK;
}

static scim_status
insert(const struct relation *r, const scim_member_row *row, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use_row(r, SQL_MEMBER_INSERT, row->value, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, r->sequence);
	scim__sqlite_bind_text(&q, row->type);
	scim__sqlite_bind_text(&q, row->display);
	scim__sqlite_bind_int(&q, r->scope.type);
	return scim__sqlite_run(&q, err);
}

/* Makes the row that began at `from` live, with what `row` says. */
static scim_status
renew(const struct relation *r, const scim_member_row *row, int64_t from,
    scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use_row(r, SQL_MEMBER_RENEW, row->value, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q, from);
	scim__sqlite_bind_text(&q, row->type);
	scim__sqlite_bind_text(&q, row->display);
	return scim__sqlite_run(&q, err);
}

/* The last row of one value; `from` is 0 for none. */
struct latest {
	int64_t from, to; /* to is 0 while it is live */
	bool is_open;     /* it does not say `to`, if there is one */
	bool is_same;
};

static scim_status
find_latest(const struct relation *r, const scim_member_row *row,
    struct latest *out, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use_row(r, SQL_MEMBER_LATEST, row->value, &q, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_row(&q, err);
	if (rc == SCIM_ERR_NOT_FOUND) {
		*out = (struct latest){ 0 };
		return SCIM_OK;
	}
	if (rc != SCIM_OK)
		return rc;
	out->from = scim__sqlite_read_int(&q);
	out->to = scim__sqlite_read_int(&q);
	out->is_open = scim__sqlite_read_int(&q) != 0;
	out->is_same = scim__str_equal(scim__sqlite_peek(&q), row->type);
	out->is_same = scim__str_equal(scim__sqlite_peek(&q), row->display) &&
	    out->is_same;
	return SCIM_OK;
}

static scim_status
add(const struct relation *r, const scim_member_row *row, scim_error *err)
{
	struct latest last = { 0 };
	scim_status rc = find_latest(r, row, &last, err);

	if (rc != SCIM_OK)
		return rc;
	bool was_closed_here = last.to == r->sequence && !last.is_open;
	const struct relation then = { r->txn, r->scope, r->holder,
		last.to == 0 ? r->sequence : last.to };

	if (last.is_open && last.to == 0 && last.is_same)
		return SCIM_OK;
	if (last.from == r->sequence || (was_closed_here && last.is_same))
		return renew(r, row, last.from, err);
	if (last.is_open)
		rc = close_each(&then, &row->value, 1, err);
	return rc == SCIM_OK ? insert(r, row, err) : rc;
}

scim_status
scim__sqlite_relate(
    const struct relation *r, const scim_write *w, scim_error *err)
{
	scim_status rc = SCIM_OK;

	if (w->member_remove_all || w->kind == SCIM_WRITE_DELETE)
		rc = close_all(r, err);
	if (rc == SCIM_OK && w->member_remove_count > 0)
		rc = close_each(
		    r, w->member_remove, w->member_remove_count, err);
	for (size_t i = 0; rc == SCIM_OK && i < w->member_add_count; i++)
		rc = add(r, &w->member_add[i], err);
	return rc;
}
