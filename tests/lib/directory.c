/* SPDX-License-Identifier: Apache-2.0 */
#include "lib/directory.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/arena.h"
#include "store/store.h"

const scim_expect expect_any = SCIM_EXPECT_ANY_INIT;

void
directory_open_on(struct directory *d, scim_store *store, bool threads)
{
	memset(d, 0, sizeof(*d));
	d->store = store;
	fixed_env_init(&d->fixed, DIRECTORY_NOW, 42);
	scim_settings_init(&d->settings);
	if (scim_registry_new(NULL, 0, &d->registry, &d->err) != SCIM_OK)
		fail_msg("shipped schemas: %s", d->err.detail);
	assert_int_equal(SCIM_OK,
	    scim_provider_new(d->store, threads ? NULL : &d->fixed.env,
		&d->provider, &d->err));
	d->context = (scim_context){ .arena = scim_arena_new(NULL),
		.tenant = SCIM_STR("default"),
		.registry = d->registry,
		.settings = &d->settings,
		.base_url = SCIM_STR("https://example.com/scim/v2"),
		.actor = SCIM_STR("test"),
		.via = SCIM_STR("c") };
	assert_non_null(d->context.arena);
}

void
directory_open(struct directory *d)
{
	scim_store *store = NULL;
	scim_error err = { 0 };

	assert_int_equal(SCIM_OK, scim_store_open_memory(NULL, &store, &err));
	directory_open_on(d, store, false);
}

void
directory_open_sqlite(struct directory *d, bool threads)
{
	scim_store *store = NULL;
	scim_error err = { 0 };
	char folder[] = "/tmp/scimd-directory-XXXXXX", path[64];

	assert_non_null(mkdtemp(folder));
	(void)snprintf(path, sizeof(path), "%s/s.db", folder);
	if (scim__store_open_sqlite(scim__str(path), NULL, &store, &err) !=
	    SCIM_OK)
		fail_msg("%s", err.detail);
	directory_open_on(d, store, threads);
	memcpy(d->folder, folder, sizeof(folder));
}

/* Whatever a store left there. */
static void
remove_folder(const char *folder)
{
	DIR *dir = opendir(folder);
	const struct dirent *entry;

	assert_non_null(dir);
	for (entry = readdir(dir); entry != NULL; entry = readdir(dir))
		if (entry->d_name[0] != '.')
			(void)unlinkat(dirfd(dir), entry->d_name, 0);
	(void)closedir(dir);
	assert_int_equal(0, rmdir(folder));
}

void
directory_close(struct directory *d)
{
	scim_provider_free(d->provider);
	scim_registry_unref(d->registry);
	scim_store_close(d->store);
	scim_arena_free(d->context.arena);
	if (d->folder[0] != '\0')
		remove_folder(d->folder);
}

scim_status
directory_create(
    struct directory *d, const char *type, const char *json, scim_outcome *out)
{
	scim_status rc = scim_provider_create(d->provider, &d->context,
	    scim__str(type), scim__str(json), &expect_any, out, &d->err);

	if (rc == SCIM_OK && out->kind == SCIM_DONE)
		out->resource.id.ptr =
		    scim__str_copy_z(d->context.arena, out->resource.id);
	return rc;
}

scim_status
directory_get(
    struct directory *d, const char *type, scim_str id, scim_outcome *out)
{
	scim_target target = { scim__str(type), id };

	return scim_provider_get(
	    d->provider, &d->context, &target, &expect_any, out, &d->err);
}

scim_status
directory_replace(struct directory *d, const char *type, scim_str id,
    const char *json, const scim_expect *expect, scim_outcome *out)
{
	scim_target target = { scim__str(type), id };

	return scim_provider_replace(d->provider, &d->context, &target,
	    scim__str(json), expect, out, &d->err);
}

scim_status
directory_patch(struct directory *d, const char *type, scim_str id,
    const char *json, const scim_expect *expect, scim_outcome *out)
{
	scim_target target = { scim__str(type), id };

	return scim_provider_patch(d->provider, &d->context, &target,
	    scim__str(json), expect, out, &d->err);
}

scim_status
directory_delete(struct directory *d, const char *type, scim_str id,
    const scim_expect *expect, scim_outcome *out)
{
	scim_target target = { scim__str(type), id };

	return scim_provider_delete(
	    d->provider, &d->context, &target, expect, out, &d->err);
}

static scim_resource
create_or_fail(struct directory *d, const char *type, const char *json)
{
	scim_outcome out = { .kind = SCIM_ABSENT };

	if (directory_create(d, type, json, &out) != SCIM_OK)
		fail_msg("%s: %s", json, d->err.detail);
	assert_int_equal(out.kind, SCIM_DONE);
	return out.resource;
}

scim_resource
directory_user(struct directory *d, const char *user_name)
{
	char json[256];

	(void)snprintf(json, sizeof(json),
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"],"
	    "\"userName\":\"%s\"}",
	    user_name);
	return create_or_fail(d, "User", json);
}

scim_resource
directory_group(struct directory *d, const char *display_name,
    const scim_str *const *members)
{
	char json[4096];
	int len = snprintf(json, sizeof(json),
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"%s\",\"members\":[",
	    display_name);

	for (size_t i = 0; members != NULL && members[i] != NULL; i++)
		len += snprintf(json + len, sizeof(json) - (size_t)len,
		    "%s{\"value\":\"%.*s\"}", i > 0 ? "," : "",
		    (int)members[i]->len, members[i]->ptr);
	(void)snprintf(json + len, sizeof(json) - (size_t)len, "]}");
	return create_or_fail(d, "Group", json);
}

scim_expect
expect_version(const scim_version *version)
{
	return (scim_expect){ .kind = SCIM_EXPECT_VERSIONS,
		.versions = version,
		.version_count = 1 };
}

void
assert_contains(scim_str json, const char *text)
{
	if (!scim__str_contains(json, scim__str(text)))
		fail_msg("%s\nis not in\n%.*s", text, (int)json.len, json.ptr);
}

void
assert_lacks(scim_str json, const char *text)
{
	if (scim__str_contains(json, scim__str(text)))
		fail_msg("%s\nis in\n%.*s", text, (int)json.len, json.ptr);
}
