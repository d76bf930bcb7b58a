/* SPDX-License-Identifier: Apache-2.0 */
#include "scimd/version.h"

#include "lib/test.h"

/* The first 16 bytes of SHA-256 of "abc". */
static const uint8_t abc_bytes[16] = { 0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf,
	0xea, 0x41, 0x41, 0x40, 0xde, 0x5d, 0xae, 0x22, 0x23 };
static const char abc_text[] = "ungWv48Bz-pBQUDeXa4iIw";

static void
content_names_its_state(void **state)
{
	scim_version a, b, other;

	assert_int_equal(
	    scim_version_from_content(SCIM_STR("abc"), &a, NULL), SCIM_OK);
	assert_int_equal(
	    scim_version_from_content(SCIM_STR("abc"), &b, NULL), SCIM_OK);
	assert_int_equal(
	    scim_version_from_content(SCIM_STR("abd"), &other, NULL), SCIM_OK);

	assert_memory_equal(a.bytes, abc_bytes, sizeof(abc_bytes));
	assert_true(scim_version_equal(&a, &b));
	assert_false(scim_version_equal(&a, &other));
}

static void
versions_differ_when_any_bit_does(void **state)
{
	scim_version a, b;

	memcpy(a.bytes, abc_bytes, sizeof(a.bytes));
	for (size_t bit = 0; bit < 128; bit++) {
		b = a;
		b.bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
		assert_false(scim_version_equal(&a, &b));
	}
}

static void
a_hash_gives_its_first_half(void **state)
{
	uint8_t digest[32];

	for (size_t i = 0; i < sizeof(digest); i++)
		digest[i] = (uint8_t)i;

	scim_version version = scim_version_from_hash(digest);

	assert_memory_equal(version.bytes, digest, 16);
}

static void
the_text_is_22_characters_and_reads_back(void **state)
{
	scim_version version, back;
	char text[SCIM_VERSION_TEXT_LEN + 1];
	memcpy(version.bytes, abc_bytes, sizeof(version.bytes));

	scim_version_format(&version, text);
	assert_string_equal(text, abc_text);

	assert_int_equal(
	    scim_version_parse(scim__str(text), &back, NULL), SCIM_OK);
	assert_true(scim_version_equal(&version, &back));
}

static void
another_text_is_no_version(void **state)
{
	static const char *const cases[] = {
		"",
		"ungWv48Bz-pBQUDeXa4iI",
		"ungWv48Bz-pBQUDeXa4iIww",
		"ungWv48Bz-pBQUDeXa4iIx", /* bits beyond the last byte */
		"ungWv48Bz+pBQUDeXa4iIw",
		"ungWv48Bz-pBQUDeXa4i\"w",
		"\"ungWv48Bz-pBQUDeXa4iIw\"",
		"ungWv48Bz-pBQUDeXa4iIw==",
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_version out = { { POISON } };
		scim_error err;

		assert_int_equal(
		    scim_version_parse(scim__str(cases[i]), &out, &err),
		    SCIM_ERR_INVALID);
		assert_string_equal(err.scim_type, "invalidValue");
		assert_int_equal(out.bytes[0], POISON);
	}
}

static void
a_missing_output_is_misuse(void **state)
{
	scim_error err;

	assert_int_equal(scim_version_from_content(SCIM_STR("abc"), NULL, &err),
	    SCIM_ERR_MISUSE);
	assert_int_equal(scim_version_parse(scim__str(abc_text), NULL, &err),
	    SCIM_ERR_MISUSE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(content_names_its_state),
		cmocka_unit_test(versions_differ_when_any_bit_does),
		cmocka_unit_test(a_hash_gives_its_first_half),
		cmocka_unit_test(the_text_is_22_characters_and_reads_back),
		cmocka_unit_test(another_text_is_no_version),
		cmocka_unit_test(a_missing_output_is_misuse),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
