/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TESTS_PROPERTY_ORACLE_H
#define TESTS_PROPERTY_ORACLE_H

/*
 * What a merge has to do, written from the rules (docs/merging.md) and not
 * from the code: a resource is a set of cells, told apart by hashes.
 */
#include "generate.h"

enum cell_kind {
	CELL_VALUE,
	CELL_PRESENCE, /* of an element */
	CELL_PRIMARY   /* the register; its value is the element's identity */
};

struct cell {
	uint64_t key;   /* attribute, element, sub-attribute */
	uint64_t value; /* never 0 */
	uint64_t unit;  /* the element's presence cell; 0: of none */
	uint64_t list;  /* its attribute */
	const scim__attribute *attribute;
	enum cell_kind kind;
	bool is_guarded;
};

struct cells {
	struct cell *items; /* sorted by key */
	size_t count;
	size_t room;
	bool has_twins; /* two elements of one identity, two primary ones */
};

void cells_of(scim_arena *arena, const struct law_case *c,
    const scim__value *document, struct cells *out);

/* 0: there is no such cell. */
uint64_t cell_value(const struct cells *cells, uint64_t key);

bool cells_equal(const struct cells *a, const struct cells *b);

/* Whether these changes must be in conflict.  By enum scim__side. */
bool must_conflict(const struct law_case *c,
    const scim__value *const documents[3], const struct cells cells[3]);

/* Whether `merged` has all that either side alone changed, and nothing else:
 * the first cell that it has otherwise, or NULL. */
const struct cell *first_lost(
    const struct cells cells[3], const struct cells *merged);

#endif
