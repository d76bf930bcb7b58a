/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Walking over pages by cursor.
 *
 * The next page begins after the place where this one ended, in the order of
 * the query, whatever came or went in between: what is there throughout is
 * seen once, and what is new at most once.  The server keeps nothing of a
 * walk but the key that seals its cursors, which is the store's and is made
 * with the first of them.  A page may be shorter than asked for, or empty,
 * when finding more of it would take too long; only without a nextCursor was
 * it the last.
 */
#include "provider/walk.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/cursor.h"
#include "provider/look.h"

/* @spec 9865-2-06, 9865-2-07, 9865-2-11, 9865-2-12 */
void
scim__walk_begin(
    scim__buf *buf, const uint64_t *total, size_t items, scim_str next)
{
	scim__buf_add_z(buf,
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "ListResponse\"],");
	if (total != NULL)
		scim__buf_printf(
		    buf, "\"totalResults\":%llu,", (unsigned long long)*total);
	scim__buf_printf(buf, "\"itemsPerPage\":%zu,", items);
	if (next.len > 0)
		scim__buf_printf(
		    buf, "\"nextCursor\":\"%.*s\",", (int)next.len, next.ptr);
	scim__buf_add_z(buf, "\"Resources\":[");
}

static scim_status
open_seal(const struct scim__walk *walk, scim_txn *txn,
    struct scim__cursor_seal *out, scim_error *err)
{
	const struct scim__query *query = walk->query;
	const scim_str parameters[] = { walk->endpoint, query->filter,
		query->sort_by, query->sort_order, walk->attributes,
		walk->excluded_attributes };

	return scim__cursor_open(query->provider, query->context, txn,
	    parameters, scim__countof(parameters), out, err);
}

static const scim__resource_type *
type_of(const scim_registry *registry, uint64_t hash)
{
	for (size_t i = 0; i < scim__registry_type_count(registry); i++) {
		const scim__resource_type *type =
		    scim__registry_type_at(registry, i);

		if (scim__str_hash(SCIM__STR_HASH_BEGIN, type->name) == hash)
			return type;
	}
	return NULL;
}

static scim_status
fail_moved(scim_error *err)
{
	return scim__fail_type(err, SCIM_ERR_INVALID, "expiredCursor",
	    "The resource that this cursor stands at has changed, and what it "
	    "is sorted by is too long for a cursor: begin with an empty one.");
}

/* Where the resource at a position stands in the order, `*out_found` if it
 * is still there. */
static scim_status
look_up(const struct scim__query *query, scim_txn *txn,
    const struct scim__place *at, struct scim__place *out, bool *out_found,
    scim_error *err)
{
	const scim_context *context = query->context;
	scim__auto(scim_arena_free) scim_arena *one = scim_arena_new(NULL);
	struct scim__sort sort;
	struct scim__part part;
	struct scim__looking looking = {
		.part = &part, .txn = txn, .one = one, .context = *context
	};
	struct scim__place place;
	scim_record *record = NULL;
	size_t count = 0;

	if (one == NULL)
		return scim__fail_memory(err);
	looking.context.arena = one;
	scim_status rc = scim__sort_parse(context->registry, query->type,
	    query->sort_by, query->sort_order, &sort, err);

	if (rc == SCIM_OK)
		rc = scim__part_open(&part, context, at->type,
		    query->type == NULL, NULL, &sort, err);
	if (rc != SCIM_OK)
		return rc;
	scim_plan plan = scim__part_all(&part, context);
	plan.has_after = 1;
	plan.after_position = at->position - 1;
	rc = scim__store_query(txn, query->arena, &plan, &record, &count, err);
	*out_found =
	    rc == SCIM_OK && count > 0 && record->position == at->position;
	if (!*out_found)
		return rc;
	rc = scim__look_place(&looking, record, &place, err);
	if (rc == SCIM_OK && !scim__place_copy(query->arena, &place, out))
		return scim__fail_memory(err);
	return rc;
}

/* Reads the text that a cursor has only the digest of where it came from. */
static scim_status
read_long_text(const struct scim__query *query, scim_txn *txn,
    const struct scim__cursor *cursor, struct scim__place *place,
    scim_error *err)
{
	struct scim__cursor now = *cursor;
	struct scim__place found = { .has_value = false };
	bool is_there = false;
	scim_status rc = look_up(query, txn, place, &found, &is_there, err);

	if (rc != SCIM_OK)
		return rc;
	now.is_digest = false;
	now.has_value = found.has_value;
	now.value = found.value;
	rc = scim__cursor_shorten(query->arena, &now, err);
	if (rc != SCIM_OK)
		return rc;
	if (!is_there || !now.is_digest ||
	    !scim__str_equal(now.value.text, cursor->value.text))
		return fail_moved(err);
	place->value = found.value;
	return SCIM_OK;
}

/* The place in a cursor, and the size of its walk's pages. */
static scim_status
read_cursor(struct scim__walk *walk, scim_txn *txn,
    const struct scim__cursor_seal *seal, uint64_t *count, scim_error *err)
{
	struct scim__query *query = walk->query;
	struct scim__place *place = &walk->place;
	const scim_registry *registry = query->context->registry;
	struct scim__cursor cursor;
	scim_status rc =
	    scim__cursor_read(query->arena, seal, walk->cursor, &cursor, err);

	if (rc != SCIM_OK)
		return rc;
	rc = scim__cursor_same_count(
	    query->context, query->count, &cursor, count, err);
	if (rc != SCIM_OK)
		return rc;
	place->type = type_of(registry, cursor.type);
	if (place->type == NULL)
		return scim__cursor_fail(err);
	place->rank = scim__type_rank(registry, place->type);
	place->position = cursor.position;
	place->has_value = cursor.has_value;
	place->value = cursor.value;
	return cursor.is_digest
	    ? read_long_text(query, txn, &cursor, place, err)
	    : SCIM_OK;
}

static scim_status
write_cursor(const struct scim__walk *walk,
    const struct scim__cursor_seal *seal, uint64_t count, scim_str *out,
    scim_error *err)
{
	const struct scim__place *last = &walk->query->last;
	scim_arena *arena = walk->query->arena;
	struct scim__cursor cursor = { .count = count,
		.type = scim__str_hash(SCIM__STR_HASH_BEGIN, last->type->name),
		.position = last->position,
		.has_value = last->has_value,
		.value = last->value };
	scim_status rc = scim__cursor_shorten(arena, &cursor, err);

	return rc != SCIM_OK
	    ? rc
	    : scim__cursor_write(arena, seal, &cursor, out, err);
}

static scim_status
write_list(struct scim__walk *walk, scim_str next, scim_error *err)
{
	const struct scim__query *query = walk->query;
	scim__buf buf;

	scim__buf_init(&buf, query->arena, SIZE_MAX);
	scim__walk_begin(
	    &buf, query->has_total ? &query->total : NULL, query->items, next);
	scim__buf_add(&buf, query->resources);
	scim__buf_add_z(&buf, "]}");
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	walk->json = scim__buf_str(&buf);
	return SCIM_OK;
}

/* Opens what seals the cursors, and the cursor that came. */
static scim_status
open_walk(struct scim__walk *walk, struct scim__cursor_seal *seal,
    uint64_t *count, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_status rc = scim__store_begin(
	    walk->query->provider->store, SCIM_TXN_READ, &txn, err);

	if (rc == SCIM_OK)
		rc = open_seal(walk, txn, seal, err);
	walk->needs_key = rc == SCIM_ERR_NOT_FOUND;
	if (rc != SCIM_OK)
		return walk->needs_key ? SCIM_OK : rc;
	return walk->cursor.len > 0 ? read_cursor(walk, txn, seal, count, err)
				    : SCIM_OK;
}

static scim_status
run_page(struct scim__walk *walk, bool *out_later, scim_error *err)
{
	struct scim__query *query = walk->query;
	scim_status rc = scim__query_run(query, out_later, err);

	if (rc != SCIM_OK || *out_later || query->unsettled)
		return rc;
	/* All there is. */
	if (!query->more && query->after == NULL && !query->has_total) {
		query->has_total = true;
		query->total = query->items;
	}
	return SCIM_OK;
}

scim_status
scim__walk_run(struct scim__walk *walk, bool *out_later, scim_error *err)
{
	struct scim__query *query = walk->query;
	struct scim__cursor_seal seal;
	scim_str next = { "", 0 };
	uint64_t count = 0;
	scim_status rc = scim__cursor_refuse_index(query->start_index, err);

	*out_later = false;
	if (rc == SCIM_OK)
		rc = scim__cursor_count(
		    query->context, query->count, &count, err);
	if (rc == SCIM_OK)
		rc = open_walk(walk, &seal, &count, err);
	if (rc != SCIM_OK || walk->needs_key)
		return rc;
	query->count =
	    scim__str_format(query->arena, "%llu", (unsigned long long)count);
	if (query->count.ptr == NULL)
		return scim__fail_memory(err);
	/* For 0, only the total is wanted, and whatever it costs. */
	query->by_place = count > 0;
	query->after = walk->cursor.len > 0 && count > 0 ? &walk->place : NULL;
	rc = run_page(walk, out_later, err);
	if (rc != SCIM_OK || *out_later || query->unsettled)
		return rc;
	if (query->more && count > 0)
		rc = write_cursor(walk, &seal, count, &next, err);
	return rc == SCIM_OK ? write_list(walk, next, err) : rc;
}
