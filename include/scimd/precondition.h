/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PRECONDITION_H
#define SCIM_PRECONDITION_H

/**
 * @file scimd/precondition.h
 * @brief The four conditional headers, for any HTTP server.
 *
 * Parse them once per request, evaluate them against the validators of the
 * target inside the same transaction as the write (RFC 9110 section 13.2.2).
 * A tag has one or two halves, `<own>` or `<own>.<rest>`.  If-Match against
 * a weak tag compares the own halves, because what a resource merely derives
 * from others must not fail an edit of it; every other comparison takes the
 * whole tag.
 */

#include "scimd/version.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The conditional headers of one request. */
typedef struct scim_preconditions {
	scim_etag_list if_match;
	scim_etag_list if_none_match;
	int has_if_unmodified_since; /* sent once, and a valid date */
	int has_if_modified_since;   /* sent once, and a valid date */
	int64_t if_unmodified_since_ms;
	int64_t if_modified_since_ms;
} scim_preconditions;

/** The header lines as they came; a field may have come several times. */
typedef struct scim_precondition_lines {
	const scim_str *if_match;
	size_t if_match_count;
	const scim_str *if_none_match;
	size_t if_none_match_count;
	const scim_str *if_unmodified_since;
	size_t if_unmodified_since_count;
	const scim_str *if_modified_since;
	size_t if_modified_since_count;
} scim_precondition_lines;

/** What a target can be compared by. */
typedef struct scim_validators {
	scim_etag etag;             /* opaque.ptr NULL: the target has no tag */
	int has_dates;              /* whether the two below are set */
	int64_t modified_ms;        /* meta.lastModified */
	int64_t modified_before_ms; /* the one before it; INT64_MIN: none */
	int has_derived;            /* shows values that change without it */
} scim_validators;

/** What the method does to its target. */
typedef enum scim_method_kind {
	SCIM_METHOD_READ,   /* GET, HEAD */
	SCIM_METHOD_WRITE,  /* PUT, PATCH, DELETE, POST to create */
	SCIM_METHOD_PROCESS /* POST to a target without representation */
} scim_method_kind;

/** What to do with the request. */
typedef enum scim_verdict {
	SCIM_VERDICT_PERFORM,      /* carry it out */
	SCIM_VERDICT_NOT_MODIFIED, /* 304 */
	SCIM_VERDICT_FAILED,       /* 412 */
	SCIM_VERDICT_MALFORMED     /* 400: a tag header outside the grammar */
} scim_verdict;

/**
 * Parse the conditional headers of a request.
 *
 * Invalid, repeated or list-valued dates count as not sent (RFC 9110 sections
 * 13.1.3 and 13.1.4).
 *
 * @param arena   Owns what `out` points to.
 * @param lines   The header lines.  Borrowed, must live as long as `out`.
 * @param now_ms  The time, for two-digit years.
 * @param out     Receives the result.  Left alone on failure.
 * @param err     Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             Done; malformed tags are noted in `out`.
 * @retval SCIM_ERR_TOO_LARGE  More than 256 tags in a field.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_preconditions_parse(
    scim_arena *arena, const scim_precondition_lines *lines, int64_t now_ms,
    scim_preconditions *out, scim_error *err);

/**
 * Tell whether a header was sent that can stop a write: If-Match in any form,
 * or If-None-Match that is not empty.  It is what a tenant that requires
 * preconditions asks for (RFC 6585 section 3).  A date does not count.
 *
 * @param pre  The headers.
 * @return 1 or 0.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT int scim_preconditions_given(const scim_preconditions *pre);

/**
 * Evaluate the headers against an existing target, in the order of RFC 9110
 * section 13.2.2.
 *
 * A target that does not exist is never evaluated: the answer is then the one
 * without the headers (RFC 9110 section 13.2.1).  If-Unmodified-Since on a
 * write fails when the target changed twice within the second it names;
 * If-Modified-Since never gives SCIM_VERDICT_NOT_MODIFIED for a target with
 * derived values, nor for one that changed twice within the second it names,
 * nor before two seconds have passed after the second of the last change.
 *
 * `If-None-Match: *` on a POST to a collection fails by the letter of the
 * RFC.  A server that reads it as "create unless the unique values are
 * taken" looks at that field first and evaluates without it.
 *
 * @param pre      The headers.
 * @param current  The target's validators, read in the same transaction as
 *                 the write that depends on the answer.
 * @param kind     What the method does.
 * @param now_ms   The time.
 * @return The verdict.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT scim_verdict scim_preconditions_evaluate(
    const scim_preconditions *pre, const scim_validators *current,
    scim_method_kind kind, int64_t now_ms);

#ifdef __cplusplus
}
#endif
#endif
