/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/policy/door.h"

#include <stdlib.h>

static void
a_token_says_who_its_bearer_is(void **state)
{
	struct door d;

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	const struct scim__token_request request = {
		.tenant = SCIM_STR("acme"),
		.scopes = SCIM__SCOPE_READ | SCIM__SCOPE_METRICS,
		.subject = SCIM_STR("2819c223"),
		.expires_ms = NOW + 1000,
	};
	scim_str id = { NULL, 0 }, token = { NULL, 0 };
	assert_int_equal(
	    scim__token_create(d.policy, d.arena, &request, &id, &token, NULL),
	    SCIM_OK);

	scim__principal who = { .scopes = POISON };
	assert_int_equal(
	    scim__policy_authenticate(d.policy, d.arena, token, &who, NULL),
	    SCIM_OK);
	assert_str(who.tenant, "acme");
	assert_str(who.subject, "2819c223");
	assert_int_equal(who.scopes, SCIM__SCOPE_READ | SCIM__SCOPE_METRICS);
	assert_int_equal(who.expires_ms, NOW + 1000);
	assert_true(scim__str_equal(who.token_id, id));
	door_close(&d);
}

static void
a_token_is_scimd_and_32_random_bytes(void **state)
{
	struct door d;
	uint8_t bytes[32];

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	scim_str one = make_token(&d, "acme", NULL);
	scim_str other = make_token(&d, "acme", NULL);

	assert_true(scim__str_starts_with(one, SCIM_STR("scimd_")));
	assert_true(scim__base64url_decode(
	    (scim_str){ one.ptr + 6, one.len - 6 }, bytes, sizeof(bytes)));
	assert_false(scim__str_equal(one, other));
	door_close(&d);
}

static bool
holds(scim_str haystack, scim_str needle)
{
	for (size_t i = 0; i + needle.len <= haystack.len; i++)
		if (memcmp(haystack.ptr + i, needle.ptr, needle.len) == 0)
			return true;
	return false;
}

static void
the_token_itself_is_stored_nowhere(void **state)
{
	struct door d;
	scim_leaf *leaves = NULL;
	size_t count = 0;
	scim_txn *txn = NULL;

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	scim_str token = make_token(&d, "acme", NULL);
	scim_str secret = { token.ptr + 6, token.len - 6 };

	for (int shelf = 0; shelf < SCIM_SHELF_COUNT; shelf++) {
		assert_int_equal(
		    scim__store_begin(d.store, SCIM_TXN_READ, &txn, NULL),
		    SCIM_OK);
		assert_int_equal(
		    scim__store_leaves(txn, d.arena, (scim_shelf)shelf,
			(scim_str){ "", 0 }, 100, &leaves, &count, NULL),
		    SCIM_OK);
		for (size_t i = 0; i < count; i++) {
			assert_false(holds(leaves[i].name, secret));
			assert_false(holds(leaves[i].value, secret));
		}
		scim__store_rollback(txn);
	}
	door_close(&d);
}

static void
a_token_needs_a_tenant_and_scopes(void **state)
{
	const struct {
		struct scim__token_request request;
		scim_status want;
	} rows[] = {
		{ { SCIM_STR("none"), SCIM__SCOPE_READ, { NULL, 0 }, 0 },
		    SCIM_ERR_NOT_FOUND },
		{ { SCIM_STR(""), SCIM__SCOPE_READ, { NULL, 0 }, 0 },
		    SCIM_ERR_NOT_FOUND },
		{ { SCIM_STR("acme"), 0, { NULL, 0 }, 0 }, SCIM_ERR_INVALID },
		{ { SCIM_STR("acme"), 1 << 4, { NULL, 0 }, 0 },
		    SCIM_ERR_INVALID },
		{ { SCIM_STR("acme"), SCIM__SCOPE_READ, SCIM_STR("\xff"), 0 },
		    SCIM_ERR_INVALID },
	};
	struct door d;

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim_str id = { NULL, POISON }, token = { NULL, POISON };

		assert_int_equal(scim__token_create(d.policy, d.arena,
				     &rows[i].request, &id, &token, NULL),
		    rows[i].want);
		assert_int_equal(id.len, POISON);
		assert_int_equal(token.len, POISON);
	}
	door_close(&d);
}

static void
a_revoked_token_fails_from_then_on(void **state)
{
	struct door d;
	scim_str id = { NULL, 0 };

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	scim_str token = make_token(&d, "acme", &id);
	scim_str other = make_token(&d, "acme", NULL);
	assert_int_equal(come_in(d.policy, d.arena, token), SCIM_OK);

	assert_int_equal(scim__token_revoke(d.policy, id, NULL), SCIM_OK);

	assert_int_equal(
	    come_in(d.policy, d.arena, token), SCIM_ERR_CREDENTIAL);
	assert_int_equal(come_in(d.policy, d.arena, other), SCIM_OK);
	assert_int_equal(
	    scim__token_revoke(d.policy, id, NULL), SCIM_ERR_NOT_FOUND);
	door_close(&d);
}

struct seen {
	size_t count;
	int64_t created_ms;
	char ids[400][40];
};

static void
note_token(void *context, scim_str id, const struct scim__token_request *token,
    int64_t created_ms)
{
	struct seen *seen = context;

	assert_true(seen->count < scim__countof(seen->ids));
	memcpy(seen->ids[seen->count], id.ptr, id.len);
	seen->ids[seen->count++][id.len] = '\0';
	seen->created_ms = created_ms;
	assert_int_equal(token->scopes, SCIM__SCOPE_READ);
	assert_str(token->tenant, "acme");
}

static int
compare(const void *a, const void *b)
{
	return strcmp(a, b);
}

static void
every_token_is_listed_once_over_many_pages(void **state)
{
	struct door d;
	struct seen seen = { 0 };
	enum { COUNT = 300 };

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	for (int i = 0; i < COUNT; i++)
		(void)make_token(&d, "acme", NULL);

	assert_int_equal(
	    scim__token_each(d.policy, note_token, &seen, NULL), SCIM_OK);

	assert_int_equal(seen.count, COUNT);
	assert_int_equal(seen.created_ms, NOW);
	qsort(seen.ids, COUNT, sizeof(seen.ids[0]), compare);
	for (int i = 1; i < COUNT; i++)
		assert_string_not_equal(seen.ids[i - 1], seen.ids[i]);
	door_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_token_says_who_its_bearer_is),
		cmocka_unit_test(a_token_is_scimd_and_32_random_bytes),
		cmocka_unit_test(the_token_itself_is_stored_nowhere),
		cmocka_unit_test(a_token_needs_a_tenant_and_scopes),
		cmocka_unit_test(a_revoked_token_fails_from_then_on),
		cmocka_unit_test(every_token_is_listed_once_over_many_pages),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
