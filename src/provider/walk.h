/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_WALK_H
#define SCIM_PROVIDER_WALK_H

/* A query by cursor (RFC 9865): a page, and the way to the next. */

#include "provider/query.h"

struct scim__walk {
	struct scim__query *query; /* as for a page by index */
	scim_str endpoint;
	scim_str cursor; /* as sent; empty: from the beginning */
	scim_str attributes, excluded_attributes; /* as sent */

	struct scim__place place; /* of the cursor */

	/* The store has no key for cursors yet: scim__cursor_make_key(), and
	 * run again. */
	bool needs_key;
	scim_str json; /* the ListResponse */
};

/*
 * As scim__query_run(), `unsettled` of the query included.  SCIM_ERR_INVALID
 * "invalidCursor", "expiredCursor" and "invalidCount" too.
 */
SCIM_MUST_USE scim_status scim__walk_run(
    struct scim__walk *walk, bool *out_later, scim_error *err);

/* Opens the ListResponse of a page by cursor, up to `"Resources":[`; `total`
 * NULL: it is not known, `next` empty: there is none. */
void scim__walk_begin(
    scim__buf *buf, const uint64_t *total, size_t items, scim_str next);

#endif
