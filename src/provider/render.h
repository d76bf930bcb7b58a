/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_RENDER_H
#define SCIM_PROVIDER_RENDER_H

/*
 * From a stored record to the representation a client sees, and to the
 * validators it is compared by.
 */

#include "provider/derived.h"
#include "provider/roster.h"
#include "scimd/provider.h"

/* A record with what belongs to it on the wire. */
struct scim__view {
	scim_record record; /* with content */
	struct scim__derived derived;
	scim_str etag;
	scim_str location;
	scim_validators validators;
};

/*
 * Completes a record.  `txn` NULL: without derived values, for types that
 * have none or callers that do not look at them.
 */
SCIM_MUST_USE scim_status scim__view_make(scim_txn *txn,
    const scim_context *context, const scim__resource_type *type,
    const scim_record *record, struct scim__view *out, scim_error *err);

/* `projection` NULL: the default one.  Members are read in `txn`. */
SCIM_MUST_USE scim_status scim__render(scim_txn *txn,
    const scim_context *context, const scim__resource_type *type,
    const struct scim__view *view, const scim__projection *projection,
    scim_str *out, scim_error *err);

/*
 * The same in pieces, for relations too long for one answer in memory: the
 * stream owns `roster` from then on, also after a failure.
 */
SCIM_MUST_USE scim_status scim__render_stream(scim__roster *roster,
    const scim_context *context, const scim__resource_type *type,
    const struct scim__view *view, const scim__projection *projection,
    scim_stream **out, scim_error *err);

/* Whether members, of which there are some, are in the representation. */
bool scim__render_shows_members(const scim__resource_type *type,
    const struct scim__view *view, const scim__projection *projection);

/* Whether the representation is too long to be built at once. */
bool scim__render_is_long(const scim__resource_type *type,
    const struct scim__view *view, const scim__projection *projection);

/* The outcome's resource, without its JSON. */
void scim__view_resource(const scim__resource_type *type,
    const struct scim__view *view, scim_resource *out);

#endif
