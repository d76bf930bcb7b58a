/* SPDX-License-Identifier: Apache-2.0 */

/*
 * scimd: picks the verb and steps aside.
 *
 * A verb is one line of the table below and one file beside this one; it
 * reads its own arguments and answers its own --help.
 */

#include <sqlite3.h>
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"

static const struct verb {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *help;
} verbs[] = {
	{ "serve", scim__cli_serve, "serve SCIM over HTTP" },
	{ "tenant", scim__cli_tenant, "look after tenants and settings" },
	{ "token", scim__cli_token, "make, list and revoke tokens" },
	{ "schema", scim__cli_schema, "schemas of your own" },
	{ "backup", scim__cli_backup, "copy a store that is in use" },
	{ "export", scim__cli_export, "write a tenant to a file" },
	{ "import", scim__cli_import, "read what export wrote" },
	{ "purge", scim__cli_purge, "remove every trace of resources" },
	{ "migrate", scim__cli_migrate,
	    "bring a store of another scimd up to date" },
	{ "selftest", scim__cli_selftest,
	    "see whether a server loses updates" },
	{ NULL, NULL, NULL },
};

static void
print_usage(FILE *to)
{
	(void)fputs("usage: scimd VERB [ARGUMENT …]\n\n", to);
	for (const struct verb *v = verbs; v->name != NULL; v++)
		(void)fprintf(to, "  %-9s %s\n", v->name, v->help);
	(void)fputs("\n`scimd VERB --help` says more about one of them;"
		    " `scimd --version` which scimd this is.\n",
	    to);
}

int
main(int argc, char **argv)
{
	const char *name = argc < 2 ? "" : argv[1];

	/* All threads would meet at the lock of numbers that nobody reads. */
	(void)sqlite3_config(SQLITE_CONFIG_MEMSTATUS, 0);
	if (strcmp(name, "--version") == 0) {
		(void)puts("scimd " SCIMD_VERSION);
		return SCIM__CLI_DONE;
	}
	if (strcmp(name, "--help") == 0) {
		print_usage(stdout);
		return SCIM__CLI_DONE;
	}
	for (const struct verb *v = verbs; v->name != NULL; v++)
		if (strcmp(name, v->name) == 0)
			return v->run(argc - 1, argv + 1);
	if (*name != '\0')
		(void)fprintf(stderr, "scimd: there is no verb `%s`.\n", name);
	print_usage(stderr);
	return SCIM__CLI_USAGE;
}
