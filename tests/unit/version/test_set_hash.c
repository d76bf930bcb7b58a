/* SPDX-License-Identifier: Apache-2.0 */
#include "version/set_hash.h"

#include "base/hash.h"
#include "lib/test.h"

static void
add(scim__set_hash *hash, const char *element)
{
	assert_int_equal(
	    scim__set_hash_add(hash, scim__str(element), NULL), SCIM_OK);
}

static void
take(scim__set_hash *hash, const char *element)
{
	assert_int_equal(
	    scim__set_hash_remove(hash, scim__str(element), NULL), SCIM_OK);
}

static bool
equal(const scim__set_hash *a, const scim__set_hash *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

static void
one_element_is_its_own_shake128(void **state)
{
	scim__set_hash hash = { { 0 } };
	uint8_t want[SCIM__SET_HASH_BYTES], have[SCIM__SET_HASH_BYTES];

	add(&hash, "abc");
	scim__set_hash_encode(&hash, have);

	assert_int_equal(
	    scim__hash_shake128(SCIM_STR("abc"), want, sizeof(want), NULL),
	    SCIM_OK);
	assert_memory_equal(have, want, sizeof(want));
	assert_int_equal(hash.lanes[0], want[0] | want[1] << 8);
}

static void
order_does_not_matter(void **state)
{
	scim__set_hash a = { { 0 } }, b = { { 0 } };

	add(&a, "x");
	add(&a, "y");
	add(&a, "z");
	add(&b, "z");
	add(&b, "x");
	add(&b, "y");

	assert_true(equal(&a, &b));
}

static void
what_is_added_and_removed_leaves_no_trace(void **state)
{
	scim__set_hash a = { { 0 } }, empty = { { 0 } };

	add(&a, "x");
	add(&a, "y");
	take(&a, "x");
	assert_false(equal(&a, &empty));
	take(&a, "y");

	assert_true(equal(&a, &empty));
}

static void
removing_first_comes_to_the_same(void **state)
{
	scim__set_hash a = { { 0 } }, empty = { { 0 } };

	take(&a, "x");
	assert_false(equal(&a, &empty));
	add(&a, "x");

	assert_true(equal(&a, &empty));
}

static void
different_sets_have_different_hashes(void **state)
{
	scim__set_hash ab = { { 0 } }, a_b = { { 0 } }, aab = { { 0 } };

	add(&ab, "ab");
	add(&a_b, "a");
	add(&a_b, "b");
	add(&aab, "a");
	add(&aab, "a");
	add(&aab, "b");

	assert_false(equal(&ab, &a_b));
	assert_false(equal(&a_b, &aab));
}

static void
the_stored_form_reads_back(void **state)
{
	scim__set_hash hash = { { 0 } }, back;
	uint8_t bytes[SCIM__SET_HASH_BYTES];

	for (int i = 0; i < 100; i++)
		add(&hash, i % 2 == 0 ? "even" : "odd");
	scim__set_hash_encode(&hash, bytes);

	assert_true(scim__set_hash_decode(
	    (scim_str){ (const char *)bytes, sizeof(bytes) }, &back));
	assert_true(equal(&hash, &back));
}

static void
no_bytes_are_the_empty_set_and_other_lengths_nothing(void **state)
{
	static const char bytes[SCIM__SET_HASH_BYTES + 1];
	scim__set_hash out = { { POISON } }, empty = { { 0 } };

	assert_false(scim__set_hash_decode((scim_str){ bytes, 1 }, &out));
	assert_false(
	    scim__set_hash_decode((scim_str){ bytes, sizeof(bytes) }, &out));
	assert_int_equal(out.lanes[0], POISON);

	assert_true(scim__set_hash_decode((scim_str){ NULL, 0 }, &out));
	assert_true(equal(&out, &empty));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_element_is_its_own_shake128),
		cmocka_unit_test(order_does_not_matter),
		cmocka_unit_test(what_is_added_and_removed_leaves_no_trace),
		cmocka_unit_test(removing_first_comes_to_the_same),
		cmocka_unit_test(different_sets_have_different_hashes),
		cmocka_unit_test(the_stored_form_reads_back),
		cmocka_unit_test(
		    no_bytes_are_the_empty_set_and_other_lengths_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
