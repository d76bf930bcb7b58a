/* SPDX-License-Identifier: Apache-2.0 */
#include "http/answer.h"

#include "base/arena.h"
#include "lib/test.h"

#define NOW_MS 784111777500 /* Sun, 06 Nov 1994 08:49:37.5 */
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"

static scim_arena *arena;

static int
set_up(void **state)
{
	arena = scim_arena_new(NULL);
	return arena == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	scim_arena_free(arena);
	return 0;
}

static scim_str
head_of(const scim__answer *answer, struct scim__framing *framing)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	framing->now_ms = NOW_MS;
	strcpy(framing->date, DATE);
	scim__answer_head(&buf, answer, framing);
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static scim_response
resource(scim_result result)
{
	return (scim_response){ .result = result,
		.body = SCIM_STR("{\"id\":\"1\"}"),
		.etag = SCIM_STR("W/\"v\""),
		.location = SCIM_STR("https://h/scim/v2/Users/1"),
		.has_modified = 1,
		.modified_ms = NOW_MS - 1000 };
}

/* @spec 9110-6.6.1-01 @spec 7644-3.1-01 @spec 9110-8.7-01 @spec 9110-8.7-02
 * @spec 9110-8.8.2.1-01 @spec 9110-8.6-03 @spec 9111-3.5-01 */
static void
a_resource_is_told_with_its_tag(void **state)
{
	static const struct {
		scim_result result;
		enum scim__method method;
		const char *line, *vary;
	} cases[] = {
		{ SCIM_RESULT_OK, SCIM__METHOD_GET, "200 OK",
		    "Vary: Authorization\r\n" },
		{ SCIM_RESULT_OK, SCIM__METHOD_PUT, "200 OK", "" },
		{ SCIM_RESULT_CREATED, SCIM__METHOD_POST, "201 Created", "" },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_response response = resource(cases[i].result);
		struct scim__framing framing = { .minor = 1 };
		scim__answer answer;

		scim__answer_response(
		    &answer, arena, cases[i].method, &response);
		scim_str want = scim__str_format(arena,
		    "HTTP/1.1 %s\r\n"
		    "Date: " DATE "\r\n"
		    "ETag: W/\"v\"\r\n"
		    "Location: https://h/scim/v2/Users/1\r\n"
		    "Content-Location: https://h/scim/v2/Users/1\r\n"
		    "Last-Modified: Sun, 06 Nov 1994 08:49:36 GMT\r\n"
		    "Cache-Control: private, no-cache\r\n"
		    "%s"
		    "Content-Type: application/scim+json\r\n"
		    "Content-Length: 10\r\n\r\n",
		    cases[i].line, cases[i].vary);
		assert_str(head_of(&answer, &framing), want.ptr);
		assert_str(answer.body, "{\"id\":\"1\"}");
	}
}

/* @spec 9110-15.4.5-01 @spec 9110-15.4.5-02 @spec 9110-15.4.5-03 */
static void
not_modified_says_what_a_cache_needs(void **state)
{
	scim_response response = resource(SCIM_RESULT_NOT_MODIFIED);
	struct scim__framing framing = { .minor = 1 };
	scim__answer answer;

	response.body = SCIM_STR("");
	scim__answer_response(&answer, arena, SCIM__METHOD_GET, &response);

	assert_str(head_of(&answer, &framing),
	    "HTTP/1.1 304 Not Modified\r\n"
	    "Date: " DATE "\r\n"
	    "ETag: W/\"v\"\r\n"
	    "Content-Location: https://h/scim/v2/Users/1\r\n"
	    "Cache-Control: private, no-cache\r\n"
	    "Vary: Authorization\r\n\r\n");
}

/* @spec 7644-3.11-05 */
static void
an_alias_says_where_the_resource_is_whatever_the_answer(void **state)
{
	static const scim_result results[] = { SCIM_RESULT_OK,
		SCIM_RESULT_NO_CONTENT, SCIM_RESULT_NOT_MODIFIED };

	for (size_t i = 0; i < scim__countof(results); i++) {
		scim_response response = resource(results[i]);
		struct scim__framing framing = { .minor = 1 };
		scim__answer answer;

		scim__answer_response(
		    &answer, arena, SCIM__METHOD_GET, &response);
		answer.is_alias = true;
		assert_true(scim__str_contains(head_of(&answer, &framing),
		    SCIM_STR("\r\nLocation: https://h/scim/v2/Users/1\r\n")));
	}
}

/* @spec 9110-8.6-01 */
static void
no_content_has_no_length(void **state)
{
	scim_response response = { .result = SCIM_RESULT_NO_CONTENT,
		.has_modified = 1 };
	struct scim__framing framing = { .minor = 1 };
	scim__answer answer;

	scim__answer_response(&answer, arena, SCIM__METHOD_DELETE, &response);

	assert_str(head_of(&answer, &framing),
	    "HTTP/1.1 204 No Content\r\nDate: " DATE "\r\n\r\n");
}

/* @spec 9110-15.5.13-01 @spec 7644-3.12-12 */
static void
a_failed_precondition_tells_the_current_tag(void **state)
{
	scim_response response = { .result = SCIM_RESULT_ERROR,
		.error = { SCIM_ERR_VERSION, NULL, "It has changed." },
		.etag = SCIM_STR("W/\"v\"") };
	struct scim__framing framing = { .minor = 1 };
	scim__answer answer;

	response.location = SCIM_STR("https://h/scim/v2/Users/1");
	scim__answer_response(&answer, arena, SCIM__METHOD_POST, &response);
	assert_str(answer.location, response.location.ptr);
	scim__answer_response(&answer, arena, SCIM__METHOD_PUT, &response);
	scim_str want = scim__str_format(arena,
	    "HTTP/1.1 412 Precondition Failed\r\n"
	    "Date: " DATE "\r\n"
	    "ETag: W/\"v\"\r\n"
	    "Cache-Control: no-store\r\n"
	    "Vary: Prefer\r\n"
	    "Content-Type: application/scim+json\r\n"
	    "Content-Length: %zu\r\n\r\n",
	    answer.body.len);
	assert_str(head_of(&answer, &framing), want.ptr);
	scim_str body = scim__str_format(
	    arena, "%.*s", (int)answer.body.len, answer.body.ptr);
	assert_non_null(strstr(body.ptr, "\"412\""));
	assert_non_null(strstr(body.ptr, "It has changed."));
}

/* @spec 9110-10.2.1-01 @spec 9110-11.6.1-01 @spec 9110-10.2.3-01
 * @spec 7644-2-06 */
static void
refusals_say_how_to_go_on(void **state)
{
	static const struct {
		scim__answer answer;
		int minor;
		bool close;
		const char *lines;
	} cases[] = {
		{ { .status = 405,
		      .allow = SCIM__METHOD_GET | SCIM__METHOD_HEAD |
			  SCIM__METHOD_OPTIONS },
		    1, false, "Allow: GET, HEAD, OPTIONS\r\n" },
		{ { .status = 204, .allow = SCIM__METHOD_PATCH }, 1, false,
		    "Allow: PATCH\r\nAccept-Patch: application/scim+json, "
		    "application/json, "
		    "application/vnd.scimd.merge+json\r\n" },
		{ { .status = 415, .is_patch_form = true }, 1, false,
		    "Accept-Patch: application/scim+json, "
		    "application/json, "
		    "application/vnd.scimd.merge+json\r\n" },
		{ { .status = 204, .may_prefer = true }, 1, false,
		    "Vary: Prefer\r\n" },
		{ { .status = 204,
		      .may_prefer = true,
		      .prefer = SCIM_PREFER_MINIMAL },
		    1, false, "Preference-Applied: return=minimal\r\n" },
		{ { .status = 200,
		      .may_prefer = true,
		      .prefer = SCIM_PREFER_REPRESENTATION },
		    1, false, "Preference-Applied: return=representation\r\n" },
		{ { .status = 401, .challenge = SCIM__CHALLENGE_TOKEN }, 1,
		    false, "WWW-Authenticate: Bearer realm=\"scim\"\r\n" },
		{ { .status = 401, .challenge = SCIM__CHALLENGE_INVALID_TOKEN },
		    1, false,
		    "WWW-Authenticate: Bearer realm=\"scim\", "
		    "error=\"invalid_token\"\r\n" },
		{ { .status = 403, .challenge = SCIM__CHALLENGE_SCOPE }, 1,
		    false,
		    "WWW-Authenticate: Bearer realm=\"scim\", "
		    "error=\"insufficient_scope\"\r\n" },
		{ { .status = 503, .retry_after_s = 3 }, 1, false,
		    "Retry-After: 3\r\n" },
		{ { .status = 400 }, 1, true, "Connection: close\r\n" },
		{ { .status = 400 }, 0, false, "Connection: keep-alive\r\n" },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct scim__framing framing = { .minor =
						     (unsigned)cases[i].minor,
			.close = cases[i].close };
		scim_str head = head_of(&cases[i].answer, &framing);
		scim_str text =
		    scim__str_format(arena, "%.*s", (int)head.len, head.ptr);

		assert_non_null(strstr(text.ptr, cases[i].lines));
	}
}

/* @spec 9110-8.8.2.1-04 */
static void
nothing_was_modified_in_the_future(void **state)
{
	scim_response response = resource(SCIM_RESULT_OK);
	struct scim__framing framing = { .minor = 1 };
	scim__answer answer;

	response.modified_ms = NOW_MS + 100000;
	scim__answer_response(&answer, arena, SCIM__METHOD_GET, &response);
	scim_str head = head_of(&answer, &framing);
	scim_str text =
	    scim__str_format(arena, "%.*s", (int)head.len, head.ptr);

	assert_non_null(strstr(text.ptr, "Last-Modified: " DATE));
}

static void
a_stream_is_chunked_where_chunks_are_known(void **state)
{
	scim_stream stream = { .next = NULL };
	scim__answer answer = { .status = 200, .stream = &stream };
	struct scim__framing framing = { .minor = 1 };

	(void)head_of(&answer, &framing);
	assert_true(framing.is_chunked);
	assert_false(framing.close);

	framing.minor = 0;
	(void)head_of(&answer, &framing);
	assert_false(framing.is_chunked);
	assert_true(framing.close);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_resource_is_told_with_its_tag),
		cmocka_unit_test(not_modified_says_what_a_cache_needs),
		cmocka_unit_test(
		    an_alias_says_where_the_resource_is_whatever_the_answer),
		cmocka_unit_test(no_content_has_no_length),
		cmocka_unit_test(a_failed_precondition_tells_the_current_tag),
		cmocka_unit_test(refusals_say_how_to_go_on),
		cmocka_unit_test(nothing_was_modified_in_the_future),
		cmocka_unit_test(a_stream_is_chunked_where_chunks_are_known),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
