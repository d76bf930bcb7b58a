/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_RENEW_H
#define SCIM_PROVIDER_RENEW_H

#include "schema/schema.h"
#include "store/store.h"

/*
 * What a stored state looks like by the forms of this scimd.  Fills in the
 * index and unique rows of `write`, whose key names the resource.  With
 * `rewrites`, the documents of `record` are put into canonical form; one that
 * is then another, octet by octet, gets its own hash and version, and
 * `out_changed` is true.  SCIM_ERR_UNSUPPORTED: no such resource type.
 */
SCIM_MUST_USE scim_status scim__renew(const scim_registry *registry,
    scim_arena *arena, bool rewrites, scim_record *record, scim_write *write,
    bool *out_changed, scim_error *err);

#endif
