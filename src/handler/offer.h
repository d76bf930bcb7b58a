/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HANDLER_OFFER_H
#define SCIM_HANDLER_OFFER_H

#include "provider/discovery.h"
#include "provider/operation.h"
#include "scimd/handler.h"

/* The steps of a write, or NULL for what is none. */
const struct scim__op_steps *scim__offer_steps(scim_operation operation);

/* The document of discovery that is asked for (RFC 7644 section 4). */
SCIM_MUST_USE scim_status scim__offer_document(const scim_request *request,
    scim_arena *arena, const scim_context *context, struct scim__document *out,
    scim_error *err);

#endif
