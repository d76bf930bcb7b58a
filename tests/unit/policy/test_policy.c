/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/policy/door.h"

#include <pthread.h>
#include <stdatomic.h>

static void
an_unknown_token_is_refused_until_it_is_made(void **state)
{
	struct door d;

	door_open(&d);
	make_tenant(&d, "default", NULL, NULL);
	scim_str later = SCIM_STR("a-token-to-be-0001");
	assert_int_equal(
	    come_in(d.policy, d.arena, later), SCIM_ERR_CREDENTIAL);
	assert_int_equal(
	    come_in(d.policy, d.arena, SCIM_STR("")), SCIM_ERR_CREDENTIAL);

	assert_int_equal(
	    scim__policy_bootstrap(d.policy, later, NULL), SCIM_OK);

	assert_int_equal(come_in(d.policy, d.arena, later), SCIM_OK);
	door_close(&d);
}

static void
an_expired_token_is_refused_though_cached(void **state)
{
	struct door d;

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	const struct scim__token_request request = {
		.tenant = SCIM_STR("acme"),
		.scopes = SCIM__SCOPE_READ,
		.expires_ms = NOW + 1000,
	};
	scim_str id = { NULL, 0 }, token = { NULL, 0 };
	assert_int_equal(
	    scim__token_create(d.policy, d.arena, &request, &id, &token, NULL),
	    SCIM_OK);
	d.env.now_ms = NOW + 999;
	assert_int_equal(come_in(d.policy, d.arena, token), SCIM_OK);
	d.env.now_ms = NOW + 1000;
	assert_int_equal(
	    come_in(d.policy, d.arena, token), SCIM_ERR_CREDENTIAL);
	scim__policy *fresh = open_policy(&d);
	assert_int_equal(come_in(fresh, d.arena, token), SCIM_ERR_CREDENTIAL);
	scim__policy_free(fresh);
	door_close(&d);
}

static void
news_of_another_process_empties_the_cache(void **state)
{
	struct door d;
	scim_str id = { NULL, 0 };
	const scim_str strong[] = { SCIM_STR("etag=strong") };

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	scim_str token = make_token(&d, "acme", &id);
	scim__policy *here = open_policy(&d);
	assert_int_equal(come_in(here, d.arena, token), SCIM_OK);
	const scim__tenant *t =
	    scim__policy_tenant(here, SCIM_STR("acme"), NULL);
	scim__policy_tenant_unref(t);

	assert_int_equal(scim__token_revoke(d.policy, id, NULL), SCIM_OK);
	assert_int_equal(
	    scim__tenant_set(d.policy, SCIM_STR("acme"), strong, 1, NULL),
	    SCIM_OK);
	assert_int_equal(scim__policy_refresh(here, NULL), SCIM_OK);
	/* nobody said anything yet, and what is cached is used */
	assert_int_equal(come_in(here, d.arena, token), SCIM_OK);
	door_generation++;
	assert_int_equal(scim__policy_refresh(here, NULL), SCIM_OK);

	assert_int_equal(come_in(here, d.arena, token), SCIM_ERR_CREDENTIAL);
	t = scim__policy_tenant(here, SCIM_STR("acme"), NULL);
	assert_int_equal(t->settings.etag, SCIM_ETAG_STRONG);
	scim__policy_tenant_unref(t);
	scim__policy_free(here);
	door_close(&d);
}

static void
no_news_is_reason_to_forget_too(void **state)
{
	struct door d;
	scim_str id = { NULL, 0 };

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	scim_str token = make_token(&d, "acme", &id);
	scim__policy *here = open_policy(&d);
	assert_int_equal(come_in(here, d.arena, token), SCIM_OK);
	assert_int_equal(scim__token_revoke(d.policy, id, NULL), SCIM_OK);

	door_generation = UINT64_MAX;
	assert_int_equal(scim__policy_refresh(here, NULL), SCIM_ERR_STORE);

	assert_int_equal(come_in(here, d.arena, token), SCIM_ERR_CREDENTIAL);
	scim__policy_free(here);
	door_close(&d);
}

/* Commits of this store take a moment, in which others read the old state. */
static scim_status (*real_commit)(scim_txn *txn, scim_error *err);
static struct door *slow_door;
static scim_str slow_token;

static scim_status
commit_while_somebody_comes_in(scim_txn *txn, scim_error *err)
{
	scim_arena *arena = scim_arena_new(NULL);

	assert_int_equal(
	    come_in(slow_door->policy, arena, slow_token), SCIM_OK);
	scim_arena_free(arena);
	return real_commit(txn, err);
}

static void
who_comes_in_during_the_commit_is_not_kept(void **state)
{
	struct door d;
	scim_str id = { NULL, 0 };

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	slow_door = &d;
	slow_token = make_token(&d, "acme", &id);
	real_commit = d.ops.commit;
	d.ops.commit = commit_while_somebody_comes_in;

	assert_int_equal(scim__token_revoke(d.policy, id, NULL), SCIM_OK);

	assert_int_equal(
	    come_in(d.policy, d.arena, slow_token), SCIM_ERR_CREDENTIAL);
	door_close(&d);
}

struct crowd {
	scim__policy *policy;
	scim_str tokens[50];
	atomic_uint revoked; /* those before this one */
	atomic_uint stop, wrong;
};

static void *
come_and_go(void *argument)
{
	struct crowd *crowd = argument;
	scim_arena *arena = scim_arena_new(NULL);

	for (unsigned i = 0; atomic_load(&crowd->stop) == 0; i++) {
		unsigned n = i % scim__countof(crowd->tokens);
		unsigned gone = atomic_load(&crowd->revoked);
		scim_status rc =
		    come_in(crowd->policy, arena, crowd->tokens[n]);

		if (n < gone && rc != SCIM_ERR_CREDENTIAL)
			(void)atomic_fetch_add(&crowd->wrong, 1);
		scim_arena_reset(arena);
	}
	scim_arena_free(arena);
	return NULL;
}

static void
nobody_comes_in_once_revoking_has_ended(void **state)
{
	struct door d;
	struct crowd crowd = { 0 };
	pthread_t threads[4];
	scim_str ids[scim__countof(crowd.tokens)];

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	crowd.policy = d.policy;
	for (size_t i = 0; i < scim__countof(ids); i++)
		crowd.tokens[i] = make_token(&d, "acme", &ids[i]);
	for (size_t i = 0; i < scim__countof(threads); i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, come_and_go, &crowd), 0);
	for (size_t i = 0; i < scim__countof(ids); i++) {
		assert_int_equal(
		    scim__token_revoke(d.policy, ids[i], NULL), SCIM_OK);
		atomic_store(&crowd.revoked, (unsigned)i + 1);
	}
	atomic_store(&crowd.stop, 1);
	for (size_t i = 0; i < scim__countof(threads); i++)
		assert_int_equal(pthread_join(threads[i], NULL), 0);

	assert_int_equal(crowd.wrong, 0);
	door_close(&d);
}

static scim_status
ask(scim_arena *arena, void *context)
{
	struct door *d = context;
	scim__policy *policy = open_policy(d);
	scim__principal who = { .scopes = POISON };
	scim_status rc =
	    scim__policy_authenticate(policy, arena, slow_token, &who, NULL);

	if (rc != SCIM_OK)
		assert_int_equal(who.scopes, POISON);
	scim__policy_free(policy);
	return rc;
}

static void
without_memory_nobody_comes_in_and_nothing_leaks(void **state)
{
	struct door d;

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	slow_token = make_token(&d, "acme", NULL);
	assert_true(test_fail_each_allocation(ask, &d) > 0);
	door_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_unknown_token_is_refused_until_it_is_made),
		cmocka_unit_test(an_expired_token_is_refused_though_cached),
		cmocka_unit_test(news_of_another_process_empties_the_cache),
		cmocka_unit_test(no_news_is_reason_to_forget_too),
		cmocka_unit_test(who_comes_in_during_the_commit_is_not_kept),
		cmocka_unit_test(nobody_comes_in_once_revoking_has_ended),
		cmocka_unit_test(
		    without_memory_nobody_comes_in_and_nothing_leaks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
