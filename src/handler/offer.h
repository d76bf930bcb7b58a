/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HANDLER_OFFER_H
#define SCIM_HANDLER_OFFER_H

#include "provider/discovery.h"
#include "provider/operation.h"
#include "scimd/handler.h"

/* The steps of a write, or NULL for what is none. */
const struct scim__op_steps *scim__offer_steps(scim_operation operation);

/* How a write that was done is answered: a body that could not be shown
 * after it is a 204 with the tag. */
scim_result scim__offer_result(
    const scim_request *request, const scim_outcome *outcome);

/* Whether a PATCH is answered without a body, whatever it changes. */
bool scim__offer_bodiless(const scim_request *request,
    const scim__resource_type *type, const scim__projection *projection);

/* Whether it was merged with what came after a stale version: a Merge message
 * says so itself. */
void scim__offer_show_merge(const scim__op *op, scim_response *out);

/* Which preference such an answer follows. */
scim_prefer scim__offer_preference(
    const scim_request *request, scim_result result);

/* The document of discovery that is asked for (RFC 7644 section 4). */
SCIM_MUST_USE scim_status scim__offer_document(const scim_request *request,
    scim_arena *arena, const scim_context *context, struct scim__document *out,
    scim_error *err);

#endif
