/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a resource was, and how it came about.
 *
 * Revisions have no gaps, so that a page of versions, and how many there
 * are, is known without counting.  What nobody may see of the present nobody
 * sees of the past: the same projection is made of both.  An old version is
 * shown with its own half of the tag only, since what others made of it then
 * is not kept.
 */
#include "provider/history.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "base/time.h"
#include "provider/delta.h"
#include "provider/past.h"
#include "provider/query.h"
#include "version/tag.h"
#include "json/json.h"

#define PAGE_ON_LOOP 100

static scim_etag
tag_of(const scim_context *context, const scim_change_row *row)
{
	struct scim__tag_parts parts = { .own = row->version,
		.strong = context->settings->etag == SCIM_ETAG_STRONG,
		.sequence = row->sequence };

	return scim__tag_make(context->arena, &parts);
}

static scim_str
etag_of(const scim_context *context, const scim_change_row *row)
{
	scim_etag tag = tag_of(context, row);

	return tag.opaque.ptr == NULL ? tag.opaque
				      : scim_etag_format(context->arena, &tag);
}

static scim_str
version_location(
    const scim_context *context, scim_str resource, const scim_change_row *row)
{
	char text[SCIM_VERSION_TEXT_LEN + 1];

	scim_version_format(&row->version, text);
	return scim__str_format(context->arena, "%.*s/.versions/%s",
	    (int)resource.len, resource.ptr, text);
}

static void
write_text(scim__buf *buf, const char *name, scim_str text)
{
	scim__buf_printf(buf, ",\"%s\":", name);
	scim__json_write_string(buf, text);
}

/* Which resource, and where its state is, if it has one. */
static scim_status
write_target(scim__buf *buf, const scim_context *context,
    const scim_change_row *row, scim_error *err)
{
	const scim__resource_type *type =
	    scim__registry_type(context->registry, row->type);
	scim_str etag = etag_of(context, row);

	scim__buf_add_z(buf, ",\"resource\":{\"value\":");
	scim__json_write_string(buf, row->id);
	write_text(buf, "type", row->type);
	if (etag.ptr == NULL)
		return scim__fail_memory(err);
	if (type == NULL) {
		scim__buf_add_char(buf, '}');
		return SCIM_OK;
	}

	scim_str there = scim__location(context->arena, context, type, row->id);
	scim_str version = version_location(context, there, row);

	if (there.ptr == NULL || version.ptr == NULL)
		return scim__fail_memory(err);
	write_text(buf, "$ref", there);
	scim__buf_add_char(buf, '}');
	if (row->is_gone)
		return SCIM_OK;
	write_text(buf, "version", etag);
	write_text(buf, "location", version);
	return SCIM_OK;
}

scim_status
scim__history_write_row(scim__buf *buf, const scim_context *context,
    const scim_change_row *row, scim_str position, scim_error *err)
{
	char at[SCIM__TIME_RFC3339_LEN + 1];

	scim__time_format(row->change.at_ms, at);
	scim__buf_add_z(buf, "{\"schemas\":[\"" SCIM__CHANGE_URN "\"]");
	if (position.ptr != NULL)
		write_text(buf, "position", position);
	if (row->revision > 0)
		scim__buf_printf(buf, ",\"revision\":%llu",
		    (unsigned long long)row->revision);
	scim_status rc = write_target(buf, context, row, err);
	if (rc != SCIM_OK)
		return rc;
	write_text(buf, "operation", row->change.operation);
	write_text(buf, "actor", row->change.actor);
	write_text(buf, "via", row->change.via);
	write_text(buf, "at", scim__str(at));
	scim__buf_add_z(buf, ",\"paths\":");
	scim__buf_add(buf, row->change.paths);
	scim__buf_add_char(buf, '}');
	return SCIM_OK;
}

static scim_status
begin(const struct scim__history *h, scim_txn **out, scim_error *err)
{
	return scim__store_begin(h->provider->store, SCIM_TXN_READ, out, err);
}

/* The oldest revision there is to see. */
static scim_status
find_oldest(const struct scim__history *h, scim_txn *txn, uint64_t newest,
    uint64_t *out, scim_error *err)
{
	const scim_change_plan plan = { .tenant = h->context->tenant,
		.id = h->id,
		.from = scim__past_floor(h->context, newest),
		.limit = 1 };
	scim_change_row *rows = NULL;
	size_t count = 0;
	scim_status rc = scim__store_changes(
	    txn, h->context->arena, &plan, &rows, &count, err);

	if (rc == SCIM_OK)
		*out = count == 0 ? newest : rows[0].revision;
	return rc;
}

/* The revisions there are to see. */
struct span {
	uint64_t oldest, newest;
};

/* A page of the list, the newest first. */
static scim_status
read_page(const struct scim__history *h, scim_txn *txn,
    const struct scim__page *page, const struct span *span,
    scim_change_row **out, size_t *out_count, scim_error *err)
{
	uint64_t total = span->newest - span->oldest + 1;
	uint64_t left = page->start > total ? 0 : total - page->start + 1;
	const scim_change_plan plan = { .tenant = h->context->tenant,
		.id = h->id,
		.from = span->newest - (page->start - 1),
		.descending = 1,
		.limit = (size_t)(left < page->count ? left : page->count) };

	*out_count = 0;
	if (plan.limit == 0)
		return SCIM_OK;
	return scim__store_changes(
	    txn, h->context->arena, &plan, out, out_count, err);
}

static scim_status
write_list(const struct scim__history *h, const scim_change_row *rows,
    size_t count, uint64_t total, uint64_t start, scim_str *out,
    scim_error *err)
{
	scim_status rc = SCIM_OK;
	scim__buf buf;

	scim__buf_init(&buf, h->context->arena, SIZE_MAX);
	scim__list_begin(&buf, total, start, count);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		if (i > 0)
			scim__buf_add_char(&buf, ',');
		rc = scim__history_write_row(
		    &buf, h->context, &rows[i], (scim_str){ NULL, 0 }, err);
	}
	if (rc != SCIM_OK)
		return rc;
	scim__buf_add_z(&buf, "]}");
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	*out = scim__buf_str(&buf);
	return SCIM_OK;
}

scim_status
scim__history_list(struct scim__history *h, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_change_row newest, *rows = NULL;
	struct scim__page page;
	size_t count = 0;
	struct span span = { 0, 0 };
	scim_status rc = scim__page_parse(h->start_index, h->count,
	    &h->context->settings->limits, &page, err);

	h->later = rc == SCIM_OK && page.count > PAGE_ON_LOOP && !h->on_worker;
	if (rc != SCIM_OK || h->later)
		return rc;
	rc = begin(h, &txn, err);
	if (rc == SCIM_OK)
		rc = scim__past_newest(
		    txn, h->context, h->type, h->id, &newest, err);
	if (rc == SCIM_OK) {
		span.newest = newest.revision;
		rc = find_oldest(h, txn, span.newest, &span.oldest, err);
	}
	if (rc == SCIM_OK)
		rc = read_page(h, txn, &page, &span, &rows, &count, err);
	if (rc != SCIM_OK)
		return rc;
	h->document = (struct scim__document){ .etag = SCIM_STR("") };
	return write_list(h, rows, count, span.newest - span.oldest + 1,
	    page.start, &h->document.json, err);
}

static scim_status
read_past(const struct scim__history *h, scim_txn *txn, scim_str text,
    struct scim__past *out, scim_error *err)
{
	scim_version version;
	scim_status rc = scim_version_parse(text, &version, NULL);

	if (rc != SCIM_OK)
		return scim__fail(err, SCIM_ERR_NOT_FOUND,
		    "A version is the 22 characters of an ETag before the "
		    "first dot or the last quote.");
	return scim__past_read(
	    txn, h->context, h->type, h->id, &version, out, err);
}

static bool
shows_members(const struct scim__history *h)
{
	return h->type->relation != NULL &&
	    (h->projection == NULL ||
		scim__projection_shows(h->projection, h->type->relation));
}

/* Members are set in where there are any, as in the present. */
static scim_status
add_members(const struct scim__history *h, scim_txn *txn,
    struct scim__past *past, scim_error *err)
{
	scim__value members;

	if (!shows_members(h))
		return SCIM_OK;
	scim_status rc =
	    scim__past_members(txn, h->context, past, &members, err);
	if (rc != SCIM_OK || members.count == 0)
		return rc;
	if (!scim__object_set(h->context->arena, &past->tree,
		h->type->relation->name, members))
		return scim__fail_memory(err);
	return SCIM_OK;
}

/* When the resource was created, where that is still known. */
static scim_status
read_created(const struct scim__history *h, scim_txn *txn, scim__value *meta,
    scim_error *err)
{
	const scim_key key = scim__key(h->context, h->type, h->id);
	char *text =
	    scim__arena_take(h->context->arena, SCIM__TIME_RFC3339_LEN + 1);
	scim_record record;
	scim_status rc =
	    scim__store_get(txn, h->context->arena, &key, 0, &record, err);

	if (rc == SCIM_ERR_NOT_FOUND)
		return SCIM_OK;
	if (rc != SCIM_OK)
		return rc;
	if (text == NULL)
		return scim__fail_memory(err);
	scim__time_format(record.created_ms, text);
	if (!scim__object_add(h->context->arena, meta, SCIM_STR("created"),
		scim__value_string(scim__str(text))))
		return scim__fail_memory(err);
	return SCIM_OK;
}

static scim_status
add_meta(const struct scim__history *h, scim_txn *txn, struct scim__past *past,
    scim_error *err)
{
	scim_arena *arena = h->context->arena;
	scim__value meta = scim__value_object();
	char *at = scim__arena_take(arena, SCIM__TIME_RFC3339_LEN + 1);
	scim_status rc = read_created(h, txn, &meta, err);

	if (rc != SCIM_OK)
		return rc;
	if (at == NULL)
		return scim__fail_memory(err);
	scim__time_format(past->row.change.at_ms, at);
	if (!scim__object_add(arena, &meta, SCIM_STR("resourceType"),
		scim__value_string(h->type->name)) ||
	    !scim__object_add(arena, &meta, SCIM_STR("lastModified"),
		scim__value_string(scim__str(at))) ||
	    !scim__object_add(arena, &meta, SCIM_STR("location"),
		scim__value_string(h->document.location)) ||
	    !scim__object_add(arena, &meta, SCIM_STR("version"),
		scim__value_string(h->document.etag)) ||
	    !scim__object_add(arena, &past->tree, SCIM_STR("meta"), meta))
		return scim__fail_memory(err);
	return SCIM_OK;
}

static scim_status
write_document(struct scim__history *h, scim_txn *txn, struct scim__past *past,
    scim_error *err)
{
	scim_arena *arena = h->context->arena;
	scim_str location = scim__location(arena, h->context, h->type, h->id);
	scim__buf buf;

	if (location.ptr == NULL)
		return scim__fail_memory(err);
	h->document.tag = tag_of(h->context, &past->row);
	h->document.etag = etag_of(h->context, &past->row);
	h->document.location =
	    version_location(h->context, location, &past->row);
	if (h->document.etag.ptr == NULL || h->document.location.ptr == NULL)
		return scim__fail_memory(err);
	scim_status rc = add_meta(h, txn, past, err);
	if (rc != SCIM_OK)
		return rc;
	scim__projection_apply(
	    h->projection, h->context->registry, h->type, &past->tree);
	scim__buf_init(&buf, arena, SIZE_MAX);
	scim__json_write(&buf, &past->tree);
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	h->document.json = scim__buf_str(&buf);
	return SCIM_OK;
}

scim_status
scim__history_version(struct scim__history *h, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct scim__past past;

	h->later = shows_members(h) && !h->on_worker;
	if (h->later)
		return SCIM_OK;
	scim_status rc = begin(h, &txn, err);
	if (rc == SCIM_OK)
		rc = read_past(h, txn, h->version, &past, err);
	if (rc == SCIM_OK)
		rc = add_members(h, txn, &past, err);
	return rc == SCIM_OK ? write_document(h, txn, &past, err) : rc;
}

/* A diff while it is written. */
struct differing {
	scim__buf *buf;
	bool any;
};

static void
write_difference(void *argument, scim_str path, const scim__value *before,
    const scim__value *after)
{
	struct differing *d = argument;

	scim__buf_add_z(d->buf, d->any ? ",{\"path\":" : "{\"path\":");
	d->any = true;
	scim__json_write_string(d->buf, path);
	scim__buf_printf(d->buf, ",\"op\":\"%s\"",
	    before == NULL      ? "add"
		: after == NULL ? "remove"
				: "replace");
	if (before != NULL) {
		scim__buf_add_z(d->buf, ",\"before\":");
		scim__json_write(d->buf, before);
	}
	if (after != NULL) {
		scim__buf_add_z(d->buf, ",\"after\":");
		scim__json_write(d->buf, after);
	}
	scim__buf_add_char(d->buf, '}');
}

/* Members one by one: both lists are in the order of their values. */
static scim_status
write_members(const struct scim__history *h, struct differing *d,
    const scim__value *before, const scim__value *after, scim_error *err)
{
	uint32_t i = 0, k = 0;

	while (i < before->count || k < after->count) {
		const scim__value *a =
		    i < before->count ? &before->array.items[i] : NULL;
		const scim__value *b =
		    k < after->count ? &after->array.items[k] : NULL;
		scim_str at = scim__object_get_string(
		    a == NULL ? b : a, SCIM_STR("value"));
		int order = a == NULL ? 1
		    : b == NULL
		    ? -1
		    : scim__str_compare(
			  at, scim__object_get_string(b, SCIM_STR("value")));

		if (order > 0)
			at = scim__object_get_string(b, SCIM_STR("value"));
		i += order <= 0;
		k += order >= 0;
		if (order == 0 && scim__value_equal(a, b))
			continue;

		scim_str path = scim__str_format(h->context->arena,
		    "%.*s[value eq \"%.*s\"]", (int)h->type->relation->name.len,
		    h->type->relation->name.ptr, (int)at.len, at.ptr);

		if (path.ptr == NULL)
			return scim__fail_memory(err);
		write_difference(
		    d, path, order <= 0 ? a : NULL, order >= 0 ? b : NULL);
	}
	return SCIM_OK;
}

static scim_status
write_diff(struct scim__history *h, struct scim__past pasts[2],
    const scim__value members[2], scim_error *err)
{
	const scim_context *context = h->context;
	scim_str from = etag_of(context, &pasts[0].row);
	scim_str to = etag_of(context, &pasts[1].row);
	scim__buf buf;
	struct differing d = { &buf, false };

	if (from.ptr == NULL || to.ptr == NULL)
		return scim__fail_memory(err);
	scim__buf_init(&buf, context->arena, SIZE_MAX);
	scim__buf_add_z(&buf, "{\"schemas\":[\"" SCIM__DIFF_URN "\"]");
	write_text(&buf, "from", from);
	write_text(&buf, "to", to);
	scim__buf_add_z(&buf, ",\"changes\":[");
	for (int i = 0; i < 2; i++)
		scim__projection_apply(
		    h->projection, context->registry, h->type, &pasts[i].tree);
	if (!scim__delta_each(context->arena, &pasts[0].tree, &pasts[1].tree,
		write_difference, &d))
		return scim__fail_memory(err);
	scim_status rc = write_members(h, &d, &members[0], &members[1], err);
	scim__buf_add_z(&buf, "]}");
	if (rc != SCIM_OK)
		return rc;
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	h->document = (struct scim__document){ .json = scim__buf_str(&buf) };
	return SCIM_OK;
}

/* The version that `to` stands for when it is left out. */
static scim_status
present_version(const struct scim__history *h, scim_txn *txn, scim_str *out,
    scim_error *err)
{
	const scim_key key = scim__key(h->context, h->type, h->id);
	char *text =
	    scim__arena_take(h->context->arena, SCIM_VERSION_TEXT_LEN + 1);
	scim_record record;
	scim_status rc =
	    scim__store_get(txn, h->context->arena, &key, 0, &record, err);

	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__fail(err, SCIM_ERR_NOT_FOUND,
		    "The resource is gone: say `to` which version.");
	if (rc != SCIM_OK)
		return rc;
	if (text == NULL)
		return scim__fail_memory(err);
	scim_version_format(&record.version, text);
	*out = scim__str(text);
	return SCIM_OK;
}

scim_status
scim__history_diff(struct scim__history *h, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct scim__past pasts[2];
	scim__value members[2] = { scim__value_array(), scim__value_array() };
	scim_str texts[2] = { h->from, h->to };

	if (h->from.ptr == NULL)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "Say `from` which version; without `to` it is compared "
		    "with the present one.");
	h->later = shows_members(h) && !h->on_worker;
	if (h->later)
		return SCIM_OK;
	scim_status rc = begin(h, &txn, err);
	if (rc == SCIM_OK && h->to.ptr == NULL)
		rc = present_version(h, txn, &texts[1], err);
	for (int i = 0; rc == SCIM_OK && i < 2; i++) {
		rc = read_past(h, txn, texts[i], &pasts[i], err);
		if (rc == SCIM_OK && shows_members(h))
			rc = scim__past_members(
			    txn, h->context, &pasts[i], &members[i], err);
	}
	return rc == SCIM_OK ? write_diff(h, pasts, members, err) : rc;
}
