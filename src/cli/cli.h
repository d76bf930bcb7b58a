/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_CLI_CLI_H
#define SCIM_CLI_CLI_H

/* How every verb ends.  Results go to stdout, all else to stderr. */
enum scim__cli_exit {
	SCIM__CLI_DONE = 0,
	SCIM__CLI_FAILED = 1,
	SCIM__CLI_USAGE = 2 /* wrong usage, which was shown on stderr */
};

/*
 * The verbs, one file each.  argv[0] is the verb, argv[argc] is NULL.
 * Returns what the process exits with.
 */
int scim__cli_serve(int argc, char **argv);
int scim__cli_tenant(int argc, char **argv);
int scim__cli_token(int argc, char **argv);
int scim__cli_schema(int argc, char **argv);
int scim__cli_backup(int argc, char **argv);
int scim__cli_export(int argc, char **argv);
int scim__cli_import(int argc, char **argv);
int scim__cli_purge(int argc, char **argv);
int scim__cli_migrate(int argc, char **argv);
int scim__cli_selftest(int argc, char **argv);

#endif
