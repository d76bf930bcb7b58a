/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One connection: how it is made, what its failures mean.
 *
 * The session is set up so that nothing lasts: a database that is not there
 * is noticed within two seconds, a lock is not waited for longer than a turn
 * to write may take, and a transaction whose node stands still is ended by
 * the database, for everybody else waits for it.  Each statement is served by
 * one index in its order, so the planner is told to look for nothing else;
 * what it would choose on a young table, or for another tenant, would be
 * slow later, or here.
 *
 * The connection is in pipeline mode from its first moment to its last.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/str.h"
#include "store/postgres/postgres.h"

/* Whatever the URL says comes after these, and wins. */
static const char *const defaults[][2] = {
	{ "connect_timeout", "2" },
	{ "keepalives_idle", "2" },
	{ "keepalives_interval", "1" },
	{ "keepalives_count", "2" },
	{ "tcp_user_timeout", "2000" },
	{ "target_session_attrs", "read-write" },
	{ "fallback_application_name", "scimd" },
};

static const char *const session[] = {
	"SET client_min_messages = warning",
	"SET lock_timeout = '10s'",
	"SET tcp_keepalives_idle = 2",
	"SET tcp_keepalives_interval = 1",
	"SET tcp_keepalives_count = 2",
	"SET plan_cache_mode = force_generic_plan",
	"SET enable_seqscan = off",
	"SET enable_bitmapscan = off",
	"SET enable_hashjoin = off",
	"SET enable_mergejoin = off",
	"SET enable_sort = off",
	"SET jit = off",
};

static scim_status
busy(scim_error *err, const char *what)
{
	return scim__fail(err, SCIM_ERR_BUSY, "%s", what);
}

/* Marks what must not be used any more: this one, and all as old. */
static void
lose(struct conn *conn)
{
	conn->txn.lost = true;
	if (conn->raw != NULL && PQstatus(conn->raw) != CONNECTION_OK)
		(void)atomic_fetch_add(&conn->store->losses, 1);
}

scim_status
scim__pg_fail_lost(struct conn *conn, scim_error *err)
{
	lose(conn);
	return busy(err,
	    "The connection to the database broke; nothing was changed: try "
	    "again later.");
}

static bool
begins_with(const char *state, const char *class)
{
	return strncmp(state, class, strlen(class)) == 0;
}

static bool
is_any_of(const char *state, const char *const *states, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (strcmp(state, states[i]) == 0)
			return true;
	return false;
}

scim_status
scim__pg_fail(struct conn *conn, const PGresult *result, scim_error *err)
{
	/* shut down, crashed, starting, stopped being the primary */
	static const char *const away[] = { "57P01", "57P02", "57P03", "57P05",
		"25P03", "25006", "53300" };
	static const char *const conflicts[] = { "40001", "40P01" };
	const char *state = PQresultErrorField(result, PG_DIAG_SQLSTATE);
	const char *words = PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY);

	if (state == NULL || begins_with(state, "08") ||
	    is_any_of(state, away, scim__countof(away)))
		return scim__pg_fail_lost(conn, err);
	if (is_any_of(state, conflicts, scim__countof(conflicts))) {
		lose(conn);
		return busy(
		    err, "Another transaction came between; try again.");
	}
	if (strcmp(state, "55P03") == 0)
		return busy(
		    err, "Others kept the database busy for 10 s; try again.");
	if (begins_with(state, "54"))
		return scim__fail(err, SCIM_ERR_TOO_LARGE,
		    "An id or another key is too long for the database.");
	return scim__fail(err, SCIM_ERR_STORE, "The database failed: %s (%s).",
	    words == NULL ? "" : words, state);
}

/* Whether the result is what was to be done. */
static scim_status
check(struct conn *conn, const struct sent *sent, const PGresult *result,
    scim_error *err)
{
	switch (PQresultStatus(result)) {
	case PGRES_TUPLES_OK:
	case PGRES_COMMAND_OK:
		break;
	case PGRES_EMPTY_QUERY:
	case PGRES_COPY_OUT:
	case PGRES_COPY_IN:
	case PGRES_BAD_RESPONSE:
	case PGRES_NONFATAL_ERROR:
	case PGRES_FATAL_ERROR:
	case PGRES_COPY_BOTH:
	case PGRES_SINGLE_TUPLE:
	case PGRES_PIPELINE_SYNC:
	case PGRES_PIPELINE_ABORTED:
	default:
		return scim__pg_fail(conn, result, err);
	}
	if (sent->rows < 0 ||
	    atoi(PQcmdTuples((PGresult *)(uintptr_t)result)) == sent->rows)
		return SCIM_OK;
	/* What was looked at under a lock was not so any more. */
	conn->txn.lost = true;
	return scim__fail(
	    err, SCIM_ERR_VERSION, "The resource is at another version.");
}

/* Reads up to the end of a pipeline.  Keeps the last result, and the first
 * failure. */
static scim_status
read_results(struct conn *conn, PGresult **out, scim_error *err)
{
	const struct sent any = { SQL_BEGIN_READ, -1 };
	scim_status rc = SCIM_OK;
	PGresult *last = NULL;
	size_t n = 0;

	for (unsigned nothing = 0; nothing < 2;) {
		PGresult *result = PQgetResult(conn->raw);

		nothing = result == NULL ? nothing + 1 : 0;
		if (result == NULL)
			continue;
		if (PQresultStatus(result) == PGRES_PIPELINE_SYNC) {
			PQclear(result);
			*out = last;
			return rc;
		}
		if (rc == SCIM_OK)
			rc = check(conn,
			    n < conn->sent_count ? &conn->sent[n] : &any,
			    result, err);
		n++;
		PQclear(last);
		last = result;
	}
	PQclear(last);
	return rc == SCIM_OK ? scim__pg_fail_lost(conn, err) : rc;
}

/* What the last reader left behind; his failure is nobody's. */
static scim_status
read_owed(struct conn *conn, scim_error *err)
{
	PGresult *result = NULL;
	size_t sent = conn->sent_count;

	if (!conn->owes)
		return SCIM_OK;
	conn->owes = false;
	conn->sent_count = 0;
	bool was_lost = conn->txn.lost;
	scim_status rc = read_results(conn, &result, err);

	conn->sent_count = sent;
	PQclear(result);
	if (PQstatus(conn->raw) != CONNECTION_OK)
		return rc == SCIM_OK ? scim__pg_fail_lost(conn, err) : rc;
	conn->txn.lost = was_lost;
	return SCIM_OK;
}

scim_status
scim__pg_sync(struct conn *conn, PGresult **out, scim_error *err)
{
	PGresult *result = NULL;

	if (conn->raw == NULL || PQpipelineSync(conn->raw) != 1) {
		conn->sent_count = 0;
		return scim__pg_fail_lost(conn, err);
	}
	scim_status rc = read_owed(conn, err);
	if (rc == SCIM_OK)
		rc = read_results(conn, &result, err);
	conn->sent_count = 0;
	if (rc == SCIM_OK && out != NULL)
		*out = result;
	else
		PQclear(result);
	return rc;
}

void
scim__pg_leave(struct conn *conn)
{
	scim_error err;

	if (conn->raw == NULL || read_owed(conn, &err) != SCIM_OK ||
	    PQpipelineSync(conn->raw) != 1) {
		lose(conn);
		return;
	}
	conn->sent_count = 0;
	conn->owes = true;
}

bool
scim__pg_is_stale(const struct conn *conn)
{
	return conn->raw == NULL || PQstatus(conn->raw) != CONNECTION_OK ||
	    conn->born != atomic_load(&conn->store->losses);
}

void
scim__pg_disconnect(struct conn *conn)
{
	PQfinish(conn->raw);
	conn->raw = NULL;
	conn->sent_count = 0;
	conn->owes = false;
}

static scim_status
refuse_connect(struct conn *conn, scim_error *err)
{
	char words[160] = "out of memory";

	if (conn->raw != NULL)
		(void)snprintf(
		    words, sizeof(words), "%.159s", PQerrorMessage(conn->raw));
	words[strcspn(words, "\n")] = '\0';
	scim__pg_disconnect(conn);
	atomic_store(
	    &conn->store->down_until_ms, scim__pg_clock_ms() + DOWN_MS);
	return scim__fail(
	    err, SCIM_ERR_BUSY, "The database can't be reached: %s", words);
}

/* Instead of libpq's own, which writes to stderr. */
static void
on_notice(void *context, const PGresult *result)
{
	struct conn *conn = context;

	(void)result;
	conn->warned = true;
}

static scim_status
set(struct conn *conn, const char *sql, scim_error *err)
{
	PGresult *result = PQexec(conn->raw, sql);
	scim_status rc = PQresultStatus(result) == PGRES_COMMAND_OK
	    ? SCIM_OK
	    : scim__pg_fail(conn, result, err);

	PQclear(result);
	return rc;
}

static scim_status
set_up(struct conn *conn, scim_error *err)
{
	/* An export goes at the pace of whoever reads it. */
	scim_status rc = set(conn,
	    conn->role == ROLE_SNAPSHOT
		? "SET idle_in_transaction_session_timeout = '10min'"
		: "SET idle_in_transaction_session_timeout = '10s'",
	    err);

	for (size_t i = 0; rc == SCIM_OK && i < scim__countof(session); i++)
		rc = set(conn, session[i], err);
	return rc;
}

scim_status
scim__pg_connect_bare(struct conn *conn, scim_error *err)
{
	const char *names[scim__countof(defaults) + 2];
	const char *values[scim__countof(defaults) + 2];
	size_t n = scim__countof(defaults);

	scim__pg_disconnect(conn);
	if (scim__pg_clock_ms() < atomic_load(&conn->store->down_until_ms))
		return busy(err, "The database can't be reached.");
	for (size_t i = 0; i < n; i++) {
		names[i] = defaults[i][0];
		values[i] = defaults[i][1];
	}
	names[n] = "dbname"; /* expanded, when it is a URL */
	values[n] = conn->store->url;
	names[n + 1] = values[n + 1] = NULL;
	conn->born = atomic_load(&conn->store->losses);
	conn->raw = PQconnectdbParams(names, values, 1);
	if (conn->raw == NULL || PQstatus(conn->raw) != CONNECTION_OK)
		return refuse_connect(conn, err);
	(void)PQsetNoticeReceiver(conn->raw, on_notice, conn);
	scim_status rc = set_up(conn, err);
	if (rc != SCIM_OK)
		scim__pg_disconnect(conn);
	return rc;
}

static scim_status
prepare_all(struct conn *conn, scim_error *err)
{
	PGresult *result = NULL;
	char name[16];

	if (PQenterPipelineMode(conn->raw) != 1)
		return scim__pg_fail_lost(conn, err);
	for (unsigned i = 0; i < SQL_COUNT; i++) {
		(void)snprintf(name, sizeof(name), "s%u", i);
		if (scim__pg_text[i] != NULL &&
		    PQsendPrepare(conn->raw, name, scim__pg_text[i], 0, NULL) !=
			1)
			return scim__pg_fail_lost(conn, err);
	}
	scim_status rc = scim__pg_sync(conn, &result, err);
	PQclear(result);
	return rc;
}

scim_status
scim__pg_connect(struct conn *conn, scim_error *err)
{
	scim_status rc = scim__pg_connect_bare(conn, err);

	if (rc == SCIM_OK)
		rc = prepare_all(conn, err);
	if (rc != SCIM_OK)
		scim__pg_disconnect(conn);
	return rc;
}
