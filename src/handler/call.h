/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_HANDLER_CALL_H
#define SCIM_HANDLER_CALL_H

/*
 * A request carried out in steps, so that a daemon can run each where it
 * belongs: short things on its loop, slow ones on a worker, writes in the
 * one writer.  scim_handle() runs all of them in one thread.
 *
 *	step = scim__call_start(call);
 *	while (step != SCIM__STEP_DONE)
 *		WORK:  step = scim__call_work(call);       on a worker
 *		WRITE: status = scim__call_apply(call, txn);   in the writer,
 *		           inside a savepoint, rolled back unless SCIM_OK;
 *		       commit, then
 *		       step = scim__call_committed(call, commit status);
 *
 *		WAIT:  step = scim__call_start(call);   after the next commit,
 *		       or, once scim__call_wait_s() are over, after
 *		       scim__call_may_wait(call, false)
 *
 * A call moves between threads but is used by one at a time.
 */

#include <stdbool.h>

#include "scimd/handler.h"
#include "store/store.h"

typedef struct scim__call scim__call;

enum scim__step {
	SCIM__STEP_DONE,
	SCIM__STEP_WORK,
	SCIM__STEP_WRITE,
	SCIM__STEP_WAIT /* only after scim__call_may_wait() */
};

/*
 * SCIM_OK, or SCIM_ERR_UNSUPPORTED: whether such requests are carried out at
 * all.  A binding asks before it looks at the content; operation and
 * endpoint suffice, and query parameters count where they are set.
 */
SCIM_MUST_USE scim_status scim__call_offered(
    const scim_request *request, scim_error *err);

/* Owned by arena; `request` and what it points to must outlive the call.
 * NULL when out of memory. */
scim__call *scim__call_new(
    scim_provider *provider, const scim_request *request, scim_arena *arena);

/*
 * Looks at everything that comes before the body (existence, preconditions):
 * SCIM__STEP_DONE when the answer is known already and no body need be sent.
 * For `Expect: 100-continue`; scim__call_start() follows otherwise, once the
 * body is in the request.
 */
enum scim__step scim__call_check(scim__call *call);

enum scim__step scim__call_start(scim__call *call);

/* Whether the caller can wait for what is not there yet; it can't at first. */
void scim__call_may_wait(scim__call *call, bool may_wait);
unsigned scim__call_wait_s(const scim__call *call);

enum scim__step scim__call_work(scim__call *call);

/* May be run again after its effects were rolled back.  Not SCIM_OK: roll
 * back; scim__call_committed() still follows, and knows the answer. */
SCIM_MUST_USE scim_status scim__call_apply(scim__call *call, scim_txn *txn);

/* Instead of an apply, by whoever finds in the transaction that the call must
 * not be carried out any more.  Returns the status of `err`. */
SCIM_MUST_USE scim_status scim__call_refuse(
    scim__call *call, const scim_error *err);

/*
 * Whether nothing of it is durable yet: then it lets go of what it holds, and
 * another call may be made of the request.
 */
bool scim__call_may_begin_again(scim__call *call);

/*
 * The transaction of the last apply ended.  `commit` SCIM_OK: durable, and
 * what apply said stands.  SCIM_ERR_UNCERTAIN or any other: that is the
 * outcome, whatever apply said.
 */
enum scim__step scim__call_committed(
    scim__call *call, scim_status commit, const scim_error *err);

/*
 * One turn of what deletes left over for later (provider/departure.h), in a
 * write transaction of its own.  `context` finds a tenant's settings and
 * schemas by its name, false for none; `*out_more` whether to call again.
 */
SCIM_MUST_USE scim_status scim__settle_turn(scim_provider *provider,
    bool (*context)(void *argument, scim_str tenant, scim_context *out),
    void *argument, bool *out_more, scim_error *err);

/* Makes the next turn look, whatever this process knows of. */
void scim__settle_look(scim_provider *provider);

/* Gives up before the end: the answer is `err`, or, SCIM__STEP_WORK, has to
 * be made of what is durable already. */
enum scim__step scim__call_fail(scim__call *call, const scim_error *err);

/* Where its writes go. */
scim_store *scim__call_store(const scim__call *call);

/* Valid once a step said SCIM__STEP_DONE. */
const scim_response *scim__call_response(const scim__call *call);

#endif
