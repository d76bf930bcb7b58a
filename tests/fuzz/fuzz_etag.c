/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes the conditional headers.
 *
 * The first half of the input's lines is If-Match, the second If-None-Match;
 * the first and the last line are tried as dates, all as a single tag and as
 * a version.  A tag or a version that is read, written and read again is the
 * same; so is a list that is written as one line; and a write whose headers
 * are malformed is never performed.
 */
#include <stdint.h>
#include <string.h>

#include "base/arena.h"
#include "base/buf.h"
#include "base/error.h"
#include "base/str.h"
#include "scimd/precondition.h"

#define MOST_LINES 16
#define NOW INT64_C(1795291262345)

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool
equal_tags(const scim_etag *a, const scim_etag *b)
{
	return a->weak == b->weak && scim__str_equal(a->opaque, b->opaque);
}

static void
check_tag(scim_arena *arena, scim_str line)
{
	scim_etag etag, again;

	if (scim_etag_parse(line, &etag, NULL) != SCIM_OK)
		return;
	scim_str text = scim_etag_format(arena, &etag);
	scim__assert(text.ptr != NULL);
	scim_status rc = scim_etag_parse(text, &again, NULL);
	scim__assert(rc == SCIM_OK && equal_tags(&etag, &again));
}

static void
check_list(scim_arena *arena, const scim_etag_list *list)
{
	scim__buf buf;
	scim_etag_list again;

	if (list->kind != SCIM_ETAGS_LIST)
		return;
	scim__buf_init(&buf, arena, SIZE_MAX);
	for (size_t i = 0; i < list->count; i++) {
		scim__buf_add(&buf, scim_etag_format(arena, &list->tags[i]));
		scim__buf_add_z(&buf, ", ");
	}
	scim_str line = scim__buf_str(&buf);
	scim_status rc = scim_etag_list_parse(arena, &line, 1, &again, NULL);
	scim__assert(rc == SCIM_OK && again.kind == SCIM_ETAGS_LIST &&
	    again.count == list->count);
	for (size_t i = 0; i < list->count; i++)
		scim__assert(equal_tags(&again.tags[i], &list->tags[i]));
}

static void
check_verdicts(const scim_preconditions *pre, const scim_etag *etag)
{
	const scim_validators current = {
		.etag = *etag,
		.has_dates = 1,
		.modified_ms = 784111777345,
		.modified_before_ms = INT64_MIN,
	};
	scim_verdict write =
	    scim_preconditions_evaluate(pre, &current, SCIM_METHOD_WRITE, NOW);
	scim_verdict read =
	    scim_preconditions_evaluate(pre, &current, SCIM_METHOD_READ, NOW);

	scim__assert(write != SCIM_VERDICT_NOT_MODIFIED);
	if (pre->if_match.kind == SCIM_ETAGS_MALFORMED ||
	    pre->if_none_match.kind == SCIM_ETAGS_MALFORMED)
		scim__assert(write != SCIM_VERDICT_PERFORM);
	if (pre->if_match.kind == SCIM_ETAGS_MALFORMED)
		scim__assert(read == SCIM_VERDICT_MALFORMED);
	if (pre->if_none_match.kind == SCIM_ETAGS_ANY)
		scim__assert(write != SCIM_VERDICT_PERFORM);
}

static size_t
split(scim_str text, scim_str lines[MOST_LINES])
{
	size_t count = 0;

	while (count < MOST_LINES) {
		const char *end =
		    text.len == 0 ? NULL : memchr(text.ptr, '\n', text.len);
		size_t len = end == NULL ? text.len : (size_t)(end - text.ptr);

		lines[count++] = (scim_str){ text.ptr, len };
		if (end == NULL)
			break;
		text = (scim_str){ end + 1, text.len - len - 1 };
	}
	return count;
}

static void
check_lines(scim_arena *arena, const scim_str *lines, size_t count)
{
	const scim_precondition_lines sent = {
		.if_match = lines,
		.if_match_count = count / 2,
		.if_none_match = lines + count / 2,
		.if_none_match_count = count - count / 2,
		.if_unmodified_since = lines,
		.if_unmodified_since_count = 1,
		.if_modified_since = lines + count - 1,
		.if_modified_since_count = 1,
	};
	const scim_etag weak = { SCIM_STR("v7.x"), 1 };
	const scim_etag strong = { SCIM_STR("v7.x"), 0 };
	scim_preconditions pre;
	scim_error err;

	scim_status rc =
	    scim_preconditions_parse(arena, &sent, NOW, &pre, &err);
	if (rc != SCIM_OK) {
		scim__assert(rc == SCIM_ERR_TOO_LARGE);
		return;
	}
	check_list(arena, &pre.if_match);
	check_list(arena, &pre.if_none_match);
	check_verdicts(&pre, &weak);
	check_verdicts(&pre, &strong);
	(void)scim_preconditions_given(&pre);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim_arena *arena = scim_arena_new(NULL);
	scim_str lines[MOST_LINES];
	scim_version version;

	scim__assert(arena != NULL);
	size_t count = split((scim_str){ (const char *)data, size }, lines);
	for (size_t i = 0; i < count; i++) {
		check_tag(arena, lines[i]);
		if (scim_version_parse(lines[i], &version, NULL) == SCIM_OK) {
			char text[SCIM_VERSION_TEXT_LEN + 1];

			scim_version_format(&version, text);
			scim__assert(
			    scim__str_equal(scim__str(text), lines[i]));
		}
	}
	check_lines(arena, lines, count);
	scim_arena_free(arena);
	return 0;
}
