/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SETTINGS_H
#define SCIM_SETTINGS_H

/**
 * @file scimd/settings.h
 * @brief What a tenant may choose, and the limits of a request.
 */

#include "scimd/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Whose deviations from the RFC are let through; see docs/interop.md. */
typedef enum scim_profile {
	SCIM_PROFILE_DEFAULT,
	SCIM_PROFILE_STRICT,
	SCIM_PROFILE_ENTRA,
	SCIM_PROFILE_OKTA
} scim_profile;

/** The form of entity tags. */
typedef enum scim_etag_form {
	SCIM_ETAG_WEAK,  /* W/"<own>": If-Match compares the own half */
	SCIM_ETAG_STRONG /* "<own>.<sequence>": compared whole */
} scim_etag_form;

/** What becomes of a member that does not exist. */
typedef enum scim_dangling {
	SCIM_DANGLING_REFUSE,
	SCIM_DANGLING_DROP,
	SCIM_DANGLING_KEEP
} scim_dangling;

/** Who has it where two changes collide. */
typedef enum scim_merge_use {
	SCIM_MERGE_FAIL, /* nobody: it stays a conflict */
	SCIM_MERGE_OURS,
	SCIM_MERGE_THEIRS
} scim_merge_use;

/** How long a list of guards may be, in octets. */
#define SCIM_GUARDS_MOST 500

/** Bounds of one request.  All are at least 1. */
typedef struct scim_limits {
	uint64_t body_bytes;
	uint64_t bulk_operations;
	uint64_t members; /* in one request */
	uint64_t depth;   /* of JSON */
	uint64_t filter_bytes;
	uint64_t filter_nodes;
	uint64_t page_default;
	uint64_t page_most;
	uint64_t cursor_s; /* a cursor's life */
	uint64_t header_bytes;
	uint64_t idle_ms;
	uint64_t request_ms;
} scim_limits;

/** The settings of a tenant. */
typedef struct scim_settings {
	scim_profile profile;
	scim_etag_form etag;
	int require_preconditions; /* 428 for a write without one */
	scim_dangling dangling_members;
	int unique_group_names;
	int merge_on_if_match;           /* where a request asks for it */
	scim_merge_use on_conflict;      /* of a merge that doesn't say */
	scim_merge_use on_conflict_most; /* what it may say: FAIL, THEIRS
					  * (and FAIL), or OURS (anything) */
	/** Paths of attributes, separated by commas, that theirs may not have
	 * changed; 0: those that the schemas mark. */
	int own_guards;
	char guards[SCIM_GUARDS_MOST + 1];
	uint64_t history_count;
	uint64_t history_days;
	scim_limits limits;
	/* which of those that follow from others were set by hand, bit by
	 * bit */
	unsigned set_by_hand;
} scim_settings;

/**
 * Fill in the defaults.
 *
 * @param settings  Receives them.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_settings_init(scim_settings *settings);

/**
 * Change one setting by name, as `scimd tenant set NAME KEY=VALUE` does.
 *
 * A profile sets what it decides (etag, dangling_members,
 * unique_group_names) unless that was set by hand, before or after; and so
 * does `preconditions` with on_conflict_most.
 *
 * @param settings  The settings.  Left alone on failure.
 * @param key       "profile", "etag", "preconditions", "dangling_members",
 *                  "unique_group_names", "merge", "guards",
 *                  "on_conflict", "on_conflict_most",
 *                  "history_count", "history_days",
 *                  "body_bytes", "bulk_operations", "members", "depth",
 *                  "filter_bytes", "filter_nodes", "page_default",
 *                  "page_most", "cursor_s", "header_bytes", "idle_ms",
 *                  "request_ms".
 * @param value     As text.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK           Set.
 * @retval SCIM_ERR_INVALID  No such key, or not a value of it; the sentence
 *                           lists what is.
 * @retval SCIM_ERR_MISUSE   `settings` is NULL.
 * @par Threads  Safe from any thread, on its own settings.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_settings_set(
    scim_settings *settings, scim_str key, scim_str value, scim_error *err);

#ifdef __cplusplus
}
#endif
#endif
