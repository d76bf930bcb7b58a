/* SPDX-License-Identifier: Apache-2.0 */
#include "handler/recall.h"

#include "handler/call.h"
#include "lib/directory.h"
#include "scimd/history.h"

static scim_response
handled(struct directory *d, const scim_request *request)
{
	scim_response response;

	scim_handle(d->provider, request, d->context.arena, &response);
	return response;
}

static scim_request
about(struct directory *d, scim_operation operation, scim_str id)
{
	return (scim_request){ .operation = operation,
		.endpoint = SCIM_STR("/Users"),
		.id = id,
		.context = d->context };
}

static void
each_question_is_answered(void **state)
{
	struct directory d;
	char version[SCIM_VERSION_TEXT_LEN + 1];

	directory_open(&d);
	scim_resource user = directory_user(&d, "u");
	scim_version_format(&user.version, version);

	scim_request r = about(&d, SCIM_OPERATION_VERSIONS, user.id);
	scim_response out = handled(&d, &r);
	assert_int_equal(out.result, SCIM_RESULT_OK);
	assert_contains(out.body, "\"totalResults\":1");

	r = about(&d, SCIM_OPERATION_VERSION, user.id);
	r.version = scim__str(version);
	out = handled(&d, &r);
	assert_int_equal(out.result, SCIM_RESULT_OK);
	assert_contains(out.body, "\"userName\":\"u\"");
	assert_contains(out.etag, version);
	assert_contains(out.location, "/.versions/");

	r = about(&d, SCIM_OPERATION_DIFF, user.id);
	r.from = scim__str(version);
	out = handled(&d, &r);
	assert_int_equal(out.result, SCIM_RESULT_OK);
	assert_contains(out.body, "\"changes\":[]");

	r = about(&d, SCIM_OPERATION_REVERT, user.id);
	r.version = scim__str(version);
	out = handled(&d, &r);
	assert_int_equal(out.result, SCIM_RESULT_OK);

	r = (scim_request){ .operation = SCIM_OPERATION_CHANGES,
		.endpoint = SCIM_STR(""),
		.context = d.context };
	out = handled(&d, &r);
	assert_int_equal(out.result, SCIM_RESULT_OK);
	assert_contains(out.body, "\"operation\":\"create\"");
	directory_close(&d);
}

static void
only_who_can_wait_is_told_to(void **state)
{
	struct directory d;

	scim_feed_page end;

	directory_open(&d);
	(void)directory_user(&d, "u");
	assert_int_equal(SCIM_OK,
	    scim_provider_changes(
		d.provider, &d.context, SCIM_STR("now"), 0, &end, &d.err));
	scim_request r = { .operation = SCIM_OPERATION_CHANGES,
		.endpoint = SCIM_STR(""),
		.since = end.position,
		.wait = SCIM_STR("5"),
		.context = d.context };
	scim__call *call = scim__call_new(d.provider, &r, d.context.arena);

	scim__call_may_wait(call, true);
	assert_int_equal(scim__call_start(call), SCIM__STEP_WAIT);
	assert_int_equal(scim__call_wait_s(call), 5);
	scim__call_may_wait(call, false);
	assert_int_equal(scim__call_start(call), SCIM__STEP_DONE);
	assert_contains(scim__call_response(call)->body, "\"Resources\":[]");
	assert_int_equal(handled(&d, &r).result, SCIM_RESULT_OK);
	directory_close(&d);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_question_is_answered),
		cmocka_unit_test(only_who_can_wait_is_told_to),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
