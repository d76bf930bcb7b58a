/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_PAST_H
#define SCIM_PROVIDER_PAST_H

/*
 * States of a resource as they were.  What one costs does not depend on how
 * many there are: at most SCIM_WHOLE_EVERY rows of the change log are read.
 */

#include "provider/provider.h"

struct scim__past {
	scim_change_row row; /* the change that led to it */
	scim_str content;    /* as it was stored, without secrets and what the
			      * schemas of today have no place for */
	scim__value tree;    /* the same */
};

/* The newest change of a resource, also when it is gone;
 * SCIM_ERR_NOT_FOUND when nothing is kept of it. */
SCIM_MUST_USE scim_status scim__past_newest(scim_txn *txn,
    const scim_context *context, const scim__resource_type *type, scim_str id,
    scim_change_row *out, scim_error *err);

/* The oldest revision that the tenant keeps when `newest` is the newest. */
uint64_t scim__past_floor(const scim_context *context, uint64_t newest);

/* The change that last led to this version; SCIM_ERR_NOT_FOUND when there
 * was none, or the state is kept no longer. */
SCIM_MUST_USE scim_status scim__past_find(scim_txn *txn,
    const scim_context *context, const scim__resource_type *type, scim_str id,
    const scim_version *version, scim_change_row *out, scim_error *err);

/* The latest state that had this version; SCIM_ERR_NOT_FOUND when there was
 * none, or it is kept no longer. */
SCIM_MUST_USE scim_status scim__past_read(scim_txn *txn,
    const scim_context *context, const scim__resource_type *type, scim_str id,
    const scim_version *version, struct scim__past *out, scim_error *err);

/* Its members, as an array of objects; SCIM_ERR_INVALID "tooMany" when there
 * are more than may come in one request. */
SCIM_MUST_USE scim_status scim__past_members(scim_txn *txn,
    const scim_context *context, const struct scim__past *past,
    scim__value *out, scim_error *err);

#endif
