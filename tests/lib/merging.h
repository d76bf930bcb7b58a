/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_LIB_MERGING_H
#define TESTS_LIB_MERGING_H

/*
 * Merges as tests write them down: JSON of the attributes alone, with ' for
 * ", and what comes out as lines of text.
 */
#include "lib/test.h"

#include "base/arena.h"
#include "base/buf.h"
#include "merge/merge.h"
#include "json/json.h"

/* The shipped schemas and a type "Thing" that has an attribute of every sort,
 * with an extension; made once, never ended before merging_end(). */
scim_registry *merging_registry(void);
int merging_end(void **state);

/* Text with " for '. */
scim_str merging_quoted(scim_arena *arena, const char *text);

/* A whole resource of `type` out of attributes: braces, `schemas` and what is
 * required are added. */
scim_str merging_resource(
    scim_arena *arena, const char *type, const char *attributes);

struct merging_case {
	const char *name;
	const char *type; /* NULL: "User" */
	const char *base, *ours, *theirs;
	const char *result;    /* attributes; NULL: there are conflicts */
	const char *conflicts; /* "path kind\n" each */
	const char *autos;     /* "path from\n" each; NULL: not looked at */
};

/* Merges by scim_merge(); fails the test when that fails. */
void merging_merge(scim_arena *arena, const struct merging_case *c,
    const scim_merge_options *options, scim_merge_result *out);

/* Merges and compares; the order of elements counts. */
void merging_check(
    const struct merging_case *c, const scim_merge_options *options);

/* "path kind\n", decided ones with " ours" or " theirs" behind. */
scim_str merging_conflicts(scim_arena *arena, const scim_merge_result *result);
scim_str merging_autos(scim_arena *arena, const scim_merge_result *result);

/* Canonical form of JSON text with ' for ". */
scim_str merging_canonical(scim_arena *arena, const char *text);

#endif
