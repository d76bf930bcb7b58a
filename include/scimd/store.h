/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_H
#define SCIM_STORE_H

/**
 * @file scimd/store.h
 * @brief Opening and closing stores.  Backends: scimd/backend/store_ops.h.
 */

#include "scimd/types.h"

#ifdef __cplusplus
extern "C" {
#endif

/** Where resources live: one of the backends behind one table. */
typedef struct scim_store scim_store;

/** What a store promises beyond the contract that all of them keep. */
typedef enum scim_store_capability {
	SCIM_STORE_DURABLE = 1 << 0, /* a commit survives a crash */
	SCIM_STORE_ATOMIC = 1 << 1,  /* all of a transaction or nothing does */
	SCIM_STORE_SHARED = 1 << 2,  /* other processes may write as well */
	SCIM_STORE_SNAPSHOTS = 1 << 3, /* readers don't wait for a writer */
	/* It is on the other end of a network: any call may wait, none belongs
	 * on an event loop, and what fails now may work in a moment. */
	SCIM_STORE_REMOTE = 1 << 4
} scim_store_capability;

/**
 * The callbacks of a plain store: whoever can do only these gets conditional
 * writes all the same, through one lock of this process that makes check and
 * write one step.  Keys and values are opaque bytes; keys are at most 4 KiB.
 */
typedef struct scim_plain_callbacks {
	/** Passed to each callback.  Borrowed. */
	void *context;

	/**
	 * Copy the value at `key` into `arena` and point `out` at it.
	 * SCIM_ERR_NOT_FOUND when there is none.
	 */
	scim_status (*get)(void *context, scim_arena *arena, scim_str key,
	    scim_str *out, scim_error *err);

	/** Store `value` at `key`, whatever was there. */
	scim_status (*put)(
	    void *context, scim_str key, scim_str value, scim_error *err);

	/** Take away what is at `key`; nothing there is success. */
	scim_status (*remove)(void *context, scim_str key, scim_error *err);

	/**
	 * Call `each` for every key that is >= `from` and starts with
	 * `prefix`, in the order of bytes, until it returns 0.  `each` calls
	 * no other callback.
	 */
	scim_status (*scan)(void *context, scim_str prefix, scim_str from,
	    int (*each)(void *argument, scim_str key, scim_str value),
	    void *argument, scim_error *err);
} scim_plain_callbacks;

/**
 * Open the store that a URL names: `sqlite:PATH` or `memory:`.
 *
 * Creates what is missing and brings an older schema up to date.
 *
 * @param url  The URL.
 * @param env  Clock and random bytes; NULL for the system's.  Borrowed, must
 *             outlive the store.
 * @param out  Receives the store, owned by caller.  Left alone on failure.
 * @param err  Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK               Open.
 * @retval SCIM_ERR_UNSUPPORTED  No backend for this URL, or the data was
 *                               written by a newer scimd.
 * @retval SCIM_ERR_STORE        The backend can't open it; nothing changed.
 * @retval SCIM_ERR_NO_MEMORY    Out of memory.
 * @retval SCIM_ERR_MISUSE       `out` is NULL.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_store_open(
    scim_str url, const scim_env *env, scim_store **out, scim_error *err);

/**
 * Open a store that keeps everything in the memory of this process.
 *
 * @param env  Clock and random bytes; NULL for the system's.  Borrowed.
 * @param out  Receives the store, owned by caller.  Left alone on failure.
 * @param err  Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             Open, and empty.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     `out` is NULL.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_store_open_memory(
    const scim_env *env, scim_store **out, scim_error *err);

/**
 * Open a store over four callbacks of the caller.
 *
 * @param callbacks  The callbacks.  Copied.
 * @param env        Clock and random bytes; NULL for the system's.  Borrowed.
 * @param out        Receives the store, owned by caller.  Left alone on
 *                   failure.
 * @param err        Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             Open.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer or a callback is NULL.
 * @par Threads  Safe from any thread.  The callbacks are called from the
 *               thread that uses the store, never two at once.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_store_open_plain(
    const scim_plain_callbacks *callbacks, const scim_env *env,
    scim_store **out, scim_error *err);

/**
 * Tell what a store promises.
 *
 * @param store  The store.
 * @return scim_store_capability values, or-ed.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT unsigned scim_store_capabilities(const scim_store *store);

/**
 * Close a store.  Whatever was acknowledged stays.
 *
 * @param store  The store; NULL is allowed.  No transaction may be open.
 * @par Threads  No other thread may use it any more.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_store_close(scim_store *store);

#ifdef __cplusplus
}
#endif
#endif
