/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HTTP_ROUTE_H
#define SCIM_HTTP_ROUTE_H

/* Which operation a method on a path is. */

#include "http/message.h"
#include "http/target.h"
#include "scimd/handler.h"

/* What a path leads to, before it is known who asks. */
enum scim__door {
	SCIM__DOOR_NONE, /* nothing is there */
	SCIM__DOOR_SCIM,
	SCIM__DOOR_HEALTH,
	SCIM__DOOR_READY,
	SCIM__DOOR_METRICS
};

typedef struct scim__location {
	enum scim__door door;
	bool is_open;         /* answers without a token */
	scim_str tenant;      /* as the path names it; ptr NULL: it doesn't */
	const scim_str *path; /* what follows /scim/v2, borrowed */
	size_t path_count;
} scim__location;

typedef struct scim__route {
	scim_operation operation;
	scim_str endpoint;
	scim_str id;
	scim_str version; /* of that resource; ptr NULL: none is named */
	unsigned allow;   /* enum scim__method, or-ed */
	bool writes;
	bool is_discovery;
	bool is_subject; /* of whom the token stands for: it has the rest */
} scim__route;

/* `target` must outlive `out`. */
void scim__route_locate(const scim__target *target, scim__location *out);

/*
 * 0, or the HTTP status to refuse with and a sentence in `err`: 404, 405,
 * 501, or 503 when out of memory.  `out->allow` is set for 405 too, and for
 * OPTIONS, which is an answer in itself.
 */
int scim__route_find(scim_arena *arena, const scim_registry *registry,
    const scim__location *location, enum scim__method method, scim__route *out,
    scim_error *err);

#endif
