/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scimd backup: a copy of a database in one file, while a server goes on
 * writing to it.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cli/admin.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "store/sqlite/backup.h"

static const char usage[] =
    "usage: scimd backup [--store URL] FILE\n"
    "\n"
    "Copies an SQLite store as it is at this moment, beside a server that\n"
    "goes on, checks the copy, and only then gives it its name.  FILE must\n"
    "not be there.  To put a copy back: stop the server, move its database\n"
    "and what stands beside it (-wal, -shm) away, and copy FILE to its place.\n"
    "\n"
    "  --store URL  sqlite:PATH; else $SCIMD_STORE, else sqlite:scimd.db\n";

static const char scheme[] = "sqlite:";

static void
show_progress(void *context, uint64_t done, uint64_t of)
{
	(void)context;
	(void)fprintf(stderr, "\r%3u %% copied", (unsigned)(done * 100 / of));
}

static int
back_up(const char *url, const char *path)
{
	struct scim__admin admin = { .store = NULL };
	bool is_seen = isatty(STDERR_FILENO) == 1;
	struct scim__backup backup = { .path = path,
		.progress = is_seen ? show_progress : NULL };
	uint64_t bytes = 0;
	scim_error err = { 0 };
	int code = scim__admin_open(&admin, "backup", url);

	if (code != SCIM__CLI_DONE)
		return code;
	scim_status rc =
	    scim__sqlite_backup(admin.store, &backup, &bytes, &err);
	if (is_seen)
		(void)fputs("\r\033[K", stderr);
	scim__admin_close(&admin);
	if (rc != SCIM_OK)
		return scim__admin_exit("backup", NULL, rc, &err);
	(void)printf(
	    "%s: %llu bytes, checked\n", path, (unsigned long long)bytes);
	return SCIM__CLI_DONE;
}

int
scim__cli_backup(int argc, char **argv)
{
	struct scim__cli_option store = { "--store", NULL };

	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	int words = scim__cli_read_args(argc, argv, &store, 1);
	if (words < 0)
		return SCIM__CLI_USAGE;
	if (words != 1 || *argv[1] == '\0') {
		(void)fputs(usage, stderr);
		return SCIM__CLI_USAGE;
	}
	const char *url =
	    store.value != NULL ? store.value : getenv("SCIMD_STORE");
	if (url == NULL || *url == '\0')
		url = "sqlite:scimd.db";
	if (strncmp(url, scheme, strlen(scheme)) != 0) {
		(void)fprintf(stderr,
		    "scimd backup: %s can't be copied to a file; name a store"
		    " with --store sqlite:PATH.\n",
		    url);
		return SCIM__CLI_USAGE;
	}
	if (access(url + strlen(scheme), F_OK) != 0) {
		(void)fprintf(
		    stderr, "scimd backup: %s: There is no such file.\n", url);
		return SCIM__CLI_FAILED;
	}
	return back_up(url, argv[1]);
}
