/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_SQLITE_LOCK_H
#define SCIM_STORE_SQLITE_LOCK_H

#include "scimd/types.h"

#define SCIM__SERVE_HOLDER_MAX 256

/*
 * Makes this process the one that serves the database at `path`, until it
 * ends.  `text` says who it is, in one line: "pid 4711 at 127.0.0.1:8080".
 * SCIM_ERR_BUSY: another one serves it; `holder` then has what that one
 * said, and the error names it too.
 */
SCIM_MUST_USE scim_status scim__sqlite_serve_lock(scim_str path, scim_str text,
    char holder[SCIM__SERVE_HOLDER_MAX], scim_error *err);

#endif
