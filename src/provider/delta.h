/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_DELTA_H
#define SCIM_PROVIDER_DELTA_H

/*
 * From one stored content to another, as the change log keeps it: a JSON
 * array of edits, [path, value] to set and [path] to take away, where a path
 * is an array of names.  Arrays are set as a whole.
 */

#include "base/buf.h"
#include "json/value.h"

/* Appends the edits that make `to` of `from`, two objects. */
void scim__delta_write(
    scim__buf *buf, const scim__value *from, const scim__value *to);

/* Makes the edits; SCIM_ERR_STORE when they do not fit. */
SCIM_MUST_USE scim_status scim__delta_apply(
    scim_arena *arena, scim_str edits, scim__value *content, scim_error *err);

/* Which attributes differ: paths of SCIM, sorted. */
struct scim__paths {
	scim_str *items;
	size_t count;
	bool failed; /* out of memory */
};

/* Adds what differs between two objects, either NULL for an empty one. */
void scim__paths_add(scim_arena *arena, struct scim__paths *paths,
    const scim__value *before, const scim__value *after);
void scim__paths_add_one(
    scim_arena *arena, struct scim__paths *paths, scim_str path);

/* As a JSON array; ptr NULL when out of memory. */
scim_str scim__paths_json(scim_arena *arena, struct scim__paths *paths);

#endif
