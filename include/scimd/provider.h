/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_H
#define SCIM_PROVIDER_H

/**
 * @file scimd/provider.h
 * @brief The operations of SCIM with all their rules, callable from C.
 *
 * Every write takes a scim_expect.  That the expectation did not hold is an
 * outcome, not an error: two callers that hold the same version and both
 * write get one SCIM_DONE and one SCIM_MISMATCH, always (RFC 7644 section
 * 3.14).
 */

#include "scimd/precondition.h"
#include "scimd/schema.h"
#include "scimd/settings.h"
#include "scimd/store.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The operations over one store.  Shared by any number of threads. */
typedef struct scim_provider scim_provider;

/** What to find out about an expectation that did not hold. */
typedef enum scim_explain {
	SCIM_EXPLAIN_NOTHING, /* the two versions; costs nothing */
	SCIM_EXPLAIN_COUNT,   /* and how many paths are in conflict */
	SCIM_EXPLAIN_DETAIL   /* and all that a merge tells of them */
} scim_explain;

/** On whose behalf, by which rules and in which memory an operation runs. */
typedef struct scim_context {
	scim_arena *arena; /* owns what outcomes point to */
	scim_str tenant;
	const scim_registry *registry;
	const scim_settings *settings;
	scim_str base_url; /* "https://host/scim/v2", for meta.location */
	scim_str actor;    /* "token:…": the change log's, and of cursors */
	scim_str via;      /* into the change log: "http", "c" */
	scim_explain explain; /* of a SCIM_MISMATCH */
	/** Of a write, chosen by its caller, 1 to 255 bytes; ptr NULL for
	 * none.  See scim_outcome.is_repeat. */
	scim_str idempotency_key;
	/** A replace or patch that expects one version, and finds another, is
	 * to be merged with what came since, where the tenant's settings let
	 * it (merge_on_if_match, with weak tags). */
	int merge_stale;
} scim_context;

/** What must be true of the target for a write to happen. */
typedef enum scim_expect_kind {
	SCIM_EXPECT_ANY,          /* it exists */
	SCIM_EXPECT_ABSENT,       /* create: nothing holds its unique values */
	SCIM_EXPECT_VERSIONS,     /* it is at one of these versions */
	SCIM_EXPECT_PRECONDITIONS /* what the headers say */
} scim_expect_kind;

/** An expectation: the kind, and what that kind compares with. */
typedef struct scim_expect {
	scim_expect_kind kind;
	const scim_version *versions; /* borrowed */
	size_t version_count;
	const scim_preconditions *preconditions; /* borrowed */
} scim_expect;

/** No expectation but that the target exists. */
#define SCIM_EXPECT_ANY_INIT                   \
	{                                      \
		SCIM_EXPECT_ANY, NULL, 0, NULL \
	}

/** Why an expectation did not hold. */
typedef struct scim_conflict {
	scim_str id;           /* of the resource in the way */
	scim_str expected;     /* what was expected, as text */
	scim_str current;      /* its ETag now */
	scim_str message;      /* one sentence that says what to do */
	scim_str location;     /* its URL */
	const scim_str *paths; /* conflicting paths, where known */
	size_t path_count;
	/** A JSON object: the extension VersionConflict of a 412, as far as
	 * the context's `explain` asks for it; ptr NULL for none. */
	scim_str detail;
	int is_merge; /* no expectation failed: two changes collide */
} scim_conflict;

/** Names one resource.  Borrowed. */
typedef struct scim_target {
	scim_str type; /* resource type, "User" */
	scim_str id;
} scim_target;

/** How an operation ended. */
typedef enum scim_outcome_kind {
	SCIM_DONE,        /* carried out, or there was nothing to change */
	SCIM_MISMATCH,    /* the expectation did not hold; nothing changed */
	SCIM_ABSENT,      /* there is no such resource; nothing changed */
	SCIM_NOT_MODIFIED /* get: the caller has this state already */
} scim_outcome_kind;

/** A resource as it is answered. */
typedef struct scim_resource {
	scim_str id;
	scim_str type;
	scim_str json;        /* the representation; empty after delete */
	scim_version version; /* its state */
	scim_str etag;        /* as on the wire, equal to meta.version */
	scim_str location;
	int64_t created_ms;
	int64_t modified_ms;
} scim_resource;

/** A body too long to be in memory at once. */
typedef struct scim_stream scim_stream;
struct scim_stream {
	/**
	 * Hand out the next piece, in `arena`; an empty one is the end.
	 * After a failure only close() may be called.
	 */
	scim_status (*next)(scim_stream *self, scim_arena *arena, scim_str *out,
	    scim_error *err);

	/** Release what it holds, at the end or before. */
	void (*close)(scim_stream *self);
};

/**
 * The outcome of an operation, and what goes with its kind.
 *
 * A write with an idempotency_key that ends with SCIM_DONE leaves a receipt in
 * its transaction.  Within 24 hours the same write by the same actor with the
 * same key is not carried out again: its outcome is the first one's, with
 * `is_repeat` set, and its resource is shown in the version that the first
 * one made, or without JSON where that is kept no longer.  Another write with
 * that key is SCIM_ERR_EXISTS.  Nothing else than SCIM_DONE is remembered.
 */
typedef struct scim_outcome {
	scim_outcome_kind kind;
	int changed;   /* SCIM_DONE: whether a new state was made */
	int is_repeat; /* SCIM_DONE: not now, but the first time */
	int is_merged; /* SCIM_DONE: with what came after `base` */
	scim_version base;
	scim_resource resource; /* SCIM_DONE, SCIM_NOT_MODIFIED */
	scim_conflict conflict; /* SCIM_MISMATCH */
} scim_outcome;

/**
 * Make a provider over a store.
 *
 * @param store  The store.  Borrowed, must outlive the provider.
 * @param env    Clock and random bytes; NULL for the system's.  Borrowed.
 * @param out    Receives the provider, owned by caller.  Left alone on
 *               failure.
 * @param err    Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             Done.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_new(scim_store *store,
    const scim_env *env, scim_provider **out, scim_error *err);

/**
 * End a provider.  The store stays open.
 *
 * @param provider  The provider; NULL is allowed.
 * @par Threads  No other thread may use it any more.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_provider_free(scim_provider *provider);

/**
 * Create a resource (RFC 7644 section 3.3).
 *
 * Atomic and durable before it is acknowledged.
 *
 * @param provider  The provider.
 * @param context   Tenant, rules, actor.
 * @param type      Resource type, "User".
 * @param json      The resource as JSON.
 * @param expect    SCIM_EXPECT_ANY, or SCIM_EXPECT_ABSENT: a resource that
 *                  holds a unique value of this one is then a
 *                  SCIM_MISMATCH instead of SCIM_ERR_EXISTS.
 * @param out       Receives the outcome.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    Not a valid resource; nothing changed.
 * @retval SCIM_ERR_EXISTS     A unique value is taken; nothing changed.
 * @retval SCIM_ERR_TOO_LARGE  Over a limit; nothing changed.
 * @retval SCIM_ERR_UNCERTAIN  It may have happened; look before trying again.
 * @retval SCIM_ERR_BUSY       Nothing changed; try again later.
 * @retval SCIM_ERR_STORE      The store failed; nothing changed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory; nothing changed.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_create(
    scim_provider *provider, const scim_context *context, scim_str type,
    scim_str json, const scim_expect *expect, scim_outcome *out,
    scim_error *err);

/**
 * Read a resource (RFC 7644 section 3.4.1), whole.
 *
 * @param provider  The provider.
 * @param context   Tenant and rules.
 * @param target    Which resource.
 * @param expect    SCIM_EXPECT_ANY, or preconditions as of a GET.
 * @param out       Receives the outcome.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    No such resource type, or a malformed
 *                             precondition.
 * @retval SCIM_ERR_STORE      The store failed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_get(scim_provider *provider,
    const scim_context *context, const scim_target *target,
    const scim_expect *expect, scim_outcome *out, scim_error *err);

/**
 * Replace a resource (RFC 7644 section 3.5.1).
 *
 * What the caller could not have seen (write-only, returned never or on
 * request, a relation) stays when its key is absent.  A replacement that
 * changes nothing keeps version and lastModified.
 *
 * @param provider  The provider.
 * @param context   Tenant, rules, actor.
 * @param target    Which resource.
 * @param json      The resource as JSON.
 * @param expect    What must hold.
 * @param out       Receives the outcome.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    Not a valid resource; nothing changed.
 * @retval SCIM_ERR_REQUIRED   The tenant requires a precondition.
 * @retval SCIM_ERR_EXISTS     A unique value is taken; nothing changed.
 * @retval SCIM_ERR_TOO_LARGE  Over a limit; nothing changed.
 * @retval SCIM_ERR_UNCERTAIN  It may have happened; look before trying again.
 * @retval SCIM_ERR_BUSY       Nothing changed; try again later.
 * @retval SCIM_ERR_STORE      The store failed; nothing changed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory; nothing changed.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_replace(
    scim_provider *provider, const scim_context *context,
    const scim_target *target, scim_str json, const scim_expect *expect,
    scim_outcome *out, scim_error *err);

/**
 * Change parts of a resource (RFC 7644 section 3.5.2).
 *
 * The operations are applied in order, all or none.  Members of a relation
 * are changed row by row, so that patches which name different members all
 * succeed.  A patch that changes nothing keeps version and lastModified.
 *
 * @param provider  The provider.
 * @param context   Tenant, rules, actor.
 * @param target    Which resource.
 * @param json      The PatchOp message as JSON.
 * @param expect    What must hold.
 * @param out       Receives the outcome.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    Not a valid patch, or it does not fit the
 *                             resource; nothing changed.
 * @retval SCIM_ERR_REQUIRED   The tenant requires a precondition.
 * @retval SCIM_ERR_EXISTS     A unique value is taken; nothing changed.
 * @retval SCIM_ERR_TOO_LARGE  Over a limit; nothing changed.
 * @retval SCIM_ERR_UNCERTAIN  It may have happened; look before trying again.
 * @retval SCIM_ERR_BUSY       Nothing changed; try again later.
 * @retval SCIM_ERR_STORE      The store failed; nothing changed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory; nothing changed.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_patch(
    scim_provider *provider, const scim_context *context,
    const scim_target *target, scim_str json, const scim_expect *expect,
    scim_outcome *out, scim_error *err);

/**
 * Change a resource that may have changed meanwhile, by merging.
 *
 * The message says which version the change was made from and what is wanted;
 * docs/merging.md describes it.  What collides with another change is a
 * SCIM_MISMATCH whose conflict has `is_merge` set and `detail`.
 *
 * @param provider  The provider.
 * @param context   Tenant, rules, actor.
 * @param target    Which resource.
 * @param json      The Merge message as JSON.
 * @param out       Receives the outcome.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    Not a valid message, or what is wanted could
 *                             not have been written; nothing changed.
 * @retval SCIM_ERR_EXISTS     A unique value is taken; nothing changed.
 * @retval SCIM_ERR_TOO_LARGE  Over a limit; nothing changed.
 * @retval SCIM_ERR_UNCERTAIN  It may have happened; look before trying again.
 * @retval SCIM_ERR_BUSY       Nothing changed; try again later.
 * @retval SCIM_ERR_STORE      The store failed; nothing changed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory; nothing changed.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_merge(
    scim_provider *provider, const scim_context *context,
    const scim_target *target, scim_str json, scim_outcome *out,
    scim_error *err);

/**
 * Delete a resource (RFC 7644 section 3.6); it leaves every relation too.
 *
 * @param provider  The provider.
 * @param context   Tenant, rules, actor.
 * @param target    Which resource.
 * @param expect    What must hold.
 * @param out       Receives the outcome.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    No such resource type, or a malformed
 *                             precondition; nothing changed.
 * @retval SCIM_ERR_REQUIRED   The tenant requires a precondition.
 * @retval SCIM_ERR_UNCERTAIN  It may have happened; look before trying again.
 * @retval SCIM_ERR_BUSY       Nothing changed; try again later.
 * @retval SCIM_ERR_STORE      The store failed; nothing changed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory; nothing changed.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_delete(
    scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_expect *expect, scim_outcome *out,
    scim_error *err);

/**
 * Write a conflict as JSON, for bindings of your own.
 *
 * @param arena     Owns the result.
 * @param conflict  The conflict.
 * @return A JSON object with id, expectedVersion, currentVersion, message
 *         and paths; ptr NULL when out of memory.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT scim_str scim_conflict_json(
    scim_arena *arena, const scim_conflict *conflict);

#ifdef __cplusplus
}
#endif
#endif
