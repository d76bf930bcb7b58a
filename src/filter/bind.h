/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_FILTER_BIND_H
#define SCIM_FILTER_BIND_H

/* From names to attributes, and from values to what they are compared as. */

#include "filter/tree.h"

struct scim__filter_binding {
	scim_arena *arena;
	const scim_registry *registry;
	const scim__resource_type *type;
	/* For queries over several types: what another type knows is no
	 * mistake, but has no value here. */
	bool any_type;
	unsigned *quirks; /* NULL, or receives what was let through */
	/* A filter of a query: what is kept from everyone is SCIM_ERR_FORBIDDEN
	 * "sensitive", since it should not have been in an address at all. */
	bool of_query;
	bool urn_dots; /* a dot after a URN is let through */
};

/*
 * Looks up every name of a parsed filter and checks operators and values
 * against the types found.  SCIM_ERR_INVALID "invalidFilter", and where.
 * `tree` stays as it is and can be bound again, to another type.
 */
SCIM_MUST_USE scim_status scim__filter_bind(
    const struct scim__filter_binding *binding, const scim__filter *tree,
    scim__filter *out, scim_error *err);

/* The same for what stands in the brackets of an attribute. */
SCIM_MUST_USE scim_status scim__filter_bind_within(
    const struct scim__filter_binding *binding, const scim__filter *tree,
    const scim__attribute *around, scim__filter *out, scim_error *err);

/*
 * The attribute of a path as written, `schemas` too; NULL for none, and for
 * those whose values are kept from everyone.
 */
const scim__attribute *scim__filter_attribute(const scim_registry *registry,
    const scim__resource_type *type, scim_str path);

#endif
