/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scimd export: a tenant as lines of JSON, while a server goes on writing.
 *
 * The file holds hashes of passwords: it is its owner's alone from the first
 * byte on, and has its name only once it is whole.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/new_file.h"
#include "cli/admin.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "transfer/export.h"

static const char usage[] =
    "usage: scimd export --tenant T [--store URL] [--schemas DIR] [FILE]\n"
    "\n"
    "Writes a tenant as it is at this moment, beside a server that goes on:\n"
    "its settings, its own schemas, and every resource with id, version,\n"
    "times, members and secrets, one JSON object on each line.  FILE must\n"
    "not be there, and is readable by its owner alone; without it the lines\n"
    "go to stdout.  Tokens and history are not part of it.\n"
    "\n"
    "  --tenant T     which one\n"
    "  --store URL    where it is kept; else $SCIMD_STORE, else "
    "sqlite:scimd.db\n"
    "  --schemas DIR  as for `scimd serve`; else $SCIMD_SCHEMAS\n";

enum { TENANT, STORE, SCHEMAS, OPTION_COUNT };

struct target {
	const char *path; /* NULL: stdout */
	struct scim__new_file made;
	FILE *file;
};

static int
complain(const char *path, const char *why)
{
	(void)fprintf(stderr, "scimd export: %s: %s.\n", path, why);
	return SCIM__CLI_FAILED;
}

static int
open_target(struct target *t)
{
	scim_error err = { 0 };

	t->file = stdout;
	if (t->path == NULL)
		return SCIM__CLI_DONE;
	scim_status rc = scim__new_file_make(&t->made, t->path, &err);
	if (rc != SCIM_OK)
		return scim__admin_exit("export", NULL, rc, &err);
	t->file = fopen(t->made.part, "we");
	if (t->file != NULL)
		return SCIM__CLI_DONE;
	int code = complain(t->made.part, strerror(errno));
	scim__new_file_abandon(&t->made);
	return code;
}

/* Gives the file its name, or takes it away. */
static int
close_target(struct target *t, int code)
{
	scim_error err = { 0 };
	uint64_t bytes = 0;
	bool is_written =
	    (t->path == NULL ? fflush(t->file) : fclose(t->file)) == 0;

	if (code == SCIM__CLI_DONE && !is_written)
		code = complain(
		    t->path == NULL ? "stdout" : t->path, strerror(errno));
	if (t->path == NULL)
		return code;
	if (code != SCIM__CLI_DONE) {
		scim__new_file_abandon(&t->made);
		return code;
	}
	return scim__admin_exit("export", NULL,
	    scim__new_file_finish(&t->made, &bytes, &err), &err);
}

static void
show_progress(void *context, uint64_t resources)
{
	(void)context;
	(void)fprintf(
	    stderr, "\r%llu resources written", (unsigned long long)resources);
}

static int
write_to(struct scim__admin *admin, scim_str tenant, struct target *t)
{
	bool is_seen = isatty(STDERR_FILENO) == 1;
	struct scim__export job = { .store = admin->store,
		.policy = admin->policy,
		.tenant = tenant,
		.file = t->file,
		.progress = is_seen ? show_progress : NULL };
	uint64_t resources = 0;
	scim_error err = { 0 };
	scim_status rc = scim__export(&job, &resources, &err);

	if (is_seen)
		(void)fputs("\r\033[K", stderr);
	int code =
	    close_target(t, scim__admin_exit("export", tenant.ptr, rc, &err));
	if (code == SCIM__CLI_DONE)
		(void)fprintf(t->path == NULL ? stderr : stdout,
		    "%llu resources exported\n", (unsigned long long)resources);
	return code;
}

static int
run(const struct scim__cli_option *options, const char *path)
{
	struct target target = { .path = path };
	struct scim__admin admin;
	int code = scim__admin_open_with(
	    &admin, "export", options[STORE].value, options[SCHEMAS].value);
	if (code != SCIM__CLI_DONE)
		return code;
	code = open_target(&target);
	if (code == SCIM__CLI_DONE)
		code = write_to(&admin,
		    (scim_str){
			options[TENANT].value, strlen(options[TENANT].value) },
		    &target);
	scim__admin_close(&admin);
	return code;
}

int
scim__cli_export(int argc, char **argv)
{
	struct scim__cli_option options[OPTION_COUNT] = { { "--tenant", NULL },
		{ "--store", NULL }, { "--schemas", NULL } };

	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	int words = scim__cli_read_args(argc, argv, options, OPTION_COUNT);
	if (words < 0)
		return SCIM__CLI_USAGE;
	if (words > 1 || options[TENANT].value == NULL ||
	    (words == 1 && *argv[1] == '\0')) {
		(void)fputs(usage, stderr);
		return SCIM__CLI_USAGE;
	}
	return run(options, words == 1 ? argv[1] : NULL);
}
