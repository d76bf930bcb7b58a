/* SPDX-License-Identifier: Apache-2.0 */
#include "provider/bulk_order.h"

#include <stdlib.h>

#include "base/arena.h"
#include "lib/test.h"

enum { MOST = 12, RUNS = 20000 };

/* The same by looking at everything again and again. */
struct naive {
	size_t n;
	bool reaches[MOST][MOST];
	uint32_t nodes[MOST], starts[MOST + 1];
	size_t count;
	bool taken[MOST];
};

static unsigned
draw(uint64_t *seed, unsigned below)
{
	*seed = *seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(*seed >> 33) % below;
}

static bool
same_component(const struct naive *g, size_t a, size_t b)
{
	return a == b || (g->reaches[a][b] && g->reaches[b][a]);
}

static size_t
rank_of(const struct naive *g, size_t node)
{
	size_t rank = node;

	for (size_t i = node; i < g->n; i++)
		if (same_component(g, node, i))
			rank = i;
	return rank;
}

static bool
is_ready(const struct naive *g, size_t node)
{
	for (size_t to = 0; to < g->n; to++)
		if (g->reaches[node][to] && !same_component(g, node, to) &&
		    !g->taken[to])
			return false;
	return true;
}

static void
order_slowly(struct naive *g)
{
	size_t at = 0;

	for (size_t k = 0; k < g->n; k++)
		for (size_t a = 0; a < g->n; a++)
			for (size_t b = 0; b < g->n; b++)
				g->reaches[a][b] |=
				    g->reaches[a][k] && g->reaches[k][b];
	while (at < g->n) {
		size_t best = g->n;

		for (size_t i = 0; i < g->n; i++)
			if (!g->taken[i] && is_ready(g, i) &&
			    (best == g->n || rank_of(g, i) < rank_of(g, best)))
				best = i;
		g->starts[g->count++] = (uint32_t)at;
		for (size_t i = 0; i < g->n; i++) {
			if (!same_component(g, best, i))
				continue;
			g->nodes[at++] = (uint32_t)i;
			g->taken[i] = true;
		}
	}
	g->starts[g->count] = (uint32_t)at;
}

static void
random_graphs_come_out_as_the_slow_way_says(void **state)
{
	uint64_t seed = 1;
	scim_arena *arena = scim_arena_new(NULL);

	(void)state;
	for (int run = 0; run < RUNS; run++) {
		struct naive g = { .n = draw(&seed, MOST + 1) };
		struct scim__bulk_edge edges[3 * MOST];
		size_t count = g.n == 0 ? 0 : draw(&seed, 3 * MOST);
		struct scim__bulk_order order;

		for (size_t i = 0; i < count; i++) {
			edges[i].node = draw(&seed, (unsigned)g.n);
			edges[i].needs = draw(&seed, (unsigned)g.n);
			g.reaches[edges[i].node][edges[i].needs] = true;
		}
		order_slowly(&g);

		assert_int_equal(SCIM_OK,
		    scim__bulk_order(arena, g.n, edges, count, &order, NULL));
		assert_int_equal(order.count, g.count);
		assert_memory_equal(
		    order.starts, g.starts, (g.count + 1) * sizeof(*g.starts));
		assert_memory_equal(
		    order.nodes, g.nodes, g.n * sizeof(*g.nodes));
		scim_arena_reset(arena);
	}
	scim_arena_free(arena);
}

static void
without_edges_nothing_moves(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	struct scim__bulk_order order;

	(void)state;
	assert_int_equal(
	    SCIM_OK, scim__bulk_order(arena, 1000, NULL, 0, &order, NULL));
	assert_int_equal(order.count, 1000);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(order.nodes[i], i);
		assert_int_equal(order.starts[i], i);
	}
	scim_arena_free(arena);
}

static void
what_needs_a_later_one_waits_for_it(void **state)
{
	scim_arena *arena = scim_arena_new(NULL);
	const struct scim__bulk_edge edges[] = { { 0, 3 } };
	const uint32_t want[] = { 1, 2, 3, 0, 4 };
	struct scim__bulk_order order;

	(void)state;
	assert_int_equal(
	    SCIM_OK, scim__bulk_order(arena, 5, edges, 1, &order, NULL));
	assert_memory_equal(order.nodes, want, sizeof(want));
	scim_arena_free(arena);
}

/* Deep chains and large circles need no stack, and no more than a moment. */
static void
a_hundred_thousand_in_a_row_or_a_ring_are_no_trouble(void **state)
{
	enum { COUNT = 100000 };
	struct scim__bulk_edge *edges = calloc(COUNT, sizeof(*edges));
	scim_arena *arena = scim_arena_new(NULL);
	struct scim__bulk_order order;

	(void)state;
	assert_non_null(edges);
	for (uint32_t i = 0; i < COUNT; i++)
		edges[i] = (struct scim__bulk_edge){ i, (i + 1) % COUNT };
	assert_int_equal(SCIM_OK,
	    scim__bulk_order(arena, COUNT, edges, COUNT, &order, NULL));
	assert_int_equal(order.count, 1);
	assert_int_equal(order.nodes[77], 77);

	assert_int_equal(SCIM_OK,
	    scim__bulk_order(arena, COUNT, edges, COUNT - 1, &order, NULL));
	assert_int_equal(order.count, COUNT);
	assert_int_equal(order.nodes[0], COUNT - 1);
	assert_int_equal(order.nodes[COUNT - 1], 0);
	scim_arena_free(arena);
	free(edges);
}

static scim_status
order_some(scim_arena *arena, void *context)
{
	const struct scim__bulk_edge edges[] = { { 0, 3 }, { 3, 0 }, { 1, 2 } };
	struct scim__bulk_order order = { .count = POISON };
	scim_status rc = scim__bulk_order(arena, 4, edges, 3, &order, NULL);

	(void)context;
	assert_int_equal(order.count, rc == SCIM_OK ? 3 : POISON);
	return rc;
}

static void
every_failed_allocation_is_reported(void **state)
{
	(void)state;
	assert_true(test_fail_each_allocation(order_some, NULL) > 10);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(random_graphs_come_out_as_the_slow_way_says),
		cmocka_unit_test(without_edges_nothing_moves),
		cmocka_unit_test(what_needs_a_later_one_waits_for_it),
		cmocka_unit_test(
		    a_hundred_thousand_in_a_row_or_a_ring_are_no_trouble),
		cmocka_unit_test(every_failed_allocation_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
