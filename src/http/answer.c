/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Responses: from the handler's outcome to the head that goes on the wire.
 *
 * Every error is a SCIM Error, whatever layer it came from.  A 304 carries
 * what a 200 would have said to a cache and nothing else, a 204 has no
 * Content-Length, and Last-Modified is never later than Date.  Answers are
 * private to the token that asked: they may be kept by the client and must
 * be asked about again each time, which is what makes its ETags useful.
 */

#include "http/answer.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "handler/error_status.h"
#include "http/fields.h"
#include "http/status.h"

#define RETRY_AFTER_S 1
#define CONDITIONAL \
	(SCIM__METHOD_PUT | SCIM__METHOD_PATCH | SCIM__METHOD_DELETE)

/* @spec 7644-3.12-01 @spec 7644-3.12-26 */
void
scim__answer_error(
    scim__answer *answer, scim_arena *arena, int status, const scim_error *err)
{
	*answer = (scim__answer){ .status = status };
	answer->body = scim_error_body(arena, status, err);
	if (answer->body.ptr == NULL)
		answer->body = SCIM_STR("");
	/* @spec 9110-10.2.3-01 */
	if (status == 503)
		answer->retry_after_s = RETRY_AFTER_S;
}

void
scim__answer_response(scim__answer *answer, scim_arena *arena,
    enum scim__method method, const scim_response *response)
{
	static const int statuses[] = {
		[SCIM_RESULT_OK] = 200,
		[SCIM_RESULT_CREATED] = 201,
		[SCIM_RESULT_NO_CONTENT] = 204,
		[SCIM_RESULT_NOT_MODIFIED] = 304,
	};

	if (response->result == SCIM_RESULT_ERROR) {
		scim__answer_error(answer, arena,
		    scim__error_status(response->error.status),
		    &response->error);
		if (response->body.len > 0)
			answer->body = response->body;
		answer->may_prefer = answer->status == 412 &&
		    ((unsigned)method & CONDITIONAL) != 0;
		/* What stands in the way of a create if absent. */
		if (method == SCIM__METHOD_POST)
			answer->location = response->location;
	} else {
		*answer =
		    (scim__answer){ .status = statuses[response->result] };
		answer->body = response->body;
		answer->stream = response->stream;
		answer->modified_ms = response->modified_ms;
		answer->is_read =
		    method == SCIM__METHOD_GET || method == SCIM__METHOD_HEAD;
		answer->may_prefer = method == SCIM__METHOD_PATCH ||
		    response->merged != 0 || response->explained != 0;
		answer->prefer = response->prefer;
		answer->is_resource = response->etag.len > 0;
		answer->has_modified =
		    answer->is_resource && response->has_modified != 0;
		answer->location = response->location;
	}
	answer->is_explained = response->explained != 0;
	answer->is_merged = response->merged != 0;
	answer->base = response->base;
	answer->etag = response->etag;
}

static void
add_field(scim__buf *buf, const char *name, scim_str value)
{
	if (value.len == 0)
		return;
	scim__buf_add_z(buf, name);
	scim__buf_add(buf, value);
	scim__buf_add(buf, SCIM_STR("\r\n"));
}

/* @spec 9110-10.2.1-01 */
static void
add_allow(scim__buf *buf, unsigned allow)
{
	static const char *const names[] = { "GET", "HEAD", "POST", "PUT",
		"PATCH", "DELETE", "OPTIONS" };
	const char *before = "Allow: ";

	for (size_t i = 0; i < scim__countof(names); i++) {
		if ((allow & (1U << i)) == 0)
			continue;
		scim__buf_add_z(buf, before);
		scim__buf_add_z(buf, names[i]);
		before = ", ";
	}
	if (allow != 0)
		scim__buf_add(buf, SCIM_STR("\r\n"));
}

/* @spec 5789-2.2-02 @spec 5789-3.1-01 */
static void
add_accept_patch(scim__buf *buf, const scim__answer *answer)
{
	if (answer->is_patch_form || (answer->allow & SCIM__METHOD_PATCH) != 0)
		add_field(buf, "Accept-Patch: ",
		    SCIM_STR("application/scim+json, "
			     "application/json, " SCIM__MERGE_MEDIA));
}

/* @spec 9110-11.6.1-01 @spec 6750-3.1-03 */
static void
add_challenge(scim__buf *buf, enum scim__challenge challenge)
{
	static const char *const errors[] = {
		[SCIM__CHALLENGE_TOKEN] = "",
		[SCIM__CHALLENGE_INVALID_REQUEST] =
		    ", error=\"invalid_request\"",
		[SCIM__CHALLENGE_INVALID_TOKEN] = ", error=\"invalid_token\"",
		[SCIM__CHALLENGE_SCOPE] = ", error=\"insufficient_scope\"",
	};

	if (challenge == SCIM__CHALLENGE_NONE)
		return;
	scim__buf_add(buf, SCIM_STR("WWW-Authenticate: Bearer realm=\"scim\""));
	scim__buf_add_z(buf, errors[challenge]);
	scim__buf_add(buf, SCIM_STR("\r\n"));
}

/* What a cache goes by; the same on 304 as on the 200 it stands for. */
static void
add_caching(scim__buf *buf, const scim__answer *answer)
{
	if (answer->status >= 400) {
		scim__buf_add(buf, SCIM_STR("Cache-Control: no-store\r\n"));
	} else if (answer->status != 204) {
		scim__buf_add(
		    buf, SCIM_STR("Cache-Control: private, no-cache\r\n"));
		/* The token says which tenant a path means. */
		if (answer->is_read)
			scim__buf_add(buf, SCIM_STR("Vary: Authorization\r\n"));
	}
}

/* @spec 9110-8.8.2.1-03 @spec 9110-8.8.2.1-04 */
static void
add_modified(scim__buf *buf, const scim__answer *answer,
    const struct scim__framing *framing)
{
	char text[SCIM__TIME_HTTP_LEN + 1];
	int64_t ms = answer->modified_ms;

	if (!answer->has_modified || answer->status == 304)
		return;
	scim__time_format_http(
	    ms < framing->now_ms ? ms : framing->now_ms, text);
	add_field(buf, "Last-Modified: ", scim__str(text));
}

static void
add_resource(scim__buf *buf, const scim__answer *answer,
    const struct scim__framing *framing)
{
	bool has_content = answer->status == 200 || answer->status == 201;

	add_field(buf, "ETag: ", answer->etag);
	if (answer->status != 304 || answer->is_alias)
		add_field(buf, "Location: ", answer->location);
	if (answer->is_resource && (has_content || answer->status == 304))
		add_field(buf, "Content-Location: ", answer->location);
	add_modified(buf, answer, framing);
}

/* @spec 7240-3-01, 7240-4.2-01 */
static void
add_preferences(scim__buf *buf, const scim__answer *answer)
{
	const struct {
		bool is_applied;
		const char *text;
	} all[] = {
		{ answer->is_explained, "conflict=detail" },
		{ answer->is_merged, "merge=auto" },
		{ answer->prefer == SCIM_PREFER_MINIMAL, "return=minimal" },
		{ answer->prefer == SCIM_PREFER_REPRESENTATION,
		    "return=representation" },
	};
	const char *before = "Preference-Applied: ";

	if (!answer->may_prefer)
		return;
	scim__buf_add(buf, SCIM_STR("Vary: Prefer\r\n"));
	for (size_t i = 0; i < scim__countof(all); i++) {
		if (!all[i].is_applied)
			continue;
		scim__buf_add_z(buf, before);
		scim__buf_add_z(buf, all[i].text);
		before = ", ";
	}
	if (before[0] == ',')
		scim__buf_add(buf, SCIM_STR("\r\n"));
	if (answer->base.len > 0) {
		scim__buf_add_z(buf, "Scimd-Merged: base=\"");
		scim__buf_add(buf, answer->base);
		scim__buf_add_z(buf, "\"\r\n");
	}
}

/* Without printf, which is a good part of the time a short answer takes. */
static void
add_length(scim__buf *buf, size_t len)
{
	char digits[24];
	size_t at = sizeof(digits);

	do {
		digits[--at] = (char)('0' + len % 10);
		len /= 10;
	} while (len > 0);
	add_field(buf,
	    "Content-Length: ", (scim_str){ digits + at, sizeof(digits) - at });
}

static void
add_framing(
    scim__buf *buf, const scim__answer *answer, struct scim__framing *framing)
{
	bool has_content = answer->status != 204 && answer->status != 304;

	framing->is_chunked = false;
	if (has_content && answer->stream == NULL) {
		add_field(buf, "Content-Type: ",
		    scim__str(answer->content_type == NULL
			    ? "application/scim+json"
			    : answer->content_type));
		add_length(buf, answer->body.len);
	} else if (has_content) {
		add_field(
		    buf, "Content-Type: ", SCIM_STR("application/scim+json"));
		framing->is_chunked = framing->minor > 0;
		framing->close |= framing->minor == 0;
		if (framing->is_chunked)
			scim__buf_add(
			    buf, SCIM_STR("Transfer-Encoding: chunked\r\n"));
	}
	if (framing->close)
		scim__buf_add(buf, SCIM_STR("Connection: close\r\n"));
	else if (framing->minor == 0)
		scim__buf_add(buf, SCIM_STR("Connection: keep-alive\r\n"));
}

void
scim__answer_head(
    scim__buf *buf, const scim__answer *answer, struct scim__framing *framing)
{
	scim__buf_add(buf, SCIM_STR("HTTP/1.1 "));
	scim__buf_add_z(buf, scim__http_status_line(answer->status));
	scim__buf_add(buf, SCIM_STR("\r\nDate: "));
	scim__buf_add(buf, (scim_str){ framing->date, SCIM__TIME_HTTP_LEN });
	scim__buf_add(buf, SCIM_STR("\r\n"));
	add_resource(buf, answer, framing);
	add_caching(buf, answer);
	add_preferences(buf, answer);
	add_allow(buf, answer->allow);
	add_accept_patch(buf, answer);
	add_challenge(buf, answer->challenge);
	if (answer->retry_after_s > 0)
		scim__buf_printf(
		    buf, "Retry-After: %u\r\n", answer->retry_after_s);
	add_framing(buf, answer, framing);
	scim__buf_add(buf, SCIM_STR("\r\n"));
}
