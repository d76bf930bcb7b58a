/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What differs between two versions of a resource.
 *
 * It is what a merge would call changes (merge/merge.h), told in the same
 * cells and by the same paths.  Secrets are in no version; that one was
 * changed in between stands in the log, and that is told, without a value.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "merge/merge.h"
#include "provider/history.h"
#include "provider/sides.h"
#include "json/json.h"

#define ROWS 100 /* of the log at once */

/* One of the two. */
struct end {
	struct scim__past past;
	scim__value members; /* ARRAY */
	scim__value secret;
};

static scim_status
read_end(const struct scim__history *h, scim_txn *txn, scim_str version,
    struct end *out, scim_error *err)
{
	scim_status rc = scim__history_read(h, txn, version, &out->past, err);

	out->members = scim__value_array();
	out->secret = scim__value_object();
	if (rc == SCIM_OK && scim__history_shows_members(h))
		rc = scim__past_members(
		    txn, h->context, &out->past, &out->members, err);
	if (rc == SCIM_OK)
		scim__projection_apply(h->projection, h->context->registry,
		    h->type, &out->past.tree);
	return rc;
}

/* Makes the secrets among those paths differ. */
static scim_status
note_secrets(const struct scim__history *h, scim_str paths, struct end ends[2],
    scim_error *err)
{
	static const scim_str veils[2] = { { "from", 4 }, { "to", 2 } };
	scim__value list;
	scim_status rc =
	    scim__json_parse_trusted(h->context->arena, paths, &list, err);

	for (uint32_t i = 0; rc == SCIM_OK && i < list.count; i++)
		for (int k = 0; rc == SCIM_OK && k < 2; k++)
			rc = scim__sides_veil(h->context, h->type,
			    list.array.items[i].string, veils[k],
			    &ends[k].secret, err);
	return rc;
}

static uint64_t
distance(const struct end ends[2])
{
	uint64_t a = ends[0].past.row.revision, b = ends[1].past.row.revision;

	return a < b ? b - a : a - b;
}

/* What the log says of secrets between the two. */
static scim_status
read_between(const struct scim__history *h, scim_txn *txn, struct end ends[2],
    scim_error *err)
{
	uint64_t left = distance(ends);
	uint64_t a = ends[0].past.row.revision, b = ends[1].past.row.revision;
	scim_change_plan plan = { .tenant = h->context->tenant,
		.id = h->id,
		.from = (a < b ? a : b) + 1 };
	scim_change_row *rows = NULL;
	size_t count = 0;
	scim_status rc = SCIM_OK;

	while (rc == SCIM_OK && left > 0) {
		plan.limit = left < ROWS ? (size_t)left : ROWS;
		rc = scim__store_changes(
		    txn, h->context->arena, &plan, &rows, &count, err);
		for (size_t i = 0; rc == SCIM_OK && i < count; i++)
			rc = note_secrets(h, rows[i].change.paths, ends, err);
		plan.from += count;
		left = rc == SCIM_OK && count > 0 ? left - count : 0;
	}
	return rc;
}

static scim_status
compare(const struct scim__history *h, const struct end ends[2],
    scim_diff_list *out, scim_error *err)
{
	const struct scim__merge_rules rules = { .arena = h->context->arena,
		.registry = h->context->registry,
		.type = h->type };
	struct scim__merge_state states[2];
	struct scim__differences found;

	for (int i = 0; i < 2; i++)
		states[i] = (struct scim__merge_state){ &ends[i].past.tree,
			&ends[i].secret, &ends[i].members };
	scim_status rc =
	    scim__diff(&rules, &states[0], &states[1], &found, err);
	if (rc == SCIM_OK && !scim__diff_list(h->context->arena, &found, out))
		return scim__fail_memory(err);
	return rc;
}

/* The version that `to` stands for when it is left out. */
static scim_status
present_version(const struct scim__history *h, scim_txn *txn, scim_str *out,
    scim_error *err)
{
	const scim_key key = scim__key(h->context, h->type, h->id);
	scim_record record;
	scim_status rc =
	    scim__store_get(txn, h->context->arena, &key, 0, &record, err);

	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__fail(err, SCIM_ERR_NOT_FOUND,
		    "The resource is gone: say `to` which version.");
	if (rc != SCIM_OK)
		return rc;
	*out = scim__history_name(h->context->arena, &record.version);
	return out->ptr == NULL ? scim__fail_memory(err) : SCIM_OK;
}

/* `ends` are read for who wants their tags. */
static scim_status
diff(struct scim__history *h, struct end ends[2], scim_diff_list *out,
    scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_str texts[2] = { h->from, h->to };
	scim_status rc =
	    scim__store_begin(h->provider->store, SCIM_TXN_READ, &txn, err);

	if (rc == SCIM_OK && h->to.ptr == NULL)
		rc = present_version(h, txn, &texts[1], err);
	for (int i = 0; rc == SCIM_OK && i < 2; i++)
		rc = read_end(h, txn, texts[i], &ends[i], err);
	if (rc != SCIM_OK)
		return rc;
	/* Who chooses attributes can't choose a secret. */
	if (scim__projection_is_default(h->projection))
		rc = read_between(h, txn, ends, err);
	return rc == SCIM_OK ? compare(h, ends, out, err) : rc;
}

static void
write_entry(scim__buf *buf, const scim_diff_entry *entry)
{
	scim__buf_add_z(buf, "{\"path\":");
	scim__json_write_string(buf, entry->path);
	scim__buf_printf(buf, ",\"op\":\"%s\"", scim__diff_op_name(entry->op));
	if (entry->before.ptr != NULL) {
		scim__buf_add_z(buf, ",\"before\":");
		scim__buf_add(buf, entry->before);
	}
	if (entry->after.ptr != NULL) {
		scim__buf_add_z(buf, ",\"after\":");
		scim__buf_add(buf, entry->after);
	}
	if (entry->redacted)
		scim__buf_add_z(buf, ",\"redacted\":true");
	scim__buf_add_char(buf, '}');
}

static scim_status
write_diff(struct scim__history *h, const struct end ends[2],
    const scim_diff_list *list, scim_error *err)
{
	scim_str from = scim__history_etag(h->context, &ends[0].past.row);
	scim_str to = scim__history_etag(h->context, &ends[1].past.row);
	scim__buf buf;

	if (from.ptr == NULL || to.ptr == NULL)
		return scim__fail_memory(err);
	scim__buf_init(&buf, h->context->arena, SIZE_MAX);
	scim__buf_add_z(
	    &buf, "{\"schemas\":[\"" SCIM__DIFF_URN "\"],\"from\":");
	scim__json_write_string(&buf, from);
	scim__buf_add_z(&buf, ",\"to\":");
	scim__json_write_string(&buf, to);
	scim__buf_add_z(&buf, ",\"changes\":[");
	for (size_t i = 0; i < list->count; i++) {
		if (i > 0)
			scim__buf_add_char(&buf, ',');
		write_entry(&buf, &list->entries[i]);
	}
	scim__buf_add_z(&buf, "]}");
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	h->document = (struct scim__document){ .json = scim__buf_str(&buf) };
	return SCIM_OK;
}

scim_status
scim__history_diff(struct scim__history *h, scim_error *err)
{
	struct end ends[2];
	scim_diff_list list;

	if (h->from.ptr == NULL)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "Say `from` which version; without `to` it is compared "
		    "with the present one.");
	h->later = !h->on_worker;
	if (h->later)
		return SCIM_OK;
	scim_status rc = diff(h, ends, &list, err);
	return rc != SCIM_OK ? rc : write_diff(h, ends, &list, err);
}

scim_status
scim_provider_diff(scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_version *from, const scim_version *to,
    scim_diff_list *out, scim_error *err)
{
	struct end ends[2];

	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL && out != NULL);
	SCIM__REQUIRE(err, target != NULL && from != NULL);

	struct scim__history h = { .provider = provider,
		.context = context,
		.id = target->id,
		.from = scim__history_name(context->arena, from),
		.on_worker = true };
	if (to != NULL)
		h.to = scim__history_name(context->arena, to);
	if (h.from.ptr == NULL || (to != NULL && h.to.ptr == NULL))
		return scim__fail_memory(err);
	scim_status rc =
	    scim__provider_type(context, target->type, &h.type, err);
	return rc != SCIM_OK ? rc : diff(&h, ends, out, err);
}
