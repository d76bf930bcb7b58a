/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What all tables over an ordered map share: a pair by a key that was put
 * together in a buffer, numbers, pages, and sweeps.
 *
 * A map may not be called while it scans, so a scan only copies what it sees
 * and everything else is done afterwards.
 */
#include "store/kv/kv.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/kv/row.h"

enum { SWEEP_BATCH = 128 };

scim_status
scim__kv_find(struct scim__kv_txn *kv, scim_arena *arena, const scim__buf *key,
    scim_str *out, scim_error *err)
{
	if (scim__buf_failed(key))
		return scim__fail_memory(err);
	return kv->map->get(kv, arena, scim__buf_str(key), out, err);
}

scim_status
scim__kv_put(struct scim__kv_txn *kv, const scim__buf *key, scim_str value,
    scim_error *err)
{
	if (scim__buf_failed(key))
		return scim__fail_memory(err);
	return kv->map->put(kv, scim__buf_str(key), value, err);
}

scim_status
scim__kv_remove(struct scim__kv_txn *kv, const scim__buf *key, scim_error *err)
{
	if (scim__buf_failed(key))
		return scim__fail_memory(err);
	return kv->map->remove(kv, scim__buf_str(key), err);
}

scim_status
scim__kv_find_number(struct scim__kv_txn *kv, scim_arena *arena,
    const scim__buf *key, uint64_t *out, scim_error *err)
{
	scim_str row;
	scim_status rc = scim__kv_find(kv, arena, key, &row, err);

	if (rc == SCIM_ERR_NOT_FOUND) {
		*out = 0;
		return SCIM_OK;
	}
	if (rc != SCIM_OK)
		return rc;
	if (!scim__key_take_number(&row, out))
		return scim__row_damaged(err);
	return SCIM_OK;
}

scim_status
scim__kv_put_number(struct scim__kv_txn *kv, const scim__buf *key,
    uint64_t number, scim_error *err)
{
	char bytes[8];

	for (unsigned i = 0; i < sizeof(bytes); i++)
		bytes[i] = (char)(unsigned char)(number >> (56 - 8 * i));
	return scim__kv_put(kv, key, (scim_str){ bytes, sizeof(bytes) }, err);
}

struct collecting {
	scim_arena *arena;
	uint64_t skip;
	size_t limit;
	struct scim__kv_pairs pairs;
	bool failed;
};

static bool
grow(struct collecting *c)
{
	struct scim__kv_pairs *p = &c->pairs;
	size_t capacity = p->capacity == 0 ? 16 : p->capacity * 2;

	if (capacity > c->limit)
		capacity = c->limit;
	scim_str *both =
	    scim__arena_array(c->arena, capacity, 2 * sizeof(*both));
	if (both == NULL)
		return false;
	if (p->count > 0) {
		memcpy(both, p->keys, p->count * sizeof(*both));
		memcpy(both + capacity, p->values, p->count * sizeof(*both));
	}
	p->keys = both;
	p->values = both + capacity;
	p->capacity = capacity;
	return true;
}

static bool
collect_one(void *argument, scim_str key, scim_str value)
{
	struct collecting *c = argument;
	struct scim__kv_pairs *p = &c->pairs;

	if (c->skip > 0) {
		c->skip--;
		return true;
	}
	c->failed = true;
	if (p->count == p->capacity && !grow(c))
		return false;
	p->keys[p->count] = scim__str_copy(c->arena, key);
	p->values[p->count] = scim__str_copy(c->arena, value);
	if (p->keys[p->count].ptr == NULL || p->values[p->count].ptr == NULL)
		return false;
	c->failed = false;
	p->count++;
	return p->count < c->limit;
}

scim_status
scim__kv_collect(struct scim__kv_txn *kv, scim_arena *arena,
    const struct scim__kv_range *range, uint64_t skip, size_t limit,
    struct scim__kv_pairs *out, scim_error *err)
{
	struct collecting c = { .arena = arena, .skip = skip, .limit = limit };
	scim_status rc = kv->map->scan(kv, range, collect_one, &c, err);

	if (rc != SCIM_OK)
		return rc;
	if (c.failed)
		return scim__fail_memory(err);
	*out = c.pairs;
	return SCIM_OK;
}

scim_status
scim__kv_children(const scim__buf *prefix, scim_str after,
    struct scim__kv_range *out, scim_error *err)
{
	scim__buf low, high;

	scim__buf_init(&low, prefix->arena, SIZE_MAX);
	scim__buf_init(&high, prefix->arena, SIZE_MAX);
	scim__buf_add(&low, scim__buf_str(prefix));
	scim__buf_add(&high, scim__buf_str(prefix));
	scim__key_to_end(&high);
	if (after.len > 0) {
		scim__key_add(&low, after);
		scim__key_to_end(&low);
	}
	if (prefix->failed || low.failed || high.failed)
		return scim__fail_memory(err);
	*out = (struct scim__kv_range){ .low = scim__buf_str(&low),
		.high = scim__buf_str(&high) };
	return SCIM_OK;
}

static scim_status
sweep_pairs(struct scim__kv_txn *kv, scim_arena *arena, size_t prefix_len,
    const struct scim__kv_pairs *pairs, scim__kv_also *also,
    const void *argument, scim_error *err)
{
	for (size_t i = 0; i < pairs->count; i++) {
		scim_str key = pairs->keys[i];
		scim_str rest = { key.ptr + prefix_len, key.len - prefix_len };
		scim_status rc = also == NULL
		    ? SCIM_OK
		    : also(kv, arena, argument, rest, err);

		if (rc == SCIM_OK)
			rc = kv->map->remove(kv, key, err);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

scim_status
scim__kv_sweep(struct scim__kv_txn *kv, scim_str prefix, scim__kv_also *also,
    const void *argument, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__kv_pairs pairs = { .count = SWEEP_BATCH };

	if (arena == NULL)
		return scim__fail_memory(err);
	while (pairs.count == SWEEP_BATCH) {
		scim__buf start;
		struct scim__kv_range range;

		scim_arena_reset(arena);
		scim__buf_init(&start, arena, SIZE_MAX);
		scim__buf_add(&start, prefix);
		scim_status rc =
		    scim__kv_children(&start, SCIM_STR(""), &range, err);
		if (rc == SCIM_OK)
			rc = scim__kv_collect(
			    kv, arena, &range, 0, SWEEP_BATCH, &pairs, err);
		if (rc == SCIM_OK)
			rc = sweep_pairs(
			    kv, arena, prefix.len, &pairs, also, argument, err);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}
