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

/* merge: Two sides fill one slot anew, and both values stay. */
#ifdef SCIMD_SEEDED_BUG_MERGE_SLOT_RULE
#define SCIM__SEEDED_MERGE_SLOT_RULE 1
#else
#define SCIM__SEEDED_MERGE_SLOT_RULE 0
#endif

/* merge: What one side changed goes with the element the other removed. */
#ifdef SCIMD_SEEDED_BUG_MERGE_SILENT_DELETE
#define SCIM__SEEDED_MERGE_SILENT_DELETE 1
#else
#define SCIM__SEEDED_MERGE_SILENT_DELETE 0
#endif

/* merge: Where both sides changed a cell, ours is taken without a word. */
#ifdef SCIMD_SEEDED_BUG_MERGE_LAST_WRITER
#define SCIM__SEEDED_MERGE_LAST_WRITER 1
#else
#define SCIM__SEEDED_MERGE_LAST_WRITER 0
#endif

/* merge: Each element keeps the primary flag it came with. */
#ifdef SCIMD_SEEDED_BUG_MERGE_PRIMARY_EACH
#define SCIM__SEEDED_MERGE_PRIMARY_EACH 1
#else
#define SCIM__SEEDED_MERGE_PRIMARY_EACH 0
#endif

/* merge: What ours removed comes back from theirs. */
#ifdef SCIMD_SEEDED_BUG_MERGE_REMOVED_RETURNS
#define SCIM__SEEDED_MERGE_REMOVED_RETURNS 1
#else
#define SCIM__SEEDED_MERGE_REMOVED_RETURNS 0
#endif

/* merge: Elements are the same when their values are, whatever the type. */
#ifdef SCIMD_SEEDED_BUG_MERGE_IDENTITY_TYPE
#define SCIM__SEEDED_MERGE_IDENTITY_TYPE 1
#else
#define SCIM__SEEDED_MERGE_IDENTITY_TYPE 0
#endif

#endif
