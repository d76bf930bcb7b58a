/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What the library counted of writes, as text.
 *
 * Labels have few values: those of a table, 65 tenants at most, and the ten
 * most contended resources and paths.  The latter are gauges, since one that
 * cools down leaves the list.  Label values are escaped: an id that was
 * imported may be any text.
 */
#include "daemon/contention.h"

#include "base/cleanup.h"
#include "base/str.h"

static const char *const operations[SCIM_WRITES_OPERATIONS] = {
	[SCIM_WRITES_CREATE] = "create",
	[SCIM_WRITES_REPLACE] = "replace",
	[SCIM_WRITES_PATCH] = "patch",
	[SCIM_WRITES_DELETE] = "delete",
	[SCIM_WRITES_MERGE] = "merge",
	[SCIM_WRITES_REVERT] = "revert",
};

static const char *const results[SCIM_WRITES_RESULTS] = {
	[SCIM_WRITES_DONE] = "done",
	[SCIM_WRITES_UNCHANGED] = "unchanged",
	[SCIM_WRITES_CONFLICT] = "conflict",
	[SCIM_WRITES_ABSENT] = "absent",
	[SCIM_WRITES_TAKEN] = "taken",
	[SCIM_WRITES_REFUSED] = "refused",
	[SCIM_WRITES_FAILED] = "failed",
};

static const char *const forms[SCIM_MERGES_FORMS] = {
	[SCIM_MERGES_PROPOSAL] = "proposal",
	[SCIM_MERGES_MESSAGE] = "message",
	[SCIM_MERGES_IF_MATCH] = "if_match",
	[SCIM_MERGES_UPDATE] = "update",
};

static const char *const ends[SCIM_MERGES_ENDS] = {
	[SCIM_MERGES_CLEAN] = "clean",
	[SCIM_MERGES_DECIDED] = "decided",
	[SCIM_MERGES_CONFLICT] = "conflict",
	[SCIM_MERGES_GUARD] = "guard",
	[SCIM_MERGES_FORGOTTEN] = "forgotten",
	[SCIM_MERGES_INVALID] = "invalid",
};

static void
add_head(scim__buf *buf, const char *name, const char *type, const char *help)
{
	scim__buf_printf(
	    buf, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}

static void
add_writes(scim__buf *buf, const scim_metrics_counts *c)
{
	add_head(buf, "scimd_writes_total", "counter",
	    "Writes that reached the provider, by what became of them.");
	for (size_t i = 0; i < SCIM_WRITES_OPERATIONS; i++)
		for (size_t k = 0; k < SCIM_WRITES_RESULTS; k++)
			scim__buf_printf(buf,
			    "scimd_writes_total{operation=\"%s\","
			    "result=\"%s\"} %llu\n",
			    operations[i], results[k],
			    (unsigned long long)c->writes[i][k]);
}

static void
add_merges(scim__buf *buf, const scim_metrics_counts *c)
{
	add_head(buf, "scimd_merges_total", "counter",
	    "Merges, by where they were made and what came of them.");
	for (size_t i = 0; i < SCIM_MERGES_FORMS; i++)
		for (size_t k = 0; k < SCIM_MERGES_ENDS; k++)
			scim__buf_printf(buf,
			    "scimd_merges_total{form=\"%s\",result=\"%s\"} "
			    "%llu\n",
			    forms[i], ends[k],
			    (unsigned long long)c->merges[i][k]);
}

/* `bounds` and `sum` are in thousandths where `per` is 1000. */
struct histogram {
	const char *name, *help;
	const uint64_t *bounds, *counts;
	size_t bound_count;
	uint64_t sum, per;
};

static void
add_histogram(scim__buf *buf, const struct histogram *h)
{
	uint64_t below = 0;

	add_head(buf, h->name, "histogram", h->help);
	for (size_t i = 0; i < h->bound_count; i++) {
		below += h->counts[i];
		scim__buf_printf(buf, "%s_bucket{le=\"%g\"} %llu\n", h->name,
		    (double)h->bounds[i] / (double)h->per,
		    (unsigned long long)below);
	}
	below += h->counts[h->bound_count];
	scim__buf_printf(buf,
	    "%s_bucket{le=\"+Inf\"} %llu\n%s_sum %.3f\n%s_count %llu\n",
	    h->name, (unsigned long long)below, h->name,
	    (double)h->sum / (double)h->per, h->name,
	    (unsigned long long)below);
}

static void
add_bases(scim__buf *buf, const scim_metrics_counts *c)
{
	const struct histogram all[] = {
		{ "scimd_merge_base_versions",
		    "How many versions were newer than the base of a merge.",
		    scim_metrics_version_bounds(), c->base_versions,
		    SCIM_METRICS_VERSION_BUCKETS, c->base_versions_sum, 1 },
		{ "scimd_merge_base_age_seconds",
		    "For how long the base of a merge had been outdated.",
		    scim_metrics_age_bounds(), c->base_age,
		    SCIM_METRICS_AGE_BUCKETS, c->base_age_sum_ms, 1000 },
	};

	for (size_t i = 0; i < scim__countof(all); i++)
		add_histogram(buf, &all[i]);
}

static void
add_counters(scim__buf *buf, const scim_metrics_counts *c)
{
	const struct {
		const char *name, *help;
		uint64_t value;
	} all[] = {
		{ "scimd_writes_redone_total",
		    "Writes decided anew because another one was faster.",
		    c->redone },
		{ "scimd_updates_total",
		    "Loops of reading, changing and writing.", c->updates },
		{ "scimd_update_attempts_total", "Writes tried in them.",
		    c->update_attempts },
		{ "scimd_update_conflicts_total",
		    "Of these, writes that found another version.",
		    c->update_conflicts },
		{ "scimd_update_retries_total",
		    "Of these, writes that were not the first.",
		    c->update_retries },
		{ "scimd_updates_given_up_total", "Loops that gave up.",
		    c->updates_given_up },
	};

	for (size_t i = 0; i < scim__countof(all); i++) {
		add_head(buf, all[i].name, "counter", all[i].help);
		scim__buf_printf(buf, "%s %llu\n", all[i].name,
		    (unsigned long long)all[i].value);
	}
}

static void
add_label(scim__buf *buf, const char *name, scim_str value)
{
	scim__buf_printf(buf, "%s=\"", name);
	for (size_t i = 0; i < value.len; i++) {
		char c = value.ptr[i];

		if (c == '\n') {
			scim__buf_add_z(buf, "\\n");
			continue;
		}
		if (c == '"' || c == '\\')
			scim__buf_add_char(buf, '\\');
		scim__buf_add_char(buf, c);
	}
	scim__buf_add_char(buf, '"');
}

static void
add_tenants(scim__buf *buf, const scim_metrics *metrics)
{
	scim_metrics_tenant *tenants = NULL;
	size_t count = 0;

	if (scim_metrics_tenants(metrics, buf->arena, &tenants, &count) !=
	    SCIM_OK)
		return;
	add_head(buf, "scimd_tenant_writes_total", "counter",
	    "Writes by tenant; those of all beyond 64 have an empty name.");
	for (size_t i = 0; i < count; i++)
		for (size_t k = 0; k < SCIM_WRITES_RESULTS; k++) {
			scim__buf_add_z(buf, "scimd_tenant_writes_total{");
			add_label(buf, "tenant", tenants[i].name);
			scim__buf_printf(buf, ",result=\"%s\"} %llu\n",
			    results[k],
			    (unsigned long long)tenants[i].writes[k]);
		}
}

static void
add_hottest(scim__buf *buf, scim_metrics *metrics, scim_metrics_what what)
{
	bool is_path = what == SCIM_METRICS_PATHS;
	const char *name = is_path ? "scimd_contended_path_conflicts"
				   : "scimd_contended_resource_conflicts";
	scim_metrics_hot *hot = NULL;
	size_t count = 0;

	if (scim_metrics_hottest(metrics, what, SCIM__CONTENTION_NAMED,
		buf->arena, &hot, &count) != SCIM_OK)
		return;
	add_head(buf, name, "gauge",
	    is_path ? "Conflicts at the paths that had most of them."
		    : "Conflicts at the resources that had most of them.");
	for (size_t i = 0; i < count; i++) {
		scim__buf_printf(buf, "%s{", name);
		add_label(buf, "tenant", hot[i].tenant);
		scim__buf_add_char(buf, ',');
		add_label(buf, "type", hot[i].type);
		scim__buf_add_char(buf, ',');
		add_label(buf, is_path ? "path" : "id", hot[i].name);
		scim__buf_printf(
		    buf, "} %llu\n", (unsigned long long)hot[i].conflicts);
	}
}

void
scim__contention_write(scim__buf *buf, scim_metrics *metrics)
{
	scim_metrics_counts counts;

	scim_metrics_read(metrics, &counts);
	add_writes(buf, &counts);
	add_counters(buf, &counts);
	add_merges(buf, &counts);
	add_bases(buf, &counts);
	add_tenants(buf, metrics);
	add_hottest(buf, metrics, SCIM_METRICS_RESOURCES);
	add_hottest(buf, metrics, SCIM_METRICS_PATHS);
}
