/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the verbs that look after a store have in common.
 *
 * They run beside a serving scimd: the store orders their writes among its,
 * and it notices within 10 ms.  A store in memory has no beside.
 */
#include "cli/admin.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "cli/cli.h"
#include "daemon/schema_files.h"
#include "store/store.h"

int
scim__admin_exit(const char *verb, const char *what, scim_status status,
    const scim_error *err)
{
	char shown[512];

	if (status == SCIM_OK)
		return SCIM__CLI_DONE;
	if (what == NULL)
		(void)fprintf(stderr, "scimd %s: %s\n", verb, err->detail);
	else
		(void)fprintf(stderr, "scimd %s: %s: %s\n", verb,
		    scim__store_show_url(what, shown, sizeof(shown)),
		    err->detail);
	return status == SCIM_ERR_INVALID ? SCIM__CLI_USAGE : SCIM__CLI_FAILED;
}

static int
open_store(struct scim__admin *admin, const char *verb, const char *url,
    scim_registry *registry)
{
	scim_error err = { 0 };
	struct scim__admin opened = { NULL, NULL };

	if (url == NULL)
		url = getenv("SCIMD_STORE");
	if (url == NULL)
		url = "sqlite:scimd.db";
	scim_status rc =
	    scim_store_open(scim__str(url), NULL, &opened.store, &err);
	if (rc != SCIM_OK)
		return scim__admin_exit(verb, url, rc, &err);
	if ((scim_store_capabilities(opened.store) & SCIM_STORE_SHARED) == 0) {
		(void)fprintf(stderr,
		    "scimd %s: %s is seen by its own process alone; name the"
		    " store of the server with --store sqlite:PATH.\n",
		    verb, url);
		scim_store_close(opened.store);
		return SCIM__CLI_USAGE;
	}
	rc = scim__policy_new(
	    opened.store, NULL, registry, &opened.policy, &err);
	if (rc != SCIM_OK) {
		scim_store_close(opened.store);
		return scim__admin_exit(verb, url, rc, &err);
	}
	*admin = opened;
	return SCIM__CLI_DONE;
}

int
scim__admin_open(struct scim__admin *admin, const char *verb, const char *url)
{
	return open_store(admin, verb, url, NULL);
}

int
scim__admin_open_with(struct scim__admin *admin, const char *verb,
    const char *url, const char *schemas)
{
	scim_registry *registry = NULL;
	scim_error err = { 0 };

	if (schemas == NULL)
		schemas = getenv("SCIMD_SCHEMAS");
	if (schemas != NULL && *schemas == '\0')
		schemas = NULL;
	scim_status rc = scim__schema_files_read(schemas, &registry, &err);
	if (rc != SCIM_OK)
		return scim__admin_exit(verb, NULL, rc, &err);
	int code = open_store(admin, verb, url, registry);
	scim_registry_unref(registry);
	return code;
}

void
scim__admin_close(struct scim__admin *admin)
{
	scim__policy_free(admin->policy);
	scim_store_close(admin->store);
}
