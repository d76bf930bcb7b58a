/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scimd import: what scimd export wrote, beside a server that goes on.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cli/admin.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "transfer/import.h"

static const char usage[] =
    "usage: scimd import --tenant T [--store URL] [--schemas DIR] [FILE]\n"
    "\n"
    "Reads what `scimd export` wrote, from FILE or from stdin, into a tenant\n"
    "that it makes if need be.  Each resource has the id, version and times\n"
    "that it had.  A server may go on, and sees what comes.\n"
    "\n"
    "What is there at the same version is passed over, so that it can be run\n"
    "again where it was stopped.  Whatever can't be taken is told with the\n"
    "number of its line, and left out: a resource that is there at another\n"
    "version, a line whose version is not that of its content.  It exits 1\n"
    "if there was any.\n"
    "\n"
    "  --tenant T     which one\n"
    "  --store URL    where it is kept; else $SCIMD_STORE, else "
    "sqlite:scimd.db\n"
    "  --schemas DIR  as for `scimd serve`; else $SCIMD_SCHEMAS\n";

enum { TENANT, STORE, SCHEMAS, OPTION_COUNT };

static void
wipe_progress(const bool *is_seen)
{
	if (*is_seen)
		(void)fputs("\r\033[K", stderr);
}

static void
tell(void *context, uint64_t line, const char *why)
{
	wipe_progress(context);
	(void)fprintf(stderr, "scimd import: line %llu: %s\n",
	    (unsigned long long)line, why);
}

static void
show_progress(void *context, uint64_t lines)
{
	(void)context;
	(void)fprintf(stderr, "\r%llu lines read", (unsigned long long)lines);
}

static void
print_result(const struct scim__import_result *result)
{
	(void)printf("%llu resources imported, %llu there already",
	    (unsigned long long)result->made,
	    (unsigned long long)result->there);
	if (result->reported > 0)
		(void)printf(
		    ", %llu reported", (unsigned long long)result->reported);
	(void)putchar('\n');
}

static int
read_from(struct scim__admin *admin, const char *tenant, FILE *file)
{
	bool is_seen = isatty(STDERR_FILENO) == 1;
	const struct scim__import job = { .store = admin->store,
		.policy = admin->policy,
		.tenant = scim__str(tenant),
		.file = file,
		.report = tell,
		.progress = is_seen ? show_progress : NULL,
		.context = &is_seen };
	struct scim__import_result result = { 0 };
	scim_error err = { 0 };
	scim_status rc = scim__import(&job, &result, &err);

	wipe_progress(&is_seen);
	/* An import that stops on its way has still made what it made. */
	if (rc != SCIM_ERR_INVALID)
		print_result(&result);
	if (rc != SCIM_OK)
		return scim__admin_exit("import", tenant, rc, &err);
	return result.reported == 0 ? SCIM__CLI_DONE : SCIM__CLI_FAILED;
}

static int
run(const struct scim__cli_option *options, FILE *file)
{
	struct scim__admin admin;
	int code = scim__admin_open_with(
	    &admin, "import", options[STORE].value, options[SCHEMAS].value);
	if (code != SCIM__CLI_DONE)
		return code;
	code = read_from(&admin, options[TENANT].value, file);
	scim__admin_close(&admin);
	return code;
}

int
scim__cli_import(int argc, char **argv)
{
	struct scim__cli_option options[OPTION_COUNT] = { { "--tenant", NULL },
		{ "--store", NULL }, { "--schemas", NULL } };
	FILE *file = stdin;

	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	int words = scim__cli_read_args(argc, argv, options, OPTION_COUNT);
	if (words < 0)
		return SCIM__CLI_USAGE;
	if (words > 1 || options[TENANT].value == NULL) {
		(void)fputs(usage, stderr);
		return SCIM__CLI_USAGE;
	}
	if (words == 1)
		file = fopen(argv[1], "re");
	if (file == NULL) {
		(void)fprintf(stderr, "scimd import: %s: %s.\n", argv[1],
		    strerror(errno));
		return SCIM__CLI_FAILED;
	}
	int code = run(options, file);
	if (file != stdin)
		(void)fclose(file);
	return code;
}
