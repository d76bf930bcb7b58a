/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_POLICY_PRIVATE_H
#define SCIM_POLICY_PRIVATE_H

/* What the files of this folder share. */

#include <string.h>

#include "base/cache.h"
#include "base/hash.h"
#include "policy/policy.h"
#include "store/store.h"
#include "json/value.h"

#define SCIM__TOKEN_NAME_LEN 43 /* of a SHA-256 in base64url */

struct scim__policy {
	scim_store *store;
	const scim_env *env;
	scim_registry *registry;
	scim__cache *tokens;  /* by SHA-256 of the token */
	scim__cache *tenants; /* by name */
	/* Registries of tenants with schemas of their own, by the tenant's
	 * name.  Never dropped: each says by which digest it was made. */
	scim__cache *registries;
	_Atomic uint64_t generation;
	_Atomic int64_t refreshed_ms; /* when the store was last asked */
};

/*
 * Ends a transaction that takes something away or changes it.  The caches
 * are emptied before the commit, so that nobody who sees it also finds what
 * was; and after it, as a reader in between still reads and keeps the old.
 */
SCIM_MUST_USE scim_status scim__policy_commit(
    scim__policy *policy, scim_txn *txn, scim_error *err);

/* `s` copied to `*at`, which moves on. */
static inline scim_str
scim__pack(char **at, scim_str s)
{
	scim_str copy = { *at, s.len };

	if (s.len > 0)
		memcpy(*at, s.ptr, s.len);
	*at += s.len;
	return copy;
}

/* What to go through: documents of a shelf whose name starts with `prefix`. */
struct scim__visit {
	scim_store *store;
	scim_txn *txn; /* NULL: one for each page, closed before `each` */
	scim_shelf shelf;
	scim_str prefix;
	/* May write the document it is called for; what it makes in `arena`
	 * lasts for a page. */
	scim_status (*each)(void *context, scim_arena *arena,
	    const scim_leaf *leaf, scim_error *err);
	void *context;
};
SCIM_MUST_USE scim_status scim__policy_visit(
    const struct scim__visit *visit, scim_error *err);

/* Writes a document as canonical JSON. */
SCIM_MUST_USE scim_status scim__policy_put(scim_txn *txn, scim_arena *arena,
    scim_shelf shelf, scim_str name, const scim__value *document,
    scim_error *err);

/* [a-z0-9][a-z0-9._-]{0,62} */
bool scim__tenant_name_valid(scim_str name);

scim_status scim__tenant_fail_absent(scim_error *err);

/* The settings that a document on the shelf of tenants makes, and the digest
 * of its own schemas: empty for none. */
SCIM_MUST_USE scim_status scim__tenant_read(scim_arena *arena, scim_str text,
    scim_settings *out, scim_str *out_digest, scim_error *err);

/* A registry of the policy's schemas and the tenant's own. */
SCIM_MUST_USE scim_status scim__tenant_registry(const scim__policy *policy,
    scim_txn *txn, scim_str tenant, scim_registry **out, scim_error *err);

/* A tenant that is looked for. */
struct scim__wanted {
	uint64_t hash;
	scim_str name;
};

/* A reference to its registry of this digest; empty: none of its own. */
SCIM_MUST_USE scim_status scim__registries_find(scim__policy *policy,
    scim_txn *txn, const struct scim__wanted *w, scim_str digest,
    scim_registry **out, scim_error *err);

/* A change of schemas, in the write transaction that makes it. */
struct scim__recheck {
	scim_txn *txn;
	scim_str tenant;
	const scim_registry *old, *new;
	struct scim__schema_change *result;
};

/* Looks at every resource of what changes, and gives it the rows that it now
 * has to have.  SCIM_ERR_EXISTS: one of them does not fit. */
SCIM_MUST_USE scim_status scim__recheck(
    const struct scim__recheck *recheck, scim_error *err);

/* Makes sure that the tenant is there; says whether it had to. */
SCIM_MUST_USE scim_status scim__tenant_ensure(scim__policy *policy,
    scim_txn *txn, scim_arena *arena, scim_str name, bool *out_made,
    scim_error *err);

/* The principal that a document on the shelf of tokens describes.  Its
 * strings are `text`'s or the arena's. */
SCIM_MUST_USE scim_status scim__token_read(
    scim_arena *arena, scim_str text, scim__principal *out, scim_error *err);

/* Who the token stands for, expired or not; SCIM_ERR_NOT_FOUND. */
SCIM_MUST_USE scim_status scim__token_get(scim_txn *txn, scim_arena *arena,
    scim_str secret, scim__principal *out, scim_error *err);

/* Lets the token stand for `token`, to which it gives a fresh id. */
SCIM_MUST_USE scim_status scim__token_put(scim__policy *policy, scim_txn *txn,
    scim_arena *arena, scim_str secret, scim__principal *token,
    scim_error *err);

/* Takes away every token of a tenant. */
SCIM_MUST_USE scim_status scim__token_remove_all(
    scim_txn *txn, scim_str tenant, scim_error *err);

#endif
