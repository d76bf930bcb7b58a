/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_STATE_H
#define SCIM_PROVIDER_STATE_H

#include "provider/operation.h"
#include "provider/record.h"

/*
 * Fills in `record` and `write` from the validated body and `current`;
 * settles when the state would stay as it is.
 */
SCIM_MUST_USE scim_status scim__op_put_state(
    scim__op *op, scim_txn *txn, scim_error *err);

/* SCIM_ERR_TOO_LARGE: what grows piece by piece must still fit a request. */
SCIM_MUST_USE scim_status scim__op_check_size(
    const scim__op *op, scim_error *err);

/* Fills in `write` for taking `current` away. */
SCIM_MUST_USE scim_status scim__op_put_delete(scim__op *op, scim_error *err);

#endif
