/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Lists, page by page.  Unless it is sorted, a list is in the order of
 * creation, type by type: what is new comes last and never lands in a page
 * already read.
 */
#include "provider/query.h"

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/departure.h"
#include "provider/search.h"

#define COUNT_ON_LOOP 1000
#define AT_ONCE 8
#define PAGE_BYTES ((size_t)8 * 1024 * 1024)

/* A page while it is being written. */
struct answer {
	struct scim__query *query;
	struct scim__search *search;
	scim_txn *txn;
	scim__buf resources;
	uint64_t skip; /* before the page */
	size_t left;   /* items that still belong to it */
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

/* Notes which of the page still hold members that are gone. */
static scim_status
find_unsettled(struct scim__query *query, scim_txn *txn,
    const scim__resource_type *type, const scim_record *records, size_t count,
    scim_error *err)
{
	struct scim__departures departures;
	bool touched = false;

	query->unsettled = false;
	query->to_settle_count = 0;
	if (type->relation == NULL || count == 0)
		return SCIM_OK;
	scim_status rc =
	    scim__departures_read(txn, query->context, &departures, err);
	if (rc != SCIM_OK || departures.count == 0)
		return rc;
	query->to_settle =
	    scim__arena_array(query->arena, count, sizeof(*query->to_settle));
	if (query->to_settle == NULL)
		return scim__fail_memory(err);
	for (size_t i = 0; rc == SCIM_OK && i < count; i++) {
		scim_key key = scim__key(query->context, type, records[i].id);

		rc = scim__departures_touch(
		    txn, query->context, &key, &departures, &touched, err);
		if (rc == SCIM_OK && touched)
			query->to_settle[query->to_settle_count++] =
			    (struct scim__found){ .place.type = type,
				    .id = records[i].id };
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
		    query->context, query->to_settle[i].place.type,
		    query->to_settle[i].id, err);
	return rc;
}

/* Fewer than asked for are always allowed (RFC 7644 section 3.4.2.4), and
 * memory is not the client's to fill. */
static bool
is_full(const struct answer *a)
{
	return a->left == 0 || a->resources.len >= PAGE_BYTES;
}

static scim_status
write_resource(struct answer *a, const struct scim__place *place,
    const scim_record *record, scim_error *err)
{
	struct scim__query *query = a->query;
	struct scim__view view;
	scim_str json;
	scim_status rc = scim__view_make(
	    a->txn, query->context, place->type, record, &view, err);

	if (rc == SCIM_OK)
		rc = scim__render(a->txn, query->context, place->type, &view,
		    query->projection, &json, err);
	if (rc != SCIM_OK)
		return rc;
	if (query->items++ > 0)
		scim__buf_add_char(&a->resources, ',');
	scim__buf_add(&a->resources, json);
	a->left--;
	query->last = *place;
	return SCIM_OK;
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

/* Reads and writes a few records at a time. */
static scim_status
write_part(struct answer *a, const struct scim__part *part, scim_plan *plan,
    scim_error *err)
{
	struct scim__query *query = a->query;
	struct scim__place place = { .type = part->type, .rank = part->rank };

	while (!is_full(a)) {
		scim_record *records = NULL;
		size_t count = 0;

		plan->limit = a->left < AT_ONCE ? a->left : AT_ONCE;
		scim_status rc = scim__store_query(
		    a->txn, query->arena, plan, &records, &count, err);
		if (rc == SCIM_OK)
			rc = find_unsettled(
			    query, a->txn, part->type, records, count, err);
		for (size_t i = 0;
		     rc == SCIM_OK && !query->unsettled && i < count; i++) {
			place.position = records[i].position;
			rc = write_resource(a, &place, &records[i], err);
		}
		if (rc != SCIM_OK || query->unsettled || count < plan->limit)
			return rc;
		go_on(plan, &records[count - 1]);
	}
	return SCIM_OK;
}

/* Counts a part, unless that is not free and need not be; `*out_later`: it
 * takes too long for a loop. */
static scim_status
count_part(struct answer *a, const struct scim__part *part, uint64_t *out,
    bool *out_later, scim_error *err)
{
	struct scim__query *query = a->query;
	scim_plan plan = scim__part_narrow(part, query->context);
	uint64_t most = !part->filtered || query->on_worker ? UINT64_MAX
							    : COUNT_ON_LOOP + 1;

	if (query->by_place && part->filtered) {
		query->has_total = false;
		*out = UINT64_MAX;
		return SCIM_OK;
	}
	scim_status rc = scim__store_count(a->txn, &plan, most, out, err);
	if (rc != SCIM_OK)
		return rc;
	query->total += *out;
	*out_later = part->filtered && *out == most;
	return SCIM_OK;
}

/* Whether a part adds more to the page than a loop has the time for. */
static bool
is_long(const struct answer *a, uint64_t count)
{
	return !a->query->on_worker && a->left > SCIM__PAGE_ON_LOOP &&
	    count > a->skip && count - a->skip > SCIM__PAGE_ON_LOOP;
}

/* What of a part belongs to the page. */
static scim_status
take_part(struct answer *a, const struct scim__part *part, uint64_t count,
    scim_error *err)
{
	struct scim__query *query = a->query;
	const struct scim__place *after = query->after;
	scim_plan plan = scim__part_narrow(part, query->context);
	scim_record *records = NULL;
	size_t found = 0;

	if (after != NULL && part->rank < after->rank)
		return SCIM_OK;
	if (after != NULL && part->rank == after->rank)
		go_on(&plan, &(scim_record){ .position = after->position });
	if (a->skip >= count) {
		a->skip -= count;
		return SCIM_OK;
	}
	plan.offset = a->skip;
	a->skip = 0;
	scim_status rc = write_part(a, part, &plan, err);
	if (rc != SCIM_OK || query->unsettled || !is_full(a))
		return rc;
	plan.limit = 1;
	plan.parts = 0;
	rc = scim__store_query(
	    a->txn, query->arena, &plan, &records, &found, err);
	if (rc == SCIM_OK)
		query->more = query->more || found > 0;
	return rc;
}

static scim_status
begin(struct answer *a, scim_txn_mode mode, scim_txn **txn, scim_error *err)
{
	scim__buf_init(&a->resources, a->query->arena, SIZE_MAX);
	scim_status rc =
	    scim__store_begin(a->query->provider->store, mode, txn, err);
	a->txn = *txn;
	return rc;
}

static scim_status
end(struct answer *a, scim_error *err)
{
	if (scim__buf_failed(&a->resources))
		return scim__fail_memory(err);
	a->query->resources = scim__buf_str(&a->resources);
	return SCIM_OK;
}

/* What the store's own count and order answer. */
static scim_status
run_plain(struct answer *a, bool *out_later, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct scim__query *query = a->query;
	bool all = a->left == 0;

	*out_later = a->skip > SCIM__OFFSET_ON_LOOP && !query->on_worker;
	if (*out_later)
		return SCIM_OK;
	scim_status rc = begin(a, SCIM_TXN_READ, &txn, err);
	for (size_t i = 0; rc == SCIM_OK && i < a->search->part_count; i++) {
		const struct scim__part *part = &a->search->parts[i];
		uint64_t count = 0;

		if (part->none)
			continue;
		rc = count_part(a, part, &count, out_later, err);
		*out_later = *out_later || is_long(a, count);
		if (rc != SCIM_OK || *out_later)
			return rc;
		if (!all && !query->more)
			rc = take_part(a, part, count, err);
		if (rc != SCIM_OK || query->unsettled)
			return rc;
	}
	return rc == SCIM_OK ? end(a, err) : rc;
}

/* Reads and writes what a search found, within the bounds of any page. */
static scim_status
write_found(struct answer *a, scim_error *err)
{
	struct scim__query *query = a->query;
	const struct scim__search *search = a->search;
	size_t at = 0;
	scim_status rc = SCIM_OK;

	for (; at < search->page_count && !is_full(a); at++) {
		const struct scim__found *found = &search->page[at];
		scim_key key =
		    scim__key(query->context, found->place.type, found->id);
		scim_record record;

		rc = scim__store_get(a->txn, query->arena, &key,
		    SCIM_RECORD_CONTENT, &record, err);
		if (rc == SCIM_OK)
			rc = find_unsettled(
			    query, a->txn, found->place.type, &record, 1, err);
		if (rc == SCIM_OK && !query->unsettled)
			rc = write_resource(a, &found->place, &record, err);
		if (rc != SCIM_OK || query->unsettled)
			return rc;
	}
	query->more = search->more || at < search->page_count;
	if (search->stopped && at == search->page_count)
		query->last = search->stop;
	return SCIM_OK;
}

/* What has to be looked at one by one, or put in order. */
static scim_status
run_search(struct answer *a, bool *out_later, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct scim__query *query = a->query;
	bool is_short = query->on_worker;
	scim_status rc = begin(
	    a, query->on_worker ? SCIM_TXN_SNAPSHOT : SCIM_TXN_READ, &txn, err);

	if (rc == SCIM_OK && !is_short)
		rc = scim__search_is_short(
		    a->search, txn, a->skip, a->left, &is_short, err);
	*out_later = rc == SCIM_OK && !is_short;
	if (rc != SCIM_OK || *out_later)
		return rc;
	rc = scim__search_run(a->search, txn, a->skip, a->left, err);
	if (rc == SCIM_OK)
		rc = write_found(a, err);
	if (rc != SCIM_OK || query->unsettled)
		return rc;
	query->has_total = a->search->has_total;
	query->total = a->search->total;
	return end(a, err);
}

scim_status
scim__query_run(struct scim__query *query, bool *out_later, scim_error *err)
{
	struct scim__terms terms = { query->filter, query->sort_by,
		query->sort_order };
	struct scim__page page;
	struct scim__search search;
	struct answer answer = { .query = query, .search = &search };

	*out_later = false;
	query->unsettled = query->more = false;
	query->has_total = true;
	query->total = 0;
	query->items = 0;
	scim_status rc = scim__page_parse(
	    query->by_place ? (scim_str){ NULL, 0 } : query->start_index,
	    query->count, &query->context->settings->limits, &page, err);
	if (rc == SCIM_OK)
		rc = scim__search_open(
		    &search, query->context, query->type, &terms, err);
	if (rc != SCIM_OK)
		return rc;
	for (size_t i = 0; i < search.part_count; i++)
		query->quirks |= search.parts[i].quirks;
	query->start = page.start;
	answer.skip = page.start - 1;
	answer.left = (size_t)page.count;
	search.by_place = query->by_place;
	search.after = query->after;
	return scim__search_is_plain(&search)
	    ? run_plain(&answer, out_later, err)
	    : run_search(&answer, out_later, err);
}

scim_status
scim__query_json(
    const struct scim__query *query, scim_str *out, scim_error *err)
{
	scim__buf buf;

	scim__buf_init(&buf, query->arena, SIZE_MAX);
	scim__list_begin(&buf, query->total, query->start, query->items);
	scim__buf_add(&buf, query->resources);
	scim__buf_add_z(&buf, "]}");
	if (scim__buf_failed(&buf))
		return scim__fail_memory(err);
	*out = scim__buf_str(&buf);
	return SCIM_OK;
}
