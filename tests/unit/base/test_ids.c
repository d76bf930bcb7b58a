/* SPDX-License-Identifier: Apache-2.0 */
#include "base/ids.h"

#include "lib/fixed_env.h"
#include "lib/test.h"

static void
an_id_is_a_uuid_of_version_4(void **state)
{
	struct fixed_env fixed;
	char id[SCIM__UUID_LEN + 1];
	uint8_t bytes[16];

	fixed_env_init(&fixed, 0, 1);
	for (int i = 0; i < 1000; i++) {
		scim__uuid_make(&fixed.env, id);

		assert_int_equal(strlen(id), SCIM__UUID_LEN);
		assert_int_equal(id[14], '4');
		assert_non_null(strchr("89ab", id[19]));
		assert_true(scim__uuid_decode(scim__str(id), bytes));
	}
}

static void
ids_follow_from_the_environment(void **state)
{
	struct fixed_env a, b;
	char first[SCIM__UUID_LEN + 1], second[SCIM__UUID_LEN + 1];

	fixed_env_init(&a, 0, 7);
	fixed_env_init(&b, 0, 7);
	scim__uuid_make(&a.env, first);
	scim__uuid_make(&b.env, second);
	assert_string_equal(first, second);

	scim__uuid_make(&a.env, second);
	assert_string_not_equal(first, second);
}

static void
bytes_and_text_are_two_forms_of_one_id(void **state)
{
	static const uint8_t bytes[16] = { 0x01, 0x23, 0x45, 0x67, 0x89, 0xab,
		0xcd, 0xef, 0xfe, 0xdc, 0xba, 0x98, 0x76, 0x54, 0x32, 0x10 };
	char text[SCIM__UUID_LEN + 1];
	uint8_t back[16];

	scim__uuid_encode(bytes, text);
	assert_string_equal(text, "01234567-89ab-cdef-fedc-ba9876543210");

	assert_true(scim__uuid_decode(scim__str(text), back));
	assert_memory_equal(bytes, back, sizeof(back));
}

static void
no_other_spelling_is_an_id(void **state)
{
	static const char *const cases[] = {
		"",
		"01234567-89AB-cdef-fedc-ba9876543210",
		"0123456789abcdeffedcba9876543210",
		"{01234567-89ab-cdef-fedc-ba987654321}",
		"01234567-89ab-cdef-fedc-ba987654321",
		"01234567-89ab-cdef-fedc-ba98765432100",
		"0123456-789ab-cdef-fedc-ba9876543210",
		"01234567_89ab-cdef-fedc-ba9876543210",
		"01234567-89ab-cdef-fedcba-9876543210",
		"g1234567-89ab-cdef-fedc-ba9876543210",
		"01234567-89ab-cdef-fedc-ba987654321:",
		" 1234567-89ab-cdef-fedc-ba9876543210",
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		uint8_t out[16] = { POISON };

		assert_false(scim__uuid_decode(scim__str(cases[i]), out));
		assert_int_equal(out[0], POISON);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_id_is_a_uuid_of_version_4),
		cmocka_unit_test(ids_follow_from_the_environment),
		cmocka_unit_test(bytes_and_text_are_two_forms_of_one_id),
		cmocka_unit_test(no_other_spelling_is_an_id),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
