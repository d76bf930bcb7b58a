/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Most filters ask about the content alone, which is parsed and looked at.
 * Groups and managers are looked up, and meta is made, only for a filter
 * that names them.
 *
 * Members are the dear ones: a group may have a million.  Nearly all filters
 * ask whether some id is among them; then that row is looked up, and the
 * tree has just those members that were asked about and are there.
 */
#include "provider/asked.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/whole.h"
#include "json/json.h"

#define PAGE 500

/* A filter while it is read. */
struct reading {
	scim_arena *arena;
	struct scim__asked asked;
	scim_str *members;
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
parts_of(const scim__attribute *a)
{
	const scim__attribute *top = a->parent != NULL ? a->parent : a;
	bool is_meta = scim__str_equal(top->path, SCIM_STR("meta"));
	unsigned parts = is_meta ? SCIM__ASKED_META : 0;

	/* The tag has a half for what is derived. */
	if (shows_derived(top) ||
	    (is_meta &&
		(a == top || scim__str_equal(a->name, SCIM_STR("version")))))
		parts |= SCIM__ASKED_DERIVED;
	return parts;
}

static bool
add_member(struct reading *r, scim_str id)
{
	if (r->asked.member_count == r->capacity) {
		size_t capacity = 4 + 2 * r->capacity;
		scim_str *more =
		    scim__arena_array(r->arena, capacity, sizeof(*more));

		if (more == NULL)
			return false;
		for (size_t i = 0; i < r->asked.member_count; i++)
			more[i] = r->members[i];
		r->members = more;
		r->capacity = capacity;
	}
	r->members[r->asked.member_count++] = id;
	return true;
}

static bool
is_id(const struct scim__filter_node *node)
{
	return node->kind == SCIM__FILTER_COMPARE &&
	    node->op == SCIM__FILTER_EQ && node->as == SCIM__AS_TEXT &&
	    node->attribute->parent != NULL &&
	    scim__str_equal(node->attribute->name, SCIM_STR("value"));
}

/* A comparison with, or presence of, something of a relation. */
static bool
read_relation(struct reading *r, const struct scim__filter_node *node)
{
	const scim__attribute *a = node->attribute;
	bool of_whole =
	    a->parent == NULL || scim__str_equal(a->name, SCIM_STR("value"));

	if (is_id(node))
		return add_member(r, node->text);
	r->asked.parts |= of_whole &&
		(node->kind == SCIM__FILTER_PRESENT ||
		    node->as == SCIM__AS_NULL)
	    ? SCIM__ASKED_ANY_MEMBER
	    : SCIM__ASKED_ALL_MEMBERS;
	return true;
}

/* Brackets that name an id look at no other member. */
static bool
read_brackets(struct reading *r, const struct scim__filter_node *node)
{
	const struct scim__filter_node *at = node->first;
	size_t before = r->asked.member_count;

	if (at->kind == SCIM__FILTER_AND)
		at = at->first;
	else if (at->kind != SCIM__FILTER_COMPARE)
		at = NULL;
	for (; at != NULL; at = at->next)
		if (is_id(at) && !add_member(r, at->text))
			return false;
	if (r->asked.member_count == before)
		r->asked.parts |= SCIM__ASKED_ALL_MEMBERS;
	return true;
}

/* Goes no deeper than the parser did. */
static bool
read_list(struct reading *r, const struct scim__filter_node *node)
{
	bool read = true;

	for (; read && node != NULL; node = node->next) {
		const scim__attribute *a = node->attribute;
		const scim__attribute *top =
		    a != NULL && a->parent != NULL ? a->parent : a;

		if (a != NULL)
			r->asked.parts |= parts_of(a);
		if (top == NULL || !top->relation)
			read = read_list(r, node->first);
		else if (node->kind == SCIM__FILTER_WITHIN)
			read = read_brackets(r, node);
		else
			read = read_relation(r, node);
	}
	return read;
}

scim_status
scim__asked_read(scim_arena *arena, const struct scim__filter_node *root,
    struct scim__asked *out, scim_error *err)
{
	struct reading r = { .arena = arena };

	if (!read_list(&r, root))
		return scim__fail_memory(err);
	r.asked.members = r.members;
	*out = r.asked;
	return SCIM_OK;
}

void
scim__asked_add(struct scim__asked *asked, const scim__attribute *a)
{
	asked->parts |= parts_of(a);
}

/* Where members are put together. */
struct list {
	scim_txn *txn;
	const scim_context *context;
	scim_key key;
	scim__value members;
};

static scim_status
put(struct list *l, const scim_member_row *row, scim_error *err)
{
	scim__value member;

	return scim__whole_member(
		   l->context->arena, l->context, row, &member) &&
		scim__array_add(l->context->arena, &l->members, member)
	    ? SCIM_OK
	    : scim__fail_memory(err);
}

/* The first so many. */
static scim_status
put_first(struct list *l, size_t most, scim_error *err)
{
	scim_str after = { "", 0 };

	while (l->members.count < most) {
		size_t limit = most < PAGE ? most : PAGE, count = 0;
		scim_member_row *rows = NULL;
		scim_status rc = scim__store_members(l->txn, l->context->arena,
		    &l->key, after, limit, &rows, &count, err);

		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = put(l, &rows[i], err);
		if (rc != SCIM_OK || count < limit)
			return rc;
		after = rows[count - 1].value;
	}
	return SCIM_OK;
}

static scim_status
put_one(struct list *l, scim_str id, scim_error *err)
{
	scim_member_row row;
	scim_status rc = scim__store_member_get(
	    l->txn, l->context->arena, &l->key, id, &row, err);

	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	return rc != SCIM_OK ? rc : put(l, &row, err);
}

static scim_status
put_asked(struct list *l, const struct scim__asked *asked,
    const scim_record *record, scim_error *err)
{
	scim_status rc = SCIM_OK;

	if ((asked->parts & SCIM__ASKED_ALL_MEMBERS) != 0) {
		if (record->relation_count > SCIM__ASKED_MEMBERS)
			return scim__fail_type(err, SCIM_ERR_INVALID, "tooMany",
			    "The filter asks about all of too many members: "
			    "ask for one by its id.");
		return put_first(l, SCIM__ASKED_MEMBERS, err);
	}
	for (size_t i = 0; rc == SCIM_OK && i < asked->member_count; i++)
		rc = put_one(l, asked->members[i], err);
	if (rc == SCIM_OK && (asked->parts & SCIM__ASKED_ANY_MEMBER) != 0)
		rc = put_first(l, 1, err);
	return rc;
}

scim_status
scim__asked_make(scim_txn *txn, const scim_context *context,
    const scim__resource_type *type, const struct scim__asked *asked,
    const scim_record *record, scim__value *out, scim_error *err)
{
	scim_arena *arena = context->arena;
	unsigned parts = asked->parts;
	struct scim__view view;
	struct list list = { txn, context, scim__key(context, type, record->id),
		scim__value_array() };
	scim_status rc;

	if ((parts & (SCIM__ASKED_META | SCIM__ASKED_DERIVED)) == 0) {
		rc = scim__json_parse_trusted(arena, record->content, out, err);
	} else {
		rc = scim__view_make(
		    (parts & SCIM__ASKED_DERIVED) != 0 ? txn : NULL, context,
		    type, record, &view, err);
		if (rc == SCIM_OK)
			rc = scim__whole_make(arena, type, &view, out, err);
	}
	if (rc == SCIM_OK && type->relation != NULL)
		rc = put_asked(&list, asked, record, err);
	if (rc != SCIM_OK || list.members.count == 0)
		return rc;
	return scim__object_set(arena, out, type->relation->name, list.members)
	    ? SCIM_OK
	    : scim__fail_memory(err);
}
