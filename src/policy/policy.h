/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_POLICY_POLICY_H
#define SCIM_POLICY_POLICY_H

/*
 * Who may do what: tenants with their settings and schemas, tokens with
 * their scopes.  Kept on the store's shelves, cached here, and dropped from
 * the cache before the commit that changes them.
 */

#include <stdbool.h>

#include "scimd/schema.h"
#include "scimd/settings.h"
#include "scimd/store.h"

typedef struct scim__policy scim__policy;
struct scim__resource_type;
struct scim__value;
struct scim_txn;

enum scim__scope {
	SCIM__SCOPE_READ = 1 << 0,
	SCIM__SCOPE_WRITE = 1 << 1,
	SCIM__SCOPE_ADMIN = 1 << 2,
	SCIM__SCOPE_METRICS = 1 << 3
};

/* A tenant as requests use it; immutable, shared. */
typedef struct scim__tenant {
	scim_str name;
	scim_str text; /* its document: another one, another tenant */
	scim_settings settings;
	scim_registry *registry;
} scim__tenant;

/* Who a token says its bearer is; strings owned by the arena given. */
typedef struct scim__principal {
	scim_str token_id;
	scim_str token_name; /* on SCIM_SHELF_TOKEN, as long as it is good */
	scim_str tenant;
	unsigned scopes;    /* enum scim__scope, or-ed */
	scim_str subject;   /* id of what it stands for; empty for none */
	int64_t expires_ms; /* INT64_MAX: never */
} scim__principal;

/* What a new token may do. */
struct scim__token_request {
	scim_str tenant;
	unsigned scopes;
	scim_str subject;
	int64_t expires_ms; /* INT64_MAX: never */
};

/* `registry` is what tenants without schemas of their own use; shared.  NULL
 * for those who only look after tenants and tokens. */
SCIM_MUST_USE scim_status scim__policy_new(scim_store *store,
    const scim_env *env, scim_registry *registry, scim__policy **out,
    scim_error *err);
void scim__policy_free(scim__policy *policy);

/*
 * SCIM_ERR_CREDENTIAL when nobody knows the token, or it has expired.  A
 * token revoked by this process fails from then on, one revoked by another
 * within 10 ms, or at once with SCIM_STORE_REMOTE; scim__policy_refresh() is
 * what brings the news.
 */
SCIM_MUST_USE scim_status scim__policy_authenticate(scim__policy *policy,
    scim_arena *arena, scim_str token, scim__principal *out, scim_error *err);

/* A reference, or NULL with SCIM_ERR_NOT_FOUND in `err`. */
const scim__tenant *scim__policy_tenant(
    scim__policy *policy, scim_str name, scim_error *err);
void scim__policy_tenant_unref(const scim__tenant *tenant);

/*
 * The type of the resource that a token's subject is the id of.
 * SCIM_ERR_NOT_FOUND: it is empty, or there is none of that id.
 */
SCIM_MUST_USE scim_status scim__policy_subject(scim__policy *policy,
    scim_arena *arena, const scim__tenant *tenant, scim_str subject,
    const struct scim__resource_type **out, scim_error *err);

/*
 * Asks the store whether another process wrote, and forgets what is cached
 * if so.  scim__policy_authenticate() does so itself when nobody did for
 * 5 ms.
 */
SCIM_MUST_USE scim_status scim__policy_refresh(
    scim__policy *policy, scim_error *err);

/* Forgets what is cached. */
void scim__policy_forget(scim__policy *policy);

/* Tenants.  `settings` are "key=value" texts, checked before anything is
 * written; the stored form is what was said, so that defaults may change. */
SCIM_MUST_USE scim_status scim__tenant_create(scim__policy *policy,
    scim_str name, const scim_str *settings, size_t count, scim_error *err);
SCIM_MUST_USE scim_status scim__tenant_set(scim__policy *policy, scim_str name,
    const scim_str *settings, size_t count, scim_error *err);
SCIM_MUST_USE scim_status scim__tenant_delete(
    scim__policy *policy, scim_str name, scim_error *err);

/* The settings said, an OBJECT, in the document of a tenant (its `text`). */
SCIM_MUST_USE scim_status scim__tenant_said(
    scim_arena *arena, scim_str text, struct scim__value *out, scim_error *err);

/* Calls `each` with name and the settings said, as "k=v k=v". */
SCIM_MUST_USE scim_status scim__tenant_each(scim__policy *policy,
    void (*each)(void *context, scim_str name, scim_str settings),
    void *context, scim_error *err);

/* What a change of schemas came to. */
struct scim__schema_change {
	size_t documents;
	uint64_t looked_at; /* resources */
	uint64_t indexed;   /* of them with other index or unique rows now */
};

/*
 * Schemas and resource types of a tenant's own, on top of those that the
 * policy was made with; one with an id that is there replaces it.  Effective
 * at once, or not at all: SCIM_ERR_INVALID when they make no registry,
 * SCIM_ERR_EXISTS when the tenant has resources that would not fit it.
 */
SCIM_MUST_USE scim_status scim__tenant_schemas_add(scim__policy *policy,
    scim_str tenant, const scim_schema_source *sources, size_t count,
    struct scim__schema_change *out, scim_error *err);

/* What a tenant has of its own, schemas first, as `txn` sees it. */
struct scim__definition;
SCIM_MUST_USE scim_status scim__tenant_schemas_read(struct scim_txn *txn,
    scim_arena *arena, scim_str tenant, struct scim__definition **out,
    size_t *out_count, scim_error *err);

/* Takes away those with these ids; SCIM_ERR_NOT_FOUND, and as above. */
SCIM_MUST_USE scim_status scim__tenant_schemas_remove(scim__policy *policy,
    scim_str tenant, const scim_str *ids, size_t count,
    struct scim__schema_change *out, scim_error *err);
SCIM_MUST_USE scim_status scim__tenant_schemas_each(scim__policy *policy,
    scim_str tenant, void (*each)(void *context, bool is_type, scim_str id),
    void *context, scim_error *err);

/* A fresh token: its id and the secret itself, shown this once. */
SCIM_MUST_USE scim_status scim__token_create(scim__policy *policy,
    scim_arena *arena, const struct scim__token_request *request,
    scim_str *out_id, scim_str *out_token, scim_error *err);
SCIM_MUST_USE scim_status scim__token_revoke(
    scim__policy *policy, scim_str id, scim_error *err);
SCIM_MUST_USE scim_status scim__token_each(scim__policy *policy,
    void (*each)(void *context, scim_str id,
	const struct scim__token_request *token, int64_t created_ms),
    void *context, scim_error *err);

/*
 * Makes sure that tenant `default` exists and `token` opens it with read,
 * write and admin; again is a no-op.  SCIM_ERR_INVALID unless `token` is a
 * b64token (RFC 6750 2.1) of 16 characters or more.
 */
SCIM_MUST_USE scim_status scim__policy_bootstrap(
    scim__policy *policy, scim_str token, scim_error *err);

/* Whether any tenant exists. */
SCIM_MUST_USE scim_status scim__policy_is_empty(
    scim__policy *policy, bool *out, scim_error *err);

#endif
