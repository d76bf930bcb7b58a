/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_KV_LOG_H
#define SCIM_STORE_KV_LOG_H

#include "store/kv/kv.h"

/* The kinds of keys in SCIM__KV_HISTORY. */
enum { SCIM__KV_BY_REVISION = 'r', SCIM__KV_BY_VERSION = 'v' };

/* Logs a write that has become `sequence`. */
SCIM_MUST_USE scim_status scim__kv_log(struct scim__kv_txn *kv,
    scim_arena *arena, const scim_write *write, uint64_t sequence,
    uint64_t parent, scim_error *err);

/* With the first change of a tenant. */
SCIM_MUST_USE scim_status scim__kv_begin_epoch(struct scim__kv_txn *kv,
    scim_arena *arena, scim_str tenant, scim_error *err);

/* Begins the key of a member that has gone. */
void scim__kv_begin_past(scim__buf *k, scim_arena *arena, const scim_key *key);

#endif
