/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_HOLDER_H
#define SCIM_PROVIDER_HOLDER_H

/*
 * A resource with a relation, while a few of its members change as part of
 * somebody else's write.
 */

#include "provider/relation.h"

/* Who writes: for the clock, the arena and the change log. */
struct scim__write_by {
	scim_provider *provider;
	const scim_context *context;
	const char *operation;
};

struct scim__holder {
	const scim__resource_type *type;
	scim_key key;
	scim_record record;
	struct scim__relation_edit edit;
};

SCIM_MUST_USE scim_status scim__holder_open(const struct scim__write_by *by,
    scim_txn *txn, const scim__resource_type *type, scim_str id,
    struct scim__holder *out, scim_error *err);

/* Gives it its new version and writes it; the condition is the version it
 * had when it was opened. */
SCIM_MUST_USE scim_status scim__holder_write(const struct scim__write_by *by,
    scim_txn *txn, struct scim__holder *holder, scim_error *err);

#endif
