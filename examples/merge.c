/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Two people change one user at a time: what goes together is merged, what
 * does not is named, and a decision settles it.  docs/merging.md walks
 * through it.
 */
#include <stdio.h>

#include "scimd/merge.h"

#define USER(members)                                                \
	SCIM_STR("{\"schemas\":"                                     \
		 "[\"urn:ietf:params:scim:schemas:core:2.0:User\"]," \
		 "\"userName\":\"bjensen\"," members "}")

#define WORK "{\"type\":\"work\",\"value\":\"bj@example.com\"}"

static const char *
side_name(scim_merge_use use)
{
	return use == SCIM_MERGE_OURS ? "ours" : "theirs";
}

static void
print_merged(const scim_merge_result *result)
{
	for (size_t i = 0; i < result->auto_count; i++)
		printf("  %s: %.*s\n", side_name(result->autos[i].from),
		    (int)result->autos[i].path.len, result->autos[i].path.ptr);
	printf("  %.*s\n", (int)result->json.len, result->json.ptr);
}

static void
print_conflicts(const scim_merge_result *result)
{
	for (size_t i = 0; i < result->conflict_count; i++) {
		const scim_merge_conflict *c = &result->conflicts[i];

		printf("  %.*s: %s, ours %.*s, theirs %.*s\n", (int)c->path.len,
		    c->path.ptr, scim_merge_kind_name(c->kind),
		    (int)c->ours.len, c->ours.ptr, (int)c->theirs.len,
		    c->theirs.ptr);
	}
}

/* We have a new title for her; they gave her a telephone. */
static scim_status
merge_what_goes_together(
    scim_arena *arena, const scim_registry *registry, scim_error *err)
{
	const scim_merge_sides sides = {
		.base = USER("\"title\":\"Guide\""),
		.ours = USER("\"title\":\"Tour Guide\""),
		.theirs = USER("\"title\":\"Guide\",\"phoneNumbers\":"
			       "[{\"value\":\"tel:+1-201-555-0123\"}]"),
	};
	scim_merge_result result;
	scim_status rc = scim_merge(
	    arena, registry, SCIM_STR("User"), &sides, NULL, &result, err);

	if (rc == SCIM_OK && result.is_clean) {
		printf("merged\n");
		print_merged(&result);
	}
	return rc;
}

/* Both have a new work address for her. */
static scim_status
decide_what_does_not(
    scim_arena *arena, const scim_registry *registry, scim_error *err)
{
	const scim_merge_sides sides = {
		.base = USER("\"emails\":[" WORK "]"),
		.ours = USER("\"emails\":[{\"type\":\"work\","
			     "\"value\":\"barbara@example.com\"}]"),
		.theirs = USER("\"emails\":[{\"type\":\"work\","
			       "\"value\":\"bjensen@example.com\"}]"),
	};
	scim_merge_result result;
	scim_status rc = scim_merge(
	    arena, registry, SCIM_STR("User"), &sides, NULL, &result, err);

	if (rc != SCIM_OK)
		return rc;
	printf("in conflict\n");
	print_conflicts(&result);

	const scim_merge_resolution ours = { result.conflicts[0].path,
		SCIM_MERGE_OURS };
	scim_merge_options options = SCIM_MERGE_OPTIONS_INIT;
	options.resolutions = &ours;
	options.resolution_count = 1;
	rc = scim_merge(
	    arena, registry, SCIM_STR("User"), &sides, &options, &result, err);
	if (rc == SCIM_OK && result.is_clean) {
		printf("decided\n");
		print_merged(&result);
	}
	return rc;
}

static scim_status
list_what_differs(
    scim_arena *arena, const scim_registry *registry, scim_error *err)
{
	static const char *const done[] = {
		[SCIM_DIFF_ADD] = "added",
		[SCIM_DIFF_REPLACE] = "replaced",
		[SCIM_DIFF_REMOVE] = "removed",
	};
	scim_diff_list list;
	scim_status rc = scim_diff(arena, registry, SCIM_STR("User"),
	    USER("\"name\":{\"familyName\":\"Jensen\"},\"title\":\"Guide\""),
	    USER("\"name\":{\"familyName\":\"Smith\"}"), &list, err);

	if (rc != SCIM_OK)
		return rc;
	printf("different\n");
	for (size_t i = 0; i < list.count; i++) {
		const scim_diff_entry *e = &list.entries[i];

		printf("  %s %.*s: %.*s\n", done[e->op], (int)e->path.len,
		    e->path.ptr,
		    (int)(e->op == SCIM_DIFF_REMOVE ? e->before : e->after).len,
		    (e->op == SCIM_DIFF_REMOVE ? e->before : e->after).ptr);
	}
	return SCIM_OK;
}

static scim_status
run(scim_error *err)
{
	scim_registry *registry = NULL;
	scim_arena *arena = scim_arena_new(NULL);
	scim_status rc = arena == NULL ? SCIM_ERR_NO_MEMORY : SCIM_OK;

	if (rc == SCIM_OK)
		rc = scim_registry_new(NULL, 0, &registry, err);
	if (rc == SCIM_OK)
		rc = merge_what_goes_together(arena, registry, err);
	if (rc == SCIM_OK)
		rc = decide_what_does_not(arena, registry, err);
	if (rc == SCIM_OK)
		rc = list_what_differs(arena, registry, err);
	scim_registry_unref(registry);
	scim_arena_free(arena);
	return rc;
}

int
main(void)
{
	scim_error err = { SCIM_OK, NULL, "" };
	scim_status rc = run(&err);

	if (rc != SCIM_OK)
		(void)fprintf(stderr, "merge: %s\n", err.detail);
	return rc == SCIM_OK ? 0 : 1;
}
