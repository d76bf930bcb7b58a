/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Bytes as a client sends them, through all that happens before a store is
 * asked: framing, target, path, fields, query, preconditions.
 *
 * The first byte says how large the pieces are that the bytes come in, so
 * that every cut of a message is tried; the buffer is exactly as large as
 * what is in it, so that ASan sees a step beyond.
 */

#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "http/answer.h"
#include "http/fields.h"
#include "http/parser.h"
#include "http/request.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static scim_registry *
registry(void)
{
	static scim_registry *shared;

	if (shared == NULL &&
	    scim_registry_new(NULL, 0, &shared, NULL) != SCIM_OK)
		abort();
	return shared;
}

static void
answer(scim_arena *arena, const scim__message *message, int status,
    const scim_error *err)
{
	struct scim__framing framing = { .minor = message->minor };
	scim__answer out;
	scim__buf buf;

	scim__answer_error(&out, arena, status, err);
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__answer_head(&buf, &out, &framing);
	scim__assert(!scim__buf_failed(&buf));
	scim__assert(out.body.len > 0);
}

static void
look_at(scim_arena *arena, const scim__message *message)
{
	scim_settings settings;
	scim_request request = { .context = { .settings = &settings } };
	scim__location location;
	scim__target target;
	scim__route route;
	scim_str token;
	scim_error err;

	scim_settings_init(&settings);
	(void)scim__fields_bearer(message, &token);
	if (scim__target_parse(arena, message->target, &target, &err) !=
	    SCIM_OK) {
		answer(arena, message, 400, &err);
		return;
	}
	scim__route_locate(&target, &location);
	if (location.door != SCIM__DOOR_SCIM)
		return;
	int status = scim__route_find(
	    arena, registry(), &location, message->method, &route, &err);
	if (status == 0)
		status = scim__request_build(
		    arena, message, &target, &route, 0, &request, &err);
	if (status != 0)
		answer(arena, message, status, &err);
}

/* What one message leaves in the buffer is where the next one begins. */
static size_t
take_messages(scim_arena *arena, scim__parser *parser, char *buffer, size_t len)
{
	for (;;) {
		enum scim__parse state = scim__parser_run(parser, buffer, &len);
		scim__message message;

		scim__assert(parser->fed <= len);
		if (state == SCIM__PARSE_MORE || state == SCIM__PARSE_REFUSED)
			return len;
		if (!scim__parser_message(parser, buffer, arena, &message))
			abort();
		scim__assert(message.body.len <= parser->body_limit);
		if (state == SCIM__PARSE_HEAD)
			continue;
		look_at(arena, &message);
		len -= parser->fed;
		memmove(buffer, buffer + parser->fed, len);
		scim__parser_start(parser);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	size_t step = size == 0 ? 1 : (size_t)data[0] + 1, len = 0;
	scim__parser parser = {
		.target_limit = 1000, .fields_limit = 2000, .body_limit = 3000
	};
	char *buffer = NULL;

	scim__parser_start(&parser);
	for (size_t at = 1; at < size && parser.status == 0;) {
		size_t n = size - at < step ? size - at : step;
		char *moved = malloc(len + n);

		if (moved == NULL)
			abort();
		if (len > 0)
			memcpy(moved, buffer, len);
		memcpy(moved + len, data + at, n);
		free(buffer);
		buffer = moved;
		at += n;
		len = take_messages(arena, &parser, buffer, len + n);
	}
	free(buffer);
	return 0;
}
