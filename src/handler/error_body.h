/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HANDLER_ERROR_BODY_H
#define SCIM_HANDLER_ERROR_BODY_H

#include "scimd/handler.h"

/* What stands in the way of a write whose precondition did not hold. */
#define SCIM__CONFLICT_URN \
	"urn:scimd:params:scim:api:messages:2.0:VersionConflict"

/* scim_error_body(), with that extension unless `conflict` has ptr NULL. */
scim_str scim__conflict_body(
    scim_arena *arena, int status, const scim_error *error, scim_str conflict);

#endif
