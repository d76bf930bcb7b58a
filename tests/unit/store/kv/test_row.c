/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "lib/test.h"
#include "store/kv/key.h"
#include "store/kv/row.h"

static scim_arena *arena;

static int
set_up(void **state)
{
	arena = scim_arena_new(NULL);
	return arena == NULL ? -1 : 0;
}

static int
tear_down(void **state)
{
	scim_arena_free(arena);
	return 0;
}

static scim_str
row_of(const scim_record *r)
{
	scim__buf row;

	scim__buf_init(&row, arena, SIZE_MAX);
	scim__row_add_record(&row, SCIM_STR("User"), r);
	assert_false(scim__buf_failed(&row));
	return scim__buf_str(&row);
}

static const scim_record full = { .id = { "", 0 },
	.content = { "{\"a\":1}", 7 },
	.secret = { "{\"password\":2}", 14 },
	.own_hash = { 1, 2, 255 },
	.version = { { 9, 8, 7 } },
	.sequence = UINT64_MAX,
	.position = 3,
	.created_ms = -4,
	.modified_ms = INT64_MAX,
	.modified_before_ms = INT64_MIN,
	.relation_state = { "\0\xFF", 2 },
	.relation_count = 6 };

static void
a_record_comes_back_as_it_was(void **state)
{
	scim_record have = { .position = POISON };

	assert_int_equal(
	    scim__row_view_record(row_of(&full), SCIM_STR("User"), &have, NULL),
	    SCIM_OK);

	assert_str(have.content, "{\"a\":1}");
	assert_str(have.secret, "{\"password\":2}");
	assert_true(scim__str_equal(have.relation_state, full.relation_state));
	assert_memory_equal(have.own_hash, full.own_hash, 32);
	assert_memory_equal(have.version.bytes, full.version.bytes, 16);
	assert_true(have.sequence == UINT64_MAX);
	assert_int_equal(have.position, 3);
	assert_int_equal(have.created_ms, -4);
	assert_true(have.modified_ms == INT64_MAX);
	assert_true(have.modified_before_ms == INT64_MIN);
	assert_int_equal(have.relation_count, 6);
}

static void
a_record_of_another_type_is_not_found(void **state)
{
	static const char *const others[] = { "", "Use", "Users", "user" };
	scim_record have = { .position = POISON };

	for (size_t i = 0; i < scim__countof(others); i++)
		assert_int_equal(scim__row_view_record(row_of(&full),
				     scim__str(others[i]), &have, NULL),
		    SCIM_ERR_NOT_FOUND);
	assert_int_equal(have.position, POISON);
}

static void
a_row_that_was_cut_is_damaged(void **state)
{
	scim_record small = { .content = SCIM_STR("{}"),
		.secret = SCIM_STR("s"),
		.relation_state = SCIM_STR("") };
	scim_str row = row_of(&small);

	for (size_t len = 0; len < row.len; len++) {
		scim_record have = { .position = POISON };

		assert_int_equal(
		    scim__row_view_record((scim_str){ row.ptr, len },
			SCIM_STR("User"), &have, NULL),
		    SCIM_ERR_STORE);
		assert_int_equal(have.position, POISON);
	}
}

static void
a_row_with_wild_lengths_is_damaged(void **state)
{
	scim_str row = row_of(&full);

	/* The three lengths are the last numbers of the head. */
	for (size_t at = 32 + 16 + 6 * 8; at < 32 + 16 + 9 * 8; at++) {
		scim_record have = { .position = POISON };
		scim_str copy = scim__str_copy(arena, row);

		((char *)(uintptr_t)copy.ptr)[at] = (char)0xFF;
		assert_int_not_equal(
		    scim__row_view_record(copy, SCIM_STR("User"), &have, NULL),
		    SCIM_OK);
		assert_int_equal(have.position, POISON);
	}
}

static void
a_member_comes_back_as_it_was(void **state)
{
	scim_member_row in = { SCIM_STR("v"), SCIM_STR("User"), { "a\0b", 3 } };
	scim_member_row have = { .value = SCIM_STR("kept") };
	scim__buf row;

	scim__buf_init(&row, arena, SIZE_MAX);
	scim__row_add_member(&row, &in, 77);
	uint64_t since = POISON;

	assert_int_equal(scim__row_read_member(
			     arena, scim__buf_str(&row), &have, &since, NULL),
	    SCIM_OK);

	assert_int_equal(since, 77);

	assert_str(have.value, "kept");
	assert_str(have.type, "User");
	assert_true(scim__str_equal(have.display, in.display));
}

static void
a_cut_member_is_damaged(void **state)
{
	scim_member_row in = { SCIM_STR(""), SCIM_STR("User"), SCIM_STR("X") };
	scim__buf row;

	scim__buf_init(&row, arena, SIZE_MAX);
	scim__row_add_member(&row, &in, 77);
	for (size_t len = 0; len < row.len; len++) {
		scim_member_row have = { .type = SCIM_STR("poison") };
		uint64_t since = POISON;

		assert_int_equal(
		    scim__row_read_member(
			arena, (scim_str){ row.ptr, len }, &have, &since, NULL),
		    SCIM_ERR_STORE);
		assert_int_equal(since, POISON);
		assert_str(have.type, "poison");
	}
}

static const scim_change_row change = { .sequence = 3,
	.parent = 41,
	.revision = 2,
	.type = { "User", 4 },
	.id = { "a\0b", 3 },
	.is_gone = 1,
	.version = { { 9, 8 } },
	.change = { .operation = { "replace", 7 },
	    .actor = { "cli", 3 },
	    .via = { "c", 1 },
	    .paths = { "[]", 2 },
	    .content = { "{}", 2 },
	    .at_ms = -5 } };

static void
a_change_comes_back_as_it_was(void **state)
{
	scim_change_row have = { .sequence = 7, .revision = 8 };
	scim__buf row;

	scim__buf_init(&row, arena, SIZE_MAX);
	scim__row_add_change(&row, &change);
	assert_int_equal(
	    scim__row_read_change(arena, scim__buf_str(&row), &have, NULL),
	    SCIM_OK);

	assert_int_equal(have.sequence, 7); /* they stand in keys */
	assert_int_equal(have.revision, 8);
	assert_int_equal(have.parent, 41);
	assert_str(have.type, "User");
	assert_true(scim__str_equal(have.id, change.id));
	assert_true(have.is_gone);
	assert_memory_equal(have.version.bytes, change.version.bytes, 16);
	assert_str(have.change.operation, "replace");
	assert_str(have.change.actor, "cli");
	assert_str(have.change.via, "c");
	assert_str(have.change.paths, "[]");
	assert_str(have.change.content, "{}");
	assert_int_equal(have.change.at_ms, -5);
}

static void
a_cut_change_is_damaged(void **state)
{
	scim__buf row;

	scim__buf_init(&row, arena, SIZE_MAX);
	scim__row_add_change(&row, &change);
	for (size_t len = 0; len < row.len; len++) {
		scim_change_row have = { .parent = POISON };

		assert_int_equal(scim__row_read_change(arena,
				     (scim_str){ row.ptr, len }, &have, NULL),
		    SCIM_ERR_STORE);
		assert_int_equal(have.parent, POISON);
	}
}

static const scim_receipt receipt = { .fingerprint = { 1, 2, 3 },
	.id = { "a\0b", 3 },
	.version = { { 9, 8 } },
	.sequence = UINT64_MAX,
	.flags = 5,
	.at_ms = -7 };

static void
a_receipt_comes_back_as_it_was(void **state)
{
	scim_receipt have = { .key = { 4 } };
	scim__buf row;

	scim__buf_init(&row, arena, SIZE_MAX);
	scim__row_add_receipt(&row, &receipt);
	assert_int_equal(
	    scim__row_read_receipt(arena, scim__buf_str(&row), &have, NULL),
	    SCIM_OK);

	assert_int_equal(have.key[0], 4); /* it stands in the key */
	assert_memory_equal(have.fingerprint, receipt.fingerprint, 16);
	assert_true(scim__str_equal(have.id, receipt.id));
	assert_memory_equal(have.version.bytes, receipt.version.bytes, 16);
	assert_int_equal(have.sequence, UINT64_MAX);
	assert_int_equal(have.flags, 5);
	assert_int_equal(have.at_ms, -7);
}

static void
a_cut_receipt_is_damaged(void **state)
{
	scim__buf row;

	scim__buf_init(&row, arena, SIZE_MAX);
	scim__row_add_receipt(&row, &receipt);
	for (size_t len = 0; len < row.len; len++) {
		scim_receipt have = { .flags = 77 };

		assert_int_equal(scim__row_read_receipt(arena,
				     (scim_str){ row.ptr, len }, &have, NULL),
		    SCIM_ERR_STORE);
		assert_int_equal(have.flags, 77);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_record_comes_back_as_it_was),
		cmocka_unit_test(a_record_of_another_type_is_not_found),
		cmocka_unit_test(a_row_that_was_cut_is_damaged),
		cmocka_unit_test(a_row_with_wild_lengths_is_damaged),
		cmocka_unit_test(a_member_comes_back_as_it_was),
		cmocka_unit_test(a_cut_member_is_damaged),
		cmocka_unit_test(a_change_comes_back_as_it_was),
		cmocka_unit_test(a_cut_change_is_damaged),
		cmocka_unit_test(a_receipt_comes_back_as_it_was),
		cmocka_unit_test(a_cut_receipt_is_damaged),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
