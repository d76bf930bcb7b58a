/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_SEEDED_H
#define SCIM_BASE_SEEDED_H

/*
 * Bugs on purpose, for builds that prove that a test would notice.  Never in
 * a build that serves; CMake sets them by options of the same names.
 */

/* Preconditions are checked before the writer, and not in the write. */
#ifdef SCIMD_SEEDED_BUG_CHECK_BEFORE_WRITE
#define SCIM__SEEDED_CHECK_BEFORE_WRITE 1
#else
#define SCIM__SEEDED_CHECK_BEFORE_WRITE 0
#endif

#endif
