/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_METRICS_H
#define SCIM_PROVIDER_METRICS_H

/* What the operations tell the counters.  NULL: nobody counts. */

#include <stdbool.h>

#include "scimd/metrics.h"

/* How a merge went. */
struct scim__merge_noted {
	bool is_noted;
	scim_merge_form form;
	scim_merge_end end;
	bool has_base;
	uint64_t versions; /* newer than the base */
	int64_t age_ms;    /* since the first of them was written */
};

/* A write that has ended. */
struct scim__write_noted {
	scim_str tenant, type, id;
	scim_write_operation operation;
	scim_write_result_kind result;
	const scim_str *paths; /* that collided, where known */
	size_t path_count;
};

void scim__metrics_note_write(
    scim_metrics *metrics, const struct scim__write_noted *write);
/* Paths that are known only after their write was noted. */
void scim__metrics_note_paths(scim_metrics *metrics, scim_str tenant,
    scim_str type, const scim_str *paths, size_t count);
void scim__metrics_note_redone(scim_metrics *metrics);
void scim__metrics_note_merge(
    scim_metrics *metrics, const struct scim__merge_noted *merge);

/* An update that has ended, its merges noted apart. */
struct scim__update_noted {
	unsigned attempts, conflicts, waited_ms;
	bool gave_up;
};
void scim__metrics_note_update(
    scim_metrics *metrics, const struct scim__update_noted *update);

/* What a failure counts as. */
scim_write_result_kind scim__metrics_result(scim_status status);

#endif
