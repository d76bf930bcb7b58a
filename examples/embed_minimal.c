/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The smallest host: a program that keeps users by libscimd and nothing else.
 *
 * It creates a user, replaces it at the version it has, and tries once more
 * with that version, which is stale by then: nothing is written, and the
 * outcome says what is there now.  docs/embedding.md walks through it.
 */
#include <stdio.h>

#include "scimd/provider.h"

#define BJENSEN(more)                                                \
	SCIM_STR("{\"schemas\":"                                     \
		 "[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
		 "\"userName\":\"bjensen\"" more "}")

struct host {
	scim_store *store;
	scim_registry *registry;
	scim_provider *provider;
	scim_settings settings;
	scim_arena *arena;
};

static scim_status
host_open(struct host *host, scim_error *err)
{
	scim_status rc = scim_store_open_memory(NULL, &host->store, err);

	if (rc == SCIM_OK)
		rc = scim_registry_new(NULL, 0, &host->registry, err);
	if (rc == SCIM_OK)
		rc = scim_provider_new(host->store, NULL, &host->provider, err);
	if (rc != SCIM_OK)
		return rc;
	scim_settings_init(&host->settings);
	host->arena = scim_arena_new(NULL);
	return host->arena == NULL ? SCIM_ERR_NO_MEMORY : SCIM_OK;
}

static void
host_close(struct host *host)
{
	scim_arena_free(host->arena);
	scim_provider_free(host->provider);
	scim_registry_unref(host->registry);
	scim_store_close(host->store);
}

static void
print_version(const char *what, const scim_version *version)
{
	char text[SCIM_VERSION_TEXT_LEN + 1];

	scim_version_format(version, text);
	printf("%s, now at %s\n", what, text);
}

/* Replaces the user, provided it is still at `version`. */
static scim_status
replace(const struct host *host, const scim_context *context,
    const scim_target *user, const scim_version *version, scim_str json,
    scim_error *err)
{
	const scim_expect expect = { SCIM_EXPECT_VERSIONS, version, 1, NULL };
	scim_outcome outcome;
	scim_status rc = scim_provider_replace(
	    host->provider, context, user, json, &expect, &outcome, err);

	if (rc != SCIM_OK)
		return rc;
	switch (outcome.kind) {
	case SCIM_DONE:
		print_version("replaced", &outcome.resource.version);
		break;
	case SCIM_MISMATCH:
		printf("SCIM_MISMATCH: expected %.*s, is at %.*s\n",
		    (int)outcome.conflict.expected.len,
		    outcome.conflict.expected.ptr,
		    (int)outcome.conflict.current.len,
		    outcome.conflict.current.ptr);
		break;
	case SCIM_ABSENT:
	case SCIM_NOT_MODIFIED:
		puts("the user is gone");
		break;
	}
	return SCIM_OK;
}

static scim_status
run(const struct host *host, scim_error *err)
{
	const scim_context context = {
		.arena = host->arena,
		.tenant = SCIM_STR("default"),
		.registry = host->registry,
		.settings = &host->settings,
		.base_url = SCIM_STR("https://id.example.com/scim/v2"),
		.actor = SCIM_STR("embed_minimal"),
		.via = SCIM_STR("c"),
	};
	const scim_expect any = SCIM_EXPECT_ANY_INIT;
	scim_outcome made;
	scim_status rc = scim_provider_create(host->provider, &context,
	    SCIM_STR("User"), BJENSEN(""), &any, &made, err);

	if (rc != SCIM_OK)
		return rc;
	print_version("created", &made.resource.version);

	const scim_target user = { SCIM_STR("User"), made.resource.id };
	const scim_version *seen = &made.resource.version;
	rc = replace(host, &context, &user, seen,
	    BJENSEN(",\"title\":\"Tour Guide\""), err);
	if (rc == SCIM_OK)
		rc = replace(host, &context, &user, seen,
		    BJENSEN(",\"title\":\"Manager\""), err);
	return rc;
}

int
main(void)
{
	struct host host = { NULL };
	scim_error err = { .detail = "out of memory" };
	scim_status rc = host_open(&host, &err);

	if (rc == SCIM_OK)
		rc = run(&host, &err);
	if (rc != SCIM_OK)
		fprintf(stderr, "failed (%d): %s\n", rc, err.detail);
	host_close(&host);
	return rc == SCIM_OK ? 0 : 1;
}
