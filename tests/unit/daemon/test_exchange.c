/* SPDX-License-Identifier: Apache-2.0 */
#include "daemon/exchange.h"

#include <stdlib.h>

#include "base/arena.h"
#include "lib/served.h"

static struct served served;
static char *read_token, *write_token, *metrics_token, *other_token;

static char *
make_token(const char *tenant, unsigned scopes, int64_t expires_ms)
{
	scim_arena *arena = scim_arena_new(NULL);
	struct scim__token_request request = { .tenant = scim__str(tenant),
		.scopes = scopes,
		.expires_ms = expires_ms };
	scim_str id, token;

	assert_int_equal(scim__token_create(served.server.policy, arena,
			     &request, &id, &token, NULL),
	    SCIM_OK);
	char *text = strndup(token.ptr, token.len);
	scim_arena_free(arena);
	return text;
}

static int
set_up(void **state)
{
	served_open(&served, NULL);
	assert_int_equal(scim__tenant_create(served.server.policy,
			     SCIM_STR("other"), NULL, 0, NULL),
	    SCIM_OK);
	read_token = make_token("default", SCIM__SCOPE_READ, INT64_MAX);
	write_token = make_token("default", SCIM__SCOPE_WRITE, INT64_MAX);
	metrics_token = make_token("default", SCIM__SCOPE_METRICS, INT64_MAX);
	other_token = make_token(
	    "other", SCIM__SCOPE_READ | SCIM__SCOPE_WRITE, INT64_MAX);
	return 0;
}

static int
tear_down(void **state)
{
	free(read_token);
	free(write_token);
	free(metrics_token);
	free(other_token);
	served_close(&served);
	return 0;
}

struct asked {
	const char *method, *path;
	char *const *token; /* NULL: none */
	bool is_remote;
	const char *extra; /* a field's name, or NULL */
};

/* The status of the answer, or 0: the call would be carried out. */
static int
ask(scim_arena *arena, const struct asked *asked, scim__answer *out)
{
	static const struct {
		const char *name;
		enum scim__method method;
	} methods[] = { { "GET", SCIM__METHOD_GET },
		{ "POST", SCIM__METHOD_POST }, { "PUT", SCIM__METHOD_PUT },
		{ "OPTIONS", SCIM__METHOD_OPTIONS } };
	scim__field fields[2];
	struct scim__exchange x = { .server = &served.server,
		.arena = arena,
		.is_loopback = !asked->is_remote,
		.message = { .target = scim__str(asked->path),
		    .fields = fields,
		    .minor = 1 } };

	for (size_t i = 0; i < scim__countof(methods); i++)
		if (strcmp(methods[i].name, asked->method) == 0)
			x.message.method = methods[i].method;
	if (asked->token != NULL)
		fields[x.message.field_count++] = (scim__field){
			SCIM_STR("Authorization"),
			scim__str_format(arena, "Bearer %s", *asked->token)
		};
	if (asked->extra != NULL)
		fields[x.message.field_count++] =
		    (scim__field){ scim__str(asked->extra), SCIM_STR("x") };
	int status = scim__exchange_open(&x) ? x.answer.status : 0;
	*out = x.answer;
	scim__exchange_release(&x);
	return status;
}

/* @spec 7644-2-07 @spec 7644-6.1-01 @spec 7644-6.1-03 @spec 7644-3.12-08
 * @spec 7644-3.12-09 @spec 7643-5-13 @spec 9110-13.2.1-02 */
static void
who_asks_decides_before_what_is_asked(void **state)
{
	static char unknown[] = "unknown-token-0123", *nobody = unknown;
	static const struct {
		struct asked asked;
		int status;
	} cases[] = {
		{ { "BREW", "/scim/v2/Users", .token = NULL }, 501 },
		{ { "GET", "/scim/v2/%zz", .token = NULL }, 400 },
		{ { "GET", "/scim/v2/Users", .token = NULL }, 401 },
		{ { "GET", "/scim/v2/Nonsense", .token = NULL }, 401 },
		{ { "GET", "/nonsense", .token = NULL }, 401 },
		{ { "GET", "/scim/v2/Users", .token = &nobody }, 401 },
		{ { "GET", "/scim/v2/Schemas", .token = NULL }, 0 },
		{ { "GET", "/t/other/scim/v2/Schemas", .token = NULL }, 0 },
		{ { "GET", "/t/none/scim/v2/Schemas", .token = NULL }, 404 },
		{ { "GET", "/scim/v2/Schemas", .token = &nobody }, 401 },
		{ { "GET", "/scim/v2/Users", .token = &read_token }, 0 },
		{ { "GET", "/scim/v2/Nonsense", .token = &read_token }, 404 },
		{ { "GET", "/nonsense", .token = &read_token }, 404 },
		{ { "PUT", "/scim/v2/Users", .token = &read_token }, 405 },
		{ { "POST", "/scim/v2/Users", .token = &read_token }, 403 },
		{ { "GET", "/scim/v2/Users", .token = &write_token }, 403 },
		{ { "POST", "/scim/v2/Users", .token = &write_token }, 0 },
		{ { "POST", "/scim/v2/.search", .token = &write_token }, 403 },
		{ { "POST", "/scim/v2/.search", .token = &read_token }, 0 },
		{ { "GET", "/scim/v2/Me", .token = NULL }, 401 },
		{ { "GET", "/scim/v2/Me", .token = &write_token }, 403 },
		{ { "GET", "/scim/v2/Me", .token = &read_token }, 404 },
		{ { "POST", "/scim/v2/Me", .token = &write_token }, 501 },
		{ { "OPTIONS", "/scim/v2/Users", .token = &read_token }, 204 },
		{ { "GET", "/t/default/scim/v2/Users", .token = &read_token },
		    0 },
		{ { "GET", "/t/other/scim/v2/Users", .token = &read_token },
		    404 },
		{ { "GET", "/t/none/scim/v2/Users", .token = &read_token },
		    404 },
		{ { "GET", "/t/other/scim/v2/Users", .token = &other_token },
		    0 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim__answer answer;
		int status = ask(arena, &cases[i].asked, &answer);

		if (status != cases[i].status)
			print_error("%s\n", cases[i].asked.path);
		assert_int_equal(status, cases[i].status);
		assert_int_equal(answer.challenge != SCIM__CHALLENGE_NONE,
		    status == 401 || status == 403);
		scim_arena_free(arena);
	}
}

/* @spec 7644-6.1-04 */
static void
another_tenant_s_path_is_the_same_as_an_unknown_one(void **state)
{
	const struct asked theirs = { "GET", "/t/other/scim/v2/Users",
		.token = &read_token };
	const struct asked none = { "GET", "/t/none/scim/v2/Users",
		.token = &read_token };
	scim_arena *arena = scim_arena_new(NULL);
	scim__answer first, second;

	assert_int_equal(
	    ask(arena, &theirs, &first), ask(arena, &none, &second));
	assert_true(scim__str_equal(first.body, second.body));
	scim_arena_free(arena);
}

static void
what_is_beside_scim_has_its_own_rules(void **state)
{
	static const struct {
		struct asked asked;
		int status;
	} cases[] = {
		{ { "GET", "/healthz", .token = NULL }, 200 },
		{ { "GET", "/readyz", .token = NULL }, 200 },
		{ { "PUT", "/healthz", .token = NULL }, 405 },
		{ { "OPTIONS", "/healthz", .token = NULL }, 204 },
		{ { "GET", "/metrics", .token = NULL }, 200 },
		{ { "POST", "/metrics", .token = NULL }, 405 },
		{ { "GET", "/metrics", .token = NULL, .is_remote = true },
		    401 },
		{ { "GET", "/metrics", .token = NULL,
		      .extra = "X-Forwarded-For" },
		    401 },
		{ { "GET", "/metrics", .token = NULL, .extra = "Forwarded" },
		    401 },
		{ { "GET", "/metrics", .token = &metrics_token,
		      .is_remote = true },
		    200 },
		{ { "GET", "/metrics", .token = &read_token }, 200 },
		{ { "GET", "/metrics", .token = &read_token,
		      .is_remote = true },
		    403 },
		{ { "GET", "/mcp", .token = &read_token }, 404 },
		{ { "GET", "/openapi.json", .token = &read_token }, 404 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_arena *arena = scim_arena_new(NULL);
		scim__answer answer;

		assert_int_equal(
		    ask(arena, &cases[i].asked, &answer), cases[i].status);
		scim_arena_free(arena);
	}
}

static void
a_token_that_is_over_opens_nothing(void **state)
{
	const scim_env *env = scim_env_system();
	char *token = make_token(
	    "default", SCIM__SCOPE_READ, env->now_ms(env->context) + 20);
	const struct asked asked = { "GET", "/scim/v2/Users", .token = &token };
	scim_arena *arena = scim_arena_new(NULL);
	scim__answer answer;

	for (int i = 0; i < 10000000; i++)
		if (ask(arena, &asked, &answer) == 401)
			break;
	assert_int_equal(ask(arena, &asked, &answer), 401);
	assert_int_equal(answer.challenge, SCIM__CHALLENGE_INVALID_TOKEN);
	scim_arena_free(arena);
	free(token);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(who_asks_decides_before_what_is_asked),
		cmocka_unit_test(
		    another_tenant_s_path_is_the_same_as_an_unknown_one),
		cmocka_unit_test(what_is_beside_scim_has_its_own_rules),
		cmocka_unit_test(a_token_that_is_over_opens_nothing),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
