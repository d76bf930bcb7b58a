/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching.
 *
 * No type is ever loaded: candidates come in batches, are looked at one by
 * one and forgotten, and only places and ids of the page are kept.  They
 * come in the order of creation, by the filter's plan; or, where an index has
 * the order that is asked for and not every match need be counted, by that
 * index, and then no further than the page.  A page that has to be sorted is
 * the best of what was seen; one too far away for memory is found in several
 * passes.
 */
#include "provider/search.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "filter/parse.h"
#include "provider/gather.h"
#include "provider/look.h"
#include "schema/rows.h"

/* A step is some 100 ns: ten seconds, or more than a million users. */
#define BUDGET UINT64_C(100000000)
#define PAGE_BUDGET (BUDGET / 20) /* by place */
#define BATCH 64
#define MOST_GATHERED 100000 /* some 10 MB */
#define MOST_KEPT 20000      /* some 10 MB */
#define FEW 1000

static scim_status
open_parts(struct scim__search *s, const scim__resource_type *type,
    const scim__filter *filter, scim_error *err)
{
	const scim_registry *registry = s->context->registry;
	size_t count = type != NULL ? 1 : scim__registry_type_count(registry);
	scim_status rc = SCIM_OK;

	s->parts =
	    scim__arena_array(s->context->arena, count, sizeof(*s->parts));
	if (s->parts == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++)
		rc = scim__part_open(&s->parts[i], s->context,
		    type != NULL ? type : scim__registry_type_at(registry, i),
		    type == NULL, filter, &s->sort, err);
	s->part_count = count;
	return rc;
}

scim_status
scim__search_open(struct scim__search *search, const scim_context *context,
    const scim__resource_type *type, const struct scim__terms *terms,
    scim_error *err)
{
	const scim_limits *limits = &context->settings->limits;
	struct scim__filter_limits bounds = { (size_t)limits->filter_bytes,
		(size_t)limits->filter_nodes, (size_t)limits->depth };
	bool filtered = terms->filter.ptr != NULL;
	scim__filter tree;
	struct scim__search s = {
		.context = context,
		.budget = BUDGET,
		.spare = BUDGET - PAGE_BUDGET,
		.most_gathered = MOST_GATHERED,
		.most_kept = MOST_KEPT,
		.few = FEW,
	};
	scim_status rc = SCIM_OK;

	if (filtered)
		rc = scim__filter_parse(
		    context->arena, terms->filter, &bounds, &tree, err);
	if (rc == SCIM_OK)
		rc = scim__sort_parse(context->registry, type, terms->sort_by,
		    terms->sort_order, &s.sort, err);
	if (rc == SCIM_OK)
		rc = open_parts(&s, type, filtered ? &tree : NULL, err);
	if (rc == SCIM_OK)
		*search = s;
	return rc;
}

bool
scim__search_is_plain(const struct scim__search *search)
{
	bool plain = search->sort.by.ptr == NULL;

	for (size_t i = 0; plain && i < search->part_count; i++)
		plain = search->parts[i].none ||
		    scim__part_is_plain(&search->parts[i]);
	return plain;
}

/* The rows of the index that has the order of a part. */
static scim_plan
walk_plan(const struct scim__search *s, const struct scim__part *part)
{
	scim_plan plan = scim__part_all(part, s->context);

	plan.attribute = part->sort->path;
	plan.descending = s->sort.descending;
	plan.limit = BATCH;
	return plan;
}

/* Whether an index has the order of this part. */
static bool
has_walk(const struct scim__search *s, const struct scim__part *part)
{
	return s->sort.by.ptr != NULL && part->sort != NULL &&
	    scim__sort_walks(part->sort);
}

/* Whether all that this part adds to a page is read off an index. */
static scim_status
is_walked_soon(const struct scim__search *s, const struct scim__part *part,
    scim_txn *txn, uint64_t rows, bool *out, scim_error *err)
{
	scim_plan plan = walk_plan(s, part);
	uint64_t count = 0;

	*out = false;
	if (s->sort.missing_first || rows > SCIM__OFFSET_ON_LOOP)
		return SCIM_OK;
	scim_status rc = scim__store_count(txn, &plan, rows, &count, err);
	*out = rc == SCIM_OK && count == rows;
	return rc;
}

/* Looking groups up takes as long as some candidates, reading all members of
 * one far longer. */
static uint64_t
weight(const struct scim__part *part)
{
	if ((part->asked.parts & SCIM__ASKED_ALL_MEMBERS) != 0)
		return SCIM__SEARCH_ON_LOOP + 1;
	return (part->asked.parts & SCIM__ASKED_DERIVED) != 0 ? 5 : 1;
}

scim_status
scim__search_is_short(const struct scim__search *search, scim_txn *txn,
    uint64_t offset, size_t limit, bool *out, scim_error *err)
{
	uint64_t candidates = 0;
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < search->part_count &&
	     candidates <= SCIM__SEARCH_ON_LOOP;
	     i++) {
		const struct scim__part *part = &search->parts[i];
		uint64_t more = 0;
		bool soon = false;

		if (limit <= SCIM__PAGE_ON_LOOP && !part->filtered &&
		    !part->none && has_walk(search, part))
			rc = is_walked_soon(
			    search, part, txn, offset + limit + 1, &soon, err);
		if (rc == SCIM_OK && !soon)
			rc = scim__part_candidates(part, search->context, txn,
			    SCIM__SEARCH_ON_LOOP + 1, &more, err);
		candidates += more * weight(part);
	}
	if (rc == SCIM_OK)
		*out = candidates <= SCIM__SEARCH_ON_LOOP;
	return rc;
}

/* By position, or by the one value of an index, which is by position. */
static scim_status
look_through(struct scim__looking *l, scim_plan plan, scim_error *err)
{
	size_t count = BATCH;

	plan.limit = BATCH;
	while (count == BATCH && !scim__look_is_done(l)) {
		scim_record *records = NULL;

		scim_arena_reset(l->batch);
		scim_status rc = scim__store_query(
		    l->txn, l->batch, &plan, &records, &count, err);
		for (size_t i = 0;
		     rc == SCIM_OK && i < count && !scim__look_is_done(l); i++)
			rc = scim__look_at(l, &records[i], err);
		if (rc != SCIM_OK || count == 0)
			return rc;
		plan.has_after = 1;
		plan.after_value = plan.low.value;
		plan.after_position = records[count - 1].position;
	}
	return SCIM_OK;
}

/* Goes on after the place that is given, where those before don't count. */
static void
seek_position(const struct scim__looking *l, scim_plan *plan)
{
	if (l->after == NULL || l->counts || !l->ordered ||
	    (l->best == NULL && l->after->rank != l->part->rank))
		return;
	plan->has_after = 1;
	plan->after_value = plan->low.value;
	plan->after_position = l->after->position;
}

/* All of the type in the order of creation, or as the filter's plan has it
 * in that order. */
static scim_status
look_by_position(struct scim__looking *l, scim_plan plan, scim_error *err)
{
	const struct scim__search *s = l->search;

	/* What has no value stands in the order of creation, too. */
	l->ordered = s->sort.by.ptr == NULL || l->part->sort == NULL;
	plan.descending = s->sort.descending;
	if (l->after == NULL || l->best == NULL || !l->after->has_value)
		seek_position(l, &plan);
	else if (s->sort.missing_first && l->ordered && !l->counts)
		return SCIM_OK;
	return look_through(l, plan, err);
}

static scim_status
look_at_gathered(
    struct scim__looking *l, const struct scim__gathering *g, scim_error *err)
{
	bool noted = l->part->plan.is_exact && l->best == NULL;
	bool goes_on = l->after != NULL && l->best == NULL && !l->counts &&
	    l->after->rank == l->part->rank;
	size_t i = goes_on ? scim__gather_after(g, l->after->position) : 0;
	scim_status rc = SCIM_OK;

	l->ordered = l->best == NULL;
	for (; rc == SCIM_OK && i < g->count && !scim__look_is_done(l); i++) {
		scim_key key =
		    scim__key(&l->context, l->part->type, g->items[i].id);
		struct scim__place place = { .type = l->part->type,
			.rank = l->part->rank,
			.position = g->items[i].position };
		scim_record record;

		if (noted) {
			rc = scim__look_note(l, &place, g->items[i].id, err);
			continue;
		}
		scim_arena_reset(l->batch);
		rc = scim__store_get(
		    l->txn, l->batch, &key, SCIM_RECORD_CONTENT, &record, err);
		if (rc == SCIM_OK)
			rc = scim__look_at(l, &record, err);
	}
	return rc;
}

static scim_status
look_by_plan(struct scim__looking *l, scim_error *err)
{
	const struct scim__search *s = l->search;
	scim__auto(scim_arena_free) scim_arena *list = scim_arena_new(NULL);
	struct scim__gathering g = { .batch = l->batch,
		.context = *s->context,
		.txn = l->txn,
		.most = s->most_gathered };

	if (list == NULL)
		return scim__fail_memory(err);
	if (!scim__gather_is_needed(l->part))
		return look_by_position(
		    l, scim__part_narrow(l->part, s->context), err);
	g.context.arena = list;
	scim_status rc = scim__gather(&g, l->part, err);
	if (rc != SCIM_OK)
		return rc;
	return g.too_many
	    ? look_by_position(l, scim__part_all(l->part, s->context), err)
	    : look_at_gathered(l, &g, err);
}

/* The keyset of the next batch; without one, rows are passed over. */
static scim_status
move_on(struct scim__looking *l, const scim_record *last, size_t count,
    scim_plan *plan, scim_error *err)
{
	struct scim__place place;
	scim_status rc = scim__look_place(l, last, &place, err);

	if (rc != SCIM_OK)
		return rc;
	if (!place.has_value) {
		plan->offset += count;
		return SCIM_OK;
	}
	scim_arena_reset(l->key);
	if (!scim__place_copy(l->key, &place, &place))
		return scim__fail_memory(err);
	plan->offset = 0;
	plan->has_after = 1;
	plan->after_value = place.value;
	plan->after_position = place.position;
	return SCIM_OK;
}

static scim_status
walk_index(struct scim__looking *l, uint64_t offset, scim_error *err)
{
	scim_plan plan = walk_plan(l->search, l->part);
	size_t count = BATCH;

	plan.offset = offset;
	if (l->after != NULL && l->after->has_value &&
	    (l->after->rank == l->part->rank ||
		l->after->value.kind == scim__index_kind(l->part->sort))) {
		plan.has_after = 1;
		plan.after_value = l->after->value;
		plan.after_position = l->after->position;
	}
	while (count == BATCH && !scim__look_is_done(l)) {
		scim_record *records = NULL;

		scim_arena_reset(l->batch);
		scim_status rc = scim__store_query(
		    l->txn, l->batch, &plan, &records, &count, err);
		for (size_t i = 0;
		     rc == SCIM_OK && i < count && !scim__look_is_done(l); i++)
			rc = scim__look_at(l, &records[i], err);
		if (rc == SCIM_OK && count == BATCH && !scim__look_is_done(l))
			rc = move_on(l, &records[count - 1], count, &plan, err);
		if (rc != SCIM_OK)
			return rc;
	}
	return SCIM_OK;
}

/* How many of a part's type have no row in the index of the order. */
static scim_status
count_missing(const struct scim__looking *l, uint64_t *out, scim_error *err)
{
	scim_plan all = scim__part_all(l->part, l->search->context);
	scim_plan rows = walk_plan(l->search, l->part);
	uint64_t total = 0, valued = 0;
	scim_status rc =
	    scim__store_count(l->txn, &all, UINT64_MAX, &total, err);

	if (rc == SCIM_OK)
		rc = scim__store_count(l->txn, &rows, UINT64_MAX, &valued, err);
	if (rc == SCIM_OK)
		*out = total > valued ? total - valued : 0;
	return rc;
}

static scim_status
walk_missing(struct scim__looking *l, scim_error *err)
{
	scim_plan plan = scim__part_all(l->part, l->search->context);
	uint64_t missing = 0;
	scim_status rc = count_missing(l, &missing, err);

	if (rc != SCIM_OK || missing == 0)
		return rc;
	plan.descending = l->search->sort.descending;
	if (l->after == NULL || !l->after->has_value)
		seek_position(l, &plan);
	l->missing = true;
	rc = look_through(l, plan, err);
	l->missing = false;
	return rc;
}

/* In the order of the index, `offset` rows of which are passed over. */
static scim_status
walk(struct scim__looking *l, uint64_t offset, scim_error *err)
{
	bool first = l->search->sort.missing_first;
	bool in_missing = l->after != NULL && !l->after->has_value;
	bool in_index = l->after != NULL && l->after->has_value;
	scim_status rc = SCIM_OK;

	l->ordered = true;
	if (first && !in_index && offset == 0)
		rc = walk_missing(l, err);
	if (rc == SCIM_OK && (first || !in_missing) && !scim__look_is_done(l))
		rc = walk_index(l, offset, err);
	if (rc == SCIM_OK && !first && !scim__look_is_done(l))
		rc = walk_missing(l, err);
	return rc;
}

/* Whether the index of the order is the better way than the filter's. */
static scim_status
is_walked(const struct scim__looking *l, bool *out, scim_error *err)
{
	uint64_t few = l->search->few, candidates = few + 1;
	scim_status rc = SCIM_OK;

	*out = false;
	if (l->counts || !has_walk(l->search, l->part))
		return SCIM_OK;
	if (l->part->plan.how != SCIM__PLAN_SCAN)
		rc = scim__part_candidates(l->part, l->search->context, l->txn,
		    few + 1, &candidates, err);
	*out = candidates > few;
	return rc;
}

/* What a part adds to the total, where that is known without looking. */
static scim_status
count_part(struct scim__looking *l, scim_error *err)
{
	struct scim__search *s = l->search;
	bool is_free = !l->part->filtered;
	scim_plan plan = scim__part_narrow(l->part, s->context);
	uint64_t count = 0;
	scim_status rc = SCIM_OK;

	l->counts = false;
	if (is_free || (!s->by_place && scim__part_is_plain(l->part)))
		rc = scim__store_count(l->txn, &plan, UINT64_MAX, &count, err);
	else if (s->by_place)
		s->has_total = false;
	else
		l->counts = true;
	s->total += count;
	return rc;
}

/* `counting`: the first pass, or the only one. */
static scim_status
look_at_parts(
    struct scim__looking *l, bool counting, uint64_t offset, scim_error *err)
{
	const struct scim__search *s = l->search;
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < s->part_count && !s->stopped;
	     i++) {
		bool walked = false;

		l->part = &s->parts[i];
		l->counts = l->ordered = false;
		if (l->part->none)
			continue;
		if (counting)
			rc = count_part(l, err);
		if (l->best != NULL)
			l->full = false;
		else if (!l->counts &&
		    (l->full ||
			(l->after != NULL && l->part->rank < l->after->rank)))
			continue;
		if (rc == SCIM_OK)
			rc = is_walked(l, &walked, err);
		if (rc == SCIM_OK)
			rc = walked ? walk(l, offset, err)
				    : look_by_plan(l, err);
	}
	return rc;
}

/*
 * Where the only part is walked and all of it matches, the store passes over
 * what is before the page: `*offset` becomes 0, and `*out` is how many rows
 * of the index are left out.
 */
static scim_status
seek(struct scim__looking *l, uint64_t *offset, uint64_t *out, scim_error *err)
{
	const struct scim__search *s = l->search;
	uint64_t missing = 0, valued = 0;
	scim_plan rows;
	scim_status rc = SCIM_OK;

	*out = 0;
	if (s->part_count != 1 || s->parts[0].filtered || s->after != NULL ||
	    *offset == 0 || !has_walk(s, &s->parts[0]))
		return SCIM_OK;
	l->part = &s->parts[0];
	if (s->sort.missing_first)
		rc = count_missing(l, &missing, err);
	if (rc != SCIM_OK || *offset <= missing)
		return rc;
	rows = walk_plan(s, l->part);
	rc = scim__store_count(l->txn, &rows, *offset - missing, &valued, err);
	if (rc != SCIM_OK || valued < *offset - missing)
		return rc;
	*out = valued;
	*offset = 0;
	return SCIM_OK;
}

/* Copies a page out of the best that were seen. */
static scim_status
take_page(struct scim__search *s, const struct scim__best *best, size_t skip,
    size_t limit, scim_error *err)
{
	scim_arena *arena = s->context->arena;
	size_t left = best->count - skip;
	size_t count = left < limit ? left : limit;

	s->page = scim__arena_array(arena, count, sizeof(*s->page));
	if (s->page == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < count; i++) {
		const struct scim__found *from = &best->items[skip + i];

		s->page[i].id = scim__str_copy(arena, from->id);
		if (s->page[i].id.ptr == NULL ||
		    !scim__place_copy(arena, &from->place, &s->page[i].place))
			return scim__fail_memory(err);
	}
	s->page_count = count;
	s->more = left > count || best->dropped || s->stopped;
	s->stopped = s->stopped && left <= count;
	return SCIM_OK;
}

/* In passes, each as far as memory goes, until one reaches the page. */
static scim_status
run_sorted(
    struct scim__looking *l, uint64_t offset, size_t limit, scim_error *err)
{
	struct scim__search *s = l->search;
	struct scim__place last;
	uint64_t passed = 0;
	scim_status rc = seek(l, &offset, &passed, err);

	for (bool counting = true; rc == SCIM_OK; counting = false) {
		scim__auto_best struct scim__best best = { .most = 0 };
		size_t most = s->most_kept > limit ? s->most_kept : limit + 1;

		if (offset + limit + 1 < most)
			most = (size_t)offset + limit + 1;
		rc = scim__best_open(&best, &s->sort, most, err);
		l->best = &best;
		if (rc == SCIM_OK)
			rc = look_at_parts(l, counting, passed, err);
		if (rc != SCIM_OK)
			return rc;
		scim__best_finish(&best);
		size_t before =
		    offset < best.count ? (size_t)offset : best.count;
		if (!best.dropped || before == 0 || best.count - before > limit)
			return take_page(s, &best, before, limit, err);
		offset -= before;
		passed = 0;
		if (!scim__place_copy(s->context->arena,
			&best.items[before - 1].place, &last))
			return scim__fail_memory(err);
		l->after = &last;
	}
	return rc;
}

static scim_status
run_unsorted(
    struct scim__looking *l, uint64_t offset, size_t limit, scim_error *err)
{
	struct scim__search *s = l->search;

	l->skip = offset;
	l->limit = limit + 1;
	scim_status rc = look_at_parts(l, true, 0, err);
	if (rc != SCIM_OK)
		return rc;
	s->page = l->page;
	s->stopped = s->stopped && l->page_count <= limit;
	s->more = s->stopped || l->page_count > limit;
	s->page_count = l->page_count < limit ? l->page_count : limit;
	return SCIM_OK;
}

scim_status
scim__search_run(struct scim__search *search, scim_txn *txn, uint64_t offset,
    size_t limit, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *batch = scim_arena_new(NULL);
	scim__auto(scim_arena_free) scim_arena *one = scim_arena_new(NULL);
	scim__auto(scim_arena_free) scim_arena *key = scim_arena_new(NULL);
	struct scim__looking l = { .search = search,
		.txn = txn,
		.batch = batch,
		.one = one,
		.key = key,
		.context = *search->context,
		.after = search->after };

	if (batch == NULL || one == NULL || key == NULL)
		return scim__fail_memory(err);
	l.context.arena = one;
	search->total = 0;
	search->has_total = true;
	search->page_count = 0;
	search->more = search->stopped = false;
	return search->sort.by.ptr != NULL
	    ? run_sorted(&l, offset, limit, err)
	    : run_unsorted(&l, offset, limit, err);
}
