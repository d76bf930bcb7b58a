/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The conditional headers, one by one and in all combinations.
 *
 * What each header says alone, and how the four decide together, stand here
 * as two kinds of tables; every combination of every form of every header is
 * then held against them, for weak and for strong tags.
 */
#include "scimd/precondition.h"

#include "base/arena.h"
#include "lib/test.h"

#define MODIFIED INT64_C(784111777345)
#define NOW (MODIFIED + 100000)
#define DATE "Sun, 06 Nov 1994 08:49:37 GMT"
#define LATER "Sun, 06 Nov 1994 08:49:38 GMT"
#define EARLIER "Sun, 06 Nov 1994 08:49:36 GMT"

/* How a header stands: '-' not sent, or without effect; 't' true; 'f' false;
 * 'm' malformed. */
struct tag_form {
	const char *name;
	const char *weak_lines[2];     /* the target has W/"own.derived" */
	const char *strong_lines[2];   /* the target has "own.derived.7" */
	char match_weak, match_strong; /* If-Match */
	char none_match;               /* If-None-Match */
};

static const struct tag_form tag_forms[] = {
	{ "absent", { NULL }, { NULL }, '-', '-', '-' },
	{ "star", { "*" }, { "*" }, 't', 't', 'f' },
	{ "current", { "W/\"own.derived\"" }, { "\"own.derived.7\"" }, 't', 't',
	    'f' },
	{ "current, other strength", { "\"own.derived\"" },
	    { "W/\"own.derived.7\"" }, 't', 'f', 'f' },
	{ "stale", { "W/\"old\"" }, { "\"old\"" }, 'f', 'f', 't' },
	{ "list with current", { "\"x\", W/\"own.derived\" ,\"y\"" },
	    { "\"x\", \"own.derived.7\" ,\"y\"" }, 't', 't', 'f' },
	{ "list without", { "\"x\",W/\"y\"" }, { "\"x\",W/\"y\"" }, 'f', 'f',
	    't' },
	{ "empty list", { " , " }, { "" }, 'f', 'f', 't' },
	{ "malformed", { "own.derived" }, { "own.derived.7" }, 'm', 'm', 'm' },
	{ "star mixed", { "*, W/\"own.derived\"" }, { "*, \"own.derived.7\"" },
	    'm', 'm', 'm' },
	{ "second line is current", { "\"x\"", "W/\"own.derived\"" },
	    { "\"x\"", "\"own.derived.7\"" }, 't', 't', 'f' },
};

struct date_form {
	const char *name;
	const char *lines[2];
	char unmodified, modified; /* the two headers of dates */
};

static const struct date_form date_forms[] = {
	{ "absent", { NULL }, '-', '-' },
	{ "equal", { " " DATE " " }, 't', 'f' },
	{ "equal, RFC 850", { "Sunday, 06-Nov-94 08:49:37 GMT" }, 't', 'f' },
	{ "equal, asctime", { "Sun Nov  6 08:49:37 1994" }, 't', 'f' },
	{ "later", { LATER }, 't', 'f' },
	{ "future", { "Fri, 31 Dec 9999 23:59:59 GMT" }, 't', 'f' },
	{ "earlier", { EARLIER }, 'f', 't' },
	{ "invalid", { "yesterday" }, '-', '-' },
	{ "empty", { "" }, '-', '-' },
	{ "list", { LATER ", " LATER }, '-', '-' },
	{ "two lines", { LATER, LATER }, '-', '-' },
};

/* The first rule that fits decides; '*' fits all. */
static const struct {
	const char *headers; /* If-Match, If-Unmodified-Since,
				If-None-Match, If-Modified-Since */
	scim_verdict read, write;
} rules[] = {
	{ "m***", SCIM_VERDICT_MALFORMED, SCIM_VERDICT_MALFORMED },
	{ "f***", SCIM_VERDICT_FAILED, SCIM_VERDICT_FAILED },
	{ "-f**", SCIM_VERDICT_FAILED, SCIM_VERDICT_FAILED },
	{ "**m*", SCIM_VERDICT_PERFORM, SCIM_VERDICT_MALFORMED },
	{ "**f*", SCIM_VERDICT_NOT_MODIFIED, SCIM_VERDICT_FAILED },
	{ "**t*", SCIM_VERDICT_PERFORM, SCIM_VERDICT_PERFORM },
	{ "**-f", SCIM_VERDICT_NOT_MODIFIED, SCIM_VERDICT_PERFORM },
	{ "**-*", SCIM_VERDICT_PERFORM, SCIM_VERDICT_PERFORM },
};

static bool
fits(const char *rule, const char *headers)
{
	for (size_t i = 0; i < 4; i++)
		if (rule[i] != '*' && rule[i] != headers[i])
			return false;
	return true;
}

static scim_verdict
verdict_by_the_rules(const char *headers, scim_method_kind kind)
{
	for (size_t i = 0; i < scim__countof(rules); i++)
		if (fits(rules[i].headers, headers))
			return kind == SCIM_METHOD_READ ? rules[i].read
							: rules[i].write;
	fail_msg("no rule for %s", headers);
	return SCIM_VERDICT_MALFORMED;
}

static size_t
copy_lines(const char *const from[2], scim_str to[2])
{
	size_t count = 0;

	for (; count < 2 && from[count] != NULL; count++)
		to[count] = scim__str(from[count]);
	return count;
}

struct request {
	scim_str match[2], none_match[2], unmodified[2], modified[2];
	scim_precondition_lines lines;
};

static void
make_request(struct request *r, const char *const match[2],
    const char *const none_match[2], const char *const unmodified[2],
    const char *const modified[2])
{
	r->lines = (scim_precondition_lines){
		.if_match = r->match,
		.if_match_count = copy_lines(match, r->match),
		.if_none_match = r->none_match,
		.if_none_match_count = copy_lines(none_match, r->none_match),
		.if_unmodified_since = r->unmodified,
		.if_unmodified_since_count =
		    copy_lines(unmodified, r->unmodified),
		.if_modified_since = r->modified,
		.if_modified_since_count = copy_lines(modified, r->modified),
	};
}

static const scim_validators weak_target = {
	.etag = { { "own.derived", 11 }, 1 },
	.has_dates = 1,
	.modified_ms = MODIFIED,
	.modified_before_ms = INT64_MIN,
};

static const scim_validators strong_target = {
	.etag = { { "own.derived.7", 13 }, 0 },
	.has_dates = 1,
	.modified_ms = MODIFIED,
	.modified_before_ms = INT64_MIN,
};

static void
check_combination(scim_arena *arena, const struct tag_form *match,
    const struct tag_form *none, const struct date_form *unmodified,
    const struct date_form *modified, bool strong)
{
	const char headers[] = { strong ? match->match_strong
					: match->match_weak,
		unmodified->unmodified, none->none_match, modified->modified,
		'\0' };
	const scim_validators *target = strong ? &strong_target : &weak_target;
	scim_preconditions pre;
	struct request r;

	make_request(&r, strong ? match->strong_lines : match->weak_lines,
	    strong ? none->strong_lines : none->weak_lines, unmodified->lines,
	    modified->lines);
	assert_int_equal(
	    scim_preconditions_parse(arena, &r.lines, NOW, &pre, NULL),
	    SCIM_OK);
	for (int kind = SCIM_METHOD_READ; kind <= SCIM_METHOD_WRITE; kind++) {
		scim_verdict want =
		    verdict_by_the_rules(headers, (scim_method_kind)kind);
		scim_verdict have = scim_preconditions_evaluate(
		    &pre, target, (scim_method_kind)kind, NOW);

		if (have != want)
			fail_msg("If-Match %s, If-None-Match %s, unmodified "
				 "%s, modified %s, strong %d, kind %d: %d, "
				 "not %d",
			    match->name, none->name, unmodified->name,
			    modified->name, strong, kind, have, want);
	}
}

/*
 * @spec 9110-13.2.2-01, 9110-13.2.2-02, 9110-13.2.2-03, 9110-13.2.2-04
 * @spec 9110-13.1.1-01, 9110-13.1.1-03, 9110-13.1.1-04, 9110-13.1.1-05
 * @spec 9110-13.1.2-01, 9110-13.1.2-03, 9110-13.1.2-04, 9110-13.1.2-05
 * @spec 9110-13.1.3-01, 9110-13.1.3-02, 9110-13.1.3-05, 9110-13.1.3-06
 * @spec 9110-13.1.4-01, 9110-13.1.4-02, 9110-13.1.4-04, 9110-13.1.4-05
 * @spec 9110-5.6.7-01, 7644-3.14-09
 */
static void
every_combination_of_headers_is_decided_by_the_rules(void **state)
{
	const size_t tags = scim__countof(tag_forms);
	const size_t dates = scim__countof(date_forms);
	const size_t all = tags * tags * dates * dates * 2;
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t n = 0; n < all; n++) {
		size_t rest = n / 2;

		check_combination(arena, &tag_forms[rest % tags],
		    &tag_forms[rest / tags % tags],
		    &date_forms[rest / tags / tags % dates],
		    &date_forms[rest / tags / tags / dates], n % 2 == 1);
		scim_arena_reset(arena);
	}
	scim_arena_free(arena);
}

static scim_preconditions
parse(scim_arena *arena, const char *match, const char *none_match,
    const char *unmodified, const char *modified)
{
	const char *lines[4][2] = { { match }, { none_match }, { unmodified },
		{ modified } };
	scim_preconditions pre;
	struct request r;

	make_request(&r, lines[0], lines[1], lines[2], lines[3]);
	assert_int_equal(
	    scim_preconditions_parse(arena, &r.lines, NOW, &pre, NULL),
	    SCIM_OK);
	return pre;
}

/* @spec 9110-8.8.3.2-01, 9110-8.8.3.2-02, 9110-8.8.3.2-03 */
static const struct {
	const char *sent, *current;
	bool if_match, if_none_match_finds;
} comparisons[] = {
	{ "W/\"1\"", "W/\"1\"", true, true },
	{ "W/\"1\"", "W/\"2\"", false, false },
	{ "W/\"1\"", "\"1\"", false, true },
	{ "\"1\"", "W/\"1\"", true, true },
	{ "\"1\"", "\"1\"", true, true },
	{ "\"1\"", "\"2\"", false, false },
	{ "\"A\"", "\"a\"", false, false },
	{ "W/\"A\"", "W/\"a\"", false, false },
	{ "\"%61\"", "\"a\"", false, false },
	{ "\"\"", "\"\"", true, true },
	{ "\"\"", "\"a\"", false, false },
	{ "\"a\"", "\"ab\"", false, false },
	/* Own halves for If-Match against weak tags, else the whole. */
	{ "W/\"o.d\"", "W/\"o.e\"", true, false },
	{ "W/\"o\"", "W/\"o.e\"", true, false },
	{ "W/\"o.e\"", "W/\"o\"", true, false },
	{ "W/\"p.d\"", "W/\"o.d\"", false, false },
	{ "W/\"o\"", "W/\"oo\"", false, false },
	{ "\"o.d.1\"", "\"o.d.2\"", false, false },
	{ "\"o\"", "\"o.d.2\"", false, false },
};

static void
tags_compare_octet_by_octet(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(comparisons); i++) {
		scim_validators target = weak_target;
		const char *sent = comparisons[i].sent;
		scim_preconditions match = parse(arena, sent, NULL, NULL, NULL);
		scim_preconditions none = parse(arena, NULL, sent, NULL, NULL);

		assert_int_equal(
		    scim_etag_parse(
			scim__str(comparisons[i].current), &target.etag, NULL),
		    SCIM_OK);
		assert_int_equal(scim_preconditions_evaluate(
				     &match, &target, SCIM_METHOD_WRITE, NOW),
		    comparisons[i].if_match ? SCIM_VERDICT_PERFORM
					    : SCIM_VERDICT_FAILED);
		assert_int_equal(scim_preconditions_evaluate(
				     &none, &target, SCIM_METHOD_READ, NOW),
		    comparisons[i].if_none_match_finds
			? SCIM_VERDICT_NOT_MODIFIED
			: SCIM_VERDICT_PERFORM);
	}
	scim_arena_free(arena);
}

/* @spec 9110-8.8.2.2-01 */
static void
a_write_fails_when_the_target_changed_twice_in_the_second(void **state)
{
	static const struct {
		int64_t before_ms;
		const char *since;
		scim_verdict read, write;
	} cases[] = {
		{ MODIFIED - 1, DATE, SCIM_VERDICT_PERFORM,
		    SCIM_VERDICT_FAILED },
		{ MODIFIED - 345, DATE, SCIM_VERDICT_PERFORM,
		    SCIM_VERDICT_FAILED },
		{ MODIFIED - 346, DATE, SCIM_VERDICT_PERFORM,
		    SCIM_VERDICT_PERFORM },
		{ MODIFIED, DATE, SCIM_VERDICT_PERFORM, SCIM_VERDICT_FAILED },
		{ MODIFIED - 1, LATER, SCIM_VERDICT_PERFORM,
		    SCIM_VERDICT_PERFORM },
		{ MODIFIED - 1, EARLIER, SCIM_VERDICT_FAILED,
		    SCIM_VERDICT_FAILED },
	};
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_validators target = weak_target;
		scim_preconditions pre =
		    parse(arena, NULL, NULL, cases[i].since, NULL);

		target.modified_before_ms = cases[i].before_ms;
		assert_int_equal(scim_preconditions_evaluate(
				     &pre, &target, SCIM_METHOD_READ, NOW),
		    cases[i].read);
		assert_int_equal(scim_preconditions_evaluate(
				     &pre, &target, SCIM_METHOD_WRITE, NOW),
		    cases[i].write);
	}
	scim_arena_free(arena);
}

static void
a_date_gives_304_only_when_it_can_be_trusted(void **state)
{
	static const struct {
		int64_t before_ms, now_ms;
		int has_derived;
		const char *since;
		scim_verdict want;
	} cases[] = {
		{ INT64_MIN, NOW, 0, DATE, SCIM_VERDICT_NOT_MODIFIED },
		{ INT64_MIN, NOW, 1, DATE, SCIM_VERDICT_PERFORM },
		/* The second ends at 655 ms and is over by two at 2,655. */
		{ INT64_MIN, MODIFIED + 2654, 0, DATE, SCIM_VERDICT_PERFORM },
		{ INT64_MIN, MODIFIED + 2655, 0, DATE,
		    SCIM_VERDICT_NOT_MODIFIED },
		{ INT64_MIN, MODIFIED, 0, LATER, SCIM_VERDICT_PERFORM },
		/* The client may hold the first of the two. */
		{ MODIFIED - 1, NOW, 0, DATE, SCIM_VERDICT_PERFORM },
		{ MODIFIED - 1, NOW, 0, LATER, SCIM_VERDICT_NOT_MODIFIED },
		{ MODIFIED - 1000, NOW, 0, DATE, SCIM_VERDICT_NOT_MODIFIED },
	};
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_validators target = weak_target;
		scim_preconditions pre =
		    parse(arena, NULL, NULL, NULL, cases[i].since);

		target.modified_before_ms = cases[i].before_ms;
		target.has_derived = cases[i].has_derived;
		assert_int_equal(scim_preconditions_evaluate(&pre, &target,
				     SCIM_METHOD_READ, cases[i].now_ms),
		    cases[i].want);
	}
	scim_arena_free(arena);
}

static void
seconds_before_1970_are_whole_too(void **state)
{
	static const char since[] = "Wed, 31 Dec 1969 23:59:59 GMT";
	scim_arena *arena = scim_arena_new(NULL);
	scim_preconditions pre = parse(arena, NULL, NULL, since, NULL);
	scim_validators target = weak_target;

	target.modified_ms = -1;
	assert_int_equal(
	    scim_preconditions_evaluate(&pre, &target, SCIM_METHOD_WRITE, NOW),
	    SCIM_VERDICT_PERFORM);
	target.modified_ms = 0;
	assert_int_equal(
	    scim_preconditions_evaluate(&pre, &target, SCIM_METHOD_WRITE, NOW),
	    SCIM_VERDICT_FAILED);
	scim_arena_free(arena);
}

/* @spec 9110-13.1.3-03, 9110-13.1.4-03 */
static const struct {
	const char *match, *none_match, *date;
	scim_verdict read, write, process;
} bare[] = {
	{ NULL, NULL, NULL, SCIM_VERDICT_PERFORM, SCIM_VERDICT_PERFORM,
	    SCIM_VERDICT_PERFORM },
	{ "*", NULL, NULL, SCIM_VERDICT_PERFORM, SCIM_VERDICT_PERFORM,
	    SCIM_VERDICT_FAILED },
	{ "\"a\"", NULL, NULL, SCIM_VERDICT_FAILED, SCIM_VERDICT_FAILED,
	    SCIM_VERDICT_FAILED },
	{ "\"\"", NULL, NULL, SCIM_VERDICT_FAILED, SCIM_VERDICT_FAILED,
	    SCIM_VERDICT_FAILED },
	{ "", NULL, NULL, SCIM_VERDICT_FAILED, SCIM_VERDICT_FAILED,
	    SCIM_VERDICT_FAILED },
	{ "a", NULL, NULL, SCIM_VERDICT_MALFORMED, SCIM_VERDICT_MALFORMED,
	    SCIM_VERDICT_MALFORMED },
	{ NULL, "*", NULL, SCIM_VERDICT_NOT_MODIFIED, SCIM_VERDICT_FAILED,
	    SCIM_VERDICT_PERFORM },
	{ NULL, "\"a\"", NULL, SCIM_VERDICT_PERFORM, SCIM_VERDICT_PERFORM,
	    SCIM_VERDICT_PERFORM },
	{ NULL, "\"\"", NULL, SCIM_VERDICT_PERFORM, SCIM_VERDICT_PERFORM,
	    SCIM_VERDICT_PERFORM },
	{ NULL, "a", NULL, SCIM_VERDICT_PERFORM, SCIM_VERDICT_MALFORMED,
	    SCIM_VERDICT_MALFORMED },
	{ NULL, NULL, DATE, SCIM_VERDICT_PERFORM, SCIM_VERDICT_PERFORM,
	    SCIM_VERDICT_PERFORM },
	{ NULL, NULL, EARLIER, SCIM_VERDICT_PERFORM, SCIM_VERDICT_PERFORM,
	    SCIM_VERDICT_PERFORM },
};

/* A collection, and a target that only processes. */
static void
a_target_without_tag_and_dates_matches_a_star_alone(void **state)
{
	const scim_validators target = { .modified_before_ms = INT64_MIN };
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(bare); i++) {
		scim_preconditions pre = parse(arena, bare[i].match,
		    bare[i].none_match, bare[i].date, bare[i].date);

		assert_int_equal(scim_preconditions_evaluate(
				     &pre, &target, SCIM_METHOD_READ, NOW),
		    bare[i].read);
		assert_int_equal(scim_preconditions_evaluate(
				     &pre, &target, SCIM_METHOD_WRITE, NOW),
		    bare[i].write);
		assert_int_equal(scim_preconditions_evaluate(
				     &pre, &target, SCIM_METHOD_PROCESS, NOW),
		    bare[i].process);
	}
	scim_arena_free(arena);
}

static void
a_precondition_is_given_when_it_can_stop_a_write(void **state)
{
	static const struct {
		const char *match, *none_match, *date;
		int want;
	} cases[] = {
		{ NULL, NULL, NULL, 0 },
		{ NULL, NULL, DATE, 0 },
		{ "*", NULL, NULL, 1 },
		{ "\"a\"", NULL, NULL, 1 },
		{ "", NULL, NULL, 1 },
		{ "a", NULL, NULL, 1 },
		{ NULL, "*", NULL, 1 },
		{ NULL, "\"a\"", NULL, 1 },
		{ NULL, "a", NULL, 1 },
		{ NULL, "", NULL, 0 },
	};
	scim_arena *arena = scim_arena_new(NULL);

	for (size_t i = 0; i < scim__countof(cases); i++) {
		scim_preconditions pre = parse(arena, cases[i].match,
		    cases[i].none_match, cases[i].date, cases[i].date);

		assert_int_equal(scim_preconditions_given(&pre), cases[i].want);
	}
	scim_arena_free(arena);
}

static void
too_many_tags_stop_the_request(void **state)
{
	static char text[257 * 4];
	const scim_str line = { text, sizeof(text) };
	const scim_precondition_lines by_match = { .if_match = &line,
		.if_match_count = 1 };
	const scim_precondition_lines by_none = { .if_none_match = &line,
		.if_none_match_count = 1 };
	scim_arena *arena = scim_arena_new(NULL);
	scim_preconditions pre = { .if_modified_since_ms = POISON };

	for (size_t i = 0; i < sizeof(text); i += 4)
		memcpy(text + i, "\"x\",", 4);

	assert_int_equal(
	    scim_preconditions_parse(arena, &by_match, NOW, &pre, NULL),
	    SCIM_ERR_TOO_LARGE);
	assert_int_equal(
	    scim_preconditions_parse(arena, &by_none, NOW, &pre, NULL),
	    SCIM_ERR_TOO_LARGE);
	assert_int_equal(pre.if_modified_since_ms, POISON);
	scim_arena_free(arena);
}

static void
a_missing_pointer_is_misuse(void **state)
{
	const scim_precondition_lines lines = { .if_match = NULL };
	scim_arena *arena = scim_arena_new(NULL);
	scim_preconditions pre;

	assert_int_equal(
	    scim_preconditions_parse(NULL, &lines, NOW, &pre, NULL),
	    SCIM_ERR_MISUSE);
	assert_int_equal(scim_preconditions_parse(arena, NULL, NOW, &pre, NULL),
	    SCIM_ERR_MISUSE);
	assert_int_equal(
	    scim_preconditions_parse(arena, &lines, NOW, NULL, NULL),
	    SCIM_ERR_MISUSE);
	scim_arena_free(arena);
}

static scim_status
parse_all(scim_arena *arena, void *context)
{
	const scim_str line = SCIM_STR("\"a\"");
	const scim_precondition_lines lines = { .if_match = &line,
		.if_match_count = 1,
		.if_none_match = &line,
		.if_none_match_count = 1 };
	scim_preconditions pre = { .if_modified_since_ms = POISON };
	scim_status rc =
	    scim_preconditions_parse(arena, &lines, NOW, &pre, NULL);

	if (rc != SCIM_OK)
		assert_int_equal(pre.if_modified_since_ms, POISON);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	assert_int_equal(test_fail_each_allocation(parse_all, NULL), 3);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    every_combination_of_headers_is_decided_by_the_rules),
		cmocka_unit_test(tags_compare_octet_by_octet),
		cmocka_unit_test(
		    a_write_fails_when_the_target_changed_twice_in_the_second),
		cmocka_unit_test(a_date_gives_304_only_when_it_can_be_trusted),
		cmocka_unit_test(seconds_before_1970_are_whole_too),
		cmocka_unit_test(
		    a_target_without_tag_and_dates_matches_a_star_alone),
		cmocka_unit_test(
		    a_precondition_is_given_when_it_can_stop_a_write),
		cmocka_unit_test(too_many_tags_stop_the_request),
		cmocka_unit_test(a_missing_pointer_is_misuse),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
