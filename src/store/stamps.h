/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_STAMPS_H
#define SCIM_STORE_STAMPS_H

/*
 * Tells whether what was read from a store is still so, without reading it
 * again.  Every id falls into a slot; a slot's stamp says when a write last
 * touched an id of it.  What was read since that moment, from slots that
 * nobody touched after it, is the present state.
 */

#include <stdbool.h>

#include "scimd/types.h"

typedef struct scim__stamps scim__stamps;

scim__stamps *scim__stamps_new(void);
void scim__stamps_free(scim__stamps *stamps);

/* The moment; ask before the transaction begins whose reads are to be kept. */
uint64_t scim__stamps_now(const scim__stamps *stamps);

uint32_t scim__stamps_slot(scim_str tenant, scim_str id);

/* Whether nothing in the slot was touched after `since`, nor is being. */
bool scim__stamps_hold(
    const scim__stamps *stamps, uint32_t slot, uint64_t since);

/*
 * What one write transaction touches.  From its first touch until settle(),
 * which comes after its end and frees it, none of it holds.  NULL is what it
 * begins with.
 */
struct scim__touched;

void scim__stamps_touch(
    scim__stamps *stamps, struct scim__touched **touched, uint32_t slot);
void scim__stamps_touch_all(
    scim__stamps *stamps, struct scim__touched **touched);
void scim__stamps_settle(scim__stamps *stamps, struct scim__touched *touched);

/* Says which generation the store is at: where that is another than last
 * time, somebody else wrote, and nothing read before this moment holds. */
void scim__stamps_generation(scim__stamps *stamps, uint64_t generation);

#endif
