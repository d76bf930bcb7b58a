/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_SEARCH_H
#define SCIM_PROVIDER_SEARCH_H

/*
 * Filters over a store: an index narrows down, the evaluator decides on what
 * is left, and the order is that of creation whatever the index's own is.
 */

#include "filter/plan.h"
#include "provider/asked.h"

/* How many candidates a loop may look at; more are for a worker. */
#define SCIM__SEARCH_ON_LOOP 100

struct scim__found {
	uint64_t position;
	scim_str id;
};

struct scim__search {
	const scim_context *context;
	const scim__resource_type *type;
	scim__filter filter; /* bound */
	struct scim__filter_plan plan;
	struct scim__asked asked;
	uint64_t budget;      /* steps left before it is too many */
	size_t most_gathered; /* candidates to be put in order */

	struct scim__found *page;
	size_t page_count;
	uint64_t total;
};

/* Reads and plans a filter; SCIM_ERR_INVALID "invalidFilter". */
SCIM_MUST_USE scim_status scim__search_open(struct scim__search *search,
    const scim_context *context, const scim__resource_type *type,
    scim_str filter, scim_error *err);

/* The part of a store's plan that the filter decides. */
void scim__search_narrow(const struct scim__search *search, scim_plan *plan);

/* Whether the store's own count, order and pages are those of the filter. */
bool scim__search_is_plain(const struct scim__search *search);

/* Whether there are few enough candidates for a loop. */
SCIM_MUST_USE scim_status scim__search_is_short(
    const struct scim__search *search, scim_txn *txn, bool *out,
    scim_error *err);

/*
 * Counts every match and notes those of the page.  SCIM_ERR_INVALID
 * "tooMany" when the budget is used up.
 */
SCIM_MUST_USE scim_status scim__search_run(struct scim__search *search,
    scim_txn *txn, uint64_t offset, size_t limit, scim_error *err);

#endif
