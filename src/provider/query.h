/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_QUERY_H
#define SCIM_PROVIDER_QUERY_H

#include "base/buf.h"
#include "provider/render.h"

/* A list of resources of one type, by index (RFC 7644 section 3.4.2). */
struct scim__query {
	scim_provider *provider;
	const scim_context *context;
	const scim__resource_type *type;
	scim_arena *arena;
	const scim__projection *projection;
	scim_str filter;      /* ptr NULL: none */
	scim_str start_index; /* as sent; ptr NULL: 1 */
	scim_str count;       /* as sent; ptr NULL: the tenant's page */

	bool on_worker; /* long counts and offsets are allowed */

	/* Some of the page must be settled first, as in scim__get. */
	bool unsettled;
	scim_str *to_settle;
	size_t to_settle_count;

	scim_str json; /* the ListResponse */
};

/*
 * `*out_later` true: this takes longer than a loop should wait; run again
 * with `on_worker`.
 */
SCIM_MUST_USE scim_status scim__query_run(
    struct scim__query *query, bool *out_later, scim_error *err);

/* What `unsettled` asks for. */
SCIM_MUST_USE scim_status scim__query_settle(
    struct scim__query *query, scim_txn *txn, scim_error *err);

/* What startIndex and count ask for (RFC 7644 table 6). */
struct scim__page {
	uint64_t start;
	uint64_t count;
};

SCIM_MUST_USE scim_status scim__page_parse(scim_str start_index, scim_str count,
    const scim_limits *limits, struct scim__page *out, scim_error *err);

/* Opens a ListResponse, up to `"Resources":[`. */
void scim__list_begin(
    scim__buf *buf, uint64_t total, uint64_t start, uint64_t items);

#endif
