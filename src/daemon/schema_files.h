/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_SCHEMA_FILES_H
#define SCIM_DAEMON_SCHEMA_FILES_H

#include "scimd/schema.h"

/*
 * Makes the registry of the shipped schemas and of every *.json file in
 * `folder`, in the order of their names; NULL for the shipped ones alone.
 * SCIM_ERR_INVALID: the folder or a file can't be read, or is no definition.
 */
SCIM_MUST_USE scim_status scim__schema_files_read(
    const char *folder, scim_registry **out, scim_error *err);

/* One file as it is; errors call it by its path. */
SCIM_MUST_USE scim_status scim__schema_file_read(scim_arena *arena,
    const char *path, scim_schema_source *out, scim_error *err);

#endif
