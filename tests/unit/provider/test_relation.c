/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/relation.h"

#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "lib/directory.h"

#define GROUP_URN "urn:ietf:params:scim:schemas:core:2.0:Group"

/*
 * The naive model: for each number below `size`, whether m-<number> is a
 * member, and under which of three displays.  0 is no member.
 */
#define MOST 1300

struct model {
	size_t size;
	int display[MOST];
};

static const char *const displays[] = { NULL, "", "Babs", "babs" };

struct fixture {
	struct directory d;
	scim_resource group;
	scim_txn *txn;
	uint32_t seed;
};

static uint32_t
draw(struct fixture *f, uint32_t below)
{
	f->seed = f->seed * 1664525u + 1013904223u;
	return (f->seed >> 8) % below;
}

static void
name_of(size_t i, char out[16])
{
	(void)snprintf(out, 16, "m-%05zu", i * 7919 % 100000);
}

/* As validation hands it over, in no particular order. */
static scim__value
value_of(struct fixture *f, const struct model *m)
{
	scim_arena *arena = f->d.context.arena;
	scim__value list = scim__value_array();
	char name[16];

	for (size_t i = 0; i < m->size; i++) {
		scim__value e = scim__value_object();

		if (m->display[i] == 0)
			continue;
		name_of(i, name);
		assert_true(scim__object_add(arena, &e, SCIM_STR("value"),
		    scim__value_string(
			scim__str_copy(arena, scim__str(name)))));
		if (m->display[i] > 1)
			assert_true(
			    scim__object_add(arena, &e, SCIM_STR("display"),
				scim__value_string(
				    scim__str(displays[m->display[i]]))));
		assert_true(scim__array_add(arena, &list, e));
	}
	return list;
}

static scim_str
json_of(struct fixture *f, const struct model *m)
{
	scim__buf buf;
	char name[16];
	bool first = true;

	scim__buf_init(&buf, f->d.context.arena, SIZE_MAX);
	scim__buf_add_z(&buf,
	    "{\"schemas\":[\"" GROUP_URN "\"],\"displayName\":\"g\","
	    "\"members\":[");
	for (size_t i = m->size; i-- > 0;) {
		if (m->display[i] == 0)
			continue;
		name_of(i, name);
		scim__buf_printf(&buf,
		    "%s{\"value\":\"%s\",\"display\":\"%s\"}", first ? "" : ",",
		    name, displays[m->display[i]]);
		first = false;
	}
	scim__buf_add(&buf, SCIM_STR("]}\0"));
	assert_false(scim__buf_failed(&buf));
	return scim__buf_str(&buf);
}

static void
open_fixture(struct fixture *f)
{
	directory_open(&f->d);
	f->d.settings.dangling_members = SCIM_DANGLING_KEEP;
	f->seed = 1;
	f->txn = NULL;
	f->group = directory_group(&f->d, "g", NULL);
}

static void
read_again(struct fixture *f)
{
	scim__store_rollback(scim__take(f->txn));
	assert_int_equal(SCIM_OK,
	    scim__store_begin(f->d.store, SCIM_TXN_READ, &f->txn, &f->d.err));
}

static void
close_fixture(struct fixture *f)
{
	scim__store_rollback(f->txn);
	directory_close(&f->d);
}

/* The edit that makes the relation of `id` hold `wanted`. */
static struct scim__relation_edit
edit_of(struct fixture *f, scim_str id, const scim__value *wanted)
{
	scim_key key = { SCIM_STR("default"), SCIM_STR("Group"), id };
	scim_record record = { .relation_count = 0 };
	struct scim__relation_edit edit;
	scim_status rc = scim__store_get(f->txn, f->d.context.arena, &key,
	    SCIM_RECORD_RELATION, &record, &f->d.err);

	if (rc == SCIM_ERR_NOT_FOUND)
		record = (scim_record){ .relation_count = 0 };
	else
		assert_int_equal(rc, SCIM_OK);
	assert_int_equal(
	    SCIM_OK, scim__relation_begin(&record, &edit, &f->d.err));
	assert_int_equal(SCIM_OK,
	    scim__relation_replace(f->txn, &f->d.context,
		scim__registry_type(f->d.registry, SCIM_STR("Group")), &key,
		wanted, &edit, &f->d.err));
	return edit;
}

static bool
adds(const struct scim__relation_edit *edit, const char *name, int display)
{
	for (size_t i = 0; i < edit->add_count; i++)
		if (scim__str_equal(edit->add[i].value, scim__str(name)))
			return scim__str_equal(
			    edit->add[i].display, scim__str(displays[display]));
	return false;
}

static bool
removes(const struct scim__relation_edit *edit, const char *name)
{
	for (size_t i = 0; i < edit->remove_count; i++)
		if (scim__str_equal(edit->remove[i], scim__str(name)))
			return true;
	return false;
}

/* Just what differs is named, and the hash is that of the set alone. */
static void
check_step(
    struct fixture *f, const struct model *before, const struct model *after)
{
	scim__value wanted = value_of(f, after);
	size_t adding = 0, removing = 0;
	char name[16];

	read_again(f);
	struct scim__relation_edit edit = edit_of(f, f->group.id, &wanted);
	for (size_t i = 0; i < after->size; i++) {
		name_of(i, name);
		if (before->display[i] == after->display[i])
			continue;
		if (after->display[i] == 0) {
			removing++;
			assert_true(removes(&edit, name));
		} else {
			adding++;
			assert_true(adds(&edit, name, after->display[i]));
		}
	}
	assert_int_equal(edit.add_count, adding);
	assert_int_equal(edit.remove_count, removing);
	assert_int_equal(edit.changed, adding + removing > 0);

	struct scim__relation_edit anew =
	    edit_of(f, SCIM_STR("not-there"), &wanted);
	assert_int_equal(edit.count, wanted.count);
	assert_int_equal(anew.count, wanted.count);
	assert_memory_equal(&edit.hash, &anew.hash, sizeof(edit.hash));
}

static void
store_step(struct fixture *f, const struct model *after)
{
	scim_outcome out;

	assert_int_equal(SCIM_OK,
	    directory_replace(&f->d, "Group", f->group.id,
		json_of(f, after).ptr, &expect_any, &out));
}

static void
walk(struct fixture *f, size_t size, int steps, uint32_t churn)
{
	struct model before = { .size = size }, after = { .size = size };

	for (int step = 0; step < steps; step++) {
		for (size_t i = 0; i < size; i++)
			if (step % 5 != 4 && draw(f, 100) < churn)
				after.display[i] = (int)draw(f, 4);
		check_step(f, &before, &after);
		store_step(f, &after);
		before = after;
	}
}

static void
a_replacement_does_just_what_the_model_says(void **state)
{
	struct fixture f;

	open_fixture(&f);
	walk(&f, 8, 60, 30);
	close_fixture(&f);
}

static void
members_beyond_a_page_are_walked_too(void **state)
{
	struct fixture f;

	open_fixture(&f);
	f.d.settings.limits.body_bytes = 16 << 20;
	walk(&f, MOST, 5, 40);
	close_fixture(&f);
}

static void
empty_one_of(size_t size, bool at_once)
{
	struct fixture f;
	struct model some = { .size = size };
	scim__value nobody = scim__value_array();
	scim__set_hash empty = { 0 };

	open_fixture(&f);
	for (size_t i = 0; i < some.size; i++)
		some.display[i] = 1;
	store_step(&f, &some);
	read_again(&f);
	struct scim__relation_edit edit = edit_of(&f, f.group.id, &nobody);
	assert_true(edit.changed);
	assert_int_equal(edit.remove_all, at_once);
	assert_int_equal(edit.remove_count, at_once ? 0 : some.size);
	assert_int_equal(edit.count, 0);
	assert_memory_equal(&edit.hash, &empty, sizeof(empty));
	close_fixture(&f);
}

static void
an_empty_list_takes_everyone_away(void **state)
{
	(void)state;
	empty_one_of(500, false);
}

static void
very_many_are_taken_away_without_a_look_at_each(void **state)
{
	(void)state;
	empty_one_of(501, true);
}

static void
removing_hashes_out_who_is_there_and_nobody_else(void **state)
{
	struct fixture f;
	struct model one = { .size = 2, .display = { 2, 0 } };
	struct model both = { .size = 2, .display = { 2, 3 } };
	struct scim__relation_edit edit;
	scim_record record;
	char name[16];

	open_fixture(&f);
	store_step(&f, &both);
	read_again(&f);
	scim_key key = { SCIM_STR("default"), SCIM_STR("Group"), f.group.id };
	assert_int_equal(SCIM_OK,
	    scim__store_get(f.txn, f.d.context.arena, &key,
		SCIM_RECORD_RELATION, &record, &f.d.err));
	assert_int_equal(
	    SCIM_OK, scim__relation_begin(&record, &edit, &f.d.err));

	assert_int_equal(SCIM_OK,
	    scim__relation_remove(f.d.context.arena, f.txn, &key,
		SCIM_STR("stranger"), &edit, &f.d.err));
	assert_false(edit.changed);
	assert_int_equal(edit.count, 2);

	name_of(1, name);
	assert_int_equal(SCIM_OK,
	    scim__relation_remove(f.d.context.arena, f.txn, &key,
		scim__str(name), &edit, &f.d.err));
	assert_true(edit.changed);
	assert_int_equal(edit.remove_count, 1);
	scim__value wanted = value_of(&f, &one);
	struct scim__relation_edit anew =
	    edit_of(&f, SCIM_STR("not-there"), &wanted);
	assert_int_equal(edit.count, 1);
	assert_memory_equal(&edit.hash, &anew.hash, sizeof(edit.hash));
	close_fixture(&f);
}

static void
a_member_carries_the_type_of_what_it_names(void **state)
{
	struct fixture f;
	scim__value list = scim__value_array(), e = scim__value_object();

	open_fixture(&f);
	scim_resource user = directory_user(&f.d, "bjensen");
	assert_true(scim__object_add(f.d.context.arena, &e, SCIM_STR("value"),
	    scim__value_string(user.id)));
	assert_true(scim__array_add(f.d.context.arena, &list, e));

	/* said to be a Group, which has no such id */
	assert_true(scim__object_add(f.d.context.arena, &list.array.items[0],
	    SCIM_STR("type"), scim__value_string(SCIM_STR("Group"))));
	read_again(&f);
	struct scim__relation_edit edit = edit_of(&f, f.group.id, &list);
	assert_int_equal(edit.add_count, 1);
	assert_str(edit.add[0].type, "User");
	close_fixture(&f);
}

static void
who_left_the_directory_leaves_the_group_when_members_are_dropped(void **state)
{
	struct fixture f;
	struct model one = { .size = 1, .display = { 1 } };

	open_fixture(&f);
	store_step(&f, &one);
	f.d.settings.dangling_members = SCIM_DANGLING_DROP;
	scim__value wanted = value_of(&f, &one);
	read_again(&f);
	struct scim__relation_edit edit = edit_of(&f, f.group.id, &wanted);
	assert_int_equal(edit.count, 0);
	assert_int_equal(edit.remove_count, 1);
	assert_int_equal(edit.add_count, 0);
	close_fixture(&f);
}

static void
a_damaged_hash_is_the_stores_failure(void **state)
{
	scim_record record = { .relation_state = SCIM_STR("short") };
	struct scim__relation_edit edit;
	scim_error err = { 0 };

	assert_int_equal(
	    SCIM_ERR_STORE, scim__relation_begin(&record, &edit, &err));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_replacement_does_just_what_the_model_says),
		cmocka_unit_test(members_beyond_a_page_are_walked_too),
		cmocka_unit_test(an_empty_list_takes_everyone_away),
		cmocka_unit_test(
		    very_many_are_taken_away_without_a_look_at_each),
		cmocka_unit_test(
		    removing_hashes_out_who_is_there_and_nobody_else),
		cmocka_unit_test(a_member_carries_the_type_of_what_it_names),
		cmocka_unit_test(
		    who_left_the_directory_leaves_the_group_when_members_are_dropped),
		cmocka_unit_test(a_damaged_hash_is_the_stores_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
