/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_CONN_H
#define SCIM_DAEMON_CONN_H

/* What the files that make up a connection share; see connection.h. */

#include "daemon/connection.h"
#include "daemon/exchange.h"
#include "daemon/loop.h"
#include "http/parser.h"

enum scim__conn_state {
	SCIM__CONN_READING,   /* wants a request, or the rest of one */
	SCIM__CONN_AWAY,      /* its call is with another thread */
	SCIM__CONN_PARKED,    /* its call waits for a change; see park.h */
	SCIM__CONN_WRITING,   /* its answer is on the way */
	SCIM__CONN_LINGERING, /* said all, and waits for the peer to see it */
	SCIM__CONN_CLOSING
};

enum scim__errand {
	SCIM__ERRAND_HEAD,    /* to look whether the content is wanted */
	SCIM__ERRAND_MESSAGE, /* to begin its call */
	SCIM__ERRAND_CALL,    /* to carry out a step of it */
	SCIM__ERRAND_COMMITTED
};

struct scim__conn {
	uv_tcp_t tcp;
	struct scim__loop *loop;
	struct scim__link all;     /* in loop->connections */
	struct scim__link waiting; /* in one of loop->waiting */
	uint64_t deadline_ms;
	enum scim__wait wait;
	enum scim__conn_state state;
	int fd; /* until the loop has it */
	bool is_reading;
	scim__tls *tls;  /* NULL: plain */
	bool is_shaking; /* hands, still */

	/* The message being read begins at `in`; behind it may stand more. */
	char *in;
	size_t in_len, in_capacity;
	scim__parser parser;

	scim_arena *arena; /* of the exchange */
	struct scim__exchange exchange;
	bool is_early; /* the answer is known, the content is read past */
	bool expects;  /* the client waits before it sends the content */
	uint64_t parked_until_ms; /* 0: it was not parked yet */
	bool must_close, must_linger;
	bool is_chunked; /* the answer's framing */

	scim_arena *piece_arena; /* of a streamed body; NULL until then */
	scim_str rest; /* of a body, to be sent when what was is out */
	uv_write_t write;
	uv_shutdown_t shutdown;

	/* How a call travels: the loop, the workers and the writer each have
	 * it in turn, and one at a time. */
	struct scim__mail mail;
	struct scim__job job;
	enum scim__errand errand; /* what a worker has it for */
	bool is_known;            /* the worker came back with an answer */
	struct scim__turn turn;
	enum scim__step step; /* that a worker came back with */
	bool was_written;     /* it comes back from the writer */
	bool is_stale;        /* token or tenant are not what they were */
	bool is_committed;    /* it can't be refused any more */
};

enum scim__sent {
	SCIM__SENT_ALL,
	SCIM__SENT_LATER, /* `then` will be called */
	SCIM__SENT_FAILED
};

/*
 * Sends; the bytes must stay where they are until then.  `always_later`
 * makes the loop go round in between.
 */
enum scim__sent scim__conn_send(
    struct scim__conn *conn, scim_str *pieces, size_t count, bool always_later);

/* Called back once what was SCIM__SENT_LATER is out. */
void scim__conn_sent(struct scim__conn *conn, bool ok);

/* Sends a copy, and does not tell; for what no answer depends on. */
bool scim__conn_send_interim(struct scim__conn *conn, scim_str bytes);

/* Sends what TLS has to say, as above. */
bool scim__conn_flush_tls(struct scim__conn *conn);

/* Makes the answer in the exchange bytes and sends them. */
void scim__conn_respond(struct scim__conn *conn);

/* Where a call goes next. */
void scim__conn_advance(struct scim__conn *conn, enum scim__step step);

/* Carries out the request in the exchange, from its token on. */
void scim__conn_carry_out(struct scim__conn *conn);

/* Whether the content of a request need not come: there is an answer. */
bool scim__conn_look_at_head(struct scim__conn *conn);
void scim__conn_head_known(struct scim__conn *conn, bool is_known);

/* False: somebody else looks, and scim__conn_head_known() will follow. */
bool scim__conn_may_look(struct scim__conn *conn);

/* Carries the request out once more, and what follows. */
void scim__conn_begin_again(struct scim__conn *conn);

/* Goes on with the requests that are there, once an answer is out. */
void scim__conn_serve(struct scim__conn *conn);

void scim__conn_read_start(struct scim__conn *conn);
void scim__conn_read_stop(struct scim__conn *conn);
void scim__conn_wait(struct scim__conn *conn, enum scim__wait wait);
void scim__conn_linger(struct scim__conn *conn);
void scim__conn_close(struct scim__conn *conn);

/* Drops the message that was answered. */
void scim__conn_consume(struct scim__conn *conn);

#endif
