/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Changes to a relation.
 *
 * Replacing walks the stored members and the wanted ones side by side, both
 * in the order of values, and touches only what differs; unless that is
 * nearly all.  The type a member row carries is that of the resource it
 * refers to, so that `$ref` can be told without another look.
 */
#include "provider/relation.h"

#include <stdlib.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "schema/validate.h"

#define PAGE 500

/* The whole stored tuple, each part with its length in front. */
static scim_str
element_of(scim_arena *arena, const scim_member_row *row)
{
	return scim__str_format(arena, "%zu:%.*s%zu:%.*s%zu:%.*s",
	    row->value.len, (int)row->value.len, row->value.ptr, row->type.len,
	    (int)row->type.len, row->type.ptr == NULL ? "" : row->type.ptr,
	    row->display.len, (int)row->display.len,
	    row->display.ptr == NULL ? "" : row->display.ptr);
}

scim_status
scim__relation_begin(
    const scim_record *record, struct scim__relation_edit *out, scim_error *err)
{
	*out = (struct scim__relation_edit){ .count = record->relation_count };
	if (!scim__set_hash_decode(record->relation_state, &out->hash))
		return scim__fail(err, SCIM_ERR_STORE,
		    "The stored set hash of a relation is damaged.");
	return SCIM_OK;
}

scim_status
scim__relation_hash_out(scim_arena *arena, struct scim__relation_edit *edit,
    const scim_member_row *row, scim_error *err)
{
	scim_str element = element_of(arena, row);

	if (element.ptr == NULL)
		return scim__fail_memory(err);
	edit->changed = true;
	edit->count--;
	return scim__set_hash_remove(&edit->hash, element, err);
}

scim_status
scim__relation_hash_in(scim_arena *arena, struct scim__relation_edit *edit,
    const scim_member_row *row, scim_error *err)
{
	scim_str element = element_of(arena, row);

	if (element.ptr == NULL)
		return scim__fail_memory(err);
	edit->changed = true;
	edit->count++;
	return scim__set_hash_add(&edit->hash, element, err);
}

static int
by_id(const void *id, const void *promise)
{
	const struct scim__promise *p = promise;

	return scim__str_compare(*(const scim_str *)id, p->id);
}

static bool
is_promised(
    const struct scim__promises *promises, scim_str type, scim_str value)
{
	if (promises == NULL || promises->count == 0)
		return false;
	const struct scim__promise *p = bsearch(&value, promises->items,
	    promises->count, sizeof(*promises->items), by_id);
	return p != NULL && scim__str_equal(p->type, type);
}

/* Finds which of the relation's types `value` is; empty when of none. */
static scim_status
resolve(scim_txn *txn, const scim_context *context,
    const scim__attribute *relation, const struct scim__promises *promises,
    scim_member_row *row, scim_error *err)
{
	scim_str said = row->type;

	row->type = (scim_str){ "", 0 };
	for (size_t i = 0; i <= relation->reference_type_count; i++) {
		scim_str type =
		    i == 0 ? said : relation->reference_types[i - 1];
		scim_key key = { context->tenant, type, row->value };
		scim_record record;

		if (type.len == 0)
			continue;
		scim_status rc = is_promised(promises, type, row->value)
		    ? SCIM_OK
		    : scim__store_get(
			  txn, context->arena, &key, 0, &record, err);
		if (rc == SCIM_OK)
			row->type = type;
		if (rc != SCIM_ERR_NOT_FOUND)
			return rc;
	}
	return SCIM_OK;
}

/* Whether a member goes in: SCIM_ERR_NOT_FOUND for one to leave out. */
scim_status
scim__relation_admit(scim_txn *txn, const scim_context *context,
    const scim__attribute *relation, const struct scim__promises *promises,
    scim_member_row *row, scim_error *err)
{
	scim_status rc = resolve(txn, context, relation, promises, row, err);

	if (rc != SCIM_OK || row->type.len > 0)
		return rc;
	switch (context->settings->dangling_members) {
	case SCIM_DANGLING_KEEP:
		return SCIM_OK;
	case SCIM_DANGLING_DROP:
		return SCIM_ERR_NOT_FOUND;
	case SCIM_DANGLING_REFUSE:
		break;
	}
	return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
	    "%.*s: there is no resource \"%.*s\" to refer to; create it "
	    "first, or leave it out.",
	    (int)relation->name.len, relation->name.ptr,
	    (int)(row->value.len < 64 ? row->value.len : 64), row->value.ptr);
}

void
scim__relation_note(struct scim__relation_edit *edit,
    const scim_member_row *row, scim_status admitted)
{
	if (admitted == SCIM_OK && row->type.len == 0)
		edit->quirks |= SCIM__QUIRK_DANGLING_KEPT;
	if (admitted != SCIM_ERR_NOT_FOUND)
		return;
	edit->quirks |= SCIM__QUIRK_DANGLING_DROPPED;
	if (edit->dropped.ptr == NULL)
		edit->dropped = row->value;
}

static int
by_value(const void *a, const void *b)
{
	const scim_member_row *x = a, *y = b;

	return scim__str_compare(x->value, y->value);
}

/* The wanted rows in the order of their values. */
static scim_member_row *
wanted_rows(scim_arena *arena, const scim__value *wanted)
{
	scim_member_row *rows =
	    scim_arena_alloc(arena, (wanted->count + 1) * sizeof(*rows));

	if (rows == NULL)
		return NULL;
	for (uint32_t i = 0; i < wanted->count; i++) {
		const scim__value *e = &wanted->array.items[i];

		rows[i] = (scim_member_row){
			scim__object_get_string(e, SCIM_STR("value")),
			scim__object_get_string(e, SCIM_STR("type")),
			scim__object_get_string(e, SCIM_STR("display")),
		};
	}
	if (wanted->count > 1)
		qsort(rows, wanted->count, sizeof(*rows), by_value);
	return rows;
}

/* The stored members, one after the other, page by page. */
struct cursor {
	scim_arena *arena;
	scim_txn *txn;
	const scim_key *key;
	scim_member_row *page;
	size_t at, count;
	bool last;
};

/* `*out` NULL: no more. */
static scim_status
peek(struct cursor *c, const scim_member_row **out, scim_error *err)
{
	*out = NULL;
	if (c->at == c->count) {
		if (c->last)
			return SCIM_OK;
		scim_str after = c->count > 0 ? c->page[c->count - 1].value
					      : (scim_str){ "", 0 };
		scim_status rc = scim__store_members(c->txn, c->arena, c->key,
		    after, PAGE, &c->page, &c->count, err);
		if (rc != SCIM_OK)
			return rc;
		c->at = 0;
		c->last = c->count < PAGE;
		if (c->count == 0)
			return SCIM_OK;
	}
	*out = &c->page[c->at];
	return SCIM_OK;
}

static scim_status
add_remove(scim_arena *arena, struct scim__relation_edit *edit, scim_str value,
    scim_error *err)
{
	/* Doubling: room is there unless the count is a power of two. */
	size_t n = edit->remove_count;

	if ((n & (n - 1)) == 0) {
		scim_str *more = scim_arena_alloc(
		    arena, (n == 0 ? 1 : n * 2) * sizeof(*more));

		if (more == NULL)
			return scim__fail_memory(err);
		if (n > 0)
			memcpy(more, edit->remove, n * sizeof(*more));
		edit->remove = more;
	}
	edit->remove[edit->remove_count++] = value;
	return SCIM_OK;
}

bool
scim__relation_same_row(const scim_member_row *a, const scim_member_row *b)
{
	return scim__str_equal(a->type, b->type) &&
	    scim__str_equal(a->display, b->display);
}

/* One wanted row against the stored one of its value, or none. */
static scim_status
put_row(scim_arena *arena, struct scim__relation_edit *edit,
    const scim_member_row *stored, const scim_member_row *row, scim_error *err)
{
	scim_status rc = SCIM_OK;

	if (stored != NULL && scim__relation_same_row(stored, row))
		return SCIM_OK;
	if (stored != NULL)
		rc = scim__relation_hash_out(arena, edit, stored, err);
	if (rc == SCIM_OK)
		rc = scim__relation_hash_in(arena, edit, row, err);
	if (rc == SCIM_OK)
		edit->add[edit->add_count++] = *row;
	return rc;
}

static scim_status
drop_row(scim_arena *arena, struct scim__relation_edit *edit,
    const scim_member_row *stored, scim_error *err)
{
	scim_status rc = scim__relation_hash_out(arena, edit, stored, err);

	return rc != SCIM_OK ? rc : add_remove(arena, edit, stored->value, err);
}

/* Lets one wanted row in, or leaves it out; `stored` is the row of its value
 * that is there already, or NULL. */
static scim_status
take_row(scim_txn *txn, const scim_context *context,
    const scim__attribute *relation, const scim_member_row *stored,
    scim_member_row *row, struct scim__relation_edit *edit, scim_error *err)
{
	scim_arena *arena = context->arena;
	scim_status rc = scim__relation_admit(
	    txn, context, relation, edit->promises, row, err);

	scim__relation_note(edit, row, rc);
	if (rc == SCIM_OK)
		return put_row(arena, edit, stored, row, err);
	if (rc != SCIM_ERR_NOT_FOUND)
		return rc;
	return stored == NULL ? SCIM_OK : drop_row(arena, edit, stored, err);
}

/* Drops what is stored before `value`; `*out` is what is stored at it. */
static scim_status
advance(struct cursor *c, const scim_str *value,
    struct scim__relation_edit *edit, const scim_member_row **out,
    scim_error *err)
{
	for (;;) {
		const scim_member_row *stored = NULL;
		scim_status rc = peek(c, &stored, err);
		int order = stored == NULL || value == NULL
		    ? -1
		    : scim__str_compare(stored->value, *value);

		*out = order == 0 ? stored : NULL;
		if (rc != SCIM_OK || stored == NULL || order > 0)
			return rc;
		c->at++;
		if (order == 0)
			return SCIM_OK;
		rc = drop_row(c->arena, edit, stored, err);
		if (rc != SCIM_OK)
			return rc;
	}
}

/* When nearly all go, it is less to do without a look at each of them. */
static void
empty(struct scim__relation_edit *edit)
{
	edit->remove_all = true;
	edit->changed = true;
	edit->hash = (scim__set_hash){ { 0 } };
	edit->count = 0;
}

scim_status
scim__relation_replace(scim_txn *txn, const scim_context *context,
    const scim__resource_type *type, const scim_key *key,
    const scim__value *wanted, struct scim__relation_edit *edit,
    scim_error *err)
{
	scim_arena *arena = context->arena;
	struct cursor c = { .arena = arena, .txn = txn, .key = key };
	const scim_member_row *stored = NULL;
	scim_member_row *rows = wanted_rows(arena, wanted);
	scim_status rc = SCIM_OK;

	if (edit->count > 2 * (uint64_t)wanted->count + PAGE)
		empty(edit);
	c.last = edit->count == 0;
	edit->add =
	    scim_arena_alloc(arena, (wanted->count + 1) * sizeof(*edit->add));
	if (rows == NULL || edit->add == NULL)
		return scim__fail_memory(err);
	for (uint32_t i = 0; rc == SCIM_OK && i < wanted->count; i++) {
		rc = advance(&c, &rows[i].value, edit, &stored, err);
		if (rc == SCIM_OK)
			rc = take_row(txn, context, type->relation, stored,
			    &rows[i], edit, err);
	}
	return rc != SCIM_OK ? rc : advance(&c, NULL, edit, &stored, err);
}

scim_status
scim__relation_remove(scim_arena *arena, scim_txn *txn, const scim_key *key,
    scim_str value, struct scim__relation_edit *edit, scim_error *err)
{
	scim_member_row row;
	scim_status rc =
	    scim__store_member_get(txn, arena, key, value, &row, err);

	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	return rc != SCIM_OK ? rc : drop_row(arena, edit, &row, err);
}

scim_status
scim__relation_finish(scim_arena *arena, const struct scim__relation_edit *edit,
    scim_record *record, scim_write *write, scim_error *err)
{
	uint8_t *state = scim_arena_alloc(arena, SCIM__SET_HASH_BYTES);

	if (state == NULL)
		return scim__fail_memory(err);
	scim__set_hash_encode(&edit->hash, state);
	record->relation_state =
	    (scim_str){ (const char *)state, SCIM__SET_HASH_BYTES };
	record->relation_count = edit->count;
	write->member_add = edit->add;
	write->member_add_count = edit->add_count;
	write->member_remove = edit->remove;
	write->member_remove_count = edit->remove_count;
	write->member_remove_all = edit->remove_all;
	return SCIM_OK;
}
