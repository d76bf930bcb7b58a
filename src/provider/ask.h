/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_ASK_H
#define SCIM_PROVIDER_ASK_H

/* What a client asks for, in the words of the URL (RFC 7644 table 3). */

#include "provider/provider.h"

/* As sent; ptr NULL: absent. */
struct scim__ask {
	scim_str attributes; /* with commas between */
	scim_str excluded_attributes;
	scim_str filter;
	scim_str sort_by;
	scim_str sort_order;
	scim_str start_index;
	scim_str count;
	scim_str cursor;
};

/*
 * The same from a SearchRequest (RFC 7644 section 3.4.3).  SCIM_ERR_INVALID
 * "invalidSyntax" for what is no such message, "invalidValue" for a member of
 * another type; SCIM_ERR_TOO_LARGE.
 */
SCIM_MUST_USE scim_status scim__ask_parse(scim_arena *arena, scim_str body,
    const scim_limits *limits, struct scim__ask *out, scim_error *err);

#endif
