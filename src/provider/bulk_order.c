/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations that refer to one another, in an order that works.
 *
 * Tarjan's algorithm finds the components, with a stack of its own, since a
 * client decides how long a chain is.  Then whatever needs nothing any more
 * comes next, the one of the lowest rank first, where the rank of a component
 * is the highest number in it: so an operation that refers to a later one is
 * put off, and no operation is ever pulled in front of one that the client
 * sent before it.
 */
#include "provider/bulk_order.h"

#include <string.h>

#include "base/arena.h"
#include "base/error.h"

#define NONE UINT32_MAX

/* Numbers by number: those of `i` are heads[starts[i]…starts[i + 1]]. */
struct lists {
	uint32_t *starts, *heads;
};

struct ordering {
	scim_arena *arena;
	size_t n;
	struct lists needs; /* of each node */

	/* Tarjan's */
	uint32_t *index, *low, *next; /* `next`: edge to follow */
	uint32_t *open, *path;        /* stacks */
	size_t open_count, path_count;
	uint32_t *component; /* NONE while the node is open */
	uint32_t clock, component_count;

	/* of the components */
	uint32_t *rank, *waits_for;
	uint32_t *heap;
	size_t heap_count;
};

static uint32_t *
take_numbers(scim_arena *arena, size_t count)
{
	return scim__arena_array(arena, count + 1, sizeof(uint32_t));
}

/* Sorts the ends of edges under their beginnings, by counting. */
static bool
make_lists(scim_arena *arena, size_t n, const struct scim__bulk_edge *edges,
    size_t count, struct lists *out)
{
	out->starts = take_numbers(arena, n + 1);
	out->heads = take_numbers(arena, count);
	if (out->starts == NULL || out->heads == NULL)
		return false;
	for (size_t i = 0; i < count; i++)
		out->starts[edges[i].node + 2]++;
	for (size_t i = 2; i < n + 2; i++)
		out->starts[i] += out->starts[i - 1];
	for (size_t i = 0; i < count; i++)
		out->heads[out->starts[edges[i].node + 1]++] = edges[i].needs;
	return true;
}

static void
enter(struct ordering *o, uint32_t node)
{
	o->index[node] = o->low[node] = ++o->clock;
	o->next[node] = o->needs.starts[node];
	o->open[o->open_count++] = node;
	o->path[o->path_count++] = node;
}

static void
lower(struct ordering *o, uint32_t node, uint32_t to)
{
	if (to < o->low[node])
		o->low[node] = to;
}

/* Follows one edge of the last node of the path; false: it has none left. */
static bool
follow(struct ordering *o, uint32_t node)
{
	if (o->next[node] == o->needs.starts[node + 1])
		return false;
	uint32_t to = o->needs.heads[o->next[node]++];

	if (o->index[to] == 0)
		enter(o, to);
	else if (o->component[to] == NONE)
		lower(o, node, o->index[to]);
	return true;
}

/* All edges of the last node of the path are followed. */
static void
leave(struct ordering *o, uint32_t node)
{
	o->path_count--;
	if (o->path_count > 0)
		lower(o, o->path[o->path_count - 1], o->low[node]);
	if (o->low[node] != o->index[node])
		return;

	uint32_t member;
	do {
		member = o->open[--o->open_count];
		o->component[member] = o->component_count;
		if (member > o->rank[o->component_count])
			o->rank[o->component_count] = member;
	} while (member != node);
	o->component_count++;
}

static void
find_components(struct ordering *o)
{
	for (size_t i = 0; i < o->n; i++)
		o->component[i] = NONE;
	for (uint32_t i = 0; i < o->n; i++) {
		if (o->index[i] != 0)
			continue;
		enter(o, i);
		while (o->path_count > 0) {
			uint32_t node = o->path[o->path_count - 1];

			if (!follow(o, node))
				leave(o, node);
		}
	}
}

static void
swap(uint32_t *a, uint32_t *b)
{
	uint32_t kept = *a;

	*a = *b;
	*b = kept;
}

static void
push(struct ordering *o, uint32_t c)
{
	size_t at = o->heap_count++;

	o->heap[at] = c;
	while (
	    at > 0 && o->rank[o->heap[(at - 1) / 2]] > o->rank[o->heap[at]]) {
		swap(&o->heap[(at - 1) / 2], &o->heap[at]);
		at = (at - 1) / 2;
	}
}

static uint32_t
pop(struct ordering *o)
{
	uint32_t first = o->heap[0];
	size_t at = 0;

	o->heap[0] = o->heap[--o->heap_count];
	for (;;) {
		size_t least = at;

		for (size_t k = 2 * at + 1;
		     k <= 2 * at + 2 && k < o->heap_count; k++)
			if (o->rank[o->heap[k]] < o->rank[o->heap[least]])
				least = k;
		if (least == at)
			return first;
		swap(&o->heap[least], &o->heap[at]);
		at = least;
	}
}

/* The edges between components, turned round: who waits for whom. */
static bool
find_waiting(struct ordering *o, const struct scim__bulk_edge *edges,
    size_t count, struct lists *out)
{
	struct scim__bulk_edge *between =
	    scim__arena_array(o->arena, count + 1, sizeof(*between));
	size_t kept = 0;

	if (between == NULL)
		return false;
	for (size_t i = 0; i < count; i++) {
		uint32_t from = o->component[edges[i].node];
		uint32_t to = o->component[edges[i].needs];

		if (from == to)
			continue;
		between[kept++] = (struct scim__bulk_edge){ to, from };
		o->waits_for[from]++;
	}
	return make_lists(o->arena, o->component_count, between, kept, out);
}

/* The members of each component, in the order of their numbers. */
static bool
find_members(struct ordering *o, struct lists *out)
{
	struct scim__bulk_edge *of =
	    scim__arena_array(o->arena, o->n + 1, sizeof(*of));

	if (of == NULL)
		return false;
	for (uint32_t i = 0; i < o->n; i++)
		of[i] = (struct scim__bulk_edge){ o->component[i], i };
	return make_lists(o->arena, o->component_count, of, o->n, out);
}

static void
put_in_order(struct ordering *o, const struct lists *members,
    const struct lists *waiting, struct scim__bulk_order *out)
{
	uint32_t at = 0;

	for (uint32_t c = 0; c < o->component_count; c++)
		if (o->waits_for[c] == 0)
			push(o, c);
	while (o->heap_count > 0) {
		uint32_t c = pop(o);

		out->starts[out->count++] = at;
		for (uint32_t i = members->starts[c];
		     i < members->starts[c + 1]; i++)
			out->nodes[at++] = members->heads[i];
		for (uint32_t i = waiting->starts[c];
		     i < waiting->starts[c + 1]; i++)
			if (--o->waits_for[waiting->heads[i]] == 0)
				push(o, waiting->heads[i]);
	}
	out->starts[out->count] = at;
}

static bool
take_room(struct ordering *o)
{
	uint32_t **rooms[] = { &o->index, &o->low, &o->next, &o->open, &o->path,
		&o->component, &o->rank, &o->waits_for, &o->heap };

	for (size_t i = 0; i < scim__countof(rooms); i++) {
		*rooms[i] = take_numbers(o->arena, o->n);
		if (*rooms[i] == NULL)
			return false;
	}
	return true;
}

scim_status
scim__bulk_order(scim_arena *arena, size_t node_count,
    const struct scim__bulk_edge *edges, size_t edge_count,
    struct scim__bulk_order *out, scim_error *err)
{
	struct ordering o = { .arena = arena, .n = node_count };
	struct scim__bulk_order order = { take_numbers(arena, node_count),
		take_numbers(arena, node_count), 0 };
	struct lists members, waiting;

	if (order.nodes == NULL || order.starts == NULL || !take_room(&o) ||
	    !make_lists(arena, node_count, edges, edge_count, &o.needs))
		return scim__fail_memory(err);
	find_components(&o);
	if (!find_members(&o, &members) ||
	    !find_waiting(&o, edges, edge_count, &waiting))
		return scim__fail_memory(err);
	put_in_order(&o, &members, &waiting, &order);
	*out = order;
	return SCIM_OK;
}
