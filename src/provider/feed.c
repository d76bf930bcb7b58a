/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The feed.
 *
 * A position is the epoch of the log and the last sequence that was seen, so
 * that one which was cut off, or belongs to a log that began anew, is told
 * from one that merely has seen all there is.  Sequences are counted in the
 * transaction that commits them, and have gaps only where something was
 * purged: what comes after a position is all that has happened since and may
 * still be told, each change once and in order.
 */
#include "provider/feed.h"

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/history.h"
#include "provider/query.h"
#include "json/json.h"

#define PAGE_ON_LOOP 100
#define POSITION_BYTES 16
#define DAY_MS INT64_C(86400000)

static void
put_number(uint8_t *out, uint64_t n)
{
	for (unsigned i = 0; i < 8; i++)
		out[i] = (uint8_t)(n >> (56 - 8 * i));
}

static uint64_t
get_number(const uint8_t *bytes)
{
	uint64_t n = 0;

	for (unsigned i = 0; i < 8; i++)
		n = n << 8 | bytes[i];
	return n;
}

static scim_str
position_text(scim_arena *arena, uint64_t epoch, uint64_t sequence)
{
	uint8_t bytes[POSITION_BYTES];

	put_number(bytes, epoch);
	put_number(bytes + 8, sequence);
	return scim__base64url(arena, bytes, sizeof(bytes));
}

static scim_status
gone(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_GONE,
	    "The feed does not reach back to this position: read the "
	    "resources again, and go on from since=now.");
}

static bool
is_now(scim_str since)
{
	return scim__str_equal(since, SCIM_STR("now"));
}

/* The sequence to go on after. */
static scim_status
find_start(
    scim_str since, const scim_feed *feed, uint64_t *out, scim_error *err)
{
	uint8_t bytes[POSITION_BYTES];

	*out = feed->first - 1;
	if (since.ptr == NULL)
		return SCIM_OK;
	if (is_now(since)) {
		*out = feed->last;
		return SCIM_OK;
	}
	if (!scim__base64url_decode(since, bytes, sizeof(bytes)))
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "since is `now`, or a position that the feed gave.");

	uint64_t epoch = get_number(bytes), sequence = get_number(bytes + 8);

	/* Who has seen nothing yet has missed nothing but what is cut off. */
	if ((epoch != feed->epoch && (epoch != 0 || sequence != 0)) ||
	    sequence > feed->last || sequence + 1 < feed->first)
		return gone(err);
	*out = sequence;
	return SCIM_OK;
}

static scim_status
parse_wait(scim_str text, unsigned *out, scim_error *err)
{
	unsigned n = 0;

	for (size_t i = 0; i < text.len; i++) {
		int digit = text.ptr[i] - '0';

		if (digit < 0 || digit > 9)
			return scim__fail_type(err, SCIM_ERR_INVALID,
			    "invalidValue",
			    "wait is a whole number of seconds.");
		n = n * 10 + (unsigned)digit;
		if (n > SCIM__FEED_WAIT_MOST_S)
			n = SCIM__FEED_WAIT_MOST_S;
	}
	*out = n;
	return SCIM_OK;
}

/* The sequence that comes before the page after these rows. */
static uint64_t
last_of(const scim_feed *feed, uint64_t start, uint64_t limit,
    const scim_change_row *rows, size_t count)
{
	if (limit == 0)
		return start;
	return count < limit ? feed->last : rows[count - 1].sequence;
}

static scim_status
read_page(const scim_context *context, scim_txn *txn, const scim_feed *feed,
    uint64_t start, uint64_t limit, scim_feed_page *out, scim_error *err)
{
	scim_arena *arena = context->arena;
	const scim_change_plan plan = { .tenant = context->tenant,
		.id = SCIM_STR(""),
		.from = start + 1,
		.limit = (size_t)limit };
	scim_feed_page page = { .count = 0 };
	scim_change_row *rows = NULL;
	scim_status rc = limit == 0
	    ? SCIM_OK
	    : scim__store_changes(txn, arena, &plan, &rows, &page.count, err);

	if (rc != SCIM_OK)
		return rc;
	uint64_t last = last_of(feed, start, limit, rows, page.count);
	scim_history_entry *entries =
	    scim__arena_array(arena, page.count, sizeof(*entries));
	page.total = page.count + feed->last - last;
	page.position = position_text(arena, feed->epoch, last);
	if (entries == NULL || page.position.ptr == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; rc == SCIM_OK && i < page.count; i++) {
		scim_str at =
		    position_text(arena, feed->epoch, rows[i].sequence);

		if (at.ptr == NULL)
			return scim__fail_memory(err);
		rc = scim__history_entry(
		    context, &rows[i], at, &entries[i], err);
	}
	page.entries = entries;
	if (rc == SCIM_OK)
		*out = page;
	return rc;
}

static scim_status
write_page(const scim_context *context, const scim_feed_page *page,
    scim_str *out, scim_error *err)
{
	scim_status rc = SCIM_OK;
	scim__buf buf;

	scim__buf_init(&buf, context->arena, SIZE_MAX);
	scim__buf_printf(&buf,
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "ListResponse\",\"" SCIM__FEED_URN "\"],\"totalResults\":%llu,"
	    "\"itemsPerPage\":%zu,\"Resources\":[",
	    (unsigned long long)page->total, page->count);
	for (size_t i = 0; rc == SCIM_OK && i < page->count; i++) {
		if (i > 0)
			scim__buf_add_char(&buf, ',');
		rc = scim__history_write(&buf, context, &page->entries[i], err);
	}
	if (rc != SCIM_OK)
		return rc;
	scim__buf_add_z(&buf, "],\"" SCIM__FEED_URN "\":{\"position\":");
	scim__json_write_string(&buf, page->position);
	scim__buf_add_z(&buf, "}}");
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	*out = scim__buf_str(&buf);
	return SCIM_OK;
}

/* Begins to read, and finds where to go on from. */
static scim_status
open_feed(const scim_provider *provider, const scim_context *context,
    scim_str since, scim_txn **out_txn, scim_feed *out, uint64_t *out_start,
    scim_error *err)
{
	scim_status rc =
	    scim__store_begin(provider->store, SCIM_TXN_READ, out_txn, err);

	if (rc == SCIM_OK)
		rc = scim__store_feed(*out_txn, context->tenant, out, err);
	return rc == SCIM_OK ? find_start(since, out, out_start, err) : rc;
}

scim_status
scim__feed_read(struct scim__feed_page *page, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct scim__page size;
	scim_feed_page read;
	uint64_t start = 0;
	scim_feed feed;
	unsigned wait_s = 0;
	scim_status rc = scim__page_parse((scim_str){ NULL, 0 }, page->count,
	    &page->context->settings->limits, &size, err);

	if (rc == SCIM_OK)
		rc = parse_wait(page->wait, &wait_s, err);
	page->later = false;
	if (rc == SCIM_OK)
		rc = open_feed(page->provider, page->context, page->since, &txn,
		    &feed, &start, err);
	/* Who asks for the end has it already; it would be another one after
	 * a while. */
	page->wait_s = rc == SCIM_OK && page->may_wait && start == feed.last &&
		!is_now(page->since)
	    ? wait_s
	    : 0;
	if (page->wait_s > 0)
		return SCIM_OK;
	/* Who waits looks again on its loop, so that this comes last. */
	page->later =
	    rc == SCIM_OK && size.count > PAGE_ON_LOOP && !page->on_worker;
	if (rc != SCIM_OK || page->later)
		return rc;
	rc =
	    read_page(page->context, txn, &feed, start, size.count, &read, err);
	page->document = (struct scim__document){ .etag = SCIM_STR("") };
	return rc == SCIM_OK
	    ? write_page(page->context, &read, &page->document.json, err)
	    : rc;
}

scim_status
scim_provider_changes(scim_provider *provider, const scim_context *context,
    scim_str since, size_t limit, scim_feed_page *out, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	uint64_t start = 0;
	scim_feed feed;

	SCIM__REQUIRE(err, provider != NULL && context != NULL);
	SCIM__REQUIRE(err, context->arena != NULL && out != NULL);
	scim_status rc =
	    open_feed(provider, context, since, &txn, &feed, &start, err);
	return rc == SCIM_OK ? read_page(context, txn, &feed, start,
				   scim__page_limit(context, limit), out, err)
			     : rc;
}

static int64_t
oldest_ms(const scim_provider *provider, const scim_context *context)
{
	return scim__provider_now(provider) -
	    (int64_t)context->settings->history_days * DAY_MS;
}

scim_status
scim__feed_trim(scim_provider *provider, scim_txn *txn,
    const scim_context *context, size_t limit, size_t *out_count,
    scim_error *err)
{
	return scim__store_trim(txn, context->tenant,
	    oldest_ms(provider, context), limit, out_count, err);
}

scim_status
scim__feed_is_due(scim_provider *provider, scim_txn *txn,
    const scim_context *context, bool *out, scim_error *err)
{
	scim_change_plan plan = {
		.tenant = context->tenant, .id = SCIM_STR(""), .limit = 1
	};
	scim_change_row *rows = NULL;
	size_t count = 0;
	scim_feed feed;
	scim_status rc = scim__store_feed(txn, context->tenant, &feed, err);

	plan.from = feed.first;
	if (rc == SCIM_OK)
		rc = scim__store_changes(
		    txn, context->arena, &plan, &rows, &count, err);
	if (rc == SCIM_OK)
		*out = count > 0 &&
		    rows[0].change.at_ms < oldest_ms(provider, context);
	return rc;
}
