/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HTTP_REQUEST_H
#define SCIM_HTTP_REQUEST_H

/* A routed message as the handler takes it. */

#include "http/route.h"

/*
 * Fills `out`, whose context the caller sets.  0, or the HTTP status to
 * refuse with and a sentence in `err`: 400, 403, 415, 431, 503.  `out`
 * borrows from all that is handed in.
 */
int scim__request_build(scim_arena *arena, const scim__message *message,
    const scim__target *target, const scim__route *route, int64_t now_ms,
    scim_request *out, scim_error *err);

#endif
