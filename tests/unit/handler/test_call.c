/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/call.h"

#include "lib/directory.h"

#define USER(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," rest \
	"}"

static scim_request
replacement(struct directory *d, scim_str id, const char *body)
{
	return (scim_request){ .operation = SCIM_OPERATION_REPLACE,
		.endpoint = SCIM_STR("/Users"),
		.id = id,
		.body = scim__str(body),
		.context = d->context };
}

static scim__call *
started(struct directory *d, const scim_request *request)
{
	scim__call *call =
	    scim__call_new(d->provider, request, d->context.arena);

	assert_non_null(call);
	assert_int_equal(scim__call_start(call), SCIM__STEP_WRITE);
	return call;
}

/* Two writers prepared against one state; both then come to the writer. */
static void
of_two_prepared_writers_one_wins(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_etag tag;
	assert_int_equal(SCIM_OK, scim_etag_parse(user.etag, &tag, &d.err));
	scim_request r1 = replacement(
	    &d, user.id, USER("\"userName\":\"bjensen\",\"title\":\"1\""));
	scim_request r2 = replacement(
	    &d, user.id, USER("\"userName\":\"bjensen\",\"title\":\"2\""));
	r1.preconditions.if_match = r2.preconditions.if_match =
	    (scim_etag_list){ SCIM_ETAGS_LIST, &tag, 1 };
	scim__call *c1 = started(&d, &r1), *c2 = started(&d, &r2);

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	assert_int_equal(scim__call_apply(c1, txn), SCIM_OK);
	assert_int_equal(scim__call_apply(c2, txn), SCIM_OK);
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));
	assert_int_equal(
	    scim__call_committed(c1, SCIM_OK, &d.err), SCIM__STEP_DONE);
	assert_int_equal(
	    scim__call_committed(c2, SCIM_OK, &d.err), SCIM__STEP_DONE);

	const scim_response *a1 = scim__call_response(c1);
	const scim_response *a2 = scim__call_response(c2);
	assert_int_equal(a1->result, SCIM_RESULT_OK);
	assert_int_equal(a2->error.status, SCIM_ERR_VERSION);
	assert_true(scim__str_equal(a1->etag, a2->etag));
	directory_close(&d);
}

/* Without a condition the second one prepares again and wins as well. */
static void
an_unconditional_write_prepares_again_in_the_writer(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;
	scim_outcome got;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_request r1 = replacement(
	    &d, user.id, USER("\"userName\":\"bjensen\",\"title\":\"1\""));
	scim_request r2 = replacement(
	    &d, user.id, USER("\"userName\":\"bjensen\",\"title\":\"2\""));
	scim__call *c1 = started(&d, &r1), *c2 = started(&d, &r2);

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	assert_int_equal(scim__call_apply(c1, txn), SCIM_OK);
	assert_int_equal(scim__call_apply(c2, txn), SCIM_OK);
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));
	(void)scim__call_committed(c1, SCIM_OK, &d.err);
	(void)scim__call_committed(c2, SCIM_OK, &d.err);

	assert_int_equal(scim__call_response(c2)->result, SCIM_RESULT_OK);
	assert_int_equal(SCIM_OK, directory_get(&d, "User", user.id, &got));
	assert_contains(got.resource.json, "\"title\":\"2\"");
	directory_close(&d);
}

static void
an_apply_can_be_run_again_after_a_rollback(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_request r =
	    replacement(&d, user.id, USER("\"userName\":\"other\""));
	scim__call *call = started(&d, &r);

	for (int round = 0; round < 2; round++) {
		assert_int_equal(SCIM_OK,
		    scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
		assert_int_equal(scim__call_apply(call, txn), SCIM_OK);
		if (round == 0)
			scim__store_rollback(txn);
	}
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));
	(void)scim__call_committed(call, SCIM_OK, &d.err);
	assert_int_equal(scim__call_response(call)->result, SCIM_RESULT_OK);
	directory_close(&d);
}

static void
a_commit_that_fails_is_the_answer(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;
	scim_error lost = { .status = SCIM_ERR_UNCERTAIN,
		.detail = "It may have happened." };

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_request r =
	    replacement(&d, user.id, USER("\"userName\":\"other\""));
	scim__call *call = started(&d, &r);

	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	assert_int_equal(scim__call_apply(call, txn), SCIM_OK);
	scim__store_rollback(txn);
	(void)scim__call_committed(call, SCIM_ERR_UNCERTAIN, &lost);
	assert_int_equal(
	    scim__call_response(call)->error.status, SCIM_ERR_UNCERTAIN);
	directory_close(&d);
}

static void
a_password_goes_by_the_worker(void **state)
{
	struct directory d;
	scim_request r;

	directory_open(&d);
	r = (scim_request){ .operation = SCIM_OPERATION_CREATE,
		.endpoint = SCIM_STR("/Users"),
		.body = scim__str(
		    USER("\"userName\":\"b\",\"password\":\"secret\"")),
		.context = d.context };
	scim__call *call = scim__call_new(d.provider, &r, d.context.arena);

	assert_int_equal(scim__call_start(call), SCIM__STEP_WORK);
	assert_int_equal(scim__call_work(call), SCIM__STEP_WRITE);
	directory_close(&d);
}

/* To read it takes longer than others on the same loop should wait. */
static void
a_large_body_goes_by_the_worker(void **state)
{
	static char body[200000];
	static const char user[] = USER("\"userName\":\"b\"");
	struct directory d;

	memset(body, ' ', sizeof(body));
	memcpy(body, user, sizeof(user) - 1);
	directory_open(&d);
	scim_request r = { .operation = SCIM_OPERATION_CREATE,
		.endpoint = SCIM_STR("/Users"),
		.body = { body, sizeof(body) },
		.context = d.context };
	scim__call *call = scim__call_new(d.provider, &r, d.context.arena);

	assert_int_equal(scim__call_start(call), SCIM__STEP_WORK);
	assert_int_equal(scim__call_work(call), SCIM__STEP_WRITE);
	directory_close(&d);
}

/* It is compared with what is there now, to tell what collides. */
static void
what_a_large_body_collides_with_is_found_by_the_worker(void **state)
{
	static char body[200000];
	static const char json[] = USER("\"userName\":\"bjensen\"");
	scim_etag stale = { SCIM_STR("stale"), 1 };
	struct directory d;

	memset(body, ' ', sizeof(body) - 1);
	memcpy(body, json, sizeof(json) - 1);
	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_request r = replacement(&d, user.id, body);
	r.preconditions.if_match =
	    (scim_etag_list){ SCIM_ETAGS_LIST, &stale, 1 };
	scim__call *call = scim__call_new(d.provider, &r, d.context.arena);

	assert_int_equal(scim__call_start(call), SCIM__STEP_WORK);
	assert_int_equal(scim__call_work(call), SCIM__STEP_DONE);
	assert_int_equal(
	    scim__call_response(call)->error.status, SCIM_ERR_VERSION);
	directory_close(&d);
}

static void
what_is_refused_before_the_body_needs_none(void **state)
{
	struct directory d;
	scim_etag stale = { SCIM_STR("stale"), 1 };

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_request r = replacement(&d, user.id, "");
	scim__call *call = scim__call_new(d.provider, &r, d.context.arena);
	assert_int_equal(scim__call_check(call), SCIM__STEP_WRITE);

	r.preconditions.if_match =
	    (scim_etag_list){ SCIM_ETAGS_LIST, &stale, 1 };
	call = scim__call_new(d.provider, &r, d.context.arena);
	assert_int_equal(scim__call_check(call), SCIM__STEP_DONE);
	assert_int_equal(
	    scim__call_response(call)->error.status, SCIM_ERR_VERSION);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(of_two_prepared_writers_one_wins),
		cmocka_unit_test(
		    an_unconditional_write_prepares_again_in_the_writer),
		cmocka_unit_test(an_apply_can_be_run_again_after_a_rollback),
		cmocka_unit_test(a_commit_that_fails_is_the_answer),
		cmocka_unit_test(a_password_goes_by_the_worker),
		cmocka_unit_test(a_large_body_goes_by_the_worker),
		cmocka_unit_test(
		    what_a_large_body_collides_with_is_found_by_the_worker),
		cmocka_unit_test(what_is_refused_before_the_body_needs_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
