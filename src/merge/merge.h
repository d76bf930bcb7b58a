/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_MERGE_MERGE_H
#define SCIM_MERGE_MERGE_H

/*
 * Merging and comparing states as trees (docs/merging.md).  Names are spelled
 * as in the schema, as scim__validate() leaves them; a value that is not of
 * its attribute's form, as an older schema may have let in, is one cell.
 *
 * Results share memory with the states they came from.
 */

#include "schema/schema.h"
#include "scimd/merge.h"

enum scim__side { SCIM__BASE, SCIM__OURS, SCIM__THEIRS, SCIM__SIDES };

/* A state in parts. */
struct scim__merge_state {
	const scim__value *content;  /* OBJECT */
	const scim__value *secret;   /* OBJECT; NULL: looked for in content */
	const scim__value *relation; /* ARRAY; NULL: looked for in content */
};

struct scim__merge_rules {
	scim_arena *arena;
	const scim_registry *registry;
	const scim__resource_type *type;
	scim_merge_use on_conflict;
	const scim_merge_resolution *resolutions;
	size_t resolution_count;
	/* in place of the marks of the schemas, when `own_guards` */
	const scim__attribute *const *guards;
	size_t guard_count;
	bool own_guards;
};

struct scim__merge_conflict {
	scim_str path;
	scim_merge_kind kind;
	const scim__value *of[SCIM__SIDES]; /* NULL: absent, or redacted */
	bool redacted;
	scim_merge_use used; /* FAIL: nobody decided */
	scim_str detail;     /* VALIDATION; else ptr NULL */
	const scim__attribute *attribute;
};

struct scim__merged {
	/* The merged state; where nothing was decided, theirs. */
	scim__value content; /* `schemas` first; `id` when theirs has one */
	scim__value secret;
	scim__value relation; /* ARRAY */

	struct scim__merge_conflict *conflicts;
	size_t conflict_count;
	size_t undecided; /* of them */
	bool is_guarded;  /* nothing may be merged, nothing proposed */
	scim_merge_auto *autos;
	size_t auto_count;
};

struct scim__difference {
	scim_str path;
	scim_diff_op op;
	const scim__value *before, *after; /* NULL: absent, or redacted */
	bool redacted;
};

struct scim__differences {
	struct scim__difference *items;
	size_t count;
};

/* Merges `sides`, by enum scim__side.  Only memory can be lacking. */
SCIM_MUST_USE scim_status scim__merge(const struct scim__merge_rules *rules,
    const struct scim__merge_state sides[SCIM__SIDES], struct scim__merged *out,
    scim_error *err);

/*
 * Validates what was merged without conflict; what is wrong becomes one.
 * `theirs` is put in place of the attribute at fault, for the proposal.
 */
SCIM_MUST_USE scim_status scim__merge_validate(
    const struct scim__merge_rules *rules,
    const struct scim__merge_state *theirs, struct scim__merged *merged,
    scim_error *err);

/* What `to` has otherwise than `from`. */
SCIM_MUST_USE scim_status scim__diff(const struct scim__merge_rules *rules,
    const struct scim__merge_state *from, const struct scim__merge_state *to,
    struct scim__differences *out, scim_error *err);

/* The same as text; false: out of memory. */
SCIM_MUST_USE bool scim__diff_list(scim_arena *arena,
    const struct scim__differences *found, scim_diff_list *out);

/* "add", "replace" or "remove". */
const char *scim__diff_op_name(scim_diff_op op);

/* One element of a relation that came or went. */
struct scim__member_change {
	scim_str value, type, display; /* the stored tuple */
	bool is_removed;
};

/* What one side did since the base.  A member whose tuple changed is removed
 * with the old and added with the new one. */
struct scim__member_delta {
	const struct scim__member_change *changes;
	size_t count;
};

struct scim__members_merged {
	/* What is left of ours to be done to theirs, sorted by value, what
	 * goes before what comes. */
	struct scim__member_change *changes;
	size_t count;
	struct scim__merge_conflict *conflicts;
	size_t conflict_count;
	size_t undecided;
	scim_merge_auto *autos; /* members that one side removed */
	size_t auto_count;
};

/*
 * Merges what two sides did to the rows of the type's relation.  Reads no
 * row: its cost is that of the changes.
 */
SCIM_MUST_USE scim_status scim__merge_members(
    const struct scim__merge_rules *rules,
    const struct scim__member_delta *ours,
    const struct scim__member_delta *theirs, struct scim__members_merged *out,
    scim_error *err);

#endif
