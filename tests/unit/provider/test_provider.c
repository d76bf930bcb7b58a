/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/provider.h"

#include "lib/directory.h"

static void
a_provider_needs_a_store_and_a_place_to_go(void **state)
{
	struct directory d;
	scim_provider *untouched = (void *)&d;
	scim_error err = { 0 };

	directory_open(&d);
	assert_int_equal(
	    SCIM_ERR_MISUSE, scim_provider_new(NULL, NULL, &untouched, &err));
	assert_ptr_equal(untouched, &d);
	assert_int_equal(
	    SCIM_ERR_MISUSE, scim_provider_new(d.store, NULL, NULL, &err));
	scim_provider_free(NULL);
	directory_close(&d);
}

static void
without_an_environment_the_clock_is_the_systems(void **state)
{
	struct directory d;
	scim_provider *provider = NULL;
	scim_error err = { 0 };
	const scim_env *system = scim_env_system();

	directory_open(&d);
	assert_int_equal(scim__provider_now(d.provider), DIRECTORY_NOW);
	d.fixed.now_ms++;
	assert_int_equal(scim__provider_now(d.provider), DIRECTORY_NOW + 1);

	assert_int_equal(
	    SCIM_OK, scim_provider_new(d.store, NULL, &provider, &err));
	int64_t before = system->now_ms(system->context);
	int64_t now = scim__provider_now(provider);
	assert_true(before <= now);
	assert_true(now <= system->now_ms(system->context));
	scim_provider_free(provider);
	directory_close(&d);
}

static void
a_type_is_found_by_name_or_named_as_missing(void **state)
{
	struct directory d;
	const scim__resource_type *type = NULL;
	char text[400];

	directory_open(&d);
	assert_int_equal(SCIM_OK,
	    scim__provider_type(&d.context, SCIM_STR("user"), &type, &d.err));
	assert_str(type->name, "User");

	assert_int_equal(SCIM_ERR_INVALID,
	    scim__provider_type(
		&d.context, SCIM_STR("Spaceship"), &type, &d.err));
	assert_contains(scim__str(d.err.detail), "\"Spaceship\"");
	assert_str(type->name, "User");

	memset(text, 'x', sizeof(text));
	assert_int_equal(SCIM_ERR_INVALID,
	    scim__provider_type(
		&d.context, (scim_str){ text, sizeof(text) }, &type, &d.err));
	assert_int_equal(d.err.detail[strlen(d.err.detail) - 1], '.');
	directory_close(&d);
}

static void
a_location_is_below_the_base_url_alone(void **state)
{
	struct directory d;
	const scim__resource_type *type = NULL;

	directory_open(&d);
	d.context.base_url = SCIM_STR("http://[::1]:8080/t/a/scim/v2");
	assert_int_equal(SCIM_OK,
	    scim__provider_type(&d.context, SCIM_STR("Group"), &type, &d.err));
	assert_str(
	    scim__location(d.context.arena, &d.context, type, SCIM_STR("id")),
	    "http://[::1]:8080/t/a/scim/v2/Groups/id");
	directory_close(&d);
}

static void
a_key_is_the_tenants_own(void **state)
{
	struct directory d;
	const scim__resource_type *type = NULL;

	directory_open(&d);
	assert_int_equal(SCIM_OK,
	    scim__provider_type(&d.context, SCIM_STR("GROUP"), &type, &d.err));
	scim_key key = scim__key(&d.context, type, SCIM_STR("id"));
	assert_str(key.tenant, "default");
	assert_str(key.type, "Group");
	assert_str(key.id, "id");
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_provider_needs_a_store_and_a_place_to_go),
		cmocka_unit_test(
		    without_an_environment_the_clock_is_the_systems),
		cmocka_unit_test(a_type_is_found_by_name_or_named_as_missing),
		cmocka_unit_test(a_location_is_below_the_base_url_alone),
		cmocka_unit_test(a_key_is_the_tenants_own),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
