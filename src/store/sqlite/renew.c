/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Renewing what stands in rows, when the forms that made it have changed.
 *
 * All of it is one transaction, however large.  A database of which one half
 * is folded by other tables is right for no scimd, and the one that wrote it
 * could not tell; so nobody ever sees such a one, and after a conflict or a
 * crash the scimd that wrote it goes on with it.  The price is room on the
 * disk for the rows, twice, until the end.
 *
 * The old rows are set aside before the first is made anew: one that is
 * wrong by now must not stand in the way of another resource, and comparing
 * both sets at the end says what has changed.  It needs no log of changes:
 * the states are what they were.
 */
#include "store/sqlite/renew.h"

#include "base/arena.h"
#include "base/str.h"
#include "store/sqlite/sqlite.h"
#include "store/store.h"

#define PAGE_RESOURCES 200

struct work {
	struct txn *txn;
	const struct scim__renewal *renewal;
	bool rewrites;
	struct scim__renew_result result;
	uint64_t conflicts;
};

struct found {
	scim_record record;
	struct scope scope;
	scim_str tenant, type;
};

static const char set_aside[] =
    "CREATE TABLE renew_attribute ("
    " tenant INTEGER NOT NULL, type INTEGER NOT NULL,"
    " attribute INTEGER NOT NULL, value ANY NOT NULL,"
    " position INTEGER NOT NULL,"
    " PRIMARY KEY (tenant, type, attribute, value, position)"
    ") STRICT, WITHOUT ROWID;"
    "CREATE TABLE renew_unique ("
    " tenant INTEGER NOT NULL, type INTEGER NOT NULL,"
    " attribute INTEGER NOT NULL, value TEXT NOT NULL, id ANY NOT NULL,"
    " PRIMARY KEY (tenant, type, attribute, value)"
    ") STRICT, WITHOUT ROWID;"
    "INSERT INTO renew_attribute SELECT tenant, type, attribute, value,"
    " position FROM attribute;"
    "INSERT INTO renew_unique SELECT tenant, type, attribute, value, id"
    " FROM unique_value;"
    "DELETE FROM attribute; DELETE FROM unique_value";

static const char drop_old[] =
    "DROP TABLE renew_attribute; DROP TABLE renew_unique";

/* What leads back to a state of another form leads nowhere any more: what
 * there is now becomes the first state that is kept. */
static const char begin_history_anew[] =
    "DELETE FROM history;"
    "INSERT INTO history (tenant, id, key, value)"
    " SELECT tenant, id, 1, sequence FROM resource;"
    "INSERT INTO history (tenant, id, key, value)"
    " SELECT tenant, id, version, 1 FROM resource;"
    "UPDATE change SET content = '' WHERE content <> '';"
    "UPDATE change SET version = r.version FROM resource r"
    " WHERE r.tenant = change.tenant AND r.id = change.id"
    " AND r.sequence = change.sequence";

/* Positions of the resources with a row in `a` that `b` does not have. */
#define INDEX_ONLY_IN(a, b)                                           \
	"SELECT x.position FROM " a " x WHERE NOT EXISTS (SELECT 1 "  \
	"FROM " b " y WHERE y.tenant = x.tenant AND y.type = x.type " \
	"AND y.attribute = x.attribute AND y.value = x.value "        \
	"AND y.position = x.position)"
#define UNIQUE_ONLY_IN(a, b)                                       \
	"SELECT r.position FROM " a " x JOIN resource r "          \
	"ON r.tenant = x.tenant AND r.id = x.id WHERE NOT EXISTS " \
	"(SELECT 1 FROM " b " y WHERE y.tenant = x.tenant "        \
	"AND y.type = x.type AND y.attribute = x.attribute "       \
	"AND y.value = x.value AND y.id = x.id)"

static const char count_changed[] = "SELECT count(*) FROM (" INDEX_ONLY_IN(
    "renew_attribute", "attribute") " UNION " INDEX_ONLY_IN("attribute",
    "renew_attribute") " UNION " UNIQUE_ONLY_IN("renew_unique",
    "unique_value") " UNION " UNIQUE_ONLY_IN("unique_value",
    "renew_unique") ")";

scim_status
scim__sqlite_open_to_renew(
    scim_str path, const scim_env *env, scim_store **out, scim_error *err)
{
	return scim__sqlite_open(path, env, true, out, err);
}

static scim_status
execute(const struct work *work, const char *sql, scim_error *err)
{
	struct conn *conn = work->txn->conn;
	int rc = sqlite3_exec(conn->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? SCIM_OK : scim__sqlite_fail(conn, rc, err);
}

static scim_status
read_changed(const struct work *work, uint64_t *out, scim_error *err)
{
	struct conn *conn = work->txn->conn;
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(conn->db, count_changed, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*out = (uint64_t)sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	return rc == SQLITE_ROW ? SCIM_OK : scim__sqlite_fail(conn, rc, err);
}

static scim_status
read_found(
    struct stmt *q, scim_arena *arena, struct found *out, scim_error *err)
{
	scim_status rc = scim__sqlite_record(q, arena, &out->record, err);

	if (rc != SCIM_OK)
		return rc;
	out->scope.tenant = scim__sqlite_read_int(q);
	out->scope.type = scim__sqlite_read_int(q);
	out->tenant = scim__sqlite_read_text(q, arena);
	out->type = scim__sqlite_read_text(q, arena);
	if (out->tenant.ptr == NULL || out->type.ptr == NULL)
		return scim__fail_memory(err);
	return SCIM_OK;
}

/* Up to PAGE_RESOURCES that stand after `position`. */
static scim_status
read_page(const struct work *work, scim_arena *arena, uint64_t position,
    struct found *page, size_t *out_count, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	size_t count = 0;
	scim_status rc = scim__sqlite_use(work->txn, SQL_RENEW_NEXT, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(&q,
	    SCIM_RECORD_CONTENT | SCIM_RECORD_SECRET | SCIM_RECORD_RELATION);
	scim__sqlite_bind_int(&q, (int64_t)position);
	scim__sqlite_bind_int(&q, PAGE_RESOURCES);
	while (count < PAGE_RESOURCES &&
	    (rc = scim__sqlite_row(&q, err)) == SCIM_OK) {
		rc = read_found(&q, arena, &page[count], err);
		if (rc != SCIM_OK)
			return rc;
		count++;
	}
	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out_count = count;
	return SCIM_OK;
}

static scim_status
put_state(const struct work *work, const scim_record *record, scim_error *err)
{
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_use(work->txn, SQL_RENEW_STATE, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_blob(
	    &q, record->version.bytes, sizeof(record->version.bytes));
	scim__sqlite_bind_blob(&q, record->own_hash, sizeof(record->own_hash));
	scim__sqlite_bind_text(&q, record->content);
	scim__sqlite_bind_text(&q, record->secret);
	scim__sqlite_bind_int(&q, (int64_t)record->position);
	return scim__sqlite_run(&q, err);
}

static void
tell_conflict(struct work *work, const struct found *found,
    const scim_write_result *result)
{
	const struct scim__renew_conflict conflict = { .tenant = found->tenant,
		.type = found->type,
		.attribute = result->attribute,
		.id = found->record.id,
		.other_id = result->holder };

	work->conflicts++;
	work->renewal->conflict(work->renewal->context, &conflict);
}

static scim_status
renew_one(
    struct work *work, scim_arena *arena, struct found *found, scim_error *err)
{
	scim_record *record = &found->record;
	const struct place place = { found->scope, (int64_t)record->position };
	scim_write write = { .kind = SCIM_WRITE_UPDATE,
		.key = { found->tenant, found->type, record->id },
		.record = record };
	scim_write_result result = { 0 };
	bool is_changed = false;
	scim_status rc = work->renewal->renew(work->renewal->context, arena,
	    work->rewrites, record, &write, &is_changed, err);

	if (rc == SCIM_OK && is_changed)
		rc = put_state(work, record, err);
	if (rc != SCIM_OK)
		return rc;
	work->result.rewritten += is_changed ? 1 : 0;
	work->result.looked_at++;
	rc = scim__sqlite_add_rows(
	    work->txn, arena, &place, &write, &result, err);
	if (rc != SCIM_ERR_EXISTS)
		return rc;
	tell_conflict(work, found, &result);
	return SCIM_OK;
}

static scim_status
renew_all(struct work *work, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	uint64_t position = 0;
	size_t count = PAGE_RESOURCES;

	if (arena == NULL)
		return scim__fail_memory(err);
	while (count == PAGE_RESOURCES) {
		scim_arena_reset(arena);
		struct found *page =
		    scim__arena_array(arena, PAGE_RESOURCES, sizeof(*page));

		if (page == NULL)
			return scim__fail_memory(err);
		scim_status rc =
		    read_page(work, arena, position, page, &count, err);
		for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
			position = page[i].record.position;
			rc = renew_one(work, arena, &page[i], err);
		}
		if (rc != SCIM_OK)
			return rc;
		work->renewal->progress(
		    work->renewal->context, work->result.looked_at);
	}
	return SCIM_OK;
}

static scim_status
finish(struct work *work, scim_error *err)
{
	if (work->conflicts > 0)
		return scim__fail(err, SCIM_ERR_EXISTS,
		    "%llu values that have to be unique no longer are. Nothing "
		    "was changed: with the scimd that wrote the store, give "
		    "one of each pair another value; then migrate again.",
		    (unsigned long long)work->conflicts);
	scim_status rc = read_changed(work, &work->result.indexed, err);

	if (rc == SCIM_OK)
		rc = execute(work, drop_old, err);
	if (rc == SCIM_OK && work->result.rewritten > 0)
		rc = execute(work, begin_history_anew, err);
	return rc == SCIM_OK ? scim__sqlite_record_forms(work->txn->conn, err)
			     : rc;
}

scim_status
scim__sqlite_renew(scim_store *store, const struct scim__renewal *renewal,
    struct scim__renew_result *out, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct same_forms same = { 0 };
	scim_status rc = scim__store_begin(store, SCIM_TXN_WRITE, &txn, err);

	if (rc != SCIM_OK)
		return rc;
	struct work work = { .txn = txn_of(txn), .renewal = renewal };

	rc = scim__sqlite_same_forms(work.txn->conn, &same, err);
	work.rewrites = !same.canonical;
	if (rc == SCIM_OK)
		rc = execute(&work, set_aside, err);
	if (rc == SCIM_OK)
		rc = renew_all(&work, err);
	if (rc == SCIM_OK)
		rc = finish(&work, err);
	if (rc == SCIM_OK)
		rc = scim__store_commit(scim__take(txn), err);
	if (rc == SCIM_OK)
		*out = work.result;
	return rc;
}
