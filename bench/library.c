/* SPDX-License-Identifier: Apache-2.0 */
/*
 * library COUNT SECONDS
 *
 * Replaces users through libscimd alone: COUNT users in the store in memory,
 * one thread, each replacement with the version that was last returned.  Every
 * call does what a request does: it parses, validates, compares and renders.
 */
#include "common.h"
#include "scimd/provider.h"

struct host {
	scim_store *store;
	scim_registry *registry;
	scim_provider *provider;
	scim_settings settings;
	scim_arena *arena;
	struct user *users;
	uint64_t count, wrong;
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
	h->arena = scim_arena_new(NULL);
	h->users = calloc(h->count, sizeof(*h->users));
	if (h->arena == NULL || h->users == NULL)
		die("no memory for the users");
}

static void
host_close(struct host *h)
{
	free(h->users);
	scim_arena_free(h->arena);
	scim_provider_free(h->provider);
	scim_registry_unref(h->registry);
	scim_store_close(h->store);
}

static scim_context
make_context(const struct host *h)
{
	return (scim_context){
		.arena = h->arena,
		.tenant = SCIM_STR("default"),
		.registry = h->registry,
		.settings = &h->settings,
		.base_url = SCIM_STR("https://id.example.com/scim/v2"),
		.actor = SCIM_STR("bench"),
		.via = SCIM_STR("c"),
	};
}

static void
create(struct host *h, uint64_t n)
{
	const scim_context context = make_context(h);
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
	scim_arena_reset(h->arena);
}

static void
replace(struct host *h, uint64_t n, uint64_t title)
{
	const scim_context context = make_context(h);
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
		h->wrong++;
	scim_arena_reset(h->arena);
}

int
main(int argc, char **argv)
{
	static struct host h;
	uint64_t random = clock_ns() | 1, done = 0;

	if (argc != 3)
		die("usage: library COUNT SECONDS");
	h.count = read_count(argv[1]);
	host_open(&h);
	for (uint64_t n = 0; n < h.count; n++)
		create(&h, n);
	uint64_t start = clock_ns(), now = start;
	uint64_t end = start + read_count(argv[2]) * 1000000000;
	for (; now < end; done++) {
		uint64_t since = now;

		replace(&h, next_random(&random) % h.count, done + 1);
		now = clock_ns();
		note_latency(&h.latencies, now - since);
	}
	host_close(&h);
	print_result(&h.latencies, done, now - start, h.wrong, "");
	return 0;
}
