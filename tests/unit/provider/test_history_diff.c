/* SPDX-License-Identifier: Apache-2.0 */
#include "told.h"

static struct told t;

static int
set_up(void **state)
{
	told_open(&t, 3);
	return 0;
}

static int
tear_down(void **state)
{
	told_close(&t);
	return 0;
}

/* Between two revisions; `to` 0: the present. */
static scim_status
diff(size_t from, size_t to, scim_diff_list *out)
{
	return scim_provider_diff(t.d.provider, &t.d.context, &t.user,
	    &t.versions[from - 1], to == 0 ? NULL : &t.versions[to - 1], out,
	    &t.d.err);
}

static void
assert_entry(const scim_diff_entry *entry, const char *path, scim_diff_op op,
    const char *before, const char *after)
{
	assert_str(entry->path, path);
	assert_int_equal(entry->op, op);
	assert_int_equal(entry->before.ptr == NULL, before == NULL);
	assert_int_equal(entry->after.ptr == NULL, after == NULL);
	if (before != NULL)
		assert_str(entry->before, before);
	if (after != NULL)
		assert_str(entry->after, after);
}

static void
what_differs_is_told_cell_by_cell(void **state)
{
	scim_diff_list list;

	told_write(&t,
	    ",\"name\":{\"familyName\":\"F\"},\"emails\":[{\"type\":\"work\","
	    "\"value\":\"a@x\"},{\"type\":\"home\",\"value\":\"b@x\"}]");
	told_write(&t,
	    ",\"name\":{\"familyName\":\"G\"},\"emails\":[{\"type\":\"home\","
	    "\"value\":\"b@x\"},{\"type\":\"work\",\"value\":\"c@x\"}]");
	assert_int_equal(SCIM_OK, diff(2, 3, &list));
	assert_int_equal(list.count, 1);
	assert_entry(
	    &list.entries[0], "title", SCIM_DIFF_REPLACE, "\"2\"", "\"3\"");
	assert_int_equal(SCIM_OK, diff(3, 1, &list));
	assert_int_equal(list.count, 1);
	assert_entry(
	    &list.entries[0], "title", SCIM_DIFF_REMOVE, "\"3\"", NULL);
	assert_int_equal(SCIM_OK, diff(4, 0, &list));
	assert_int_equal(list.count, 3);
	assert_entry(&list.entries[0], "name.familyName", SCIM_DIFF_REPLACE,
	    "\"F\"", "\"G\"");
	assert_entry(&list.entries[1],
	    "emails[type eq \"work\" and value eq \"a@x\"]", SCIM_DIFF_REMOVE,
	    "{\"type\":\"work\",\"value\":\"a@x\"}", NULL);
	assert_entry(&list.entries[2],
	    "emails[type eq \"work\" and value eq \"c@x\"]", SCIM_DIFF_ADD,
	    NULL, "{\"type\":\"work\",\"value\":\"c@x\"}");
	assert_int_equal(SCIM_OK, diff(2, 2, &list));
	assert_int_equal(list.count, 0);
}

static void
a_secret_that_changed_is_told_without_its_value(void **state)
{
	scim_diff_list list;

	told_write(&t, ",\"title\":\"3\",\"password\":\"t1meMa$heen\"");
	told_write(&t, ",\"title\":\"4\"");
	for (size_t to = 4; to <= 5; to++) {
		assert_int_equal(SCIM_OK, diff(3, to, &list));
		assert_int_equal(list.count, to - 3);
		const scim_diff_entry *last = &list.entries[list.count - 1];
		assert_entry(last, "password", SCIM_DIFF_REPLACE, NULL, NULL);
		assert_true(last->redacted);
	}
	assert_false(list.entries[0].redacted);
	assert_int_equal(SCIM_OK, diff(4, 5, &list));
	assert_int_equal(list.count, 1);
	assert_str(list.entries[0].path, "title");
	assert_int_equal(SCIM_OK, diff(5, 2, &list));
	assert_int_equal(list.count, 2);
	assert_true(list.entries[1].redacted);
}

/* Longer than what is read of the log at once, and than a loop may wait. */
static void
what_lies_far_apart_is_looked_through(void **state)
{
	scim_diff_list list;
	struct scim__history h = { .provider = t.d.provider,
		.context = &t.d.context,
		.type = told_type(&t),
		.id = t.user.id,
		.from = scim__history_name(t.d.context.arena, &t.versions[2]) };

	t.d.settings.history_count = 1000;
	told_write(&t, ",\"title\":\"3\",\"password\":\"t1meMa$heen\"");
	for (int i = 0; i < 150; i++) {
		t.count = 4;
		told_write(
		    &t, i % 2 == 0 ? ",\"title\":\"a\"" : ",\"title\":\"b\"");
	}
	assert_int_equal(SCIM_OK, diff(3, 0, &list));
	assert_int_equal(list.count, 2);
	assert_true(list.entries[1].redacted);
	assert_int_equal(SCIM_OK, diff(4, 0, &list));
	assert_int_equal(list.count, 1);
	/* Far behind the first that is read of the log. */
	t.count = 4;
	told_write(&t, ",\"title\":\"b\",\"password\":\"t1meMa$heen2\"");
	assert_int_equal(SCIM_OK, diff(4, 0, &list));
	assert_int_equal(list.count, 2);
	assert_true(list.entries[1].redacted);
	assert_int_equal(SCIM_OK, scim__history_diff(&h, &t.d.err));
	assert_true(h.later);
	h.on_worker = true;
	assert_int_equal(SCIM_OK, scim__history_diff(&h, &t.d.err));
	assert_false(h.later);
	assert_contains(h.document.json, "\"redacted\":true");
}

static void
members_are_told_one_by_one(void **state)
{
	scim_resource other = directory_user(&t.d, "other");
	const scim_str *const members[] = { &t.user.id, NULL };
	scim_resource group = directory_group(&t.d, "g", members);
	const scim_target target = { SCIM_STR("Group"), group.id };
	scim_diff_list list;
	scim_outcome out;
	scim_str path =
	    told_format(&t, "members[value eq \"%s\"]", other.id.ptr);
	scim_str body = told_format(&t,
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],"
	    "\"Operations\":[{\"op\":\"add\",\"path\":\"members\",\"value\":"
	    "[{\"value\":\"%s\"}]}]}",
	    other.id.ptr);

	assert_int_equal(SCIM_OK,
	    directory_patch(
		&t.d, "Group", group.id, body.ptr, &expect_any, &out));
	assert_int_equal(SCIM_OK,
	    scim_provider_diff(t.d.provider, &t.d.context, &target,
		&group.version, NULL, &list, &t.d.err));
	assert_int_equal(list.count, 1);
	assert_str(list.entries[0].path, path.ptr);
	assert_int_equal(list.entries[0].op, SCIM_DIFF_ADD);
	assert_contains(list.entries[0].after, other.id.ptr);
}

static void
what_is_not_kept_is_not_compared(void **state)
{
	scim_diff_list list = { .count = POISON };
	scim_outcome out;

	t.d.settings.history_count = 2;
	assert_int_equal(SCIM_ERR_NOT_FOUND, diff(1, 3, &list));
	assert_int_equal(SCIM_ERR_NOT_FOUND, diff(3, 1, &list));
	t.d.settings.history_count = 100;
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_diff(t.d.provider, &t.d.context, &t.user, NULL, NULL,
		&list, &t.d.err));
	assert_int_equal(SCIM_OK,
	    directory_delete(&t.d, "User", t.user.id, &expect_any, &out));
	assert_int_equal(SCIM_ERR_NOT_FOUND, diff(1, 0, &list));
	assert_int_equal(list.count, POISON);
	assert_int_equal(SCIM_OK, diff(1, 3, &list));
	assert_int_equal(list.count, 1);
}

static void
the_schemas_of_today_hold_for_both(void **state)
{
	scim_diff_list list;

	told_write(&t,
	    ",\"title\":\"was-open\",\"nickName\":\"was-there\","
	    "\"locale\":\"stays\"");
	told_write(&t, "");
	told_reform(&t,
	    ",{\"name\":\"title\",\"type\":\"string\",\"returned\":\"never\"}"
	    ",{\"name\":\"locale\",\"type\":\"string\"}");
	assert_int_equal(SCIM_OK, diff(4, 5, &list));
	assert_int_equal(list.count, 2);
	assert_entry(&list.entries[0], "title", SCIM_DIFF_REPLACE, NULL, NULL);
	assert_true(list.entries[0].redacted);
	assert_entry(
	    &list.entries[1], "locale", SCIM_DIFF_REMOVE, "\"stays\"", NULL);
}

static scim_status
compare(scim_arena *arena, void *context)
{
	scim_context with = t.d.context;
	scim_diff_list list = { .count = POISON };

	with.arena = arena;
	scim_status rc = scim_provider_diff(t.d.provider, &with, &t.user,
	    &t.versions[0], NULL, &list, &t.d.err);
	assert_int_equal(list.count, rc == SCIM_OK ? 2 : POISON);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	told_write(&t, ",\"title\":\"3\",\"password\":\"t1meMa$heen\"");
	assert_true(test_fail_each_allocation(compare, NULL) >= 2);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(what_differs_is_told_cell_by_cell),
		TEST(a_secret_that_changed_is_told_without_its_value),
		TEST(what_lies_far_apart_is_looked_through),
		TEST(members_are_told_one_by_one),
		TEST(what_is_not_kept_is_not_compared),
		TEST(the_schemas_of_today_hold_for_both),
		TEST(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
