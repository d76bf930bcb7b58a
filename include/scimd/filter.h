/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_H
#define SCIM_FILTER_H

/**
 * @file scimd/filter.h
 * @brief SCIM filters over JSON of your own (RFC 7644 section 3.4.2.2).
 *
 * For a host that keeps its own data: read a filter once, then ask for each
 * resource whether it matches.  It is the evaluator that scimd itself uses.
 */

#include "scimd/schema.h"
#include "scimd/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A filter, read and checked against the schemas of a resource type. */
typedef struct scim_filter scim_filter;

/**
 * Read a filter for resources of one type.
 *
 * Names and operators are taken in any case; every name, operator and value
 * is checked against the type's schemas.  Attributes that are never returned
 * can't be filtered by.
 *
 * @param arena     Owns the filter; must outlive it.
 * @param registry  The schemas.  Borrowed, must outlive the filter.
 * @param type      Resource type, "User".
 * @param text      The filter.  Borrowed, must outlive the filter.
 * @param limits    Bounds for the filter (filter_bytes, filter_nodes, depth)
 *                  and for the resources (body_bytes, depth).  Copied.
 * @param out       Receives the filter, owned by arena.  Left alone on
 *                  failure.
 * @param err       Receives the reason on failure, with the character it
 *                  points at.  May be NULL.
 * @retval SCIM_OK             Read.
 * @retval SCIM_ERR_INVALID    Not a filter for this type: scim_type is
 *                             "invalidFilter"; or there is no such type.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_filter_parse(scim_arena *arena,
    const scim_registry *registry, scim_str type, scim_str text,
    const scim_limits *limits, const scim_filter **out, scim_error *err);

/**
 * Tell whether a resource matches.
 *
 * A comparison holds when it holds for any value of its attribute.  An
 * attribute without a value equals null, differs from everything else, and is
 * neither before nor after anything.
 *
 * @param filter  The filter.
 * @param arena   For what is needed on the way; may be reset afterwards.
 * @param json    The whole resource, names spelled as in the schemas.
 * @param out     Receives 1 or 0.  Left alone on failure.
 * @param err     Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             See `out`.
 * @retval SCIM_ERR_INVALID    Not JSON, or not an object; or, with scim_type
 *                             "tooMany", too much to look at.
 * @retval SCIM_ERR_TOO_LARGE  Over a limit.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  One filter may be used by several threads, each with its own
 *               arena.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_filter_matches(
    const scim_filter *filter, scim_arena *arena, scim_str json, int *out,
    scim_error *err);

#ifdef __cplusplus
}
#endif
#endif
