/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Files that are there as a whole or not at all.
 *
 * The bytes are durable before they have the name, and the name is durable
 * when its folder is.  It is given by link(), which unlike rename() takes
 * nobody's place.
 */
#include "base/new_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static scim_status
fail_file(const char *path, const char *what, scim_error *err)
{
	return scim__fail(err, SCIM_ERR_STORE, "%s can't be %s: %s.", path,
	    what, strerror(errno));
}

static scim_status
refuse_taken(const char *path, scim_error *err)
{
	return scim__fail(err, SCIM_ERR_EXISTS,
	    "There is a %s already: move it away, or name another file.", path);
}

/* O_EXCL, so that nobody else's is ever written to. */
static scim_status
claim(const struct scim__new_file *file, scim_error *err)
{
	struct stat found;

	if (lstat(file->path, &found) == 0)
		return refuse_taken(file->path, err);
	int fd = open(file->part, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600);
	if (fd < 0 && errno == EEXIST)
		return refuse_taken(file->part, err);
	if (fd < 0)
		return fail_file(file->part, "made", err);
	(void)close(fd);
	return SCIM_OK;
}

scim_status
scim__new_file_make(
    struct scim__new_file *out, const char *path, scim_error *err)
{
	size_t size = strlen(path) + sizeof(".part");
	struct scim__new_file file = { path, malloc(size) };

	if (file.part == NULL)
		return scim__fail_memory(err);
	(void)snprintf(file.part, size, "%s.part", path);
	scim_status rc = claim(&file, err);
	if (rc == SCIM_OK)
		*out = file;
	else
		free(file.part);
	return rc;
}

void
scim__new_file_abandon(struct scim__new_file *file)
{
	(void)unlink(file->part);
	free(file->part);
	file->part = NULL;
}

static bool
sync_folder(const char *path)
{
	char *folder = strdup(path);
	char *slash = folder == NULL ? NULL : strrchr(folder, '/');
	const char *name = ".";

	if (slash != NULL) {
		slash[slash == folder] = '\0';
		name = folder;
	}
	int fd = folder == NULL
	    ? -1
	    : open(name, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;
	if (fd >= 0)
		(void)close(fd);
	free(folder);
	return done;
}

static scim_status
give_name(
    const struct scim__new_file *file, uint64_t *out_bytes, scim_error *err)
{
	struct stat made;
	int fd = open(file->part, O_RDONLY | O_CLOEXEC);
	bool synced = fd >= 0 && fsync(fd) == 0 && fstat(fd, &made) == 0;

	if (fd >= 0)
		(void)close(fd);
	if (!synced)
		return fail_file(file->part, "made durable", err);
	if (link(file->part, file->path) != 0)
		return errno == EEXIST ? refuse_taken(file->path, err)
				       : fail_file(file->path, "made", err);
	(void)unlink(file->part);
	if (!sync_folder(file->path))
		return fail_file(file->path, "made durable", err);
	*out_bytes = (uint64_t)made.st_size;
	return SCIM_OK;
}

scim_status
scim__new_file_finish(
    struct scim__new_file *file, uint64_t *out_bytes, scim_error *err)
{
	scim_status rc = give_name(file, out_bytes, err);

	scim__new_file_abandon(file);
	return rc;
}
