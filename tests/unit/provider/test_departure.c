/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/departure.h"

#include <stdio.h>
#include <stdlib.h>

#include "handler/call.h"
#include "lib/directory.h"

enum { GROUPS = SCIM__LEAVE_AT_ONCE + 100 };

/* A user in very many groups, gone, and nothing settled yet. */
struct crowd {
	struct directory d;
	scim_resource user;
	scim_resource group[GROUPS];
};

static void
let_go(struct crowd *c)
{
	scim_target target = { SCIM_STR("User"), c->user.id };
	scim_request request = { .operation = SCIM_OPERATION_DELETE,
		.endpoint = SCIM_STR("/Users"),
		.id = target.id,
		.context = c->d.context };
	scim_txn *txn = NULL;
	scim__call *call =
	    scim__call_new(c->d.provider, &request, c->d.context.arena);

	assert_int_equal(scim__call_start(call), SCIM__STEP_WRITE);
	assert_int_equal(SCIM_OK,
	    scim__store_begin(c->d.store, SCIM_TXN_WRITE, &txn, &c->d.err));
	assert_int_equal(SCIM_OK, scim__call_apply(call, txn));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &c->d.err));
	assert_int_equal(
	    scim__call_committed(call, SCIM_OK, &c->d.err), SCIM__STEP_DONE);
	assert_int_equal(
	    scim__call_response(call)->result, SCIM_RESULT_NO_CONTENT);
}

static void
crowd_open(struct crowd *c)
{
	char name[32];

	directory_open(&c->d);
	c->user = directory_user(&c->d, "goes");
	const scim_str *const members[] = { &c->user.id, NULL };
	for (int i = 0; i < GROUPS; i++) {
		(void)snprintf(name, sizeof(name), "group-%d", i);
		c->group[i] = directory_group(&c->d, name, members);
	}
	let_go(c);
}

static size_t
memberships_left(struct crowd *c)
{
	scim__auto(scim__store_rollback) scim_txn *txn = NULL;
	scim_membership *found = NULL;
	size_t count = 0;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(c->d.store, SCIM_TXN_READ, &txn, &c->d.err));
	assert_int_equal(SCIM_OK,
	    scim__store_memberships(txn, c->d.context.arena,
		c->d.context.tenant, c->user.id, SCIM_STR(""), 10000, &found,
		&count, &c->d.err));
	return count;
}

/* Holds `member` as a resource of a type that no schema has. */
static void
put_stranger(struct directory *d, scim_txn *txn, int number, scim_str member)
{
	char id[40];
	scim_member_row row = { member, SCIM_STR("User"), SCIM_STR("") };
	(void)snprintf(id, sizeof(id), "0-%04d", number);
	scim_record record = { .id = scim__str(id),
		.content = SCIM_STR("{}"),
		.modified_before_ms = INT64_MIN,
		.relation_count = 1 };
	scim_write write = { .kind = SCIM_WRITE_CREATE,
		.key = { d->context.tenant, SCIM_STR("Stranger"), record.id },
		.record = &record,
		.member_add = &row,
		.member_add_count = 1,
		.change = { .operation = SCIM_STR("create") } };
	scim_write_result result;

	if (scim__store_write(
		txn, d->context.arena, &write, &result, &d->err) != SCIM_OK)
		fail_msg("%s", d->err.detail);
}

/* More than a page of them, before the group that can be settled. */
static void
relations_of_types_that_are_gone_hold_up_nobody(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "goes");
	const scim_str *const members[] = { &user.id, NULL };
	scim_resource group = directory_group(&d, "g", members);
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	for (int i = 0; i <= SCIM__LEAVE_AT_ONCE; i++)
		put_stranger(&d, txn, i, user.id);
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));

	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", user.id, &expect_any, &out));
	assert_int_equal(out.kind, SCIM_DONE);
	assert_int_equal(SCIM_OK, directory_get(&d, "Group", group.id, &out));
	assert_lacks(out.resource.json, "members");
	assert_false(scim_version_equal(&group.version, &out.resource.version));
	directory_close(&d);
}

static void
a_group_that_is_read_is_settled_first(void **state)
{
	struct crowd *c = calloc(1, sizeof(*c));
	scim_outcome got;

	assert_non_null(c);
	crowd_open(c);
	assert_int_equal(memberships_left(c), GROUPS);

	assert_int_equal(
	    SCIM_OK, directory_get(&c->d, "Group", c->group[7].id, &got));
	assert_lacks(got.resource.json, "members");
	assert_false(
	    scim_version_equal(&got.resource.version, &c->group[7].version));
	assert_int_equal(memberships_left(c), GROUPS - 1);
	directory_close(&c->d);
	free(c);
}

static void
a_stale_version_of_an_unsettled_group_loses(void **state)
{
	struct crowd *c = calloc(1, sizeof(*c));
	scim_outcome out;

	assert_non_null(c);
	crowd_open(c);
	scim_expect held = expect_version(&c->group[3].version);

	assert_int_equal(SCIM_OK,
	    directory_replace(&c->d, "Group", c->group[3].id,
		"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group"
		"\"],\"displayName\":\"renamed\"}",
		&held, &out));
	assert_int_equal(out.kind, SCIM_MISMATCH);
	directory_close(&c->d);
	free(c);
}

static void
a_list_shows_nobody_who_is_gone(void **state)
{
	struct crowd *c = calloc(1, sizeof(*c));
	scim_response response;

	assert_non_null(c);
	crowd_open(c);
	scim_request r = { .operation = SCIM_OPERATION_LIST,
		.endpoint = SCIM_STR("/Groups"),
		.count = SCIM_STR("20"),
		.context = c->d.context };
	scim_handle(c->d.provider, &r, c->d.context.arena, &response);
	assert_int_equal(response.result, SCIM_RESULT_OK);
	assert_contains(response.body, "\"itemsPerPage\":20");
	assert_lacks(response.body, "members");
	assert_int_equal(memberships_left(c), GROUPS - 20);
	directory_close(&c->d);
	free(c);
}

static bool
only_tenant(void *argument, scim_str tenant, scim_context *out)
{
	struct crowd *c = argument;

	assert_str(tenant, "default");
	*out = c->d.context;
	return true;
}

static void
turns_settle_the_rest_and_end(void **state)
{
	struct crowd *c = calloc(1, sizeof(*c));
	bool more = true;
	int turns = 0;

	assert_non_null(c);
	crowd_open(c);
	assert_int_equal(SCIM_OK,
	    scim__settle_turn(c->d.provider, only_tenant, c, &more, &c->d.err));
	assert_true(more);
	assert_int_equal(memberships_left(c), GROUPS - SCIM__LEAVE_AT_ONCE);

	for (; more; turns++)
		assert_int_equal(SCIM_OK,
		    scim__settle_turn(
			c->d.provider, only_tenant, c, &more, &c->d.err));
	assert_int_equal(memberships_left(c), 0);
	assert_in_range(turns, 2, 3);
	directory_close(&c->d);
	free(c);
}

static void
the_call_of_the_library_settles_all(void **state)
{
	struct crowd *c = calloc(1, sizeof(*c));
	scim_outcome out;
	char name[32];

	assert_non_null(c);
	directory_open(&c->d);
	c->user = directory_user(&c->d, "goes");
	const scim_str *const members[] = { &c->user.id, NULL };
	for (int i = 0; i < GROUPS; i++) {
		(void)snprintf(name, sizeof(name), "group-%d", i);
		c->group[i] = directory_group(&c->d, name, members);
	}
	assert_int_equal(SCIM_OK,
	    directory_delete(&c->d, "User", c->user.id, &expect_any, &out));
	assert_int_equal(out.kind, SCIM_DONE);
	assert_int_equal(memberships_left(c), 0);
	directory_close(&c->d);
	free(c);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    relations_of_types_that_are_gone_hold_up_nobody),
		cmocka_unit_test(a_group_that_is_read_is_settled_first),
		cmocka_unit_test(a_stale_version_of_an_unsettled_group_loses),
		cmocka_unit_test(a_list_shows_nobody_who_is_gone),
		cmocka_unit_test(turns_settle_the_rest_and_end),
		cmocka_unit_test(the_call_of_the_library_settles_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
