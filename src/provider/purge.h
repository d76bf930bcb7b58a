/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_PURGE_H
#define SCIM_PROVIDER_PURGE_H

/* What a purge has to take away; see scimd/purge.h. */

#include "provider/operation.h"
#include "scimd/purge.h"

#define SCIM__PURGE_ROWS 1000 /* that go in one transaction, or are read */

struct scim__purge_target {
	scim_str id, type;
	uint64_t *sequences; /* of its changes, some more than once */
	size_t count, capacity;
	bool is_marked; /* the log has the row of a purge already */
};

struct scim__purge_targets {
	const scim_context *context;
	struct scim__purge_target *items;
	size_t count;
	struct scim__purge_target **by_id; /* in the order of their ids */
	uint64_t seen;                     /* of the log, so far */
};

SCIM_MUST_USE scim_status scim__purge_targets_make(const scim_context *context,
    const scim_str *ids, size_t count, struct scim__purge_targets *out,
    scim_error *err);

/* Looks through the next page of the log. */
SCIM_MUST_USE scim_status scim__purge_look(struct scim__purge_targets *targets,
    scim_txn *txn, bool *out_more, scim_error *err);

/* Looks through the states of one. */
SCIM_MUST_USE scim_status scim__purge_look_at(
    struct scim__purge_targets *targets, scim_txn *txn,
    struct scim__purge_target *target, scim_error *err);

/* A delete whose row in the log is the mark that stays. */
extern const struct scim__op_steps scim__purge_steps;

#endif
