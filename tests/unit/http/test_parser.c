/* SPDX-License-Identifier: Apache-2.0 */
#include "http/parser.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/test.h"

static void
start(scim__parser *parser)
{
	memset(parser, POISON, sizeof(*parser));
	parser->target_limit = 100;
	parser->fields_limit = 200;
	parser->body_limit = 20;
	scim__parser_start(parser);
}

/* Feeds `text` in pieces of `step` bytes from a buffer that moves each time. */
static enum scim__parse
feed(scim__parser *parser, scim_str text, size_t step, char *buffer)
{
	enum scim__parse state = SCIM__PARSE_MORE;
	size_t len = 0;

	for (size_t at = 0; state == SCIM__PARSE_MORE && at < text.len;) {
		size_t n = text.len - at < step ? text.len - at : step;
		char *moved = malloc(len + n);

		assert_non_null(moved);
		memcpy(moved, buffer, len);
		memcpy(moved + len, text.ptr + at, n);
		at += n;
		len += n;
		do
			state = scim__parser_run(parser, moved, &len);
		while (state == SCIM__PARSE_HEAD);
		memcpy(buffer, moved, len);
		free(moved);
	}
	return state;
}

static void
a_request_is_the_same_in_any_pieces(void **state)
{
	scim_str text =
	    SCIM_STR("\r\nPUT /Users/1?a=b HTTP/1.1\r\n"
		     "Host: x\r\nX-Empty:\r\nIf-Match:  \"a\" \t\r\n"
		     "Transfer-Encoding: Chunked\r\n\r\n"
		     "5;x=y\r\nhello\r\nA\r\n, world..!\r\n"
		     "0\r\nTrailer: t\r\n\r\n");
	char buffer[1024];

	for (size_t step = 1; step <= text.len; step++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim__parser parser;
		scim__message m;

		start(&parser);
		assert_int_equal(
		    feed(&parser, text, step, buffer), SCIM__PARSE_DONE);
		assert_true(scim__parser_message(&parser, buffer, arena, &m));

		assert_int_equal(m.method, SCIM__METHOD_PUT);
		assert_str(m.target, "/Users/1?a=b");
		assert_int_equal(m.minor, 1);
		assert_int_equal(m.field_count, 4);
		assert_str(m.fields[0].name, "Host");
		assert_str(m.fields[1].name, "X-Empty");
		assert_str(m.fields[1].value, "");
		assert_str(m.fields[2].value, "\"a\"");
		assert_str(m.body, "hello, world..!");
		assert_true(m.has_content);
		assert_true(scim__parser_keeps_alive(&parser));
		scim_arena_free(arena);
	}
}

static void
what_follows_a_message_is_left_alone(void **state)
{
	char text[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\n"
		      "abcGET / HTTP/1.1\r\n";
	size_t len = strlen(text);
	scim__parser parser;

	start(&parser);
	assert_int_equal(
	    scim__parser_run(&parser, text, &len), SCIM__PARSE_HEAD);
	assert_int_equal(
	    scim__parser_run(&parser, text, &len), SCIM__PARSE_DONE);

	assert_int_equal(parser.body_end - parser.head_end, 3);
	assert_memory_equal(text + parser.fed, "GET / HTTP/1.1\r\n", 16);
}

static void
discarded_content_takes_no_room(void **state)
{
	char text[] = "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"
		      "abcdef";
	size_t len = strlen(text);
	scim__parser parser;

	start(&parser);
	assert_int_equal(
	    scim__parser_run(&parser, text, &len), SCIM__PARSE_HEAD);
	parser.discard = true;
	assert_int_equal(
	    scim__parser_run(&parser, text, &len), SCIM__PARSE_MORE);

	assert_int_equal(len, strlen(text) - 6);
	assert_int_equal(parser.body_seen, 6);
}

/* @spec 9110-9.1-02 @spec 9110-9.1-04 @spec 9110-5.5-02 @spec 9110-8.6-04
 * @spec 9110-15.5.15-01 @spec 6585-5-01 */
static void
what_two_servers_could_read_differently_is_refused(void **state)
{
#define HOST "Host: x\r\n"
#define GET "GET / HTTP/1.1\r\n"
#define POST "POST / HTTP/1.1\r\n" HOST
	static const struct {
		const char *text;
		int status;
	} cases[] = {
		{ GET "\r\n", 400 },
		{ GET HOST "host: x\r\n\r\n", 400 },
		{ GET "Host: a b\r\n\r\n", 400 },
		{ GET "Host: a/b\r\n\r\n", 400 },
		{ "GET / HTTP/2.0\r\n" HOST "\r\n", 400 },
		{ "GET / HTTP/0.9\r\n" HOST "\r\n", 400 },
		{ "GET / HTTP/1.2\r\n" HOST "\r\n", 400 },
		{ "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 400 },
		{ "GET / RTSP/1.0\r\n" HOST "\r\n", 400 },
		{ "SOURCE / ICE/1.0\r\n" HOST "\r\n", 400 },
		{ "GET / XTTP/1.1\r\n\r\n", 400 },
		{ "GET /\r\n", 0 },
		{ "GET  / HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET /#a HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "GET /\xe9 HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "\nGET / HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "\r\n\n\nGET / HTTP/1.1\r\n" HOST "\r\n", 400 },
		{ "\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n\r\n", 400 },
		{ "GET / HTTP/1.1\nHost: x\n\n", 400 },
		{ GET HOST "\n", 400 },
		{ GET "Host: x\n\r\n", 400 },
		{ GET HOST " folded\r\n\r\n", 400 },
		{ GET "Host : x\r\n\r\n", 400 },
		{ GET HOST "X: \x01\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: gzip, chunked\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: gzip\r\n\r\n", 400 },
		{ POST "Transfer-Encoding:\r\n\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n",
		    400 },
		{ POST "Transfer-Encoding: chunked\r\n"
		       "Content-Length: 3\r\n\r\n",
		    400 },
		{ POST "Content-Length: 3\r\n"
		       "Transfer-Encoding: chunked\r\n\r\n",
		    400 },
		{ "POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n",
		    400 },
		{ POST "Content-Length: 3\r\nContent-Length: 3\r\n\r\n", 400 },
		{ POST "Content-Length: 3, 3\r\n\r\n", 400 },
		{ POST "Content-Length: -1\r\n\r\n", 400 },
		{ POST "Content-Length: 99999999999999999999\r\n\r\n", 400 },
		{ POST "Content-Length: 21\r\n\r\n", 413 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n"
		       "14\r\n01234567890123456789\r\n2\r\nab\r\n",
		    413 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n3\nabc\n0\n\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\nx\r\n", 400 },
		{ POST "Transfer-Encoding: chunked\r\n\r\n"
		       "ffffffffffffffffff\r\n",
		    400 },
		{ "BREW / HTTP/1.1\r\n", 501 },
		{ "get / HTTP/1.1\r\n", 501 },
		{ "GETX / HTTP/1.1\r\n", 501 },
		{ "ANNOUNCE / HTTP/1.1\r\n", 501 },
		{ "CONNECT a:1 HTTP/1.1\r\nHost: a:1\r\n\r\n", 501 },
		{ "\x16\x03\x01", 400 },
		{ " GET / HTTP/1.1\r\n", 400 },
	};
	char buffer[1024];

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_str text = scim__str(cases[i].text);

		for (size_t step = 1; step <= text.len; step++) {
			scim__parser parser;

			start(&parser);
			enum scim__parse got =
			    feed(&parser, text, step, buffer);
			if (parser.status != cases[i].status)
				print_error("%s\n", cases[i].text);
			assert_int_equal(parser.status, cases[i].status);
			assert_int_equal(
			    got == SCIM__PARSE_REFUSED, cases[i].status != 0);
		}
	}
}

static void
heads_have_a_limit(void **state)
{
	static const struct {
		const char *before, *after;
		size_t most;
		int status;
	} cases[] = {
		{ "GET /", " HTTP/1.1\r\nHost: x\r\n\r\n", 99, 414 },
		{ "GET / HTTP/1.1\r\nHost: x\r\nX: ", "\r\n\r\n", 173, 431 },
		{ "GET / HTTP/1.1\r\nHost: x\r\nX", ": y\r\n\r\n", 172, 431 },
	};
	char buffer[1024], text[1024];

	for (size_t i = 0; i < scim__countof(cases); i++) {
		for (size_t n = 0; n < 2; n++) {
			size_t many = cases[i].most + n;
			scim__parser parser;
			int len = snprintf(text, sizeof(text), "%s%0*d%s",
			    cases[i].before, (int)many, 0, cases[i].after);

			start(&parser);
			(void)feed(&parser, (scim_str){ text, (size_t)len }, 7,
			    buffer);
			assert_int_equal(
			    parser.status, n == 0 ? 0 : cases[i].status);
		}
	}
}

static void
white_space_counts_too(void **state)
{
	char buffer[1024], text[1024];
	int len =
	    snprintf(text, sizeof(text), "GET / HTTP/1.1\r\nHost:%*s", 500, "");
	scim__parser parser;

	start(&parser);
	(void)feed(&parser, (scim_str){ text, (size_t)len }, 50, buffer);

	assert_int_equal(parser.status, 431);
}

static void
a_flood_of_fields_is_refused(void **state)
{
	char text[8192] = "GET / HTTP/1.1\r\n", buffer[8192];
	size_t len = strlen(text);
	scim__parser parser;

	for (size_t i = 0; i <= SCIM__PARSER_FIELDS_MAX; i++) {
		memcpy(text + len, "a: b\r\n", 6);
		len += 6;
	}
	start(&parser);
	parser.fields_limit = sizeof(text);
	(void)feed(&parser, (scim_str){ text, len }, len, buffer);

	assert_int_equal(parser.status, 431);
}

static void
an_upgrade_is_read_past(void **state)
{
	scim_str text =
	    SCIM_STR("POST / HTTP/1.1\r\nHost: x\r\n"
		     "Connection: Upgrade, HTTP2-Settings\r\n"
		     "Upgrade: h2c\r\nContent-Length: 3\r\n\r\nabc");
	char buffer[1024];
	scim__parser parser;

	start(&parser);

	assert_int_equal(feed(&parser, text, 5, buffer), SCIM__PARSE_DONE);
	assert_int_equal(parser.body_end - parser.head_end, 3);
	assert_true(scim__parser_keeps_alive(&parser));
}

static void
who_wants_to_end_says_so(void **state)
{
	static const struct {
		const char *text;
		bool keeps;
	} cases[] = {
		{ "GET / HTTP/1.1\r\nHost: x\r\n\r\n", true },
		{ "GET / HTTP/1.1\r\nHost: x\r\nConnection: Close\r\n\r\n",
		    false },
		{ "GET / HTTP/1.0\r\n\r\n", false },
		{ "GET / HTTP/1.0\r\nConnection: keep-alive\r\n\r\n", true },
	};
	char buffer[1024];

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__parser parser;

		start(&parser);
		assert_int_equal(
		    feed(&parser, scim__str(cases[i].text), 1000, buffer),
		    SCIM__PARSE_DONE);
		assert_int_equal(
		    scim__parser_keeps_alive(&parser), cases[i].keeps);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_is_the_same_in_any_pieces),
		cmocka_unit_test(what_follows_a_message_is_left_alone),
		cmocka_unit_test(discarded_content_takes_no_room),
		cmocka_unit_test(
		    what_two_servers_could_read_differently_is_refused),
		cmocka_unit_test(heads_have_a_limit),
		cmocka_unit_test(white_space_counts_too),
		cmocka_unit_test(a_flood_of_fields_is_refused),
		cmocka_unit_test(an_upgrade_is_read_past),
		cmocka_unit_test(who_wants_to_end_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
