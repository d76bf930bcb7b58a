/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_SEARCH_H
#define SCIM_PROVIDER_SEARCH_H

/*
 * Filters and orders over a store: an index narrows down or has the order,
 * the evaluator decides on what is left.
 */

#include "provider/part.h"

/* How many candidates a loop may look at; more are for a worker. */
#define SCIM__SEARCH_ON_LOOP 100

/* How many resources a loop may write into a page. */
#define SCIM__PAGE_ON_LOOP 100

/* How many rows of an index or of a list a loop may pass over. */
#define SCIM__OFFSET_ON_LOOP 10000

/* What is asked for, as sent; ptr NULL: absent. */
struct scim__terms {
	scim_str filter;
	scim_str sort_by;
	scim_str sort_order;
};

struct scim__search {
	const scim_context *context;
	struct scim__sort sort;
	struct scim__part *parts; /* by rank */
	size_t part_count;
	uint64_t budget;      /* steps left before it is too many */
	size_t most_gathered; /* candidates to be put in order */
	size_t most_kept;     /* of a page that has to be sorted */
	uint64_t few; /* candidates that are rather sorted than walked */

	const struct scim__place *after; /* NULL: from the beginning */
	bool by_place;  /* count only where it is free, and stop early */
	uint64_t spare; /* by_place: the budget at which a page ends */

	struct scim__found *page;
	size_t page_count;
	bool more;    /* there is something after the page */
	bool stopped; /* the page ended with its budget, after this place */
	struct scim__place stop;
	bool has_total;
	uint64_t total;
};

/* `type` NULL: all types.  SCIM_ERR_INVALID "invalidFilter", "invalidPath",
 * "invalidValue". */
SCIM_MUST_USE scim_status scim__search_open(struct scim__search *search,
    const scim_context *context, const scim__resource_type *type,
    const struct scim__terms *terms, scim_error *err);

/* Whether the store's own count and order, type by type, are the answer. */
bool scim__search_is_plain(const struct scim__search *search);

/* Whether this page is found soon enough for a loop. */
SCIM_MUST_USE scim_status scim__search_is_short(
    const struct scim__search *search, scim_txn *txn, uint64_t offset,
    size_t limit, bool *out, scim_error *err);

/*
 * Finds a page, and counts every match unless `by_place`.  SCIM_ERR_INVALID
 * "tooMany" when the budget is used up; by place, and where candidates come
 * in the order wanted, the page ends before that, and may even be empty.
 */
SCIM_MUST_USE scim_status scim__search_run(struct scim__search *search,
    scim_txn *txn, uint64_t offset, size_t limit, scim_error *err);

#endif
