/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_RECEIPT_H
#define SCIM_PROVIDER_RECEIPT_H

/* Receipts: how a write that is sent twice is carried out once. */

#include "provider/operation.h"

#define SCIM__RECEIPT_HOURS 24
#define SCIM__RECEIPT_KEY_MOST 255

/* Says in `claim` what is asked for, once.  What the answer shows of it does
 * not count. */
SCIM_MUST_USE scim_status scim__claim_describe(scim__op *op, scim_error *err);

/*
 * Looks for the receipt of a claim that is described.  SCIM_ERR_EXISTS: it is
 * of something else.  In a write transaction what is found out stands until
 * its end, and scim__claim_keep() may follow.
 */
SCIM_MUST_USE scim_status scim__claim_find(const scim_provider *provider,
    const scim_context *context, scim_arena *arena, scim_txn *txn,
    struct scim__claim *claim, scim_error *err);

/* The same for an operation, which a repeat settles. */
SCIM_MUST_USE scim_status scim__claim_look(
    scim__op *op, scim_txn *txn, scim_error *err);

/* Whether its outcome has to leave a receipt. */
bool scim__claim_is_due(const scim__op *op);

/* Leaves it; SCIM_ERR_BUSY: somebody else has, just now. */
SCIM_MUST_USE scim_status scim__claim_keep(
    scim__op *op, scim_txn *txn, scim_error *err);

/* Whether the answer was not to show the resource. */
bool scim__receipt_is_bodiless(const scim_receipt *receipt);

/* repeat.c: fills in the outcome of a repeat. */
SCIM_MUST_USE scim_status scim__repeat_render(scim__op *op, scim_error *err);

/* Whether receipts of the tenant are old enough to be forgotten; forgets at
 * most `limit` of them. */
SCIM_MUST_USE scim_status scim__receipts_are_due(scim_provider *provider,
    scim_txn *txn, const scim_context *context, bool *out, scim_error *err);
SCIM_MUST_USE scim_status scim__receipts_forget(scim_provider *provider,
    scim_txn *txn, const scim_context *context, size_t limit, size_t *out_count,
    scim_error *err);

#endif
