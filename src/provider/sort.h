/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_SORT_H
#define SCIM_PROVIDER_SORT_H

/*
 * The order of results.
 *
 * Without sortBy it is type by type and, within a type, that of creation.
 * With it, it is by value and then by creation; descending is ascending read
 * backwards, so that what has no value is last in one and first in the other.
 */

#include "schema/rows.h"

struct scim__sort {
	scim_str by; /* ptr NULL: not sorted */
	bool descending;
	bool missing_first;
};

/* Where a resource stands in an order: enough to go on after it. */
struct scim__place {
	const scim__resource_type *type;
	size_t rank; /* of the type, in the registry */
	uint64_t position;
	bool has_value; /* sorted: whether there is one */
	scim_index_value value;
};

struct scim__found {
	struct scim__place place;
	scim_str id;
};

/* Negative, 0 or positive. */
int scim__place_compare(const struct scim__sort *sort,
    const struct scim__place *a, const struct scim__place *b);

/* `to` owned by the arena; false: out of memory. */
bool scim__place_copy(
    scim_arena *arena, const struct scim__place *from, struct scim__place *to);

/* The rank of a type of the registry. */
size_t scim__type_rank(
    const scim_registry *registry, const scim__resource_type *type);

/*
 * Reads the two parameters, ptr NULL when absent.  `type` NULL: all types.
 * SCIM_ERR_INVALID: "invalidPath" for what no schema has, and for what has
 * parts of which none is named; "invalidValue" for another sortOrder.
 */
SCIM_MUST_USE scim_status scim__sort_parse(const scim_registry *registry,
    const scim__resource_type *type, scim_str by, scim_str order,
    struct scim__sort *out, scim_error *err);

/* What a type is sorted by; NULL: nothing of it. */
const scim__attribute *scim__sort_attribute(const scim_registry *registry,
    const scim__resource_type *type, const struct scim__sort *sort);

/* Whether an index has the order: one row for each that has a value. */
bool scim__sort_walks(const scim__attribute *attribute);

/*
 * The value that `resource`, whole, is sorted by: of several the primary,
 * else the first.  Sets `has_value` and `value`.
 */
SCIM_MUST_USE scim_status scim__sort_value(scim_arena *arena,
    const scim__attribute *attribute, const scim__value *resource,
    struct scim__place *place, scim_error *err);

#endif
