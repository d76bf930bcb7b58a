/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_PARSE_H
#define SCIM_FILTER_PARSE_H

/* The one parser of filters, alone and inside the brackets of a path. */

#include "base/buf.h"
#include "filter/lex.h"
#include "filter/tree.h"

/* More is refused; 0 refuses everything. */
struct scim__filter_limits {
	size_t bytes; /* of text */
	size_t nodes; /* of the tree */
	size_t depth; /* of parentheses and brackets */
};

/*
 * Reads a filter (RFC 7644 figure 1).  Names are not looked up yet.
 * SCIM_ERR_INVALID "invalidFilter", and where.  The tree shares memory with
 * `text`.
 */
SCIM_MUST_USE scim_status scim__filter_parse(scim_arena *arena, scim_str text,
    const struct scim__filter_limits *limits, scim__filter *out,
    scim_error *err);

/* Writes a tree so that it reads as the same tree. */
void scim__filter_print(scim__buf *buf, const struct scim__filter_node *node);

/* For paths, which have a filter in the middle. */
struct scim__parser {
	scim_arena *arena;
	struct scim__lexer lexer;
	struct scim__token token; /* the one to be looked at */
	const struct scim__filter_limits *limits;
	size_t nodes;
	bool in_brackets;
};

/* Checks the length and reads the first token. */
SCIM_MUST_USE scim_status scim__parser_begin(struct scim__parser *parser,
    scim_arena *arena, scim_str text, const struct scim__filter_limits *limits,
    const char *scim_type, scim_error *err);

SCIM_MUST_USE scim_status scim__parser_advance(struct scim__parser *parser);

/* Reads `[…]`, whose first bracket is the present token. */
SCIM_MUST_USE scim_status scim__parser_brackets(
    struct scim__parser *parser, size_t depth, struct scim__filter_node **out);

#endif
