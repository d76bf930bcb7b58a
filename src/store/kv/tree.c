/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A B+tree that readers need no lock for.
 *
 * An edit never touches what a reader may see: it copies the nodes from the
 * root down to the leaf and changes the copies.  What the open edit made
 * itself bears its stamp and is changed in place, so a transaction copies
 * each node once.  A mark takes a new stamp; coming back to it frees what
 * was made since and puts the old root in place.  Nothing is counted: what
 * an edit replaced is strung on a list, and who publishes roots frees the
 * list when no reader is left that could reach it.
 *
 * Every inner node holds, for each child, the very item that is first in it.
 * An edit rewrites these on its way up, so they never outlive their item.
 * Nodes may be underfull after removals, but never empty.
 *
 * All nodes a change can need are set aside before it begins: it runs out of
 * memory before it did anything or not at all.
 */
#include "store/kv/tree.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "base/str.h"

enum { WIDTH = 30, SPARE_MOST = 512 };

struct scim__tree_thing {
	struct scim__tree_thing *made_before, *died_before;
	uint64_t stamp;
	bool is_node;
};

struct item {
	struct scim__tree_thing thing;
	size_t key_len, value_len;
	char bytes[]; /* key, then value */
};

struct scim__tree_node {
	struct scim__tree_thing thing;
	unsigned height; /* 0: a leaf */
	unsigned count;  /* < WIDTH between changes */
	struct item *first[WIDTH];
	struct scim__tree_node *child[WIDTH]; /* not in a leaf */
};

typedef struct scim__tree_node node;

static void *
heap_alloc(scim_allocator *self, size_t size)
{
	(void)self;
	return malloc(size);
}

static void
heap_release(scim_allocator *self, void *p)
{
	(void)self;
	free(p);
}

static scim_allocator heap = { heap_alloc, heap_release };

static scim_str
key_of(const struct item *it)
{
	return (scim_str){ it->bytes, it->key_len };
}

static scim_str
value_of(const struct item *it)
{
	return (scim_str){ it->bytes + it->key_len, it->value_len };
}

/* How many of the node's keys are < `key`, or <= `key` with `or_equal`. */
static unsigned
rank(const node *n, scim_str key, bool or_equal)
{
	unsigned low = 0, high = n->count;

	while (low < high) {
		unsigned middle = (low + high) / 2;
		int order = scim__str_compare(key_of(n->first[middle]), key);

		if (order < 0 || (or_equal && order == 0))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The child in which `key` is, if it is anywhere. */
static unsigned
child_for(const node *n, scim_str key)
{
	unsigned at = rank(n, key, true);

	return at == 0 ? 0 : at - 1;
}

static void
enlist(struct scim__tree *tree, struct scim__tree_thing *thing)
{
	thing->stamp = tree->stamp;
	thing->died_before = NULL;
	thing->made_before = tree->made;
	tree->made = thing;
}

static void
kill(struct scim__tree *tree, struct scim__tree_thing *thing)
{
	thing->died_before = tree->dead;
	tree->dead = thing;
}

static void
free_thing(struct scim__tree *tree, struct scim__tree_thing *thing)
{
	if (thing->is_node && tree->spare_count < SPARE_MOST) {
		thing->made_before = tree->spare;
		tree->spare = thing;
		tree->spare_count++;
		return;
	}
	tree->allocator->release(tree->allocator, thing);
}

/* Puts nodes aside for one change: a copy and a split or merge a level. */
static bool
reserve(struct scim__tree *tree)
{
	size_t height = tree->root == NULL ? 0 : tree->root->height;
	size_t need = 2 * (height + 1) + 1;

	while (tree->spare_count < need) {
		node *n = tree->allocator->alloc(tree->allocator, sizeof(*n));

		if (n == NULL)
			return false;
		n->thing.is_node = true;
		free_thing(tree, &n->thing);
	}
	return true;
}

static node *
take_node(struct scim__tree *tree, unsigned height)
{
	node *n = scim__container_of(tree->spare, node, thing);

	tree->spare = n->thing.made_before;
	tree->spare_count--;
	enlist(tree, &n->thing);
	n->height = height;
	n->count = 0;
	return n;
}

/* Moves `count` entries of `from`, beginning at `at`, to the end of `to`. */
static void
append(node *to, const node *from, unsigned at, unsigned count)
{
	memcpy(&to->first[to->count], &from->first[at],
	    count * sizeof(to->first[0]));
	if (to->height > 0)
		memcpy(&to->child[to->count], &from->child[at],
		    count * sizeof(to->child[0]));
	to->count += count;
}

/* The node itself if the open edit made it, else a copy to change. */
static node *
own(struct scim__tree *tree, node *n)
{
	if (n->thing.stamp == tree->stamp)
		return n;
	node *copy = take_node(tree, n->height);
	append(copy, n, 0, n->count);
	kill(tree, &n->thing);
	return copy;
}

static void
open_gap(node *n, unsigned at, struct item *first, node *child)
{
	size_t after = n->count - at;

	memmove(&n->first[at + 1], &n->first[at], after * sizeof(n->first[0]));
	n->first[at] = first;
	if (n->height > 0) {
		memmove(&n->child[at + 1], &n->child[at],
		    after * sizeof(n->child[0]));
		n->child[at] = child;
	}
	n->count++;
}

static void
close_gap(node *n, unsigned at)
{
	size_t after = n->count - at - 1;

	memmove(&n->first[at], &n->first[at + 1], after * sizeof(n->first[0]));
	if (n->height > 0)
		memmove(&n->child[at], &n->child[at + 1],
		    after * sizeof(n->child[0]));
	n->count--;
}

/* A new right neighbour when the node is full, else NULL. */
static node *
split(struct scim__tree *tree, node *n)
{
	if (n->count < WIDTH)
		return NULL;
	node *right = take_node(tree, n->height);
	append(right, n, WIDTH / 2, WIDTH - WIDTH / 2);
	n->count = WIDTH / 2;
	return right;
}

/* `n` is owned.  Returns its new right neighbour, if it had to be split. */
static node *
insert(struct scim__tree *tree, node *n, struct item *it)
{
	if (n->height > 0) {
		unsigned at = child_for(n, key_of(it));
		node *child = own(tree, n->child[at]);
		node *right = insert(tree, child, it);

		n->child[at] = child;
		n->first[at] = child->first[0];
		if (right != NULL)
			open_gap(n, at + 1, right->first[0], right);
		return split(tree, n);
	}
	unsigned at = rank(n, key_of(it), false);
	if (at < n->count &&
	    scim__str_equal(key_of(n->first[at]), key_of(it))) {
		kill(tree, &n->first[at]->thing);
		n->first[at] = it;
		return NULL;
	}
	open_gap(n, at, it, NULL);
	return split(tree, n);
}

/* Joins child `at` with a neighbour if both together leave some room. */
static void
join(struct scim__tree *tree, node *n, unsigned at)
{
	if (n->child[at]->count >= WIDTH / 4 || n->count < 2)
		return;
	unsigned left = at == 0 ? 0 : at - 1;
	node *gone = n->child[left + 1];

	if (n->child[left]->count + gone->count > WIDTH * 3 / 4)
		return;
	n->child[left] = own(tree, n->child[left]);
	append(n->child[left], gone, 0, gone->count);
	kill(tree, &gone->thing);
	close_gap(n, left + 1);
}

/* `n` is owned, and `key` is in it. */
static void
take_out(struct scim__tree *tree, node *n, scim_str key)
{
	unsigned at = child_for(n, key);

	if (n->height == 0) {
		kill(tree, &n->first[at]->thing);
		close_gap(n, at);
		return;
	}
	node *child = own(tree, n->child[at]);
	take_out(tree, child, key);
	if (child->count == 0) {
		kill(tree, &child->thing);
		close_gap(n, at);
		return;
	}
	n->child[at] = child;
	n->first[at] = child->first[0];
	join(tree, n, at);
}

static void
free_reachable(struct scim__tree *tree, node *n)
{
	for (unsigned i = 0; i < n->count; i++) {
		if (n->height > 0)
			free_reachable(tree, n->child[i]);
		else
			free_thing(tree, &n->first[i]->thing);
	}
	free_thing(tree, &n->thing);
}

static bool
walk_up(const node *n, const struct scim__kv_range *range, scim__kv_each *each,
    void *argument)
{
	unsigned i = n->height > 0 ? child_for(n, range->low)
				   : rank(n, range->low, false);

	for (; i < n->count; i++) {
		const struct item *it = n->first[i];

		if (scim__str_compare(key_of(it), range->high) >= 0)
			return false;
		if (n->height > 0 ? !walk_up(n->child[i], range, each, argument)
				  : !each(argument, key_of(it), value_of(it)))
			return false;
	}
	return true;
}

static bool
walk_down(const node *n, const struct scim__kv_range *range,
    scim__kv_each *each, void *argument)
{
	for (unsigned i = rank(n, range->high, false); i > 0; i--) {
		const struct item *it = n->first[i - 1];

		if (n->height > 0) {
			if (!walk_down(n->child[i - 1], range, each, argument))
				return false;
			continue;
		}
		if (scim__str_compare(key_of(it), range->low) < 0 ||
		    !each(argument, key_of(it), value_of(it)))
			return false;
	}
	return true;
}

void
scim__tree_init(struct scim__tree *tree, scim_allocator *allocator)
{
	*tree = (struct scim__tree){
		.allocator = allocator == NULL ? &heap : allocator,
		.stamp = 1,
	};
}

void
scim__tree_release(struct scim__tree *tree)
{
	if (tree->root != NULL)
		free_reachable(tree, tree->root);
	while (tree->spare != NULL) {
		struct scim__tree_thing *next = tree->spare->made_before;

		tree->allocator->release(tree->allocator, tree->spare);
		tree->spare = next;
	}
	scim__tree_init(tree, tree->allocator);
}

bool
scim__tree_put(struct scim__tree *tree, scim_str key, scim_str value)
{
	if (value.len > SIZE_MAX / 4 || key.len > SIZE_MAX / 4 ||
	    !reserve(tree))
		return false;
	struct item *it = tree->allocator->alloc(
	    tree->allocator, sizeof(*it) + key.len + value.len);
	if (it == NULL)
		return false;
	*it = (struct item){ .key_len = key.len, .value_len = value.len };
	if (key.len > 0)
		memcpy(it->bytes, key.ptr, key.len);
	if (value.len > 0)
		memcpy(it->bytes + key.len, value.ptr, value.len);
	enlist(tree, &it->thing);

	tree->root =
	    tree->root == NULL ? take_node(tree, 0) : own(tree, tree->root);
	node *right = insert(tree, tree->root, it);
	if (right != NULL) {
		node *top = take_node(tree, tree->root->height + 1);

		open_gap(top, 0, tree->root->first[0], tree->root);
		open_gap(top, 1, right->first[0], right);
		tree->root = top;
	}
	return true;
}

bool
scim__tree_remove(struct scim__tree *tree, scim_str key)
{
	scim_str there;

	if (!scim__tree_find(tree->root, key, &there))
		return true;
	if (!reserve(tree))
		return false;
	tree->root = own(tree, tree->root);
	take_out(tree, tree->root, key);
	while (tree->root != NULL &&
	    (tree->root->count == 0 ||
		(tree->root->count == 1 && tree->root->height > 0))) {
		node *old = tree->root;

		tree->root = old->count == 0 ? NULL : old->child[0];
		kill(tree, &old->thing);
	}
	return true;
}

struct scim__tree_mark
scim__tree_mark(struct scim__tree *tree)
{
	tree->stamp++;
	return (struct scim__tree_mark){ tree->root, tree->made, tree->dead };
}

void
scim__tree_back(struct scim__tree *tree, const struct scim__tree_mark *mark)
{
	while (tree->made != mark->made) {
		struct scim__tree_thing *thing = tree->made;

		tree->made = thing->made_before;
		free_thing(tree, thing);
	}
	tree->root = mark->root;
	tree->dead = mark->dead;
	tree->stamp++;
}

struct scim__tree_thing *
scim__tree_publish(struct scim__tree *tree)
{
	struct scim__tree_thing *rubbish = tree->dead;

	tree->made = NULL;
	tree->dead = NULL;
	tree->stamp++;
	return rubbish;
}

void
scim__tree_divide(struct scim__tree_thing *rubbish, uint64_t stamp,
    struct scim__tree_thing **young, struct scim__tree_thing **old)
{
	while (rubbish != NULL) {
		struct scim__tree_thing *next = rubbish->died_before;
		struct scim__tree_thing **list =
		    rubbish->stamp > stamp ? young : old;

		rubbish->died_before = *list;
		*list = rubbish;
		rubbish = next;
	}
}

void
scim__tree_free(struct scim__tree *tree, struct scim__tree_thing *rubbish)
{
	while (rubbish != NULL) {
		struct scim__tree_thing *next = rubbish->died_before;

		free_thing(tree, rubbish);
		rubbish = next;
	}
}

bool
scim__tree_find(const node *root, scim_str key, scim_str *out)
{
	const node *n = root;

	while (n != NULL && n->height > 0)
		n = n->child[child_for(n, key)];
	if (n == NULL)
		return false;
	unsigned at = rank(n, key, false);
	if (at == n->count || !scim__str_equal(key_of(n->first[at]), key))
		return false;
	*out = value_of(n->first[at]);
	return true;
}

void
scim__tree_scan(const node *root, const struct scim__kv_range *range,
    scim__kv_each *each, void *argument)
{
	if (root == NULL)
		return;
	if (range->descending)
		(void)walk_down(root, range, each, argument);
	else
		(void)walk_up(root, range, each, argument);
}
