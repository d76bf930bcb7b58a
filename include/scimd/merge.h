/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_MERGE_H
#define SCIM_MERGE_H

/**
 * @file scimd/merge.h
 * @brief Three states of a resource in, one out: merging and comparing.
 *
 * Pure functions of their input: no store, no clock.  What counts as one
 * change (a cell), what makes two elements the same one, and what may not be
 * merged at all is read from the schemas; docs/merging.md explains it.
 */

#include "scimd/schema.h"
#include "scimd/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Why two changes do not go together. */
typedef enum scim_merge_kind {
	SCIM_MERGE_MODIFY_MODIFY,  /* both changed it, to different values */
	SCIM_MERGE_MODIFY_DELETE,  /* ours changed it, theirs took it away */
	SCIM_MERGE_DELETE_MODIFY,  /* ours took it away, theirs changed it */
	SCIM_MERGE_ADD_ADD,        /* both set it, to different values */
	SCIM_MERGE_PRIMARY_DELETE, /* primary here, taken away there */
	SCIM_MERGE_GUARD,          /* theirs changed what forbids merging */
	SCIM_MERGE_VALIDATION      /* the merged resource breaks its schema */
} scim_merge_kind;

/** A decision made beforehand about one path. */
typedef struct scim_merge_resolution {
	scim_str path; /* as a conflict has it, or an attribute as a whole */
	scim_merge_use use;
} scim_merge_resolution;

/** How to merge.  Begin with SCIM_MERGE_OPTIONS_INIT. */
typedef struct scim_merge_options {
	/** sizeof(scim_merge_options) the caller was compiled with. */
	size_t size;

	/** What becomes of conflicts that `resolutions` does not name. */
	scim_merge_use on_conflict;

	/** Decisions about single paths; the first that fits holds. */
	const scim_merge_resolution *resolutions;
	size_t resolution_count;

	/** Paths of attributes that may not have been changed by theirs.
	 * NULL: those that the schemas mark; with `guard_count` 0 and not
	 * NULL: none. */
	const scim_str *guards;
	size_t guard_count;

	/** body_bytes and depth bound each document.  NULL: the defaults. */
	const scim_limits *limits;
} scim_merge_options;

/** No decisions, the guards of the schemas, the default limits. */
#define SCIM_MERGE_OPTIONS_INIT                                                \
	{                                                                      \
		sizeof(scim_merge_options), SCIM_MERGE_FAIL, NULL, 0, NULL, 0, \
		    NULL                                                       \
	}

/** The three states, each a whole resource as JSON.  Borrowed. */
typedef struct scim_merge_sides {
	scim_str base;   /* what both changes began from */
	scim_str ours;   /* what is wanted */
	scim_str theirs; /* what is there now */
} scim_merge_sides;

/** A place where the two changes do not go together. */
typedef struct scim_merge_conflict {
	scim_str path; /* a path for PATCH */
	scim_merge_kind kind;
	scim_str base; /* JSON; ptr NULL: no value, or redacted */
	scim_str ours;
	scim_str theirs;
	int redacted;        /* values are left out: they are secret */
	scim_merge_use used; /* who was decided for; FAIL: nobody */
	scim_str detail;     /* SCIM_MERGE_VALIDATION: what is wrong */
} scim_merge_conflict;

/** A change that only one side made. */
typedef struct scim_merge_auto {
	scim_str path;
	scim_merge_use from; /* never SCIM_MERGE_FAIL */
} scim_merge_auto;

/** What came out.  Everything is owned by the arena. */
typedef struct scim_merge_result {
	/** Whether `json` may be stored: no conflict is left undecided. */
	int is_clean;

	/** Whether it differs from theirs. */
	int is_changed;

	/** The merged resource in canonical form, what is writeOnly
	 * included; ptr NULL unless clean. */
	scim_str json;

	/** The same with theirs wherever nothing was decided, and without
	 * secrets: to be shown, not to be stored.  ptr NULL when a guard
	 * forbids merging. */
	scim_str proposed;

	/** In the order of the schemas; those that were decided as well. */
	const scim_merge_conflict *conflicts;
	size_t conflict_count;
	size_t undecided_count;

	/** Cells that one side alone changed.  Elements that were added are
	 * not named here. */
	const scim_merge_auto *autos;
	size_t auto_count;
} scim_merge_result;

/** What a difference does to its path. */
typedef enum scim_diff_op {
	SCIM_DIFF_ADD,
	SCIM_DIFF_REPLACE,
	SCIM_DIFF_REMOVE
} scim_diff_op;

/** One cell that differs. */
typedef struct scim_diff_entry {
	scim_str path; /* a path for PATCH */
	scim_diff_op op;
	scim_str before; /* JSON; ptr NULL: no value, or redacted */
	scim_str after;
	int redacted;
} scim_diff_entry;

/** All that differs.  Everything is owned by the arena. */
typedef struct scim_diff_list {
	const scim_diff_entry *entries; /* in the order of the schemas */
	size_t count;
} scim_diff_list;

/**
 * Merge two changes that began from one state.
 *
 * What one side alone changed is taken from it; what both changed alike is
 * taken once; anything else is a conflict, named by its path.  Nothing that
 * either side changed is dropped without a conflict that says so.  Equal
 * inputs give equal bytes.
 *
 * `ours` is read as a PUT would be: what is writeOnly, immutable, or returned
 * on request stays as in `base` when it is absent.  `id` is that of theirs;
 * `meta` and all that is readOnly is left out.
 *
 * @param arena     Owns what comes out.
 * @param registry  The schemas.  Borrowed, must outlive the result.
 * @param type      Resource type, "User".
 * @param sides     The three states.
 * @param options   NULL for SCIM_MERGE_OPTIONS_INIT.
 * @param out       Receives the result.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             Merged, or found in conflict: see `out`.
 * @retval SCIM_ERR_INVALID    A side is no valid resource of the type, a
 *                             guard names no attribute, or there is no such
 *                             type.
 * @retval SCIM_ERR_TOO_LARGE  A side is over a limit.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL, or the options are of no
 *                             known size.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_merge(scim_arena *arena,
    const scim_registry *registry, scim_str type, const scim_merge_sides *sides,
    const scim_merge_options *options, scim_merge_result *out, scim_error *err);

/**
 * List what differs between two states of a resource, cell by cell.
 *
 * The order of elements and the parts that are readOnly make no difference.
 *
 * @param arena     Owns what comes out.
 * @param registry  The schemas.  Borrowed, must outlive the result.
 * @param type      Resource type, "User".
 * @param from      The one state, as JSON.  Borrowed.
 * @param to        The other.  Borrowed.
 * @param out       Receives the list.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    A state is no valid resource of the type, or
 *                             there is no such type.
 * @retval SCIM_ERR_TOO_LARGE  A state is over a default limit.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_diff(scim_arena *arena,
    const scim_registry *registry, scim_str type, scim_str from, scim_str to,
    scim_diff_list *out, scim_error *err);

/**
 * Name a kind of conflict as it stands in the body of a 412.
 *
 * @param kind  The kind.
 * @return "modify/modify", "modify/delete", "delete/modify", "add/add",
 *         "primary/delete", "guard" or "validation".  Static.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT const char *scim_merge_kind_name(scim_merge_kind kind);

#ifdef __cplusplus
}
#endif
#endif
