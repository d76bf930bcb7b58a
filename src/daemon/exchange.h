/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_EXCHANGE_H
#define SCIM_DAEMON_EXCHANGE_H

/* One request and its answer, without the connection around them. */

#include "daemon/metrics.h"
#include "daemon/server.h"
#include "handler/call.h"
#include "http/answer.h"
#include "http/request.h"

struct scim__exchange {
	/* set by the connection */
	struct scim__server *server;
	scim_arena *arena;
	bool is_loopback; /* the peer is this machine */
	scim__message message;

	scim__target target;
	scim__location location;
	scim__route route;
	scim__principal principal;
	const scim__tenant *tenant; /* a reference, or NULL */
	scim_str subject_url;       /* what /Me stands for; empty for none */
	scim_request request;
	scim__call *call;  /* NULL until a step needs it */
	unsigned quirks;   /* enum scim__quirk: what was let through */
	scim_str dropped;  /* of a member left out, its value */
	size_t conflicts;  /* bulk: operations that came too late */
	size_t bulk_bytes; /* its part of the server's; until release */

	bool has_waited;     /* and waits no longer for what is not there */
	scim__answer answer; /* once a function here says so */
};

/* The first part of open(), which does not look at the store. */
bool scim__exchange_locate(struct scim__exchange *x);

/*
 * Finds out who asks for what: everything that comes before the content and
 * the store.  True: that already is an answer.
 */
bool scim__exchange_open(struct scim__exchange *x);

/* For `Expect: 100-continue`, after open(): whether the answer is known
 * without the content. */
bool scim__exchange_check(struct scim__exchange *x);

/* Begins the call; scim__exchange_conclude() once it says DONE. */
enum scim__step scim__exchange_start(struct scim__exchange *x);

/* Makes the answer of what the call said. */
void scim__exchange_conclude(struct scim__exchange *x);

/* Makes an answer of an error that is not the call's. */
void scim__exchange_refuse(
    struct scim__exchange *x, int status, const char *sentence);

/* 413, and how much it may be. */
void scim__exchange_refuse_size(struct scim__exchange *x, uint64_t most);

/* Lets go of all that is not the arena's; again is a no-op. */
void scim__exchange_release(struct scim__exchange *x);

#endif
