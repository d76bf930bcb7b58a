/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_TRANSFER_IMPORT_H
#define SCIM_TRANSFER_IMPORT_H

#include <stdio.h>

#include "policy/policy.h"

struct scim__import {
	scim_store *store;
	scim__policy *policy;
	scim_str tenant;
	FILE *file;
	/* Told of each line that was not taken. */
	void (*report)(void *context, uint64_t line, const char *why);
	/* Told after each transaction; may be NULL. */
	void (*progress)(void *context, uint64_t lines);
	void *context;
};

struct scim__import_result {
	uint64_t made, there; /* resources: new, and there already */
	uint64_t reported;
};

/*
 * Reads what scim__export() wrote into a tenant, which it makes if need be,
 * in short transactions beside whoever else writes.  Doing it again goes on
 * where it ended.  SCIM_ERR_INVALID: the file is no export.
 */
SCIM_MUST_USE scim_status scim__import(const struct scim__import *job,
    struct scim__import_result *out, scim_error *err);

#endif
