/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SCIM_STORE_KV_TREE_H
#define SCIM_STORE_KV_TREE_H

#include "store/kv/map.h"

struct scim__tree_thing;
struct scim__tree_node;

/*
 * An ordered map whose published states never change.  One thread edits; any
 * number may look at a root that was published, until its rubbish is freed.
 */
struct scim__tree {
	scim_allocator *allocator;
	struct scim__tree_node *root; /* NULL: empty */
	uint64_t stamp;               /* what bears it may be edited in place */
	struct scim__tree_thing *made, *dead; /* since the last publication */
	struct scim__tree_thing *spare;       /* nodes to use again */
	size_t spare_count;
};

/* A state to come back to. */
struct scim__tree_mark {
	struct scim__tree_node *root;
	struct scim__tree_thing *made, *dead;
};

/* `allocator` NULL: malloc. */
void scim__tree_init(struct scim__tree *tree, scim_allocator *allocator);

/* Frees all but the rubbish that was handed out. */
void scim__tree_release(struct scim__tree *tree);

/* False: out of memory, and nothing changed. */
SCIM_MUST_USE bool scim__tree_put(
    struct scim__tree *tree, scim_str key, scim_str value);
SCIM_MUST_USE bool scim__tree_remove(struct scim__tree *tree, scim_str key);

struct scim__tree_mark scim__tree_mark(struct scim__tree *tree);
void scim__tree_back(
    struct scim__tree *tree, const struct scim__tree_mark *mark);

/*
 * Ends the edit: tree->root will not change any more.  Returns what is in
 * older roots alone, to be freed when nobody looks at them.
 */
struct scim__tree_thing *scim__tree_publish(struct scim__tree *tree);

/*
 * Takes rubbish apart: what was made after `stamp`, and so is not in a root
 * that was published with this one, is added to `young`, the rest to `old`.
 */
void scim__tree_divide(struct scim__tree_thing *rubbish, uint64_t stamp,
    struct scim__tree_thing **young, struct scim__tree_thing **old);
void scim__tree_free(struct scim__tree *tree, struct scim__tree_thing *rubbish);

bool scim__tree_find(
    const struct scim__tree_node *root, scim_str key, scim_str *out);
void scim__tree_scan(const struct scim__tree_node *root,
    const struct scim__kv_range *range, scim__kv_each *each, void *argument);

#endif
