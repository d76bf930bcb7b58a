/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What was: a host that looks back, and goes back.
 *
 * It changes a user twice, lists the versions, tells what differs between
 * the first and the present one, writes the first one again, and reads what a
 * consumer of the feed has missed meanwhile.  docs/history.md shows what it
 * prints.
 */
#include <stdio.h>

#include "scimd/history.h"

#define BJENSEN(title)                                               \
	SCIM_STR("{\"schemas\":"                                     \
		 "[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
		 "\"userName\":\"bjensen\",\"title\":\"" title "\"}")

static const scim_expect any = SCIM_EXPECT_ANY_INIT;

/* Three versions of a user; its first one is handed out. */
static scim_status
change_twice(scim_provider *provider, const scim_context *context,
    scim_target *user, scim_version *first, scim_error *err)
{
	scim_outcome out;
	scim_status rc = scim_provider_create(provider, context,
	    SCIM_STR("User"), BJENSEN("Guide"), &any, &out, err);

	if (rc != SCIM_OK)
		return rc;
	*user = (scim_target){ SCIM_STR("User"), out.resource.id };
	*first = out.resource.version;
	rc = scim_provider_replace(
	    provider, context, user, BJENSEN("Tour Guide"), &any, &out, err);
	return rc != SCIM_OK ? rc
			     : scim_provider_replace(provider, context, user,
				   BJENSEN("Chief Guide"), &any, &out, err);
}

static scim_status
print_versions(scim_provider *provider, const scim_context *context,
    const scim_target *user, scim_error *err)
{
	scim_history_page page;
	scim_status rc =
	    scim_provider_versions(provider, context, user, NULL, &page, err);

	for (size_t i = 0; rc == SCIM_OK && i < page.count; i++) {
		const scim_history_entry *e = &page.entries[i];

		printf("revision %llu: %.*s by %.*s\n",
		    (unsigned long long)e->revision, (int)e->operation.len,
		    e->operation.ptr, (int)e->actor.len, e->actor.ptr);
	}
	return rc;
}

/* What became of a version until now. */
static scim_status
print_diff(scim_provider *provider, const scim_context *context,
    const scim_target *user, const scim_version *from, scim_error *err)
{
	scim_diff_list diff;
	scim_status rc =
	    scim_provider_diff(provider, context, user, from, NULL, &diff, err);

	for (size_t i = 0; rc == SCIM_OK && i < diff.count; i++) {
		const scim_diff_entry *e = &diff.entries[i];

		printf("%.*s: %.*s -> %.*s\n", (int)e->path.len, e->path.ptr,
		    (int)e->before.len, e->before.ptr, (int)e->after.len,
		    e->after.ptr);
	}
	return rc;
}

/* What came after a position. */
static scim_status
print_news(scim_provider *provider, const scim_context *context, scim_str since,
    scim_error *err)
{
	scim_feed_page page;
	scim_status rc =
	    scim_provider_changes(provider, context, since, 0, &page, err);

	for (size_t i = 0; rc == SCIM_OK && i < page.count; i++)
		printf("news: %.*s of a %.*s\n",
		    (int)page.entries[i].operation.len,
		    page.entries[i].operation.ptr,
		    (int)page.entries[i].type.len, page.entries[i].type.ptr);
	return rc;
}

static scim_status
run(scim_provider *provider, const scim_context *context, scim_error *err)
{
	scim_target user;
	scim_version first;
	scim_feed_page end;
	scim_outcome out;
	scim_status rc = change_twice(provider, context, &user, &first, err);

	if (rc == SCIM_OK)
		rc = print_versions(provider, context, &user, err);
	if (rc == SCIM_OK)
		rc = print_diff(provider, context, &user, &first, err);
	if (rc == SCIM_OK)
		rc = scim_provider_changes(
		    provider, context, SCIM_STR("now"), 0, &end, err);
	if (rc == SCIM_OK)
		rc = scim_provider_revert(
		    provider, context, &user, &first, &any, &out, err);
	if (rc != SCIM_OK)
		return rc;
	printf("reverted: %s\n",
	    scim_version_equal(&out.resource.version, &first)
		? "the same version again"
		: "another version");
	return print_news(provider, context, end.position, err);
}

int
main(void)
{
	scim_store *store = NULL;
	scim_registry *registry = NULL;
	scim_provider *provider = NULL;
	scim_arena *arena = scim_arena_new(NULL);
	scim_settings settings;
	scim_error err = { .status = SCIM_OK };
	scim_status rc = scim_store_open_memory(NULL, &store, &err);

	if (rc == SCIM_OK)
		rc = scim_registry_new(NULL, 0, &registry, &err);
	if (rc == SCIM_OK)
		rc = scim_provider_new(store, NULL, &provider, &err);
	scim_settings_init(&settings);
	const scim_context context = { .arena = arena,
		.tenant = SCIM_STR("default"),
		.registry = registry,
		.settings = &settings,
		.base_url = SCIM_STR("https://id.example.com/scim/v2"),
		.actor = SCIM_STR("look_back"),
		.via = SCIM_STR("c") };
	if (rc == SCIM_OK)
		rc = run(provider, &context, &err);
	if (rc != SCIM_OK)
		(void)fprintf(stderr, "look_back: %s\n", err.detail);
	scim_arena_free(arena);
	scim_provider_free(provider);
	scim_registry_unref(registry);
	scim_store_close(store);
	return rc == SCIM_OK ? 0 : 1;
}
