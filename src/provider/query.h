/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_QUERY_H
#define SCIM_PROVIDER_QUERY_H

#include "base/buf.h"
#include "provider/render.h"
#include "provider/sort.h"

/*
 * A query over one resource type or all of them (RFC 7644 section 3.4.2),
 * whichever door it came through.
 *
 * A page begins at an index (`start_index`), or with `by_place` after a
 * place; a total is then given only where it is free.
 */
struct scim__query {
	scim_provider *provider;
	const scim_context *context;
	const scim__resource_type *type; /* NULL: all */
	scim_arena *arena;
	const scim__projection *projection;

	/* as sent; ptr NULL: absent */
	scim_str filter;
	scim_str sort_by;
	scim_str sort_order;
	scim_str start_index;
	scim_str count;

	bool by_place;                   /* `start_index` is not looked at */
	const struct scim__place *after; /* NULL: from the beginning */

	bool on_worker; /* long counts and offsets are allowed */

	/* Some of the page must be settled first, as in scim__get. */
	bool unsettled;
	struct scim__found *to_settle;
	size_t to_settle_count;

	unsigned quirks; /* enum scim__quirk, or-ed */

	/* The page. */
	scim_str resources; /* JSON, with commas between */
	size_t items;
	struct scim__place last; /* `more`: where the page ended */
	bool more;               /* there may be others after it */
	bool has_total;
	uint64_t total;
	uint64_t start; /* unless by_place */
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

/* The ListResponse of a page by index. */
SCIM_MUST_USE scim_status scim__query_json(
    const struct scim__query *query, scim_str *out, scim_error *err);

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
