/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/quirks.h"

#include "base/arena.h"
#include "lib/test.h"
#include "schema/validate.h"

static void
quirks_are_called_what_they_are_counted_as(void **state)
{
	static const struct {
		unsigned quirks;
		const char *names;
	} rows[] = {
		{ 0, "" },
		{ SCIM__QUIRK_STRING_BOOLEAN, "string_boolean" },
		{ SCIM__QUIRK_OPERATION_CASE | SCIM__QUIRK_REMOVE_VALUES,
		    "operation_case remove_values" },
		{ SCIM__QUIRK_READ_ONLY_IGNORED | SCIM__QUIRK_DANGLING_DROPPED |
			SCIM__QUIRK_DANGLING_KEPT,
		    "read_only_ignored dangling_dropped dangling_kept" },
		{ SCIM__QUIRK_RAW_QUOTE | SCIM__QUIRK_LOOSE_ADDRESS,
		    "raw_quote loose_address" },
	};
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(rows); i++) {
		scim__buf buf;

		scim__buf_init(&buf, arena, 1000);
		scim__quirk_names(&buf, rows[i].quirks);
		assert_str(scim__buf_str(&buf), rows[i].names);
	}
	scim_arena_free(arena);
}

static void
a_second_takes_ten_lines_and_counts_the_rest(void **state)
{
	struct scim__quirk_log log = { .second = 0 };

	for (int i = 0; i < SCIM__QUIRK_LINES; i++)
		assert_true(scim__quirk_log_takes(&log, 7));
	assert_false(scim__quirk_log_takes(&log, 7));
	assert_false(scim__quirk_log_takes(&log, 7));
	assert_int_equal(2, log.unlogged);
	assert_true(scim__quirk_log_takes(&log, 8));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(quirks_are_called_what_they_are_counted_as),
		cmocka_unit_test(a_second_takes_ten_lines_and_counts_the_rest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
