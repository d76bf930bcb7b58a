/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/best.h"

#include <stdio.h>
#include <stdlib.h>

#include "lib/test.h"

static const struct scim__sort up = { .by = { "x", 1 } };

static int
ascending(const void *left, const void *right)
{
	uint64_t a = *(const uint64_t *)left, b = *(const uint64_t *)right;

	return (a > b) - (a < b);
}

/* A place with a text that has the order of the number. */
static struct scim__place
place_of(uint64_t n, char text[static 24])
{
	(void)snprintf(text, 24, "%015llu", (unsigned long long)n / 4);
	return (struct scim__place){ .position = n,
		.has_value = true,
		.value = { .kind = SCIM_INDEX_TEXT, .text = scim__str(text) } };
}

static void
the_first_of_many_are_kept_in_order(void **state)
{
	enum { ALL = 3000 };
	static const size_t mosts[] = { 1, 2, 7, 100, ALL - 1, ALL, ALL + 1 };
	static uint64_t numbers[ALL];
	uint32_t seed = 5;

	for (size_t m = 0; m < scim__countof(mosts); m++) {
		scim__auto_best struct scim__best best = { .most = 0 };
		size_t most = mosts[m];

		assert_int_equal(
		    SCIM_OK, scim__best_open(&best, &up, most, NULL));
		best.most_bytes = 256 * 1024;
		for (size_t i = 0; i < ALL; i++) {
			char text[24];

			seed = seed * 1664525u + 1013904223u;
			numbers[i] = (uint64_t)(seed >> 8) * ALL + i;
			struct scim__place place = place_of(numbers[i], text);
			assert_int_equal(SCIM_OK,
			    scim__best_add(
				&best, &place, scim__str(text), NULL));
		}
		qsort(numbers, ALL, sizeof(*numbers), ascending);
		scim__best_finish(&best);
		assert_int_equal(best.count, most < ALL ? most : ALL);
		assert_int_equal(best.dropped, most < ALL);
		for (size_t i = 0; i < best.count; i++) {
			char text[24];
			(void)place_of(numbers[i], text);

			assert_int_equal(
			    numbers[i], best.items[i].place.position);
			assert_str(best.items[i].place.value.text, text);
			assert_str(best.items[i].id, text);
		}
	}
}

static void
only_what_comes_before_the_last_is_wanted(void **state)
{
	scim__auto_best struct scim__best best = { .most = 0 };
	char a[24], b[24];
	struct scim__place early = place_of(8, a), late = place_of(80, b);

	assert_int_equal(SCIM_OK, scim__best_open(&best, &up, 1, NULL));
	assert_true(scim__best_wants(&best, &late));
	assert_int_equal(
	    SCIM_OK, scim__best_add(&best, &late, SCIM_STR("l"), NULL));
	assert_false(scim__best_wants(&best, &late));
	assert_true(scim__best_wants(&best, &early));
	assert_false(best.dropped);
	assert_int_equal(
	    SCIM_OK, scim__best_add(&best, &early, SCIM_STR("e"), NULL));
	assert_true(best.dropped);
	assert_str(best.items[0].id, "e");
}

static void
long_texts_leave_room_for_fewer(void **state)
{
	scim__auto_best struct scim__best best = { .most = 0 };
	static char text[4000];
	size_t most_taken = 0;

	assert_int_equal(SCIM_OK, scim__best_open(&best, &up, 1000, NULL));
	best.most_bytes = 10 * sizeof(text);
	for (unsigned i = 0; i < 500; i++) {
		struct scim__place place = { .position = i,
			.has_value = true,
			.value = { .kind = SCIM_INDEX_TEXT,
			    .text = { text, sizeof(text) } } };

		memset(text, 'a', sizeof(text));
		(void)snprintf(text, 8, "%06u", 999 - i);
		assert_int_equal(SCIM_OK,
		    scim__best_add(&best, &place, SCIM_STR("1"), NULL));
		if (best.taken > most_taken)
			most_taken = best.taken;
	}
	assert_true(best.dropped);
	assert_in_range(best.count, 8, 10);
	assert_in_range(most_taken, 1, 3 * best.most_bytes);
	scim__best_finish(&best);
	for (unsigned i = 0; i < best.count; i++)
		assert_int_equal(best.items[i].place.position, 499 - i);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_of_many_are_kept_in_order),
		cmocka_unit_test(only_what_comes_before_the_last_is_wanted),
		cmocka_unit_test(long_texts_leave_room_for_fewer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
