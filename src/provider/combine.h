/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_COMBINE_H
#define SCIM_PROVIDER_COMBINE_H

#include "provider/operation.h"

/* A write that is merged with what came between: its body is a Merge message
 * (provider/merge_message.h). */
extern const struct scim__op_steps scim__combine_steps;

/*
 * `op` was settled as a mismatch: makes it a write to be merged, where the
 * request asks for that and the tenant lets it.  No more than one version may
 * be expected, and nothing else may be in the way.
 */
SCIM_MUST_USE scim_status scim__combine_stale(scim__op *op, scim_error *err);

/* Prepares a write to be merged: `op->merge`. */
SCIM_MUST_USE scim_status scim__combine_prepare(
    scim__op *op, scim_txn *txn, scim_error *err);

/* Whether a body is a Merge message. */
bool scim__combine_is_message(const scim__value *body);

/* What is told of a merge, as a message of its own; ptr NULL: no memory. */
scim_str scim__combine_message(const scim__op *op);

/* Adds to the rendered outcome what was merged; a dry run shows no more. */
SCIM_MUST_USE scim_status scim__combine_tell(scim__op *op, scim_error *err);

#endif
