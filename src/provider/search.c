/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Searching.
 *
 * No type is ever loaded: candidates come in batches, are looked at one by
 * one and forgotten, and of a match only its place and id are kept, only
 * those of the page where candidates come in order already.  What is read of
 * each is what the filter asks about: groups and managers are looked up, and
 * members read, only for a filter that names them.
 */
#include "provider/search.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "filter/bind.h"
#include "filter/eval.h"
#include "filter/parse.h"
#include "provider/whole.h"
#include "json/json.h"

#define BUDGET UINT64_C(100000000)
#define BATCH 64
#define MEMBERS_A_PAGE 500
#define MOST_FOUND 100000 /* that have to be put in order */
#define BYTES_A_STEP 256

enum need { NEED_META = 1 << 0, NEED_DERIVED = 1 << 1, NEED_RELATION = 1 << 2 };

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

static bool
shows_derived(const scim__attribute *top)
{
	for (size_t i = 0; i < top->sub_count; i++)
		if (top->sub[i].derivation != SCIM__NOT_DERIVED)
			return true;
	return top->derivation != SCIM__NOT_DERIVED;
}

static unsigned
needs_of(const scim__attribute *a)
{
	const scim__attribute *top = a->parent != NULL ? a->parent : a;
	unsigned needs = 0;

	if (scim__str_equal(top->path, SCIM_STR("meta")))
		needs |= NEED_META;
	if ((needs & NEED_META) != 0 &&
	    (a == top || scim__str_equal(a->name, SCIM_STR("version"))))
		needs |= NEED_DERIVED;
	if (shows_derived(top))
		needs |= NEED_DERIVED;
	if (top->relation)
		needs |= NEED_RELATION;
	return needs;
}

/* Goes no deeper than the parser did. */
static unsigned
needs_of_all(const struct scim__filter_node *node)
{
	unsigned needs = 0;

	for (; node != NULL; node = node->next) {
		if (node->attribute != NULL)
			needs |= needs_of(node->attribute);
		needs |= needs_of_all(node->first);
	}
	return needs;
}

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
	if (rc != SCIM_OK)
		return rc;
	s.needs = needs_of_all(s.filter.root);
	*search = s;
	return SCIM_OK;
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
	scim_status rc;

	if (search->plan.how == SCIM__PLAN_MEMBER) {
		rc = scim__store_memberships(txn, search->context->arena,
		    search->context->tenant, search->plan.member, SCIM_STR(""),
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
add_members(struct looking *l, const scim_record *record, scim__value *resource,
    scim_error *err)
{
	scim_key key = scim__key(&l->context, l->search->type, record->id);
	scim__value list = scim__value_array(), member;
	scim_str after = { "", 0 };
	size_t count = MEMBERS_A_PAGE;

	while (count == MEMBERS_A_PAGE) {
		scim_member_row *rows = NULL;
		scim_status rc = scim__store_members(l->txn, l->one, &key,
		    after, MEMBERS_A_PAGE, &rows, &count, err);

		if (rc == SCIM_OK)
			rc = pay(l->search, count * 4, err);
		if (rc != SCIM_OK)
			return rc;
		for (size_t i = 0; i < count; i++)
			if (!scim__whole_member(
				l->one, &l->context, &rows[i], &member) ||
			    !scim__array_add(l->one, &list, member))
				return scim__fail_memory(err);
		if (count > 0)
			after = rows[count - 1].value;
	}
	return scim__object_set(
		   l->one, resource, l->search->type->relation->name, list)
	    ? SCIM_OK
	    : scim__fail_memory(err);
}

/* The candidate as far as the filter asks about it. */
static scim_status
make_resource(struct looking *l, const scim_record *record, scim__value *out,
    scim_error *err)
{
	const struct scim__search *s = l->search;
	struct scim__view view;
	scim_status rc;

	if ((s->needs & (NEED_META | NEED_DERIVED)) == 0) {
		rc =
		    scim__json_parse_trusted(l->one, record->content, out, err);
	} else {
		rc = scim__view_make(
		    (s->needs & NEED_DERIVED) != 0 ? l->txn : NULL, &l->context,
		    s->type, record, &view, err);
		if (rc == SCIM_OK)
			rc = scim__whole_make(l->one, s->type, &view, out, err);
	}
	if (rc == SCIM_OK && (s->needs & NEED_RELATION) != 0)
		rc = add_members(l, record, out, err);
	return rc;
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
		rc = make_resource(l, record, &resource, err);
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

static scim_status
look_at_holder(
    struct looking *l, const scim_membership *holder, scim_error *err)
{
	scim_key key = scim__key(&l->context, l->search->type, holder->id);
	scim_record record;

	if (!scim__str_equal(holder->type, l->search->type->name))
		return SCIM_OK;
	scim_status rc = scim__store_get(
	    l->txn, l->batch, &key, SCIM_RECORD_CONTENT, &record, err);
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
		    l->search->plan.member, after, BATCH, &page, &count, err);

		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = look_at_holder(l, &page[i], err);
		scim_arena_reset(l->batch);
		if (rc != SCIM_OK)
			return rc;
		if (count > 0)
			after = page[count - 1].id;
	}
	return SCIM_OK;
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
	scim_status rc = search->plan.how == SCIM__PLAN_MEMBER
	    ? look_through_holders(&l, err)
	    : look_through(&l, err);
	if (rc == SCIM_OK && !l.in_order)
		put_in_order(&l);
	return rc;
}
