/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who asks, and by which rules: the part of policy that every request goes
 * through.
 *
 * Answers come from the cache; a miss reads one document.  What is not there
 * is never cached, so a token that was just made works at once and a flood
 * of guesses pushes nothing out.
 */
#include "policy/policy.h"

#include <stdlib.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "policy/private.h"

enum {
	TOKENS_LOG2 = 8,    /* 16,384 tokens */
	TENANTS_LOG2 = 5,   /* 2,048 tenants */
	REGISTRIES_LOG2 = 3 /* 512 of them with schemas of their own */
};

/* Half of what a revoked token may live on for. */
#define FRESH_MS 5

struct token_item {
	struct scim__cached base;
	scim__principal principal; /* strings in `bytes` */
	scim__sha256 digest;
	char bytes[];
};

struct tenant_item {
	struct scim__cached base;
	scim__tenant tenant;
	char bytes[];
};

scim_status
scim__policy_new(scim_store *store, const scim_env *env,
    scim_registry *registry, scim__policy **out, scim_error *err)
{
	uint64_t generation = 0;

	/* Asked before anything is cached: what changes later is noticed. */
	scim_status rc = scim__store_generation(store, &generation, err);
	if (rc != SCIM_OK)
		return rc;
	scim__policy *policy = calloc(1, sizeof(*policy));
	if (policy == NULL)
		return scim__fail_memory(err);
	policy->store = store;
	policy->env = env == NULL ? scim_env_system() : env;
	policy->tokens = scim__cache_new(TOKENS_LOG2);
	policy->tenants = scim__cache_new(TENANTS_LOG2);
	policy->registries = scim__cache_new(REGISTRIES_LOG2);
	atomic_init(&policy->generation, generation);
	if (policy->tokens == NULL || policy->tenants == NULL ||
	    policy->registries == NULL) {
		scim__policy_free(policy);
		return scim__fail_memory(err);
	}
	policy->registry =
	    registry == NULL ? NULL : scim_registry_ref(registry);
	*out = policy;
	return SCIM_OK;
}

void
scim__policy_free(scim__policy *policy)
{
	if (policy == NULL)
		return;
	scim__cache_free(policy->tokens);
	scim__cache_free(policy->tenants);
	scim__cache_free(policy->registries);
	scim_registry_unref(policy->registry);
	free(policy);
}

void
scim__policy_forget(scim__policy *policy)
{
	scim__cache_drop_all(policy->tokens);
	scim__cache_drop_all(policy->tenants);
}

scim_status
scim__policy_commit(scim__policy *policy, scim_txn *txn, scim_error *err)
{
	scim__policy_forget(policy);
	scim_status rc = scim__store_commit(txn, err);
	scim__policy_forget(policy);
	return rc;
}

scim_status
scim__policy_refresh(scim__policy *policy, scim_error *err)
{
	uint64_t now = 0;
	scim_status rc = scim__store_generation(policy->store, &now, err);

	if (rc != SCIM_OK || now != atomic_load(&policy->generation))
		scim__policy_forget(policy);
	if (rc != SCIM_OK)
		return rc;
	atomic_store(&policy->generation, now);
	atomic_store(
	    &policy->refreshed_ms, policy->env->now_ms(policy->env->context));
	return SCIM_OK;
}

/*
 * Asks the store when it was not asked for FRESH_MS: whoever comes decides
 * that, no timer, which a busy machine would keep waiting.  While this
 * process writes nobody else can commit, and the writer looks when it
 * begins; so what is found is never older.  A store that others write to
 * meanwhile is asked each time.
 */
static scim_status
refresh_when_due(scim__policy *policy, scim_error *err)
{
	unsigned capabilities = scim_store_capabilities(policy->store);
	int64_t age = policy->env->now_ms(policy->env->context) -
	    atomic_load(&policy->refreshed_ms);

	if (age >= 0 && age < FRESH_MS &&
	    (capabilities & SCIM_STORE_REMOTE) == 0)
		return SCIM_OK;
	return scim__policy_refresh(policy, err);
}

static void
pack_principal(char *bytes, const scim__principal *from, scim__principal *out)
{
	scim__principal packed = *from;

	packed.token_id = scim__pack(&bytes, from->token_id);
	packed.token_name = scim__pack(&bytes, from->token_name);
	packed.tenant = scim__pack(&bytes, from->tenant);
	packed.subject = scim__pack(&bytes, from->subject);
	*out = packed;
}

static size_t
packed_len(const scim__principal *p)
{
	return p->token_id.len + p->token_name.len + p->tenant.len +
	    p->subject.len;
}

static uint64_t
hash_of_digest(const scim__sha256 *digest)
{
	uint64_t hash = 0;

	memcpy(&hash, digest->bytes, sizeof(hash));
	return hash;
}

static scim_str
key_of_digest(const scim__sha256 *digest)
{
	return (scim_str){ (const char *)digest->bytes, 32 };
}

static void
free_token_item(struct scim__cached *thing)
{
	free(scim__container_of(thing, struct token_item, base));
}

static struct token_item *
new_token_item(const scim__sha256 *digest, const scim__principal *principal)
{
	struct token_item *item =
	    calloc(1, sizeof(*item) + packed_len(principal));

	if (item == NULL)
		return NULL;
	item->digest = *digest;
	atomic_init(&item->base.refs, 1);
	item->base.hash = hash_of_digest(digest);
	item->base.key = key_of_digest(&item->digest);
	item->base.free = free_token_item;
	pack_principal(item->bytes, principal, &item->principal);
	return item;
}

static scim_status
fail_credential(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_CREDENTIAL,
	    "The token is unknown, revoked or expired; use another one.");
}

static scim_status
read_leaf(scim__policy *policy, scim_arena *arena, scim_shelf shelf,
    scim_str name, scim_str *out, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;

	scim_status rc =
	    scim__store_begin(policy->store, SCIM_TXN_READ, &txn, err);
	if (rc != SCIM_OK)
		return rc;
	return scim__store_leaf_get(txn, arena, shelf, name, out, err);
}

/* A reference to what the store knows of the token. */
static scim_status
load_token(scim__policy *policy, scim_arena *arena, const scim__sha256 *digest,
    struct token_item **out, scim_error *err)
{
	char name[SCIM__TOKEN_NAME_LEN];
	uint64_t drops = scim__cache_drops(policy->tokens);
	scim_str text = { NULL, 0 };
	scim__principal principal = { 0 };

	scim__base64url_into(name, digest->bytes, sizeof(digest->bytes));
	scim_str leaf = { name, sizeof(name) };
	scim_status rc =
	    read_leaf(policy, arena, SCIM_SHELF_TOKEN, leaf, &text, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return fail_credential(err);
	if (rc != SCIM_OK)
		return rc;
	rc = scim__token_read(arena, text, &principal, err);
	if (rc != SCIM_OK)
		return rc;
	principal.token_name = leaf;
	struct token_item *item = new_token_item(digest, &principal);
	if (item == NULL)
		return scim__fail_memory(err);
	scim__cache_put(policy->tokens, &item->base, drops);
	*out = item;
	return SCIM_OK;
}

static scim_status
copy_principal(const scim__policy *policy, scim_arena *arena,
    const scim__principal *from, scim__principal *out, scim_error *err)
{
	if (from->expires_ms != INT64_MAX &&
	    from->expires_ms <= policy->env->now_ms(policy->env->context))
		return fail_credential(err);
	char *bytes = scim__arena_take(arena, packed_len(from));
	if (bytes == NULL)
		return scim__fail_memory(err);
	pack_principal(bytes, from, out);
	return SCIM_OK;
}

scim_status
scim__policy_authenticate(scim__policy *policy, scim_arena *arena,
    scim_str token, scim__principal *out, scim_error *err)
{
	scim__sha256 digest;
	struct token_item *item = NULL;
	scim_status rc = refresh_when_due(policy, err);

	if (rc == SCIM_OK)
		rc = scim__hash_sha256(&token, 1, &digest, err);
	if (rc != SCIM_OK)
		return rc;
	struct scim__cached *hit = scim__cache_find(
	    policy->tokens, hash_of_digest(&digest), key_of_digest(&digest));
	if (hit != NULL)
		item = scim__container_of(hit, struct token_item, base);
	else
		rc = load_token(policy, arena, &digest, &item, err);
	if (rc != SCIM_OK)
		return rc;
	rc = copy_principal(policy, arena, &item->principal, out, err);
	scim__cached_unref(&item->base);
	return rc;
}

static void
free_tenant_item(struct scim__cached *thing)
{
	struct tenant_item *item =
	    scim__container_of(thing, struct tenant_item, base);

	scim_registry_unref(item->tenant.registry);
	free(item);
}

static struct tenant_item *
new_tenant_item(const struct scim__wanted *w, scim_str text,
    const scim_settings *settings, scim_registry *registry)
{
	struct tenant_item *item =
	    calloc(1, sizeof(*item) + w->name.len + text.len);
	char *at = item == NULL ? NULL : item->bytes;

	if (item == NULL)
		return NULL;
	atomic_init(&item->base.refs, 1);
	item->base.hash = w->hash;
	item->base.key = scim__pack(&at, w->name);
	item->base.free = free_tenant_item;
	item->tenant.name = item->base.key;
	item->tenant.text = scim__pack(&at, text);
	item->tenant.settings = *settings;
	item->tenant.registry = registry;
	return item;
}

static scim_status
read_tenant(scim__policy *policy, scim_txn *txn, const struct scim__wanted *w,
    struct tenant_item **out, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_str text = { NULL, 0 }, digest;
	scim_registry *registry = NULL;
	scim_settings settings;

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__store_leaf_get(
	    txn, arena, SCIM_SHELF_TENANT, w->name, &text, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return scim__tenant_fail_absent(err);
	if (rc == SCIM_OK)
		rc = scim__tenant_read(arena, text, &settings, &digest, err);
	if (rc == SCIM_OK && policy->registry != NULL)
		rc = scim__registries_find(
		    policy, txn, w, digest, &registry, err);
	if (rc != SCIM_OK)
		return rc;
	struct tenant_item *item =
	    new_tenant_item(w, text, &settings, registry);
	if (item == NULL) {
		scim_registry_unref(registry);
		return scim__fail_memory(err);
	}
	*out = item;
	return SCIM_OK;
}

static scim_status
load_tenant(scim__policy *policy, const struct scim__wanted *w,
    struct tenant_item **out, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	uint64_t drops = scim__cache_drops(policy->tenants);
	scim_status rc =
	    scim__store_begin(policy->store, SCIM_TXN_READ, &txn, err);

	if (rc == SCIM_OK)
		rc = read_tenant(policy, txn, w, out, err);
	if (rc == SCIM_OK)
		scim__cache_put(policy->tenants, &(*out)->base, drops);
	return rc;
}

/* FNV-1a.  Only names of tenants that exist get into the cache, so nobody
 * can fill a set by choosing names. */
static uint64_t
hash_of_name(scim_str name)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (size_t i = 0; i < name.len; i++)
		hash = (hash ^ (unsigned char)name.ptr[i]) * 0x100000001b3;
	return hash ^ hash >> 32;
}

const scim__tenant *
scim__policy_tenant(scim__policy *policy, scim_str name, scim_error *err)
{
	struct tenant_item *item = NULL;

	if (!scim__tenant_name_valid(name)) {
		(void)scim__tenant_fail_absent(err);
		return NULL;
	}
	if (refresh_when_due(policy, err) != SCIM_OK)
		return NULL;
	const struct scim__wanted w = { hash_of_name(name), name };
	struct scim__cached *hit =
	    scim__cache_find(policy->tenants, w.hash, name);
	if (hit != NULL)
		item = scim__container_of(hit, struct tenant_item, base);
	else if (load_tenant(policy, &w, &item, err) != SCIM_OK)
		return NULL;
	return &item->tenant;
}

void
scim__policy_tenant_unref(const scim__tenant *tenant)
{
	if (tenant == NULL)
		return;
	scim__cached_unref(
	    &scim__container_of(tenant, struct tenant_item, tenant)->base);
}
