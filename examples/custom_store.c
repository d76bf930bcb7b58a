/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A host that has its own place for data, and gives scimd four callbacks.
 *
 * The place is a sorted array in memory; think of your key-value store.  It
 * can't compare and swap, and need not: of two writers that hold the same
 * version, one wins and the other is told, because scimd lets one write at a
 * time in this process.  Run it: it prints what happens and exits 0.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "scimd/provider.h"
#include "scimd/schema.h"
#include "scimd/settings.h"
#include "scimd/store.h"

struct pair {
	char *key, *value;
	size_t key_len, value_len;
};

struct shop {
	struct pair *pairs;
	size_t count, capacity;
};

static int
compare(const struct pair *p, scim_str key)
{
	size_t shorter = p->key_len < key.len ? p->key_len : key.len;
	int order = memcmp(p->key, key.ptr, shorter);

	if (order != 0)
		return order;
	return (p->key_len > key.len) - (p->key_len < key.len);
}

/* Where `key` is, or belongs. */
static size_t
place_of(const struct shop *shop, scim_str key)
{
	size_t low = 0, high = shop->count;

	while (low < high) {
		size_t middle = (low + high) / 2;

		if (compare(&shop->pairs[middle], key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

static int
is_at(const struct shop *shop, size_t at, scim_str key)
{
	return at < shop->count && compare(&shop->pairs[at], key) == 0;
}

static scim_status
shop_get(void *context, scim_arena *arena, scim_str key, scim_str *out,
    scim_error *err)
{
	struct shop *shop = context;
	size_t at = place_of(shop, key);

	(void)err;
	if (!is_at(shop, at, key))
		return SCIM_ERR_NOT_FOUND;
	const struct pair *p = &shop->pairs[at];
	char *copy = scim_arena_alloc(arena, p->value_len);
	if (copy == NULL)
		return SCIM_ERR_NO_MEMORY;
	if (p->value_len > 0)
		memcpy(copy, p->value, p->value_len);
	out->ptr = copy;
	out->len = p->value_len;
	return SCIM_OK;
}

static char *
copy_of(scim_str s)
{
	char *copy = malloc(s.len + 1);

	if (copy != NULL && s.len > 0)
		memcpy(copy, s.ptr, s.len);
	return copy;
}

static scim_status
insert(struct shop *shop, size_t at, scim_str key, char *value, size_t len)
{
	if (shop->count == shop->capacity) {
		size_t capacity = shop->capacity * 2 + 16;
		struct pair *more =
		    realloc(shop->pairs, capacity * sizeof(*more));

		if (more == NULL)
			return SCIM_ERR_NO_MEMORY;
		shop->pairs = more;
		shop->capacity = capacity;
	}
	char *own_key = copy_of(key);
	if (own_key == NULL)
		return SCIM_ERR_NO_MEMORY;
	memmove(&shop->pairs[at + 1], &shop->pairs[at],
	    (shop->count - at) * sizeof(shop->pairs[0]));
	shop->pairs[at].key = own_key;
	shop->pairs[at].key_len = key.len;
	shop->pairs[at].value = value;
	shop->pairs[at].value_len = len;
	shop->count++;
	return SCIM_OK;
}

static scim_status
shop_put(void *context, scim_str key, scim_str value, scim_error *err)
{
	struct shop *shop = context;
	size_t at = place_of(shop, key);
	char *copy = copy_of(value);

	(void)err;
	if (copy == NULL)
		return SCIM_ERR_NO_MEMORY;
	if (!is_at(shop, at, key)) {
		scim_status rc = insert(shop, at, key, copy, value.len);

		if (rc != SCIM_OK)
			free(copy);
		return rc;
	}
	free(shop->pairs[at].value);
	shop->pairs[at].value = copy;
	shop->pairs[at].value_len = value.len;
	return SCIM_OK;
}

static scim_status
shop_remove(void *context, scim_str key, scim_error *err)
{
	struct shop *shop = context;
	size_t at = place_of(shop, key);

	(void)err;
	if (!is_at(shop, at, key))
		return SCIM_OK;
	free(shop->pairs[at].key);
	free(shop->pairs[at].value);
	shop->count--;
	memmove(&shop->pairs[at], &shop->pairs[at + 1],
	    (shop->count - at) * sizeof(shop->pairs[0]));
	return SCIM_OK;
}

static scim_status
shop_scan(void *context, scim_str prefix, scim_str from,
    int (*each)(void *argument, scim_str key, scim_str value), void *argument,
    scim_error *err)
{
	struct shop *shop = context;

	(void)err;
	/* What starts with the prefix lies side by side. */
	size_t at = place_of(shop, from);
	if (place_of(shop, prefix) > at)
		at = place_of(shop, prefix);
	for (; at < shop->count; at++) {
		const struct pair *p = &shop->pairs[at];
		scim_str key = { p->key, p->key_len };
		scim_str value = { p->value, p->value_len };

		if (key.len < prefix.len ||
		    memcmp(key.ptr, prefix.ptr, prefix.len) != 0)
			break;
		if (each(argument, key, value) == 0)
			break;
	}
	return SCIM_OK;
}

static void
close_shop(struct shop *shop)
{
	for (size_t i = 0; i < shop->count; i++) {
		free(shop->pairs[i].key);
		free(shop->pairs[i].value);
	}
	free(shop->pairs);
}

static int
failed(const char *what, const scim_error *err)
{
	fprintf(stderr, "%s: %s\n", what, err->detail);
	return 1;
}

#define USER(title)                                                  \
	SCIM_STR("{\"schemas\":"                                     \
		 "[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
		 "\"userName\":\"bjensen\",\"title\":\"" title "\"}")

/* Two clients read version one; both write.  Returns the exit code. */
static int
race(scim_provider *provider, const scim_context *context)
{
	scim_expect any = SCIM_EXPECT_ANY_INIT;
	scim_expect seen = SCIM_EXPECT_ANY_INIT;
	scim_outcome created, first, second;
	scim_error err;
	scim_str user = SCIM_STR("User");

	if (scim_provider_create(provider, context, user, USER(""), &any,
		&created, &err) != SCIM_OK)
		return failed("create", &err);
	printf("created   %.*s\n", (int)created.resource.etag.len,
	    created.resource.etag.ptr);

	scim_target target = { user, created.resource.id };
	seen.kind = SCIM_EXPECT_VERSIONS;
	seen.versions = &created.resource.version;
	seen.version_count = 1;
	if (scim_provider_replace(provider, context, &target, USER("first"),
		&seen, &first, &err) != SCIM_OK ||
	    scim_provider_replace(provider, context, &target, USER("second"),
		&seen, &second, &err) != SCIM_OK)
		return failed("replace", &err);
	printf("replaced  %.*s\n", (int)first.resource.etag.len,
	    first.resource.etag.ptr);
	printf("refused   %.*s\n", (int)second.conflict.message.len,
	    second.conflict.message.ptr);
	return first.kind == SCIM_DONE && second.kind == SCIM_MISMATCH ? 0 : 1;
}

static int
serve(scim_store *store)
{
	scim_provider *provider = NULL;
	scim_registry *registry = NULL;
	scim_settings settings;
	scim_error err;
	int code = 1;

	scim_settings_init(&settings);
	scim_context context = { scim_arena_new(NULL), SCIM_STR("default"),
		NULL, &settings, SCIM_STR("https://example.com/scim/v2"),
		SCIM_STR("example"), SCIM_STR("c") };
	if (context.arena == NULL)
		return 1;
	if (scim_registry_new(NULL, 0, &registry, &err) != SCIM_OK ||
	    scim_provider_new(store, NULL, &provider, &err) != SCIM_OK) {
		code = failed("start", &err);
	} else {
		context.registry = registry;
		code = race(provider, &context);
	}
	scim_provider_free(provider);
	scim_registry_unref(registry);
	scim_arena_free(context.arena);
	return code;
}

int
main(void)
{
	struct shop shop = { NULL, 0, 0 };
	scim_plain_callbacks callbacks = { &shop, shop_get, shop_put,
		shop_remove, shop_scan };
	scim_store *store = NULL;
	scim_error err;

	if (scim_store_open_plain(&callbacks, NULL, &store, &err) != SCIM_OK)
		return failed("open", &err);
	printf("durable   %s\n",
	    (scim_store_capabilities(store) & SCIM_STORE_DURABLE) != 0 ? "yes"
								       : "no");
	int code = serve(store);
	scim_store_close(store);
	printf("pairs     %lu\n", (unsigned long)shop.count);
	close_shop(&shop);
	return code;
}
