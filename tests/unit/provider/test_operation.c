/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/operation.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#include "lib/directory.h"

#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"

static scim_str
user_named(scim_arena *arena, const char *user_name, const char *title)
{
	char *json = scim_arena_alloc(arena, 256);

	assert_non_null(json);
	(void)snprintf(json, 256, USER("\"userName\":\"%s\",\"title\":\"%s\""),
	    user_name, title);
	return scim__str(json);
}

static scim__op
op_of(struct directory *d, const struct scim__op_steps *steps, scim_str id,
    const char *body, scim_expect expect)
{
	return (scim__op){ .steps = steps,
		.provider = d->provider,
		.context = &d->context,
		.type = scim__registry_type(d->registry, SCIM_STR("User")),
		.arena = d->context.arena,
		.expect = expect,
		.id = id,
		.body = scim__str(body) };
}

static scim__op
prepared(struct directory *d, const struct scim__op_steps *steps, scim_str id,
    const char *body, scim_expect expect)
{
	enum scim__op_next next = SCIM__OP_SETTLED;
	scim__op op = op_of(d, steps, id, body, expect);

	if (scim__op_start(&op, &next, &d->err) != SCIM_OK)
		fail_msg("%s", d->err.detail);
	assert_int_equal(next, SCIM__OP_WRITE);
	return op;
}

/* In a transaction of its own; not committed unless it says SCIM_OK. */
static scim_status
applied(struct directory *d, scim__op *op)
{
	scim_txn *txn = NULL;

	assert_int_equal(SCIM_OK,
	    scim__store_begin(d->store, SCIM_TXN_WRITE, &txn, &d->err));
	scim_status rc = scim__op_apply(op, txn, &d->err);
	if (rc == SCIM_OK)
		assert_int_equal(SCIM_OK, scim__store_commit(txn, &d->err));
	else
		scim__store_rollback(txn);
	return rc;
}

static scim_resource
read_user(struct directory *d, scim_str id)
{
	scim_outcome got;

	assert_int_equal(SCIM_OK, directory_get(d, "User", id, &got));
	assert_int_equal(got.kind, SCIM_DONE);
	return got.resource;
}

static bool
is_there(struct directory *d, const char *type, scim_str id)
{
	scim_outcome got;

	assert_int_equal(SCIM_OK, directory_get(d, type, id, &got));
	return got.kind == SCIM_DONE;
}

/* The state is what it was when prepared, then it is not. */
static void
a_version_is_compared_in_the_transaction_that_writes(void **state)
{
	static const struct scim__op_steps *const cases[] = {
		&scim__replace_steps, &scim__delete_steps
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct directory d;
		scim_outcome put;

		directory_open(&d);
		scim_resource user = directory_user(&d, "bjensen");
		scim_expect held = expect_version(&user.version);
		scim__op op = prepared(
		    &d, cases[i], user.id, USER("\"userName\":\"late\""), held);
		assert_int_equal(SCIM_OK,
		    directory_replace(&d, "User", user.id,
			USER("\"userName\":\"early\""), &expect_any, &put));

		assert_int_equal(SCIM_OK, applied(&d, &op));
		assert_true(op.settled);
		assert_int_equal(op.outcome.kind, SCIM_MISMATCH);
		assert_true(scim__str_equal(
		    op.outcome.conflict.current, put.resource.etag));
		assert_contains(
		    read_user(&d, user.id).json, "\"userName\":\"early\"");
		directory_close(&d);
	}
}

/* A → B → A between the two looks: the version held is the one that is. */
static void
a_state_that_came_back_is_the_one_expected(void **state)
{
	struct directory d;
	scim_outcome put;

	directory_open(&d);
	scim_resource user = directory_user(&d, "a");
	scim_expect held = expect_version(&user.version);
	scim__op op = prepared(&d, &scim__replace_steps, user.id,
	    USER("\"userName\":\"c\""), held);
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id, USER("\"userName\":\"b\""),
		&expect_any, &put));
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "User", user.id, USER("\"userName\":\"a\""),
		&expect_any, &put));

	assert_int_equal(SCIM_OK, applied(&d, &op));
	assert_int_equal(op.outcome.kind, SCIM_DONE);
	assert_contains(read_user(&d, user.id).json, "\"userName\":\"c\"");
	directory_close(&d);
}

/* What `op` saw in a transaction that came to nothing: there, `first` was
 * written before it. */
static void
applied_in_vain(struct directory *d, scim__op *first, scim__op *op)
{
	enum scim__op_next next;
	scim_txn *txn = NULL;

	assert_int_equal(SCIM_OK, scim__op_start(first, &next, &d->err));
	assert_int_equal(SCIM_OK, scim__op_start(op, &next, &d->err));
	assert_int_equal(SCIM_OK,
	    scim__store_begin(d->store, SCIM_TXN_WRITE, &txn, &d->err));
	assert_int_equal(SCIM_OK, scim__op_apply(first, txn, &d->err));
	assert_int_equal(SCIM_OK, scim__op_apply(op, txn, &d->err));
	scim__store_rollback(txn);
}

/* The sequence of a lost write is given again, to another one. */
static void
what_a_lost_transaction_showed_does_not_stand(void **state)
{
	static const char *const bodies[] = { USER("\"userName\":\"late\""),
		USER("\"userName\":\"lost\"") };
	static const char *const want[] = { "\"late\"", "\"lost\"" };

	for (size_t i = 0; i < scim__countof(bodies); i++) {
		struct directory d;
		scim_outcome put;

		directory_open(&d);
		scim_resource user = directory_user(&d, "bjensen");
		scim__op first = op_of(&d, &scim__replace_steps, user.id,
		    USER("\"userName\":\"lost\""), expect_any);
		scim__op op = op_of(
		    &d, &scim__replace_steps, user.id, bodies[i], expect_any);
		applied_in_vain(&d, &first, &op);
		assert_int_equal(SCIM_OK,
		    directory_replace(&d, "User", user.id,
			USER("\"userName\":\"other\""), &expect_any, &put));

		assert_int_equal(SCIM_OK, applied(&d, &op));
		assert_int_equal(op.outcome.kind, SCIM_DONE);
		assert_int_equal(op.outcome.changed, 1);
		assert_contains(read_user(&d, user.id).json, want[i]);
		directory_close(&d);
	}
}

static void
what_is_gone_by_then_is_absent(void **state)
{
	static const struct scim__op_steps *const cases[] = {
		&scim__replace_steps, &scim__delete_steps
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct directory d;
		scim_outcome out;

		directory_open(&d);
		scim_resource user = directory_user(&d, "bjensen");
		scim__op op = prepared(&d, cases[i], user.id,
		    USER("\"userName\":\"late\""), expect_any);
		assert_int_equal(SCIM_OK,
		    directory_delete(&d, "User", user.id, &expect_any, &out));

		assert_int_equal(SCIM_OK, applied(&d, &op));
		assert_int_equal(op.outcome.kind, SCIM_ABSENT);
		assert_false(is_there(&d, "User", user.id));
		directory_close(&d);
	}
}

static void
a_name_taken_in_between_is_refused(void **state)
{
	struct directory d;

	directory_open(&d);
	scim__op op = prepared(&d, &scim__create_steps, (scim_str){ NULL, 0 },
	    USER("\"userName\":\"bjensen\""), expect_any);
	(void)directory_user(&d, "BJensen");

	assert_int_equal(SCIM_ERR_EXISTS, applied(&d, &op));
	assert_false(op.settled);
	assert_string_equal(d.err.scim_type, "uniqueness");
	directory_close(&d);
}

static void
a_conditional_create_settles_on_who_came_first(void **state)
{
	struct directory d;
	const scim_expect absent = { .kind = SCIM_EXPECT_ABSENT };

	directory_open(&d);
	scim__op op = prepared(&d, &scim__create_steps, (scim_str){ NULL, 0 },
	    USER("\"userName\":\"bjensen\""), absent);
	scim_resource first = directory_user(&d, "BJensen");

	assert_int_equal(SCIM_ERR_EXISTS, applied(&d, &op));
	assert_true(op.settled);
	assert_int_equal(op.outcome.kind, SCIM_MISMATCH);
	assert_true(scim__str_equal(op.outcome.conflict.id, first.id));
	assert_true(scim__str_equal(op.outcome.conflict.current, first.etag));
	directory_close(&d);
}

static void
a_member_gone_in_between_is_refused(void **state)
{
	struct directory d;
	char json[256];
	scim_outcome out;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	(void)snprintf(json, sizeof(json),
	    "{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"],"
	    "\"displayName\":\"g\",\"members\":[{\"value\":\"%s\"}]}",
	    user.id.ptr);
	scim__op op = op_of(
	    &d, &scim__create_steps, (scim_str){ NULL, 0 }, json, expect_any);
	enum scim__op_next next;
	op.type = scim__registry_type(d.registry, SCIM_STR("Group"));
	assert_int_equal(SCIM_OK, scim__op_start(&op, &next, &d.err));
	assert_int_equal(
	    SCIM_OK, directory_delete(&d, "User", user.id, &expect_any, &out));

	assert_int_equal(SCIM_ERR_INVALID, applied(&d, &op));
	assert_contains(scim__str(d.err.detail), user.id.ptr);
	directory_close(&d);
}

static void
a_tenants_requirement_comes_before_the_body(void **state)
{
	struct directory d;
	scim_preconditions none = { .if_match = { .kind = SCIM_ETAGS_ABSENT } };
	scim_expect headers = { .kind = SCIM_EXPECT_PRECONDITIONS,
		.preconditions = &none };

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	d.settings.require_preconditions = 1;
	scim__op op = op_of(&d, &scim__replace_steps, user.id, "{", headers);
	assert_int_equal(SCIM_ERR_REQUIRED, scim__op_check(&op, &d.err));

	op.expect = expect_version(&user.version);
	assert_int_equal(SCIM_OK, scim__op_check(&op, &d.err));
	assert_false(op.settled);
	directory_close(&d);
}

/* A directory whose store fails on cue. */
static void
open_with_faults(struct directory *d)
{
	scim_store *store = NULL;
	scim_error err = { 0 };

	assert_int_equal(SCIM_OK, scim_store_open_memory(NULL, &store, &err));
	assert_int_equal(SCIM_OK, scim__store_fault(store, &store, &err));
	directory_open_on(d, store, false);
}

/* A user in three groups is deleted; each of the four writes fails once. */
static void
a_write_that_fails_leaves_nothing_behind(void **state)
{
	enum { GROUPS = 3 };

	for (unsigned nth = 1; nth <= GROUPS + 1; nth++) {
		struct directory d;
		scim_resource groups[GROUPS];
		scim_outcome out = { .changed = POISON }, got;
		struct scim__fault fault = { .call = SCIM__FAULT_WRITE,
			.nth = nth,
			.status = SCIM_ERR_STORE };

		open_with_faults(&d);
		scim_resource user = directory_user(&d, "bjensen");
		const scim_str *const members[] = { &user.id, NULL };
		for (int i = 0; i < GROUPS; i++)
			groups[i] = directory_group(&d, "g", members);
		scim_str before = read_user(&d, user.id).json;

		scim__store_fault_plan(d.store, &fault);
		assert_int_equal(SCIM_ERR_STORE,
		    directory_delete(&d, "User", user.id, &expect_any, &out));
		assert_int_equal(out.changed, POISON);
		assert_true(
		    scim__str_equal(before, read_user(&d, user.id).json));
		for (int i = 0; i < GROUPS; i++) {
			assert_int_equal(SCIM_OK,
			    directory_get(&d, "Group", groups[i].id, &got));
			assert_true(
			    scim__str_equal(got.resource.json, groups[i].json));
		}

		assert_int_equal(SCIM_OK,
		    directory_delete(&d, "User", user.id, &expect_any, &out));
		assert_int_equal(out.kind, SCIM_DONE);
		directory_close(&d);
	}
}

/* Every call of every kind, for as long as there are such. */
static void
a_store_that_fails_anywhere_changes_nothing(void **state)
{
	static const enum scim__fault_call calls[] = { SCIM__FAULT_BEGIN,
		SCIM__FAULT_READ, SCIM__FAULT_WRITE, SCIM__FAULT_COMMIT };

	for (size_t i = 0; i < scim__countof(calls); i++) {
		scim_status rc = SCIM_ERR_BUSY;

		for (unsigned nth = 1; rc != SCIM_OK; nth++) {
			struct directory d;
			scim_outcome out;
			struct scim__fault fault = { .call = calls[i],
				.nth = nth,
				.status = SCIM_ERR_BUSY };

			open_with_faults(&d);
			scim_resource user = directory_user(&d, "bjensen");
			scim__store_fault_plan(d.store, &fault);
			rc = directory_replace(&d, "User", user.id,
			    USER("\"userName\":\"changed\""), &expect_any,
			    &out);
			scim__store_fault_plan(
			    d.store, &(struct scim__fault){ .nth = 0 });
			scim_str now = read_user(&d, user.id).json;

			/* what came after the commit can't be called off */
			if (rc == SCIM_OK || rc == SCIM_ERR_UNCERTAIN)
				assert_contains(now, "\"changed\"");
			else
				assert_true(scim__str_equal(now, user.json));
			if (rc != SCIM_OK && rc != SCIM_ERR_UNCERTAIN)
				assert_int_equal(rc, SCIM_ERR_BUSY);
			directory_close(&d);
			assert_true(nth < 100);
		}
	}
}

static void
a_commit_whose_answer_is_lost_is_uncertain(void **state)
{
	struct directory d;
	scim_outcome out = { .changed = POISON };
	struct scim__fault fault = { .call = SCIM__FAULT_COMMIT,
		.nth = 1,
		.status = SCIM_ERR_UNCERTAIN,
		.after = true };

	open_with_faults(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim__store_fault_plan(d.store, &fault);
	assert_int_equal(SCIM_ERR_UNCERTAIN,
	    directory_replace(&d, "User", user.id,
		USER("\"userName\":\"changed\""), &expect_any, &out));
	assert_int_equal(out.changed, POISON);
	directory_close(&d);
}

/* Runs one operation after another, each with a failing allocation. */
struct attempts {
	struct directory *d;
	scim_str id;
	int count;
	int uncertain; /* failures after the commit */
};

static scim_status
judge(struct attempts *a, scim_status rc, bool happened)
{
	assert_int_equal(happened, rc == SCIM_OK || rc == SCIM_ERR_UNCERTAIN);
	if (rc != SCIM_ERR_UNCERTAIN)
		return rc;
	a->uncertain++;
	return SCIM_ERR_NO_MEMORY;
}

static scim_status
try_create(scim_arena *arena, void *context)
{
	struct attempts *a = context;
	struct directory *d = a->d;
	scim_context with = d->context;
	scim_outcome out = { .changed = POISON };
	char name[32];

	with.arena = arena;
	(void)snprintf(name, sizeof(name), "user-%d", a->count++);
	scim_status rc = scim_provider_create(d->provider, &with,
	    SCIM_STR("User"), user_named(d->context.arena, name, "t"),
	    &expect_any, &out, &d->err);
	assert_true((rc == SCIM_OK) == (out.changed != POISON));

	scim_unique_row row = { SCIM_STR("userName"), scim__str(name) };
	scim_key key = { SCIM_STR("default"), SCIM_STR("User"), SCIM_STR("") };
	scim_txn *txn = NULL;
	scim_str holder;
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d->store, SCIM_TXN_READ, &txn, &d->err));
	scim_status found = scim__store_find_unique(
	    txn, d->context.arena, &key, &row, &holder, &d->err);
	scim__store_rollback(txn);
	return judge(a, rc, found == SCIM_OK);
}

static scim_status
try_replace(scim_arena *arena, void *context)
{
	struct attempts *a = context;
	struct directory *d = a->d;
	scim_context with = d->context;
	scim_outcome out = { .changed = POISON };
	scim_target target = { SCIM_STR("User"), a->id };
	char title[32];

	with.arena = arena;
	(void)snprintf(title, sizeof(title), "title-%d.", a->count++);
	scim_status rc = scim_provider_replace(d->provider, &with, &target,
	    user_named(d->context.arena, "bjensen", title), &expect_any, &out,
	    &d->err);
	assert_true((rc == SCIM_OK) == (out.changed != POISON));
	return judge(a, rc,
	    scim__str_contains(read_user(d, a->id).json, scim__str(title)));
}

static scim_status
try_delete(scim_arena *arena, void *context)
{
	struct attempts *a = context;
	struct directory *d = a->d;
	scim_context with = d->context;
	scim_outcome out = { .changed = POISON };
	scim_target target = { SCIM_STR("User"), a->id };

	with.arena = arena;
	scim_status rc = scim_provider_delete(
	    d->provider, &with, &target, &expect_any, &out, &d->err);
	assert_true((rc == SCIM_OK) == (out.changed != POISON));
	return judge(a, rc, !is_there(d, "User", a->id));
}

static scim_status
try_get(scim_arena *arena, void *context)
{
	struct attempts *a = context;
	struct directory *d = a->d;
	scim_context with = d->context;
	scim_outcome out = { .changed = POISON };
	scim_target target = { SCIM_STR("User"), a->id };

	with.arena = arena;
	scim_status rc = scim_provider_get(
	    d->provider, &with, &target, &expect_any, &out, &d->err);
	assert_true((rc == SCIM_OK) == (out.changed != POISON));
	return rc;
}

static void
every_failed_allocation_is_reported_and_changes_nothing(void **state)
{
	static const struct {
		scim_status (*call)(scim_arena *arena, void *context);
		bool may_be_uncertain;
	} cases[] = {
		{ try_create, true },
		{ try_replace, true },
		{ try_get, false },
		{ try_delete, false },
	};
	struct directory d;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	const scim_str *const members[] = { &user.id, NULL };
	(void)directory_group(&d, "g", members);
	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct attempts a = { &d, user.id, 0, 0 };

		assert_true(test_fail_each_allocation(cases[i].call, &a) > 5);
		assert_int_equal(a.uncertain > 0, cases[i].may_be_uncertain);
	}
	directory_close(&d);
}

enum { THREADS = 4, ROUNDS = 40 };

/* One client of a directory, with memory of its own. */
struct client {
	struct directory *d;
	scim_str id;
	int number;
	int won;
};

static long
title_of(scim_str json)
{
	char text[32] = "";
	static const char before[] = "\"title\":\"";

	for (size_t i = 0; i + sizeof(before) + 8 < json.len; i++) {
		if (memcmp(json.ptr + i, before, sizeof(before) - 1) != 0)
			continue;
		memcpy(text, json.ptr + i + sizeof(before) - 1, 8);
		return strtol(text, NULL, 10);
	}
	return -1;
}

/* Adds one to the title, at the version it was read at. */
static bool
count_up(struct client *c, scim_context *with)
{
	scim_target target = { SCIM_STR("User"), c->id };
	scim_outcome got, put;
	scim_error err = { 0 };
	char title[32];

	if (scim_provider_get(c->d->provider, with, &target, &expect_any, &got,
		&err) != SCIM_OK)
		return false;
	(void)snprintf(
	    title, sizeof(title), "%08ld", title_of(got.resource.json) + 1);
	scim_expect held = expect_version(&got.resource.version);
	return scim_provider_replace(c->d->provider, with, &target,
		   user_named(with->arena, "counter", title), &held, &put,
		   &err) == SCIM_OK &&
	    put.kind == SCIM_DONE && put.changed;
}

static void *
run_counter(void *argument)
{
	struct client *c = argument;
	scim_context with = c->d->context;

	with.arena = scim_arena_new(NULL);
	while (c->won < ROUNDS) {
		c->won += count_up(c, &with);
		scim_arena_reset(with.arena);
	}
	scim_arena_free(with.arena);
	return NULL;
}

static void *
run_creator(void *argument)
{
	static const scim_expect absent = { .kind = SCIM_EXPECT_ABSENT };
	struct client *c = argument;
	scim_context with = c->d->context;
	scim_outcome out;
	scim_error err = { 0 };
	char name[32];

	with.arena = scim_arena_new(NULL);
	for (int i = 0; i < ROUNDS; i++) {
		(void)snprintf(name, sizeof(name), "user-%d", i);
		if (scim_provider_create(c->d->provider, &with,
			SCIM_STR("User"), user_named(with.arena, name, "t"),
			&absent, &out, &err) == SCIM_OK)
			c->won += out.kind == SCIM_DONE;
	}
	scim_arena_free(with.arena);
	return NULL;
}

static int
run_clients(struct directory *d, scim_str id, void *(*run)(void *))
{
	struct client clients[THREADS];
	pthread_t threads[THREADS];
	int won = 0;

	for (int i = 0; i < THREADS; i++) {
		clients[i] = (struct client){ d, id, i, 0 };
		assert_int_equal(
		    0, pthread_create(&threads[i], NULL, run, &clients[i]));
	}
	for (int i = 0; i < THREADS; i++) {
		assert_int_equal(0, pthread_join(threads[i], NULL));
		won += clients[i].won;
	}
	return won;
}

static void
contend(struct directory *d)
{
	scim_outcome out;

	assert_int_equal(SCIM_OK,
	    directory_create(d, "User",
		USER("\"userName\":\"counter\",\"title\":\"00000000\""), &out));
	assert_int_equal(
	    run_clients(d, out.resource.id, run_counter), THREADS * ROUNDS);
	assert_int_equal(
	    title_of(read_user(d, out.resource.id).json), THREADS * ROUNDS);

	assert_int_equal(
	    run_clients(d, (scim_str){ NULL, 0 }, run_creator), ROUNDS);
}

static void
threads_lose_nothing_in_memory(void **state)
{
	struct directory d;
	scim_store *store = NULL;
	scim_error err = { 0 };

	assert_int_equal(SCIM_OK, scim_store_open_memory(NULL, &store, &err));
	directory_open_on(&d, store, true);
	contend(&d);
	directory_close(&d);
}

static void
threads_lose_nothing_on_sqlite(void **state)
{
	struct directory d;

	directory_open_sqlite(&d, true);
	contend(&d);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_version_is_compared_in_the_transaction_that_writes),
		cmocka_unit_test(a_state_that_came_back_is_the_one_expected),
		cmocka_unit_test(what_a_lost_transaction_showed_does_not_stand),
		cmocka_unit_test(what_is_gone_by_then_is_absent),
		cmocka_unit_test(a_name_taken_in_between_is_refused),
		cmocka_unit_test(
		    a_conditional_create_settles_on_who_came_first),
		cmocka_unit_test(a_member_gone_in_between_is_refused),
		cmocka_unit_test(a_tenants_requirement_comes_before_the_body),
		cmocka_unit_test(a_write_that_fails_leaves_nothing_behind),
		cmocka_unit_test(a_store_that_fails_anywhere_changes_nothing),
		cmocka_unit_test(a_commit_whose_answer_is_lost_is_uncertain),
		cmocka_unit_test(
		    every_failed_allocation_is_reported_and_changes_nothing),
		cmocka_unit_test(threads_lose_nothing_in_memory),
		cmocka_unit_test(threads_lose_nothing_on_sqlite),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
