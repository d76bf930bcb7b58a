/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_DEPARTURE_H
#define SCIM_PROVIDER_DEPARTURE_H

/*
 * Who is deleted while in very many relations leaves them in turns.  Until
 * then a row on SCIM_SHELF_DEPARTURE says so, and whoever reads or writes
 * one of those relations settles it first: nobody ever sees a member that is
 * gone.
 */

#include "provider/provider.h"

/* How many relations a delete leaves in its own transaction. */
#define SCIM__LEAVE_AT_ONCE 500

/* Whose ids still stand in relations. */
struct scim__departures {
	const scim_leaf *gone;
	size_t count;
	size_t prefix; /* "tenant/" in front of each name */
};

SCIM_MUST_USE scim_status scim__departures_read(scim_txn *txn,
    const scim_context *context, struct scim__departures *out, scim_error *err);

/* Whether one of them is a member of `key`. */
SCIM_MUST_USE scim_status scim__departures_touch(scim_txn *txn,
    const scim_context *context, const scim_key *key,
    const struct scim__departures *departures, bool *out, scim_error *err);

/* Whether `key` must be settled before it is shown; types without a relation
 * never. */
SCIM_MUST_USE scim_status scim__departures_pending(scim_txn *txn,
    const scim_context *context, const scim__resource_type *type, scim_str id,
    bool *out, scim_error *err);

/* Notes that `id` has gone; in the transaction that deletes it. */
SCIM_MUST_USE scim_status scim__departure_note(scim_provider *provider,
    scim_txn *txn, const scim_context *context, scim_str id, scim_error *err);

/* Brings one relation up to date, in a write transaction. */
SCIM_MUST_USE scim_status scim__departures_settle(scim_provider *provider,
    scim_txn *txn, const scim_context *context, const scim__resource_type *type,
    scim_str id, scim_error *err);

/* Turns until nothing is left, each in a transaction of its own. */
SCIM_MUST_USE scim_status scim__departures_finish(
    scim_provider *provider, const scim_context *context, scim_error *err);

/*
 * The tenant of some departure; ptr NULL when there is none anywhere, and
 * then nobody need ask again until the next one is noted.
 */
SCIM_MUST_USE scim_status scim__departures_tenant(scim_provider *provider,
    scim_txn *txn, scim_arena *arena, scim_str *out, scim_error *err);

/*
 * One turn: at most SCIM__LEAVE_AT_ONCE relations of one departure, in a
 * write transaction.  `*out_more`: another turn is needed.
 */
SCIM_MUST_USE scim_status scim__departures_turn(scim_provider *provider,
    scim_txn *txn, const scim_context *context, bool *out_more,
    scim_error *err);

#endif
