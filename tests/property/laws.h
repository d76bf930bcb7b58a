/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PROPERTY_LAWS_H
#define TESTS_PROPERTY_LAWS_H

/* The laws of merging (docs/merging.md), asked of one case. */
#include "generate.h"

struct tally {
	uint64_t merges, clean, conflicts, associative, one_order;
	uint64_t kinds[SCIM_MERGE_VALIDATION + 1];
};

/* The name of the first law that the case breaks, or NULL.  `thorough`: also
 * those that cost more than a merge. */
const char *broken_law(scim_arena *arena, const struct law_case *c,
    bool thorough, struct tally *tally);

/* Takes away from the case whatever its law is broken without. */
void shrink(scim_arena *arena, struct law_case *c, const char *law);

#endif
