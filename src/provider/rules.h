/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_RULES_H
#define SCIM_PROVIDER_RULES_H

/* By which rules a tenant merges: docs/merging.md, "What a tenant decides". */

#include "merge/merge.h"
#include "provider/provider.h"

/*
 * What is guarded in resources of a type; nothing is decided.
 * SCIM_ERR_INVALID: a guard names no attribute of any type, so that nobody
 * can say whether it was changed.
 */
SCIM_MUST_USE scim_status scim__merging_rules(const scim_context *context,
    const scim__resource_type *type, struct scim__merge_rules *out,
    scim_error *err);

/* The same for who merges documents: the paths, unless `options` has some. */
SCIM_MUST_USE scim_status scim__merging_options(const scim_context *context,
    const scim__resource_type *type, scim_merge_options *options,
    scim_error *err);

/* Whether a request may decide for `use` wherever changes collide;
 * SCIM_ERR_INVALID: not by the tenant's settings. */
SCIM_MUST_USE scim_status scim__merging_may_use(
    const scim_settings *settings, scim_merge_use use, scim_error *err);

#endif
