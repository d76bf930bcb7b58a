/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who has which connection.
 *
 * One for writing, some for short reads, few for long ones; made when first
 * wanted.  When one has broken, all that are as old are made anew by whoever
 * gets them next: the database went away under each of them.
 */
#include <stdlib.h>

#include "store/postgres/postgres.h"

int64_t
scim__pg_clock_ms(void)
{
	struct timespec now;

	(void)clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

bool
scim__pg_pool_init(struct store *store)
{
	static const size_t limits[] = { 1, READERS, SNAPSHOTS };
	pthread_condattr_t monotonic;

	for (size_t i = 0; i < scim__countof(limits); i++)
		store->pools[i] = (struct pool){ .limit = limits[i] };
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

void
scim__pg_pool_release(struct store *store)
{
	for (size_t i = 0; i < scim__countof(store->pools); i++) {
		struct conn *next = store->pools[i].all;

		while (next != NULL) {
			struct conn *conn = next;

			next = conn->next;
			scim__pg_disconnect(conn);
			free(conn);
		}
	}
	if (store->freed_made)
		(void)pthread_cond_destroy(&store->freed);
	if (store->lock_made)
		(void)pthread_mutex_destroy(&store->lock);
}

/* A free one, that which this thread had last if it can be. */
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
	return found;
}

static struct conn *
add(struct store *store, enum role role)
{
	struct pool *pool = &store->pools[role];
	struct conn *conn = calloc(1, sizeof(*conn));

	if (conn == NULL)
		return NULL;
	conn->store = store;
	conn->role = role;
	conn->txn.conn = conn;
	conn->next = pool->all;
	pool->all = conn;
	pool->count++;
	return conn;
}

static scim_status
acquire_locked(
    struct store *store, enum role role, struct conn **out, scim_error *err)
{
	struct pool *pool = &store->pools[role];
	int64_t until_ms = scim__pg_clock_ms() + WAIT_MS;
	struct timespec until = { .tv_sec = until_ms / 1000,
		.tv_nsec = until_ms % 1000 * 1000000 };

	for (;;) {
		struct conn *conn = take_free(pool);

		if (conn == NULL && pool->count < pool->limit) {
			conn = add(store, role);
			if (conn == NULL)
				return scim__fail_memory(err);
		}
		if (conn != NULL) {
			conn->taken = true;
			conn->user = pthread_self();
			*out = conn;
			return SCIM_OK;
		}
		if (role == ROLE_SNAPSHOT)
			return scim__fail(err, SCIM_ERR_BUSY,
			    "Too many long reads at once; try again.");
		if (pthread_cond_timedwait(
			&store->freed, &store->lock, &until) != 0)
			return scim__fail(err, SCIM_ERR_BUSY,
			    "The store was busy for 10 s; try again.");
	}
}

scim_status
scim__pg_acquire(
    struct store *store, enum role role, struct conn **out, scim_error *err)
{
	struct conn *conn = NULL;

	(void)pthread_mutex_lock(&store->lock);
	scim_status rc = acquire_locked(store, role, &conn, err);
	(void)pthread_mutex_unlock(&store->lock);
	if (rc != SCIM_OK)
		return rc;
	if (scim__pg_is_stale(conn))
		rc = scim__pg_connect(conn, err);
	if (rc != SCIM_OK) {
		scim__pg_give_back(conn);
		return rc;
	}
	*out = conn;
	return SCIM_OK;
}

void
scim__pg_give_back(struct conn *conn)
{
	struct store *store = conn->store;

	(void)pthread_mutex_lock(&store->lock);
	conn->taken = false;
	(void)pthread_cond_broadcast(&store->freed);
	(void)pthread_mutex_unlock(&store->lock);
}
