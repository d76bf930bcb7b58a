/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists, page by page, in the order of creation: what is new comes last and
 * never lands in a page already read.
 */
#include "provider/query.h"

#include "base/error.h"
#include "base/str.h"
#include "provider/departure.h"
#include "provider/search.h"

#define COUNT_ON_LOOP 1000
#define OFFSET_ON_LOOP 10000
#define AT_ONCE 8
#define PAGE_BYTES ((size_t)8 * 1024 * 1024)

/* A page while it is being written. */
struct answer {
	scim__buf resources;
	size_t items;
};

/* A whole number, saturating; ptr NULL gives `fallback`. */
static scim_status
parse_number(scim_str text, const char *name, int64_t fallback, int64_t *out,
    scim_error *err)
{
	bool negative = text.len > 0 && text.ptr[0] == '-';
	size_t first = text.len > 0 && (negative || text.ptr[0] == '+');
	int64_t n = 0;

	*out = fallback;
	if (text.ptr == NULL)
		return SCIM_OK;
	for (size_t i = first; i < text.len; i++) {
		int digit = text.ptr[i] - '0';

		if (digit < 0 || digit > 9)
			first = text.len;
		else if (n < INT64_MAX / 10 - 1)
			n = n * 10 + digit;
	}
	if (first >= text.len)
		return scim__fail_type(err, SCIM_ERR_INVALID, "invalidValue",
		    "%s must be a whole number.", name);
	*out = negative ? -n : n;
	return SCIM_OK;
}

scim_status
scim__page_parse(scim_str start_index, scim_str count,
    const scim_limits *limits, struct scim__page *out, scim_error *err)
{
	int64_t start, size;
	int64_t page = (int64_t)limits->page_default;
	int64_t most = (int64_t)limits->page_most;
	scim_status rc =
	    parse_number(start_index, "startIndex", 1, &start, err);

	if (rc == SCIM_OK)
		rc = parse_number(count, "count", page, &size, err);
	if (rc != SCIM_OK)
		return rc;
	size = size < 0 ? 0 : size;
	out->start = start < 1 ? 1 : (uint64_t)start;
	out->count = (uint64_t)(size > most ? most : size);
	return SCIM_OK;
}

void
scim__list_begin(scim__buf *buf, uint64_t total, uint64_t start, uint64_t items)
{
	scim__buf_printf(buf,
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:"
	    "ListResponse\"],\"totalResults\":%llu,\"startIndex\":%llu,"
	    "\"itemsPerPage\":%llu,\"Resources\":[",
	    (unsigned long long)total, (unsigned long long)start,
	    (unsigned long long)items);
}

static scim_plan
make_plan(const struct scim__query *query, const struct scim__page *page)
{
	return (scim_plan){ .tenant = query->context->tenant,
		.type = query->type->name,
		.attribute = SCIM_STR(""),
		.offset = page->start - 1,
		.limit = (size_t)page->count,
		.parts = SCIM_RECORD_CONTENT };
}

/* Notes which of the page still hold members that are gone. */
static scim_status
find_unsettled(struct scim__query *query, scim_txn *txn,
    const scim_record *records, size_t count, scim_error *err)
{
	struct scim__departures departures;
	bool touched = false;

	query->unsettled = false;
	query->to_settle_count = 0;
	if (query->type->relation == NULL || count == 0)
		return SCIM_OK;
	scim_status rc =
	    scim__departures_read(txn, query->context, &departures, err);
	if (rc != SCIM_OK || departures.count == 0)
		return rc;
	query->to_settle =
	    scim_arena_alloc(query->arena, count * sizeof(scim_str));
	if (query->to_settle == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		scim_key key =
		    scim__key(query->context, query->type, records[i].id);

		rc = scim__departures_touch(
		    txn, query->context, &key, &departures, &touched, err);
		if (rc == SCIM_OK && touched)
			query->to_settle[query->to_settle_count++] =
			    records[i].id;
	}
	query->unsettled = query->to_settle_count > 0;
	return rc;
}

scim_status
scim__query_settle(struct scim__query *query, scim_txn *txn, scim_error *err)
{
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < query->to_settle_count; i++)
		rc = scim__departures_settle(query->provider, txn,
		    query->context, query->type, query->to_settle[i], err);
	return rc;
}

static scim_status
write_resources(struct scim__query *query, scim_txn *txn,
    const scim_record *records, size_t count, struct answer *answer,
    scim_error *err)
{
	scim_status rc = SCIM_OK;

	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		struct scim__view view;
		scim_str json;

		rc = scim__view_make(
		    txn, query->context, query->type, &records[i], &view, err);
		if (rc == SCIM_OK)
			rc = scim__render(txn, query->context, query->type,
			    &view, query->projection, &json, err);
		if (rc != SCIM_OK)
			return rc;
		if (answer->items++ > 0)
			scim__buf_add_char(&answer->resources, ',');
		scim__buf_add(&answer->resources, json);
	}
	return rc;
}

/* Moves a plan behind the last record it gave. */
static void
go_on(scim_plan *plan, const scim_record *last)
{
	plan->offset = 0;
	plan->has_after = 1;
	plan->after_position = last->position;
	/* Between equal bounds every row has the same value. */
	plan->after_value = plan->low.value;
}

/*
 * Reads and writes the page a few records at a time, and ends it before its
 * count when it has grown too long: fewer are always allowed (RFC 7644
 * section 3.4.2.4), and memory is not the client's to fill.
 */
static scim_status
write_page(struct scim__query *query, scim_txn *txn, const scim_plan *plan,
    struct answer *answer, scim_error *err)
{
	scim_plan next = *plan;
	size_t left = plan->limit;

	while (left > 0 && answer->resources.len < PAGE_BYTES) {
		scim_record *records = NULL;
		size_t count = 0;

		next.limit = left < AT_ONCE ? left : AT_ONCE;
		scim_status rc = scim__store_query(
		    txn, query->arena, &next, &records, &count, err);
		if (rc == SCIM_OK)
			rc = find_unsettled(query, txn, records, count, err);
		if (rc == SCIM_OK && !query->unsettled)
			rc = write_resources(
			    query, txn, records, count, answer, err);
		if (rc != SCIM_OK || query->unsettled || count < next.limit)
			return rc;
		left -= count;
		go_on(&next, &records[count - 1]);
	}
	return SCIM_OK;
}

static scim_status
end_list(struct scim__query *query, const struct answer *answer, uint64_t total,
    uint64_t start, scim_error *err)
{
	scim__buf buf;

	scim__buf_init(&buf, query->arena, SIZE_MAX);
	scim__list_begin(&buf, total, start, answer->items);
	scim__buf_add(&buf, scim__buf_str(&answer->resources));
	scim__buf_add_z(&buf, "]}");
	if (scim__buf_failed(&buf) || scim__buf_failed(&answer->resources))
		return scim__fail_memory(err);
	query->json = scim__buf_str(&buf);
	return SCIM_OK;
}

static scim_status
run_plan(struct scim__query *query, const scim_plan *plan, uint64_t total,
    scim_txn *txn, scim_error *err)
{
	struct answer answer = { .items = 0 };
	scim_status rc = SCIM_OK;

	scim__buf_init(&answer.resources, query->arena, SIZE_MAX);
	if (plan->limit > 0 && plan->offset < total)
		rc = write_page(query, txn, plan, &answer, err);
	if (rc != SCIM_OK || query->unsettled)
		return rc;
	return end_list(query, &answer, total, plan->offset + 1, err);
}

/* What the store's own count and order answer. */
static scim_status
run_plain(struct scim__query *query, const scim_plan *plan, bool *out_later,
    scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	uint64_t total = 0;
	bool filtered = plan->attribute.len > 0;
	uint64_t most =
	    !filtered || query->on_worker ? UINT64_MAX : COUNT_ON_LOOP + 1;

	*out_later = plan->offset > OFFSET_ON_LOOP && !query->on_worker;
	if (*out_later)
		return SCIM_OK;
	scim_status rc =
	    scim__store_begin(query->provider->store, SCIM_TXN_READ, &txn, err);
	if (rc == SCIM_OK)
		rc = scim__store_count(txn, plan, most, &total, err);
	if (rc != SCIM_OK)
		return rc;
	*out_later = filtered && total == most;
	return *out_later ? SCIM_OK : run_plan(query, plan, total, txn, err);
}

/* Reads and writes what a search found, within the bounds of any page. */
static scim_status
write_found(struct scim__query *query, scim_txn *txn,
    const struct scim__search *search, struct answer *answer, scim_error *err)
{
	scim_record records[AT_ONCE];
	size_t at = 0;
	scim_status rc = SCIM_OK;

	while (rc == SCIM_OK && at < search->page_count &&
	    answer->resources.len < PAGE_BYTES) {
		size_t count = 0;

		for (; rc == SCIM_OK && count < AT_ONCE &&
		     at < search->page_count;
		     count++) {
			scim_key key = scim__key(
			    query->context, query->type, search->page[at++].id);

			rc = scim__store_get(txn, query->arena, &key,
			    SCIM_RECORD_CONTENT, &records[count], err);
		}
		if (rc == SCIM_OK)
			rc = find_unsettled(query, txn, records, count, err);
		if (rc != SCIM_OK || query->unsettled)
			return rc;
		rc = write_resources(query, txn, records, count, answer, err);
	}
	return rc;
}

/* What has to be looked at one by one. */
static scim_status
run_search(struct scim__query *query, struct scim__search *search,
    const struct scim__page *page, bool *out_later, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct answer answer = { .items = 0 };
	bool is_short = query->on_worker;
	scim_status rc = scim__store_begin(query->provider->store,
	    query->on_worker ? SCIM_TXN_SNAPSHOT : SCIM_TXN_READ, &txn, err);

	if (rc == SCIM_OK && !is_short)
		rc = scim__search_is_short(search, txn, &is_short, err);
	*out_later = rc == SCIM_OK && !is_short;
	if (rc != SCIM_OK || *out_later)
		return rc;
	rc = scim__search_run(
	    search, txn, page->start - 1, (size_t)page->count, err);
	scim__buf_init(&answer.resources, query->arena, SIZE_MAX);
	if (rc == SCIM_OK)
		rc = write_found(query, txn, search, &answer, err);
	if (rc != SCIM_OK || query->unsettled)
		return rc;
	return end_list(query, &answer, search->total, page->start, err);
}

scim_status
scim__query_run(struct scim__query *query, bool *out_later, scim_error *err)
{
	struct scim__page page;
	struct scim__search search;
	bool filtered = query->filter.ptr != NULL;

	*out_later = false;
	query->unsettled = false;
	scim_status rc = scim__page_parse(query->start_index, query->count,
	    &query->context->settings->limits, &page, err);
	if (rc == SCIM_OK && filtered)
		rc = scim__search_open(
		    &search, query->context, query->type, query->filter, err);
	if (rc != SCIM_OK)
		return rc;

	scim_plan plan = make_plan(query, &page);
	if (filtered && !scim__search_is_plain(&search))
		return run_search(query, &search, &page, out_later, err);
	if (filtered)
		scim__search_narrow(&search, &plan);
	return run_plain(query, &plan, out_later, err);
}
