/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_WHOLE_H
#define SCIM_PROVIDER_WHOLE_H

/*
 * A representation as a tree, whole: what projections cut down, and what
 * filters look at.
 */

#include "base/buf.h"
#include "provider/render.h"

/* The document with its derived values and its meta; no members, and nothing
 * left out yet. */
SCIM_MUST_USE scim_status scim__whole_make(scim_arena *arena,
    const scim__resource_type *type, const struct scim__view *view,
    scim__value *out, scim_error *err);

/* Appends the value of `meta`. */
void scim__whole_meta(scim__buf *buf, const scim__resource_type *type,
    const struct scim__view *view);

/* One member as an object; false: out of memory. */
bool scim__whole_member(scim_arena *arena, const scim_context *context,
    const scim_member_row *row, scim__value *out);

/* Says of what is there and is not wanted that it is to go: where a
 * replacement would keep what is left out, it has a null.  False: out of
 * memory. */
SCIM_MUST_USE bool scim__whole_clear(
    scim_arena *arena, const scim__value *there, scim__value *wanted);

#endif
