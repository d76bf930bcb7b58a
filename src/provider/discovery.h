/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_DISCOVERY_H
#define SCIM_PROVIDER_DISCOVERY_H

#include "provider/provider.h"

/* What this server offers: the one place that says so. */
enum scim__feature {
	SCIM__FEATURE_PATCH = 1 << 0,
	SCIM__FEATURE_BULK = 1 << 1,
	SCIM__FEATURE_SORT = 1 << 2,
	SCIM__FEATURE_SEARCH = 1 << 3,
	SCIM__FEATURE_CURSOR = 1 << 4,
	SCIM__FEATURE_FILTER = 1 << 5,
	SCIM__FEATURE_ETAG = 1 << 6,
	SCIM__FEATURE_CHANGE_PASSWORD = 1 << 7
};

#define SCIM__FEATURES                                                   \
	(SCIM__FEATURE_PATCH | SCIM__FEATURE_BULK | SCIM__FEATURE_SORT | \
	    SCIM__FEATURE_SEARCH | SCIM__FEATURE_CURSOR |                \
	    SCIM__FEATURE_FILTER | SCIM__FEATURE_ETAG |                  \
	    SCIM__FEATURE_CHANGE_PASSWORD)

/* A document of discovery, and its own tag. */
struct scim__document {
	scim_str json;
	scim_str etag;     /* empty for a list */
	scim_str location; /* empty for a list */
	scim_etag tag;
};

/* RFC 7643 section 5. */
SCIM_MUST_USE scim_status scim__discovery_config(scim_arena *arena,
    const scim_context *context, struct scim__document *out, scim_error *err);

/* `name` empty: the list.  SCIM_ERR_NOT_FOUND for one that is not there. */
SCIM_MUST_USE scim_status scim__discovery_types(scim_arena *arena,
    const scim_context *context, scim_str name, struct scim__document *out,
    scim_error *err);
SCIM_MUST_USE scim_status scim__discovery_schemas(scim_arena *arena,
    const scim_context *context, scim_str urn, struct scim__document *out,
    scim_error *err);

#endif
