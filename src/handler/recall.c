/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a request about the past to the provider's call, and to a document
 * that is answered like any other.
 */
#include "handler/recall.h"

#include "base/error.h"
#include "provider/feed.h"
#include "provider/history.h"

bool
scim__is_recall(scim_operation operation)
{
	return operation == SCIM_OPERATION_VERSIONS ||
	    operation == SCIM_OPERATION_VERSION ||
	    operation == SCIM_OPERATION_DIFF ||
	    operation == SCIM_OPERATION_CHANGES;
}

static scim_status
run_feed(struct scim__recall *recall, scim_error *err)
{
	const scim_request *r = recall->request;
	struct scim__feed_page page = { .provider = recall->provider,
		.context = recall->context,
		.since = r->since,
		.count = r->count,
		.wait = r->wait,
		.may_wait = recall->may_wait,
		.on_worker = recall->on_worker };
	scim_status rc = scim__feed_read(&page, err);

	recall->later = page.later;
	recall->wait_s = page.wait_s;
	recall->document = page.document;
	return rc;
}

scim_status
scim__recall_run(struct scim__recall *recall, scim_error *err)
{
	const scim_request *r = recall->request;
	struct scim__history history = { .provider = recall->provider,
		.context = recall->context,
		.type = recall->type,
		.projection = recall->projection,
		.id = r->id,
		.version = r->version,
		.from = r->from,
		.to = r->to,
		.since = r->since,
		.start_index = r->start_index,
		.count = r->count,
		.cursor = r->cursor,
		.on_worker = recall->on_worker };
	scim_status rc;

	recall->later = recall->needs_key = false;
	recall->wait_s = 0;
	if (r->operation == SCIM_OPERATION_CHANGES)
		return run_feed(recall, err);
	if (r->operation == SCIM_OPERATION_VERSIONS)
		rc = scim__history_list(&history, err);
	else if (r->operation == SCIM_OPERATION_VERSION)
		rc = scim__history_version(&history, err);
	else
		rc = scim__history_diff(&history, err);
	recall->later = history.later;
	recall->needs_key = history.needs_key;
	recall->document = history.document;
	return rc;
}
