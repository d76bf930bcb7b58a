/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Finds where the parts of a request lie.
 *
 * llhttp walks the bytes; what it lets through and RFC 9112 does not is
 * refused here: a missing or second Host, versions other than 1.0 and 1.1,
 * transfer codings other than `chunked`, chunked in 1.0, a second space
 * before the target, a bare LF in front.  Whatever two servers in a row
 * could read differently must never get past this file, because the second
 * request in such bytes would be another user's.
 *
 * Invariant: a span never reaches beyond `fed`, and the content lies in one
 * piece behind the head, whatever framing it came in: chunks are moved
 * together where they stand, which is safe because what is moved down was
 * read already.
 */

#include "http/parser.h"

#include <string.h>

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/str.h"

/* Empty lines before a request, tolerated for old clients (RFC 9112 2.2). */
#define LEADING_MOST 16

static int
refuse(scim__parser *p, int status, const char *reason)
{
	if (p->status == 0) {
		p->status = status;
		p->reason = reason;
	}
	return HPE_USER;
}

static void
grow(scim__parser *p, struct scim__span *span, const char *at, size_t len)
{
	if (span->len == 0)
		span->at = (size_t)(at - p->base);
	span->len += len;
}

static int
on_method(llhttp_t *l, const char *at, size_t len)
{
	scim__parser *p = scim__container_of(l, scim__parser, llhttp);

	grow(p, &p->method, at, len);
	return 0;
}

static int
on_url(llhttp_t *l, const char *at, size_t len)
{
	scim__parser *p = scim__container_of(l, scim__parser, llhttp);

	grow(p, &p->target, at, len);
	if (p->target.len > p->target_limit)
		return refuse(p, 414, "The request target is too long.");
	return 0;
}

static int
on_field(llhttp_t *l, const char *at, size_t len)
{
	scim__parser *p = scim__container_of(l, scim__parser, llhttp);

	/* Trailer fields say nothing that we listen to. */
	if (p->has_head)
		return 0;
	if (p->field_count == 0 ||
	    p->fields[p->field_count - 1].value.at != 0) {
		if (p->field_count == SCIM__PARSER_FIELDS_MAX)
			return refuse(p, 431,
			    "There are too many header "
			    "fields.");
		memset(&p->fields[p->field_count], 0, sizeof(p->fields[0]));
		p->field_count++;
	}
	grow(p, &p->fields[p->field_count - 1].name, at, len);
	return 0;
}

static int
on_value(llhttp_t *l, const char *at, size_t len)
{
	scim__parser *p = scim__container_of(l, scim__parser, llhttp);

	if (p->has_head)
		return 0;
	grow(p, &p->fields[p->field_count - 1].value, at, len);
	return 0;
}

static int
on_body(llhttp_t *l, const char *at, size_t len)
{
	scim__parser *p = scim__container_of(l, scim__parser, llhttp);

	p->body_seen += len;
	if (p->body_seen > p->body_limit)
		return refuse(p, 413,
		    "The content is larger than this "
		    "server takes.");
	if (!p->discard) {
		memmove(p->base + p->body_end, at, len);
		p->body_end += len;
	}
	return 0;
}

static scim_str
text_of(const char *base, struct scim__span span)
{
	const char *at = base + span.at;

	while (span.len > 0 &&
	    (at[span.len - 1] == ' ' || at[span.len - 1] == '\t'))
		span.len--;
	return (scim_str){ at, span.len };
}

static bool
is_field(const scim__parser *p, size_t i, scim_str name)
{
	return scim__str_equal_nocase(
	    text_of(p->base, p->fields[i].name), name);
}

/* RFC 9112 3.2: a Host that is no host is refused, though nobody uses it. */
static bool
is_host(scim_str s)
{
	for (size_t i = 0; i < s.len; i++)
		if (strchr(" \t,/\\?#@<>\"", s.ptr[i]) != NULL)
			return false;
	return true;
}

/* How often the fields came that frame a request. */
struct framing {
	size_t hosts, codings, lengths;
};

static int
look_at_field(scim__parser *p, size_t i, struct framing *framing)
{
	scim_str value = text_of(p->base, p->fields[i].value);

	if (is_field(p, i, SCIM_STR("Host"))) {
		framing->hosts++;
		if (!is_host(value))
			return refuse(p, 400, "Host is malformed.");
	} else if (is_field(p, i, SCIM_STR("Content-Length"))) {
		framing->lengths++;
	} else if (is_field(p, i, SCIM_STR("Transfer-Encoding"))) {
		framing->codings++;
		if (!scim__str_equal_nocase(value, SCIM_STR("chunked")))
			return refuse(p, 400,
			    "The only transfer coding is "
			    "`chunked`.");
	} else if (is_field(p, i, SCIM_STR("Expect"))) {
		p->expects_continue =
		    scim__str_equal_nocase(value, SCIM_STR("100-continue"));
	}
	return 0;
}

static int
look_at_fields(scim__parser *p)
{
	struct framing framing = { 0, 0, 0 };

	for (size_t i = 0; i < p->field_count; i++) {
		int rc = look_at_field(p, i, &framing);

		if (rc != 0)
			return rc;
	}
	if (framing.hosts > 1 ||
	    (framing.hosts == 0 && p->llhttp.http_minor == 1))
		return refuse(p, 400, "Send exactly one Host field.");
	if (framing.codings + framing.lengths > 1)
		return refuse(p, 400,
		    "The length of the content is said "
		    "more than once.");
	if (framing.codings > 0 && p->llhttp.http_minor == 0)
		return refuse(p, 400, "HTTP/1.0 has no transfer codings.");
	p->chunked = framing.codings > 0;
	p->content_length = framing.lengths > 0 ? p->llhttp.content_length : 0;
	p->has_content = p->chunked || p->content_length > 0;
	return 0;
}

/* Only CRLF may stand before the method, one space between the parts, and
 * the protocol is HTTP: llhttp also reads RTSP and ICE. */
static bool
is_start_line_exact(const scim__parser *p)
{
	if (memcmp(p->base + p->target.at + p->target.len, " HTTP/", 6) != 0)
		return false;
	for (size_t i = 0; i < p->method.at; i += 2)
		if (memcmp(p->base + i, "\r\n", 2) != 0)
			return false;
	return p->target.at == p->method.at + p->method.len + 1 &&
	    memchr(p->base + p->target.at, '#', p->target.len) == NULL;
}

static int
on_head(llhttp_t *l)
{
	scim__parser *p = scim__container_of(l, scim__parser, llhttp);

	if (l->http_major != 1 || l->http_minor > 1)
		return refuse(p, 400, "Use HTTP/1.1.");
	if (l->method == HTTP_CONNECT)
		return refuse(p, 501, "CONNECT is not offered.");
	if (!is_start_line_exact(p))
		return refuse(p, 400, "The request line is malformed.");
	int rc = look_at_fields(p);
	if (rc != 0)
		return rc;
	p->has_head = true;
	return HPE_PAUSED;
}

static int
on_end(llhttp_t *l)
{
	(void)l;
	return HPE_PAUSED;
}

static const llhttp_settings_t callbacks = {
	.on_method = on_method,
	.on_url = on_url,
	.on_header_field = on_field,
	.on_header_value = on_value,
	.on_headers_complete = on_head,
	.on_body = on_body,
	.on_message_complete = on_end,
};

void
scim__parser_start(scim__parser *p)
{
	llhttp_init(&p->llhttp, HTTP_REQUEST, &callbacks);
	p->discard = false;
	p->fed = 0;
	p->method = p->target = (struct scim__span){ 0, 0 };
	p->field_count = 0;
	p->has_head = p->has_content = p->chunked = false;
	p->expects_continue = false;
	p->content_length = p->body_seen = 0;
	p->head_end = p->body_end = 0;
	p->status = 0;
	p->reason = NULL;
}

static const struct {
	scim_str name;
	enum scim__method method;
} methods[] = {
	{ { "GET", 3 }, SCIM__METHOD_GET },
	{ { "HEAD", 4 }, SCIM__METHOD_HEAD },
	{ { "POST", 4 }, SCIM__METHOD_POST },
	{ { "PUT", 3 }, SCIM__METHOD_PUT },
	{ { "PATCH", 5 }, SCIM__METHOD_PATCH },
	{ { "DELETE", 6 }, SCIM__METHOD_DELETE },
	{ { "OPTIONS", 7 }, SCIM__METHOD_OPTIONS },
};

/* @spec 9110-9.1-04 */
static enum scim__method
method_of(scim_str name)
{
	for (size_t i = 0; i < scim__countof(methods); i++)
		if (scim__str_equal(methods[i].name, name))
			return methods[i].method;
	return SCIM__METHOD_OTHER;
}

static bool
is_token_char(char c)
{
	return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	    (c >= '0' && c <= '9') || (c != '\0' && strchr("-_.!", c) != NULL);
}

/* What llhttp itself found wrong. */
static enum scim__parse
refuse_bytes(scim__parser *p, llhttp_errno_t rc, const char *end)
{
	const char *at = llhttp_get_error_pos(&p->llhttp);
	bool is_unknown = rc == HPE_INVALID_METHOD && at != NULL && at < end &&
	    is_token_char(*at);
	/* A method of RTSP, which llhttp also reads. */
	bool is_foreign = rc == HPE_INVALID_CONSTANT &&
	    method_of(text_of(p->base, p->method)) == SCIM__METHOD_OTHER;

	if (is_unknown || is_foreign)
		(void)refuse(p, 501, "This method is not offered.");
	else if (rc == HPE_INVALID_TRANSFER_ENCODING)
		(void)refuse(p, 400,
		    "The only transfer coding is "
		    "`chunked`.");
	else
		(void)refuse(p, 400,
		    "This is not a well-formed HTTP/1.1 "
		    "request.");
	return SCIM__PARSE_REFUSED;
}

/* Limits that no callback sees: white space, and lines before the first. */
static bool
is_head_too_large(scim__parser *p)
{
	size_t after = p->target.at + p->target.len;

	if ((p->method.len == 0 && p->fed > LEADING_MOST) ||
	    (p->target.len == 0 && p->fed > p->target_limit))
		(void)refuse(p, 400, "There is no request in this.");
	else if (p->target.len > 0 && p->fed - after > p->fields_limit)
		(void)refuse(p, 431, "The header is too large.");
	return p->status != 0;
}

/* Takes out what was read and is not content: chunk sizes, trailers. */
static void
close_gap(scim__parser *p, size_t *len)
{
	size_t gap = p->fed - p->body_end;

	if (!p->has_head || gap == 0)
		return;
	memmove(p->base + p->body_end, p->base + p->fed, *len - p->fed);
	p->fed -= gap;
	*len -= gap;
}

enum scim__parse
scim__parser_run(scim__parser *p, char *base, size_t *len)
{
	bool had_head = p->has_head;

	p->base = base;
	if (p->content_length > p->body_limit) {
		(void)refuse(p, 413,
		    "The content is larger than this "
		    "server takes.");
		return SCIM__PARSE_REFUSED;
	}
	llhttp_errno_t rc =
	    llhttp_execute(&p->llhttp, base + p->fed, *len - p->fed);
	const char *at = llhttp_get_error_pos(&p->llhttp);

	if (p->status != 0)
		return SCIM__PARSE_REFUSED;
	if (rc != HPE_OK && rc != HPE_PAUSED)
		return refuse_bytes(p, rc, base + *len);
	p->fed = rc == HPE_OK ? *len : (size_t)(at - base);
	if (!had_head && is_head_too_large(p))
		return SCIM__PARSE_REFUSED;
	if (rc == HPE_OK) {
		close_gap(p, len);
		return SCIM__PARSE_MORE;
	}
	llhttp_resume(&p->llhttp);
	if (had_head)
		return SCIM__PARSE_DONE;
	p->head_end = p->body_end = p->fed;
	return SCIM__PARSE_HEAD;
}

bool
scim__parser_has_begun(const scim__parser *p)
{
	return p->method.len > 0;
}

bool
scim__parser_message(const scim__parser *p, const char *base, scim_arena *arena,
    scim__message *out)
{
	scim__field *fields =
	    scim__arena_array(arena, p->field_count, sizeof(*fields));

	if (fields == NULL)
		return false;
	for (size_t i = 0; i < p->field_count; i++) {
		fields[i].name = text_of(base, p->fields[i].name);
		fields[i].value = text_of(base, p->fields[i].value);
	}
	*out = (scim__message){
		.method_name = text_of(base, p->method),
		.target = text_of(base, p->target),
		.minor = p->llhttp.http_minor,
		.fields = fields,
		.field_count = p->field_count,
		.has_content = p->has_content,
		.expects_continue = p->expects_continue,
		.body = { base + p->head_end, p->body_end - p->head_end },
	};
	out->method = method_of(out->method_name);
	return true;
}

bool
scim__parser_keeps_alive(const scim__parser *p)
{
	return llhttp_should_keep_alive(&p->llhttp) != 0;
}
