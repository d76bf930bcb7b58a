/* SPDX-License-Identifier: Apache-2.0 */
#include "base/hash.h"

#include <pthread.h>

#include "base/arena.h"
#include "lib/test.h"

static void
assert_hex(const uint8_t *bytes, size_t len, const char *want)
{
	char text[129];

	for (size_t i = 0; i < len; i++) {
		text[i * 2] = "0123456789abcdef"[bytes[i] >> 4];
		text[i * 2 + 1] = "0123456789abcdef"[bytes[i] & 15];
	}
	text[len * 2] = '\0';
	assert_string_equal(text, want);
}

static const char sha256_abc[] =
    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

static void
sha256_gives_the_vectors_of_fips_180(void **state)
{
	scim__sha256 out;
	scim_str abc = SCIM_STR("abc");

	assert_int_equal(scim__hash_sha256(&abc, 1, &out, NULL), SCIM_OK);
	assert_hex(out.bytes, 32, sha256_abc);

	assert_int_equal(scim__hash_sha256(NULL, 0, &out, NULL), SCIM_OK);
	assert_hex(out.bytes, 32,
	    "e3b0c44298fc1c149afbf4c8996fb924"
	    "27ae41e4649b934ca495991b7852b855");
}

static void
pieces_are_hashed_as_one_text(void **state)
{
	const scim_str pieces[] = { SCIM_STR("a"), { NULL, 0 },
		SCIM_STR("bc") };
	scim__sha256 out;

	assert_int_equal(scim__hash_sha256(pieces, 3, &out, NULL), SCIM_OK);
	assert_hex(out.bytes, 32, sha256_abc);
}

static void
hmac_gives_the_vectors_of_rfc_4231(void **state)
{
	const scim_str text[] = { SCIM_STR("what do ya want "),
		SCIM_STR("for nothing?") };
	const scim_str hi = SCIM_STR("Hi There");
	char key[131];
	scim__sha256 out;

	assert_int_equal(
	    scim__hash_hmac(SCIM_STR("Jefe"), text, 2, &out, NULL), SCIM_OK);
	assert_hex(out.bytes, 32,
	    "5bdcc146bf60754e6a042426089575c7"
	    "5a003f089d2739839dec58b964ec3843");

	memset(key, 0x0b, 20);
	assert_int_equal(
	    scim__hash_hmac((scim_str){ key, 20 }, &hi, 1, &out, NULL),
	    SCIM_OK);
	assert_hex(out.bytes, 32,
	    "b0344c61d8db38535ca8afceaf0bf12b"
	    "881dc200c9833da726e9376c2e32cff7");

	const scim_str large =
	    SCIM_STR("Test Using Larger Than Block-Size Key - Hash Key First");
	memset(key, 0xaa, sizeof(key));
	assert_int_equal(scim__hash_hmac((scim_str){ key, sizeof(key) }, &large,
			     1, &out, NULL),
	    SCIM_OK);
	assert_hex(out.bytes, 32,
	    "60e431591ee0b67f0d8a26aacbf5b77f"
	    "8e0bc6213728c5140546040f0ee37f54");
}

static void
an_empty_key_does_not_reuse_the_last_one(void **state)
{
	const scim_str text = SCIM_STR("");
	scim__sha256 out;

	assert_int_equal(
	    scim__hash_hmac(SCIM_STR("Jefe"), &text, 1, &out, NULL), SCIM_OK);
	assert_int_equal(
	    scim__hash_hmac((scim_str){ NULL, 0 }, &text, 1, &out, NULL),
	    SCIM_OK);

	assert_hex(out.bytes, 32,
	    "b613679a0814d9ec772f95d778c35fc5"
	    "ff1697c493715653c6c712144292c5ad");
}

static void
shake128_gives_the_vectors_of_fips_202(void **state)
{
	uint8_t out[33];

	out[32] = POISON;
	assert_int_equal(
	    scim__hash_shake128((scim_str){ NULL, 0 }, out, 32, NULL), SCIM_OK);
	assert_hex(out, 32,
	    "7f9c2ba4e88f827d616045507605853e"
	    "d73b8093f6efbc88eb1a6eacfa66ef26");
	assert_int_equal(out[32], POISON);

	assert_int_equal(
	    scim__hash_shake128(SCIM_STR("abc"), out, 16, NULL), SCIM_OK);
	assert_hex(out, 16, "5881092dd818bf5cf8a3ddb793fbcba7");
}

static void
equality_looks_at_every_byte(void **state)
{
	assert_true(scim__hash_equal("abc", "abc", 3));
	assert_true(scim__hash_equal("abc", "abd", 2));
	assert_true(scim__hash_equal("", "", 0));
	assert_false(scim__hash_equal("abc", "abd", 3));
	assert_false(scim__hash_equal("xbc", "abc", 3));
}

static void *
hash_often(void *context)
{
	int *wrong = context;
	const scim_str abc = SCIM_STR("abc");
	scim__sha256 first, out;

	if (scim__hash_sha256(&abc, 1, &first, NULL) != SCIM_OK)
		(*wrong)++;
	for (int i = 0; i < 2000; i++)
		if (scim__hash_sha256(&abc, 1, &out, NULL) != SCIM_OK ||
		    memcmp(&first, &out, sizeof(out)) != 0)
			(*wrong)++;
	return NULL;
}

static void
threads_hash_side_by_side(void **state)
{
	pthread_t threads[4];
	int wrong[4] = { 0 };

	for (size_t i = 0; i < 4; i++)
		assert_int_equal(
		    pthread_create(&threads[i], NULL, hash_often, &wrong[i]),
		    0);
	for (size_t i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(wrong[i], 0);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(threads_hash_side_by_side),
		cmocka_unit_test(sha256_gives_the_vectors_of_fips_180),
		cmocka_unit_test(pieces_are_hashed_as_one_text),
		cmocka_unit_test(hmac_gives_the_vectors_of_rfc_4231),
		cmocka_unit_test(an_empty_key_does_not_reuse_the_last_one),
		cmocka_unit_test(shake128_gives_the_vectors_of_fips_202),
		cmocka_unit_test(equality_looks_at_every_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
