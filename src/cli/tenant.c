/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scimd tenant: who shares this server, and by which settings.
 */
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cli/admin.h"
#include "cli/args.h"
#include "cli/cli.h"

enum { SETTINGS_MOST = 64 };

static const char usage[] =
    "usage: scimd tenant create NAME [KEY=VALUE …]   make a tenant\n"
    "       scimd tenant set NAME KEY=VALUE …        change its settings\n"
    "       scimd tenant list                        name, TAB, settings said\n"
    "       scimd tenant delete NAME                 with all its resources,"
    " history and tokens\n"
    "\n"
    "  --store URL   where they are kept; else $SCIMD_STORE, else"
    " sqlite:scimd.db\n"
    "\n"
    "A name has 1 to 63 of a-z, 0-9, '.', '_' and '-'.  Settings:\n"
    "  profile=default|strict|entra|okta     etag=weak|strong\n"
    "  preconditions=off|required            unique_group_names=no|yes\n"
    "  dangling_members=refuse|drop|keep     history_count=N history_days=N\n"
    "  on_conflict=fail|ours|theirs          on_conflict_most=fail|theirs|"
    "ours\n"
    "  merge=off|on-if-match                 guards=marked|none|PATH,PATH,"
    "…\n"
    "and limits: body_bytes, bulk_operations, members, depth, filter_bytes,\n"
    "filter_nodes, page_default, page_most, cursor_s, header_bytes,"
    " idle_ms,\n"
    "request_ms.\n";

struct job {
	struct scim__admin admin;
	const char *name;
	scim_str settings[SETTINGS_MOST];
	size_t count;
};

static scim_status
create(struct job *job, scim_error *err)
{
	return scim__tenant_create(job->admin.policy, scim__str(job->name),
	    job->settings, job->count, err);
}

static scim_status
set(struct job *job, scim_error *err)
{
	return scim__tenant_set(job->admin.policy, scim__str(job->name),
	    job->settings, job->count, err);
}

static scim_status
erase(struct job *job, scim_error *err)
{
	return scim__tenant_delete(
	    job->admin.policy, scim__str(job->name), err);
}

static void
print_tenant(void *context, scim_str name, scim_str settings)
{
	(void)context;
	(void)printf("%.*s\t%.*s\n", (int)name.len, name.ptr, (int)settings.len,
	    settings.ptr);
}

static scim_status
list(struct job *job, scim_error *err)
{
	return scim__tenant_each(job->admin.policy, print_tenant, NULL, err);
}

/* Words are the verb's own name and what follows it. */
static const struct action {
	const char *name;
	int least, most; /* words */
	scim_status (*run)(struct job *job, scim_error *err);
} actions[] = {
	{ "create", 2, 2 + SETTINGS_MOST, create },
	{ "set", 3, 2 + SETTINGS_MOST, set },
	{ "list", 1, 1, list },
	{ "delete", 2, 2, erase },
	{ NULL, 0, 0, NULL },
};

static const struct action *
find_action(int words, char **argv)
{
	for (const struct action *a = actions; words > 0 && a->name != NULL;
	     a++)
		if (strcmp(a->name, argv[1]) == 0 && words >= a->least &&
		    words <= a->most)
			return a;
	return NULL;
}

int
scim__cli_tenant(int argc, char **argv)
{
	struct scim__cli_option options[] = { { "--store", NULL } };
	struct job job = { .name = NULL };
	scim_error err = { 0 };

	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	int words = scim__cli_read_args(argc, argv, options, 1);
	if (words < 0)
		return SCIM__CLI_USAGE;
	const struct action *action = find_action(words, argv);
	if (action == NULL) {
		(void)fputs(usage, stderr);
		return SCIM__CLI_USAGE;
	}
	if (words > 1)
		job.name = argv[2];
	for (int i = 3; i <= words; i++)
		job.settings[job.count++] = scim__str(argv[i]);
	int code = scim__admin_open(&job.admin, "tenant", options[0].value);
	if (code != SCIM__CLI_DONE)
		return code;
	code =
	    scim__admin_exit("tenant", job.name, action->run(&job, &err), &err);
	scim__admin_close(&job.admin);
	return code;
}
