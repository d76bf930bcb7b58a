/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From the change log back to a state.
 *
 * The row of a change holds the way back to the state before it.  So one
 * starts at the next whole content after the state that is looked for, or at
 * what is there now, and goes back step by step.  Each row names the one
 * before it; where that is another one, states are missing in between, and
 * the one looked for is kept no longer.
 *
 * What comes out is shown, merged with and written again by the schemas of
 * today, and so it has nothing that these do not know.
 */
#include "provider/past.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/delta.h"
#include "provider/whole.h"
#include "schema/fit.h"
#include "json/json.h"

static scim_status
forgotten(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_NOT_FOUND,
	    "No such version is kept of this resource; GET its .versions to "
	    "see which are.");
}

static scim_status
read_rows(scim_txn *txn, scim_arena *arena, const scim_change_plan *plan,
    scim_change_row **out, size_t *out_count, scim_error *err)
{
	*out = NULL;
	*out_count = 0;
	return scim__store_changes(txn, arena, plan, out, out_count, err);
}

scim_status
scim__past_newest(scim_txn *txn, const scim_context *context,
    const scim__resource_type *type, scim_str id, scim_change_row *out,
    scim_error *err)
{
	const scim_change_plan plan = { .tenant = context->tenant,
		.id = id,
		.from = UINT64_MAX,
		.descending = 1,
		.limit = 1 };
	scim_change_row *rows;
	size_t count;
	scim_status rc = id.len == 0
	    ? SCIM_ERR_NOT_FOUND
	    : read_rows(txn, context->arena, &plan, &rows, &count, err);

	if (rc == SCIM_ERR_NOT_FOUND ||
	    (rc == SCIM_OK &&
		(count == 0 || context->settings->history_count == 0 ||
		    !scim__str_equal(rows[0].type, type->name))))
		return scim__fail(err, SCIM_ERR_NOT_FOUND,
		    "No history is kept of such a resource.");
	if (rc == SCIM_OK)
		*out = rows[0];
	return rc;
}

uint64_t
scim__past_floor(const scim_context *context, uint64_t newest)
{
	uint64_t keep = context->settings->history_count;

	return newest > keep ? newest - keep + 1 : 1;
}

static scim_status
find_row(scim_txn *txn, const scim_context *context, scim_str id,
    const scim_version *version, scim_change_row *out, scim_error *err)
{
	const scim_change_plan plan = { .tenant = context->tenant,
		.id = id,
		.version = version,
		.limit = 1 };
	scim_change_row *rows;
	size_t count;
	scim_status rc =
	    read_rows(txn, context->arena, &plan, &rows, &count, err);

	if (rc != SCIM_OK)
		return rc;
	if (count == 0)
		return forgotten(err);
	*out = rows[0];
	return SCIM_OK;
}

/* The steps from a state on, up to the first that holds a whole content. */
struct way {
	scim_change_row *rows;
	size_t count;
	bool is_whole; /* the last of them does */
};

static bool
holds(const scim_change_row *row, char first)
{
	return row->change.content.len > 0 &&
	    row->change.content.ptr[0] == first;
}

static scim_status
find_way(scim_txn *txn, const scim_context *context,
    const scim_change_row *from, struct way *out, scim_error *err)
{
	const scim_change_plan plan = { .tenant = context->tenant,
		.id = from->id,
		.from = from->revision + 1,
		.with_content = 1,
		/* no further than the next whole content */
		.limit = SCIM_WHOLE_EVERY - from->revision % SCIM_WHOLE_EVERY };
	struct way way = { .count = 0 };
	uint64_t before = from->sequence;
	size_t count;
	scim_status rc =
	    read_rows(txn, context->arena, &plan, &way.rows, &count, err);

	if (rc != SCIM_OK)
		return rc;
	while (way.count < count && !way.is_whole) {
		const scim_change_row *row = &way.rows[way.count];

		if (row->parent != before ||
		    row->revision != from->revision + 1 + way.count)
			return forgotten(err);
		way.is_whole = holds(row, '{');
		if (!way.is_whole && !holds(row, '['))
			return forgotten(err);
		before = row->sequence;
		way.count++;
	}
	*out = way;
	return SCIM_OK;
}

/* What is there now, when the way ends there. */
static scim_status
read_present(scim_txn *txn, const scim_context *context,
    const scim_change_row *from, const struct way *way, scim_str *out,
    scim_error *err)
{
	const scim_key key = { context->tenant, from->type, from->id };
	uint64_t last = way->count > 0 ? way->rows[way->count - 1].sequence
				       : from->sequence;
	scim_record record;
	scim_status rc = scim__store_get(
	    txn, context->arena, &key, SCIM_RECORD_CONTENT, &record, err);

	if (rc != SCIM_OK && rc != SCIM_ERR_NOT_FOUND)
		return rc;
	if (rc == SCIM_ERR_NOT_FOUND || record.sequence != last)
		return forgotten(err);
	*out = record.content;
	return SCIM_OK;
}

static scim_status
go_back(scim_txn *txn, const scim_context *context, struct scim__past *past,
    scim_error *err)
{
	struct way way = { .count = 0 };
	scim_str start = SCIM_STR("");
	scim_status rc = find_way(txn, context, &past->row, &way, err);

	if (rc != SCIM_OK)
		return rc;
	if (way.is_whole)
		start = way.rows[--way.count].change.content;
	else
		rc = read_present(txn, context, &past->row, &way, &start, err);
	if (rc == SCIM_OK)
		rc = scim__json_parse_trusted(
		    context->arena, start, &past->tree, err);
	while (rc == SCIM_OK && way.count > 0)
		rc = scim__delta_apply(context->arena,
		    way.rows[--way.count].change.content, &past->tree, err);
	return rc;
}

scim_status
scim__past_find(scim_txn *txn, const scim_context *context,
    const scim__resource_type *type, scim_str id, const scim_version *version,
    scim_change_row *out, scim_error *err)
{
	scim_change_row newest, row;
	scim_status rc =
	    scim__past_newest(txn, context, type, id, &newest, err);

	if (rc == SCIM_OK)
		rc = find_row(txn, context, id, version, &row, err);
	if (rc != SCIM_OK)
		return rc;
	if (row.revision < scim__past_floor(context, newest.revision))
		return forgotten(err);
	*out = row;
	return SCIM_OK;
}

scim_status
scim__past_read(scim_txn *txn, const scim_context *context,
    const scim__resource_type *type, scim_str id, const scim_version *version,
    struct scim__past *out, scim_error *err)
{
	struct scim__past past;
	scim__buf buf;
	scim_status rc =
	    scim__past_find(txn, context, type, id, version, &past.row, err);

	if (rc == SCIM_OK)
		rc = go_back(txn, context, &past, err);
	if (rc != SCIM_OK)
		return rc;
	scim__schema_fit(context->registry, type, &past.tree);
	scim__buf_init(&buf, context->arena, SIZE_MAX);
	scim__json_write_canonical(&buf, &past.tree);
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	past.content = scim__buf_str(&buf);
	*out = past;
	return SCIM_OK;
}

static scim_status
add_members(const scim_context *context, const scim_member_row *rows,
    size_t count, scim__value *out, scim_error *err)
{
	for (size_t i = 0; i < count; i++) {
		scim__value element;

		if (!scim__whole_member(
			context->arena, context, &rows[i], &element) ||
		    !scim__array_add(context->arena, out, element))
			return scim__fail_memory(err);
	}
	return SCIM_OK;
}

scim_status
scim__past_members(scim_txn *txn, const scim_context *context,
    const struct scim__past *past, scim__value *out, scim_error *err)
{
	uint64_t most = context->settings->limits.members;
	const scim_member_plan plan = { .tenant = context->tenant,
		.type = past->row.type,
		.id = past->row.id,
		.sequence = past->row.sequence,
		.after = SCIM_STR(""),
		.limit = (size_t)most + 1 };
	scim__value list = scim__value_array();
	scim_member_row *rows = NULL;
	size_t count = 0;
	scim_status rc = scim__store_members_at(
	    txn, context->arena, &plan, &rows, &count, err);

	if (rc == SCIM_OK && count > most)
		return scim__fail_type(err, SCIM_ERR_INVALID, "tooMany",
		    "There are more than %llu members: leave them out with "
		    "excludedAttributes.",
		    (unsigned long long)most);
	if (rc == SCIM_OK)
		rc = add_members(context, rows, count, &list, err);
	if (rc == SCIM_OK)
		*out = list;
	return rc;
}
