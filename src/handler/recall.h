/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HANDLER_RECALL_H
#define SCIM_HANDLER_RECALL_H

/* Requests about what was: versions, diffs, the feed. */

#include "provider/discovery.h"
#include "scimd/handler.h"

struct scim__recall {
	scim_provider *provider;
	const scim_context *context;
	const scim__resource_type *type; /* NULL: the feed */
	const scim__projection *projection;
	const scim_request *request;
	bool on_worker;
	bool may_wait;

	bool later;      /* again with `on_worker` */
	bool needs_key;  /* as of scim__walk */
	unsigned wait_s; /* nothing yet: again after so long, or a commit */
	struct scim__document document;
};

bool scim__is_recall(scim_operation operation);
SCIM_MUST_USE scim_status scim__recall_run(
    struct scim__recall *recall, scim_error *err);

#endif
