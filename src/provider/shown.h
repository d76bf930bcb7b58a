/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_SHOWN_H
#define SCIM_PROVIDER_SHOWN_H

/*
 * Representations kept as they were shown, for hosts whose writes all go
 * through this process's store (store/stamps.h says what still holds) or who
 * refresh the store's generation often enough.
 */

#include "provider/get.h"

/* Begins to keep; before any request.  Without it nothing is kept. */
SCIM_MUST_USE scim_status scim__shown_begin(
    scim_provider *provider, scim_error *err);

/* Fills in view and json of what was shown before, if that still holds. */
bool scim__shown_find(struct scim__get *get);

/* Keeps what was just shown; `since` was asked before it was read. */
void scim__shown_keep(const struct scim__get *get, uint64_t since);

#endif
