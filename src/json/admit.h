/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_JSON_ADMIT_H
#define SCIM_JSON_ADMIT_H

#include "scimd/types.h"

/*
 * Refuses what a JSON parser would take and we don't: invalid UTF-8, depth,
 * duplicate names, lone surrogates, NUL.  Text that is no JSON may pass; the
 * parser refuses it.
 */
SCIM_MUST_USE scim_status scim__json_admit(
    scim_arena *arena, scim_str text, size_t depth, scim_error *err);

#endif
