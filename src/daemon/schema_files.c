/* SPDX-License-Identifier: Apache-2.0 */

/*
 * An operator's own schemas: files of a folder, read once at the start.
 * Their order is that of their names, so that the same folder means the same
 * on every machine.
 */

#include "daemon/schema_files.h"

#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"

#define FILE_MOST (16 << 20)
#define PIECE (64 << 10)

static int
is_schema(const struct dirent *entry)
{
	size_t len = strlen(entry->d_name);

	return entry->d_name[0] != '.' && len > 5 &&
	    strcmp(entry->d_name + len - 5, ".json") == 0;
}

static scim_status
read_stream(scim_arena *arena, FILE *file, scim_str name, scim_str *out,
    scim_error *err)
{
	scim__buf text;
	size_t got;

	scim__buf_init(&text, arena, FILE_MOST);
	do {
		char *room = scim__buf_reserve(&text, PIECE);

		got = room == NULL ? 0 : fread(room, 1, PIECE, file);
		text.len += got;
	} while (got > 0);
	if (scim__buf_failed(&text))
		return scim__fail(err, SCIM_ERR_INVALID,
		    "%.*s is larger than 16 MiB.", (int)name.len, name.ptr);
	if (ferror(file) != 0)
		return scim__fail(err, SCIM_ERR_INVALID, "%.*s: %s.",
		    (int)name.len, name.ptr, strerror(errno));
	*out = scim__buf_str(&text);
	return SCIM_OK;
}

scim_status
scim__schema_file_read(scim_arena *arena, const char *path,
    scim_schema_source *out, scim_error *err)
{
	FILE *file = fopen(path, "rb");

	if (file == NULL)
		return scim__fail(err, SCIM_ERR_INVALID, "%.180s: %s.", path,
		    strerror(errno));
	out->name = scim__str(path);
	scim_status rc = read_stream(arena, file, out->name, &out->text, err);
	(void)fclose(file);
	return rc;
}

static scim_status
read_entry(scim_arena *arena, const char *folder, const char *name,
    scim_schema_source *out, scim_error *err)
{
	scim_str path = scim__str_format(arena, "%s/%s", folder, name);
	const char *text = scim__str_copy_z(arena, path);

	if (path.ptr == NULL || text == NULL)
		return scim__fail_memory(err);
	return scim__schema_file_read(arena, text, out, err);
}

static scim_status
read_all(scim_arena *arena, const char *folder, struct dirent **entries,
    size_t count, scim_registry **out, scim_error *err)
{
	scim_schema_source *sources =
	    scim__arena_array(arena, count, sizeof(*sources));
	scim_status rc = sources == NULL ? scim__fail_memory(err) : SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		rc = read_entry(
		    arena, folder, entries[i]->d_name, &sources[i], err);
	return rc != SCIM_OK ? rc : scim_registry_new(sources, count, out, err);
}

scim_status
scim__schema_files_read(
    const char *folder, scim_registry **out, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct dirent **entries = NULL;

	if (folder == NULL)
		return scim_registry_new(NULL, 0, out, err);
	if (arena == NULL)
		return scim__fail_memory(err);
	int count = scandir(folder, &entries, is_schema, alphasort);
	if (count < 0)
		return scim__fail(err, SCIM_ERR_INVALID, "%.180s: %s.", folder,
		    strerror(errno));
	scim_status rc =
	    read_all(arena, folder, entries, (size_t)count, out, err);
	for (int i = 0; i < count; i++)
		free(entries[i]);
	free(entries);
	return rc;
}
