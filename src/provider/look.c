/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Looking at candidates, one by one.
 *
 * A candidate is read, decided on, and forgotten; what matches is counted
 * and, if it belongs to the page, noted by place and id alone.  Every byte
 * looked at is paid for, so that a search ends.
 */
#include "provider/look.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "filter/eval.h"
#include "provider/whole.h"

#define BYTES_A_STEP 16
#define STEPS_A_LOOKUP 50 /* of a group, a manager or a member */

bool
scim__look_is_done(const struct scim__looking *l)
{
	return l->search->stopped || (l->full && l->ordered && !l->counts);
}

static scim_status
pay(struct scim__search *search, uint64_t steps, scim_error *err)
{
	if (search->budget < steps)
		return scim__fail_type(err, SCIM_ERR_INVALID, "tooMany",
		    "This has to look at more resources than this server "
		    "will: make the filter narrower, or sort by an indexed "
		    "attribute.");
	search->budget -= steps;
	return SCIM_OK;
}

static scim_status
add_to_page(struct scim__looking *l, const struct scim__place *place,
    scim_str id, scim_error *err)
{
	scim_arena *arena = l->search->context->arena;

	if (l->page_count == l->page_capacity) {
		size_t capacity = 16 + 2 * l->page_capacity;
		struct scim__found *more =
		    scim__arena_array(arena, capacity, sizeof(*more));

		if (more == NULL)
			return scim__fail_memory(err);
		if (l->page_count > 0)
			memcpy(more, l->page, l->page_count * sizeof(*more));
		l->page = more;
		l->page_capacity = capacity;
	}
	struct scim__found found = { *place, scim__str_copy(arena, id) };
	if (found.id.ptr == NULL)
		return scim__fail_memory(err);
	l->page[l->page_count++] = found;
	return SCIM_OK;
}

scim_status
scim__look_note(struct scim__looking *l, const struct scim__place *place,
    scim_str id, scim_error *err)
{
	const struct scim__sort *sort = &l->search->sort;

	l->search->total += l->counts;
	if (l->after != NULL && scim__place_compare(sort, place, l->after) <= 0)
		return SCIM_OK;
	if (l->best != NULL) {
		l->full = !scim__best_wants(l->best, place);
		return scim__best_add(l->best, place, id, err);
	}
	if (l->skip > 0) {
		l->skip--;
		return SCIM_OK;
	}
	scim_status rc = SCIM_OK;
	if (l->page_count < l->limit)
		rc = add_to_page(l, place, id, err);
	l->full = l->page_count == l->limit;
	return rc;
}

/* By the first of its members: no more of them are read. */
static scim_status
place_by_member(struct scim__looking *l, struct scim__place *place, scim_str id,
    scim_error *err)
{
	const scim__attribute *a = l->part->sort;
	scim_key key = scim__key(&l->context, l->part->type, id);
	scim__value resource = scim__value_object(), member;
	scim_member_row *rows = NULL;
	size_t count = 0;
	scim_status rc = scim__store_members(
	    l->txn, l->one, &key, SCIM_STR(""), 1, &rows, &count, err);

	place->has_value = false;
	if (rc != SCIM_OK || count == 0)
		return rc;
	if (!scim__whole_member(l->one, &l->context, rows, &member) ||
	    !scim__object_add(l->one, &resource,
		(a->parent != NULL ? a->parent : a)->name, member))
		return scim__fail_memory(err);
	return scim__sort_value(l->one, a, &resource, place, err);
}

static scim_status
place_of(struct scim__looking *l, const scim_record *record,
    const scim__value *resource, struct scim__place *out, scim_error *err)
{
	const scim__attribute *a = l->part->sort;
	struct scim__place place = { .type = l->part->type,
		.rank = l->part->rank,
		.position = record->position };
	scim_status rc = SCIM_OK;

	if (a != NULL && (a->parent != NULL ? a->parent : a)->relation)
		rc = place_by_member(l, &place, record->id, err);
	else if (a != NULL)
		rc = scim__sort_value(l->one, a, resource, &place, err);
	if (rc == SCIM_OK)
		*out = place;
	return rc;
}

static scim_status
read(struct scim__looking *l, const scim_record *record, scim__value *out,
    scim_error *err)
{
	scim_arena_reset(l->one);
	return scim__asked_make(l->txn, &l->context, l->part->type,
	    &l->part->asked, record, out, err);
}

scim_status
scim__look_place(struct scim__looking *l, const scim_record *record,
    struct scim__place *out, scim_error *err)
{
	scim__value resource;
	scim_status rc = read(l, record, &resource, err);

	return rc != SCIM_OK ? rc : place_of(l, record, &resource, out, err);
}

static uint64_t
element_count(const scim__value *resource, const scim__attribute *a)
{
	const scim__attribute *top = a->parent != NULL ? a->parent : a;
	const scim__value *v = scim__filter_find_top(resource, top);

	if (v == NULL)
		return 0;
	return v->kind == SCIM__ARRAY ? v->count : 1;
}

/* What was looked up to read a candidate, beside its content. */
static scim_status
pay_lookups(
    struct scim__looking *l, const scim__value *resource, scim_error *err)
{
	const struct scim__asked *asked = &l->part->asked;
	const scim__resource_type *type = l->part->type;
	uint64_t count = asked->member_count;

	if ((asked->parts & SCIM__ASKED_DERIVED) != 0)
		for (size_t i = 0; i < type->derived_count; i++)
			count += 1 + element_count(resource, type->derived[i]);
	if ((asked->parts & SCIM__ASKED_ALL_MEMBERS) != 0)
		count += 1 + element_count(resource, type->relation);
	return count == 0 ? SCIM_OK
			  : pay(l->search, count * STEPS_A_LOOKUP, err);
}

static scim_status
match(struct scim__looking *l, const scim__value *resource, bool *out,
    scim_error *err)
{
	struct scim__matching m = { .arena = l->one,
		.resource = resource,
		.budget = l->search->budget };
	scim_status rc;

	*out = true;
	if (!l->part->filtered)
		return SCIM_OK;
	rc = scim__filter_matches(&m, l->part->filter.root, out, err);
	l->search->budget = m.budget;
	return rc;
}

static scim_status
take(struct scim__looking *l, const scim_record *record,
    const scim__value *resource, scim_error *err)
{
	struct scim__place place;
	scim_status rc = place_of(l, record, resource, &place, err);

	if (rc != SCIM_OK || (l->missing && place.has_value))
		return rc;
	return scim__look_note(l, &place, record->id, err);
}

/* Whether the page may end here: what comes later stands behind it. */
static bool
is_spent(const struct scim__looking *l)
{
	const struct scim__search *s = l->search;

	return s->by_place && s->budget <= s->spare && l->ordered &&
	    !l->counts && (l->best == NULL || s->part_count == 1);
}

static scim_status
stop_after(struct scim__looking *l, const scim_record *record,
    const scim__value *resource, scim_error *err)
{
	struct scim__search *s = l->search;
	struct scim__place place;
	scim_status rc = place_of(l, record, resource, &place, err);

	if (rc != SCIM_OK)
		return rc;
	/* It was passed by, on the way through what has no value. */
	if (l->missing)
		place.has_value = false;
	if (!scim__place_copy(s->context->arena, &place, &s->stop))
		return scim__fail_memory(err);
	s->stopped = true;
	return SCIM_OK;
}

scim_status
scim__look_at(
    struct scim__looking *l, const scim_record *record, scim_error *err)
{
	scim__value resource;
	bool hit = false;
	scim_status rc =
	    pay(l->search, 1 + record->content.len / BYTES_A_STEP, err);

	if (rc == SCIM_OK)
		rc = read(l, record, &resource, err);
	if (rc == SCIM_OK)
		rc = pay_lookups(l, &resource, err);
	if (rc == SCIM_OK)
		rc = match(l, &resource, &hit, err);
	if (rc == SCIM_OK && hit)
		rc = take(l, record, &resource, err);
	return rc == SCIM_OK && is_spent(l)
	    ? stop_after(l, record, &resource, err)
	    : rc;
}
