/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_TREE_H
#define SCIM_FILTER_TREE_H

/*
 * A filter as a tree: first as it was written, with the place of every part,
 * then bound to a resource type, with what every part means there.
 */

#include "schema/schema.h"

enum scim__filter_kind {
	SCIM__FILTER_AND,     /* all operands */
	SCIM__FILTER_OR,      /* any operand */
	SCIM__FILTER_NOT,     /* the one operand is false */
	SCIM__FILTER_COMPARE, /* path op value */
	SCIM__FILTER_PRESENT, /* path pr */
	SCIM__FILTER_WITHIN   /* path[…]: one element for which it holds */
};

enum scim__filter_op {
	SCIM__FILTER_EQ,
	SCIM__FILTER_NE,
	SCIM__FILTER_CO,
	SCIM__FILTER_SW,
	SCIM__FILTER_EW,
	SCIM__FILTER_GT,
	SCIM__FILTER_GE,
	SCIM__FILTER_LT,
	SCIM__FILTER_LE
};

/* How a bound comparison looks at values. */
enum scim__filter_as {
	SCIM__AS_NULL,    /* whether there is one */
	SCIM__AS_TEXT,    /* `text`, byte by byte */
	SCIM__AS_FOLDED,  /* `text` is folded, and values are before */
	SCIM__AS_BOOLEAN, /* `integer` is 0 or 1 */
	SCIM__AS_INTEGER, /* `value` is a number, compared exactly */
	SCIM__AS_REAL,    /* `value` is a number, compared as a double */
	SCIM__AS_TIME     /* `integer` is milliseconds */
};

struct scim__filter_node {
	enum scim__filter_kind kind;
	enum scim__filter_op op; /* COMPARE */
	size_t at;               /* where it begins, in bytes from 0 */
	scim_str path;           /* COMPARE, PRESENT, WITHIN; as written */
	scim__value value;       /* COMPARE; never an array or object */
	size_t value_at;
	struct scim__filter_node *first; /* AND, OR, NOT, WITHIN */
	struct scim__filter_node *next;  /* the operand after this one */

	/* bound; NULL: nothing of this type has the attribute */
	const scim__attribute *attribute;
	/* inside brackets of a simple attribute: the element itself */
	bool is_element;
	enum scim__filter_as as;
	scim_str text;
	int64_t integer;
	uint32_t *skips; /* CO: how far a mismatch at each byte goes back */
};

typedef struct scim__filter {
	scim_str text; /* what positions refer to */
	struct scim__filter_node *root;
} scim__filter;

/* "eq"; in the order of the enum. */
extern const char *const scim__filter_op_names[9];

#endif
