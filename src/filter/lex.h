/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_LEX_H
#define SCIM_FILTER_LEX_H

/* The words that filters and paths are made of. */

#include <stdbool.h>

#include "scimd/types.h"

enum scim__token_kind {
	SCIM__TOKEN_END,
	SCIM__TOKEN_WORD,   /* path, operator, literal without quotes */
	SCIM__TOKEN_STRING, /* with its quotes, as JSON has it */
	SCIM__TOKEN_OPEN,   /* ( */
	SCIM__TOKEN_CLOSE,  /* ) */
	SCIM__TOKEN_OPEN_BRACKET,
	SCIM__TOKEN_CLOSE_BRACKET
};

struct scim__token {
	enum scim__token_kind kind;
	scim_str text;
	size_t at;   /* in bytes, from 0 */
	bool spaced; /* a blank stands before it */
};

struct scim__lexer {
	scim_str text;
	size_t at;
	const char *scim_type; /* of what is wrong: "invalidFilter" */
	scim_error *err;
};

SCIM_MUST_USE scim_status scim__lex(
    struct scim__lexer *lexer, struct scim__token *out);

/*
 * SCIM_ERR_INVALID: the sentence, and ", at character N." for the byte at
 * `at`: characters are what a reader counts, from 1.
 */
SCIM_PRINTF(3, 4)
scim_status scim__lex_fail(
    const struct scim__lexer *lexer, size_t at, const char *fmt, ...);

#endif
