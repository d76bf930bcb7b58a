/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two hosts in one process, through the public headers and the shared
 * library alone.
 *
 * Each has a store, a clock and ids of its own.  What one does the other
 * does not see; time and ids are the host's and nobody else's; two hosts
 * that store the same are at the same version; and a request that comes by
 * scim_handle() is held to its If-Match.
 */
#include <stdio.h>
#include <string.h>

#include "scimd/handler.h"

#define USER                                                \
	"{\"schemas\":"                                     \
	"[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
	"\"userName\":\"bjensen\",\"title\":\"Tour Guide\"}"
#define SMALLER                                             \
	"{\"schemas\":"                                     \
	"[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
	"\"userName\":\"bjensen\"}"

#define CHECK(truth)                                                       \
	do {                                                               \
		if (!(truth)) {                                            \
			fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, \
			    #truth);                                       \
			failures++;                                        \
		}                                                          \
	} while (0)

static int failures;

struct host {
	scim_env env;
	int64_t now_ms;
	unsigned char next_byte;
	scim_store *store;
	scim_registry *registry;
	scim_provider *provider;
	scim_settings settings;
	scim_arena *arena;
};

static int64_t
tell_time(void *context)
{
	const struct host *host = context;

	return host->now_ms;
}

static void
draw(void *context, void *buf, size_t len)
{
	struct host *host = context;
	unsigned char *bytes = buf;

	for (size_t i = 0; i < len; i++)
		bytes[i] = host->next_byte++;
}

static void
open_host(struct host *host, int64_t now_ms)
{
	scim_error err = { .status = SCIM_OK };

	memset(host, 0, sizeof(*host));
	host->now_ms = now_ms;
	host->env = (scim_env)SCIM_ENV_INIT;
	host->env.context = host;
	host->env.now_ms = tell_time;
	host->env.random = draw;
	scim_settings_init(&host->settings);
	host->arena = scim_arena_new(NULL);
	CHECK(host->arena != NULL);
	CHECK(
	    scim_store_open_memory(&host->env, &host->store, &err) == SCIM_OK);
	CHECK(scim_registry_new(NULL, 0, &host->registry, &err) == SCIM_OK);
	CHECK(scim_provider_new(
		  host->store, &host->env, &host->provider, &err) == SCIM_OK);
}

static void
close_host(struct host *host)
{
	scim_provider_free(host->provider);
	scim_registry_unref(host->registry);
	scim_store_close(host->store);
	scim_arena_free(host->arena);
}

static scim_request
request_of(const struct host *host, scim_operation operation)
{
	scim_request request = { .operation = operation,
		.endpoint = SCIM_STR("/Users") };

	request.context.tenant = SCIM_STR("default");
	request.context.registry = host->registry;
	request.context.settings = &host->settings;
	request.context.base_url = SCIM_STR("https://id.example.com/scim/v2");
	request.context.actor = SCIM_STR("test");
	request.context.via = SCIM_STR("c");
	return request;
}

static scim_response
create(struct host *host)
{
	scim_request request = request_of(host, SCIM_OPERATION_CREATE);
	scim_response response;

	request.body = SCIM_STR(USER);
	scim_handle(host->provider, &request, host->arena, &response);
	return response;
}

static scim_response
replace_if_match(struct host *host, scim_str id, scim_str etag)
{
	scim_request request = request_of(host, SCIM_OPERATION_REPLACE);
	scim_precondition_lines lines = { &etag, 1, NULL, 0, NULL, 0, NULL, 0 };
	scim_response response;
	scim_error err;

	request.id = id;
	request.body = SCIM_STR(SMALLER);
	CHECK(scim_preconditions_parse(host->arena, &lines, host->now_ms,
		  &request.preconditions, &err) == SCIM_OK);
	scim_handle(host->provider, &request, host->arena, &response);
	return response;
}

static int
is_same(scim_str a, scim_str b)
{
	return a.len == b.len && memcmp(a.ptr, b.ptr, a.len) == 0;
}

int
main(void)
{
	struct host one, other;

	open_host(&one, 1700000000000);
	open_host(&other, 1800000000000);

	scim_response first = create(&one);
	scim_response again = create(&one);
	scim_response elsewhere = create(&other);

	CHECK(first.result == SCIM_RESULT_CREATED);
	CHECK(again.result == SCIM_RESULT_ERROR);
	CHECK(again.error.status == SCIM_ERR_EXISTS);
	CHECK(elsewhere.result == SCIM_RESULT_CREATED);
	CHECK(first.modified_ms == 1700000000000);
	CHECK(elsewhere.modified_ms == 1800000000000);
	CHECK(is_same(first.location, elsewhere.location));
	CHECK(is_same(first.etag, elsewhere.etag));

	scim_str id = first.location;
	id.ptr += id.len - 36;
	id.len = 36;
	scim_response won = replace_if_match(&one, id, first.etag);
	scim_response lost = replace_if_match(&one, id, first.etag);

	CHECK(won.result == SCIM_RESULT_OK);
	CHECK(lost.result == SCIM_RESULT_ERROR);
	CHECK(lost.error.status == SCIM_ERR_VERSION);
	CHECK(is_same(lost.etag, won.etag));

	close_host(&other);
	close_host(&one);
	return failures == 0 ? 0 : 1;
}
