/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The versions of a resource.
 *
 * Revisions have no gaps, so that a page, and how many there are, is known
 * without counting, and a page costs the same wherever it is.  A cursor is
 * the revision of the last that was seen: what is written meanwhile comes
 * before the first page and is in none after it.
 */
#include "provider/history.h"

#include "base/arena.h"
#include "base/cleanup.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/cursor.h"
#include "provider/walk.h"

#define PAGE_ON_LOOP 100

/* The revisions there are to see, and the newest of those on the page. */
struct span {
	uint64_t oldest, newest, from;
};

static uint64_t
total_of(const struct span *span)
{
	return span->newest + 1 - span->oldest;
}

/* The oldest revision that is kept. */
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

/* The first after a version. */
static scim_status
find_next(const struct scim__history *h, scim_txn *txn, uint64_t *out,
    scim_error *err)
{
	scim_version since;
	scim_change_row row;
	scim_status rc = scim__history_parse(h->since, &since, err);

	if (rc == SCIM_OK)
		rc = scim__past_find(
		    txn, h->context, h->type, h->id, &since, &row, err);
	if (rc == SCIM_OK)
		*out = row.revision + 1;
	return rc;
}

static scim_status
find_span(const struct scim__history *h, scim_txn *txn, struct span *out,
    scim_error *err)
{
	scim_change_row newest;
	struct span span = { 0, 0, 0 };
	scim_status rc =
	    scim__past_newest(txn, h->context, h->type, h->id, &newest, err);

	if (rc != SCIM_OK)
		return rc;
	span.newest = span.from = newest.revision;
	rc = h->since.ptr == NULL
	    ? find_oldest(h, txn, span.newest, &span.oldest, err)
	    : find_next(h, txn, &span.oldest, err);
	if (rc == SCIM_OK)
		*out = span;
	return rc;
}

/* At most `limit` of the span from `span->from` on. */
static scim_status
read_page(const struct scim__history *h, scim_txn *txn, const struct span *span,
    uint64_t limit, scim_history_page *out, scim_error *err)
{
	uint64_t left =
	    span->from < span->oldest ? 0 : span->from + 1 - span->oldest;
	const scim_change_plan plan = { .tenant = h->context->tenant,
		.id = h->id,
		.from = span->from,
		.descending = 1,
		.limit = (size_t)(left < limit ? left : limit) };
	scim_change_row *rows = NULL;
	scim_history_page page = { .total = total_of(span) };
	scim_status rc = plan.limit == 0
	    ? SCIM_OK
	    : scim__store_changes(
		  txn, h->context->arena, &plan, &rows, &page.count, err);

	if (rc != SCIM_OK)
		return rc;
	scim_history_entry *entries =
	    scim__arena_array(h->context->arena, page.count, sizeof(*entries));
	if (entries == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; rc == SCIM_OK && i < page.count; i++)
		rc = scim__history_entry(h->context, &rows[i],
		    (scim_str){ NULL, 0 }, &entries[i], err);
	page.entries = entries;
	if (rc == SCIM_OK)
		*out = page;
	return rc;
}

/* What follows the opening of a ListResponse. */
static scim_status
write_page(struct scim__history *h, const scim_history_page *page,
    scim__buf *buf, scim_error *err)
{
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < page->count; i++) {
		if (i > 0)
			scim__buf_add_char(buf, ',');
		rc = scim__history_write(
		    buf, h->context, &page->entries[i], err);
	}
	if (rc != SCIM_OK)
		return rc;
	scim__buf_add_z(buf, "]}");
	if (scim__buf_failed(buf))
		return scim__fail_memory(err);
	h->document = (struct scim__document){ .json = scim__buf_str(buf),
		.etag = SCIM_STR("") };
	return SCIM_OK;
}

static scim_status
list_by_index(struct scim__history *h, scim_txn *txn, scim_error *err)
{
	struct scim__page asked;
	struct span span;
	scim_history_page page;
	scim__buf buf;
	scim_status rc = scim__page_parse(h->start_index, h->count,
	    &h->context->settings->limits, &asked, err);

	h->later = rc == SCIM_OK && asked.count > PAGE_ON_LOOP && !h->on_worker;
	if (rc != SCIM_OK || h->later)
		return rc;
	rc = find_span(h, txn, &span, err);
	if (rc != SCIM_OK)
		return rc;
	span.from =
	    asked.start > span.newest ? 0 : span.newest - (asked.start - 1);
	rc = read_page(h, txn, &span, asked.count, &page, err);
	if (rc != SCIM_OK)
		return rc;
	scim__buf_init(&buf, h->context->arena, SIZE_MAX);
	scim__list_begin(&buf, page.total, asked.start, page.count);
	return write_page(h, &page, &buf, err);
}

/* A page by cursor, while it is made. */
struct walking {
	struct scim__cursor_seal seal;
	struct scim__cursor at;
	uint64_t count;
};

/* Opens what seals cursors, and the cursor that came. */
static scim_status
open_cursor(struct scim__history *h, scim_txn *txn, struct walking *walking,
    scim_error *err)
{
	const scim_str parameters[] = { SCIM_STR(".versions"),
		h->type->endpoint, h->id, h->since };
	scim_status rc = scim__cursor_open(h->provider, h->context, txn,
	    parameters, scim__countof(parameters), &walking->seal, err);

	h->needs_key = rc == SCIM_ERR_NOT_FOUND;
	if (rc != SCIM_OK)
		return h->needs_key ? SCIM_OK : rc;
	if (h->cursor.len == 0)
		return SCIM_OK;
	rc = scim__cursor_read(
	    h->context->arena, &walking->seal, h->cursor, &walking->at, err);
	return rc != SCIM_OK ? rc
			     : scim__cursor_same_count(h->context, h->count,
				   &walking->at, &walking->count, err);
}

/* The cursor behind a page, or an empty text for the last one. */
static scim_status
next_cursor(const struct scim__history *h, const struct walking *walking,
    const struct span *span, const scim_history_page *page, scim_str *out,
    scim_error *err)
{
	struct scim__cursor next = { .count = walking->count };

	*out = SCIM_STR("");
	if (page->count == 0)
		return SCIM_OK;
	next.position = page->entries[page->count - 1].revision;
	return next.position <= span->oldest
	    ? SCIM_OK
	    : scim__cursor_write(
		  h->context->arena, &walking->seal, &next, out, err);
}

/* @spec 9865-2-06, 9865-2-11 */
static scim_status
list_by_cursor(struct scim__history *h, scim_txn *txn, scim_error *err)
{
	struct walking walking = { .at = { .position = 0 } };
	struct span span;
	scim_history_page page;
	scim_str next;
	scim__buf buf;
	scim_status rc = scim__cursor_refuse_index(h->start_index, err);

	if (rc == SCIM_OK)
		rc = scim__cursor_count(
		    h->context, h->count, &walking.count, err);
	if (rc == SCIM_OK)
		rc = open_cursor(h, txn, &walking, err);
	h->later = rc == SCIM_OK && !h->needs_key &&
	    walking.count > PAGE_ON_LOOP && !h->on_worker;
	if (rc != SCIM_OK || h->needs_key || h->later)
		return rc;
	rc = find_span(h, txn, &span, err);
	if (rc != SCIM_OK)
		return rc;
	if (h->cursor.len > 0)
		span.from = walking.at.position - 1;
	rc = read_page(h, txn, &span, walking.count, &page, err);
	if (rc == SCIM_OK)
		rc = next_cursor(h, &walking, &span, &page, &next, err);
	if (rc != SCIM_OK)
		return rc;
	scim__buf_init(&buf, h->context->arena, SIZE_MAX);
	scim__walk_begin(&buf, &page.total, page.count, next);
	return write_page(h, &page, &buf, err);
}

scim_status
scim__history_list(struct scim__history *h, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_status rc =
	    scim__store_begin(h->provider->store, SCIM_TXN_READ, &txn, err);

	h->later = h->needs_key = false;
	if (rc != SCIM_OK)
		return rc;
	return h->cursor.ptr == NULL ? list_by_index(h, txn, err)
				     : list_by_cursor(h, txn, err);
}

scim_status
scim_provider_versions(scim_provider *provider, const scim_context *context,
    const scim_target *target, const scim_history_query *query,
    scim_history_page *out, scim_error *err)
{
	static const scim_history_query all = { .limit = 0 };
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct span span;

	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL && out != NULL);
	SCIM__REQUIRE(err, target != NULL);
	if (query == NULL)
		query = &all;

	struct scim__history h = {
		.provider = provider, .context = context, .id = target->id
	};
	scim_status rc =
	    scim__provider_type(context, target->type, &h.type, err);
	if (rc == SCIM_OK && query->since != NULL) {
		h.since = scim__history_name(context->arena, query->since);
		if (h.since.ptr == NULL)
			return scim__fail_memory(err);
	}
	if (rc == SCIM_OK)
		rc = scim__store_begin(
		    provider->store, SCIM_TXN_READ, &txn, err);
	if (rc == SCIM_OK)
		rc = find_span(&h, txn, &span, err);
	if (rc != SCIM_OK)
		return rc;
	if (query->before > 0 && query->before <= span.newest)
		span.from = query->before - 1;
	return read_page(
	    &h, txn, &span, scim__page_limit(context, query->limit), out, err);
}
