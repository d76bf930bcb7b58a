/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_DAEMON_LOOP_H
#define SCIM_DAEMON_LOOP_H

/* An event loop in a thread of its own, and the connections it owns. */

#include <pthread.h>
#include <stdatomic.h>
#include <uv.h>

#include "base/buf.h"
#include "base/time.h"
#include "daemon/link.h"
#include "daemon/metrics.h"
#include "daemon/quirks.h"
#include "daemon/server.h"

struct scim__loop;

/* Something that comes to a loop from another thread. */
struct scim__mail {
	struct scim__mail *next;
	void (*open)(struct scim__mail *mail, struct scim__loop *loop);
};

/* Why a connection must not wait for ever.  Each has one length, so that
 * its ring is in the order of deadlines. */
enum scim__wait {
	SCIM__WAIT_IDLE,    /* for a request */
	SCIM__WAIT_REQUEST, /* for the rest of one */
	SCIM__WAIT_WRITE,   /* for the peer to read */
	SCIM__WAIT_LINGER,  /* for the peer to close */
	SCIM__WAIT_COUNT
};

#define SCIM__LOOP_SCRATCH (64 * 1024)

struct scim__loop {
	struct scim__server *server;
	uv_loop_t uv;
	uv_async_t async;
	uv_timer_t timer;
	pthread_t thread;
	struct scim__metrics metrics;

	/* Calls that wait; the writer looks at the count.  See park.c. */
	atomic_uint parked_count;
	atomic_bool wake_posted;
	struct scim__mail wake;

	pthread_mutex_t lock;
	struct scim__mail *first, **last; /* guarded by lock */

	/* the thread's own */
	struct scim__link connections;
	struct scim__link waiting[SCIM__WAIT_COUNT];
	struct scim__link parked;
	uint64_t looked_ms; /* when all of these did last */
	bool is_woken;      /* and have to again */
	uint64_t wait_ms[SCIM__WAIT_COUNT];
	scim_limits limits; /* of tenant `default`, now and then */
	uint64_t limits_read_ms;
	bool is_stopping;
	uint64_t stop_by_ms;
	struct scim__mail stop;
	struct scim__quirk_log quirk_log;
	int64_t date_s;
	char date[SCIM__TIME_HTTP_LEN + 1];
	char scratch[SCIM__LOOP_SCRATCH]; /* for reading what is encrypted */
};

/* False: it could not be made, and nothing is left of it. */
bool scim__loop_start(struct scim__loop *loop, struct scim__server *server);

/* Reads what bounds a request before it is known whose it is, for loops to
 * come upon; may wait for the store. */
void scim__loops_read_limits(struct scim__server *server);

/* From any thread. */
void scim__loop_post(struct scim__loop *loop, struct scim__mail *mail);

/* Lets what runs finish, then ends the thread; join() waits for that. */
void scim__loop_stop(struct scim__loop *loop);
void scim__loop_join(struct scim__loop *loop);

/* Starts waiting for something else, or with SCIM__WAIT_COUNT for nothing.
 * `link` is the connection's in `waiting`. */
void scim__loop_wait(struct scim__loop *loop, struct scim__link *link,
    uint64_t *deadline_ms, enum scim__wait wait);

/* The date of a response; what came out last stays valid for a second. */
int64_t scim__loop_date(struct scim__loop *loop, const char **out);

/* A connection is gone; the last one of a stopping loop ends it. */
void scim__loop_left(struct scim__loop *loop);

/* False: out of memory. */
bool scim__loops_write_metrics(
    const struct scim__server *server, scim__buf *buf);

#endif
