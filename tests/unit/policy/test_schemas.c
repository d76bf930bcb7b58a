/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/policy/badges.h"

static const char plain[] = BADGE_SCHEMA("{\"name\":\"colour\"}");
static const char other[] = BADGE_SCHEMA("{\"name\":\"shape\"}");

/* Whether acme's badges have this attribute. */
static bool
has(struct badges *b, const char *attribute)
{
	const scim__tenant *tenant = acme(b);
	const scim__resource_type *type =
	    scim__registry_type(tenant->registry, SCIM_STR("Badge"));
	bool found = type != NULL &&
	    scim__registry_path(tenant->registry, type, scim__str(attribute)) !=
		NULL;

	scim__policy_tenant_unref(tenant);
	return found;
}

static void
a_tenant_has_what_it_was_given(void **state)
{
	struct scim__schema_change change = { .documents = POISON };
	struct badges b;

	badges_open(&b);
	assert_false(has(&b, "colour"));
	assert_int_equal(badges_add(&b, plain, &change), SCIM_OK);
	assert_int_equal(change.documents, 2);
	assert_int_equal(change.looked_at, 0);
	assert_true(has(&b, "colour"));
	badges_must_add(&b, other);
	assert_false(has(&b, "colour"));
	assert_true(has(&b, "shape"));

	assert_int_equal(badges_remove(&b, "badge"), SCIM_OK);
	assert_int_equal(badges_remove(&b, "URN:X:BADGE"), SCIM_OK);
	assert_false(has(&b, "shape"));
	assert_int_equal(badges_remove(&b, "Badge"), SCIM_ERR_NOT_FOUND);
	badges_close(&b);
}

static void
who_holds_the_tenant_of_before_keeps_its_registry(void **state)
{
	struct badges b;

	badges_open(&b);
	badges_must_add(&b, plain);
	const scim__tenant *before = acme(&b);
	badges_must_add(&b, other);
	const scim__tenant *after = acme(&b);

	assert_false(scim__str_equal(before->text, after->text));
	assert_ptr_not_equal(before->registry, after->registry);
	assert_non_null(scim__registry_path(before->registry,
	    scim__registry_type(before->registry, SCIM_STR("Badge")),
	    SCIM_STR("colour")));
	scim__policy_tenant_unref(before);
	scim__policy_tenant_unref(after);
	badges_close(&b);
}

static void
settings_stay_and_are_set_beside(void **state)
{
	const scim_str strong[] = { SCIM_STR("etag=strong") };
	struct badges b;

	badges_open(&b);
	badges_must_add(&b, plain);
	assert_int_equal(
	    scim__tenant_set(b.policy, SCIM_STR("acme"), strong, 1, NULL),
	    SCIM_OK);
	const scim__tenant *tenant = acme(&b);

	assert_int_equal(tenant->settings.limits.page_most, 7);
	assert_int_equal(tenant->settings.etag, SCIM_ETAG_STRONG);
	scim__policy_tenant_unref(tenant);
	assert_true(has(&b, "colour"));
	badges_close(&b);
}

static void
a_refused_change_leaves_nothing(void **state)
{
	static const struct {
		const char *schema, *said;
	} rows[] = {
		{ "{", "schema.json" },
		{ BADGE_SCHEMA("{\"name\":\"a\",\"type\":\"text\"}"), "a" },
		{ NULL, "urn:x:Badge" },
	};
	struct scim__schema_change change = { .documents = POISON };
	struct badges b;

	badges_open(&b);
	for (size_t i = 0; i < scim__countof(rows); i++) {
		assert_int_equal(
		    badges_add(&b, rows[i].schema, &change), SCIM_ERR_INVALID);
		assert_non_null(strstr(b.err.detail, rows[i].said));
	}
	assert_int_equal(change.documents, POISON);
	assert_false(has(&b, "a"));
	assert_int_equal(badges_remove(&b, "Badge"), SCIM_ERR_NOT_FOUND);

	badges_must_add(&b, plain);
	assert_int_equal(badges_remove(&b, "urn:x:Badge"), SCIM_ERR_INVALID);
	assert_true(has(&b, "colour"));
	badges_close(&b);
}

static void
note(void *context, bool is_type, scim_str id)
{
	char *text = context;

	(void)snprintf(text + strlen(text), 64, "%s %.*s;",
	    is_type ? "type" : "schema", (int)id.len, id.ptr);
}

static void
what_a_tenant_has_is_listed(void **state)
{
	char listed[256] = "";
	struct badges b;

	badges_open(&b);
	make_tenant(&b.door, "acme2", NULL, NULL);
	badges_must_add(&b, plain);
	assert_int_equal(scim__tenant_schemas_each(
			     b.policy, SCIM_STR("acme"), note, listed, NULL),
	    SCIM_OK);
	assert_string_equal(listed, "schema urn:x:Badge;type Badge;");
	assert_int_equal(scim__tenant_schemas_each(
			     b.policy, SCIM_STR("acme2"), note, listed, NULL),
	    SCIM_OK);
	assert_string_equal(listed, "schema urn:x:Badge;type Badge;");
	assert_int_equal(scim__tenant_schemas_each(
			     b.policy, SCIM_STR("nobody"), note, listed, NULL),
	    SCIM_ERR_NOT_FOUND);
	assert_int_equal(scim__tenant_schemas_each(
			     b.policy, SCIM_STR("A/B"), note, listed, NULL),
	    SCIM_ERR_NOT_FOUND);
	badges_close(&b);
}

static void
nobody_else_has_it_nor_the_next_of_that_name(void **state)
{
	struct badges b;

	badges_open(&b);
	badges_must_add(&b, plain);
	assert_int_equal(
	    scim__tenant_delete(b.policy, SCIM_STR("acme"), NULL), SCIM_OK);
	make_tenant(&b.door, "acme", NULL, NULL);
	scim__policy_forget(b.policy);
	assert_false(has(&b, "colour"));
	assert_int_equal(badges_remove(&b, "Badge"), SCIM_ERR_NOT_FOUND);
	badges_close(&b);
}

static void
schemas_that_no_longer_fit_are_told(void **state)
{
	scim__policy *bare = NULL;
	scim_registry *small = NULL;
	struct badges b;
	const scim_schema_source clash = { SCIM_STR("clash.json"),
		SCIM_STR("{\"id\":\"Clash\",\"name\":\"Clash\","
			 "\"endpoint\":\"/Badges\",\"schemas\":[\"urn:ietf:"
			 "params:scim:schemas:core:2.0:ResourceType\"],"
			 "\"schema\":\"urn:ietf:params:scim:schemas:core:2.0:"
			 "User\"}") };

	badges_open(&b);
	badges_must_add(&b, plain);
	assert_int_equal(scim_registry_new(&clash, 1, &small, NULL), SCIM_OK);
	assert_int_equal(
	    scim__policy_new(b.door.store, &b.door.env.env, small, &bare, NULL),
	    SCIM_OK);
	assert_null(scim__policy_tenant(bare, SCIM_STR("acme"), &b.err));
	assert_int_equal(b.err.status, SCIM_ERR_STORE);
	assert_non_null(strstr(b.err.detail, "/Badges"));
	scim__policy_free(bare);
	scim_registry_unref(small);
	badges_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_tenant_has_what_it_was_given),
		cmocka_unit_test(
		    who_holds_the_tenant_of_before_keeps_its_registry),
		cmocka_unit_test(settings_stay_and_are_set_beside),
		cmocka_unit_test(a_refused_change_leaves_nothing),
		cmocka_unit_test(what_a_tenant_has_is_listed),
		cmocka_unit_test(nobody_else_has_it_nor_the_next_of_that_name),
		cmocka_unit_test(schemas_that_no_longer_fit_are_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
