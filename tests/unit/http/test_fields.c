/* SPDX-License-Identifier: Apache-2.0 */
#include "http/fields.h"

#include "base/arena.h"
#include "lib/test.h"

#define FIELDS_MAX 4

/* A message with these fields; "name: value" each, NULL for none. */
static scim__message
message_of(scim__field fields[FIELDS_MAX], const char *const *texts)
{
	scim__message message = { .fields = fields };

	for (size_t i = 0; i < FIELDS_MAX && texts[i] != NULL; i++) {
		const char *colon = strstr(texts[i], ": ");

		fields[i].name =
		    (scim_str){ texts[i], (size_t)(colon - texts[i]) };
		fields[i].value = scim__str(colon + 2);
		message.field_count++;
	}
	return message;
}

static void
a_bearer_token_is_taken_in_any_case_of_the_scheme(void **state)
{
	static const struct {
		const char *fields[FIELDS_MAX];
		enum scim__bearer want;
		const char *token;
	} cases[] = {
		{ { NULL }, SCIM__BEARER_NONE, NULL },
		{ { "Authorization: Bearer abc" }, SCIM__BEARER_TOKEN, "abc" },
		{ { "authorization: bEARER   a-._~+/b==" }, SCIM__BEARER_TOKEN,
		    "a-._~+/b==" },
		{ { "Authorization: Bearer" }, SCIM__BEARER_MALFORMED, NULL },
		{ { "Authorization: Bearer " }, SCIM__BEARER_MALFORMED, NULL },
		{ { "Authorization: Bearer =" }, SCIM__BEARER_MALFORMED, NULL },
		{ { "Authorization: Bearer a=b" }, SCIM__BEARER_MALFORMED,
		    NULL },
		{ { "Authorization: Bearer a b" }, SCIM__BEARER_MALFORMED,
		    NULL },
		{ { "Authorization: Bearer \xe9" }, SCIM__BEARER_MALFORMED,
		    NULL },
		{ { "Authorization: Basic abc" }, SCIM__BEARER_MALFORMED,
		    NULL },
		{ { "Authorization: BearerX abc" }, SCIM__BEARER_MALFORMED,
		    NULL },
		{ { "Authorization: Bearer a", "Authorization: Bearer a" },
		    SCIM__BEARER_TWICE, NULL },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__field fields[FIELDS_MAX];
		scim__message m = message_of(fields, cases[i].fields);
		scim_str token = SCIM_STR("poison");

		assert_int_equal(
		    scim__fields_bearer(&m, &token), cases[i].want);
		assert_str(
		    token, cases[i].token == NULL ? "poison" : cases[i].token);
	}
}

/* @spec 7644-3.8-07 @spec 7644-8.1-01 @spec 9110-15.5.16-01 */
static void
content_is_json_or_refused(void **state)
{
	static const struct {
		const char *fields[FIELDS_MAX];
		int want;
	} cases[] = {
		{ { NULL }, 0 },
		{ { "Content-Type: application/scim+json" }, 0 },
		{ { "Content-Type: APPLICATION/json" }, 0 },
		{ { "Content-Type: application/json;charset=UTF-8" }, 0 },
		{ { "Content-Type: application/json ; a=b; "
		    "Charset=\"utf-8\"" },
		    0 },
		{ { "Content-Type: application/json;" }, 0 },
		{ { "Content-Type: application/json;charset=latin1" }, 415 },
		{ { "Content-Type: application/jsonx" }, 415 },
		{ { "Content-Type: text/xml" }, 415 },
		{ { "Content-Type: " }, 415 },
		{ { "Content-Type: application/json",
		      "Content-Type: application/json" },
		    415 },
		{ { "Content-Encoding: identity" }, 0 },
		{ { "Content-Encoding: gzip" }, 415 },
		{ { "Content-Encoding: identity, gzip" }, 415 },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__field fields[FIELDS_MAX];
		scim__message m = message_of(fields, cases[i].fields);

		assert_int_equal(
		    scim__fields_check_media(&m, NULL), cases[i].want);
	}
}

/* @spec 9110-5.3-01 */
static void
all_lines_of_a_condition_count(void **state)
{
	static const char *const texts[FIELDS_MAX] = { "If-Match: \"a\"",
		"If-None-Match: *", "if-match: \"b\", W/\"c\"",
		"If-Modified-Since: Sun, 06 Nov 1994 08:49:37 GMT" };
	scim_arena *arena = scim_arena_new(NULL);
	scim__field fields[FIELDS_MAX];
	scim__message m = message_of(fields, texts);
	scim_preconditions pre;

	assert_int_equal(
	    scim__fields_preconditions(arena, &m, 0, &pre, NULL), 0);

	assert_int_equal(pre.if_match.kind, SCIM_ETAGS_LIST);
	assert_int_equal(pre.if_match.count, 3);
	assert_str(pre.if_match.tags[2].opaque, "c");
	assert_int_equal(pre.if_none_match.kind, SCIM_ETAGS_ANY);
	assert_true(pre.has_if_modified_since);
	assert_false(pre.has_if_unmodified_since);
	scim_arena_free(arena);
}

static void
too_many_tags_are_431(void **state)
{
	static char text[4000] = "If-Match: \"\"";
	const char *texts[FIELDS_MAX] = { text };
	scim_arena *arena = scim_arena_new(NULL);
	scim__field fields[FIELDS_MAX];
	scim_preconditions pre;

	for (size_t i = 0; i < 300; i++)
		strcat(text, ",\"\"");
	scim__message m = message_of(fields, texts);
	assert_int_equal(
	    scim__fields_preconditions(arena, &m, 0, &pre, NULL), 431);
	scim_arena_free(arena);
}

/* @spec 7240-2-02, 7240-4.2-01 */
static void
one_preference_is_heeded(void **state)
{
	static const struct {
		const char *texts[FIELDS_MAX];
		scim_prefer prefer;
	} cases[] = {
		{ { NULL }, SCIM_PREFER_NOTHING },
		{ { "Prefer: return=minimal" }, SCIM_PREFER_MINIMAL },
		{ { "PREFER: RETURN = \"minimal\"" }, SCIM_PREFER_MINIMAL },
		{ { "Prefer: return=Minimal" }, SCIM_PREFER_NOTHING },
		{ { "Prefer: return" }, SCIM_PREFER_NOTHING },
		{ { "Prefer: a=\"b, return=minimal\"" }, SCIM_PREFER_NOTHING },
		{ { "Prefer: a=\"\\\", \", return=representation;x" },
		    SCIM_PREFER_REPRESENTATION },
		{ { "Prefer: wait=3", "Prefer: ,, return=minimal" },
		    SCIM_PREFER_MINIMAL },
		{ { "Prefer: return=minimal", "Prefer: return=minimal" },
		    SCIM_PREFER_MINIMAL },
		{ { "Prefer: return=minimal, return=representation" },
		    SCIM_PREFER_NOTHING },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__field fields[FIELDS_MAX];
		scim__message m = message_of(fields, cases[i].texts);

		if (scim__fields_prefer(&m) != cases[i].prefer)
			fail_msg("%zu", i);
	}
}

static void
a_preference_is_found_by_name_and_value(void **state)
{
	static const struct {
		const char *texts[FIELDS_MAX];
		bool asked;
	} cases[] = {
		{ { NULL }, false },
		{ { "Prefer: conflict=detail" }, true },
		{ { "PREFER: CONFLICT = \"detail\"" }, true },
		{ { "Prefer: conflict=Detail" }, false },
		{ { "Prefer: conflict" }, false },
		{ { "Prefer: a=\"b, conflict=detail\"" }, false },
		{ { "Prefer: return=minimal", "Prefer: ,, conflict=detail;x" },
		    true },
		/* @spec 7240-2-02 */
		{ { "Prefer: conflict=detail", "Prefer: conflict=none" },
		    true },
		{ { "Prefer: conflict=none, conflict=detail" }, false },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__field fields[FIELDS_MAX];
		scim__message m = message_of(fields, cases[i].texts);

		if (scim__fields_prefers(&m, SCIM_STR("conflict"),
			SCIM_STR("detail")) != cases[i].asked)
			fail_msg("%zu", i);
	}
}

static void
a_key_is_a_string_or_bare(void **state)
{
#define TEN "0123456789"
#define FIFTY TEN TEN TEN TEN TEN
	static const struct {
		const char *texts[FIELDS_MAX];
		int status;
		const char *key; /* NULL: none */
	} cases[] = {
		{ { NULL }, 0, NULL },
		{ { "Idempotency-Key: abc" }, 0, "abc" },
		{ { "idempotency-KEY: \"abc\"" }, 0, "abc" },
		{ { "Idempotency-Key: \"a, b;c \"" }, 0, "a, b;c " },
		{ { "Idempotency-Key: \"\\\"\\\\\"" }, 0, "\"\\" },
		{ { "Idempotency-Key: !#$%&'()*+-./:<=>?@[]^_`{|}~" }, 0,
		    "!#$%&'()*+-./:<=>?@[]^_`{|}~" },
		{ { "Idempotency-Key: " }, 400, NULL },
		{ { "Idempotency-Key: \"" }, 400, NULL },
		{ { "Idempotency-Key: \"\"" }, 400, NULL },
		{ { "Idempotency-Key: \"a" }, 400, NULL },
		{ { "Idempotency-Key: a\"" }, 400, NULL },
		{ { "Idempotency-Key: \"a\\\"" }, 400, NULL },
		{ { "Idempotency-Key: \"a\\b\"" }, 400, NULL },
		{ { "Idempotency-Key: \"a\"b\"" }, 400, NULL },
		{ { "Idempotency-Key: \"a\";p=1" }, 400, NULL },
		{ { "Idempotency-Key: \"\x01\"" }, 400, NULL },
		{ { "Idempotency-Key: \"\x7f\"" }, 400, NULL },
		{ { "Idempotency-Key: \xc3\xa9" }, 400, NULL },
		{ { "Idempotency-Key: a b" }, 400, NULL },
		{ { "Idempotency-Key: a,b" }, 400, NULL },
		{ { "Idempotency-Key: a;b" }, 400, NULL },
		{ { "Idempotency-Key: a\\b" }, 400, NULL },
		{ { "Idempotency-Key: " FIFTY FIFTY FIFTY FIFTY FIFTY "12345" },
		    0, FIFTY FIFTY FIFTY FIFTY FIFTY "12345" },
		{ { "Idempotency-Key: " FIFTY FIFTY FIFTY FIFTY FIFTY
		    "123456" },
		    400, NULL },
		{ { "Idempotency-Key: \"" FIFTY FIFTY FIFTY FIFTY FIFTY
		    "123456\"" },
		    400, NULL },
		{ { "Idempotency-Key: a", "Idempotency-Key: a" }, 400, NULL },
	};

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim__field fields[FIELDS_MAX];
		scim__message m = message_of(fields, cases[i].texts);
		scim_arena *arena = scim_arena_new(NULL);
		scim_error err = { .status = SCIM_OK };
		scim_str key = SCIM_STR("poison");

		if (scim__fields_idempotency(arena, &m, &key, &err) !=
		    cases[i].status)
			fail_msg("%zu", i);
		assert_int_equal(err.detail[0] != '\0', cases[i].status != 0);
		if (cases[i].key != NULL)
			assert_str(key, cases[i].key);
		else
			assert_null(key.ptr);
		scim_arena_free(arena);
	}
}

static scim_status
parse_conditions(scim_arena *arena, void *context)
{
	static const char *const texts[FIELDS_MAX] = { "If-Match: \"a\"",
		"If-None-Match: \"b\"", "Idempotency-Key: \"c\"" };
	scim__field fields[FIELDS_MAX];
	scim__message m = message_of(fields, texts);
	scim_preconditions pre;
	scim_str key;

	return scim__fields_preconditions(arena, &m, 0, &pre, NULL) == 0 &&
		scim__fields_idempotency(arena, &m, &key, NULL) == 0
	    ? SCIM_OK
	    : SCIM_ERR_NO_MEMORY;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_true(test_fail_each_allocation(parse_conditions, NULL) > 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    a_bearer_token_is_taken_in_any_case_of_the_scheme),
		cmocka_unit_test(content_is_json_or_refused),
		cmocka_unit_test(all_lines_of_a_condition_count),
		cmocka_unit_test(too_many_tags_are_431),
		cmocka_unit_test(one_preference_is_heeded),
		cmocka_unit_test(a_preference_is_found_by_name_and_value),
		cmocka_unit_test(a_key_is_a_string_or_bare),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
