/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_CONTENTION_H
#define SCIM_DAEMON_CONTENTION_H

#include "base/buf.h"
#include "scimd/metrics.h"

/* Resources and paths that are named at most. */
#define SCIM__CONTENTION_NAMED 10

/* Appends what became of writes and merges, in the text format of
 * Prometheus. */
void scim__contention_write(scim__buf *buf, scim_metrics *metrics);

#endif
