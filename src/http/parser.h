/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HTTP_PARSER_H
#define SCIM_HTTP_PARSER_H

/*
 * Bytes to messages.  The caller owns one buffer that a message begins at
 * the start of; it may grow and move between calls, because the parser keeps
 * offsets.  No socket is known here.
 */

#include <llhttp.h>

#include "http/message.h"

#define SCIM__PARSER_FIELDS_MAX 128

enum scim__parse {
	SCIM__PARSE_MORE, /* everything was read and it does not suffice */
	SCIM__PARSE_HEAD, /* all but the content is there; run again */
	SCIM__PARSE_DONE, /* the message is whole and ends at `fed` */
	SCIM__PARSE_REFUSED
};

struct scim__span {
	size_t at, len;
};

typedef struct scim__parser {
	llhttp_t llhttp;

	/* What is too much; may be set between any two runs. */
	size_t target_limit, fields_limit;
	uint64_t body_limit;
	bool discard; /* content is read past, not kept */

	size_t fed; /* bytes of the buffer that were read */
	struct scim__span method, target;
	struct {
		struct scim__span name, value;
	} fields[SCIM__PARSER_FIELDS_MAX];
	size_t field_count;
	bool has_head, has_content, chunked, expects_continue;
	uint64_t content_length;
	size_t head_end, body_end; /* the content is what lies between */
	uint64_t body_seen;

	int status;         /* SCIM__PARSE_REFUSED: the HTTP status */
	const char *reason; /* and one sentence; static */

	char *base; /* of the buffer, during a run */
} scim__parser;

/* Gets ready for a message at the start of the buffer; limits stay. */
void scim__parser_start(scim__parser *parser);

/*
 * Reads on in base[0, *len).  What a chunked or discarded body leaves over
 * is taken out of the buffer, and `len` becomes less by it.
 */
enum scim__parse scim__parser_run(
    scim__parser *parser, char *base, size_t *len);

/* Whether anything of a message has come. */
bool scim__parser_has_begun(const scim__parser *parser);

/* Once the head is there.  False: out of memory. */
bool scim__parser_message(const scim__parser *parser, const char *base,
    scim_arena *arena, scim__message *out);

/* Once the message is whole: whether another may follow. */
bool scim__parser_keeps_alive(const scim__parser *parser);

#endif
