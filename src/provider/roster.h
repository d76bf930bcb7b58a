/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_ROSTER_H
#define SCIM_PROVIDER_ROSTER_H

/*
 * All members of a relation, copied out of the store in little room: an id
 * takes 17 bytes.  So a slow client holds some memory of ours, but no
 * snapshot, which would keep the store from tidying up.
 */

#include "provider/provider.h"

typedef struct scim__roster scim__roster;

/*
 * Reads the members of `key`, of which there are about `count`.
 * SCIM_ERR_BUSY when others hold so much memory for long answers already that
 * this one does not fit; the first always does.
 */
SCIM_MUST_USE scim_status scim__roster_read(scim_provider *provider,
    scim_txn *txn, const scim_key *key, uint64_t count, scim__roster **out,
    scim_error *err);

/* The next rows, at most `limit`, strings in `arena`; none at the end. */
SCIM_MUST_USE scim_status scim__roster_next(scim__roster *roster,
    scim_arena *arena, size_t limit, scim_member_row **out, size_t *out_count,
    scim_error *err);

/* NULL is allowed. */
void scim__roster_free(scim__roster *roster);
SCIM__DEFINE_AUTO(scim__roster *, scim__roster_free);

#endif
