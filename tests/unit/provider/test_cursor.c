/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/cursor.h"

#include <math.h>

#include "base/arena.h"
#include "lib/directory.h"

#define LIFETIME_MS 60000

static struct directory d;
static struct scim__cursor_seal seal;

static int
set_up(void **state)
{
	directory_open(&d);
	seal = (struct scim__cursor_seal){ .env = &d.fixed.env,
		.lifetime_ms = LIFETIME_MS };
	memset(seal.key.bytes, 7, sizeof(seal.key.bytes));
	memset(seal.bound.bytes, 8, sizeof(seal.bound.bytes));
	return 0;
}

static int
tear_down(void **state)
{
	directory_close(&d);
	return 0;
}

static struct scim__cursor
at(scim_index_value value)
{
	return (struct scim__cursor){ .count = 25,
		.type = UINT64_C(0xFEDCBA9876543210),
		.position = UINT64_C(0x0123456789ABCDEF),
		.has_value = true,
		.value = value };
}

static scim_str
written(const struct scim__cursor *cursor)
{
	scim_str text = { NULL, 0 };

	assert_int_equal(
	    scim__cursor_write(d.context.arena, &seal, cursor, &text, &d.err),
	    SCIM_OK);
	return text;
}

static void
assert_same(const struct scim__cursor *a, const struct scim__cursor *b)
{
	assert_int_equal(a->count, b->count);
	assert_int_equal(a->type, b->type);
	assert_int_equal(a->position, b->position);
	assert_int_equal(a->has_value, b->has_value);
	assert_int_equal(a->is_digest, b->is_digest);
	if (!a->has_value)
		return;
	assert_int_equal(a->value.kind, b->value.kind);
	assert_true(scim__str_equal(a->value.text, b->value.text));
	assert_int_equal(a->value.integer, b->value.integer);
	assert_memory_equal(
	    &a->value.real, &b->value.real, sizeof(a->value.real));
}

static scim_status
read_back(scim_str text, struct scim__cursor *out)
{
	d.err = (scim_error){ 0 };
	return scim__cursor_read(d.context.arena, &seal, text, out, &d.err);
}

static void
assert_refused(scim_str text, const char *scim_type)
{
	struct scim__cursor cursor = { .count = POISON };

	assert_int_equal(read_back(text, &cursor), SCIM_ERR_INVALID);
	assert_string_equal(d.err.scim_type, scim_type);
	assert_int_equal(cursor.count, POISON);
}

static void
a_place_comes_back_as_it_was(void **state)
{
	static char long_text[SCIM__CURSOR_TEXT_MOST];
	const scim_index_value values[] = {
		{ .kind = SCIM_INDEX_TEXT, .text = SCIM_STR("") },
		{ .kind = SCIM_INDEX_TEXT, .text = SCIM_STR("jens\xC3\xA9n") },
		{ .kind = SCIM_INDEX_TEXT,
		    .text = { long_text, sizeof(long_text) } },
		{ .kind = SCIM_INDEX_INTEGER, .integer = INT64_MIN },
		{ .kind = SCIM_INDEX_INTEGER, .integer = -1 },
		{ .kind = SCIM_INDEX_INTEGER, .integer = INT64_MAX },
		{ .kind = SCIM_INDEX_REAL, .real = -0.0 },
		{ .kind = SCIM_INDEX_REAL, .real = INFINITY },
		{ .kind = SCIM_INDEX_REAL, .real = 0.1 },
	};
	struct scim__cursor cursor = at(values[0]), back;

	memset(long_text, 'x', sizeof(long_text));
	for (size_t i = 0; i < scim__countof(values); i++) {
		cursor.value = values[i];
		assert_int_equal(read_back(written(&cursor), &back), SCIM_OK);
		assert_same(&back, &cursor);
	}
	cursor = (struct scim__cursor){ .count = 1, .position = 2 };
	assert_int_equal(read_back(written(&cursor), &back), SCIM_OK);
	assert_same(&back, &cursor);
}

/* @spec 9865-2-02 */
static void
a_cursor_is_safe_in_a_url(void **state)
{
	static char long_text[SCIM__CURSOR_TEXT_MOST];
	struct scim__cursor cursor = at((scim_index_value){
	    .kind = SCIM_INDEX_TEXT, .text = { long_text, 1 } });

	memset(long_text, 'x', sizeof(long_text));
	for (size_t i = 0; i < 50; i++) {
		cursor.value.text.len = i < 49 ? i : sizeof(long_text);
		scim_str text = written(&cursor);

		assert_in_range(text.len, 1, 1500);
		for (size_t j = 0; j < text.len; j++)
			assert_non_null(strchr("ABCDEFGHIJKLMNOPQRSTUVWXYZ"
					       "abcdefghijklmnopqrstuvwxyz"
					       "0123456789-_",
			    text.ptr[j]));
	}
}

static void
the_same_place_is_never_written_the_same_twice(void **state)
{
	struct scim__cursor cursor = at((scim_index_value){
	    .kind = SCIM_INDEX_TEXT, .text = SCIM_STR("same") });

	assert_false(scim__str_equal(written(&cursor), written(&cursor)));
}

/* @spec 9865-2.1-02, 9865-5.2-04 */
static void
what_we_did_not_write_is_no_cursor(void **state)
{
	static char long_text[100000];
	struct scim__cursor cursor = at((scim_index_value){
	    .kind = SCIM_INDEX_TEXT, .text = SCIM_STR("ada") });
	scim_str text = written(&cursor);

	memset(long_text, 'A', sizeof(long_text));
	assert_refused(SCIM_STR(""), "invalidCursor");
	assert_refused(SCIM_STR("zzz"), "invalidCursor");
	assert_refused(SCIM_STR("\xFF\xFF\xFF"), "invalidCursor");
	for (size_t len = 0; len < 300; len++)
		assert_refused((scim_str){ long_text, len }, "invalidCursor");
	assert_refused(
	    (scim_str){ long_text, sizeof(long_text) }, "invalidCursor");
	for (size_t len = 0; len < text.len; len++)
		assert_refused((scim_str){ text.ptr, len }, "invalidCursor");
	for (size_t i = 0; i < text.len; i++) {
		scim_str forged = scim__str_copy(d.context.arena, text);

		((char *)forged.ptr)[i] = forged.ptr[i] == 'A' ? 'B' : 'A';
		assert_refused(forged, "invalidCursor");
	}
}

/* @spec 9865-2.1-03, 9865-4-04 */
static void
a_cursor_lasts_for_its_time_and_no_longer(void **state)
{
	struct scim__cursor cursor =
	    at((scim_index_value){ .kind = SCIM_INDEX_INTEGER, .integer = 1 });
	struct scim__cursor back;
	scim_str text = written(&cursor);

	d.fixed.now_ms += LIFETIME_MS - 1;
	assert_int_equal(read_back(text, &back), SCIM_OK);
	d.fixed.now_ms += 1;
	assert_refused(text, "expiredCursor");
	assert_non_null(strstr(d.err.detail, "60 seconds"));
	assert_refused((scim_str){ text.ptr, text.len - 1 }, "invalidCursor");
}

static void
bind_to(scim_str tenant, scim_str actor, const scim_str *parameters,
    scim__sha256 *out)
{
	scim_context context = d.context;

	context.tenant = tenant;
	context.actor = actor;
	assert_int_equal(
	    scim__cursor_bind(&context, parameters, 2, out, &d.err), SCIM_OK);
}

/* @spec 9865-2-10, 9865-5.2-01, 9865-5.2-05 */
static void
only_the_same_query_of_the_same_caller_opens_it(void **state)
{
	static const struct {
		scim_str tenant, actor, parameters[2];
	} others[] = {
		{ { "acme", 4 }, { "token:1", 7 }, { { "a", 1 }, { "b", 1 } } },
		{ { "acmf", 4 }, { "token:1", 7 }, { { "a", 1 }, { "b", 1 } } },
		{ { "acme", 4 }, { "token:2", 7 }, { { "a", 1 }, { "b", 1 } } },
		{ { "acme", 4 }, { "token:1", 7 }, { { "A", 1 }, { "b", 1 } } },
		{ { "acme", 4 }, { "token:1", 7 }, { { "ab", 2 }, { "", 0 } } },
		{ { "acme", 4 }, { "token:1", 7 }, { { "b", 1 }, { "a", 1 } } },
		{ { "acme", 4 }, { "token:1", 7 },
		    { { "a", 1 }, { NULL, 0 } } },
		{ { "acme", 4 }, { "token:1", 7 }, { { "a", 1 }, { "", 0 } } },
		{ { "acmet", 5 }, { "oken:1", 6 }, { { "a", 1 }, { "b", 1 } } },
	};
	struct scim__cursor cursor =
	    at((scim_index_value){ .kind = SCIM_INDEX_INTEGER, .integer = 1 });
	struct scim__cursor back;

	bind_to(others[0].tenant, others[0].actor, others[0].parameters,
	    &seal.bound);
	scim_str text = written(&cursor);
	assert_int_equal(read_back(text, &back), SCIM_OK);

	assert_refused(SCIM_STR("zzz"), "invalidCursor");
	scim_str words =
	    scim__str_copy(d.context.arena, scim__str(d.err.detail));
	for (size_t i = 1; i < scim__countof(others); i++) {
		bind_to(others[i].tenant, others[i].actor, others[i].parameters,
		    &seal.bound);
		assert_refused(text, "invalidCursor");
		assert_str(words, d.err.detail);
	}
}

static void
a_long_text_is_carried_as_its_digest(void **state)
{
	static char text[SCIM__CURSOR_TEXT_MOST + 1];
	struct scim__cursor cursor = at((scim_index_value){
	    .kind = SCIM_INDEX_TEXT, .text = { text, sizeof(text) - 1 } });
	struct scim__cursor back;
	scim__sha256 digest;

	memset(text, 'x', sizeof(text));
	assert_int_equal(
	    scim__cursor_shorten(d.context.arena, &cursor, &d.err), SCIM_OK);
	assert_false(cursor.is_digest);
	assert_int_equal(cursor.value.text.len, sizeof(text) - 1);

	cursor.value.text.len = sizeof(text);
	assert_int_equal(
	    scim__cursor_shorten(d.context.arena, &cursor, &d.err), SCIM_OK);
	assert_int_equal(read_back(written(&cursor), &back), SCIM_OK);
	assert_same(&back, &cursor);
	assert_true(back.is_digest);
	scim_str whole = { text, sizeof(text) };
	assert_int_equal(
	    scim__hash_sha256(&whole, 1, &digest, &d.err), SCIM_OK);
	assert_memory_equal(back.value.text.ptr, digest.bytes, 32);
}

static scim_status
key_of(scim_store *store, struct scim__seal_key *out)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_status rc = scim__store_begin(store, SCIM_TXN_READ, &txn, &d.err);

	return rc != SCIM_OK
	    ? rc
	    : scim__cursor_key(txn, d.context.arena, out, &d.err);
}

static void
make_key(void)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;

	assert_int_equal(
	    scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err), SCIM_OK);
	assert_int_equal(
	    scim__cursor_make_key(&d.fixed.env, txn, d.context.arena, &d.err),
	    SCIM_OK);
	assert_int_equal(scim__store_commit(scim__take(txn), &d.err), SCIM_OK);
}

static void
a_store_s_key_is_made_once(void **state)
{
	struct scim__seal_key first, second;

	assert_int_equal(key_of(d.store, &first), SCIM_ERR_NOT_FOUND);
	make_key();
	assert_int_equal(key_of(d.store, &first), SCIM_OK);
	make_key();
	assert_int_equal(key_of(d.store, &second), SCIM_OK);
	assert_memory_equal(&first, &second, sizeof(first));
	memset(&second, 0, sizeof(second));
	assert_memory_not_equal(&first, &second, sizeof(first));
}

static void
a_damaged_key_is_told(void **state)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	struct scim__seal_key key;

	assert_int_equal(
	    scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err), SCIM_OK);
	assert_int_equal(scim__store_leaf_put(txn, SCIM_SHELF_META,
			     SCIM_STR("cursor-key"), SCIM_STR("?"), &d.err),
	    SCIM_OK);
	assert_int_equal(scim__cursor_key(txn, d.context.arena, &key, &d.err),
	    SCIM_ERR_STORE);
	assert_int_equal(
	    scim__cursor_make_key(&d.fixed.env, txn, d.context.arena, &d.err),
	    SCIM_ERR_STORE);
}

static scim_status
write_and_read(scim_arena *arena, void *context)
{
	struct scim__cursor cursor = at((scim_index_value){
	    .kind = SCIM_INDEX_TEXT, .text = SCIM_STR("ada") });
	scim_str text = { NULL, POISON };
	scim_status rc =
	    scim__cursor_write(arena, &seal, &cursor, &text, &d.err);

	if (rc != SCIM_OK) {
		assert_int_equal(text.len, POISON);
		return rc;
	}
	return scim__cursor_read(arena, &seal, text, &cursor, &d.err);
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(write_and_read, NULL) > 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_place_comes_back_as_it_was),
		TEST(a_cursor_is_safe_in_a_url),
		TEST(the_same_place_is_never_written_the_same_twice),
		TEST(what_we_did_not_write_is_no_cursor),
		TEST(a_cursor_lasts_for_its_time_and_no_longer),
		TEST(only_the_same_query_of_the_same_caller_opens_it),
		TEST(a_long_text_is_carried_as_its_digest),
		TEST(a_store_s_key_is_made_once),
		TEST(a_damaged_key_is_told),
		TEST(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
