/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Forgetting for good; see log.c for what stands where.
 *
 * Who was a member of what is in no order that helps here, so that all who
 * have gone from whatever relation are looked at.
 */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/kv/log.h"
#include "store/kv/row.h"

/* What goes, and how much of it has gone. */
struct purging {
	struct scim__kv_txn *kv;
	scim_arena *arena;
	const scim_purge *what;
	size_t count;
};

static bool
is_full(const struct purging *p)
{
	return p->count >= p->what->limit;
}

/* The change, if it is one of the resource. */
static scim_status
drop_change(struct purging *p, uint64_t sequence, scim_error *err)
{
	scim_change_row row;
	scim_str value;
	scim__buf k;

	scim__key_begin(&k, p->arena, p->what->tenant, SCIM__KV_CHANGE);
	scim__key_add_number(&k, sequence);
	scim_status rc = scim__kv_find(p->kv, p->arena, &k, &value, err);
	if (rc == SCIM_OK)
		rc = scim__row_read_change(p->arena, value, &row, err);
	if (rc == SCIM_ERR_NOT_FOUND ||
	    (rc == SCIM_OK && !scim__str_equal(row.id, p->what->id)))
		return SCIM_OK;
	if (rc == SCIM_OK)
		rc = scim__kv_remove(p->kv, &k, err);
	if (rc == SCIM_OK)
		p->count++;
	return rc;
}

/* All that begins with a key. */
static scim_status
drop_children(struct purging *p, const scim__buf *key, scim_error *err)
{
	struct scim__kv_range range;
	struct scim__kv_pairs pairs;

	if (is_full(p))
		return SCIM_OK;
	scim_status rc = scim__kv_children(key, SCIM_STR(""), &range, err);
	if (rc == SCIM_OK)
		rc = scim__kv_collect(p->kv, p->arena, &range, 0,
		    p->what->limit - p->count, &pairs, err);
	for (size_t i = 0; rc == SCIM_OK && i < pairs.count; i++)
		rc = p->kv->map->remove(p->kv, pairs.keys[i], err);
	if (rc == SCIM_OK)
		p->count += pairs.count;
	return rc;
}

static scim_status
drop_history(struct purging *p, scim_error *err)
{
	scim__buf k;

	scim__key_begin(&k, p->arena, p->what->tenant, SCIM__KV_HISTORY);
	scim__key_add(&k, p->what->id);
	return drop_children(p, &k, err);
}

static scim_status
drop_members(struct purging *p, scim_error *err)
{
	const scim_key key = { p->what->tenant, p->what->type, p->what->id };
	scim__buf k;

	scim__kv_begin_past(&k, p->arena, &key);
	return drop_children(p, &k, err);
}

/* Looks for those whose keys end in a value. */
struct finding {
	struct purging *p;
	size_t prefix;
	scim_str end;
	scim_str *keys;
	size_t count, capacity;
	bool failed;
};

static bool
is_named(const struct finding *f, scim_str key)
{
	scim_str rest = { key.ptr + f->prefix, key.len - f->prefix };
	scim_arena *arena = f->p->arena;
	scim_str type, id, value;
	uint64_t until;

	return key.len > f->prefix + f->end.len &&
	    memcmp(key.ptr + key.len - f->end.len, f->end.ptr, f->end.len) ==
	    0 &&
	    scim__key_take(&rest, arena, &type) &&
	    scim__key_take(&rest, arena, &id) &&
	    scim__key_take_number(&rest, &until) &&
	    scim__key_take(&rest, arena, &value) && value.ptr != NULL &&
	    scim__str_equal(value, f->p->what->id);
}

static bool
look(void *argument, scim_str key, scim_str value)
{
	struct finding *f = argument;

	(void)value;
	if (!is_named(f, key))
		return true;
	f->keys[f->count] = scim__str_copy(f->p->arena, key);
	f->failed = f->keys[f->count].ptr == NULL;
	f->count++;
	return !f->failed && f->count < f->capacity;
}

static scim_status
drop_memberships(struct purging *p, scim_error *err)
{
	struct finding f = { .p = p, .capacity = p->what->limit - p->count };
	struct scim__kv_range range;
	scim__buf k, end;

	if (is_full(p))
		return SCIM_OK;
	scim__key_begin(&k, p->arena, p->what->tenant, SCIM__KV_PAST);
	scim__buf_init(&end, p->arena, SIZE_MAX);
	scim__key_add(&end, p->what->id);
	f.keys = scim__arena_array(p->arena, f.capacity, sizeof(*f.keys));
	if (f.keys == NULL || scim__buf_failed(&end))
		return scim__fail_memory(err);
	scim_status rc = scim__kv_children(&k, SCIM_STR(""), &range, err);
	f.prefix = k.len;
	f.end = scim__buf_str(&end);
	if (rc == SCIM_OK)
		rc = p->kv->map->scan(p->kv, &range, look, &f, err);
	if (rc == SCIM_OK && f.failed)
		return scim__fail_memory(err);
	for (size_t i = 0; rc == SCIM_OK && i < f.count; i++)
		rc = p->kv->map->remove(p->kv, f.keys[i], err);
	if (rc == SCIM_OK)
		p->count += f.count;
	return rc;
}

scim_status
scim__kv_purge(
    scim_txn *txn, const scim_purge *purge, size_t *out_count, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct purging p = {
		.kv = scim__kv_of(txn), .arena = arena, .what = purge
	};
	scim_status rc = SCIM_OK;

	if (arena == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0;
	     rc == SCIM_OK && i < purge->sequence_count && !is_full(&p); i++)
		rc = drop_change(&p, purge->sequences[i], err);
	if (rc == SCIM_OK)
		rc = drop_history(&p, err);
	if (rc == SCIM_OK)
		rc = drop_members(&p, err);
	if (rc == SCIM_OK)
		rc = drop_memberships(&p, err);
	if (rc == SCIM_OK)
		*out_count = p.count;
	return rc;
}
