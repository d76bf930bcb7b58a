/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A holder's members change, its content does not: only the set hash, the
 * count, the version and the times move, and one index row with them.
 */
#include "provider/holder.h"

#include "base/error.h"
#include "base/str.h"
#include "provider/state.h"
#include "version/tag.h"

scim_status
scim__holder_open(const struct scim__write_by *by, scim_txn *txn,
    const scim__resource_type *type, scim_str id, struct scim__holder *out,
    scim_error *err)
{
	struct scim__holder holder = { .type = type,
		.key = scim__key(by->context, type, id) };
	scim_status rc = scim__store_get(txn, by->context->arena, &holder.key,
	    SCIM_RECORD_CONTENT | SCIM_RECORD_SECRET | SCIM_RECORD_RELATION,
	    &holder.record, err);

	if (rc == SCIM_OK)
		rc = scim__relation_begin(&holder.record, &holder.edit, err);
	if (rc == SCIM_OK)
		*out = holder;
	return rc;
}

static const scim__attribute *
modified_index(const scim__resource_type *type)
{
	for (size_t i = 0; i < type->indexed_count; i++)
		if (scim__str_equal(
			type->indexed[i]->path, SCIM_STR("meta.lastModified")))
			return type->indexed[i];
	return NULL;
}

static scim_index_row
time_row(const scim__attribute *attribute, int64_t ms)
{
	return (scim_index_row){ attribute->path,
		{ .kind = SCIM_INDEX_INTEGER, .integer = ms } };
}

static scim_status
set_version(struct scim__holder *holder, scim_error *err)
{
	scim__sha256 own;

	memcpy(own.bytes, holder->record.own_hash, sizeof(own.bytes));
	return scim__state_version(&own, true, holder->record.relation_state,
	    holder->record.relation_count, &holder->record.version, err);
}

scim_status
scim__holder_write(const struct scim__write_by *by, scim_txn *txn,
    struct scim__holder *holder, scim_error *err)
{
	const scim__attribute *indexed = modified_index(holder->type);
	int64_t before = holder->record.modified_ms;
	int64_t now = scim__provider_now(by->provider);
	scim_write write = { .kind = SCIM_WRITE_UPDATE,
		.key = holder->key,
		.expected = holder->record.version,
		.record = &holder->record };
	scim_write_result result;

	holder->record.modified_before_ms = before;
	holder->record.modified_ms = now > before ? now : before;
	scim_status rc = scim__relation_finish(
	    by->context->arena, &holder->edit, &holder->record, &write, err);
	if (rc == SCIM_OK)
		rc = set_version(holder, err);
	if (rc != SCIM_OK)
		return rc;

	scim_index_row gone = { 0 }, come = { 0 };
	if (indexed != NULL && holder->record.modified_ms != before) {
		gone = time_row(indexed, before);
		come = time_row(indexed, holder->record.modified_ms);
		write.index_remove = &gone;
		write.index_add = &come;
		write.index_remove_count = write.index_add_count = 1;
	}
	write.change = scim__change(
	    by->context, by->operation, holder->record.modified_ms);
	rc = scim__change_of_members(by->context, holder->type,
	    holder->record.content, &write.change, err);
	if (rc != SCIM_OK)
		return rc;
	return scim__store_write(txn, by->context->arena, &write, &result, err);
}
