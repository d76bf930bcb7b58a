/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A call's way through the threads.
 *
 * It starts on the connection's loop; a worker takes it for what is slow,
 * the writer for what is written, and both hand it back by mail.  While it
 * is away nothing of the connection moves, so the call needs no lock, and
 * its memory is there whatever becomes of the client.
 */

#include "daemon/conn.h"
#include "daemon/park.h"

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"

static void come_back(struct scim__mail *mail, struct scim__loop *loop);

static void
send_back(struct scim__conn *conn)
{
	conn->mail.open = come_back;
	scim__loop_post(conn->loop, &conn->mail);
}

static enum scim__step
refuse_busy(struct scim__conn *conn)
{
	scim_error err;

	(void)scim__fail(
	    &err, SCIM_ERR_BUSY, "Too much is going on here; try again later.");
	return scim__call_fail(conn->exchange.call, &err);
}

/* Whether token and tenant are what they were on the loop. */
static scim_status
look_again(
    struct scim__exchange *x, scim_txn *txn, bool *out_stale, scim_error *err)
{
	scim_str found;
	scim_status rc = SCIM_OK;

	if (x->principal.token_name.len > 0)
		rc = scim__store_leaf_get(txn, x->arena, SCIM_SHELF_TOKEN,
		    x->principal.token_name, &found, err);
	if (rc == SCIM_OK)
		rc = scim__store_leaf_get(txn, x->arena, SCIM_SHELF_TENANT,
		    x->tenant->name, &found, err);
	*out_stale = rc == SCIM_ERR_NOT_FOUND ||
	    (rc == SCIM_OK && !scim__str_equal(found, x->tenant->text));
	return *out_stale ? scim__fail(err, SCIM_ERR_BUSY,
				"The token or the tenant was changed "
				"meanwhile.")
			  : rc;
}

/*
 * In the writer.  Who may do this, and by which settings and schemas, was
 * decided on the loop; whether that still is so is decided here.  Else what a
 * deleted tenant had in flight would show up in the next one of its name, a
 * write could leave rows that no present schema speaks of, and a bulk request
 * would go on long after its token was revoked.
 */
static scim_status
apply(struct scim__turn *turn, scim_txn *txn)
{
	struct scim__conn *conn =
	    scim__container_of(turn, struct scim__conn, turn);
	struct scim__exchange *x = &conn->exchange;
	scim_error err;
	scim_status rc = look_again(x, txn, &conn->is_stale, &err);

	return rc == SCIM_OK ? scim__call_apply(x->call, txn)
			     : scim__call_refuse(x->call, &err);
}

static void
applied(struct scim__turn *turn)
{
	struct scim__conn *conn =
	    scim__container_of(turn, struct scim__conn, turn);

	conn->was_written = true;
	send_back(conn);
}

static bool
go_to_writer(struct scim__conn *conn)
{
	conn->turn.apply = apply;
	conn->turn.done = applied;
	return scim__writer_submit(conn->loop->server->writer, &conn->turn);
}

/* On a worker. */
static void
work(struct scim__job *job)
{
	struct scim__conn *conn =
	    scim__container_of(job, struct scim__conn, job);
	struct scim__exchange *x = &conn->exchange;

	conn->is_known = false;
	switch (conn->errand) {
	case SCIM__ERRAND_HEAD:
		conn->is_known = scim__conn_look_at_head(conn);
		break;
	case SCIM__ERRAND_MESSAGE:
		conn->is_known = scim__exchange_open(x);
		if (!conn->is_known)
			conn->step = scim__exchange_start(x);
		break;
	case SCIM__ERRAND_CALL:
		conn->step = scim__call_work(x->call);
		break;
	case SCIM__ERRAND_COMMITTED:
		conn->step = scim__call_committed(
		    x->call, conn->turn.commit, &conn->turn.err);
		break;
	}
	send_back(conn);
}

static bool
go_to_workers(struct scim__conn *conn)
{
	conn->job.run = work;
	conn->errand = SCIM__ERRAND_CALL;
	return scim__workers_submit(
	    conn->loop->server->workers, &conn->job, conn->is_committed);
}

static void
rest(struct scim__conn *conn)
{
	scim__conn_read_stop(conn);
	scim__conn_wait(conn, SCIM__WAIT_COUNT);
}

/* False, with an answer: too many are under way. */
static bool
go_to_readers(struct scim__conn *conn, enum scim__errand errand, bool must)
{
	conn->job.run = work;
	conn->errand = errand;
	conn->state = SCIM__CONN_AWAY;
	conn->was_written = conn->is_stale = false;
	rest(conn);
	if (scim__workers_submit(conn->loop->server->readers, &conn->job, must))
		return true;
	scim__exchange_refuse(&conn->exchange, 503,
	    "Too much is going on here; try again later.");
	return false;
}

static bool
waits_for_store(const struct scim__conn *conn)
{
	return conn->loop->server->readers != NULL;
}

bool
scim__conn_may_look(struct scim__conn *conn)
{
	if (!waits_for_store(conn))
		return true;
	if (!scim__exchange_locate(&conn->exchange) &&
	    go_to_readers(conn, SCIM__ERRAND_HEAD, false))
		return false;
	conn->state = SCIM__CONN_READING;
	scim__conn_head_known(conn, true);
	return false;
}

void
scim__conn_carry_out(struct scim__conn *conn)
{
	struct scim__exchange *x = &conn->exchange;

	if (waits_for_store(conn)) {
		if (scim__exchange_locate(x) ||
		    !go_to_readers(conn, SCIM__ERRAND_MESSAGE, false))
			scim__conn_respond(conn);
	} else if (scim__exchange_open(x)) {
		scim__conn_respond(conn);
	} else {
		scim__conn_advance(conn, scim__exchange_start(x));
	}
}

void
scim__conn_advance(struct scim__conn *conn, enum scim__step step)
{
	if (step == SCIM__STEP_WAIT) {
		scim__park(conn);
		return;
	}
	conn->state = SCIM__CONN_AWAY;
	conn->was_written = conn->is_stale = false;
	if (step == SCIM__STEP_WRITE && !go_to_writer(conn))
		step = refuse_busy(conn);
	/* Workers refuse nobody of whom something is durable. */
	if (step == SCIM__STEP_WORK && !go_to_workers(conn))
		step = refuse_busy(conn);
	if (step != SCIM__STEP_DONE) {
		rest(conn);
		return;
	}
	scim__exchange_conclude(&conn->exchange);
	scim__conn_respond(conn);
}

/* Token, path and rights may be others, too. */
void
scim__conn_begin_again(struct scim__conn *conn)
{
	scim__exchange_release(&conn->exchange);
	scim__conn_carry_out(conn);
	scim__conn_serve(conn);
}

/* From the writer: what was committed is shown by whoever may read it. */
static void
take_written(struct scim__conn *conn)
{
	scim__call *call = conn->exchange.call;

	if (conn->is_stale && scim__call_may_begin_again(call)) {
		scim__policy_forget(conn->exchange.server->policy);
		scim__conn_begin_again(conn);
		return;
	}
	conn->is_committed = true;
	if (waits_for_store(conn)) {
		(void)go_to_readers(conn, SCIM__ERRAND_COMMITTED, true);
		return;
	}
	scim__conn_advance(conn,
	    scim__call_committed(call, conn->turn.commit, &conn->turn.err));
	scim__conn_serve(conn);
}

static void
take_worked(struct scim__conn *conn)
{
	if (conn->errand == SCIM__ERRAND_HEAD) {
		conn->state = SCIM__CONN_READING;
		scim__conn_head_known(conn, conn->is_known);
	} else if (conn->is_known) {
		scim__conn_respond(conn);
	} else {
		scim__conn_advance(conn, conn->step);
	}
	scim__conn_serve(conn);
}

static void
come_back(struct scim__mail *mail, struct scim__loop *loop)
{
	struct scim__conn *conn =
	    scim__container_of(mail, struct scim__conn, mail);

	(void)loop;
	if (conn->was_written)
		take_written(conn);
	else
		take_worked(conn);
}
