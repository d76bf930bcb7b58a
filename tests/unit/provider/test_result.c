/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "handler/call.h"
#include "lib/directory.h"
#include "provider/operation.h"

#define GROUP(rest)                                                            \
	"{\"schemas\":[\"urn:ietf:params:scim:schemas:core:2.0:Group\"]," rest \
	"}"

struct answered {
	struct directory d;
	scim_resource group;
	scim_request request;
	scim__call *call;
};

/* A replacement that is written and durable, and not answered yet. */
static void
write_group(struct answered *a, const char *body)
{
	scim_txn *txn = NULL;
	struct directory *d = &a->d;

	directory_open(d);
	scim_resource user = directory_user(d, "bjensen");
	const scim_str *const members[] = { &user.id, NULL };
	a->group = directory_group(d, "g", members);
	a->request = (scim_request){ .operation = SCIM_OPERATION_REPLACE,
		.endpoint = SCIM_STR("/Groups"),
		.id = a->group.id,
		.body = scim__str(body),
		.context = d->context };
	a->call = scim__call_new(d->provider, &a->request, d->context.arena);
	assert_int_equal(scim__call_start(a->call), SCIM__STEP_WRITE);
	assert_int_equal(SCIM_OK,
	    scim__store_begin(d->store, SCIM_TXN_WRITE, &txn, &d->err));
	assert_int_equal(SCIM_OK, scim__call_apply(a->call, txn));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d->err));
}

static const scim_response *
answer(struct answered *a)
{
	assert_int_equal(
	    scim__call_committed(a->call, SCIM_OK, &a->d.err), SCIM__STEP_DONE);
	return scim__call_response(a->call);
}

static void
what_was_written_is_answered_under_its_tag(void **state)
{
	struct answered a;
	scim_outcome now;

	write_group(&a, GROUP("\"displayName\":\"first\""));
	const scim_response *response = answer(&a);
	assert_int_equal(
	    SCIM_OK, directory_get(&a.d, "Group", a.group.id, &now));
	assert_int_equal(response->result, SCIM_RESULT_OK);
	assert_true(scim__str_equal(response->etag, now.resource.etag));
	assert_true(scim__str_equal(response->body, now.resource.json));
	directory_close(&a.d);
}

/* @spec 9110-9.3.4-03 */
static void
the_tag_of_another_s_write_is_never_answered(void **state)
{
	struct answered a;
	scim_outcome between, second;

	write_group(&a, GROUP("\"displayName\":\"first\""));
	assert_int_equal(
	    SCIM_OK, directory_get(&a.d, "Group", a.group.id, &between));
	assert_int_equal(SCIM_OK,
	    directory_replace(&a.d, "Group", a.group.id,
		GROUP("\"displayName\":\"second\",\"members\":[]"), &expect_any,
		&second));

	const scim_response *response = answer(&a);
	assert_int_equal(response->result, SCIM_RESULT_NO_CONTENT);
	assert_true(scim__str_equal(response->etag, between.resource.etag));
	assert_false(scim__str_equal(response->etag, second.resource.etag));
	assert_int_equal(response->body.len, 0);
	directory_close(&a.d);
}

/* It was written, and then deleted: stored, and not to be shown any more. */
static void
what_is_gone_by_now_was_written_all_the_same(void **state)
{
	struct answered a;
	scim_outcome out;

	write_group(&a, GROUP("\"displayName\":\"first\""));
	assert_int_equal(SCIM_OK,
	    directory_delete(&a.d, "Group", a.group.id, &expect_any, &out));
	assert_int_equal(answer(&a)->result, SCIM_RESULT_NO_CONTENT);
	directory_close(&a.d);
}

/* It has to be told the id, and that is in the body. */
static void
a_creation_is_answered_with_what_is_there_now(void **state)
{
	struct directory d;
	scim_txn *txn = NULL;
	scim_outcome second;
	enum scim__op_next next;

	directory_open(&d);
	scim__op op = { .steps = &scim__create_steps,
		.provider = d.provider,
		.context = &d.context,
		.type = scim__registry_type(d.registry, SCIM_STR("Group")),
		.arena = d.context.arena,
		.expect = expect_any,
		.body = SCIM_STR(GROUP("\"displayName\":\"first\"")) };
	assert_int_equal(SCIM_OK, scim__op_start(&op, &next, &d.err));
	assert_int_equal(
	    SCIM_OK, scim__store_begin(d.store, SCIM_TXN_WRITE, &txn, &d.err));
	assert_int_equal(SCIM_OK, scim__op_apply(&op, txn, &d.err));
	assert_int_equal(SCIM_OK, scim__store_commit(txn, &d.err));
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", op.id,
		GROUP("\"displayName\":\"second\""), &expect_any, &second));

	assert_int_equal(SCIM_OK, scim__op_render(&op, &d.err));
	const scim_resource *shown = &op.outcome.resource;
	assert_true(scim__str_equal(shown->etag, second.resource.etag));
	assert_true(scim__str_equal(shown->json, second.resource.json));
	directory_close(&d);
}

static void
more_members_than_a_request_may_name_are_not_told_back(void **state)
{
	struct directory d;
	scim_outcome made, put, got;
	char body[256];

	directory_open(&d);
	scim_resource user = directory_user(&d, "bjensen");
	scim_resource other = directory_user(&d, "jsmith");
	(void)snprintf(body, sizeof(body),
	    GROUP("\"displayName\":\"first\",\"members\":["
		  "{\"value\":\"%.*s\"},{\"value\":\"%.*s\"}]"),
	    (int)user.id.len, user.id.ptr, (int)other.id.len, other.id.ptr);
	assert_int_equal(SCIM_OK, directory_create(&d, "Group", body, &made));
	d.settings.limits.members = 1;

	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", made.resource.id,
		GROUP("\"displayName\":\"second\""), &expect_any, &put));
	assert_int_equal(put.kind, SCIM_DONE);
	assert_int_equal(put.resource.json.len, 0);
	d.settings.limits.members = 2;
	assert_int_equal(
	    SCIM_OK, directory_get(&d, "Group", made.resource.id, &got));
	assert_contains(got.resource.json, "second");
	assert_true(scim__str_equal(put.resource.etag, got.resource.etag));
	assert_int_equal(SCIM_OK,
	    directory_replace(&d, "Group", made.resource.id,
		GROUP("\"displayName\":\"third\""), &expect_any, &put));
	assert_contains(put.resource.json, user.id.ptr);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_written_is_answered_under_its_tag),
		cmocka_unit_test(the_tag_of_another_s_write_is_never_answered),
		cmocka_unit_test(a_creation_is_answered_with_what_is_there_now),
		cmocka_unit_test(
		    more_members_than_a_request_may_name_are_not_told_back),
		cmocka_unit_test(what_is_gone_by_now_was_written_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
