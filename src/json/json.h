/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_JSON_JSON_H
#define SCIM_JSON_JSON_H

/*
 * Text to value and back.  json.c is the only file that knows yyjson.
 */

#include "base/buf.h"
#include "json/value.h"

typedef struct scim__json_limits {
	size_t bytes; /* of text */
	size_t depth; /* of arrays and objects */
} scim__json_limits;

/*
 * Reads one JSON document (RFC 8259).  Duplicate names (ASCII case aside is
 * the schema's business, here byte for byte), depth, size, invalid UTF-8,
 * lone surrogates, NUL and anything after the document are refused before a
 * tree is built: SCIM_ERR_INVALID "invalidSyntax" with the byte offset, or
 * SCIM_ERR_TOO_LARGE.  `text` must outlive the value.
 */
SCIM_MUST_USE scim_status scim__json_parse(scim_arena *arena, scim_str text,
    const scim__json_limits *limits, scim__value *out, scim_error *err);

/* The same for text that this library wrote: no admission checks. */
SCIM_MUST_USE scim_status scim__json_parse_trusted(
    scim_arena *arena, scim_str text, scim__value *out, scim_error *err);

/* Appends the value, members in the order they stand in. */
void scim__json_write(scim__buf *buf, const scim__value *value);

/* Appends the value in canonical form: RFC 8785 member order (UTF-16 code
 * units), no white space, integers exact. */
void scim__json_write_canonical(scim__buf *buf, const scim__value *value);

/* Appends a finite number: the shortest text that reads back as it, with a
 * fraction or an exponent. */
void scim__json_write_real(scim__buf *buf, double real);

/* Appends a quoted, escaped string. */
void scim__json_write_string(scim__buf *buf, scim_str s);

#endif
