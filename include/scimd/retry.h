/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_RETRY_H
#define SCIM_RETRY_H

/**
 * @file scimd/retry.h
 * @brief Changing a resource that others change as well.
 *
 * Read, change, write under the version that was read; and when somebody
 * else was faster, do what the strategy says.  This is the loop that most
 * callers want.  None of it writes over a change that it has not seen, but
 * SCIM_UPDATE_LAST_WRITER_WINS, which is asked to.
 */

#include "scimd/merge.h"
#include "scimd/provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What to do when the resource has changed since it was read. */
typedef enum scim_update_strategy {
	/** Read it again and make the change again, from there. */
	SCIM_UPDATE_RETRY_WITH_LATEST,

	/** Write what was made of the first reading, whatever came between:
	 * others' changes are lost, knowingly. */
	SCIM_UPDATE_LAST_WRITER_WINS,

	/** Merge the two changes, and write that; give up where they do not
	 * go together (scimd/merge.h). */
	SCIM_UPDATE_MERGE_AND_RETRY,

	/** Ask `decide`. */
	SCIM_UPDATE_CALLER_DECIDES
} scim_update_strategy;

/** What a caller is told of a conflict. */
typedef struct scim_update_conflict {
	const scim_resource *base;      /* as it was read */
	scim_str local;                 /* what was to be written, JSON */
	const scim_resource *remote;    /* as it is now */
	const scim_merge_result *merge; /* of the three, field by field */
	unsigned attempts;              /* writes tried so far */
} scim_update_conflict;

/** What a caller wants done about it. */
typedef enum scim_update_decision {
	SCIM_UPDATE_GIVE_UP,      /* leave the resource as it is */
	SCIM_UPDATE_CHANGE_AGAIN, /* call `change` on what is there now */
	SCIM_UPDATE_WRITE         /* write the JSON handed out */
} scim_update_decision;

/** How a change is made, and how conflicts are met. */
typedef struct scim_update_policy {
	/** sizeof(scim_update_policy) the caller was compiled with. */
	size_t size;

	scim_update_strategy strategy;

	/** Writes tried at most; 0 for 10. */
	unsigned attempts;

	/** Before the nth new attempt a random time below
	 * base_ms * 2^(n-1), and never more than cap_ms, is waited; 0 for 10
	 * and 1,000 milliseconds. */
	unsigned base_ms;
	unsigned cap_ms;

	/** How to merge; NULL for SCIM_MERGE_OPTIONS_INIT.  Without guards
	 * of its own those that the tenant's settings name.  Borrowed. */
	const scim_merge_options *merge;

	/** Passed to the functions below.  Borrowed. */
	void *argument;

	/**
	 * Make the change: from `current` the JSON to be written, in `arena`.
	 * Required.  May be called several times.  An empty result leaves the
	 * resource as it is; a failure ends the update with it.
	 */
	scim_status (*change)(void *argument, scim_arena *arena,
	    const scim_resource *current, scim_str *out, scim_error *err);

	/** SCIM_UPDATE_CALLER_DECIDES: required there. */
	scim_status (*decide)(void *argument, scim_arena *arena,
	    const scim_update_conflict *conflict, scim_update_decision *out,
	    scim_str *out_json, scim_error *err);

	/** Whether to give up before the next attempt.  May be NULL. */
	int (*is_cancelled)(void *argument);

	/** Wait; NULL makes the calling thread sleep. */
	void (*wait)(void *argument, unsigned milliseconds);
} scim_update_policy;

/** The default policy, once it has its `change`. */
#define SCIM_UPDATE_POLICY_INIT                                               \
	{                                                                     \
		sizeof(scim_update_policy), SCIM_UPDATE_RETRY_WITH_LATEST, 0, \
		    0, 0, NULL, NULL, NULL, NULL, NULL, NULL                  \
	}

/** How an update ended. */
typedef struct scim_update {
	/** SCIM_DONE; SCIM_ABSENT; or SCIM_MISMATCH when it was given up,
	 * its conflict naming the paths in question where they are known. */
	scim_outcome outcome;
	unsigned attempts;  /* writes tried */
	unsigned conflicts; /* of them, how many found another version */
	unsigned merges;    /* how often changes were merged */
	unsigned waited_ms;
	int cancelled; /* given up because the caller said so */
} scim_update;

/**
 * Change a resource, and meet conflicts as the policy says.
 *
 * Each write is conditional on the version that its content was made from
 * (RFC 7644 section 3.14), atomic and durable as scim_provider_replace().
 * With an idempotency_key in the context a commit whose answer was lost is
 * asked about once more; and an update that is called again with the key of
 * one that was carried out changes nothing a second time.
 *
 * @param provider  The provider.
 * @param context   Tenant, rules, actor.  Its arena holds every reading.
 * @param target    Which resource.
 * @param policy    What to change, and what to do about conflicts.
 * @param out       Receives how it ended.  Left alone on failure.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    What `change` made is no valid resource; nothing
 *                             changed.
 * @retval SCIM_ERR_EXISTS     A unique value is taken, or the context's key
 *                             came with another change; nothing changed.
 * @retval SCIM_ERR_TOO_LARGE  Over a limit; nothing changed.
 * @retval SCIM_ERR_UNCERTAIN  It may have happened; look before trying again.
 * @retval SCIM_ERR_BUSY       Every attempt found the store busy; nothing
 *                             changed.
 * @retval SCIM_ERR_STORE      The store failed; nothing changed.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory; nothing changed.
 * @retval SCIM_ERR_MISUSE     A pointer or a required function is NULL, or
 *                             the policy is of no known size.
 * @retval other               What a function of the policy returned.
 * @par Threads  Safe from several threads, each with its context.  Blocks
 *               while it waits; the policy's functions are called in the
 *               calling thread.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_update(
    scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_update_policy *policy,
    scim_update *out, scim_error *err);

#ifdef __cplusplus
}
#endif
#endif
