/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/test.h"
#include "store/store.h"

static scim_store *
open_memory(void)
{
	scim_store *store = NULL;

	assert_int_equal(
	    scim_store_open(SCIM_STR("memory:"), NULL, &store, NULL), SCIM_OK);
	return store;
}

static void
a_url_without_a_backend_is_refused_and_says_what_to_use(void **state)
{
	static const char *const urls[] = { "", "memory", "sqlite", "mysql://x",
		"postgres:", "/tmp/x.db" };

	for (size_t i = 0; i < scim__countof(urls); i++) {
		scim_store *untouched = (scim_store *)(uintptr_t)POISON;
		scim_error err = { .status = SCIM_OK };

		assert_int_equal(
		    scim_store_open(scim__str(urls[i]), NULL, &untouched, &err),
		    SCIM_ERR_UNSUPPORTED);
		assert_int_equal(err.status, SCIM_ERR_UNSUPPORTED);
		assert_non_null(strstr(err.detail, "sqlite:PATH"));
		assert_ptr_equal(untouched, (scim_store *)(uintptr_t)POISON);
	}
}

static void
a_url_is_shown_without_its_password(void **state)
{
	static const char *const urls[][2] = {
		{ "sqlite:a?b@c", "sqlite:a?b@c" },
		{ "postgres://u:secret@h/db", "postgres://h/db" },
		{ "postgresql://h:1,i:2/db?password=x",
		    "postgresql://h:1,i:2/db" },
		{ "postgres://", "postgres://" },
	};
	char shown[64];

	for (size_t i = 0; i < scim__countof(urls); i++)
		assert_string_equal(
		    scim__store_show_url(urls[i][0], shown, sizeof(shown)),
		    urls[i][1]);
}

static void
a_database_that_is_not_there_is_told(void **state)
{
	scim_store *untouched = (scim_store *)(uintptr_t)POISON;
	scim_error err = { .status = SCIM_OK };

	assert_int_not_equal(
	    scim_store_open(SCIM_STR("postgres://127.0.0.1:1/none"), NULL,
		&untouched, &err),
	    SCIM_OK);
	assert_true(
	    err.status == SCIM_ERR_BUSY || err.status == SCIM_ERR_UNSUPPORTED);
	assert_ptr_equal(untouched, (scim_store *)(uintptr_t)POISON);
}

static void
a_hosts_mistake_is_an_answer(void **state)
{
	scim_store *untouched = (scim_store *)(uintptr_t)POISON;
	scim_plain_callbacks none = { .context = NULL };
	scim_error err = { .status = SCIM_OK };
	scim_str nothing = { NULL, 3 };

	assert_int_equal(scim_store_open(SCIM_STR("memory:"), NULL, NULL, &err),
	    SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_store_open(nothing, NULL, &untouched, &err), SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_store_open_memory(NULL, NULL, &err), SCIM_ERR_MISUSE);
	assert_int_equal(scim_store_open_plain(NULL, NULL, &untouched, &err),
	    SCIM_ERR_MISUSE);
	assert_int_equal(scim_store_open_plain(&none, NULL, &untouched, &err),
	    SCIM_ERR_MISUSE);
	assert_ptr_equal(untouched, (scim_store *)(uintptr_t)POISON);
	assert_int_equal(scim_store_capabilities(NULL), 0);
	scim_store_close(NULL);
}

static void
a_table_with_a_hole_or_of_another_version_is_refused(void **state)
{
	scim_store *store = open_memory();
	const scim_store_ops *whole = store->ops;
	size_t first = offsetof(scim_store_ops, begin);
	size_t slot = sizeof(whole->begin);

	assert_int_equal(scim__store_check_ops(whole, NULL), SCIM_OK);
	assert_int_equal(scim__store_check_ops(NULL, NULL), SCIM_ERR_MISUSE);
	for (size_t at = first; at < sizeof(*whole); at += slot) {
		bool is_optional = at == offsetof(scim_store_ops, generation) ||
		    at == offsetof(scim_store_ops, health) ||
		    at == offsetof(scim_store_ops, scrub) ||
		    at == offsetof(scim_store_ops, tidy);
		scim_store_ops holed = *whole;

		memset((char *)&holed + at, 0, slot);
		assert_int_equal(scim__store_check_ops(&holed, NULL),
		    is_optional ? SCIM_OK : SCIM_ERR_MISUSE);
	}
	scim_store_ops other = *whole;
	other.version++;
	assert_int_equal(scim__store_check_ops(&other, NULL), SCIM_ERR_MISUSE);
	other = *whole;
	other.name = NULL;
	assert_int_equal(scim__store_check_ops(&other, NULL), SCIM_ERR_MISUSE);
	scim_store_close(store);
}

static void
optional_methods_have_a_general_way(void **state)
{
	scim_store *store = open_memory();
	uint64_t first = POISON, second = POISON;

	assert_null(store->ops->generation);
	assert_null(store->ops->health);
	assert_int_equal(scim__store_generation(store, &first, NULL), SCIM_OK);
	assert_int_equal(scim__store_generation(store, &second, NULL), SCIM_OK);
	assert_int_equal(first, second);
	assert_int_equal(scim__store_health(store, NULL), SCIM_OK);
	scim_store_close(store);
}

static void
a_store_without_an_environment_has_the_systems(void **state)
{
	static const scim_env own = { .size = sizeof(own) };
	scim_store *store = open_memory();

	assert_ptr_equal(store->env, scim_env_system());
	scim_store_close(store);
	assert_int_equal(
	    scim_store_open(SCIM_STR("memory:"), &own, &store, NULL), SCIM_OK);
	assert_ptr_equal(store->env, &own);
	scim_store_close(store);
}

static void
memory_promises_what_it_keeps(void **state)
{
	scim_store *store = open_memory();

	assert_int_equal(scim_store_capabilities(store),
	    SCIM_STORE_ATOMIC | SCIM_STORE_SNAPSHOTS);
	scim_store_close(store);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_url_without_a_backend_is_refused_and_says_what_to_use),
		cmocka_unit_test(a_url_is_shown_without_its_password),
		cmocka_unit_test(a_database_that_is_not_there_is_told),
		cmocka_unit_test(a_hosts_mistake_is_an_answer),
		cmocka_unit_test(
		    a_table_with_a_hole_or_of_another_version_is_refused),
		cmocka_unit_test(optional_methods_have_a_general_way),
		cmocka_unit_test(
		    a_store_without_an_environment_has_the_systems),
		cmocka_unit_test(memory_promises_what_it_keeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
