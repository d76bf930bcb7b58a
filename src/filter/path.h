/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_PATH_H
#define SCIM_FILTER_PATH_H

/* Paths of PATCH operations (RFC 7644 figure 7). */

#include "filter/bind.h"
#include "filter/parse.h"

/* What a path names, as narrow as it says. */
struct scim__path {
	/* An extension as a whole: then nothing else is set. */
	const scim__schema *extension;

	const scim__attribute *attribute; /* at the top of its schema */
	bool has_filter;
	scim__filter filter;        /* of elements; see eval.h */
	const scim__attribute *sub; /* NULL: the whole of it */
};

/*
 * Reads `attribute`, `attribute.sub`, `attribute[filter]`,
 * `attribute[filter].sub`, each with a URN in front or not, or an
 * extension's URN alone.  SCIM_ERR_INVALID "invalidPath", or "invalidFilter"
 * for what stands in the brackets, and where.
 */
SCIM_MUST_USE scim_status scim__path_parse(
    const struct scim__filter_binding *binding, scim_str text,
    const struct scim__filter_limits *limits, struct scim__path *out,
    scim_error *err);

/* Writes a path so that it reads as the same path. */
void scim__path_print(scim__buf *buf, const struct scim__path *path);

#endif
