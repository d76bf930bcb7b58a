/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HTTP_ANSWER_H
#define SCIM_HTTP_ANSWER_H

/* An HTTP response before it is bytes, and its head as bytes. */

#include "base/buf.h"
#include "base/time.h"
#include "http/message.h"
#include "scimd/handler.h"

/* What Authorization lacked. */
enum scim__challenge {
	SCIM__CHALLENGE_NONE,
	SCIM__CHALLENGE_TOKEN,           /* none came */
	SCIM__CHALLENGE_INVALID_REQUEST, /* several came */
	SCIM__CHALLENGE_INVALID_TOKEN,   /* one came that opens nothing */
	SCIM__CHALLENGE_SCOPE            /* it may not do this */
};

/* Everything is borrowed. */
typedef struct scim__answer {
	int status;
	scim_str body;
	const char *content_type; /* NULL: application/scim+json */
	scim_stream *stream;      /* instead of body, or NULL */
	scim_str etag;
	scim_str location;
	bool has_modified;
	int64_t modified_ms;
	bool is_resource;   /* `location` is also Content-Location */
	bool is_alias;      /* `location` is not where it was asked for */
	bool may_prefer;    /* Prefer decides the form */
	bool is_explained;  /* as `conflict=detail` asks */
	bool is_merged;     /* as `merge=auto` asks */
	scim_str base;      /* ... with what came after it */
	scim_prefer prefer; /* the preference that was followed */
	bool is_read;       /* of GET or HEAD: may be kept, and revalidated */
	unsigned allow;     /* enum scim__method, or-ed; 0: not said */
	bool is_patch_form; /* 415: the form of a PATCH is the reason */
	unsigned retry_after_s; /* 0: not said */
	enum scim__challenge challenge;
} scim__answer;

/* How the connection goes on, and what this response leaves out. */
struct scim__framing {
	unsigned minor;  /* of the request's HTTP/1.x */
	bool close;      /* no request may follow */
	bool is_head;    /* the answer to HEAD: no content */
	bool is_chunked; /* set by scim__answer_head() for a stream */
	char date[SCIM__TIME_HTTP_LEN + 1];
	int64_t now_ms; /* the moment of `date` */
};

/* An error in SCIM form; without a body when memory is out. */
void scim__answer_error(
    scim__answer *answer, scim_arena *arena, int status, const scim_error *err);

/* What the handler said. */
void scim__answer_response(scim__answer *answer, scim_arena *arena,
    enum scim__method method, const scim_response *response);

/* Appends status line and fields, the empty line included. */
void scim__answer_head(
    scim__buf *buf, const scim__answer *answer, struct scim__framing *framing);

#endif
