/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HISTORY_H
#define SCIM_HISTORY_H

/**
 * @file scimd/history.h
 * @brief What was: versions of a resource, what differs, the way back, the
 * feed.
 *
 * How much there is to see is for the settings of the context to say
 * (history_count, history_days).  What the schemas of the context do not
 * know, or return to nobody, is in none of it, whatever they once said.
 */

#include "scimd/merge.h"
#include "scimd/provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A change that was made.  Everything is owned by the arena. */
typedef struct scim_history_entry {
	scim_str type; /* of the resource */
	scim_str id;
	uint64_t revision;    /* among the changes of the resource, from 1 */
	int is_gone;          /* it was deleted: there is no version */
	scim_version version; /* that it led to */
	scim_str etag;        /* the same as on the wire */
	scim_str operation;   /* "create", "replace", "patch", "delete", … */
	scim_str actor;       /* who: scim_context.actor */
	scim_str via;         /* through which door: scim_context.via */
	int64_t at_ms;
	/** Paths of what differs from the version before, as PATCH takes
	 * them; none for a create and a delete. */
	const scim_str *paths;
	size_t path_count;
	scim_str position; /* in the feed; ptr NULL in a list of versions */
} scim_history_entry;

/** Which versions of a resource.  All zero: the newest of all. */
typedef struct scim_history_query {
	/** Only those after this one.  NULL: all that are kept. */
	const scim_version *since;

	/** Only those before this revision: for the next page, that of the
	 * last entry.  0: from the newest. */
	uint64_t before;

	/** How many at most; 0 for page_default.  Never more than page_most
	 * of the settings. */
	size_t limit;
} scim_history_query;

/** Some of the versions of a resource, newest first. */
typedef struct scim_history_page {
	const scim_history_entry *entries;
	size_t count;
	uint64_t total; /* whatever `before` and `limit` say */
} scim_history_page;

/** Some of the changes of a tenant, in the order of their commits. */
typedef struct scim_feed_page {
	const scim_history_entry *entries;
	size_t count;
	uint64_t total;    /* changes after the position that was asked for */
	scim_str position; /* to go on from */
} scim_feed_page;

/**
 * List the versions of a resource that are kept, also of one that is gone.
 *
 * What a page costs does not depend on how many versions there are.
 *
 * @param provider  The provider.
 * @param context   Tenant and rules.
 * @param target    Which resource.
 * @param query     Which of its versions; NULL for the newest of all.
 * @param out       Receives the page.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    No such resource type.
 * @retval SCIM_ERR_NOT_FOUND  No history is kept of such a resource, or
 *                             `since` is none of its versions that are kept.
 * @retval SCIM_ERR_STORE      The store failed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_versions(
    scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_history_query *query,
    scim_history_page *out, scim_error *err);

/**
 * Read a resource as it was, with its members at that time.
 *
 * What others made of it then is not kept: a user's `groups` are missing.
 *
 * @param provider  The provider.
 * @param context   Tenant and rules.
 * @param target    Which resource.
 * @param version   Which of its versions; the latest visit to it counts.
 * @param out       Receives the resource; `modified_ms` is when it became
 *                  so, `created_ms` 0 when it is gone since.  Left alone on
 *                  failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    No such resource type; or "tooMany": more
 *                             members than the tenant lets into one request.
 * @retval SCIM_ERR_NOT_FOUND  No such version is kept.
 * @retval SCIM_ERR_STORE      The store failed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_version(
    scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_version *version, scim_resource *out,
    scim_error *err);

/**
 * List what differs between two versions of a resource, cell by cell, as
 * scim_diff() does.
 *
 * That a secret was changed in between is told, and no value of it.
 *
 * @param provider  The provider.
 * @param context   Tenant and rules.
 * @param target    Which resource.
 * @param from      The one version.
 * @param to        The other; NULL for the present one.
 * @param out       Receives the list.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    No such resource type; or "tooMany", as for
 *                             scim_provider_version().
 * @retval SCIM_ERR_NOT_FOUND  One of them is not kept, or `to` is NULL and
 *                             the resource is gone.
 * @retval SCIM_ERR_STORE      The store failed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_diff(
    scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_version *from, const scim_version *to,
    scim_diff_list *out, scim_error *err);

/**
 * Write an old version as a new change.
 *
 * It is a replacement, and obeys all the rules of one.  Secrets stay as they
 * are.  The same state has the same version again.
 *
 * @param provider  The provider.
 * @param context   Tenant, rules, actor.
 * @param target    Which resource.
 * @param version   Which of its versions.
 * @param expect    What must hold.
 * @param out       Receives the outcome.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    It is no valid resource any more, or has too
 *                             many members; nothing changed.
 * @retval SCIM_ERR_NOT_FOUND  No such version is kept; nothing changed.
 * @retval SCIM_ERR_REQUIRED   The tenant requires a precondition.
 * @retval SCIM_ERR_EXISTS     A unique value is taken; nothing changed.
 * @retval SCIM_ERR_UNCERTAIN  It may have happened; look before trying again.
 * @retval SCIM_ERR_BUSY       Nothing changed; try again later.
 * @retval SCIM_ERR_STORE      The store failed; nothing changed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory; nothing changed.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_revert(
    scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_version *version,
    const scim_expect *expect, scim_outcome *out, scim_error *err);

/**
 * Read the feed of a tenant: each change once, in the order of the commits,
 * without a gap.
 *
 * @param provider  The provider.
 * @param context   Tenant and rules.
 * @param since     A position from an earlier page or entry; "now" for the
 *                  end, or ptr NULL for the oldest change that is kept.
 * @param limit     How many at most; 0 for page_default.  Never more than
 *                  page_most of the settings.
 * @param out       Receives the page.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`; empty when nothing came since.
 * @retval SCIM_ERR_INVALID    `since` is no position.
 * @retval SCIM_ERR_GONE       The feed does not reach back to it: read the
 *                             resources again, and go on from "now".
 * @retval SCIM_ERR_STORE      The store failed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_changes(
    scim_provider *provider, const scim_context *context, scim_str since,
    size_t limit, scim_feed_page *out, scim_error *err);

#ifdef __cplusplus
}
#endif
#endif
