/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_UNIT_POLICY_DOOR_H
#define TESTS_UNIT_POLICY_DOOR_H

#include "base/arena.h"
#include "base/error.h"
#include "lib/fixed_env.h"
#include "lib/test.h"
#include "policy/policy.h"
#include "store/store.h"

#define NOW INT64_C(1763766000000)

/* A policy over an empty store in memory, whose generation the test sets. */
struct door {
	struct fixed_env env;
	scim_store_ops ops;
	scim_store *store;
	scim__policy *policy;
	scim_arena *arena;
};

static uint64_t door_generation;

static inline scim_status
tell_generation(scim_store *store, uint64_t *out, scim_error *err)
{
	(void)store;
	if (door_generation == UINT64_MAX)
		return scim__fail(err, SCIM_ERR_STORE, "As planned.");
	*out = door_generation;
	return SCIM_OK;
}

static inline scim__policy *
open_policy(struct door *d)
{
	scim__policy *policy = NULL;

	assert_int_equal(
	    scim__policy_new(d->store, &d->env.env, NULL, &policy, NULL),
	    SCIM_OK);
	return policy;
}

static inline void
door_open(struct door *d)
{
	*d = (struct door){ .store = NULL };
	fixed_env_init(&d->env, NOW, 1);
	assert_int_equal(
	    scim_store_open_memory(&d->env.env, &d->store, NULL), SCIM_OK);
	d->ops = *d->store->ops;
	d->ops.generation = tell_generation;
	d->store->ops = &d->ops;
	door_generation = 1;
	d->policy = open_policy(d);
	d->arena = scim_arena_new(NULL);
	assert_non_null(d->arena);
}

static inline void
door_close(struct door *d)
{
	scim__policy_free(d->policy);
	scim_arena_free(d->arena);
	scim_store_close(d->store);
}

/* Makes a tenant with up to two settings. */
static inline void
make_tenant(struct door *d, const char *name, const char *a, const char *b)
{
	const scim_str settings[] = { scim__str(a), scim__str(b) };
	size_t count = a == NULL ? 0 : b == NULL ? 1 : 2;

	assert_int_equal(scim__tenant_create(
			     d->policy, scim__str(name), settings, count, NULL),
	    SCIM_OK);
}

/* A token of the tenant with scope read; its id too, unless NULL. */
static inline scim_str
make_token(struct door *d, const char *tenant, scim_str *out_id)
{
	const struct scim__token_request request = {
		.tenant = scim__str(tenant),
		.scopes = SCIM__SCOPE_READ,
		.expires_ms = INT64_MAX,
	};
	scim_str id = { NULL, 0 }, token = { NULL, 0 };

	assert_int_equal(scim__token_create(
			     d->policy, d->arena, &request, &id, &token, NULL),
	    SCIM_OK);
	if (out_id != NULL)
		*out_id = id;
	return token;
}

static inline scim_status
come_in(scim__policy *policy, scim_arena *arena, scim_str token)
{
	scim__principal who = { .scopes = POISON };
	scim_status rc =
	    scim__policy_authenticate(policy, arena, token, &who, NULL);

	if (rc != SCIM_OK)
		assert_int_equal(who.scopes, POISON);
	return rc;
}

#endif
