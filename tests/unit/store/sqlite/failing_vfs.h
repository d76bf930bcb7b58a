/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_STORE_SQLITE_FAILING_VFS_H
#define TESTS_STORE_SQLITE_FAILING_VFS_H

/*
 * A disk that fails on cue.  It is the default VFS with three methods
 * replaced: what a COMMIT writes to the WAL and syncs, and what lets the index
 * of the WAL grow.
 */
#include <sqlite3.h>
#include <string.h>

struct failing_vfs {
	sqlite3_vfs vfs;
	sqlite3_vfs *real;
	const sqlite3_io_methods *real_methods;
	sqlite3_io_methods methods;
	int fail_sync;  /* what xSync answers; SQLITE_OK: does its work */
	int fail_write; /* the same of xWrite */

	const sqlite3_io_methods *real_db_methods;
	sqlite3_io_methods db_methods;
	int regions; /* that the index may have; 0: any number */
};

static struct failing_vfs failing_vfs;

static inline int
failing_sync(sqlite3_file *file, int flags)
{
	if (failing_vfs.fail_sync != SQLITE_OK)
		return failing_vfs.fail_sync;
	return failing_vfs.real_methods->xSync(file, flags);
}

static inline int
failing_write(
    sqlite3_file *file, const void *bytes, int len, sqlite3_int64 offset)
{
	if (failing_vfs.fail_write != SQLITE_OK)
		return failing_vfs.fail_write;
	return failing_vfs.real_methods->xWrite(file, bytes, len, offset);
}

static inline int
failing_map(sqlite3_file *file, int region, int bytes, int may_grow,
    void volatile **out)
{
	if (failing_vfs.regions > 0 && region >= failing_vfs.regions &&
	    may_grow)
		return SQLITE_IOERR_SHMSIZE;
	return failing_vfs.real_db_methods->xShmMap(
	    file, region, bytes, may_grow, out);
}

static inline void
replace_map(sqlite3_file *file)
{
	failing_vfs.real_db_methods = file->pMethods;
	failing_vfs.db_methods = *file->pMethods;
	failing_vfs.db_methods.xShmMap = failing_map;
	file->pMethods = &failing_vfs.db_methods;
}

static inline int
failing_open(sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *file,
    int flags, int *out_flags)
{
	int rc = failing_vfs.real->xOpen(vfs, name, file, flags, out_flags);

	if (rc == SQLITE_OK && (flags & SQLITE_OPEN_MAIN_DB))
		replace_map(file);
	if (rc != SQLITE_OK || !(flags & SQLITE_OPEN_WAL))
		return rc;
	failing_vfs.real_methods = file->pMethods;
	failing_vfs.methods = *file->pMethods;
	failing_vfs.methods.xSync = failing_sync;
	failing_vfs.methods.xWrite = failing_write;
	file->pMethods = &failing_vfs.methods;
	return SQLITE_OK;
}

static inline void
failing_vfs_install(void)
{
	failing_vfs.real = sqlite3_vfs_find(NULL);
	failing_vfs.vfs = *failing_vfs.real;
	failing_vfs.vfs.zName = "failing";
	failing_vfs.vfs.xOpen = failing_open;
	(void)sqlite3_vfs_register(&failing_vfs.vfs, 1);
}

static inline void
failing_vfs_remove(void)
{
	(void)sqlite3_vfs_unregister(&failing_vfs.vfs);
	(void)sqlite3_vfs_register(failing_vfs.real, 1);
	failing_vfs.fail_sync = failing_vfs.fail_write = SQLITE_OK;
	failing_vfs.regions = 0;
}

#endif
