/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PURGE_H
#define SCIM_PURGE_H

/**
 * @file scimd/purge.h
 * @brief Forgetting resources for good, as a person may ask of whoever keeps
 * data about them.
 */

#include "scimd/provider.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What a purge found of one id. */
typedef struct scim_purged {
	scim_str type; /* resource type; empty when that is not known */
	int was_there; /* the resource existed until now */
	/** Rows of the change log, states, former members and receipts that
	 * went.  0 and not there: nothing was kept of it. */
	uint64_t rows;
} scim_purged;

/**
 * Remove every trace of resources, as far as a store keeps it by their ids.
 *
 * A resource that exists is deleted, and leaves its relations as by a
 * delete; whatever the tenant requires, no precondition is asked for.  Then
 * go its changes, its former states, the members that it had, the rows by
 * which it was a member of others, in their past states too, and the receipts
 * of writes that came with an Idempotency-Key.  What stays is one change with
 * the operation "purge", its id, type, time and actor, for those who follow
 * the feed and have to do the same.
 *
 * Not touched: what other resources say in their own attributes, as a manager
 * does by an id, or a name that a client wrote elsewhere; exports and backups.
 *
 * It is done in transactions of bounded size, so that others write in
 * between.  The resource is gone after the first of them; a purge that was
 * cut off goes on when it is called again.
 *
 * @param provider  The provider.
 * @param context   Tenant, rules, actor.
 * @param ids       Ids of resources of any type, each once.
 * @param count     How many.
 * @param out       `count` results, in the order of the ids.  After a failure
 *                  those of ids that were not reached are 0.
 * @param err       Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             Done, and unreadable in what the store keeps.
 * @retval SCIM_ERR_INVALID    An id is empty; nothing happened.
 * @retval SCIM_ERR_UNCERTAIN  A part of it may have happened; call again.
 * @retval SCIM_ERR_BUSY       Others kept the store busy; call again.  All
 *                             that `out` tells of has gone, but copies of it
 *                             may still be in a log of the store.
 * @retval SCIM_ERR_STORE      The store failed; a part of it may have
 *                             happened.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory; a part of it may have happened.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  Safe from several threads, each with its context.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_provider_purge(
    scim_provider *provider, const scim_context *context, const scim_str *ids,
    size_t count, scim_purged *out, scim_error *err);

#ifdef __cplusplus
}
#endif
#endif
