/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/restore.h"

#include "lib/directory.h"
#include "json/json.h"

/* A group with two members, and what an export would say of it. */
struct fixture {
	struct directory d;
	scim_key key;
	scim_record record;
	scim_member_row *rows;
	struct scim__restore restore;
};

static void
parse(struct fixture *f, scim_str text, scim__value *out)
{
	*out = scim__value_object();
	if (text.len > 0)
		assert_int_equal(SCIM_OK,
		    scim__json_parse_trusted(
			f->d.context.arena, text, out, &f->d.err));
}

static void
open_fixture(struct fixture *f)
{
	scim_txn *txn = NULL;
	size_t count = 0;

	directory_open(&f->d);
	scim_resource a = directory_user(&f->d, "a");
	scim_resource b = directory_user(&f->d, "b");
	const scim_str *ids[] = { &a.id, &b.id, NULL };
	scim_resource group = directory_group(&f->d, "all", ids);
	f->key = (scim_key){ f->d.context.tenant, SCIM_STR("Group"), group.id };
	assert_int_equal(SCIM_OK,
	    scim__store_begin(f->d.store, SCIM_TXN_READ, &txn, &f->d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_get(txn, f->d.context.arena, &f->key,
		SCIM_RECORD_CONTENT | SCIM_RECORD_SECRET | SCIM_RECORD_RELATION,
		&f->record, &f->d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_members(txn, f->d.context.arena, &f->key, SCIM_STR(""),
		10, &f->rows, &count, &f->d.err));
	scim__store_rollback(txn);
	f->restore = (struct scim__restore){ .type = SCIM_STR("Group"),
		.id = group.id,
		.version = f->record.version,
		.created_ms = 1000,
		.modified_ms = 3000,
		.modified_before_ms = 2000,
		.members = f->rows,
		.member_count = count };
	parse(f, f->record.content, &f->restore.content);
	parse(f, f->record.secret, &f->restore.secret);
}

static void
take_it_away(struct fixture *f)
{
	scim_outcome out;

	assert_int_equal(SCIM_OK,
	    directory_delete(&f->d, "Group", f->restore.id, &expect_any, &out));
}

static scim_status
restore(struct fixture *f, enum scim__restored *out)
{
	scim_txn *txn = NULL;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(f->d.store, SCIM_TXN_WRITE, &txn, &f->d.err));
	scim_status rc = scim__restore(
	    f->d.provider, &f->d.context, txn, &f->restore, out, &f->d.err);
	if (rc != SCIM_OK) {
		scim__store_rollback(txn);
		return rc;
	}
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &f->d.err));
	return rc;
}

static scim_record
stored(struct fixture *f)
{
	scim_txn *txn = NULL;
	scim_record record;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(f->d.store, SCIM_TXN_READ, &txn, &f->d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_get(txn, f->d.context.arena, &f->key,
		SCIM_RECORD_CONTENT, &record, &f->d.err));
	scim__store_rollback(txn);
	return record;
}

static void
what_comes_back_is_what_went(void **state)
{
	enum scim__restored what = SCIM__RESTORED_OTHER;
	struct fixture f;

	open_fixture(&f);
	take_it_away(&f);
	assert_int_equal(SCIM_OK, restore(&f, &what));
	assert_int_equal(what, SCIM__RESTORED_NEW);
	scim_record record = stored(&f);
	assert_true(scim_version_equal(&record.version, &f.record.version));
	assert_true(scim__str_equal(record.content, f.record.content));
	assert_int_equal(record.created_ms, 1000);
	assert_int_equal(record.modified_ms, 3000);
	assert_int_equal(record.modified_before_ms, 2000);
	assert_int_equal(record.relation_count, 2);
	assert_int_equal(SCIM_OK, restore(&f, &what));
	assert_int_equal(what, SCIM__RESTORED_THERE);
	directory_close(&f.d);
}

static void
what_is_there_at_another_version_stays(void **state)
{
	enum scim__restored what = SCIM__RESTORED_NEW;
	struct fixture f;

	open_fixture(&f);
	f.restore.version.bytes[0] ^= 1;
	for (int is_part = 0; is_part < 2; is_part++) {
		f.restore.is_part = is_part == 1;
		assert_int_equal(SCIM_OK, restore(&f, &what));
		assert_int_equal(what, SCIM__RESTORED_OTHER);
	}
	directory_close(&f.d);
}

static void
a_state_that_its_version_does_not_name_is_refused(void **state)
{
	enum scim__restored what;
	struct fixture f;

	open_fixture(&f);
	take_it_away(&f);
	f.restore.member_count = 1;
	assert_int_equal(SCIM_ERR_INVALID, restore(&f, &what));
	f.restore.member_count = 2;
	assert_true(scim__object_set(f.d.context.arena, &f.restore.content,
	    SCIM_STR("displayName"), scim__value_string(SCIM_STR("else"))));
	assert_int_equal(SCIM_ERR_INVALID, restore(&f, &what));
	f.restore.type = SCIM_STR("Ghost");
	assert_int_equal(SCIM_ERR_INVALID, restore(&f, &what));
	directory_close(&f.d);
}

static void
members_may_come_in_turns(void **state)
{
	enum scim__restored what;
	struct fixture f;

	open_fixture(&f);
	take_it_away(&f);
	f.restore.is_part = true;
	f.restore.member_count = 1;
	assert_int_equal(SCIM_ERR_INVALID, restore(&f, &what));
	assert_int_equal(SCIM_OK,
	    scim__restore_own_hash(f.d.context.arena, &f.restore, &f.d.err));
	assert_memory_equal(
	    f.restore.own_hash, f.record.own_hash, sizeof(f.record.own_hash));
	assert_int_equal(SCIM_OK, restore(&f, &what));
	assert_int_equal(what, SCIM__RESTORED_NEW);
	assert_int_equal(stored(&f).relation_count, 1);
	/* The same again is nothing to do. */
	assert_int_equal(SCIM_OK, restore(&f, &what));
	assert_int_equal(what, SCIM__RESTORED_THERE);
	f.restore.member_count = 2;
	assert_int_equal(SCIM_OK, restore(&f, &what));
	assert_int_equal(what, SCIM__RESTORED_NEW);
	scim_record record = stored(&f);
	assert_true(scim_version_equal(&record.version, &f.record.version));
	assert_int_equal(record.modified_ms, 3000);
	directory_close(&f.d);
}

static void
members_do_not_come_to_what_somebody_else_changed(void **state)
{
	enum scim__restored what;
	struct fixture f;
	scim_outcome out;

	open_fixture(&f);
	take_it_away(&f);
	f.restore.is_part = true;
	f.restore.member_count = 1;
	assert_int_equal(SCIM_OK,
	    scim__restore_own_hash(f.d.context.arena, &f.restore, &f.d.err));
	assert_int_equal(SCIM_OK, restore(&f, &what));
	assert_int_equal(SCIM_OK,
	    directory_patch(&f.d, "Group", f.restore.id,
		"{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp"
		"\"],\"Operations\":[{\"op\":\"remove\",\"path\":\"members\"}]"
		"}",
		&expect_any, &out));
	assert_int_equal(SCIM_OK, restore(&f, &what));
	assert_int_equal(what, SCIM__RESTORED_OTHER);
	directory_close(&f.d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_comes_back_is_what_went),
		cmocka_unit_test(what_is_there_at_another_version_stays),
		cmocka_unit_test(
		    a_state_that_its_version_does_not_name_is_refused),
		cmocka_unit_test(members_may_come_in_turns),
		cmocka_unit_test(
		    members_do_not_come_to_what_somebody_else_changed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
