/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BASE_SEEDED_H
#define SCIM_BASE_SEEDED_H

/*
 * Bugs on purpose, for builds that prove that a test would notice.  Never in
 * a build that serves.
 *
 * Those of the server are all in one build, the CMake preset `seeded`, and
 * the environment says which of them it has (SCIMD_SEEDED_BUG):
 *
 * check_before_write  preconditions are checked before the writer, and not in
 *                     the write
 * early_answer        answers leave before the COMMIT
 * hash_leaves_out     a version does not depend on nickName
 * stale_tag           entity tags come out of a cache
 * bulk_version        `version` of an operation in a bulk is not looked at
 * merge_drops_ours    what came between makes a merge leave out the change
 * late_change         the change log is written after the COMMIT
 * no_receipt          what came with an Idempotency-Key leaves no receipt
 */
#include <stdbool.h>

#ifdef SCIMD_SEEDED
#include <stdlib.h>
#include <string.h>

static inline bool
scim__seeded(const char *bug)
{
	const char *chosen = getenv("SCIMD_SEEDED_BUG");

	return chosen != NULL && strcmp(chosen, bug) == 0;
}
#else
#define scim__seeded(bug) false
#endif

/* Those of merging are built into its laws, one by one. */

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
