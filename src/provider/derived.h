/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_DERIVED_H
#define SCIM_PROVIDER_DERIVED_H

/*
 * Values a resource shows but does not own: the groups a user is in, the
 * name of a manager.  Computed on read, never stored.
 */

#include "provider/provider.h"

#define SCIM__DERIVED_SOURCES 8

struct scim__derived {
	bool any;        /* whether the resource shows any */
	uint8_t hash[8]; /* over all of them, when there are any */
	/* OBJECT: top attribute or extension URN → value, to be laid over
	 * the content */
	scim__value values;
	/* the ids it was read from: while they stay, so does this; a count
	 * above the array's size means that there were more */
	scim_str sources[SCIM__DERIVED_SOURCES];
	size_t source_count;
};

/*
 * Reads what `content` (of the resource `id`) derives, in `txn`.  `content`
 * is parsed by this only when an attribute is looked up through it.
 */
SCIM_MUST_USE scim_status scim__derived_read(scim_txn *txn,
    const scim_context *context, const scim__resource_type *type, scim_str id,
    scim_str content, struct scim__derived *out, scim_error *err);

#endif
