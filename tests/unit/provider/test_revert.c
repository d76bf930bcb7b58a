/* SPDX-License-Identifier: Apache-2.0 */
#include "told.h"

static struct told t;

static int
set_up(void **state)
{
	told_open(&t, 3);
	return 0;
}

static int
tear_down(void **state)
{
	told_close(&t);
	return 0;
}

static scim_status
revert(size_t revision, const scim_expect *expect, scim_outcome *out)
{
	return scim_provider_revert(t.d.provider, &t.d.context, &t.user,
	    &t.versions[revision - 1], expect, out, &t.d.err);
}

static scim_resource
present(void)
{
	scim_outcome now;

	assert_int_equal(SCIM_OK, directory_get(&t.d, "User", t.user.id, &now));
	assert_int_equal(now.kind, SCIM_DONE);
	return now.resource;
}

static uint64_t
count_versions(void)
{
	scim_history_page page;

	assert_int_equal(SCIM_OK,
	    scim_provider_versions(
		t.d.provider, &t.d.context, &t.user, NULL, &page, &t.d.err));
	return page.total;
}

static void
what_was_is_again_under_its_version(void **state)
{
	scim_outcome out;

	assert_int_equal(SCIM_OK, revert(2, &expect_any, &out));
	assert_int_equal(out.kind, SCIM_DONE);
	assert_true(out.changed);
	assert_true(scim_version_equal(&out.resource.version, &t.versions[1]));
	assert_contains(out.resource.json, "\"title\":\"2\"");
	assert_contains(present().json, "\"title\":\"2\"");
	assert_int_equal(count_versions(), 4);
}

/* Every attribute that a replacement would keep when it is left out, too. */
static void
what_was_not_there_goes(void **state)
{
	scim_outcome out;
	scim_resource now;

	told_write(&t,
	    ",\"name\":{\"familyName\":\"F\"},\"locale\":\"x\",\"emails\":"
	    "[{\"value\":\"a@x\"}],\"urn:ietf:params:scim:schemas:extension:"
	    "enterprise:2.0:User\":{\"department\":\"D\"}");
	assert_int_equal(SCIM_OK, revert(1, &expect_any, &out));
	now = present();
	assert_true(scim_version_equal(&now.version, &t.versions[0]));
	assert_lacks(now.json, "name\":{");
	assert_lacks(now.json, "emails");
	assert_lacks(now.json, "enterprise");
}

/* What is returned on request is kept by a replacement that lacks it. */
static void
what_a_replacement_keeps_goes_as_well(void **state)
{
	scim_outcome out;

	told_reform(&t,
	    ",{\"name\":\"title\",\"type\":\"string\",\"returned\":"
	    "\"request\"}"
	    ",{\"name\":\"part\",\"type\":\"complex\",\"subAttributes\":["
	    "{\"name\":\"a\",\"type\":\"string\",\"returned\":\"request\"},"
	    "{\"name\":\"b\",\"type\":\"string\"}]}");
	told_write(&t, ",\"part\":{\"b\":\"x\"}"); /* the title stays */
	told_write(&t, ",\"title\":null,\"part\":{\"b\":\"x\"}");
	told_write(&t, ",\"title\":\"y\",\"part\":{\"a\":\"z\",\"b\":\"x\"}");
	assert_false(scim_version_equal(&t.versions[4], &t.versions[5]));
	assert_int_equal(SCIM_OK, revert(5, &expect_any, &out));
	assert_true(scim_version_equal(&out.resource.version, &t.versions[4]));
}

static void
the_condition_holds_for_it(void **state)
{
	const scim_expect stale = expect_version(&t.versions[1]);
	const scim_expect current = expect_version(&t.versions[2]);
	scim_outcome out;

	assert_int_equal(SCIM_OK, revert(1, &stale, &out));
	assert_int_equal(out.kind, SCIM_MISMATCH);
	assert_int_equal(count_versions(), 3);
	t.d.settings.require_preconditions = 1;
	assert_int_equal(SCIM_ERR_REQUIRED, revert(1, &expect_any, &out));
	assert_int_equal(SCIM_OK, revert(1, &current, &out));
	assert_int_equal(out.kind, SCIM_DONE);
}

static void
to_the_present_it_changes_nothing(void **state)
{
	scim_outcome out;

	assert_int_equal(SCIM_OK, revert(3, &expect_any, &out));
	assert_int_equal(out.kind, SCIM_DONE);
	assert_false(out.changed);
	assert_int_equal(count_versions(), 3);
}

static void
secrets_stay_as_they_are(void **state)
{
	scim_txn *txn = NULL;
	scim_record before, after;
	const scim_key key = scim__key(&t.d.context, told_type(&t), t.user.id);
	scim_outcome out;

	told_write(&t, ",\"title\":\"4\",\"password\":\"t1meMa$heen\"");
	for (int i = 0; i < 2; i++) {
		assert_int_equal(SCIM_OK,
		    scim__store_begin(
			t.d.store, SCIM_TXN_READ, &txn, &t.d.err));
		assert_int_equal(SCIM_OK,
		    scim__store_get(txn, t.d.context.arena, &key,
			SCIM_RECORD_SECRET, i == 0 ? &before : &after,
			&t.d.err));
		scim__store_rollback(txn);
		if (i == 0)
			assert_int_equal(SCIM_OK, revert(2, &expect_any, &out));
	}
	assert_true(before.secret.len > 0);
	assert_true(scim__str_equal(before.secret, after.secret));
	/* The password came since: it is another state. */
	assert_false(scim_version_equal(&out.resource.version, &t.versions[1]));
	assert_contains(present().json, "\"title\":\"2\"");
}

static void
members_come_back_and_go(void **state)
{
	scim_resource other = directory_user(&t.d, "other");
	const scim_str *const members[] = { &t.user.id, NULL };
	scim_resource group = directory_group(&t.d, "g", members);
	const scim_target target = { SCIM_STR("Group"), group.id };
	scim_str body = told_format(&t,
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"g\",\"members\":[{\"value\":\"%s\"}]}",
	    other.id.ptr);
	scim_outcome out;

	assert_int_equal(SCIM_OK,
	    directory_replace(
		&t.d, "Group", group.id, body.ptr, &expect_any, &out));
	assert_contains(out.resource.json, other.id.ptr);
	assert_int_equal(SCIM_OK,
	    scim_provider_revert(t.d.provider, &t.d.context, &target,
		&group.version, &expect_any, &out, &t.d.err));
	assert_true(scim_version_equal(&out.resource.version, &group.version));
	assert_contains(out.resource.json, t.user.id.ptr);
	assert_lacks(out.resource.json, other.id.ptr);
}

static void
what_can_not_be_is_refused(void **state)
{
	scim_outcome out = { .kind = SCIM_NOT_MODIFIED };
	const scim_version none = { { 1 } };
	const scim_target nobody = { SCIM_STR("User"), SCIM_STR("nobody") };
	scim_outcome other;

	assert_int_equal(SCIM_ERR_NOT_FOUND,
	    scim_provider_revert(t.d.provider, &t.d.context, &t.user, &none,
		&expect_any, &out, &t.d.err));
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_revert(t.d.provider, &t.d.context, &t.user, NULL,
		&expect_any, &out, &t.d.err));
	/* Somebody else has the name by now. */
	assert_int_equal(SCIM_OK,
	    directory_replace(&t.d, "User", t.user.id,
		"{\"schemas\":[\"" TOLD_URN "\"],\"userName\":\"v\"}",
		&expect_any, &other));
	(void)directory_user(&t.d, "u");
	assert_int_equal(SCIM_ERR_EXISTS, revert(1, &expect_any, &out));
	assert_int_equal(out.kind, SCIM_NOT_MODIFIED);
	assert_int_equal(SCIM_OK,
	    scim_provider_revert(t.d.provider, &t.d.context, &nobody, &none,
		&expect_any, &out, &t.d.err));
	assert_int_equal(out.kind, SCIM_ABSENT);
}

/* An old version may have what no resource can have any more. */
static void
it_is_written_by_the_schemas_of_today(void **state)
{
	scim_outcome out;

	told_write(&t, ",\"nickName\":\"gone\",\"locale\":\"stays\"");
	told_write(&t, "");
	told_reform(&t, ",{\"name\":\"locale\",\"type\":\"string\"}");
	assert_int_equal(SCIM_OK, revert(4, &expect_any, &out));
	assert_contains(out.resource.json, "\"locale\":\"stays\"");
	assert_lacks(out.resource.json, "gone");
	scim_registry_unref(t.later);
	told_reform(
	    &t, ",{\"name\":\"must\",\"type\":\"string\",\"required\":true}");
	assert_int_equal(SCIM_ERR_INVALID, revert(1, &expect_any, &out));
}

/* There and back again, each time one was written. */
static scim_status
go_back(scim_arena *arena, void *context)
{
	scim_context with = t.d.context;
	scim_outcome out = { .kind = SCIM_ABSENT };
	size_t *to = context;

	with.arena = arena;
	scim_status rc = scim_provider_revert(t.d.provider, &with, &t.user,
	    &t.versions[*to], &expect_any, &out, &t.d.err);
	assert_int_equal(rc != SCIM_OK, out.kind == SCIM_ABSENT);
	if (rc == SCIM_OK || rc == SCIM_ERR_UNCERTAIN)
		*to = 1 - *to;
	return rc == SCIM_ERR_UNCERTAIN ? SCIM_ERR_NO_MEMORY : rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	size_t to = 1;

	assert_true(test_fail_each_allocation(go_back, &to) >= 2);
	scim_resource now = present();
	assert_true(scim_version_equal(&now.version, &t.versions[1 - to]));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_was_is_again_under_its_version),
		TEST(what_was_not_there_goes),
		TEST(what_a_replacement_keeps_goes_as_well),
		TEST(the_condition_holds_for_it),
		TEST(to_the_present_it_changes_nothing),
		TEST(secrets_stay_as_they_are),
		TEST(members_come_back_and_go),
		TEST(what_can_not_be_is_refused),
		TEST(it_is_written_by_the_schemas_of_today),
		TEST(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
