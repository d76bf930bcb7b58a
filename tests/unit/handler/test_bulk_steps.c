/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/bulk_steps.h"

#include "base/error.h"
#include "unit/provider/bulking.h"

enum { COUNT = 70 };

struct walk {
	struct directory d;
	scim_request request;
	scim__call *call;
};

/* A request of so many users that it takes two turns. */
static void
begin(struct walk *w)
{
	scim_str list[COUNT];
	char id[16];

	directory_open(&w->d);
	for (int i = 0; i < COUNT; i++) {
		(void)snprintf(id, sizeof(id), "u%d", i);
		list[i] = bulking_user(&w->d, id, id, "");
	}
	w->request = (scim_request){ .operation = SCIM_OPERATION_BULK,
		.endpoint = SCIM_STR("/Bulk"),
		.body =
		    bulking_body(&w->d, bulking_list(&w->d, list, COUNT), ""),
		.context = w->d.context };
	w->call =
	    scim__call_new(w->d.provider, &w->request, w->d.context.arena);
	assert_non_null(w->call);
	assert_int_equal(scim__call_start(w->call), SCIM__STEP_WORK);
	assert_int_equal(scim__call_work(w->call), SCIM__STEP_WRITE);
}

static enum scim__step
turn(struct walk *w)
{
	scim_error err = { 0 };
	scim_txn *txn = NULL;

	assert_int_equal(
	    SCIM_OK, scim__store_begin(w->d.store, SCIM_TXN_WRITE, &txn, NULL));
	assert_int_equal(SCIM_OK, scim__call_apply(w->call, txn));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, NULL));
	return scim__call_committed(w->call, SCIM_OK, &err);
}

static size_t
occurrences(scim_str text, const char *of)
{
	const char *z = text.ptr;
	size_t count = 0;

	while ((z = strstr(z, of)) != NULL) {
		z += strlen(of);
		count++;
	}
	return count;
}

static void
it_goes_to_and_fro_until_all_is_done(void **state)
{
	struct walk w;

	(void)state;
	begin(&w);
	assert_int_equal(turn(&w), SCIM__STEP_WORK);
	assert_false(scim__call_may_begin_again(w.call));
	assert_int_equal(scim__call_work(w.call), SCIM__STEP_WRITE);
	assert_int_equal(turn(&w), SCIM__STEP_WORK);
	assert_int_equal(scim__call_work(w.call), SCIM__STEP_DONE);
	const scim_response *r = scim__call_response(w.call);
	assert_int_equal(r->result, SCIM_RESULT_OK);
	scim_str body = scim__str(scim__str_copy_z(w.d.context.arena, r->body));
	assert_int_equal(occurrences(body, "\"status\":\"201\""), COUNT);
	directory_close(&w.d);
}

static void
it_may_begin_again_while_nothing_is_done(void **state)
{
	struct walk w;

	(void)state;
	begin(&w);
	assert_true(scim__call_may_begin_again(w.call));
	directory_close(&w.d);
}

static void
what_fails_before_anything_is_done_fails_it_all(void **state)
{
	static const scim_status failures[] = { SCIM_ERR_UNCERTAIN,
		SCIM_ERR_STORE, SCIM_ERR_ROLLED_BACK };

	(void)state;
	for (size_t i = 0; i < scim__countof(failures); i++) {
		struct walk w;
		scim_error err;

		begin(&w);
		(void)scim__fail(&err, failures[i], "Bad luck.");
		assert_int_equal(
		    scim__call_committed(w.call, failures[i], &err),
		    SCIM__STEP_DONE);
		const scim_response *r = scim__call_response(w.call);
		assert_int_equal(r->result, SCIM_RESULT_ERROR);
		assert_int_equal(r->error.status, failures[i]);
		directory_close(&w.d);
	}
}

static void
what_fails_later_is_told_beside_what_is_done(void **state)
{
	enum { LOST, REFUSED, GIVEN_UP, KINDS };

	(void)state;
	for (int kind = 0; kind < KINDS; kind++) {
		struct walk w;
		scim_error err;
		enum scim__step step = SCIM__STEP_DONE;

		begin(&w);
		assert_int_equal(turn(&w), SCIM__STEP_WORK);
		assert_int_equal(scim__call_work(w.call), SCIM__STEP_WRITE);
		(void)scim__fail(&err, SCIM_ERR_BUSY, "Bad luck.");
		if (kind == LOST) {
			step =
			    scim__call_committed(w.call, SCIM_ERR_BUSY, &err);
		} else if (kind == REFUSED) {
			assert_int_equal(
			    scim__call_refuse(w.call, &err), SCIM_ERR_BUSY);
			step = scim__call_committed(w.call, SCIM_OK, &err);
		} else {
			step = scim__call_fail(w.call, &err);
			assert_int_equal(step, SCIM__STEP_WORK);
		}
		if (step == SCIM__STEP_WORK)
			step = scim__call_work(w.call);
		assert_int_equal(step, SCIM__STEP_DONE);
		const scim_response *r = scim__call_response(w.call);
		assert_int_equal(r->result, SCIM_RESULT_OK);
		scim_str body =
		    scim__str(scim__str_copy_z(w.d.context.arena, r->body));
		assert_int_equal(occurrences(body, "\"status\":\"201\""), 64);
		assert_int_equal(
		    occurrences(body, "\"status\":\"503\",\"response\""),
		    COUNT - 64);
		directory_close(&w.d);
	}
}

static void
headers_are_looked_at_before_the_body(void **state)
{
	struct walk w;
	scim_etag tag = { SCIM_STR("x"), 1 };

	(void)state;
	begin(&w);
	assert_true(scim__call_may_begin_again(w.call));
	w.request.preconditions.if_match =
	    (scim_etag_list){ SCIM_ETAGS_LIST, &tag, 1 };
	w.call = scim__call_new(w.d.provider, &w.request, w.d.context.arena);
	assert_int_equal(scim__call_check(w.call), SCIM__STEP_DONE);
	assert_int_equal(
	    scim__call_response(w.call)->error.status, SCIM_ERR_VERSION);
	w.request.preconditions.if_match =
	    (scim_etag_list){ SCIM_ETAGS_MALFORMED, NULL, 0 };
	w.call = scim__call_new(w.d.provider, &w.request, w.d.context.arena);
	assert_int_equal(scim__call_start(w.call), SCIM__STEP_DONE);
	assert_int_equal(
	    scim__call_response(w.call)->error.status, SCIM_ERR_INVALID);
	directory_close(&w.d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_goes_to_and_fro_until_all_is_done),
		cmocka_unit_test(it_may_begin_again_while_nothing_is_done),
		cmocka_unit_test(
		    what_fails_before_anything_is_done_fails_it_all),
		cmocka_unit_test(what_fails_later_is_told_beside_what_is_done),
		cmocka_unit_test(headers_are_looked_at_before_the_body),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
