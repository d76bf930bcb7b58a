/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/renew.h"

#include "base/error.h"
#include "lib/directory.h"

struct fixture {
	struct directory d;
	scim_key key;
	scim_record record;
};

/* Room for a stored record, whichever resource it is. */
static void
read_record(struct fixture *f, const char *type, scim_str id)
{
	scim_txn *txn = NULL;

	f->key = (scim_key){ f->d.context.tenant, scim__str(type), id };
	assert_int_equal(SCIM_OK,
	    scim__store_begin(f->d.store, SCIM_TXN_READ, &txn, &f->d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_get(txn, f->d.context.arena, &f->key,
		SCIM_RECORD_CONTENT | SCIM_RECORD_SECRET | SCIM_RECORD_RELATION,
		&f->record, &f->d.err));
	scim__store_rollback(txn);
}

static void
open_fixture(struct fixture *f)
{
	directory_open(&f->d);
	scim_resource user = directory_user(&f->d, "BJensen");
	read_record(f, "User", user.id);
}

static scim_status
renew(struct fixture *f, bool rewrites, scim_write *write, bool *out_changed)
{
	write->key = f->key;
	return scim__renew(f->d.registry, f->d.context.arena, rewrites,
	    &f->record, write, out_changed, &f->d.err);
}

static void
rows_are_those_of_the_content(void **state)
{
	struct fixture f;
	scim_write write = { 0 };
	bool changed = true;

	open_fixture(&f);
	scim_record before = f.record;
	assert_int_equal(SCIM_OK, renew(&f, false, &write, &changed));
	assert_false(changed);
	assert_memory_equal(&before, &f.record, sizeof(before));
	assert_int_equal(write.unique_add_count, 1);
	assert_str(write.unique_add[0].attribute, "userName");
	assert_str(write.unique_add[0].value, "bjensen");
	assert_true(write.index_add_count > 1);
	directory_close(&f.d);
}

static void
octets_that_stay_keep_their_version(void **state)
{
	struct fixture f;
	scim_write write = { 0 };
	bool changed = true;

	open_fixture(&f);
	scim_record before = f.record;
	assert_int_equal(SCIM_OK, renew(&f, true, &write, &changed));
	assert_false(changed);
	assert_true(scim__str_equal(before.content, f.record.content));
	assert_memory_equal(
	    &before.version, &f.record.version, sizeof(before.version));
	directory_close(&f.d);
}

static void
spoil(struct fixture *f)
{
	f->record.content = scim__str_format(f->d.context.arena, " %.*s",
	    (int)f->record.content.len, f->record.content.ptr);
	memset(&f->record.version, 0, sizeof(f->record.version));
	memset(f->record.own_hash, 0, sizeof(f->record.own_hash));
}

static void
other_octets_get_the_version_of_the_state(void **state)
{
	struct fixture f;
	scim_write write = { 0 };
	bool changed = false;

	open_fixture(&f);
	const scim_str *const members[] = { &f.record.id, NULL };
	scim_resource group = directory_group(&f.d, "g", members);
	const scim_key keys[] = { f.key,
		{ f.key.tenant, SCIM_STR("Group"), group.id } };
	for (size_t i = 0; i < scim__countof(keys); i++) {
		read_record(&f, keys[i].type.ptr, keys[i].id);
		scim_record before = f.record;
		spoil(&f);
		assert_int_equal(SCIM_OK, renew(&f, true, &write, &changed));
		assert_true(changed);
		assert_true(scim__str_equal(before.content, f.record.content));
		assert_memory_equal(
		    &before.version, &f.record.version, sizeof(before.version));
		assert_memory_equal(before.own_hash, f.record.own_hash,
		    sizeof(before.own_hash));
	}
	directory_close(&f.d);
}

static void
a_type_without_a_definition_is_refused(void **state)
{
	struct fixture f;
	scim_write write = { 0 };
	bool changed = true;

	open_fixture(&f);
	f.key.type = SCIM_STR("Device");
	assert_int_equal(
	    SCIM_ERR_UNSUPPORTED, renew(&f, true, &write, &changed));
	assert_non_null(strstr(f.d.err.detail, "'Device'"));
	assert_non_null(strstr(f.d.err.detail, "--schemas"));
	assert_true(changed);
	directory_close(&f.d);
}

static scim_status
renew_in(scim_arena *arena, void *context)
{
	struct fixture *f = context;
	scim_record record = f->record;
	scim_write write = { .key = f->key };
	bool changed = false;

	return scim__renew(
	    f->d.registry, arena, true, &record, &write, &changed, NULL);
}

static void
every_allocation_may_fail(void **state)
{
	struct fixture f;

	open_fixture(&f);
	spoil(&f);
	assert_true(test_fail_each_allocation(renew_in, &f) > 3);
	directory_close(&f.d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rows_are_those_of_the_content),
		cmocka_unit_test(octets_that_stay_keep_their_version),
		cmocka_unit_test(other_octets_get_the_version_of_the_state),
		cmocka_unit_test(a_type_without_a_definition_is_refused),
		cmocka_unit_test(every_allocation_may_fail),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
