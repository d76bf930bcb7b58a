/* SPDX-License-Identifier: Apache-2.0 */
#include "http/request.h"

#include "base/arena.h"
#include "lib/test.h"

struct given {
	enum scim__method method;
	const char *path;
	scim__field fields[2];
	size_t field_count;
	bool is_discovery;
	scim_profile profile;
	scim_operation operation;
};

static int
build(scim_arena *arena, const struct given *given, scim_request *out,
    scim_error *err)
{
	static scim_settings settings;
	scim__message message = { .method = given->method,
		.fields = given->fields,
		.field_count = given->field_count,
		.body = SCIM_STR("{}") };
	scim__route route = { .operation = given->operation,
		.endpoint = SCIM_STR("/Users"),
		.id = SCIM_STR("1"),
		.is_discovery = given->is_discovery };
	scim__target target;

	settings.profile = given->profile;
	assert_int_equal(
	    scim__target_parse(arena, scim__str(given->path), &target, NULL),
	    SCIM_OK);
	*out = (scim_request){ .context = { .settings = &settings } };
	return scim__request_build(
	    arena, &message, &target, &route, 0, out, err);
}

static void
a_request_has_all_that_was_said(void **state)
{
	const struct given given = { .method = SCIM__METHOD_PUT,
		.path = "/x?attributes=a&excludedAttributes=b&filter=c&sortBy=d"
			"&sortOrder=e&startIndex=1&count=2&cursor=f",
		.fields = { { SCIM_STR("If-Match"), SCIM_STR("*") } },
		.field_count = 1 };
	scim_arena *arena = scim_arena_new(NULL);
	scim_request r;

	assert_int_equal(build(arena, &given, &r, NULL), 0);

	assert_int_equal(r.operation, SCIM_OPERATION_CREATE);
	assert_str(r.endpoint, "/Users");
	assert_str(r.id, "1");
	assert_str(r.body, "{}");
	assert_str(r.attributes, "a");
	assert_str(r.excluded_attributes, "b");
	assert_str(r.filter, "c");
	assert_str(r.sort_by, "d");
	assert_str(r.sort_order, "e");
	assert_str(r.start_index, "1");
	assert_str(r.count, "2");
	assert_str(r.cursor, "f");
	assert_int_equal(r.preconditions.if_match.kind, SCIM_ETAGS_ANY);
	scim_arena_free(arena);
}

/* @spec 9110-9.3.1-01 @spec 9110-9.3.5-02 */
static void
content_means_something_where_a_method_has_it(void **state)
{
	static const struct {
		enum scim__method method;
		bool reads;
	} cases[] = {
		{ SCIM__METHOD_GET, false },
		{ SCIM__METHOD_HEAD, false },
		{ SCIM__METHOD_DELETE, false },
		{ SCIM__METHOD_POST, true },
		{ SCIM__METHOD_PUT, true },
		{ SCIM__METHOD_PATCH, true },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		const struct given given = { .method = cases[i].method,
			.path = "/x",
			.fields = { { SCIM_STR("Content-Type"),
			    SCIM_STR("text/plain") } },
			.field_count = 1 };
		scim_arena *arena = scim_arena_new(NULL);
		scim_request r;

		assert_int_equal(
		    build(arena, &given, &r, NULL), cases[i].reads ? 415 : 0);
		assert_null(r.body.ptr);
		scim_arena_free(arena);
	}
}

static void
what_is_wrong_first_is_said_first(void **state)
{
	static const struct {
		struct given given;
		int status;
	} cases[] = {
		{ .given = { .method = SCIM__METHOD_GET,
		      .path = "/x?filter=\"a\"" } },
		{ .given = { .method = SCIM__METHOD_GET,
		      .path = "/x?filter=\"a\"",
		      .profile = SCIM_PROFILE_ENTRA } },
		{ .given = { .method = SCIM__METHOD_GET,
		      .path = "/x?filter=\"a\"",
		      .profile = SCIM_PROFILE_STRICT },
		    .status = 400 },
		{ .given = { .method = SCIM__METHOD_GET,
		      .path = "/x?filter=%22",
		      .profile = SCIM_PROFILE_STRICT } },
		{ .given = { .method = SCIM__METHOD_GET,
		      .path = "/x?filter=a",
		      .is_discovery = true },
		    .status = 403 },
		{ .given = { .method = SCIM__METHOD_GET,
		      .path = "/x?count=1",
		      .is_discovery = true } },
		{ .given = { .method = SCIM__METHOD_GET,
		      .path = "/x?count=1&count=2" },
		    .status = 400 },
		{ .given = { .method = SCIM__METHOD_POST,
		      .path = "/x?count=1&count=2",
		      .fields = { { { "Content-Encoding", 16 }, { "br", 2 } } },
		      .field_count = 1 },
		    .status = 415 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim_error err = { .status = SCIM_OK };
		scim_request r;

		assert_int_equal(
		    build(arena, &cases[i].given, &r, &err), cases[i].status);
		assert_int_equal(err.detail[0] != '\0', cases[i].status != 0);
		scim_arena_free(arena);
	}
}

static void
a_key_is_for_what_writes(void **state)
{
	static const struct {
		scim_operation operation;
		bool writes;
	} cases[] = {
		{ SCIM_OPERATION_CREATE, true },
		{ SCIM_OPERATION_REPLACE, true },
		{ SCIM_OPERATION_PATCH, true },
		{ SCIM_OPERATION_DELETE, true },
		{ SCIM_OPERATION_REVERT, true },
		{ SCIM_OPERATION_BULK, true },
		{ SCIM_OPERATION_GET, false },
		{ SCIM_OPERATION_SEARCH, false },
		{ SCIM_OPERATION_CHANGES, false },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		struct given given = { .method = SCIM__METHOD_POST,
			.path = "/x",
			.fields = { { SCIM_STR("Idempotency-Key"),
			    SCIM_STR("\"k\"") } },
			.field_count = 1,
			.operation = cases[i].operation };
		scim_arena *arena = scim_arena_new(NULL);
		scim_error err;
		scim_request r;

		assert_int_equal(build(arena, &given, &r, &err), 0);
		if (cases[i].writes)
			assert_str(r.context.idempotency_key, "k");
		else
			assert_null(r.context.idempotency_key.ptr);
		given.fields[0].value = SCIM_STR("\"");
		assert_int_equal(
		    build(arena, &given, &r, &err), cases[i].writes ? 400 : 0);
		scim_arena_free(arena);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_request_has_all_that_was_said),
		cmocka_unit_test(content_means_something_where_a_method_has_it),
		cmocka_unit_test(what_is_wrong_first_is_said_first),
		cmocka_unit_test(a_key_is_for_what_writes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
