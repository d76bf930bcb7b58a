/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The table of backends.  Whoever writes one adds a line, and learns from
 * the suite whether it is one.
 */
#include "contract/backends.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/array_host.h"
#include "lib/postgres.h"

static scim_status
open_memory(struct world *w)
{
	return scim_store_open_memory(NULL, &w->store, &w->err);
}

static scim_status
open_plain(struct world *w)
{
	w->host = calloc(1, sizeof(*w->host));
	if (w->host == NULL)
		return SCIM_ERR_NO_MEMORY;
	scim_plain_callbacks callbacks = array_host_callbacks(w->host);
	return scim_store_open_plain(&callbacks, NULL, &w->store, &w->err);
}

static scim_status
open_sqlite(struct world *w)
{
	char url[128];

	(void)snprintf(url, sizeof(url), "sqlite:%s/scimd.db", w->place);
	return scim_store_open(scim__str(url), NULL, &w->store, &w->err);
}

/* In a schema of its own, in the database that tests/lib/with-postgres has
 * started. */
static scim_status
open_postgres(struct world *w)
{
	char url[256];

	return postgres_place(w->place, url, sizeof(url))
	    ? scim__store_open_postgres(
		  scim__str(url), NULL, &w->store, &w->err)
	    : SCIM_ERR_STORE;
}

static void
ignore_line(void *context, const char *text)
{
	(void)context;
	(void)text;
}

static scim_status
open_trace(struct world *w)
{
	scim_store *inner = NULL;
	scim_status rc = scim_store_open_memory(NULL, &inner, &w->err);

	if (rc != SCIM_OK)
		return rc;
	return scim__store_trace(inner, ignore_line, NULL, &w->store, &w->err);
}

static scim_status
open_fault(struct world *w)
{
	scim_store *inner = NULL;
	scim_status rc = scim_store_open_memory(NULL, &inner, &w->err);

	if (rc != SCIM_OK)
		return rc;
	return scim__store_fault(inner, &w->store, &w->err);
}

static const struct backend backends[] = {
	{ "memory", open_memory },
	{ "sqlite", open_sqlite },
	{ "plain", open_plain },
	{ "trace", open_trace },
	{ "fault", open_fault },
	{ "postgres", open_postgres },
};

const struct backend *
contract_backends(size_t *out_count)
{
	*out_count = scim__countof(backends) - (postgres_is_there() ? 0 : 1);
	return backends;
}
