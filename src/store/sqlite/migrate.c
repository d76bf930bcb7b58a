/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The schema, step by step, and what is refused.
 *
 * user_version is the number of steps that a file has taken.  A file is
 * changed only when it is empty or carries our application_id; the missing
 * steps run in one transaction that looks again once it has the lock, so
 * processes may start together.  A step that was released is never edited.
 *
 * Every table begins with the tenant.  Where a key ends in a value, the
 * table is its own index (WITHOUT ROWID).  `change` is not, because its rows
 * are large and always appended.
 */
#include <string.h>

#include "base/str.h"
#include "store/forms.h"
#include "store/sqlite/sqlite.h"

#define APPLICATION_ID 0x5343494d /* "SCIM" */

static const char *const steps[] = {
	"CREATE TABLE name ("
	" number INTEGER PRIMARY KEY,"
	" text TEXT NOT NULL UNIQUE"
	") STRICT;"

	"CREATE TABLE resource ("
	" position INTEGER PRIMARY KEY AUTOINCREMENT,"
	" tenant INTEGER NOT NULL,"
	" type INTEGER NOT NULL,"
	" id ANY NOT NULL,"
	" version BLOB NOT NULL,"
	" sequence INTEGER NOT NULL,"
	" created INTEGER NOT NULL,"
	" modified INTEGER NOT NULL,"
	" modified_before INTEGER NOT NULL,"
	" own_hash BLOB NOT NULL,"
	" relation_count INTEGER NOT NULL,"
	" content TEXT NOT NULL,"
	" secret TEXT NOT NULL,"
	" relation_state BLOB NOT NULL,"
	" UNIQUE (tenant, id)"
	") STRICT;"
	"CREATE INDEX resource_order ON resource (tenant, type);"

	"CREATE TABLE attribute ("
	" tenant INTEGER NOT NULL,"
	" type INTEGER NOT NULL,"
	" attribute INTEGER NOT NULL,"
	" value ANY NOT NULL,"
	" position INTEGER NOT NULL,"
	" PRIMARY KEY (tenant, type, attribute, value, position)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE unique_value ("
	" tenant INTEGER NOT NULL,"
	" type INTEGER NOT NULL,"
	" attribute INTEGER NOT NULL,"
	" value TEXT NOT NULL,"
	" id ANY NOT NULL,"
	" PRIMARY KEY (tenant, type, attribute, value)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE member ("
	" tenant INTEGER NOT NULL,"
	" holder ANY NOT NULL,"
	" value ANY NOT NULL,"
	" from_sequence INTEGER NOT NULL,"
	" to_sequence INTEGER,"
	" holder_type INTEGER NOT NULL,"
	" type TEXT NOT NULL,"
	" display TEXT NOT NULL,"
	" PRIMARY KEY (tenant, holder, value, from_sequence)"
	") STRICT, WITHOUT ROWID;"
	"CREATE INDEX member_live ON member (tenant, holder, value)"
	" WHERE to_sequence IS NULL;"
	"CREATE INDEX member_of ON member (tenant, value, holder, holder_type)"
	" WHERE to_sequence IS NULL;"

	"CREATE TABLE change ("
	" tenant INTEGER NOT NULL,"
	" sequence INTEGER NOT NULL,"
	" id ANY NOT NULL,"
	" type INTEGER NOT NULL,"
	" version BLOB,"            /* NULL: the resource is gone */
	" parent INTEGER NOT NULL," /* sequence before; 0: there was none */
	" operation TEXT NOT NULL,"
	" actor TEXT NOT NULL,"
	" via TEXT NOT NULL,"
	" at INTEGER NOT NULL,"
	" paths TEXT NOT NULL,"
	" content TEXT NOT NULL,"
	" UNIQUE (tenant, sequence)"
	") STRICT;"

	"CREATE TABLE counter ("
	" tenant INTEGER PRIMARY KEY,"
	" sequence INTEGER NOT NULL,"
	" epoch INTEGER NOT NULL"
	") STRICT;"
	"CREATE TABLE total ("
	" tenant INTEGER NOT NULL,"
	" type INTEGER NOT NULL,"
	" count INTEGER NOT NULL,"
	" PRIMARY KEY (tenant, type)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE operation ("
	" tenant INTEGER NOT NULL,"
	" id BLOB NOT NULL,"
	" at INTEGER NOT NULL,"
	" status INTEGER NOT NULL,"
	" resource ANY,"
	" version BLOB,"
	" fingerprint BLOB,"
	" PRIMARY KEY (tenant, id)"
	") STRICT, WITHOUT ROWID;"

	"CREATE TABLE meta (name TEXT PRIMARY KEY, value BLOB NOT NULL)"
	" STRICT;"
	"CREATE TABLE tenant (name TEXT PRIMARY KEY, value BLOB NOT NULL)"
	" STRICT;"
	"CREATE TABLE token (name TEXT PRIMARY KEY, value BLOB NOT NULL)"
	" STRICT;"
	"CREATE TABLE schema (name TEXT PRIMARY KEY, value BLOB NOT NULL)"
	" STRICT;"
	"CREATE TABLE resource_type ("
	" name TEXT PRIMARY KEY, value BLOB NOT NULL) STRICT;"
	"CREATE TABLE departure (name TEXT PRIMARY KEY, value BLOB NOT NULL)"
	" STRICT;",

	/* What there is becomes the first state to be kept. */
	"CREATE TABLE history ("
	" tenant INTEGER NOT NULL,"
	" id ANY NOT NULL,"
	" key ANY NOT NULL,"       /* a revision, or a version */
	" value INTEGER NOT NULL," /* its sequence, or its last revision */
	" PRIMARY KEY (tenant, id, key)"
	") STRICT, WITHOUT ROWID;"
	"INSERT INTO history (tenant, id, key, value)"
	" SELECT tenant, id, 1, sequence FROM resource;"
	"INSERT INTO history (tenant, id, key, value)"
	" SELECT tenant, id, version, 1 FROM resource;"
	"ALTER TABLE counter ADD COLUMN trimmed INTEGER NOT NULL DEFAULT 0;"
	"CREATE INDEX member_past ON member (tenant, holder, to_sequence)"
	" WHERE to_sequence IS NOT NULL;",

	/* Nobody has put anything into the first one. */
	"DROP TABLE operation;"
	"CREATE TABLE operation ("
	" tenant INTEGER NOT NULL,"
	" at INTEGER NOT NULL,"
	" key BLOB NOT NULL,"
	" fingerprint BLOB NOT NULL,"
	" id ANY NOT NULL,"
	" version BLOB NOT NULL,"
	" sequence INTEGER NOT NULL,"
	" flags INTEGER NOT NULL,"
	" PRIMARY KEY (tenant, at, key)"
	") STRICT, WITHOUT ROWID;"
	"CREATE UNIQUE INDEX operation_key ON operation (tenant, key);"
	"CREATE INDEX operation_of ON operation (tenant, id);",

	/* What is left to do with very many members: tidy.c. */
	"CREATE TABLE emptied ("
	" tenant INTEGER NOT NULL,"
	" holder ANY NOT NULL,"
	" sequence INTEGER NOT NULL," /* when that was */
	" after ANY NOT NULL,"        /* rows up to this value are closed */
	" PRIMARY KEY (tenant, holder, sequence)"
	") STRICT, WITHOUT ROWID;"
	"CREATE TABLE forgotten ("
	" tenant INTEGER NOT NULL,"
	" holder ANY NOT NULL,"
	" sequence INTEGER NOT NULL," /* rows that ended by then go */
	" PRIMARY KEY (tenant, holder)"
	") STRICT, WITHOUT ROWID;",
};

#define STEPS ((int64_t)scim__countof(steps))

static scim_status
execute(struct conn *conn, const char *sql, scim_error *err)
{
	int rc = sqlite3_exec(conn->db, sql, NULL, NULL, NULL);

	return rc == SQLITE_OK ? SCIM_OK : scim__sqlite_fail(conn, rc, err);
}

static scim_status
read_number(struct conn *conn, const char *sql, int64_t *out, scim_error *err)
{
	sqlite3_stmt *q = NULL;
	int rc = sqlite3_prepare_v2(conn->db, sql, -1, &q, NULL);

	if (rc == SQLITE_OK)
		rc = sqlite3_step(q);
	if (rc == SQLITE_ROW)
		*out = sqlite3_column_int64(q, 0);
	(void)sqlite3_finalize(q);
	return rc == SQLITE_ROW ? SCIM_OK : scim__sqlite_fail(conn, rc, err);
}

struct state {
	int64_t application, steps, objects;
};

/* Whether the file may be ours, and how far it is. */
static scim_status
look(struct conn *conn, struct state *out, scim_error *err)
{
	/* Somebody else may make the schema between two of them.  It is one
	 * transaction, and who sees its tables sees its marks after that. */
	static const char *const questions[] = {
		"SELECT count(*) FROM sqlite_schema", "PRAGMA user_version",
		"PRAGMA application_id"
	};
	int64_t answers[scim__countof(questions)] = { 0 };

	for (size_t i = 0; i < scim__countof(questions); i++) {
		scim_status rc =
		    read_number(conn, questions[i], &answers[i], err);

		if (rc != SCIM_OK)
			return rc;
	}
	*out = (struct state){ answers[2], answers[1], answers[0] };
	bool is_empty =
	    out->application == 0 && out->steps == 0 && out->objects == 0;

	if (out->application != APPLICATION_ID && !is_empty)
		return scim__fail(err, SCIM_ERR_UNSUPPORTED,
		    "'%s' is the database of another program: name another "
		    "file.",
		    conn->store->path);
	if (out->steps > STEPS)
		return scim__fail(err, SCIM_ERR_UNSUPPORTED,
		    "'%s' has schema %lld and this scimd knows %lld: run the "
		    "newer scimd that wrote it.",
		    conn->store->path, (long long)out->steps, (long long)STEPS);
	return SCIM_OK;
}

/*
 * WAL outlives the connection, so this changes the file once.  When two
 * processes meet here SQLite may answer without waiting: a wait of each for
 * the other would never end.
 */
static scim_status
use_wal(struct conn *conn, scim_error *err)
{
	int rc = SQLITE_BUSY;

	while (rc != SQLITE_OK) {
		rc = sqlite3_exec(conn->db,
		    "PRAGMA auto_vacuum = NONE; PRAGMA journal_mode = WAL",
		    NULL, NULL, NULL);
		if (rc != SQLITE_OK &&
		    ((rc & 0xFF) != SQLITE_BUSY ||
			scim__sqlite_clock_ms() >= conn->wait_until_ms))
			return scim__sqlite_fail(conn, rc, err);
		if (rc != SQLITE_OK)
			(void)sqlite3_sleep(1);
	}
	return SCIM_OK;
}

scim_status
scim__sqlite_record_forms(struct conn *conn, scim_error *err)
{
	char sql[320];

	(void)sqlite3_snprintf(sizeof(sql), sql,
	    "INSERT INTO meta (name, value) VALUES"
	    " ('canonical', CAST(%Q AS BLOB)), ('folding', CAST(%Q AS BLOB))"
	    " ON CONFLICT (name) DO UPDATE SET value = excluded.value",
	    SCIM__CANONICAL_FORM, scim__fold_version());
	return execute(conn, sql, err);
}

static scim_status
take_steps(struct conn *conn, scim_error *err)
{
	struct state now = { 0 };
	char sql[96];
	scim_status rc = look(conn, &now, err);

	for (int64_t i = now.steps; rc == SCIM_OK && i < STEPS; i++)
		rc = execute(conn, steps[i], err);
	if (rc == SCIM_OK && now.steps == 0)
		rc = scim__sqlite_record_forms(conn, err);
	if (rc != SCIM_OK || now.steps == STEPS)
		return rc;
	(void)sqlite3_snprintf(sizeof(sql), sql,
	    "PRAGMA application_id = %d; PRAGMA user_version = %lld",
	    APPLICATION_ID, (long long)STEPS);
	return execute(conn, sql, err);
}

static scim_status
bring_up_to_date(struct conn *conn, scim_error *err)
{
	scim_status rc = execute(conn, "BEGIN IMMEDIATE", err);

	if (rc != SCIM_OK)
		return rc;
	rc = take_steps(conn, err);
	if (rc == SCIM_OK)
		rc = execute(conn, "COMMIT", err);
	if (!sqlite3_get_autocommit(conn->db))
		(void)sqlite3_exec(conn->db, "ROLLBACK", NULL, NULL, NULL);
	return rc;
}

scim_status
scim__sqlite_same_forms(
    struct conn *conn, struct same_forms *out, scim_error *err)
{
	char sql[160];
	int64_t canonical = 0, folding = 0;

	(void)sqlite3_snprintf(sizeof(sql), sql,
	    "SELECT count(*) FROM meta WHERE"
	    " name = 'canonical' AND value = CAST(%Q AS BLOB)",
	    SCIM__CANONICAL_FORM);
	scim_status rc = read_number(conn, sql, &canonical, err);

	if (rc != SCIM_OK)
		return rc;
	(void)sqlite3_snprintf(sizeof(sql), sql,
	    "SELECT count(*) FROM meta WHERE"
	    " name = 'folding' AND value = CAST(%Q AS BLOB)",
	    scim__fold_version());
	rc = read_number(conn, sql, &folding, err);
	if (rc == SCIM_OK)
		*out = (struct same_forms){ canonical == 1, folding == 1 };
	return rc;
}

/* Versions and folded values stand in rows; others must not be compared
 * with them. */
static scim_status
check_forms(struct conn *conn, scim_error *err)
{
	struct same_forms same = { 0 };
	scim_status rc = scim__sqlite_same_forms(conn, &same, err);

	if (rc != SCIM_OK || (same.canonical && same.folding))
		return rc;
	return scim__fail(err, SCIM_ERR_UNSUPPORTED,
	    "'%s' was written with another canonical form or other folding "
	    "tables: run `scimd migrate --store sqlite:%s`, or the scimd that "
	    "wrote it.",
	    conn->store->path, conn->store->path);
}

scim_status
scim__sqlite_migrate(struct conn *conn, scim_error *err)
{
	struct state found = { 0 };
	scim_status rc = look(conn, &found, err);

	if (rc != SCIM_OK)
		return rc;
	rc = use_wal(conn, err);
	if (rc == SCIM_OK && found.steps < STEPS)
		rc = bring_up_to_date(conn, err);
	if (rc != SCIM_OK || conn->store->any_forms)
		return rc;
	return check_forms(conn, err);
}
