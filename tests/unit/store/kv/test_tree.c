/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "lib/failing.h"
#include "lib/test.h"
#include "store/kv/tree.h"

enum { KEYS = 600 };

/* What the tree should hold: a number at each key, 0 for none. */
struct model {
	unsigned at[KEYS];
};

static uint64_t seed;

static unsigned
draw(unsigned below)
{
	seed = seed * 6364136223846793005U + 1442695040888963407U;
	return (unsigned)(seed >> 33) % below;
}

static scim_str
name_of(unsigned key, char text[16])
{
	/* Not the order of numbers, and some are prefixes of others. */
	(void)snprintf(text, 16, "k%u", key);
	return scim__str(text);
}

static bool
put(struct scim__tree *tree, unsigned key, unsigned value)
{
	char k[16], v[16];

	(void)snprintf(v, sizeof(v), "%u", value);
	return scim__tree_put(tree, name_of(key, k), scim__str(v));
}

static void
assert_same(const struct scim__tree_node *root, const struct model *want)
{
	for (unsigned i = 0; i < KEYS; i++) {
		char k[16], v[16];
		scim_str have = SCIM_STR("");
		bool found = scim__tree_find(root, name_of(i, k), &have);

		assert_int_equal(found, want->at[i] != 0);
		(void)snprintf(v, sizeof(v), "%u", want->at[i]);
		if (found)
			assert_str(have, v);
	}
}

struct visit {
	char last[16];
	size_t count, most;
	bool descending;
};

static bool
look(void *argument, scim_str key, scim_str value)
{
	struct visit *v = argument;
	int order = scim__str_compare(key, scim__str(v->last));

	(void)value;
	if (v->count > 0)
		assert_true(v->descending ? order < 0 : order > 0);
	(void)snprintf(v->last, sizeof(v->last), "%.*s", (int)key.len, key.ptr);
	v->count++;
	return v->count < v->most;
}

static void
assert_range(
    const struct scim__tree_node *root, const struct model *m, bool descending)
{
	char low[16], high[16], k[16];
	struct scim__kv_range range = { name_of(draw(KEYS), low),
		name_of(draw(KEYS), high), descending };
	struct visit v = { .descending = descending, .most = 1 + draw(50) };
	size_t want = 0;

	for (unsigned i = 0; i < KEYS; i++) {
		scim_str key = name_of(i, k);

		want += m->at[i] != 0 &&
		    scim__str_compare(key, range.low) >= 0 &&
		    scim__str_compare(key, range.high) < 0;
	}
	scim__tree_scan(root, &range, look, &v);
	assert_int_equal(v.count, want < v.most ? want : v.most);
}

static void
edit(struct scim__tree *tree, struct model *m, unsigned steps)
{
	/* Phases of growth and of decline, so that nodes split and join. */
	unsigned bias = draw(5);

	for (unsigned i = 0; i < steps; i++) {
		unsigned key = draw(KEYS), value = 1 + draw(1000);
		char k[16];

		if (draw(5) >= bias) {
			assert_true(put(tree, key, value));
			m->at[key] = value;
		} else {
			assert_true(scim__tree_remove(tree, name_of(key, k)));
			m->at[key] = 0;
		}
	}
}

static void
it_holds_what_was_put_and_not_removed(void **state)
{
	struct failing f;
	struct scim__tree tree;
	struct model m = { { 0 } };

	failing_init(&f, FAILING_NEVER);
	scim__tree_init(&tree, &f.base);
	for (seed = 1; seed < 1u << 20; seed = (seed << 1) | 1) {
		uint64_t round = seed;

		edit(&tree, &m, 400);
		assert_same(tree.root, &m);
		assert_range(tree.root, &m, false);
		assert_range(tree.root, &m, true);
		scim__tree_free(&tree, scim__tree_publish(&tree));
		seed = round;
	}

	scim__tree_release(&tree);
	assert_int_equal(f.live, 0);
}

static void
it_can_be_emptied_and_filled_again(void **state)
{
	struct failing f;
	struct scim__tree tree;
	char k[16];

	failing_init(&f, FAILING_NEVER);
	scim__tree_init(&tree, &f.base);
	for (int round = 0; round < 3; round++) {
		for (unsigned i = 0; i < KEYS; i++)
			assert_true(put(&tree, i, 1));
		for (unsigned i = 0; i < KEYS; i++)
			assert_true(scim__tree_remove(&tree, name_of(i, k)));
		assert_null(tree.root);
		scim__tree_free(&tree, scim__tree_publish(&tree));
	}

	scim__tree_release(&tree);
	assert_int_equal(f.live, 0);
}

static void
a_published_root_never_changes(void **state)
{
	enum { ROOTS = 12 };
	struct failing f;
	struct scim__tree tree;
	struct scim__tree_node *roots[ROOTS];
	struct scim__tree_thing *rubbish[ROOTS];
	struct model models[ROOTS] = { { { 0 } } }, m = { { 0 } };

	failing_init(&f, FAILING_NEVER);
	scim__tree_init(&tree, &f.base);
	seed = 5;
	for (int i = 0; i < ROOTS; i++) {
		edit(&tree, &m, 200);
		rubbish[i] = scim__tree_publish(&tree);
		roots[i] = tree.root;
		models[i] = m;
	}

	for (int i = 0; i < ROOTS; i++)
		assert_same(roots[i], &models[i]);

	for (int i = 0; i < ROOTS; i++) {
		scim__tree_free(&tree, rubbish[i]);
		for (int later = i; later < ROOTS; later++)
			assert_same(roots[later], &models[later]);
	}
	scim__tree_release(&tree);
	assert_int_equal(f.live, 0);
}

static void
a_reader_keeps_alive_no_more_than_it_sees(void **state)
{
	struct failing f;
	struct scim__tree tree;
	struct scim__tree_thing *kept = NULL, *gone = NULL;
	struct model m = { { 0 } };

	failing_init(&f, FAILING_NEVER);
	scim__tree_init(&tree, &f.base);
	seed = 11;
	edit(&tree, &m, 400);
	uint64_t stamp = tree.stamp;
	scim__tree_free(&tree, scim__tree_publish(&tree));
	struct scim__tree_node *seen = tree.root;
	struct model then = m;
	size_t live = f.live;

	for (int i = 0; i < 300; i++) {
		edit(&tree, &m, 10);
		scim__tree_divide(
		    scim__tree_publish(&tree), stamp, &gone, &kept);
		scim__tree_free(&tree, scim__take(gone));
		assert_same(tree.root, &m);
	}

	assert_same(seen, &then);
	assert_true(f.live < 3 * live);
	scim__tree_free(&tree, kept);
	scim__tree_release(&tree);
	assert_int_equal(f.live, 0);
}

static void
coming_back_to_a_mark_undoes_what_came_after(void **state)
{
	struct failing f;
	struct scim__tree tree;
	struct model m = { { 0 } };

	failing_init(&f, FAILING_NEVER);
	scim__tree_init(&tree, &f.base);
	seed = 9;
	for (int i = 0; i < 60; i++) {
		struct model outer = m;
		struct scim__tree_mark start = scim__tree_mark(&tree);

		edit(&tree, &m, 50);
		struct model inner = m;
		struct scim__tree_mark mark = scim__tree_mark(&tree);
		edit(&tree, &m, 50);
		if (draw(2) == 0) {
			scim__tree_back(&tree, &mark);
			m = inner;
		}
		edit(&tree, &m, 20);
		assert_same(tree.root, &m);
		if (draw(3) == 0) {
			scim__tree_back(&tree, &start);
			m = outer;
		} else {
			scim__tree_free(&tree, scim__tree_publish(&tree));
		}
		assert_same(tree.root, &m);
	}

	scim__tree_release(&tree);
	assert_int_equal(f.live, 0);
}

static void
a_failed_allocation_changes_nothing(void **state)
{
	char k[16];

	for (size_t nth = 0; nth < 100; nth++) {
		struct failing f;
		struct scim__tree tree;
		struct model m = { { 0 } };

		failing_init(&f, nth);
		scim__tree_init(&tree, &f.base);
		for (unsigned i = 0; i < 100; i++) {
			scim__tree_free(&tree, scim__tree_publish(&tree));
			if (put(&tree, i, 1))
				m.at[i] = 1;
			if (i % 3 == 0 &&
			    scim__tree_remove(&tree, name_of(i / 2, k)))
				m.at[i / 2] = 0;
		}

		assert_true(f.has_failed);
		assert_same(tree.root, &m);

		scim__tree_free(&tree, scim__tree_publish(&tree));
		scim__tree_release(&tree);
		assert_int_equal(f.live, 0);
	}
}

static void
keys_and_values_may_be_empty_or_hold_any_byte(void **state)
{
	struct scim__tree tree;
	scim_str have = SCIM_STR("x");
	scim_str binary = { "a\0b\xFF", 4 };

	scim__tree_init(&tree, NULL);
	assert_true(scim__tree_put(&tree, SCIM_STR(""), binary));
	assert_true(scim__tree_put(&tree, binary, SCIM_STR("")));

	assert_true(scim__tree_find(tree.root, SCIM_STR(""), &have));
	assert_true(scim__str_equal(have, binary));
	assert_true(scim__tree_find(tree.root, binary, &have));
	assert_int_equal(have.len, 0);

	scim__tree_free(&tree, scim__tree_publish(&tree));
	scim__tree_release(&tree);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_holds_what_was_put_and_not_removed),
		cmocka_unit_test(it_can_be_emptied_and_filled_again),
		cmocka_unit_test(a_published_root_never_changes),
		cmocka_unit_test(a_reader_keeps_alive_no_more_than_it_sees),
		cmocka_unit_test(coming_back_to_a_mark_undoes_what_came_after),
		cmocka_unit_test(a_failed_allocation_changes_nothing),
		cmocka_unit_test(keys_and_values_may_be_empty_or_hold_any_byte),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
