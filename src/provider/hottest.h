/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_HOTTEST_H
#define SCIM_PROVIDER_HOTTEST_H

/* What comes most often, in bounded memory. */

#include "scimd/metrics.h"

#define SCIM__HOTTEST_SLOTS 64
#define SCIM__HOTTEST_BYTES 240 /* of tenant, type and name together */

struct scim__hot {
	uint64_t count; /* 0: free */
	uint64_t excess;
	uint8_t tenant, type, name; /* how long each part of `text` is */
	char text[SCIM__HOTTEST_BYTES];
};

/* All 0 is empty.  Used by one thread at a time. */
struct scim__hottest {
	struct scim__hot slots[SCIM__HOTTEST_SLOTS];
};

/* What is too long to be kept is not counted. */
void scim__hottest_note(struct scim__hottest *hottest, scim_str tenant,
    scim_str type, scim_str name);

/* The same of a path, without what stands in brackets: that has values. */
void scim__hottest_note_path(struct scim__hottest *hottest, scim_str tenant,
    scim_str type, scim_str path);

/* At most `limit` of them, the most frequent first. */
SCIM_MUST_USE scim_status scim__hottest_read(
    const struct scim__hottest *hottest, size_t limit, scim_arena *arena,
    scim_metrics_hot **out, size_t *out_count);

#endif
