/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Reads that name what they want: a resource, the holder of a value, the
 * members of one, what one is a member of, documents of shelves.
 *
 * All of it is one look at one key, or a page of keys that lie side by side.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "store/kv/kv.h"
#include "store/kv/row.h"

static scim_status
absent(scim_error *err, const char *what)
{
	return scim__fail(
	    err, SCIM_ERR_NOT_FOUND, "There is no such %s.", what);
}

/* False: out of memory. */
static bool
keep(scim_arena *arena, bool wanted, scim_str *text)
{
	*text = wanted ? scim__str_copy(arena, *text) : SCIM_STR("");
	return text->ptr != NULL;
}

scim_status
scim__kv_get(scim_txn *txn, scim_arena *arena, const scim_key *key,
    unsigned parts, scim_record *out, scim_error *err)
{
	scim_record r;
	scim_str row;
	scim__buf k;

	scim__key_begin(&k, arena, key->tenant, SCIM__KV_RECORD);
	scim__key_add(&k, key->id);
	scim_status rc = scim__kv_find(scim__kv_of(txn), arena, &k, &row, err);
	if (rc == SCIM_OK)
		rc = scim__row_view_record(row, key->type, &r, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return absent(err, "resource");
	if (rc != SCIM_OK)
		return rc;
	r.id = key->id;
	if (!keep(arena, true, &r.id) ||
	    !keep(arena, (parts & SCIM_RECORD_CONTENT) != 0, &r.content) ||
	    !keep(arena, (parts & SCIM_RECORD_SECRET) != 0, &r.secret) ||
	    !keep(
		arena, (parts & SCIM_RECORD_RELATION) != 0, &r.relation_state))
		return scim__fail_memory(err);
	*out = r;
	return SCIM_OK;
}

scim_status
scim__kv_find_unique(scim_txn *txn, scim_arena *arena, const scim_key *key,
    const scim_unique_row *row, scim_str *out_id, scim_error *err)
{
	scim_str id;
	scim__buf k;

	scim__key_begin(&k, arena, key->tenant, SCIM__KV_UNIQUE);
	scim__key_add(&k, key->type);
	scim__key_add(&k, row->attribute);
	scim__key_add(&k, row->value);
	scim_status rc = scim__kv_find(scim__kv_of(txn), arena, &k, &id, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return absent(err, "value");
	if (rc != SCIM_OK)
		return rc;
	if (!keep(arena, true, &id))
		return scim__fail_memory(err);
	*out_id = id;
	return SCIM_OK;
}

static void
begin_members(scim__buf *k, scim_arena *arena, const scim_key *key)
{
	scim__key_begin(k, arena, key->tenant, SCIM__KV_MEMBER);
	scim__key_add(k, key->type);
	scim__key_add(k, key->id);
}

scim_status
scim__kv_member_get(scim_txn *txn, scim_arena *arena, const scim_key *key,
    scim_str value, scim_member_row *out, scim_error *err)
{
	scim_member_row m = { .value = value };
	uint64_t since;
	scim_str row;
	scim__buf k;

	begin_members(&k, arena, key);
	scim__key_add(&k, value);
	scim_status rc = scim__kv_find(scim__kv_of(txn), arena, &k, &row, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return absent(err, "member");
	if (rc == SCIM_OK && !keep(arena, true, &m.value))
		return scim__fail_memory(err);
	if (rc == SCIM_OK)
		rc = scim__row_read_member(arena, row, &m, &since, err);
	if (rc == SCIM_OK)
		*out = m;
	return rc;
}

/* A page of what begins with `prefix`. */
static scim_status
page(scim_txn *txn, const scim__buf *prefix, scim_str after, size_t limit,
    struct scim__kv_pairs *out, scim_error *err)
{
	struct scim__kv_range range;
	scim_status rc = scim__kv_children(prefix, after, &range, err);

	if (rc != SCIM_OK)
		return rc;
	return scim__kv_collect(
	    scim__kv_of(txn), prefix->arena, &range, 0, limit, out, err);
}

/* Takes the next text off what is left of a key. */
static scim_status
take(scim_arena *arena, scim_str *rest, scim_str *out, scim_error *err)
{
	if (!scim__key_take(rest, arena, out))
		return scim__row_damaged(err);
	return out->ptr == NULL ? scim__fail_memory(err) : SCIM_OK;
}

static scim_str
after_prefix(scim_str key, const scim__buf *prefix)
{
	return (scim_str){ key.ptr + prefix->len, key.len - prefix->len };
}

scim_status
scim__kv_members(scim_txn *txn, scim_arena *arena, const scim_key *key,
    scim_str after, size_t limit, scim_member_row **out, size_t *out_count,
    scim_error *err)
{
	struct scim__kv_pairs pairs;
	scim__buf k;

	begin_members(&k, arena, key);
	scim_status rc = page(txn, &k, after, limit, &pairs, err);
	if (rc != SCIM_OK)
		return rc;
	scim_member_row *rows =
	    scim__arena_array(arena, pairs.count, sizeof(*rows));
	if (rows == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < pairs.count; i++) {
		scim_str rest = after_prefix(pairs.keys[i], &k);
		uint64_t since;

		rc = take(arena, &rest, &rows[i].value, err);
		if (rc == SCIM_OK)
			rc = scim__row_read_member(
			    arena, pairs.values[i], &rows[i], &since, err);
		if (rc != SCIM_OK)
			return rc;
	}
	*out = rows;
	*out_count = pairs.count;
	return SCIM_OK;
}

scim_status
scim__kv_memberships(scim_txn *txn, scim_arena *arena, scim_str tenant,
    scim_str value, scim_str after, size_t limit, scim_membership **out,
    size_t *out_count, scim_error *err)
{
	struct scim__kv_pairs pairs;
	scim__buf k;

	scim__key_begin(&k, arena, tenant, SCIM__KV_MEMBERSHIP);
	scim__key_add(&k, value);
	scim_status rc = page(txn, &k, after, limit, &pairs, err);
	if (rc != SCIM_OK)
		return rc;
	scim_membership *rows =
	    scim__arena_array(arena, pairs.count, sizeof(*rows));
	if (rows == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < pairs.count; i++) {
		scim_str rest = after_prefix(pairs.keys[i], &k);

		rc = take(arena, &rest, &rows[i].id, err);
		if (rc == SCIM_OK)
			rc = take(arena, &rest, &rows[i].type, err);
		if (rc != SCIM_OK)
			return rc;
	}
	*out = rows;
	*out_count = pairs.count;
	return SCIM_OK;
}

scim_status
scim__kv_leaf_get(scim_txn *txn, scim_arena *arena, scim_shelf shelf,
    scim_str name, scim_str *out, scim_error *err)
{
	scim_str value;
	scim__buf k;

	scim__key_begin_shelf(&k, arena, shelf);
	scim__key_add(&k, name);
	scim_status rc =
	    scim__kv_find(scim__kv_of(txn), arena, &k, &value, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return absent(err, "document");
	if (rc != SCIM_OK)
		return rc;
	if (!keep(arena, true, &value))
		return scim__fail_memory(err);
	*out = value;
	return SCIM_OK;
}

scim_status
scim__kv_leaves(scim_txn *txn, scim_arena *arena, scim_shelf shelf,
    scim_str after, size_t limit, scim_leaf **out, size_t *out_count,
    scim_error *err)
{
	struct scim__kv_pairs pairs;
	scim__buf k;

	scim__key_begin_shelf(&k, arena, shelf);
	scim_status rc = page(txn, &k, after, limit, &pairs, err);
	if (rc != SCIM_OK)
		return rc;
	scim_leaf *rows = scim__arena_array(arena, pairs.count, sizeof(*rows));
	if (rows == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; i < pairs.count; i++) {
		scim_str rest = after_prefix(pairs.keys[i], &k);

		rc = take(arena, &rest, &rows[i].name, err);
		if (rc != SCIM_OK)
			return rc;
		rows[i].value = pairs.values[i];
	}
	*out = rows;
	*out_count = pairs.count;
	return SCIM_OK;
}
