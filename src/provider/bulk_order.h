/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_PROVIDER_BULK_ORDER_H
#define SCIM_PROVIDER_BULK_ORDER_H

/* In which order operations run that need one another; a pure function. */

#include <stdint.h>

#include "scimd/types.h"

/* "`node` comes after `needs`." */
struct scim__bulk_edge {
	uint32_t node, needs;
};

/*
 * The nodes, component by component: `nodes[starts[c]]` up to, not
 * including, `nodes[starts[c + 1]]`, in the order of their numbers.
 */
struct scim__bulk_order {
	uint32_t *nodes;
	uint32_t *starts; /* count + 1 of them */
	size_t count;
};

/*
 * Orders nodes 0 to `node_count` - 1.  Nodes in a circle are one component,
 * which comes after everything that it needs, and otherwise as early as the
 * highest of its numbers says: without edges nothing moves, and what needs
 * something later waits for it.  Time and memory are in proportion to nodes
 * and edges, times a logarithm of the nodes.
 */
SCIM_MUST_USE scim_status scim__bulk_order(scim_arena *arena, size_t node_count,
    const struct scim__bulk_edge *edges, size_t edge_count,
    struct scim__bulk_order *out, scim_error *err);

#endif
