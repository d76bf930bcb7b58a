/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Places in the database of tests/lib/with-postgres.  Each test has a schema
 * of its own, which the database takes with it when it goes.
 */
#include "lib/postgres.h"

#include <libpq-fe.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *
database(void)
{
	return getenv("SCIMD_TEST_POSTGRES");
}

bool
postgres_is_there(void)
{
	return database() != NULL;
}

bool
postgres_execute(const char *sql)
{
	PGconn *conn = PQconnectdb(database());
	PGresult *result = PQexec(conn, sql);
	ExecStatusType kind = PQresultStatus(result);
	bool done = kind == PGRES_COMMAND_OK || kind == PGRES_TUPLES_OK;

	if (!done)
		(void)fprintf(stderr, "%s: %s\n", sql, PQerrorMessage(conn));
	PQclear(result);
	PQfinish(conn);
	return done;
}

bool
postgres_place(const char *place, char *out_url, size_t size)
{
	const char *name = strrchr(place, '-');
	char sql[128];

	if (name == NULL || database() == NULL)
		return false;
	(void)snprintf(sql, sizeof(sql), "CREATE SCHEMA \"%s\"", name + 1);
	(void)snprintf(out_url, size, "%s&options=-csearch_path%%3D\"%s\"",
	    database(), name + 1);
	return postgres_execute(sql);
}
