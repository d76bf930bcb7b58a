/* SPDX-License-Identifier: Apache-2.0 */
/*
 * scimd schema check: whether a server would take these documents.
 *
 * They are read as `scimd serve --schemas` reads them, all together and on
 * top of the shipped ones, since a resource type is right or wrong only
 * beside the schemas it names.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/str.h"
#include "cli/admin.h"
#include "cli/args.h"
#include "cli/cli.h"
#include "scimd/schema.h"

enum { FILE_MOST = 16 << 20, PIECE = 64 << 10 };

static const char usage[] =
    "usage: scimd schema check FILE…\n"
    "\n"
    "Reads schemas and resource types (RFC 7643 sections 6 and 7) as\n"
    "`scimd serve --schemas DIR` would, and says what is wrong and where.\n";

static int
complain(const char *path, const char *why)
{
	(void)fprintf(stderr, "scimd schema: %s: %s\n", path, why);
	return SCIM__CLI_FAILED;
}

static int
read_stream(scim_arena *arena, FILE *file, const char *path, scim_str *out)
{
	scim__buf text;

	scim__buf_init(&text, arena, FILE_MOST);
	for (;;) {
		char *room = scim__buf_reserve(&text, PIECE);
		size_t got = room == NULL ? 0 : fread(room, 1, PIECE, file);

		text.len += got;
		if (got == 0)
			break;
	}
	if (scim__buf_failed(&text))
		return complain(path, "is larger than 16 MiB");
	if (ferror(file) != 0)
		return complain(path, strerror(errno));
	*out = scim__buf_str(&text);
	return SCIM__CLI_DONE;
}

static int
read_file(scim_arena *arena, const char *path, scim_schema_source *out)
{
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		return complain(path, strerror(errno));
	out->name = scim__str(path);
	int code = read_stream(arena, file, path, &out->text);
	(void)fclose(file);
	return code;
}

static int
check(int count, char **paths)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_registry *registry = NULL;
	scim_error err = { 0 };
	scim_schema_source *sources = arena == NULL
	    ? NULL
	    : scim__arena_array(arena, (size_t)count, sizeof(*sources));

	if (sources == NULL)
		return complain("check", "out of memory");
	for (int i = 0; i < count; i++) {
		int code = read_file(arena, paths[i], &sources[i]);

		if (code != SCIM__CLI_DONE)
			return code;
	}
	if (scim_registry_new(sources, (size_t)count, &registry, &err) !=
	    SCIM_OK) {
		(void)fprintf(stderr, "scimd schema: %s\n", err.detail);
		return SCIM__CLI_FAILED;
	}
	scim_registry_unref(registry);
	(void)printf("%d %s in order\n", count,
	    count == 1 ? "document is" : "documents are");
	return SCIM__CLI_DONE;
}

int
scim__cli_schema(int argc, char **argv)
{
	if (scim__cli_wants_help(argc, argv)) {
		(void)fputs(usage, stdout);
		return SCIM__CLI_DONE;
	}
	int words = scim__cli_read_args(argc, argv, NULL, 0);
	if (words < 0)
		return SCIM__CLI_USAGE;
	if (words < 2 || strcmp(argv[1], "check") != 0) {
		(void)fputs(usage, stderr);
		return SCIM__CLI_USAGE;
	}
	return check(words - 1, argv + 2);
}
