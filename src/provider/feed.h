/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_FEED_H
#define SCIM_PROVIDER_FEED_H

/* The changes of a tenant in the order of their commits. */

#include "provider/discovery.h"

#define SCIM__FEED_URN "urn:scimd:params:scim:api:messages:2.0:Feed"
#define SCIM__FEED_WAIT_MOST_S 60

struct scim__feed_page {
	scim_provider *provider;
	const scim_context *context;
	scim_str since; /* a position, "now", or ptr NULL: the oldest */
	scim_str count; /* as sent */
	scim_str wait;  /* seconds, as sent; ptr NULL: 0 */
	bool on_worker;
	bool may_wait; /* who asks can be woken */

	bool later; /* again with `on_worker` */
	/* Nothing has changed since, and there is no document: ask again after
	 * so many seconds, or when something has. */
	unsigned wait_s;
	struct scim__document document;
};

/*
 * SCIM_ERR_GONE: the position is from before the oldest change that is kept,
 * or from another life of the feed, or from none at all.
 */
SCIM_MUST_USE scim_status scim__feed_read(
    struct scim__feed_page *page, scim_error *err);

/* Forgets what is older than the tenant keeps: at most `limit` changes. */
SCIM_MUST_USE scim_status scim__feed_trim(scim_provider *provider,
    scim_txn *txn, const scim_context *context, size_t limit, size_t *out_count,
    scim_error *err);

/* Whether there is anything to forget. */
SCIM_MUST_USE scim_status scim__feed_is_due(scim_provider *provider,
    scim_txn *txn, const scim_context *context, bool *out, scim_error *err);

#endif
