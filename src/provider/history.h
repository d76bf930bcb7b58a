/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_HISTORY_H
#define SCIM_PROVIDER_HISTORY_H

/* What was: versions of a resource, and what differs between two. */

#include "base/buf.h"
#include "provider/discovery.h"
#include "provider/past.h"
#include "schema/project.h"
#include "scimd/history.h"

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
	scim_str since;       /* of a list: after that version; ptr NULL: all */
	scim_str start_index; /* as sent */
	scim_str count;
	scim_str cursor; /* as sent; ptr NULL: by index */
	bool on_worker;
	bool is_at_home; /* a version is shown where the resource is */

	/* Takes longer than a loop should wait: again with `on_worker`. */
	bool later;
	bool needs_key; /* as of scim__walk */
	struct scim__document document;
};

/* The changes that led to each version, newest first: a ListResponse. */
SCIM_MUST_USE scim_status scim__history_list(
    struct scim__history *history, scim_error *err);

/* The resource as it was. */
SCIM_MUST_USE scim_status scim__history_version(
    struct scim__history *history, scim_error *err);

/* The same, without a document. */
SCIM_MUST_USE scim_status scim__history_resource(
    const struct scim__history *history, scim_resource *out, scim_error *err);

/* What differs between two versions. */
SCIM_MUST_USE scim_status scim__history_diff(
    struct scim__history *history, scim_error *err);

/* history_version.c: the state of that version; SCIM_ERR_NOT_FOUND for text
 * that is none, too. */
SCIM_MUST_USE scim_status scim__history_read(
    const struct scim__history *history, scim_txn *txn, scim_str version,
    struct scim__past *out, scim_error *err);

/* history_version.c: whether the answer shows members. */
bool scim__history_shows_members(const struct scim__history *history);

/* history_version.c: the version that a text names; SCIM_ERR_NOT_FOUND for
 * none. */
SCIM_MUST_USE scim_status scim__history_parse(
    scim_str text, scim_version *out, scim_error *err);

/* history_version.c: the text that names a version; ptr NULL when out of
 * memory. */
scim_str scim__history_name(scim_arena *arena, const scim_version *version);

/* history_entry.c */

/* The entity tag that a change led to, on its own half alone: what others
 * made of the resource then is not kept.  ptr NULL when out of memory. */
scim_etag scim__history_tag(
    const scim_context *context, const scim_change_row *row);
scim_str scim__history_etag(
    const scim_context *context, const scim_change_row *row);

/* Where the state is that a change led to, below its resource. */
scim_str scim__history_location(
    scim_arena *arena, scim_str resource, const scim_version *version);

/* A row as it is told; `position` in the feed, or ptr NULL. */
SCIM_MUST_USE scim_status scim__history_entry(const scim_context *context,
    const scim_change_row *row, scim_str position, scim_history_entry *out,
    scim_error *err);

/* Appends it as a resource of SCIM__CHANGE_URN. */
SCIM_MUST_USE scim_status scim__history_write(scim__buf *buf,
    const scim_context *context, const scim_history_entry *entry,
    scim_error *err);

#endif
