/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_KV_MAP_H
#define SCIM_STORE_KV_MAP_H

#include <stdbool.h>

#include "scimd/backend/store_ops.h"

struct scim__kv_txn;

/* The keys that are >= `low` and < `high`. */
struct scim__kv_range {
	scim_str low, high;
	bool descending;
};

/* Sees one pair, which it may not keep; false ends the scan. */
typedef bool scim__kv_each(void *argument, scim_str key, scim_str value);

/*
 * What the tables are kept in: an ordered map of bytes to bytes, as one
 * transaction sees it.  Keys are compared byte by byte, a prefix first.
 */
struct scim__kv_map {
	/* The value at `key`, good as long as transaction and arena, or
	 * SCIM_ERR_NOT_FOUND, for which `err` is left alone. */
	scim_status (*get)(struct scim__kv_txn *txn, scim_arena *arena,
	    scim_str key, scim_str *out, scim_error *err);

	/* Both are copied. */
	scim_status (*put)(struct scim__kv_txn *txn, scim_str key,
	    scim_str value, scim_error *err);

	/* Nothing there is success. */
	scim_status (*remove)(
	    struct scim__kv_txn *txn, scim_str key, scim_error *err);

	/* `each` calls nothing of the map. */
	scim_status (*scan)(struct scim__kv_txn *txn,
	    const struct scim__kv_range *range, scim__kv_each *each,
	    void *argument, scim_error *err);
};

#endif
