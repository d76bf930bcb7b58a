/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_HISTORY_H
#define SCIM_PROVIDER_HISTORY_H

/* What was: versions of a resource, what differs between two, and the feed
 * of a tenant. */

#include "base/buf.h"
#include "provider/discovery.h"
#include "schema/project.h"

#define SCIM__CHANGE_URN "urn:scimd:params:scim:schemas:core:2.0:Change"
#define SCIM__DIFF_URN "urn:scimd:params:scim:schemas:core:2.0:Diff"

/* A question about one resource. */
struct scim__history {
	scim_provider *provider;
	const scim_context *context;
	const scim__resource_type *type;
	const scim__projection *projection; /* of a version, or of a diff */
	scim_str id;
	scim_str version;     /* 22 characters */
	scim_str from, to;    /* of a diff; `to` ptr NULL: the present */
	scim_str start_index; /* as sent */
	scim_str count;
	bool on_worker;

	/* Takes longer than a loop should wait: again with `on_worker`. */
	bool later;
	struct scim__document document;
};

/* The changes that led to each version, newest first: a ListResponse. */
SCIM_MUST_USE scim_status scim__history_list(
    struct scim__history *history, scim_error *err);

/* The resource as it was. */
SCIM_MUST_USE scim_status scim__history_version(
    struct scim__history *history, scim_error *err);

/* What differs between two versions. */
SCIM_MUST_USE scim_status scim__history_diff(
    struct scim__history *history, scim_error *err);

/* Appends a row of the change log as a resource of SCIM__CHANGE_URN.
 * `position` in the feed, or ptr NULL. */
SCIM_MUST_USE scim_status scim__history_write_row(scim__buf *buf,
    const scim_context *context, const scim_change_row *row, scim_str position,
    scim_error *err);

#endif
