/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_MERGE_CELL_H
#define SCIM_MERGE_CELL_H

/* The parts of a merge, each in the file of its name. */

#include "merge/merge.h"

/* A value on each side; NULL: nothing is assigned. */
struct scim__trio {
	const scim__value *of[SCIM__SIDES];
};

enum scim__place_kind {
	SCIM__AT_VALUE,  /* the attribute, an element of it, or a sub */
	SCIM__AT_SLOT,   /* attribute[type eq "…"]: the type of `element` */
	SCIM__AT_PRIMARY /* attribute[primary eq true] */
};

/* Where a cell is.  Its path is written only when somebody wants it. */
struct scim__place {
	const scim__attribute *attribute; /* at the top of its schema */
	const scim__value *element;       /* one of its elements, or NULL */
	const scim__attribute *sub;       /* NULL: the whole */
	enum scim__place_kind kind;
};

struct scim__merging {
	const struct scim__merge_rules *rules;
	scim_arena *arena;
	struct scim__merged out;
	size_t conflict_room, auto_room;
	struct scim__differences differences;
	size_t difference_room;
	bool is_diff;              /* note differences and nothing else */
	bool is_quiet;             /* note nothing but `changed` */
	bool changed[SCIM__SIDES]; /* what that side did, in any cell */
	bool failed;               /* out of memory, once and for all */
};

/* cell.c: NULL for what is unassigned. */
const scim__value *scim__merge_assigned(const scim__value *value);

/* cell.c: equal octet by octet; NULL equals NULL alone. */
bool scim__merge_same(const scim__value *a, const scim__value *b);

/* cell.c: a sub-attribute that is the server's to write, and no cell. */
bool scim__merge_is_foreign(const scim__attribute *attribute);

/* cell.c: the sub-attribute that marks the primary element, or NULL. */
const scim__attribute *scim__merge_primary_of(const scim__attribute *attribute);

/* cell.c: merges one cell; NULL: it ends without a value. */
const scim__value *scim__merge_cell(struct scim__merging *merging,
    const struct scim__place *place, const struct scim__trio *trio);

/* attribute.c: merges all cells of an attribute, or of a sub-attribute. */
const scim__value *scim__merge_attribute(struct scim__merging *merging,
    const struct scim__place *place, const struct scim__trio *trio);

/* attribute.c: the cells of a complex value, sub by sub; when all is as
 * theirs has it, theirs.  `primary` is left as it is there. */
const scim__value *scim__merge_subs(struct scim__merging *merging,
    const struct scim__place *place, const struct scim__trio *trio);

/* element.c: a multi-valued attribute. */
const scim__value *scim__merge_elements(struct scim__merging *merging,
    const scim__attribute *attribute, const struct scim__trio *trio);

/* report.c: a change that one side alone made. */
void scim__merge_note(struct scim__merging *merging,
    const struct scim__place *place, enum scim__side from);

/* report.c: in a diff, a cell whose value differs. */
void scim__merge_note_difference(struct scim__merging *merging,
    const struct scim__place *place, const scim__value *before,
    const scim__value *after);

/* report.c: a conflict; says whose value to go on with. */
enum scim__side scim__merge_conflict(struct scim__merging *merging,
    const struct scim__place *place, scim_merge_kind kind,
    const struct scim__trio *trio);

/* path.c: a path for PATCH; `ptr` NULL: out of memory. */
scim_str scim__merge_path(scim_arena *arena, const struct scim__place *place);

/* One element on all sides. */
struct scim__unit {
	const scim__value *of[SCIM__SIDES]; /* NULL: that side has none */
	const scim__value *out;             /* NULL: not in the result */
	bool lost_slot;                     /* that is why */
	bool is_out;                        /* put into the result already */
};

struct scim__units {
	const scim__attribute *attribute;
	struct scim__unit *items; /* as base has them, then theirs, then ours */
	size_t count;
	/* Those of theirs in their order, then those of ours in theirs. */
	struct scim__unit **in_order;
	size_t in_order_count;
};

/* unit.c: finds the elements that are the same; false: out of memory. */
SCIM_MUST_USE bool scim__units_make(struct scim__merging *merging,
    const scim__attribute *attribute, const struct scim__trio *trio,
    struct scim__units *out);

/* unit.c: how many sub-attributes may identify an element, and the one at
 * `index`; NULL: none there. */
size_t scim__unit_part_count(const scim__attribute *attribute);
const scim__attribute *scim__unit_part(
    const scim__attribute *attribute, size_t index);

/* unit.c: whether all of an element is its identity. */
bool scim__unit_is_whole(const scim__attribute *attribute);

/* unit.c: a value as it is compared for identity; false: out of memory. */
SCIM_MUST_USE bool scim__unit_fold(scim_arena *arena,
    const scim__attribute *attribute, const scim__value *value,
    scim__value *out);

/* slot.c: one place filled anew by both sides. */
void scim__merge_slots(
    struct scim__merging *merging, const struct scim__units *units);

/* primary.c: which element is primary. */
void scim__merge_primary(
    struct scim__merging *merging, const struct scim__units *units);

#endif
