/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_SCHEMA_CHECK_H
#define SCIM_SCHEMA_CHECK_H

/*
 * The parts of a validation, each in the file of its name.  A value that
 * comes out as NULL is unassigned: null, [] and {} are one state (RFC 7643
 * section 2.5).
 */

#include "schema/validate.h"

struct scim__checking {
	scim_arena *arena;
	unsigned leniency; /* enum scim__leniency, or-ed */
	unsigned quirks;   /* enum scim__quirk seen so far, or-ed */
	size_t index;      /* of the element being read; SIZE_MAX: none */
	const scim__attribute **blamed; /* by a refusal; may be NULL */
	scim_error *err;
};

/* SCIM_ERR_INVALID invalidValue; the attribute's path and the index of the
 * element stand before the sentence. */
SCIM_PRINTF(3, 4)
scim_status scim__check_fail(const struct scim__checking *checking,
    const scim__attribute *attribute, const char *fmt, ...);

/* The same with another keyword of RFC 7644 table 9. */
SCIM_PRINTF(4, 5)
scim_status scim__check_fail_type(const struct scim__checking *checking,
    const char *scim_type, const scim__attribute *attribute, const char *fmt,
    ...);

/* values.c: whatever the attribute takes; `out` is in canonical form. */
SCIM_MUST_USE scim_status scim__check_value(struct scim__checking *checking,
    const scim__attribute *attribute, const scim__value *in, scim__value *out);

/* values.c: one value of it, for a multi-valued one an element. */
SCIM_MUST_USE scim_status scim__check_single(struct scim__checking *checking,
    const scim__attribute *attribute, const scim__value *in, scim__value *out);

/* values.c: whether nothing is assigned by it. */
bool scim__is_unassigned(const scim__value *value);

/* complex.c: one value of a complex attribute, sub-attributes in the order
 * of the schema. */
SCIM_MUST_USE scim_status scim__check_complex(struct scim__checking *checking,
    const scim__attribute *attribute, const scim__value *in, scim__value *out);

/* list.c: an array of a multi-valued attribute; equal elements become one. */
SCIM_MUST_USE scim_status scim__check_list(struct scim__checking *checking,
    const scim__attribute *attribute, const scim__value *in, scim__value *out);

/* list.c: the items of an array, or the one value that is taken for an array
 * of it; refuses what is neither. */
SCIM_MUST_USE scim_status scim__list_items(struct scim__checking *checking,
    const scim__attribute *attribute, const scim__value *in,
    const scim__value **out_items, size_t *out_count);

/* list.c: leaves one of each run of items that `order` calls equal, the first
 * or the last; the others become NULL and are taken out.  `order` compares
 * `const scim__value *const *`. */
SCIM_MUST_USE scim_status scim__list_unique(struct scim__checking *checking,
    scim__value *array, int (*order)(const void *, const void *),
    bool last_wins);

/* list.c: whether two arrays that scim__check_list() made hold the same. */
SCIM_MUST_USE scim_status scim__list_same(struct scim__checking *checking,
    const scim__value *a, const scim__value *b, bool *out);

/* list.c: a total order of values, objects' members in the order they stand
 * in; which order does not matter. */
int scim__value_order(const scim__value *a, const scim__value *b);

/* relation.c: the elements of a relation, an array that may be empty. */
SCIM_MUST_USE scim_status scim__check_relation(struct scim__checking *checking,
    const scim__attribute *attribute, const scim__value *in, scim__value *out);

/*
 * keep.c: what a replace does to an attribute whose stored value is
 * `current`.  `given` is NULL when its key is absent; `value` holds what was
 * given in canonical form and becomes what will be stored.
 */
SCIM_MUST_USE scim_status scim__check_keep(struct scim__checking *checking,
    const scim__attribute *attribute, const scim__value *given,
    const scim__value *current, scim__value *value);

/* elements.c: the same for the elements of a multi-valued complex attribute,
 * whose array `value` is. */
SCIM_MUST_USE scim_status scim__keep_elements(struct scim__checking *checking,
    const scim__attribute *attribute, const scim__value *current,
    scim__value *value);

/* Where the attributes of a resource stand: common ones and those of the
 * type's schema at the top, those of an extension below its URN. */
struct scim__section {
	scim_str urn; /* empty: at the top */
	const scim__attribute *attributes;
	size_t count;
	scim__value **given; /* by position; NULL: no such key */
	bool seen;           /* the extension's own key was there */
	bool cleared;        /* … with null or [] */
	bool required;       /* common, schema, required extension */
};

struct scim__sections {
	struct scim__section *items; /* common, schema, extensions */
	size_t count;
	const scim__value *schemas; /* NULL: no such key */
};

/* keys.c: sorts the members of a request under the attributes they name. */
SCIM_MUST_USE scim_status scim__check_keys(struct scim__checking *checking,
    const scim_registry *registry, const scim__resource_type *type,
    const scim__value *request, struct scim__sections *out);

#endif
