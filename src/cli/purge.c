/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scimd purge: what was asked to be forgotten, beside a server that goes on.
 *
 * A token that stands for a person is a trace of that person, so it goes
 * first: whoever holds it can bring nothing back meanwhile.
 */
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/str.h"
#include "cli/admin.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "scimd/purge.h"

static const char usage[] =
    "usage: scimd purge --tenant T [--store URL] [--schemas DIR] ID …\n"
    "\n"
    "Removes every trace of resources, whether they still exist or not:\n"
    "content, secrets, members and memberships, also of former times, all\n"
    "changes and versions, receipts of Idempotency-Keys, and tokens that\n"
    "stand for them.  It can't be undone.  What stays is one change in the\n"
    "feed, with the operation purge and the id.  Runs beside a server.\n"
    "\n"
    "Backups and exports still have what they had.  So does what others say\n"
    "in attributes of their own, as a manager by an id.\n"
    "\n"
    "Prints a line for each ID.  Exits 1 when of one of them nothing was\n"
    "kept, or something failed: then do it again.\n"
    "\n"
    "  --tenant T     whose they are\n"
    "  --store URL    sqlite:PATH; else $SCIMD_STORE, else sqlite:scimd.db\n"
    "  --schemas DIR  as for `scimd serve`; else $SCIMD_SCHEMAS\n";

enum { TENANT, STORE, SCHEMAS, OPTION_COUNT };

struct job {
	struct scim__admin admin;
	scim_arena *arena;
	const scim__tenant *tenant;
	scim_str *ids;
	size_t count;
	scim_purged *purged;
	scim_str *tokens; /* ids */
	size_t token_count, token_capacity;
	bool failed; /* no memory for them */
};

static bool
stands_for_one(const struct job *job, const struct scim__token_request *token)
{
	if (!scim__str_equal(token->tenant, job->tenant->name))
		return false;
	for (size_t i = 0; i < job->count; i++)
		if (scim__str_equal(token->subject, job->ids[i]))
			return true;
	return false;
}

static void
note_token(void *context, scim_str id, const struct scim__token_request *token,
    int64_t created_ms)
{
	struct job *job = context;

	(void)created_ms;
	if (token->subject.len == 0 || !stands_for_one(job, token))
		return;
	if (job->token_count == job->token_capacity) {
		size_t more = job->token_capacity * 2 + 8;
		scim_str *list =
		    scim__arena_array(job->arena, more, sizeof(*list));

		job->failed |= list == NULL;
		if (list == NULL)
			return;
		if (job->token_count > 0)
			memcpy(list, job->tokens,
			    job->token_count * sizeof(*list));
		job->tokens = list;
		job->token_capacity = more;
	}
	job->tokens[job->token_count] = scim__str_copy(job->arena, id);
	job->failed |= job->tokens[job->token_count].ptr == NULL;
	job->token_count += !job->failed;
}

static scim_status
revoke_tokens(struct job *job, scim_error *err)
{
	scim_status rc =
	    scim__token_each(job->admin.policy, note_token, job, err);

	if (rc == SCIM_OK && job->failed)
		return SCIM_ERR_NO_MEMORY;
	for (size_t i = 0; rc == SCIM_OK && i < job->token_count; i++)
		rc = scim__token_revoke(job->admin.policy, job->tokens[i], err);
	return rc;
}

static scim_status
purge(struct job *job, scim_error *err)
{
	const scim_context context = { .arena = job->arena,
		.tenant = job->tenant->name,
		.registry = job->tenant->registry,
		.settings = &job->tenant->settings,
		.base_url = SCIM_STR(""),
		.actor = SCIM_STR("cli"),
		.via = SCIM_STR("cli") };
	scim_provider *provider = NULL;
	scim_status rc =
	    scim_provider_new(job->admin.store, NULL, &provider, err);

	if (rc == SCIM_OK)
		rc = revoke_tokens(job, err);
	if (rc == SCIM_OK)
		rc = scim_provider_purge(
		    provider, &context, job->ids, job->count, job->purged, err);
	scim_provider_free(provider);
	return rc;
}

static bool
is_found(const scim_purged *purged)
{
	return purged->was_there != 0 || purged->rows > 0;
}

/* What was done, also before something failed. */
static int
tell(const struct job *job, scim_status rc)
{
	int code = SCIM__CLI_DONE;

	for (size_t i = 0; i < job->count; i++) {
		const scim_purged *purged = &job->purged[i];
		scim_str id = job->ids[i];

		if (is_found(purged)) {
			(void)printf("%.*s\t%.*s\t%llu rows removed\n",
			    (int)id.len, id.ptr, (int)purged->type.len,
			    purged->type.ptr,
			    (unsigned long long)(purged->rows +
				(purged->was_there != 0)));
		} else if (rc == SCIM_OK) {
			code = SCIM__CLI_FAILED;
			(void)fprintf(stderr,
			    "scimd purge: %.*s: nothing is kept of it.\n",
			    (int)id.len, id.ptr);
		}
	}
	return code;
}

static int
run(struct job *job, const char *tenant, char **ids, int count)
{
	scim_error err = { .detail = "out of memory" };
	scim_status rc = SCIM_OK;

	job->tenant =
	    scim__policy_tenant(job->admin.policy, scim__str(tenant), &err);
	if (job->tenant == NULL)
		return scim__admin_exit("purge", tenant, err.status, &err);
	job->count = (size_t)count;
	job->ids = scim__arena_array(job->arena, job->count, sizeof(*job->ids));
	job->purged =
	    scim__arena_array(job->arena, job->count, sizeof(*job->purged));
	if (job->ids == NULL || job->purged == NULL)
		rc = SCIM_ERR_NO_MEMORY;
	for (size_t i = 0; rc == SCIM_OK && i < job->count; i++) {
		job->ids[i] = scim__str(ids[i]);
		job->purged[i] = (scim_purged){ .rows = 0 };
	}
	if (rc == SCIM_OK)
		rc = purge(job, &err);
	int code = job->purged != NULL && job->ids != NULL ? tell(job, rc)
							   : SCIM__CLI_FAILED;
	scim__policy_tenant_unref(job->tenant);
	return rc == SCIM_OK ? code : scim__admin_exit("purge", NULL, rc, &err);
}

/* As of a variable that was never set. */
static bool
has_empty(char **ids, int count)
{
	for (int i = 0; i < count; i++)
		if (ids[i][0] == '\0')
			return true;
	return false;
}

int
scim__cli_purge(int argc, char **argv)
{
	struct scim__cli_option options[OPTION_COUNT] = { { "--tenant", NULL },
		{ "--store", NULL }, { "--schemas", NULL } };
	scim__auto(scim_arena_free) scim_arena *arena = NULL;
	struct job job = { .count = 0 };

	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	int words = scim__cli_read_args(argc, argv, options, OPTION_COUNT);
	if (words < 0)
		return SCIM__CLI_USAGE;
	if (words < 1 || options[TENANT].value == NULL ||
	    has_empty(argv + 1, words)) {
		(void)fputs(usage, stderr);
		return SCIM__CLI_USAGE;
	}
	arena = scim_arena_new(NULL);
	if (arena == NULL)
		return SCIM__CLI_FAILED;
	job.arena = arena;
	int code = scim__admin_open_with(
	    &job.admin, "purge", options[STORE].value, options[SCHEMAS].value);
	if (code != SCIM__CLI_DONE)
		return code;
	code = run(&job, options[TENANT].value, argv + 1, words);
	scim__admin_close(&job.admin);
	return code;
}
