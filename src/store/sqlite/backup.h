/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_SQLITE_BACKUP_H
#define SCIM_STORE_SQLITE_BACKUP_H

#include <stdint.h>

#include "store/store.h"

struct scim__backup {
	const char *path; /* where the copy goes; there must be nothing */

	/* From time to time: how much of it is done.  May be NULL. */
	void (*progress)(void *context, uint64_t done, uint64_t of);
	void *context;
};

/*
 * Copies what `store` holds at this moment, while others go on writing, and
 * checks the copy.  It shows up at `path` only when it is whole and right;
 * what an end without notice leaves behind is called `path` + ".part".
 *
 * SCIM_ERR_EXISTS: there is something at `path` or the part already.
 */
SCIM_MUST_USE scim_status scim__sqlite_backup(scim_store *store,
    const struct scim__backup *backup, uint64_t *out_bytes, scim_error *err);

#endif
