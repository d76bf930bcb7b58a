/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Counters of writes.
 *
 * All are relaxed: they order nothing, and each is exact.  A tenant gets its
 * own when it first writes, in a table of fixed size that is searched without
 * a lock: a slot is filled before it is published, and never changes its name
 * again.  Where conflicts are is noted under a lock, since conflicts are rare.
 */
#include "provider/metrics.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "provider/hottest.h"
#include "provider/provider.h"

#define TENANTS 64
#define NAME_MOST 64

typedef _Atomic uint64_t counter;

struct tenant {
	size_t len;
	char name[NAME_MOST];
	counter writes[SCIM_WRITES_RESULTS];
};

struct scim_metrics {
	counter writes[SCIM_WRITES_OPERATIONS][SCIM_WRITES_RESULTS];
	counter redone;
	counter merges[SCIM_MERGES_FORMS][SCIM_MERGES_ENDS];
	counter base_versions[SCIM_METRICS_VERSION_BUCKETS + 1];
	counter base_versions_sum;
	counter base_age[SCIM_METRICS_AGE_BUCKETS + 1];
	counter base_age_sum_ms;
	counter updates, update_attempts, update_conflicts, update_retries;
	counter updates_given_up, update_waited_ms;

	struct tenant tenants[TENANTS + 1]; /* the last: all others */
	atomic_size_t tenant_count;         /* published */
	pthread_mutex_t lock; /* guards adding a tenant, and the rest */
	struct scim__hottest resources, paths;
};

static const uint64_t version_bounds[SCIM_METRICS_VERSION_BUCKETS] = { 0, 1, 2,
	5, 10, 20, 50, 100, 1000 };
static const uint64_t age_bounds[SCIM_METRICS_AGE_BUCKETS] = { 100, 1000, 5000,
	15000, 60000, 300000, 900000, 3600000, 21600000, 86400000, 604800000 };

const uint64_t *
scim_metrics_version_bounds(void)
{
	return version_bounds;
}

const uint64_t *
scim_metrics_age_bounds(void)
{
	return age_bounds;
}

static void
add(counter *c, uint64_t n)
{
	(void)atomic_fetch_add_explicit(c, n, memory_order_relaxed);
}

static uint64_t
count_of(const counter *c)
{
	return atomic_load_explicit(c, memory_order_relaxed);
}

scim_status
scim_metrics_new(scim_metrics **out, scim_error *err)
{
	SCIM__REQUIRE(err, out != NULL);

	scim_metrics *m = calloc(1, sizeof(*m));
	if (m == NULL || pthread_mutex_init(&m->lock, NULL) != 0) {
		free(m);
		return scim__fail_memory(err);
	}
	*out = m;
	return SCIM_OK;
}

void
scim_metrics_free(scim_metrics *metrics)
{
	if (metrics != NULL)
		(void)pthread_mutex_destroy(&metrics->lock);
	free(metrics);
}

void
scim_provider_count_in(scim_provider *provider, scim_metrics *metrics)
{
	if (provider != NULL)
		provider->metrics = metrics;
}

static struct tenant *
find_tenant(scim_metrics *m, scim_str name, size_t from, size_t count)
{
	for (size_t i = from; i < count; i++)
		if (m->tenants[i].len == name.len &&
		    memcmp(m->tenants[i].name, name.ptr, name.len) == 0)
			return &m->tenants[i];
	return NULL;
}

/* With the lock: another may have added it meanwhile. */
static struct tenant *
add_tenant(scim_metrics *m, scim_str name, size_t seen)
{
	size_t count = atomic_load(&m->tenant_count);
	struct tenant *t = find_tenant(m, name, seen, count);

	if (t != NULL)
		return t;
	if (count == TENANTS)
		return &m->tenants[TENANTS];
	t = &m->tenants[count];
	memcpy(t->name, name.ptr, name.len);
	t->len = name.len;
	atomic_store_explicit(
	    &m->tenant_count, count + 1, memory_order_release);
	return t;
}

static struct tenant *
tenant_of(scim_metrics *m, scim_str name)
{
	size_t count =
	    atomic_load_explicit(&m->tenant_count, memory_order_acquire);
	struct tenant *t;

	if (name.len == 0 || name.len > NAME_MOST)
		return &m->tenants[TENANTS];
	t = find_tenant(m, name, 0, count);
	if (t != NULL)
		return t;
	if (count == TENANTS)
		return &m->tenants[TENANTS];
	(void)pthread_mutex_lock(&m->lock);
	t = add_tenant(m, name, count);
	(void)pthread_mutex_unlock(&m->lock);
	return t;
}

static void
note_place(scim_metrics *m, const struct scim__write_noted *w)
{
	(void)pthread_mutex_lock(&m->lock);
	scim__hottest_note(&m->resources, w->tenant, w->type, w->id);
	for (size_t i = 0; i < w->path_count; i++)
		scim__hottest_note_path(
		    &m->paths, w->tenant, w->type, w->paths[i]);
	(void)pthread_mutex_unlock(&m->lock);
}

void
scim__metrics_note_write(
    scim_metrics *metrics, const struct scim__write_noted *write)
{
	if (metrics == NULL)
		return;
	add(&metrics->writes[write->operation][write->result], 1);
	add(&tenant_of(metrics, write->tenant)->writes[write->result], 1);
	if (write->result == SCIM_WRITES_CONFLICT)
		note_place(metrics, write);
}

void
scim__metrics_note_paths(scim_metrics *metrics, scim_str tenant, scim_str type,
    const scim_str *paths, size_t count)
{
	const struct scim__write_noted noted = { .tenant = tenant,
		.type = type,
		.paths = paths,
		.path_count = count };

	if (metrics != NULL && count > 0)
		note_place(metrics, &noted); /* of no resource */
}

void
scim__metrics_note_redone(scim_metrics *metrics)
{
	if (metrics != NULL)
		add(&metrics->redone, 1);
}

static size_t
bucket(const uint64_t *bounds, size_t count, uint64_t n)
{
	size_t at = 0;

	while (at < count && n > bounds[at])
		at++;
	return at;
}

void
scim__metrics_note_merge(
    scim_metrics *metrics, const struct scim__merge_noted *merge)
{
	if (metrics == NULL || !merge->is_noted)
		return;
	uint64_t age = merge->age_ms < 0 ? 0 : (uint64_t)merge->age_ms;

	add(&metrics->merges[merge->form][merge->end], 1);
	if (!merge->has_base)
		return;
	add(&metrics->base_versions[bucket(
		version_bounds, SCIM_METRICS_VERSION_BUCKETS, merge->versions)],
	    1);
	add(&metrics->base_versions_sum, merge->versions);
	add(&metrics
		 ->base_age[bucket(age_bounds, SCIM_METRICS_AGE_BUCKETS, age)],
	    1);
	add(&metrics->base_age_sum_ms, age);
}

void
scim__metrics_note_update(
    scim_metrics *metrics, const struct scim__update_noted *update)
{
	if (metrics == NULL)
		return;
	add(&metrics->updates, 1);
	add(&metrics->update_attempts, update->attempts);
	add(&metrics->update_conflicts, update->conflicts);
	add(&metrics->update_retries,
	    update->attempts > 1 ? update->attempts - 1 : 0);
	add(&metrics->updates_given_up, update->gave_up);
	add(&metrics->update_waited_ms, update->waited_ms);
}

scim_write_result_kind
scim__metrics_result(scim_status status)
{
	switch (status) {
	case SCIM_OK:
		return SCIM_WRITES_DONE;
	case SCIM_ERR_VERSION:
		return SCIM_WRITES_CONFLICT;
	case SCIM_ERR_NOT_FOUND:
		return SCIM_WRITES_ABSENT;
	case SCIM_ERR_EXISTS:
		return SCIM_WRITES_TAKEN;
	case SCIM_ERR_INVALID:
	case SCIM_ERR_CREDENTIAL:
	case SCIM_ERR_FORBIDDEN:
	case SCIM_ERR_GONE:
	case SCIM_ERR_TOO_LARGE:
	case SCIM_ERR_REQUIRED:
	case SCIM_ERR_UNSUPPORTED:
		return SCIM_WRITES_REFUSED;
	case SCIM_ERR_NO_MEMORY:
	case SCIM_ERR_UNCERTAIN:
	case SCIM_ERR_BUSY:
	case SCIM_ERR_STORE:
	case SCIM_ERR_MISUSE:
	case SCIM_ERR_ROLLED_BACK:
		break;
	}
	return SCIM_WRITES_FAILED;
}

static void
read_all(uint64_t *out, const counter *from, size_t count)
{
	for (size_t i = 0; i < count; i++)
		out[i] = count_of(&from[i]);
}

void
scim_metrics_read(const scim_metrics *metrics, scim_metrics_counts *out)
{
	const scim_metrics *m = metrics;

	for (size_t i = 0; i < SCIM_WRITES_OPERATIONS; i++)
		read_all(out->writes[i], m->writes[i], SCIM_WRITES_RESULTS);
	for (size_t i = 0; i < SCIM_MERGES_FORMS; i++)
		read_all(out->merges[i], m->merges[i], SCIM_MERGES_ENDS);
	read_all(out->base_versions, m->base_versions,
	    SCIM_METRICS_VERSION_BUCKETS + 1);
	read_all(out->base_age, m->base_age, SCIM_METRICS_AGE_BUCKETS + 1);
	out->redone = count_of(&m->redone);
	out->base_versions_sum = count_of(&m->base_versions_sum);
	out->base_age_sum_ms = count_of(&m->base_age_sum_ms);
	out->updates = count_of(&m->updates);
	out->update_attempts = count_of(&m->update_attempts);
	out->update_conflicts = count_of(&m->update_conflicts);
	out->update_retries = count_of(&m->update_retries);
	out->updates_given_up = count_of(&m->updates_given_up);
	out->update_waited_ms = count_of(&m->update_waited_ms);
}

uint64_t
scim_metrics_attempts(const scim_metrics_counts *counts)
{
	uint64_t sum = 0;

	for (size_t i = 0; i < SCIM_WRITES_OPERATIONS; i++)
		for (size_t k = 0; k < SCIM_WRITES_RESULTS; k++)
			sum += counts->writes[i][k];
	return sum;
}

double
scim_metrics_conflict_rate(const scim_metrics_counts *counts)
{
	uint64_t attempts = scim_metrics_attempts(counts), conflicts = 0;

	for (size_t i = 0; i < SCIM_WRITES_OPERATIONS; i++)
		conflicts += counts->writes[i][SCIM_WRITES_CONFLICT];
	return attempts == 0 ? 0.0 : (double)conflicts / (double)attempts;
}

static bool
has_written(const struct tenant *t)
{
	for (size_t i = 0; i < SCIM_WRITES_RESULTS; i++)
		if (count_of(&t->writes[i]) > 0)
			return true;
	return false;
}

scim_status
scim_metrics_tenants(const scim_metrics *metrics, scim_arena *arena,
    scim_metrics_tenant **out, size_t *out_count)
{
	SCIM__REQUIRE(NULL, metrics != NULL && arena != NULL);
	SCIM__REQUIRE(NULL, out != NULL && out_count != NULL);

	size_t count = atomic_load(&metrics->tenant_count);
	scim_metrics_tenant *rows =
	    scim__arena_array(arena, count + 1, sizeof(*rows));

	if (rows == NULL)
		return SCIM_ERR_NO_MEMORY;
	for (size_t i = 0; i <= count; i++) {
		const struct tenant *t =
		    &metrics->tenants[i < count ? i : TENANTS];

		rows[i].name =
		    scim__str_copy(arena, (scim_str){ t->name, t->len });
		if (rows[i].name.ptr == NULL)
			return SCIM_ERR_NO_MEMORY;
		read_all(rows[i].writes, t->writes, SCIM_WRITES_RESULTS);
	}
	*out = rows;
	*out_count = count + (has_written(&metrics->tenants[TENANTS]) ? 1 : 0);
	return SCIM_OK;
}

scim_status
scim_metrics_hottest(scim_metrics *metrics, scim_metrics_what what,
    size_t limit, scim_arena *arena, scim_metrics_hot **out, size_t *out_count)
{
	SCIM__REQUIRE(NULL, metrics != NULL && arena != NULL);
	SCIM__REQUIRE(NULL, out != NULL && out_count != NULL);

	(void)pthread_mutex_lock(&metrics->lock);
	scim_status rc = scim__hottest_read(
	    what == SCIM_METRICS_PATHS ? &metrics->paths : &metrics->resources,
	    limit, arena, out, out_count);
	(void)pthread_mutex_unlock(&metrics->lock);
	return rc;
}
