/* SPDX-License-Identifier: Apache-2.0 */
#include "base/cache.h"
#include "lib/test.h"

#include <pthread.h>
#include <stdlib.h>

struct thing {
	struct scim__cached base;
	char key[16];
	int value;
};

static atomic_int alive;

static void
free_thing(struct scim__cached *base)
{
	(void)atomic_fetch_sub(&alive, 1);
	free(scim__container_of(base, struct thing, base));
}

static struct thing *
new_thing(uint64_t hash, const char *key, int value)
{
	struct thing *t = calloc(1, sizeof(*t));

	assert_non_null(t);
	(void)atomic_fetch_add(&alive, 1);
	atomic_init(&t->base.refs, 1);
	t->base.hash = hash;
	memcpy(t->key, key, strlen(key));
	t->base.key = (scim_str){ t->key, strlen(key) };
	t->base.free = free_thing;
	t->value = value;
	return t;
}

static void
put(scim__cache *cache, uint64_t hash, const char *key, int value)
{
	struct thing *t = new_thing(hash, key, value);

	scim__cache_put(cache, &t->base, scim__cache_drops(cache));
	scim__cached_unref(&t->base);
}

/* The value under the key, or -1. */
static int
look(scim__cache *cache, uint64_t hash, const char *key)
{
	struct scim__cached *hit =
	    scim__cache_find(cache, hash, scim__str(key));
	int value = hit == NULL
	    ? -1
	    : scim__container_of(hit, struct thing, base)->value;

	scim__cached_unref(hit);
	return value;
}

static void
what_was_put_is_found_by_its_key_alone(void **state)
{
	scim__cache *cache = scim__cache_new(0);

	put(cache, 1, "a", 7);

	assert_int_equal(look(cache, 1, "a"), 7);
	assert_int_equal(look(cache, 1, "b"), -1);
	assert_int_equal(look(cache, 17, "a"), -1);
	scim__cache_free(cache);
	assert_int_equal(alive, 0);
}

static void
a_later_one_takes_the_place_of_an_earlier(void **state)
{
	scim__cache *cache = scim__cache_new(0);

	put(cache, 1, "a", 7);
	put(cache, 1, "a", 8);

	assert_int_equal(look(cache, 1, "a"), 8);
	assert_int_equal(alive, 1);
	scim__cache_free(cache);
}

static void
what_was_read_before_a_drop_is_not_taken_in(void **state)
{
	scim__cache *cache = scim__cache_new(0);
	uint64_t drops = scim__cache_drops(cache);
	struct thing *t = new_thing(1, "a", 7);

	scim__cache_drop_all(cache);
	scim__cache_put(cache, &t->base, drops);

	assert_int_equal(look(cache, 1, "a"), -1);
	scim__cached_unref(&t->base);
	scim__cache_free(cache);
	assert_int_equal(alive, 0);
}

static void
a_drop_leaves_nothing_but_what_is_held(void **state)
{
	scim__cache *cache = scim__cache_new(2);

	for (int i = 0; i < 100; i++)
		put(cache, (uint64_t)i, "k", i);
	struct scim__cached *held = scim__cache_find(cache, 5, SCIM_STR("k"));
	scim__cache_drop_all(cache);

	for (int i = 0; i < 100; i++)
		assert_int_equal(look(cache, (uint64_t)i, "k"), -1);
	assert_int_equal(alive, 1);
	assert_int_equal(
	    scim__container_of(held, struct thing, base)->value, 5);
	scim__cached_unref(held);
	scim__cache_free(cache);
	assert_int_equal(alive, 0);
}

static void
no_more_is_kept_than_there_is_room(void **state)
{
	scim__cache *cache = scim__cache_new(0);

	for (int i = 0; i < 10000; i++)
		put(cache, (uint64_t)i, "k", i);

	assert_int_equal(alive, 64);
	assert_int_equal(look(cache, 9999, "k"), 9999);
	scim__cache_free(cache);
	assert_int_equal(alive, 0);
}

/*
 * A number that only grows, published before the cache is dropped, as a
 * commit follows a change: who looks after a drop never finds an older one.
 */
struct race {
	scim__cache *cache;
	atomic_int truth, stop;
	atomic_int stale;
};

static void *
read_and_fill(void *argument)
{
	struct race *race = argument;

	while (atomic_load(&race->stop) == 0) {
		int before = atomic_load(&race->truth);
		int seen = look(race->cache, 3, "k");

		if (seen == -1) {
			uint64_t drops = scim__cache_drops(race->cache);
			int value = atomic_load(&race->truth);
			struct thing *t = new_thing(3, "k", value);

			scim__cache_put(race->cache, &t->base, drops);
			scim__cached_unref(&t->base);
		} else if (seen < before - 1) {
			/* `before` was read while its drop may be under way;
			 * the one before it had ended. */
			(void)atomic_fetch_add(&race->stale, 1);
		}
	}
	return NULL;
}

static void
nobody_finds_what_was_dropped(void **state)
{
	struct race race = { .cache = scim__cache_new(0) };
	pthread_t threads[3];

	for (size_t i = 0; i < scim__countof(threads); i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, read_and_fill, &race), 0);
	for (int i = 1; i <= 20000; i++) {
		atomic_store(&race.truth, i);
		scim__cache_drop_all(race.cache);
	}
	atomic_store(&race.stop, 1);
	for (size_t i = 0; i < scim__countof(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);

	assert_int_equal(race.stale, 0);
	scim__cache_free(race.cache);
	assert_int_equal(alive, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_is_found_by_its_key_alone),
		cmocka_unit_test(a_later_one_takes_the_place_of_an_earlier),
		cmocka_unit_test(what_was_read_before_a_drop_is_not_taken_in),
		cmocka_unit_test(a_drop_leaves_nothing_but_what_is_held),
		cmocka_unit_test(no_more_is_kept_than_there_is_room),
		cmocka_unit_test(nobody_finds_what_was_dropped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
