/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Tokens: 32 random bytes whose holder is somebody.
 *
 *	{"created":…,"expires":…,"id":"…","scopes":3,"subject":"…","tenant":"…"}
 *
 * The document stands under the SHA-256 of the token, so that using a token
 * is one lookup and nobody who reads the store can use any.  A digest
 * without salt or stretching is enough here: what was drawn from 2^256 is
 * found by no dictionary.  The id is for people: it lists and revokes, and
 * opens nothing.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/ids.h"
#include "base/str.h"
#include "policy/private.h"
#include "json/json.h"

enum {
	ALL_SCOPES = SCIM__SCOPE_READ | SCIM__SCOPE_WRITE | SCIM__SCOPE_ADMIN |
	    SCIM__SCOPE_METRICS,
	SECRET_BYTES = 32,
	SUBJECT_MOST = 256
};

struct name {
	char bytes[SCIM__TOKEN_NAME_LEN];
};

static scim_str
name_str(const struct name *name)
{
	return (scim_str){ name->bytes, sizeof(name->bytes) };
}

static scim_status
name_token(scim_str token, struct name *out, scim_error *err)
{
	scim__sha256 digest;
	scim_status rc = scim__hash_sha256(&token, 1, &digest, err);

	if (rc == SCIM_OK)
		scim__base64url_into(
		    out->bytes, digest.bytes, sizeof(digest.bytes));
	return rc;
}

struct stored {
	scim__principal principal;
	int64_t created_ms;
};

static bool
get_integer(const scim__value *document, scim_str name, int64_t *out)
{
	const scim__value *v = scim__object_find(document, name);

	if (v == NULL || v->kind != SCIM__INTEGER)
		return false;
	*out = v->integer;
	return true;
}

static scim_status
read_stored(
    scim_arena *arena, scim_str text, struct stored *out, scim_error *err)
{
	scim__value v;
	struct stored s = { .principal.expires_ms = INT64_MAX };
	int64_t scopes = 0;
	scim_status rc = scim__json_parse_trusted(arena, text, &v, err);

	if (rc == SCIM_ERR_NO_MEMORY)
		return rc;
	if (rc != SCIM_OK || !get_integer(&v, SCIM_STR("scopes"), &scopes) ||
	    (scopes | ALL_SCOPES) != ALL_SCOPES ||
	    !get_integer(&v, SCIM_STR("created"), &s.created_ms))
		return scim__fail(err, SCIM_ERR_STORE,
		    "The stored form of a token can't be read; the store is"
		    " damaged.");
	s.principal.scopes = (unsigned)scopes;
	s.principal.token_id = scim__object_get_string(&v, SCIM_STR("id"));
	s.principal.tenant = scim__object_get_string(&v, SCIM_STR("tenant"));
	s.principal.subject = scim__object_get_string(&v, SCIM_STR("subject"));
	(void)get_integer(&v, SCIM_STR("expires"), &s.principal.expires_ms);
	*out = s;
	return SCIM_OK;
}

scim_status
scim__token_read(
    scim_arena *arena, scim_str text, scim__principal *out, scim_error *err)
{
	struct stored stored;
	scim_status rc = read_stored(arena, text, &stored, err);

	if (rc == SCIM_OK)
		*out = stored.principal;
	return rc;
}

static scim_status
new_document(scim__policy *policy, scim_arena *arena,
    const scim__principal *token, scim__value *out, scim_error *err)
{
	int64_t now = policy->env->now_ms(policy->env->context);
	scim__value v = scim__value_object();
	bool ok = scim__object_add(arena, &v, SCIM_STR("id"),
		      scim__value_string(token->token_id)) &&
	    scim__object_add(arena, &v, SCIM_STR("tenant"),
		scim__value_string(token->tenant)) &&
	    scim__object_add(arena, &v, SCIM_STR("scopes"),
		scim__value_integer(token->scopes)) &&
	    scim__object_add(
		arena, &v, SCIM_STR("created"), scim__value_integer(now));

	if (ok && token->subject.len > 0)
		ok = scim__object_add(arena, &v, SCIM_STR("subject"),
		    scim__value_string(token->subject));
	if (ok && token->expires_ms != INT64_MAX)
		ok = scim__object_add(arena, &v, SCIM_STR("expires"),
		    scim__value_integer(token->expires_ms));
	if (!ok)
		return scim__fail_memory(err);
	*out = v;
	return SCIM_OK;
}

scim_status
scim__token_get(scim_txn *txn, scim_arena *arena, scim_str secret,
    scim__principal *out, scim_error *err)
{
	struct name name;
	scim_str text = { NULL, 0 };
	scim_status rc = name_token(secret, &name, err);

	if (rc == SCIM_OK)
		rc = scim__store_leaf_get(
		    txn, arena, SCIM_SHELF_TOKEN, name_str(&name), &text, err);
	if (rc == SCIM_OK)
		rc = scim__token_read(arena, text, out, err);
	return rc;
}

scim_status
scim__token_put(scim__policy *policy, scim_txn *txn, scim_arena *arena,
    scim_str secret, scim__principal *token, scim_error *err)
{
	char id[SCIM__UUID_LEN + 1];
	scim__value document;
	struct name name;

	scim__uuid_make(policy->env, id);
	token->token_id = scim__str_copy(arena, scim__str(id));
	if (token->token_id.ptr == NULL)
		return scim__fail_memory(err);
	scim_status rc = name_token(secret, &name, err);
	if (rc == SCIM_OK)
		rc = new_document(policy, arena, token, &document, err);
	if (rc == SCIM_OK)
		rc = scim__policy_put(txn, arena, SCIM_SHELF_TOKEN,
		    name_str(&name), &document, err);
	return rc;
}

static scim_status
make_secret(
    scim__policy *policy, scim_arena *arena, scim_str *out, scim_error *err)
{
	unsigned char bytes[SECRET_BYTES];
	char text[SCIM__TOKEN_NAME_LEN];

	policy->env->random(policy->env->context, bytes, sizeof(bytes));
	scim__base64url_into(text, bytes, sizeof(bytes));
	*out = scim__str_format(arena, "scimd_%.*s", (int)sizeof(text), text);
	explicit_bzero(bytes, sizeof(bytes));
	explicit_bzero(text, sizeof(text));
	return out->ptr == NULL ? scim__fail_memory(err) : SCIM_OK;
}

static scim_status
check_request(const struct scim__token_request *request, scim_error *err)
{
	if (request->scopes == 0 ||
	    (request->scopes | ALL_SCOPES) != ALL_SCOPES)
		return scim__fail(err, SCIM_ERR_INVALID,
		    "A token has one or more of the scopes read, write, admin"
		    " and metrics.");
	if (request->subject.len > SUBJECT_MOST ||
	    !scim__utf8_valid(request->subject))
		return scim__fail(err, SCIM_ERR_INVALID,
		    "The subject is the id of a user, up to 256 bytes.");
	return SCIM_OK;
}

static scim_status
require_tenant(scim_txn *txn, scim_arena *arena, scim_str name, scim_error *err)
{
	scim_str text = { NULL, 0 };

	if (!scim__tenant_name_valid(name))
		return scim__tenant_fail_absent(err);
	scim_status rc = scim__store_leaf_get(
	    txn, arena, SCIM_SHELF_TENANT, name, &text, err);
	return rc == SCIM_ERR_NOT_FOUND ? scim__tenant_fail_absent(err) : rc;
}

scim_status
scim__token_create(scim__policy *policy, scim_arena *arena,
    const struct scim__token_request *request, scim_str *out_id,
    scim_str *out_token, scim_error *err)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim__principal token = {
		.tenant = request->tenant,
		.scopes = request->scopes,
		.subject = request->subject,
		.expires_ms = request->expires_ms,
	};
	scim_str secret = { NULL, 0 };

	scim_status rc = check_request(request, err);
	if (rc == SCIM_OK)
		rc = make_secret(policy, arena, &secret, err);
	if (rc == SCIM_OK)
		rc =
		    scim__store_begin(policy->store, SCIM_TXN_WRITE, &txn, err);
	if (rc == SCIM_OK)
		rc = require_tenant(txn, arena, request->tenant, err);
	if (rc == SCIM_OK)
		rc = scim__token_put(policy, txn, arena, secret, &token, err);
	if (rc == SCIM_OK)
		rc = scim__store_commit(scim__take(txn), err);
	if (rc != SCIM_OK)
		return rc;
	*out_id = token.token_id;
	*out_token = secret;
	return SCIM_OK;
}

/* Which document an id is in.  Revoking is rare, so nothing is kept to find
 * it faster than by looking at all. */
struct search {
	scim_str id;
	struct name name;
	bool found;
};

static scim_status
match_id(
    void *context, scim_arena *arena, const scim_leaf *leaf, scim_error *err)
{
	struct search *search = context;
	scim__principal principal;
	scim_status rc = scim__token_read(arena, leaf->value, &principal, err);

	if (rc == SCIM_OK && leaf->name.len == sizeof(search->name.bytes) &&
	    scim__str_equal(principal.token_id, search->id)) {
		memcpy(search->name.bytes, leaf->name.ptr, leaf->name.len);
		search->found = true;
	}
	return rc;
}

static scim_status
fail_id(scim_error *err)
{
	return scim__fail(err, SCIM_ERR_NOT_FOUND,
	    "There is no token of this id; it may be revoked already.");
}

scim_status
scim__token_revoke(scim__policy *policy, scim_str id, scim_error *err)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct search search = { .id = id };
	struct scim__visit visit = {
		.store = policy->store,
		.shelf = SCIM_SHELF_TOKEN,
		.each = match_id,
		.context = &search,
	};
	scim_str text = { NULL, 0 };

	if (arena == NULL)
		return scim__fail_memory(err);
	scim_status rc = scim__policy_visit(&visit, err);
	if (rc != SCIM_OK)
		return rc;
	if (!search.found)
		return fail_id(err);
	rc = scim__store_begin(policy->store, SCIM_TXN_WRITE, &txn, err);
	if (rc != SCIM_OK)
		return rc;
	rc = scim__store_leaf_get(
	    txn, arena, SCIM_SHELF_TOKEN, name_str(&search.name), &text, err);
	if (rc == SCIM_ERR_NOT_FOUND)
		return fail_id(err);
	if (rc == SCIM_OK)
		rc = scim__store_leaf_put(txn, SCIM_SHELF_TOKEN,
		    name_str(&search.name), (scim_str){ NULL, 0 }, err);
	if (rc != SCIM_OK)
		return rc;
	return scim__policy_commit(policy, scim__take(txn), err);
}

struct tenant_search {
	scim_txn *txn;
	scim_str tenant;
};

static scim_status
remove_of_tenant(
    void *context, scim_arena *arena, const scim_leaf *leaf, scim_error *err)
{
	const struct tenant_search *search = context;
	scim__principal principal;
	scim_status rc = scim__token_read(arena, leaf->value, &principal, err);

	if (rc != SCIM_OK || !scim__str_equal(principal.tenant, search->tenant))
		return rc;
	return scim__store_leaf_put(search->txn, SCIM_SHELF_TOKEN, leaf->name,
	    (scim_str){ NULL, 0 }, err);
}

scim_status
scim__token_remove_all(scim_txn *txn, scim_str tenant, scim_error *err)
{
	struct tenant_search search = { txn, tenant };
	struct scim__visit visit = {
		.store = txn->store,
		.txn = txn,
		.shelf = SCIM_SHELF_TOKEN,
		.each = remove_of_tenant,
		.context = &search,
	};

	return scim__policy_visit(&visit, err);
}

struct teller {
	void (*each)(void *context, scim_str id,
	    const struct scim__token_request *token, int64_t created_ms);
	void *context;
};

static scim_status
tell_token(
    void *context, scim_arena *arena, const scim_leaf *leaf, scim_error *err)
{
	const struct teller *teller = context;
	struct stored stored;
	scim_status rc = read_stored(arena, leaf->value, &stored, err);

	if (rc != SCIM_OK)
		return rc;
	const struct scim__token_request shown = {
		.tenant = stored.principal.tenant,
		.scopes = stored.principal.scopes,
		.subject = stored.principal.subject,
		.expires_ms = stored.principal.expires_ms,
	};
	teller->each(teller->context, stored.principal.token_id, &shown,
	    stored.created_ms);
	return SCIM_OK;
}

scim_status
scim__token_each(scim__policy *policy,
    void (*each)(void *context, scim_str id,
	const struct scim__token_request *token, int64_t created_ms),
    void *context, scim_error *err)
{
	struct teller teller = { each, context };
	struct scim__visit visit = {
		.store = policy->store,
		.shelf = SCIM_SHELF_TOKEN,
		.each = tell_token,
		.context = &teller,
	};

	return scim__policy_visit(&visit, err);
}
