/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The four conditional headers and the order in which they decide
 * (RFC 9110 section 13.2.2).
 *
 * RFC 9110 compares If-Match strongly, by which a weak tag never matches;
 * RFC 7644 issues weak tags and expects them to match when echoed.  The tag
 * of the target settles it: where it is strong, comparison is strong; where
 * it is weak, If-Match compares the half that names the resource's own
 * state.  That half is a hash of the state, so it is stronger than its
 * label, and an echoed tag always matches an unchanged resource.
 *
 * In doubt a write is not performed and a read is not answered with 304.
 */
#include "scimd/precondition.h"

#include <stdbool.h>
#include <string.h>

#include "base/error.h"
#include "base/str.h"
#include "base/time.h"

#define SECOND_MS INT64_C(1000)

/* @spec 9110-5.5-01 */
static scim_str
trim(scim_str s)
{
	while (s.len > 0 && (s.ptr[0] == ' ' || s.ptr[0] == '\t'))
		s = (scim_str){ s.ptr + 1, s.len - 1 };
	while (
	    s.len > 0 && (s.ptr[s.len - 1] == ' ' || s.ptr[s.len - 1] == '\t'))
		s.len--;
	return s;
}

/* @spec 9110-13.1.3-02, 9110-13.1.4-02 What is no single date is not there. */
static bool
read_date(const scim_str *lines, size_t count, int64_t now_ms, int64_t *out_ms)
{
	*out_ms = 0;
	return count == 1 &&
	    scim__time_parse_http(trim(lines[0]), now_ms, out_ms);
}

scim_status
scim_preconditions_parse(scim_arena *arena,
    const scim_precondition_lines *lines, int64_t now_ms,
    scim_preconditions *out, scim_error *err)
{
	scim_preconditions pre;

	SCIM__REQUIRE(err, arena != NULL);
	SCIM__REQUIRE(err, lines != NULL);
	SCIM__REQUIRE(err, out != NULL);
	scim_status rc = scim_etag_list_parse(
	    arena, lines->if_match, lines->if_match_count, &pre.if_match, err);
	if (rc != SCIM_OK)
		return rc;
	rc = scim_etag_list_parse(arena, lines->if_none_match,
	    lines->if_none_match_count, &pre.if_none_match, err);
	if (rc != SCIM_OK)
		return rc;
	pre.has_if_unmodified_since = read_date(lines->if_unmodified_since,
	    lines->if_unmodified_since_count, now_ms,
	    &pre.if_unmodified_since_ms);
	pre.has_if_modified_since = read_date(lines->if_modified_since,
	    lines->if_modified_since_count, now_ms, &pre.if_modified_since_ms);
	*out = pre;
	return SCIM_OK;
}

int
scim_preconditions_given(const scim_preconditions *pre)
{
	const scim_etag_list *none = &pre->if_none_match;

	return pre->if_match.kind != SCIM_ETAGS_ABSENT ||
	    none->kind == SCIM_ETAGS_ANY ||
	    none->kind == SCIM_ETAGS_MALFORMED || none->count > 0;
}

static scim_str
own_half(scim_str opaque)
{
	const char *dot =
	    opaque.len == 0 ? NULL : memchr(opaque.ptr, '.', opaque.len);

	if (dot != NULL)
		opaque.len = (size_t)(dot - opaque.ptr);
	return opaque;
}

/* @spec 9110-13.1.1-01, 7644-3.14-09 */
static bool
matches_for_if_match(const scim_etag *sent, const scim_etag *current)
{
	if (current->weak)
		return scim__str_equal(
		    own_half(sent->opaque), own_half(current->opaque));
	return !sent->weak && scim__str_equal(sent->opaque, current->opaque);
}

/* @spec 9110-13.1.2-01, 9110-8.8.3.2-02 */
static bool
matches_for_if_none_match(const scim_etag *sent, const scim_etag *current)
{
	return scim__str_equal(sent->opaque, current->opaque);
}

static bool
any_matches(const scim_etag_list *list, const scim_validators *current,
    bool (*matches)(const scim_etag *, const scim_etag *))
{
	if (list->kind == SCIM_ETAGS_ANY)
		return true;
	if (current->etag.opaque.ptr == NULL)
		return false;
	for (size_t i = 0; i < list->count; i++)
		if (matches(&list->tags[i], &current->etag))
			return true;
	return false;
}

static int64_t
second_of(int64_t ms)
{
	int64_t rest = ms % SECOND_MS;

	return rest < 0 ? ms - rest - SECOND_MS : ms - rest;
}

static bool
changed_twice_in_its_second(const scim_validators *current)
{
	return current->modified_before_ms != INT64_MIN &&
	    second_of(current->modified_before_ms) ==
	    second_of(current->modified_ms);
}

/* @spec 9110-13.1.4-05, 9110-8.8.2.2-01 */
static bool
is_unmodified(const scim_preconditions *pre, const scim_validators *current,
    scim_method_kind kind)
{
	int64_t since = second_of(pre->if_unmodified_since_ms);
	int64_t modified = second_of(current->modified_ms);

	if (kind == SCIM_METHOD_WRITE && since == modified &&
	    changed_twice_in_its_second(current))
		return false;
	return modified <= since;
}

/* @spec 9110-13.1.3-05, 9110-13.1.3-06 */
static bool
is_not_modified(const scim_preconditions *pre, const scim_validators *current,
    int64_t now_ms)
{
	int64_t since = second_of(pre->if_modified_since_ms);
	int64_t modified = second_of(current->modified_ms);

	if (current->has_derived || now_ms < modified + 3 * SECOND_MS ||
	    (since == modified && changed_twice_in_its_second(current)))
		return false;
	return modified <= since;
}

/* A target without representation: no tag of it can be held by anyone. */
static scim_verdict
evaluate_process(const scim_preconditions *pre)
{
	if (pre->if_match.kind == SCIM_ETAGS_MALFORMED)
		return SCIM_VERDICT_MALFORMED;
	if (pre->if_match.kind != SCIM_ETAGS_ABSENT)
		return SCIM_VERDICT_FAILED;
	return pre->if_none_match.kind == SCIM_ETAGS_MALFORMED
	    ? SCIM_VERDICT_MALFORMED
	    : SCIM_VERDICT_PERFORM;
}

/* Steps 1 and 2: what must hold for the method to go on. */
static scim_verdict
evaluate_match(const scim_preconditions *pre, const scim_validators *current,
    scim_method_kind kind)
{
	bool holds = true;

	if (pre->if_match.kind == SCIM_ETAGS_MALFORMED)
		return SCIM_VERDICT_MALFORMED;
	/* @spec 9110-13.1.4-01 If-Match makes If-Unmodified-Since silent. */
	if (pre->if_match.kind != SCIM_ETAGS_ABSENT)
		holds =
		    any_matches(&pre->if_match, current, matches_for_if_match);
	else if (pre->has_if_unmodified_since && current->has_dates)
		holds = is_unmodified(pre, current, kind);
	return holds ? SCIM_VERDICT_PERFORM : SCIM_VERDICT_FAILED;
}

/* Steps 3 and 4: what the client need not be sent, or must not overwrite. */
static scim_verdict
evaluate_none_match(const scim_preconditions *pre,
    const scim_validators *current, scim_method_kind kind, int64_t now_ms)
{
	bool reads = kind == SCIM_METHOD_READ;

	if (pre->if_none_match.kind == SCIM_ETAGS_MALFORMED)
		return reads ? SCIM_VERDICT_PERFORM : SCIM_VERDICT_MALFORMED;
	if (pre->if_none_match.kind != SCIM_ETAGS_ABSENT) {
		if (!any_matches(&pre->if_none_match, current,
			matches_for_if_none_match))
			return SCIM_VERDICT_PERFORM;
		return reads ? SCIM_VERDICT_NOT_MODIFIED : SCIM_VERDICT_FAILED;
	}
	/* @spec 9110-13.1.3-01 Only where If-None-Match was not sent. */
	if (reads && pre->has_if_modified_since && current->has_dates &&
	    is_not_modified(pre, current, now_ms))
		return SCIM_VERDICT_NOT_MODIFIED;
	return SCIM_VERDICT_PERFORM;
}

/* @spec 9110-13.2.2-01, 9110-13.2.2-02, 9110-13.2.2-03, 9110-13.2.2-04 */
scim_verdict
scim_preconditions_evaluate(const scim_preconditions *pre,
    const scim_validators *current, scim_method_kind kind, int64_t now_ms)
{
	if (kind == SCIM_METHOD_PROCESS)
		return evaluate_process(pre);
	scim_verdict verdict = evaluate_match(pre, current, kind);
	if (verdict != SCIM_VERDICT_PERFORM)
		return verdict;
	return evaluate_none_match(pre, current, kind, now_ms);
}
