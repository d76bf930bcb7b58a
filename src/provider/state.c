/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From a validated body to the write that stores it.
 *
 * The order is fixed by what depends on what: content, secret, own hash,
 * relation, version, rows.  A state equal to the present one, octet by octet,
 * is not written at all: it keeps its version and its lastModified.
 */
#include "provider/state.h"

#include "base/error.h"
#include "base/seeded.h"
#include "base/str.h"
#include "provider/members.h"
#include "provider/restore.h"
#include "schema/rows.h"
#include "version/tag.h"
#include "json/json.h"

static scim_status
write_canonical(
    scim_arena *arena, const scim__value *value, scim_str *out, scim_error *err)
{
	scim__buf buf;

	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write_canonical(&buf, value);
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	*out = scim__buf_str(&buf);
	return SCIM_OK;
}

/* A bug to be caught; see base/seeded.h. */
static scim_status
hash_without_nick(scim__op *op, scim__sha256 *out, scim_error *err)
{
	scim__value *content = &op->validation.state.content;
	scim__value *nick = scim__object_find(content, SCIM_STR("nickName"));
	scim__value kept = nick != NULL ? *nick : scim__value_object();
	scim_str rest;

	if (nick != NULL)
		*nick = scim__value_object();
	scim_status rc = write_canonical(op->arena, content, &rest, err);
	if (nick != NULL)
		*nick = kept;
	if (rc == SCIM_OK)
		rc = scim__own_hash(rest, op->record.secret, out, err);
	return rc;
}

/* The bytes to be stored, and their hash. */
static scim_status
put_documents(scim__op *op, scim_error *err)
{
	scim__value *content = &op->validation.state.content;
	scim__sha256 own;

	if (!scim__object_set(
		op->arena, content, SCIM_STR("id"), scim__value_string(op->id)))
		return scim__fail_memory(err);
	scim_status rc =
	    write_canonical(op->arena, content, &op->record.content, err);
	op->record.secret = (scim_str){ "", 0 };
	if (rc == SCIM_OK && op->validation.state.secret.count > 0)
		rc = write_canonical(op->arena, &op->validation.state.secret,
		    &op->record.secret, err);
	if (rc == SCIM_OK)
		rc = scim__own_hash(
		    op->record.content, op->record.secret, &own, err);
	if (rc == SCIM_OK && scim__seeded("hash_leaves_out"))
		rc = hash_without_nick(op, &own, err);
	if (rc == SCIM_OK)
		memcpy(op->record.own_hash, own.bytes, sizeof(own.bytes));
	return rc;
}

static scim_status
put_relation(scim__op *op, scim_txn *txn, bool *changed, scim_error *err)
{
	struct scim__relation_edit edit;
	scim_key key = scim__key(op->context, op->type, op->id);
	scim_status rc = scim__relation_begin(&op->current.record, &edit, err);

	if (rc == SCIM_OK)
		edit.promises = op->promises;
	if (rc == SCIM_OK && op->restore != NULL)
		rc = scim__restore_members(
		    op->arena, txn, &key, op->restore, &edit, err);
	else if (rc == SCIM_OK && op->validation.relation_given)
		rc = scim__relation_replace(txn, op->context, op->type, &key,
		    &op->validation.relation, &edit, err);
	else if (rc == SCIM_OK && op->patched.change_count > 0)
		rc = scim__members_apply(
		    txn, op->context, op->type, &key, &op->patched, &edit, err);
	if (rc == SCIM_OK && op->patched.change_count > 0 && edit.count == 0 &&
	    op->type->relation->required)
		rc = scim__fail_type(err, SCIM_ERR_INVALID, "mutability",
		    "%.*s is required and can't be emptied.",
		    (int)op->type->relation->name.len,
		    op->type->relation->name.ptr);
	if (rc == SCIM_OK)
		rc = scim__relation_finish(
		    op->arena, &edit, &op->record, &op->write, err);
	if (rc != SCIM_OK)
		return rc;
	*changed = edit.changed;
	op->validation.quirks |= edit.quirks;
	op->dropped = edit.dropped;
	return SCIM_OK;
}

/* Clocks never decide an order, and lastModified never runs backwards. */
static void
put_times(scim__op *op)
{
	const scim_record *before = &op->current.record;
	int64_t now = scim__provider_now(op->provider);

	op->record.created_ms = now;
	op->record.modified_ms = now;
	op->record.modified_before_ms = INT64_MIN;
	if (op->restore != NULL) {
		op->record.created_ms = op->restore->created_ms;
		op->record.modified_ms = op->restore->modified_ms;
		op->record.modified_before_ms = op->restore->modified_before_ms;
		return;
	}
	if (before->id.ptr == NULL)
		return;
	op->record.created_ms = before->created_ms;
	op->record.modified_before_ms = before->modified_ms;
	if (now < before->modified_ms)
		op->record.modified_ms = before->modified_ms;
}

static scim_status
rows_of(scim__op *op, const scim_record *record, const scim__value *content,
    struct scim__rows *out, scim_error *err)
{
	*out = (struct scim__rows){ 0 };
	return content == NULL
	    ? SCIM_OK
	    : scim__rows_of(op->arena, op->context->registry, op->type, content,
		  record->modified_ms, out, err);
}

static scim_status
put_rows(scim__op *op, const struct scim__logged *before,
    const struct scim__logged *after, scim_error *err)
{
	struct scim__rows old, new;
	scim_status rc =
	    rows_of(op, &op->current.record, before->content, &old, err);

	if (rc == SCIM_OK)
		rc = rows_of(op, &op->record, after->content, &new, err);
	if (rc == SCIM_OK)
		rc = scim__rows_diff(op->arena, &old, &new, &op->write, err);
	return rc;
}

/* What goes with the write: index rows, and the row of the change log. */
static scim_status
put_rest(scim__op *op, const struct scim__logged *after, bool members_moved,
    scim_error *err)
{
	const scim_record *record = &op->current.record;
	struct scim__logged before = { NULL, record->content, record->secret };
	scim__value content;
	scim_status rc = SCIM_OK;

	if (record->id.ptr != NULL) {
		rc = scim__op_stored(op, &content, err);
		before.content = &content;
	}
	if (rc == SCIM_OK)
		rc = put_rows(op, &before, after, err);
	if (rc == SCIM_OK)
		rc = scim__change_describe(op->context, op->type, &before,
		    after, members_moved, &op->write.change, err);
	return rc;
}

static void
put_write(scim__op *op, scim_write_kind kind)
{
	op->write.kind = kind;
	op->write.key = scim__key(op->context, op->type, op->id);
	op->write.expected = op->current.record.version;
	op->write.record = &op->record;
	op->write.change =
	    scim__change(op->context, op->steps->name, op->record.modified_ms);
}

static bool
same_documents(const scim_record *a, const scim_record *b)
{
	return scim__str_equal(a->content, b->content) &&
	    scim__str_equal(a->secret, b->secret);
}

scim_status
scim__op_put_state(scim__op *op, scim_txn *txn, scim_error *err)
{
	bool moved = false;
	scim__sha256 own;

	op->write = (scim_write){ 0 };
	op->record = (scim_record){ .id = op->id };
	scim_status rc = put_documents(op, err);
	if (rc == SCIM_OK && op->type->relation != NULL)
		rc = put_relation(op, txn, &moved, err);
	if (rc != SCIM_OK)
		return rc;
	if (op->current.record.id.ptr != NULL && !moved &&
	    same_documents(&op->record, &op->current.record)) {
		scim__op_settle_unchanged(op);
		return SCIM_OK;
	}

	memcpy(own.bytes, op->record.own_hash, sizeof(own.bytes));
	rc = scim__state_version(&own, op->type->relation != NULL,
	    op->record.relation_state, op->record.relation_count,
	    &op->record.version, err);
	if (rc != SCIM_OK)
		return rc;
	put_times(op);
	put_write(op,
	    op->current.record.id.ptr == NULL ? SCIM_WRITE_CREATE
					      : SCIM_WRITE_UPDATE);
	const struct scim__logged after = { &op->validation.state.content,
		op->record.content, op->record.secret };
	return put_rest(op, &after, moved, err);
}

scim_status
scim__op_check_size(const scim__op *op, scim_error *err)
{
	uint64_t most = op->context->settings->limits.body_bytes;
	size_t size = op->record.content.len;

	if (op->settled || size <= most ||
	    size <= op->current.record.content.len)
		return SCIM_OK;
	return scim__fail(err, SCIM_ERR_TOO_LARGE,
	    "The resource would have %zu bytes; it may have %llu.", size,
	    (unsigned long long)most);
}

scim_status
scim__op_put_delete(scim__op *op, scim_error *err)
{
	op->write = (scim_write){ 0 };
	op->record = (scim_record){ .id = op->id };
	put_times(op);
	const struct scim__logged gone = { NULL, SCIM_STR(""), SCIM_STR("") };
	put_write(op, SCIM_WRITE_DELETE);
	return put_rest(op, &gone, false, err);
}
