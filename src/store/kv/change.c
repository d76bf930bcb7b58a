/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reading the change log and the members of former times; see log.c for
 * what stands where.
 *
 * The members after a change are those who have been there since before it,
 * and those who went after it.  The latter lie in the order in which they
 * went, so that what is read is what has changed since, and is then put into
 * the order of values.
 */
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/kv/log.h"
#include "store/kv/row.h"

void
scim__kv_begin_past(scim__buf *k, scim_arena *arena, const scim_key *key)
{
	scim__key_begin(k, arena, key->tenant, SCIM__KV_PAST);
	scim__key_add(k, key->type);
	scim__key_add(k, key->id);
}

static scim_status
find_number(struct scim__kv_txn *kv, scim_arena *arena, scim_str tenant,
    enum scim__kv_table table, uint64_t *out, scim_error *err)
{
	scim__buf k;

	scim__key_begin(&k, arena, tenant, table);
	return scim__kv_find_number(kv, arena, &k, out, err);
}

scim_status
scim__kv_feed(scim_txn *txn, scim_str tenant, scim_feed *out, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct scim__kv_txn *kv = scim__kv_of(txn);
	scim_feed feed = { .epoch = 0 };
	uint64_t trimmed = 0;

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc =
	    find_number(kv, arena, tenant, SCIM__KV_EPOCH, &feed.epoch, err);
	if (rc == SCIM_OK)
		rc = find_number(
		    kv, arena, tenant, SCIM__KV_SEQUENCE, &feed.last, err);
	if (rc == SCIM_OK)
		rc = find_number(
		    kv, arena, tenant, SCIM__KV_TRIMMED, &trimmed, err);
	if (rc != SCIM_OK)
		return rc;
	feed.first = trimmed + 1;
	*out = feed;
	return SCIM_OK;
}

/* Which rows, as a range of keys that end in a number of eight bytes. */
static scim_status
range_from(scim__buf *prefix, uint64_t from, bool descending,
    struct scim__kv_range *out, scim_error *err)
{
	struct scim__kv_range all;
	scim__buf bound;
	scim_status rc = scim__kv_children(prefix, SCIM_STR(""), &all, err);

	if (rc != SCIM_OK)
		return rc;
	scim__buf_init(&bound, prefix->arena, SIZE_MAX);
	scim__buf_add(&bound, scim__buf_str(prefix));
	scim__key_add_number(&bound, from);
	if (descending)
		scim__buf_add_char(&bound, '\0'); /* this one too */
	if (scim__buf_failed(&bound))
		return scim__fail_memory(err);
	*out = (struct scim__kv_range){
		.low = descending ? all.low : scim__buf_str(&bound),
		.high = descending ? scim__buf_str(&bound) : all.high,
		.descending = descending,
	};
	return SCIM_OK;
}

static void
begin_history(
    scim__buf *k, scim_arena *arena, const scim_change_plan *plan, char kind)
{
	scim__key_begin(k, arena, plan->tenant, SCIM__KV_HISTORY);
	scim__key_add(k, plan->id);
	scim__buf_add_char(k, kind);
}

/* The place of the version among the revisions; 0 for none. */
static scim_status
find_revision(struct scim__kv_txn *kv, scim_arena *arena,
    const scim_change_plan *plan, uint64_t *out, scim_error *err)
{
	scim__buf k;

	begin_history(&k, arena, plan, SCIM__KV_BY_VERSION);
	scim__buf_add(&k, (scim_str){ (const char *)plan->version->bytes, 16 });
	return scim__kv_find_number(kv, arena, &k, out, err);
}

static scim_status
read_row(scim_arena *arena, scim_str value, const scim_change_plan *plan,
    scim_change_row *out, scim_error *err)
{
	scim_status rc = scim__row_read_change(arena, value, out, err);

	if (rc == SCIM_OK && !plan->with_content)
		out->change.content = SCIM_STR("");
	return rc;
}

static scim_status
read_feed(struct scim__kv_txn *kv, scim_arena *arena,
    const scim_change_plan *plan, scim_change_row **out, size_t *out_count,
    scim_error *err)
{
	struct scim__kv_range range;
	struct scim__kv_pairs pairs;
	scim__buf k;

	scim__key_begin(&k, arena, plan->tenant, SCIM__KV_CHANGE);
	scim_status rc = range_from(&k, plan->from, false, &range, err);
	if (rc == SCIM_OK)
		rc = scim__kv_collect(
		    kv, arena, &range, 0, plan->limit, &pairs, err);
	if (rc != SCIM_OK)
		return rc;
	scim_change_row *rows =
	    scim__arena_array(arena, pairs.count + 1, sizeof(*rows));
	if (rows == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < pairs.count; i++) {
		scim_str key = { pairs.keys[i].ptr + k.len,
			pairs.keys[i].len - k.len };

		rows[i] = (scim_change_row){ .revision = 0 };
		if (!scim__key_take_number(&key, &rows[i].sequence))
			return scim__row_damaged(err);
		rc = read_row(arena, pairs.values[i], plan, &rows[i], err);
		if (rc != SCIM_OK)
			return rc;
	}
	*out = rows;
	*out_count = pairs.count;
	return SCIM_OK;
}

static scim_status
read_revision(struct scim__kv_txn *kv, scim_arena *arena,
    const scim_change_plan *plan, scim_change_row *row, scim_error *err)
{
	scim_str value;
	scim__buf k;

	scim__key_begin(&k, arena, plan->tenant, SCIM__KV_CHANGE);
	scim__key_add_number(&k, row->sequence);
	scim_status rc = scim__kv_find(kv, arena, &k, &value, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__row_damaged(err);
	return rc != SCIM_OK ? rc : read_row(arena, value, plan, row, err);
}

static scim_status
read_revisions(struct scim__kv_txn *kv, scim_arena *arena,
    const scim_change_plan *plan, scim_change_row **out, size_t *out_count,
    scim_error *err)
{
	struct scim__kv_range range;
	struct scim__kv_pairs pairs;
	scim__buf k;

	begin_history(&k, arena, plan, SCIM__KV_BY_REVISION);
	scim_status rc =
	    range_from(&k, plan->from, plan->descending != 0, &range, err);
	if (rc == SCIM_OK)
		rc = scim__kv_collect(
		    kv, arena, &range, 0, plan->limit, &pairs, err);
	if (rc != SCIM_OK)
		return rc;
	scim_change_row *rows =
	    scim__arena_array(arena, pairs.count + 1, sizeof(*rows));
	if (rows == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < pairs.count; i++) {
		scim_str key = { pairs.keys[i].ptr + k.len,
			pairs.keys[i].len - k.len };

		rows[i] = (scim_change_row){ .revision = 0 };
		if (!scim__key_take_number(&key, &rows[i].revision) ||
		    !scim__key_take_number(&pairs.values[i], &rows[i].sequence))
			return scim__row_damaged(err);
		rc = read_revision(kv, arena, plan, &rows[i], err);
		if (rc != SCIM_OK)
			return rc;
	}
	*out = rows;
	*out_count = pairs.count;
	return SCIM_OK;
}

scim_status
scim__kv_changes(scim_txn *txn, scim_arena *arena, const scim_change_plan *plan,
    scim_change_row **out, size_t *out_count, scim_error *err)
{
	struct scim__kv_txn *kv = scim__kv_of(txn);
	scim_change_plan one = *plan;

	if (plan->id.len == 0)
		return read_feed(kv, arena, plan, out, out_count, err);
	if (plan->version == NULL)
		return read_revisions(kv, arena, plan, out, out_count, err);
	scim_status rc = find_revision(kv, arena, plan, &one.from, err);
	if (rc != SCIM_OK)
		return rc;
	if (one.from == 0) {
		*out = NULL;
		*out_count = 0;
		return SCIM_OK;
	}
	one.descending = 0;
	one.limit = 1;
	return read_revisions(kv, arena, &one, out, out_count, err);
}

struct finding {
	scim_arena *arena;
	const scim_member_plan *plan;
	size_t prefix; /* what all keys begin with */
	scim_member_row *rows;
	size_t count, capacity;
	scim_status rc;
};

static bool
add_row(struct finding *f, const scim_member_row *row)
{
	if (f->count == f->capacity) {
		size_t capacity = f->capacity == 0 ? 16 : f->capacity * 2;
		scim_member_row *more =
		    scim__arena_array(f->arena, capacity, sizeof(*more));

		if (more == NULL)
			return false;
		if (f->count > 0)
			memcpy(more, f->rows, f->count * sizeof(*more));
		f->rows = more;
		f->capacity = capacity;
	}
	f->rows[f->count++] = *row;
	return true;
}

/* A pair of either table, once it is known when it began. */
static bool
take_row(struct finding *f, scim_member_row *row, scim_str value)
{
	uint64_t from = 0;

	f->rc = scim__row_read_member(f->arena, value, row, &from, NULL);
	if (f->rc != SCIM_OK)
		return false;
	if (from > f->plan->sequence ||
	    scim__str_compare(row->value, f->plan->after) <= 0)
		return true;
	if (!add_row(f, row))
		f->rc = SCIM_ERR_NO_MEMORY;
	return f->rc == SCIM_OK;
}

static bool
see_past(void *argument, scim_str key, scim_str value)
{
	struct finding *f = argument;
	scim_str rest = { key.ptr + f->prefix + 8, key.len - f->prefix - 8 };
	scim_member_row row = { .value = SCIM_STR("") };

	if (!scim__key_take(&rest, f->arena, &row.value)) {
		f->rc = SCIM_ERR_STORE;
		return false;
	}
	if (row.value.ptr == NULL) {
		f->rc = SCIM_ERR_NO_MEMORY;
		return false;
	}
	return take_row(f, &row, value);
}

static bool
see_present(void *argument, scim_str key, scim_str value)
{
	struct finding *f = argument;
	scim_str rest = { key.ptr + f->prefix, key.len - f->prefix };
	scim_member_row row = { .value = SCIM_STR("") };

	if (!scim__key_take(&rest, f->arena, &row.value)) {
		f->rc = SCIM_ERR_STORE;
		return false;
	}
	if (row.value.ptr == NULL) {
		f->rc = SCIM_ERR_NO_MEMORY;
		return false;
	}
	return take_row(f, &row, value) && f->count < f->plan->limit;
}

static scim_status
settle(const struct finding *f, scim_error *err)
{
	if (f->rc == SCIM_ERR_NO_MEMORY)
		return scim__fail_memory(err);
	return f->rc == SCIM_OK ? SCIM_OK : scim__row_damaged(err);
}

/* Those who went after the change. */
static scim_status
find_past(struct scim__kv_txn *kv, struct finding *f, scim_error *err)
{
	const scim_key key = { f->plan->tenant, f->plan->type, f->plan->id };
	struct scim__kv_range range;
	scim__buf k;

	scim__kv_begin_past(&k, f->arena, &key);
	f->prefix = k.len;
	scim_status rc =
	    range_from(&k, f->plan->sequence + 1, false, &range, err);
	if (rc == SCIM_OK)
		rc = kv->map->scan(kv, &range, see_past, f, err);
	return rc == SCIM_OK ? settle(f, err) : rc;
}

static scim_status
find_present(struct scim__kv_txn *kv, struct finding *f, scim_error *err)
{
	struct scim__kv_range range;
	scim__buf k;

	scim__key_begin(&k, f->arena, f->plan->tenant, SCIM__KV_MEMBER);
	scim__key_add(&k, f->plan->type);
	scim__key_add(&k, f->plan->id);
	f->prefix = k.len;
	scim_status rc = scim__kv_children(&k, f->plan->after, &range, err);
	if (rc == SCIM_OK)
		rc = kv->map->scan(kv, &range, see_present, f, err);
	return rc == SCIM_OK ? settle(f, err) : rc;
}

static int
by_value(const void *a, const void *b)
{
	const scim_member_row *x = a, *y = b;

	return scim__str_compare(x->value, y->value);
}

scim_status
scim__kv_members_at(scim_txn *txn, scim_arena *arena,
    const scim_member_plan *plan, scim_member_row **out, size_t *out_count,
    scim_error *err)
{
	struct scim__kv_txn *kv = scim__kv_of(txn);
	struct finding present = { .arena = arena, .plan = plan };
	struct finding past = { .arena = arena, .plan = plan };
	scim_status rc = find_present(kv, &present, err);

	if (rc == SCIM_OK)
		rc = find_past(kv, &past, err);
	for (size_t i = 0; rc == SCIM_OK && i < past.count; i++)
		if (!add_row(&present, &past.rows[i]))
			rc = scim__fail_memory(err);
	if (rc != SCIM_OK)
		return rc;
	if (present.count > 1)
		qsort(present.rows, present.count, sizeof(*present.rows),
		    by_value);
	*out = present.rows;
	*out_count = present.count < plan->limit ? present.count : plan->limit;
	return SCIM_OK;
}
