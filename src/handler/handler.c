/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The steps of a call, one after the other in the caller's thread.
 */
#include "base/error.h"
#include "handler/call.h"

/* One write in a transaction of its own. */
static enum scim__step
write_alone(scim__call *call, scim_store *store)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_error err = { 0 };
	scim_status rc = scim__store_begin(store, SCIM_TXN_WRITE, &txn, &err);

	if (rc != SCIM_OK)
		return scim__call_committed(call, rc, &err);
	if (scim__call_apply(call, txn) != SCIM_OK)
		return scim__call_committed(call, SCIM_OK, &err);
	rc = scim__store_commit(scim__take(txn), &err);
	return scim__call_committed(call, rc, &err);
}

void
scim_handle(scim_provider *provider, const scim_request *request,
    scim_arena *arena, scim_response *out)
{
	scim__call *call = scim__call_new(provider, request, arena);

	if (call == NULL) {
		*out = (scim_response){ .result = SCIM_RESULT_ERROR };
		(void)scim__fail_memory(&out->error);
		return;
	}
	enum scim__step step = scim__call_start(call);
	while (step != SCIM__STEP_DONE)
		step = step == SCIM__STEP_WORK
		    ? scim__call_work(call)
		    : write_alone(call, scim__call_store(call));
	*out = *scim__call_response(call);
}
