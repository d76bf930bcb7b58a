/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Fuzzes merging and comparing.
 *
 * The first byte picks the resource type and who wins; then come base, ours
 * and theirs, a line each.  Whatever merges has paths that PATCH takes, comes
 * out the same when it is merged again, and stands as it is when it is theirs
 * and ours changes nothing.
 */
#include <stdint.h>

#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "filter/path.h"
#include "lib/merging.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "User", "Thing", "Group", "Thing" };

static scim_str
take_line(scim_str *rest)
{
	scim_str line = *rest;

	for (size_t i = 0; i < line.len; i++)
		if (line.ptr[i] == '\n') {
			line.len = i;
			rest->ptr += i + 1;
			rest->len -= i + 1;
			return line;
		}
	rest->ptr += rest->len;
	rest->len = 0;
	return line;
}

static void
check_path(scim_arena *arena, scim_str type, scim_str path)
{
	const struct scim__filter_binding binding = { .arena = arena,
		.registry = merging_registry(),
		.type = scim__registry_type(merging_registry(), type) };
	const struct scim__filter_limits limits = { 8192, 1000, 32 };
	struct scim__path read;
	scim_error err;
	scim_status rc = scim__path_parse(&binding, path, &limits, &read, &err);

	scim__assert(rc == SCIM_OK);
}

static void
check_result(scim_arena *arena, scim_str type, const scim_merge_result *result)
{
	scim__assert((result->json.ptr != NULL) == result->is_clean);
	scim__assert(result->is_clean == (result->undecided_count == 0));
	for (size_t i = 0; i < result->auto_count; i++)
		check_path(arena, type, result->autos[i].path);
	for (size_t i = 0; i < result->conflict_count; i++) {
		const scim_merge_conflict *c = &result->conflicts[i];

		if (c->kind != SCIM_MERGE_VALIDATION)
			check_path(arena, type, c->path);
		scim__assert(!c->redacted ||
		    (c->base.ptr == NULL && c->ours.ptr == NULL &&
			c->theirs.ptr == NULL));
	}
}

static void
check_again(scim_arena *arena, scim_str type, scim_str base, scim_str merged)
{
	const scim_merge_sides sides = { base, base, merged };
	scim_merge_result result;
	scim_diff_list list;
	scim_status rc = scim_merge(
	    arena, merging_registry(), type, &sides, NULL, &result, NULL);

	scim__assert(rc == SCIM_OK && result.is_clean && !result.is_changed);
	scim__assert(scim__str_equal(result.json, merged));
	rc = scim_diff(
	    arena, merging_registry(), type, merged, merged, &list, NULL);
	scim__assert(rc == SCIM_OK && list.count == 0);
	rc = scim_diff(
	    arena, merging_registry(), type, base, merged, &list, NULL);
	scim__assert(rc == SCIM_OK);
	for (size_t i = 0; i < list.count; i++)
		check_path(arena, type, list.entries[i].path);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	scim__auto(scim_arena_free) scim_arena *arena = scim_arena_new(NULL);
	scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
	scim_merge_result result, again;
	scim_error err = { .status = SCIM_OK };

	scim__assert(arena != NULL);
	if (size == 0)
		return 0;
	scim_str rest = { (const char *)data + 1, size - 1 };
	scim_str type = scim__str(names[data[0] % 4U]);
	scim_merge_sides sides;
	sides.base = take_line(&rest);
	sides.ours = take_line(&rest);
	sides.theirs = take_line(&rest);
	options.on_conflict = (scim_merge_use)(data[0] / 4U % 3U);
	scim_status rc = scim_merge(
	    arena, merging_registry(), type, &sides, &options, &result, &err);
	scim__assert(rc == err.status && rc != SCIM_ERR_NO_MEMORY);
	if (rc != SCIM_OK)
		return 0;
	check_result(arena, type, &result);
	rc = scim_merge(
	    arena, merging_registry(), type, &sides, &options, &again, NULL);
	scim__assert(rc == SCIM_OK &&
	    again.conflict_count == result.conflict_count &&
	    scim__str_equal(again.json, result.json) &&
	    scim__str_equal(again.proposed, result.proposed));
	if (result.is_clean)
		check_again(arena, type, sides.base, result.json);
	return 0;
}
