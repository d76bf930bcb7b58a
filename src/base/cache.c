/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Shared things that many threads ask for and few replace.
 *
 * Invariant: a thing read from the store before a drop is never found after
 * it.  Whoever fills the cache notes the number of drops before the read;
 * put() compares under the lock of the set.  drop_all() counts first and
 * locks second, so a put that still saw the old number has finished before
 * its set is emptied.
 *
 * A set has WAYS places and the next victim goes round, which bounds the
 * whole and needs no list that every hit would have to write to.  There is
 * no dropping of one thing: what changes here changes a few times a day, and
 * reading all again costs one lookup each.
 */
#include "base/cache.h"

#include <pthread.h>
#include <stdlib.h>

#include "base/hash.h"

enum { WAYS = 4, STRIPES = 16 };

struct set {
	struct scim__cached *ways[WAYS];
};

/* A cache line each, lest one loop's locking slow another's. */
struct stripe {
	_Alignas(128) pthread_rwlock_t lock; /* guards its sets */
	unsigned victim;
};

struct scim__cache {
	struct stripe stripes[STRIPES];
	_Atomic uint64_t drops;
	size_t set_count; /* a power of two, at least STRIPES */
	struct set *sets;
};

void
scim__cached_unref(struct scim__cached *thing)
{
	if (thing != NULL && atomic_fetch_sub(&thing->refs, 1) == 1)
		thing->free(thing);
}

scim__cache *
scim__cache_new(unsigned size_log2)
{
	size_t set_count = (size_t)STRIPES << size_log2;
	struct set *sets = calloc(set_count, sizeof(*sets));
	scim__cache *cache =
	    aligned_alloc(_Alignof(scim__cache), sizeof(*cache));

	if (sets == NULL || cache == NULL) {
		free(sets);
		free(cache);
		return NULL;
	}
	for (size_t i = 0; i < STRIPES; i++) {
		(void)pthread_rwlock_init(&cache->stripes[i].lock, NULL);
		cache->stripes[i].victim = 0;
	}
	atomic_init(&cache->drops, 0);
	cache->set_count = set_count;
	cache->sets = sets;
	return cache;
}

static void
empty_set(struct set *set)
{
	for (size_t i = 0; i < WAYS; i++) {
		scim__cached_unref(set->ways[i]);
		set->ways[i] = NULL;
	}
}

void
scim__cache_free(scim__cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < cache->set_count; i++)
		empty_set(&cache->sets[i]);
	for (size_t i = 0; i < STRIPES; i++)
		(void)pthread_rwlock_destroy(&cache->stripes[i].lock);
	free(cache->sets);
	free(cache);
}

static struct stripe *
stripe_of(scim__cache *cache, uint64_t hash)
{
	return &cache->stripes[hash % STRIPES];
}

static struct set *
set_of(scim__cache *cache, uint64_t hash)
{
	return &cache->sets[hash & (cache->set_count - 1)];
}

static struct scim__cached **
place_of(struct set *set, uint64_t hash, scim_str key)
{
	for (size_t i = 0; i < WAYS; i++) {
		const struct scim__cached *c = set->ways[i];

		if (c != NULL && c->hash == hash && c->key.len == key.len &&
		    scim__hash_equal(c->key.ptr, key.ptr, key.len))
			return &set->ways[i];
	}
	return NULL;
}

struct scim__cached *
scim__cache_find(scim__cache *cache, uint64_t hash, scim_str key)
{
	struct stripe *stripe = stripe_of(cache, hash);
	struct scim__cached *found = NULL;

	(void)pthread_rwlock_rdlock(&stripe->lock);
	struct scim__cached **place = place_of(set_of(cache, hash), hash, key);
	if (place != NULL) {
		found = *place;
		(void)atomic_fetch_add(&found->refs, 1);
	}
	(void)pthread_rwlock_unlock(&stripe->lock);
	return found;
}

uint64_t
scim__cache_drops(const scim__cache *cache)
{
	return atomic_load(&cache->drops);
}

static struct scim__cached **
free_place(struct set *set, struct stripe *stripe)
{
	for (size_t i = 0; i < WAYS; i++)
		if (set->ways[i] == NULL)
			return &set->ways[i];
	return &set->ways[stripe->victim++ % WAYS];
}

void
scim__cache_put(scim__cache *cache, struct scim__cached *thing, uint64_t drops)
{
	struct stripe *stripe = stripe_of(cache, thing->hash);
	struct set *set = set_of(cache, thing->hash);
	struct scim__cached *out = NULL;

	(void)pthread_rwlock_wrlock(&stripe->lock);
	if (atomic_load(&cache->drops) == drops) {
		struct scim__cached **place =
		    place_of(set, thing->hash, thing->key);

		if (place == NULL)
			place = free_place(set, stripe);
		out = *place;
		(void)atomic_fetch_add(&thing->refs, 1);
		*place = thing;
	}
	(void)pthread_rwlock_unlock(&stripe->lock);
	scim__cached_unref(out);
}

void
scim__cache_drop_all(scim__cache *cache)
{
	(void)atomic_fetch_add(&cache->drops, 1);
	for (size_t i = 0; i < STRIPES; i++) {
		(void)pthread_rwlock_wrlock(&cache->stripes[i].lock);
		for (size_t k = i; k < cache->set_count; k += STRIPES)
			empty_set(&cache->sets[k]);
		(void)pthread_rwlock_unlock(&cache->stripes[i].lock);
	}
}
