/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/policy/door.h"

#include <stdio.h>

static void
the_name_of_a_tenant_is_checked(void **state)
{
	static const struct {
		const char *name;
		scim_status want;
	} rows[] = {
		{ "a", SCIM_OK },
		{ "9.b_c-d", SCIM_OK },
		{ "a23456789012345678901234567890123456789012345678901234567"
		  "890123",
		    SCIM_OK },
		{ "b23456789012345678901234567890123456789012345678901234567"
		  "8901234",
		    SCIM_ERR_INVALID },
		{ "", SCIM_ERR_INVALID },
		{ "-a", SCIM_ERR_INVALID },
		{ ".", SCIM_ERR_INVALID },
		{ "A", SCIM_ERR_INVALID },
		{ "a/b", SCIM_ERR_INVALID },
		{ "a b", SCIM_ERR_INVALID },
		{ "\xc3\xa4", SCIM_ERR_INVALID },
	};
	struct door d;

	door_open(&d);
	for (size_t i = 0; i < scim__countof(rows); i++)
		assert_int_equal(scim__tenant_create(d.policy,
				     scim__str(rows[i].name), NULL, 0, NULL),
		    rows[i].want);
	door_close(&d);
}

static void
a_tenant_is_made_once(void **state)
{
	struct door d;

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	assert_int_equal(
	    scim__tenant_create(d.policy, SCIM_STR("acme"), NULL, 0, NULL),
	    SCIM_ERR_EXISTS);
	door_close(&d);
}

static void
a_tenant_has_the_settings_said(void **state)
{
	struct door d;
	scim_error err = { 0 };

	door_open(&d);
	make_tenant(&d, "acme", "profile=entra", "page_most=7");
	const scim__tenant *t =
	    scim__policy_tenant(d.policy, SCIM_STR("acme"), &err);

	assert_non_null(t);
	assert_str(t->name, "acme");
	assert_int_equal(t->settings.profile, SCIM_PROFILE_ENTRA);
	assert_int_equal(t->settings.unique_group_names, 1);
	assert_int_equal(t->settings.limits.page_most, 7);
	assert_null(scim__policy_tenant(d.policy, SCIM_STR("other"), &err));
	assert_int_equal(err.status, SCIM_ERR_NOT_FOUND);
	assert_null(scim__policy_tenant(d.policy, SCIM_STR("A/B"), &err));
	assert_int_equal(err.status, SCIM_ERR_NOT_FOUND);
	scim__policy_tenant_unref(t);
	door_close(&d);
}

static void
a_setting_changes_for_whoever_asks_next(void **state)
{
	const scim_str strong[] = { SCIM_STR("etag=strong") };
	struct door d;

	door_open(&d);
	make_tenant(&d, "acme", "page_most=7", NULL);
	const scim__tenant *before =
	    scim__policy_tenant(d.policy, SCIM_STR("acme"), NULL);

	assert_int_equal(
	    scim__tenant_set(d.policy, SCIM_STR("acme"), strong, 1, NULL),
	    SCIM_OK);

	const scim__tenant *after =
	    scim__policy_tenant(d.policy, SCIM_STR("acme"), NULL);
	assert_int_equal(before->settings.etag, SCIM_ETAG_WEAK);
	assert_int_equal(after->settings.etag, SCIM_ETAG_STRONG);
	assert_int_equal(after->settings.limits.page_most, 7);
	scim__policy_tenant_unref(before);
	scim__policy_tenant_unref(after);
	door_close(&d);
}

static void
one_wrong_setting_and_none_is_set(void **state)
{
	const scim_str wrong[][2] = {
		{ SCIM_STR("page_most=9"), SCIM_STR("etag=red") },
		{ SCIM_STR("page_most=9"), SCIM_STR("page_most") },
		{ SCIM_STR("page_most=9"), SCIM_STR("") },
		{ SCIM_STR("page_most=9"), SCIM_STR("=weak") },
	};
	struct door d;

	door_open(&d);
	make_tenant(&d, "acme", "page_most=7", NULL);
	for (size_t i = 0; i < scim__countof(wrong); i++) {
		assert_int_equal(scim__tenant_set(d.policy, SCIM_STR("acme"),
				     wrong[i], 2, NULL),
		    SCIM_ERR_INVALID);
		assert_int_equal(scim__tenant_create(d.policy, SCIM_STR("bolt"),
				     wrong[i], 2, NULL),
		    SCIM_ERR_INVALID);
	}
	const scim__tenant *t =
	    scim__policy_tenant(d.policy, SCIM_STR("acme"), NULL);
	assert_int_equal(t->settings.limits.page_most, 7);
	assert_null(scim__policy_tenant(d.policy, SCIM_STR("bolt"), NULL));
	scim__policy_tenant_unref(t);
	door_close(&d);
}

static void
nobody_changes_a_tenant_that_is_not(void **state)
{
	const scim_str strong[] = { SCIM_STR("etag=strong") };
	struct door d;

	door_open(&d);
	assert_int_equal(
	    scim__tenant_set(d.policy, SCIM_STR("acme"), strong, 1, NULL),
	    SCIM_ERR_NOT_FOUND);
	assert_int_equal(scim__tenant_delete(d.policy, SCIM_STR("acme"), NULL),
	    SCIM_ERR_NOT_FOUND);
	door_close(&d);
}

static void
put_leaf(struct door *d, scim_shelf shelf, const char *name)
{
	scim_txn *txn = NULL;

	assert_int_equal(
	    scim__store_begin(d->store, SCIM_TXN_WRITE, &txn, NULL), SCIM_OK);
	assert_int_equal(scim__store_leaf_put(
			     txn, shelf, scim__str(name), SCIM_STR("{}"), NULL),
	    SCIM_OK);
	assert_int_equal(scim__store_commit(txn, NULL), SCIM_OK);
}

static bool
has_leaf(struct door *d, scim_shelf shelf, const char *name)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_str value = { NULL, 0 };

	assert_int_equal(
	    scim__store_begin(d->store, SCIM_TXN_READ, &txn, NULL), SCIM_OK);
	return scim__store_leaf_get(txn, d->arena, shelf, scim__str(name),
		   &value, NULL) == SCIM_OK;
}

static void
a_deleted_tenant_leaves_nothing_and_harms_nobody(void **state)
{
	struct door d;

	door_open(&d);
	make_tenant(&d, "acme", NULL, NULL);
	make_tenant(&d, "acme.b", NULL, NULL);
	scim_str mine = make_token(&d, "acme", NULL);
	scim_str theirs = make_token(&d, "acme.b", NULL);
	put_leaf(&d, SCIM_SHELF_SCHEMA, "acme/urn:x");
	put_leaf(&d, SCIM_SHELF_RESOURCE_TYPE, "acme/Device");
	put_leaf(&d, SCIM_SHELF_SCHEMA, "acme.b/urn:x");
	assert_int_equal(come_in(d.policy, d.arena, mine), SCIM_OK);
	const scim__tenant *held =
	    scim__policy_tenant(d.policy, SCIM_STR("acme"), NULL);

	assert_int_equal(
	    scim__tenant_delete(d.policy, SCIM_STR("acme"), NULL), SCIM_OK);

	assert_str(held->name, "acme");
	scim__policy_tenant_unref(held);
	assert_null(scim__policy_tenant(d.policy, SCIM_STR("acme"), NULL));
	assert_int_equal(come_in(d.policy, d.arena, mine), SCIM_ERR_CREDENTIAL);
	assert_int_equal(come_in(d.policy, d.arena, theirs), SCIM_OK);
	assert_false(has_leaf(&d, SCIM_SHELF_SCHEMA, "acme/urn:x"));
	assert_false(has_leaf(&d, SCIM_SHELF_RESOURCE_TYPE, "acme/Device"));
	assert_true(has_leaf(&d, SCIM_SHELF_SCHEMA, "acme.b/urn:x"));

	/* nor does one that comes later under its name get anything of it */
	make_tenant(&d, "acme", NULL, NULL);
	assert_int_equal(come_in(d.policy, d.arena, mine), SCIM_ERR_CREDENTIAL);
	door_close(&d);
}

static void
append(void *context, scim_str name, scim_str settings)
{
	char *text = context;

	(void)snprintf(text + strlen(text), 200 - strlen(text), "%.*s: %.*s\n",
	    (int)name.len, name.ptr, (int)settings.len, settings.ptr);
}

static void
tenants_are_listed_with_what_was_said(void **state)
{
	char text[200] = "";
	struct door d;

	door_open(&d);
	make_tenant(&d, "bolt", NULL, NULL);
	make_tenant(&d, "acme", "profile=okta", "etag=strong");
	assert_int_equal(
	    scim__tenant_each(d.policy, append, text, NULL), SCIM_OK);

	assert_string_equal(text, "acme: etag=strong profile=okta\nbolt: \n");
	door_close(&d);
}

static void
a_stored_setting_that_nobody_knows_is_no_default(void **state)
{
	struct door d;
	scim_txn *txn = NULL;
	scim_error err = { 0 };

	door_open(&d);
	assert_int_equal(
	    scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, NULL), SCIM_OK);
	assert_int_equal(
	    scim__store_leaf_put(txn, SCIM_SHELF_TENANT, SCIM_STR("acme"),
		SCIM_STR("{\"settings\":{\"colour\":\"red\"}}"), NULL),
	    SCIM_OK);
	assert_int_equal(scim__store_commit(txn, NULL), SCIM_OK);

	assert_null(scim__policy_tenant(d.policy, SCIM_STR("acme"), &err));
	assert_int_equal(err.status, SCIM_ERR_STORE);
	door_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_name_of_a_tenant_is_checked),
		cmocka_unit_test(a_tenant_is_made_once),
		cmocka_unit_test(a_tenant_has_the_settings_said),
		cmocka_unit_test(a_setting_changes_for_whoever_asks_next),
		cmocka_unit_test(one_wrong_setting_and_none_is_set),
		cmocka_unit_test(nobody_changes_a_tenant_that_is_not),
		cmocka_unit_test(
		    a_deleted_tenant_leaves_nothing_and_harms_nobody),
		cmocka_unit_test(tenants_are_listed_with_what_was_said),
		cmocka_unit_test(
		    a_stored_setting_that_nobody_knows_is_no_default),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
