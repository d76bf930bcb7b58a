/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_LOOK_H
#define SCIM_PROVIDER_LOOK_H

/* One search under way: candidates looked at, and what becomes of them. */

#include "provider/best.h"
#include "provider/search.h"

struct scim__looking {
	struct scim__search *search;
	const struct scim__part *part;
	scim_txn *txn;
	scim_arena *batch;    /* until the next batch */
	scim_arena *one;      /* until the next candidate */
	scim_arena *key;      /* until the next keyset */
	scim_context context; /* the search's, with `one` */

	const struct scim__place *after; /* nothing up to it is taken */
	bool counts;  /* matches of this part add to the total */
	bool ordered; /* its candidates come in the order wanted */
	bool missing; /* only what has no value to sort by is a match */
	bool full;    /* a match came after all that are wanted */

	struct scim__best *best; /* sorted; NULL: in the order of creation */
	uint64_t skip;           /* unsorted: matches before the page */
	size_t limit;            /* unsorted: one more than the page */
	struct scim__found *page;
	size_t page_count, page_capacity;
};

/* Whether nothing that is still to come matters. */
bool scim__look_is_done(const struct scim__looking *looking);

/* A candidate, with its content. */
SCIM_MUST_USE scim_status scim__look_at(
    struct scim__looking *looking, const scim_record *record, scim_error *err);

/* A match whose content need not be looked at. */
SCIM_MUST_USE scim_status scim__look_note(struct scim__looking *looking,
    const struct scim__place *place, scim_str id, scim_error *err);

/* Where a record of this part stands; texts last until the next candidate. */
SCIM_MUST_USE scim_status scim__look_place(struct scim__looking *looking,
    const scim_record *record, struct scim__place *out, scim_error *err);

#endif
