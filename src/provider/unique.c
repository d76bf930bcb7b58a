/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What is unique by a tenant's choice.
 *
 * It is looked up in the index, inside the write transaction, instead of
 * being kept apart: whoever had the value before the choice was made may
 * keep it, and the choice can be taken back without a trace.
 */
#include "base/str.h"
#include "provider/operation.h"

static bool
is_unique_here(const scim__op *op, scim_str attribute)
{
	for (size_t i = 0; i < op->type->indexed_count; i++)
		if (op->type->indexed[i]->unique_group_name &&
		    scim__str_equal(op->type->indexed[i]->path, attribute))
			return true;
	return false;
}

/* Whoever else has this value; SCIM_ERR_NOT_FOUND: nobody. */
static scim_status
find_other(scim__op *op, scim_txn *txn, const scim_index_row *row,
    scim_str *out, scim_error *err)
{
	scim_bound bound = { 1, 1, row->value };
	scim_plan plan = { .tenant = op->context->tenant,
		.type = op->type->name,
		.attribute = row->attribute,
		.low = bound,
		.high = bound,
		.limit = 2 };
	scim_record *found = NULL;
	size_t count = 0;
	scim_status rc =
	    scim__store_query(txn, op->arena, &plan, &found, &count, err);

	if (rc != SCIM_OK)
		return rc;
	for (size_t i = 0; i < count; i++)
		if (!scim__str_equal(found[i].id, op->id)) {
			*out = found[i].id;
			return SCIM_OK;
		}
	return SCIM_ERR_NOT_FOUND;
}

scim_status
scim__op_check_chosen_unique(
    scim__op *op, scim_txn *txn, scim_write_result *written, scim_error *err)
{
	if (!op->context->settings->unique_group_names)
		return SCIM_OK;
	for (size_t i = 0; i < op->write.index_add_count; i++) {
		const scim_index_row *row = &op->write.index_add[i];

		if (!is_unique_here(op, row->attribute))
			continue;
		written->attribute = row->attribute;
		scim_status rc =
		    find_other(op, txn, row, &written->holder, err);
		if (rc != SCIM_ERR_NOT_FOUND)
			return rc == SCIM_OK ? SCIM_ERR_EXISTS : rc;
	}
	return SCIM_OK;
}
