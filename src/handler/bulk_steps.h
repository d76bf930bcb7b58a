/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HANDLER_BULK_STEPS_H
#define SCIM_HANDLER_BULK_STEPS_H

/* A bulk request in the steps of a call; see call.h. */

#include "handler/call.h"
#include "provider/bulk.h"

struct scim__bulk_steps {
	scim__bulk bulk;
	const scim_request *request;
	scim_response *response; /* the call's */
	bool is_read;
	scim_status applied; /* what the last apply said */
	scim_error err;
};

void scim__bulk_steps_begin(struct scim__bulk_steps *steps,
    scim_provider *provider, const scim_request *request,
    const scim_context *context, scim_response *response);

/* What comes before the body; then SCIM__STEP_WORK. */
enum scim__step scim__bulk_steps_check(struct scim__bulk_steps *steps);
enum scim__step scim__bulk_steps_work(struct scim__bulk_steps *steps);
SCIM_MUST_USE scim_status scim__bulk_steps_apply(
    struct scim__bulk_steps *steps, scim_txn *txn);
SCIM_MUST_USE scim_status scim__bulk_steps_refuse(
    struct scim__bulk_steps *steps, const scim_error *err);
enum scim__step scim__bulk_steps_committed(
    struct scim__bulk_steps *steps, scim_status commit, const scim_error *err);

/* False: something is durable.  Else what it holds is let go of. */
bool scim__bulk_steps_drop(struct scim__bulk_steps *steps);

/* Gives up.  SCIM__STEP_WORK: what is done already is to be shown as done. */
enum scim__step scim__bulk_steps_fail(
    struct scim__bulk_steps *steps, const scim_error *err);

#endif
