/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"
#include "lib/test.h"

static const struct {
	const char *bytes;
	const char *text;
} vectors[] = {
	{ "", "" },
	{ "f", "Zg" },
	{ "fo", "Zm8" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg" },
	{ "fooba", "Zm9vYmE" },
	{ "foobar", "Zm9vYmFy" },
	{ "\xfb\xff\xbf", "-_-_" },
	{ "\xff\xfe", "__4" },
};

static void
bytes_are_written_as_rfc_4648_says(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(vectors); i++)
		assert_str(scim__base64url(arena, vectors[i].bytes,
			       strlen(vectors[i].bytes)),
		    vectors[i].text);
	scim_arena_free(arena);
}

static void
what_is_written_reads_back(void **state)
{
	for (size_t i = 0; i < scim__countof(vectors); i++) {
		char bytes[8] = { 0 };
		size_t len = strlen(vectors[i].bytes);

		assert_true(scim__base64url_decode(
		    scim__str(vectors[i].text), bytes, len));
		assert_memory_equal(bytes, vectors[i].bytes, len);
	}
}

static void
sixteen_bytes_take_22_characters_and_no_more(void **state)
{
	const uint8_t bytes[16] = { 0xFF, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12,
		13, 14, 0xFF };
	char out[23];
	uint8_t back[16];

	out[22] = POISON;
	scim__base64url_into(out, bytes, sizeof(bytes));

	assert_int_equal(out[22], POISON);
	assert_true(
	    scim__base64url_decode((scim_str){ out, 22 }, back, sizeof(back)));
	assert_memory_equal(bytes, back, sizeof(back));
}

static void
other_spellings_are_refused_and_leave_the_output_alone(void **state)
{
	static const struct {
		const char *text;
		size_t len;
	} cases[] = {
		{ "Zg==", 1 }, /* padding */
		{ "Zh", 1 },   /* bits beyond the end */
		{ "Zm9", 2 },
		{ "Zg", 2 }, /* another length */
		{ "Zm9v", 2 },
		{ "Z", 1 },
		{ "", 1 },
		{ "Zm+v", 3 }, /* the other alphabet */
		{ "Zm/v", 3 },
		{ "Zm v", 3 },
		{ "Zm9v\n", 3 },
		{ "Zm\xc3\xa9", 3 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		char out[4] = { POISON, POISON, POISON, POISON };

		assert_false(scim__base64url_decode(
		    scim__str(cases[i].text), out, cases[i].len));
		for (size_t j = 0; j < sizeof(out); j++)
			assert_int_equal(out[j], POISON);
	}
}

static scim_status
encode(scim_arena *arena, void *context)
{
	return scim__base64url(arena, "foobar", 6).ptr == NULL
	    ? SCIM_ERR_NO_MEMORY
	    : SCIM_OK;
}

static void
a_failed_allocation_gives_null(void **state)
{
	assert_int_equal(test_fail_each_allocation(encode, NULL), 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_are_written_as_rfc_4648_says),
		cmocka_unit_test(what_is_written_reads_back),
		cmocka_unit_test(sixteen_bytes_take_22_characters_and_no_more),
		cmocka_unit_test(
		    other_spellings_are_refused_and_leave_the_output_alone),
		cmocka_unit_test(a_failed_allocation_gives_null),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
