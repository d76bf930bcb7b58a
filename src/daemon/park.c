/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Long polls.
 *
 * A call that has nothing to answer yet lies in a ring of its loop and costs
 * what its connection costs.  After a commit the writer wakes the loops that
 * have any, and each call looks again; one that has something to say begins
 * again from the start, for its token may have been revoked meanwhile.
 *
 * The ring is counted before a call that is put into it looks once more, and
 * the writer looks at the count after its commit: so either that look sees
 * what was committed, or the writer sees that somebody waits.
 */

#include "daemon/park.h"

#include <stdatomic.h>

#include "base/cleanup.h"
#include "daemon/conn.h"

#define PARKED_MOST 4096 /* a loop */
#define WAKE_MS 20       /* between two looks of all */
#define WAKE_REMOTE_MS 200
#define LOOK_MS 1000 /* what other processes commit wakes nobody */

static void
unpark(struct scim__conn *conn)
{
	scim__link_leave(&conn->waiting);
	(void)atomic_fetch_sub(&conn->loop->parked_count, 1);
	scim__conn_begin_again(conn);
}

/* Whether there still is nothing to say.  A loop can't look into a store that
 * may make it wait: there each begins again, once in a while. */
static bool
looks_in_vain(struct scim__conn *conn)
{
	if (conn->loop->server->readers != NULL)
		return false;
	return scim__call_start(conn->exchange.call) == SCIM__STEP_WAIT;
}

void
scim__park(struct scim__conn *conn)
{
	struct scim__loop *loop = conn->loop;
	uint64_t wait_ms =
	    (uint64_t)scim__call_wait_s(conn->exchange.call) * 1000;
	bool is_full = atomic_load(&loop->parked_count) >= PARKED_MOST;

	conn->state = SCIM__CONN_PARKED;
	scim__conn_read_stop(conn);
	scim__conn_wait(conn, SCIM__WAIT_COUNT);
	(void)atomic_fetch_add(&loop->parked_count, 1);
	scim__link_join(&conn->waiting, &loop->parked);
	if (conn->parked_until_ms == 0)
		conn->parked_until_ms = uv_now(&loop->uv) + wait_ms;
	conn->deadline_ms = conn->parked_until_ms;
	if (loop->is_stopping || is_full)
		conn->exchange.has_waited = true;
	if (conn->exchange.has_waited ||
	    (loop->server->readers == NULL && !looks_in_vain(conn)))
		unpark(conn);
}

static void
look_at_all(struct scim__loop *loop)
{
	loop->looked_ms = uv_now(&loop->uv);
	loop->is_woken = false;
	for (struct scim__link *at = loop->parked.next; at != &loop->parked;) {
		struct scim__conn *conn =
		    scim__container_of(at, struct scim__conn, waiting);

		at = at->next;
		if (!looks_in_vain(conn))
			unpark(conn);
	}
}

static void
open_wake(struct scim__mail *mail, struct scim__loop *loop)
{
	(void)mail;
	atomic_store(&loop->wake_posted, false);
	uint64_t wake_ms =
	    loop->server->readers == NULL ? WAKE_MS : WAKE_REMOTE_MS;

	if (uv_now(&loop->uv) - loop->looked_ms >= wake_ms)
		look_at_all(loop);
	else
		loop->is_woken = true;
}

void
scim__park_wake(struct scim__loop *loop)
{
	if (atomic_load(&loop->parked_count) == 0 ||
	    atomic_exchange(&loop->wake_posted, true))
		return;
	loop->wake.open = open_wake;
	scim__loop_post(loop, &loop->wake);
}

/* Those whose time is over by `now_ms` answer what they have. */
static void
end_until(struct scim__loop *loop, uint64_t now_ms)
{
	for (struct scim__link *at = loop->parked.next; at != &loop->parked;) {
		struct scim__conn *conn =
		    scim__container_of(at, struct scim__conn, waiting);

		at = at->next;
		if (conn->deadline_ms > now_ms)
			continue;
		conn->exchange.has_waited = true;
		unpark(conn);
	}
}

void
scim__park_tick(struct scim__loop *loop, uint64_t now_ms)
{
	if (atomic_load(&loop->parked_count) == 0)
		return;
	if (loop->is_woken || now_ms - loop->looked_ms >= LOOK_MS)
		look_at_all(loop);
	end_until(loop, now_ms);
}

void
scim__park_end(struct scim__loop *loop)
{
	end_until(loop, UINT64_MAX);
}
