/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_JSON_MESSAGE_H
#define SCIM_JSON_MESSAGE_H

/* What the messages of RFC 7644 (PatchOp, BulkRequest) have in common. */

#include "scimd/error.h"
#include "json/value.h"

/*
 * The member of that name, ASCII case aside, or NULL.  One that is there
 * twice means nothing: SCIM_ERR_INVALID "invalidSyntax".
 */
SCIM_MUST_USE scim_status scim__message_find(const scim__value *object,
    scim_str name, const scim__value **out, scim_error *err);

/* Whether `schemas` names this kind of message, or SCIM_ERR_INVALID. */
SCIM_MUST_USE scim_status scim__message_check(
    const scim__value *message, scim_str urn, scim_error *err);

#endif
