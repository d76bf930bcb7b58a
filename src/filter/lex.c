/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The lexer of filters and paths.
 *
 * A word is whatever may stand in a path with a URN in front, a keyword or a
 * number; which of them it is follows from where it stands, so an attribute
 * may be called "eq".  The lexer keeps no memory and looks at each byte once.
 */
#include "filter/lex.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"

static bool
is_word(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	    (c >= '0' && c <= '9') ||
	    (c != '\0' && strchr("-_.:$%+/@~", c) != NULL);
}

/* How many characters begin before the byte at `at`. */
static size_t
characters_before(scim_str text, size_t at)
{
	size_t count = 0;

	for (size_t i = 0; i < at && i < text.len; i++)
		count += ((unsigned char)text.ptr[i] & 0xC0) != 0x80;
	return count;
}

scim_status
scim__lex_fail(const struct scim__lexer *lexer, size_t at, const char *fmt, ...)
{
	char sentence[200];
	va_list args;

	va_start(args, fmt);
	(void)vsnprintf(sentence, sizeof(sentence), fmt, args);
	va_end(args);
	return scim__fail_type(lexer->err, SCIM_ERR_INVALID, lexer->scim_type,
	    "%s, at character %zu.", sentence,
	    characters_before(lexer->text, at) + 1);
}

/* Past the closing quote; 0 when there is none. */
static size_t
end_of_string(scim_str text, size_t at)
{
	for (at++; at < text.len; at++) {
		if (text.ptr[at] == '\\')
			at++;
		else if (text.ptr[at] == '"')
			return at + 1;
	}
	return 0;
}

static scim_status
lex_string(struct scim__lexer *lexer, struct scim__token *out)
{
	size_t end = end_of_string(lexer->text, lexer->at);

	if (end == 0)
		return scim__lex_fail(
		    lexer, lexer->at, "A string has no closing quote");
	out->kind = SCIM__TOKEN_STRING;
	out->text.len = end - lexer->at;
	lexer->at = end;
	return SCIM_OK;
}

static scim_status
lex_word(struct scim__lexer *lexer, struct scim__token *out)
{
	size_t end = lexer->at;

	while (end < lexer->text.len && is_word(lexer->text.ptr[end]))
		end++;
	if (end == lexer->at)
		return scim__lex_fail(lexer, end,
		    "A character that can't stand here; text goes in double "
		    "quotes");
	out->kind = SCIM__TOKEN_WORD;
	out->text.len = end - lexer->at;
	lexer->at = end;
	return SCIM_OK;
}

scim_status
scim__lex(struct scim__lexer *lexer, struct scim__token *out)
{
	static const struct {
		char c;
		enum scim__token_kind kind;
	} marks[] = {
		{ '(', SCIM__TOKEN_OPEN },
		{ ')', SCIM__TOKEN_CLOSE },
		{ '[', SCIM__TOKEN_OPEN_BRACKET },
		{ ']', SCIM__TOKEN_CLOSE_BRACKET },
	};
	size_t before = lexer->at;

	while (lexer->at < lexer->text.len &&
	    (lexer->text.ptr[lexer->at] == ' ' ||
		lexer->text.ptr[lexer->at] == '\t'))
		lexer->at++;
	*out = (struct scim__token){ .kind = SCIM__TOKEN_END,
		.text = { lexer->text.ptr + lexer->at, 0 },
		.at = lexer->at,
		.spaced = lexer->at > before };
	if (lexer->at >= lexer->text.len)
		return SCIM_OK;
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
		if (lexer->text.ptr[lexer->at] != marks[i].c)
			continue;
		out->kind = marks[i].kind;
		out->text.len = 1;
		lexer->at++;
		return SCIM_OK;
	}
	return lexer->text.ptr[lexer->at] == '"' ? lex_string(lexer, out)
						 : lex_word(lexer, out);
}
