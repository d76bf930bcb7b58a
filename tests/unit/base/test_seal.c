/* SPDX-License-Identifier: Apache-2.0 */
#include "base/seal.h"

#include "base/str.h"
#include "lib/test.h"

#define TEXT "what only we can read"

static const struct scim__seal_key key = { "0123456789abcdef0123456789abcde" };
static const uint8_t nonce[SCIM__SEAL_NONCE] = "0123456789abcdef0123456";

static const scim_str bound = { "to this", 7 };

static void
seal_text(uint8_t out[static sizeof(TEXT) - 1 + SCIM__SEAL_EXTRA])
{
	assert_true(scim__seal(&key, nonce, bound, SCIM_STR(TEXT), out));
}

static void
what_is_sealed_comes_back(void **state)
{
	uint8_t sealed[sizeof(TEXT) - 1 + SCIM__SEAL_EXTRA];
	char text[sizeof(TEXT)] = "";

	seal_text(sealed);

	assert_true(scim__unseal(
	    &key, bound, (scim_str){ (char *)sealed, sizeof(sealed) }, text));
	assert_string_equal(text, TEXT);
}

static void
nothing_can_be_sealed_too(void **state)
{
	uint8_t sealed[SCIM__SEAL_EXTRA];
	char text[1] = "x";

	assert_true(
	    scim__seal(&key, nonce, SCIM_STR(""), SCIM_STR(""), sealed));
	assert_true(scim__unseal(&key, SCIM_STR(""),
	    (scim_str){ (char *)sealed, sizeof(sealed) }, text));
	assert_int_equal(text[0], 'x');
}

static void
a_seal_shows_nothing_of_the_text(void **state)
{
	uint8_t sealed[sizeof(TEXT) - 1 + SCIM__SEAL_EXTRA];

	seal_text(sealed);

	assert_false(scim__str_contains(
	    (scim_str){ (char *)sealed, sizeof(sealed) }, SCIM_STR("read")));
}

static void
a_changed_bit_breaks_a_seal(void **state)
{
	uint8_t sealed[sizeof(TEXT) - 1 + SCIM__SEAL_EXTRA];
	char text[sizeof(TEXT)];

	for (size_t bit = 0; bit < 8 * sizeof(sealed); bit++) {
		seal_text(sealed);
		sealed[bit / 8] ^= (uint8_t)(1U << bit % 8);
		assert_false(scim__unseal(&key, bound,
		    (scim_str){ (char *)sealed, sizeof(sealed) }, text));
	}
}

static void
a_cut_breaks_a_seal(void **state)
{
	uint8_t sealed[sizeof(TEXT) - 1 + SCIM__SEAL_EXTRA];
	char text[sizeof(TEXT)];

	seal_text(sealed);

	for (size_t len = 0; len < sizeof(sealed); len++)
		assert_false(scim__unseal(
		    &key, bound, (scim_str){ (char *)sealed, len }, text));
}

static void
another_key_or_binding_opens_nothing(void **state)
{
	uint8_t bytes[sizeof(TEXT) - 1 + SCIM__SEAL_EXTRA];
	scim_str sealed = { (char *)bytes, sizeof(bytes) };
	struct scim__seal_key other = key;
	char text[sizeof(TEXT)];

	seal_text(bytes);
	other.bytes[31] ^= 1;

	assert_false(scim__unseal(&other, bound, sealed, text));
	assert_false(scim__unseal(&key, SCIM_STR("to that"), sealed, text));
	assert_false(scim__unseal(&key, SCIM_STR(""), sealed, text));
	assert_true(scim__unseal(&key, bound, sealed, text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_sealed_comes_back),
		cmocka_unit_test(nothing_can_be_sealed_too),
		cmocka_unit_test(a_seal_shows_nothing_of_the_text),
		cmocka_unit_test(a_changed_bit_breaks_a_seal),
		cmocka_unit_test(a_cut_breaks_a_seal),
		cmocka_unit_test(another_key_or_binding_opens_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
