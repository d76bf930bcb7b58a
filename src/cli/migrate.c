/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scimd migrate: a store that was written with another canonical form or
 * other folding tables, made one of this scimd.
 *
 * It takes the lock of a server for as long as it runs: what serves from the
 * file would go on with values that mean something else by then.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "base/str.h"
#include "cli/admin.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "daemon/schema_files.h"
#include "provider/renew.h"
#include "store/sqlite/lock.h"
#include "store/sqlite/renew.h"

static const char usage[] =
    "usage: scimd migrate [--store URL] [--schemas DIR]\n"
    "\n"
    "Makes a store that another scimd wrote one of this scimd: after a\n"
    "server has refused it for its canonical form or its folding tables.\n"
    "Stop whatever uses the store before.  All is done or nothing, and doing\n"
    "it again changes nothing.\n"
    "\n"
    "  --store URL    sqlite:PATH; else $SCIMD_STORE, else sqlite:scimd.db\n"
    "  --schemas DIR  as for `scimd serve`; else $SCIMD_SCHEMAS\n";

struct job {
	scim__policy *policy;
	const scim__tenant *tenant; /* of the last resource */
	bool shows_progress;
};

/* Whose schemas they are: resources of one tenant come in long rows. */
static scim_status
turn_to(struct job *job, scim_str name, scim_error *err)
{
	if (job->tenant != NULL && scim__str_equal(job->tenant->name, name))
		return SCIM_OK;
	scim__policy_tenant_unref(job->tenant);
	job->tenant = scim__policy_tenant(job->policy, name, err);
	return job->tenant == NULL ? err->status : SCIM_OK;
}

static scim_status
renew(void *context, scim_arena *arena, bool rewrites, scim_record *record,
    scim_write *write, bool *out_changed, scim_error *err)
{
	struct job *job = context;
	scim_status rc = turn_to(job, write->key.tenant, err);

	return rc != SCIM_OK ? rc
			     : scim__renew(job->tenant->registry, arena,
				   rewrites, record, write, out_changed, err);
}

static void
wipe_progress(const struct job *job)
{
	if (job->shows_progress)
		(void)fputs("\r\033[K", stderr);
}

static void
tell_conflict(void *context, const struct scim__renew_conflict *c)
{
	wipe_progress(context);
	(void)fprintf(stderr,
	    "scimd migrate: tenant %.*s: %.*s %.*s and %.*s have the same "
	    "%.*s now.\n",
	    (int)c->tenant.len, c->tenant.ptr, (int)c->type.len, c->type.ptr,
	    (int)c->other_id.len, c->other_id.ptr, (int)c->id.len, c->id.ptr,
	    (int)c->attribute.len, c->attribute.ptr);
}

static void
show_progress(void *context, uint64_t looked_at)
{
	const struct job *job = context;

	if (job->shows_progress)
		(void)fprintf(stderr, "\r%llu resources looked at",
		    (unsigned long long)looked_at);
}

/* Nobody serves the file from here on until this process ends. */
static scim_status
lock(scim_str path, scim_error *err)
{
	char text[64], holder[SCIM__SERVE_HOLDER_MAX];

	(void)snprintf(
	    text, sizeof(text), "pid %ld, which migrates it", (long)getpid());
	return scim__sqlite_serve_lock(path, scim__str(text), holder, err);
}

static scim_status
migrate(scim_str path, scim_registry *registry, struct job *job,
    struct scim__renew_result *out, scim_error *err)
{
	const struct scim__renewal renewal = {
		.renew = renew,
		.conflict = tell_conflict,
		.progress = show_progress,
		.context = job,
	};
	scim_store *store = NULL;
	scim_status rc = lock(path, err);

	if (rc == SCIM_OK)
		rc = scim__sqlite_open_to_renew(path, NULL, &store, err);
	if (rc != SCIM_OK)
		return rc;
	rc = scim__policy_new(store, NULL, registry, &job->policy, err);
	if (rc == SCIM_OK)
		rc = scim__sqlite_renew(store, &renewal, out, err);
	wipe_progress(job);
	scim__policy_tenant_unref(job->tenant);
	scim__policy_free(job->policy);
	scim_store_close(store);
	return rc;
}

static int
run(const char *url, const char *path, const char *schemas)
{
	struct job job = { .shows_progress = isatty(STDERR_FILENO) == 1 };
	struct scim__renew_result result = { 0 };
	scim_registry *registry = NULL;
	scim_error err = { 0 };

	if (access(path, F_OK) != 0) {
		(void)fprintf(
		    stderr, "scimd migrate: %s: There is no such file.\n", url);
		return SCIM__CLI_FAILED;
	}
	scim_status rc = scim__schema_files_read(schemas, &registry, &err);
	if (rc != SCIM_OK)
		return scim__admin_exit("migrate", schemas, rc, &err);
	rc = migrate(scim__str(path), registry, &job, &result, &err);
	scim_registry_unref(registry);
	if (rc != SCIM_OK)
		return scim__admin_exit("migrate", url, rc, &err);
	(void)printf("%llu resources looked at, %llu indexed anew",
	    (unsigned long long)result.looked_at,
	    (unsigned long long)result.indexed);
	if (result.rewritten > 0)
		(void)printf(", %llu with a new version",
		    (unsigned long long)result.rewritten);
	(void)putchar('\n');
	return SCIM__CLI_DONE;
}

/* An option, else its variable, else `otherwise`; an empty one is none. */
static const char *
choose(const char *given, const char *variable, const char *otherwise)
{
	const char *value = given == NULL ? getenv(variable) : given;

	return value == NULL || *value == '\0' ? otherwise : value;
}

int
scim__cli_migrate(int argc, char **argv)
{
	static const char scheme[] = "sqlite:";
	struct scim__cli_option options[] = { { "--store", NULL },
		{ "--schemas", NULL } };

	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	int words = scim__cli_read_args(argc, argv, options, 2);
	if (words < 0)
		return SCIM__CLI_USAGE;
	if (words > 0) {
		(void)fputs(usage, stderr);
		return SCIM__CLI_USAGE;
	}
	const char *url =
	    choose(options[0].value, "SCIMD_STORE", "sqlite:scimd.db");
	const char *path = url + strlen(scheme);
	if (strncmp(url, scheme, strlen(scheme)) != 0 || *path == '\0') {
		(void)fprintf(stderr,
		    "scimd migrate: %s is nothing to migrate; name a store"
		    " with --store sqlite:PATH.\n",
		    url);
		return SCIM__CLI_USAGE;
	}
	return run(url, path, choose(options[1].value, "SCIMD_SCHEMAS", NULL));
}
