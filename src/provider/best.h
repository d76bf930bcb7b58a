/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_BEST_H
#define SCIM_PROVIDER_BEST_H

/* The first few of very many in some order, in bounded memory. */

#include "base/arena.h"
#include "provider/sort.h"

struct scim__best {
	const struct scim__sort *sort;
	size_t most;        /* how many are kept */
	size_t most_bytes;  /* of their texts: with long ones fewer are */
	scim_arena *texts;  /* of the items */
	scim_arena *spare;  /* where texts in use move to */
	size_t taken, used; /* bytes of texts: all, and those in use */
	scim_arena *list;   /* has the items */
	struct scim__found *items; /* a heap: what comes last is first */
	size_t count, capacity;
	bool dropped; /* something did not get in */
};

SCIM_MUST_USE scim_status scim__best_open(struct scim__best *best,
    const struct scim__sort *sort, size_t most, scim_error *err);
void scim__best_close(struct scim__best *best);
#define scim__auto_best __attribute__((cleanup(scim__best_close)))

/* Whether something at this place would get in. */
bool scim__best_wants(
    const struct scim__best *best, const struct scim__place *place);

/* Puts in what is wanted, for what is last if need be; copies. */
SCIM_MUST_USE scim_status scim__best_add(struct scim__best *best,
    const struct scim__place *place, scim_str id, scim_error *err);

/* Puts `items` in order.  Nothing may be added afterwards. */
void scim__best_finish(struct scim__best *best);

#endif
