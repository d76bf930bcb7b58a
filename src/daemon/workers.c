/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A pool of threads behind a bounded queue.
 *
 * How many threads there are is also how many passwords are hashed at once,
 * 19 MiB each; how long the queue may be is how long a client waits at most
 * before it is told to come back instead.
 *
 * Who waits for a job looks by itself now and then: up to 2.40, glibc can lose
 * a signal (its bug 25847), and the job would lie there until the next comes.
 */

#include "daemon/workers.h"

#include <pthread.h>
#include <stdlib.h>
#include <time.h>

#define LOOK_NS 100000000
#define SECOND_NS 1000000000

struct scim__workers {
	pthread_mutex_t lock;
	pthread_cond_t arrived;
	struct scim__job *first, **last; /* guarded by lock, as all below */
	size_t count, most;
	bool is_ending;
	unsigned thread_count; /* not guarded: set before others look */
	pthread_t threads[];
};

static void
wait_a_moment(scim__workers *w)
{
	struct timespec until;

	(void)clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += LOOK_NS;
	if (until.tv_nsec >= SECOND_NS) {
		until.tv_nsec -= SECOND_NS;
		until.tv_sec++;
	}
	(void)pthread_cond_timedwait(&w->arrived, &w->lock, &until);
}

/* The next job, or NULL when none will come. */
static struct scim__job *
take(scim__workers *w)
{
	(void)pthread_mutex_lock(&w->lock);
	while (w->first == NULL && !w->is_ending)
		wait_a_moment(w);
	struct scim__job *job = w->first;
	if (job != NULL) {
		w->first = job->next;
		w->count--;
		if (w->first == NULL)
			w->last = &w->first;
	}
	(void)pthread_mutex_unlock(&w->lock);
	return job;
}

static void *
work(void *argument)
{
	scim__workers *w = argument;

	for (struct scim__job *job = take(w); job != NULL; job = take(w))
		job->run(job);
	return NULL;
}

scim__workers *
scim__workers_new(unsigned threads, size_t queue_most)
{
	scim__workers *w =
	    calloc(1, sizeof(*w) + threads * sizeof(w->threads[0]));
	pthread_condattr_t monotonic;

	if (w == NULL)
		return NULL;
	w->last = &w->first;
	w->most = queue_most;
	(void)pthread_mutex_init(&w->lock, NULL);
	(void)pthread_condattr_init(&monotonic);
	(void)pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC);
	(void)pthread_cond_init(&w->arrived, &monotonic);
	(void)pthread_condattr_destroy(&monotonic);
	while (w->thread_count < threads) {
		if (pthread_create(
			&w->threads[w->thread_count], NULL, work, w) != 0) {
			scim__workers_free(w);
			return NULL;
		}
		w->thread_count++;
	}
	return w;
}

void
scim__workers_free(scim__workers *w)
{
	if (w == NULL)
		return;
	(void)pthread_mutex_lock(&w->lock);
	w->is_ending = true;
	(void)pthread_cond_broadcast(&w->arrived);
	(void)pthread_mutex_unlock(&w->lock);
	for (unsigned i = 0; i < w->thread_count; i++)
		(void)pthread_join(w->threads[i], NULL);
	(void)pthread_cond_destroy(&w->arrived);
	(void)pthread_mutex_destroy(&w->lock);
	free(w);
}

bool
scim__workers_submit(scim__workers *w, struct scim__job *job, bool must)
{
	(void)pthread_mutex_lock(&w->lock);
	bool taken = must || w->count < w->most;
	if (taken) {
		job->next = NULL;
		*w->last = job;
		w->last = &job->next;
		w->count++;
		(void)pthread_cond_signal(&w->arrived);
	}
	(void)pthread_mutex_unlock(&w->lock);
	return taken;
}
