/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_METRICS_H
#define SCIM_METRICS_H

/**
 * @file scimd/metrics.h
 * @brief How often writes meet, what became of them, and where.
 *
 * A host makes an object, hands it to a provider and reads it whenever it
 * likes.  Counting a write is two relaxed additions to memory of its own;
 * only a conflict takes a lock, to note where it was.  The library keeps no
 * counter that it was not handed, memory is bounded, and what is kept of
 * resources is tenant, type and id, of paths the names of attributes: never
 * a value.
 */

#include "scimd/provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Counters of writes and their conflicts. */
typedef struct scim_metrics scim_metrics;

/** What was to be done. */
typedef enum scim_write_operation {
	SCIM_WRITES_CREATE,
	SCIM_WRITES_REPLACE,
	SCIM_WRITES_PATCH,
	SCIM_WRITES_DELETE,
	SCIM_WRITES_MERGE, /* a change that carries its base */
	SCIM_WRITES_REVERT,
	SCIM_WRITES_OPERATIONS
} scim_write_operation;

/** What became of it: each write counts once, under one of these. */
typedef enum scim_write_result_kind {
	SCIM_WRITES_DONE,      /* a new state */
	SCIM_WRITES_UNCHANGED, /* it was so already */
	SCIM_WRITES_CONFLICT, /* a condition did not hold, or changes collide */
	SCIM_WRITES_ABSENT,   /* there is no such resource */
	SCIM_WRITES_TAKEN,    /* a unique value, or a reference, stood in the
			       * way */
	SCIM_WRITES_REFUSED,  /* not valid, too large, or a condition is
			       * required */
	SCIM_WRITES_FAILED,   /* the store, memory, or nobody knows */
	SCIM_WRITES_RESULTS
} scim_write_result_kind;

/** Where two changes were merged. */
typedef enum scim_merge_form {
	SCIM_MERGES_PROPOSAL, /* for what a conflict tells */
	SCIM_MERGES_MESSAGE,  /* a change that carries its base */
	SCIM_MERGES_IF_MATCH, /* a stale If-Match, where a tenant merges */
	SCIM_MERGES_UPDATE,   /* scim_provider_update() */
	SCIM_MERGES_FORMS
} scim_merge_form;

/** What came of a merge. */
typedef enum scim_merge_end {
	SCIM_MERGES_CLEAN,     /* the changes go together */
	SCIM_MERGES_DECIDED,   /* they collide, and it was said who wins */
	SCIM_MERGES_CONFLICT,  /* they collide */
	SCIM_MERGES_GUARD,     /* what changed forbids merging */
	SCIM_MERGES_FORGOTTEN, /* the base is kept no longer */
	SCIM_MERGES_INVALID,   /* together they are no valid resource */
	SCIM_MERGES_ENDS
} scim_merge_end;

#define SCIM_METRICS_VERSION_BUCKETS 9 /**< bounds of base_versions */
#define SCIM_METRICS_AGE_BUCKETS 11    /**< bounds of base_age */

/** A moment of the counters.  Each is exact; a write that ends while they
 * are read may be in one of them and not in another. */
typedef struct scim_metrics_counts {
	uint64_t writes[SCIM_WRITES_OPERATIONS][SCIM_WRITES_RESULTS];

	/** Writes that were prepared and then decided anew, because somebody
	 * else was faster: the work that contention costs. */
	uint64_t redone;

	uint64_t merges[SCIM_MERGES_FORMS][SCIM_MERGES_ENDS];

	/** How far behind the base of a merge was: merges with at most so
	 * many newer versions as scim_metrics_version_bounds() says, those of
	 * smaller bounds not counted again; the last is all beyond. */
	uint64_t base_versions[SCIM_METRICS_VERSION_BUCKETS + 1];
	uint64_t base_versions_sum;

	/** The same in milliseconds since the first of them was written. */
	uint64_t base_age[SCIM_METRICS_AGE_BUCKETS + 1];
	uint64_t base_age_sum_ms;

	/** scim_provider_update(): calls, writes tried, those that found
	 * another version, calls that gave up, time spent waiting.  Retries
	 * are the attempts that are not the first of their call. */
	uint64_t updates, update_attempts, update_conflicts, update_retries;
	uint64_t updates_given_up, update_waited_ms;
} scim_metrics_counts;

/** Writes of one tenant. */
typedef struct scim_metrics_tenant {
	scim_str name; /* empty: all tenants beyond the first 64 */
	uint64_t writes[SCIM_WRITES_RESULTS];
} scim_metrics_tenant;

/** What is contended: a resource, or a path of a type. */
typedef struct scim_metrics_hot {
	scim_str tenant;
	scim_str type;
	scim_str name;      /* the id, or the path */
	uint64_t conflicts; /* at most so many ... */
	uint64_t excess;    /* ... and at least so many fewer */
} scim_metrics_hot;

/** Which of them. */
typedef enum scim_metrics_what {
	SCIM_METRICS_RESOURCES,
	SCIM_METRICS_PATHS
} scim_metrics_what;

/**
 * Make counters, all of them 0.
 *
 * @param out  Receives them, owned by caller.  Left alone on failure.
 * @param err  Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             Done.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     `out` is NULL.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_metrics_new(
    scim_metrics **out, scim_error *err);

/**
 * Free counters.
 *
 * @param metrics  The counters; NULL is allowed.
 * @par Threads  No provider may use them any more.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_metrics_free(scim_metrics *metrics);

/**
 * Count what a provider does from now on.  Several may count into one.
 *
 * @param provider  The provider.
 * @param metrics   The counters; NULL: count no more.  Borrowed, must outlive
 *                  the provider.
 * @par Threads  No other thread may use the provider yet.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_provider_count_in(
    scim_provider *provider, scim_metrics *metrics);

/**
 * Read the counters.
 *
 * @param metrics  The counters.
 * @param out      Receives them.
 * @par Threads  Safe from any thread, at any time.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_metrics_read(
    const scim_metrics *metrics, scim_metrics_counts *out);

/**
 * Add up writes.
 *
 * @param counts  The counters.
 * @return How many writes were attempted, whatever became of them.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT uint64_t scim_metrics_attempts(const scim_metrics_counts *counts);

/**
 * Tell how many of the writes were conflicts.
 *
 * @param counts  The counters.
 * @return From 0 to 1; 0 when there were none.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT double scim_metrics_conflict_rate(
    const scim_metrics_counts *counts);

/**
 * Read the counters of each tenant that wrote, in the order of the first
 * write; of the 65th and all after it together.
 *
 * @param metrics    The counters.
 * @param arena      Owns the result.
 * @param out        Receives the tenants.  Left alone on failure.
 * @param out_count  Receives how many there are.  Left alone on failure.
 * @retval SCIM_OK             Done.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from any thread; the arena belongs to one at a time.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_metrics_tenants(
    const scim_metrics *metrics, scim_arena *arena, scim_metrics_tenant **out,
    size_t *out_count);

/**
 * Tell where conflicts were, the most contended first.
 *
 * 64 of each kind are kept.  Whatever had more than one in 64 of all conflicts
 * is among them; `excess` bounds by how much a count may be too high.
 *
 * @param metrics    The counters.
 * @param what       Resources or paths.
 * @param limit      How many at most.
 * @param arena      Owns the result.
 * @param out        Receives them.  Left alone on failure.
 * @param out_count  Receives how many there are.  Left alone on failure.
 * @retval SCIM_OK             Done.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from any thread; the arena belongs to one at a time.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_metrics_hottest(
    scim_metrics *metrics, scim_metrics_what what, size_t limit,
    scim_arena *arena, scim_metrics_hot **out, size_t *out_count);

/**
 * Tell the bounds of scim_metrics_counts.base_versions, in versions.
 *
 * @return SCIM_METRICS_VERSION_BUCKETS of them, going up.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT const uint64_t *scim_metrics_version_bounds(void);

/**
 * Tell the bounds of scim_metrics_counts.base_age, in milliseconds.
 *
 * @return SCIM_METRICS_AGE_BUCKETS of them, going up.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT const uint64_t *scim_metrics_age_bounds(void);

#ifdef __cplusplus
}
#endif
#endif
