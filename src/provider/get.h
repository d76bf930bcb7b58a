/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_GET_H
#define SCIM_PROVIDER_GET_H

#include "provider/render.h"

/* A read of one resource, and what came of it. */
struct scim__get {
	scim_provider *provider;
	const scim_context *context;
	const scim__resource_type *type;
	scim_arena *arena;
	scim_expect expect;
	const scim__projection *projection; /* NULL: the default one */
	scim_str id;
	bool may_stream; /* the caller takes a stream for a long answer */
	bool on_worker;  /* and may be kept waiting for it to begin */

	/* It takes longer than a loop should wait: run again `on_worker`. */
	bool later;

	/* Members that are gone must leave the target first: settle it in a
	 * write transaction, then run again. */
	bool unsettled;
	scim_outcome outcome;
	struct scim__view view;
	scim_str json;
	scim_stream *stream; /* to be closed by the caller */
};

SCIM_MUST_USE scim_status scim__get_run(struct scim__get *get, scim_error *err);

/* What `unsettled` asks for. */
SCIM_MUST_USE scim_status scim__get_settle(
    struct scim__get *get, scim_txn *txn, scim_error *err);

#endif
