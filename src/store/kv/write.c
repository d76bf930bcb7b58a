/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The one way a resource is written.
 *
 * First everything that could stand in the way is looked at: the version the
 * caller expects, the values that belong to one resource alone.  Only then
 * is anything changed, so a refusal has changed nothing.  Only the map's own
 * failure leaves a part, which the caller's rollback takes away.
 */
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/kv/kv.h"
#include "store/kv/log.h"
#include "store/kv/row.h"

/* What the steps of one write share. */
struct step {
	struct scim__kv_txn *kv;
	scim_arena *arena;
	const scim_write *write;
	scim_record before; /* points into the map; not for a CREATE */
	uint64_t position;
	uint64_t sequence;
};

static void
begin_key(scim__buf *k, scim_arena *arena, const scim_key *key,
    enum scim__kv_table table)
{
	scim__key_begin(k, arena, key->tenant, table);
	scim__key_add(k, key->type);
}

static void
record_key(scim__buf *k, const struct step *s)
{
	scim__key_begin(k, s->arena, s->write->key.tenant, SCIM__KV_RECORD);
	scim__key_add(k, s->write->key.id);
}

static void
begin_members(scim__buf *k, scim_arena *arena, const scim_key *key)
{
	begin_key(k, arena, key, SCIM__KV_MEMBER);
	scim__key_add(k, key->id);
}

/* Says who stands in the way; the caller of the write hands it on. */
static scim_status
held(const struct step *s, scim_str holder, scim_str attribute,
    scim_write_result *out, scim_error *err)
{
	scim_str id = scim__str_copy(s->arena, holder);
	scim_str name = scim__str_copy(s->arena, attribute);

	if (id.ptr == NULL || name.ptr == NULL)
		return scim__fail_memory(err);
	out->holder = id;
	out->attribute = name;
	return scim__fail(err, SCIM_ERR_EXISTS,
	    "Another resource has this value of %.*s.", (int)name.len,
	    name.ptr);
}

static scim_status
check_expected(struct step *s, scim_write_result *out, scim_error *err)
{
	const scim_write *w = s->write;
	scim_str row;
	scim__buf k;

	if (w->kind == SCIM_WRITE_MARK)
		return SCIM_OK;
	record_key(&k, s);
	scim_status rc = scim__kv_find(s->kv, s->arena, &k, &row, err);
	if (w->kind == SCIM_WRITE_CREATE) {
		if (rc == SCIM_OK)
			return held(s, w->key.id, SCIM_STR("id"), out, err);
		return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
	}
	if (rc == SCIM_OK)
		rc = scim__row_view_record(row, w->key.type, &s->before, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__fail(err, rc, "There is no such resource.");
	if (rc != SCIM_OK)
		return rc;
	if (memcmp(&s->before.version, &w->expected, sizeof(w->expected)) != 0)
		return scim__fail(
		    err, SCIM_ERR_VERSION, "The resource has changed.");
	s->position = s->before.position;
	return SCIM_OK;
}

static void
unique_key(scim__buf *k, const struct step *s, const scim_unique_row *row)
{
	begin_key(k, s->arena, &s->write->key, SCIM__KV_UNIQUE);
	scim__key_add(k, row->attribute);
	scim__key_add(k, row->value);
}

static scim_status
check_unique(struct step *s, scim_write_result *out, scim_error *err)
{
	const scim_write *w = s->write;

	for (size_t i = 0; i < w->unique_add_count; i++) {
		scim_str id;
		scim__buf k;

		unique_key(&k, s, &w->unique_add[i]);
		scim_status rc = scim__kv_find(s->kv, s->arena, &k, &id, err);
		if (rc == SCIM_ERR_NOT_FOUND)
			continue;
		if (rc != SCIM_OK)
			return rc;
		if (!scim__str_equal(id, w->key.id))
			return held(
			    s, id, w->unique_add[i].attribute, out, err);
	}
	return SCIM_OK;
}

static scim_status
add_unique(struct step *s, const scim_unique_row *row, scim_error *err)
{
	scim__buf k;

	unique_key(&k, s, row);
	return scim__kv_put(s->kv, &k, s->write->key.id, err);
}

/* What another resource holds is not this one's to give back. */
static scim_status
remove_unique(struct step *s, const scim_unique_row *row, scim_error *err)
{
	scim__buf k;
	scim_str id;

	unique_key(&k, s, row);
	scim_status rc = scim__kv_find(s->kv, s->arena, &k, &id, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	if (rc == SCIM_OK && scim__str_equal(id, s->write->key.id))
		rc = scim__kv_remove(s->kv, &k, err);
	return rc;
}

static void
index_key(scim__buf *k, const struct step *s, const scim_index_row *row)
{
	begin_key(k, s->arena, &s->write->key, SCIM__KV_ATTRIBUTE);
	scim__key_add(k, row->attribute);
	scim__key_add_value(k, &row->value);
	scim__key_add_number(k, s->position);
}

static scim_status
add_index(struct step *s, const scim_index_row *row, scim_error *err)
{
	scim__buf k;

	index_key(&k, s, row);
	return scim__kv_put(s->kv, &k, s->write->key.id, err);
}

static scim_status
remove_index(struct step *s, const scim_index_row *row, scim_error *err)
{
	scim__buf k;

	index_key(&k, s, row);
	return scim__kv_remove(s->kv, &k, err);
}

static scim_status
remove_rows(struct step *s, scim_error *err)
{
	const scim_write *w = s->write;
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < w->unique_remove_count; i++)
		rc = remove_unique(s, &w->unique_remove[i], err);
	for (size_t i = 0; rc == SCIM_OK && i < w->index_remove_count; i++)
		rc = remove_index(s, &w->index_remove[i], err);
	return rc;
}

static scim_status
add_rows(struct step *s, scim_error *err)
{
	const scim_write *w = s->write;
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < w->unique_add_count; i++)
		rc = add_unique(s, &w->unique_add[i], err);
	for (size_t i = 0; rc == SCIM_OK && i < w->index_add_count; i++)
		rc = add_index(s, &w->index_add[i], err);
	return rc;
}

static scim_status
change_rows(struct step *s, scim_error *err)
{
	scim_status rc = remove_rows(s, err);

	return rc == SCIM_OK ? add_rows(s, err) : rc;
}

static void
member_keys(const scim_key *key, scim_arena *arena, scim_str value,
    scim__buf *member, scim__buf *membership)
{
	begin_members(member, arena, key);
	scim__key_add(member, value);
	scim__key_begin(membership, arena, key->tenant, SCIM__KV_MEMBERSHIP);
	scim__key_add(membership, value);
	scim__key_add(membership, key->id);
	scim__key_add(membership, key->type);
}

/* Who is no member any more has been one. */
static scim_status
keep_past(struct step *s, scim_str value, scim_str row, scim_error *err)
{
	scim__buf k;

	if (s->write->change.keep == 0)
		return SCIM_OK;
	scim__kv_begin_past(&k, s->arena, &s->write->key);
	scim__key_add_number(&k, s->sequence);
	scim__key_add(&k, value);
	return scim__kv_put(s->kv, &k, row, err);
}

static scim_status
remove_member(struct step *s, scim_str value, scim_error *err)
{
	scim__buf member, membership;
	scim_str row;

	member_keys(&s->write->key, s->arena, value, &member, &membership);
	scim_status rc = scim__kv_find(s->kv, s->arena, &member, &row, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	if (rc == SCIM_OK)
		rc = keep_past(s, value, row, err);
	if (rc == SCIM_OK)
		rc = scim__kv_remove(s->kv, &member, err);
	return rc == SCIM_OK ? scim__kv_remove(s->kv, &membership, err) : rc;
}

static scim_status
also_membership(struct scim__kv_txn *kv, scim_arena *arena,
    const void *argument, scim_str rest, scim_error *err)
{
	struct step s = *(const struct step *)argument;
	scim_str value;

	s.kv = kv;
	s.arena = arena;
	if (!scim__key_take(&rest, arena, &value))
		return scim__row_damaged(err);
	if (value.ptr == NULL)
		return scim__fail_memory(err);
	return remove_member(&s, value, err);
}

static scim_status
sweep_members(struct step *s, scim_error *err)
{
	scim__buf k;

	begin_members(&k, s->arena, &s->write->key);
	if (scim__buf_failed(&k))
		return scim__fail_memory(err);
	return scim__kv_sweep(
	    s->kv, scim__buf_str(&k), also_membership, s, err);
}

/* Since when `m` is a member just so; what it was before ends here. */
static scim_status
find_since(struct step *s, const scim_member_row *m, const scim__buf *member,
    uint64_t *out, scim_error *err)
{
	scim_member_row before = { .value = m->value };
	scim_str row;
	scim_status rc = scim__kv_find(s->kv, s->arena, member, &row, err);

	*out = s->sequence;
	if (rc != SCIM_OK)
		return rc == SCIM_ERR_NOT_FOUND ? SCIM_OK : rc;
	rc = scim__row_read_member(s->arena, row, &before, out, err);
	if (rc != SCIM_OK || *out == s->sequence)
		return rc;
	if (scim__str_equal(before.type, m->type) &&
	    scim__str_equal(before.display, m->display))
		return SCIM_OK;
	*out = s->sequence;
	return keep_past(s, m->value, row, err);
}

static scim_status
add_member(struct step *s, const scim_member_row *m, scim_error *err)
{
	scim__buf member, membership, row;
	uint64_t since = 0;

	member_keys(&s->write->key, s->arena, m->value, &member, &membership);
	scim_status rc = find_since(s, m, &member, &since, err);
	if (rc != SCIM_OK)
		return rc;
	scim__buf_init(&row, s->arena, SIZE_MAX);
	scim__row_add_member(&row, m, since);
	if (scim__buf_failed(&row))
		return scim__fail_memory(err);
	rc = scim__kv_put(s->kv, &member, scim__buf_str(&row), err);
	if (rc != SCIM_OK)
		return rc;
	return scim__kv_put(s->kv, &membership, SCIM_STR(""), err);
}

static scim_status
change_members(struct step *s, scim_error *err)
{
	const scim_write *w = s->write;
	scim_status rc = SCIM_OK;

	if (w->member_remove_all)
		rc = sweep_members(s, err);
	for (size_t i = 0; rc == SCIM_OK && i < w->member_remove_count; i++)
		rc = remove_member(s, w->member_remove[i], err);
	for (size_t i = 0; rc == SCIM_OK && i < w->member_add_count; i++)
		rc = add_member(s, &w->member_add[i], err);
	return rc;
}

/* Takes the next number of a row of numbers, or moves a total. */
static scim_status
step_number(
    struct step *s, const scim__buf *k, bool up, uint64_t *out, scim_error *err)
{
	uint64_t number = 0;
	scim_status rc = scim__kv_find_number(s->kv, s->arena, k, &number, err);

	if (rc != SCIM_OK)
		return rc;
	if (!up && number == 0)
		return scim__row_damaged(err);
	*out = up ? number + 1 : number - 1;
	return scim__kv_put_number(s->kv, k, *out, err);
}

static scim_status
move_total(struct step *s, bool up, scim_error *err)
{
	uint64_t total;
	scim__buf k;

	begin_key(&k, s->arena, &s->write->key, SCIM__KV_TOTAL);
	return step_number(s, &k, up, &total, err);
}

static void
position_key(scim__buf *k, const struct step *s)
{
	begin_key(k, s->arena, &s->write->key, SCIM__KV_POSITION);
	scim__key_add_number(k, s->position);
}

static scim_status
give_position(struct step *s, scim_error *err)
{
	scim__buf k;

	scim__key_begin_position(&k, s->arena);
	scim_status rc = step_number(s, &k, true, &s->position, err);
	if (rc != SCIM_OK)
		return rc;
	position_key(&k, s);
	rc = scim__kv_put(s->kv, &k, s->write->key.id, err);
	return rc == SCIM_OK ? move_total(s, true, err) : rc;
}

static scim_status
put_record(struct step *s, scim_error *err)
{
	scim_record r = *s->write->record;
	scim__buf k, row;

	r.position = s->position;
	r.sequence = s->sequence;
	record_key(&k, s);
	scim__buf_init(&row, s->arena, SIZE_MAX);
	scim__row_add_record(&row, s->write->key.type, &r);
	if (scim__buf_failed(&row))
		return scim__fail_memory(err);
	return scim__kv_put(s->kv, &k, scim__buf_str(&row), err);
}

static scim_status
put_change(struct step *s, scim_error *err)
{
	scim_str tenant = s->write->key.tenant;
	uint64_t parent =
	    s->write->kind == SCIM_WRITE_CREATE ? 0 : s->before.sequence;
	scim__buf k;

	scim__key_begin(&k, s->arena, tenant, SCIM__KV_SEQUENCE);
	scim_status rc = step_number(s, &k, true, &s->sequence, err);
	if (rc == SCIM_OK && s->sequence == 1)
		rc = scim__kv_begin_epoch(s->kv, s->arena, tenant, err);
	if (rc != SCIM_OK)
		return rc;
	return scim__kv_log(
	    s->kv, s->arena, s->write, s->sequence, parent, err);
}

static scim_status
remove_record(struct step *s, scim_error *err)
{
	scim__buf k;
	scim_status rc = sweep_members(s, err);

	if (rc != SCIM_OK)
		return rc;
	position_key(&k, s);
	rc = scim__kv_remove(s->kv, &k, err);
	if (rc != SCIM_OK)
		return rc;
	record_key(&k, s);
	rc = scim__kv_remove(s->kv, &k, err);
	return rc == SCIM_OK ? move_total(s, false, err) : rc;
}

static scim_status
carry_out(struct step *s, scim_error *err)
{
	scim_write_kind kind = s->write->kind;
	scim_status rc = put_change(s, err);

	if (kind == SCIM_WRITE_MARK)
		return rc;
	if (rc == SCIM_OK && kind == SCIM_WRITE_CREATE)
		rc = give_position(s, err);
	if (rc == SCIM_OK)
		rc = remove_rows(s, err);
	if (rc == SCIM_OK && kind == SCIM_WRITE_DELETE)
		return remove_record(s, err);
	if (rc == SCIM_OK)
		rc = put_record(s, err);
	if (rc == SCIM_OK)
		rc = add_rows(s, err);
	return rc == SCIM_OK ? change_members(s, err) : rc;
}

scim_status
scim__kv_write(scim_txn *txn, scim_arena *arena, const scim_write *write,
    scim_write_result *out, scim_error *err)
{
	struct step s = {
		.kv = scim__kv_of(txn), .arena = arena, .write = write
	};
	scim_status rc = check_expected(&s, out, err);

	if (rc == SCIM_OK)
		rc = check_unique(&s, out, err);
	if (write->kind == SCIM_WRITE_INDEX)
		return rc == SCIM_OK ? change_rows(&s, err) : rc;
	if (rc == SCIM_OK)
		rc = carry_out(&s, err);
	if (rc != SCIM_OK)
		return rc;
	out->sequence = s.sequence;
	if (write->kind == SCIM_WRITE_CREATE)
		out->position = s.position;
	return SCIM_OK;
}
