/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_SQLITE_STATS_H
#define SCIM_STORE_SQLITE_STATS_H

#include <stdbool.h>
#include <stdint.h>

#include "scimd/store.h"

struct scim__sqlite_stats {
	uint64_t wal_bytes;         /* the write-ahead log, as a file */
	int64_t oldest_snapshot_ms; /* for how long; 0: none is open */
};

/* False when `store` is of another backend. */
bool scim__sqlite_stats(scim_store *store, struct scim__sqlite_stats *out);

#endif
