/* SPDX-License-Identifier: Apache-2.0 */

/*
 * The one thread that writes (group commit).
 *
 * What queues up while a commit is under way shares the next one, so nobody
 * waits for a timer and a busy server syncs once for many.  Each operation
 * runs in its savepoint: its refusal undoes it alone.
 *
 * Invariant: no turn is done() before the commit it rode on has returned,
 * refusals included, because a refusal may rest on what a neighbour wrote.
 * When the whole transaction is lost though nothing of it happened (a full
 * disk), the members run again one by one, so that one of them can't fail
 * the others.  When none can begin, all who wait are told so at once.  When
 * it can't be told what happened, nothing is written any more.
 */

#include "daemon/writer.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <time.h>

#include "base/error.h"
#include "base/seeded.h"

#define BATCH_MOST 64
#define TURN_NS 10000000
#define TICK_NS 5000000
#define SECOND_NS 1000000000

struct scim__writer {
	struct scim__writer_options options;
	pthread_t thread;
	pthread_mutex_t lock;
	pthread_cond_t arrived;
	struct scim__turn *first, **last; /* guarded by lock */
	size_t count;                     /* guarded by lock */
	bool is_ending;                   /* guarded by lock */
	bool is_poisoned;                 /* the thread's own */
	int64_t ticked_ns;                /* the thread's own */
	_Atomic uint64_t batches, operations, reruns;
};

struct batch {
	struct scim__turn *turns[BATCH_MOST];
	size_t count;
};

static int64_t
now_ns(void)
{
	struct timespec ts;

	(void)clock_gettime(CLOCK_MONOTONIC, &ts);
	return (int64_t)ts.tv_sec * SECOND_NS + ts.tv_nsec;
}

static void
count_up(_Atomic uint64_t *counter, uint64_t n)
{
	(void)atomic_fetch_add_explicit(counter, n, memory_order_relaxed);
}

/* The next turn without waiting, or NULL. */
static struct scim__turn *
take(scim__writer *w)
{
	(void)pthread_mutex_lock(&w->lock);
	struct scim__turn *turn = w->first;
	if (turn != NULL) {
		w->first = turn->next;
		w->count--;
		if (w->first == NULL)
			w->last = &w->first;
	}
	(void)pthread_mutex_unlock(&w->lock);
	return turn;
}

static void
finish(struct batch *batch, scim_status commit, const scim_error *err)
{
	for (size_t i = 0; i < batch->count; i++) {
		batch->turns[i]->commit = commit;
		if (commit != SCIM_OK)
			batch->turns[i]->err = *err;
		batch->turns[i]->done(batch->turns[i]);
	}
	batch->count = 0;
}

/* SCIM_OK: the transaction goes on, whatever became of the turn. */
static scim_status
apply_one(struct scim__turn *turn, scim_txn *txn, scim_error *err)
{
	scim_status rc = scim__store_savepoint(txn, err);

	if (rc != SCIM_OK)
		return rc;
	if (turn->apply(turn, txn) == SCIM_OK)
		return scim__store_release(txn, err);
	return scim__store_rollback_to(txn, err);
}

/* Applies what is queued for as long as a turn may take. */
static scim_status
apply_queued(
    scim__writer *w, struct batch *batch, scim_txn *txn, scim_error *err)
{
	int64_t end_ns = now_ns() + TURN_NS;
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK; i++) {
		if (i == batch->count) {
			if (i == w->options.batch_most || now_ns() >= end_ns)
				break;
			struct scim__turn *turn = take(w);
			if (turn == NULL)
				break;
			batch->turns[batch->count++] = turn;
		}
		rc = apply_one(batch->turns[i], txn, err);
	}
	return rc;
}

static void
tell_committed(scim__writer *w)
{
	if (w->options.committed != NULL)
		w->options.committed(w->options.context);
}

static bool
is_remote(const scim__writer *w)
{
	unsigned capabilities = scim_store_capabilities(w->options.store);

	return (capabilities & SCIM_STORE_REMOTE) != 0;
}

/* A database elsewhere has made up its mind by the time it answers again. */
static void
poison(scim__writer *w, const scim_error *err)
{
	if (is_remote(w))
		return;
	w->is_poisoned = true;
	w->options.poisoned(w->options.context, err);
}

/* One transaction around the batch, which has one turn at least. */
static scim_status
run_batch(
    scim__writer *w, struct batch *batch, bool *out_begun, scim_error *err)
{
	scim_txn *txn;
	scim_status rc =
	    scim__store_begin(w->options.store, SCIM_TXN_WRITE, &txn, err);

	*out_begun = rc == SCIM_OK;
	if (rc != SCIM_OK)
		return rc;
	rc = apply_queued(w, batch, txn, err);
	if (rc != SCIM_OK) {
		scim__store_rollback(txn);
		return rc;
	}
	if (scim__seeded("early_answer"))
		finish(batch, SCIM_OK, err);
	return scim__store_commit(txn, err);
}

/* One turn in a transaction of its own. */
static scim_status
run_alone(
    scim__writer *w, struct scim__turn *turn, bool *has_begun, scim_error *err)
{
	scim_txn *txn;
	scim_status rc =
	    scim__store_begin(w->options.store, SCIM_TXN_WRITE, &txn, err);

	*has_begun = rc == SCIM_OK;
	if (rc != SCIM_OK)
		return rc;
	rc = apply_one(turn, txn, err);
	if (rc == SCIM_OK)
		return scim__store_commit(txn, err);
	scim__store_rollback(txn);
	return rc;
}

/* A transaction for each: the batch as a whole was lost.  Where one can't
 * even begin, the others would only wait as long for the same. */
static void
run_singly(scim__writer *w, struct batch *batch)
{
	scim_error err = { .status = SCIM_OK };
	scim_status rc = SCIM_OK;
	bool has_begun = true;

	for (size_t i = 0; i < batch->count; i++) {
		struct batch single = { { batch->turns[i] }, 1 };

		if (has_begun) {
			err = (scim_error){ .status = SCIM_OK };
			rc = run_alone(w, single.turns[0], &has_begun, &err);
			count_up(&w->reruns, 1);
		}
		if (rc == SCIM_ERR_UNCERTAIN)
			poison(w, &err);
		if (rc == SCIM_ERR_ROLLED_BACK && is_remote(w))
			rc = scim__fail(&err, SCIM_ERR_BUSY,
			    "The database lost the transaction; nothing was "
			    "changed: try again.");
		finish(&single, rc, &err);
	}
	tell_committed(w);
}

/* The store took long to say that nobody can write: to be told once, not
 * waited for by each who is queued behind. */
static void
refuse_queued(scim__writer *w, scim_status rc, const scim_error *err)
{
	(void)pthread_mutex_lock(&w->lock);
	struct scim__turn *turn = w->first;
	w->first = NULL;
	w->last = &w->first;
	w->count = 0;
	(void)pthread_mutex_unlock(&w->lock);
	while (turn != NULL) {
		struct batch single = { { turn }, 1 };

		turn = turn->next;
		finish(&single, rc, err);
	}
}

static void
write_batch(scim__writer *w, struct scim__turn *first)
{
	struct batch batch = { { first }, 1 };
	scim_error err = { .status = SCIM_OK };

	if (w->is_poisoned) {
		scim_status rc = scim__fail(&err, SCIM_ERR_STORE,
		    "The store serves no more; nothing was written.");
		finish(&batch, rc, &err);
		return;
	}
	bool has_begun;
	scim_status rc = run_batch(w, &batch, &has_begun, &err);
	count_up(&w->batches, 1);
	count_up(&w->operations, batch.count);
	if (rc == SCIM_ERR_UNCERTAIN)
		poison(w, &err);
	/* What a database elsewhere could not do now it may do in a moment. */
	if (rc != SCIM_OK && rc != SCIM_ERR_UNCERTAIN &&
	    (batch.count > 1 || (has_begun && is_remote(w))))
		run_singly(w, &batch);
	else
		finish(&batch, rc, &err);
	if (rc == SCIM_OK)
		tell_committed(w);
	if (!has_begun)
		refuse_queued(w, rc, &err);
}

static void
tick_when_due(scim__writer *w)
{
	int64_t now = now_ns();

	if (now - w->ticked_ns < TICK_NS)
		return;
	w->options.tick(w->options.context);
	w->ticked_ns = now;
}

/* Waits for a turn, or for the next tick.  False: there will be none. */
static bool
wait_for_turn(scim__writer *w, struct scim__turn **out)
{
	struct timespec until;
	bool goes_on = true;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += TICK_NS;
	if (until.tv_nsec >= SECOND_NS) {
		until.tv_nsec -= SECOND_NS;
		until.tv_sec++;
	}
	(void)pthread_mutex_lock(&w->lock);
	if (w->first == NULL && !w->is_ending)
		(void)pthread_cond_timedwait(&w->arrived, &w->lock, &until);
	goes_on = w->first != NULL || !w->is_ending;
	(void)pthread_mutex_unlock(&w->lock);
	*out = take(w);
	return goes_on;
}

static void *
run(void *argument)
{
	scim__writer *w = argument;
	struct scim__turn *turn;

	while (wait_for_turn(w, &turn)) {
		if (turn != NULL)
			write_batch(w, turn);
		tick_when_due(w);
	}
	return NULL;
}

scim__writer *
scim__writer_new(const struct scim__writer_options *options)
{
	scim__writer *w = calloc(1, sizeof(*w));
	pthread_condattr_t monotonic;

	if (w == NULL)
		return NULL;
	w->options = *options;
	if (w->options.batch_most == 0 || w->options.batch_most > BATCH_MOST)
		w->options.batch_most = BATCH_MOST;
	w->last = &w->first;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->arrived, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	if (pthread_create(&w->thread, NULL, run, w) != 0) {
		free(w);
		return NULL;
	}
	return w;
}

void
scim__writer_free(scim__writer *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->is_ending = true;
	(void)pthread_cond_signal(&w->arrived);
	(void)pthread_mutex_unlock(&w->lock);
	(void)pthread_join(w->thread, NULL);
	(void)pthread_cond_destroy(&w->arrived);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

bool
scim__writer_submit(scim__writer *w, struct scim__turn *turn)
{
	(void)pthread_mutex_lock(&w->lock);
	bool taken = w->count < w->options.queue_most;
	if (taken) {
		turn->next = NULL;
		*w->last = turn;
		w->last = &turn->next;
		if (w->count++ == 0)
			(void)pthread_cond_signal(&w->arrived);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return taken;
}

void
scim__writer_count(scim__writer *w, struct scim__writer_counts *out)
{
	out->batches = atomic_load_explicit(&w->batches, memory_order_relaxed);
	out->operations =
	    atomic_load_explicit(&w->operations, memory_order_relaxed);
	out->reruns = atomic_load_explicit(&w->reruns, memory_order_relaxed);
}
