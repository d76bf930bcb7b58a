/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Pages and counts of a plan.
 *
 * A page by attribute lies between two pairs (value, position), neither of
 * them in it.  What the plan asks for becomes such pairs: an inclusive end
 * is the value with the position before all others, a page that goes on
 * after a row moves one end there.  An offset is the search for the row to
 * go on after, which reads the index alone.
 */
#include <math.h>
#include <stdint.h>

#include "base/str.h"
#include "store/sqlite/sqlite.h"

#define POSITION_BEFORE_ALL 0
#define POSITION_AFTER_ALL INT64_MAX

/* One end of a range of index rows; the row itself is outside. */
struct end {
	bool is_open; /* beyond every value */
	scim_index_value value;
	int64_t position;
};

struct range {
	struct end low, high;
};

static int
compare_reals(double a, double b)
{
	return (a > b) - (a < b);
}

static double
as_real(const scim_index_value *v)
{
	return v->kind == SCIM_INDEX_REAL ? v->real : (double)v->integer;
}

/* As SQLite orders them: numbers before texts. */
static int
compare_values(const scim_index_value *a, const scim_index_value *b)
{
	bool a_text = a->kind == SCIM_INDEX_TEXT;
	bool b_text = b->kind == SCIM_INDEX_TEXT;

	if (a_text != b_text)
		return a_text ? 1 : -1;
	if (a_text)
		return scim__str_compare(a->text, b->text);
	if (a->kind == SCIM_INDEX_INTEGER && b->kind == SCIM_INDEX_INTEGER)
		return (a->integer > b->integer) - (a->integer < b->integer);
	return compare_reals(as_real(a), as_real(b));
}

static int
compare_ends(const struct end *a, const struct end *b)
{
	int order = compare_values(&a->value, &b->value);

	if (order != 0)
		return order;
	return (a->position > b->position) - (a->position < b->position);
}

static int64_t
position_of(uint64_t position)
{
	return position > INT64_MAX ? INT64_MAX : (int64_t)position;
}

static struct range
range_of(const scim_plan *plan)
{
	return (struct range){
		.low = { !plan->low.given, plan->low.value,
		    plan->low.inclusive ? POSITION_BEFORE_ALL
					: POSITION_AFTER_ALL },
		.high = { !plan->high.given, plan->high.value,
		    plan->high.inclusive ? POSITION_AFTER_ALL
					 : POSITION_BEFORE_ALL },
	};
}

/* Moves the end that pages go away from to `after`, unless it lies there
 * already. */
static void
go_on_after(struct range *range, bool descending, const struct end *after)
{
	struct end *end = descending ? &range->high : &range->low;
	int order = end->is_open ? 0 : compare_ends(after, end);

	if (end->is_open || (descending ? order < 0 : order > 0))
		*end = *after;
}

static void
bind_range(struct stmt *q, const struct range *range)
{
	if (range->low.is_open)
		scim__sqlite_bind_real(q, -INFINITY);
	else
		scim__sqlite_bind_value(q, &range->low.value);
	scim__sqlite_bind_int(q, range->low.position);
	if (range->high.is_open)
		scim__sqlite_bind_blob(q, NULL, 0);
	else
		scim__sqlite_bind_value(q, &range->high.value);
	scim__sqlite_bind_int(q, range->high.position);
}

/* What all statements over index rows begin with. */
struct index_scan {
	struct txn *txn;
	struct scope scope;
	int64_t attribute;
	struct range range;
};

static scim_status
use_index(const struct index_scan *scan, enum sql which, uint64_t first,
    struct stmt *q, scim_error *err)
{
	scim_status rc = scim__sqlite_use(scan->txn, which, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_limit(q, first);
	scim__sqlite_bind_int(q, scan->scope.tenant);
	scim__sqlite_bind_int(q, scan->scope.type);
	scim__sqlite_bind_int(q, scan->attribute);
	bind_range(q, &scan->range);
	return SCIM_OK;
}

/* Moves past `plan->offset` rows; SCIM_ERR_NOT_FOUND when there are less. */
static scim_status
skip(struct index_scan *scan, scim_arena *arena, const scim_plan *plan,
    scim_error *err)
{
	struct end last = { 0 };
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = use_index(
	    scan, plan->descending ? SQL_SKIP_DOWN : SQL_SKIP_UP, 1, &q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_limit(&q, plan->offset - 1);
	rc = scim__sqlite_row(&q, err);
	if (rc != SCIM_OK)
		return rc;
	if (!scim__sqlite_read_value(&q, arena, &last.value))
		return scim__fail_memory(err);
	last.position = scim__sqlite_read_int(&q);
	go_on_after(&scan->range, plan->descending, &last);
	return SCIM_OK;
}

static scim_status
use_range(struct index_scan *scan, scim_arena *arena, const scim_plan *plan,
    struct stmt *q, scim_error *err)
{
	scim_status rc = scim__sqlite_find_name(
	    scan->txn, plan->attribute, &scan->attribute, err);

	if (rc != SCIM_OK)
		return rc;
	scan->range = range_of(plan);
	if (plan->has_after) {
		const struct end after = { false, plan->after_value,
			position_of(plan->after_position) };

		go_on_after(&scan->range, plan->descending, &after);
	}
	if (plan->offset > 0)
		rc = skip(scan, arena, plan, err);
	if (rc == SCIM_OK)
		rc = use_index(scan,
		    plan->descending ? SQL_RANGE_DOWN : SQL_RANGE_UP,
		    plan->parts, q, err);
	if (rc == SCIM_OK)
		scim__sqlite_bind_limit(q, plan->limit);
	return rc;
}

static scim_status
use_page(const struct index_scan *scan, const scim_plan *plan, struct stmt *q,
    scim_error *err)
{
	int64_t after =
	    plan->descending ? POSITION_AFTER_ALL : POSITION_BEFORE_ALL;
	scim_status rc = scim__sqlite_use(
	    scan->txn, plan->descending ? SQL_PAGE_DOWN : SQL_PAGE_UP, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(q, plan->parts);
	scim__sqlite_bind_int(q, scan->scope.tenant);
	scim__sqlite_bind_int(q, scan->scope.type);
	scim__sqlite_bind_int(
	    q, plan->has_after ? position_of(plan->after_position) : after);
	scim__sqlite_bind_limit(q, plan->limit);
	scim__sqlite_bind_limit(q, plan->offset);
	return SCIM_OK;
}

static scim_status
collect(struct stmt *q, scim_arena *arena, scim_record **out, size_t *out_count,
    scim_error *err)
{
	scim_record *records = NULL;
	size_t count = 0;
	scim_status rc;

	while ((rc = scim__sqlite_row(q, err)) == SCIM_OK) {
		records =
		    scim__sqlite_grow(arena, records, count, sizeof(*records));
		if (records == NULL)
			return scim__fail_memory(err);
		rc = scim__sqlite_record(q, arena, &records[count], err);
		if (rc != SCIM_OK)
			return rc;
		count++;
	}
	if (rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out = records;
	*out_count = count;
	return SCIM_OK;
}

scim_status
scim__sqlite_query(scim_txn *base, scim_arena *arena, const scim_plan *plan,
    scim_record **out, size_t *out_count, scim_error *err)
{
	struct index_scan scan = { .txn = txn_of(base) };
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_find_scope(
	    scan.txn, plan->tenant, plan->type, &scan.scope, err);

	if (rc == SCIM_OK)
		rc = plan->attribute.len == 0
		    ? use_page(&scan, plan, &q, err)
		    : use_range(&scan, arena, plan, &q, err);
	if (rc == SCIM_ERR_NOT_FOUND) {
		*out = NULL;
		*out_count = 0;
		return SCIM_OK;
	}
	return rc == SCIM_OK ? collect(&q, arena, out, out_count, err) : rc;
}

static scim_status
use_total(const struct index_scan *scan, struct stmt *q, scim_error *err)
{
	scim_status rc = scim__sqlite_use(scan->txn, SQL_TOTAL_GET, q, err);

	if (rc != SCIM_OK)
		return rc;
	scim__sqlite_bind_int(q, scan->scope.tenant);
	scim__sqlite_bind_int(q, scan->scope.type);
	return SCIM_OK;
}

static scim_status
use_count(struct index_scan *scan, const scim_plan *plan, uint64_t most,
    struct stmt *q, scim_error *err)
{
	scim_status rc = scim__sqlite_find_name(
	    scan->txn, plan->attribute, &scan->attribute, err);

	if (rc != SCIM_OK)
		return rc;
	scan->range = range_of(plan);
	return use_index(scan, SQL_INDEX_COUNT, most, q, err);
}

scim_status
scim__sqlite_count(scim_txn *base, const scim_plan *plan, uint64_t most,
    uint64_t *out, scim_error *err)
{
	struct index_scan scan = { .txn = txn_of(base) };
	uint64_t count = 0;
	scim__auto_stmt struct stmt q = { 0 };
	scim_status rc = scim__sqlite_find_scope(
	    scan.txn, plan->tenant, plan->type, &scan.scope, err);

	if (rc == SCIM_OK)
		rc = plan->attribute.len == 0
		    ? use_total(&scan, &q, err)
		    : use_count(&scan, plan, most, &q, err);
	if (rc == SCIM_OK)
		rc = scim__sqlite_row(&q, err);
	if (rc == SCIM_OK)
		count = (uint64_t)scim__sqlite_read_int(&q);
	else if (rc != SCIM_ERR_NOT_FOUND)
		return rc;
	*out = count < most ? count : most;
	return SCIM_OK;
}
