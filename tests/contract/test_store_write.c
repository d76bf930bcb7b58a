/* SPDX-License-Identifier: Apache-2.0 */
#include <stdlib.h>
#include <string.h>

#include "contract/world.h"

static void
read_record(struct world *w, const scim_key *key, scim_record *out)
{
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);

	assert_ok(scim__store_get(
	    txn, w->arena, key, SCIM_RECORD_CONTENT, out, &w->err));
	must_commit(w, txn);
}

static void
what_was_created_can_be_read(void **state)
{
	struct world *w = *state;
	struct draft d;
	scim_record have = { .position = POISON };
	scim_key key = user("a");

	draft(&d, SCIM_WRITE_CREATE, key, 0, 5);
	d.r.secret = SCIM_STR("{\"password\":\"x\"}");
	d.r.relation_state = (scim_str){ "\0\xFF\0", 3 };
	d.r.relation_count = 12;
	d.r.modified_before_ms = -7;
	memset(d.r.own_hash, 0xA5, sizeof(d.r.own_hash));
	assert_int_equal(must_write(w, &d), 1);

	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	assert_ok(scim__store_get(txn, w->arena, &key,
	    SCIM_RECORD_CONTENT | SCIM_RECORD_SECRET | SCIM_RECORD_RELATION,
	    &have, &w->err));
	must_commit(w, txn);
	assert_str(have.id, "a");
	assert_str(have.content, "{\"n\":5}");
	assert_str(have.secret, "{\"password\":\"x\"}");
	assert_true(scim__str_equal(have.relation_state, d.r.relation_state));
	assert_int_equal(have.relation_count, 12);
	assert_int_equal(have.sequence, 1);
	assert_int_equal(have.created_ms, 1000);
	assert_int_equal(have.modified_ms, 1005);
	assert_int_equal(have.modified_before_ms, -7);
	assert_memory_equal(have.version.bytes, d.r.version.bytes, 16);
	assert_memory_equal(have.own_hash, d.r.own_hash, 32);
}

static void
columns_not_asked_for_are_empty(void **state)
{
	struct world *w = *state;
	static const unsigned parts[] = { 0, SCIM_RECORD_CONTENT,
		SCIM_RECORD_SECRET, SCIM_RECORD_RELATION };
	struct draft d;
	scim_key key = user("a");

	draft(&d, SCIM_WRITE_CREATE, key, 0, 5);
	d.r.secret = SCIM_STR("s");
	d.r.relation_state = SCIM_STR("r");
	(void)must_write(w, &d);

	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	for (size_t i = 0; i < scim__countof(parts); i++) {
		scim_record r = { .position = POISON };

		assert_ok(scim__store_get(
		    txn, w->arena, &key, parts[i], &r, &w->err));
		assert_int_equal(
		    r.content.len > 0, (parts[i] & SCIM_RECORD_CONTENT) != 0);
		assert_int_equal(
		    r.secret.len > 0, (parts[i] & SCIM_RECORD_SECRET) != 0);
		assert_int_equal(r.relation_state.len > 0,
		    (parts[i] & SCIM_RECORD_RELATION) != 0);
		assert_str(r.id, "a");
	}
	must_commit(w, txn);
}

static void
what_is_not_there_is_not_found(void **state)
{
	struct world *w = *state;

	(void)must_create(w, user("a"), 5);

	assert_int_equal(version_at(w, user("b")), 0);
	assert_int_equal(version_at(w, user("")), 0);
	assert_int_equal(version_at(w, group("a")), 0);
}

static void
an_update_at_the_expected_version_wins(void **state)
{
	struct world *w = *state;

	(void)must_create(w, user("a"), 5);

	assert_int_equal(must_update(w, user("a"), 5, 6), 2);

	assert_int_equal(version_at(w, user("a")), 6);
}

/* @spec 7644-3.14-07 */
static void
a_stale_version_loses_and_writes_nothing(void **state)
{
	struct world *w = *state;
	scim_write_result untouched = { .sequence = POISON,
		.position = POISON };
	struct draft d;

	(void)must_create(w, user("a"), 5);
	(void)must_update(w, user("a"), 5, 6);

	draft(&d, SCIM_WRITE_UPDATE, user("a"), 5, 7);
	assert_int_equal(try_write_for(w, &d, &untouched), SCIM_ERR_VERSION);
	draft(&d, SCIM_WRITE_DELETE, user("a"), 5, 0);
	assert_int_equal(try_write_for(w, &d, &untouched), SCIM_ERR_VERSION);

	assert_int_equal(w->err.status, SCIM_ERR_VERSION);
	assert_int_equal(untouched.sequence, POISON);
	assert_int_equal(untouched.position, POISON);
	assert_int_equal(version_at(w, user("a")), 6);
	assert_int_equal(must_update(w, user("a"), 6, 7), 3);
}

static void
a_refused_version_needs_no_savepoint(void **state)
{
	struct world *w = *state;
	scim_write_result untouched = { .sequence = POISON };
	struct draft d;
	scim_unique_row name = { SCIM_STR("userName"), SCIM_STR("x") };
	scim_index_row row = { SCIM_STR("userName"), text("x") };
	scim_member_row member = { SCIM_STR("m"), SCIM_STR(""), SCIM_STR("") };

	(void)must_create(w, user("a"), 5);

	draft(&d, SCIM_WRITE_UPDATE, user("a"), 4, 6);
	d.w.unique_add = &name;
	d.w.index_add = &row;
	d.w.member_add = &member;
	d.w.unique_add_count = d.w.index_add_count = 1;
	d.w.member_add_count = 1;
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	assert_int_equal(
	    scim__store_write(txn, w->arena, &d.w, &untouched, &w->err),
	    SCIM_ERR_VERSION);
	must_commit(w, txn);

	scim_plan plan = all_users();
	plan.attribute = SCIM_STR("userName");
	assert_string_equal(ids_of(w, &plan), "");
	assert_string_equal(holder_of(w, "userName", "x"), "-");
	assert_string_equal(members_of(w, user("a"), "", 9), "");
	assert_int_equal(version_at(w, user("a")), 5);
	assert_int_equal(untouched.sequence, POISON);
	assert_int_equal(must_update(w, user("a"), 5, 6), 2);
}

static void
an_update_or_delete_of_nothing_is_not_found(void **state)
{
	struct world *w = *state;
	struct draft d;

	(void)must_create(w, user("a"), 5);

	draft(&d, SCIM_WRITE_UPDATE, user("b"), 5, 6);
	assert_int_equal(try_write(w, &d), SCIM_ERR_NOT_FOUND);
	draft(&d, SCIM_WRITE_DELETE, user("b"), 5, 0);
	assert_int_equal(try_write(w, &d), SCIM_ERR_NOT_FOUND);
	draft(&d, SCIM_WRITE_UPDATE, group("a"), 5, 6);
	assert_int_equal(try_write(w, &d), SCIM_ERR_NOT_FOUND);

	assert_int_equal(version_at(w, user("b")), 0);
	assert_int_equal(version_at(w, user("a")), 5);
}

static void
a_create_on_a_taken_id_names_the_id(void **state)
{
	struct world *w = *state;
	scim_write_result result = { .sequence = POISON };
	struct draft d;

	(void)must_create(w, user("a"), 5);

	draft(&d, SCIM_WRITE_CREATE, user("a"), 0, 6);
	assert_int_equal(try_write_for(w, &d, &result), SCIM_ERR_EXISTS);

	assert_str(result.holder, "a");
	assert_str(result.attribute, "id");
	assert_int_equal(result.sequence, POISON);
	assert_int_equal(version_at(w, user("a")), 5);
	scim_plan plan = all_users();
	assert_int_equal(count_of(w, &plan, 9), 1);
}

static void
an_id_is_taken_for_every_type_of_its_tenant(void **state)
{
	struct world *w = *state;
	struct draft d;

	(void)must_create(w, user("a"), 5);

	draft(&d, SCIM_WRITE_CREATE, group("a"), 0, 6);
	assert_int_equal(try_write(w, &d), SCIM_ERR_EXISTS);

	assert_int_equal(version_at(w, group("a")), 0);
	assert_int_equal(version_at(w, user("a")), 5);
}

static void
a_deleted_resource_is_gone_and_its_id_free(void **state)
{
	struct world *w = *state;

	(void)must_create(w, user("a"), 5);
	assert_int_equal(must_delete(w, user("a"), 5), 2);

	assert_int_equal(version_at(w, user("a")), 0);
	scim_plan plan = all_users();
	assert_string_equal(ids_of(w, &plan), "");

	assert_int_equal(must_create(w, user("a"), 7), 3);
	assert_int_equal(version_at(w, user("a")), 7);
}

static void
add_unique(struct draft *d, const scim_unique_row *rows, size_t count)
{
	d->w.unique_add = rows;
	d->w.unique_add_count = count;
}

static void
create_with_unique(struct world *w, const char *id, const char *value)
{
	struct draft d;
	scim_unique_row row = { SCIM_STR("userName"), scim__str(value) };

	draft(&d, SCIM_WRITE_CREATE, user(id), 0, 1);
	add_unique(&d, &row, 1);
	(void)must_write(w, &d);
}

static void
a_unique_value_has_one_holder(void **state)
{
	struct world *w = *state;

	create_with_unique(w, "a", "bjensen");

	assert_string_equal(holder_of(w, "userName", "bjensen"), "a");
	assert_string_equal(holder_of(w, "userName", "bjense"), "-");
	assert_string_equal(holder_of(w, "userName", "bjensenn"), "-");
	assert_string_equal(holder_of(w, "userName", ""), "-");
	assert_string_equal(holder_of(w, "externalId", "bjensen"), "-");
}

static void
a_unique_conflict_names_the_holder_and_leaves_nothing(void **state)
{
	struct world *w = *state;
	scim_unique_row rows[] = { { SCIM_STR("externalId"), SCIM_STR("9") },
		{ SCIM_STR("userName"), SCIM_STR("bjensen") } };
	scim_index_row index = { SCIM_STR("userName"), text("bjensen") };
	scim_write_result result = { .sequence = POISON, .position = POISON };
	struct draft d;

	create_with_unique(w, "a", "bjensen");

	draft(&d, SCIM_WRITE_CREATE, user("b"), 0, 2);
	add_unique(&d, rows, 2);
	d.w.index_add = &index;
	d.w.index_add_count = 1;
	assert_int_equal(try_write_for(w, &d, &result), SCIM_ERR_EXISTS);

	assert_int_equal(w->err.status, SCIM_ERR_EXISTS);
	assert_str(result.holder, "a");
	assert_str(result.attribute, "userName");
	assert_int_equal(result.sequence, POISON);
	assert_int_equal(result.position, POISON);
	assert_int_equal(version_at(w, user("b")), 0);
	assert_string_equal(holder_of(w, "externalId", "9"), "-");
	assert_string_equal(holder_of(w, "userName", "bjensen"), "a");
	scim_plan plan = all_users();
	assert_string_equal(ids_of(w, &plan), "a ");
	plan.attribute = SCIM_STR("userName");
	assert_string_equal(ids_of(w, &plan), "");
	assert_int_equal(must_create(w, user("c"), 3), 2);
}

static void
an_update_meets_the_same_conflict(void **state)
{
	struct world *w = *state;
	scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("x") };
	scim_write_result result = { .sequence = POISON };
	struct draft d;

	create_with_unique(w, "a", "x");
	create_with_unique(w, "b", "y");

	draft(&d, SCIM_WRITE_UPDATE, user("b"), 1, 2);
	add_unique(&d, &row, 1);
	assert_int_equal(try_write_for(w, &d, &result), SCIM_ERR_EXISTS);

	assert_str(result.holder, "a");
	assert_int_equal(version_at(w, user("b")), 1);
	assert_string_equal(holder_of(w, "userName", "y"), "b");
}

static void
a_stale_version_is_told_before_a_conflict(void **state)
{
	struct world *w = *state;
	scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("x") };
	struct draft d;

	create_with_unique(w, "a", "x");
	create_with_unique(w, "b", "y");

	draft(&d, SCIM_WRITE_UPDATE, user("b"), 9, 2);
	add_unique(&d, &row, 1);
	assert_int_equal(try_write(w, &d), SCIM_ERR_VERSION);
}

static void
a_resource_keeps_a_value_it_adds_again(void **state)
{
	struct world *w = *state;
	scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("x") };
	struct draft d;

	create_with_unique(w, "a", "x");

	draft(&d, SCIM_WRITE_UPDATE, user("a"), 1, 2);
	add_unique(&d, &row, 1);
	(void)must_write(w, &d);
	draft(&d, SCIM_WRITE_UPDATE, user("a"), 2, 3);
	add_unique(&d, &row, 1);
	d.w.unique_remove = &row;
	d.w.unique_remove_count = 1;
	(void)must_write(w, &d);

	assert_string_equal(holder_of(w, "userName", "x"), "a");
}

static void
one_write_gives_a_value_back_and_takes_another(void **state)
{
	struct world *w = *state;
	scim_unique_row old = { SCIM_STR("userName"), SCIM_STR("x") };
	scim_unique_row new = { SCIM_STR("userName"), SCIM_STR("y") };
	struct draft d;

	create_with_unique(w, "a", "x");

	draft(&d, SCIM_WRITE_UPDATE, user("a"), 1, 2);
	add_unique(&d, &new, 1);
	d.w.unique_remove = &old;
	d.w.unique_remove_count = 1;
	(void)must_write(w, &d);

	assert_string_equal(holder_of(w, "userName", "x"), "-");
	assert_string_equal(holder_of(w, "userName", "y"), "a");
	create_with_unique(w, "b", "x");
	assert_string_equal(holder_of(w, "userName", "x"), "b");
}

static void
a_value_moves_from_one_resource_to_another(void **state)
{
	struct world *w = *state;
	scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("x") };
	scim_write_result result = { .sequence = POISON };
	struct draft from, to;

	create_with_unique(w, "a", "x");
	create_with_unique(w, "b", "y");

	draft(&from, SCIM_WRITE_UPDATE, user("a"), 1, 2);
	from.w.unique_remove = &row;
	from.w.unique_remove_count = 1;
	draft(&to, SCIM_WRITE_UPDATE, user("b"), 1, 2);
	add_unique(&to, &row, 1);
	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	assert_ok(scim__store_write(txn, w->arena, &from.w, &result, &w->err));
	assert_ok(scim__store_write(txn, w->arena, &to.w, &result, &w->err));
	must_commit(w, txn);

	assert_string_equal(holder_of(w, "userName", "x"), "b");
}

/* Who is found by the index row of this name. */
static const char *
found_by(struct world *w, const char *attribute, const char *value)
{
	scim_plan plan = all_users();

	plan.attribute = scim__str(attribute);
	plan.low = plan.high = (scim_bound){ 1, 1, text(value) };
	return ids_of(w, &plan);
}

static void
rows_alone_come_and_go(void **state)
{
	struct world *w = *state;
	scim_unique_row old = { SCIM_STR("serial"), SCIM_STR("o") };
	scim_unique_row new = { SCIM_STR("code"), SCIM_STR("n") };
	scim_index_row left = { SCIM_STR("shelf"), text("l") };
	scim_index_row right = { SCIM_STR("place"), text("r") };
	scim_key key = user("a");
	scim_record before = { .position = POISON }, after = before;
	struct draft d;

	draft(&d, SCIM_WRITE_CREATE, key, 0, 1);
	d.w.unique_add = &old;
	d.w.index_add = &left;
	d.w.unique_add_count = d.w.index_add_count = 1;
	(void)must_write(w, &d);
	read_record(w, &key, &before);

	draft(&d, SCIM_WRITE_INDEX, key, 1, 0);
	d.w.record = NULL;
	d.w.unique_remove = &old;
	d.w.unique_add = &new;
	d.w.index_remove = &left;
	d.w.index_add = &right;
	d.w.unique_remove_count = d.w.unique_add_count = 1;
	d.w.index_remove_count = d.w.index_add_count = 1;
	assert_ok(try_write(w, &d));

	assert_string_equal(holder_of(w, "serial", "o"), "-");
	assert_string_equal(holder_of(w, "code", "n"), "a");
	assert_string_equal(found_by(w, "shelf", "l"), "");
	assert_string_equal(found_by(w, "place", "r"), "a ");
	read_record(w, &key, &after);
	assert_int_equal(after.sequence, before.sequence);
	assert_int_equal(after.modified_ms, before.modified_ms);
	assert_true(scim__str_equal(after.content, before.content));
	assert_int_equal(must_create(w, user("b"), 1), before.sequence + 1);
}

static void
rows_alone_are_refused_as_any_write_is(void **state)
{
	struct world *w = *state;
	scim_unique_row row = { SCIM_STR("serial"), SCIM_STR("s") };
	scim_write_result out = { 0 };
	struct draft d;

	create_with_unique(w, "a", "x");
	create_with_unique(w, "b", "y");
	draft(&d, SCIM_WRITE_INDEX, user("a"), 1, 0);
	add_unique(&d, &row, 1);
	assert_ok(try_write(w, &d));

	draft(&d, SCIM_WRITE_INDEX, user("b"), 1, 0);
	add_unique(&d, &row, 1);
	assert_int_equal(try_write_for(w, &d, &out), SCIM_ERR_EXISTS);
	assert_str(out.holder, "a");
	assert_str(out.attribute, "serial");

	draft(&d, SCIM_WRITE_INDEX, user("b"), 9, 0);
	assert_int_equal(try_write(w, &d), SCIM_ERR_VERSION);
	draft(&d, SCIM_WRITE_INDEX, user("c"), 1, 0);
	assert_int_equal(try_write(w, &d), SCIM_ERR_NOT_FOUND);
	assert_string_equal(holder_of(w, "serial", "s"), "a");
}

static void
a_resource_gives_back_only_what_it_holds(void **state)
{
	struct world *w = *state;
	scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("x") };
	struct draft d;

	create_with_unique(w, "a", "x");
	create_with_unique(w, "b", "y");

	draft(&d, SCIM_WRITE_UPDATE, user("b"), 1, 2);
	d.w.unique_remove = &row;
	d.w.unique_remove_count = 1;
	(void)must_write(w, &d);

	assert_string_equal(holder_of(w, "userName", "x"), "a");
}

static void
a_value_is_unique_within_a_type(void **state)
{
	struct world *w = *state;
	scim_unique_row row = { SCIM_STR("userName"), SCIM_STR("x") };
	struct draft d;

	create_with_unique(w, "a", "x");

	draft(&d, SCIM_WRITE_CREATE, group("g"), 0, 1);
	add_unique(&d, &row, 1);
	(void)must_write(w, &d);

	assert_string_equal(holder_of(w, "userName", "x"), "a");
}

static void
a_deletion_takes_the_rows_it_names(void **state)
{
	struct world *w = *state;
	scim_unique_row unique = { SCIM_STR("userName"), SCIM_STR("x") };
	scim_index_row index = { SCIM_STR("userName"), text("x") };
	struct draft d;

	draft(&d, SCIM_WRITE_CREATE, user("a"), 0, 1);
	add_unique(&d, &unique, 1);
	d.w.index_add = &index;
	d.w.index_add_count = 1;
	(void)must_write(w, &d);

	draft(&d, SCIM_WRITE_DELETE, user("a"), 1, 0);
	d.w.record = NULL;
	d.w.unique_remove = &unique;
	d.w.unique_remove_count = 1;
	d.w.index_remove = &index;
	d.w.index_remove_count = 1;
	(void)must_write(w, &d);

	scim_plan plan = all_users();
	plan.attribute = SCIM_STR("userName");
	assert_string_equal(ids_of(w, &plan), "");
	assert_string_equal(holder_of(w, "userName", "x"), "-");
}

static void
removing_rows_that_are_not_there_succeeds(void **state)
{
	struct world *w = *state;
	scim_unique_row unique = { SCIM_STR("userName"), SCIM_STR("x") };
	scim_index_row index = { SCIM_STR("userName"), text("x") };
	scim_str member = SCIM_STR("m");
	struct draft d;

	(void)must_create(w, user("a"), 1);

	draft(&d, SCIM_WRITE_UPDATE, user("a"), 1, 2);
	d.w.unique_remove = &unique;
	d.w.index_remove = &index;
	d.w.member_remove = &member;
	d.w.unique_remove_count = d.w.index_remove_count = 1;
	d.w.member_remove_count = 1;
	(void)must_write(w, &d);

	assert_int_equal(version_at(w, user("a")), 2);
}

static void
sequences_count_from_one_in_each_tenant(void **state)
{
	struct world *w = *state;
	scim_key other = { SCIM_STR("u"), SCIM_STR("User"), SCIM_STR("a") };

	assert_int_equal(must_create(w, user("a"), 1), 1);
	assert_int_equal(must_create(w, other, 1), 1);
	assert_int_equal(must_update(w, user("a"), 1, 2), 2);
	assert_int_equal(must_create(w, group("g"), 1), 3);
	assert_int_equal(must_delete(w, user("a"), 2), 4);
	assert_int_equal(must_update(w, other, 1, 2), 2);
}

static void
a_write_that_is_undone_gives_its_number_back(void **state)
{
	struct world *w = *state;
	scim_write_result result = { .sequence = POISON };
	struct draft d;

	assert_int_equal(must_create(w, user("a"), 1), 1);

	scim_txn *txn = must_begin(w, SCIM_TXN_WRITE);
	draft(&d, SCIM_WRITE_UPDATE, user("a"), 1, 2);
	assert_ok(scim__store_write(txn, w->arena, &d.w, &result, &w->err));
	assert_int_equal(result.sequence, 2);
	scim__store_rollback(txn);
	assert_int_equal(must_update(w, user("a"), 1, 3), 2);

	txn = must_begin(w, SCIM_TXN_WRITE);
	assert_ok(scim__store_savepoint(txn, &w->err));
	draft(&d, SCIM_WRITE_UPDATE, user("a"), 3, 4);
	assert_ok(scim__store_write(txn, w->arena, &d.w, &result, &w->err));
	assert_int_equal(result.sequence, 3);
	assert_ok(scim__store_rollback_to(txn, &w->err));
	must_commit(w, txn);
	assert_int_equal(must_update(w, user("a"), 3, 5), 3);
}

static void
a_record_bears_the_sequence_of_its_last_change(void **state)
{
	struct world *w = *state;
	scim_record r = { .position = POISON };
	scim_key key = user("a");

	(void)must_create(w, key, 1);
	(void)must_create(w, user("b"), 1);
	(void)must_update(w, key, 1, 2);

	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	assert_ok(scim__store_get(txn, w->arena, &key, 0, &r, &w->err));
	must_commit(w, txn);
	assert_int_equal(r.sequence, 3);
}

static void
positions_grow_and_stay(void **state)
{
	struct world *w = *state;
	scim_write_result first = { .position = 0 }, second = first;
	scim_key key = user("a");
	scim_record r;
	struct draft d;

	draft(&d, SCIM_WRITE_CREATE, key, 0, 1);
	assert_ok(try_write_for(w, &d, &first));
	draft(&d, SCIM_WRITE_CREATE, group("g"), 0, 1);
	assert_ok(try_write_for(w, &d, &second));
	(void)must_update(w, key, 1, 2);

	assert_true(second.position > first.position);
	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	assert_ok(scim__store_get(txn, w->arena, &key, 0, &r, &w->err));
	must_commit(w, txn);
	assert_int_equal(r.position, first.position);
}

static void
ids_and_contents_may_be_long(void **state)
{
	enum { ID = 1000, CONTENT = 1024 * 1024 };
	struct world *w = *state;
	char *bytes = malloc(CONTENT);
	scim_record r;
	struct draft d;

	assert_non_null(bytes);
	memset(bytes, 'x', CONTENT);
	scim_key key = user("");
	key.id = (scim_str){ bytes, ID };
	draft(&d, SCIM_WRITE_CREATE, key, 0, 1);
	d.r.content = (scim_str){ bytes, CONTENT };
	(void)must_write(w, &d);

	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	assert_ok(scim__store_get(
	    txn, w->arena, &key, SCIM_RECORD_CONTENT, &r, &w->err));
	must_commit(w, txn);
	assert_true(scim__str_equal(r.content, d.r.content));
	assert_true(scim__str_equal(r.id, key.id));
	free(bytes);
}

static void
contents_may_hold_any_text(void **state)
{
	struct world *w = *state;
	scim_key key = user("\xF0\x9F\x90\xB1'\"\\%_");
	scim_record r;
	struct draft d;

	draft(&d, SCIM_WRITE_CREATE, key, 0, 1);
	d.r.content = (scim_str){ "a\0b'\xC3\xA9\x01", 7 };
	(void)must_write(w, &d);

	scim_txn *txn = must_begin(w, SCIM_TXN_READ);
	assert_ok(scim__store_get(
	    txn, w->arena, &key, SCIM_RECORD_CONTENT, &r, &w->err));
	must_commit(w, txn);
	assert_true(scim__str_equal(r.content, d.r.content));
	assert_true(scim__str_equal(r.id, key.id));
}

struct write_try {
	struct world *w;
	struct draft d;
};

static scim_status
write_once(scim_arena *arena, void *context)
{
	struct write_try *t = context;
	scim_write_result out = { .sequence = POISON, .position = POISON };
	scim_txn *txn = must_begin(t->w, SCIM_TXN_WRITE);

	assert_ok(scim__store_savepoint(txn, NULL));
	scim_status rc =
	    scim__store_write(txn, arena, &t->d.w, &out, &t->w->err);
	assert_int_equal(out.sequence, rc == SCIM_OK ? 2 : POISON);
	assert_int_equal(out.position, POISON);
	assert_ok(scim__store_rollback_to(txn, NULL));
	must_commit(t->w, txn);
	return rc;
}

static void
every_failed_allocation_of_a_write_is_reported(void **state)
{
	struct world *w = *state;
	struct write_try t = { .w = w };
	scim_unique_row unique = { SCIM_STR("userName"), SCIM_STR("x") };
	scim_unique_row unique_old = { SCIM_STR("userName"), SCIM_STR("y") };
	scim_index_row index = { SCIM_STR("userName"), text("x") };
	scim_member_row member = { SCIM_STR("m"), SCIM_STR("User"),
		SCIM_STR("M") };
	scim_str gone = SCIM_STR("n");

	create_with_unique(w, "a", "y");
	draft(&t.d, SCIM_WRITE_UPDATE, user("a"), 1, 2);
	add_unique(&t.d, &unique, 1);
	t.d.w.unique_remove = &unique_old;
	t.d.w.index_add = t.d.w.index_remove = &index;
	t.d.w.member_add = &member;
	t.d.w.member_remove = &gone;
	t.d.w.unique_remove_count = t.d.w.index_add_count = 1;
	t.d.w.index_remove_count = t.d.w.member_add_count = 1;
	t.d.w.member_remove_count = 1;

	(void)test_fail_each_allocation(write_once, &t);

	assert_int_equal(version_at(w, user("a")), 1);
	assert_string_equal(holder_of(w, "userName", "y"), "a");
	assert_string_equal(members_of(w, user("a"), "", 9), "");
}

int
main(void)
{
	static const struct contract_case cases[] = {
		CONTRACT_CASE(what_was_created_can_be_read),
		CONTRACT_CASE(columns_not_asked_for_are_empty),
		CONTRACT_CASE(what_is_not_there_is_not_found),
		CONTRACT_CASE(an_update_at_the_expected_version_wins),
		CONTRACT_CASE(a_stale_version_loses_and_writes_nothing),
		CONTRACT_CASE(a_refused_version_needs_no_savepoint),
		CONTRACT_CASE(an_update_or_delete_of_nothing_is_not_found),
		CONTRACT_CASE(a_create_on_a_taken_id_names_the_id),
		CONTRACT_CASE(an_id_is_taken_for_every_type_of_its_tenant),
		CONTRACT_CASE(a_deleted_resource_is_gone_and_its_id_free),
		CONTRACT_CASE(a_unique_value_has_one_holder),
		CONTRACT_CASE(
		    a_unique_conflict_names_the_holder_and_leaves_nothing),
		CONTRACT_CASE(an_update_meets_the_same_conflict),
		CONTRACT_CASE(a_stale_version_is_told_before_a_conflict),
		CONTRACT_CASE(a_resource_keeps_a_value_it_adds_again),
		CONTRACT_CASE(one_write_gives_a_value_back_and_takes_another),
		CONTRACT_CASE(a_value_moves_from_one_resource_to_another),
		CONTRACT_CASE(rows_alone_come_and_go),
		CONTRACT_CASE(rows_alone_are_refused_as_any_write_is),
		CONTRACT_CASE(a_resource_gives_back_only_what_it_holds),
		CONTRACT_CASE(a_value_is_unique_within_a_type),
		CONTRACT_CASE(a_deletion_takes_the_rows_it_names),
		CONTRACT_CASE(removing_rows_that_are_not_there_succeeds),
		CONTRACT_CASE(sequences_count_from_one_in_each_tenant),
		CONTRACT_CASE(a_write_that_is_undone_gives_its_number_back),
		CONTRACT_CASE(a_record_bears_the_sequence_of_its_last_change),
		CONTRACT_CASE(positions_grow_and_stay),
		CONTRACT_CASE(ids_and_contents_may_be_long),
		CONTRACT_CASE(contents_may_hold_any_text),
		CONTRACT_CASE(every_failed_allocation_of_a_write_is_reported),
	};

	return contract_run("store/write", cases, scim__countof(cases));
}
