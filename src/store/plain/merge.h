/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_PLAIN_MERGE_H
#define SCIM_STORE_PLAIN_MERGE_H

#include "store/kv/map.h"

/* Pairs in order, in an arena. */
struct scim__plain_pair {
	scim_str key, value;
};

struct scim__plain_list {
	scim_arena *arena;
	struct scim__plain_pair *pairs;
	size_t count, capacity;
	bool copy;   /* what it is given will not last */
	bool failed; /* out of memory, and not whole */
};

/* A scim__kv_each; `argument` is the list. */
bool scim__plain_list_add(void *argument, scim_str key, scim_str value);

/* A scan in progress. */
struct scim__plain_merge {
	const struct scim__kv_range *range;
	const struct scim__plain_list *over; /* '+' and a value, or '-' */
	size_t next;                         /* of `over` */
	scim__kv_each *each;
	void *argument;
	bool stopped;
};

/* What a host's scan calls; `argument` is the merge. */
int scim__plain_merge_one(void *argument, scim_str key, scim_str value);

/* The writer's pairs after the host's last. */
void scim__plain_merge_rest(struct scim__plain_merge *m);

#endif
