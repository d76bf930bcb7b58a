/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_QUIRKS_H
#define SCIM_DAEMON_QUIRKS_H

/* What was let through though the RFC says otherwise: counted, and told. */

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

struct scim__exchange;
struct scim__metrics;

#define SCIM__QUIRK_LINES 10 /* a second */

/* How much of a second's log is used up.  One for each loop. */
struct scim__quirk_log {
	int64_t second;
	unsigned lines;
	unsigned long unlogged; /* since the last line */
};

/* Counts every quirk of the exchange, and logs them in one line. */
void scim__quirks_tell(struct scim__quirk_log *log,
    struct scim__metrics *metrics, const struct scim__exchange *x,
    int64_t now_s);

/* Whether there may be a line more in this second; counts it either way. */
bool scim__quirk_log_takes(struct scim__quirk_log *log, int64_t now_s);

/* Their names, separated by blanks. */
void scim__quirk_names(scim__buf *buf, unsigned quirks);

#endif
