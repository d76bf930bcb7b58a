/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_NEW_FILE_H
#define SCIM_BASE_NEW_FILE_H

#include <stdint.h>

#include "scimd/error.h"

/*
 * A file that shows up under its name only when it is whole and durable, takes
 * nobody's place, and is its owner's alone.  Until then it is called `part`,
 * the name + ".part": so is what an end without notice leaves behind.
 */
struct scim__new_file {
	const char *path; /* the caller's */
	char *part;
};

/*
 * Makes the part, empty.  `path` must outlive it.  Ended by a finish or by
 * scim__new_file_abandon().
 *
 * SCIM_ERR_EXISTS: there is something at `path` or at the part already.
 */
SCIM_MUST_USE scim_status scim__new_file_make(
    struct scim__new_file *out, const char *path, scim_error *err);

/*
 * Makes what is in the part durable and gives it its name.  Whatever the
 * outcome, the part is gone; the name is there on SCIM_OK, and on a failure
 * only if its folder could not be synced.
 *
 * SCIM_ERR_EXISTS: somebody took the name meanwhile.
 */
SCIM_MUST_USE scim_status scim__new_file_finish(
    struct scim__new_file *file, uint64_t *out_bytes, scim_error *err);

/* Takes the part away. */
void scim__new_file_abandon(struct scim__new_file *file);

#endif
