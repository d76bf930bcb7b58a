/* SPDX-License-Identifier: Apache-2.0 */
#include "scimd/retry.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

#include "lib/directory.h"
#include "store/store.h"

#define USER_SCHEMA "urn:ietf:params:scim:schemas:core:2.0:User"

/* A change of the title, and what else happens while it is made. */
struct edit {
	struct directory *d;
	scim_str id;
	const char *title;      /* NULL: leave everything */
	const char *others[16]; /* PATCH values, one before each write */
	size_t called, other_count;
	bool is_deleted; /* by somebody else, after the change was made */

	/* what the policy's other functions saw and say */
	unsigned waits, longest_wait;
	unsigned cancel_after; /* waits; 0: never */
	scim_update_decision decision;
	const char *decided; /* JSON to write */
	unsigned decisions;
	char local[400], remote[400], path[100], base_value[100];
};

/* Somebody else patches. */
static void
interfere(struct edit *e)
{
	char json[400];
	scim_outcome out;

	if (e->is_deleted) {
		assert_int_equal(SCIM_OK,
		    directory_delete(e->d, "User", e->id, &expect_any, &out));
		return;
	}
	if (e->other_count >= 16 || e->others[e->other_count] == NULL)
		return;
	(void)snprintf(json, sizeof(json),
	    "{\"schemas\":[\"urn:ietf:params:scim:api:messages:2.0:PatchOp\"],"
	    "\"Operations\":[{\"op\":\"replace\",\"value\":%s}]}",
	    e->others[e->other_count++]);
	assert_int_equal(SCIM_OK,
	    directory_patch(e->d, "User", e->id, json, &expect_any, &out));
}

static scim_status
change_title(void *argument, scim_arena *arena, const scim_resource *current,
    scim_str *out, scim_error *err)
{
	struct edit *e = argument;
	char *json = scim_arena_alloc(arena, 1000);

	(void)err;
	assert_non_null(json);
	e->called++;
	interfere(e);
	if (e->title == NULL)
		return SCIM_OK;
	/* The representation, with the title in front of all else. */
	assert_true(current->json.len < 800);
	(void)snprintf(json, 1000, "{\"title\":\"%s\",%.*s", e->title,
	    (int)current->json.len - 1, current->json.ptr + 1);
	char *old = strstr(json + 2, ",\"title\":\"");
	if (old != NULL) {
		char *end = strchr(old + 10, '"') + 1;

		memmove(old, end, strlen(end) + 1);
	}
	*out = scim__str(json);
	return SCIM_OK;
}

static void
count_wait(void *argument, unsigned ms)
{
	struct edit *e = argument;

	e->waits++;
	e->longest_wait = ms > e->longest_wait ? ms : e->longest_wait;
	if (e->waits > 1)
		interfere(e);
}

static int
says_when(void *argument)
{
	struct edit *e = argument;

	return e->cancel_after > 0 && e->waits >= e->cancel_after;
}

static scim_status
decide(void *argument, scim_arena *arena, const scim_update_conflict *conflict,
    scim_update_decision *out, scim_str *out_json, scim_error *err)
{
	struct edit *e = argument;

	(void)arena;
	(void)err;
	e->decisions++;
	(void)snprintf(e->local, sizeof(e->local), "%.*s",
	    (int)conflict->local.len, conflict->local.ptr);
	(void)snprintf(e->remote, sizeof(e->remote), "%.*s",
	    (int)conflict->remote->json.len, conflict->remote->json.ptr);
	if (conflict->merge->conflict_count > 0) {
		const scim_merge_conflict *c = &conflict->merge->conflicts[0];

		(void)snprintf(e->path, sizeof(e->path), "%.*s",
		    (int)c->path.len, c->path.ptr);
		(void)snprintf(e->base_value, sizeof(e->base_value), "%.*s",
		    (int)c->base.len, c->base.ptr);
	}
	*out = e->decision;
	if (e->decided != NULL)
		*out_json = scim__str(e->decided);
	return SCIM_OK;
}

static scim_update_policy
policy_of(struct edit *e, scim_update_strategy strategy)
{
	scim_update_policy policy = SCIM_UPDATE_POLICY_INIT;

	policy.strategy = strategy;
	policy.argument = e;
	policy.change = change_title;
	policy.decide = decide;
	policy.is_cancelled = says_when;
	policy.wait = count_wait;
	return policy;
}

static struct edit
edit_of(struct directory *d, const char *title)
{
	scim_outcome out;

	directory_open(d);
	assert_int_equal(SCIM_OK,
	    directory_create(d, "User",
		"{\"schemas\":[\"" USER_SCHEMA "\"],\"userName\":\"bjensen\","
		"\"title\":\"Eng\"}",
		&out));
	return (struct edit){ .d = d, .id = out.resource.id, .title = title };
}

static scim_update
run(struct edit *e, const scim_update_policy *policy)
{
	scim_target target = { SCIM_STR("User"), e->id };
	scim_update out = { .attempts = 0 };

	if (scim_provider_update(e->d->provider, &e->d->context, &target,
		policy, &out, &e->d->err) != SCIM_OK)
		fail_msg("%s", e->d->err.detail);
	return out;
}

static scim_str
now(struct edit *e)
{
	scim_outcome out;

	assert_int_equal(SCIM_OK, directory_get(e->d, "User", e->id, &out));
	return out.resource.json;
}

static void
undisturbed_it_writes_once(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, "Lead");
	scim_update_policy policy =
	    policy_of(&e, SCIM_UPDATE_RETRY_WITH_LATEST);
	scim_update out = run(&e, &policy);

	assert_int_equal(out.outcome.kind, SCIM_DONE);
	assert_int_equal(out.outcome.changed, 1);
	assert_int_equal(out.attempts, 1);
	assert_int_equal(out.conflicts, 0);
	assert_int_equal(e.waits, 0);
	assert_contains(now(&e), "\"title\":\"Lead\"");
	directory_close(&d);
}

static void
a_change_of_nothing_writes_nothing(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, NULL);
	scim_update_policy policy =
	    policy_of(&e, SCIM_UPDATE_RETRY_WITH_LATEST);
	scim_update out = run(&e, &policy);

	assert_int_equal(out.outcome.kind, SCIM_DONE);
	assert_int_equal(out.outcome.changed, 0);
	assert_int_equal(out.attempts, 0);
	assert_contains(out.outcome.resource.json, "\"title\":\"Eng\"");
	directory_close(&d);
}

static void
with_the_latest_the_change_is_made_again(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, "Lead");
	scim_update_policy policy =
	    policy_of(&e, SCIM_UPDATE_RETRY_WITH_LATEST);

	e.others[0] = "{\"nickName\":\"Babs\"}";
	e.others[1] = "{\"nickName\":\"Barb\"}";
	scim_update out = run(&e, &policy);

	assert_int_equal(out.outcome.kind, SCIM_DONE);
	assert_int_equal(out.attempts, 3);
	assert_int_equal(out.conflicts, 2);
	assert_int_equal(e.called, 3);
	assert_contains(now(&e), "\"title\":\"Lead\"");
	assert_contains(now(&e), "\"nickName\":\"Barb\"");
	directory_close(&d);
}

static void
attempts_are_bounded_and_waits_grow(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, "Lead");
	scim_update_policy policy =
	    policy_of(&e, SCIM_UPDATE_RETRY_WITH_LATEST);
	static char values[16][40];

	for (size_t i = 0; i < 16; i++) {
		(void)snprintf(
		    values[i], sizeof(values[i]), "{\"nickName\":\"n%zu\"}", i);
		e.others[i] = values[i];
	}
	policy.attempts = 6;
	policy.base_ms = 100;
	policy.cap_ms = 400;
	scim_update out = run(&e, &policy);

	assert_int_equal(out.outcome.kind, SCIM_MISMATCH);
	assert_int_equal(out.attempts, 6);
	assert_int_equal(out.conflicts, 6);
	assert_int_equal(e.waits, 5);
	assert_in_range(e.longest_wait, 100, 399);
	assert_true(out.waited_ms >= e.longest_wait);
	assert_contains(now(&e), "\"title\":\"Eng\"");
	directory_close(&d);
}

static void
it_can_be_cancelled(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, "Lead");
	scim_update_policy policy =
	    policy_of(&e, SCIM_UPDATE_RETRY_WITH_LATEST);

	e.others[0] = "{\"nickName\":\"Babs\"}";
	e.cancel_after = 1;
	scim_update out = run(&e, &policy);

	assert_int_equal(out.outcome.kind, SCIM_MISMATCH);
	assert_int_equal(out.cancelled, 1);
	assert_int_equal(out.attempts, 1);
	assert_contains(now(&e), "\"title\":\"Eng\"");
	directory_close(&d);
}

static void
the_last_writer_wins_only_when_asked(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, "Lead");
	scim_update_policy policy = policy_of(&e, SCIM_UPDATE_LAST_WRITER_WINS);

	policy.decide = NULL;
	e.others[0] = "{\"nickName\":\"Babs\"}";
	scim_update out = run(&e, &policy);

	assert_int_equal(out.outcome.kind, SCIM_DONE);
	assert_int_equal(out.attempts, 2);
	assert_int_equal(e.called, 1);
	assert_contains(now(&e), "\"title\":\"Lead\"");
	assert_lacks(now(&e), "nickName");
	directory_close(&d);
}

static void
what_goes_together_is_merged(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, "Lead");
	scim_update_policy policy = policy_of(&e, SCIM_UPDATE_MERGE_AND_RETRY);

	e.others[0] = "{\"nickName\":\"Babs\"}";
	e.others[1] = "{\"displayName\":\"Barbara\"}";
	scim_update out = run(&e, &policy);

	assert_int_equal(out.outcome.kind, SCIM_DONE);
	assert_int_equal(out.merges, 1);
	assert_int_equal(e.called, 1);
	assert_contains(now(&e), "\"title\":\"Lead\"");
	assert_contains(now(&e), "\"nickName\":\"Babs\"");
	directory_close(&d);
}

static void
the_tenants_guards_hold_here_too(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, "Lead");
	scim_update_policy policy = policy_of(&e, SCIM_UPDATE_MERGE_AND_RETRY);

	assert_int_equal(SCIM_OK,
	    scim_settings_set(
		&d.settings, SCIM_STR("guards"), SCIM_STR("nickName"), NULL));
	e.others[0] = "{\"nickName\":\"Babs\"}";
	scim_update out = run(&e, &policy);

	assert_int_equal(out.outcome.kind, SCIM_MISMATCH);
	assert_int_equal(out.outcome.conflict.path_count, 1);
	assert_str(out.outcome.conflict.paths[0], "nickName");
	directory_close(&d);
}

static void
a_merge_that_collides_is_given_up_and_names_the_path(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, "Lead");
	scim_update_policy policy = policy_of(&e, SCIM_UPDATE_MERGE_AND_RETRY);

	e.others[0] = "{\"title\":\"Boss\"}";
	scim_update out = run(&e, &policy);

	assert_int_equal(out.outcome.kind, SCIM_MISMATCH);
	assert_int_equal(out.outcome.conflict.path_count, 1);
	assert_str(out.outcome.conflict.paths[0], "title");
	assert_contains(now(&e), "\"title\":\"Boss\"");
	directory_close(&d);
}

static void
both_alike_need_no_second_write(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, "Lead");
	scim_update_policy policy = policy_of(&e, SCIM_UPDATE_MERGE_AND_RETRY);

	e.others[0] = "{\"title\":\"Lead\"}";
	scim_update out = run(&e, &policy);

	assert_int_equal(out.outcome.kind, SCIM_DONE);
	assert_int_equal(out.outcome.changed, 0);
	assert_int_equal(out.attempts, 1);
	directory_close(&d);
}

static void
the_caller_sees_all_three_and_decides(void **state)
{
	static const struct {
		scim_update_decision decision;
		const char *decided;
		scim_outcome_kind want;
		const char *title;
	} cases[] = {
		{ SCIM_UPDATE_GIVE_UP, NULL, SCIM_MISMATCH, "Boss" },
		{ SCIM_UPDATE_CHANGE_AGAIN, NULL, SCIM_DONE, "Lead" },
		{ SCIM_UPDATE_WRITE,
		    "{\"schemas\":[\"" USER_SCHEMA "\"],\"userName\":"
		    "\"bjensen\",\"title\":\"Chief\"}",
		    SCIM_DONE, "Chief" },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct directory d;
		struct edit e = edit_of(&d, "Lead");
		scim_update_policy policy =
		    policy_of(&e, SCIM_UPDATE_CALLER_DECIDES);
		char title[40];

		e.others[0] = "{\"title\":\"Boss\"}";
		e.decision = cases[i].decision;
		e.decided = cases[i].decided;
		scim_update out = run(&e, &policy);

		assert_int_equal(out.outcome.kind, cases[i].want);
		assert_int_equal(e.decisions, 1);
		assert_non_null(strstr(e.local, "\"title\":\"Lead\""));
		assert_non_null(strstr(e.remote, "\"title\":\"Boss\""));
		assert_string_equal(e.path, "title");
		assert_string_equal(e.base_value, "\"Eng\"");
		(void)snprintf(
		    title, sizeof(title), "\"title\":\"%s\"", cases[i].title);
		assert_contains(now(&e), title);
		directory_close(&d);
	}
}

static void
who_is_gone_is_not_brought_back(void **state)
{
	static const scim_update_strategy strategies[] = {
		SCIM_UPDATE_RETRY_WITH_LATEST,
		SCIM_UPDATE_LAST_WRITER_WINS,
		SCIM_UPDATE_MERGE_AND_RETRY,
		SCIM_UPDATE_CALLER_DECIDES,
	};

	for (size_t i = 0; i < scim__countof(strategies); i++) {
		struct directory d;
		struct edit e = edit_of(&d, "Lead");
		scim_update_policy policy = policy_of(&e, strategies[i]);

		e.is_deleted = true;
		scim_update out = run(&e, &policy);
		assert_int_equal(out.outcome.kind, SCIM_ABSENT);
		assert_int_equal(e.called, 1);
		directory_close(&d);
	}
}

static scim_status
fail_to_change(void *argument, scim_arena *arena, const scim_resource *current,
    scim_str *out, scim_error *err)
{
	(void)argument;
	(void)arena;
	(void)current;
	(void)out;
	(void)err;
	return SCIM_ERR_FORBIDDEN;
}

static void
what_a_function_of_the_caller_fails_with_is_handed_on(void **state)
{
	struct directory d;
	struct edit e = edit_of(&d, "Lead");
	scim_update_policy policy =
	    policy_of(&e, SCIM_UPDATE_RETRY_WITH_LATEST);
	scim_target target = { SCIM_STR("User"), e.id };
	scim_update out = { .attempts = POISON };

	policy.change = fail_to_change;
	assert_int_equal(SCIM_ERR_FORBIDDEN,
	    scim_provider_update(
		d.provider, &d.context, &target, &policy, &out, &d.err));
	policy.change = NULL;
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_update(
		d.provider, &d.context, &target, &policy, &out, &d.err));
	policy = policy_of(&e, SCIM_UPDATE_CALLER_DECIDES);
	policy.decide = NULL;
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_update(
		d.provider, &d.context, &target, &policy, &out, &d.err));
	policy = policy_of(&e, SCIM_UPDATE_RETRY_WITH_LATEST);
	policy.size--;
	assert_int_equal(SCIM_ERR_MISUSE,
	    scim_provider_update(
		d.provider, &d.context, &target, &policy, &out, &d.err));
	assert_int_equal(out.attempts, POISON);
	directory_close(&d);
}

/* Many threads, one counter in one user's title. */
#define THREADS 4
#define EACH 25

struct counting {
	struct directory *d;
	scim_str id;
	scim_context context;
};

static scim_status
count_up(void *argument, scim_arena *arena, const scim_resource *current,
    scim_str *out, scim_error *err)
{
	char *json = scim_arena_alloc(arena, 400);
	char read[800];
	int n = 0;

	(void)argument;
	(void)err;
	assert_non_null(json);
	(void)snprintf(read, sizeof(read), "%.*s", (int)current->json.len,
	    current->json.ptr);
	const char *title = strstr(read, "\"title\":\"");
	assert_non_null(title);
	(void)sscanf(title, "\"title\":\"%d", &n);
	(void)snprintf(json, 400,
	    "{\"schemas\":[\"" USER_SCHEMA "\"],\"userName\":\"bjensen\","
	    "\"title\":\"%d\"}",
	    n + 1);
	*out = scim__str(json);
	return SCIM_OK;
}

static void *
count_many(void *argument)
{
	struct counting *c = argument;
	scim_update_policy policy = SCIM_UPDATE_POLICY_INIT;
	scim_target target = { SCIM_STR("User"), c->id };
	size_t done = 0;

	policy.change = count_up;
	policy.attempts = 1000;
	policy.base_ms = 1;
	policy.cap_ms = 4;
	for (size_t i = 0; i < EACH; i++) {
		scim_update out;
		scim_error err;
		scim_arena *arena = scim_arena_new(NULL);

		c->context.arena = arena;
		done += arena != NULL &&
		    scim_provider_update(c->d->provider, &c->context, &target,
			&policy, &out, &err) == SCIM_OK &&
		    out.outcome.kind == SCIM_DONE;
		scim_arena_free(arena);
	}
	return done == EACH ? c : NULL;
}

static void
of_many_that_count_none_is_lost(void **state)
{
	struct directory d;
	pthread_t threads[THREADS];
	struct counting counting[THREADS];
	scim_outcome out;
	scim_store *store = NULL;
	char title[40];

	assert_int_equal(SCIM_OK, scim_store_open_memory(NULL, &store, NULL));
	directory_open_on(&d, store, true);
	assert_int_equal(SCIM_OK,
	    directory_create(&d, "User",
		"{\"schemas\":[\"" USER_SCHEMA "\"],\"userName\":\"bjensen\","
		"\"title\":\"0\"}",
		&out));
	for (size_t i = 0; i < THREADS; i++) {
		counting[i] =
		    (struct counting){ &d, out.resource.id, d.context };
		assert_int_equal(0,
		    pthread_create(
			&threads[i], NULL, count_many, &counting[i]));
	}
	for (size_t i = 0; i < THREADS; i++) {
		void *fine = NULL;

		assert_int_equal(0, pthread_join(threads[i], &fine));
		assert_non_null(fine);
	}
	(void)snprintf(
	    title, sizeof(title), "\"title\":\"%d\"", THREADS * EACH);
	struct edit e = { .d = &d, .id = out.resource.id };
	assert_contains(now(&e), title);
	directory_close(&d);
}

/* One update of a user whose nth read fails. */
static scim_status
update_with_a_fault(unsigned nth, const char *key, scim_update *out)
{
	const struct scim__fault fault = {
		.call = SCIM__FAULT_READ, .nth = nth, .status = SCIM_ERR_STORE
	};
	scim_store *memory = NULL, *store = NULL;
	struct directory d;

	assert_int_equal(SCIM_OK, scim_store_open_memory(NULL, &memory, NULL));
	assert_int_equal(SCIM_OK, scim__store_fault(memory, &store, NULL));
	directory_open_on(&d, store, false);
	scim_resource user = directory_user(&d, "ada");
	struct edit e = { .d = &d, .id = user.id, .title = "new" };
	scim_update_policy policy = SCIM_UPDATE_POLICY_INIT;
	const scim_target target = { SCIM_STR("User"), user.id };

	policy.argument = &e;
	policy.change = change_title;
	if (key != NULL)
		d.context.idempotency_key = scim__str(key);
	scim__store_fault_plan(d.store, &fault);
	scim_status rc = scim_provider_update(
	    d.provider, &d.context, &target, &policy, out, &d.err);
	directory_close(&d);
	return rc;
}

static void
a_key_tells_what_a_lost_answer_did_not(void **state)
{
	unsigned uncertain = 0, repeats = 0;

	for (unsigned nth = 1; nth <= 30; nth++) {
		scim_update out = { .attempts = 0 };

		if (update_with_a_fault(nth, NULL, &out) == SCIM_ERR_UNCERTAIN)
			uncertain++;
		scim_status rc = update_with_a_fault(nth, "k", &out);
		assert_int_not_equal(rc, SCIM_ERR_UNCERTAIN);
		if (rc == SCIM_OK && out.outcome.is_repeat)
			repeats++;
	}
	assert_true(uncertain > 0);
	assert_int_equal(repeats, uncertain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(undisturbed_it_writes_once),
		cmocka_unit_test(a_change_of_nothing_writes_nothing),
		cmocka_unit_test(with_the_latest_the_change_is_made_again),
		cmocka_unit_test(attempts_are_bounded_and_waits_grow),
		cmocka_unit_test(it_can_be_cancelled),
		cmocka_unit_test(the_last_writer_wins_only_when_asked),
		cmocka_unit_test(what_goes_together_is_merged),
		cmocka_unit_test(the_tenants_guards_hold_here_too),
		cmocka_unit_test(
		    a_merge_that_collides_is_given_up_and_names_the_path),
		cmocka_unit_test(both_alike_need_no_second_write),
		cmocka_unit_test(the_caller_sees_all_three_and_decides),
		cmocka_unit_test(who_is_gone_is_not_brought_back),
		cmocka_unit_test(
		    what_a_function_of_the_caller_fails_with_is_handed_on),
		cmocka_unit_test(a_key_tells_what_a_lost_answer_did_not),
		cmocka_unit_test(of_many_that_count_none_is_lost),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
