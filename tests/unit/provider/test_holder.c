/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/holder.h"

#include "lib/directory.h"

struct fixture {
	struct directory d;
	scim_resource user, group;
	struct scim__write_by by;
	scim_arena *arena;
	scim_txn *txn;
};

/* A group with one member, and a transaction in which that member goes. */
static void
open_fixture(struct fixture *f)
{
	directory_open(&f->d);
	f->user = directory_user(&f->d, "bjensen");
	const scim_str *const members[] = { &f->user.id, NULL };
	f->group = directory_group(&f->d, "g", members);
	f->by =
	    (struct scim__write_by){ f->d.provider, &f->d.context, "delete" };
	f->arena = f->d.context.arena;
	assert_int_equal(SCIM_OK,
	    scim__store_begin(f->d.store, SCIM_TXN_WRITE, &f->txn, &f->d.err));
}

static struct scim__holder
opened(struct fixture *f)
{
	struct scim__holder holder;

	assert_int_equal(SCIM_OK,
	    scim__holder_open(&f->by, f->txn,
		scim__registry_type(f->d.registry, SCIM_STR("Group")),
		f->group.id, &holder, &f->d.err));
	return holder;
}

static void
take_out(struct fixture *f, struct scim__holder *holder)
{
	assert_int_equal(SCIM_OK,
	    scim__relation_remove(f->arena, f->txn, &holder->key, f->user.id,
		&holder->edit, &f->d.err));
}

static scim_record
stored(struct fixture *f)
{
	scim_record record;
	scim_key key = { SCIM_STR("default"), SCIM_STR("Group"), f->group.id };

	assert_int_equal(SCIM_OK,
	    scim__store_get(f->txn, f->arena, &key, SCIM_RECORD_CONTENT,
		&record, &f->d.err));
	return record;
}

static void
close_fixture(struct fixture *f)
{
	scim__store_rollback(f->txn);
	directory_close(&f->d);
}

static void
a_holder_that_is_not_there_is_not_found(void **state)
{
	struct fixture f;
	struct scim__holder untouched = { .edit = { .count = POISON } };

	open_fixture(&f);
	assert_int_equal(SCIM_ERR_NOT_FOUND,
	    scim__holder_open(&f.by, f.txn,
		scim__registry_type(f.d.registry, SCIM_STR("Group")),
		SCIM_STR("nobody"), &untouched, &f.d.err));
	assert_int_equal(untouched.edit.count, POISON);
	close_fixture(&f);
}

/* The version names the state, however it came about. */
static void
a_left_group_is_at_the_version_of_one_never_joined(void **state)
{
	static const char emptied[] =
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"g\",\"members\":[]}";
	struct fixture f;
	scim_outcome put;

	open_fixture(&f);
	struct scim__holder holder = opened(&f);
	take_out(&f, &holder);
	assert_int_equal(
	    SCIM_OK, scim__holder_write(&f.by, f.txn, &holder, &f.d.err));
	scim_record left = stored(&f);
	assert_false(scim_version_equal(&left.version, &f.group.version));
	assert_int_equal(left.relation_count, 0);
	scim__store_rollback(scim__take(f.txn));

	assert_int_equal(SCIM_OK,
	    directory_replace(
		&f.d, "Group", f.group.id, emptied, &expect_any, &put));
	assert_true(scim_version_equal(&left.version, &put.resource.version));
	close_fixture(&f);
}

static void
the_content_stays_and_the_times_move(void **state)
{
	struct fixture f;

	open_fixture(&f);
	scim_record before = stored(&f);
	f.d.fixed.now_ms += 5000;
	struct scim__holder holder = opened(&f);
	take_out(&f, &holder);
	assert_int_equal(
	    SCIM_OK, scim__holder_write(&f.by, f.txn, &holder, &f.d.err));

	scim_record after = stored(&f);
	assert_true(scim__str_equal(before.content, after.content));
	assert_memory_equal(before.own_hash, after.own_hash, 32);
	assert_int_equal(after.created_ms, before.created_ms);
	assert_int_equal(after.modified_before_ms, before.modified_ms);
	assert_int_equal(after.modified_ms, DIRECTORY_NOW + 5000);
	assert_true(after.sequence > before.sequence);
	close_fixture(&f);
}

static void
a_clock_set_back_does_not_set_back_a_holder(void **state)
{
	struct fixture f;

	open_fixture(&f);
	f.d.fixed.now_ms -= 5000;
	struct scim__holder holder = opened(&f);
	take_out(&f, &holder);
	assert_int_equal(
	    SCIM_OK, scim__holder_write(&f.by, f.txn, &holder, &f.d.err));
	assert_int_equal(stored(&f).modified_ms, DIRECTORY_NOW);
	close_fixture(&f);
}

static uint64_t
modified_at(struct fixture *f, int64_t ms)
{
	uint64_t count = POISON;
	scim_bound bound = { 1, 1,
		{ .kind = SCIM_INDEX_INTEGER, .integer = ms } };
	scim_plan plan = { .tenant = SCIM_STR("default"),
		.type = SCIM_STR("Group"),
		.attribute = SCIM_STR("meta.lastModified"),
		.low = bound,
		.high = bound,
		.limit = 1 };

	assert_int_equal(
	    SCIM_OK, scim__store_count(f->txn, &plan, 10, &count, &f->d.err));
	return count;
}

static void
the_index_of_times_moves_along(void **state)
{
	struct fixture f;

	open_fixture(&f);
	assert_int_equal(modified_at(&f, DIRECTORY_NOW), 1);
	f.d.fixed.now_ms += 5000;
	struct scim__holder holder = opened(&f);
	take_out(&f, &holder);
	assert_int_equal(
	    SCIM_OK, scim__holder_write(&f.by, f.txn, &holder, &f.d.err));
	assert_int_equal(modified_at(&f, DIRECTORY_NOW), 0);
	assert_int_equal(modified_at(&f, DIRECTORY_NOW + 5000), 1);
	close_fixture(&f);
}

static void
a_holder_written_in_between_is_not_overwritten(void **state)
{
	struct fixture f;

	open_fixture(&f);
	struct scim__holder first = opened(&f), second = opened(&f);
	take_out(&f, &first);
	take_out(&f, &second);
	assert_int_equal(
	    SCIM_OK, scim__holder_write(&f.by, f.txn, &first, &f.d.err));
	assert_int_equal(SCIM_ERR_VERSION,
	    scim__holder_write(&f.by, f.txn, &second, &f.d.err));
	close_fixture(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_holder_that_is_not_there_is_not_found),
		cmocka_unit_test(
		    a_left_group_is_at_the_version_of_one_never_joined),
		cmocka_unit_test(the_content_stays_and_the_times_move),
		cmocka_unit_test(a_clock_set_back_does_not_set_back_a_holder),
		cmocka_unit_test(the_index_of_times_moves_along),
		cmocka_unit_test(
		    a_holder_written_in_between_is_not_overwritten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
