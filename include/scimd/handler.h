/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HANDLER_H
#define SCIM_HANDLER_H

/**
 * @file scimd/handler.h
 * @brief One SCIM request in, one response out, whatever the protocol.
 *
 * A binding (HTTP, MCP, yours) fills a scim_request and turns the
 * scim_response into its own words.  No rule of SCIM lives in a binding.
 */

#include "scimd/precondition.h"
#include "scimd/provider.h"
#include "scimd/settings.h"

#ifdef __cplusplus
extern "C" {
#endif

/** What is asked for (RFC 7644 section 3.2, table 2). */
typedef enum scim_operation {
	SCIM_OPERATION_CREATE,
	SCIM_OPERATION_GET,
	SCIM_OPERATION_REPLACE,
	SCIM_OPERATION_PATCH,
	SCIM_OPERATION_DELETE,
	SCIM_OPERATION_LIST,
	SCIM_OPERATION_SEARCH,
	SCIM_OPERATION_BULK,
	SCIM_OPERATION_SERVICE_PROVIDER_CONFIG,
	SCIM_OPERATION_RESOURCE_TYPES, /* with an id: one of them */
	SCIM_OPERATION_SCHEMAS,        /* with an id: one of them */
	SCIM_OPERATION_VERSIONS,       /* of the resource `id` */
	SCIM_OPERATION_VERSION,        /* one of them */
	SCIM_OPERATION_DIFF,           /* between two of them */
	SCIM_OPERATION_REVERT,         /* to one of them: a write */
	SCIM_OPERATION_CHANGES         /* the feed of the tenant */
} scim_operation;

/** How much of a result is asked for (RFC 7240 section 4.2). */
typedef enum scim_prefer {
	SCIM_PREFER_NOTHING,
	SCIM_PREFER_MINIMAL,
	SCIM_PREFER_REPRESENTATION
} scim_prefer;

/** A request.  Everything is borrowed; absent strings have ptr NULL. */
typedef struct scim_request {
	scim_operation operation;
	scim_str endpoint; /* "/Users"; empty at the root */
	scim_str id;       /* of the resource, schema or resource type */
	scim_str body;     /* JSON */

	/* query parameters, decoded */
	scim_str attributes;
	scim_str excluded_attributes;
	scim_str filter;
	scim_str sort_by;
	scim_str sort_order;
	scim_str start_index;
	scim_str count;
	scim_str cursor;

	/** What was: 22 characters name a version. */
	scim_str version; /* VERSION, REVERT */
	scim_str from;    /* DIFF */
	scim_str to;      /* DIFF; absent: the present version */
	scim_str since;   /* CHANGES: a position, or "now"; VERSIONS: one */
	scim_str wait;    /* CHANGES: seconds, where the host can wait */

	/** Conditional headers, or the version an operation expects. */
	scim_preconditions preconditions;

	/** Heeded by PATCH. */
	scim_prefer prefer;

	/** PATCH: the body is a Merge message. */
	int is_merge;

	/** Where and who, checked by the binding; its arena is ignored. */
	scim_context context;
} scim_request;

/** How a request ended. */
typedef enum scim_result {
	SCIM_RESULT_OK,           /* 200 */
	SCIM_RESULT_CREATED,      /* 201 */
	SCIM_RESULT_NO_CONTENT,   /* 204 */
	SCIM_RESULT_NOT_MODIFIED, /* 304 */
	SCIM_RESULT_ERROR         /* see error.status */
} scim_result;

/** A response.  Strings are owned by the request's arena. */
typedef struct scim_response {
	scim_result result;
	scim_error error;    /* SCIM_RESULT_ERROR */
	scim_str body;       /* JSON; empty for none */
	scim_stream *stream; /* instead of body, or NULL; to be closed */
	scim_str etag;       /* as on the wire; empty for none */
	scim_str location;   /* absolute URL; empty for none */
	int has_modified;
	int64_t modified_ms;
	scim_prefer prefer; /* the preference that was followed */
	scim_str type;      /* resource type touched; empty for none */
	unsigned quirks;    /* deviations let through, scim__quirk */
	size_t conflicts;   /* bulk: operations whose version did not hold */
	int explained;      /* the body tells of conflicts in detail */
	int merged;         /* a stale version was merged with */
	scim_str base;      /* which: 22 characters; of bulk ptr NULL */
	/** A member that does not exist and was left out, as the tenant's
	 * dangling_members says; ptr NULL for none. */
	scim_str dropped;
} scim_response;

/**
 * Carry out one request from beginning to end in the calling thread.
 *
 * Writes are atomic and durable before this returns.  Errors are responses
 * too: `out` is always filled.
 *
 * @param provider  The provider.
 * @param request   The request.  Borrowed for the call.
 * @param arena     Owns what `out` points to.
 * @param out       Receives the response.
 * @par Threads  Safe from several threads on one provider, each with its
 *               own arena.  Blocks for the store, and while a password is
 *               hashed.
 * @since 0.1.0
 */
SCIM_EXPORT void scim_handle(scim_provider *provider,
    const scim_request *request, scim_arena *arena, scim_response *out);

/**
 * Write an error as a SCIM Error body (RFC 7644 section 3.12).
 *
 * @param arena   Owns the result.
 * @param status  The HTTP status, shown as a string.
 * @param error   Its scim_type and detail.
 * @return The JSON text, or one with ptr NULL when out of memory.
 * @par Threads  The arena belongs to one thread at a time.
 * @since 0.1.0
 */
SCIM_EXPORT scim_str scim_error_body(
    scim_arena *arena, int status, const scim_error *error);

#ifdef __cplusplus
}
#endif
#endif
