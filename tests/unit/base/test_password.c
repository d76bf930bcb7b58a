/* SPDX-License-Identifier: Apache-2.0 */
#include "base/password.h"

#include "lib/test.h"

static void
a_hash_fits_its_password_alone(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_error err = { 0 };
	scim_str first, second;

	assert_int_equal(SCIM_OK,
	    scim__password_hash(arena, SCIM_STR("secret"), &first, &err));
	assert_int_equal(SCIM_OK,
	    scim__password_hash(arena, SCIM_STR("secret"), &second, &err));

	assert_true(scim__str_starts_with(
	    first, SCIM_STR("$argon2id$v=19$m=19456,t=2,p=1$")));
	assert_false(scim__str_equal(first, second));
	assert_true(scim__password_matches(SCIM_STR("secret"), first.ptr));
	assert_false(scim__password_matches(SCIM_STR("Secret"), first.ptr));
	scim_arena_free(arena);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hash_fits_its_password_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
