/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Turns at a store, with a limit to the patience.
 *
 * A transaction may begin in one thread and end in another, which a mutex or
 * a read-write lock of POSIX does not allow its holder; so the state is
 * plain data behind a mutex that is held for no longer than a look at it.
 * A writer that waits for readers keeps new ones out, else they could keep
 * it waiting for ever.
 */
#include "store/kv/turn.h"

#include <errno.h>
#include <time.h>

static bool
free_to_read(const struct scim__turn *turn)
{
	return !turn->showing;
}

static bool
free_to_write(const struct scim__turn *turn)
{
	return !turn->writing;
}

static bool
free_to_show(const struct scim__turn *turn)
{
	return turn->readers == 0;
}

static struct timespec
deadline_of(const struct scim__turn *turn)
{
	struct timespec t;

	(void)clock_gettime(CLOCK_MONOTONIC, &t);
	t.tv_sec += turn->patience_ms / 1000;
	t.tv_nsec += (long)(turn->patience_ms % 1000) * 1000000;
	if (t.tv_nsec >= 1000000000) {
		t.tv_sec++;
		t.tv_nsec -= 1000000000;
	}
	return t;
}

/* Called with the lock held. */
static bool
wait_until(struct scim__turn *turn, bool (*ready)(const struct scim__turn *))
{
	if (ready(turn))
		return true;
	struct timespec deadline = deadline_of(turn);
	int rc = 0;

	while (!ready(turn) && rc != ETIMEDOUT)
		rc = pthread_cond_timedwait(
		    &turn->changed, &turn->lock, &deadline);
	return ready(turn);
}

bool
scim__turn_init(struct scim__turn *turn)
{
	pthread_condattr_t attributes;

	*turn = (struct scim__turn){ .patience_ms = SCIM__TURN_PATIENCE_MS };
	if (pthread_condattr_init(&attributes) != 0)
		return false;
	(void)pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	bool ok = pthread_cond_init(&turn->changed, &attributes) == 0;
	(void)pthread_condattr_destroy(&attributes);
	if (!ok)
		return false;
	if (pthread_mutex_init(&turn->lock, NULL) != 0) {
		(void)pthread_cond_destroy(&turn->changed);
		return false;
	}
	return true;
}

void
scim__turn_release(struct scim__turn *turn)
{
	(void)pthread_mutex_destroy(&turn->lock);
	(void)pthread_cond_destroy(&turn->changed);
}

bool
scim__turn_begin_read(struct scim__turn *turn)
{
	(void)pthread_mutex_lock(&turn->lock);
	bool ok = wait_until(turn, free_to_read);
	if (ok)
		turn->readers++;
	(void)pthread_mutex_unlock(&turn->lock);
	return ok;
}

void
scim__turn_end_read(struct scim__turn *turn)
{
	(void)pthread_mutex_lock(&turn->lock);
	turn->readers--;
	(void)pthread_cond_broadcast(&turn->changed);
	(void)pthread_mutex_unlock(&turn->lock);
}

bool
scim__turn_begin_write(struct scim__turn *turn)
{
	(void)pthread_mutex_lock(&turn->lock);
	bool ok = wait_until(turn, free_to_write);
	if (ok)
		turn->writing = true;
	(void)pthread_mutex_unlock(&turn->lock);
	return ok;
}

void
scim__turn_end_write(struct scim__turn *turn)
{
	(void)pthread_mutex_lock(&turn->lock);
	turn->writing = false;
	(void)pthread_cond_broadcast(&turn->changed);
	(void)pthread_mutex_unlock(&turn->lock);
}

bool
scim__turn_begin_show(struct scim__turn *turn)
{
	(void)pthread_mutex_lock(&turn->lock);
	turn->showing = true;
	bool ok = wait_until(turn, free_to_show);
	if (!ok) {
		turn->showing = false;
		(void)pthread_cond_broadcast(&turn->changed);
	}
	(void)pthread_mutex_unlock(&turn->lock);
	return ok;
}

void
scim__turn_end_show(struct scim__turn *turn)
{
	(void)pthread_mutex_lock(&turn->lock);
	turn->showing = false;
	(void)pthread_cond_broadcast(&turn->changed);
	(void)pthread_mutex_unlock(&turn->lock);
}
