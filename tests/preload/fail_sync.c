/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Preloaded into a scimd under test: while the file that FAIL_SYNC names
 * exists, nothing can be made durable.
 */

#define _GNU_SOURCE

#include <dlfcn.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
sync_or_fail(const char *name, int fd)
{
	void *found = dlsym(RTLD_NEXT, name);
	int (*real)(int) = NULL;
	const char *flag = getenv("FAIL_SYNC");

	if (flag != NULL && access(flag, F_OK) == 0) {
		errno = EIO;
		return -1;
	}
	/* ISO C has no cast for this */
	memcpy(&real, &found, sizeof(real));
	return real(fd);
}

int
fsync(int fd)
{
	return sync_or_fail("fsync", fd);
}

int
fdatasync(int fd)
{
	return sync_or_fail("fdatasync", fd);
}
