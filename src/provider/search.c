/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching.
 *
 * No type is ever loaded: candidates come in batches, in the order of
 * creation, are looked at one by one and forgotten, and only the ids of the
 * page are kept.  Where an index has another order, the places and ids of
 * what is in its range are gathered and sorted first; a range too long for
 * that narrows little, and everything is scanned instead.
 */
#include "provider/search.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "filter/bind.h"
#include "filter/eval.h"
#include "filter/parse.h"

/* A step is some 100 ns: ten seconds, or more than a million users. */
#define BUDGET UINT64_C(100000000)
#define BYTES_A_STEP 16
#define BATCH 64             /* with content */
#define GATHER_BATCH 2000    /* without */
#define MOST_GATHERED 100000 /* some 10 MB */

struct list {
	struct scim__found *items;
	size_t count, capacity;
};

/* A search under way. */
struct looking {
	struct scim__search *search;
	scim_txn *txn;
	scim_arena *batch;    /* until the next batch */
	scim_arena *one;      /* until the next candidate */
	scim_context context; /* the search's, with `one` */
	uint64_t offset;
	size_t limit;
	struct list page;
};

scim_status
scim__search_open(struct scim__search *search, const scim_context *context,
    const scim__resource_type *type, scim_str filter, scim_error *err)
{
	const scim_limits *limits = &context->settings->limits;
	struct scim__filter_limits bounds = { (size_t)limits->filter_bytes,
		(size_t)limits->filter_nodes, (size_t)limits->depth };
	struct scim__filter_binding to = { .arena = context->arena,
		.registry = context->registry,
		.type = type };
	scim__filter tree;
	struct scim__search s = {
		.context = context,
		.type = type,
		.budget = BUDGET,
		.most_gathered = MOST_GATHERED,
	};
	scim_status rc =
	    scim__filter_parse(context->arena, filter, &bounds, &tree, err);

	if (rc == SCIM_OK)
		rc = scim__filter_bind(&to, &tree, &s.filter, err);
	if (rc == SCIM_OK)
		rc = scim__filter_plan(
		    context->arena, s.filter.root, &s.plan, err);
	if (rc == SCIM_OK)
		rc = scim__asked_read(
		    context->arena, s.filter.root, &s.asked, err);
	if (rc == SCIM_OK)
		*search = s;
	return rc;
}

void
scim__search_narrow(const struct scim__search *search, scim_plan *plan)
{
	if (search->plan.how != SCIM__PLAN_INDEX)
		return;
	plan->attribute = search->plan.attribute->path;
	plan->low = search->plan.low;
	plan->high = search->plan.high;
}

bool
scim__search_is_plain(const struct scim__search *search)
{
	return search->plan.how == SCIM__PLAN_INDEX && search->plan.is_exact &&
	    search->plan.is_equal;
}

/* All resources of the type, by position. */
static scim_plan
scan_plan(const struct scim__search *search)
{
	return (scim_plan){ .tenant = search->context->tenant,
		.type = search->type->name,
		.attribute = SCIM_STR(""),
		.limit = BATCH,
		.parts = SCIM_RECORD_CONTENT };
}

static scim_plan
store_plan(const struct scim__search *search)
{
	scim_plan plan = scan_plan(search);

	scim__search_narrow(search, &plan);
	return plan;
}

scim_status
scim__search_is_short(const struct scim__search *search, scim_txn *txn,
    bool *out, scim_error *err)
{
	scim_plan plan = store_plan(search);
	scim_membership *found = NULL;
	size_t count = 0;
	uint64_t candidates = 0;
	scim_status rc = SCIM_OK;

	if (search->plan.how == SCIM__PLAN_ID) {
		candidates = 1;
	} else if (search->plan.how == SCIM__PLAN_MEMBER) {
		rc = scim__store_memberships(txn, search->context->arena,
		    search->context->tenant, search->plan.id, SCIM_STR(""),
		    SCIM__SEARCH_ON_LOOP + 1, &found, &count, err);
		candidates = count;
	} else {
		rc = scim__store_count(
		    txn, &plan, SCIM__SEARCH_ON_LOOP + 1, &candidates, err);
	}
	if (rc == SCIM_OK)
		*out = candidates <= SCIM__SEARCH_ON_LOOP;
	return rc;
}

static scim_status
pay(struct scim__search *search, uint64_t steps, scim_error *err)
{
	if (search->budget < steps)
		return scim__fail_type(err, SCIM_ERR_INVALID, "tooMany",
		    "The filter has to look at more resources than this "
		    "server will: make it narrower.");
	search->budget -= steps;
	return SCIM_OK;
}

static scim_status
add(struct looking *l, struct list *list, const scim_record *record,
    scim_error *err)
{
	scim_arena *arena = l->search->context->arena;
	scim_str id = scim__str_copy(arena, record->id);

	if (list->count == list->capacity) {
		size_t capacity = 16 + 2 * list->capacity;
		struct scim__found *more =
		    scim__arena_array(arena, capacity, sizeof(*more));

		if (more == NULL)
			return scim__fail_memory(err);
		if (list->count > 0)
			memcpy(more, list->items, list->count * sizeof(*more));
		list->items = more;
		list->capacity = capacity;
	}
	if (id.ptr == NULL)
		return scim__fail_memory(err);
	list->items[list->count++] =
	    (struct scim__found){ record->position, id };
	return SCIM_OK;
}

/* Counts a match; matches come in order. */
static scim_status
note(struct looking *l, const scim_record *record, scim_error *err)
{
	uint64_t at = l->search->total++;

	if (at < l->offset || l->page.count == l->limit)
		return SCIM_OK;
	return add(l, &l->page, record, err);
}

static scim_status
look_at(struct looking *l, const scim_record *record, scim_error *err)
{
	struct scim__search *s = l->search;
	scim__value resource;
	bool hit = false;
	scim_status rc = pay(s, 1 + record->content.len / BYTES_A_STEP, err);

	if (rc == SCIM_OK) {
		scim_arena_reset(l->one);
		rc = scim__asked_make(l->txn, &l->context, s->type, &s->asked,
		    record, &resource, err);
		if (rc == SCIM_OK) {
			struct scim__matching m = { .arena = l->one,
				.resource = &resource,
				.budget = s->budget };

			rc =
			    scim__filter_matches(&m, s->filter.root, &hit, err);
			s->budget = m.budget;
		}
	}
	return rc == SCIM_OK && hit ? note(l, record, err) : rc;
}

/* By position, or by the one value of an index, which is by position. */
static scim_status
look_through(struct looking *l, scim_plan plan, scim_error *err)
{
	size_t count = plan.limit;

	while (count == plan.limit) {
		scim_record *records = NULL;

		scim_arena_reset(l->batch);
		scim_status rc = scim__store_query(
		    l->txn, l->batch, &plan, &records, &count, err);
		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = look_at(l, &records[i], err);
		if (rc != SCIM_OK || count == 0)
			return rc;
		plan.has_after = 1;
		plan.after_value = plan.low.value;
		plan.after_position = records[count - 1].position;
	}
	return SCIM_OK;
}

/* What is in a range, in the order of the range. */
static scim_status
gather_range(struct looking *l, struct list *out, scim_error *err)
{
	scim_plan plan = store_plan(l->search);
	size_t count = GATHER_BATCH;

	plan.limit = GATHER_BATCH;
	plan.parts = 0;
	while (
	    count == GATHER_BATCH && out->count <= l->search->most_gathered) {
		scim_record *records = NULL;

		scim_arena_reset(l->batch);
		scim_status rc = scim__store_query(
		    l->txn, l->batch, &plan, &records, &count, err);
		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = add(l, out, &records[i], err);
		if (rc != SCIM_OK)
			return rc;
		/* A keyset would need the value, which no record tells. */
		plan.offset += count;
	}
	return SCIM_OK;
}

static scim_status
get_one(struct looking *l, scim_str id, unsigned parts, scim_record *out,
    scim_error *err)
{
	scim_key key = scim__key(&l->context, l->search->type, id);

	scim_arena_reset(l->batch);
	return scim__store_get(l->txn, l->batch, &key, parts, out, err);
}

static scim_status
gather_holders(struct looking *l, struct list *out, scim_error *err)
{
	const struct scim__search *s = l->search;
	scim_str after = { "", 0 };
	size_t count = GATHER_BATCH;

	while (count == GATHER_BATCH && out->count <= s->most_gathered) {
		scim_membership *page = NULL;
		scim_status rc = scim__store_memberships(l->txn,
		    s->context->arena, s->context->tenant, s->plan.id, after,
		    GATHER_BATCH, &page, &count, err);

		for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
			scim_record record;

			if (!scim__str_equal(page[i].type, s->type->name))
				continue;
			rc = get_one(l, page[i].id, 0, &record, err);
			if (rc == SCIM_OK)
				rc = add(l, out, &record, err);
		}
		if (rc != SCIM_OK)
			return rc;
		if (count > 0)
			after = page[count - 1].id;
	}
	return SCIM_OK;
}

static scim_status
gather_own(struct looking *l, struct list *out, scim_error *err)
{
	scim_record record;
	scim_status rc = get_one(l, l->search->plan.id, 0, &record, err);

	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	return rc != SCIM_OK ? rc : add(l, out, &record, err);
}

static int
by_position(const void *left, const void *right)
{
	const struct scim__found *a = left, *b = right;

	return (a->position > b->position) - (a->position < b->position);
}

/* In the order of creation, each once. */
static scim_status
look_at_gathered(struct looking *l, struct list *list, scim_error *err)
{
	bool is_exact = l->search->plan.is_exact;
	uint64_t before = 0;
	scim_status rc = SCIM_OK;

	if (list->count > 1)
		qsort(list->items, list->count, sizeof(*list->items),
		    by_position);
	for (size_t i = 0; rc == SCIM_OK && i < list->count; i++) {
		const struct scim__found *found = &list->items[i];
		scim_record record = { .id = found->id,
			.position = found->position };

		if (i > 0 && found->position == before)
			continue;
		before = found->position;
		if (!is_exact)
			rc = get_one(
			    l, found->id, SCIM_RECORD_CONTENT, &record, err);
		if (rc == SCIM_OK)
			rc = is_exact ? note(l, &record, err)
				      : look_at(l, &record, err);
	}
	return rc;
}

static scim_status
look(struct looking *l, scim_error *err)
{
	const struct scim__search *s = l->search;
	struct list gathered = { .count = 0 };
	scim_status rc = SCIM_OK;

	switch (s->plan.how) {
	case SCIM__PLAN_SCAN:
		return look_through(l, scan_plan(s), err);
	case SCIM__PLAN_INDEX:
		if (s->plan.is_equal)
			return look_through(l, store_plan(s), err);
		rc = gather_range(l, &gathered, err);
		break;
	case SCIM__PLAN_MEMBER:
		rc = gather_holders(l, &gathered, err);
		break;
	case SCIM__PLAN_ID:
		rc = gather_own(l, &gathered, err);
		break;
	}
	if (rc != SCIM_OK)
		return rc;
	return gathered.count > s->most_gathered
	    ? look_through(l, scan_plan(s), err)
	    : look_at_gathered(l, &gathered, err);
}

scim_status
scim__search_run(struct scim__search *search, scim_txn *txn, uint64_t offset,
    size_t limit, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *batch = scim_arena_new(NULL);
	scim__auto(scim_arena_free) scim_arena *one = scim_arena_new(NULL);
	struct looking l = { .search = search,
		.txn = txn,
		.batch = batch,
		.one = one,
		.context = *search->context,
		.offset = offset,
		.limit = limit };

	if (batch == NULL || one == NULL)
		return scim__fail_memory(err);
	l.context.arena = one;
	search->total = 0;
	scim_status rc = look(&l, err);
	if (rc != SCIM_OK)
		return rc;
	search->page = l.page.items;
	search->page_count = l.page.count;
	return SCIM_OK;
}
