/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HANDLER_FORGET_H
#define SCIM_HANDLER_FORGET_H

/* Forgetting what is older than tenants keep, for hosts that have a writer:
 * one turn at a time, so that requests come in between. */

#include <stdbool.h>

#include "scimd/handler.h"

/* Where a round through the tenants is; all zero begins one. */
struct scim__forgetting {
	char last[64]; /* the tenant that was done last; empty: none yet */
	size_t last_len;
	bool is_done; /* there is no other one */
};

/*
 * One turn, in a transaction of its own when there is anything to forget.
 * `context` as for scim__settle_turn().
 */
SCIM_MUST_USE scim_status scim__forget_turn(scim_provider *provider,
    bool (*context)(void *argument, scim_str tenant, scim_context *out),
    void *argument, struct scim__forgetting *at, scim_error *err);

#endif
