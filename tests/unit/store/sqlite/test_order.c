/* SPDX-License-Identifier: Apache-2.0 */
#include "fixture.h"

#include "base/ids.h"

#define NONE ""

static void
the_first_uuid_after_a_text_is_the_next_by_bytes(void **state)
{
	static const struct {
		const char *after, *want;
	} cases[] = {
		{ "", "00000000-0000-0000-0000-000000000000" },
		{ "0", "00000000-0000-0000-0000-000000000000" },
		{ "1", "10000000-0000-0000-0000-000000000000" },
		{ "a", "a0000000-0000-0000-0000-000000000000" },
		{ "A", "a0000000-0000-0000-0000-000000000000" },
		{ "f", "f0000000-0000-0000-0000-000000000000" },
		{ "g", NONE },
		{ "fg", NONE },
		{ "ag", "b0000000-0000-0000-0000-000000000000" },
		{ "9:", "9a000000-0000-0000-0000-000000000000" },
		{ "-", "00000000-0000-0000-0000-000000000000" },
		{ "\xc3\xa4", NONE },
		{ "1\xc3\xa4", "20000000-0000-0000-0000-000000000000" },
		{ "00000000", "00000000-0000-0000-0000-000000000000" },
		{ "00000000,", "00000000-0000-0000-0000-000000000000" },
		{ "00000000-", "00000000-0000-0000-0000-000000000000" },
		{ "00000000.", "00000001-0000-0000-0000-000000000000" },
		{ "0000000f0", "00000010-0000-0000-0000-000000000000" },
		{ "ffffffff.", NONE },
		{ "00000000-0000-0000-0000-00000000000",
		    "00000000-0000-0000-0000-000000000000" },
		{ "00000000-0000-0000-0000-000000000000",
		    "00000000-0000-0000-0000-000000000001" },
		{ "00000000-0000-0000-0000-0000000000ff",
		    "00000000-0000-0000-0000-000000000100" },
		{ "00000000-0000-0000-0000-000000000000x",
		    "00000000-0000-0000-0000-000000000001" },
		{ "ffffffff-ffff-ffff-ffff-ffffffffffff", NONE },
		{ "ffffffff-ffff-ffff-ffff-fffffffffffe",
		    "ffffffff-ffff-ffff-ffff-ffffffffffff" },
		{ "ABCDEF00-0000-0000-0000-000000000000",
		    "a0000000-0000-0000-0000-000000000000" },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		char text[SCIM__UUID_LEN + 1] = NONE;
		uint8_t uuid[16];

		if (scim__sqlite_uuid_after(scim__str(cases[i].after), uuid))
			scim__uuid_encode(uuid, text);
		if (strcmp(text, cases[i].want) != 0)
			fail_msg("after %s: %s", cases[i].after, text);
	}
}

/* The sentence itself, on texts that are nearly UUIDs. */
static void
nothing_lies_between_a_text_and_the_uuid_after_it(void **state)
{
	static const char alphabet[] = "0-9:a/fgAF";
	unsigned seed = 1;

	for (int round = 0; round < 200000; round++) {
		char text[SCIM__UUID_LEN + 2] =
		    "12345678-9abc-def0-f0f0-ffffffffffff",
					   last[40], found[40];
		uint8_t uuid[16];

		seed = seed * 1103515245U + 12345;
		text[seed / 65536 % 37] = alphabet[seed / 7 % 10];
		text[seed / 524288 % 38] = '\0';
		bool any = scim__sqlite_uuid_after(scim__str(text), uuid);
		if (!any)
			memset(uuid, 0, sizeof(uuid));
		scim__uuid_encode(uuid, found);
		if (any)
			assert_true(strcmp(found, text) > 0);

		/* One less; from zero that is the largest. */
		for (int i = 15; i >= 0 && uuid[i]-- == 0; i--)
			;
		scim__uuid_encode(uuid, last);
		if (!any || strcmp(last, found) < 0)
			assert_true(strcmp(last, text) <= 0);
	}
}

static void
two_lists_become_one_in_order(void **state)
{
	static const struct {
		const char *a, *b, *want;
		size_t limit;
	} cases[] = {
		{ "", "", "", 9 },
		{ "ace", "", "ace", 9 },
		{ "", "bdf", "bdf", 9 },
		{ "ace", "bdf", "abcdef", 9 },
		{ "ace", "bdf", "abcd", 4 },
		{ "xyz", "a", "axyz", 9 },
		{ "a", "xyz", "ax", 2 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_str things[2][8];
		struct ordered lists[2], out = { NULL, POISON };
		const char *texts[] = { cases[i].a, cases[i].b };
		char have[16] = "";

		for (int k = 0; k < 2; k++) {
			lists[k] = (struct ordered){ (char *)things[k],
				strlen(texts[k]) };
			for (size_t n = 0; n < lists[k].count; n++)
				things[k][n] = (scim_str){ texts[k] + n, 1 };
		}
		assert_true(scim__sqlite_merge(
		    f->arena, lists, sizeof(scim_str), cases[i].limit, &out));
		for (size_t n = 0; n < out.count; n++)
			have[n] = *((scim_str *)(void *)out.things)[n].ptr;
		assert_string_equal(have, cases[i].want);
	}
}

static void
a_list_grows_and_keeps_what_it_has(void **state)
{
	struct fixture *f = *state;
	int *list = NULL;

	for (int i = 0; i < 1000; i++) {
		list =
		    scim__sqlite_grow(f->arena, list, (size_t)i, sizeof(*list));
		assert_non_null(list);
		list[i] = i;
		/* Something behind it, so that it has to move. */
		assert_non_null(scim_arena_alloc(f->arena, 1));
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(list[i], i);
}

int
main(void)
{
#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, fixture_setup, fixture_teardown)
	const struct CMUnitTest tests[] = {
		TEST(the_first_uuid_after_a_text_is_the_next_by_bytes),
		TEST(nothing_lies_between_a_text_and_the_uuid_after_it),
		TEST(two_lists_become_one_in_order),
		TEST(a_list_grows_and_keeps_what_it_has),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
