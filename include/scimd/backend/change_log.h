/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_BACKEND_CHANGE_LOG_H
#define SCIM_BACKEND_CHANGE_LOG_H

/**
 * @file scimd/backend/change_log.h
 * @brief The change log, as a storage backend writes and reads it.
 *
 * Each write has a row in it, numbered in the order of commits.  It is the
 * history of a resource, the feed of a tenant and the base of a merge at
 * once; see store_ops.h for the methods.
 */

#include "scimd/types.h"
#include "scimd/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The row of the change log that goes with a write. */
typedef struct scim_change {
	scim_str operation; /* "create", "replace", "patch", "merge", … */
	scim_str actor;     /* who: "token:<id>", "cli" */
	scim_str via;       /* which door: "http", "bulk", "mcp", "c" */
	scim_str paths;     /* JSON array of changed paths */
	scim_str content;   /* what it takes to go back; may be empty */
	int64_t at_ms;
	/** The whole of what was before, kept instead of `content` by every
	 * SCIM_WHOLE_EVERYth change of a resource; empty: never. */
	scim_str whole;
	/** How many states of the resource to keep, this one included; older
	 * ones are forgotten, a few with each write.  0: no history. */
	uint64_t keep;
} scim_change;

/** How far it is at most from one whole content to the next. */
#define SCIM_WHOLE_EVERY 16

/** A row of the change log as it is read. */
typedef struct scim_change_row {
	uint64_t sequence; /* in the tenant */
	uint64_t parent;   /* sequence of the change before; 0: none */
	uint64_t revision; /* among those of its resource; by `id` alone */
	scim_str type;     /* of the resource */
	scim_str id;
	int is_gone; /* the resource was deleted, and has no version */
	scim_version version;
	scim_change change; /* as written, but for `whole` and `keep` */
} scim_change_row;

/** Which rows of the change log. */
typedef struct scim_change_plan {
	scim_str tenant;
	/** Empty: all of the tenant, by sequence.  Else those of a resource
	 * whose states are kept, by revision, which has no gaps. */
	scim_str id;
	/** With `id`, not NULL: the last change that led to this version,
	 * alone; `from` and `descending` are ignored. */
	const scim_version *version;
	uint64_t from;    /* sequence or revision to begin with */
	int descending;   /* with `id` only */
	int with_content; /* else it is left empty */
	size_t limit;     /* never 0 */
} scim_change_plan;

/** How far the change log of a tenant reaches. */
typedef struct scim_feed {
	uint64_t epoch; /* another one: sequences began anew; 0: no change */
	uint64_t first; /* none before it is kept; `last` + 1 for none */
	uint64_t last;  /* the newest; 0 for none */
} scim_feed;

/** What is to be forgotten for good, of a resource that does not exist. */
typedef struct scim_purge {
	scim_str tenant, type, id;
	const uint64_t *sequences; /* of changes; those of others stay */
	size_t sequence_count;
	size_t limit; /* rows at once, about; never 0 */
} scim_purge;

/** Members of a resource as they were once. */
typedef struct scim_member_plan {
	scim_str tenant, type, id;
	uint64_t sequence; /* after this change */
	scim_str after;    /* by value; empty: from the first */
	size_t limit;      /* never 0 */
} scim_member_plan;

#ifdef __cplusplus
}
#endif
#endif
