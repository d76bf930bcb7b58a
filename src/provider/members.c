/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Members that come and go by PATCH.
 *
 * A group is never read as a whole: a row is looked up when it is named, and
 * what this request did to it so far is kept beside it, so that later
 * operations see what earlier ones left.  Only when all is done does it
 * become rows to be added and removed, and a change is what left another set
 * hash or another count.
 */
#include "provider/members.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/table.h"
#include "filter/eval.h"

#define PAGE 500
#define BUDGET 4000000 /* of filters over members: a million rows or so */
/* What a row costs beyond that from the second time through them on: to look
 * once at each of a million is a need, a thousand times at a thousand is not */
#define AGAIN 50

/* A row that was looked at. */
struct entry {
	bool stored, present; /* before this request, and now */
	scim_member_row before, now;
};

struct editing {
	scim_arena *arena;
	scim_txn *txn;
	const scim_context *context;
	const scim__resource_type *type;
	const scim_key *key;
	struct scim__relation_edit *edit;
	scim_error *err;
	bool again;   /* all members were looked through before */
	bool cleared; /* no stored row is left but those in `entries` */
	struct entry *entries;
	size_t count, capacity;
	scim__table values;             /* of the entries, in their order */
	struct scim__matching matching; /* its arena lasts for a page */
};

static bool
grow(struct editing *e)
{
	size_t capacity = e->capacity == 0 ? 16 : e->capacity * 2;
	struct entry *entries =
	    scim__arena_array(e->arena, capacity, sizeof(*entries));

	if (entries == NULL)
		return false;
	if (e->count > 0)
		memcpy(entries, e->entries, e->count * sizeof(*entries));
	e->entries = entries;
	e->capacity = capacity;
	return true;
}

/* The entry of a value; NULL: it was not looked at. */
static struct entry *
known(const struct editing *e, scim_str value)
{
	size_t at = scim__table_find(&e->values, value);

	return at == SCIM__TABLE_NONE ? NULL : &e->entries[at];
}

/* For a value that is not known. */
static scim_status
enter(struct editing *e, const scim_member_row *row, bool stored,
    struct entry **out)
{
	if (e->count == e->capacity && !grow(e))
		return scim__fail_memory(e->err);
	if (scim__table_enter(&e->values, row->value) != e->count)
		return scim__fail_memory(e->err);
	struct entry *entry = &e->entries[e->count++];
	*entry = (struct entry){ stored, stored && !e->cleared, *row, *row };
	*out = entry;
	return SCIM_OK;
}

/* The row of a value as this request has it by now. */
static scim_status
look_up(struct editing *e, scim_str value, struct entry **out)
{
	scim_member_row row;

	*out = known(e, value);
	if (*out != NULL)
		return SCIM_OK;
	scim_status rc = scim__store_member_get(
	    e->txn, e->arena, e->key, value, &row, e->err);
	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	if (rc == SCIM_ERR_NOT_FOUND)
		row = (scim_member_row){ .value = value };
	return enter(e, &row, rc == SCIM_OK, out);
}

static scim_status
add(struct editing *e, const scim__value *element)
{
	struct entry *entry = NULL;
	scim_member_row row = {
		scim__object_get_string(element, SCIM_STR("value")),
		scim__object_get_string(element, SCIM_STR("type")),
		scim__object_get_string(element, SCIM_STR("display")),
	};
	scim_status rc = look_up(e, row.value, &entry);

	/* @spec 7644-3.5.2.1-07, 7644-3.5.2.1-08 */
	if (rc != SCIM_OK || entry->present)
		return rc;
	rc = scim__relation_admit(e->txn, e->context, e->type->relation,
	    e->edit->promises, &row, e->err);
	scim__relation_note(e->edit, &row, rc);
	if (rc != SCIM_OK)
		return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
	entry->present = true;
	entry->now = row;
	return scim__relation_hash_in(e->arena, e->edit, &row, e->err);
}

static scim_status
take(struct editing *e, struct entry *entry)
{
	if (!entry->present)
		return SCIM_OK;
	entry->present = false;
	return scim__relation_hash_out(e->arena, e->edit, &entry->now, e->err);
}

/* @spec 7644-3.5.2.2-09 */
static scim_status
take_value(struct editing *e, const scim__value *element)
{
	struct entry *entry = NULL;
	scim_status rc = look_up(
	    e, scim__object_get_string(element, SCIM_STR("value")), &entry);

	return rc != SCIM_OK ? rc : take(e, entry);
}

static void
take_all(struct editing *e)
{
	e->cleared = true;
	e->edit->hash = (scim__set_hash){ { 0 } };
	e->edit->count = 0;
	for (size_t i = 0; i < e->count; i++)
		e->entries[i].present = false;
}

static bool
put_string(
    const struct editing *e, scim__value *object, scim_str name, scim_str s)
{
	return s.len == 0 ||
	    scim__object_add(
		e->matching.arena, object, name, scim__value_string(s));
}

static scim_status
matches(struct editing *e, const struct scim__filter_node *filter,
    const scim_member_row *row, bool *out)
{
	scim__value element = scim__value_object();
	const scim__resource_type *type =
	    scim__registry_type(e->context->registry, row->type);
	scim_str ref = { "", 0 };

	if (type != NULL)
		ref = scim__location(
		    e->matching.arena, e->context, type, row->value);
	if (ref.ptr == NULL ||
	    !put_string(e, &element, SCIM_STR("value"), row->value) ||
	    !put_string(e, &element, SCIM_STR("type"), row->type) ||
	    !put_string(e, &element, SCIM_STR("display"), row->display) ||
	    !put_string(e, &element, SCIM_STR("$ref"), ref))
		return scim__fail_memory(e->err);
	return scim__filter_matches_element(
	    &e->matching, filter, &element, out, e->err);
}

/* A row that outlives its page. */
static bool
copy_row(struct editing *e, const scim_member_row *from, scim_member_row *out)
{
	out->value = scim__str_copy(e->arena, from->value);
	out->type = scim__str_copy(e->arena, from->type);
	out->display = scim__str_copy(e->arena, from->display);
	return out->value.ptr != NULL && out->type.ptr != NULL &&
	    out->display.ptr != NULL;
}

static scim_status
take_page(struct editing *e, const struct scim__filter_node *filter,
    const scim_member_row *page, size_t count)
{
	scim_status rc = SCIM_OK;
	scim_member_row row;

	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		struct entry *entry = NULL;
		bool hit = false;

		if (known(e, page[i].value) != NULL)
			continue;
		rc = matches(e, filter, &page[i], &hit);
		if (rc != SCIM_OK || !hit)
			continue;
		if (!copy_row(e, &page[i], &row))
			return scim__fail_memory(e->err);
		rc = enter(e, &row, true, &entry);
		if (rc == SCIM_OK)
			rc = take(e, entry);
	}
	return rc;
}

/* Those that this request looked at already. */
static scim_status
take_known(struct editing *e, const struct scim__filter_node *filter)
{
	size_t looked_at = e->count;
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < looked_at; i++) {
		bool hit = false;

		if (e->entries[i].present)
			rc = matches(e, filter, &e->entries[i].now, &hit);
		if (rc == SCIM_OK && hit)
			rc = take(e, &e->entries[i]);
	}
	return rc;
}

/* One page in an arena of its own, so that a million rows need no room at
 * once; `after` is the last of it. */
static scim_status
take_next_page(struct editing *e, const struct scim__filter_node *filter,
    scim_str *after, size_t *out_count)
{
	scim__auto(scim_arena_free) scim_arena *scratch =
	    scim_arena_new(scim__arena_allocator(e->arena));
	scim_member_row *page = NULL;

	if (scratch == NULL)
		return scim__fail_memory(e->err);
	e->matching.arena = scratch;
	scim_status rc = scim__store_members(
	    e->txn, scratch, e->key, *after, PAGE, &page, out_count, e->err);
	if (rc == SCIM_OK)
		rc = take_page(e, filter, page, *out_count);
	e->matching.arena = e->arena;
	if (rc != SCIM_OK || *out_count == 0)
		return rc;
	*after = scim__str_copy(e->arena, page[*out_count - 1].value);
	return after->ptr != NULL ? SCIM_OK : scim__fail_memory(e->err);
}

static scim_status
pay_again(struct editing *e, size_t rows)
{
	uint64_t steps = e->again ? (uint64_t)rows * AGAIN : 0;

	if (e->matching.budget < steps)
		return scim__fail_type(e->err, SCIM_ERR_INVALID, "tooMany",
		    "Too many members would have to be looked at: name them "
		    "by their value, or send fewer operations.");
	e->matching.budget -= steps;
	return SCIM_OK;
}

static scim_status
take_matching(struct editing *e, const struct scim__filter_node *filter)
{
	scim_str after = { "", 0 };
	size_t count = e->cleared ? 0 : PAGE;
	scim_status rc = pay_again(e, e->count);

	if (rc == SCIM_OK)
		rc = take_known(e, filter);
	while (rc == SCIM_OK && count == PAGE) {
		rc = take_next_page(e, filter, &after, &count);
		if (rc == SCIM_OK)
			rc = pay_again(e, count);
	}
	e->again = true;
	return rc;
}

static scim_status
change(struct editing *e, const struct scim__relation_change *c)
{
	scim_status rc = SCIM_OK;

	if (c->kind == SCIM__RELATION_REMOVE_MATCHING)
		return take_matching(e, c->filter);
	if (c->kind == SCIM__RELATION_REMOVE_ALL ||
	    c->kind == SCIM__RELATION_REPLACE)
		take_all(e);
	for (uint32_t i = 0; rc == SCIM_OK && i < c->elements.count; i++)
		rc = c->kind == SCIM__RELATION_REMOVE
		    ? take_value(e, &c->elements.array.items[i])
		    : add(e, &c->elements.array.items[i]);
	return rc;
}

/* What is left to do for the store. */
static scim_status
put_rows(struct editing *e)
{
	struct scim__relation_edit *edit = e->edit;

	edit->add =
	    scim__arena_array(e->arena, e->count + 1, sizeof(*edit->add));
	edit->remove =
	    scim__arena_array(e->arena, e->count + 1, sizeof(*edit->remove));
	if (edit->add == NULL || edit->remove == NULL)
		return scim__fail_memory(e->err);
	edit->remove_all = e->cleared;
	for (size_t i = 0; i < e->count; i++) {
		const struct entry *entry = &e->entries[i];
		bool stored = entry->stored && !e->cleared;

		if (entry->present &&
		    (!stored ||
			!scim__relation_same_row(&entry->before, &entry->now)))
			edit->add[edit->add_count++] = entry->now;
		else if (!entry->present && stored)
			edit->remove[edit->remove_count++] =
			    entry->before.value;
	}
	return SCIM_OK;
}

scim_status
scim__members_apply(scim_txn *txn, const scim_context *context,
    const scim__resource_type *type, const scim_key *key,
    const struct scim__patched *patched, struct scim__relation_edit *edit,
    scim_error *err)
{
	const scim__set_hash hash = edit->hash;
	uint64_t count = edit->count;
	struct editing e = {
		.arena = context->arena,
		.txn = txn,
		.context = context,
		.type = type,
		.key = key,
		.edit = edit,
		.err = err,
		.matching = { .arena = context->arena, .budget = BUDGET },
	};
	scim_status rc = SCIM_OK;

	scim__table_init(&e.values, e.arena, txn->store->env);
	/* Alone it touches only the rows that differ. */
	if (patched->change_count == 1 &&
	    patched->changes[0].kind == SCIM__RELATION_REPLACE)
		return scim__relation_replace(txn, context, type, key,
		    &patched->changes[0].elements, edit, err);
	for (size_t i = 0; rc == SCIM_OK && i < patched->change_count; i++)
		rc = change(&e, &patched->changes[i]);
	if (rc == SCIM_OK)
		rc = put_rows(&e);
	if (rc == SCIM_OK)
		edit->changed = edit->count != count ||
		    memcmp(&edit->hash, &hash, sizeof(hash)) != 0;
	return rc;
}
