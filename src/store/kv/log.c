/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The change log as it is written and forgotten; see store/sqlite/log.c for
 * when what goes.
 *
 *	CHANGE   sequence                 a row for each write
 *	HISTORY  id 'r' revision          sequence of the change
 *	         id 'v' version           its last revision
 *	TRIMMED, EPOCH                    how far the log was cut, and which
 *	PAST     type id to value from    a member that has gone
 */
#include "store/kv/log.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/kv/row.h"

enum { FORGET_AT_ONCE = 4, MEMBERS_AT_ONCE = 1000 };

/* Whose states are forgotten. */
struct resource {
	struct scim__kv_txn *kv;
	scim_arena *arena;
	scim_key key;
};

struct kept {
	uint64_t revision, sequence;
};

static void
begin_history(scim__buf *k, const struct resource *r, char kind)
{
	scim__key_begin(k, r->arena, r->key.tenant, SCIM__KV_HISTORY);
	scim__key_add(k, r->key.id);
	scim__buf_add_char(k, kind);
}

static void
revision_key(scim__buf *k, const struct resource *r, uint64_t revision)
{
	begin_history(k, r, SCIM__KV_BY_REVISION);
	scim__key_add_number(k, revision);
}

static void
version_key(scim__buf *k, const struct resource *r, const scim_version *v)
{
	begin_history(k, r, SCIM__KV_BY_VERSION);
	scim__buf_add(k, (scim_str){ (const char *)v->bytes, 16 });
}

static void
change_key(scim__buf *k, const struct resource *r, uint64_t sequence)
{
	scim__key_begin(k, r->arena, r->key.tenant, SCIM__KV_CHANGE);
	scim__key_add_number(k, sequence);
}

/* States from the oldest, or from the newest, on. */
static scim_status
read_kept(const struct resource *r, bool newest, size_t limit, struct kept *out,
    size_t *out_count, scim_error *err)
{
	struct scim__kv_range range;
	struct scim__kv_pairs pairs;
	scim__buf k;

	begin_history(&k, r, SCIM__KV_BY_REVISION);
	scim_status rc = scim__kv_children(&k, SCIM_STR(""), &range, err);
	range.descending = newest;
	if (rc == SCIM_OK)
		rc = scim__kv_collect(
		    r->kv, r->arena, &range, 0, limit, &pairs, err);
	if (rc != SCIM_OK)
		return rc;
	for (size_t i = 0; i < pairs.count; i++) {
		scim_str key = { pairs.keys[i].ptr + k.len,
			pairs.keys[i].len - k.len };

		if (!scim__key_take_number(&key, &out[i].revision) ||
		    !scim__key_take_number(&pairs.values[i], &out[i].sequence))
			return scim__row_damaged(err);
	}
	*out_count = pairs.count;
	return SCIM_OK;
}

static scim_status
read_change(const struct resource *r, uint64_t sequence, scim_change_row *out,
    scim_error *err)
{
	scim_str row;
	scim__buf k;

	change_key(&k, r, sequence);
	scim_status rc = scim__kv_find(r->kv, r->arena, &k, &row, err);
	if (rc != SCIM_OK)
		return rc;
	out->sequence = sequence;
	return scim__row_read_change(r->arena, row, out, err);
}

/* Takes the way back out of the row of a change, if there is one. */
static scim_status
clear_change(const struct resource *r, uint64_t sequence, scim_error *err)
{
	scim_change_row row;
	scim__buf k, bytes;
	scim_status rc = read_change(r, sequence, &row, err);

	if (rc != SCIM_OK || row.change.content.len == 0)
		return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
	row.change.content = SCIM_STR("");
	scim__buf_init(&bytes, r->arena, SIZE_MAX);
	scim__row_add_change(&bytes, &row);
	if (scim__buf_failed(&bytes))
		return scim__fail_memory(err);
	change_key(&k, r, sequence);
	return scim__kv_put(r->kv, &k, scim__buf_str(&bytes), err);
}

/* The key of the version, unless a later state has it too. */
static scim_status
forget_version(
    const struct resource *r, const struct kept *state, scim_error *err)
{
	scim_change_row row;
	uint64_t last = 0;
	scim__buf k;
	scim_status rc = read_change(r, state->sequence, &row, err);

	if (rc != SCIM_OK || row.is_gone)
		return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
	version_key(&k, r, &row.version);
	rc = scim__kv_find_number(r->kv, r->arena, &k, &last, err);
	if (rc != SCIM_OK || last != state->revision)
		return rc;
	return scim__kv_remove(r->kv, &k, err);
}

static scim_status
forget_state(
    const struct resource *r, const struct kept *state, scim_error *err)
{
	uint64_t next = 0;
	scim__buf k;
	scim_status rc = forget_version(r, state, err);

	if (rc != SCIM_OK)
		return rc;
	revision_key(&k, r, state->revision);
	rc = scim__kv_remove(r->kv, &k, err);
	if (rc != SCIM_OK)
		return rc;
	revision_key(&k, r, state->revision + 1);
	rc = scim__kv_find_number(r->kv, r->arena, &k, &next, err);
	return rc != SCIM_OK || next == 0 ? rc : clear_change(r, next, err);
}

/* Members that had gone by `sequence`. */
static scim_status
forget_members(const struct resource *r, uint64_t sequence, scim_error *err)
{
	struct scim__kv_range range;
	struct scim__kv_pairs pairs;
	scim__buf low, high;

	scim__kv_begin_past(&low, r->arena, &r->key);
	scim__kv_begin_past(&high, r->arena, &r->key);
	scim__key_add_number(&high, sequence + 1);
	if (scim__buf_failed(&low) || scim__buf_failed(&high))
		return scim__fail_memory(err);
	range = (struct scim__kv_range){ .low = scim__buf_str(&low),
		.high = scim__buf_str(&high) };
	scim_status rc = scim__kv_collect(
	    r->kv, r->arena, &range, 0, MEMBERS_AT_ONCE, &pairs, err);
	for (size_t i = 0; rc == SCIM_OK && i < pairs.count; i++)
		rc = r->kv->map->remove(r->kv, pairs.keys[i], err);
	return rc;
}

static scim_status
forget_by_count(
    const struct resource *r, uint64_t revision, uint64_t keep, scim_error *err)
{
	struct kept oldest[FORGET_AT_ONCE];
	size_t count, n = 0;

	if (keep >= revision)
		return SCIM_OK;
	scim_status rc =
	    read_kept(r, false, FORGET_AT_ONCE, oldest, &count, err);
	if (rc != SCIM_OK)
		return rc;
	for (; n < count && oldest[n].revision <= revision - keep; n++) {
		rc = forget_state(r, &oldest[n], err);
		if (rc != SCIM_OK)
			return rc;
	}
	return n == 0 ? SCIM_OK
		      : forget_members(r, oldest[n - 1].sequence, err);
}

static scim_status
put_row(const struct resource *r, const scim_change_row *row, scim_error *err)
{
	scim__buf k, bytes;

	change_key(&k, r, row->sequence);
	scim__buf_init(&bytes, r->arena, SIZE_MAX);
	scim__row_add_change(&bytes, row);
	if (scim__buf_failed(&bytes))
		return scim__fail_memory(err);
	return scim__kv_put(r->kv, &k, scim__buf_str(&bytes), err);
}

static scim_status
put_state(const struct resource *r, const scim_change_row *row,
    uint64_t revision, scim_error *err)
{
	scim__buf k;

	revision_key(&k, r, revision);
	scim_status rc = scim__kv_put_number(r->kv, &k, row->sequence, err);
	if (rc != SCIM_OK || row->is_gone)
		return rc;
	version_key(&k, r, &row->version);
	return scim__kv_put_number(r->kv, &k, revision, err);
}

scim_status
scim__kv_log(struct scim__kv_txn *kv, scim_arena *arena,
    const scim_write *write, uint64_t sequence, uint64_t parent,
    scim_error *err)
{
	const struct resource r = { kv, arena, write->key };
	scim_change_row row = { .sequence = sequence,
		.parent = parent,
		.type = write->key.type,
		.id = write->key.id,
		.is_gone = write->kind == SCIM_WRITE_DELETE ||
		    write->kind == SCIM_WRITE_MARK,
		.change = write->change };
	struct kept last = { 0, 0 };
	size_t count = 0;

	if (!row.is_gone)
		row.version = write->record->version;
	if (write->change.keep == 0) {
		scim_status rc = put_row(&r, &row, err);

		return rc != SCIM_OK || parent == 0
		    ? rc
		    : forget_by_count(&r, UINT64_MAX, 0, err);
	}
	scim_status rc = read_kept(&r, true, 1, &last, &count, err);
	if (rc != SCIM_OK)
		return rc;
	uint64_t revision = last.revision + 1;
	if (revision % SCIM_WHOLE_EVERY == 0 && write->change.whole.len > 0)
		row.change.content = write->change.whole;
	rc = put_row(&r, &row, err);
	if (rc == SCIM_OK)
		rc = put_state(&r, &row, revision, err);
	if (rc == SCIM_OK)
		rc = forget_by_count(&r, revision, write->change.keep, err);
	return rc;
}

scim_status
scim__kv_begin_epoch(struct scim__kv_txn *kv, scim_arena *arena,
    scim_str tenant, scim_error *err)
{
	const scim_env *env = kv->base.store->env;
	uint64_t epoch = 0;
	scim__buf k;

	env->random(env->context, &epoch, sizeof(epoch));
	scim__key_begin(&k, arena, tenant, SCIM__KV_EPOCH);
	return scim__kv_put_number(kv, &k, epoch & INT64_MAX, err);
}

static scim_status
remove_change(const struct resource *r, uint64_t sequence, scim_error *err)
{
	scim__buf k;

	change_key(&k, r, sequence);
	return scim__kv_remove(r->kv, &k, err);
}

/* With a change goes the state that it replaced, and one that has no state
 * goes altogether. */
static scim_status
forget_change(struct resource *r, const scim_change_row *row, scim_error *err)
{
	struct kept oldest[FORGET_AT_ONCE];
	size_t count;
	uint64_t last = row->is_gone ? row->sequence : row->sequence - 1;

	r->key.id = row->id;
	r->key.type = row->type;
	scim_status rc =
	    read_kept(r, false, FORGET_AT_ONCE, oldest, &count, err);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		if (oldest[i].sequence <= last)
			rc = forget_state(r, &oldest[i], err);
	if (rc == SCIM_OK && row->parent > 0)
		rc = forget_members(r, row->sequence, err);
	if (rc == SCIM_OK && row->parent > 0)
		rc = remove_change(r, row->parent, err);
	if (rc != SCIM_OK)
		return rc;
	return row->is_gone ? remove_change(r, row->sequence, err)
			    : clear_change(r, row->sequence, err);
}

static scim_status
put_trimmed(const struct resource *r, uint64_t sequence, scim_error *err)
{
	scim__buf k;

	scim__key_begin(&k, r->arena, r->key.tenant, SCIM__KV_TRIMMED);
	return scim__kv_put_number(r->kv, &k, sequence, err);
}

scim_status
scim__kv_trim(scim_txn *txn, scim_str tenant, int64_t before_ms, size_t limit,
    size_t *out_count, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	struct resource r = { scim__kv_of(txn), arena, { .tenant = tenant } };
	scim_change_plan oldest = {
		.tenant = tenant, .with_content = 1, .limit = 1
	};
	scim_change_row *row = NULL;
	size_t count = 0, found = 1;
	scim_feed feed;

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__kv_feed(txn, tenant, &feed, err);
	oldest.from = feed.first;
	while (rc == SCIM_OK && count < limit) {
		rc = scim__kv_changes(txn, arena, &oldest, &row, &found, err);
		if (rc != SCIM_OK || found == 0 ||
		    row->change.at_ms >= before_ms)
			break;
		rc = forget_change(&r, row, err);
		oldest.from = row->sequence + 1;
		count++;
	}
	if (rc == SCIM_OK && count > 0)
		rc = put_trimmed(&r, oldest.from - 1, err);
	if (rc == SCIM_OK)
		*out_count = count;
	return rc;
}
