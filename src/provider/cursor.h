/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_CURSOR_H
#define SCIM_PROVIDER_CURSOR_H

/*
 * Cursors (RFC 9865): the place that a walk over pages has come to, sealed,
 * and kept by the client.
 */

#include "base/hash.h"
#include "base/seal.h"
#include "provider/provider.h"

/* A longer text is kept as its digest, so that a cursor fits in a URL. */
#define SCIM__CURSOR_TEXT_MOST 1024

struct scim__cursor {
	uint64_t count; /* the size of the walk's pages */

	/* where the last resource seen stands */
	uint64_t type; /* scim__str_hash() of its name */
	uint64_t position;
	bool has_value; /* what it is sorted by, if anything */
	bool is_digest; /* `value` is a text's digest, 32 bytes */
	scim_index_value value;
};

/* What opens a cursor: only the same query of the same caller. */
struct scim__cursor_seal {
	struct scim__seal_key key;
	scim__sha256 bound;
	const scim_env *env;
	int64_t lifetime_ms;
};

/*
 * The key that the store keeps; SCIM_ERR_NOT_FOUND until it was made, in a
 * write transaction.  Making it again is a no-op.
 */
SCIM_MUST_USE scim_status scim__cursor_key(scim_txn *txn, scim_arena *arena,
    struct scim__seal_key *out, scim_error *err);
SCIM_MUST_USE scim_status scim__cursor_make_key(
    const scim_env *env, scim_txn *txn, scim_arena *arena, scim_error *err);

/* A digest of tenant, caller and these parameters; absent is not empty. */
SCIM_MUST_USE scim_status scim__cursor_bind(const scim_context *context,
    const scim_str *parameters, size_t count, scim__sha256 *out,
    scim_error *err);

/* All that opens the cursors of a query with these parameters;
 * SCIM_ERR_NOT_FOUND as scim__cursor_key(). */
SCIM_MUST_USE scim_status scim__cursor_open(const scim_provider *provider,
    const scim_context *context, scim_txn *txn, const scim_str *parameters,
    size_t count, struct scim__cursor_seal *out, scim_error *err);

/* What `count` asks for, as sent; SCIM_ERR_INVALID "invalidCount". */
SCIM_MUST_USE scim_status scim__cursor_count(const scim_context *context,
    scim_str count, uint64_t *out, scim_error *err);

/* The size of the pages of a walk that goes on; `*count` as read from `text`,
 * which may be left out and has to be the same else. */
SCIM_MUST_USE scim_status scim__cursor_same_count(const scim_context *context,
    scim_str text, const struct scim__cursor *cursor, uint64_t *count,
    scim_error *err);

/* SCIM_ERR_INVALID when a startIndex came with a cursor. */
SCIM_MUST_USE scim_status scim__cursor_refuse_index(
    scim_str start_index, scim_error *err);

/* Puts a text's digest in its place when it is too long to be carried. */
SCIM_MUST_USE scim_status scim__cursor_shorten(
    scim_arena *arena, struct scim__cursor *cursor, scim_error *err);

/* The text of a cursor, of unreserved characters (RFC 3986) alone. */
SCIM_MUST_USE scim_status scim__cursor_write(scim_arena *arena,
    const struct scim__cursor_seal *seal, const struct scim__cursor *cursor,
    scim_str *out, scim_error *err);

/*
 * SCIM_ERR_INVALID: "expiredCursor" for one of ours that is too old, else
 * "invalidCursor", in the same words whatever is wrong with it.
 */
SCIM_MUST_USE scim_status scim__cursor_read(scim_arena *arena,
    const struct scim__cursor_seal *seal, scim_str text,
    struct scim__cursor *out, scim_error *err);

/* "invalidCursor": for those that open, but lead nowhere. */
scim_status scim__cursor_fail(scim_error *err);

#endif
