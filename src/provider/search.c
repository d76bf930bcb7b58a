/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching.
 *
 * No type is ever loaded: candidates come in batches, are looked at one by
 * one and forgotten, and of a match only its place and id are kept, only
 * those of the page where candidates come in order already.
 */
#include "provider/search.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "filter/bind.h"
#include "filter/eval.h"
#include "filter/parse.h"

#define BUDGET UINT64_C(100000000)
#define BATCH 64
#define MOST_FOUND 100000 /* that have to be put in order */
#define BYTES_A_STEP 256

/* A search under way. */
struct looking {
	struct scim__search *search;
	scim_txn *txn;
	scim_arena *batch;    /* until the next batch */
	scim_arena *one;      /* until the next candidate */
	scim_context context; /* the search's, with `one` */
	uint64_t offset;
	size_t limit;
	bool in_order; /* candidates come by position, each once */
	size_t capacity;
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
		.context = context, .type = type, .budget = BUDGET
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

static scim_plan
store_plan(const struct scim__search *search)
{
	scim_plan plan = { .tenant = search->context->tenant,
		.type = search->type->name,
		.attribute = SCIM_STR(""),
		.limit = BATCH };

	scim__search_narrow(search, &plan);
	if (!search->plan.is_exact)
		plan.parts = SCIM_RECORD_CONTENT;
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
fail_many(scim_error *err)
{
	return scim__fail_type(err, SCIM_ERR_INVALID, "tooMany",
	    "The filter matches, or has to look at, more resources than this "
	    "server will: make it narrower.");
}

static scim_status
pay(struct scim__search *search, uint64_t steps, scim_error *err)
{
	if (search->budget < steps)
		return fail_many(err);
	search->budget -= steps;
	return SCIM_OK;
}

static scim_status
note(struct looking *l, const scim_record *record, scim_error *err)
{
	struct scim__search *s = l->search;
	scim_arena *arena = s->context->arena;
	uint64_t at = s->total++;

	if (l->in_order && (at < l->offset || s->page_count == l->limit))
		return SCIM_OK;
	if (!l->in_order && s->page_count == MOST_FOUND)
		return fail_many(err);
	if (s->page_count == l->capacity) {
		size_t capacity = 16 + 2 * l->capacity;
		struct scim__found *more =
		    scim__arena_array(arena, capacity, sizeof(*more));

		if (more == NULL)
			return scim__fail_memory(err);
		if (s->page_count > 0)
			memcpy(more, s->page, s->page_count * sizeof(*more));
		s->page = more;
		l->capacity = capacity;
	}
	scim_str id = scim__str_copy(arena, record->id);
	if (id.ptr == NULL)
		return scim__fail_memory(err);
	s->page[s->page_count++] = (struct scim__found){ record->position, id };
	return SCIM_OK;
}

static scim_status
look_at(struct looking *l, const scim_record *record, scim_error *err)
{
	struct scim__search *s = l->search;
	scim__value resource;
	bool hit = s->plan.is_exact;
	scim_status rc = pay(s, 1 + record->content.len / BYTES_A_STEP, err);

	if (rc == SCIM_OK && !hit) {
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

/* By index or by position. */
static scim_status
look_through(struct looking *l, scim_error *err)
{
	scim_plan plan = store_plan(l->search);
	size_t count = BATCH;

	while (count == BATCH) {
		scim_record *records = NULL;

		scim_arena_reset(l->batch);
		scim_status rc = scim__store_query(
		    l->txn, l->batch, &plan, &records, &count, err);
		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = look_at(l, &records[i], err);
		if (rc != SCIM_OK || count == 0)
			return rc;
		/* A keyset needs the value, which only equal bounds tell. */
		plan.has_after = l->in_order;
		plan.after_value = plan.low.value;
		plan.after_position = records[count - 1].position;
		if (!l->in_order)
			plan.offset += count;
	}
	return SCIM_OK;
}

/* One that is known by its id; not there is no match. */
static scim_status
look_up(struct looking *l, scim_str id, scim_error *err)
{
	scim_key key = scim__key(&l->context, l->search->type, id);
	scim_record record;
	scim_status rc = scim__store_get(
	    l->txn, l->batch, &key, SCIM_RECORD_CONTENT, &record, err);

	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	return rc != SCIM_OK ? rc : look_at(l, &record, err);
}

static scim_status
look_through_holders(struct looking *l, scim_error *err)
{
	scim_str after = { "", 0 };
	size_t count = BATCH;

	while (count == BATCH) {
		scim_membership *page = NULL;
		scim_status rc = scim__store_memberships(l->txn,
		    l->search->context->arena, l->context.tenant,
		    l->search->plan.id, after, BATCH, &page, &count, err);

		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			if (scim__str_equal(
				page[i].type, l->search->type->name))
				rc = look_up(l, page[i].id, err);
		scim_arena_reset(l->batch);
		if (rc != SCIM_OK)
			return rc;
		if (count > 0)
			after = page[count - 1].id;
	}
	return SCIM_OK;
}

static scim_status
look(struct looking *l, scim_error *err)
{
	switch (l->search->plan.how) {
	case SCIM__PLAN_ID:
		return look_up(l, l->search->plan.id, err);
	case SCIM__PLAN_MEMBER:
		return look_through_holders(l, err);
	case SCIM__PLAN_INDEX:
	case SCIM__PLAN_SCAN:
		break;
	}
	return look_through(l, err);
}

static int
by_position(const void *left, const void *right)
{
	const struct scim__found *a = left, *b = right;

	return (a->position > b->position) - (a->position < b->position);
}

/* In the order of creation, each once, and of those the page. */
static void
put_in_order(struct looking *l)
{
	struct scim__search *s = l->search;
	size_t kept = 0;

	if (s->page_count > 1)
		qsort(s->page, s->page_count, sizeof(*s->page), by_position);
	for (size_t i = 0; i < s->page_count; i++)
		if (i == 0 || s->page[i].position != s->page[i - 1].position)
			s->page[kept++] = s->page[i];
	s->total = kept;
	size_t first = l->offset < kept ? (size_t)l->offset : kept;
	s->page += first;
	s->page_count = kept - first < l->limit ? kept - first : l->limit;
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
		.limit = limit,
		.in_order = search->plan.how == SCIM__PLAN_SCAN ||
		    search->plan.is_equal };

	if (batch == NULL || one == NULL)
		return scim__fail_memory(err);
	l.context.arena = one;
	search->page = NULL;
	search->page_count = 0;
	search->total = 0;
	scim_status rc = look(&l, err);
	if (rc == SCIM_OK && !l.in_order)
		put_in_order(&l);
	return rc;
}
