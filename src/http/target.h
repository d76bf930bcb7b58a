/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HTTP_TARGET_H
#define SCIM_HTTP_TARGET_H

/* The request target taken apart and percent-decoded, once. */

#include <stdbool.h>

#include "scimd/types.h"

#define SCIM__TARGET_SEGMENTS_MAX 12

typedef struct scim__target {
	scim_str segments[SCIM__TARGET_SEGMENTS_MAX]; /* decoded */
	size_t count;                                 /* 0: "/" */
	bool is_foreign;    /* no path of ours can look like this */
	bool has_raw_quote; /* `"` stood in it unescaped */
	bool is_loose;      /* a `/`, `?` or `&` in it says nothing */
	scim_str query;     /* as it came, without the `?` */
} scim__target;

/* The parameters that we know; absent ones have ptr NULL. */
typedef struct scim__query {
	scim_str attributes;
	scim_str excluded_attributes;
	scim_str filter;
	scim_str sort_by;
	scim_str sort_order;
	scim_str start_index;
	scim_str count;
	scim_str cursor;
	scim_str from, to;    /* of a diff */
	scim_str since, wait; /* of the feed */
} scim__query;

/* SCIM_ERR_INVALID: an escape that is none, NUL, or no UTF-8 within. */
SCIM_MUST_USE scim_status scim__target_parse(
    scim_arena *arena, scim_str raw, scim__target *out, scim_error *err);

/* The same for the query; a known parameter twice is refused too. */
SCIM_MUST_USE scim_status scim__query_parse(
    scim_arena *arena, scim_str raw, scim__query *out, scim_error *err);

#endif
