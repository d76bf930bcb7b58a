/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What stands at the keys, as bytes.
 *
 * A record has a head of fixed size and then its four texts, so that a
 * reader finds each without touching the others: a condition looks at the
 * version of a resource whose content may be large.  Members and changes are
 * parts as in keys.  Numbers are written highest byte first everywhere, for
 * a plain store may move its data to another machine.
 *
 * A plain store may also hand back anything: nothing here trusts a length.
 */
#include "store/kv/row.h"

#include <string.h>

#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "store/kv/key.h"

enum { NUMBERS = 9, HEAD = 32 + 16 + 8 * NUMBERS };

static void
add_bytes(scim__buf *row, const void *bytes, size_t len)
{
	scim__buf_add(row, (scim_str){ bytes, len });
}

void
scim__row_add_record(scim__buf *row, scim_str type, const scim_record *record)
{
	add_bytes(row, record->own_hash, sizeof(record->own_hash));
	add_bytes(row, record->version.bytes, sizeof(record->version.bytes));
	scim__key_add_number(row, record->sequence);
	scim__key_add_number(row, record->position);
	scim__key_add_number(row, (uint64_t)record->created_ms);
	scim__key_add_number(row, (uint64_t)record->modified_ms);
	scim__key_add_number(row, (uint64_t)record->modified_before_ms);
	scim__key_add_number(row, record->relation_count);
	scim__key_add_number(row, type.len);
	scim__key_add_number(row, record->content.len);
	scim__key_add_number(row, record->secret.len);
	scim__buf_add(row, type);
	scim__buf_add(row, record->content);
	scim__buf_add(row, record->secret);
	scim__buf_add(row, record->relation_state);
}

scim_status
scim__row_damaged(scim_error *err)
{
	return scim__fail(
	    err, SCIM_ERR_STORE, "The store returned a damaged row.");
}

/* The first `len` bytes, or all there are when there are fewer. */
static scim_str
cut(scim_str *rest, uint64_t len)
{
	size_t n = len < rest->len ? (size_t)len : rest->len;
	scim_str piece = { rest->ptr, n };

	*rest = (scim_str){ rest->ptr + n, rest->len - n };
	return piece;
}

scim_status
scim__row_view_record(
    scim_str row, scim_str type, scim_record *out, scim_error *err)
{
	scim_record r = { .id = SCIM_STR("") };
	uint64_t n[NUMBERS] = { 0 };

	if (row.len < HEAD)
		return scim__row_damaged(err);
	memcpy(r.own_hash, cut(&row, 32).ptr, 32);
	memcpy(r.version.bytes, cut(&row, 16).ptr, 16);
	for (unsigned i = 0; i < NUMBERS; i++)
		(void)scim__key_take_number(&row, &n[i]);
	r.sequence = n[0];
	r.position = n[1];
	r.created_ms = (int64_t)n[2];
	r.modified_ms = (int64_t)n[3];
	r.modified_before_ms = (int64_t)n[4];
	r.relation_count = n[5];
	scim_str its_type = cut(&row, n[6]);
	r.content = cut(&row, n[7]);
	r.secret = cut(&row, n[8]);
	r.relation_state = row;
	if (its_type.len != n[6] || r.content.len != n[7] ||
	    r.secret.len != n[8])
		return scim__row_damaged(err);
	if (!scim__str_equal(its_type, type))
		return SCIM_ERR_NOT_FOUND;
	*out = r;
	return SCIM_OK;
}

void
scim__row_add_member(
    scim__buf *row, const scim_member_row *member, uint64_t since)
{
	scim__key_add(row, member->type);
	scim__key_add(row, member->display);
	scim__key_add_number(row, since);
}

scim_status
scim__row_read_member(scim_arena *arena, scim_str row, scim_member_row *out,
    uint64_t *out_since, scim_error *err)
{
	scim_member_row m = *out;
	uint64_t since;

	if (!scim__key_take(&row, arena, &m.type) ||
	    !scim__key_take(&row, arena, &m.display) ||
	    !scim__key_take_number(&row, &since))
		return scim__row_damaged(err);
	if (m.type.ptr == NULL || m.display.ptr == NULL)
		return scim__fail_memory(err);
	*out = m;
	*out_since = since;
	return SCIM_OK;
}

void
scim__row_add_change(scim__buf *row, const scim_change_row *change)
{
	const scim_change *c = &change->change;

	add_bytes(row, change->version.bytes, sizeof(change->version.bytes));
	scim__key_add_number(row, change->is_gone ? 1 : 0);
	scim__key_add_number(row, change->parent);
	scim__key_add_number(row, (uint64_t)c->at_ms);
	scim__key_add(row, change->type);
	scim__key_add(row, change->id);
	scim__key_add(row, c->operation);
	scim__key_add(row, c->actor);
	scim__key_add(row, c->via);
	scim__key_add(row, c->paths);
	scim__key_add(row, c->content);
}

scim_status
scim__row_read_change(
    scim_arena *arena, scim_str row, scim_change_row *out, scim_error *err)
{
	scim_change_row r = *out;
	scim_str *const texts[] = { &r.type, &r.id, &r.change.operation,
		&r.change.actor, &r.change.via, &r.change.paths,
		&r.change.content };
	uint64_t n[3] = { 0 };

	if (row.len < sizeof(r.version.bytes) + 8 * scim__countof(n))
		return scim__row_damaged(err);
	r.change = (scim_change){ .whole = SCIM_STR("") };
	memcpy(r.version.bytes, cut(&row, 16).ptr, 16);
	for (size_t i = 0; i < scim__countof(n); i++)
		(void)scim__key_take_number(&row, &n[i]);
	r.is_gone = n[0] != 0;
	r.parent = n[1];
	r.change.at_ms = (int64_t)n[2];
	for (size_t i = 0; i < scim__countof(texts); i++) {
		if (!scim__key_take(&row, arena, texts[i]))
			return scim__row_damaged(err);
		if (texts[i]->ptr == NULL)
			return scim__fail_memory(err);
	}
	*out = r;
	return SCIM_OK;
}

void
scim__row_add_receipt(scim__buf *row, const scim_receipt *receipt)
{
	add_bytes(row, receipt->fingerprint, sizeof(receipt->fingerprint));
	add_bytes(row, receipt->version.bytes, sizeof(receipt->version.bytes));
	scim__key_add_number(row, receipt->sequence);
	scim__key_add_number(row, receipt->flags);
	scim__key_add_number(row, (uint64_t)receipt->at_ms);
	scim__key_add(row, receipt->id);
}

scim_status
scim__row_read_receipt(
    scim_arena *arena, scim_str row, scim_receipt *out, scim_error *err)
{
	scim_receipt r = *out;
	uint64_t n[3] = { 0 };

	if (row.len < sizeof(r.fingerprint) + sizeof(r.version.bytes))
		return scim__row_damaged(err);
	memcpy(r.fingerprint, cut(&row, 16).ptr, 16);
	memcpy(r.version.bytes, cut(&row, 16).ptr, 16);
	for (size_t i = 0; i < scim__countof(n); i++)
		if (!scim__key_take_number(&row, &n[i]))
			return scim__row_damaged(err);
	r.sequence = n[0];
	r.flags = (uint32_t)n[1];
	r.at_ms = (int64_t)n[2];
	if (!scim__key_take(&row, arena, &r.id))
		return scim__row_damaged(err);
	if (r.id.ptr == NULL)
		return scim__fail_memory(err);
	*out = r;
	return SCIM_OK;
}
