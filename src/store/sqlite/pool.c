/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has which connection.
 *
 * One for writing, some for short reads, few for long ones.  They are opened
 * when first wanted and stay open.  A thread gets back the one it had last
 * when that is free, for its cache is warm.  Whoever waits, waits on one
 * condition variable; a write may end on another thread than it began on, so
 * no mutex is held while a transaction is open.
 */
#include "store/sqlite/sqlite.h"

int64_t
scim__sqlite_clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
scim__sqlite_pool_init(struct store *store)
{
	static const size_t limits[] = { 1, READERS, SNAPSHOTS };
	pthread_condattr_t monotonic;

	for (size_t i = 0; i < scim__countof(limits); i++)
		store->pools[i] =
		    (struct pool){ .role = (enum role)i, .limit = limits[i] };
	if (pthread_mutex_init(&store->lock, NULL) != 0)
		return false;
	store->lock_made = true;
	if (pthread_condattr_init(&monotonic) != 0)
		return false;
	store->freed_made =
	    pthread_condattr_setclock(&monotonic, CLOCK_MONOTONIC) == 0 &&
	    pthread_cond_init(&store->freed, &monotonic) == 0;
	(void)pthread_condattr_destroy(&monotonic);
	return store->freed_made;
}

/* The writer goes last: the last to leave carries the WAL back. */
void
scim__sqlite_pool_release(struct store *store)
{
	for (size_t i = scim__countof(store->pools); i-- > 0;) {
		struct conn *next = store->pools[i].all;

		while (next != NULL) {
			struct conn *conn = next;

			next = conn->next;
			scim__sqlite_disconnect(conn);
		}
	}
	if (store->freed_made)
		(void)pthread_cond_destroy(&store->freed);
	if (store->lock_made)
		(void)pthread_mutex_destroy(&store->lock);
}

static void
take(struct conn *conn)
{
	conn->taken = true;
	conn->user = pthread_self();
	conn->txn.lost = conn->txn.named = false;
	if (conn->role == ROLE_SNAPSHOT)
		conn->txn.since_ms = scim__sqlite_clock_ms();
}

static struct conn *
take_free(struct pool *pool)
{
	struct conn *found = NULL;

	for (struct conn *c = pool->all; c != NULL; c = c->next) {
		if (c->taken)
			continue;
		found = c;
		if (pthread_equal(c->user, pthread_self()))
			break;
	}
	if (found != NULL)
		take(found);
	return found;
}

/* Opens one more, without the lock: that takes a look at the disk. */
static scim_status
take_new(
    struct store *store, struct pool *pool, struct conn **out, scim_error *err)
{
	struct conn *conn = NULL;

	pool->count++;
	(void)pthread_mutex_unlock(&store->lock);
	scim_status rc = scim__sqlite_connect(store, pool->role, &conn, err);
	(void)pthread_mutex_lock(&store->lock);
	if (rc != SCIM_OK) {
		pool->count--;
		(void)pthread_cond_broadcast(&store->freed);
		return rc;
	}
	take(conn);
	conn->next = pool->all;
	pool->all = conn;
	*out = conn;
	return SCIM_OK;
}

static scim_status
too_many(scim_error *err)
{
	return scim__fail(
	    err, SCIM_ERR_BUSY, "Too many long reads at once; try again.");
}

static scim_status
acquire_locked(struct store *store, struct pool *pool, int64_t until_ms,
    struct conn **out, scim_error *err)
{
	struct timespec until = { .tv_sec = until_ms / 1000,
		.tv_nsec = until_ms % 1000 * 1000000 };

	for (;;) {
		struct conn *conn = take_free(pool);

		if (conn != NULL) {
			*out = conn;
			return SCIM_OK;
		}
		if (pool->count < pool->limit)
			return take_new(store, pool, out, err);
		if (pool->role == ROLE_SNAPSHOT)
			return too_many(err);
		if (pthread_cond_timedwait(
			&store->freed, &store->lock, &until) != 0)
			return scim__fail(err, SCIM_ERR_BUSY,
			    "The store was busy for 10 s; try again.");
	}
}

scim_status
scim__sqlite_acquire(struct store *store, enum role role, int64_t until_ms,
    struct conn **out, scim_error *err)
{
	if (role == ROLE_SNAPSHOT &&
	    scim__sqlite_clock_ms() < atomic_load(&store->no_snapshot_until_ms))
		return too_many(err);
	(void)pthread_mutex_lock(&store->lock);
	scim_status rc =
	    acquire_locked(store, &store->pools[role], until_ms, out, err);
	(void)pthread_mutex_unlock(&store->lock);
	return rc;
}

struct conn *
scim__sqlite_try_writer(struct store *store)
{
	(void)pthread_mutex_lock(&store->lock);
	struct conn *conn = take_free(&store->pools[ROLE_WRITER]);
	(void)pthread_mutex_unlock(&store->lock);
	return conn;
}

void
scim__sqlite_give_back(struct conn *conn)
{
	struct store *store = conn->store;

	(void)pthread_mutex_lock(&store->lock);
	conn->taken = false;
	(void)pthread_cond_broadcast(&store->freed);
	(void)pthread_mutex_unlock(&store->lock);
}

int64_t
scim__sqlite_oldest_snapshot_ms(struct store *store)
{
	int64_t now = scim__sqlite_clock_ms(), oldest = now;

	(void)pthread_mutex_lock(&store->lock);
	for (struct conn *c = store->pools[ROLE_SNAPSHOT].all; c != NULL;
	     c = c->next)
		if (c->taken && c->txn.since_ms < oldest)
			oldest = c->txn.since_ms;
	(void)pthread_mutex_unlock(&store->lock);
	return now - oldest;
}
