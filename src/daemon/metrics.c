/* SPDX-License-Identifier: Apache-2.0 */

/*
 * Counters, and their text.
 *
 * Names and labels are promises to whoever draws graphs of them: they are
 * added to, never changed.
 */

#include "daemon/metrics.h"

#include "base/cleanup.h"

static const int statuses[SCIM__METRICS_STATUSES] = { 200, 201, 204, 304, 308,
	400, 401, 403, 404, 405, 408, 409, 410, 411, 412, 413, 414, 415, 428,
	429, 431, 500, 501, 503 };

static const char *const methods[SCIM__METRICS_METHODS] = { "GET", "HEAD",
	"POST", "PUT", "PATCH", "DELETE", "OPTIONS", "other" };

/* In the order of enum scim__quirk. */
static const char *const quirks[SCIM__METRICS_QUIRKS] = { "string_boolean",
	"legacy_schemas", "unknown_schema", "single_value", "bare_member",
	"string_manager", "empty_reference", "array_complex", "urn_dot",
	"unknown_attribute", "dotted_key", "operation_case", "filter_creates",
	"remove_values", "read_only_ignored", "dangling_dropped",
	"dangling_kept", "raw_quote", "loose_address" };

static void
count_up(_Atomic uint64_t *counter)
{
	(void)atomic_fetch_add_explicit(counter, 1, memory_order_relaxed);
}

static uint64_t
count_of(const _Atomic uint64_t *counter)
{
	return atomic_load_explicit(counter, memory_order_relaxed);
}

void
scim__metrics_request(
    struct scim__metrics *metrics, enum scim__method method, int status)
{
	size_t m = 0, s = 0;

	while (m < SCIM__METRICS_METHODS - 1 && (unsigned)method != 1U << m)
		m++;
	while (s < SCIM__METRICS_STATUSES - 1 && statuses[s] != status)
		s++;
	count_up(&metrics->requests[m][s]);
}

void
scim__metrics_conflicts(struct scim__metrics *metrics, size_t count)
{
	(void)atomic_fetch_add_explicit(
	    &metrics->conflicts, count, memory_order_relaxed);
}

void
scim__metrics_quirks(struct scim__metrics *metrics, unsigned seen)
{
	for (size_t i = 0; i < SCIM__METRICS_QUIRKS; i++)
		if ((seen & (1U << i)) != 0)
			count_up(&metrics->quirks[i]);
}

const char *
scim__metrics_quirk_name(size_t number)
{
	return quirks[number];
}

static void
add_head(scim__buf *buf, const char *name, const char *type, const char *help)
{
	scim__buf_printf(
	    buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
add_requests(scim__buf *buf, struct scim__metrics *const *loops, size_t count)
{
	add_head(buf, "scimd_requests_total", "counter",
	    "Requests answered, by method and status.");
	for (size_t m = 0; m < SCIM__METRICS_METHODS; m++) {
		for (size_t s = 0; s < SCIM__METRICS_STATUSES; s++) {
			uint64_t sum = 0;

			for (size_t i = 0; i < count; i++)
				sum += count_of(&loops[i]->requests[m][s]);
			if (sum > 0)
				scim__buf_printf(buf,
				    "scimd_requests_total{method=\"%s\","
				    "status=\"%d\"} %llu\n",
				    methods[m], statuses[s],
				    (unsigned long long)sum);
		}
	}
}

/* Writes that came too late, whatever their method. */
static uint64_t
count_conflicts(struct scim__metrics *const *loops, size_t count)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < count; i++)
		sum += count_of(&loops[i]->conflicts);
	for (size_t s = 0; s < SCIM__METRICS_STATUSES; s++)
		for (size_t i = 0; statuses[s] == 412 && i < count; i++)
			for (size_t m = 0; m < SCIM__METRICS_METHODS; m++)
				sum += count_of(&loops[i]->requests[m][s]);
	return sum;
}

static void
add_one(scim__buf *buf, const char *name, const char *type, const char *help,
    uint64_t value)
{
	add_head(buf, name, type, help);
	scim__buf_printf(buf, "%s %llu\n", name, (unsigned long long)value);
}

static void
add_quirks(scim__buf *buf, struct scim__metrics *const *loops, size_t count)
{
	add_head(buf, "scimd_quirks_total", "counter",
	    "Deviations from the RFC let through, by name.");
	for (size_t q = 0; q < SCIM__METRICS_QUIRKS; q++) {
		uint64_t sum = 0;

		for (size_t i = 0; i < count; i++)
			sum += count_of(&loops[i]->quirks[q]);
		scim__buf_printf(buf, "scimd_quirks_total{quirk=\"%s\"} %llu\n",
		    quirks[q], (unsigned long long)sum);
	}
}

/* A long read keeps the log from being cleared. */
static void
add_wal(scim__buf *buf, const struct scim__metrics_totals *totals)
{
	if (!totals->has_wal)
		return;
	add_one(buf, "scimd_store_wal_bytes", "gauge",
	    "Size of SQLite's write-ahead log.", totals->wal_bytes);
	add_head(buf, "scimd_store_oldest_snapshot_seconds", "gauge",
	    "For how long the oldest long read has been open.");
	scim__buf_printf(buf, "scimd_store_oldest_snapshot_seconds %.3f\n",
	    (double)totals->oldest_snapshot_ms / 1000);
}

void
scim__metrics_write(scim__buf *buf, struct scim__metrics *const *loops,
    size_t count, const struct scim__metrics_totals *totals)
{
	uint64_t connections = 0, accepted = 0;

	for (size_t i = 0; i < count; i++) {
		connections += count_of(&loops[i]->connections);
		accepted += count_of(&loops[i]->accepted);
	}
	add_requests(buf, loops, count);
	add_one(buf, "scimd_conflicts_total", "counter",
	    "Requests, and operations of bulk requests, refused because a "
	    "precondition did not hold.",
	    count_conflicts(loops, count));
	add_one(buf, "scimd_connections", "gauge", "Connections open now.",
	    connections);
	add_one(buf, "scimd_connections_total", "counter",
	    "Connections accepted.", accepted);
	add_one(buf, "scimd_writer_batches_total", "counter",
	    "Transactions of the writer.", totals->batches);
	add_one(buf, "scimd_writer_operations_total", "counter",
	    "Operations in them.", totals->operations);
	add_one(buf, "scimd_writer_reruns_total", "counter",
	    "Operations run again after their batch was lost.", totals->reruns);
	add_wal(buf, totals);
	add_quirks(buf, loops, count);
}
