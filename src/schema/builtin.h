/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SCHEMA_BUILTIN_H
#define SCIM_SCHEMA_BUILTIN_H

#include <stddef.h>

/*
 * The documents under schemas/, put into the library by the build in order of
 * their names, so that a scimd that was only copied somewhere finds them.
 */
struct scim__builtin_schema_file {
	const char *name; /* path below schemas/, "User.json" */
	const char *text; /* a NUL follows the last byte */
	size_t len;       /* without that NUL */
};

/* Ends with an entry of NULLs, which the count leaves out. */
extern const struct scim__builtin_schema_file scim__builtin_schema_files[];
extern const size_t scim__builtin_schema_file_count;

#endif
