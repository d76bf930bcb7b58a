/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scimd schema: definitions of one's own.
 *
 * They are read all together and on top of the server's, since a resource
 * type is right or wrong only beside the schemas it names.  `check` asks
 * whether a server would take them; the others change what a tenant has,
 * beside a server that goes on serving it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "cli/admin.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "daemon/schema_files.h"

static const char usage[] =
    "usage: scimd schema check FILE…              would a server take them?\n"
    "       scimd schema add --tenant T FILE…     let a tenant have them\n"
    "       scimd schema list --tenant T          what it has of its own\n"
    "       scimd schema remove --tenant T ID…    take them from it\n"
    "\n"
    "  --store URL    where they are kept; else $SCIMD_STORE, else"
    " sqlite:scimd.db\n"
    "  --schemas DIR  as for `scimd serve`; else $SCIMD_SCHEMAS\n"
    "\n"
    "Files are schemas and resource types (RFC 7643 sections 6 and 7).  What\n"
    "is wrong is said, and where.  A change of a tenant is effective at once,\n"
    "for a running server too, or not at all: when a resource of the tenant\n"
    "would not fit, it is named.  An ID is the URN of a schema or the id of a"
    "\nresource type.\n";

enum { STORE, TENANT, SCHEMAS, OPTION_COUNT };

struct job {
	struct scim__admin admin;
	scim_arena *arena;
	scim_str tenant;
	char **words;
	size_t count;
};

static const char *
plural(uint64_t count)
{
	return count == 1 ? "" : "s";
}

static int
told(const struct job *job, scim_status rc, const scim_error *err)
{
	const char *tenant = job->tenant.ptr;
	bool of_definition = rc == SCIM_ERR_INVALID || rc == SCIM_ERR_TOO_LARGE;

	if (rc != SCIM_OK && of_definition) {
		(void)fprintf(stderr, "scimd schema: %s\n", err->detail);
		return SCIM__CLI_FAILED;
	}
	return scim__admin_exit("schema", tenant, rc, err);
}

static scim_status
read_files(const struct job *job, scim_schema_source **out, scim_error *err)
{
	scim_schema_source *sources =
	    scim__arena_array(job->arena, job->count, sizeof(*sources));
	scim_status rc = sources == NULL ? scim__fail_memory(err) : SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < job->count; i++)
		rc = scim__schema_file_read(
		    job->arena, job->words[i], &sources[i], err);
	if (rc == SCIM_OK)
		*out = sources;
	return rc;
}

static int
check(struct job *job)
{
	scim_schema_source *sources = NULL;
	scim_registry *registry = NULL;
	scim_error err = { 0 };
	scim_status rc = read_files(job, &sources, &err);

	if (rc == SCIM_OK)
		rc = scim_registry_new(sources, job->count, &registry, &err);
	if (rc != SCIM_OK)
		return told(job, rc, &err);
	scim_registry_unref(registry);
	(void)printf("%zu %s in order\n", job->count,
	    job->count == 1 ? "document is" : "documents are");
	return SCIM__CLI_DONE;
}

static int
tell_change(const struct job *job, const char *what, scim_status rc,
    const struct scim__schema_change *change, const scim_error *err)
{
	if (rc != SCIM_OK)
		return told(job, rc, err);
	(void)printf("%zu definition%s %s", change->documents,
	    plural(change->documents), what);
	if (change->looked_at > 0)
		(void)printf("; %llu resource%s looked at, %llu indexed anew",
		    (unsigned long long)change->looked_at,
		    plural(change->looked_at),
		    (unsigned long long)change->indexed);
	(void)putchar('\n');
	return SCIM__CLI_DONE;
}

static int
add(struct job *job)
{
	struct scim__schema_change change = { 0 };
	scim_schema_source *sources = NULL;
	scim_error err = { 0 };
	scim_status rc = read_files(job, &sources, &err);

	if (rc == SCIM_OK)
		rc = scim__tenant_schemas_add(job->admin.policy, job->tenant,
		    sources, job->count, &change, &err);
	return tell_change(job, "added", rc, &change, &err);
}

static int
take_away(struct job *job)
{
	struct scim__schema_change change = { 0 };
	scim_error err = { 0 };
	scim_str *ids = scim__arena_array(job->arena, job->count, sizeof(*ids));

	if (ids == NULL)
		return told(job, scim__fail_memory(&err), &err);
	for (size_t i = 0; i < job->count; i++)
		ids[i] = scim__str(job->words[i]);
	scim_status rc = scim__tenant_schemas_remove(
	    job->admin.policy, job->tenant, ids, job->count, &change, &err);
	return tell_change(job, "removed", rc, &change, &err);
}

static void
print_definition(void *context, bool is_type, scim_str id)
{
	(void)context;
	(void)printf(
	    "%s\t%.*s\n", is_type ? "type" : "schema", (int)id.len, id.ptr);
}

static int
list(struct job *job)
{
	scim_error err = { 0 };
	scim_status rc = scim__tenant_schemas_each(
	    job->admin.policy, job->tenant, print_definition, NULL, &err);

	return rc == SCIM_OK ? SCIM__CLI_DONE : told(job, rc, &err);
}

static const struct action {
	const char *name;
	bool of_tenant;
	bool takes_words;
	int (*run)(struct job *job);
} actions[] = {
	{ "check", false, true, check },
	{ "add", true, true, add },
	{ "list", true, false, list },
	{ "remove", true, true, take_away },
	{ NULL, false, false, NULL },
};

static const struct action *
find_action(int words, char **argv, const struct scim__cli_option *options)
{
	bool has_tenant = options[TENANT].value != NULL;
	bool has_any = has_tenant || options[STORE].value != NULL ||
	    options[SCHEMAS].value != NULL;

	for (const struct action *a = actions; words > 0 && a->name != NULL;
	     a++)
		if (strcmp(a->name, argv[1]) == 0 &&
		    a->takes_words == (words > 1) &&
		    (a->of_tenant ? has_tenant : !has_any))
			return a;
	return NULL;
}

static int
run_beside(
    const struct action *action, struct job *job, const char *const *given)
{
	int code = scim__admin_open_with(
	    &job->admin, "schema", given[STORE], given[SCHEMAS]);
	if (code != SCIM__CLI_DONE)
		return code;
	code = action->run(job);
	scim__admin_close(&job->admin);
	return code;
}

int
scim__cli_schema(int argc, char **argv)
{
	struct scim__cli_option options[OPTION_COUNT] = { { "--store", NULL },
		{ "--tenant", NULL }, { "--schemas", NULL } };

	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	int words = scim__cli_read_args(argc, argv, options, OPTION_COUNT);
	if (words < 0)
		return SCIM__CLI_USAGE;
	const struct action *action = find_action(words, argv, options);
	if (action == NULL) {
		(void)fputs(usage, stderr);
		return SCIM__CLI_USAGE;
	}
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	if (arena == NULL) {
		(void)fputs("scimd schema: out of memory\n", stderr);
		return SCIM__CLI_FAILED;
	}
	struct job job = { .arena = arena,
		.tenant = scim__str(options[TENANT].value),
		.words = argv + 2,
		.count = (size_t)words - 1 };
	const char *const given[] = { options[STORE].value,
		options[TENANT].value, options[SCHEMAS].value };

	return action->of_tenant ? run_beside(action, &job, given)
				 : action->run(&job);
}
