/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_PART_H
#define SCIM_PROVIDER_PART_H

/* What a query asks of one resource type, and by which way it is found. */

#include "filter/plan.h"
#include "provider/asked.h"
#include "provider/sort.h"

struct scim__part {
	const scim__resource_type *type;
	size_t rank;
	bool none;     /* no resource of this type can match */
	bool filtered; /* not all of them do */
	scim__filter filter;
	struct scim__filter_plan plan; /* SCIM__PLAN_SCAN when not filtered */
	struct scim__asked asked;      /* by the filter and the order */
	const scim__attribute *sort;   /* NULL: nothing to sort this type by */
	unsigned quirks;               /* of the filter; enum scim__quirk */
};

/*
 * Binds a filter (NULL: none) and an order to a type.  `any_type`: what
 * another type has is no mistake.  SCIM_ERR_INVALID "invalidFilter", or
 * SCIM_ERR_FORBIDDEN "sensitive" for what nobody may see.
 */
SCIM_MUST_USE scim_status scim__part_open(struct scim__part *part,
    const scim_context *context, const scim__resource_type *type, bool any_type,
    const scim__filter *filter, const struct scim__sort *sort, scim_error *err);

/* All resources of the type, by position, with their content. */
scim_plan scim__part_all(
    const struct scim__part *part, const scim_context *context);

/* What the filter leaves of them; as much as a store knows. */
scim_plan scim__part_narrow(
    const struct scim__part *part, const scim_context *context);

/* The same by a plan, the part's or a branch of it. */
scim_plan scim__part_range(const struct scim__part *part,
    const scim_context *context, const struct scim__filter_plan *by);

/* Whether the store's own count and order of creation are the part's. */
bool scim__part_is_plain(const struct scim__part *part);

/* How many have to be looked at, counted no further than `most`. */
SCIM_MUST_USE scim_status scim__part_candidates(const struct scim__part *part,
    const scim_context *context, scim_txn *txn, uint64_t most, uint64_t *out,
    scim_error *err);

#endif
