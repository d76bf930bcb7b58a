/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes bulk requests: whatever comes is answered, with one result at most
 * for each operation; all of them run, or, atomic, none fails alone.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "scimd/handler.h"
#include "json/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct world {
	scim_store *store;
	scim_provider *provider;
	scim_settings settings;
	uint64_t drawn;
};

/* Of all runs: it takes longer to read than a request does. */
static scim_registry *registry;

static int64_t
now(void *context)
{
	(void)context;
	return 1795291200123;
}

/* Other ids each time, the same in each run. */
static void
draw(void *context, void *buf, size_t len)
{
	struct world *w = context;

	for (size_t i = 0; i < len; i++) {
		w->drawn = w->drawn * 6364136223846793005U + 1U;
		((uint8_t *)buf)[i] = (uint8_t)(w->drawn >> 56);
	}
}

static void
open_world(struct world *w, const scim_env *env)
{
	scim_status rc =
	    scim_store_open(SCIM_STR("memory:"), env, &w->store, NULL);

	if (rc == SCIM_OK && registry == NULL)
		rc = scim_registry_new(NULL, 0, &registry, NULL);
	if (rc == SCIM_OK)
		rc = scim_provider_new(w->store, env, &w->provider, NULL);
	scim__assert(rc == SCIM_OK);
	scim_settings_init(&w->settings);
	w->settings.limits.bulk_operations = 50;
	w->settings.limits.body_bytes = 1 << 16;
}

static void
close_world(struct world *w)
{
	scim_provider_free(w->provider);
	scim_store_close(w->store);
}

static scim_str
string_of(const scim__value *object, const char *name)
{
	return scim__object_get_string(object, scim__str(name));
}

/* Every result has a status, and says why when it is a failure. */
static void
check_results(const scim__value *results)
{
	scim__assert(results != NULL && results->kind == SCIM__ARRAY);
	scim__assert(results->count <= 50);
	for (uint32_t i = 0; i < results->count; i++) {
		const scim__value *result = &results->array.items[i];
		scim_str status = string_of(result, "status");
		const scim__value *response =
		    scim__object_find(result, SCIM_STR("response"));

		scim__assert(status.len == 3 && status.ptr[0] != '5');
		scim__assert((status.ptr[0] == '2') == (response == NULL));
		scim__assert(status.ptr[0] == '2' ||
		    scim__str_equal(string_of(response, "status"), status));
	}
}

static void
run(struct world *w, scim_arena *arena, scim_str body)
{
	const scim__json_limits limits = { 1 << 24, 64 };
	const scim_request request = { .operation = SCIM_OPERATION_BULK,
		.endpoint = SCIM_STR("/Bulk"),
		.body = body,
		.context = { .tenant = SCIM_STR("default"),
		    .registry = registry,
		    .settings = &w->settings,
		    .base_url = SCIM_STR("https://x/scim/v2"),
		    .actor = SCIM_STR("fuzz"),
		    .via = SCIM_STR("c") } };
	scim_response response;
	scim__value answer;

	scim_handle(w->provider, &request, arena, &response);
	if (response.result == SCIM_RESULT_ERROR) {
		scim__assert(response.error.status == SCIM_ERR_INVALID ||
		    response.error.status == SCIM_ERR_TOO_LARGE);
		return;
	}
	scim_status rc =
	    scim__json_parse(arena, response.body, &limits, &answer, NULL);
	scim__assert(rc == SCIM_OK);
	check_results(scim__object_find(&answer, SCIM_STR("Operations")));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct world w = { .drawn = 1 };
	const scim_env env = { .size = sizeof(env),
		.context = &w,
		.now_ms = now,
		.random = draw };
	scim_arena *arena = scim_arena_new(NULL);

	scim__assert(arena != NULL);
	open_world(&w, &env);
	run(&w, arena, (scim_str){ (const char *)data, size });
	scim_arena_free(arena);
	close_world(&w);
	return 0;
}
