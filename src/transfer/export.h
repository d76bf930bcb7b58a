/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_TRANSFER_EXPORT_H
#define SCIM_TRANSFER_EXPORT_H

#include <stdio.h>

#include "policy/policy.h"

struct scim__export {
	scim_store *store;
	scim__policy *policy;
	scim_str tenant;
	FILE *file;
	/* Told every now and then; may be NULL. */
	void (*progress)(void *context, uint64_t resources);
	void *context;
};

/*
 * Writes a tenant as it is at one moment, while others go on writing.
 * SCIM_ERR_NOT_FOUND: there is no such tenant.
 */
SCIM_MUST_USE scim_status scim__export(
    const struct scim__export *job, uint64_t *out_resources, scim_error *err);

#endif
