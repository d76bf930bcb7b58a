/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HTTP_FIELDS_H
#define SCIM_HTTP_FIELDS_H

/* What the header fields of a request say. */

#include "http/message.h"
#include "scimd/handler.h"

/* The values of all fields of that name, ASCII case aside, in their order.
 * False: out of memory. */
bool scim__fields_all(const scim__message *message, scim_str name,
    scim_arena *arena, const scim_str **out, size_t *out_count);

bool scim__fields_has(const scim__message *message, scim_str name);

enum scim__bearer {
	SCIM__BEARER_NONE,     /* no Authorization came */
	SCIM__BEARER_TOKEN,    /* `out` is a b64token (RFC 6750 2.1) */
	SCIM__BEARER_TWICE,    /* more than one came */
	SCIM__BEARER_MALFORMED /* another scheme, or no b64token */
};

enum scim__bearer scim__fields_bearer(
    const scim__message *message, scim_str *out);

/* 0, or 415 with a sentence: whether the content may be read as JSON. */
int scim__fields_check_media(const scim__message *message, scim_error *err);

/* Whether the content is a Merge message, which is for PATCH alone. */
#define SCIM__MERGE_MEDIA "application/vnd.scimd.merge+json"
bool scim__fields_is_merge(const scim__message *message);

/* 0, or 431 or 503 with a sentence; `out` points into the message. */
int scim__fields_preconditions(scim_arena *arena, const scim__message *message,
    int64_t now_ms, scim_preconditions *out, scim_error *err);

/*
 * Idempotency-Key: a string in quotes (RFC 8941 section 3.3.3), or bare.  0,
 * and `out` without them, its ptr NULL when none came; or 400 or 503 with a
 * sentence.
 */
int scim__fields_idempotency(scim_arena *arena, const scim__message *message,
    scim_str *out, scim_error *err);

/* `return` of Prefer (RFC 7240); both of its values are as good as none. */
scim_prefer scim__fields_prefer(const scim__message *message);

/* Whether Prefer has this preference with this value; the first counts. */
bool scim__fields_prefers(
    const scim__message *message, scim_str wanted, scim_str value);

#endif
