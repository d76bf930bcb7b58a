/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_VERSION_H
#define SCIM_VERSION_H

/**
 * @file scimd/version.h
 * @brief Versions of resources, and entity tags as they stand on the wire.
 *
 * A scim_version names a state: the first 128 bits of SHA-256 over the
 * canonical content.  The same state has the same version on every node and
 * after every restore, and two states never share one.  A scim_etag is what
 * a client sends or is sent: an opaque string with a weak bit.  They are two
 * types because they answer two questions: what state is this, and do these
 * two strings match (RFC 7643 section 3.1 meta.version, RFC 7644 section
 * 3.14, RFC 9110 section 8.8.3).
 */

#include "scimd/types.h"

#ifdef __cplusplus
extern "C" {
#endif

#define SCIM_VERSION_TEXT_LEN 22

/** A state of a resource, in raw form. */
typedef struct scim_version {
	uint8_t bytes[16];
} scim_version;

/** An entity tag as on the wire. */
typedef struct scim_etag {
	scim_str opaque; /* between the quotes; no unescaping exists */
	int weak;        /* whether W/ stood in front */
} scim_etag;

/** What an If-Match or If-None-Match field says. */
typedef enum scim_etag_list_kind {
	SCIM_ETAGS_ABSENT,   /* the field was not sent */
	SCIM_ETAGS_ANY,      /* `*` */
	SCIM_ETAGS_LIST,     /* zero or more tags */
	SCIM_ETAGS_MALFORMED /* outside the grammar, or `*` in a list */
} scim_etag_list_kind;

/** All lines of one such field, taken as one list (RFC 9110 section 5.3). */
typedef struct scim_etag_list {
	scim_etag_list_kind kind;
	const scim_etag *tags; /* owned by arena */
	size_t count;
} scim_etag_list;

/**
 * Name the state that `content` is.
 *
 * @param content  Canonical content: keys sorted, no meta (RFC 8785).
 * @param out      Receives the version.
 * @param err      Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             Done.
 * @retval SCIM_ERR_NO_MEMORY  No digest could be computed.
 * @retval SCIM_ERR_MISUSE     `out` is NULL.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_version_from_content(
    scim_str content, scim_version *out, scim_error *err);

/**
 * Take the version out of a SHA-256 digest: its first 128 bits.
 *
 * @param digest  32 bytes.
 * @return The version.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT scim_version scim_version_from_hash(const uint8_t digest[32]);

/**
 * Tell whether two versions name the same state.
 *
 * @param a  One version.
 * @param b  The other.
 * @return 1 when they are equal, else 0.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT int scim_version_equal(
    const scim_version *a, const scim_version *b);

/**
 * Write a version as base64url without padding.
 *
 * @param version  The version.
 * @param out      Receives 22 characters and a NUL.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_version_format(
    const scim_version *version, char out[SCIM_VERSION_TEXT_LEN + 1]);

/**
 * Read what scim_version_format() wrote.
 *
 * @param text  22 characters of base64url.
 * @param out   Receives the version.  Left alone on failure.
 * @param err   Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK           Done.
 * @retval SCIM_ERR_INVALID  `text` is not a version.
 * @retval SCIM_ERR_MISUSE   `out` is NULL.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_version_parse(
    scim_str text, scim_version *out, scim_error *err);

/**
 * Read one entity tag (RFC 9110 section 8.8.3).
 *
 * White space around it is allowed, anything else around it is not.  `W/` is
 * read in upper case alone; commas, stars and backslashes between the quotes
 * are data.
 *
 * @param field  The field value.  Borrowed; `out` points into it.
 * @param out    Receives the tag.  Left alone on failure.
 * @param err    Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK           Done.
 * @retval SCIM_ERR_INVALID  Not an entity tag.
 * @retval SCIM_ERR_MISUSE   `out` is NULL.
 * @par Threads  Safe from any thread.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_etag_parse(
    scim_str field, scim_etag *out, scim_error *err);

/**
 * Write a tag as it stands on the wire: `"x"` or `W/"x"`.
 *
 * @param arena  Owns the result.
 * @param etag   The tag.
 * @return The text, or one with ptr NULL when out of memory.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT scim_str scim_etag_format(scim_arena *arena, const scim_etag *etag);

/**
 * Read all lines of an If-Match or If-None-Match field (RFC 9110 sections
 * 5.3, 5.6.1.2, 13.1.1, 13.1.2).
 *
 * What is outside the grammar is not an error of this call but the kind
 * SCIM_ETAGS_MALFORMED: what it means depends on the method.
 *
 * @param arena  Owns the tags of `out`.
 * @param lines  The field values, one each line.  Borrowed; the tags point
 *               into them.
 * @param count  How many lines; 0 gives SCIM_ETAGS_ABSENT.
 * @param out    Receives the list.  Left alone on failure.
 * @param err    Receives the reason on failure.  May be NULL.
 * @retval SCIM_OK             Done, also for a malformed field.
 * @retval SCIM_ERR_TOO_LARGE  More than 256 tags.
 * @retval SCIM_ERR_NO_MEMORY  Out of memory.
 * @retval SCIM_ERR_MISUSE     A pointer is NULL.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT SCIM_MUST_USE scim_status scim_etag_list_parse(scim_arena *arena,
    const scim_str *lines, size_t count, scim_etag_list *out, scim_error *err);

#ifdef __cplusplus
}
#endif
#endif
