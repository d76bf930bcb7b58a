/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_METRICS_H
#define SCIM_DAEMON_METRICS_H

/*
 * What a loop counts.  Each loop has its own, so that counting costs no
 * cache line of another's; who reads adds them up.
 */

#include <stdatomic.h>
#include <stdbool.h>

#include "base/buf.h"
#include "http/message.h"

#define SCIM__METRICS_METHODS 8 /* those of enum scim__method */
#define SCIM__METRICS_STATUSES 24
#define SCIM__METRICS_QUIRKS 19

struct scim__metrics {
	_Atomic uint64_t
	    requests[SCIM__METRICS_METHODS][SCIM__METRICS_STATUSES];
	_Atomic uint64_t quirks[SCIM__METRICS_QUIRKS];
	_Atomic uint64_t conflicts;   /* inside bulk requests */
	_Atomic uint64_t connections; /* open now */
	_Atomic uint64_t accepted;
};

/* What the whole process counts. */
struct scim__metrics_totals {
	uint64_t batches, operations, reruns;
	bool has_wal; /* the store keeps one */
	uint64_t wal_bytes, oldest_snapshot_ms;
};

void scim__metrics_request(
    struct scim__metrics *metrics, enum scim__method method, int status);

/* So many operations of a bulk request came too late. */
void scim__metrics_conflicts(struct scim__metrics *metrics, size_t count);

/* enum scim__quirk, or-ed. */
void scim__metrics_quirks(struct scim__metrics *metrics, unsigned seen);

/* What the bit `1 << number` is called. */
const char *scim__metrics_quirk_name(size_t number);

/* Appends all of them in the text format of Prometheus. */
void scim__metrics_write(scim__buf *buf, struct scim__metrics *const *loops,
    size_t count, const struct scim__metrics_totals *totals);

#endif
