/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library COUNT SECONDS THREADS
 *
 * Replaces users through libscimd alone: COUNT users in the store in memory, a
 * share of them for each of THREADS, each replacement with the version that
 * was last returned.  Every call does what a request does: it parses,
 * validates, compares and renders.
 */
#include <pthread.h>

#include "common.h"
#include "scimd/provider.h"

struct host {
	scim_store *store;
	scim_registry *registry;
	scim_provider *provider;
	scim_settings settings;
	struct user *users;
	uint64_t count, end_ns;
};

struct worker {
	const struct host *host;
	pthread_t thread;
	scim_arena *arena;
	uint64_t first, count; /* its share of the users */
	uint64_t done, wrong;
	struct latencies latencies;
};

struct user {
	char id[40];
	scim_version version;
};

static void
check(scim_status status, const scim_error *err)
{
	if (status != SCIM_OK)
		die(err->detail);
}

static void
host_open(struct host *h)
{
	scim_error err = { 0 };

	check(scim_store_open_memory(NULL, &h->store, &err), &err);
	check(scim_registry_new(NULL, 0, &h->registry, &err), &err);
	check(scim_provider_new(h->store, NULL, &h->provider, &err), &err);
	scim_settings_init(&h->settings);
	h->users = calloc(h->count, sizeof(*h->users));
	if (h->users == NULL)
		die("no memory for the users");
}

static void
host_close(struct host *h)
{
	free(h->users);
	scim_provider_free(h->provider);
	scim_registry_unref(h->registry);
	scim_store_close(h->store);
}

static scim_context
make_context(const struct host *h, scim_arena *arena)
{
	return (scim_context){
		.arena = arena,
		.tenant = SCIM_STR("default"),
		.registry = h->registry,
		.settings = &h->settings,
		.base_url = SCIM_STR("https://id.example.com/scim/v2"),
		.actor = SCIM_STR("bench"),
		.via = SCIM_STR("c"),
	};
}

static void
create(const struct host *h, scim_arena *arena, uint64_t n)
{
	const scim_context context = make_context(h, arena);
	const scim_expect any = SCIM_EXPECT_ANY_INIT;
	struct user *u = &h->users[n];
	char body[USER_MOST];
	int len = write_user(body, sizeof(body), n, 0);
	scim_error err = { 0 };
	scim_outcome made;

	check(scim_provider_create(h->provider, &context, SCIM_STR("User"),
		  (scim_str){ body, (size_t)len }, &any, &made, &err),
	    &err);
	(void)snprintf(u->id, sizeof(u->id), "%.*s", (int)made.resource.id.len,
	    made.resource.id.ptr);
	u->version = made.resource.version;
	scim_arena_reset(arena);
}

static void
replace(struct worker *w, uint64_t n, uint64_t title)
{
	const struct host *h = w->host;
	const scim_context context = make_context(h, w->arena);
	struct user *u = &h->users[n];
	const scim_expect expect = { SCIM_EXPECT_VERSIONS, &u->version, 1,
		NULL };
	const scim_target target = { SCIM_STR("User"),
		{ u->id, strlen(u->id) } };
	char body[USER_MOST];
	int len = write_user(body, sizeof(body), n, title);
	scim_error err = { 0 };
	scim_outcome outcome;

	check(scim_provider_replace(h->provider, &context, &target,
		  (scim_str){ body, (size_t)len }, &expect, &outcome, &err),
	    &err);
	if (outcome.kind == SCIM_DONE)
		u->version = outcome.resource.version;
	else
		w->wrong++;
	scim_arena_reset(w->arena);
}

static void *
work(void *context)
{
	struct worker *w = context;
	uint64_t random = clock_ns() | 1, now = clock_ns();

	while (now < w->host->end_ns) {
		uint64_t since = now;

		replace(
		    w, w->first + next_random(&random) % w->count, ++w->done);
		now = clock_ns();
		note_latency(&w->latencies, now - since);
	}
	return NULL;
}

static void
start(struct host *h, struct worker *w, uint64_t nth, uint64_t of)
{
	w->host = h;
	w->first = h->count * nth / of;
	w->count = h->count * (nth + 1) / of - w->first;
	w->arena = scim_arena_new(NULL);
	if (w->arena == NULL || w->count == 0 ||
	    pthread_create(&w->thread, NULL, work, w) != 0)
		die("a thread can't be started");
}

/* What the worker did goes to the first one's. */
static void
join(struct worker *w, struct worker *all)
{
	(void)pthread_join(w->thread, NULL);
	scim_arena_free(w->arena);
	if (w == all)
		return;
	all->done += w->done;
	all->wrong += w->wrong;
	for (size_t i = 0; i < w->latencies.count; i++)
		note_latency(
		    &all->latencies, (uint64_t)w->latencies.us[i] * 1000);
}

int
main(int argc, char **argv)
{
	static struct host h;

	if (argc != 4)
		die("usage: library COUNT SECONDS THREADS");
	h.count = read_count(argv[1]);
	uint64_t threads = read_count(argv[3]);
	struct worker *workers = calloc(threads, sizeof(*workers));
	scim_arena *arena = scim_arena_new(NULL);
	if (workers == NULL || arena == NULL)
		die("no memory for the threads");
	host_open(&h);
	for (uint64_t n = 0; n < h.count; n++)
		create(&h, arena, n);
	scim_arena_free(arena);
	uint64_t begin = clock_ns();
	h.end_ns = begin + read_count(argv[2]) * 1000000000;
	for (uint64_t n = 0; n < threads; n++)
		start(&h, &workers[n], n, threads);
	for (uint64_t n = 0; n < threads; n++)
		join(&workers[n], workers);
	uint64_t took = clock_ns() - begin;
	host_close(&h);
	print_result(
	    &workers->latencies, workers->done, took, workers->wrong, "");
	free(workers);
	return 0;
}
