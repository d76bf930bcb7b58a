/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Operations on a relation.  Its elements are rows of a store and are never
 * read as a whole, so nothing is applied here: what shall come and go is
 * noted in order, and the rows are changed where the store is known.
 */
#include "base/arena.h"
#include "base/error.h"
#include "base/str.h"
#include "patch/apply.h"

static scim_status
note(struct scim__patching *p, const struct scim__relation_change *change)
{
	struct scim__patched *out = p->out;
	size_t n = out->change_count;

	/* Doubling: room is there unless the count is a power of two. */
	if ((n & (n - 1)) == 0) {
		struct scim__relation_change *more = scim__arena_array(
		    p->checking.arena, n == 0 ? 1 : n * 2, sizeof(*more));

		if (more == NULL)
			return scim__fail_memory(p->checking.err);
		if (n > 0)
			memcpy(more, out->changes, n * sizeof(*more));
		out->changes = more;
	}
	out->changes[out->change_count++] = *change;
	out->element_count += change->elements.count;
	return SCIM_OK;
}

/* `members[value eq "x"]`: the id is the row's key. */
static scim_status
remove_by_filter(struct scim__patching *p, const struct scim__filter_node *node)
{
	struct scim__relation_change change = {
		.kind = SCIM__RELATION_REMOVE_MATCHING,
		.elements = scim__value_array(),
		.filter = node,
	};
	scim__value element = scim__value_object();

	if (node->kind != SCIM__FILTER_COMPARE || node->op != SCIM__FILTER_EQ ||
	    node->attribute == NULL || node->value.kind != SCIM__STRING ||
	    !scim__str_equal(node->attribute->name, SCIM_STR("value")))
		return note(p, &change);
	change.kind = SCIM__RELATION_REMOVE;
	if (!scim__object_add(
		p->checking.arena, &element, SCIM_STR("value"), node->value) ||
	    !scim__array_add(p->checking.arena, &change.elements, element))
		return scim__fail_memory(p->checking.err);
	return note(p, &change);
}

/* @spec 7643-4.2-03, 7643-2.4-06, 7644-3.5.2.2-03, 7644-3.5.2.2-04 */
scim_status
scim__patch_relation(struct scim__patching *p, const struct scim__patch_op *op)
{
	const scim__attribute *a = op->path.attribute;
	struct scim__relation_change change = {
		.elements = scim__value_array(),
	};
	bool removes = op->kind == SCIM__PATCH_REMOVE;

	if (op->path.sub != NULL || (op->path.has_filter && !removes))
		return scim__check_fail_type(&p->checking, "mutability", a,
		    "has elements that don't change: remove one and add "
		    "another.");
	if (op->path.has_filter)
		return remove_by_filter(p, op->path.filter.root);
	if (op->value != NULL && op->value->kind != SCIM__NULL) {
		scim_status rc = scim__check_relation(
		    &p->checking, a, op->value, &change.elements);

		if (rc != SCIM_OK)
			return rc;
	}
	if (op->kind == SCIM__PATCH_ADD) {
		change.kind = SCIM__RELATION_ADD;
	} else if (op->kind == SCIM__PATCH_REPLACE) {
		change.kind = SCIM__RELATION_REPLACE;
	} else if (op->value != NULL && op->value->kind != SCIM__NULL) {
		change.kind = SCIM__RELATION_REMOVE;
		p->checking.quirks |= SCIM__QUIRK_REMOVE_VALUES;
	} else {
		change.kind = SCIM__RELATION_REMOVE_ALL;
	}
	return note(p, &change);
}
