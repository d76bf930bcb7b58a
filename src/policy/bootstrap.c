/* SPDX-License-Identifier: Apache-2.0 */
/*
 * How a store gets its first tenant and its first token.
 *
 * The operator may choose the token, so that a deployment is one file of
 * settings; starting again with the same one changes nothing.  A token that
 * already opens another door is refused, lest a typing error move it.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "policy/private.h"

enum {
	SCOPES = SCIM__SCOPE_READ | SCIM__SCOPE_WRITE | SCIM__SCOPE_ADMIN,
	SHORTEST = 16,
	LONGEST = 1024
};

/* b64token of RFC 6750 section 2.1. */
static bool
is_b64token(scim_str s)
{
	size_t i = 0;

	while (i < s.len && s.ptr[i] != '\0' &&
	    strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
		   "0123456789-._~+/",
		s.ptr[i]) != NULL)
		i++;
	bool has_body = i > 0;
	while (i < s.len && s.ptr[i] == '=')
		i++;
	return has_body && i == s.len;
}

static bool
opens_default(const scim__policy *policy, const scim__principal *token)
{
	return (token->scopes & SCOPES) == SCOPES &&
	    token->expires_ms > policy->env->now_ms(policy->env->context);
}

static scim_status
ensure_token(scim__policy *policy, scim_txn *txn, scim_arena *arena,
    scim_str secret, bool *out_made, scim_error *err)
{
	scim__principal wanted = {
		.tenant = SCIM_STR("default"),
		.scopes = SCOPES,
		.expires_ms = INT64_MAX,
	};
	scim__principal have = { 0 };
	scim_status rc = scim__token_get(txn, arena, secret, &have, err);

	if (rc == SCIM_OK && !scim__str_equal(have.tenant, wanted.tenant))
		return scim__fail(err, SCIM_ERR_EXISTS,
		    "The bootstrap token opens another tenant already; choose"
		    " another one.");
	if (rc == SCIM_OK && opens_default(policy, &have)) {
		*out_made = false;
		return SCIM_OK;
	}
	if (rc == SCIM_OK || rc == SCIM_ERR_NOT_FOUND)
		rc = scim__token_put(policy, txn, arena, secret, &wanted, err);
	if (rc == SCIM_OK)
		*out_made = true;
	return rc;
}

scim_status
scim__policy_bootstrap(scim__policy *policy, scim_str token, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	bool made_tenant = false, made_token = false;

	if (arena == NULL)
		return scim__fail_memory(err);
	if (token.len < SHORTEST || token.len > LONGEST || !is_b64token(token))
		return scim__fail(err, SCIM_ERR_INVALID,
		    "A bootstrap token has 16 to 1,024 letters, digits and any"
		    " of -._~+/, and may end in =.");
	scim_status rc =
	    scim__store_begin(policy->store, SCIM_TXN_WRITE, &txn, err);
	if (rc == SCIM_OK)
		rc = scim__tenant_ensure(
		    policy, txn, arena, SCIM_STR("default"), &made_tenant, err);
	if (rc == SCIM_OK)
		rc = ensure_token(policy, txn, arena, token, &made_token, err);
	if (rc != SCIM_OK || (!made_tenant && !made_token))
		return rc;
	return scim__policy_commit(policy, scim__take(txn), err);
}

scim_status
scim__policy_is_empty(scim__policy *policy, bool *out, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_leaf *leaves = NULL;
	size_t count = 0;

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc =
	    scim__store_begin(policy->store, SCIM_TXN_READ, &txn, err);
	if (rc == SCIM_OK)
		rc = scim__store_leaves(txn, arena, SCIM_SHELF_TENANT,
		    (scim_str){ NULL, 0 }, 1, &leaves, &count, err);
	if (rc == SCIM_OK)
		*out = count == 0;
	return rc;
}
