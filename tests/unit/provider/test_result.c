/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/call.h"
#include "lib/directory.h"

#define GROUP(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"]," rest \
	"}"

/* A write whose answer is asked for only after somebody else wrote. */
static void
a_group_is_answered_as_it_is_now_under_its_tag_of_now(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;
	scim_outcome second;

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	const scim_str *const members[] = { &user.id, NULL };
	scim_resource group = directory_group(&d, "g", members);
	scim_request r = { .operation = SCIM_OPERATION_REPLACE,
		.endpoint = SCIM_STR("/Groups"),
		.id = group.id,
		.body = SCIM_STR(GROUP("\"displayName\":\"first\"")),
		.context = d.context };
	scim__call *call = scim__call_new(d.provider, &r, d.context.arena);

	assert_int_equal(scim__call_start(call), SCIM__STEP_WRITE);
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	assert_int_equal(SCIM_OK, scim__call_apply(call, txn));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", group.id,
		GROUP("\"displayName\":\"second\",\"members\":[]"), &expect_any,
		&second));
	(void)scim__call_committed(call, SCIM_OK, &d.err);

	const scim_response *answer = scim__call_response(call);
	assert_true(scim__str_equal(answer->etag, second.resource.etag));
	assert_true(scim__str_equal(answer->body, second.resource.json));
	directory_close(&d);
}

/* It was written, and then deleted: stored, and not to be shown any more. */
static void
what_is_gone_by_now_is_answered_as_uncertain(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;
	scim_outcome out;

	directory_open(&d);
	scim_resource group = directory_group(&d, "g", NULL);
	scim_request r = { .operation = SCIM_OPERATION_REPLACE,
		.endpoint = SCIM_STR("/Groups"),
		.id = group.id,
		.body = SCIM_STR(GROUP("\"displayName\":\"first\"")),
		.context = d.context };
	scim__call *call = scim__call_new(d.provider, &r, d.context.arena);

	assert_int_equal(scim__call_start(call), SCIM__STEP_WRITE);
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	assert_int_equal(SCIM_OK, scim__call_apply(call, txn));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));
	assert_int_equal(SCIM_OK,
	    directory_delete(&d, "Group", group.id, &expect_any, &out));
	(void)scim__call_committed(call, SCIM_OK, &d.err);
	assert_int_equal(
	    scim__call_response(call)->error.status, SCIM_ERR_UNCERTAIN);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_group_is_answered_as_it_is_now_under_its_tag_of_now),
		cmocka_unit_test(what_is_gone_by_now_is_answered_as_uncertain),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
