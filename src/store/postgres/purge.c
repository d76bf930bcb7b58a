/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forgetting for good.
 *
 * A row that is deleted stays in its page until the table is vacuumed, so
 * that is done; it needs no transaction around it, and a connection of its
 * own.  What the log of the database and its backups hold is in its
 * operator's hands.
 */
#include "base/arena.h"
#include "base/str.h"
#include "store/postgres/postgres.h"

/* What goes, and how much of it has gone. */
struct purging {
	struct txn *txn;
	scim_arena *arena;
	const scim_purge *what;
	size_t count;
};

static scim_status
drop(struct purging *p, enum sql which, scim_error *err)
{
	struct array sequences;
	scim__auto_pg struct stmt q = { 0 };

	if (p->count >= p->what->limit)
		return SCIM_OK;
	scim_status rc = scim__pg_use(p->txn, which, &q, err);
	if (rc != SCIM_OK)
		return rc;
	scim__pg_bind_str(&q, p->what->tenant);
	scim__pg_bind_str(&q, p->what->id);
	scim__pg_bind_limit(&q, p->what->limit - p->count);
	if (which == SQL_PURGE_CHANGES) {
		scim__pg_array_init(&sequences, p->arena, ELEMENT_INT);
		for (size_t i = 0; i < p->what->sequence_count; i++)
			scim__pg_array_add_int(
			    &sequences, (int64_t)p->what->sequences[i]);
		scim__pg_bind_array(&q, &sequences);
	}
	rc = scim__pg_run(&q, err);
	if (rc == SCIM_OK)
		p->count += (size_t)scim__pg_changed(&q);
	return rc;
}

scim_status
scim__pg_purge(
    scim_txn *base, const scim_purge *purge, size_t *out_count, scim_error *err)
{
	static const enum sql rows[] = { SQL_PURGE_CHANGES, SQL_PURGE_HISTORY,
		SQL_PURGE_MEMBERS, SQL_PURGE_MEMBERSHIPS };
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct purging p = { txn_of(base), arena, purge, 0 };
	scim_status rc = arena == NULL ? scim__fail_memory(err) : SCIM_OK;

	scim__pg_writes(p.txn, purge->tenant);
	for (size_t i = 0; rc == SCIM_OK && i < scim__countof(rows); i++)
		rc = drop(&p, rows[i], err);
	if (rc == SCIM_OK)
		*out_count = p.count;
	return rc;
}

scim_status
scim__pg_scrub(scim_store *base, scim_error *err)
{
	static const char *const tables[] = { "VACUUM resource",
		"VACUUM attribute", "VACUUM unique_value", "VACUUM member",
		"VACUUM change", "VACUUM history", "VACUUM operation",
		"VACUUM departure" };
	struct conn conn = { .store = store_of(base) };
	scim_status rc = scim__pg_connect_bare(&conn, err);

	for (size_t i = 0; rc == SCIM_OK && i < scim__countof(tables); i++) {
		PGresult *result = PQexec(conn.raw, tables[i]);

		if (PQresultStatus(result) != PGRES_COMMAND_OK)
			rc = scim__pg_fail(&conn, result, err);
		PQclear(result);
	}
	scim__pg_disconnect(&conn);
	return rc;
}
