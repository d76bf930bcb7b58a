/* SPDX-License-Identifier: Apache-2.0 */

/*
 * scimd serve: reads how it is to run, and runs.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <uv.h>

#include "base/arena.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "daemon/config.h"
#include "daemon/log.h"
#include "daemon/server.h"

static const char usage[] =
    "usage: scimd serve [--FLAG VALUE]…\n"
    "\n"
    "  --listen HOST:PORT       where to listen (127.0.0.1:8080); port 0\n"
    "                           takes a free one and says which\n"
    "  --store URL              sqlite:PATH, postgres://… or memory:\n"
    "                           (sqlite:scimd.db)\n"
    "  --config FILE            `flag = value` lines, flags as here\n"
    "  --public-url URL         what clients see in front of /scim/v2\n"
    "  --tls-cert FILE          certificate chain, PEM\n"
    "  --tls-key FILE           its key, PEM\n"
    "  --loops N                threads that serve (one a core)\n"
    "  --batch N                writes that may share a commit (64)\n"
    "  --schemas DIR            schemas and resource types of your own\n"
    "  --bootstrap-token TOKEN  makes tenant `default` and opens it; 16\n"
    "                           characters or more\n"
    "  --set KEY=VALUE          a setting of tenant `default`; repeatable\n"
    "  --insecure-http          plain HTTP beyond loopback, behind a proxy\n"
    "\n"
    "Each flag is also a variable: SCIMD_LISTEN, SCIMD_TLS_CERT, …  A flag\n"
    "comes before its variable, and that before the file.  Without a\n"
    "bootstrap token, the first start makes one and prints it once.\n";

static const char *
environment(const char *name)
{
	return getenv(name);
}

static int
fail_usage(const scim_error *err)
{
	(void)fprintf(stderr, "scimd serve: %s\n\n%s", err->detail, usage);
	return SCIM__CLI_USAGE;
}

int
scim__cli_serve(int argc, char **argv)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__config_source source = { .argc = argc,
		.argv = argv,
		.environment = environment,
		.cores = uv_available_parallelism() };
	struct scim__config config;
	scim_error err = { .status = SCIM_OK };

	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	if (arena == NULL)
		return SCIM__CLI_FAILED;
	if (scim__config_read(arena, &source, &config, &err) != SCIM_OK)
		return fail_usage(&err);
	scim_status rc = scim__server_run(&config, &err);
	if (rc == SCIM_OK)
		return SCIM__CLI_DONE;
	if (rc == SCIM_ERR_INVALID)
		return fail_usage(&err);
	scim__log(SCIM__LOG_ERROR, "failed", "detail", err.detail, NULL);
	return SCIM__CLI_FAILED;
}
