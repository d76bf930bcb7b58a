/* SPDX-License-Identifier: Apache-2.0 */
/*
 * One serving process for each database file.
 *
 * The lock on PATH-lock decides; what stands in that file is only told to
 * people.  It is never removed: a removed file could be locked by one
 * process while the next one locks a new file of the same name.
 */
#include "store/sqlite/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/error.h"

static int
open_lock_file(scim_str path)
{
	static const char suffix[] = "-lock";
	char *name = malloc(path.len + sizeof(suffix));

	if (name == NULL)
		return -1;
	memcpy(name, path.ptr, path.len);
	memcpy(name + path.len, suffix, sizeof(suffix));
	int fd = open(name, O_RDWR | O_CREAT | O_CLOEXEC, S_IRUSR | S_IWUSR);

	free(name);
	return fd;
}

static scim_status
name_holder(
    int fd, scim_str path, char holder[SCIM__SERVE_HOLDER_MAX], scim_error *err)
{
	ssize_t len = pread(fd, holder, SCIM__SERVE_HOLDER_MAX - 1, 0);

	holder[len > 0 ? len : 0] = '\0';
	holder[strcspn(holder, "\n")] = '\0';
	return scim__fail(err, SCIM_ERR_BUSY,
	    "'%.*s' is already served by %s: stop that one, or name another "
	    "file.",
	    (int)path.len, path.ptr,
	    holder[0] == '\0' ? "another process" : holder);
}

scim_status
scim__sqlite_serve_lock(scim_str path, scim_str text,
    char holder[SCIM__SERVE_HOLDER_MAX], scim_error *err)
{
	int fd = open_lock_file(path);

	if (fd < 0)
		return scim__fail(err, SCIM_ERR_STORE,
		    "Can't open '%.*s-lock': %s.", (int)path.len, path.ptr,
		    strerror(errno));
	if (flock(fd, LOCK_EX | LOCK_NB) != 0) {
		scim_status rc = errno == EWOULDBLOCK
		    ? name_holder(fd, path, holder, err)
		    : scim__fail(err, SCIM_ERR_STORE, "Can't lock '%.*s-lock'.",
			  (int)path.len, path.ptr);

		(void)close(fd);
		return rc;
	}
	/* It helps people; not being able to say it stops nothing. */
	bool said = ftruncate(fd, 0) == 0 &&
	    pwrite(fd, text.ptr, text.len, 0) == (ssize_t)text.len;

	(void)said;
	return SCIM_OK;
}
