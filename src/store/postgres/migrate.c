/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The tables, step by step, and what is refused.
 *
 * They are made in the first schema of the search path.  A row of
 * scimd_migration stands for each step that was taken; the missing ones are
 * taken in one transaction, under a lock that lets one node in at a time, so
 * nodes may start together.  A step that was released is never edited.
 *
 * Every table but the small ones that belong to no tenant begins with the
 * tenant, and so does every index of it.  Ids, values and documents are
 * bytes: their order is that of bytes whatever the database collates by, and
 * no text is refused for what is in it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/forms.h"
#include "store/postgres/postgres.h"

#define TENANT " tenant text COLLATE \"C\" NOT NULL,"
#define TYPE " type text COLLATE \"C\" NOT NULL,"
#define DOCUMENTS(table)           \
	"CREATE TABLE " table " (" \
	" name bytea PRIMARY KEY," \
	" value bytea NOT NULL);"
#define TENANT_DOCUMENTS(table)                                   \
	"CREATE TABLE " table " (" TENANT " name bytea NOT NULL," \
	" value bytea NOT NULL,"                                  \
	" PRIMARY KEY (tenant, name));"

static const char *const steps[] = {
	"CREATE SEQUENCE position;"
	"CREATE TABLE resource (" TENANT " id bytea NOT NULL," TYPE
	" position bigint NOT NULL,"
	" version bytea NOT NULL,"
	" sequence bigint NOT NULL,"
	" created bigint NOT NULL,"
	" modified bigint NOT NULL,"
	" modified_before bigint NOT NULL,"
	" own_hash bytea NOT NULL,"
	" relation_count bigint NOT NULL,"
	" content bytea NOT NULL,"
	" secret bytea NOT NULL,"
	" relation_state bytea NOT NULL,"
	" PRIMARY KEY (tenant, id)) WITH (fillfactor = 85);"
	"CREATE UNIQUE INDEX resource_order"
	" ON resource (tenant, type, position);"

	"CREATE TABLE attribute (" TENANT TYPE
	" attribute text COLLATE \"C\" NOT NULL,"
	" key bytea NOT NULL,"
	" position bigint NOT NULL,"
	" PRIMARY KEY (tenant, type, attribute, key, position));"

	"CREATE TABLE unique_value (" TENANT TYPE
	" attribute text COLLATE \"C\" NOT NULL,"
	" key bytea NOT NULL,"
	" id bytea NOT NULL,"
	" PRIMARY KEY (tenant, type, attribute, key));"

	"CREATE TABLE member (" TENANT " holder bytea NOT NULL,"
	" value bytea NOT NULL,"
	" from_sequence bigint NOT NULL,"
	" to_sequence bigint,"
	" holder_type text COLLATE \"C\" NOT NULL,"
	" type bytea NOT NULL,"
	" display bytea NOT NULL,"
	" PRIMARY KEY (tenant, holder, value, from_sequence));"
	"CREATE INDEX member_live ON member (tenant, holder, value)"
	" WHERE to_sequence IS NULL;"
	"CREATE INDEX member_of ON member (tenant, value, holder)"
	" WHERE to_sequence IS NULL;"
	"CREATE INDEX member_past ON member (tenant, holder, to_sequence)"
	" WHERE to_sequence IS NOT NULL;"
	"CREATE INDEX member_was ON member (tenant, value)"
	" WHERE to_sequence IS NOT NULL;"

	"CREATE TABLE change (" TENANT " sequence bigint NOT NULL,"
	" id bytea NOT NULL," TYPE
	" version bytea,"          /* NULL: the resource is gone */
	" parent bigint NOT NULL," /* sequence before; 0: there was none */
	" operation bytea NOT NULL,"
	" actor bytea NOT NULL,"
	" via bytea NOT NULL,"
	" at bigint NOT NULL,"
	" paths bytea NOT NULL,"
	" content bytea NOT NULL,"
	" PRIMARY KEY (tenant, sequence));"
	"CREATE TABLE history (" TENANT " id bytea NOT NULL,"
	" revision bigint NOT NULL,"
	" sequence bigint NOT NULL,"
	" version bytea,"
	" PRIMARY KEY (tenant, id, revision));"
	"CREATE INDEX history_version"
	" ON history (tenant, id, version, revision);"

	"CREATE TABLE counter ("
	" tenant text COLLATE \"C\" PRIMARY KEY,"
	" sequence bigint NOT NULL,"
	" epoch bigint NOT NULL,"
	" trimmed bigint NOT NULL DEFAULT 0) WITH (fillfactor = 10);"
	"CREATE TABLE total (" TENANT TYPE " count bigint NOT NULL,"
	" PRIMARY KEY (tenant, type)) WITH (fillfactor = 10);"
	"CREATE TABLE operation (" TENANT " key bytea NOT NULL,"
	" at bigint NOT NULL,"
	" fingerprint bytea NOT NULL,"
	" id bytea NOT NULL,"
	" version bytea NOT NULL,"
	" sequence bigint NOT NULL,"
	" flags bigint NOT NULL,"
	" PRIMARY KEY (tenant, key));"
	"CREATE INDEX operation_at ON operation (tenant, at);"
	"CREATE INDEX operation_of ON operation (tenant, id);"
	"CREATE TABLE commit_mark (" TENANT " id bytea NOT NULL,"
	" at timestamptz NOT NULL DEFAULT now(),"
	" PRIMARY KEY (tenant, id));"
	"CREATE INDEX commit_mark_at ON commit_mark (tenant, at);"

	"CREATE TABLE generation (number bigint NOT NULL);"
	"INSERT INTO generation VALUES (1);" DOCUMENTS("meta")
	    DOCUMENTS("tenant") DOCUMENTS("token") TENANT_DOCUMENTS("schema")
		TENANT_DOCUMENTS("resource_type") TENANT_DOCUMENTS("departure"),
};

#define STEPS ((long)scim__countof(steps))

/* The one value that a statement gives; "" for none. */
static scim_status
ask(struct conn *conn, const char *sql, const char *parameter, char *out,
    size_t size, scim_error *err)
{
	PGresult *result = parameter == NULL
	    ? PQexec(conn->raw, sql)
	    : PQexecParams(conn->raw, sql, 1, NULL, &parameter, NULL, NULL, 0);
	ExecStatusType kind = PQresultStatus(result);
	scim_status rc = kind == PGRES_TUPLES_OK || kind == PGRES_COMMAND_OK
	    ? SCIM_OK
	    : scim__pg_fail(conn, result, err);

	if (rc == SCIM_OK && out != NULL)
		(void)snprintf(out, size, "%s",
		    PQntuples(result) > 0 ? PQgetvalue(result, 0, 0) : "");
	PQclear(result);
	return rc;
}

static scim_status
execute(struct conn *conn, const char *sql, scim_error *err)
{
	return ask(conn, sql, NULL, NULL, 0, err);
}

/* How many steps were taken; 0: there is nothing of ours. */
static scim_status
look(struct conn *conn, long *out, scim_error *err)
{
	char answer[64] = "";
	scim_status rc = ask(conn,
	    "SELECT c.oid FROM pg_class c"
	    " JOIN pg_namespace n ON n.oid = c.relnamespace"
	    " WHERE n.nspname = current_schema()"
	    " AND c.relname = 'scimd_migration'",
	    NULL, answer, sizeof(answer), err);

	if (rc == SCIM_OK && answer[0] != '\0')
		rc = ask(conn, "SELECT max(number) FROM scimd_migration", NULL,
		    answer, sizeof(answer), err);
	if (rc != SCIM_OK)
		return rc;
	*out = strtol(answer, NULL, 10);
	if (*out > STEPS)
		return scim__fail(err, SCIM_ERR_UNSUPPORTED,
		    "The database has schema %ld and this scimd knows %ld: "
		    "run the newer scimd that wrote it.",
		    *out, STEPS);
	return SCIM_OK;
}

static scim_status
record_forms(struct conn *conn, scim_error *err)
{
	scim_status rc = ask(conn,
	    "INSERT INTO meta (name, value) VALUES ('canonical',"
	    " convert_to($1, 'UTF8'))",
	    SCIM__CANONICAL_FORM, NULL, 0, err);

	return rc != SCIM_OK ? rc
			     : ask(conn,
				   "INSERT INTO meta (name, value) VALUES "
				   "('folding', convert_to($1, 'UTF8'))",
				   scim__fold_version(), NULL, 0, err);
}

static scim_status
take_steps(struct conn *conn, scim_error *err)
{
	char sql[96];
	long taken = 0;
	scim_status rc = look(conn, &taken, err);

	if (rc == SCIM_OK && taken == 0)
		rc = execute(conn,
		    "CREATE TABLE scimd_migration (number int PRIMARY KEY,"
		    " at timestamptz NOT NULL DEFAULT now())",
		    err);
	for (long i = taken; rc == SCIM_OK && i < STEPS; i++) {
		(void)snprintf(sql, sizeof(sql),
		    "INSERT INTO scimd_migration (number) VALUES (%ld)", i + 1);
		rc = execute(conn, steps[i], err);
		if (rc == SCIM_OK)
			rc = execute(conn, sql, err);
	}
	return rc == SCIM_OK && taken == 0 ? record_forms(conn, err) : rc;
}

static scim_status
bring_up_to_date(struct conn *conn, scim_error *err)
{
	scim_error ignored;
	scim_status rc = execute(conn, "BEGIN", err);

	if (rc == SCIM_OK)
		rc = execute(conn,
		    "SELECT pg_advisory_xact_lock("
		    "hashtextextended(current_schema(), 0))",
		    err);
	if (rc == SCIM_OK)
		rc = take_steps(conn, err);
	if (rc == SCIM_OK)
		return execute(conn, "COMMIT", err);
	(void)(execute(conn, "ROLLBACK", &ignored) == SCIM_OK);
	return rc;
}

/* Versions and folded values stand in rows; others must not be compared
 * with them. */
static scim_status
check_forms(struct conn *conn, scim_error *err)
{
	static const char sql[] =
	    "SELECT 1 FROM meta WHERE name = 'canonical'"
	    " AND convert_from(value, 'UTF8') || ' ' || (SELECT"
	    " convert_from(value, 'UTF8') FROM meta WHERE name = 'folding')"
	    " = $1";
	char want[96], answer[8] = "";

	(void)snprintf(want, sizeof(want), "%s %s", SCIM__CANONICAL_FORM,
	    scim__fold_version());
	scim_status rc = ask(conn, sql, want, answer, sizeof(answer), err);

	if (rc != SCIM_OK || answer[0] != '\0')
		return rc;
	return scim__fail(err, SCIM_ERR_UNSUPPORTED,
	    "The database was written with another canonical form or other "
	    "folding tables: run the scimd that wrote it.");
}

static scim_status
check_place(struct conn *conn, scim_error *err)
{
	char schema[64] = "";
	scim_status rc = ask(
	    conn, "SELECT current_schema()", NULL, schema, sizeof(schema), err);

	if (rc != SCIM_OK || schema[0] != '\0')
		return rc;
	return scim__fail(err, SCIM_ERR_STORE,
	    "No schema of the search path is there: CREATE SCHEMA scimd "
	    "AUTHORIZATION the role that scimd connects as.");
}

scim_status
scim__pg_migrate(struct conn *conn, scim_error *err)
{
	long taken = 0;
	scim_status rc = check_place(conn, err);

	if (rc == SCIM_OK)
		rc = look(conn, &taken, err);
	if (rc == SCIM_OK && taken < STEPS)
		rc = bring_up_to_date(conn, err);
	return rc == SCIM_OK ? check_forms(conn, err) : rc;
}
